"""The pedigrees of a cohort's families: who descends from whom, who is affected, and what was wrong with the record.

Pedigrees hold relatives who took no part, so that a grandparent joins two cousins; who may be used has a
participant number. What contradicts itself is left out, and a remark says which field it was and what
was done instead: no family is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gecip.cohort.selection import Cohort
from gecip.model.people import Participant, RareDiseasesPedigreeMember

if TYPE_CHECKING:
    import pandas as pd

Number = int | str

FATHER, MOTHER, PROBAND = "Father", "Mother", "Proband"
_AFFECTION = {"Affected": True, "Unaffected": False}
_SEXES = ("Male", "Female")
_YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True)
class Remark:
    """Something about the input that could not be taken as it stood.

    `field` names where, `found` what it was, `done` what was done instead. The sentence carries no
    number of a family; `families` has them for whoever wants to look.
    """

    field: str
    found: str
    done: str
    families: tuple[Number, ...] = ()

    @property
    def sentence(self) -> str:
        """Return the remark as one sentence."""
        size = len(self.families)
        of = f" ({size:,} {'family' if size == 1 else 'families'})" if size else ""
        return f"{self.field}: {self.found}{of}; {self.done}."

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class PedigreeMember:
    """One person of a pedigree.

    `key` tells members of a release apart; `father` and `mother` are keys of the same pedigree. A member
    without `participant_id` took no part, or is not in the cohort. `affected` and `sex` are None where
    the record does not say, or says `Uncertain` or `Indeterminate`; `deceased` and `monozygotic` (an
    identical twin) are None where it does not say.
    """

    key: Number
    participant_id: Number | None
    father: Number | None
    mother: Number | None
    sex: str | None
    affected: bool | None
    relationship: str | None
    year_of_birth: int | None
    is_proband: bool
    twin_group: int | None = None
    deceased: bool | None = None
    monozygotic: bool | None = None

    @property
    def is_male(self) -> bool:
        """Return whether the member is recorded as male."""
        return self.sex == "Male"


@dataclass(frozen=True)
class Pedigree:
    """One family: its members, the proband first."""

    family_id: Number
    members: tuple[PedigreeMember, ...]

    @property
    def proband(self) -> PedigreeMember | None:
        """Return the family's proband, or None where the record has none."""
        first = self.members[0] if self.members else None
        return first if first is not None and first.is_proband else None

    @cached_property
    def _by_key(self) -> Mapping[Number, PedigreeMember]:
        return {member.key: member for member in self.members}

    def father_of(self, member: PedigreeMember) -> PedigreeMember | None:
        """Return a member's father, where the pedigree has him."""
        return None if member.father is None else self._by_key.get(member.father)

    def mother_of(self, member: PedigreeMember) -> PedigreeMember | None:
        """Return a member's mother, where the pedigree has her."""
        return None if member.mother is None else self._by_key.get(member.mother)

    def trios(self) -> Iterator[tuple[PedigreeMember, PedigreeMember, PedigreeMember]]:
        """Yield child, father and mother for every child both of whose parents are participants of the cohort."""
        for child in self.members:
            father, mother = self.father_of(child), self.mother_of(child)
            if father is None or mother is None:
                continue
            if None not in (child.participant_id, father.participant_id, mother.participant_id):
                yield child, father, mother


@dataclass(frozen=True)
class Pedigrees:
    """The families of a cohort, by number, and what was remarked of their records."""

    families: Mapping[Number, Pedigree]
    remarks: tuple[Remark, ...] = field(default=())

    def __repr__(self) -> str:
        return f"Pedigrees(families={len(self.families):,}, remarks={len(self.remarks)})"


def read_pedigrees(cohort: Cohort) -> Pedigrees:
    """Return the pedigrees of a cohort's families.

    They come from `rare_diseases_pedigree_member`; a family that the table lacks, or a release without
    it, is put together from the relationships of `participant`. Links that cannot be are left out:
    a parent who is not older than the child, a circle of descent, a parent who is not in the
    pedigree.
    """
    drawn = _from_members(cohort)
    told = _from_participants(cohort)
    families = {family: drawn.get(family, told.get(family)) for family in {**told, **drawn}}
    wanted = set(cohort.families)
    kept = {
        family: pedigree
        for family, pedigree in sorted(families.items(), key=lambda one: str(one[0]))
        if pedigree is not None and family in wanted
    }
    return checked(kept)


