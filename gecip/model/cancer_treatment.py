"""How participants' cancers were treated with drugs and radiation: linked, not asked by the programme.

Names after queries on the programme's own tables, the user guide's page on the Participant Explorer, and the list
of changes of the sister release, which says of many days what they are called.
"""

from __future__ import annotations

import datetime

from gecip.model.table import (
    DateOrder,
    Sensitivity,
    Table,
    boolean,
    date,
    decimal,
    integer,
    text,
)

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER


class Sact(Table):
    """One row for each drug of a cycle of systemic anti-cancer therapy, curated.

    A person's regimens are told apart by their numbers and by the days on which they began.
    """

    name = "sact"
    covers = (datetime.date(2012, 4, 6), datetime.date(2022, 8, 30))
    date_orders = (
        DateOrder("date_decision_to_treat", "start_date_of_regimen"),
        DateOrder("start_date_of_regimen", "start_date_of_cycle"),
        DateOrder("start_date_of_cycle", "administration_date"),
        DateOrder("administration_date", "date_of_final_treatment"),
        DateOrder("administration_date", "mortality.date_of_death"),
    )

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    anon_tumour_id = integer(
        "Number of the tumour in the registry, as in av_tumour; empty where it was not matched.",
        sensitivity=_ID,
    )
    primary_diagnosis = text("Diagnosis for which the drug was given.", code_system="ICD-10")
    analysis_group = text("Group of the regimen for analysis.")
    drug_group = text("The drug, in one wording.", alias="drug")
    gender_current = text("Gender as the provider records it.", sensitivity=_QUASI)
    morphology = text("Morphology of the tumour.", code_system="ICD-O-3")
    sact_stage_at_start = text("Stage of the tumour when the regimen began.")
    date_decision_to_treat = date("Day on which treatment was decided.", sensitivity=_QUASI)
    start_date_of_regimen = date("Day on which the regimen began.", sensitivity=_QUASI)
    programme_number = integer("Number of the line of therapy, from 1.")
    cycle_number = integer("Number of the cycle within the regimen, from 1.")
    start_date_of_cycle = date("Day on which the cycle began.", sensitivity=_QUASI)
    administration_date = date("Day on which the drug was given.", sensitivity=_QUASI)
    date_of_final_treatment = date(
        "Last day of the regimen, empty while it is not recorded.", sensitivity=_QUASI
    )
    chemo_radiation = boolean("Whether radiation was given together with the drugs.")
    regimen_mod_stopped_early = boolean("Whether the regimen was stopped before its end.")
    regimen_mod_time_delay = boolean("Whether the regimen was delayed.")
    opcs_procurement_code = text(
        "Band of the drugs' price.", code_system="OPCS-4", sensitivity=Sensitivity.TECHNICAL
    )
    opcs_delivery_code = text("How the drug was delivered.", code_system="OPCS-4")


class SactUncurated(Table):
    """One row for each drug of a cycle of systemic anti-cancer therapy, as the providers sent it."""

    name = "sact_uncurated"
    covers = (datetime.date(2008, 4, 9), datetime.date(2022, 12, 30))

    participant_id = integer("The participant.", sensitivity=_ID, required=True)


class Rtds(Table):
    """One row for each attendance for radiotherapy; in v17 and v18 some 8 % of the rows lost their date in September."""

    name = "rtds"
    covers = (datetime.date(2009, 4, 15), datetime.date(2022, 2, 28))
    date_orders = (
        DateOrder("decisiontotreatdate", "treatmentstartdate"),
        DateOrder("treatmentstartdate", "apptdate"),
        DateOrder("apptdate", "mortality.date_of_death"),
    )

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    radiotherapydiagnosisicd = text(
        "Diagnosis for which radiation was given.", code_system="ICD-10"
    )
    decisiontotreatdate = date("Day on which radiation was decided.", sensitivity=_QUASI)
    treatmentstartdate = date("Day on which the course of radiation began.", sensitivity=_QUASI)
    apptdate = date("Day of the attendance.", sensitivity=_QUASI)
    proceduredate = date("Day of the procedure at the attendance.", sensitivity=_QUASI)
    primaryprocedureopcs = text("The procedure.", code_system="OPCS-4")
    rttreatmentanatomicalsite = text("Where the radiation was aimed.", code_system="OPCS-4")
    radiotherapyintent = integer(
        "What the radiation is for: 1 palliative, 2 against the cancer, 3 other.",
        code_system="NHS radiotherapy intent",
    )
    rttreatmentregion = text(
        "What is treated: the primary tumour (P), regional nodes (R), both (PR), no particular site (A), "
        "prophylaxis elsewhere (O), metastases (M).",
        values=("P", "R", "PR", "A", "O", "M"),
        code_system="NHS radiotherapy treatment region",
    )
    rtactualdose = decimal("Dose that was given in the course, in Gy.")
    radiotherapybeamtype = text("Kind of beam; the wording is an assumption.", assumption=True)
    radiotherapybeamenergy = decimal("Energy of the beam, in MV.")
