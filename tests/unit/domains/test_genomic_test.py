"""The decision model against integrals in continuous time, the national life table, and cases that answer themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

from domains.health_economics.genomic_test import (
    GENOMES,
    STRATEGIES,
    Parameters,
    hazard_of_death,
    price_worth_paying,
    run_model,
)
from domains.health_economics.markov import CycleCorrection
from domains.health_economics.uncertainty import net_benefit
from gecip.errors import AnalysisError

LIFE_TABLES = (
    Path(__file__).parents[3].parent / "shared" / "data" / "life-tables" / "ons-uk-1980-2019.csv.gz"
)


def parameters(**changes: object) -> Parameters:
    facts: dict[str, object] = {
        "found": np.array([[0.2, 0.3, 0.4]]),
        "months_on_usual_path": np.array([75.0]),
        "cost_of_genome": np.array([2_350.0]),
        "cost_without_diagnosis": np.array([3_000.0]),
        "cost_with_diagnosis": np.array([2_000.0]),
        "utility_without_diagnosis": np.array([0.7]),
        "gain_of_utility": np.array([0.06]),
        "age": 20.0,
    }
    return Parameters(**(facts | changes))


def years_waited(*, rate: float, discount: float, age: float) -> float:
    """Return the discounted years without a diagnosis of somebody whose disease can be explained, by integration."""
    birth, rise = hazard_of_death(0.0), np.log(hazard_of_death(1.0) / hazard_of_death(0.0))

    def alive(time: float) -> float:
        return float(np.exp(-birth / rise * (np.exp(rise * (age + time)) - np.exp(rise * age))))

    def still_waiting(time: float) -> float:
        return float(alive(time) * np.exp(-rate * time) * (1 + discount) ** -time)

    return quad(still_waiting, 0, 110 - age)[0]


@pytest.mark.parametrize("discount", [0.0, 0.035])
def test_what_a_test_gains_is_the_time_that_its_diagnoses_would_have_waited(
    discount: float,
) -> None:
    outcomes = run_model(parameters(), discount_rate=discount)
    waited = years_waited(rate=np.log(2) / 6.25, discount=discount, age=20)
    for place, found in enumerate([0.2, 0.3, 0.4], start=1):
        gained = outcomes.effects[0, place] - outcomes.effects[0, 0]
        assert gained == pytest.approx(found * 0.06 * waited, rel=0.01)
        price = GENOMES[STRATEGIES[place]] * 2_350
        saved = outcomes.costs[0, 0] + price - outcomes.costs[0, place]
        assert saved == pytest.approx(found * 1_000 * waited, rel=0.01)


def test_a_test_that_finds_nobody_only_costs_its_price() -> None:
    outcomes = run_model(parameters(found=np.zeros((1, 3))))
    assert outcomes.effects[0] == pytest.approx([outcomes.effects[0, 0]] * 4)
    assert outcomes.costs[0] - outcomes.costs[0, 0] == pytest.approx([0, 2_350, 4_700, 7_050])


def test_with_full_health_and_no_discount_people_live_as_long_as_the_hazard_lets_them() -> None:
    outcomes = run_model(
        parameters(utility_without_diagnosis=np.ones(1), gain_of_utility=np.zeros(1), age=40.0),
        discount_rate=0,
    )
    expected = years_waited(rate=0, discount=0, age=40)
    assert outcomes.effects[0] == pytest.approx([expected] * 4, rel=0.002)


def test_up_to_seventy_life_expectancy_is_that_of_the_national_life_table_within_half_a_year() -> (
    None
):
    if not LIFE_TABLES.exists():
        pytest.skip("the national life tables are not at hand")
    table = pd.read_csv(LIFE_TABLES)
    deaths = table[table["period"] == "2017-2019"].groupby("age")["mx"].mean()
    for age in (0, 10, 20, 40, 60, 70):
        alive = np.exp(-np.concatenate([[0], np.cumsum(deaths[age:])]))
        published = ((alive[1:] + alive[:-1]) / 2).sum()
        ours = years_waited(rate=0, discount=0, age=age)
        assert ours == pytest.approx(published, abs=0.5), age


def test_draws_run_together_as_they_run_alone() -> None:
    together = run_model(
        parameters(
            found=np.array([[0.1, 0.2, 0.5], [0.3, 0.2, 0.1]]),
            months_on_usual_path=np.array([60.0, 90.0]),
            cost_of_genome=np.array([2_000.0, 3_000.0]),
            cost_without_diagnosis=np.array([1_000.0, 4_000.0]),
            cost_with_diagnosis=np.array([900.0, 5_000.0]),
            utility_without_diagnosis=np.array([0.6, 0.8]),
            gain_of_utility=np.array([-0.01, 0.1]),
        )
    )
    alone = run_model(
        parameters(
            found=np.array([[0.3, 0.2, 0.1]]),
            months_on_usual_path=np.array([90.0]),
            cost_of_genome=np.array([3_000.0]),
            cost_without_diagnosis=np.array([4_000.0]),
            cost_with_diagnosis=np.array([5_000.0]),
            utility_without_diagnosis=np.array([0.8]),
            gain_of_utility=np.array([0.1]),
        )
    )
    assert together.costs[1] == pytest.approx(alone.costs[0])
    assert together.effects[1] == pytest.approx(alone.effects[0])
    assert together.costs.shape == together.effects.shape == (2, 4)


def test_at_the_price_worth_paying_a_test_is_neither_better_nor_worse() -> None:
    given = parameters()
    worth = price_worth_paying(run_model(given), threshold=20_000)
    assert np.isnan(worth[0])
    for place, strategy in list(enumerate(STRATEGIES))[1:]:
        at_this = replace(given, cost_of_genome=np.array([worth[place] / GENOMES[strategy]]))
        outcomes = run_model(at_this)
        benefit = net_benefit(outcomes.costs, outcomes.effects, threshold=20_000)[0]
        assert benefit[place] == pytest.approx(benefit[0])


def test_how_cycles_are_corrected_changes_the_gain_by_little() -> None:
    half, none = (
        run_model(parameters(), correction=one).effects[0]
        for one in (CycleCorrection.HALF_CYCLE, CycleCorrection.NONE)
    )
    assert (half[3] - half[0]) == pytest.approx(none[3] - none[0], rel=0.1)
    assert half[0] < none[0]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"found": np.array([[0.2, 0.3]])}, "three for each draw"),
        ({"found": np.array([[0.2, 0.3, 1.4]])}, "lie between 0 and 1"),
        ({"age": 120.0}, "from 0 to 99"),
        ({"age": float("nan")}, "from 0 to 99"),
        ({"months_on_usual_path": np.array([0.0])}, "more than none"),
    ],
)
def test_parameters_that_cannot_be_are_refused(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(AnalysisError, match=sentence):
        run_model(parameters(**changes))
