"""Counts of groups drawn as lying bars, what the cell says beside each; a masked one in outline, as long as it may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gecip.reporting.style import BLACK, BLUE, QUIET, ROUNDED_HATCH, look_of_count, new_drawing
from gecip.reporting.summary import Summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_LEAST_LONGEST = 5.0


def draw_bars(
    summary: Summary, column: str, *, rows: Sequence[Any], axis: str, among: str | None = None
) -> Drawing:
    """Return a bar for each of some rows, the first on top.

    Parameters
    ----------
    column
        The count that is drawn.
    axis
        What the axis says: what is counted.
    among
        A second count that is written beside the bar: how many of how many.
    """
    from matplotlib.patches import Patch
    from matplotlib.ticker import MaxNLocator

    counts = summary.table[column].astype(float).fillna(0)
    drawing = new_drawing(width=7.2, height=1.5 + 0.34 * len(rows))
    axes = drawing.add_subplot()
    for place, row in enumerate(rows):
        marked = summary.is_masked(row, column)
        if counts[row] > 0:
            axes.barh(
                place,
                counts[row],
                height=0.64,
                **look_of_count(is_masked=marked),
            )
        words = summary.text(row, column)
        axes.annotate(
            words if among is None else f"{words} of {summary.text(row, among)}",
            (max(counts[row], 0), place),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=QUIET if marked else BLACK,
        )
    longest = max((float(counts[row]) for row in rows), default=0.0)
    axes.set_yticks(range(len(rows)), [str(row) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1.25 * max(longest, _LEAST_LONGEST))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.xaxis.grid(visible=True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(axis)
    axes.set_title(summary.title)
    if any(summary.is_masked(row, column) for row in rows):
        handle = Patch(
            facecolor="white", edgecolor=BLUE, hatch=ROUNDED_HATCH, label="fewer, drawn rounded up"
        )
        drawing.legend(handles=[handle], loc="outside lower center")
    return drawing
