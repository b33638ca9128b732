"""What the NHS knows of participants' visits that were no admission: clinics, emergencies, critical care, imaging.

Columns after the user guide's list of joined columns, its page on the Participant Explorer, and queries
on the programme's own tables. The real tables have hundreds more: what a release has and this page does
not is kept and can be read.
"""

from __future__ import annotations

import datetime

from gecip.model.hospital import PSEUDONYM_CHANGE
from gecip.model.table import (
    Column,
    DateOrder,
    Sensitivity,
    Table,
    date,
    integer,
    numbered,
    text,
)

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER
_TECHNICAL = Sensitivity.TECHNICAL


def _numbered_text(what: str, code_system: str | None = None) -> Column:
    return text(f"{what} of the visit.", code_system=code_system)


def _joined(what: str, code_system: str | None = None) -> Column:
    return text(
        f"All {what} of the visit, joined; the separator is an assumption.",
        code_system=code_system,
        assumption=True,
    )


def _resource_group(what: str) -> Column:
    return text(
        f"Healthcare Resource Group by which the {what} is costed, empty where it was not grouped; "
        "that the programme's copy has it is an assumption.",
        code_system="HRG4+",
        assumption=True,
        alias="resource_group",
    )


class HesOp(Table):
    """One row for each appointment in an outpatient clinic."""

    name = "hes_op"
    covers = (datetime.date(2003, 4, 1), datetime.date(2024, 1, 31))
    date_orders = (
        DateOrder("participant.year_of_birth", "apptdate"),
        DateOrder("apptdate", "mortality.date_of_death"),
    )

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    token_person_id = text(
        "Key of the person in the NHS's own linkage; that this table has it as hes_apc does is an assumption.",
        sensitivity=_ID,
        assumption=True,
        former_names=(PSEUDONYM_CHANGE,),
    )
    apptdate = date("Day of the appointment.", sensitivity=_QUASI)
    sushrg = _resource_group("appointment")
    diagnoses = numbered(
        "diag_{:02d}", range(1, 13), lambda n: _numbered_text(f"Diagnosis {n}", "ICD-10")
    )
    diag_all = _joined("diagnoses", "ICD-10")
    procedures = numbered(
        "opertn_{:02d}", range(1, 25), lambda n: _numbered_text(f"Procedure {n}", "OPCS-4")
    )
    opertn_all = _joined("procedures", "OPCS-4")


class HesAe(Table):
    """One row for each attendance at an emergency department, until ecds took its place in 2020."""

    name = "hes_ae"
    covers = (datetime.date(2007, 4, 1), datetime.date(2020, 3, 31))
    date_orders = (
        DateOrder("participant.year_of_birth", "arrivaldate"),
        DateOrder("arrivaldate", "mortality.date_of_death"),
    )

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    token_person_id = text(
        "Key of the person in the NHS's own linkage; that this table has it as hes_apc does is an assumption.",
        sensitivity=_ID,
        assumption=True,
        former_names=(PSEUDONYM_CHANGE,),
    )
    epikey = text(
        "Key of the episode in hes_apc to which the attendance led; empty where nobody was admitted.",
        sensitivity=_ID,
    )
    arrivaldate = date("Day of the arrival.", sensitivity=_QUASI)
    sushrg = _resource_group("attendance")
    diagnoses = numbered("diag_{:02d}", range(1, 13), lambda n: _numbered_text(f"Diagnosis {n}"))
    diag_all = _joined("diagnoses")
    diagnoses_in_two_characters = numbered(
        "diag2_{:02d}",
        range(1, 13),
        lambda n: _numbered_text(f"Diagnosis {n}, its first two characters,"),
    )
    diag2_all = _joined("diagnoses, their first two characters,")
    anatomical_areas = numbered(
        "diaga_{:02d}",
        range(1, 13),
        lambda n: _numbered_text(f"Part of the body of diagnosis {n}"),
    )
    diaga_all = _joined("diagnosed parts of the body")
    anatomical_sides = numbered(
        "diags_{:02d}",
        range(1, 13),
        lambda n: _numbered_text(f"Side of the body of diagnosis {n}"),
    )
    diags_all = _joined("diagnosed sides of the body")
    investigations = numbered(
        "invest_{:02d}", range(1, 13), lambda n: _numbered_text(f"Investigation {n}")
    )
    invest_all = _joined("investigations")
    investigations_in_two_characters = numbered(
        "invest2_{:02d}",
        range(1, 13),
        lambda n: _numbered_text(f"Investigation {n}, its first two characters,"),
    )
    invest2_all = _joined("investigations, their first two characters,")
    treatments = numbered("treat_{:02d}", range(1, 13), lambda n: _numbered_text(f"Treatment {n}"))
    treat_all = _joined("treatments")
    treatments_in_two_characters = numbered(
        "treat2_{:02d}",
        range(1, 13),
        lambda n: _numbered_text(f"Treatment {n}, its first two characters,"),
    )
    treat2_all = _joined("treatments, their first two characters,")


