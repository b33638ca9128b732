"""How one person's timeline is said: a listing by day and a figure, both of which stay inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gecip.analysis.clinical.timeline import Timeline
from gecip.reporting.figure import Figure, require_columns
from gecip.reporting.listing import Listing
from gecip.reporting.products import list_rows
from gecip.reporting.style import BLACK, MARKERS, PALETTE, new_drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

COLUMNS = ("date", "until", "source", "event", "detail")
_DAY = "%Y-%m-%d"


@list_rows.register(Timeline)
def list_timeline(result: Timeline) -> Listing:
    """Return what is recorded of one person, by day; who it is stands nowhere in it."""
    rows = result.events.assign(
        date=result.events["date"].dt.strftime(_DAY),
        until=result.events["until"].dt.strftime(_DAY).fillna(""),
    )
    notes = [] if result.born is None else [f"Born in {result.born}."]
    if result.undated:
        listed = ", ".join(f"{name} ({rows:,})" for name, rows in result.undated.items())
        notes.append(f"Rows without a day: {listed}.")
    return Listing(
        title="Timeline of one person",
        rows=rows[list(COLUMNS)],
        provenance=result.provenance.then("list_rows", of="Timeline"),
        notes=tuple(notes),
    )


def plot_timeline(listing: Listing) -> Figure:
    """Return a timeline as a figure: a lane for each table, a mark for each event, a bar for what lasted.

    Raises
    ------
    ReportingError
        When the listing is not a timeline.
    """
    require_columns(
        listing, COLUMNS, "is not a timeline: give list_rows(timeline(cohort, participant))."
    )
    return Figure(listing, _draw, _describe)


def _lanes(listing: Listing) -> list[str]:
    """Return the tables in the order of their first event."""
    return list(dict.fromkeys(listing.rows["source"]))


def _dates(values: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    return pd.to_datetime(values, format=_DAY, errors="coerce")


def _draw(listing: Listing) -> Drawing:
    lanes = _lanes(listing)
    drawing = new_drawing(width=8.6, height=1.4 + 0.46 * max(len(lanes), 1))
    axes = drawing.add_subplot()
    starts, ends = _dates(listing.rows["date"]), _dates(listing.rows["until"])
    for place, lane in enumerate(lanes):
        here = listing.rows["source"] == lane
        colour, marker = PALETTE[place % len(PALETTE)], MARKERS[place % len(MARKERS)]
        axes.axhline(place, color=colour, lw=0.6, alpha=0.5)
        lasting = here & ends.notna() & (ends > starts)
        for start, end in zip(starts[lasting], ends[lasting], strict=True):
            axes.plot([start, end], [place, place], color=colour, lw=6, solid_capstyle="butt")
        axes.plot(
            starts[here].to_numpy(),
            [place] * int(here.sum()),
            marker,
            ls="",
            ms=6.5,
            mfc=colour,
            mec=BLACK,
            mew=0.6,
        )
    axes.set_yticks(
        range(len(lanes)),
        [f"{lane} ({int((listing.rows['source'] == lane).sum())})" for lane in lanes],
    )
    axes.set_ylim(len(lanes) - 0.4, -0.6)
    axes.xaxis.grid(visible=True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_title(listing.title)
    return drawing


def _describe(listing: Listing) -> str:
    told = [f"{lane}: {int((listing.rows['source'] == lane).sum())}" for lane in _lanes(listing)]
    return f"{listing.title}, events by table: {'; '.join(told) or 'none'}."
