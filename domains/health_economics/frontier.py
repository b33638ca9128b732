"""Which strategies are worth considering at all, and what each step up costs for what it gains.

Strategies are sorted by cost. One that costs no less and gains no more than another is dominated; one
that a mixture of two others beats is extendedly dominated. What is left is the efficient frontier, and
only there has a cost-effectiveness ratio a meaning.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import pandas as pd

_TOLERANCE = 1e-9


class Standing(enum.StrEnum):
    """Where a strategy stands among the others."""

    ON_FRONTIER = "on the frontier"
    DOMINATED = "dominated"
    EXTENDEDLY_DOMINATED = "extendedly dominated"
    SAME_AS_ANOTHER = "same as another"


def compare_strategies(
    strategies: Sequence[str], *, costs: npt.ArrayLike, effects: npt.ArrayLike
) -> pd.DataFrame:
    """Return strategies by rising cost, with their standing and their incremental cost-effectiveness ratio.

    Of strategies that cost and gain the same, the first named stands for all; a strategy on the straight
    line between two others stays on the frontier, since no mixture is better than it.

    Parameters
    ----------
    strategies
        Their names, each once.
    costs, effects
        Mean cost and mean effect of each, in the order of the names.

    Returns
    -------
    One row a strategy: `strategy, cost, effect, incremental_cost, incremental_effect, icer, standing`. What
    is incremental is so against the next cheaper strategy on the frontier; it is missing for the cheapest
    and for those off the frontier.

    Raises
    ------
    AnalysisError
        When there is no strategy, a name occurs twice, or a number is missing.
    """
    import pandas as pd

    cost, effect = np.asarray(costs, dtype=float), np.asarray(effects, dtype=float)
    _check(strategies, cost, effect)
    order = np.lexsort((np.arange(len(cost)), -effect, cost))
    names = [strategies[place] for place in order]
    cost, effect = cost[order], effect[order]
    standings = _standings(cost, effect)
    table = pd.DataFrame({"strategy": names, "cost": cost, "effect": effect})
    increments = np.full((len(names), 2), np.nan)
    frontier = [
        place for place, standing in enumerate(standings) if standing is Standing.ON_FRONTIER
    ]
    for before, after in itertools.pairwise(frontier):
        increments[after] = cost[after] - cost[before], effect[after] - effect[before]
    table["incremental_cost"], table["incremental_effect"] = increments.T
    table["icer"] = table["incremental_cost"] / table["incremental_effect"]
    table["standing"] = [standing.value for standing in standings]
    return table


def best_strategy(comparison: pd.DataFrame, *, threshold: float) -> str:
    """Return the strategy to choose at a threshold: the last on the frontier whose ratio does not exceed it."""
    frontier = comparison[comparison["standing"] == Standing.ON_FRONTIER.value]
    worth = frontier["icer"].isna() | (frontier["icer"] <= threshold)
    return str(frontier.loc[worth, "strategy"].iloc[-1])


def _standings(cost: npt.NDArray[np.float64], effect: npt.NDArray[np.float64]) -> list[Standing]:
    """Return the standing of strategies sorted by cost, the more effective first where costs are equal."""
    standings = [Standing.ON_FRONTIER] * len(cost)
    left: list[int] = []
    for place in range(len(cost)):
        if left and effect[place] <= effect[left[-1]]:
            cheapest = left[-1]
            same = cost[place] == cost[cheapest] and effect[place] == effect[cheapest]
            standings[place] = Standing.SAME_AS_ANOTHER if same else Standing.DOMINATED
            continue
        left.append(place)
        while len(left) > 2 and _is_beaten_by_mixture(cost, effect, left[-3:]):
            standings[left.pop(-2)] = Standing.EXTENDEDLY_DOMINATED
    return standings


def _is_beaten_by_mixture(
    cost: npt.NDArray[np.float64], effect: npt.NDArray[np.float64], three: list[int]
) -> bool:
    """Return whether a mixture of the outer two of three strategies costs less than the middle for its effect."""
    low, middle, high = three
    share = (effect[middle] - effect[low]) / (effect[high] - effect[low])
    mixture = cost[low] + share * (cost[high] - cost[low])
    return bool(cost[middle] - mixture > _TOLERANCE * abs(cost[high] - cost[low]))


def _check(
    strategies: Sequence[str], cost: npt.NDArray[np.float64], effect: npt.NDArray[np.float64]
) -> None:
    if not len(strategies) or len(set(strategies)) != len(strategies):
        raise AnalysisError(
            "Strategies are compared by name: name at least one, and none of them twice."
        )
    if cost.shape != (len(strategies),) or effect.shape != cost.shape:
        raise AnalysisError(
            f"There are {len(strategies)} strategies, and the costs or effects given are not as many: give one "
            "mean cost and one mean effect for each."
        )
    if not (np.isfinite(cost).all() and np.isfinite(effect).all()):
        raise AnalysisError(
            "A cost or an effect is missing or endless, so that the strategies cannot be compared: look at the "
            "parameters of the strategy concerned."
        )
