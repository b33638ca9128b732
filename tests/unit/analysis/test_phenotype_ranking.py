"""Ranking genes and diseases by features: against hpo3's own numbers, and with reasons that add up."""

from __future__ import annotations

import numpy as np
import pytest
from pyhpo import HPOSet, Ontology

from gecip.analysis.clinical.phenotype_ranking import (
    METHODS,
    explain_gene,
    rank_diseases,
    rank_genes,
    read_features,
)
from gecip.analysis.clinical.phenotype_tables import phenotype_tables
from gecip.errors import AnalysisError

ARACHNODACTYLY, ECTOPIA_LENTIS, AORTIC_ANEURYSM = "HP:0001166", "HP:0001083", "HP:0002616"
MARFAN = [ARACHNODACTYLY, ECTOPIA_LENTIS, AORTIC_ANEURYSM]
EYE, MYOPIA = "HP:0000478", "HP:0000545"


@pytest.mark.slow
@pytest.mark.parametrize("method", ["graphic", "resnik", "lin"])
def test_similarities_are_those_of_hpo3(method: str) -> None:
    """The same numbers by a second implementation, over genes with many terms and few."""
    tables = phenotype_tables()
    rows = rank_genes(MARFAN, method=method).rows.set_index("gene")  # type: ignore[arg-type]
    for gene in ("FBN1", "PKD1", "CFTR", "ABCA4", "SMAD3"):
        own = tables.genes.terms[[tables.place_of_gene[gene]]].indices
        theirs = HPOSet.from_queries(MARFAN).similarity(
            HPOSet.from_queries([tables.term_ids[place] for place in own]),
            "omim",
            method,
            "funSimAvg",
        )
        assert rows.at[gene, "score"] == pytest.approx(theirs, abs=1e-5)


@pytest.mark.slow
def test_the_gene_of_a_textbook_case_comes_first_among_all() -> None:
    """Marfan syndrome's three signs point to FBN1, and to its diseases."""
    ranking = rank_genes(MARFAN)
    assert ranking.rank_of("FBN1") == 1
    assert ranking.rows.at[0, "features_annotated"] == 3
    assert len(ranking.rows) == len({str(gene.name) for gene in Ontology.genes} - {"-"})
    assert "(OMIM:" in rank_diseases(MARFAN).rows.at[0, "disease"]


@pytest.mark.slow
def test_reasons_add_up_to_the_score() -> None:
    """What every feature adds, excluded ones too, is the gene's score."""
    ranking = rank_genes(MARFAN, excluded=[EYE, MYOPIA, "HP:0001250"])
    for gene in ("FBN1", "SMAD3", "PKD1"):
        reasons = explain_gene(ranking, gene)
        score = ranking.rows.set_index("gene").at[gene, "score"]
        assert reasons["evidence"].sum() == pytest.approx(score)
        assert len(reasons) == 6
    exact = explain_gene(ranking, "FBN1").iloc[:3]
    assert set(exact["annotated"]) == set(MARFAN)
    assert exact["similarity"].tolist() == pytest.approx([1, 1, 1])


def test_excluded_terms_count_against_what_has_them() -> None:
    """A whole group that is excluded weighs more than one feature, and what lacks it loses nothing."""
    scores = {
        name: rank_genes(MARFAN, excluded=excluded).rows.set_index("gene")["score"].sort_index()
        for name, excluded in (("none", []), ("one", [MYOPIA]), ("group", [EYE]))
    }
    assert scores["group"]["FBN1"] < scores["one"]["FBN1"] < scores["none"]["FBN1"]
    assert (scores["group"] <= scores["none"] + 1e-9).all()
    assert (scores["group"] == scores["none"]).any()


def test_terms_are_read_as_they_are_named_today() -> None:
    """Successors stand for obsolete ids, each term counts once, and what is unknown is remarked without its text."""
    obsolete = next(term for term in Ontology if term.is_obsolete and term.replaced_by)
    features = read_features(
        [ARACHNODACTYLY, ARACHNODACTYLY, str(obsolete.id), "HP:9999999"],
        excluded=[ARACHNODACTYLY, MYOPIA],
    )
    assert ARACHNODACTYLY in features.observed
    assert len(features.observed) == len(set(features.observed))
    assert features.excluded == (MYOPIA,)
    assert any("left out" in remark for remark in features.remarks)
    assert any("observed and excluded" in remark for remark in features.remarks)
    assert not any("9999999" in remark for remark in features.remarks)


def test_the_order_of_features_does_not_matter() -> None:
    """The same features in another order give the same scores."""
    forward, backward = rank_genes(MARFAN).rows, rank_genes(MARFAN[::-1]).rows
    joined = forward.set_index("gene")["score"] - backward.set_index("gene")["score"]
    assert np.abs(joined).max() < 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_candidates_keep_the_scores_that_they_have_among_all(method: str) -> None:
    """Narrowing changes ranks and not scores; a stranger is listed last without a rank."""
    everything = rank_genes(MARFAN, method=method).rows.set_index("gene")["score"]  # type: ignore[arg-type]
    few = rank_genes(MARFAN, method=method, candidates=["PKD1", "NOT_A_GENE", "FBN1"])  # type: ignore[arg-type]
    assert few.rows["gene"].tolist()[-1] == "NOT_A_GENE"
    assert few.rank_of("NOT_A_GENE") is None
    assert few.rank_of("FBN1") == 1
    assert few.rows.set_index("gene").at["PKD1", "score"] == everything["PKD1"]
    assert "does not speak against" in few.remarks[0]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"terms": []}, "No current phenotype term"),
        ({"terms": ["HP:0000006"]}, "No current phenotype term"),
        ({"terms": ARACHNODACTYLY}, "put it in brackets"),
        ({"terms": MARFAN, "method": "best"}, "no method 'best'"),
        ({"terms": MARFAN, "candidates": []}, "no candidate genes"),
        ({"terms": MARFAN, "candidates": "FBN1"}, "put it in brackets"),
    ],
)
def test_bad_input_gets_a_sentence(arguments: dict[str, object], sentence: str) -> None:
    """What cannot be ranked says why."""
    with pytest.raises(AnalysisError, match=sentence):
        rank_genes(**arguments)  # type: ignore[arg-type]


def test_a_gene_that_nobody_annotated_cannot_be_explained() -> None:
    """The sentence names the gene and the ontology's release."""
    with pytest.raises(AnalysisError, match="no annotation of a gene 'NOT_A_GENE'"):
        explain_gene(rank_genes(MARFAN), "NOT_A_GENE")


def test_provenance_tells_method_and_ontology_and_no_term() -> None:
    """What a person has does not go into the record of how the ranking was made."""
    provenance = rank_genes(MARFAN).provenance
    assert provenance.parameter("method") == "likelihood"
    assert provenance.parameter("ontology") == Ontology.version()
    assert ARACHNODACTYLY not in str(provenance.as_document())
