from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.infectious_disease.sequenced_isolates import Isolates
from domains.infectious_disease.transmission import find_clusters, joined_within
from gecip.errors import AnalysisError
from tests.unit.domains.handmade_isolates import isolates_of, snp


def isolates_apart(**places: range) -> Isolates:
    """Return isolates named so, each differing from the reference at a range of places."""
    return isolates_of({name: [snp(place) for place in found] for name, found in places.items()})


def clusters_of(isolates: Isolates, **facts: int) -> dict[str, int | None]:
    cases = find_clusters(isolates, masked=[], **facts).cases
    return {
        name: None if number != number or number is None else int(number)
        for name, number in zip(
            cases["isolate"],
            cases["cluster"].astype(object).where(cases["cluster"].notna()),
            strict=True,
        )
    }


def test_steps_join_though_their_ends_lie_further_apart() -> None:
    isolates = isolates_apart(
        a=range(100, 112), b=range(100, 100), c=range(200, 212), d=range(300, 350)
    )
    assert clusters_of(isolates) == {"a": 1, "b": 1, "c": 1, "d": None}


@pytest.mark.parametrize(("snps", "joined"), [(12, True), (13, False)])
def test_twelve_snps_join_and_thirteen_do_not(snps: int, joined: bool) -> None:
    isolates = isolates_apart(a=range(100, 100 + snps), b=range(0))
    assert (clusters_of(isolates)["a"] == 1) is joined


def test_the_bound_can_be_set() -> None:
    isolates = isolates_apart(a=range(100, 106), b=range(0))
    assert clusters_of(isolates, cluster_snps=5) == {"a": None, "b": None}


def test_clusters_are_numbered_from_the_largest_on() -> None:
    isolates = isolates_apart(
        a=range(100, 140),
        b=range(100, 141),
        c=range(200, 240),
        d=range(200, 241),
        e=range(200, 242),
    )
    assert clusters_of(isolates) == {"a": 2, "b": 2, "c": 1, "d": 1, "e": 1}


def test_a_second_isolate_of_one_person_is_no_second_case() -> None:
    isolates = isolates_of(
        {"first": [], "again": [snp(10)], "other": [snp(place) for place in range(20, 60)]},
        people={"first": 1, "again": 1, "other": 2},
        dates={"first": "2020-01-01", "again": "2021-01-01", "other": "2020-01-01"},
    )
    found = find_clusters(isolates, masked=[])
    assert found.n_clusters == 0
    assert found.later_isolates == 1
    assert sorted(found.cases["isolate"]) == ["first", "other"]


def test_the_shortest_chain_has_one_step_less_than_cases_and_says_which_came_first() -> None:
    isolates = isolates_of(
        {"a": [], "b": [snp(1)], "c": [snp(1), snp(2), snp(3)]},
        dates={"a": "2020-01-01", "b": "2021-06-01", "c": "2019-01-01"},
    )
    links = find_clusters(isolates, masked=[]).links
    steps = [(row.earlier, row.later, row.snps) for row in links.itertuples()]
    assert sorted(steps) == [("a", "b", 1), ("c", "b", 2)]


def test_of_equal_steps_the_nearest_in_time_is_taken() -> None:
    isolates = isolates_of(
        {"a": [], "b": [], "c": []},
        dates={"a": "2015-01-01", "b": "2019-01-01", "c": "2020-01-01"},
    )
    links = find_clusters(isolates, masked=[]).links
    assert {(row.earlier, row.later) for row in links.itertuples()} == {("a", "b"), ("b", "c")}


def test_five_snps_speak_for_recent_transmission_and_six_do_not() -> None:
    isolates = isolates_apart(a=range(0), b=range(100, 105), c=range(200, 206))
    links = find_clusters(isolates, masked=[]).links.set_index("snps")["recent"]
    assert links.to_dict() == {5: True, 6: False}


def test_members_of_one_family_are_told() -> None:
    isolates = isolates_of({"a": [], "b": [], "c": []}, people={"a": 11, "b": 12, "c": 31})
    links = find_clusters(isolates, masked=[]).links
    assert links["same_family"].sum() == 1


def test_the_first_of_each_cluster_is_not_counted_as_recently_infected() -> None:
    isolates = isolates_apart(a=range(0), b=range(0), c=range(0), d=range(100, 200))
    assert find_clusters(isolates, masked=[]).share_recent == 2 / 4


def test_the_nearest_case_is_never_the_case_itself() -> None:
    isolates = isolates_apart(a=range(0), b=range(100, 130))
    assert find_clusters(isolates, masked=[]).cases["nearest"].tolist() == [30, 30]


def test_cases_without_a_date_are_joined_all_the_same() -> None:
    isolates = isolates_of({"a": [], "b": []}, dates={"a": "NaT", "b": "2020-01-01"})
    assert find_clusters(isolates, masked=[]).n_clusters == 1


def test_one_person_alone_makes_no_clusters() -> None:
    with pytest.raises(AnalysisError, match="at least two participants"):
        find_clusters(isolates_of({"a": []}))


@settings(deadline=None)
@given(st.lists(st.integers(0, 60), min_size=2, max_size=9), st.integers(0, 20))
def test_two_cases_are_joined_if_and_only_if_a_path_of_steps_leads_from_one_to_the_other(
    places: list[int], most: int
) -> None:
    counts = np.abs(np.subtract.outer(places, places)).astype(np.int32)
    labels = joined_within(counts, most)
    reached = counts <= most
    for _ in places:
        reached = (reached.astype(int) @ reached.astype(int)) > 0
    assert (np.equal.outer(labels, labels) == reached).all()
