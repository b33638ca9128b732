from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gecip.airlock import request_export
from gecip.analysis.clinical.cox_model import compare_entries, hazard_ratios
from gecip.analysis.clinical.survival import DAYS_A_YEAR, follow_up, survival_curves
from gecip.errors import ReportingError
from gecip.reporting import list_rows, plot_hazard_ratios, plot_survival, summarise
from gecip.reporting.survival_report import (
    AT_RISK,
    DEATHS,
    EVERYONE,
    FOLLOWED,
    HIGH,
    IGNORED,
    LOW,
    MEDIAN,
    PEOPLE,
    RATIO,
    SURVIVAL,
    WITH_DELAY,
    WITHOUT_DELAY,
)
from tests.known_people import ids_of, unknown_numbers, whole_of
from tests.products import BY_HAND
from tests.survival_data import LAST_DAY, drawn, followed, lung

DELAYS = {"wild type": 200.0, "mutated": 500.0}


def test_survival_is_told_where_nobody_or_several_died_since_it_was_told() -> None:
    leaves = [20, 40, 60, 80, 100, 200, 201, 202, *[1000] * 30]
    people = followed(("all",), group=["all"] * 38, leaves=leaves, died=[True] * 8 + [False] * 30)
    table = summarise(survival_curves(people, every=0.25)).table.loc["all"]
    told = table[SURVIVAL].dropna()
    # Four died by a quarter of a year, one more by half a year: both are told together, and then three
    # more wait for others who never come.
    assert told.to_dict() == {0.0: 1.0, 0.5: pytest.approx(33 / 38)}
    assert table[AT_RISK].iloc[:3].tolist() == [38, 34, 33]


def test_the_naive_curve_stands_beside_and_is_above_where_entry_is_delayed() -> None:
    curves = survival_curves(drawn(2, people=400, ratio=2.0, median_days=700, delay_days=DELAYS))
    table = summarise(curves).table.dropna()
    assert len(table) > 10
    assert (table[IGNORED] > table[SURVIVAL]).all()
    assert IGNORED not in summarise(survival_curves(lung())).table


def test_ratios_stand_with_people_deaths_and_the_reference_first() -> None:
    table = summarise(hazard_ratios(lung(), adjusted_for=["age"])).table
    assert table.index.tolist() == ["male", "female", "age"]
    assert table[PEOPLE].tolist() == [138, 90, 228]
    assert table[DEATHS].tolist() == [112, 53, 165]
    assert np.isnan(table[RATIO].iloc[0])


def test_the_comparison_gives_medians_and_ratios_of_both_analyses() -> None:
    people = drawn(2, people=400, ratio=2.0, median_days=700, delay_days=DELAYS)
    compared = compare_entries(people)
    table = summarise(compared).table
    assert table.at[(WITH_DELAY, "mutated"), RATIO] == compared.delayed.terms["hazard_ratio"][0]
    assert table.at[(WITHOUT_DELAY, "mutated"), RATIO] == compared.ignored.terms["hazard_ratio"][0]
    assert table.at[(WITH_DELAY, "mutated"), MEDIAN] < table.at[(WITHOUT_DELAY, "mutated"), MEDIAN]


@pytest.mark.slow
def test_all_of_it_may_ask_to_leave_but_the_steps(tmp_path: Path) -> None:
    people = drawn(2, people=400, ratio=2.0, median_days=700, delay_days=DELAYS)
    curves, compared = survival_curves(people), compare_entries(people)
    summaries = [summarise(one) for one in (people, curves, compared, compared.delayed)]
    figures = [plot_survival(summaries[1]), plot_hazard_ratios(summaries[2])]
    request = request_export(
        [*summaries, *figures, list_rows(curves)],
        project="Survival",
        purpose="To see what the airlock says",
        folder=tmp_path / "out",
    )
    verdicts = [item.verdict.name for item in request.items]
    assert "FAIL" not in verdicts[:-1]
    assert verdicts[-1] == "FAIL"


@pytest.mark.slow
def test_where_few_are_at_risk_survival_does_not_leave(tmp_path: Path) -> None:
    leaves = [*range(10, 110), *[900, 900, 900]]
    people = followed(("all",), group=["all"] * 103, leaves=leaves, died=[True] * 100 + [False] * 3)
    summary = summarise(survival_curves(people))
    few = ("all", 1.0)
    assert summary.table.at[few, AT_RISK] == 3
    assert not np.isnan(summary.table.at[few, SURVIVAL])
    figure = plot_survival(summary)
    request = request_export(
        [summary, figure], project="P", purpose="To see what leaves", folder=tmp_path / "out"
    )
    masked = request.items[0].product
    assert masked is not None
    assert masked.text(few, AT_RISK) == "<5"
    assert masked.text(few, SURVIVAL) == "withheld"
    assert request.items[1].verdict.name == "REVIEW"


def test_figures_say_themselves_in_words_and_show_the_numbers_at_risk() -> None:
    figure = plot_survival(summarise(survival_curves(lung())))
    written = [text.get_text() for axes in figure.drawing.axes for text in axes.texts]
    assert {"138", "90"} <= set(written)
    assert "male: 34 % at 1 years" in figure.alt_text
    assert "228 people." in figure.caption
    assert "0.59 (0.42–0.82)" in plot_hazard_ratios(summarise(hazard_ratios(lung()))).alt_text