def checked(families: Mapping[Number, Pedigree]) -> Pedigrees:
    """Return pedigrees without links that cannot be, their probands first, and a remark for each kind of fault."""
    faults: dict[str, list[Number]] = {}
    sound = {}
    for number, pedigree in families.items():
        for step in (_known_parents, _older_parents, _no_circle, _one_proband, _parents_by_sex):
            pedigree, fault = step(pedigree)
            if fault is not None:
                faults.setdefault(fault, []).append(number)
        if any(member.affected is None for member in pedigree.members if _takes_part(member)):
            faults.setdefault(_UNCERTAIN, []).append(number)
        sound[number] = pedigree
    remarks = tuple(
        Remark(*RECORD_REMARKS[fault], families=tuple(faults[fault]))
        for fault in RECORD_REMARKS
        if fault in faults
    )
    return Pedigrees(sound, remarks)


_UNKNOWN, _YOUNG, _CIRCLE, _NONE, _SEVERAL, _SEX, _UNCERTAIN = (
    "unknown", "young", "circle", "none", "several", "sex", "uncertain",
)  # fmt: skip
_LEFT_OUT = "the link was left out and the family taken as if that parent had not been drawn"
# What can be wrong with a record: the field, what it was, and what is done instead.
RECORD_REMARKS: Mapping[str, tuple[str, str, str]] = {
    _NONE: (
        "rare_diseases_pedigree_member.is_proband",
        "a family has no proband",
        "the family was left out, since everything in it is told from the proband",
    ),
    _SEVERAL: (
        "rare_diseases_pedigree_member.is_proband",
        "a family has several probands",
        "the one with the lowest number was taken, the others as relatives",
    ),
    _YOUNG: (
        "rare_diseases_pedigree_member.year_of_birth",
        "a parent is not older than the child",
        _LEFT_OUT,
    ),
    _CIRCLE: (
        "rare_diseases_pedigree_member_father_sk and _mother_sk",
        "somebody is drawn as their own ancestor",
        "the links of everybody in that circle were left out",
    ),
    _UNKNOWN: (
        "rare_diseases_pedigree_member_father_sk and _mother_sk",
        "a parent is named who is not in the pedigree",
        _LEFT_OUT,
    ),
    _SEX: (
        "rare_diseases_pedigree_member.phenotypic_sex",
        "a father is recorded as female or a mother as male",
        "both were kept as they are drawn",
    ),
    _UNCERTAIN: (
        "rare_diseases_pedigree_member.affection_status",
        "whether a member is affected is not known",
        "that member counted neither as affected nor as unaffected",
    ),
}

_Step = tuple[Pedigree, str | None]


def _takes_part(member: PedigreeMember) -> bool:
    return member.participant_id is not None


def _known_parents(pedigree: Pedigree) -> _Step:
    keys = {member.key for member in pedigree.members}
    return _without_links(pedigree, lambda _, parent: parent not in keys, _UNKNOWN)


def _older_parents(pedigree: Pedigree) -> _Step:
    born = {member.key: member.year_of_birth for member in pedigree.members}

    def is_no_parent(child: PedigreeMember, parent: Number) -> bool:
        year = born[parent]
        return year is not None and child.year_of_birth is not None and year >= child.year_of_birth

    return _without_links(pedigree, is_no_parent, _YOUNG)


def _no_circle(pedigree: Pedigree) -> _Step:
    parents = {
        member.key: [one for one in (member.father, member.mother) if one is not None]
        for member in pedigree.members
    }
    own_ancestors = {key for key in parents if key in _ancestors(key, parents)}
    return _without_links(
        pedigree,
        lambda child, parent: child.key in own_ancestors and parent in own_ancestors,
        _CIRCLE,
    )


def _ancestors(key: Number, parents: Mapping[Number, Sequence[Number]]) -> set[Number]:
    found: set[Number] = set()
    ahead = list(parents[key])
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead += parents[one]
    return found


def _one_proband(pedigree: Pedigree) -> _Step:
    probands = sorted(
        (member for member in pedigree.members if member.is_proband),
        key=lambda member: (not _takes_part(member), str(member.participant_id), str(member.key)),
    )
    if not probands:
        return pedigree, _NONE
    others = tuple(
        replace(member, is_proband=False)
        for member in pedigree.members
        if member is not probands[0]
    )
    return (
        replace(pedigree, members=(probands[0], *others)),
        _SEVERAL if len(probands) > 1 else None,
    )


def _parents_by_sex(pedigree: Pedigree) -> _Step:
    sexes = {member.key: member.sex for member in pedigree.members}
    wrong = any(
        sexes.get(parent) == sex
        for member in pedigree.members
        for parent, sex in ((member.father, "Female"), (member.mother, "Male"))
        if parent is not None
    )
    return pedigree, _SEX if wrong else None


def _without_links(pedigree: Pedigree, is_wrong: Any, fault: str) -> _Step:
    """Return the pedigree without the links to parents of which `is_wrong(child, parent's key)` holds."""
    members = []
    for member in pedigree.members:
        father, mother = (
            None if parent is None or is_wrong(member, parent) else parent
            for parent in (member.father, member.mother)
        )
        unchanged = (father, mother) == (member.father, member.mother)
        members.append(member if unchanged else replace(member, father=father, mother=mother))
    changed = any(
        after is not before for after, before in zip(members, pedigree.members, strict=True)
    )
    return replace(pedigree, members=tuple(members)), fault if changed else None


