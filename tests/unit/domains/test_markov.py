"""The Sick-Sicker model of Alarid-Escudero and others (2023), time-independent, with its published figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from domains.health_economics.frontier import compare_strategies
from domains.health_economics.markov import (
    CycleCorrection,
    accrue,
    cohort_trace,
    cycle_weights,
    discount_weights,
    every_cycle,
    probability_of,
)
from gecip.errors import AnalysisError

CYCLES = 75
SIMPSON = CycleCorrection.SIMPSON_TUTORIAL
STRATEGIES = ("Standard of care", "Strategy A", "Strategy B", "Strategy AB")
# Healthy, sick, sicker, dead. The tutorial's table prints 12,000 for treatment B, its code has 13,000, and its
# totals need 13,000.
COST = np.array([2_000, 4_000, 15_000, 0.0])
COST_OF_A, COST_OF_B = 12_000, 13_000
SICK = np.array([0, 1, 1, 0.0])
UTILITY = np.array([1, 0.75, 0.5, 0])
UTILITY_WITH_A = np.array([1, 0.95, 0.5, 0])


def transitions(*, hazard_ratio: float = 1.0) -> np.ndarray:
    """Return the yearly transitions; treatment B slows progress from sick to sicker by `hazard_ratio`."""
    dies, sick_dies, sicker_dies = probability_of(0.002 * np.array([1, 3, 10]))
    falls_sick, recovers = probability_of([0.15, 0.5])
    worsens = probability_of(0.105 * hazard_ratio)
    return np.array(
        [
            [(1 - dies) * (1 - falls_sick), (1 - dies) * falls_sick, 0, dies],
            [
                (1 - sick_dies) * recovers,
                (1 - sick_dies) * (1 - recovers - worsens),
                (1 - sick_dies) * worsens,
                sick_dies,
            ],
            [0, 0, 1 - sicker_dies, sicker_dies],
            [0, 0, 0, 1],
        ]
    )


def sick_sicker(weights: np.ndarray, *, cost_of_b: float = COST_OF_B) -> pd.DataFrame:
    """Return costs and effects of the four strategies, compared."""
    natural, slowed = transitions(), transitions(hazard_ratio=0.6)
    matrices = np.array([natural, natural, slowed, slowed])
    trace = cohort_trace(every_cycle(matrices, cycles=CYCLES), [1, 0, 0, 0])
    treated = np.array([0, COST_OF_A, cost_of_b, COST_OF_A + cost_of_b])
    costs = accrue(trace, COST + treated[:, None] * SICK, weights)
    utilities = np.array([UTILITY, UTILITY_WITH_A, UTILITY, UTILITY_WITH_A])
    return compare_strategies(STRATEGIES, costs=costs, effects=accrue(trace, utilities, weights))


@pytest.fixture(name="published")
def _published() -> pd.DataFrame:
    weights = cycle_weights(CYCLES, SIMPSON) * discount_weights(CYCLES, rate=0.03)
    return sick_sicker(weights).set_index("strategy")


@pytest.mark.parametrize(
    ("strategy", "cost", "effect"),
    [
        ("Standard of care", 151_580, 20.711),
        ("Strategy A", 284_805, 21.499),
        ("Strategy B", 259_100, 22.184),
        ("Strategy AB", 378_875, 23.137),
    ],
)
def test_sick_sicker_has_its_published_costs_and_effects(
    published: pd.DataFrame, strategy: str, cost: float, effect: float
) -> None:
    assert published.loc[strategy, "cost"] == pytest.approx(cost, abs=0.5)
    assert published.loc[strategy, "effect"] == pytest.approx(effect, abs=0.0005)


def test_sick_sicker_has_its_published_ratios_and_strategy_a_is_dominated(
    published: pd.DataFrame,
) -> None:
    assert published.loc["Strategy B", "icer"] == pytest.approx(72_988, abs=0.5)
    assert published.loc["Strategy AB", "icer"] == pytest.approx(125_764, abs=0.5)
    assert published.loc["Strategy A", "standing"] == "dominated"
    assert np.isnan(published.loc["Strategy A", "icer"])
    assert np.isnan(published.loc["Standard of care", "icer"])


def test_after_one_cycle_the_cohort_is_where_the_tutorial_says() -> None:
    trace = cohort_trace(every_cycle(transitions(), cycles=CYCLES), [1, 0, 0, 0])
    assert trace.shape == (CYCLES + 1, 4)
    assert trace[1] == pytest.approx([0.859, 0.139, 0.000, 0.002], abs=0.0005)
    assert trace.sum(axis=1) == pytest.approx(np.ones(CYCLES + 1))


def test_weights_of_the_textbook_do_not_give_the_published_figures() -> None:
    textbook = np.ones(CYCLES + 1)
    textbook[1::2], textbook[2::2] = 4 / 3, 2 / 3
    textbook[[0, -1]] = 1 / 3
    standard = sick_sicker(textbook * discount_weights(CYCLES, rate=0.03)).set_index("strategy")
    assert standard.loc["Standard of care", "cost"] == pytest.approx(152_092, abs=0.5)
    assert standard.loc["Standard of care", "effect"] == pytest.approx(21.021, abs=0.0005)
    assert cycle_weights(4, SIMPSON) == pytest.approx([1 / 3, 2 / 3, 4 / 3, 2 / 3, 1 / 3])


def test_the_price_in_the_tutorials_table_does_not_give_its_totals() -> None:
    weights = cycle_weights(CYCLES, SIMPSON) * discount_weights(CYCLES, rate=0.03)
    printed = sick_sicker(weights, cost_of_b=12_000).set_index("strategy")
    assert printed.loc["Strategy B", "cost"] < 259_100 - 5_000


def test_one_state_for_ever_accrues_a_known_annuity() -> None:
    # By hand: ten years of 100 a year at 3.5 %, half a cycle at each end.
    trace = cohort_trace(every_cycle(np.eye(1), cycles=10), [1.0])
    weights = cycle_weights(10) * discount_weights(10, rate=0.035)
    by_hand = 100 * (0.5 + sum(1.035**-year for year in range(1, 10)) + 0.5 * 1.035**-10)
    assert accrue(trace, [100.0], weights) == pytest.approx(by_hand)


def test_without_discount_a_constant_hazard_gives_its_life_expectancy() -> None:
    stays = 1 - probability_of(0.1)
    matrix = np.array([[stays, 1 - stays], [0, 1]])
    trace = cohort_trace(every_cycle(matrix, cycles=400), [1, 0])
    # The integral of exp(-0.1 t) is 10; halves of a cycle overestimate it by a twelfth of the slope.
    assert accrue(trace, [1, 0], cycle_weights(400)) == pytest.approx(10, abs=0.01)


def test_draws_run_together_as_they_run_alone() -> None:
    ratios = [1.0, 0.8, 0.6]
    together = cohort_trace(
        every_cycle(np.array([transitions(hazard_ratio=one) for one in ratios]), cycles=20),
        [1, 0, 0, 0],
    )
    for place, ratio in enumerate(ratios):
        alone = cohort_trace(every_cycle(transitions(hazard_ratio=ratio), cycles=20), [1, 0, 0, 0])
        assert together[:, place] == pytest.approx(alone)


@pytest.mark.parametrize(
    "matrix",
    [
        [[0.9, 0.2], [0, 1]],
        [[1.1, -0.1], [0, 1]],
        [[float("nan"), 1], [0, 1]],
    ],
    ids=["more than one", "negative", "missing"],
)
def test_transitions_that_are_no_probabilities_are_refused(matrix: list[list[float]]) -> None:
    with pytest.raises(AnalysisError, match="transition probabilities"):
        cohort_trace(every_cycle(matrix, cycles=2), [1, 0])


def test_a_cohort_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(AnalysisError, match="at the start"):
        cohort_trace(every_cycle(np.eye(2), cycles=2), [0.7, 0.7])


def test_heormodel_agrees_with_sick_sicker_under_another_engine(published: pd.DataFrame) -> None:
    models = pytest.importorskip(
        "heormodel.models.markov",
        reason="heormodel, a second implementation of Markov models, is not installed",
    )

    def specify(params: pd.Series, intervention: str) -> object:
        slowed = intervention in ("Strategy B", "Strategy AB")
        cost_of = {"Strategy A": COST_OF_A, "Strategy B": COST_OF_B}
        treated = cost_of.get(intervention, 0.0)
        treated = COST_OF_A + COST_OF_B if intervention == "Strategy AB" else treated
        with_a = intervention in ("Strategy A", "Strategy AB")
        return models.CohortSpec(
            transitions(hazard_ratio=0.6 if slowed else 1.0),
            COST + treated * SICK,
            UTILITY_WITH_A if with_a else UTILITY,
        )

    engine = models.MarkovModel(
        states=("H", "S1", "S2", "D"),
        interventions=STRATEGIES,
        transitions_and_rewards=specify,
        n_cycles=CYCLES,
        discount_rate=0.03,
        cycle_correction="simpson",
    )
    for strategy in STRATEGIES:
        cost, effect = engine._payoff(pd.Series(dtype=float), strategy)
        assert published.loc[strategy, "cost"] == pytest.approx(cost)
        assert published.loc[strategy, "effect"] == pytest.approx(effect)
