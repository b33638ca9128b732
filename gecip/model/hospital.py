"""What the NHS knows of participants' stays in hospital and deaths: linked, not asked by the programme.

Names after queries on the programme's own tables (Research Environment user guide and tutorials). The
columns of `hes_apc` from which a stay is costed (`admimeth`, `classpat`, `epiend`, `sushrg`) are real columns of Hospital
Episode Statistics; that the programme's copy has them, and that `sushrg` is the group of the
episode and not of the whole stay, are assumptions, marked as such.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from gecip.model.table import (
    Column,
    DateOrder,
    FormerName,
    Sensitivity,
    Table,
    date,
    integer,
    numbered,
    text,
)

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER

# First and last day on which an event may lie in release v19 (user guide, release notes).
HES_APC_COVERAGE = (datetime.date(1992, 9, 13), datetime.date(2024, 1, 31))
MORTALITY_COVERAGE = (datetime.date(1995, 6, 27), datetime.date(2024, 2, 25))

PSEUDONYM_CHANGE = FormerName("pseudo_hes_id", "v13")

# In the joined columns `diag_all`, `opertn_all` and `icd10_multiple_cause_all`. That it is this character is an
# assumption.
SEPARATOR = "|"

# NHS Data Dictionary, admission method and patient classification.
PLANNED_ADMISSION_METHODS = ("11", "12", "13")
EMERGENCY_ADMISSION_METHODS = ("21", "22", "23", "24", "25", "28", "2A", "2B", "2C", "2D")
OTHER_ADMISSION_METHODS = ("31", "32", "81", "82", "83", "84", "89", "98", "99")
ORDINARY_ADMISSION, DAY_CASE_ADMISSION = "1", "2"
PATIENT_CLASSES = (ORDINARY_ADMISSION, DAY_CASE_ADMISSION, "3", "4", "5", "8")


def _diagnosis(number: int) -> Column:
    which = "The main diagnosis" if number == 1 else f"Diagnosis {number}"
    return text(
        f"{which} of the episode, in ICD-10 without a dot, as N281.",
        code_system="ICD-10",
        alias="diagnosis" if number == 1 else None,
    )


def _operation(number: int) -> Column:
    which = "The main procedure" if number == 1 else f"Procedure {number}"
    return text(f"{which} of the episode.", code_system="OPCS-4")


def _cause(number: int) -> Column:
    return text(
        f"Cause {number} on the death certificate, in ICD-10 without a dot.",
        code_system="ICD-10",
    )


def _augmented_care(what: str) -> Callable[[int], Column]:
    return lambda number: text(
        f"{what} of period {number} of augmented care; that this is its meaning is an assumption.",
        assumption=True,
        real_only=True,
    )


def _augmented_care_joined(what: str) -> Column:
    return text(
        f"All {what} of augmented care in the episode, joined; the separator is an assumption.",
        assumption=True,
        real_only=True,
    )


class HesApc(Table):
    """One row for each episode of admitted care: a stay under one consultant; several make one admission."""

    name = "hes_apc"
    covers = HES_APC_COVERAGE
    date_orders = (
        DateOrder("participant.year_of_birth", "admidate"),
        DateOrder("admidate", "epistart"),
        DateOrder("epistart", "epiend"),
        DateOrder("epiend", "disdate"),
        DateOrder("epistart", "mortality.date_of_death"),
    )

    participant_id = integer("The participant who was admitted.", sensitivity=_ID, required=True)
    token_person_id = text(
        "Key of the person in the NHS's own linkage (so called from v14).",
        sensitivity=_ID,
        former_names=(PSEUDONYM_CHANGE,),
    )
    epikey = text("Key of the episode; emergencies that led to it have it too.", sensitivity=_ID)
    susrecid = text(
        "Key of the admission's record, which critical care within it has too.", sensitivity=_ID
    )
    epistart = date("Day on which the episode began.", sensitivity=_QUASI)
    epiend = date(
        "Day on which the episode ended; that the programme's copy has it is an assumption.",
        sensitivity=_QUASI,
        assumption=True,
    )
    admidate = date("Day of the admission of which the episode is part.", sensitivity=_QUASI)
    disdate = date(
        "Day of discharge, empty in all but an admission's last episode.", sensitivity=_QUASI
    )
    admimeth = text(
        "Whether the admission was planned (1…) or an emergency (2…); that the programme's copy has it is an assumption.",
        values=(
            *PLANNED_ADMISSION_METHODS,
            *EMERGENCY_ADMISSION_METHODS,
            *OTHER_ADMISSION_METHODS,
        ),
        code_system="NHS admission method",
        assumption=True,
    )
    classpat = text(
        "Whether the patient stayed (1), was a day case (2), came regularly (3, 4) or gave birth (5); "
        "that the programme's copy has it is an assumption.",
        values=PATIENT_CLASSES,
        code_system="NHS patient classification",
        assumption=True,
    )
    sushrg = text(
        "Healthcare Resource Group by which the episode is costed, empty where it was not grouped; "
        "that the programme's copy has it, and by the episode, is an assumption.",
        code_system="HRG4+",
        assumption=True,
        alias="resource_group",
    )
    diag_01 = _diagnosis(1)
    diag_02 = _diagnosis(2)
    diag_03 = _diagnosis(3)
    diag_04 = _diagnosis(4)
    diag_05 = _diagnosis(5)
    diag_06 = _diagnosis(6)
    diag_07 = _diagnosis(7)
    diag_08 = _diagnosis(8)
    diag_09 = _diagnosis(9)
    diag_10 = _diagnosis(10)
    diag_11 = _diagnosis(11)
    diag_12 = _diagnosis(12)
    diag_13 = _diagnosis(13)
    diag_14 = _diagnosis(14)
    diag_15 = _diagnosis(15)
    diag_16 = _diagnosis(16)
    diag_17 = _diagnosis(17)
    diag_18 = _diagnosis(18)
    diag_19 = _diagnosis(19)
    diag_20 = _diagnosis(20)
    diag_all = text(
        "All diagnoses of the episode, joined; the separator is an assumption.",
        code_system="ICD-10",
        assumption=True,
    )
    opertn_01 = _operation(1)
    opertn_02 = _operation(2)
    opertn_03 = _operation(3)
    opertn_04 = _operation(4)
    opertn_05 = _operation(5)
    opertn_06 = _operation(6)
    opertn_07 = _operation(7)
    opertn_08 = _operation(8)
    opertn_09 = _operation(9)
    opertn_10 = _operation(10)
    opertn_11 = _operation(11)
    opertn_12 = _operation(12)
    opertn_13 = _operation(13)
    opertn_14 = _operation(14)
    opertn_15 = _operation(15)
    opertn_16 = _operation(16)
    opertn_17 = _operation(17)
    opertn_18 = _operation(18)
    opertn_19 = _operation(19)
    opertn_20 = _operation(20)
    opertn_21 = _operation(21)
    opertn_22 = _operation(22)
    opertn_23 = _operation(23)
    opertn_24 = _operation(24)
    opertn_all = text(
        "All procedures of the episode, joined; the separator is an assumption.",
        code_system="OPCS-4",
        assumption=True,
    )
    # Augmented care, until critical care took its place: nine periods an episode.
    augmented_care_disposals = numbered("acpdisp_{}", range(1, 10), _augmented_care("Disposal"))
    acpdisp_all = _augmented_care_joined("disposals")
    augmented_care_indicators = numbered(
        "acpdqind_{}", range(1, 10), _augmented_care("Indicator of data quality")
    )
    acpdqind_all = _augmented_care_joined("indicators of data quality")
    augmented_care_locations = numbered("acploc_{}", range(1, 10), _augmented_care("Location"))
    acploc_all = _augmented_care_joined("locations")
    augmented_care_outcomes = numbered("acpout_{}", range(1, 10), _augmented_care("Outcome"))
    acpout_all = _augmented_care_joined("outcomes")
    augmented_care_sources = numbered("acpsour_{}", range(1, 10), _augmented_care("Source"))
    acpsour_all = _augmented_care_joined("sources")
    augmented_care_specialties = numbered("acpspef_{}", range(1, 10), _augmented_care("Specialty"))
    acpspef_all = _augmented_care_joined("specialties")


class Mortality(Table):
    """One row for each participant who has died, as the Office for National Statistics registered it."""

    name = "mortality"
    key = ("participant_id",)
    one_row_per_participant = True
    former_names = (FormerName("ons", "v10"),)
    covers = MORTALITY_COVERAGE
    date_orders = (DateOrder("participant.year_of_birth", "date_of_death"),)

    participant_id = integer("The participant who died.", sensitivity=_ID, required=True)
    date_of_death = date("Day of death.", sensitivity=_QUASI)
    icd10_multiple_cause_01 = _cause(1)
    icd10_multiple_cause_02 = _cause(2)
    icd10_multiple_cause_03 = _cause(3)
    icd10_multiple_cause_04 = _cause(4)
    icd10_multiple_cause_05 = _cause(5)
    icd10_multiple_cause_06 = _cause(6)
    icd10_multiple_cause_07 = _cause(7)
    icd10_multiple_cause_08 = _cause(8)
    icd10_multiple_cause_09 = _cause(9)
    icd10_multiple_cause_10 = _cause(10)
    icd10_multiple_cause_11 = _cause(11)
    icd10_multiple_cause_12 = _cause(12)
    icd10_multiple_cause_13 = _cause(13)
    icd10_multiple_cause_14 = _cause(14)
    icd10_multiple_cause_15 = _cause(15)
    icd10_multiple_cause_all = text(
        "All causes on the death certificate, joined; the separator is an assumption.",
        code_system="ICD-10",
        assumption=True,
    )


class DeathDetails(Table):
    """One row for each death that a centre reported to the programme; less complete than mortality."""

    name = "death_details"
    date_orders = (DateOrder("participant.year_of_birth", "death_date"),)

    participant_id = integer("The participant who died.", sensitivity=_ID, required=True)
    death_date = date("Day of death.", sensitivity=_QUASI)
