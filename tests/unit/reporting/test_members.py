from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gecip.reporting import Summary, count_people
from gecip.reporting.members import Members
from tests.products import BY_HAND, counted, crossed, people_in


def ids_of(summary: Summary, row: str, column: str) -> set[object]:
    places = summary.members_of(row, column)
    assert places is not None
    assert summary.members is not None
    return set(summary.members.people[places])


def test_cells_of_people_share_one_list_and_missing_identifiers_are_nobody() -> None:
    group = ["b", "a", "b", None]
    members = Members.of({("r", "c"): group, ("r", "d"): group, ("r", "e"): ["c"]}, ["a", "b", "c"])
    assert list(members.people) == ["b", "a", "c"]
    assert members.cells["r", "c"].tolist() == [0, 1]
    assert members.cells["r", "c"] is members.cells["r", "d"]
    assert members.whole is not None
    assert members.whole.tolist() == [0, 1, 2]
    assert repr(members) == "Members(cells=3)"


def test_every_cell_of_a_count_by_one_grouping_knows_its_people() -> None:
    people = people_in({"renal": 3, "skin": 4}, family_size=2)
    # Somebody is in both groups, and once in the total.
    people = pd.concat([people, people.head(1).assign(group="skin")])
    summary = count_people(
        people, by="group", title="t", phenotypic=True, provenance=BY_HAND
    ).with_rate("share", of="families", among="people")
    assert ids_of(summary, "renal", "people") == {0, 1, 2}
    assert ids_of(summary, "skin", "families") == {0, 3, 4, 5, 6}
    assert ids_of(summary, "Total", "people") == set(range(7))
    assert ids_of(summary, "skin", "share") == ids_of(summary, "skin", "people")


def test_every_cell_of_a_count_by_two_groupings_knows_its_people() -> None:
    summary = crossed([[3, 0], [2, 5]])
    for row in summary.table.index:
        for column in summary.table.columns:
            assert len(ids_of(summary, row, column)) == summary.table.at[row, column]
    assert ids_of(summary, "r1", "Total") == ids_of(summary, "r1", "c0") | ids_of(
        summary, "r1", "c1"
    )


def test_members_that_are_of_another_table_are_not_taken_for_this_ones() -> None:
    summary = counted({"renal": 12, "skin": 30})
    other = counted({"renal": 13, "skin": 30})
    mixed = replace(summary, members=other.members)
    assert mixed.members_of("renal", "people") is None
    assert mixed.members_of("skin", "people") is not None
    assert replace(summary, members=None).members_of("skin", "people") is None


@pytest.mark.parametrize("shown", [repr, str, lambda summary: summary._repr_html_()])
def test_members_are_never_shown(shown: object) -> None:
    people = people_in({"renal": 12}).assign(
        participant_id=np.arange(110_000_000, 110_000_012).astype(str)
    )
    summary = count_people(people, by="group", title="t", phenotypic=True, provenance=BY_HAND)
    assert callable(shown)
    assert "11000000" not in shown(summary)
    assert "11000000" not in repr(summary.members)
    # They do go along where Python itself copies a summary, which stays inside.
    assert ids_of(pickle.loads(pickle.dumps(summary)), "renal", "people") == set(
        people["participant_id"]
    )
