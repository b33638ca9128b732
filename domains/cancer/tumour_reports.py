"""What the cancer domain says of its results: tumours stay inside, groups of people may ask to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domains.cancer.mutated_genes import MutatedGenes, MutualExclusivity
from domains.cancer.mutational_burden import HIGH_PER_MEGABASE, MutationalBurden
from domains.cancer.protein_changes import Change
from gecip.errors import ReportingError
from gecip.reporting import (
    Figure,
    Listing,
    Meaning,
    Rate,
    Summary,
    Total,
    list_rows,
    summarise,
)
from gecip.reporting.behind import Behind, resting_on
from gecip.reporting.figure import require_columns
from gecip.reporting.members import Cell
from gecip.reporting.shares import ShareColumns, describe_shares, draw_shares
from gecip.reporting.style import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PALE,
    PURPLE,
    QUIET,
    VERMILION,
    new_drawing,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

PEOPLE, FAMILIES, HIGH, SHARE_HIGH = "people", "families", "high burden", "share high"
LOWER, MEDIAN, UPPER = "lower quartile", "median", "upper quartile"
KIND, ALL_KINDS = "kind of tumour", "All kinds"
MUTATED, SHARE, LOW, UP = "mutated", "share", "95 % from", "95 % to"
TUMOUR, BURDEN = "tumour", "per megabase"
BOTH, EXPECTED, ODDS_RATIO, P, Q = "both", "both expected", "odds ratio", "p", "q"

_GENES = ShareColumns(MUTATED, PEOPLE, SHARE, LOW, UP)
# Height of a tile and its colour: heights tell the changes apart in black and white.
_TILES: dict[str, tuple[str, float]] = {
    Change.TRUNCATING: (VERMILION, 0.86),
    Change.SPLICE_SITE: (PURPLE, 0.62),
    Change.IN_FRAME: (ORANGE, 0.46),
    Change.MISSENSE: (GREEN, 0.3),
    Change.SEVERAL: (BLACK, 0.86),
}


# ---------------------------------------------------------------------------------------------------------------------
# Mutational burden
# ---------------------------------------------------------------------------------------------------------------------


@summarise.register(MutationalBurden)
def summarise_burden(result: MutationalBurden) -> Summary:
    """Return for each kind of tumour how many people, the median burden, and how many have a high one.

    A person counts once for a kind, by the tumour sampled first. A quartile rests on the quarter of people
    beyond it, and the median on half of them.
    """
    import pandas as pd

    first = result.tumours.drop_duplicates(["participant_id", "disease_type"])
    groups = [(str(kind), rows) for kind, rows in first.groupby("disease_type", sort=True)]
    groups.sort(key=lambda group: -len(group[1]))
    groups.append((ALL_KINDS, result.tumours.drop_duplicates("participant_id")))
    index = pd.Index([kind for kind, _ in groups], name=KIND)
    table = pd.DataFrame([_burden_row(rows) for _, rows in groups], index=index)
    behind = Behind.of(
        {
            (kind, name): people
            for kind, rows in groups
            for name, people in _people_behind(rows).items()
        },
        rows=result.tumours,
        index=index,
        columns=table.columns,
    )
    as_recorded = result.n_as_recorded == result.n_compared
    return Summary(
        title="Non-synonymous mutations for each megabase, by kind of tumour",
        table=table,
        people=behind.people,
        families=behind.families,
        meanings={
            PEOPLE: Meaning.PEOPLE,
            LOWER: Meaning.STATISTIC,
            MEDIAN: Meaning.STATISTIC,
            UPPER: Meaning.STATISTIC,
            HIGH: Meaning.PEOPLE,
            SHARE_HIGH: Meaning.RATE,
        },
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        members=behind.members,
        provenance=result.provenance.then("summarise", of="MutationalBurden"),
        rates={SHARE_HIGH: Rate(HIGH, PEOPLE)},
        totals=(
            Total(ALL_KINDS, tuple(kind for kind, _ in groups[:-1])),
            Total(PEOPLE, (HIGH,), "columns", complete=False),
        ),
        notes=(
            f"High is {result.high_from:g} and more for each megabase.",
            f"The programme's own figures are the same for {'all' if as_recorded else 'not all'} tumours that have one.",
        ),
    )


def _burden_row(rows: pd.DataFrame) -> dict[str, float]:
    quartiles = rows["per_megabase"].quantile([0.25, 0.5, 0.75]).round(2)
    return {
        PEOPLE: len(rows),
        LOWER: quartiles[0.25],
        MEDIAN: quartiles[0.5],
        UPPER: quartiles[0.75],
        HIGH: int(rows["is_high"].sum()),
        SHARE_HIGH: float(rows["is_high"].mean()),
    }


def _people_behind(rows: pd.DataFrame) -> dict[str, Any]:
    """Return who stands behind each number of a kind: a quartile is theirs who lie beyond it where those are few."""
    ordered = rows.sort_values("per_megabase", kind="stable")["participant_id"].to_numpy()
    quarter, half = len(ordered) // 4, len(ordered) // 2
    high = rows.loc[rows["is_high"], "participant_id"].to_numpy()
    return {
        PEOPLE: ordered,
        LOWER: resting_on(ordered, ordered[:quarter]),
        MEDIAN: resting_on(ordered, ordered[:half]),
        UPPER: resting_on(ordered, ordered[len(ordered) - quarter :]),
        HIGH: high,
        SHARE_HIGH: high,
    }


@list_rows.register(MutationalBurden)
def list_burden(result: MutationalBurden) -> Listing:
    """Return every tumour with its burden and the programme's own figure, the highest first."""
    kept = ["tumour", "disease_type", "counted", "per_megabase", "recorded_per_megabase"]
    rows = result.tumours[kept].sort_values(["per_megabase", "tumour"], ascending=[False, True])
    return Listing(
        title="Mutational burden of each tumour",
        rows=rows.assign(per_megabase=rows["per_megabase"].round(2)).rename(
            columns={
                "disease_type": KIND,
                "per_megabase": BURDEN,
                "recorded_per_megabase": "recorded",
            }
        ),
        provenance=result.provenance.then("list_rows", of="MutationalBurden"),
    )


