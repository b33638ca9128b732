"""Mutated genes and mutual exclusivity, counted by hand and against a second implementation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from domains.cancer.mutated_genes import (
    MutatedGenes,
    mutated_genes,
    mutual_exclusivity,
)
from domains.cancer.protein_changes import Change
from domains.cancer.sequenced_tumours import Tumours, load_tumours
from gecip.errors import AnalysisError
from gecip.provenance import Provenance
from tests.unit.domains.handmade_tumours import cohort_of, tumour, variant


@pytest.fixture
def three_tumours(tmp_path: Path) -> Tumours:
    return load_tumours(
        cohort_of(
            tmp_path / "r",
            tumours=[tumour(1), tumour(2), tumour(3)],
            variants=[
                variant(1, "TP53", 10, cellbase_consequence="stop_gained"),
                variant(1, "TP53", 11),
                variant(2, "TP53", 12, cellbase_consequence="splice_donor_variant"),
                variant(2, "KRAS", 20, domain="DOMAIN1"),
                variant(3, "TTN", 30, domain="DOMAIN3"),
                variant(3, "STK11", 31, cellbase_consequence="synonymous_variant"),
                variant(1, "TTN", 32, domain="DOMAIN3"),
                variant(2, "TTN", 33, domain="DOMAIN3"),
            ],
        )
    )


def test_genes_known_in_cancer_are_ranked_by_how_many_tumours_carry_them(
    three_tumours: Tumours,
) -> None:
    found = mutated_genes(three_tumours)
    assert found.genes == ("TP53", "KRAS")
    changes = found.changes.set_index(["tumour", "gene"])["change"]
    assert sorted(changes) == sorted([Change.SEVERAL, Change.SPLICE_SITE, Change.MISSENSE])


def test_over_all_genes_the_longest_comes_first(three_tumours: Tumours) -> None:
    assert mutated_genes(three_tumours, domains=None, most=1).genes == ("TTN",)


def test_a_named_gene_that_nobody_has_stays(three_tumours: Tumours) -> None:
    found = mutated_genes(three_tumours, genes=["STK11", "KRAS"])
    assert found.genes == ("KRAS", "STK11")
    assert "STK11" not in set(found.changes["gene"])


def test_without_a_mutation_in_a_known_gene_it_says_what_to_do(three_tumours: Tumours) -> None:
    with pytest.raises(AnalysisError, match="domains=None"):
        mutated_genes(three_tumours, domains=["DOMAIN4"])


def test_a_figure_of_no_genes_is_refused(three_tumours: Tumours) -> None:
    with pytest.raises(AnalysisError, match="most=1"):
        mutated_genes(three_tumours, most=0)


def carried(*patterns: str, per_megabase: list[float] | None = None) -> MutatedGenes:
    """Return mutated genes of tumours given as texts of the letters of the genes that they carry."""
    tumours = [f"tumour {place}" for place in range(len(patterns))]
    rows = [
        (name, gene, Change.MISSENSE)
        for name, genes in zip(tumours, patterns, strict=True)
        for gene in genes
    ]
    return MutatedGenes(
        provenance=Provenance("test", {}, {}),
        tumours=pd.DataFrame(
            {
                "tumour": tumours,
                "participant_id": range(len(patterns)),
                "family_id": None,
                "disease_type": "LUNG",
                "per_megabase": per_megabase or [1.0] * len(patterns),
            }
        ),
        changes=pd.DataFrame(rows, columns=["tumour", "gene", "change"]),
        genes=("A", "B", "C"),
    )


def test_genes_that_exclude_each_other_are_told_by_fishers_test() -> None:
    # Fisher's exact test of 0, 10, 10, 10: two-sided p of the hypergeometric tail, 0.01146.
    pairs = mutual_exclusivity(carried(*["A"] * 10, *["B"] * 10, *[""] * 10)).pairs
    row = pairs.set_index(["first", "second"]).loc[("A", "B")]
    assert row[["both", "first_only", "second_only", "neither"]].tolist() == [0, 10, 10, 10]
    # C(20,10)/C(30,10) tumours of A all miss B, and the tables at least as unlikely on the other side.
    from scipy.stats import hypergeom

    distribution = hypergeom(30, 10, 10)
    chances = distribution.pmf(np.arange(11))
    assert row["p"] == pytest.approx(chances[chances <= chances[0] * (1 + 1e-7)].sum())
    assert row["odds_ratio"] == pytest.approx(0.5 * 10.5 / (10.5 * 10.5))


def test_hypermutated_tumours_are_left_out_and_counted() -> None:
    found = mutual_exclusivity(carried("AB", "A", "B", "", per_megabase=[170.0, 1.0, 1.0, 1.0]))
    assert found.set_aside == 1
    assert found.pairs.set_index(["first", "second"]).at[("A", "B"), "both"] == 0


@pytest.mark.slow
@given(st.lists(st.sets(st.sampled_from("ABC")), min_size=1, max_size=40))
@settings(max_examples=30, deadline=None)
def test_every_pair_counts_every_tumour_and_q_is_that_of_statsmodels(sets: list[set[str]]) -> None:
    pairs = mutual_exclusivity(carried(*("".join(sorted(one)) for one in sets))).pairs
    counts = pairs[["both", "first_only", "second_only", "neither"]].sum(axis=1)
    assert (counts == len(sets)).all()
    assert pairs["q"].to_numpy() == pytest.approx(multipletests(pairs["p"], method="fdr_bh")[1])


def test_one_gene_or_hypermutated_tumours_only_are_refused(three_tumours: Tumours) -> None:
    with pytest.raises(AnalysisError, match="two genes"):
        mutual_exclusivity(mutated_genes(three_tumours, genes=["TP53"]))
    with pytest.raises(AnalysisError, match="not hypermutated"):
        mutual_exclusivity(mutated_genes(three_tumours), hypermutated_from=0.0)
