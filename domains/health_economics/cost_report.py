"""How costs in hospital are said: by phase and group, what changed, and as a figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from domains.health_economics.hospital_costs import LEVEL, PhaseCosts
from gecip.errors import ReportingError
from gecip.model.unit_costs import PRICE_YEAR, SOURCE
from gecip.reporting import Figure, Meaning, Summary, summarise
from gecip.reporting.behind import Behind, resting_on
from gecip.reporting.members import Cell
from gecip.reporting.style import BLACK, QUIET, look_of_series, new_drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

PEOPLE, FAMILIES, YEARS = "people", "families", "person-years"
ADMISSIONS, COST = "admissions a year", "£ a year"
LOW, HIGH = "95 % from", "95 % to"
CHANGE = "change, £ a year"

_MEANINGS = {
    PEOPLE: Meaning.PEOPLE,
    FAMILIES: Meaning.FAMILIES,
    **dict.fromkeys((YEARS, ADMISSIONS, COST, LOW, HIGH), Meaning.STATISTIC),
}


@summarise.register(PhaseCosts)
def summarise_phase_costs(result: PhaseCosts) -> Summary:
    """Return people, time, admissions and costs a person-year, by group and phase, with intervals by family."""
    import pandas as pd

    estimates = result.estimates.set_index(["group", "phase"])
    table = pd.DataFrame(
        {
            PEOPLE: estimates["people"],
            FAMILIES: estimates["families"],
            YEARS: estimates["person_years"].round(1),
            ADMISSIONS: estimates["admissions_a_year"].round(2),
            COST: estimates["cost_a_year"].round(),
            LOW: estimates["lower"].round(),
            HIGH: estimates["upper"].round(),
        }
    )
    behind = Behind.of(
        dict(_people_of_phases(result, table)),
        rows=result.people,
        index=table.index,
        columns=table.columns,
    )
    return Summary(
        title="Hospital admissions and what they cost, before and after the genomic result",
        table=table,
        people=behind.people,
        families=behind.families,
        meanings=_MEANINGS,
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        members=behind.members,
        provenance=result.provenance.then("summarise", of="PhaseCosts"),
        notes=_notes(result),
    )


def summarise_changes(result: PhaseCosts) -> Summary:
    """Return what changed from the first phase to the last in each group, and the difference of two groups' changes."""
    changes = result.changes.set_index("group").rename_axis(index="group")
    table = changes.round().set_axis([CHANGE, LOW, HIGH], axis="columns")
    by_group = dict(iter(result.people.groupby("group")["participant_id"]))
    # What is not of one group is the difference of both.
    who = {label: by_group.get(label, result.people["participant_id"]) for label in table.index}
    columns = [PEOPLE, FAMILIES, *table.columns]
    cells: dict[Cell, Any] = {(row, name): who[row] for row in table.index for name in columns}
    behind = Behind.of(cells, rows=result.people, index=table.index, columns=columns)
    table.insert(0, PEOPLE, behind.people[PEOPLE])
    table.insert(1, FAMILIES, behind.families[FAMILIES])
    first, last = (result.estimates["phase"].iloc[place] for place in (0, -1))
    return Summary(
        title=f"What changed in the cost of hospital care, from {_small(first)} to {_small(last)} the result",
        table=table,
        people=behind.people,
        families=behind.families,
        meanings={name: _MEANINGS.get(name, Meaning.STATISTIC) for name in table.columns},
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        members=behind.members,
        provenance=result.provenance.then("summarise_changes"),
        notes=(
            "Costs fall by themselves after a bad year: only the difference of the groups says what a diagnosis did.",
        ),
    )


def plot_phase_costs(summary: Summary) -> Figure:
    """Return costs a person-year as bars with their intervals, a group of bars for each phase.

    Raises
    ------
    ReportingError
        When the summary does not tell costs by group and phase.
    """
    if not {COST, LOW, HIGH}.issubset(summary.table.columns) or summary.table.index.nlevels != 2:
        raise ReportingError(
            f"The summary {summary.title!r} does not tell costs by group and phase: give the summary of phase_costs."
        )
    return Figure(summary, _draw, _describe)


