"""How genetic ancestry is said: people by reference, agreement with what is recorded, and where they lie.

A point on a scatter of components is a person. So the scatter draws a listing and stays inside, and
what may ask to leave is how many people lie in each cell of a coarse honeycomb.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.ancestry import NOT_RECORDED, PREDICTIONS, GeneticAncestry
from gecip.analysis.genetic.reference_space import FEWEST_REFERENCE_PEOPLE, LEAST_REACH, UNASSIGNED
from gecip.errors import ReportingError
from gecip.reporting.behind import Behind
from gecip.reporting.counting import count_people
from gecip.reporting.figure import Figure, require_columns
from gecip.reporting.listing import Listing
from gecip.reporting.members import Cell
from gecip.reporting.products import list_rows, summarise
from gecip.reporting.style import (
    BLACK,
    PALE,
    QUIET,
    ROUNDED_HATCH,
    SeriesLook,
    look_of_series,
    new_drawing,
)
from gecip.reporting.summary import Meaning, Summary

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    Numbers = npt.NDArray[np.float64]

SIMILAR_TO, RECORDED = "similar to", "recorded"
FIRST, SECOND = "PC1", "PC2"
PEOPLE, FAMILIES = Meaning.PEOPLE.value, Meaning.FAMILIES.value
ASKED, REFERENCE = "asked", "reference"
CELLS_ACROSS = 7
_SMALLEST_AREA, _AREA_A_PERSON = 14.0, 7.0


@summarise.register(GeneticAncestry)
def summarise_ancestry(result: GeneticAncestry) -> Summary:
    """Return how many people resemble which reference, and how many cannot be assigned."""
    summary = count_people(
        result.people.rename(columns={"similar_to": SIMILAR_TO}),
        by=SIMILAR_TO,
        title="People by the reference that their genomes resemble",
        phenotypic=True,
        provenance=result.provenance,
        categories={SIMILAR_TO: (*result.references, UNASSIGNED)},
    )
    for note in _notes(result):
        summary = summary.with_note(note)
    return summary


def compare_with_recorded(result: GeneticAncestry) -> Summary:
    """Return how many people resemble which reference, by what the programme's own inference says of them."""
    people = result.people.rename(columns={"similar_to": SIMILAR_TO})
    found = set(people[RECORDED])
    recorded = [name for name in (*PREDICTIONS.values(), UNASSIGNED, NOT_RECORDED) if name in found]
    return count_people(
        people,
        by=[RECORDED, SIMILAR_TO],
        title="Resemblance found here, by the inference on record",
        phenotypic=True,
        provenance=result.provenance,
        categories={RECORDED: recorded, SIMILAR_TO: (*result.references, UNASSIGNED)},
    )


def density_of_components(result: GeneticAncestry, *, across: int = CELLS_ACROSS) -> Summary:
    """Return how many people lie in each cell of a honeycomb over the first two components.

    Parameters
    ----------
    across
        How many cells the people asked are spread over, along each component; the fewer, the fewer
        cells have to be masked on the way out.

    Raises
    ------
    ReportingError
        When there is one component only.
    """
    if SECOND not in result.people:
        raise ReportingError(
            "There is one component only, and the density needs two: infer ancestry with components=2 or more."
        )
    places = places_on_components(result.people, result.people["similar_to"], across=across)
    behind = people_in_cells(result.people, places, columns=[PEOPLE, FAMILIES])
    summary = Summary(
        title="Where people lie on the first two components",
        table=behind.people[[PEOPLE]].assign(**{FAMILIES: behind.families[FAMILIES]}),
        people=behind.people,
        families=behind.families,
        meanings={PEOPLE: Meaning.PEOPLE, FAMILIES: Meaning.FAMILIES},
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        provenance=result.provenance.then("density_of_components", across=across),
        members=behind.members,
    )
    for note in _notes(result):
        summary = summary.with_note(note)
    return summary


def places_on_components(people: pd.DataFrame, similar_to: Any, *, across: int) -> pd.DataFrame:
    """Return for each person the centre of the cell in which the first two components lie, and whom they resemble.

    Parameters
    ----------
    people
        With the columns `PC1` and `PC2`.
    similar_to
        A word for all, or one for each.
    across
        Over how many cells people are spread along each component.
    """
    import numpy as np
    import pandas as pd

    points = people[[FIRST, SECOND]].to_numpy(dtype=float)
    spread = np.ptp(points, axis=0) if len(points) else np.ones(2)
    size = spread / across * np.array([1.0, math.sqrt(3.0)])
    # Enough digits that neighbouring centres stay apart, whatever the components' scale.
    digits = [max(3, 3 - math.floor(math.log10(one))) if one > 0 else 3 for one in size]
    centres = honeycomb(points, size)
    return pd.DataFrame(
        {
            SIMILAR_TO: similar_to if isinstance(similar_to, str) else list(similar_to),
            FIRST: centres[:, 0].round(digits[0]),
            SECOND: centres[:, 1].round(digits[1]),
        }
    )