def plot_burden(summary: Summary) -> Figure:
    """Return the median burden of each kind of tumour, with the quartiles, on a logarithmic axis.

    Raises
    ------
    ReportingError
        When the summary is not one of mutational burden.
    """
    require_columns(
        summary,
        {LOWER, MEDIAN, UPPER, HIGH},
        "is not one of mutational burden: give the summary of mutational_burden.",
    )
    return Figure(summary, _draw_burden, _describe_burden)


def plot_every_burden(listing: Listing) -> Figure:
    """Return every tumour as a point, kind beside kind in the order of their medians; it stays inside.

    Raises
    ------
    ReportingError
        When the listing is not one of mutational burden.
    """
    require_columns(listing, {KIND, BURDEN}, "has no burdens: give list_rows of mutational_burden.")
    return Figure(listing, _draw_every_burden, _describe_every_burden)


def _draw_burden(summary: Summary) -> Drawing:
    kinds = [kind for kind in summary.table.index if kind != ALL_KINDS]
    drawing = new_drawing(width=7.6, height=1.5 + 0.38 * len(kinds))
    axes = drawing.add_subplot()
    for place, kind in enumerate(kinds):
        row = summary.table.loc[kind]
        shown = {
            name: not summary.is_masked(kind, name) and row[name] > 0
            for name in (LOWER, MEDIAN, UPPER)
        }
        if shown[LOWER] and shown[UPPER]:
            axes.plot(
                [row[LOWER], row[UPPER]], [place, place], color=BLUE, lw=5, alpha=0.45,
                solid_capstyle="butt",
            )  # fmt: skip
        if shown[MEDIAN]:
            axes.plot(row[MEDIAN], place, "o", ms=7.5, mfc=BLUE, mec=BLACK, mew=0.7)
        axes.annotate(
            f"{summary.text(kind, HIGH)} of {summary.text(kind, PEOPLE)} high",
            (1.01, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8.5,
        )
    _burden_axis(axes)
    axes.set_yticks(range(len(kinds)), [_in_words(kind) for kind in kinds])
    axes.set_ylim(len(kinds) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.set_title(summary.title)
    return drawing


def _burden_axis(axes: Axes) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.axvline(HIGH_PER_MEGABASE, color=QUIET, lw=1, ls=(0, (4, 3)), zorder=0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.grid(visible=True)
    axes.set_xlabel(
        f"Non-synonymous mutations for each megabase: median and quartiles; dashed {HIGH_PER_MEGABASE:g}"
    )


def _draw_every_burden(listing: Listing) -> Drawing:
    rows = listing.rows[listing.rows[BURDEN] > 0]
    medians = rows.groupby(KIND)[BURDEN].median().sort_values()
    drawing = new_drawing(width=1.6 + 0.95 * len(medians), height=4.0)
    axes = drawing.add_subplot()
    for place, kind in enumerate(medians.index):
        values = rows.loc[rows[KIND] == kind, BURDEN].sort_values().to_numpy()
        across = [place - 0.36 + 0.72 * (at + 0.5) / len(values) for at in range(len(values))]
        axes.plot(across, values, "o", ms=3, mfc=BLUE, mec="none", alpha=0.75)
        axes.plot([place - 0.4, place + 0.4], [medians[kind]] * 2, color=BLACK, lw=2)
        if place % 2:
            axes.axvspan(place - 0.5, place + 0.5, color=PALE, alpha=0.35, lw=0, zorder=-1)
    axes.set_yscale("log")
    axes.axhline(HIGH_PER_MEGABASE, color=QUIET, lw=1, ls=(0, (4, 3)), zorder=0)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_ylabel("Mutations for each megabase")
    counts = rows[KIND].value_counts()
    axes.set_xticks(
        range(len(medians)),
        [f"{_in_words(kind).replace(' ', chr(10))}\n{counts[kind]}" for kind in medians.index],
    )
    axes.set_xlim(-0.5, len(medians) - 0.5)
    axes.tick_params(axis="x", length=0)
    axes.set_title(f"{listing.title}, with the median of each kind")
    return drawing


def _in_words(kind: Any) -> str:
    return str(kind).replace("_", " ").capitalize()


def _describe_burden(summary: Summary) -> str:
    told = [
        f"{_in_words(kind)} {summary.text(kind, MEDIAN)} ({summary.text(kind, HIGH)} of "
        f"{summary.text(kind, PEOPLE)} high)"
        for kind in summary.table.index
    ]
    return f"Median mutations for each megabase by kind of tumour: {'; '.join(told)}."


def _describe_every_burden(listing: Listing) -> str:
    medians = listing.rows.groupby(KIND)[BURDEN].median().sort_values()
    told = ", ".join(f"{_in_words(kind)} {value:.3g}" for kind, value in medians.items())
    return f"A point for each tumour, by kind, on a logarithmic axis. Medians: {told}."


# ---------------------------------------------------------------------------------------------------------------------
# Mutated genes
# ---------------------------------------------------------------------------------------------------------------------


@summarise.register(MutatedGenes)
def summarise_genes(result: MutatedGenes) -> Summary:
    """Return for each gene in how many people's tumours it is mutated, with Wilson's interval of the share."""
    import pandas as pd

    index = pd.Index(result.genes, name="gene")
    everyone = result.tumours
    mutated = [
        everyone[everyone["tumour"].isin(set(rows))]
        for rows in (
            result.changes.loc[result.changes["gene"] == gene, "tumour"] for gene in result.genes
        )
    ]
    looked_at = everyone["participant_id"].to_numpy()
    cells: dict[Cell, Any] = {}
    for gene, rows in zip(result.genes, mutated, strict=True):
        people = rows["participant_id"].to_numpy()
        cells[gene, PEOPLE] = looked_at
        cells |= {(gene, name): people for name in (MUTATED, SHARE, LOW, UP)}
    behind = Behind.of(cells, rows=everyone, index=index, columns=_GENES.all)
    counts = behind.people[MUTATED].tolist()
    table = _GENES.table(counts, [len(everyone)] * len(counts), index=index)
    kinds = everyone["disease_type"].dropna().unique()
    return Summary(
        title=f"People in whose tumours a gene is mutated{f', {_in_words(kinds[0]).lower()}' if len(kinds) == 1 else ''}",
        table=table,
        people=behind.people,
        families=behind.families,
        meanings=_GENES.meanings,
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        members=behind.members,
        provenance=result.provenance.then("summarise", of="MutatedGenes"),
        rates={SHARE: Rate(MUTATED, PEOPLE)},
        rests_on=_GENES.rests_on,
        totals=(
            Total(PEOPLE, (MUTATED,), "columns", complete=False),
            # The same tumours are looked at for every gene.
            *(Total(gene, (result.genes[0],), only=(PEOPLE,)) for gene in result.genes[1:]),
        ),
        notes=("One tumour of each person; changes of the protein or of a splice site.",),
    )


@list_rows.register(MutatedGenes)
def list_mutated_genes(result: MutatedGenes) -> Listing:
    """Return one row for each tumour with what its mutations do to each gene, in the order of an oncoplot."""
    wide = (
        result.changes.pivot(index="tumour", columns="gene", values="change")
        .reindex(index=result.tumours["tumour"], columns=list(result.genes))
        .fillna("")
    )
    order = (wide == "").sort_values([*result.genes, "tumour"]).index
    burden = result.tumours.set_index("tumour")["per_megabase"].round(2).rename(BURDEN)
    return Listing(
        title=f"Mutated genes of {len(wide):,} tumours",
        rows=wide.loc[order]
        .astype(str)
        .join(burden)
        .reset_index(names=TUMOUR)[[TUMOUR, BURDEN, *result.genes]],
        provenance=result.provenance.then("list_rows", of="MutatedGenes"),
        notes=("One tumour of each person.",),
    )


def plot_gene_frequencies(summary: Summary) -> Figure:
    """Return in which share of people each gene is mutated, with its interval.

    Raises
    ------
    ReportingError
        When the summary is not one of mutated genes.
    """
    require_columns(
        summary, _GENES.all, "is not one of mutated genes: give the summary of mutated_genes."
    )
    return Figure(summary, _draw_frequencies, _describe_frequencies)


def plot_oncoplot(listing: Listing) -> Figure:
    """Return the tumours as columns and genes as rows, with what each mutation does; it stays inside.

    Above stands each tumour's burden, beside each gene the share of tumours in which it is mutated.

    Raises
    ------
    ReportingError
        When the listing is not one of mutated genes.
    """
    if not {TUMOUR, BURDEN}.issubset(listing.rows.columns) or KIND in listing.rows.columns:
        raise ReportingError(
            f"The listing {listing.title!r} has no genes by tumour: give list_rows of mutated_genes."
        )
    return Figure(listing, _draw_oncoplot, _describe_oncoplot)


def _draw_frequencies(summary: Summary) -> Drawing:
    return draw_shares(
        summary,
        _GENES,
        axis="People with a mutation in their tumour (%), with 95 % Wilson interval",
    )


def _describe_frequencies(summary: Summary) -> str:
    return describe_shares(summary, _GENES)


def _genes_of(listing: Listing) -> list[str]:
    return [str(name) for name in listing.rows.columns if name not in (TUMOUR, BURDEN)]


def _draw_oncoplot(listing: Listing) -> Drawing:
    from matplotlib.patches import Patch

    rows, genes = listing.rows, _genes_of(listing)
    drawing = new_drawing(width=9.2, height=2.4 + 0.3 * len(genes))
    (above, corner), (tiles, beside) = drawing.subplots(
        2,
        2,
        width_ratios=(1, 0.16),
        height_ratios=(1, 0.32 * len(genes)),
        sharex="col",
        sharey="row",
    )
    corner.set_axis_off()
    _draw_burdens_above(above, rows[BURDEN].to_numpy(float))
    for place, gene in enumerate(genes):
        tiles.barh(place, len(rows), left=-0.5, height=0.86, color=PALE, alpha=0.55, lw=0)
        beside.barh(place, 100 * (rows[gene] != "").mean(), height=0.6, color=BLUE, lw=0)
        for change, (colour, height) in _TILES.items():
            at = (rows[gene] == change).to_numpy().nonzero()[0]
            tiles.bar(at, height, width=0.9, bottom=place - height / 2, color=colour, lw=0)
        beside.annotate(
            f"{(rows[gene] != '').mean():.0%}",
            (100 * (rows[gene] != "").mean(), place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
        )
    tiles.set_yticks(range(len(genes)), genes, style="italic")
    tiles.set_ylim(len(genes) - 0.45, -0.55)
    tiles.set_xlim(-0.5, len(rows) - 0.5)
    tiles.set_xticks([])
    tiles.set_xlabel(f"{len(rows):,} tumours")
    tiles.tick_params(axis="y", length=0)
    beside.set_xlim(0, 135 * max(float((rows[gene] != "").mean()) for gene in genes) or 1)
    beside.set_xlabel("Mutated (%)")
    beside.tick_params(axis="y", length=0, labelleft=False)
    for axes in (tiles, beside, above):
        axes.spines[["left", "bottom"]].set_visible(axes is not tiles)
    above.set_title(listing.title)
    used = [change for change in _TILES if (rows[genes] == change).any(axis=None)]
    drawing.legend(
        handles=[Patch(color=_TILES[change][0], label=str(change)) for change in used],
        loc="outside lower center",
        ncols=len(used) or 1,
    )
    return drawing


def _draw_burdens_above(axes: Axes, burdens: Any) -> None:
    axes.bar(range(len(burdens)), burdens, width=0.9, color=QUIET, lw=0)
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylim(0, max(float(burdens.max()) * 1.3, 2.0))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_ylabel("per Mb")
    axes.tick_params(axis="x", bottom=False)


def _describe_oncoplot(listing: Listing) -> str:
    told = ", ".join(
        f"{gene} {(listing.rows[gene] != '').mean():.0%}" for gene in _genes_of(listing)
    )
    return f"Tumours as columns, genes as rows. {len(listing.rows):,} tumours; mutated: {told}."


# ---------------------------------------------------------------------------------------------------------------------
# Mutual exclusivity
# ---------------------------------------------------------------------------------------------------------------------


@summarise.register(MutualExclusivity)
def summarise_exclusivity(result: MutualExclusivity) -> Summary:
    """Return for every two genes in how many people both are mutated, how many chance would give, and its test.

    From the odds ratio and how often each gene is mutated the number with both can be computed: so all that
    is told of two genes is theirs who have both, where those are few.
    """
    import pandas as pd

    pairs = result.pairs
    index = pd.MultiIndex.from_frame(pairs[["first", "second"]], names=["gene", "and gene"])
    expected = (
        (pairs["both"] + pairs["first_only"])
        * (pairs["both"] + pairs["second_only"])
        / len(result.tumours)
    )
    values = {
        BOTH: pairs["both"],
        EXPECTED: expected.round(1),
        ODDS_RATIO: pairs["odds_ratio"].round(3),
        P: pairs["p"],
        Q: pairs["q"],
    }
    table = pd.DataFrame({name: column.to_numpy() for name, column in values.items()}, index=index)
    everybody = result.tumours["participant_id"].to_numpy()
    cells: dict[Cell, Any] = {}
    for pair in index:
        with_both = result.mutated[pair[0]] & result.mutated[pair[1]]
        both = everybody[result.tumours["tumour"].isin(with_both).to_numpy()]
        cells |= {(pair, name): resting_on(everybody, both) for name in table}
        cells[pair, BOTH] = both
    behind = Behind.of(cells, rows=result.tumours, index=index, columns=table.columns)
    return Summary(
        title="Genes mutated together, against chance",
        table=table,
        people=behind.people,
        families=behind.families,
        meanings={
            name: Meaning.PEOPLE if name == BOTH else Meaning.STATISTIC for name in table.columns
        },
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        members=behind.members,
        provenance=result.provenance.then("summarise", of="MutualExclusivity"),
        notes=(
            "Fisher's exact test; q after Benjamini and Hochberg over the pairs shown.",
            "Hypermutated tumours are left out.",
        ),
    )
