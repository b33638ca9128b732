from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from functools import partial
from typing import Any

import pandas as pd
import pytest

from gecip.errors import ReportingError
from gecip.reporting import Meaning, Rate, Summary, Total
from tests.products import BY_HAND, counted


def summary_of(**changes: Any) -> Summary:
    table = pd.DataFrame({"people": [12, 30, 42]}, index=["a", "b", "all"])
    facts: dict[str, Any] = {
        "title": "People",
        "table": table,
        "people": table,
        "families": table,
        "meanings": {"people": Meaning.PEOPLE},
        "phenotypic": True,
        "n_people": 42,
        "n_families": 42,
        "provenance": BY_HAND,
        "totals": (Total("all", ("a", "b")),),
    }
    return Summary(**facts | changes)


def test_a_summary_says_what_it_rests_on() -> None:
    assert repr(summary_of()) == (
        "Summary('People', rows=3, columns=1, behind='42 people in 42 families')"
    )


def test_one_person_is_not_called_people() -> None:
    assert counted({"a": 1}).behind == "1 person in 1 family"


def test_a_summary_keeps_its_numbers_when_the_table_it_was_made_of_changes() -> None:
    table = pd.DataFrame({"people": [12, 30, 42]}, index=["a", "b", "all"])
    summary = summary_of(table=table)
    table.loc["a", "people"] = 1
    assert summary.table.at["a", "people"] == 12
    with pytest.raises(FrozenInstanceError):
        summary.title = "Other"  # type: ignore[misc]


def test_a_summary_knows_when_its_numbers_were_written_over() -> None:
    summary = summary_of()
    assert summary.is_as_built
    summary.table.loc["a", "people"] = 20
    assert not summary.is_as_built


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"meanings": {}}, "does not say what its column 'people' is"),
        (
            {"people": pd.DataFrame({"people": [12, 30]}, index=["a", "b"])},
            "needs people for every cell",
        ),
        (
            {"people": pd.DataFrame({"people": [12, 30, 41]}, index=["a", "b", "all"])},
            "are others: count both from the same rows",
        ),
        ({"n_people": 40}, "a cell with more people than the whole"),
        ({"totals": (Total("all", ("a", "c")),)}, "lines that its table has not"),
        ({"totals": (Total("all", ()),)}, "or with none"),
        ({"rests_on": {"people": ("deaths",)}}, "are no counts of its table"),
        ({"meanings": {"people": Meaning.RATE}}, "a rate in both meanings and rates"),
        ({"rates": {"people": Rate("people", "people")}}, "a rate in both meanings and rates"),
    ],
)
def test_parts_that_do_not_fit_are_named(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ReportingError, match=sentence):
        summary_of(**changes)


def test_counts_are_whole_numbers_from_nothing_up() -> None:
    for counts in ([1.5, 2, 3], [-1, 2, 3], [None, 2, 3]):
        table = pd.DataFrame({"people": counts}, index=["a", "b", "all"])
        with pytest.raises(ReportingError, match="no whole number"):
            summary_of(table=table, people=table, families=table)


def test_two_rows_of_one_name_are_refused() -> None:
    table = pd.DataFrame({"people": [12, 30]}, index=["a", "a"])
    with pytest.raises(ReportingError, match="two rows or two columns of one name"):
        summary_of(table=table, people=table, families=table, totals=())


def test_a_rate_knows_how_many_among_how_many() -> None:
    summary = counted({"a": 12, "b": 3}, family_size=2).with_rate(
        "families per person", of="families", among="people"
    )
    assert summary.table["families per person"].tolist() == [0.5, 2 / 3, 8 / 15]
    assert summary.people["families per person"].tolist() == [12, 3, 15]
    assert summary.rates["families per person"] == Rate("families", "people")
    assert summary.text("a", "families per person") == "50.0%"


def test_among_nobody_there_is_no_rate() -> None:
    summary = counted({"a": 12, "b": 0}).with_rate("rate", of="families", among="people")
    assert summary.text("b", "rate") == "–"


def test_a_rate_of_a_column_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(ReportingError, match=r"no column 'yield'.*'people', 'families'"):
        counted({"a": 12}).with_rate("rate", of="yield", among="people")


def test_a_rate_that_is_not_its_quotient_is_refused() -> None:
    summary = counted({"a": 12}).with_rate("rate", of="families", among="people")
    with pytest.raises(ReportingError, match="is not 'families' divided by 'people'"):
        replace(summary, table=summary.table.assign(rate=0.5))


def test_a_chain_hands_the_summary_on() -> None:
    summary = counted({"a": 12})
    assert summary.pipe(Summary.with_note, "Adults only.").notes == ("Adults only.",)
    assert summary.pipe(partial(Summary.with_rate, of="families", among="people"), "rate").rates


def test_on_screen_the_numbers_are_true_and_the_words_are_escaped() -> None:
    shown = counted({"<b>a</b>": 3, "b": 1200})._repr_html_()
    assert ">3</td>" in shown
    assert ">1,200</td>" in shown
    assert "<b>a</b>" not in shown
    assert "1,203 people in 1,203 families" in shown


def test_a_long_table_is_cut_and_says_so() -> None:
    shown = counted({f"group {number}": 10 for number in range(80)})._repr_html_()
    assert "The first 60 of 81 rows are shown." in shown
    assert shown.count("<tr>") == 61
