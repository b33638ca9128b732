"""Does a variant follow the disease through a family? The segregation filters, one function a pattern.

The patterns and their rules follow the programme's public rare-disease guide: a pattern must hold in
every affected member and in no unaffected one (complete penetrance); a missing genotype is ignored,
not failed, except that a de novo variant needs both parents' calls.

Genotypes come as states, one row a variant and one column a member: -1 missing, 0 no copy of the
alternate allele, 1 heterozygous, 2 every copy (homozygous, or hemizygous in a male on X).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    States = npt.NDArray[np.int8]
    Verdicts = npt.NDArray[np.bool_]

MISSING, ABSENT, HETEROZYGOUS, EVERY_COPY = -1, 0, 1, 2


class SegregationPattern(enum.Enum):
    """How a variant follows the disease, in the codings of `tiering_data.segregation_pattern`."""

    DE_NOVO = "deNovo"
    DOMINANT = "InheritedAutosomalDominant"
    RECESSIVE = "SimpleRecessive"
    COMPOUND_HETEROZYGOUS = "CompoundHeterozygous"
    X_LINKED_RECESSIVE = "XLinkedSimpleRecessive"
    X_LINKED_MONOALLELIC = "XLinkedMonoallelic"


class Phase(enum.Enum):
    """How well it is known that two variants lie on different copies of a gene."""

    IN_TRANS = "in trans, by transmission"
    UNPHASED = "unphased"


@dataclass(frozen=True)
class Family:
    """The sequenced members of one family, as columns of the genotype matrix.

    `father` and `mother` are the proband's; `affected` and `unaffected` hold whose status is known,
    the proband among the affected.
    """

    family_id: int | str
    proband: int
    father: int | None
    mother: int | None
    affected: tuple[int, ...]
    unaffected: tuple[int, ...]
    males: frozenset[int]

    @property
    def structure(self) -> str:
        """Return `singleton`, `duo`, `trio` or `larger`, by sequenced members."""
        size = len(
            {self.proband, *self.affected, *self.unaffected}
            | {m for m in (self.father, self.mother) if m is not None}
        )
        if size == 3 and self.father is not None and self.mother is not None:
            return "trio"
        return {1: "singleton", 2: "duo"}.get(size, "larger")


def families_of(people: pd.DataFrame) -> tuple[tuple[Family, ...], int]:
    """Return the families with a sequenced proband, and how many families had to be left out without one.

    Parameters
    ----------
    people
        One row per column of the genotype matrix, in its order, with `family_id, participant_type,
        relationship, affected, sex`.
    """
    people = people.reset_index(drop=True)
    families, without_proband = [], 0
    for family_id, members in people[people["family_id"].notna()].groupby("family_id", sort=True):
        probands = members.index[members["participant_type"] == "Proband"]
        if len(probands) == 0:
            without_proband += 1
            continue
        proband = int(probands[0])
        relationship = members["relationship"]
        affected = members["affected"].fillna(False).astype(bool)  # noqa: FBT003
        unaffected = members["affected"].notna() & ~affected
        families.append(
            Family(
                family_id=family_id,
                proband=proband,
                father=_only(members.index[relationship == "Father"]),
                mother=_only(members.index[relationship == "Mother"]),
                affected=tuple(sorted({proband, *map(int, members.index[affected])})),
                unaffected=tuple(int(i) for i in members.index[unaffected] if i != proband),
                males=frozenset(map(int, members.index[members["sex"] == "Male"])),
            )
        )
    return tuple(families), without_proband


def de_novo(states: States, family: Family, *, on_x: Verdicts) -> Verdicts:
    """Return which variants the proband carries and neither parent does; needs both parents' calls.

    On X a son shows a new variant as his only copy.
    """
    import numpy as np

    if family.father is None or family.mother is None:
        return np.zeros(len(states), dtype=bool)
    proband = states[:, family.proband]
    new = np.where(
        on_x & (family.proband in family.males), proband == EVERY_COPY, proband == HETEROZYGOUS
    )
    verdict = new & (states[:, family.father] == ABSENT) & (states[:, family.mother] == ABSENT)
    return verdict & _absent_in_unaffected(states, family)


def dominant(states: States, family: Family, *, on_x: Verdicts) -> Verdicts:
    """Return which autosomal variants are heterozygous in every affected member and absent from the others.

    A variant that is new in the proband is not inherited, so `de_novo` ones are left to that pattern.
    """
    verdict = ~on_x & (states[:, family.proband] == HETEROZYGOUS)
    for member in family.affected:
        verdict &= (states[:, member] == HETEROZYGOUS) | (states[:, member] == MISSING)
    return verdict & _absent_in_unaffected(states, family) & ~de_novo(states, family, on_x=on_x)


def recessive(states: States, family: Family, *, on_x: Verdicts) -> Verdicts:
    """Return which autosomal variants every affected member has on both copies, one from each parent."""
    verdict = ~on_x & (states[:, family.proband] == EVERY_COPY)
    for member in family.affected:
        verdict &= (states[:, member] == EVERY_COPY) | (states[:, member] == MISSING)
    for member in family.unaffected:
        verdict &= states[:, member] != EVERY_COPY
    for parent in (family.father, family.mother):
        if parent is not None:
            verdict &= states[:, parent] != ABSENT
    return verdict


def x_linked_recessive(states: States, family: Family, *, on_x: Verdicts) -> Verdicts:
    """Return which X variants fill every copy of the affected, and no unaffected member's.

    A son's variant comes from his mother, who carries it; if she does not, it is de novo.
    """
    verdict = on_x & (states[:, family.proband] == EVERY_COPY)
    for member in family.affected:
        verdict &= (states[:, member] == EVERY_COPY) | (states[:, member] == MISSING)
    for member in family.unaffected:
        if member in family.males:
            verdict &= (states[:, member] == ABSENT) | (states[:, member] == MISSING)
        else:
            verdict &= states[:, member] != EVERY_COPY
    if family.mother is not None:
        verdict &= states[:, family.mother] != ABSENT
    return verdict


def x_linked_monoallelic(states: States, family: Family, *, on_x: Verdicts) -> Verdicts:
    """Return which X variants every affected member carries, on one copy or all, and no unaffected member does.

    A variant that is new in the proband is left to `de_novo`.
    """
    verdict = on_x & (states[:, family.proband] >= HETEROZYGOUS)
    for member in family.affected:
        verdict &= states[:, member] != ABSENT
    return verdict & _absent_in_unaffected(states, family) & ~de_novo(states, family, on_x=on_x)


def compound_heterozygous(states: States, family: Family) -> list[tuple[int, int, Phase]]:
    """Return the pairs of variants of one gene that lie on different copies in every affected member.

    Phase is told by transmission: one variant from each parent. Where the parents cannot tell, the
    pair is kept and marked unphased. A pair that one parent carries whole lies on one copy.

    Parameters
    ----------
    states
        The states of the variants of one gene.
    """
    import numpy as np

    carried = np.flatnonzero(_may_be_compound(states, family))
    pairs = []
    for place, first in enumerate(carried):
        for second in carried[place + 1 :]:
            phase = _phase(states[[first, second]], family)
            if phase is not None and not _whole_in_unaffected(states[[first, second]], family):
                pairs.append((int(first), int(second), phase))
    return pairs


SINGLE_VARIANT_PATTERNS: Mapping[SegregationPattern, Any] = {
    SegregationPattern.DE_NOVO: de_novo,
    SegregationPattern.DOMINANT: dominant,
    SegregationPattern.RECESSIVE: recessive,
    SegregationPattern.X_LINKED_RECESSIVE: x_linked_recessive,
    SegregationPattern.X_LINKED_MONOALLELIC: x_linked_monoallelic,
}


def _may_be_compound(states: States, family: Family) -> Verdicts:
    verdict = states[:, family.proband] == HETEROZYGOUS
    for member in family.affected:
        verdict &= (states[:, member] == HETEROZYGOUS) | (states[:, member] == MISSING)
    return verdict


def _phase(pair: States, family: Family) -> Phase | None:
    """Return the phase of two heterozygous variants of the proband, or None if they share a copy or cannot be inherited so."""
    origins = []
    for variant in pair:
        possible = set()
        if family.father is None or variant[family.father] != ABSENT:
            possible.add("father")
        if family.mother is None or variant[family.mother] != ABSENT:
            possible.add("mother")
        origins.append(possible)
    first, second = origins
    in_trans = {(a, b) for a in first for b in second if a != b}
    if not in_trans:
        return None
    known = family.father is not None or family.mother is not None
    return Phase.IN_TRANS if known and len(first) == 1 and len(second) == 1 else Phase.UNPHASED


def _whole_in_unaffected(pair: States, family: Family) -> bool:
    return any(bool((pair[:, member] >= HETEROZYGOUS).all()) for member in family.unaffected)


def _absent_in_unaffected(states: States, family: Family) -> Verdicts:
    import numpy as np

    verdict = np.ones(len(states), dtype=bool)
    for member in family.unaffected:
        verdict &= (states[:, member] == ABSENT) | (states[:, member] == MISSING)
    return verdict


def _only(members: Sequence[Any]) -> int | None:
    return int(members[0]) if len(members) == 1 else None
