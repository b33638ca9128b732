"""Families with a disease and what clinicians found in them, written person by person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gecip.cohort import Cohort, define_cohort, select_cohort
from gecip.release import open_release
from tests.handmade import person, phenotype, write_release

EVERYONE = define_cohort("Everyone")
FIRST_FAMILY = 11_000_000


@dataclass(frozen=True)
class Family:
    """A proband, the first of `members`, and affected relatives: the terms found in each."""

    group: str | None
    members: Sequence[Sequence[str]]


def people_of(number: int, family: Family) -> list[int]:
    """Return the identifiers of a family's members: its number and a digit."""
    return [(FIRST_FAMILY + number) * 10 + digit for digit in range(len(family.members))]


def tables_of(families: Sequence[Family]) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of a release in which everybody is affected and the probands have the disease."""
    tables: dict[str, list[dict[str, Any]]] = {
        "participant": [],
        "rare_diseases_pedigree_member": [],
        "rare_diseases_participant_disease": [],
        "rare_diseases_participant_phenotype": [],
    }
    for number, family in enumerate(families):
        for place, (who, terms) in enumerate(
            zip(people_of(number, family), family.members, strict=True)
        ):
            kind = {} if place == 0 else {"participant_type": "Relative"}
            tables["participant"].append(person(who, **kind))
            tables["rare_diseases_pedigree_member"].append(
                {
                    "participant_id": who,
                    "rare_diseases_family_id": who // 10,
                    "affection_status": "Affected",
                }
            )
            tables["rare_diseases_participant_phenotype"] += [phenotype(who, one) for one in terms]
        if family.group is not None:
            tables["rare_diseases_participant_disease"].append(
                {
                    "participant_id": people_of(number, family)[0],
                    "normalised_disease_group": family.group,
                }
            )
    return tables


def cohort_of(
    folder: Path,
    families: Sequence[Family],
    *,
    instead: Mapping[str, Sequence[dict[str, Any]] | None] | None = None,
) -> Cohort:
    """Return everyone of a release of such families; `instead` gives other rows of a table, or None for no table."""
    tables = {**tables_of(families), **(instead or {})}
    kept = {name: rows for name, rows in tables.items() if rows}
    return select_cohort(EVERYONE, open_release(write_release(folder, **kept)))
