"""Unrelated sets: the largest there is, cases first."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gecip.analysis.genetic.kinship import Kinship
from gecip.analysis.genetic.unrelated import largest_unrelated_set, unrelated_people
from gecip.errors import AnalysisError
from gecip.provenance import Provenance

graphs = st.integers(1, 9).flatmap(
    lambda size: st.tuples(
        st.just(size),
        st.sets(st.sampled_from(list(combinations(range(size), 2)) or [(0, 0)]), max_size=14),
        st.sets(st.integers(0, size - 1), max_size=3),
    )
)


@settings(max_examples=60, deadline=None)
@given(graphs)
def test_no_larger_set_with_as_many_cases_exists(
    graph: tuple[int, set[tuple[int, int]], set[int]],
) -> None:
    size, related, cases = graph
    related = {pair for pair in related if pair[0] != pair[1]}
    kept, proven = largest_unrelated_set(
        range(size), related, weights=dict.fromkeys(cases, 2 * size + 1)
    )
    assert proven
    assert not any(set(pair) <= kept for pair in related)
    best = max(
        (len(cases & set(people)), count)
        for count in range(size + 1)
        for people in combinations(range(size), count)
        if not any(set(pair) <= set(people) for pair in related)
    )
    assert (len(cases & kept), len(kept)) == best


def found(
    pairs: list[tuple[int, int, float]], people: int, at_least: float | None = None
) -> Kinship:
    ids = pd.DataFrame({"participant_id": range(people), "family_id": range(people)})
    columns = ["participant_id", "other_participant_id", "kinship"]
    return Kinship(
        provenance=Provenance(operation="a test", parameters={}),
        pairs=pd.DataFrame(pairs, columns=columns),
        people=ids,
        sites=100,
        at_least=at_least,
    )


def test_a_case_is_kept_for_two_parents_and_without_cases_the_parents_are() -> None:
    trio = found([(0, 1, 0.25), (0, 2, 0.24), (1, 2, 0.01)], 4)
    assert unrelated_people(trio).kept == (1, 2, 3)
    chosen = unrelated_people(trio, cases=[0])
    assert chosen.kept == (0, 3)
    assert chosen.removed == (1, 2)
    assert chosen.cases_kept == 1
    assert repr(chosen) == "UnrelatedPeople(kept=2, removed=2)"


def test_it_beats_dropping_the_person_with_most_relatives() -> None:
    related = [
        (0, 1),
        (0, 5),
        (0, 6),
        (1, 7),
        (2, 3),
        (2, 6),
        (3, 5),
        (4, 5),
        (4, 7),
        (5, 7),
        (6, 7),
    ]
    left = set(range(8))
    while True:
        count = {
            one: sum(one in pair and set(pair) <= left for pair in related) for one in sorted(left)
        }
        most = max(count, key=lambda one: count[one])
        if count[most] == 0:
            break
        left.remove(most)
    assert left == {0, 3, 7}
    assert largest_unrelated_set(range(8), related) == ({1, 3, 4, 6}, True)


def test_pairs_that_were_not_kept_are_missed() -> None:
    with pytest.raises(AnalysisError, match=r"at_least=0\.0442 or lower"):
        unrelated_people(found([], 3, at_least=0.1))
