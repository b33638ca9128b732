"""How an economic evaluation is said: strategies compared, the plane, acceptability, and the parameters behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from domains.health_economics.evaluation import Evaluation
from domains.health_economics.frontier import Standing
from domains.health_economics.genomic_test import STRATEGIES, USUAL_PATH
from domains.health_economics.uncertainty import THRESHOLDS, acceptability
from gecip.errors import ReportingError
from gecip.provenance import Provenance
from gecip.reporting import Figure, Meaning, Summary, summarise
from gecip.reporting.members import Members
from gecip.reporting.style import BLACK, PALE, QUIET, look_of_series, new_drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

COST, QALYS, RATIO, STANDING = "cost (£)", "QALYs", "£ a QALY", "standing"
MORE_COST, MORE_QALYS = "more cost (£)", "more QALYs"
THRESHOLD, CHOICE, VALUE = "threshold (£)", "highest mean benefit", "perfect information (£)"
MEAN = "mean"
DRAWS_SHOWN = 300
_LINES_OF_THRESHOLDS = (20_000, 30_000)


@summarise.register(Evaluation)
def summarise_evaluation(result: Evaluation) -> Summary:
    """Return what each strategy costs and gains, its ratio on the frontier, and how surely it is the best."""
    import pandas as pd

    comparison = result.comparison.set_index("strategy")
    table = pd.DataFrame(
        {
            COST: comparison["cost"].round(),
            QALYS: comparison["effect"].round(3),
            MORE_COST: comparison["incremental_cost"].round(),
            MORE_QALYS: comparison["incremental_effect"].round(3),
            RATIO: comparison["icer"].round(),
            STANDING: comparison["standing"],
        }
    )
    costs, effects = result.outcomes.costs, result.outcomes.effects
    for threshold in THRESHOLDS:
        best = acceptability(costs, effects, thresholds=threshold)[0]
        table[f"best at £{threshold:,.0f} (%)"] = _of(best * 100, table.index, decimals=1)
    worth = list(result.price_worth_paying(THRESHOLDS[0]).values())
    table[f"worth at £{THRESHOLDS[0]:,.0f} (£)"] = _of(np.array(worth), table.index, decimals=0)
    return _summary(
        result,
        title="What each strategy costs and gains over a lifetime, discounted",
        table=table.rename_axis(index="strategy"),
        provenance=result.provenance.then("summarise", of="Evaluation"),
        notes=(
            (
                "More cost and more QALYs are against the next cheaper strategy on the frontier; what a strategy "
                "is worth is its highest price at which it is no worse than the usual path."
            ),
            (
                f"Costs and QALYs discounted at {result.provenance.parameter('discount_rate'):.1%} a year; thresholds "
                f"as of {result.provenance.parameter('thresholds_as_of')}."
            ),
        ),
    )


def summarise_parameters(result: Evaluation) -> Summary:
    """Return the parameters of the model with their intervals, and whether they were measured, published or assumed."""
    table = result.sources.set_index("parameter")
    numbers = table[["mean", "lower", "upper"]].map(_rounded)
    numbers.columns = ["mean", "95 % from", "95 % to"]
    return _summary(
        result,
        title="What the decision model rests on",
        table=numbers.assign(source=table["source"]),
        provenance=result.provenance.then("summarise_parameters"),
    )


def summarise_acceptability(result: Evaluation) -> Summary:
    """Return how surely each strategy is the best at each threshold, and what it would be worth to be sure."""
    import pandas as pd

    benefits = np.array(result.curve)[:, None] * result.outcomes.effects.mean(
        axis=0
    ) - result.outcomes.costs.mean(axis=0)
    index = pd.Index([f"£{threshold:,.0f}" for threshold in result.curve], name="a QALY is worth")
    table = pd.DataFrame(
        {
            THRESHOLD: result.curve,
            **dict(zip(STRATEGIES, (result.probabilities * 100).round(1).T, strict=True)),
            CHOICE: [STRATEGIES[place] for place in benefits.argmax(axis=1)],
            VALUE: result.value_of_information.round(),
        },
        index=index,
    )
    return _summary(
        result,
        title="How surely each strategy is the best (%), by what a QALY is worth",
        table=table,
        provenance=result.provenance.then("summarise_acceptability"),
        notes=(
            (
                f"{len(result.outcomes.costs):,} draws of the parameters. The strategy to choose is the one of the highest "
                "mean benefit, which need not be the one most often the best."
            ),
        ),
    )


def summarise_plane(result: Evaluation) -> Summary:
    """Return what each strategy costs and gains against the usual path: the mean, and evenly picked draws."""
    import pandas as pd

    more = {
        name: values - values[:, [0]]
        for name, values in (
            (MORE_COST, result.outcomes.costs),
            (MORE_QALYS, result.outcomes.effects),
        )
    }
    size = len(result.outcomes.costs)
    shown = np.unique(np.linspace(0, size - 1, min(DRAWS_SHOWN, size)).astype(int))
    standing = result.comparison.set_index("strategy")["standing"]
    parts = []
    for place, strategy in enumerate(STRATEGIES):
        picked = {
            name: np.append(values[:, place].mean(), values[shown, place]).round(decimals)
            for (name, values), decimals in zip(more.items(), (0, 4), strict=True)
        }
        labels = [(strategy, MEAN), *((strategy, str(at)) for at in range(1, len(shown) + 1))]
        part = pd.DataFrame(
            picked, index=pd.MultiIndex.from_tuples(labels, names=["strategy", "draw"])
        )
        parts.append(part.assign(**{STANDING: standing[strategy]}))
    return _summary(
        result,
        title="What each strategy costs and gains against the usual path",
        table=pd.concat(parts),
        provenance=result.provenance.then("summarise_plane"),
        notes=(f"{len(shown):,} of {size:,} draws of the parameters are shown.",),
    )


def plot_plane(summary: Summary) -> Figure:
    """Return the cost-effectiveness plane: draws as points, means as marks, the frontier as a line.

    Raises
    ------
    ReportingError
        When the summary is not that of `summarise_plane`.
    """
    _check(summary, {MORE_COST, MORE_QALYS, STANDING}, "summarise_plane", levels=2)
    return Figure(summary, _draw_plane, _describe_plane)


def plot_acceptability(summary: Summary) -> Figure:
    """Return the acceptability curves, and below them what perfect information would be worth.

    Raises
    ------
    ReportingError
        When the summary is not that of `summarise_acceptability`.
    """
    _check(summary, {THRESHOLD, CHOICE, VALUE}, "summarise_acceptability", levels=1)
    return Figure(summary, _draw_acceptability, _describe_acceptability)


def _summary(
    result: Evaluation,
    *,
    title: str,
    table: pd.DataFrame,
    provenance: Provenance,
    notes: tuple[str, ...] = (),
) -> Summary:
    """Return a summary of the model: behind each of its numbers stand all in whom it was measured."""
    import pandas as pd

    words = (STANDING, CHOICE, "source")
    return Summary(
        title=title,
        table=table,
        people=pd.DataFrame(result.n_people, index=table.index, columns=table.columns),
        families=pd.DataFrame(result.n_families, index=table.index, columns=table.columns),
        meanings={
            name: Meaning.DESCRIPTION if name in words else Meaning.STATISTIC
            for name in table.columns
        },
        phenotypic=True,
        n_people=result.n_people,
        n_families=result.n_families,
        provenance=provenance,
        notes=notes,
        members=Members.behind_all(table, result.people["participant_id"]),
    )


def _of(values: np.ndarray[Any, Any], strategies: pd.Index, *, decimals: int) -> list[float]:
    """Return values, given in the model's order of strategies, in the order of the table."""
    named: Mapping[str, float] = dict(zip(STRATEGIES, values.round(decimals).tolist(), strict=True))
    return [named[strategy] for strategy in strategies]


