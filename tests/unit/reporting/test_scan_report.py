"""A scan of the genome as aggregate products: what is told of which variants, and that it may leave."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gecip.airlock.checks import Checker
from gecip.configuration import policy_document
from gecip.errors import ReportingError
from gecip.governance.disclosure import Verdict
from gecip.governance.policy import parse_policy
from gecip.reporting import (
    Summary,
    plot_manhattan,
    plot_quantiles,
    strongest_variants,
    summarise_places,
    summarise_quantiles,
)
from tests.known_people import ids_of, unknown_numbers, whole_of
from tests.products import BY_HAND


@pytest.fixture(scope="module")
def scan() -> pd.DataFrame:
    random = np.random.default_rng(2)
    count = 20_000
    contig = random.choice(["chr1", "chr10", "chr22", "chrX"], count)
    frequency = random.uniform(0, 1, count)
    p_value = random.random(count)
    p_value[:3] = [1e-12, 1e-9, 1e-20]
    frequency[:3] = [0.3, 0.7, 0.001]
    contig[:3] = "chr10"
    rarer = np.minimum(frequency, 1 - frequency)
    return pd.DataFrame(
        {
            "contig": contig,
            "position": random.integers(1, 50_000_000, count),
            "reference": "A",
            "alternate": "G",
            "n": 800,
            "alt_frequency": frequency,
            "minor_allele_count": (1600 * rarer).round().astype(int),
            "beta": random.normal(size=count),
            "standard_error": 1.0,
            "p_value": p_value,
        }
    )


def test_variants_too_rare_for_the_airlocks_rule_are_left_out_and_counted(
    scan: pd.DataFrame,
) -> None:
    summary = strongest_variants(scan, title="Height", provenance=BY_HAND, families=500)
    assert len(summary.table) == 20
    # The third is the strongest and has a frequency of 0.001.
    assert summary.table["p"].tolist()[:2] == [1e-12, 1e-9]
    assert summary.table["minor allele frequency"].min() >= 0.0125
    limit = policy_document()["variants"]
    too_rare = int((scan["minor_allele_count"] < limit["least_allele_count"]).sum())
    assert f"{too_rare:,} rarer variants are left out" in summary.notes[0]
    assert len(strongest_variants(scan, title="x", provenance=BY_HAND, most=5000).table) == 299


def test_quantiles_tell_inflation_and_lie_in_the_band(scan: pd.DataFrame) -> None:
    summary = summarise_quantiles(scan, title="Height", provenance=BY_HAND)
    assert "λ = " in summary.notes[0]
    assert summary.table["observed"].iloc[0] == pytest.approx(20)
    assert len(summary.table) < 300


def test_places_are_few_and_keep_what_is_significant(scan: pd.DataFrame) -> None:
    summary = summarise_places(scan, title="Height", provenance=BY_HAND)
    assert len(summary.table) < 6_000
    strong = summary.table[summary.table["-log10 p"] > 7.3]
    assert sorted(strong["-log10 p"]) == [9, 12]
    assert set(strong["contig"]) == {"chr10"}
    assert "3 of 20,000 variants have a p under 5e-08" in summary.notes[0]


def test_figures_tell_what_they_show_and_refuse_other_summaries(scan: pd.DataFrame) -> None:
    places = summarise_places(scan, title="Height", provenance=BY_HAND)
    ordered = summarise_quantiles(scan, title="Height", provenance=BY_HAND)
    assert "the highest, 12.0, is at chr10" in plot_manhattan(places).alt_text
    assert "the largest is 20.0" in plot_quantiles(ordered).alt_text
    for figure in (plot_manhattan(places), plot_quantiles(ordered)):
        assert figure.png().startswith(b"\x89PNG")
    with pytest.raises(ReportingError, match="summarise_places"):
        plot_manhattan(ordered)
    with pytest.raises(ReportingError, match="summarise_quantiles"):
        plot_quantiles(places)


@pytest.mark.slow
def test_all_of_it_may_leave(scan: pd.DataFrame) -> None:
    few = scan.head(400)
    places = summarise_places(few, title="Height", provenance=BY_HAND)
    items: list[Summary | object] = [
        strongest_variants(few, title="Height", provenance=BY_HAND),
        plot_quantiles(summarise_quantiles(few, title="Height", provenance=BY_HAND)),
        plot_manhattan(places),
    ]
    checker = Checker(parse_policy(policy_document()), lambda _: None)
    for verdict in checker.judge(items):
        assert verdict.verdict is not Verdict.FAIL, verdict.findings


def test_who_was_in_the_fit_stands_behind_every_number_if_given(scan: pd.DataFrame) -> None:
    few = scan.head(300)
    for make in (strongest_variants, summarise_quantiles, summarise_places):
        summary = make(few, title="Height", provenance=BY_HAND, people=range(800))
        assert unknown_numbers(summary) == 0
        row, column = summary.table.index[0], summary.table.columns[-1]
        assert ids_of(summary, row, column) == whole_of(summary) == set(range(800))
        # Others than were in the fit are not taken for those who were.
        wrong = make(few, title="Height", provenance=BY_HAND, people=range(799))
        assert wrong.members_of(row, column) is None
        assert unknown_numbers(make(few, title="Height", provenance=BY_HAND)) > 0
