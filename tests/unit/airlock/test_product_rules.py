from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
import pytest

from gecip.airlock.judging.product_rules import grid_of, in_summary
from gecip.configuration import policy_document
from gecip.governance.disclosure import Verdict
from gecip.governance.policy import parse_policy
from gecip.reporting import Meaning, Summary
from tests.products import BY_HAND, counted

POLICY = parse_policy(policy_document())


def summary_of(
    columns: Mapping[str, Sequence[object]], *, labels: Sequence[object], name: str
) -> Summary:
    """Return a summary of forty people a row with these columns; all but `people` are statistics of them."""
    table = pd.DataFrame(dict(columns), index=pd.Index(labels, name=name, dtype=object))
    people = pd.DataFrame(40, index=table.index, columns=table.columns)
    return Summary(
        title="A table",
        table=table,
        people=people,
        families=people,
        meanings={
            column: Meaning.PEOPLE if column == "people" else Meaning.STATISTIC for column in table
        },
        phenotypic=True,
        n_people=40 * len(table),
        n_families=40,
        provenance=BY_HAND,
    )


def broken(summary: Summary) -> set[str]:
    return {remark.rule for remark in in_summary(summary, POLICY) if remark.verdict is Verdict.FAIL}


@pytest.mark.parametrize(
    ("labels", "rules"),
    [
        ((34, 35), {"ages"}),
        (("30-34", "35-39"), {"ages"}),
        (("30–39", "40–49"), set()),
        (("18+", "under 18"), set()),
    ],
)
def test_people_by_age_are_counted_in_bands_of_ten_years(
    labels: Sequence[object], rules: set[str]
) -> None:
    assert broken(summary_of({"people": [40, 40]}, labels=labels, name="age")) == rules


def test_the_oldest_is_one_person_and_the_median_is_nobody() -> None:
    oldest = summary_of(
        {"median age": [45.0], "oldest age": [97.0]}, labels=["Renal"], name="disease"
    )
    assert broken(oldest) == {"extremes"}
    quartiles = summary_of(
        {"median age": [45.0], "q3 age": [61.0]}, labels=["Renal"], name="disease"
    )
    assert broken(quartiles) == set()


def test_days_of_events_are_no_groups() -> None:
    assert broken(
        summary_of(
            {"people": [40, 40]}, labels=["2015-03-12", "2015-03-13"], name="day of admission"
        )
    ) == {"dates"}
    assert (
        broken(summary_of({"people": [40, 40]}, labels=["2015", "2016"], name="year of admission"))
        == set()
    )


def test_many_rare_variants_are_refused_and_a_short_list_of_them_is_not() -> None:
    def variants(rows: int) -> Summary:
        labels = [f"1:{1000 + number}:A:T" for number in range(rows)]
        return summary_of(
            {"AF": [0.001] * rows, "AC": [25.0] * rows, "p": [0.1] * rows},
            labels=labels,
            name="variant",
        )

    assert broken(variants(300)) == {"bulk_variants"}
    assert broken(variants(299)) == set()


def test_a_small_count_in_a_note_is_for_a_person_to_see() -> None:
    noted = counted({"Renal": 40}).with_note("For 3 people the diagnosis is unknown.")
    assert [(remark.rule, remark.verdict) for remark in in_summary(noted, POLICY)] == [
        ("small_counts", Verdict.REVIEW)
    ]
    assert list(in_summary(replace(noted, notes=("For 30 people it is unknown.",)), POLICY)) == []


def test_a_summary_is_read_as_it_would_be_written() -> None:
    grid = grid_of(counted({"Renal": 40, "Skin": 3}))
    assert grid.header == ("group", "people", "families")
    assert grid.rows[1] == ["Skin", "3", "3"]