def people_in_cells(
    people: pd.DataFrame, places: pd.DataFrame, *, columns: Sequence[str]
) -> Behind:
    """Return who lies in each cell that holds somebody, from the places that `places_on_components` gave them.

    Parameters
    ----------
    people
        Those of the places, in their order, with `participant_id` and `family_id`.
    columns
        Of the table that counts them.
    """
    rows = places.assign(participant_id=people["participant_id"].to_numpy())
    found = rows.groupby([SIMILAR_TO, FIRST, SECOND])["participant_id"]
    cells: dict[Cell, Any] = {
        (place, column): who for place, who in found.agg(list).items() for column in columns
    }
    return Behind.of(cells, rows=people, index=found.size().index, columns=columns)


def honeycomb(points: Numbers, size: Numbers) -> Numbers:
    """Return the centre of the hexagonal cell that each point lies in.

    Parameters
    ----------
    points
        Shape (points, 2).
    size
        Distance between neighbouring centres of a row along the first axis, and between every other
        row along the second, each in its axis's own unit.
    """
    import numpy as np

    step = np.where(size > 0, size, 1.0)
    scaled = points / step
    # Two grids, the second shifted by half a cell: the nearer centre, where a row is √3 as far as a neighbour.
    corners, middles = np.round(scaled), np.floor(scaled) + 0.5
    to_corner = ((scaled - corners) ** 2) @ np.array([1.0, 3.0])
    to_middle = ((scaled - middles) ** 2) @ np.array([1.0, 3.0])
    return np.asarray(np.where((to_corner <= to_middle)[:, None], corners, middles) * step)


@list_rows.register(GeneticAncestry)
def list_ancestry(result: GeneticAncestry) -> Listing:
    """Return one row for each person asked and each reference person, with their places on the components."""
    import pandas as pd

    asked = result.people.rename(columns={"similar_to": SIMILAR_TO}).assign(role=ASKED)
    reference = result.reference.rename(columns={"reference": SIMILAR_TO}).assign(role=REFERENCE)
    rows = pd.concat([asked, reference], ignore_index=True)
    return Listing(
        title="People on the components of the reference",
        rows=rows.sort_values(["role", "participant_id"]),
        provenance=result.provenance.then("list_rows", of="GeneticAncestry"),
    )


def plot_density(summary: Summary) -> Figure:
    """Return where people lie on the first two components: a mark for each cell, as large as its people are many.

    Raises
    ------
    ReportingError
        When the summary is not one of density.
    """
    if summary.table.index.names != [SIMILAR_TO, FIRST, SECOND]:
        raise ReportingError(
            f"The summary {summary.title!r} does not count people by component: give that of density_of_components."
        )
    return Figure(summary, _draw_density, _describe_density)


def plot_components(listing: Listing) -> Figure:
    """Return every person as a point on the first two components, for the screen inside: it never leaves.

    Raises
    ------
    ReportingError
        When the listing is not one of genetic ancestry.
    """
    require_columns(
        listing,
        {SIMILAR_TO, FIRST, SECOND, "role"},
        "has no components: give list_rows of genetic_ancestry.",
    )
    return Figure(listing, _draw_components, _describe_components)


def _notes(result: GeneticAncestry) -> list[str]:
    """Return what a reader must know: similarity, the reference, and what new people lose."""
    used = result.components["used"]
    reach = result.components.loc[used, "reach"]
    kept = ", ".join(f"{name} {share:.0%}" for name, share in reach.items())
    notes = [
        f"Similarity to {len(result.reference):,} reference people of this release at {result.sites:,} sites, not ethnicity.",
        f"New people keep so much of their distance from the middle (shrinkage): {kept}.",
        f"Components on which they keep less than {LEAST_REACH:.0%} were not used.",
    ]
    if result.too_few:
        notes.append(
            f"Not among the references, for want of {FEWEST_REFERENCE_PEOPLE} people: {', '.join(result.too_few)}. "
            "Whoever is like them can only be unassigned."
        )
    return notes


# ---------------------------------------------------------------------------------------------------------------------
# Drawing
# ---------------------------------------------------------------------------------------------------------------------


