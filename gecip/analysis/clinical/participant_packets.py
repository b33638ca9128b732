"""A participant of a release as a Phenopacket: what the clinicians recorded, in the schema of GA4GH.

Row level: made, read and written inside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gecip.analysis.asked_person import require_member
from gecip.analysis.clinical.phenopacket_files import Packet
from gecip.analysis.clinical.phenotype_tables import phenotype_tables
from gecip.cohort.ontology import term_name
from gecip.cohort.selection import Cohort
from gecip.model.people import Participant
from gecip.model.rare_disease_clinic import (
    RareDiseasesParticipantDisease,
    RareDiseasesParticipantPhenotype,
)
from gecip.release.summary_level import require_row_level

if TYPE_CHECKING:
    import pandas as pd

_SEXES = {"Male": "MALE", "Female": "FEMALE", "Indeterminate": "OTHER_SEX"}
SCHEMA_VERSION = "2.0"
_PRESENT = {"Yes": False, "No": True}


def packet_of_participant(cohort: Cohort, participant_id: int | str) -> Packet:
    """Return a participant of a cohort as a Phenopacket: sex, observed and excluded features, recruited diseases.

    Features that were neither found nor excluded (`Unknown`) have no place in the schema and are left
    out, and so are days: the packet says nothing of when. Diseases have the programme's words and no code.

    Raises
    ------
    AnalysisError
        When the person is not in the cohort; the message does not tell who was asked for.
    AccessError
        When the person is reported at summary level only.
    """
    from google.protobuf.json_format import ParseDict
    from phenopackets import Phenopacket

    require_member(cohort, participant_id)
    require_row_level(cohort.release, participant_id)
    person = _rows(cohort, Participant, participant_id)
    sex = _SEXES.get(
        str(person["participant_phenotypic_sex"].iloc[0])
        if "participant_phenotypic_sex" in person
        else "",
        "UNKNOWN_SEX",
    )
    document: dict[str, Any] = {
        "id": str(participant_id),
        "subject": {"id": str(participant_id), "sex": sex},
        "phenotypicFeatures": _features(cohort, participant_id),
        "diseases": _diseases(cohort, participant_id),
        "metaData": packet_meta_data(),
    }
    return Packet(
        ParseDict(document, Phenopacket()), cohort.provenance.then("packet_of_participant")
    )


def packet_meta_data() -> dict[str, Any]:
    """Return what a packet says of itself: the schema's version, and the ontology of its terms."""
    return {
        "createdBy": "gecip",
        "phenopacketSchemaVersion": SCHEMA_VERSION,
        "resources": [
            {
                "id": "hp",
                "name": "Human Phenotype Ontology",
                "namespacePrefix": "HP",
                "version": phenotype_tables().version,
            }
        ],
    }


def _rows(cohort: Cohort, table: Any, participant_id: int | str) -> pd.DataFrame:
    rows = cohort.rows(table)
    return rows[rows["participant_id"] == participant_id]


def _features(cohort: Cohort, participant_id: int | str) -> list[dict[str, Any]]:
    if RareDiseasesParticipantPhenotype.name not in cohort.release.tables:
        return []
    rows = _rows(cohort, RareDiseasesParticipantPhenotype, participant_id)
    rows = rows[rows["hpo_present"].isin(list(_PRESENT))].dropna(subset=["normalised_hpo_id"])
    return [
        {
            "type": {"id": identifier, "label": term_name(identifier)},
            "excluded": _PRESENT[present],
        }
        for identifier, present in zip(rows["normalised_hpo_id"], rows["hpo_present"], strict=True)
    ]


def _diseases(cohort: Cohort, participant_id: int | str) -> list[dict[str, Any]]:
    if RareDiseasesParticipantDisease.name not in cohort.release.tables:
        return []
    rows = _rows(cohort, RareDiseasesParticipantDisease, participant_id)
    named = rows["normalised_specific_disease"].dropna().drop_duplicates()
    return [{"term": {"label": str(disease)}} for disease in named]
