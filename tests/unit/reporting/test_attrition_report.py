"""How a cohort came about, as a summary that can leave and a flow diagram of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gecip.airlock.masking import mask
from gecip.cohort import Cohort, define_cohort, select_cohort
from gecip.configuration import policy_document
from gecip.errors import ReportingError
from gecip.governance.policy import parse_policy
from gecip.release import open_release
from gecip.reporting import plot_attrition, summarise
from gecip.tables import participants
from tests.handmade import person, write_release


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    people = [person(1000 + number, year_of_birth=1950 + number) for number in range(40)]
    people += [person(2000, programme_consent_status="Withdrawn (Full)")]
    people += [person(3000, year_of_birth=None)]
    release = open_release(write_release(tmp_path / "r", participant=people))
    definition = (
        define_cohort("Born between")
        .include(participants.year_of_birth >= 1952, because="born since 1952")
        .exclude(participants.year_of_birth > 1979, because="old enough")
    )
    return select_cohort(definition, release)


def test_every_step_says_who_was_left_and_who_was_left_out(cohort: Cohort) -> None:
    table = summarise(cohort).table
    assert table["people"].tolist() == [42, 1, 41, 3, 38, 10, 28]
    assert table.index[3] == "2. left out: born since 1952"
    assert table.index[-1] == "3. left after leaving out: old enough"
    assert int(table["people"].iloc[-1]) == len(cohort)
    assert int(table["families"].iloc[-1]) == len(cohort.families)


def test_what_each_step_left_out_adds_up_to_the_step_before(cohort: Cohort) -> None:
    summary = summarise(cohort)
    for total in summary.totals:
        parts = summary.table.loc[list(total.parts)]
        assert (parts.sum() == summary.table.loc[total.whole]).all()


def test_a_small_step_can_leave_only_masked_and_so_does_the_diagram(cohort: Cohort) -> None:
    summary = summarise(cohort)
    (masked,) = mask([summary], parse_policy(policy_document()))
    marked = [row for row in masked.summary.table.index if masked.summary.is_masked(row, "people")]
    assert "2. left out: born since 1952" in marked
    # The step before and the step after would give it away together.
    assert len(marked) > 1
    assert plot_attrition(masked.summary).draw(masked.summary).axes


def test_the_diagram_tells_both_ends_in_words(cohort: Cohort) -> None:
    figure = plot_attrition(summarise(cohort))
    assert "from 42 people" in figure.describe(figure.of)
    assert "to 28 people" in figure.describe(figure.of)
    assert figure.draw(figure.of).axes


def test_another_summary_makes_no_diagram(cohort: Cohort) -> None:
    from dataclasses import replace

    summary = summarise(cohort)
    other = replace(summary, table=summary.table.rename_axis("group"))
    with pytest.raises(ReportingError, match="how a cohort came about"):
        plot_attrition(other)