def _draw_density(summary: Summary) -> Drawing:
    from matplotlib.lines import Line2D

    drawing = new_drawing(width=7.4, height=5.2)
    axes = drawing.add_subplot()
    names = _named(summary.table.index.get_level_values(0))
    places = _side_by_side(summary)
    is_rounded = False
    for number, name in enumerate(names):
        look = _look(number, name)
        for row in summary.table.index[summary.table.index.get_level_values(0) == name]:
            count = summary.table.at[row, PEOPLE]
            if not count > 0:
                continue
            masked = summary.is_masked(row, PEOPLE)
            is_rounded |= masked
            axes.scatter(
                *places[row],
                s=_SMALLEST_AREA + _AREA_A_PERSON * float(count),
                marker=look.marker,
                facecolor="white" if masked else look.colour,
                edgecolor=look.colour if masked and name != UNASSIGNED else BLACK,
                hatch=ROUNDED_HATCH if masked else "",
                linewidth=0.8,
                alpha=0.9,
            )
    _dress(axes, summary.title)
    handles = [
        *_legend_of_names(names),
        *(
            Line2D(
                [],
                [],
                ls="",
                marker="o",
                mfc="none",
                mec=QUIET,
                ms=math.sqrt(_SMALLEST_AREA + _AREA_A_PERSON * size),
                label=f"{size} people",
            )
            for size in (5, 25)
        ),
    ]
    if is_rounded:
        handles.append(
            axes.scatter(
                [],
                [],
                s=60,
                facecolor="white",
                edgecolor=QUIET,
                hatch=ROUNDED_HATCH,
                label="few, rounded up",
            )
        )
    drawing.legend(handles=handles, loc="outside right upper", labelspacing=0.9)
    return drawing


def _side_by_side(summary: Summary) -> dict[Any, tuple[float, float]]:
    """Return where each mark stands: at its cell's centre, or beside the others of the same cell."""
    import numpy as np

    rows = list(summary.table.index)
    sharing: dict[tuple[float, float], list[Any]] = {}
    for row in sorted(rows, key=lambda row: (row[0] == UNASSIGNED, row[0])):
        sharing.setdefault((row[1], row[2]), []).append(row)
    gaps = np.diff(np.unique([row[1] for row in rows]))
    # Neighbouring rows of the honeycomb are shifted by half a cell, which is the least gap there is.
    step = float(gaps.min()) * 0.75 if len(gaps) else 0.0
    return {
        row: (centre[0] + (number - (len(together) - 1) / 2) * step, centre[1])
        for centre, together in sharing.items()
        for number, row in enumerate(together)
    }


def _draw_components(listing: Listing) -> Drawing:
    drawing = new_drawing(width=7.4, height=5.2)
    axes = drawing.add_subplot()
    rows = listing.rows
    reference = rows[rows["role"] == REFERENCE]
    axes.scatter(reference[FIRST], reference[SECOND], s=60, color=PALE, linewidth=0, zorder=1)
    names = _named(rows[SIMILAR_TO])
    for number, name in enumerate(names):
        look = _look(number, name)
        asked = rows[(rows["role"] == ASKED) & (rows[SIMILAR_TO] == name)]
        axes.scatter(
            asked[FIRST],
            asked[SECOND],
            s=26,
            marker=look.marker,
            facecolor=look.colour,
            edgecolor=BLACK,
            linewidth=0.5,
            zorder=2,
        )
    _dress(axes, listing.title)
    from matplotlib.lines import Line2D

    pale = Line2D([], [], ls="", marker="o", mfc=PALE, mec=PALE, ms=8, label="reference people")
    drawing.legend(handles=[*_legend_of_names(names), pale], loc="outside right upper")
    return drawing


def _named(names: Any) -> list[str]:
    """Return the names that occur, sorted, the unassigned last."""
    return sorted({str(name) for name in names}, key=lambda name: (name == UNASSIGNED, name))


def _look(number: int, name: str) -> SeriesLook:
    look = look_of_series(number)
    return SeriesLook("white", "", "X") if name == UNASSIGNED else look


def _legend_of_names(names: list[str]) -> list[Any]:
    from matplotlib.lines import Line2D

    looks = {name: _look(number, name) for number, name in enumerate(names)}
    return [
        Line2D(
            [], [], ls="", marker=look.marker, mfc=look.colour, mec=BLACK, mew=0.7, ms=8, label=name
        )
        for name, look in looks.items()
    ]


def _dress(axes: Axes, title: str) -> None:
    axes.set_xlabel("First component")
    axes.set_ylabel("Second component")
    axes.grid(visible=True)
    axes.set_title(title)


def _describe_density(summary: Summary) -> str:
    names = summary.table.index.get_level_values(0)
    cells = ", ".join(f"{name} in {int((names == name).sum())}" for name in _named(names))
    return (
        f"Marks on a plane of the first two components, as large as people are many. {summary.behind}; "
        f"cells of the honeycomb with people similar to each reference: {cells}."
    )


def _describe_components(listing: Listing) -> str:
    asked = listing.rows[listing.rows["role"] == ASKED]
    counts = ", ".join(
        f"{name} {int((asked[SIMILAR_TO] == name).sum())}" for name in _named(asked[SIMILAR_TO])
    )
    return f"Every person a point on the first two components, by similarity: {counts}."
