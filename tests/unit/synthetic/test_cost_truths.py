"""The planted fall of hospital costs after a diagnosis, found in the files without the domain's own costing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from gecip.model.unit_costs import MEAN_UNIT_COSTS, RESOURCE_GROUPS, PointOfDelivery
from gecip.synthetic import read_answers

LAST_DAY = pd.Timestamp("2024-01-31")


def price(row: pd.Series) -> float:  # type: ignore[type-arg]
    if row["classpat"] == "2":
        point = PointOfDelivery.DAY_CASE
    elif row["admimeth"] == "11":
        point = PointOfDelivery.ELECTIVE
    elif (row["epiend"] - row["epistart"]).days > 1:
        point = PointOfDelivery.NON_ELECTIVE_LONG
    else:
        point = PointOfDelivery.NON_ELECTIVE_SHORT
    group = RESOURCE_GROUPS.get(row["sushrg"])
    return (MEAN_UNIT_COSTS if group is None else group.unit_costs)[point]


def test_costs_fall_after_a_diagnosis_by_what_was_planted(clinical_release_folder: Path) -> None:
    (answer,) = [
        one for one in read_answers(clinical_release_folder) if one.kind == "hospital_cost"
    ]
    reports = pd.read_parquet(clinical_release_folder / "tables" / "gmc_exit_questionnaire.parquet")
    reports["solved"] = reports["case_solved_family"].isin(["yes", "partially"])
    people = reports.groupby("participant_id").agg(
        day=("event_date", "max"), solved=("solved", "any")
    )
    assert people["solved"].sum() == answer.expected["people_diagnosed"] >= 100
    people["day"] = pd.to_datetime(people["day"])
    table = pd.read_parquet(clinical_release_folder / "tables" / "participant.parquet").set_index(
        "participant_id"
    )
    deaths = pd.read_parquet(clinical_release_folder / "tables" / "mortality.parquet").set_index(
        "participant_id"
    )
    until = table["secondary_data_received_until_year"].dropna().astype(int).astype(str)
    ends = [
        pd.to_datetime(deaths["date_of_death"]).reindex(people.index),
        pd.to_datetime(until + "-06-30").reindex(people.index),
    ]
    people["end"] = pd.concat(ends, axis=1).min(axis=1).fillna(LAST_DAY).clip(upper=LAST_DAY)
    begin = people["day"] + pd.Timedelta(days=366)
    people["years"] = (people["end"] - begin).dt.days.clip(lower=0) / 365.25
    stays = pd.read_parquet(
        clinical_release_folder / "tables" / "hes_apc.parquet"
    ).drop_duplicates()
    stays = stays[stays["participant_id"].isin(people.index)].copy()
    for column in ("epistart", "epiend"):
        stays[column] = pd.to_datetime(stays[column])
    stays = stays[stays["epistart"] >= stays["participant_id"].map(begin)]
    pounds = stays.assign(cost=stays.apply(price, axis=1)).groupby("participant_id")["cost"].sum()
    people["cost"] = pounds.reindex(people.index).fillna(0.0)
    rates, variances = [], []
    for solved in (True, False):
        mine = people[(people["solved"] == solved) & (people["years"] > 0)]
        rate = mine["cost"].sum() / mine["years"].sum()
        left = mine["cost"] - rate * mine["years"]
        rates.append(rate)
        variances.append(len(mine) * left.var() / mine["years"].sum() ** 2)
    fewer, error = rates[1] - rates[0], np.sqrt(sum(variances))
    planted = answer.expected["pounds_fewer_a_year"]
    # Two groups of other diseases and ages: the price of an admission differs by some percent.
    assert abs(fewer - planted) < 3 * error + 0.12 * planted
    assert fewer > 5 * error