def test_a_figure_of_something_else_is_refused_in_a_sentence() -> None:
    ratios, curves = summarise(hazard_ratios(lung())), summarise(survival_curves(lung()))
    with pytest.raises(ReportingError, match="not one of survival"):
        plot_survival(ratios)
    with pytest.raises(ReportingError, match="no hazard ratios"):
        plot_hazard_ratios(curves)
    letters = list("abcde")
    many = followed(letters, group=letters * 10, leaves=range(1, 51), died=[True] * 50)
    with pytest.raises(ReportingError, match="5 curves cannot be told apart"):
        plot_survival(summarise(survival_curves(many)))


# ---------------------------------------------------------------------------------------------------------------------
# Whose numbers they are
# ---------------------------------------------------------------------------------------------------------------------


def test_those_at_risk_and_the_group_of_whom_a_curve_tells_stand_behind_it() -> None:
    people = drawn(2, people=400, ratio=2.0, median_days=700, delay_days=DELAYS)
    curves = survival_curves(people)
    summary = summarise(curves)
    assert unknown_numbers(summary) == 0
    begins = curves.medians.set_index("group")["begins"]
    rows = people.people.set_index("participant_id")
    for group, years in (("mutated", 1.0), ("wild type", 2.5)):
        of_group = rows[(rows["group"] == group) & (rows["exit"] > begins[group])]
        day = years * DAYS_A_YEAR
        entered = of_group["entry"].clip(lower=begins[group]) < day
        at_risk = of_group[entered & (of_group["exit"] >= day)]
        row = (group, years)
        assert ids_of(summary, row, AT_RISK) == set(at_risk.index)
        for column in (SURVIVAL, LOW, HIGH, IGNORED):
            assert ids_of(summary, row, column) == set(rows[rows["group"] == group].index)
    assert whole_of(summary) == set(rows.index)


def test_behind_a_curve_with_few_at_risk_stand_those_few() -> None:
    leaves = [*range(10, 110), *[900, 900, 900]]
    people = followed(("all",), group=["all"] * 103, leaves=leaves, died=[True] * 100 + [False] * 3)
    summary = summarise(survival_curves(people))
    assert ids_of(summary, ("all", 1.0), SURVIVAL) == {100, 101, 102}


def test_everybody_in_the_model_stands_behind_a_ratio_and_the_group_behind_its_median() -> None:
    people = drawn(2, people=400, ratio=2.0, median_days=700, delay_days=DELAYS)
    compared = compare_entries(people)
    rows = people.people
    mutated = rows[rows["group"] == "mutated"]
    for summary, row in (
        (summarise(compared.delayed), "mutated"),
        (summarise(compared), (WITHOUT_DELAY, "mutated")),
    ):
        assert unknown_numbers(summary) == 0
        assert ids_of(summary, row, PEOPLE) == set(mutated["participant_id"])
        assert ids_of(summary, row, DEATHS) == set(mutated["participant_id"][mutated["died"]])
        assert ids_of(summary, row, RATIO) == set(rows["participant_id"])
    for words in (WITH_DELAY, WITHOUT_DELAY):
        median = ids_of(summarise(compared), (words, "mutated"), MEDIAN)
        assert median == set(mutated["participant_id"])


def test_a_ratio_that_rests_on_few_deaths_of_the_reference_is_theirs() -> None:
    died = [*[True] * 3, *[False] * 27, *[True] * 20, *[False] * 10]
    people = followed(
        ("a", "b"), group=["a"] * 30 + ["b"] * 30, leaves=[*range(100, 130)] * 2, died=died
    )
    summary = summarise(hazard_ratios(people))
    assert ids_of(summary, "b", RATIO) == {0, 1, 2}
    assert ids_of(summary, "b", PEOPLE) == set(range(30, 60))


def test_who_could_not_be_followed_is_known_by_the_reason() -> None:
    day = pd.Timestamp("2020-01-01")
    dates = pd.DataFrame(
        {
            "participant_id": range(20),
            "family_id": [1, 1, *range(2, 20)],
            "group": "all",
            "origin": [pd.NaT] * 6 + [day] * 14,
            "entered": [day] * 13 + [pd.NaT] * 7,
            "died_on": pd.NaT,
        }
    )
    result = follow_up(dates, groups=["all"], followed_until=LAST_DAY, provenance=BY_HAND)
    summary = summarise(result)
    assert unknown_numbers(summary) == 0
    assert ids_of(summary, "no date of diagnosis", PEOPLE) == set(range(6))
    assert ids_of(summary, "no date of sequencing", PEOPLE) == set(range(13, 20))
    assert ids_of(summary, FOLLOWED, PEOPLE) == set(range(6, 13))
    assert ids_of(summary, EVERYONE, PEOPLE) == set(range(20))
    assert summary.families.at["no date of diagnosis", PEOPLE] == 5
    assert summary.n_families == 19
