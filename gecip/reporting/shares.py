"""Shares of groups with their intervals, as columns of a summary and drawn as points, how many of how many beside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.clinical.diagnostic_yield import wilson_interval
from gecip.reporting.style import BLACK, BLUE, QUIET, new_drawing
from gecip.reporting.summary import Meaning, Summary

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing


@dataclass(frozen=True)
class ShareColumns:
    """The columns of a summary that tell a share: how many, of how many, the quotient and its interval."""

    of: str
    among: str
    share: str
    low: str
    high: str

    def table(self, of: Sequence[int], among: Sequence[int], *, index: pd.Index) -> pd.DataFrame:
        """Return the five columns for counts of each row, with Wilson's interval."""
        import pandas as pd

        intervals = [wilson_interval(part, whole) for part, whole in zip(of, among, strict=True)]
        return pd.DataFrame(
            {
                self.of: of,
                self.among: among,
                self.share: [part / whole for part, whole in zip(of, among, strict=True)],
                self.low: [round(low, 4) for low, _ in intervals],
                self.high: [round(high, 4) for _, high in intervals],
            },
            index=index,
        )

    @property
    def meanings(self) -> dict[str, Meaning]:
        """What the numbers of each column are."""
        return {
            self.of: Meaning.PEOPLE,
            self.among: Meaning.PEOPLE,
            self.share: Meaning.RATE,
            self.low: Meaning.STATISTIC,
            self.high: Meaning.STATISTIC,
        }

    @property
    def rests_on(self) -> dict[str, tuple[str, str]]:
        """On which columns the limits of the interval rest, and on nothing else."""
        return dict.fromkeys((self.low, self.high), (self.of, self.among))

    @property
    def all(self) -> tuple[str, ...]:
        """Every one of them."""
        return (self.of, self.among, self.share, self.low, self.high)


def draw_shares(
    summary: Summary, columns: ShareColumns, *, axis: str, whole: Any = None
) -> Drawing:
    """Return the share of each row as a point with its interval, in the order of the table.

    A row of which a part is masked has no point, and only its counts beside it.

    Parameters
    ----------
    axis
        What the axis says, with the unit: shares are in per cent.
    whole
        The row of everybody, drawn as a square.
    """
    groups = list(summary.table.index)
    drawing = new_drawing(width=7.6, height=1.3 + 0.36 * len(groups))
    axes = drawing.add_subplot()
    for place, group in enumerate(groups):
        row = summary.table.loc[group]
        drawn = [columns.share, columns.low, columns.high]
        told = not any(summary.is_masked(group, name) for name in drawn)
        if told and row[drawn].notna().all():
            axes.plot(
                [100 * row[columns.low], 100 * row[columns.high]],
                [place, place],
                color=BLUE,
                lw=1.8,
                solid_capstyle="butt",
            )
            axes.plot(
                100 * row[columns.share],
                place,
                "s" if group == whole else "o",
                ms=7,
                mfc=BLUE,
                mec=BLACK,
                mew=0.7,
            )
        axes.annotate(
            f"{summary.text(group, columns.of)} of {summary.text(group, columns.among)}",
            (1.01, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8.5,
            color=BLACK if told else QUIET,
        )
    axes.set_yticks(range(len(groups)), [str(group) for group in groups])
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.set_xlim(0, 100)
    axes.set_xlabel(axis)
    axes.xaxis.grid(visible=True)
    axes.tick_params(axis="y", length=0)
    axes.set_title(summary.title)
    return drawing


def describe_shares(summary: Summary, columns: ShareColumns) -> str:
    """Return the same in words, for those who cannot see it."""
    told = [
        f"{group}: {summary.text(group, columns.of)} of {summary.text(group, columns.among)} "
        f"({summary.text(group, columns.share)})"
        for group in summary.table.index
    ]
    return f"{summary.title}: {'; '.join(told)}."
