"""How participants' cancers were treated with drugs and radiation: linked, not asked by the programme."""

from __future__ import annotations

import datetime

from gecip.model.table import Sensitivity, Table, integer, text

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER


class Sact(Table):
    """One row for each drug of a cycle of systemic anti-cancer therapy, curated; it names no tumour."""

    name = "sact"
    covers = (datetime.date(2012, 4, 6), datetime.date(2022, 8, 30))

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    primary_diagnosis = text("Diagnosis for which the drug was given.", code_system="ICD-10")
    analysis_group = text("Group of the regimen for analysis.")
    drug_group = text("The drug, in one wording.", alias="drug")
    gender_current = text("Gender as the provider records it.", sensitivity=_QUASI)
    morphology = text("Morphology of the tumour.", code_system="ICD-O-3")


class SactUncurated(Table):
    """One row for each drug of a cycle of systemic anti-cancer therapy, as the providers sent it."""

    name = "sact_uncurated"
    covers = (datetime.date(2008, 4, 9), datetime.date(2022, 12, 30))

    participant_id = integer("The participant.", sensitivity=_ID, required=True)


class Rtds(Table):
    """One row for each attendance for radiotherapy; in v17 and v18 some 8 % of the rows lost their date in September."""

    name = "rtds"
    covers = (datetime.date(2009, 4, 15), datetime.date(2022, 2, 28))

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    radiotherapydiagnosisicd = text(
        "Diagnosis for which radiation was given.", code_system="ICD-10"
    )
