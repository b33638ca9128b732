"""Participants' tests for the virus of COVID-19: linked, not asked by the programme."""

from __future__ import annotations

import datetime

from gecip.model.table import Sensitivity, Table, integer


class CovidTestResults(Table):
    """One row for each test for SARS-CoV-2; what its other columns are called is not public."""

    name = "covid_test_results"
    covers = (datetime.date(2020, 3, 16), datetime.date(2022, 1, 5))

    participant_id = integer(
        "The participant who was tested.", sensitivity=Sensitivity.IDENTIFIER, required=True
    )
