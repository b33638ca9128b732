"""What is known of each person of a cohort, in one row: the columns that every analysis starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gecip.cohort.selection import Cohort
from gecip.model.people import Participant, RareDiseasesPedigreeMember
from gecip.model.rare_disease_clinic import RareDiseasesParticipantDisease

if TYPE_CHECKING:
    import pandas as pd

SEVERAL = "Multi"
# The name of the sample comes with the genomes; an imported table's own column of that name gives way to it.
SAMPLE = "sample"


def clinical_columns(cohort: Cohort) -> pd.DataFrame:
    """Return one row per participant of the cohort with the columns that travel to the genomes.

    Returns
    -------
    Columns `participant_id, family_id, sex, year_of_birth, participant_type, relationship, affected
    (boolean or missing), disease_group, disease`, sorted by participant, and after them every column
    of the participant table that the model does not know (imported data bring their own), but for
    `sample`, which comes with the genomes. Who was recruited under several disease groups has
    `Multi`, the word of the programme's own statistics; relatives have no disease of their own.
    """
    import pandas as pd

    people = cohort.rows(Participant).sort_values("participant_id", ignore_index=True)
    named = {
        "family_id": "rare_diseases_family_id",
        "sex": "participant_phenotypic_sex",
        "year_of_birth": "year_of_birth",
        "participant_type": "participant_type",
        "relationship": "biological_relationship_to_proband",
    }
    missing = pd.Series([None] * len(people), dtype=object)
    frame = pd.DataFrame({"participant_id": people["participant_id"]})
    for name, column in named.items():
        frame[name] = people.get(column, missing)
    frame["affected"] = frame["participant_id"].map(_affection(cohort)).astype("boolean")
    diseases = _diseases(cohort)
    for name in ("disease_group", "disease"):
        if name in diseases:
            frame[name] = frame["participant_id"].map(diseases[name])
        else:
            frame[name] = people.get(name, missing)  # an imported table may have its own
    taken = {*Participant.columns, *frame.columns, SAMPLE}
    extra = [column for column in people if column not in taken]
    return frame.join(people[extra])


def _affection(cohort: Cohort) -> dict[int | str, bool | None]:
    if RareDiseasesPedigreeMember.name not in cohort.release.tables:
        return {}
    members = cohort.rows(RareDiseasesPedigreeMember, ["affection_status"]).dropna(
        subset=["participant_id"]
    )
    words = {"Affected": True, "Unaffected": False}
    return {
        person: words.get(status)
        for person, status in zip(
            members["participant_id"].tolist(), members["affection_status"].tolist(), strict=True
        )
    }


def _diseases(cohort: Cohort) -> dict[str, dict[int | str, str]]:
    if RareDiseasesParticipantDisease.name not in cohort.release.tables:
        return {}
    rows = cohort.rows(RareDiseasesParticipantDisease)
    columns = {
        "disease_group": "normalised_disease_group",
        "disease": "normalised_specific_disease",
    }
    return {
        name: {
            person: values[0] if len(values) == 1 else SEVERAL
            for person, values in rows.dropna(subset=[column])
            .groupby("participant_id")[column]
            .unique()
            .items()
        }
        for name, column in columns.items()
        if column in rows
    }
