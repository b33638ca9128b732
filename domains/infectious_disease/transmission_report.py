"""How transmission is said: cluster sizes and distances as summaries, the chains themselves as a listing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from domains.infectious_disease.transmission import SNPS_A_YEAR, TransmissionClusters
from gecip.errors import ReportingError
from gecip.reporting import Figure, Listing, Meaning, Summary, count_people, list_rows, summarise
from gecip.reporting.figure import require_columns
from gecip.reporting.style import (
    BLACK,
    QUIET,
    VERMILION,
    look_of_count,
    look_of_series,
    new_drawing,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

CLUSTER_SIZE, NEAREST = "cases in the cluster", "SNPs to the nearest case"
PEOPLE, FAMILIES, CLUSTERS = "people", "families", "clusters"
# Sizes and distances are told in classes that are fixed beforehand, so that no class can be made to hold one person.
SIZE_CLASSES = {"in no cluster": 1, "2": 2, "3–4": 4, "5–9": 9, "10 or more": None}
DISTANCE_CLASSES = {
    "0": 0,
    "1–2": 2,
    "3–5": 5,
    "6–12": 12,
    "13–25": 25,
    "26–50": 50,
    "51–100": 100,
    "101–200": 200,
    "over 200": None,
}
LINK_COLUMNS = ("cluster", "earlier", "earlier_date", "later", "later_date", "snps")


@summarise.register(TransmissionClusters)
def summarise_clusters(result: TransmissionClusters) -> Summary:
    """Return how many people are in clusters of which size, and how many clusters these are."""
    cases = result.cases.assign(
        **{CLUSTER_SIZE: _classes(result.cases["cluster_size"], SIZE_CLASSES)}
    )
    counted = count_people(
        cases,
        by=CLUSTER_SIZE,
        title=f"People by size of their transmission cluster (steps of at most {result.cluster_snps} SNPs)",
        phenotypic=True,
        categories={CLUSTER_SIZE: list(SIZE_CLASSES)},
        provenance=result.provenance,
    )
    clusters = cases.groupby(CLUSTER_SIZE)["cluster"].nunique().reindex(counted.table.index)
    clusters = clusters.fillna(0).astype(int)
    clusters.iloc[-1] = result.n_clusters
    return replace(
        counted,
        table=counted.table.assign(**{CLUSTERS: clusters}),
        people=counted.people.assign(**{CLUSTERS: counted.people[PEOPLE]}),
        families=counted.families.assign(**{CLUSTERS: counted.families[PEOPLE]}),
        meanings={**counted.meanings, CLUSTERS: Meaning.STATISTIC},
        members=counted.members
        and counted.members.with_cells(
            {(row, CLUSTERS): (row, PEOPLE) for row in counted.table.index}
        ),
        notes=(
            "Of each person the earliest isolate counts.",
            f"The strain changes about {SNPS_A_YEAR} SNPs a year; {result.recent_snps} or fewer speak for recent transmission.",
        ),
    )


def summarise_distances(result: TransmissionClusters) -> Summary:
    """Return how many people have their nearest case at which distance, in classes that are fixed."""
    cases = result.cases.assign(**{NEAREST: _classes(result.cases["nearest"], DISTANCE_CLASSES)})
    return count_people(
        cases,
        by=NEAREST,
        title="People by distance to the nearest other case",
        phenotypic=True,
        categories={NEAREST: list(DISTANCE_CLASSES)},
        provenance=result.provenance,
    ).with_note(f"Up to {result.cluster_snps} SNPs two cases are of one cluster.")


@list_rows.register(TransmissionClusters)
def list_links(result: TransmissionClusters) -> Listing:
    """Return the steps of the shortest chain through each cluster, the largest cluster first.

    The earlier isolate was taken first; that its person infected the other is not said.
    """
    links = result.links.assign(
        years=(result.links["snps"] / SNPS_A_YEAR).round(1),
        earlier_date=result.links["earlier_date"].dt.date,
        later_date=result.links["later_date"].dt.date,
    )
    return Listing(
        title=f"Steps of at most {result.cluster_snps} SNPs between cases",
        rows=links[[*LINK_COLUMNS, "years", "recent", "same_family"]],
        notes=("years: of evolution between the two, both lines together.",),
        provenance=result.provenance.then("list_rows", of="TransmissionClusters"),
    )


def plot_clusters(summary: Summary) -> Figure:
    """Return people by size of their cluster, as bars with the number of clusters beside them.

    Raises
    ------
    ReportingError
        When the summary is not one of clusters.
    """
    if CLUSTERS not in summary.table.columns:
        raise ReportingError(
            f"The summary {summary.title!r} does not count clusters: give the summary of find_clusters."
        )
    return Figure(summary, _draw_clusters, _describe)


def plot_distances(summary: Summary) -> Figure:
    """Return people by distance to their nearest case, with the bound of a cluster.

    Raises
    ------
    ReportingError
        When the summary is not one of distances.
    """
    if summary.table.index.name != NEAREST:
        raise ReportingError(
            f"The summary {summary.title!r} does not tell distances: give summarise_distances(find_clusters(…))."
        )
    return Figure(summary, _draw_distances, _describe)


def plot_chains(listing: Listing) -> Figure:
    """Return each cluster's chain in time: a mark for each case, a line for each step with its SNPs.

    It draws single people's cases, so that it stays in the environment.

    Raises
    ------
    ReportingError
        When the listing is not one of links.
    """
    require_columns(
        listing, LINK_COLUMNS, "has no steps between cases: give list_rows(find_clusters(…))."
    )
    return Figure(listing, _draw_chains, _describe_chains)


def _classes(values: pd.Series[int], classes: dict[str, int | None]) -> pd.Series[str]:
    """Return the first class that holds each value; the last holds what is above all others."""
    import pandas as pd

    bounds = [float("inf") if bound is None else float(bound) for bound in classes.values()]
    cut = pd.cut(values.astype(float), [-1.0, *bounds], labels=list(classes))
    return cut.astype(str)


# ---------------------------------------------------------------------------------------------------------------------
# Drawing
# ---------------------------------------------------------------------------------------------------------------------


def _draw_clusters(summary: Summary) -> Drawing:
    drawing = new_drawing(width=6.8, height=3.5)
    axes = drawing.add_subplot()
    groups = list(SIZE_CLASSES)
    _bars(axes, summary, groups)
    numbers = [_clusters_text(summary, group) for group in groups[1:]]
    labels = [f"{group}\n{number}" for group, number in zip(groups[1:], numbers, strict=True)]
    axes.set_xticks(range(len(groups)), [groups[0], *labels])
    axes.set_xlabel("Cases in the cluster, and how many such clusters there are")
    axes.set_title(summary.title)
    return drawing


def _clusters_text(summary: Summary, group: str) -> str:
    number = summary.text(group, CLUSTERS)
    return f"({number} cluster{'' if number == '1' else 's'})"


def _draw_distances(summary: Summary) -> Drawing:
    drawing = new_drawing(width=7.4, height=3.4)
    axes = drawing.add_subplot()
    groups = list(DISTANCE_CLASSES)
    _bars(axes, summary, groups)
    bound = groups.index("6–12") + 0.5
    axes.axvline(bound, color=VERMILION, lw=1.2, ls="--")
    axes.annotate(
        "one cluster  ",
        (bound, 0.97),
        xycoords=("data", "axes fraction"),
        ha="right",
        va="top",
        fontsize=8.5,
        color=VERMILION,
    )
    axes.set_xlabel("SNPs to the nearest other case")
    axes.set_title(summary.title)
    return drawing


def _bars(axes: Axes, summary: Summary, groups: list[str]) -> None:
    """Draw people by group as standing bars, with what the cell says above each."""
    from matplotlib.ticker import MaxNLocator

    counts = summary.table[PEOPLE].astype(float).fillna(0)
    for place, group in enumerate(groups):
        marked = summary.is_masked(group, PEOPLE)
        if counts[group]:
            axes.bar(
                place,
                counts[group],
                width=0.72,
                **look_of_count(is_masked=marked),
            )
        axes.annotate(
            summary.text(group, PEOPLE),
            (place, counts[group]),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            fontsize=8.5,
            color=QUIET if marked else BLACK,
        )
    axes.set_xticks(range(len(groups)), groups)
    axes.set_ylim(0, 1.15 * max(float(counts[groups].max()), 5.0))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.yaxis.grid(visible=True)
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("People")


def _describe(summary: Summary) -> str:
    told = "; ".join(
        f"{group}: {summary.text(group, PEOPLE)}" for group in list(summary.table.index)[:-1]
    )
    return f"Bars: {summary.title[:1].lower()}{summary.title[1:]}. {told}."


def _draw_chains(listing: Listing) -> Drawing:
    from matplotlib.lines import Line2D

    links = listing.rows
    places = _lines_of_cases(links)
    drawing = new_drawing(width=8.6, height=1.5 + 0.21 * (max(places.values(), default=0) + 1))
    axes = drawing.add_subplot()
    recent, older = look_of_series(0), look_of_series(3)
    dates: dict[str, Any] = {}
    for row in links.itertuples(index=False):
        dates |= {row.earlier: row.earlier_date, row.later: row.later_date}
        look, dashes = (recent, "-") if row.recent else (older, "--")
        days = [row.earlier_date, row.later_date]
        ends = [places[row.earlier], places[row.later]]
        axes.plot(days, ends, color=look.colour, ls=dashes, lw=1.4, zorder=1)
        axes.annotate(
            str(row.snps),
            (days[0] + (days[1] - days[0]) / 2, sum(ends) / 2),
            ha="center",
            va="center",
            fontsize=7.5,
            color=look.colour,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            zorder=2,
        )
    for case, place in places.items():
        axes.plot(dates[case], place, "o", ms=5.5, mfc="white", mec=BLACK, mew=0.9, zorder=3)
    tops: dict[int, float] = {}
    for row in links.itertuples(index=False):
        height = min(places[row.earlier], places[row.later])
        tops[row.cluster] = min(height, tops.get(row.cluster, height))
    axes.set_yticks(list(tops.values()), [f"cluster {number}" for number in tops])
    axes.set_ylim(max(places.values(), default=0) + 0.8, -0.8)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.grid(visible=True)
    axes.set_xlabel("Day on which the specimen was taken")
    axes.set_title("Cases in time, joined to the nearest; numbers are SNPs")
    handles = [Line2D([], [], color=recent.colour, label="near enough for recent transmission")]
    if not links["recent"].all():
        handles.append(Line2D([], [], color=older.colour, ls="--", label="further apart"))
    drawing.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return drawing


def _lines_of_cases(links: pd.DataFrame) -> dict[str, float]:
    """Return the height at which each case is drawn: cluster below cluster, by the day within each."""
    places: dict[str, float] = {}
    height = 0.0
    for _, steps in links.groupby("cluster", sort=True):
        days = {row.earlier: row.earlier_date for row in steps.itertuples(index=False)}
        days |= {row.later: row.later_date for row in steps.itertuples(index=False)}
        for case in sorted(days, key=lambda one: (days[one], one)):
            places[case] = height
            height += 1
        height += 0.8
    return places


def _describe_chains(listing: Listing) -> str:
    clusters = listing.rows["cluster"].nunique()
    return f"{len(listing):,} steps between cases in {clusters:,} clusters, drawn in time, with the SNPs of each step."
