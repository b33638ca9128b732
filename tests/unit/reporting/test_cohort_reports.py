"""What is said of compared cohorts, matched controls and enrichment: figures of masked summaries too, and the airlock."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from gecip.airlock import Verdict, request_export
from gecip.analysis.clinical.cohort_comparison import CohortComparison, compare_cohorts
from gecip.analysis.clinical.enrichment import enrichment
from gecip.analysis.clinical.matching import RelatedDisease, matched_controls
from gecip.errors import ReportingError
from gecip.release import Release
from gecip.reporting import (
    Figure,
    Summary,
    plot_differences,
    plot_enrichment,
    plot_overlap,
    plot_timeline,
    summarise,
)
from tests.handmade import person, phenotype
from tests.handmade_cohorts import cohort_of, release_of
from tests.known_people import ids_of, unknown_numbers, whole_of
from tests.products import counted

pytestmark = pytest.mark.slow

PEOPLE = [
    person(
        110000001 + 10 * number,
        participant_phenotypic_sex="Male" if number % 3 else "Female",
        year_of_birth=1950 + number // 2,
    )
    for number in range(60)
]
IDS = [one["participant_id"] for one in PEOPLE]
TERMS = ["HP:0000107"] * 12 + ["HP:0001250"] * 28


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    monkeypatch.setenv("GECIP_EXPORTS", str(tmp_path / "exports"))
    return release_of(
        tmp_path / "own",
        PEOPLE,
        rare_diseases_participant_phenotype=[
            phenotype(one, term) for one, term in zip(IDS, TERMS, strict=False)
        ],
    )


@pytest.fixture
def compared(release: Release) -> CohortComparison:
    return compare_cohorts(
        cohort_of(release, IDS[:20], "Cases"),
        cohort_of(release, IDS[17:], "Others"),
        cohort_of(release, IDS[:8], "Some"),
    )


def test_every_figure_is_drawn_described_and_kept_to_its_summary(
    compared: CohortComparison, release: Release
) -> None:
    matched = matched_controls(
        cohort_of(release, IDS[:10], "Cases"),
        cohort_of(release, [], "Everybody"),
        not_having=RelatedDisease(),
        years_a_band=20,
    )
    found = enrichment(cohort_of(release, IDS[:20], "Cases"), cohort_of(release, [], "All"))
    figures = [
        plot_overlap(summarise(compared.overlap)),
        plot_differences(summarise(compared)),
        plot_differences(summarise(matched.balance)),
        plot_enrichment(summarise(found)),
    ]
    for figure in figures:
        assert figure.png() == figure.redraw(figure.of).png()
        assert len(figure.alt_text) > 40
        assert figure.alt_text.startswith(figure.title)


def test_an_upset_plot_has_a_bar_for_each_combination_with_somebody_in_it(
    compared: CohortComparison,
) -> None:
    figure = plot_overlap(summarise(compared.overlap))
    bars, dots, sizes = figure.drawing.axes
    assert [patch.get_height() for patch in bars.patches] == [40, 9, 8, 3]
    assert [patch.get_width() for patch in sizes.patches] == [20, 43, 8]
    filled = [line for line in dots.lines if line.get_linestyle() == "-"]
    assert [len(line.get_ydata()) for line in filled] == [1, 1, 2, 2]
    assert "Only Others: 40; Only Cases: 9; Cases and Some, no other: 8" in figure.alt_text


@pytest.mark.slow
def test_the_airlock_masks_what_is_small_and_draws_the_figures_again(
    compared: CohortComparison,
) -> None:
    overlap, side = summarise(compared.overlap), summarise(compared)
    request = request_export(
        [overlap, plot_overlap(overlap), side, plot_differences(side)],
        project="RR1",
        purpose="To try the door",
    )
    assert all(item.verdict is Verdict.REVIEW for item in request.items)
    masked, drawn, *_ = (item.product for item in request.items)
    assert isinstance(masked, Summary)
    assert isinstance(drawn, Figure)
    assert masked.text("Cases and Others, no other", "people") == "<5"
    words = [text.get_text() for axes in drawn.drawing.axes for text in axes.texts]
    assert "<5" in words
    assert "3" not in words


def test_what_is_left_of_a_cohort_beside_part_of_it_is_protected(release: Release) -> None:
    # 20 and 18 of them: the two who are left must not be told by any line of the table.
    side = summarise(
        compare_cohorts(cohort_of(release, IDS[:20], "All"), cohort_of(release, IDS[:18], "Part"))
    )
    (item,) = request_export([side], project="RR1", purpose="To try the door").items
    assert isinstance(item.product, Summary)
    people = item.product.table[["All: people", "Part: people"]].astype(float)
    both_told = people.dropna()
    left = both_told["All: people"] - both_told["Part: people"]
    marked = item.product.marks
    assert marked is not None
    exact = (marked.cells[["All: people", "Part: people"]] == "").all(axis=1)
    assert not ((left[exact[exact].index] > 0) & (left[exact[exact].index] < 5)).any()


def test_a_difference_without_limits_is_drawn_at_the_edge(release: Release) -> None:
    men = [one["participant_id"] for one in PEOPLE if one["participant_phenotypic_sex"] == "Male"]
    women = sorted(set(IDS) - set(men))
    compared = compare_cohorts(
        cohort_of(release, men, "Men"), cohort_of(release, women, "Women"), on=["sex"]
    )
    assert compared.difference("Sex", "Male") == -math.inf
    figure = plot_differences(summarise(compared))
    assert figure.png().startswith(b"\x89PNG")
    (axes,) = figure.drawing.axes
    assert "everybody against nobody" in axes.get_xlabel()


def test_a_figure_of_something_else_is_refused(compared: CohortComparison) -> None:
    other = counted({"Renal": 40})
    for plot in (plot_differences, plot_overlap, plot_enrichment):
        with pytest.raises(ReportingError, match="give the summary of"):
            plot(other)
    with pytest.raises(ReportingError, match="give the summary of"):
        plot_overlap(summarise(compared))
    from gecip.reporting import Listing

    with pytest.raises(ReportingError, match="not a timeline"):
        plot_timeline(Listing(title="Other", rows=other.table, provenance=other.provenance))


def test_groups_side_by_side_know_who_has_what_and_whose_difference_it_is(
    compared: CohortComparison,
) -> None:
    side = summarise(compared)
    assert unknown_numbers(side) == 0
    assert whole_of(side) == set(IDS)
    groups = {"Cases": IDS[:20], "Others": IDS[17:], "Some": IDS[:8]}
    men = {one["participant_id"] for one in PEOPLE if one["participant_phenotypic_sex"] == "Male"}
    for group, people in groups.items():
        assert ids_of(side, ("Sex", "Male"), f"{group}: people") == men & set(people)
        assert ids_of(side, ("Sex", "Male"), f"{group}: share") == men & set(people)
        assert ids_of(side, ("Sex", "Male"), f"{group}: of") == set(people)
        assert ids_of(side, ("Age in years", "recorded"), f"{group}: mean") == set(people)
    contrast = "difference: Some less Cases"
    assert ids_of(side, ("Sex", "Male"), contrast) == set(IDS[:20])
    assert ids_of(side, ("Age in years", "recorded"), contrast) == set(IDS[:20])


def test_a_difference_of_means_is_that_of_those_of_whom_the_measure_is_known(
    tmp_path: Path,
) -> None:
    people = [person(110000001 + n, year_of_birth=1960 if n % 2 else None) for n in range(24)]
    ids = [one["participant_id"] for one in people]
    release = release_of(tmp_path / "ages", people)
    side = summarise(
        compare_cohorts(
            cohort_of(release, ids[:12], "A"), cohort_of(release, ids[12:], "B"), on=["age_band"]
        )
    )
    assert unknown_numbers(side) == 0
    known = {one["participant_id"] for one in people if one["year_of_birth"]}
    assert len(known) == 12
    line = ("Age in years", "recorded")
    assert ids_of(side, line, "difference: B less A") == known
    assert ids_of(side, line, "A: mean") == known & set(ids[:12])
    assert ids_of(side, ("Age", "Not recorded"), "difference: B less A") == set(ids)


def test_an_overlap_knows_who_is_in_which_combination(compared: CohortComparison) -> None:
    overlap = summarise(compared.overlap)
    assert unknown_numbers(overlap) == 0
    for column in ("people", "families"):
        assert ids_of(overlap, "Cases and Others, no other", column) == set(IDS[17:20])
        assert ids_of(overlap, "Only Cases", column) == set(IDS[8:17])
        assert ids_of(overlap, "All of Some", column) == set(IDS[:8])
    assert ids_of(overlap, "Any of them", "people") == set(IDS) == whole_of(overlap)


def test_what_is_masked_of_a_third_group_does_not_hide_how_two_others_differ(
    compared: CohortComparison,
) -> None:
    (item,) = request_export([summarise(compared)], project="RR1", purpose="To try the door").items
    assert isinstance(item.product, Summary)
    row = ("Sex", "Female")
    assert item.product.is_masked(row, "Some: people")
    assert item.product.is_masked(row, "difference: Some less Cases")
    assert not item.product.is_masked(row, "difference: Others less Cases")