def _notes(result: PhaseCosts) -> tuple[str, ...]:
    episodes = result.episodes
    at_mean = episodes.at_mean_price / len(episodes.rows) if len(episodes.rows) else 0.0
    return (
        f"Prices: {SOURCE}; pounds of {PRICE_YEAR}, not discounted.",
        f"{LEVEL * 100:.0f} % intervals by a bootstrap of families; none where fewer than five.",
        f"{at_mean:.1%} of the episodes had no resource group with a price and were costed at the mean.",
    )


def _small(phase: str) -> str:
    return phase[0].lower() + phase[1:]


def _people_of_phases(result: PhaseCosts, table: pd.DataFrame) -> Iterator[tuple[Cell, Any]]:
    """Yield the people of each cell: those observed in the phase behind their number, the group behind what it cost.

    All phases of a group are told of one group, of which a few are not observed in each; where few are, it is theirs.
    """
    by_group = result.people.drop_duplicates("participant_id").groupby("group")["participant_id"]
    groups = {group: people.to_numpy() for group, people in by_group}
    for (group, phase), rows in result.people.groupby(["group", "phase"]):
        observed = rows["participant_id"].to_numpy()
        yield from ((((group, phase), name), observed) for name in (PEOPLE, FAMILIES))
        base = resting_on(groups[group], observed)
        yield from (
            (((group, phase), name), base) for name in table if name not in (PEOPLE, FAMILIES)
        )


def _draw(summary: Summary) -> Drawing:
    groups = list(dict.fromkeys(summary.table.index.get_level_values(0)))
    phases = list(dict.fromkeys(summary.table.index.get_level_values(1)))
    drawing = new_drawing(width=1.6 + 1.7 * len(phases), height=4.2)
    axes = drawing.add_subplot()
    width = 0.8 / max(len(groups), 1)
    for place, group in enumerate(groups):
        middles = np.arange(len(phases)) + (place - (len(groups) - 1) / 2) * width
        _bars(axes, summary, group, phases, middles, width, place)
    axes.set_xticks(range(len(phases)), phases)
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("Cost of admissions (£ a person-year)")
    axes.yaxis.set_major_formatter("£{x:,.0f}")
    axes.yaxis.grid(visible=True)
    axes.set_ylim(bottom=0)
    before = sum("before" in str(phase).lower() for phase in phases)
    if 0 < before < len(phases):
        axes.axvline(before - 0.5, color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(
            "genomic result",
            (before - 0.5, 1),
            xycoords=("data", "axes fraction"),
            xytext=(5, -2),
            textcoords="offset points",
            va="top",
            fontsize=9,
            color=QUIET,
        )
    axes.set_title("Hospital admissions before and after the genomic result")
    drawing.legend(loc="outside lower center", ncols=len(groups))
    return drawing


def _bars(
    axes: Axes,
    summary: Summary,
    group: str,
    phases: list[Any],
    middles: np.ndarray[Any, Any],
    width: float,
    place: int,
) -> None:
    """Draw one group's bars with their intervals; what is masked or unknown is not drawn."""
    rows = summary.table.loc[group].reindex(phases)
    costs, low, high = (rows[name].to_numpy(dtype=float) for name in (COST, LOW, HIGH))
    look = look_of_series(place)
    axes.bar(middles, np.nan_to_num(costs), width * 0.92, label=group, **look.bar)
    known = ~np.isnan(costs) & ~np.isnan(low) & ~np.isnan(high)
    axes.errorbar(
        middles[known],
        costs[known],
        yerr=[costs[known] - low[known], high[known] - costs[known]],
        fmt="none",
        ecolor=BLACK,
        elinewidth=1.1,
        capsize=3,
    )


def _describe(summary: Summary) -> str:
    said = "; ".join(
        f"{' in the '.join(map(str, row))} £{summary.text(row, COST)}"
        for row in summary.table.index
    )
    return f"Bars with intervals: cost of hospital admissions a person-year. {said}. {summary.behind} were looked at."
