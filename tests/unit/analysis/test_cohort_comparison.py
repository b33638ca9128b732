"""Cohorts side by side: differences held against sums by hand, and overlaps against counting one by one."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecip.analysis.clinical.characteristics import (
    age_band,
    characteristics,
    difference_of_means,
    difference_of_shares,
)
from gecip.analysis.clinical.cohort_comparison import compare_cohorts
from gecip.errors import AnalysisError
from gecip.release import Release
from gecip.reporting import summarise
from tests.handmade import person, phenotype
from tests.handmade_cohorts import EUROPEAN, SOUTH_ASIAN, cohort_of, genome, release_of

# Of the release's year, 2024: 44, 44, 34, 8 and an unknown age.
PEOPLE = [
    person(110000011, participant_phenotypic_sex="Male"),
    person(110000012, participant_type="Relative", biological_relationship_to_proband="Mother"),
    person(110000021, year_of_birth=1990),
    person(110000031, year_of_birth=2016, participant_phenotypic_sex="Male"),
    person(110000041, year_of_birth=None, programme="Cancer", rare_diseases_family_id=None),
]
IDS = [one["participant_id"] for one in PEOPLE]


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return release_of(
        tmp_path / "own",
        PEOPLE,
        aggregate_gvcf_sample_stats=[
            genome(IDS[0], "Male"),
            genome(IDS[1], **{EUROPEAN: 0.79, SOUTH_ASIAN: 0.21}),
            genome(IDS[2], **{EUROPEAN: 0.2, SOUTH_ASIAN: 0.8}),
            genome(IDS[3], "Male"),
        ],
        rare_diseases_participant_disease=[
            {"participant_id": IDS[0], "normalised_disease_group": "Ciliopathies"},
            {"participant_id": IDS[2], "normalised_disease_group": "Skeletal disorders"},
        ],
        rare_diseases_participant_phenotype=[
            phenotype(IDS[0], "HP:0000107"),
            phenotype(IDS[0], "HP:0000107"),
            phenotype(IDS[0], "HP:0001250"),
            phenotype(IDS[0], "HP:0001249", present="No"),
            *(phenotype(IDS[2], f"HP:000{number}") for number in range(1000, 1010)),
        ],
    )


# ---------------------------------------------------------------------------------------------------------------------
# Characteristics
# ---------------------------------------------------------------------------------------------------------------------


def test_each_person_has_one_row_with_what_is_known(release: Release) -> None:
    rows = characteristics(cohort_of(release, [], "Everybody")).set_index("participant_id")
    assert rows["age"].tolist()[:4] == [44, 44, 34, 8]
    assert rows["age_band"].tolist() == [
        "40 to 49",
        "40 to 49",
        "30 to 39",
        "0 to 9",
        "Not recorded",
    ]
    assert rows["relationship"].tolist() == ["Proband", "Mother", "Proband", "Proband", "Proband"]
    assert rows.at[IDS[0], "disease_group"] == "Ciliopathies"
    assert rows["programme"].tolist() == ["Rare Diseases"] * 4 + ["Cancer"]


def test_an_ancestry_is_told_from_a_probability_of_eight_tenths_on(release: Release) -> None:
    rows = characteristics(cohort_of(release, [], "Everybody"))
    assert rows["ancestry"].tolist() == [
        "European",
        "Unassigned",
        "South Asian",
        "European",
        "Not recorded",
    ]


def test_a_feature_counts_once_and_only_if_found(release: Release) -> None:
    rows = characteristics(cohort_of(release, [], "Everybody"))
    assert rows["hpo_terms"].tolist() == [2, 0, 10, 0, 0]
    assert rows["hpo_burden"].tolist() == ["1 to 3", "None", "10 or more", "None", "None"]


@pytest.mark.parametrize(
    ("age", "years", "band"),
    [
        (0, 10, "0 to 9"),
        (9, 10, "0 to 9"),
        (10, 10, "10 to 19"),
        (89, 10, "80 to 89"),
        (90, 10, "90 or older"),
        (112, 5, "90 or older"),
        (88, 20, "80 to 89"),
        (7, 1, "7"),
        (-1, 10, "Not recorded"),
        (None, 10, "Not recorded"),
    ],
)
def test_ages_fall_into_bands_that_are_open_above_ninety(
    age: float | None, years: int, band: str
) -> None:
    assert age_band(age, years) == band


# ---------------------------------------------------------------------------------------------------------------------
# Differences
# ---------------------------------------------------------------------------------------------------------------------


def test_a_difference_of_shares_is_that_of_the_paper() -> None:
    # By hand: 0.5 and 0.3 have variances 0.25 and 0.21, and 0.2 / √0.23 is 0.4170.
    assert difference_of_shares(0.5, 0.3) == pytest.approx(0.2 / math.sqrt(0.23))
    assert difference_of_shares(0.3, 0.5) == pytest.approx(-0.41702, abs=1e-5)
    assert difference_of_shares(1.0, 1.0) == 0.0
    assert difference_of_shares(1.0, 0.0) == math.inf


def test_a_difference_of_means_is_in_units_of_the_spread() -> None:
    # By hand: means 2 and 4, variances 1 and 4, so that 2 / √2.5 is 1.2649.
    first, second = np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])
    assert difference_of_means(first, second) == pytest.approx(-2 / math.sqrt(2.5))
    assert math.isnan(difference_of_means(first, second[:1]))
    assert difference_of_means(np.array([2.0, 2.0]), np.array([3.0, 3.0])) == -math.inf


@given(values=st.lists(st.tuples(st.integers(0, 90), st.integers(1, 4)), min_size=2, max_size=20))
def test_a_weight_is_as_good_as_so_many_people_for_the_mean(
    values: list[tuple[int, int]],
) -> None:
    numbers = np.array([value for value, _ in values], dtype=float)
    weights = np.array([weight for _, weight in values], dtype=float)
    other = np.array([0.0, 100.0])
    difference = difference_of_means(numbers, other, weights=(weights, np.ones(2)))
    mean = np.repeat(numbers, weights.astype(int)).mean()
    assert (difference < 0) == (mean < 50 and not math.isclose(mean, 50, abs_tol=1e-12))


def test_cohorts_are_compared_with_the_first_level_by_level(release: Release) -> None:
    compared = compare_cohorts(
        cohort_of(release, IDS[:4], "Four"), cohort_of(release, IDS[2:], "Three")
    )
    # Men: 2 of 4 and 1 of 3, so that (1/3 - 1/2) / √((2/9 + 1/4) / 2) is -0.3430.
    expected = (1 / 3 - 1 / 2) / math.sqrt((2 / 9 + 1 / 4) / 2)
    assert compared.difference("Sex", "Male") == pytest.approx(expected)
    # Ages 44, 44, 34, 8 and 34, 8: means 32.5 and 21, variances 289 and 338.
    expected = (21 - 32.5) / math.sqrt((289 + 338) / 2)
    assert compared.difference("Age in years", "recorded") == pytest.approx(expected)
    assert compared.groups == ("Four", "Three")


def test_side_by_side_every_share_stands_beside_its_denominator(release: Release) -> None:
    summary = summarise(
        compare_cohorts(cohort_of(release, IDS[:4], "Four"), cohort_of(release, IDS[2:], "Three"))
    )
    assert summary.table.loc[("Sex", "Male"), "Four: people"] == 2
    assert summary.table.loc[("Sex", "Male"), "Four: of"] == 4
    assert summary.table.loc[("Sex", "Male"), "Four: share"] == 0.5
    assert summary.families.loc[("Age", "40 to 49"), "Four: people"] == 1
    assert summary.table.loc[("Age in years", "recorded"), "Three: people"] == 2
    assert summary.table.loc[("Age in years", "recorded"), "Three: mean"] == 21
    assert summary.n_people == 5
    sexes = summary.table.loc["Sex", "Four: people"].sum()
    assert sexes == summary.table.loc[("Everybody", "all"), "Four: people"] == 4


def test_a_group_within_another_is_told_so_that_the_rest_can_be_protected(
    release: Release,
) -> None:
    four, two = cohort_of(release, IDS[:4], "Four"), cohort_of(release, IDS[:2], "Two")
    compared = compare_cohorts(four, two)
    assert compared.within == (("Four", "Two"),)
    wholes = {(total.whole, total.parts) for total in summarise(compared).totals}
    assert ("Four: people", ("Two: people",)) in wholes
    assert compare_cohorts(four, cohort_of(release, IDS[2:], "Three")).within == ()


# ---------------------------------------------------------------------------------------------------------------------
# Overlap
# ---------------------------------------------------------------------------------------------------------------------


def test_an_overlap_counts_as_counting_one_by_one_does(release: Release) -> None:
    sets = {"A": IDS[:3], "B": IDS[1:4], "C": [IDS[0], IDS[4]]}
    cohorts = [cohort_of(release, people, name) for name, people in sets.items()]
    overlap = compare_cohorts(*cohorts).overlap
    family = {one["participant_id"]: one["rare_diseases_family_id"] for one in PEOPLE}
    for row in overlap.combinations.to_dict("records"):
        inside = {name for name in sets if row[name]}
        people = [
            one
            for one in IDS
            if {name for name, members in sets.items() if one in members} == inside
        ]
        assert row["people"] == len(people)
        assert row["families"] == len({family[one] for one in people} - {None})
    assert len(overlap.combinations) == 2 ** len(sets) - 1
    assert overlap.combinations["people"].sum() == overlap.n_people == 5
    assert dict(zip(overlap.sizes["cohort"], overlap.sizes["people"], strict=True)) == {
        name: len(people) for name, people in sets.items()
    }


def test_an_overlap_is_said_in_words_with_its_totals(release: Release) -> None:
    table = summarise(
        compare_cohorts(cohort_of(release, IDS[:3], "A"), cohort_of(release, IDS[1:4], "B")).overlap
    ).table
    assert table["people"].to_dict() == {
        "Any of them": 4,
        "All of A": 3,
        "All of B": 3,
        "A and B": 2,
        "Only A": 1,
        "Only B": 1,
    }


def test_up_to_five_cohorts_are_compared(release: Release) -> None:
    cohorts = [cohort_of(release, [one], str(number)) for number, one in enumerate(IDS)]
    names = ["a", "b", "c", "d", "e"]
    assert len(compare_cohorts(*cohorts, names=names).overlap.combinations) == 31
    pairs = list(itertools.combinations(names, 2))
    assert len(pairs) == 10
    with pytest.raises(AnalysisError, match="two to 5 cohorts, and was given 6"):
        compare_cohorts(*cohorts, cohorts[0])


# ---------------------------------------------------------------------------------------------------------------------
# Refusals
# ---------------------------------------------------------------------------------------------------------------------


def test_a_comparison_refuses_what_it_cannot_tell_apart(release: Release, tmp_path: Path) -> None:
    one = cohort_of(release, IDS[:2], "One")
    with pytest.raises(AnalysisError, match="was given 1"):
        compare_cohorts(one)
    with pytest.raises(AnalysisError, match="as many different names"):
        compare_cohorts(one, one)
    with pytest.raises(AnalysisError, match="did you mean 'sex'"):
        compare_cohorts(one, one, names=["a", "b"], on=["sexx"])
    with pytest.raises(AnalysisError, match="at least one year"):
        compare_cohorts(one, one, names=["a", "b"], years_a_band=0)
    other = release_of(tmp_path / "other", PEOPLE[:1])
    with pytest.raises(AnalysisError, match="two releases"):
        compare_cohorts(one, cohort_of(other, [], "Other"))


def test_a_cohort_with_nobody_in_it_is_an_answer_too(release: Release) -> None:
    compared = compare_cohorts(
        cohort_of(release, IDS[:2], "Two"), cohort_of(release, [999], "Nobody")
    )
    assert math.isnan(compared.difference("Sex", "Male"))
    table = summarise(compared).table
    assert table["Nobody: people"].eq(0).all()
    assert compared.overlap.combinations["people"].tolist() == [0, 2, 0]
