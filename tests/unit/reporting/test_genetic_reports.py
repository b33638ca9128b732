"""Coverage of a score, genes by SKAT and transmissions as products."""

from __future__ import annotations

import pandas as pd

from gecip.analysis.genetic.kernel_association import TOO_LARGE, KernelAssociation
from gecip.analysis.genetic.polygenic_score import PolygenicScore, matched_rows
from gecip.analysis.genetic.transmission import Transmission
from gecip.reporting import list_rows, plot_score_coverage, summarise
from tests.known_people import ids_of, unknown_numbers, whole_of
from tests.products import BY_HAND, people_in
from tests.unit.analysis.test_polygenic_score import FOUND, rows


def test_coverage_says_what_became_of_each_variant_and_why() -> None:
    some = rows((100, "G", "A", None), (101, "G", "A", None), (200, "T", "A", None))
    coverage = matched_rows(some.assign(weight=[3.0, 0.5, -0.5]), FOUND)
    scores = pd.DataFrame({"participant_id": range(30), "score": range(30), "standard_score": 0.0})
    result = PolygenicScore(BY_HAND, scores=scores, coverage=coverage, name="height")
    summary = summarise(result)
    assert summary.table["variants"].to_dict() == {"matched": 1, "ambiguous": 1, "absent": 1}
    assert summary.table.loc["ambiguous", "used"] == "no"
    assert "the strand" in summary.table.loc["ambiguous", "why"]
    assert "1 of 3 variants were used, which have 75.0%" in summary.notes[0]
    assert "matched 1" in plot_score_coverage(summary).alt_text
    assert plot_score_coverage(summary).png().startswith(b"\x89PNG")
    assert list_rows(result).rows.loc[0, "participant_id"] == 29


def test_skat_is_told_with_its_caveats() -> None:
    genes = pd.DataFrame(
        {"gene": ["A"], "variants": [4], "q_statistic": [1.5], "p_value": [0.01], "fault": [0]}
    )
    left = pd.DataFrame({"gene": ["B"], "variants": [9000], "reason": [TOO_LARGE]})
    result = KernelAssociation(
        BY_HAND, genes=genes, not_tested=left, phenotype="is_case", is_binary=True, engine="hail", people=people_in({"all": 50})
    )  # fmt: skip
    summary = summarise(result)
    assert summary.table.loc["A", "p"] == 0.01
    told = " ".join(summary.notes)
    for caveat in ("No small-sample correction", "to 1e-6", f"1 {TOO_LARGE}"):
        assert caveat in told
    assert len(list_rows(result).rows) == 1


def test_transmissions_are_listed_by_p() -> None:
    variants = pd.DataFrame({"contig": "chr1", "position": [1, 2], "p_value": [0.5, 0.1]})
    listing = list_rows(Transmission(BY_HAND, variants=variants, n_trios=3, n_left_out=0))
    assert listing.rows["position"].tolist() == [2, 1]


def test_all_who_were_scored_or_tested_stand_behind_scores_and_genes() -> None:
    scores = pd.DataFrame({"participant_id": range(30), "score": range(30), "standard_score": 0.0})
    coverage = matched_rows(rows((100, "G", "A", None)).assign(weight=[3.0]), FOUND)
    coverage_told = summarise(PolygenicScore(BY_HAND, scores=scores, coverage=coverage, name="h"))
    genes = pd.DataFrame(
        {"gene": ["A"], "variants": [4], "q_statistic": [1.5], "p_value": [0.01], "fault": [0]}
    )
    skat = summarise(
        KernelAssociation(
            BY_HAND,
            genes=genes,
            not_tested=genes.head(0).assign(reason=""),
            phenotype="height",
            is_binary=False,
            engine="local",
            people=people_in({"all": 50}, family_size=2),
        )
    )
    for summary, row, column, count in (
        (coverage_told, "matched", "variants", 30),
        (skat, "A", "p", 50),
    ):
        assert unknown_numbers(summary) == 0
        assert ids_of(summary, row, column) == whole_of(summary) == set(range(count))
    assert skat.n_families == skat.families.at["A", "Q"] == 25