def _rounded(value: float) -> float:
    return round(value) if abs(value) >= 100 else round(value, 3)


def _check(summary: Summary, columns: set[str], maker: str, *, levels: int) -> None:
    if not columns.issubset(summary.table.columns) or summary.table.index.nlevels != levels:
        raise ReportingError(
            f"The summary {summary.title!r} is not one of {maker}: give what {maker} returns."
        )


# ---------------------------------------------------------------------------------------------------------------------
# Drawing
# ---------------------------------------------------------------------------------------------------------------------


def _draw_plane(summary: Summary) -> Drawing:
    drawing = new_drawing(width=7.2, height=5.0)
    axes = drawing.add_subplot()
    axes.axhline(0, color=QUIET, linewidth=0.8)
    axes.axvline(0, color=QUIET, linewidth=0.8)
    strategies = list(dict.fromkeys(summary.table.index.get_level_values(0)))
    for place, strategy in enumerate(strategies):
        rows = summary.table.loc[strategy]
        look = look_of_series(place)
        if strategy != USUAL_PATH:
            cloud = rows.drop(index=MEAN)
            axes.plot(
                cloud[MORE_QALYS],
                cloud[MORE_COST],
                look.marker,
                ms=3,
                mfc=look.colour,
                mec="none",
                alpha=0.3,
            )
        mean = rows.loc[MEAN]
        axes.plot(
            mean[MORE_QALYS],
            mean[MORE_COST],
            look.marker,
            ms=9,
            mfc=look.colour,
            mec=BLACK,
            mew=1.1,
            ls="",
            zorder=4,
            label=f"{strategy} ({mean[STANDING]})",
        )
    _draw_frontier(axes, summary)
    _draw_thresholds(axes)
    axes.set_xlabel("More QALYs than the usual path")
    axes.set_ylabel("More cost than the usual path")
    axes.yaxis.set_major_formatter("£{x:,.0f}")
    axes.set_title("Cost-effectiveness plane")
    drawing.legend(loc="outside lower center", ncols=2)
    return drawing


