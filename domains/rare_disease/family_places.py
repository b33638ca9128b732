"""Families as rows of arrays: who stands at which place, with which column of the genotypes.

A family's places are the proband, and after them every member with a genome. All families are padded to
one width, so that the segregation filters work on all of them at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.pedigree import Number, PedigreeMember, Pedigrees, Remark

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from gecip.cohort.selection import Cohort

    Array = npt.NDArray[Any]
    Flags = npt.NDArray[np.bool_]

NOBODY = -1
# How many copies of X a karyotype has; what has more than two fits no filter.
X_COPIES = {"XX": 2, "XY": 1, "XO": 1, "X0": 1, "XXY": 2, "XYY": 1, "XXYY": 2}
_TOO_MANY = ("XXX", "XXXX", "XXXY")
UNKNOWN_COPIES = 0
# What can be wrong with a family's genomes: the field, what it was, and what is done instead.
_NO_PROBAND, _NO_MEMBER, _ODD_X = "proband", "member", "X"
GENOME_REMARKS: Mapping[str, tuple[str, str, str]] = {
    _NO_PROBAND: (
        "participant_id",
        "the proband has no genome among these genotypes",
        "the family was left out, since everything in it is told from the proband",
    ),
    _NO_MEMBER: (
        "participant_id",
        "a member takes part but has no genome among these genotypes",
        "the family was tiered without that member's genotypes",
    ),
    _ODD_X: (
        "karyotype",
        "a member's number of X chromosomes is not known, or is neither one nor two",
        "that member's genotypes on X were ignored",
    ),
}


@dataclass(frozen=True)
class FamilyPlaces:
    """The families that can be looked at, one row each; all arrays have the shape (families, places).

    `column` is the member's column of the genotypes, or -1 for nobody. `father` and `mother` are places
    of the parents in the family, or -1. `x_copies` is 1, 2, or 0 where it is not known.
    """

    family_ids: tuple[Number, ...]
    members: tuple[tuple[PedigreeMember, ...], ...]
    column: Array
    affected: Flags
    unaffected: Flags
    father: Array
    mother: Array
    x_copies: Array

    def __len__(self) -> int:
        return len(self.family_ids)

    @property
    def width(self) -> int:
        """Return how many places each family has."""
        return int(self.column.shape[1])

    def structure(self, row: int) -> str:
        """Return `singleton`, `duo`, `trio` or `larger`, by members with a genome."""
        size = len(self.members[row])
        if size == 3 and self.father[row, 0] != NOBODY and self.mother[row, 0] != NOBODY:
            return "trio"
        return {1: "singleton", 2: "duo"}.get(size, "larger")

    def row_of(self, family_id: Number) -> int | None:
        """Return the row of a family, or None where it could not be looked at."""
        try:
            return self.family_ids.index(family_id)
        except ValueError:
            return None


def place_families(
    pedigrees: Pedigrees, people: Sequence[Number], *, x_copies: Mapping[Number, int]
) -> tuple[FamilyPlaces, tuple[Remark, ...]]:
    """Return the families whose proband has a genome, and what is to be said of the others.

    Parameters
    ----------
    people
        Who stands in which column of the genotypes.
    x_copies
        How many copies of X each participant has, 0 where that is not known.
    """
    column = {person: place for place, person in enumerate(people)}
    placed: list[tuple[Number, tuple[PedigreeMember, ...]]] = []
    without_genome: list[Number] = []
    proband_without: list[Number] = []
    for family_id, pedigree in pedigrees.families.items():
        proband = pedigree.proband
        if proband is None:
            continue
        taking_part = [one for one in pedigree.members if one.participant_id is not None]
        called = tuple(one for one in taking_part if one.participant_id in column)
        if proband.participant_id not in column:
            proband_without.append(family_id)
            continue
        if len(called) < len(taking_part):
            without_genome.append(family_id)
        placed.append((family_id, called))
    return _arrays(placed, column, x_copies), _remarks(
        proband_without, without_genome, placed, x_copies
    )


def _arrays(
    placed: Sequence[tuple[Number, tuple[PedigreeMember, ...]]],
    column: Mapping[Number, int],
    x_copies: Mapping[Number, int],
) -> FamilyPlaces:
    import numpy as np

    width = max((len(members) for _, members in placed), default=1)
    shape = (len(placed), width)
    columns, father, mother = (np.full(shape, NOBODY, dtype=np.int64) for _ in range(3))
    affected, unaffected = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    copies = np.zeros(shape, dtype=np.int64)
    for row, (_, members) in enumerate(placed):
        place = {member.key: number for number, member in enumerate(members)}
        for number, member in enumerate(members):
            assert member.participant_id is not None
            columns[row, number] = column[member.participant_id]
            affected[row, number] = member.affected is True or number == 0
            unaffected[row, number] = member.affected is False and number != 0
            father[row, number] = place.get(member.father, NOBODY)  # type: ignore[arg-type]
            mother[row, number] = place.get(member.mother, NOBODY)  # type: ignore[arg-type]
            copies[row, number] = x_copies.get(member.participant_id, _copies_by_sex(member))
    return FamilyPlaces(
        family_ids=tuple(family for family, _ in placed),
        members=tuple(members for _, members in placed),
        column=columns,
        affected=affected,
        unaffected=unaffected,
        father=father,
        mother=mother,
        x_copies=copies,
    )


def _copies_by_sex(member: PedigreeMember) -> int:
    return {"Male": 1, "Female": 2}.get(member.sex or "", UNKNOWN_COPIES)


def _remarks(
    proband_without: Sequence[Number],
    without_genome: Sequence[Number],
    placed: Sequence[tuple[Number, tuple[PedigreeMember, ...]]],
    x_copies: Mapping[Number, int],
) -> tuple[Remark, ...]:
    odd = [
        family
        for family, members in placed
        if any(
            x_copies.get(one.participant_id, _copies_by_sex(one)) == UNKNOWN_COPIES  # type: ignore[arg-type]
            for one in members
        )
    ]
    families = {_NO_PROBAND: proband_without, _NO_MEMBER: without_genome, _ODD_X: odd}
    return tuple(
        Remark(*GENOME_REMARKS[kind], families=tuple(of_kind))
        for kind, of_kind in families.items()
        if of_kind
    )


def read_x_copies(cohort: Cohort) -> dict[Number, int]:
    """Return how many copies of X each participant has, by the genome: `inferred_sex_karyotype`, else the aggregate's `karyotype`.

    Who has neither is absent: the sex of the pedigree then tells.
    """
    found: dict[Number, int] = {}
    for table, name in (
        ("aggregate_gvcf_sample_stats", "karyotype"),
        ("rare_disease_analysis", "inferred_sex_karyotype"),
    ):
        if table not in cohort.release.tables:
            continue
        rows = cohort.rows(table)
        if name not in rows:
            continue
        for person, word in zip(
            rows["participant_id"].tolist(), rows[name].astype("string").tolist(), strict=True
        ):
            if word in X_COPIES:
                found[person] = X_COPIES[word]
            elif word in _TOO_MANY:
                found[person] = UNKNOWN_COPIES
    return found