class HesCc(Table):
    """One row for each stay in critical care; it has no diagnoses."""

    name = "hes_cc"
    covers = (datetime.date(2008, 4, 1), datetime.date(2024, 1, 31))
    date_orders = (
        DateOrder("participant.year_of_birth", "ccstartdate"),
        DateOrder("ccstartdate", "ccdisdate"),
        DateOrder("ccdisdate", "mortality.date_of_death"),
    )

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    token_person_id = text(
        "Key of the person in the NHS's own linkage; that this table has it as hes_apc does is an assumption.",
        sensitivity=_ID,
        assumption=True,
        former_names=(PSEUDONYM_CHANGE,),
    )
    susrecid = text("Key of the admission's record, as in hes_apc.", sensitivity=_ID)
    ccstartdate = date(
        "Day on which critical care began; that the programme's copy has it is an assumption.",
        sensitivity=_QUASI,
        assumption=True,
    )
    ccdisdate = date("Day of discharge from critical care.", sensitivity=_QUASI)


class Ecds(Table):
    """One row for each attendance at an emergency department, in the Emergency Care Data Set."""

    name = "ecds"
    covers = (datetime.date(2017, 4, 5), datetime.date(2022, 8, 4))
    date_orders = (
        DateOrder("participant.year_of_birth", "arrival_date"),
        DateOrder("arrival_date", "departure_date"),
        DateOrder("arrival_date", "mortality.date_of_death"),
    )

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    arrival_date = date("Day of the arrival.", sensitivity=_QUASI)
    seen_date = date("Day on which a professional saw the patient.", sensitivity=_QUASI)
    departure_date = date("Day of the departure.", sensitivity=_QUASI)
    diagnoses = numbered(
        "diagnosis_code_{:02d}",
        range(1, 13),
        lambda n: _numbered_text(f"Diagnosis {n}", "SNOMED CT"),
    )
    diagnosis_code_all = _joined("diagnoses", "SNOMED CT")
    qualifiers = numbered(
        "diagnosis_qualifier_{:02d}",
        range(1, 13),
        lambda n: _numbered_text(f"How sure diagnosis {n} is", "SNOMED CT"),
    )
    diagnosis_qualifier_all = _joined("diagnoses' qualifiers", "SNOMED CT")
    comorbidities = numbered(
        "comorbidities_{:02d}",
        range(1, 11),
        lambda n: _numbered_text(f"Other disease {n}", "SNOMED CT"),
    )
    comorbidities_all = _joined("other diseases", "SNOMED CT")
    treatments = numbered(
        "treatment_code_{:02d}",
        range(1, 13),
        lambda n: _numbered_text(f"Treatment {n}", "SNOMED CT"),
    )
    treatment_code_all = _joined("treatments", "SNOMED CT")
    investigations = numbered(
        "investigation_code_{:02d}",
        range(1, 13),
        lambda n: _numbered_text(f"Investigation {n}", "SNOMED CT"),
    )
    investigation_code_all = _joined("investigations", "SNOMED CT")
    drugs_and_alcohol = numbered(
        "drug_alcohol_code_{:02d}",
        range(1, 5),
        lambda n: _numbered_text(f"Drug or alcohol {n}", "SNOMED CT"),
    )
    drug_alcohol_code_all = _joined("drugs and alcohol", "SNOMED CT")
    classifications = numbered(
        "classification_{:02d}",
        range(1, 5),
        lambda n: _numbered_text(f"Classification {n}"),
    )
    classification_all = _joined("classifications")
    care_professional_tier_all = text(
        "Grades of all professionals who were seen, joined; the separator is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )


class Did(Table):
    """One row for each image in the Diagnostic Imaging Data Set."""

    name = "did"
    covers = (datetime.date(2000, 5, 19), datetime.date(2023, 11, 30))
    date_orders = (
        DateOrder("participant.year_of_birth", "did_date3"),
        DateOrder("did_date3", "mortality.date_of_death"),
    )

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    did_date3 = date("Day on which the image was taken.", sensitivity=_QUASI)
    did_snomedct_code = text("How the image was taken, and of what.", code_system="SNOMED CT")
    ic_region_id = text("The region of the body.", code_system="SNOMED CT")
    ic_region_desc = text("The region of the body, in words.")
    ic_snomedct_desc = text("How the image was taken, and of what, in words.")
    ic_sub_sys_desc = text("The part of the system of organs, in words.")
    ic_nicip_desc = text("What was asked of the imaging department, in words.")
    ic_sub_region_id = text("The part of the region.", code_system="SNOMED CT")
    ic_system_id = text("The system of organs.", code_system="SNOMED CT")
    ic_sub_sys_id = text("The part of the system.", code_system="SNOMED CT")
    ic_sub_syscomp_id = text("The component of that part.", code_system="SNOMED CT")
