"""Pedigrees as `.ped` files, in and out: the six columns that PLINK, Hail and most others read.

Such a file names people, so that it is row level and stays inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gecip.analysis.genetic.pedigree import (
    Number,
    Pedigree,
    PedigreeMember,
    Pedigrees,
    Remark,
    checked,
)
from gecip.errors import InputError
from gecip.writing import new_file

_SEXES = {"1": "Male", "2": "Female", "0": None, "-9": None, "other": None}
_AFFECTION = {"1": False, "2": True, "0": None, "-9": None}
_NOBODY = {"0", "."}
_NO_MARK = (
    "the .ped file",
    "its six columns do not say who a family's proband is",
    "the first affected member without children was taken, or else the first member",
)


def read_ped(path: str | Path, *, probands: Mapping[str, str] | None = None) -> Pedigrees:
    """Return the pedigrees of a `.ped` file: family, member, father, mother, sex (1 male, 2 female), affection (2 affected).

    Lines that begin with `#` and columns after the sixth are passed over. Links that cannot be are left
    out and remarked, as `read_pedigrees` does.

    Parameters
    ----------
    probands
        By family, the name of its proband; where a family is not named, an affected member without
        children is taken, and a remark says so.

    Raises
    ------
    InputError
        When the file cannot be read, or lines of it cannot; every one is named by its number.
    """
    file = Path(path)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{file}: this cannot be read as text: name a .ped file.") from None
    families: dict[str, dict[str, PedigreeMember]] = {}
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        problem = _take(line.split(), families)
        if problem:
            problems.append(f"{file}, line {number}: {problem}.")
    if problems or not families:
        raise InputError(problems or f"{file}: there is no line with a member in it.")
    guessed = [name for name in families if name not in (probands or {})]
    drawn: dict[Number, Pedigree] = {
        name: Pedigree(name, _marked(tuple(members.values()), (probands or {}).get(name)))
        for name, members in families.items()
    }
    found = checked(drawn)
    remark = (Remark(*_NO_MARK, families=tuple(guessed)),) if guessed else ()
    return Pedigrees(found.families, (*remark, *found.remarks))


def _take(cells: list[str], families: dict[str, dict[str, PedigreeMember]]) -> str | None:
    """Take one line into its family, or return what is wrong with it."""
    if len(cells) < 6:
        return f"it has {len(cells)} columns and needs six"
    family, name, father, mother, sex, affection = cells[:6]
    if sex not in _SEXES:
        return "the sex in column 5 is none of 1, 2 and 0"
    if affection not in _AFFECTION:
        return "the affection in column 6 is none of 1, 2, 0 and -9"
    members = families.setdefault(family, {})
    if name in members:
        return "its member stands in the family a second time"
    members[name] = PedigreeMember(
        key=name,
        participant_id=name,
        father=None if father in _NOBODY else father,
        mother=None if mother in _NOBODY else mother,
        sex=_SEXES[sex],
        affected=_AFFECTION[affection],
        relationship=None,
        year_of_birth=None,
        is_proband=False,
    )
    return None


def _marked(members: tuple[PedigreeMember, ...], proband: str | None) -> tuple[PedigreeMember, ...]:
    from dataclasses import replace

    parents = {parent for one in members for parent in (one.father, one.mother)}
    likely = [one.key for one in members if one.affected and one.key not in parents]
    marked = proband if proband is not None else (likely or [members[0].key])[0]
    return tuple(replace(one, is_proband=one.key == marked) for one in members)


def write_ped(
    pedigrees: Pedigrees, path: str | Path, *, names: Mapping[Number, str] | None = None
) -> Path:
    """Write pedigrees as a `.ped` file inside and return its path: all members, unknown sex and affection as 0.

    Parameters
    ----------
    names
        By member's key, the name to write, such as the platekey under which a VCF has the person;
        members without one go by their key.

    Raises
    ------
    InputError
        When a name has a blank in it or two members of a family share one, or the place cannot be written.
    """
    lines = []
    for pedigree in pedigrees.families.values():
        called = {one.key: str((names or {}).get(one.key, one.key)) for one in pedigree.members}
        if len(set(called.values())) < len(called) or any(
            len(name.split()) != 1 for name in called.values()
        ):
            raise InputError(
                "Two members of a family have one name, or a name has a blank in it, which a .ped file cannot tell: "
                "give other names."
            )
        for one in pedigree.members:
            sex = {"Male": "1", "Female": "2"}.get(one.sex or "", "0")
            affection = "0" if one.affected is None else "2" if one.affected else "1"
            parents = [
                "0" if key is None else called.get(key, "0") for key in (one.father, one.mother)
            ]
            lines.append(
                "\t".join([str(pedigree.family_id), called[one.key], *parents, sex, affection])
            )
    destination = Path(path)
    with new_file(destination) as aside:
        aside.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return destination
