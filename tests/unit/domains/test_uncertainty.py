"""Acceptability and the value of information, where there is a closed form and where there is none to need."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from scipy.stats import norm

from domains.health_economics.uncertainty import (
    acceptability,
    acceptability_frontier,
    beta_draws,
    gamma_draws,
    net_benefit,
    population_value,
    value_of_perfect_information,
)
from gecip.errors import AnalysisError

MEAN_COST, SD_COST, MEAN_GAIN, SD_GAIN = 4_000.0, 1_500.0, 0.15, 0.08
DRAWS = 400_000


@pytest.fixture(name="two", scope="module")
def _two() -> tuple[np.ndarray, np.ndarray]:
    """Doing nothing, and a strategy whose cost and gain are normal and independent."""
    stream = np.random.default_rng(20_240_601)
    nothing = np.zeros(DRAWS)
    costs = np.column_stack([nothing, stream.normal(MEAN_COST, SD_COST, DRAWS)])
    effects = np.column_stack([nothing, stream.normal(MEAN_GAIN, SD_GAIN, DRAWS)])
    return costs, effects


def closed_form(threshold: float) -> tuple[float, float]:
    """Return mean and standard deviation of the incremental benefit."""
    return threshold * MEAN_GAIN - MEAN_COST, float(np.hypot(threshold * SD_GAIN, SD_COST))


@pytest.mark.parametrize("threshold", [0, 20_000, 26_667, 35_000])
def test_acceptability_of_normal_benefits_is_the_normal_probability(two, threshold: float) -> None:
    mean, sd = closed_form(threshold)
    found = acceptability(*two, thresholds=[threshold])[0]
    assert found[1] == pytest.approx(norm.cdf(mean / sd), abs=0.003)
    assert found.sum() == pytest.approx(1)


@pytest.mark.parametrize("threshold", [0, 20_000, 26_667, 35_000])
def test_perfect_information_on_normal_benefits_is_worth_the_unit_normal_loss(
    two, threshold: float
) -> None:
    mean, sd = closed_form(threshold)
    standardised = abs(mean) / sd
    loss = sd * (norm.pdf(standardised) - standardised * norm.sf(standardised))
    found = value_of_perfect_information(*two, thresholds=threshold)[0]
    assert found == pytest.approx(loss, rel=0.02, abs=1)


@pytest.mark.slow
def test_perfect_information_is_worth_most_where_the_decision_is_closest(two) -> None:
    thresholds = np.arange(0, 60_001, 1_000)
    values = value_of_perfect_information(*two, thresholds=thresholds)
    # Mean benefit is nothing at 26,667; scaled by what a unit of effect is worth, doubt is greatest there.
    certain = values / np.array([closed_form(one)[1] for one in thresholds])
    assert thresholds[certain.argmax()] == pytest.approx(26_667, abs=1_000)


def test_strategies_that_are_equally_good_share_the_probability() -> None:
    same = np.ones((10, 2))
    assert acceptability(same, same, thresholds=[30_000])[0].tolist() == [0.5, 0.5]
    assert value_of_perfect_information(same, same, thresholds=[30_000])[0] == 0


def test_one_strategy_alone_is_certainly_the_best_and_nothing_is_to_be_learnt() -> None:
    stream = np.random.default_rng(1)
    costs, effects = stream.normal(size=(2, 100, 1))
    assert acceptability(costs, effects, thresholds=[0, 1e5]).tolist() == [[1.0], [1.0]]
    assert value_of_perfect_information(costs, effects, thresholds=[0, 1e5]).tolist() == [0, 0]


def test_the_strategy_to_choose_need_not_be_the_one_most_often_the_best() -> None:
    # In nine draws of ten it loses a little, in the tenth it gains much.
    effects = np.zeros((10, 2))
    costs = np.column_stack([np.zeros(10), np.array([1.0] * 9 + [-100.0])])
    chosen, probability = acceptability_frontier(costs, effects, thresholds=[20_000])
    assert acceptability(costs, effects, thresholds=[20_000])[0].tolist() == [0.9, 0.1]
    assert chosen.tolist() == [1]
    assert probability.tolist() == [0.1]
    # Knowing which draw is true would save the nine small losses.
    value = value_of_perfect_information(costs, effects, thresholds=[20_000])
    assert value == pytest.approx(0.9)


def test_net_benefit_is_what_the_effect_is_worth_less_its_cost() -> None:
    assert net_benefit([[100.0]], [[0.5]], threshold=20_000).tolist() == [[9_900.0]]


def test_value_for_a_population_counts_next_years_people_at_a_discount() -> None:
    by_hand = 2 * (1_000 + 1_000 / 1.035 + 1_000 / 1.035**2)
    assert population_value(2.0, people_a_year=1_000, years=3) == pytest.approx(by_hand)


def test_draws_have_the_mean_and_error_that_were_asked_for() -> None:
    stream = np.random.default_rng(7)
    cost = gamma_draws(stream, mean=1_200, standard_error=300, size=200_000)
    assert cost.mean() == pytest.approx(1_200, rel=0.01)
    assert cost.std() == pytest.approx(300, rel=0.02)
    assert (cost > 0).all()
    share = beta_draws(stream, successes=30, failures=90, size=200_000)
    assert share.mean() == pytest.approx(0.25, abs=0.002)


def test_a_cost_without_error_is_drawn_as_it_is() -> None:
    fixed = gamma_draws(np.random.default_rng(1), mean=7_050, standard_error=0, size=3)
    assert fixed.tolist() == [7_050] * 3


@pytest.mark.parametrize(
    ("costs", "sentence"),
    [
        (np.empty((0, 2)), "at least one draw"),
        (np.ones(3), "at least one draw"),
        (np.array([[1.0, np.nan]]), "missing"),
    ],
)
def test_draws_that_cannot_be_judged_are_refused_in_a_sentence(
    costs: np.ndarray, sentence: str
) -> None:
    with pytest.raises(AnalysisError, match=sentence):
        acceptability(costs, np.ones_like(costs), thresholds=[20_000])


@pytest.mark.skipif(
    find_spec("heormodel") is None,
    reason="heormodel, a second implementation of acceptability, is not installed",
)
def test_heormodel_finds_the_same_acceptability_and_value() -> None:
    import pandas as pd
    from heormodel.cea import ceac
    from heormodel.run import as_outcomes
    from heormodel.voi import evpi

    stream = np.random.default_rng(3)
    costs = stream.gamma(4, 1_000, size=(500, 3))
    effects = stream.normal([0, 0.1, 0.2], 0.1, size=(500, 3))
    index = pd.MultiIndex.from_product(
        [["a", "b", "c"], range(500)], names=["intervention", "iteration"]
    )
    frame = pd.DataFrame({"cost": costs.T.ravel(), "qaly": effects.T.ravel()}, index=index)
    theirs = as_outcomes(frame.reset_index())
    curve = ceac(theirs, [20_000.0, 30_000.0])
    ours = acceptability(costs, effects, thresholds=[20_000, 30_000])
    assert np.asarray(curve[["a", "b", "c"]]) == pytest.approx(ours)
    values = value_of_perfect_information(costs, effects, thresholds=[20_000, 30_000])
    assert [evpi(theirs, one) for one in (20_000.0, 30_000.0)] == pytest.approx(values)
