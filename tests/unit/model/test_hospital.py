"""The tables of hospital stays and deaths, and the prices by which stays are costed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gecip.model.hospital import HesApc, Mortality
from gecip.model.unit_costs import MEAN_UNIT_COSTS, RESOURCE_GROUPS, PointOfDelivery

COLLECTION = (
    Path(__file__).parents[3].parent
    / "shared"
    / "data"
    / "nhs-costs"
    / "national-cost-collection-2024-25.csv.gz"
)
POINTS = [point.value for point in PointOfDelivery]


@pytest.fixture(name="collection", scope="module")
def _collection() -> pd.DataFrame:
    if not COLLECTION.exists():
        pytest.skip("the National Cost Collection 2024/25 is not at hand")
    return pd.read_csv(COLLECTION).dropna(subset=["unit_cost"])


def test_episodes_have_twenty_diagnoses_and_twenty_four_procedures_numbered_with_two_digits() -> (
    None
):
    names = list(HesApc.columns)
    assert [name for name in names if name.startswith("diag_")] == [
        *(f"diag_{number:02d}" for number in range(1, 21)),
        "diag_all",
    ]
    assert len([name for name in names if name.startswith("opertn_")]) == 25


def test_deaths_have_fifteen_causes() -> None:
    causes = [name for name in Mortality.columns if name.startswith("icd10_multiple_cause_")]
    assert causes[:2] == ["icd10_multiple_cause_01", "icd10_multiple_cause_02"]
    assert len(causes) == 16


def test_what_is_not_published_of_the_programmes_copy_is_marked_as_assumed() -> None:
    assumed = {name for name, column in HesApc.columns.items() if column.assumption}
    assert assumed == {"epiend", "admimeth", "classpat", "sushrg", "diag_all", "opertn_all"}


def test_every_group_has_a_price_at_every_point_of_delivery() -> None:
    for code, group in RESOURCE_GROUPS.items():
        assert group.code == code
        assert set(group.unit_costs) == set(PointOfDelivery)
        assert min(group.unit_costs.values()) > 0
    assert set(MEAN_UNIT_COSTS) == set(PointOfDelivery)


def test_every_price_is_the_one_in_the_national_cost_collection(collection: pd.DataFrame) -> None:
    prices = collection.set_index(["currency_code", "department_code"])
    for code, group in RESOURCE_GROUPS.items():
        for point, price in group.unit_costs.items():
            row = prices.loc[(code, point.value)]
            assert price == pytest.approx(row["unit_cost"], abs=0.005), (code, point)
            assert group.description == row["currency_desc"]


def test_mean_prices_are_those_of_the_whole_collection(collection: pd.DataFrame) -> None:
    by_point = collection[collection["department_code"].isin(POINTS)].groupby("department_code")
    sums = by_point[["cost", "activity"]].sum()
    for point, price in MEAN_UNIT_COSTS.items():
        expected = sums.loc[point.value, "cost"] / sums.loc[point.value, "activity"]
        assert price == pytest.approx(expected, abs=0.005)
