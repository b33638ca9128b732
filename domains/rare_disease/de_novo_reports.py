"""What is said of de novo candidates: a listing inside, children by how many they have for a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domains.rare_disease.de_novo import DeNovoCandidates
from gecip.errors import ReportingError
from gecip.reporting import Figure, Listing, Summary, count_people, list_rows, summarise
from gecip.reporting.style import BLACK, QUIET, look_of_series, new_drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

# How far each candidate came, by the columns of the candidates, in the order in which they narrow.
_STAGES = {"raw": "raw", "base_filter": "base filter", "stringent_filter": "stringent filter", "passes": "passes"}  # fmt: skip
_BANDS = ((0, "none"), (1, "1"), (2, "2"), (5, "3 to 5"), (20, "6 to 20"))
_MORE = "more than 20"


@list_rows.register
def list_de_novo(result: DeNovoCandidates) -> Listing:
    """Return the candidates that pass, and how many were looked at; `rows` has the others with their verdicts."""
    return Listing(
        title="Candidates for de novo variants",
        rows=result.passing,
        notes=(
            f"{len(result.passing):,} of {len(result.rows):,} candidates pass, in {len(result.trios):,} trios.",
            *(remark.sentence for remark in result.remarks),
        ),
        provenance=result.provenance.then("list_rows", of="DeNovoCandidates"),
    )


@summarise.register
def summarise_de_novo(result: DeNovoCandidates) -> Summary:
    """Return how many children have how many candidates that pass."""
    summary = count_people(
        result.trios.assign(
            candidates=[_band(number) for number in result.trios["passing"].tolist()]
        ),
        by="candidates",
        title="Children by how many de novo candidates pass",
        phenotypic=False,
        categories={"candidates": [*(word for _, word in _BANDS), _MORE]},
        provenance=result.provenance,
    )
    for remark in result.remarks:
        summary = summary.with_note(remark.sentence)
    return summary


def list_candidates_by_child(result: DeNovoCandidates) -> Listing:
    """Return for each child how many candidates there are raw, by each filter, and that pass; most raw ones first."""
    rows = result.rows.assign(raw=True).groupby("participant_id")[list(_STAGES)].sum()
    counted = result.trios[["participant_id", "family_id"]].join(rows, on="participant_id")
    counted = counted.fillna(dict.fromkeys(_STAGES, 0)).astype(dict.fromkeys(_STAGES, "int64"))
    return Listing(
        title="Candidates of each child",
        rows=counted.rename(columns=_STAGES).sort_values("raw", ascending=False, kind="stable"),
        notes=(f"What passes is told by {result.method!r}.",),
        provenance=result.provenance.then("list_candidates_by_child"),
    )


def plot_candidates_by_child(listing: Listing) -> Figure:
    """Return how many candidates each child has, a point for each child at each filter; for the screen inside.

    Raises
    ------
    ReportingError
        When the listing has no such counts, or of nobody.
    """
    if not set(_STAGES.values()).issubset(listing.rows.columns) or listing.rows.empty:
        raise ReportingError(
            f"The listing {listing.title!r} has no candidates by filter: give list_candidates_by_child(candidates)."
        )
    return Figure(listing, _draw, _describe)


def _draw(listing: Listing) -> Drawing:
    drawing = new_drawing(width=6.4, height=3.8)
    axes = drawing.add_subplot()
    size = len(listing.rows)
    # Children stand side by side within a filter, in one order throughout, so that a child can be followed.
    aside = [0.7 * (place / max(1, size - 1) - 0.5) for place in range(size)]
    for place, name in enumerate(_STAGES.values()):
        look = look_of_series(place)
        counts = listing.rows[name]
        axes.scatter(
            [place + one for one in aside], counts, s=16, marker=look.marker, facecolor=look.colour,
            edgecolor=BLACK, linewidth=0.3,
        )  # fmt: skip
        median = counts.median()
        axes.plot([place - 0.42, place + 0.42], [median, median], color=QUIET, linewidth=1.2)
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylim(-0.3, None)
    labels = [f"{name}\nmedian {listing.rows[name].median():g}" for name in _STAGES.values()]
    axes.set_xticks(range(len(_STAGES)), labels)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylabel("Candidates of a child")
    axes.set_title(listing.title)
    return drawing


def _describe(listing: Listing) -> str:
    told = ", ".join(f"{name} {listing.rows[name].median():g}" for name in _STAGES.values())
    return f"Candidates of {len(listing.rows):,} children at each filter; medians: {told}."


def _band(number: int) -> str:
    return next((word for most, word in _BANDS if number <= most), _MORE)
