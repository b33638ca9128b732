from __future__ import annotations

import pandas as pd
import pytest

from gecip.errors import ReportingError
from gecip.reporting import Meaning, Summary, Total, count_people
from tests.products import BY_HAND

ROWS = pd.DataFrame(
    [
        # Two observations of one person, and a second group for them.
        (1, 10, "renal", "Male"),
        (1, 10, "renal", "Male"),
        (1, 10, "skin", "Male"),
        (2, 10, "renal", "Female"),
        (3, 11, "skin", "Female"),
        (4, None, "skin", "Female"),
        (5, 12, None, "Male"),
    ],
    columns=["participant_id", "family_id", "group", "sex"],
)


def count(rows: pd.DataFrame = ROWS, **changes: object) -> Summary:
    facts = {"by": "group", "title": "People", "phenotypic": True, "provenance": BY_HAND}
    return count_people(rows, **facts | changes)  # type: ignore[arg-type]


def test_people_and_families_are_counted_once_in_each_group_and_once_in_the_total() -> None:
    summary = count()
    assert summary.table["people"].to_dict() == {
        "renal": 2,
        "skin": 3,
        "Not recorded": 1,
        "Total": 5,
    }
    assert summary.table["families"].to_dict() == {
        "renal": 1,
        "skin": 2,
        "Not recorded": 1,
        "Total": 3,
    }
    assert (summary.n_people, summary.n_families) == (5, 3)
    assert summary.meanings == {"people": Meaning.PEOPLE, "families": Meaning.FAMILIES}
    assert summary.totals == (Total("Total", ("renal", "skin", "Not recorded")),)


def test_categories_give_the_order_and_show_groups_with_nobody() -> None:
    summary = count(categories={"group": ["skin", "heart", "renal"]})
    assert summary.table["people"].to_dict() == {
        "skin": 3,
        "heart": 0,
        "renal": 2,
        "Not recorded": 1,
        "Total": 5,
    }


def test_two_groupings_make_a_table_with_distinct_margins() -> None:
    summary = count(by=["group", "sex"])
    assert summary.table.loc["renal"].to_dict() == {"Female": 1, "Male": 1, "Total": 2}
    # The person in two groups is one person in the total.
    assert summary.table.loc["Total"].to_dict() == {"Female": 3, "Male": 2, "Total": 5}
    assert summary.families.loc["Total", "Total"] == 3
    assert {total.axis for total in summary.totals} == {"rows", "columns"}


def test_nobody_at_all_is_an_answer() -> None:
    summary = count(ROWS.head(0), categories={"group": ["renal"]})
    assert summary.table["people"].to_dict() == {"renal": 0, "Total": 0}
    assert count(ROWS.head(0)).table["people"].to_dict() == {"Total": 0}


def test_a_value_beyond_the_categories_is_counted_and_never_named() -> None:
    with pytest.raises(ReportingError, match=r"1 value\(s\) that are not among") as refused:
        count(categories={"group": ["renal"]})
    assert "skin" not in str(refused.value)


@pytest.mark.parametrize(
    ("rows", "changes", "sentence"),
    [
        (ROWS, {"by": "tissue"}, "no column 'tissue'"),
        (ROWS.drop(columns="family_id"), {}, "no column 'family_id'"),
        (ROWS.assign(participant_id=None), {}, "have no participant_id"),
        (ROWS, {"by": []}, "by one column or by two"),
        (ROWS, {"by": ["group", "sex", "family_id"]}, "by one column or by two"),
        (ROWS.assign(group="Total"), {}, "a group called 'Total'"),
    ],
)
def test_rows_that_cannot_be_counted_say_why(
    rows: pd.DataFrame, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ReportingError, match=sentence):
        count(rows, **changes)


def test_the_count_remembers_where_its_rows_came_from() -> None:
    steps = [step.operation for step in count().provenance.chain()]
    assert steps == ["by hand", "count_people"]
