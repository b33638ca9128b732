"""Dominance and ratios against published examples and against a frontier found by net benefit alone."""

from __future__ import annotations

import itertools
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.health_economics.frontier import best_strategy, compare_strategies
from gecip.errors import AnalysisError

# The toy example of the US Department of Veterans Affairs, as dampack's own tests have it.
VETERANS = {
    "E": (55_000, 5),
    "D": (35_000, 4),
    "C": (25_000, 3),
    "B": (10_000, 2),
    "A": (12_000, 1.5),
    "UC": (5_000, 1),
}


def compare(strategies: dict[str, tuple[float, float]]):
    costs, effects = zip(*strategies.values(), strict=True)
    return compare_strategies(list(strategies), costs=costs, effects=effects).set_index("strategy")


def test_the_toy_example_of_the_veterans_has_its_frontier_and_ratios() -> None:
    table = compare(VETERANS)
    frontier = table[table["standing"] == "on the frontier"]
    assert frontier.index.tolist() == ["UC", "B", "D", "E"]
    assert frontier["icer"].tolist()[1:] == [5_000, 12_500, 20_000]
    assert frontier["incremental_cost"].tolist()[1:] == [5_000, 25_000, 20_000]
    assert frontier["incremental_effect"].tolist()[1:] == [1, 2, 1]
    assert table.loc["C", "standing"] == "extendedly dominated"
    assert table.loc["A", "standing"] == "dominated"
    assert table.loc[["A", "C", "UC"], "icer"].isna().all()


def test_a_strategy_that_beats_all_stands_alone() -> None:
    # Test and treat costs least and gains as much as treating all (dampack, default reference strategy).
    table = compare(
        {
            "No Treat": (163_771.0, 6.48273),
            "Treat all": (164_848.7, 6.52861),
            "Test & treat": (163_765.1, 6.52861),
        }
    )
    assert table.index[0] == "Test & treat"
    assert table["standing"].tolist() == ["on the frontier", "dominated", "dominated"]
    assert table["icer"].isna().all()


def test_one_strategy_is_its_own_frontier() -> None:
    table = compare({"only": (1, 2)})
    assert table.loc["only", "standing"] == "on the frontier"
    assert np.isnan(table.loc["only", "icer"])
    assert best_strategy(table.reset_index(), threshold=0) == "only"


def test_of_equal_strategies_the_first_named_stands_for_all() -> None:
    table = compare({"first": (10, 1), "second": (10, 1), "better": (20, 2)})
    assert table.loc["first", "standing"] == "on the frontier"
    assert table.loc["second", "standing"] == "same as another"
    assert table.loc["better", "icer"] == 10


@pytest.mark.parametrize(
    ("other", "why"), [((10, 0.5), "same cost, gains less"), ((12, 1), "same effect, costs more")]
)
def test_a_tie_in_one_measure_is_decided_by_the_other(other: tuple[float, float], why: str) -> None:
    assert compare({"tied": other, "kept": (10, 1)}).loc["tied", "standing"] == "dominated", why


def test_a_strategy_on_the_line_between_two_others_is_not_dominated() -> None:
    table = compare({"low": (0, 0), "middle": (10, 1), "high": (20, 2)})
    assert (table["standing"] == "on the frontier").all()
    assert table["icer"].tolist()[1:] == [10, 10]


def test_removing_one_by_extension_can_remove_the_one_before_it() -> None:
    # b looks fine until c is beaten by d; then the step from a to d beats b too.
    table = compare({"a": (0, 0), "b": (10, 1.0), "c": (22, 2.1), "d": (24, 4.0)})
    assert table["standing"].tolist() == [
        "on the frontier",
        "extendedly dominated",
        "extendedly dominated",
        "on the frontier",
    ]
    assert table.loc["d", "icer"] == 6


@pytest.mark.parametrize(
    ("threshold", "chosen"),
    [(0, "UC"), (4_999, "UC"), (5_000, "B"), (12_499, "B"), (15_000, "D"), (1e9, "E")],
)
def test_the_choice_follows_the_threshold(threshold: float, chosen: str) -> None:
    assert best_strategy(compare(VETERANS).reset_index(), threshold=threshold) == chosen


points = st.tuples(st.integers(-50, 50), st.integers(-50, 50))


@pytest.mark.slow
@given(st.lists(points, min_size=1, max_size=8, unique=True))
def test_who_is_on_the_frontier_is_the_best_at_some_threshold_and_nobody_else(
    strategies: list[tuple[int, int]],
) -> None:
    """Another route: at a threshold the best has the highest net benefit, found by trying all that matter."""
    table = compare({f"strategy {place}": one for place, one in enumerate(strategies)})
    costs, effects = table["cost"].to_numpy(), table["effect"].to_numpy()
    steps = {
        (c - d) / (e - f)
        for c, e in zip(costs, effects, strict=True)
        for d, f in zip(costs, effects, strict=True)
        if e > f and c > d
    }
    ends = [0.0, *sorted(steps), 1e6]
    trials = [0.0, 1e-9, *ends, *((a + b) / 2 for a, b in itertools.pairwise(ends)), 1e9]
    best = np.zeros(len(costs), dtype=bool)
    for threshold in trials:
        benefit = threshold * effects - costs
        best |= benefit >= benefit.max() - 1e-9 * max(1.0, abs(benefit).max())
    on_frontier = (table["standing"] == "on the frontier").to_numpy()
    assert (on_frontier <= best).all()
    ratios = table.loc[on_frontier, "icer"].to_numpy()[1:]
    assert (np.diff(ratios) >= -1e-9).all()
    assert (ratios > 0).all()
    dominated = table["standing"] == "dominated"
    for cost, effect in table.loc[dominated, ["cost", "effect"]].itertuples(index=False):
        assert ((costs <= cost) & (effects >= effect)).sum() > 1


@pytest.mark.parametrize(
    ("names", "costs", "effects", "sentence"),
    [
        ([], [], [], "at least one"),
        (["a", "a"], [1, 2], [1, 2], "none of them twice"),
        (["a", "b"], [1], [1, 2], "not as many"),
        (["a", "b"], [1, float("nan")], [1, 2], "missing"),
        (["a", "b"], [1, 2], [1, float("inf")], "endless"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(
    names: list[str], costs: list[float], effects: list[float], sentence: str
) -> None:
    with pytest.raises(AnalysisError, match=sentence):
        compare_strategies(names, costs=costs, effects=effects)


@pytest.mark.slow
@pytest.mark.skipif(
    find_spec("heormodel") is None,
    reason="heormodel, a second implementation of the frontier, is not installed",
)
@given(st.lists(points, min_size=1, max_size=8, unique=True))
def test_heormodel_finds_the_same_frontier(strategies: list[tuple[int, int]]) -> None:
    import pandas as pd
    from heormodel.cea import frontier

    named = {f"strategy {place}": one for place, one in enumerate(strategies)}
    table = compare(named)
    theirs = frontier(
        pd.DataFrame(
            {"cost": [c for c, _ in strategies], "qaly": [e for _, e in strategies]},
            index=pd.Index(list(named), name="intervention"),
            dtype=float,
        ),
        effect="qaly",
    )
    ours = table.index[table["standing"] == "on the frontier"].tolist()
    # A strategy on the line between two others may be counted or not: both ends are the same.
    assert (ours[0], ours[-1]) == (theirs[0], theirs[-1])
    assert set(theirs) <= set(ours) or set(ours) <= set(theirs)
