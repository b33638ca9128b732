"""How sample quality and structure are said: who fails which test, and where people lie on components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gecip.analysis.genetic.sample_quality import METRICS, SampleQuality
from gecip.analysis.genetic.structure import PrincipalComponents
from gecip.errors import ReportingError
from gecip.reporting.ancestry_report import (
    CELLS_ACROSS,
    FIRST,
    SECOND,
    people_in_cells,
    places_on_components,
)
from gecip.reporting.behind import Behind
from gecip.reporting.figure import Figure, require_columns
from gecip.reporting.listing import Listing
from gecip.reporting.products import list_rows, summarise
from gecip.reporting.style import BLACK, look_of_series, new_drawing
from gecip.reporting.summary import Meaning, Summary

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

TEST, STANDS_OUT = "test", "fails"
PEOPLE, FAMILIES = Meaning.PEOPLE.value, Meaning.FAMILIES.value
EVERYBODY = "Everybody"
_NAMES = {
    "call_rate": "Call rate",
    "het_hom_ratio": "Heterozygotes over homozygotes",
    "ti_tv_ratio": "Transitions over transversions",
    "singletons": "Singletons",
    "inbreeding": "F at common sites",
    "mean_depth": "Mean depth",
    "mean_gq": "Mean GQ",
}


@summarise.register(SampleQuality)
def summarise_sample_quality(result: SampleQuality) -> Summary:
    """Return how many people fail each test, also those that nobody fails."""
    import pandas as pd

    index = pd.Index(result.tests, name=TEST)
    names = [PEOPLE, FAMILIES]
    failing = {
        test: result.failed.loc[result.failed["test"] == test, "participant_id"].to_numpy()
        for test in result.tests
    }
    behind = Behind.of(
        {(test, name): people for test, people in failing.items() for name in names},
        rows=result.people,
        index=index,
        columns=names,
    )
    summary = Summary(
        title="People by the tests of sample quality that they fail",
        table=behind.people[[PEOPLE]].assign(**{FAMILIES: behind.families[FAMILIES]}),
        people=behind.people,
        families=behind.families,
        meanings={PEOPLE: Meaning.PEOPLE, FAMILIES: Meaning.FAMILIES},
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        provenance=result.provenance.then("summarise", of="SampleQuality"),
        members=behind.members,
    )
    if result.not_tested:
        return summary.with_note(
            f"Not tested, since the release has no value: {', '.join(result.not_tested)}."
        )
    return summary


@list_rows.register(SampleQuality)
def list_sample_quality(result: SampleQuality) -> Listing:
    """Return one row for each person with all metrics and the tests failed."""
    failed = result.failed.groupby("participant_id")["test"].agg("; ".join)
    rows = result.people.assign(
        **{STANDS_OUT: result.people["participant_id"].map(failed).fillna("")}
    )
    return Listing(
        title="Sample quality",
        rows=rows,
        provenance=result.provenance.then("list_rows", of="SampleQuality"),
    )


def plot_sample_quality(
    listing: Listing, *, across: str = "het_hom_ratio", upwards: str = "call_rate"
) -> Figure:
    """Return people as points of two metrics, by ancestry, for the screen inside; who fails a test is ringed.

    Raises
    ------
    ReportingError
        When the listing is not one of sample quality, or has no such metric.
    """
    from functools import partial

    if STANDS_OUT not in listing.rows or not {across, upwards} <= set(METRICS):
        raise ReportingError(
            f"The listing {listing.title!r} has no metrics {across!r} and {upwards!r}: give list_rows of sample_quality, and "
            f"two of {', '.join(METRICS)}."
        )
    return Figure(
        listing, partial(_draw_quality, across=across, upwards=upwards), _describe_quality
    )


@list_rows.register(PrincipalComponents)
def list_components(result: PrincipalComponents) -> Listing:
    """Return everybody's scores."""
    return Listing(
        title="People on the first components",
        rows=result.scores,
        provenance=result.provenance.then("list_rows", of="PrincipalComponents"),
    )


@summarise.register(PrincipalComponents)
def summarise_components(result: PrincipalComponents, *, across: int = CELLS_ACROSS) -> Summary:
    """Return how many people lie in each cell of a honeycomb over the first two components: for `plot_density`.

    Raises
    ------
    ReportingError
        When there is one component only.
    """
    if SECOND not in result.scores:
        raise ReportingError(
            "There is one component only, and the density needs two: compute two or more."
        )
    places = places_on_components(result.scores, EVERYBODY, across=across)
    behind = people_in_cells(result.scores.assign(family_id=None), places, columns=[PEOPLE])
    shares = ", ".join(f"{value / result.total_variance:.1%}" for value in result.eigenvalues[:2])
    return Summary(
        title="Where people lie on the first two components",
        table=behind.people,
        people=behind.people,
        families=behind.families,
        meanings={PEOPLE: Meaning.PEOPLE},
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        members=behind.members,
        provenance=result.provenance.then("summarise", of="PrincipalComponents", across=across),
    ).with_note(f"The two hold {shares} of the variance.")


def plot_scores(listing: Listing) -> Figure:
    """Return everybody as a point on the first two components, for the screen inside.

    Raises
    ------
    ReportingError
        When the listing is not one of components.
    """
    require_columns(
        listing, {FIRST, SECOND}, "has no two components: give list_rows of principal_components."
    )
    return Figure(listing, _draw_scores, _describe_scores)


def _draw_quality(listing: Listing, *, across: str, upwards: str) -> Drawing:
    drawing = new_drawing(width=7.2, height=4.8)
    axes = drawing.add_subplot()
    for number, (name, rows) in enumerate(listing.rows.groupby("ancestry", sort=True)):
        look = look_of_series(number)
        axes.scatter(
            rows[across], rows[upwards], s=28, marker=look.marker, facecolor=look.colour, edgecolor=BLACK,
            linewidth=0.4, alpha=0.9, label=str(name),
        )  # fmt: skip
    ringed = listing.rows[listing.rows[STANDS_OUT] != ""]
    if len(ringed):
        axes.scatter(ringed[across], ringed[upwards], s=130, facecolor="none", edgecolor=BLACK, label="fails a test")  # fmt: skip
    axes.set_xlabel(_NAMES[across])
    axes.set_ylabel(_NAMES[upwards])
    axes.set_title(listing.title)
    drawing.legend(loc="outside right upper")
    return drawing


def _draw_scores(listing: Listing) -> Drawing:
    drawing = new_drawing(width=6.4, height=4.8)
    axes = drawing.add_subplot()
    look = look_of_series(0)
    axes.scatter(listing.rows[FIRST], listing.rows[SECOND], s=24, facecolor=look.colour, edgecolor=BLACK, linewidth=0.4)  # fmt: skip
    axes.set_xlabel("First component")
    axes.set_ylabel("Second component")
    axes.set_title(listing.title)
    return drawing


def _describe_quality(listing: Listing) -> str:
    failing = _failing(listing.rows)
    return f"People as points of two metrics, by ancestry. Of {len(listing):,} people {failing:,} fail a test."


def _failing(rows: pd.DataFrame) -> int:
    return int((rows[STANDS_OUT] != "").sum())


def _describe_scores(listing: Listing) -> str:
    return f"{len(listing):,} people as points on the first two components."
