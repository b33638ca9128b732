"""People, families and members of a table, counted from the same sets: against a plain count."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecip.reporting.behind import Behind, resting_on

ROWS, COLUMNS = pd.Index(["a", "b", "c"]), ["people", "share"]
PEOPLE = st.lists(st.integers(0, 30), max_size=40)


@pytest.mark.slow
@given(
    cells=st.dictionaries(
        st.tuples(st.sampled_from(list(ROWS)), st.sampled_from(COLUMNS)), PEOPLE, max_size=6
    ),
    families=st.lists(st.none() | st.integers(0, 8), min_size=31, max_size=31),
    second_family=st.booleans(),
)
def test_people_and_families_are_those_of_a_plain_count(
    cells: dict[tuple[str, str], list[int]], families: list[int | None], second_family: bool
) -> None:
    pairs = list(enumerate(families))
    if second_family:
        # A record may name another family for somebody: both are told of.
        pairs.append((0, 99))
    rows = pd.DataFrame(pairs, columns=["participant_id", "family_id"]).astype(
        {"family_id": "Int64"}
    )
    behind = Behind.of(cells, rows=rows, index=ROWS, columns=COLUMNS)
    assert behind.n_people == 31
    assert behind.n_families == len({family for _, family in pairs} - {None})
    for row in ROWS:
        for column in COLUMNS:
            people = set(cells.get((row, column), ()))
            told = {family for one, family in pairs if one in people} - {None}
            assert behind.people.at[row, column] == len(people)
            assert behind.families.at[row, column] == len(told)
            if (row, column) in cells:
                places = behind.members.cells[row, column]
                assert set(behind.members.people[places]) == people


def test_identifiers_may_be_words_and_a_missing_one_is_nobody() -> None:
    rows = pd.DataFrame({"participant_id": ["p1", "p2", None], "family_id": ["f", None, "g"]})
    behind = Behind.of(
        {("a", "people"): ["p1", "p2", None, "p1"]}, rows=rows, index=ROWS, columns=COLUMNS
    )
    assert behind.people.at["a", "people"] == behind.n_people == 2
    assert behind.families.at["a", "people"] == behind.n_families == 1
    assert behind.people.loc["b"].tolist() == [0, 0]
    assert "p1" not in repr(behind)


def test_people_of_no_family_are_of_none() -> None:
    rows = pd.DataFrame({"participant_id": [1, 2], "family_id": [None, None]})
    behind = Behind.of({("a", "people"): [1, 2]}, rows=rows, index=ROWS, columns=COLUMNS)
    assert behind.people.at["a", "people"] == 2
    assert behind.n_families == 0


@pytest.mark.parametrize(
    ("groups", "whose"),
    [
        ([], "all"),
        ([range(5)], "all"),
        ([range(4)], "few"),
        ([range(4), range(1)], "fewest"),
        # Nobody is no disclosure.
        ([range(0)], "all"),
        ([range(0), range(4)], "few"),
    ],
)
def test_a_statistic_is_everybodys_unless_it_rests_on_few(groups: list[range], whose: str) -> None:
    everybody = range(100)
    people = resting_on(everybody, *groups)
    assert people == {"all": everybody, "few": range(4), "fewest": range(1)}[whose]
