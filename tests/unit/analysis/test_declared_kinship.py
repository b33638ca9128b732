"""Kinship that the records declare: by chains of parents, else by words."""

from __future__ import annotations

from typing import Any

import pytest

from gecip.analysis.genetic.declared_kinship import (
    OTHER,
    PARENT,
    SIBLING,
    TWIN,
    declared_kinship,
    pair_of,
)
from gecip.analysis.genetic.pedigree import Pedigree, PedigreeMember


def member(
    key: int, father: int | None = None, mother: int | None = None, **facts: Any
) -> PedigreeMember:
    told: dict[str, Any] = {
        "sex": None, "affected": None, "relationship": None, "year_of_birth": None, "is_proband": False, **facts
    }  # fmt: skip
    return PedigreeMember(key=key, participant_id=facts.pop("participant_id", key), father=father, mother=mother, **{k: v for k, v in told.items() if k != "participant_id"})  # fmt: skip


# 1 and 2 have 3 and 4; 3 has 7 with 5; 4 has 8 with 6; 7 and 8, cousins, have 9.
COUSINS = Pedigree(
    1,
    (
        member(9, 7, 8, is_proband=True),
        member(1), member(2), member(3, 1, 2), member(4, 1, 2), member(5), member(6), member(7, 3, 5), member(8, 6, 4),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "kinship", "name"),
    [
        (3, 4, 0.25, SIBLING),
        (1, 3, 0.25, PARENT),
        (1, 7, 0.125, OTHER),
        (3, 8, 0.125, OTHER),
        (7, 8, 0.0625, OTHER),
        # A child of cousins shares more with the parents than others do.
        (9, 7, 0.28125, PARENT),
        (9, 1, 0.125, OTHER),
    ],
)
def test_kinship_follows_every_chain_of_parents(
    one: int, other: int, kinship: float, name: str
) -> None:
    assert declared_kinship(COUSINS)[pair_of(one, other)] == (kinship, name)


def test_founders_are_strangers() -> None:
    assert pair_of(1, 5) not in declared_kinship(COUSINS)


def test_relatives_who_took_no_part_still_join_those_who_did() -> None:
    family = Pedigree(
        1,
        (
            member(3, 1, 2, is_proband=True),
            member(1, participant_id=None),
            member(2),
            member(4, 1, 2),
        ),
    )
    assert declared_kinship(family) == {
        pair_of(2, 3): (0.25, PARENT), pair_of(2, 4): (0.25, PARENT), pair_of(3, 4): (0.25, SIBLING)
    }  # fmt: skip


def test_words_tell_where_no_parents_do() -> None:
    family = Pedigree(
        1,
        (
            member(1, is_proband=True),
            member(2, relationship="Full Sibling"),
            member(3, relationship="Full Sibling"),
            member(4, relationship="Mother"),
            member(5, relationship="Maternal Aunt"),
            member(6, relationship="Spouse"),
        ),
    )
    assert declared_kinship(family) == {
        pair_of(1, 2): (0.25, SIBLING),
        pair_of(1, 3): (0.25, SIBLING),
        pair_of(2, 3): (0.25, SIBLING),
        pair_of(1, 4): (0.25, PARENT),
        pair_of(2, 4): (0.25, PARENT),
        pair_of(3, 4): (0.25, PARENT),
        pair_of(1, 5): (0.125, OTHER),
    }


def test_twins_are_named_so() -> None:
    family = Pedigree(
        1,
        (
            member(3, 1, 2, is_proband=True, twin_group=1),
            member(1),
            member(2),
            member(4, 1, 2, twin_group=1),
        ),
    )
    assert declared_kinship(family)[pair_of(3, 4)] == (0.25, TWIN)
