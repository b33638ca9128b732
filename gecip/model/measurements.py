"""Measurements of the body, which the recruiting clinicians took."""

from __future__ import annotations

from gecip.model.table import DateOrder, Sensitivity, Table, date, decimal, integer


class RareDiseasesGenMeasurement(Table):
    """One row for each time that somebody of the rare-disease arm was measured."""

    name = "rare_diseases_gen_measurement"
    date_orders = (DateOrder("participant.year_of_birth", "measurement_date"),)

    participant_id = integer(
        "Who was measured; that the column is called so is an assumption.",
        sensitivity=Sensitivity.IDENTIFIER,
        required=True,
        assumption=True,
    )
    measurement_date = date(
        "Day of the measurement; the name is an assumption.",
        sensitivity=Sensitivity.QUASI_IDENTIFIER,
        assumption=True,
    )
    height_cm = decimal("Height, in centimetres; the name is an assumption.", assumption=True)
