"""Each row of a table is one variant: the states of father, mother, proband and sibling, and the verdict."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from domains.rare_disease.segregation import (
    Family,
    Phase,
    compound_heterozygous,
    de_novo,
    dominant,
    families_of,
    recessive,
    x_linked_monoallelic,
    x_linked_recessive,
)

FATHER, MOTHER, PROBAND, SIBLING = range(4)


def quartet(*, sons: bool = True, affected: tuple[int, ...] = (PROBAND,)) -> Family:
    """Return a family of four whose unaffected members are all those not named."""
    males = {FATHER, PROBAND, SIBLING} if sons else {FATHER}
    return Family(
        family_id=1,
        proband=PROBAND,
        father=FATHER,
        mother=MOTHER,
        affected=affected,
        unaffected=tuple(m for m in range(4) if m not in affected),
        males=frozenset(males),
    )


def singleton() -> Family:
    return Family(
        1,
        proband=PROBAND,
        father=None,
        mother=None,
        affected=(PROBAND,),
        unaffected=(),
        males=frozenset(),
    )


def verdict(pattern, states: tuple[int, ...], family: Family, *, on_x: bool = False) -> bool:
    matrix = np.array([states], dtype=np.int8)
    return bool(pattern(matrix, family, on_x=np.array([on_x]))[0])


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((0, 0, 1, 0), True),
        ((0, 0, 1, -1), True),
        ((0, 0, 1, 1), False),
        ((1, 0, 1, 0), False),
        ((0, -1, 1, 0), False),
        ((0, 0, 0, 0), False),
        ((0, 0, 2, 0), False),
    ],
)
def test_a_de_novo_variant_is_in_the_proband_and_in_neither_parent(states, expected) -> None:
    assert verdict(de_novo, states, quartet()) is expected


def test_a_de_novo_variant_needs_both_parents() -> None:
    assert verdict(de_novo, (0, 0, 1, 0), singleton()) is False


def test_on_x_a_sons_new_variant_is_his_only_copy_and_a_daughters_one_of_two() -> None:
    assert verdict(de_novo, (0, 0, 2, 0), quartet(), on_x=True)
    assert not verdict(de_novo, (0, 0, 1, 0), quartet(), on_x=True)
    assert verdict(de_novo, (0, 0, 1, 0), quartet(sons=False), on_x=True)


@pytest.mark.parametrize(
    ("states", "affected", "expected"),
    [
        ((1, 0, 1, 0), (FATHER, PROBAND), True),
        ((1, 0, 1, 1), (FATHER, PROBAND, SIBLING), True),
        ((1, 0, 1, -1), (FATHER, PROBAND, SIBLING), True),
        ((1, 0, 1, 0), (FATHER, PROBAND, SIBLING), False),
        ((1, 0, 1, 1), (FATHER, PROBAND), False),
        ((1, 0, 1, 0), (PROBAND,), False),
        ((2, 0, 1, 0), (FATHER, PROBAND), False),
    ],
)
def test_a_dominant_variant_is_in_every_affected_and_no_unaffected_member(
    states,
    affected: tuple[int, ...],
    expected: bool,
) -> None:
    assert verdict(dominant, states, quartet(affected=affected)) is expected


def test_a_new_variant_is_not_also_called_inherited() -> None:
    assert not verdict(dominant, (0, 0, 1, 0), quartet())


@pytest.mark.parametrize(
    ("states", "affected", "expected"),
    [
        ((1, 1, 2, 0), (PROBAND,), True),
        ((1, 1, 2, 1), (PROBAND,), True),
        ((1, -1, 2, 1), (PROBAND,), True),
        ((1, 1, 2, 2), (PROBAND,), False),
        ((1, 1, 2, 2), (PROBAND, SIBLING), True),
        ((1, 0, 2, 1), (PROBAND,), False),
        ((2, 1, 2, 1), (PROBAND,), False),
        ((1, 1, 1, 0), (PROBAND,), False),
    ],
)
def test_a_recessive_variant_fills_both_copies_of_the_affected_only(
    states,
    affected: tuple[int, ...],
    expected: bool,
) -> None:
    assert verdict(recessive, states, quartet(affected=affected)) is expected


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((0, 1, 2, 0), True),
        ((-1, 1, 2, -1), True),
        ((0, 1, 2, 2), False),
        ((2, 1, 2, 0), False),
        ((0, 0, 2, 0), False),
        ((0, 2, 2, 0), False),
    ],
)
def test_an_x_linked_variant_comes_from_a_carrier_mother_and_spares_healthy_men(
    states,
    expected: bool,
) -> None:
    assert verdict(x_linked_recessive, states, quartet(), on_x=True) is expected
    assert verdict(x_linked_recessive, states, quartet(), on_x=False) is False


@pytest.mark.parametrize(
    ("states", "affected", "expected"),
    [
        ((0, 1, 2, 0), (MOTHER, PROBAND), True),
        ((0, 1, 2, -1), (MOTHER, PROBAND), True),
        ((0, 1, 2, 2), (MOTHER, PROBAND), False),
        ((0, 0, 2, 0), (PROBAND,), False),
        ((0, 1, 2, 0), (PROBAND,), False),
    ],
)
def test_one_copy_on_x_suffices_where_the_carrier_mother_is_affected(
    states,
    affected: tuple[int, ...],
    expected: bool,
) -> None:
    assert verdict(x_linked_monoallelic, states, quartet(affected=affected), on_x=True) is expected


@pytest.mark.parametrize(
    ("first", "second", "phase"),
    [
        ((1, 0, 1, 0), (0, 1, 1, 0), Phase.IN_TRANS),
        ((1, 0, 1, 1), (0, 1, 1, 0), Phase.IN_TRANS),
        ((1, 0, 1, 0), (-1, 1, 1, 0), Phase.UNPHASED),
        ((1, 0, 1, 0), (1, 0, 1, 0), None),
        ((1, 0, 1, 1), (0, 1, 1, 1), None),
        ((0, 0, 1, 0), (0, 1, 1, 0), None),
    ],
)
def test_a_compound_pair_has_one_variant_from_each_parent(first, second, phase) -> None:
    pairs = compound_heterozygous(np.array([first, second], dtype=np.int8), quartet())
    assert [found for _, _, found in pairs] == ([] if phase is None else [phase])


def test_without_parents_a_compound_pair_is_kept_as_unphased() -> None:
    pairs = compound_heterozygous(
        np.array([(0, 0, 1, 0), (0, 0, 1, 0)], dtype=np.int8), singleton()
    )
    assert pairs == [(0, 1, Phase.UNPHASED)]


def test_families_are_read_from_the_columns_and_those_without_a_proband_counted() -> None:
    people = pd.DataFrame(
        {
            "family_id": [7, 7, 7, 8, None],
            "participant_type": ["Relative", "Proband", "Relative", "Relative", "Proband"],
            "relationship": ["Mother", None, "Father", "Mother", None],
            "affected": pd.array([False, True, None, False, True], dtype="boolean"),
            "sex": ["Female", "Male", "Male", "Female", "Male"],
        }
    )
    families, without_proband = families_of(people)
    assert without_proband == 1
    (family,) = families
    assert (family.proband, family.mother, family.father) == (1, 0, 2)
    assert family.affected == (1,)
    assert family.unaffected == (0,)
    assert family.structure == "trio"
