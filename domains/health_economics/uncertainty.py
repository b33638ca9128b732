"""What uncertainty in the parameters means for the decision: acceptability and the value of knowing more.

Everything rests on net monetary benefit, threshold × effect − cost, of every strategy in every draw.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gecip.errors import AnalysisError

Numbers = npt.NDArray[np.float64]

DISCOUNT_RATE = 0.035
# NICE's range for a quality-adjusted life year was 20,000 to 30,000 pounds; since its manual of 2026 it
# is 25,000 to 35,000 for new appraisals of medicines. Diagnostics were not included "at this stage", so
# that both ranges are shown.
THRESHOLDS = (20_000.0, 25_000.0, 30_000.0, 35_000.0)
THRESHOLDS_AS_OF = "2026"


def net_benefit(costs: npt.ArrayLike, effects: npt.ArrayLike, *, threshold: float) -> Numbers:
    """Return net monetary benefit (draws × strategies) at what one unit of effect is worth."""
    return threshold * np.asarray(effects, dtype=float) - np.asarray(costs, dtype=float)


def acceptability(
    costs: npt.ArrayLike, effects: npt.ArrayLike, *, thresholds: npt.ArrayLike
) -> Numbers:
    """Return the probability that each strategy is the best (thresholds × strategies).

    Strategies that are equally good in a draw share it, so that each row adds up to 1.
    """
    rows = []
    for threshold in np.atleast_1d(np.asarray(thresholds, dtype=float)):
        benefit = _benefits(costs, effects, threshold)
        best = benefit == benefit.max(axis=1, keepdims=True)
        rows.append((best / best.sum(axis=1, keepdims=True)).mean(axis=0))
    return np.array(rows)


def acceptability_frontier(
    costs: npt.ArrayLike, effects: npt.ArrayLike, *, thresholds: npt.ArrayLike
) -> tuple[npt.NDArray[np.int64], Numbers]:
    """Return, at each threshold, the strategy of the highest mean benefit and the probability that it is the best.

    The strategy to choose is the one with the highest mean, which need not be the one most often the best.
    """
    points = np.atleast_1d(np.asarray(thresholds, dtype=float))
    chosen = np.array([_benefits(costs, effects, one).mean(axis=0).argmax() for one in points])
    probabilities = acceptability(costs, effects, thresholds=points)
    return chosen, probabilities[np.arange(len(points)), chosen]


def value_of_perfect_information(
    costs: npt.ArrayLike, effects: npt.ArrayLike, *, thresholds: npt.ArrayLike
) -> Numbers:
    """Return what it would be worth, a decision, to know every parameter (thresholds): EVPI.

    The mean of the best benefit in each draw, less the best of the mean benefits.
    """
    values = []
    for threshold in np.atleast_1d(np.asarray(thresholds, dtype=float)):
        benefit = _benefits(costs, effects, threshold)
        values.append(benefit.max(axis=1).mean() - benefit.mean(axis=0).max())
    return np.array(values)


def population_value(
    value: npt.ArrayLike, *, people_a_year: float, years: int, rate: float = DISCOUNT_RATE
) -> Numbers:
    """Return the value of information for everybody whom the decision concerns in the coming years, discounted."""
    people = people_a_year * np.sum((1.0 + rate) ** -np.arange(years, dtype=float))
    return np.asarray(value, dtype=float) * people


def beta_draws(
    stream: np.random.Generator, *, successes: float, failures: float, size: int
) -> Numbers:
    """Return draws of a probability of which so many successes and failures were seen."""
    return stream.beta(successes, failures, size=size)


def gamma_draws(
    stream: np.random.Generator, *, mean: float, standard_error: float, size: int
) -> Numbers:
    """Return draws of a cost, which is never negative, of a given mean and standard error."""
    if standard_error == 0:
        return np.full(size, float(mean))
    shape = (mean / standard_error) ** 2
    return stream.gamma(shape, mean / shape, size=size)


def _benefits(costs: npt.ArrayLike, effects: npt.ArrayLike, threshold: float) -> Numbers:
    benefit = net_benefit(costs, effects, threshold=float(threshold))
    if benefit.ndim != 2 or not benefit.size:
        raise AnalysisError(
            "Costs and effects of a probabilistic analysis are tables of draws by strategies with at least one "
            "draw: run the model with draws first."
        )
    if not np.isfinite(benefit).all():
        raise AnalysisError(
            "A draw of the probabilistic analysis has a missing or endless cost or effect: look at the "
            "distributions of the parameters."
        )
    return benefit
