from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gecip.analysis.clinical.diagnostic_yield import DiagnosticYield
from gecip.cohort.narrowing import narrow_cohort
from gecip.reporting import Summary, count_people, summarise
from gecip.reporting.members import Members
from tests.handmade import person
from tests.handmade_cohorts import cohort_of, release_of
from tests.known_people import ids_of, unknown_numbers
from tests.products import BY_HAND, carriers_of, counted, crossed, people_in


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


def known_cells(summary: Summary) -> int:
    """Return how many cells know their people, each as many as it says."""
    assert summary.members is not None
    known = [cell for cell in summary.members.cells if summary.members_of(*cell) is not None]
    assert len(known) == len(summary.members.cells)
    return len(known)


def test_a_cohorts_steps_know_who_was_left_and_who_was_left_out(tmp_path: Path) -> None:
    people = [person(110_000_000 + n, participant_phenotypic_sex="Male") for n in range(12)]
    cohort = cohort_of(
        release_of(tmp_path / "r", people), [110_000_000 + n for n in range(9)], "Nine"
    )
    summary = summarise(cohort)
    # Consent, then who was left out and who was left, with a column of people and one of families.
    assert known_cells(summary) == 6
    left_out, left = summary.table.index[-2:]
    assert ids_of(summary, left, "families") == set(cohort.participants)
    assert ids_of(summary, left_out, "people") == {110_000_009, 110_000_010, 110_000_011}


def test_steps_after_the_definition_do_not_shift_whose_its_own_are(tmp_path: Path) -> None:
    ids = [110_000_000 + n for n in range(12)]
    release = release_of(tmp_path / "r", [person(one) for one in ids])
    cohort = cohort_of(release, ids[:9], "Nine")
    carrying = narrow_cohort(
        cohort, [("carries", ids[:6])], rule="carriers", title="Six", provenance=BY_HAND
    )
    summary = summarise(carrying)
    known_cells(summary)
    left_out, left, not_carrying, six = summary.table.index[-4:]
    assert ids_of(summary, left_out, "people") == set(ids[9:])
    assert ids_of(summary, left, "people") == set(ids[:9])
    assert ids_of(summary, not_carrying, "people") == set(ids[6:9])
    assert ids_of(summary, six, "people") == set(ids[:6])
    twice = narrow_cohort(
        cohort,
        [("carries", ids[:6]), ("twice", ids[:5])],
        rule="carriers",
        title="Five",
        provenance=BY_HAND,
    )
    told = summarise(twice)
    assert ids_of(told, told.table.index[-1], "people") == set(ids[:5])
    # Who was left in between is known by number only.
    assert told.members_of(told.table.index[-3], "people") is None


@pytest.mark.parametrize("by", ["disease_group", None])
def test_carriers_are_known_and_who_was_looked_at_for_them(by: str | None) -> None:
    carriers = carriers_of({"PKD1": {"renal": 3, "skin": 2}}, groups={"renal": 9, "skin": 8}, by=by)
    summary = summarise(carriers)
    row = ("PKD1", "All groups") if by else "PKD1"
    assert unknown_numbers(summary) == 0
    assert known_cells(summary) == (15 if by else 5)
    assert ids_of(summary, row, "people") == ids_of(summary, row, "carrier rate") == set(range(17))
    assert ids_of(summary, row, "alleles") == {0, 1, 2, 9, 10}
    if by:
        assert ids_of(summary, ("PKD1", "skin"), "families of carriers") == {9, 10}
        assert ids_of(summary, ("PKD1", "skin"), "people") == set(range(9, 17))


def test_probands_stand_behind_their_number_and_the_diagnosed_behind_the_yield() -> None:
    probands = pd.DataFrame(
        {
            "participant_id": range(10),
            "family_id": range(10),
            "disease_group": ["renal"] * 6 + ["skin"] * 4,
            "diagnosed": [True, True] + [False] * 7 + [True],
            "reported": True,
        }
    )
    summary = summarise(DiagnosticYield(BY_HAND, probands, "disease_group"))
    assert known_cells(summary) == 15
    assert ids_of(summary, "skin", "probands") == {6, 7, 8, 9}
    assert ids_of(summary, "skin", "diagnosed") == {9}
