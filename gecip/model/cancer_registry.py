"""What the national cancer registries know: linked, not asked by the programme.

Numbers of tumours here do not name those of the programme's own tables: they are matched by their
dates. Names after queries on the programme's own tables; the tables have more columns than these.
"""

from __future__ import annotations

import datetime

from gecip.model.table import (
    Column,
    DateOrder,
    FormerName,
    Reference,
    Sensitivity,
    Table,
    date,
    integer,
    text,
)

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER
_OF_TUMOUR = Reference("anon_tumour_id", "av_tumour", "anon_tumour_id")

# The eight ways by which the registry knows a cancer to have been found.
ROUTES_TO_DIAGNOSIS = (
    "Screening",
    "Two Week Wait",
    "GP referral",
    "Other outpatient",
    "Inpatient elective",
    "Emergency presentation",
    "DCO",
    "Unknown",
)


def _tumour_number() -> Column:
    return integer(
        "Number of the tumour in the registry; that it has digits only is an assumption.",
        sensitivity=_ID,
        assumption=True,
        former_names=(FormerName("tumour_pseudo_id", "v16"),),
    )


class CancerRegistry(Table):
    """One row for each cancer that was registered with NHS Digital, from 1971 on."""

    name = "cancer_registry"
    # The list of changes says of v11 that `cen` became `cancer_registry`, and of v17 that `cancer_register_nhsd` did.
    former_names = (FormerName("cen", "v10"), FormerName("cancer_register_nhsd", "v16"))
    covers = (datetime.date(1971, 9, 7), datetime.date(2023, 6, 2))
    date_orders = (DateOrder("participant.year_of_birth", "event_date"),)

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    event_date = date("Day of the registration.", sensitivity=_QUASI)
    cancer_site = text("Site of the tumour; sometimes written like a number.", code_system="ICD-10")
    cancer_type = text("Kind of tumour.", code_system="ICD-O-3")
    cancer_behaviour = text("Behaviour of the tumour.", code_system="ICD-O-3")


class AvPatient(Table):
    """One row for each participant whom the National Cancer Registration and Analysis Service knows."""

    name = "av_patient"
    key = ("participant_id",)
    one_row_per_participant = True
    date_orders = (DateOrder("participant.year_of_birth", "deathdatebest"),)

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    embarkation = text("Whether the participant has left the country.", sensitivity=_QUASI)
    vitalstatus = text(
        "Whether the participant lives (A) or has died (D); the name is an assumption, after the registry's own.",
        values=("A", "D"),
        assumption=True,
    )
    vitalstatusdate = date(
        "Day on which that was known; the name is an assumption, after the registry's own.",
        sensitivity=_QUASI,
        assumption=True,
    )
    deathdatebest = date(
        "Best known day of death; the name is an assumption, after the registry's own.",
        sensitivity=_QUASI,
        assumption=True,
    )


class AvTumour(Table):
    """One row for each tumour that the National Cancer Registration and Analysis Service registered."""

    name = "av_tumour"
    key = ("anon_tumour_id",)
    covers = (datetime.date(1985, 1, 1), datetime.date(2019, 12, 31))
    date_orders = (
        DateOrder("participant.year_of_birth", "diagnosisdatebest"),
        DateOrder("diagnosisdatebest", "date_first_surgery"),
        DateOrder("diagnosisdatebest", "mortality.date_of_death"),
    )

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    anon_tumour_id = _tumour_number()
    diagnosisdatebest = date("Best known day of the diagnosis.", sensitivity=_QUASI)
    site_icd10_o2 = text("Site of the tumour.", code_system="ICD-10")
    site_icd10_O2_3char = text("Site of the tumour, in three characters.", code_system="ICD-10")  # noqa: N815
    site_coded_3char = text(
        "Site of the tumour as it was coded at the time, in three characters.",
        code_system="ICD-10",
    )
    site_coded = text("Site of the tumour as it was coded at the time.", code_system="ICD-10")
    histology_coded = text("Histology of the tumour.", code_system="ICD-O-3")
    histology_coded_desc = text("Histology of the tumour, in words.", code_system="ICD-O-3")
    grade = text("Grade of the tumour.")
    er_status = text("Whether the tumour has oestrogen receptors.")
    pr_status = text("Whether the tumour has progesterone receptors.")
    her2_status = text("Whether the tumour has too much of the HER2 receptor.")
    dukes = text("Stage of a colorectal tumour after Dukes.", code_system="Dukes")
    figo = text("Stage of a gynaecological tumour.", code_system="FIGO")
    gleason_primary = integer(
        "Primary Gleason grade; that the table calls it as cancer_staging_consolidated does is an assumption.",
        assumption=True,
    )
    gleason_combined = integer(
        "Combined Gleason score; that the table calls it as cancer_staging_consolidated does is an assumption.",
        assumption=True,
    )
    t_best = text("Best known extent of the tumour.", code_system="TNM")
    n_best = text("Best known state of the lymph nodes.", code_system="TNM")
    m_best = text("Best known metastases.", code_system="TNM")
    stage_best = text("Best stage that the registry holds.", alias="stage")
    stage_best_system = text("The system of that stage.")
    date_first_surgery = date("Day of the first operation.", sensitivity=_QUASI)
    first_hosp_date = date("Day of the first contact with a hospital.", sensitivity=_QUASI)
    diag_hosp = text("Hospital of the diagnosis.", code_system="ODS", sensitivity=_QUASI)
    diag_trust = text("NHS trust of the diagnosis.", code_system="ODS", sensitivity=_QUASI)


class AvTreatment(Table):
    """One row for each treatment of a tumour that the registry knows."""

    name = "av_treatment"
    covers = (datetime.date(1985, 2, 8), datetime.date(2022, 8, 22))
    references = (_OF_TUMOUR,)
    date_orders = (DateOrder("eventdate", "mortality.date_of_death"),)

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    anon_tumour_id = _tumour_number()
    eventdate = date("Day of the treatment.", sensitivity=_QUASI)
    eventcode = text("Kind of treatment, in the registry's codes.")
    eventdesc = text("Kind of treatment, in words.")
    opcs4_code = text("The operation.", code_system="OPCS-4")
    opcs4_name = text("The operation, in words.")
    radiocode = text("Kind of radiation, in the registry's codes.")
    radiodesc = text("Kind of radiation, in words.")
    imagingcode = text("Kind of image, in the registry's codes.")
    imagingdesc = text("Kind of image, in words.")
    imagingsite = text("Where the image was taken.", code_system="OPCS-4")


class AvRtd(Table):
    """One row for each tumour with the route by which it came to be diagnosed, of eight routes."""

    name = "av_rtd"
    references = (_OF_TUMOUR,)

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    anon_tumour_id = _tumour_number()
    final_route = text(
        "The route; the name and the wording are assumptions, after the registry's own.",
        values=ROUTES_TO_DIAGNOSIS,
        assumption=True,
    )


class AvImd(Table):
    """One row for each tumour with the deprivation of the area where the participant lived."""

    name = "av_imd"
    references = (_OF_TUMOUR,)

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    anon_tumour_id = _tumour_number()
    imd = text(
        "How deprived the area is by the Index of Multiple Deprivation, in fifths; the wording is an assumption.",
        sensitivity=_QUASI,
        assumption=True,
    )
