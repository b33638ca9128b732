"""How carriers per gene are said: as a summary, as a listing and as a figure."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.carriers import CarrierCounts
from gecip.reporting.behind import Behind
from gecip.reporting.figure import Figure, require_columns
from gecip.reporting.listing import Listing
from gecip.reporting.members import Cell
from gecip.reporting.products import list_rows, summarise
from gecip.reporting.style import BLACK, BLUE, MARKERS, ORANGE, QUIET, ROUNDED_HATCH, new_drawing
from gecip.reporting.summary import Meaning, Rate, Summary, Total

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

ALL_GROUPS = "All groups"
CARRIERS, FAMILIES, ALLELES, PEOPLE, RATE = (
    "carriers",
    "families of carriers",
    "alleles",
    "people",
    "carrier rate",
)
MOST_GENES_DRAWN = 30
MOST_PANELS_DRAWN = 9

_MEANINGS = {
    CARRIERS: Meaning.PEOPLE,
    FAMILIES: Meaning.FAMILIES,
    ALLELES: Meaning.ALLELES,
    PEOPLE: Meaning.PEOPLE,
    RATE: Meaning.RATE,
}


@summarise.register(CarrierCounts)
def summarise_carriers(result: CarrierCounts) -> Summary:
    """Return carriers, their families, their alleles and the carrier rate for each gene, by group if there are groups.

    A person with several variants of a gene, or two copies of one, is one carrier. Gene-level counts
    without groups hold no phenotypes.
    """
    import pandas as pd

    groups = result.denominators["group"].astype(str).tolist() if result.by else []
    labels: list[Any] = list(result.genes)
    if result.by:
        labels = [(gene, group) for gene in result.genes for group in [*groups, ALL_GROUPS]]
        index: pd.Index = pd.MultiIndex.from_tuples(labels, names=["gene", result.by])
    else:
        index = pd.Index(labels, name="gene")
    behind = Behind.of(
        dict(_people(result, groups)), rows=result.people, index=index, columns=_MEANINGS
    )
    table = behind.people[[CARRIERS]].assign(
        **{FAMILIES: behind.families[FAMILIES]},
        **{ALLELES: _alleles(result, labels), PEOPLE: behind.people[PEOPLE]},
    )
    table[RATE] = table[CARRIERS] / table[PEOPLE].where(table[PEOPLE] > 0).astype(float)
    return Summary(
        title="Carriers per gene" + (f" by {result.by.replace('_', ' ')}" if result.by else ""),
        table=table,
        people=behind.people,
        families=behind.families,
        meanings=_MEANINGS,
        phenotypic=result.by is not None,
        n_people=behind.n_people,
        n_families=behind.n_families,
        provenance=result.provenance.then("summarise", of="CarrierCounts"),
        rates={RATE: Rate(CARRIERS, PEOPLE)},
        totals=_totals(result.genes, groups),
        members=behind.members,
    )


@list_rows.register(CarrierCounts)
def list_carriers(result: CarrierCounts) -> Listing:
    """Return one row for each carrier and gene."""
    return Listing(
        title="Carriers",
        rows=result.carriers.sort_values(["gene", "participant_id"]),
        provenance=result.provenance.then("list_rows", of="CarrierCounts"),
    )


def plot_carriers(summary: Summary) -> Figure:
    """Return carriers per gene as horizontal bars with their families as markers; a panel per gene if there are groups.

    Raises
    ------
    ReportingError
        When the summary does not count carriers per gene.
    """
    require_columns(
        summary,
        {CARRIERS, FAMILIES, RATE},
        "does not count carriers per gene: give the summary of count_carriers.",
    )
    return Figure(summary, _draw, _describe)


def _people(result: CarrierCounts, groups: list[str]) -> Iterator[tuple[Cell, Any]]:
    """Yield the people of each cell: who carries, and who was looked at."""
    looked_at = _by_group(result.people, groups)
    for gene in result.genes:
        carriers = _by_group(result.carriers[result.carriers["gene"] == gene], groups)
        for group, people in carriers.items():
            row = (gene, group) if result.by else gene
            yield from (((row, name), people) for name in (CARRIERS, FAMILIES, ALLELES))
            yield from (((row, name), looked_at[group]) for name in (PEOPLE, RATE))


def _by_group(rows: pd.DataFrame, groups: list[str]) -> dict[str, Any]:
    """Return the people of each group, and all of them."""
    people, group_of = rows["participant_id"].to_numpy(), rows["group"].astype(str).to_numpy()
    return {group: people[group_of == group] for group in groups} | {ALL_GROUPS: people}


def _alleles(result: CarrierCounts, labels: list[Any]) -> list[int]:
    """Return how many alleles each row counts."""
    carriers = result.carriers
    of_gene = carriers.groupby("gene")["alleles"].sum()
    of_group = carriers.groupby(["gene", carriers["group"].astype(str)])["alleles"].sum()
    return [
        int(of_gene.get(label, 0))
        if not isinstance(label, tuple)
        else int(of_gene.get(label[0], 0) if label[1] == ALL_GROUPS else of_group.get(label, 0))
        for label in labels
    ]


def _totals(genes: tuple[str, ...], groups: list[str]) -> tuple[Total, ...]:
    carriers_are_people = Total(PEOPLE, (CARRIERS,), "columns", complete=False)
    if not groups:
        # Every gene was looked for in the same people.
        return (
            carriers_are_people,
            *(Total(gene, (genes[0],), only=(PEOPLE,)) for gene in genes[1:]),
        )
    of_genes = (
        Total((gene, ALL_GROUPS), tuple((gene, group) for group in groups)) for gene in genes
    )
    repeated = (
        Total((gene, group), ((genes[0], group),), only=(PEOPLE,))
        for gene in genes[1:]
        for group in [*groups, ALL_GROUPS]
    )
    return (carriers_are_people, *of_genes, *repeated)


# ---------------------------------------------------------------------------------------------------------------------
# Drawing
# ---------------------------------------------------------------------------------------------------------------------


def _draw(summary: Summary) -> Drawing:
    return _draw_by_group(summary) if summary.table.index.nlevels > 1 else _draw_by_gene(summary)


def _draw_by_gene(summary: Summary) -> Drawing:
    genes = summary.table[CARRIERS].fillna(0).sort_values(ascending=False, kind="stable").index
    genes = genes[:MOST_GENES_DRAWN]
    drawing = new_drawing(width=7.2, height=1.6 + 0.34 * max(len(genes), 1))
    axes = drawing.add_subplot()
    _bars(axes, summary, list(genes), [str(gene) for gene in genes])
    axes.set_xlim(0, 1.2 * _longest(summary, list(genes)))
    axes.set_title(_title(summary, drawn=len(genes), genes=len(summary.table)))
    axes.set_xlabel("Carriers (people)")
    _legend(drawing, summary)
    return drawing


def _draw_by_group(summary: Summary) -> Drawing:
    order = list(dict.fromkeys(summary.table.index.get_level_values(0)))
    genes = order[:MOST_PANELS_DRAWN]
    groups = [
        group
        for group in dict.fromkeys(summary.table.index.get_level_values(1))
        if group != ALL_GROUPS
    ]
    names = ["\n".join(textwrap.wrap(str(group), width=30)) for group in groups]
    across = min(len(genes), 3) or 1
    down = math.ceil(len(genes) / across) or 1
    drawing = new_drawing(
        width=2.8 + 2.5 * across, height=1.4 + down * (0.7 + 0.36 * max(len(groups), 1))
    )
    panels = drawing.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    for place, axes in enumerate(panels.flat):
        if place >= len(genes):
            axes.set_visible(False)
            continue
        _bars(axes, summary, [(genes[place], group) for group in groups], names)
        axes.set_title(genes[place])
        if place + across >= len(genes):
            axes.set_xlabel("Carriers (people)")
            axes.tick_params(labelbottom=True)
    drawn = [(gene, group) for gene in genes for group in groups]
    panels[0, 0].set_xlim(0, 1.5 * _longest(summary, drawn))
    drawing.suptitle(
        _title(summary, drawn=len(genes), genes=len(order)),
        x=0.01,
        ha="left",
        weight="bold",
        size=12,
    )
    _legend(drawing, summary)
    return drawing


def _longest(summary: Summary, rows: list[Any]) -> float:
    """Return the highest number drawn, so that what is written beside its bar finds room."""
    counts = summary.table.loc[rows, [CARRIERS, FAMILIES]].fillna(0)
    return max(float(counts.max(axis=None)), 5.0) if rows else 5.0


def _bars(axes: Axes, summary: Summary, rows: list[Any], names: list[str]) -> None:
    """Draw one bar for each row, the first on top, with what the cell says beside it."""
    from matplotlib.ticker import MaxNLocator

    for place, row in enumerate(rows):
        people, families = summary.table.loc[row, [CARRIERS, FAMILIES]].fillna(0)
        is_marked = summary.is_masked(row, CARRIERS)
        if people:
            axes.barh(
                place,
                people,
                height=0.66,
                facecolor="white" if is_marked else BLUE,
                edgecolor=BLUE,
                hatch=ROUNDED_HATCH if is_marked else "",
                linewidth=0.9,
            )
        if families:
            axes.plot(
                families,
                place,
                MARKERS[1],
                ms=5.5,
                mfc="white" if summary.is_masked(row, FAMILIES) else ORANGE,
                mec=BLACK,
                mew=0.8,
            )
        axes.annotate(
            _words(summary, row),
            (max(people, families), place),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=QUIET if is_marked and not people else BLACK,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.xaxis.grid(visible=True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _words(summary: Summary, row: Any) -> str:
    said, rate = summary.text(row, CARRIERS), summary.text(row, RATE)
    return f"{said}  ({rate})" if rate.endswith("%") and said != "0" else said


def _title(summary: Summary, *, drawn: int, genes: int) -> str:
    return summary.title if drawn == genes else f"{summary.title}: {drawn} of {genes} genes"


def _legend(drawing: Drawing, summary: Summary) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Patch(facecolor=BLUE, edgecolor=BLUE, label="people who carry"),
        Line2D(
            [], [], ls="", marker=MARKERS[1], mfc=ORANGE, mec=BLACK, ms=5.5, label="their families"
        ),
    ]
    rounded = _mark_of_rounded(summary)
    if rounded:
        mark = Patch(facecolor="white", edgecolor=BLUE, hatch=ROUNDED_HATCH)
        mark.set_label(f"{rounded}, drawn rounded up")
        handles.insert(1, mark)
    drawing.legend(handles=handles, loc="outside lower center", ncols=len(handles))


def _mark_of_rounded(summary: Summary) -> str:
    """Return the mark of the numbers that are drawn rounded up, or an empty text where there are none."""
    if summary.marks is None:
        return ""
    marks = summary.marks.cells[CARRIERS][summary.table[CARRIERS].notna()]
    return str(marks.max()) if len(marks) else ""


def _describe(summary: Summary) -> str:
    """Return the figure in words: the most frequent genes and what each says."""
    carriers = summary.table[CARRIERS].fillna(0).sort_values(ascending=False, kind="stable")
    first = ", ".join(
        f"{' in '.join(map(str, row)) if isinstance(row, tuple) else row} {summary.text(row, CARRIERS)}"
        for row in [
            row for row in carriers.index if not (isinstance(row, tuple) and row[1] == ALL_GROUPS)
        ][:5]
    )
    return (
        f"Horizontal bars: {summary.title.lower()}, with the number of families as a marker. "
        f"Highest: {first or 'none'}. {summary.behind} were looked at."
    )
