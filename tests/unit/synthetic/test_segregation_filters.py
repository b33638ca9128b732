from __future__ import annotations

import numpy as np
import pytest

from gecip.synthetic.segregation_filters import Finding, Kin, findings

CHILD, FATHER, MOTHER = 0, 1, 2
TRIO = Kin(np.array([True, False, False]), np.array([True, True, False]), FATHER, MOTHER)
ALONE = Kin(np.array([True]), np.array([True]), -1, -1)
DUO = Kin(np.array([True, False]), np.array([False, False]), -1, 1)


def found(
    kin: Kin, *copies: list[int], on_x: bool = False, rare: bool = True, incomplete: bool = False
) -> set[tuple[tuple[int, ...], str, str]]:
    """What follows the disease when all variants lie in one gene."""
    size = len(copies)
    return {
        (one.variants, one.pattern, one.penetrance)
        for one in findings(
            kin,
            np.array(copies),
            genes=["GENE"] * size,
            on_x=np.full(size, on_x),
            rare_for_one_copy=np.full(size, rare),
            incomplete=incomplete,
        )
    }


@pytest.mark.parametrize(
    ("copies", "pattern"),
    [
        ([2, 1, 1], "SimpleRecessive"),
        ([1, 0, 0], "deNovo"),
    ],
)
def test_one_variant_of_a_trio_of_healthy_parents(copies: list[int], pattern: str) -> None:
    assert found(TRIO, copies) == {((0,), pattern, "complete")}


@pytest.mark.parametrize("copies", [[1, 1, 0], [1, 0, 1], [2, 2, 1], [0, 1, 1], [1, 1, 1]])
def test_what_an_unaffected_parent_shows_too_is_not_found(copies: list[int]) -> None:
    assert found(TRIO, copies) == set()


def test_incomplete_penetrance_forgives_an_unaffected_carrier_of_one_copy() -> None:
    expected = {((0,), "InheritedAutosomalDominant", "incomplete")}
    assert found(TRIO, [1, 1, 0], incomplete=True) == expected
    assert found(TRIO, [2, 2, 1], incomplete=True) == set()
    assert found(TRIO, [1, 0, 0], incomplete=True) == {((0,), "deNovo", "complete")}


def test_without_parents_nothing_is_new() -> None:
    assert found(ALONE, [1]) == {((0,), "InheritedAutosomalDominant", "complete")}
    assert found(DUO, [1, 0]) == {((0,), "InheritedAutosomalDominant", "complete")}


def test_a_variant_that_is_too_common_for_one_copy_is_found_by_two_only() -> None:
    assert found(TRIO, [1, 0, 0], rare=False) == set()
    assert found(TRIO, [2, 1, 1], rare=False) == {((0,), "SimpleRecessive", "complete")}


def test_a_son_has_his_x_from_a_healthy_mother() -> None:
    recessive = ((0,), "XLinkedSimpleRecessive", "complete")
    assert found(TRIO, [1, 0, 1], on_x=True) == {recessive}
    assert found(TRIO, [1, 0, 0], on_x=True) == {recessive, ((0,), "deNovo", "complete")}
    assert found(TRIO, [1, 1, 1], on_x=True) == set()


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ([1, 1, 0], [1, 0, 1], True),
        ([1, 1, 0], [1, 1, 0], False),
        ([1, 1, 1], [1, 0, 1], False),
    ],
)
def test_two_variants_count_when_each_parent_gave_one(
    first: list[int], second: list[int], apart: bool
) -> None:
    expected = {((0, 1), "CompoundHeterozygous", "complete")} if apart else set()
    assert found(TRIO, first, second) == expected


def test_one_parent_tells_phase_where_only_one_of_two_variants_is_hers() -> None:
    both = {one for one in found(DUO, [1, 1], [1, 0]) if one[1] == "CompoundHeterozygous"}
    assert both == {((0, 1), "CompoundHeterozygous", "complete")}
    assert found(DUO, [1, 1], [1, 1]) == set()


def test_a_healthy_sister_with_the_same_two_variants_speaks_against_them() -> None:
    four = Kin(
        np.array([True, False, False, False]), np.array([True, True, False, False]), FATHER, MOTHER
    )
    assert found(four, [1, 1, 0, 1], [1, 0, 1, 0]) == {((0, 1), "CompoundHeterozygous", "complete")}
    assert found(four, [1, 1, 0, 1], [1, 0, 1, 1]) == set()


def test_a_finding_is_a_value() -> None:
    assert Finding((0,), "deNovo") == Finding((0,), "deNovo", "complete")
