"""Kinship as the records declare it: by parents in the pedigree, else by the word for the relationship."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gecip.analysis.genetic.pedigree import Pedigree, PedigreeMember

# Kinship with the proband by the word of the record, where no chain of parents tells it.
BY_WORD: Mapping[str, float] = {
    "father": 0.25,
    "mother": 0.25,
    "full sibling": 0.25,
    "full brother": 0.25,
    "full sister": 0.25,
    "son": 0.25,
    "daughter": 0.25,
    "child": 0.25,
    "half sibling": 0.125,
    "half sibling with a shared mother": 0.125,
    "half sibling with a shared father": 0.125,
    "maternal half sibling": 0.125,
    "paternal half sibling": 0.125,
    "grandparent": 0.125,
    "grandfather": 0.125,
    "grandmother": 0.125,
    "maternal grandmother": 0.125,
    "maternal grandfather": 0.125,
    "paternal grandmother": 0.125,
    "paternal grandfather": 0.125,
    "aunt": 0.125,
    "uncle": 0.125,
    "maternal aunt": 0.125,
    "maternal uncle": 0.125,
    "paternal aunt": 0.125,
    "paternal uncle": 0.125,
    "niece": 0.125,
    "nephew": 0.125,
    "cousin": 0.0625,
    "first cousin": 0.0625,
    "double first cousin": 0.125,
}
_FULL_SIBLINGS = frozenset({"full sibling", "full brother", "full sister"})
PARENT, SIBLING, TWIN, OTHER = "parent and child", "full siblings", "twins", "other relatives"

Pair = tuple[Any, Any]


def pair_of(one: Any, other: Any) -> Pair:
    """Return two participants in one order, so that a pair is found whichever is named first."""
    return (one, other) if (str(type(one)), one) <= (str(type(other)), other) else (other, one)


def declared_kinship(pedigree: Pedigree) -> dict[Pair, tuple[float, str]]:
    """Return the kinship of every pair of participants of a pedigree, and what they are to each other.

    Founders count as unrelated and not inbred, unless a chain of parents says otherwise. What words say
    counts where no chain joins the two.

    Returns
    -------
    By pair of participants (see `pair_of`): kinship, and one of `parent and child`, `full siblings`,
    `twins` (who may be identical), `other relatives`.
    """
    members = _parents_first(pedigree.members)
    at = {member.key: place for place, member in enumerate(members)}
    table = [[0.0] * len(members) for _ in members]
    for place, member in enumerate(members):
        parents = [at[key] for key in (member.father, member.mother) if key in at]
        for earlier in range(place):
            value = sum(table[parent][earlier] for parent in parents) / 2
            table[place][earlier] = table[earlier][place] = value
        inbred = table[parents[0]][parents[1]] if len(parents) == 2 else 0.0
        table[place][place] = (1 + inbred) / 2
    found: dict[Pair, tuple[float, str]] = {}
    for place, one in enumerate(members):
        for other in members[:place]:
            if one.participant_id is None or other.participant_id is None:
                continue
            value = table[place][at[other.key]] or _by_word(one, other)
            if value > 0:
                found[pair_of(one.participant_id, other.participant_id)] = (
                    value,
                    _name(one, other, value),
                )
    return found


def _parents_first(members: Sequence[PedigreeMember]) -> list[PedigreeMember]:
    left = {member.key: member for member in members}
    ordered: list[PedigreeMember] = []
    while left:
        ready = [
            member
            for member in left.values()
            if member.father not in left and member.mother not in left
        ]
        # Circles are taken out when pedigrees are read; nobody is lost if one is left.
        for member in ready or list(left.values()):
            ordered.append(member)
            del left[member.key]
    return ordered


def _by_word(one: PedigreeMember, other: PedigreeMember) -> float:
    if one.is_proband == other.is_proband:
        words = {(member.relationship or "").casefold() for member in (one, other)}
        # Two of the proband's full siblings are so to each other, and a parent is theirs too.
        siblings = words & _FULL_SIBLINGS
        return 0.25 if siblings and not words - _FULL_SIBLINGS - {"father", "mother"} else 0.0
    relative = other if one.is_proband else one
    return BY_WORD.get((relative.relationship or "").casefold(), 0.0)


def _name(one: PedigreeMember, other: PedigreeMember, value: float) -> str:
    if one.twin_group is not None and one.twin_group == other.twin_group:
        return TWIN
    if other.key in (one.father, one.mother) or one.key in (other.father, other.mother):
        return PARENT
    shared = one.father is not None and (one.father, one.mother) == (other.father, other.mother)
    words = {(one.relationship or "").casefold(), (other.relationship or "").casefold()}
    if value >= 0.25 and words & {"father", "mother", "son", "daughter", "child"}:
        return PARENT
    return SIBLING if shared or (value >= 0.25 and words & _FULL_SIBLINGS) else OTHER
