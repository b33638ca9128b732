"""Which gene fits these features? Genes and diseases ranked by a person's phenotype terms, with reasons.

The default method asks for each gene's best disease how much likelier it makes the features than chance
does. Each feature is taken to have been drawn from the disease's annotated terms, blurred by the ontology,
or with a small probability to have nothing to do with the disease: in the manner of BOQA (Bauer,
Bioinformatics 2012;28:2502) and LIRICAL (Robinson, AJHG 2020;107:403), without the frequencies of
features, which hpo3 does not carry. Its four constants were chosen on one half of the genes of
published cases, where many choices did equally well; `make bench` tells what it reaches on the other half.
On synthetic releases, whose features are drawn from all of a gene's annotations, `graphic` does better.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from gecip.analysis.clinical.phenotype_tables import PhenotypeTables, phenotype_tables
from gecip.analysis.clinical.term_similarity import (
    SIMILARITIES,
    Similarity,
    closest_terms,
    set_similarities,
    term_similarities,
)
from gecip.analysis.result import Result
from gecip.cohort.ontology import current_term, term_name
from gecip.errors import AnalysisError
from gecip.provenance import Provenance, software_versions

if TYPE_CHECKING:
    import pandas as pd

    from gecip.analysis.clinical.phenotype_tables import Numbers, Places

Method = Literal["likelihood", "graphic", "overlap", "resnik", "lin"]
METHODS: tuple[Method, ...] = ("likelihood", *SIMILARITIES)

# How steeply a term that is only alike to an annotated one counts for less.
SHARPNESS = 8
# The probability that a recorded feature has nothing to do with the disease.
UNRELATED = 0.05
# What an excluded feature takes from the logarithm of the likelihood ratio. A whole group of features that is
# excluded contradicts a disease with one of them. A single annotated feature that is excluded hardly does:
# clinicians look for a disease's features because they think of the disease, and few patients have all.
EXCLUDED_GROUP, EXCLUDED_FEATURE = 0.7, 0.02

GENE_COLUMNS = ("rank", "gene", "score", "best_disease", "features_annotated", "exclusions_against")
DISEASE_COLUMNS = ("rank", "disease", "score", "features_annotated", "exclusions_against")
_NO_FEATURES = (
    "No current phenotype term is among the observed features, so that nothing can be ranked: "
    "give ids of the phenotype branch of the Human Phenotype Ontology, such as HP:0000107."
)


@dataclass(frozen=True)
class Features:
    """What was observed in somebody and what was looked for and not found, as current terms of the ontology.

    `remarks` says what of the input was read otherwise than written.
    """

    observed: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Features(observed={len(self.observed)}, excluded={len(self.excluded)})"


@dataclass(frozen=True, repr=False, eq=False)
class PhenotypeRanking(Result):
    """Genes or diseases by how well they fit somebody's features, the best first.

    `rows` has the columns of `GENE_COLUMNS` or `DISEASE_COLUMNS`. Those that fit equally well share the
    lowest rank; what the ontology does not know has neither rank nor score and stands at the end.
    `score` is the natural logarithm of the likelihood ratio for the method `"likelihood"`, and a
    similarity for the others. `features_annotated` counts the observed terms that are annotated or
    broader than an annotated one.
    """

    features: Features
    method: Method
    rows: pd.DataFrame
    remarks: tuple[str, ...]

    def rank_of(self, name: str) -> int | None:
        """Return the rank of a gene or disease, or None if it was not ranked."""
        import pandas as pd

        found = self.rows.loc[self.rows.iloc[:, 1] == name, "rank"]
        return None if found.empty or pd.isna(found.iloc[0]) else int(found.iloc[0])

    def __repr__(self) -> str:
        return f"PhenotypeRanking({self.method!r}, of={self.rows.columns[1]}s, ranked={int(self.rows['rank'].notna().sum()):,})"


def read_features(terms: Iterable[str], *, excluded: Iterable[str] = ()) -> Features:
    """Return features as current terms: replaced ids by their successors, each once, and what is unknown remarked.

    A term that is observed and excluded counts as observed.

    Raises
    ------
    AnalysisError
        When no observed term is left, or one text is given in the place of a list.
    """
    if isinstance(terms, str) or isinstance(excluded, str):
        raise AnalysisError(
            "Features are given as a list of terms, and this is one text: put it in brackets."
        )
    remarks: list[str] = []
    observed = _current(terms, "observed", remarks)
    absent = _current(excluded, "excluded", remarks)
    both = set(observed) & set(absent)
    if both:
        remarks.append(
            f"{len(both)} of the terms are observed and excluded at once; they count as observed."
        )
    if not observed:
        raise AnalysisError(_NO_FEATURES)
    return Features(observed, tuple(term for term in absent if term not in both), tuple(remarks))


def _current(terms: Iterable[str], word: str, remarks: list[str]) -> tuple[str, ...]:
    tables = phenotype_tables()
    given = list(dict.fromkeys(str(term).strip() for term in terms))
    today = {term: current_term(term) for term in given}
    known = [term for term in given if today[term] in tables.place_of_term]
    replaced = sum(today[term] != term for term in known)
    if replaced:
        remarks.append(
            f"{replaced} of the {word} terms were replaced by those that succeeded them."
        )
    if len(known) < len(given):
        remarks.append(
            f"{len(given) - len(known)} of the {word} terms are no phenotypes of the ontology of {tables.version} and were left out."
        )
    return tuple(dict.fromkeys(cast("str", today[term]) for term in known))


def rank_genes(
    terms: Iterable[str] | Features,
    *,
    excluded: Iterable[str] = (),
    method: Method = "likelihood",
    candidates: Sequence[str] | None = None,
    provenance: Provenance | None = None,
) -> PhenotypeRanking:
    """Return all genes that the ontology knows, or some of them, by how well they fit somebody's features.

    A gene's score is that of its best disease for `"likelihood"`, and of all its annotated terms for the
    similarities (funSimAvg over OMIM's information content, as hpo3 computes it), which know nothing
    of excluded terms. The annotations come in part from the papers that describe the cases on which any
    such ranking is tried, so that it does better there than on new patients. A gene without annotation
    cannot be found: of the 575 genes with published cases the ontology of 2025-11-24 lacks 118.
    About 0.1 seconds a call, after the two of the first.

    Parameters
    ----------
    terms
        Ids of what was observed, or what `read_features` gave.
    excluded
        Ids of what was looked for and not found.
    method
        `"likelihood"`, or one of the similarities: `"graphic"`, `"overlap"`, `"resnik"`, `"lin"`.
    candidates
        Symbols of the genes to rank; those that the ontology does not know are listed without a rank.
    provenance
        Of the product from which the features come.

    Raises
    ------
    AnalysisError
        When no observed term is known, a method is not, or there are no candidates.
    """
    import numpy as np
    import pandas as pd

    features = _features(terms, excluded)
    _check_method(method)
    tables = phenotype_tables()
    scores, best = _gene_scores(tables, features, method)
    chosen, strangers, remarks = _chosen(tables, candidates)
    counts = _counts(tables, features, best)
    frame = pd.DataFrame(
        {
            "gene": [tables.genes.names[place] for place in chosen],
            "score": scores[chosen],
            "best_disease": [tables.diseases.names[best[place]] for place in chosen],
            "features_annotated": counts[0][chosen],
            "exclusions_against": counts[1][chosen],
        }
    )
    unranked = pd.DataFrame({"gene": strangers, "score": np.full(len(strangers), np.nan)})
    return PhenotypeRanking(
        provenance=_made(provenance, "rank_genes", tables, features, method),
        features=features,
        method=method,
        rows=_ranked(frame, unranked, GENE_COLUMNS),
        remarks=(*features.remarks, *remarks),
    )


def rank_diseases(
    terms: Iterable[str] | Features,
    *,
    excluded: Iterable[str] = (),
    method: Method = "likelihood",
    provenance: Provenance | None = None,
) -> PhenotypeRanking:
    """Return the diseases of OMIM and Orphanet by how well they fit somebody's features; see `rank_genes`.

    Raises
    ------
    AnalysisError
        When no observed term is known, or a method is not.
    """
    import pandas as pd

    features = _features(terms, excluded)
    _check_method(method)
    tables = phenotype_tables()
    of_diseases = slice(0, tables.n_diseases)
    if method == "likelihood":
        scores = _likelihood_ratios(tables, features)[of_diseases]
    else:
        scores = _similarities(tables, features, method, genes=False)[of_diseases]
    annotated, against = _counted(tables, features)
    frame = pd.DataFrame(
        {
            "disease": tables.diseases.names[of_diseases],
            "score": scores,
            "features_annotated": annotated[of_diseases],
            "exclusions_against": against[of_diseases],
        }
    )
    return PhenotypeRanking(
        provenance=_made(provenance, "rank_diseases", tables, features, method),
        features=features,
        method=method,
        rows=_ranked(frame, frame.iloc[:0], DISEASE_COLUMNS),
        remarks=features.remarks,
    )


def explain_gene(ranking: PhenotypeRanking, gene: str) -> pd.DataFrame:
    """Return why a gene stands where it stands: a row for each feature, with what it was held against.

    The columns are `feature, name, observed, annotated, annotated_name, similarity, evidence`: the
    closest term of the gene's best disease, how alike it is (0 to 1, `overlap`), and what the feature
    adds to the logarithm of the likelihood ratio. The evidence of all rows is the gene's score by the
    method `"likelihood"`. An excluded feature that says nothing has no closest term.

    Raises
    ------
    AnalysisError
        When the ontology does not know the gene.
    """
    import numpy as np
    import pandas as pd

    tables, features = phenotype_tables(), ranking.features
    if gene not in tables.place_of_gene:
        raise AnalysisError(
            f"The ontology of {tables.version} has no annotation of a gene {gene!r}: "
            "look whether it goes by another symbol there."
        )
    _, best = _gene_scores(tables, features, "likelihood")
    disease = int(best[tables.place_of_gene[gene]])
    places = _places(tables, features.observed)
    own = _row(tables.diseases.terms, disease)
    likeness = term_similarities(tables, places, kind="overlap", information="gene")
    evidence = _evidence(tables, likeness)[disease]
    closest = closest_terms(likeness, own)
    rows = [
        (term, True, tables.term_ids[near], float(likeness[place, near]), float(gain))
        for place, (term, near, gain) in enumerate(
            zip(features.observed, closest, evidence, strict=True)
        )
    ]
    for term, place in zip(features.excluded, _places(tables, features.excluded), strict=True):
        narrower = [
            one
            for one in own
            if place in tables.ancestors.indices[slice(*tables.ancestors.indptr[one : one + 2])]
        ]
        direct = place in own
        near_term = tables.term_ids[place if direct else narrower[0]] if narrower else None
        weight = EXCLUDED_FEATURE if direct else EXCLUDED_GROUP if narrower else 0.0
        rows.append((term, False, near_term, 1.0 if direct else np.nan, -weight))
    frame = pd.DataFrame(
        rows, columns=["feature", "observed", "annotated", "similarity", "evidence"]
    )
    frame.insert(1, "name", frame["feature"].map(term_name))
    frame.insert(4, "annotated_name", [term and term_name(term) for term in frame["annotated"]])
    return frame.sort_values(
        ["observed", "evidence"], ascending=[False, False], ignore_index=True, kind="stable"
    )


# -- the scores ---------------------------------------------------------------------------------------


def _likelihood_ratios(tables: PhenotypeTables, features: Features) -> Numbers:
    """Return for each disease the logarithm of how much likelier it makes the features than chance does."""
    likeness = term_similarities(
        tables, _places(tables, features.observed), kind="overlap", information="gene"
    )
    ratios: Numbers = _evidence(tables, likeness).sum(axis=1)
    excluded = _places(tables, features.excluded)
    if len(excluded):
        single = tables.diseases.terms[:, excluded].sum(axis=1)
        group = tables.diseases.broader[:, excluded].sum(axis=1)
        ratios = ratios - EXCLUDED_FEATURE * single - EXCLUDED_GROUP * group
    return ratios


def _evidence(tables: PhenotypeTables, likeness: Numbers) -> Numbers:
    """Return what each feature says for each disease, (diseases × features).

    A feature is drawn from the disease's terms alike, and seen as a term near by in proportion to a power
    of their likeness; by chance it is drawn from the terms of all diseases.
    """
    import numpy as np

    near = likeness**SHARPNESS
    terms = tables.diseases.terms
    sizes = np.maximum(np.diff(terms.indptr), 1)
    used = np.asarray(terms[: tables.n_diseases].sum(axis=0)).ravel()
    by_chance = (near @ used) / used.sum()
    by_disease = (terms @ near.T) / sizes[:, None]
    # A term that nothing annotated is near to says nothing.
    ratio = np.divide(
        by_disease, by_chance[None, :], out=np.ones_like(by_disease), where=by_chance > 0
    )
    evidence: Numbers = np.log(UNRELATED + (1 - UNRELATED) * ratio)
    return evidence


def _similarities(
    tables: PhenotypeTables, features: Features, method: Method, *, genes: bool
) -> Numbers:
    likeness = term_similarities(
        tables, _places(tables, features.observed), kind=cast("Similarity", method)
    )
    return set_similarities(likeness, (tables.genes if genes else tables.diseases).terms)


def _gene_scores(
    tables: PhenotypeTables, features: Features, method: Method
) -> tuple[Numbers, Places]:
    """Return the score of each gene, and its disease that fits best."""
    import numpy as np

    by_disease = _likelihood_ratios(tables, features)
    gene, disease = tables.link_gene, tables.link_disease
    order = np.lexsort((-by_disease[disease], gene))
    first = np.flatnonzero(np.r_[True, np.diff(gene[order]) > 0])
    best = disease[order][first]
    if method == "likelihood":
        return by_disease[best], best
    return _similarities(tables, features, method, genes=True), best


def _counted(tables: PhenotypeTables, features: Features) -> tuple[Places, Places]:
    """Return for each disease how many observed terms it has, itself or by a narrower one, and how many excluded."""
    counts = []
    for named in (features.observed, features.excluded):
        places = _places(tables, named)
        both = tables.diseases.terms[:, places].sum(axis=1) + tables.diseases.broader[
            :, places
        ].sum(axis=1)
        counts.append(both.astype("int64"))
    return counts[0], counts[1]


def _counts(tables: PhenotypeTables, features: Features, best: Places) -> tuple[Places, Places]:
    annotated, against = _counted(tables, features)
    return annotated[best], against[best]


# -- what goes in and comes out -----------------------------------------------------------------------


def _features(terms: Iterable[str] | Features, excluded: Iterable[str]) -> Features:
    if not isinstance(terms, Features):
        return read_features(terms, excluded=excluded)
    if tuple(excluded):
        raise AnalysisError(
            "The features given have their excluded terms with them: leave excluded out."
        )
    return terms


def _check_method(method: str) -> None:
    if method not in METHODS:
        raise AnalysisError(
            f"There is no method {method!r} of ranking: take one of {', '.join(map(repr, METHODS))}."
        )


def _chosen(
    tables: PhenotypeTables, candidates: Sequence[str] | None
) -> tuple[list[int], list[str], tuple[str, ...]]:
    """Return the places of the genes to rank, the symbols that nobody knows, and a remark on these."""
    if candidates is None:
        return list(range(len(tables.genes.names))), [], ()
    if isinstance(candidates, str):
        raise AnalysisError(
            "Candidates are given as a list of symbols, and this is one text: put it in brackets."
        )
    symbols = list(dict.fromkeys(candidates))
    if not symbols:
        raise AnalysisError(
            "There are no candidate genes to rank: name some, or leave candidates out to rank all."
        )
    known = [tables.place_of_gene[one] for one in symbols if one in tables.place_of_gene]
    strangers = [one for one in symbols if one not in tables.place_of_gene]
    remark = (
        (
            f"{len(strangers)} of the {len(symbols)} candidate genes have no annotation in the ontology of {tables.version}: "
            "they are not ranked, which does not speak against them."
        ),
    )
    return known, strangers, remark if strangers else ()


def _ranked(frame: pd.DataFrame, unranked: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    frame = frame.assign(rank=frame["score"].rank(method="min", ascending=False))
    frame = frame.sort_values(["rank", frame.columns[0]])
    whole = pd.concat([frame, unranked], ignore_index=True) if len(unranked) else frame
    counts = ["rank", "features_annotated", "exclusions_against"]
    whole = whole.reset_index(drop=True).astype(dict.fromkeys(counts, "Int64"))
    return whole[list(columns)]


def _made(
    parent: Provenance | None,
    operation: str,
    tables: PhenotypeTables,
    features: Features,
    method: Method,
) -> Provenance:
    start = parent or Provenance("features given by hand", software=software_versions())
    return start.then(
        operation,
        method=method,
        ontology=tables.version,
        n_observed=len(features.observed),
        n_excluded=len(features.excluded),
        sharpness=SHARPNESS,
        unrelated=UNRELATED,
        excluded_group=EXCLUDED_GROUP,
        excluded_feature=EXCLUDED_FEATURE,
    )


def _places(tables: PhenotypeTables, terms: Sequence[str]) -> Places:
    import numpy as np

    return np.array([tables.place_of_term[term] for term in terms], dtype=np.int64)


def _row(matrix: object, row: int) -> Places:
    found: Places = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]].astype("int64")  # type: ignore[attr-defined]
    return found
