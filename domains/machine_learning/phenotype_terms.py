"""What the clinicians found in each person, as the terms that a model may learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.cohort import Cohort, clinical_columns
from gecip.cohort.ontology import ancestors
from gecip.errors import AnalysisError
from gecip.model.rare_disease_clinic import (
    RareDiseasesParticipantDisease,
    RareDiseasesParticipantPhenotype,
)

if TYPE_CHECKING:
    import pandas as pd

PHENOTYPIC_ABNORMALITY = "HP:0000118"
PRESENT = "Yes"


@dataclass(frozen=True, repr=False, eq=False)
class AffectedPeople:
    """Affected people with what was found in them and the disease group of their family.

    `rows` has one row per person: `participant_id, family_id, terms (tuple of HPO ids), disease_group`,
    sorted by participant. `without_terms` counts the affected in whom no feature was recorded,
    `without_group` those whose family's proband has no disease group here; both are left out.
    """

    rows: pd.DataFrame
    without_terms: int
    without_group: int

    def __repr__(self) -> str:
        return (
            f"AffectedPeople(people={len(self.rows):,}, "
            f"families={self.rows['family_id'].nunique():,})"
        )


def affected_people(cohort: Cohort) -> AffectedPeople:
    """Return the affected people of a cohort, probands and relatives, with their terms and disease group.

    Only a proband has a disease in the tables; an affected relative has the family's. A term counts
    when it was found present: the table also holds what was looked for and not found.

    Raises
    ------
    AnalysisError
        When the release has no phenotypes or no diseases, or nobody in the cohort is left.
    UnknownColumnError
        When one of these tables lacks a column that is needed.
    """
    release = cohort.release
    for table in (RareDiseasesParticipantPhenotype, RareDiseasesParticipantDisease):
        if table.name not in release.tables:
            raise AnalysisError(
                f"To learn from what clinicians found the table {table.name} is needed, which release {release.name} "
                "does not have: use a release that has it."
            )
    # Without the column everybody would seem to have no group; reading it says that it is missing.
    cohort.rows(RareDiseasesParticipantDisease, ["normalised_disease_group"])
    people = clinical_columns(cohort)
    is_proband = people["participant_type"] == "Proband"
    probands = people[is_proband & people["family_id"].notna()].dropna(subset=["disease_group"])
    group_of = dict(zip(probands["family_id"], probands["disease_group"], strict=True))
    affected = people[(is_proband | people["affected"].fillna(False)) & people["family_id"].notna()]  # noqa: FBT003
    rows = affected[["participant_id", "family_id"]].assign(
        terms=affected["participant_id"].map(_present_terms(cohort)),
        disease_group=affected["family_id"].map(group_of),
    )
    with_terms = rows.dropna(subset=["terms"])
    complete = with_terms.dropna(subset=["disease_group"])
    if complete.empty:
        raise AnalysisError(
            f"Nobody in the cohort {cohort.definition.title!r} is affected, has recorded features and a family with a "
            "disease group: widen its definition; cohort.attrition shows where people were lost."
        )
    return AffectedPeople(
        rows=complete.sort_values("participant_id", ignore_index=True),
        without_terms=len(rows) - len(with_terms),
        without_group=len(with_terms) - len(complete),
    )


def observed_and_implied(terms: Sequence[str]) -> list[str]:
    """Return terms with every broader one, sorted, up to but without the top of all phenotypes.

    A term that the ontology does not know stands for itself.
    """
    found = set(terms)
    for term in terms:
        broader = ancestors(term)
        found.update(other for other in broader if PHENOTYPIC_ABNORMALITY in ancestors(other))
    return sorted(found)


def _present_terms(cohort: Cohort) -> dict[int | str, tuple[str, ...]]:
    columns = ["normalised_hpo_id", "hpo_present"]
    rows = cohort.rows(RareDiseasesParticipantPhenotype, columns).dropna()
    rows = rows[rows["hpo_present"] == PRESENT]
    return {
        person: tuple(sorted(set(terms)))
        for person, terms in rows.groupby("participant_id")["normalised_hpo_id"]
    }
