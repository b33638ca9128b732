"""The rare-disease tables that the recruiting clinicians filled in: diseases and phenotypes."""

from __future__ import annotations

from gecip.model.people import YES_NO_UNKNOWN
from gecip.model.table import DateOrder, Sensitivity, Table, date, decimal, integer, text

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER

# The values of normalised_disease_group in the published summary statistics of aggV2.
DISEASE_GROUPS = (
    "Cardiovascular disorders",
    "Ciliopathies",
    "Dermatological disorders",
    "Dysmorphic and congenital abnormality syndromes",
    "Endocrine disorders",
    "Gastroenterological disorders",
    "Growth disorders",
    "Haematological and immunological disorders",
    "Haematological disorders",
    "Hearing and ear disorders",
    "Metabolic disorders",
    "Neurology and neurodevelopmental disorders",
    "Ophthalmological disorders",
    "Psychiatric disorders",
    "Renal and urinary tract disorders",
    "Respiratory disorders",
    "Rheumatological disorders",
    "Skeletal disorders",
    "Tumour syndromes",
    "Ultra-rare disorders",
)


HPO_ID = r"HP:\d{7}"


class RareDiseasesParticipantDisease(Table):
    """One row for each rare disease under which a participant (in general the proband) was recruited."""

    name = "rare_diseases_participant_disease"
    key = ("participant_id", "normalised_specific_disease")
    date_orders = (DateOrder("participant.year_of_birth", "diagnosis_date"),)

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    participant_sk = integer("Surrogate key of the participant.", sensitivity=_ID)
    diagnosis_date = date("Day of the clinical diagnosis.", sensitivity=_QUASI)
    age_of_onset = decimal(
        "Age at onset in years as entered; -999 stands for missing.", sensitivity=_QUASI
    )
    normalised_age_of_onset = decimal(
        "Age at onset in years; empty where it was -1, -999 or above 150.", sensitivity=_QUASI
    )
    disease_group = text("Disease group as entered.")
    disease_sub_group = text("Disease subgroup as entered.")
    specific_disease = text("Disease as entered.")
    normalised_specific_disease = text("Disease in one wording.", alias="disease")
    normalised_disease_sub_group = text("Disease subgroup in one wording.", alias="sub_group")
    normalised_disease_group = text(
        "Disease group in one wording.", values=DISEASE_GROUPS, alias="group"
    )


class RareDiseasesParticipantPhenotype(Table):
    """One row for each HPO term on which a participant was assessed, whether present, absent or unknown."""

    name = "rare_diseases_participant_phenotype"
    key = ("participant_id", "hpo_id")
    date_orders = (DateOrder("participant.year_of_birth", "phenotype_report_date"),)

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    hpo_term = text("Name of the HPO term as entered.", code_system="HPO")
    hpo_id = text(
        "HPO id as entered; it may since have become obsolete.", code_system="HPO", pattern=HPO_ID
    )
    hpo_present = text(
        "Whether the clinician found the feature: the table holds negatives too.",
        values=YES_NO_UNKNOWN,
        alias="present",
    )
    laterality = text(
        "Side of the body, where recorded.", values=("RIGHT", "UNILATERAL", "BILATERAL", "LEFT")
    )
    normalised_hpo_id = text(
        "HPO id in the release's version of the ontology (from v9).",
        code_system="HPO",
        alias="term",
        pattern=HPO_ID,
        since="v9",
    )
    normalised_hpo_term = text(
        "Name of the term in the release's version of the ontology (from v9).",
        code_system="HPO",
        since="v9",
    )
    phenotype_report_date = date("Day of the report.", sensitivity=_QUASI)
    notes = text("Notes; from v17 on Orphanet codes.", since="v17")
    # The values are those of the programme's own model of a clinic's report (GelReportModels).
    age_of_onset = text(
        "When in life the feature came; that the column is called so is an assumption.",
        values=(
            "EMBRYONAL_ONSET",
            "FETAL_ONSET",
            "NEONATAL_ONSET",
            "INFANTILE_ONSET",
            "CHILDHOOD_ONSET",
            "JUVENILE_ONSET",
            "YOUNG_ADULT_ONSET",
            "LATE_ONSET",
            "MIDDLE_AGE_ONSET",
        ),
        assumption=True,
        real_only=True,
    )
    progression = text(
        "Whether the feature gets worse; that the column is called so is an assumption.",
        values=("PROGRESSIVE", "NONPROGRESSIVE"),
        assumption=True,
        real_only=True,
    )
    severity = text(
        "How severe the feature is; that the column is called so is an assumption.",
        values=("BORDERLINE", "MILD", "MODERATE", "SEVERE", "PROFOUND"),
        assumption=True,
        real_only=True,
    )
    spatial_pattern = text(
        "Where in the body the feature lies; that the column is called so is an assumption.",
        values=("DISTAL", "GENERALIZED", "LOCALIZED", "PROXIMAL"),
        assumption=True,
        real_only=True,
    )
