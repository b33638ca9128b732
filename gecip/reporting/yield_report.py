"""How diagnostic yield is said: by group with Wilson intervals, and as points with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gecip.analysis.clinical.diagnostic_yield import DiagnosticYield, wilson_interval
from gecip.errors import ReportingError
from gecip.reporting.figure import Figure
from gecip.reporting.products import summarise
from gecip.reporting.style import BLACK, BLUE, QUIET, new_drawing
from gecip.reporting.summary import Meaning, Rate, Summary, Total

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

PROBANDS, DIAGNOSED, YIELD, LOW, HIGH = "probands", "diagnosed", "yield", "95 % from", "95 % to"
EVERYONE = "All"


@summarise.register(DiagnosticYield)
def summarise_yield(result: DiagnosticYield) -> Summary:
    """Return probands, diagnosed probands and yield with its Wilson interval, a row for each group and one for all."""
    import pandas as pd

    grouped = result.probands.groupby(result.by, sort=True)["diagnosed"].agg(["size", "sum"])
    grouped = grouped.sort_values("size", ascending=False, kind="stable")
    counts = [(str(group), int(row["size"]), int(row["sum"])) for group, row in grouped.iterrows()]
    counts.append((EVERYONE, len(result.probands), int(result.probands["diagnosed"].sum())))
    intervals = [wilson_interval(diagnosed, probands) for _, probands, diagnosed in counts]
    index = pd.Index([group for group, _, _ in counts], name=result.by)
    table = pd.DataFrame(
        {
            PROBANDS: [probands for _, probands, _ in counts],
            DIAGNOSED: [diagnosed for _, _, diagnosed in counts],
            YIELD: [diagnosed / probands for _, probands, diagnosed in counts],
            LOW: [round(low, 4) for low, _ in intervals],
            HIGH: [round(high, 4) for _, high in intervals],
        },
        index=index,
    )
    # One proband stands for one family, so that both counts are the same; the rates rest on the diagnosed.
    behind = table.assign(**dict.fromkeys((YIELD, LOW, HIGH), table[DIAGNOSED]))
    reported = int(result.probands["reported"].sum())
    return Summary(
        title=f"Diagnostic yield by {result.by.replace('_', ' ')}",
        table=table,
        people=behind.astype(int),
        families=behind.astype(int),
        meanings={
            PROBANDS: Meaning.PEOPLE,
            DIAGNOSED: Meaning.PEOPLE,
            YIELD: Meaning.RATE,
            LOW: Meaning.STATISTIC,
            HIGH: Meaning.STATISTIC,
        },
        phenotypic=True,
        n_people=len(result.probands),
        n_families=int(result.probands["family_id"].nunique()),
        provenance=result.provenance.then("summarise", of="DiagnosticYield"),
        rates={YIELD: Rate(DIAGNOSED, PROBANDS)},
        rests_on=dict.fromkeys((LOW, HIGH), (DIAGNOSED, PROBANDS)),
        totals=(
            Total(EVERYONE, tuple(str(group) for group in grouped.index)),
            Total(PROBANDS, (DIAGNOSED,), "columns", complete=False),
        ),
        notes=(
            f"Questionnaires came back for {reported / max(len(result.probands), 1):.0%} of the probands.",
        ),
    )


def plot_yield(summary: Summary) -> Figure:
    """Return yield by group as points with their intervals, the largest group on top.

    Raises
    ------
    ReportingError
        When the summary is not one of diagnostic yield.
    """
    if not {PROBANDS, DIAGNOSED, YIELD, LOW, HIGH}.issubset(summary.table.columns):
        raise ReportingError(
            f"The summary {summary.title!r} is not one of diagnostic yield: give the summary of diagnostic_yield."
        )
    return Figure(summary, _draw, _describe)


def _draw(summary: Summary) -> Drawing:
    groups = list(summary.table.index)
    drawing = new_drawing(width=7.6, height=1.3 + 0.36 * len(groups))
    axes = drawing.add_subplot()
    for place, group in enumerate(groups):
        row = summary.table.loc[group]
        told = not any(summary.is_masked(group, name) for name in (YIELD, LOW, HIGH))
        if told and row[[YIELD, LOW, HIGH]].notna().all():
            axes.plot(
                [100 * row[LOW], 100 * row[HIGH]],
                [place, place],
                color=BLUE,
                lw=1.8,
                solid_capstyle="butt",
            )
            axes.plot(
                100 * row[YIELD],
                place,
                "s" if group == EVERYONE else "o",
                ms=7,
                mfc=BLUE,
                mec=BLACK,
                mew=0.7,
            )
        words = f"{summary.text(group, DIAGNOSED)} of {summary.text(group, PROBANDS)}"
        axes.annotate(
            words,
            (1.01, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8.5,
            color=BLACK if told else QUIET,
        )
    axes.set_yticks(range(len(groups)), [str(group) for group in groups])
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.set_xlabel("Probands with a diagnosis (%), with 95 % Wilson interval")
    axes.xaxis.grid(visible=True)
    axes.tick_params(axis="y", length=0)
    axes.set_title(summary.title)
    return drawing


def _describe(summary: Summary) -> str:
    told = [
        f"{group}: {summary.text(group, DIAGNOSED)} of {summary.text(group, PROBANDS)} ({summary.text(group, YIELD)})"
        for group in summary.table.index
    ]
    return f"{summary.title}: {'; '.join(told)}."
