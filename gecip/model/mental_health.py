"""What the NHS knows of participants' mental health: three data sets, each of its own years.

Names after queries on the programme's own tables and the user guide's page on the Participant Explorer.
Codes may be written with a dot here, as G22.2.
"""

from __future__ import annotations

import datetime

from gecip.model.table import Column, DateOrder, FormerName, Sensitivity, Table, date, integer, text

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER
_TECHNICAL = Sensitivity.TECHNICAL

# In `diagschemeinuse`: ICD-10; in `findschemeinuse`: ICD-10 as well, by another number. As public queries take them.
ICD10_DIAGNOSES = ("2", "02")
ICD10_FINDINGS = ("1", "01")
_MHMD_YEARS = (datetime.date(2011, 1, 1), datetime.date(2015, 12, 31))
_MHLDDS_YEARS = (datetime.date(2014, 1, 1), datetime.date(2015, 12, 31))
_MHSDS_YEARS = (datetime.date(2016, 1, 1), datetime.date(2019, 12, 31))


def _participant() -> Column:
    return integer("The participant.", sensitivity=_ID, required=True)


def _day(what: str) -> Column:
    return date(f"Day of the {what}.", sensitivity=_QUASI)


def _before_death(day: str) -> tuple[DateOrder, ...]:
    return (
        DateOrder("participant.year_of_birth", day),
        DateOrder(day, "mortality.date_of_death"),
    )


def _diagnosis_scheme() -> Column:
    return text(
        "How the diagnosis is coded; 2 or 02 is ICD-10, and that 6 or 06 is SNOMED CT is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )


def _finding_scheme() -> Column:
    return text(
        "How the finding is coded; 1 or 01 is ICD-10, and that 4 or 04 is SNOMED CT is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )


class MhmdV4Event(Table):
    """One row for each event in the Mental Health Minimum Data Set, version 4; the days of its years are rounded."""

    name = "mhmd_v4_event"
    covers = _MHMD_YEARS
    date_orders = _before_death("mhd_eventdate")

    participant_id = _participant()
    mhd_eventdate = _day("event")
    ic_eve_primarydiagnosis = text("Main diagnosis of the event.", code_system="ICD-10")
    ic_eve_secondarydiagnosis = text("Other diagnosis of the event.", code_system="ICD-10")


class MhlddsEvent(Table):
    """One row for each event in the Mental Health and Learning Disabilities Data Set; its years are rounded."""

    name = "mhldds_event"
    covers = _MHLDDS_YEARS
    date_orders = _before_death("mhd_eventdate")

    participant_id = _participant()
    mhd_eventdate = _day("event")
    primarydiagnosis = text(
        "Main diagnosis of the event.",
        code_system="ICD-10",
        former_names=(FormerName("ic_eve_primarydiagnosis"),),
    )
    secondarydiagnosis = text(
        "Other diagnosis of the event.",
        code_system="ICD-10",
        former_names=(FormerName("ic_eve_secondarydiagnosis"),),
    )


class MhsdsPrimaryDiagnosis(Table):
    """One row for each main diagnosis in the Mental Health Services Data Set; its years are rounded."""

    name = "mhsds_primary_diagnosis"
    since = "v14"
    covers = _MHSDS_YEARS
    date_orders = _before_death("diagdate")

    participant_id = _participant()
    diagdate = _day("diagnosis")
    primdiag = text("The main diagnosis.")
    diagschemeinuse = _diagnosis_scheme()


class MhsdsSecondaryDiagnosis(Table):
    """One row for each further diagnosis in the Mental Health Services Data Set; its years are rounded."""

    name = "mhsds_secondary_diagnosis"
    since = "v14"
    covers = _MHSDS_YEARS
    date_orders = _before_death("diagdate")

    participant_id = _participant()
    diagdate = _day("diagnosis")
    secdiag = text("The further diagnosis.")
    diagschemeinuse = _diagnosis_scheme()


class MhsdsProvisionalDiagnosis(Table):
    """One row for each provisional diagnosis in the Mental Health Services Data Set; its years are rounded."""

    name = "mhsds_provisional_diagnosis"
    since = "v14"
    covers = _MHSDS_YEARS
    date_orders = _before_death("provdiagdate")

    participant_id = _participant()
    provdiagdate = _day("diagnosis")
    provdiag = text("The provisional diagnosis.")
    diagschemeinuse = _diagnosis_scheme()


class MhsdsMedicalHistoryPreviousDiagnosis(Table):
    """One row for each earlier diagnosis in the Mental Health Services Data Set; its years are rounded."""

    name = "mhsds_medical_history_previous_diagnosis"
    since = "v14"
    covers = _MHSDS_YEARS
    date_orders = _before_death("diagdate")

    participant_id = _participant()
    diagdate = _day("diagnosis")
    prevdiag = text("The earlier diagnosis.")
    diagschemeinuse = _diagnosis_scheme()


class MhsdsCareActivity(Table):
    """One row for each activity with the participant present; the tables of activities alone code findings."""

    name = "mhsds_care_activity"
    since = "v14"
    covers = _MHSDS_YEARS
    date_orders = _before_death("carecontdate")

    participant_id = _participant()
    carecontdate = _day("contact")
    codefind = text("The finding.")
    findschemeinuse = _finding_scheme()
    codeobs = text("The observation.", code_system="SNOMED CT")
    obsschemeinuse = text("How the observation is coded; 3 is SNOMED CT.", sensitivity=_TECHNICAL)


class MhsdsIndirectActivity(Table):
    """One row for each activity without the participant; the tables of activities alone code findings."""

    name = "mhsds_indirect_activity"
    since = "v14"
    covers = _MHSDS_YEARS
    date_orders = _before_death("indirectactdate")

    participant_id = _participant()
    indirectactdate = _day("activity")
    codefind = text("The finding.")
    findschemeinuse = _finding_scheme()