# -- from the tables ----------------------------------------------------------------------------------


def _from_members(cohort: Cohort) -> dict[Number, Pedigree]:
    if RareDiseasesPedigreeMember.name not in cohort.release.tables:
        return {}
    rows = cohort.release.read(RareDiseasesPedigreeMember)
    rows = rows[rows["rare_diseases_family_id"].isin(cohort.families)]
    people = set(cohort.participants)
    families: dict[Number, list[PedigreeMember]] = {}
    for row in _plain(rows):
        person = row.get("participant_id")
        key = row.get("rare_diseases_pedigree_member_sk")
        key = person if key is None else key
        if key is None:
            continue
        relationship = row.get("biological_relationship_to_proband")
        marked = row.get("is_proband")
        families.setdefault(row["rare_diseases_family_id"], []).append(
            PedigreeMember(
                key=key,
                participant_id=person if person in people else None,
                father=row.get("rare_diseases_pedigree_member_father_sk"),
                mother=row.get("rare_diseases_pedigree_member_mother_sk"),
                sex=_sex(row.get("phenotypic_sex")),
                affected=_AFFECTION.get(str(row.get("affection_status"))),
                relationship=relationship,
                year_of_birth=row.get("year_of_birth"),
                is_proband=relationship == PROBAND if marked is None else bool(marked),
                twin_group=row.get("twin_group"),
                deceased=_deceased(row),
                monozygotic=_YES_NO.get(str(row.get("monozygotic"))),
            )
        )
    probands = _probands(cohort)
    return {
        family: Pedigree(family, tuple(_with_told_parents(_marked(members, probands))))
        for family, members in families.items()
    }


def _from_participants(cohort: Cohort) -> dict[Number, Pedigree]:
    families: dict[Number, list[PedigreeMember]] = {}
    for row in _plain(cohort.rows(Participant)):
        family = row.get("rare_diseases_family_id")
        if family is None:
            continue
        is_proband = row.get("participant_type") == PROBAND
        families.setdefault(family, []).append(
            PedigreeMember(
                key=row["participant_id"],
                participant_id=row["participant_id"],
                father=None,
                mother=None,
                sex=_sex(row.get("participant_phenotypic_sex")),
                # Without a pedigree only the proband is known to be affected.
                affected=True if is_proband else None,
                relationship=PROBAND
                if is_proband
                else row.get("biological_relationship_to_proband"),
                year_of_birth=row.get("year_of_birth"),
                is_proband=is_proband,
            )
        )
    return {
        family: Pedigree(family, tuple(_with_told_parents(members)))
        for family, members in families.items()
    }


def _probands(cohort: Cohort) -> frozenset[Number]:
    rows = cohort.rows(Participant)
    if "participant_type" not in rows:
        return frozenset()
    return frozenset(rows.loc[rows["participant_type"] == PROBAND, "participant_id"].tolist())


def _marked(
    members: Sequence[PedigreeMember], probands: frozenset[Number]
) -> Sequence[PedigreeMember]:
    """Return members whose proband is told from the participant table where the pedigree marks none."""
    if any(member.is_proband for member in members):
        return members
    return [replace(member, is_proband=member.participant_id in probands) for member in members]


def _with_told_parents(members: Sequence[PedigreeMember]) -> list[PedigreeMember]:
    """Return members whose proband has the parents that the relationships tell, where no link tells them."""
    told = {
        word: [member.key for member in members if member.relationship == word]
        for word in (FATHER, MOTHER)
    }

    def only(word: str) -> Number | None:
        return told[word][0] if len(told[word]) == 1 else None

    return [
        replace(
            member,
            father=only(FATHER) if member.father is None else member.father,
            mother=only(MOTHER) if member.mother is None else member.mother,
        )
        if member.is_proband
        else member
        for member in members
    ]


def _sex(word: object) -> str | None:
    return str(word) if word in _SEXES else None


def _deceased(row: Mapping[str, Any]) -> bool | None:
    """Return whether a member has died: a day of death says so, else the life status; stillbirth and loss count as death."""
    if row.get("date_of_death") is not None:
        return True
    status = row.get("life_status")
    return None if status is None else status not in ("ALIVE", "UNBORN")


def _plain(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield rows as plain values, None for what is missing."""
    import pandas as pd

    columns = {
        str(name): [None if pd.isna(cell) else cell for cell in frame[name].tolist()]
        for name in frame.columns
    }
    names = list(columns)
    for cells in zip(*columns.values(), strict=True):
        yield dict(zip(names, cells, strict=True))
