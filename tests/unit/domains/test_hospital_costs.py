"""Costs by phase, counted by hand on a release of six people, and the bootstrap against theory."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from domains.health_economics.costing import cost_episodes
from domains.health_economics.hospital_costs import (
    DIAGNOSED,
    NOT_DIAGNOSED,
    _bootstrap,
    phase_costs,
    result_days,
)
from domains.health_economics.phases import PHASES, Phase, check_phases, person_years, phase_of
from gecip.cohort import Cohort, define_cohort, select_cohort
from gecip.errors import AnalysisError
from gecip.model.unit_costs import MEAN_UNIT_COSTS, RESOURCE_GROUPS, PointOfDelivery
from gecip.release import open_release
from gecip.tables import participants
from tests.handmade import person, write_release

EVERYONE = define_cohort("Everyone")
RESULT = datetime.date(2018, 1, 1)
PRICE = RESOURCE_GROUPS["PR02B"].unit_costs


def episode(participant_id: int, day: str, *, nights: int = 0, **facts: Any) -> dict[str, Any]:
    """Return an emergency episode of a child with epilepsy, with `facts` instead."""
    begin = datetime.date.fromisoformat(day)
    return {
        "participant_id": participant_id,
        "epistart": begin,
        "epiend": begin + datetime.timedelta(days=nights),
        "admidate": begin,
        "disdate": begin + datetime.timedelta(days=nights),
        "admimeth": "21",
        "classpat": "1",
        "sushrg": "PR02B",
    } | facts


def report(participant_id: int, solved: str, day: datetime.date = RESULT) -> dict[str, Any]:
    return {"participant_id": participant_id, "event_date": day, "case_solved_family": solved}


PEOPLE = [
    person(111, rare_diseases_family_id=11, year_of_birth=2000),
    person(112, rare_diseases_family_id=11, year_of_birth=1990),
    person(121, rare_diseases_family_id=12, year_of_birth=2017),
    person(131, rare_diseases_family_id=13, year_of_birth=1980),
    person(141, rare_diseases_family_id=None, year_of_birth=1970),
    person(151, rare_diseases_family_id=15, year_of_birth=1975),
]
REPORTS = [
    report(111, "yes"),
    report(112, "Partially"),
    report(121, "no"),
    report(131, "unknown"),
    report(141, "no"),
]
EPISODES = [
    episode(111, "2015-06-01", nights=5),
    # One admission of two episodes, and one of them twice in the records.
    episode(111, "2017-06-01", nights=1),
    episode(111, "2017-06-02", nights=3, admidate=datetime.date(2017, 6, 1)),
    episode(111, "2017-06-02", nights=3, admidate=datetime.date(2017, 6, 1)),
    episode(112, "2018-02-01", classpat="2", admimeth="11"),
    episode(121, "2018-03-01", nights=2, admimeth="11"),
    episode(131, "2019-05-01", sushrg=None),
    # Long before, and after death: neither counts.
    episode(131, "2001-05-01"),
    episode(141, "2020-06-01"),
    # No genomic result.
    episode(151, "2018-02-01"),
]


def release_cohort(folder: Path, **changes: Any) -> Cohort:
    tables: dict[str, Any] = {
        "participant": PEOPLE,
        "gmc_exit_questionnaire": REPORTS,
        "hes_apc": EPISODES,
        "mortality": [{"participant_id": 141, "date_of_death": datetime.date(2019, 12, 31)}],
    } | changes
    kept = {name: rows for name, rows in tables.items() if rows is not None}
    return select_cohort(EVERYONE, open_release(write_release(folder / "small", **kept)))


@pytest.fixture(name="cohort")
def _cohort(tmp_path: Path) -> Cohort:
    return release_cohort(tmp_path)


# ---------------------------------------------------------------------------------------------------------------------
# What an episode costs
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "point"),
    [
        ({"classpat": "2", "admimeth": "11"}, PointOfDelivery.DAY_CASE),
        ({"classpat": "3", "admimeth": "13"}, PointOfDelivery.DAY_CASE),
        ({"admimeth": "12", "nights": 4}, PointOfDelivery.ELECTIVE),
        ({"nights": 0}, PointOfDelivery.NON_ELECTIVE_SHORT),
        ({"nights": 1}, PointOfDelivery.NON_ELECTIVE_SHORT),
        ({"nights": 2}, PointOfDelivery.NON_ELECTIVE_LONG),
        ({"nights": 2, "epiend": None}, PointOfDelivery.NON_ELECTIVE_SHORT),
        ({"admimeth": "31", "nights": 3}, PointOfDelivery.NON_ELECTIVE_LONG),
    ],
)
def test_an_episode_is_priced_at_its_point_of_delivery(
    facts: dict[str, Any], point: PointOfDelivery
) -> None:
    costed = cost_episodes(frame([episode(1, "2018-01-01", **facts)])).rows
    assert costed["point_of_delivery"].tolist() == [point.value]
    assert costed["cost"].tolist() == [PRICE[point]]


@pytest.mark.parametrize("group", [None, "UZ01Z"])
def test_an_episode_without_a_listed_group_gets_the_mean_price_and_is_counted(
    group: str | None,
) -> None:
    costed = cost_episodes(frame([episode(1, "2018-01-01", nights=3, sushrg=group)]))
    assert costed.rows["cost"].tolist() == [MEAN_UNIT_COSTS[PointOfDelivery.NON_ELECTIVE_LONG]]
    assert costed.at_mean_price == 1


def test_repeats_are_one_episode_and_what_has_no_date_is_left_out_and_told() -> None:
    rows = [episode(1, "2018-01-01"), episode(1, "2018-01-01"), episode(2, "2018-01-01")]
    undated = episode(3, "2018-01-01") | {"epistart": None, "epiend": None, "admidate": None}
    only_admission = episode(4, "2018-01-05") | {"epistart": None}
    costed = cost_episodes(frame([*rows, undated, only_admission]))
    assert costed.rows["participant_id"].tolist() == [1, 2, 4]
    assert (costed.repeats, costed.undated) == (1, 1)
    assert costed.rows["date"].iloc[-1] == pd.Timestamp("2018-01-05")


def test_an_own_price_list_replaces_ours() -> None:
    doubled = dict.fromkeys(PointOfDelivery, 2.0)
    costed = cost_episodes(
        frame([episode(1, "2018-01-01")]), resource_groups={}, mean_costs=doubled
    )
    assert costed.rows["cost"].tolist() == [2.0]


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    for column in ("epistart", "epiend", "admidate", "disdate"):
        table[column] = pd.to_datetime(table[column])
    return table


# ---------------------------------------------------------------------------------------------------------------------
# Phases
# ---------------------------------------------------------------------------------------------------------------------


def window(first: str, last: str, index: str = "2018-01-01") -> pd.DataFrame:
    dates = {"index_date": index, "first_day": first, "last_day": last}
    return pd.DataFrame(
        {"participant_id": [1]} | {name: pd.to_datetime([day]) for name, day in dates.items()}
    )


@pytest.mark.parametrize(
    ("first", "last", "years"),
    [
        ("1992-09-13", "2024-01-31", [4, 1, 1, 4]),
        ("2017-07-01", "2024-01-31", [0, 184 / 365.25, 1, 4]),
        ("1992-09-13", "2018-01-01", [4, 1, 1 / 365.25, 0]),
        ("2030-01-01", "2031-01-01", [0, 0, 0, 0]),
    ],
    ids=["observed throughout", "born in the year before", "died on the day", "never observed"],
)
def test_person_years_are_what_was_observed_of_each_phase(
    first: str, last: str, years: list[float]
) -> None:
    found = person_years(window(first, last))
    assert found["phase"].tolist() == [phase.name for phase in PHASES]
    assert found["person_years"].tolist() == pytest.approx(years)


@pytest.mark.parametrize(
    ("day", "phase"),
    [
        ("2017-12-31", "Year before"),
        ("2018-01-01", "Year after"),
        ("2018-12-31", "Year after"),
        ("2019-01-02", "1 to 5 years after"),
        ("2012-01-01", None),
        ("2023-06-01", None),
    ],
)
def test_an_episode_lies_in_the_phase_of_its_day(day: str, phase: str | None) -> None:
    rows = pd.DataFrame({"participant_id": [1], "date": pd.to_datetime([day])})
    found = phase_of(rows, window("1992-09-13", "2022-12-31"))
    assert [None if pd.isna(one) else one for one in found] == [phase]


@pytest.mark.parametrize(
    "phases",
    [
        [],
        [Phase("late", 0, 1), Phase("early", -1, 0)],
        [Phase("one", 0, 2), Phase("two", 1, 3)],
        [Phase("none", 1, 1)],
        [Phase("same", 0, 1), Phase("same", 1, 2)],
    ],
    ids=["none", "backwards", "overlapping", "empty", "of one name"],
)
def test_phases_that_cannot_be_are_refused(phases: list[Phase]) -> None:
    with pytest.raises(AnalysisError, match="earliest to the latest"):
        check_phases(phases)


# ---------------------------------------------------------------------------------------------------------------------
# Costs by phase
# ---------------------------------------------------------------------------------------------------------------------


def test_results_say_who_has_a_diagnosis_whatever_the_case_of_the_word(cohort: Cohort) -> None:
    days = result_days(cohort).set_index("participant_id")
    assert days["group"].to_dict() == {
        111: DIAGNOSED,
        112: DIAGNOSED,
        121: NOT_DIAGNOSED,
        131: NOT_DIAGNOSED,
        141: NOT_DIAGNOSED,
    }
    assert (days["index_date"] == pd.Timestamp(RESULT)).all()


def test_of_several_results_the_latest_day_counts_and_one_that_solves_the_case_decides(
    tmp_path: Path,
) -> None:
    later = datetime.date(2019, 3, 1)
    several = [report(111, "yes"), report(111, "no", later), report(121, "no")]
    days = result_days(release_cohort(tmp_path, gmc_exit_questionnaire=several))
    row = days.set_index("participant_id").loc[111]
    assert (row["group"], row["index_date"]) == (DIAGNOSED, pd.Timestamp(later))


def test_costs_by_phase_are_those_counted_by_hand(cohort: Cohort) -> None:
    table = phase_costs(cohort, result_days(cohort), samples=50).estimates
    table = table.set_index(["group", "phase"])
    long_stay = PRICE[PointOfDelivery.NON_ELECTIVE_LONG]
    short_stay = PRICE[PointOfDelivery.NON_ELECTIVE_SHORT]
    by_hand = {
        (DIAGNOSED, "5 to 1 years before"): (2, 1, 8.0, 1, long_stay),
        (DIAGNOSED, "Year before"): (2, 1, 2.0, 1, short_stay + long_stay),
        (DIAGNOSED, "Year after"): (2, 1, 2.0, 1, PRICE[PointOfDelivery.DAY_CASE]),
        (DIAGNOSED, "1 to 5 years after"): (2, 1, 8.0, 0, 0.0),
        # The child was born in the middle of the year before.
        (NOT_DIAGNOSED, "5 to 1 years before"): (2, 1, 8.0, 0, 0.0),
        (NOT_DIAGNOSED, "Year before"): (3, 2, 2 + 184 / 365.25, 0, 0.0),
        (NOT_DIAGNOSED, "Year after"): (3, 2, 3.0, 1, PRICE[PointOfDelivery.ELECTIVE]),
        # One died at the end of the second year after.
        (NOT_DIAGNOSED, "1 to 5 years after"): (
            3,
            2,
            8 + 730 / 365.25 - 1,
            1,
            MEAN_UNIT_COSTS[PointOfDelivery.NON_ELECTIVE_SHORT],
        ),
    }
    for cell, (people, families, years, admissions, cost) in by_hand.items():
        row = table.loc[cell]
        assert (row["people"], row["families"]) == (people, families), cell
        assert row["person_years"] == pytest.approx(years), cell
        assert row["admissions"] == admissions, cell
        assert row["cost_a_year"] == pytest.approx(cost / years), cell


def test_changes_are_from_the_first_phase_to_the_last_and_their_difference(
    cohort: Cohort,
) -> None:
    result = phase_costs(cohort, result_days(cohort), samples=50)
    costs = result.estimates.set_index(["group", "phase"])["cost_a_year"]
    steps = {
        group: costs[group, "1 to 5 years after"] - costs[group, "5 to 1 years before"]
        for group in (DIAGNOSED, NOT_DIAGNOSED)
    }
    found = result.changes.set_index("group")["change"]
    assert found[DIAGNOSED] == pytest.approx(steps[DIAGNOSED])
    assert found.iloc[-1] == pytest.approx(steps[DIAGNOSED] - steps[NOT_DIAGNOSED])


def test_records_of_a_childs_consent_stop_in_the_year_of_the_sixteenth_birthday(
    tmp_path: Path,
) -> None:
    people = [one | {"secondary_data_received_until_year": None} for one in PEOPLE]
    people[0]["secondary_data_received_until_year"] = 2018
    cohort = release_cohort(tmp_path, participant=people)
    rows = phase_costs(cohort, result_days(cohort), samples=5).people
    mine = rows[rows["participant_id"] == 111].set_index("phase")["person_years"]
    assert mine["Year after"] == pytest.approx(181 / 365.25)
    assert "1 to 5 years after" not in mine


def test_a_release_without_deaths_counts_everybody_to_the_end(tmp_path: Path) -> None:
    cohort = release_cohort(tmp_path, mortality=None)
    rows = phase_costs(cohort, result_days(cohort), samples=5).people
    mine = rows[rows["participant_id"] == 141].set_index("phase")
    assert mine.loc["1 to 5 years after", "person_years"] == pytest.approx(4)
    assert mine.loc["1 to 5 years after", "admissions"] == 1


def test_the_same_seed_gives_the_same_interval_and_another_seed_another(tmp_path: Path) -> None:
    cohort = eight_families(tmp_path)
    days = result_days(cohort)
    one, same, other = (
        phase_costs(cohort, days, seed=seed, samples=200).estimates for seed in (1, 1, 2)
    )
    assert one["upper"].notna().all()
    assert one.equals(same)
    assert not one["upper"].equals(other["upper"])


def test_so_few_families_have_no_interval_rather_than_a_narrow_one(cohort: Cohort) -> None:
    result = phase_costs(cohort, result_days(cohort), samples=50)
    assert result.estimates[["lower", "upper"]].isna().all(axis=None)
    assert result.changes[["lower", "upper"]].isna().all(axis=None)
    assert result.estimates["cost_a_year"].notna().all()


def eight_families(folder: Path) -> Cohort:
    """Return eight probands without a diagnosis, of whom number k was admitted k times in the year after."""
    numbers = range(1, 9)
    days = ["2018-01-10", "2018-02-10", "2018-03-10", "2018-04-10"]
    days += ["2018-05-10", "2018-06-10", "2018-07-10", "2018-08-10"]
    return release_cohort(
        folder,
        participant=[person(10 * k, year_of_birth=1980) for k in numbers],
        gmc_exit_questionnaire=[report(10 * k, "no") for k in numbers],
        hes_apc=[episode(10 * k, day) for k in numbers for day in days[:k]],
        mortality=None,
    )


def test_the_interval_draws_families_and_not_people() -> None:
    # Twenty families of five members who cost the same: the error is that of twenty values, not of a hundred.
    stream = np.random.default_rng(5)
    of_family = stream.gamma(2, 500, size=20)
    sums = np.stack([np.full(20, 5.0), 5 * of_family], axis=-1)[:, None, :]
    drawn = _bootstrap(sums, seed=1, samples=20_000)
    assert drawn.std() == pytest.approx(of_family.std() / np.sqrt(20), rel=0.03)


@pytest.mark.slow
def test_intervals_hold_what_they_promise() -> None:
    stream = np.random.default_rng(11)
    hits = 0
    for trial in range(200):
        time = stream.uniform(0.5, 4, size=80)
        rate = stream.gamma(4, 250, size=80)
        sums = np.stack([time, stream.poisson(rate * time)], axis=-1)[:, None, :]
        low, high = np.quantile(_bootstrap(sums, seed=trial, samples=400), [0.025, 0.975])
        hits += low <= 1_000 <= high
    assert 180 <= hits <= 199


def test_a_cost_comes_with_its_error_and_a_group_with_nobody_is_refused(tmp_path: Path) -> None:
    cohort = eight_families(tmp_path)
    result = phase_costs(cohort, result_days(cohort), samples=4_000)
    mean, error = result.cost_a_year(NOT_DIAGNOSED, "Year after")
    price = PRICE[PointOfDelivery.NON_ELECTIVE_SHORT]
    assert mean == pytest.approx(4.5 * price)
    # The standard error of the mean of one to eight.
    assert error == pytest.approx(price * np.std(range(1, 9)) / np.sqrt(8), rel=0.05)
    with pytest.raises(AnalysisError, match="Fewer than 5 families of the group 'Diagnosis made'"):
        result.cost_a_year(DIAGNOSED, "Year after")


@pytest.mark.parametrize("table", ["gmc_exit_questionnaire", "hes_apc"])
def test_a_release_without_the_table_is_told_which_one(tmp_path: Path, table: str) -> None:
    cohort = release_cohort(tmp_path, **{table: None})
    with pytest.raises(AnalysisError, match=f"need the table {table}"):
        phase_costs(cohort, result_days(cohort))


def test_a_release_whose_episodes_were_never_grouped_is_costed_at_mean_prices(
    tmp_path: Path,
) -> None:
    ungrouped = [{k: v for k, v in row.items() if k != "sushrg"} for row in EPISODES]
    cohort = release_cohort(tmp_path, hes_apc=ungrouped)
    result = phase_costs(cohort, result_days(cohort), samples=5)
    assert result.episodes.at_mean_price == len(result.episodes.rows) > 0
    costs = result.estimates.set_index(["group", "phase"])["cost_a_year"]
    mean = MEAN_UNIT_COSTS[PointOfDelivery.DAY_CASE]
    assert costs[DIAGNOSED, "Year after"] == pytest.approx(mean / 2)


def test_an_empty_cohort_and_one_without_results_are_told_so(tmp_path: Path) -> None:
    cohort = release_cohort(tmp_path)
    nobody = define_cohort("Nobody").include(
        participants.year_of_birth > 3000, because="not born yet"
    )
    empty = select_cohort(nobody, cohort.release)
    with pytest.raises(AnalysisError, match="Nobody of the cohort 'Nobody' has a genomic result"):
        result_days(empty)
    with pytest.raises(AnalysisError, match="Nobody of the cohort 'Nobody' has a day"):
        phase_costs(empty, result_days(cohort))


def test_two_days_of_one_person_are_refused(cohort: Cohort) -> None:
    days = result_days(cohort)
    with pytest.raises(AnalysisError, match="more than one day"):
        phase_costs(cohort, pd.concat([days, days]))


def test_a_result_says_no_more_of_itself_than_counts(cohort: Cohort) -> None:
    words = repr(phase_costs(cohort, result_days(cohort), samples=5))
    assert "people=5" in words
    assert "111" not in words
