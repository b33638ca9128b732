"""One look for every figure: palette, hatches, markers and type, applied to a figure and never globally.

The colours are those of Okabe and Ito, which people with any colour vision tell apart; beside its
colour every series has a hatch or a marker of its own, so that it is also read in black and white.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
PURPLE, SKY, BLACK = "#CC79A7", "#56B4E9", "#222222"
PALETTE = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, BLACK)
HATCHES = ("", "///", "...", "\\\\\\", "xx", "--", "++")
MARKERS = ("o", "D", "s", "^", "v", "P", "X")
QUIET = "#6b6b6b"
PALE = "#d9d9d9"

# A count that is shown as less than it may be is drawn in outline, with this hatch.
ROUNDED_HATCH = "//////"

# Keys are names that matplotlib lists as literals, which a plain dict of words is not.
_SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "axes.labelcolor": BLACK,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.facecolor": "white",
    "axes.grid": False,
    "grid.color": PALE,
    "grid.linewidth": 0.7,
    "xtick.color": BLACK,
    "ytick.color": BLACK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "hatch.linewidth": 0.7,
    "figure.facecolor": "white",
    "figure.dpi": 110,
    "savefig.dpi": 160,
    "savefig.facecolor": "white",
    "svg.hashsalt": "gecip",
}


@dataclass(frozen=True)
class SeriesLook:
    """How one series looks: colour for the eye, hatch and marker for black and white."""

    colour: str
    hatch: str
    marker: str

    @property
    def bar(self) -> dict[str, Any]:
        """The arguments of a matplotlib bar in this look."""
        return {
            "facecolor": self.colour,
            "hatch": self.hatch,
            "edgecolor": "white",
            "linewidth": 0.6,
        }


def look_of_series(position: int) -> SeriesLook:
    """Return the look of the series at a position; after seven they repeat, and a figure has too many."""
    return SeriesLook(
        PALETTE[position % len(PALETTE)],
        HATCHES[position % len(HATCHES)],
        MARKERS[position % len(MARKERS)],
    )


def look_of_count(*, is_masked: bool) -> dict[str, Any]:
    """Return the arguments of a matplotlib bar for a count; one that may not be told is drawn in outline."""
    return {
        "facecolor": "white" if is_masked else BLUE,
        "edgecolor": BLUE,
        "hatch": ROUNDED_HATCH if is_masked else "",
        "linewidth": 0.9,
    }


@contextmanager
def styled() -> Iterator[None]:
    """Apply the look to what is drawn or rendered within the block, and to nothing else."""
    import matplotlib as mpl

    with mpl.rc_context(_SETTINGS):
        yield


def new_drawing(*, width: float, height: float) -> Drawing:
    """Return an empty drawing of a size in inches, which no global state of pyplot knows of."""
    from matplotlib.figure import Figure as Drawing

    return Drawing(figsize=(width, height), layout="constrained")