def _draw_frontier(axes: Axes, summary: Summary) -> None:
    means = summary.table.xs(MEAN, level=1)
    frontier = means[means[STANDING] == Standing.ON_FRONTIER.value].sort_values(MORE_COST)
    axes.plot(
        frontier[MORE_QALYS], frontier[MORE_COST], color=BLACK, linewidth=1.6, label="frontier"
    )


def _draw_thresholds(axes: Axes) -> None:
    """Draw what a QALY is worth as lines through the usual path, without widening the axes."""
    left, right = axes.get_xlim()
    low, high = axes.get_ylim()
    for threshold, dashes in zip(_LINES_OF_THRESHOLDS, ((5, 3), (2, 2)), strict=True):
        ends = np.array([max(left, low / threshold), min(right, high / threshold)])
        axes.plot(
            ends,
            ends * threshold,
            color=QUIET,
            linewidth=1.1,
            linestyle=(0, dashes),
            label=f"£{threshold:,} a QALY",
        )
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)


def _describe_plane(summary: Summary) -> str:
    means = summary.table.xs(MEAN, level=1)
    said = "; ".join(
        f"{strategy}: £{row[MORE_COST]:,.0f} more, {row[MORE_QALYS]:.3f} QALYs more, {row[STANDING]}"
        for strategy, row in means.iterrows()
        if strategy != USUAL_PATH
    )
    return f"Points in a plane of more QALYs and more cost than the usual path, with the frontier. {said}."


def _draw_acceptability(summary: Summary) -> Drawing:
    table = summary.table
    drawing = new_drawing(width=7.2, height=5.6)
    curves, value = drawing.subplots(2, 1, sharex=True, height_ratios=[3, 1.2])
    for axes in (curves, value):
        axes.axvspan(min(THRESHOLDS), max(THRESHOLDS), color=PALE, alpha=0.55, linewidth=0)
        axes.yaxis.grid(visible=True)
    strategies = [name for name in table.columns if name not in (THRESHOLD, CHOICE, VALUE)]
    for place, strategy in enumerate(strategies):
        look = look_of_series(place)
        curves.plot(
            table[THRESHOLD],
            table[strategy],
            color=look.colour,
            marker=look.marker,
            markevery=2,
            ms=5,
            mec="white",
            mew=0.6,
            linewidth=1.6,
            label=strategy,
        )
    chosen = [table.at[row, table.at[row, CHOICE]] for row in table.index]
    curves.plot(
        table[THRESHOLD],
        chosen,
        color=BLACK,
        linewidth=4.5,
        alpha=0.25,
        label="highest mean benefit",
    )
    curves.set_ylim(0, 100)
    curves.set_ylabel("Probability of being\nthe best strategy (%)")
    curves.set_title("Acceptability of each strategy, and the value of knowing more")
    value.plot(table[THRESHOLD], table[VALUE], color=BLACK, linewidth=1.4)
    value.set_ylim(bottom=0)
    value.set_ylabel("Perfect information\n(£ a person)")
    value.yaxis.set_major_formatter("£{x:,.0f}")
    value.set_xlabel("What a QALY is worth (the band: £20,000 to £35,000)")
    value.xaxis.set_major_formatter("£{x:,.0f}")
    value.set_xlim(0, table[THRESHOLD].max())
    drawing.legend(*curves.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return drawing


def _describe_acceptability(summary: Summary) -> str:
    table = summary.table.set_index(THRESHOLD)
    at = [threshold for threshold in THRESHOLDS if threshold in table.index]
    said = "; ".join(
        f"at £{threshold:,.0f} {table.at[threshold, CHOICE]} with "
        f"{table.at[threshold, table.at[threshold, CHOICE]]:.0f} %"
        for threshold in at
    )
    return f"Curves of the probability of being the best strategy by what a QALY is worth. The choice: {said}."
