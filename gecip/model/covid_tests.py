"""Participants' tests for the virus of COVID-19: linked, not asked by the programme."""

from __future__ import annotations

import datetime

from gecip.model.table import Sensitivity, Table, date, integer, text


class CovidTestResults(Table):
    """One row for each test for SARS-CoV-2; what its columns are called is not public.

    They are taken to be those of the national laboratories' collection, from which the results come; not
    every laboratory reports negative results, and some results come twice.
    """

    name = "covid_test_results"
    covers = (datetime.date(2020, 3, 16), datetime.date(2022, 1, 5))

    participant_id = integer(
        "The participant who was tested.", sensitivity=Sensitivity.IDENTIFIER, required=True
    )
    specimen_date = date(
        "Day on which the specimen was taken; the name is an assumption.",
        sensitivity=Sensitivity.QUASI_IDENTIFIER,
        assumption=True,
    )
    result = text(
        "Whether the virus was found; the name and the words are an assumption.",
        values=("Positive", "Negative"),
        assumption=True,
    )
