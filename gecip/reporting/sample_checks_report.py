"""How the checks of samples are said: what is wrong with how many and what to do, row by row, and as figures.

A point of the figures of kinship and of sex is a person or a pair, so that they draw listings and stay inside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.kinship import (
    FIRST_DEGREE,
    SAME_GENOME,
    SECOND_DEGREE,
    THIRD_DEGREE,
    Degree,
    Kinship,
    degree_of,
)
from gecip.analysis.genetic.sample_checks import FindingKind, SampleChecks
from gecip.analysis.genetic.sex_check import ONE_COPY_ABOVE, TWO_COPIES_BELOW, SexCheck
from gecip.reporting.behind import Behind
from gecip.reporting.counting import count_people
from gecip.reporting.figure import Figure, require_columns
from gecip.reporting.listing import Listing
from gecip.reporting.products import list_rows, summarise
from gecip.reporting.style import BLACK, PALE, QUIET, SeriesLook, look_of_series, new_drawing
from gecip.reporting.summary import Meaning, Summary

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

PEOPLE, FAMILIES, ACTION = Meaning.PEOPLE.value, Meaning.FAMILIES.value, "what to do"
FINDING = "finding"
SHARE = "opposite homozygotes"
MOST_STRANGERS_DRAWN = 4_000


@summarise.register(SampleChecks)
def summarise_sample_checks(result: SampleChecks) -> Summary:
    """Return how many people and families each kind of finding concerns, and what to do about it."""
    import pandas as pd

    by_kind = {kind: [one for one in result.findings if one.kind is kind] for kind in FindingKind}
    index = pd.Index([kind.value for kind in by_kind], name=FINDING)
    columns = [PEOPLE, FAMILIES, ACTION]
    concerned = {
        kind.value: [who for one in found for who in one.participants]
        for kind, found in by_kind.items()
    }
    behind = Behind.of(
        {(kind, column): people for kind, people in concerned.items() for column in columns},
        rows=result.people,
        index=index,
        columns=columns,
    )
    actions = [
        kind.action if found else "Nothing: none was found." for kind, found in by_kind.items()
    ]
    summary = Summary(
        title="What the genomes say against the records",
        table=behind.people[[PEOPLE]].assign(
            **{FAMILIES: behind.families[FAMILIES], ACTION: actions}
        ),
        people=behind.people,
        families=behind.families,
        meanings={PEOPLE: Meaning.PEOPLE, FAMILIES: Meaning.FAMILIES, ACTION: Meaning.DESCRIPTION},
        # Who is recorded with which sex, family or ethnic category decides what contradicts it.
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        members=behind.members,
        provenance=result.provenance.then("summarise", of="SampleChecks"),
    )
    for note in _notes(result):
        summary = summary.with_note(note)
    return summary


@list_rows.register(SampleChecks)
def list_findings(result: SampleChecks) -> Listing:
    """Return one row for each person of each finding, with the evidence."""
    import pandas as pd

    rows = [
        {
            "number": number,
            FINDING: one.kind.value,
            "participant_id": person,
            "sample": sample,
            "family_id": family,
            "evidence": one.evidence,
            ACTION: one.kind.action,
        }
        for number, one in enumerate(result.findings, start=1)
        for person, sample, family in zip(one.participants, one.samples, one.families, strict=True)
    ]
    columns = ["number", FINDING, "participant_id", "sample", "family_id", "evidence", ACTION]
    return Listing(
        title="Samples that contradict the records",
        rows=pd.DataFrame(rows, columns=columns),
        provenance=result.provenance.then("list_rows", of="SampleChecks"),
        notes=tuple(_notes(result)),
    )


@summarise.register(Kinship)
def summarise_kinship(result: Kinship) -> Summary:
    """Return how many people have a relative of each degree among the others, nearest degree first."""
    import pandas as pd

    pairs = result.pairs.assign(
        degree=[degree_of(value).value for value in result.pairs["kinship"]]
    )
    both = [
        pairs[[f"{which}participant_id", f"{which}family_id", "degree"]].set_axis(
            ["participant_id", "family_id", "degree"], axis=1
        )
        for which in ("", "other_")
    ]
    order = [degree.value for degree in Degree]
    nearest = pd.concat(both).assign(place=lambda rows: rows["degree"].map(order.index))
    nearest = nearest.sort_values("place", kind="stable").drop_duplicates("participant_id")
    told = result.people.merge(
        nearest[["participant_id", "degree"]], on="participant_id", how="left"
    )
    told["degree"] = told["degree"].fillna(Degree.UNRELATED.value)
    return count_people(
        told.rename(columns={"degree": "nearest relative here"}),
        by="nearest relative here",
        title="People by the nearest relative that their genomes show",
        phenotypic=True,
        provenance=result.provenance,
        categories={"nearest relative here": order},
    ).with_note(
        f"KING-robust at {result.sites:,} sites; bounds {SAME_GENOME}, {FIRST_DEGREE}, {SECOND_DEGREE} and {THIRD_DEGREE}."
    )


@list_rows.register(Kinship)
def list_kinship(result: Kinship) -> Listing:
    """Return one row for each pair that was kept, nearest first."""
    rows = result.pairs.assign(
        degree=[degree_of(value).value for value in result.pairs["kinship"]],
        **{SHARE: result.pairs["opposite_homozygotes"] / result.pairs["sites"]},
    )
    return Listing(
        title="Kinship of pairs",
        rows=rows.sort_values("kinship", ascending=False, kind="stable"),
        provenance=result.provenance.then("list_rows", of="Kinship"),
    )


@summarise.register(SexCheck)
def summarise_sex_check(result: SexCheck) -> Summary:
    """Return how many people of each recorded sex have which sex chromosomes."""
    return count_people(
        result.people,
        by=["recorded", "genome"],
        title="Recorded sex by sex chromosomes",
        phenotypic=True,
        provenance=result.provenance,
        categories={"genome": ["XX", "XY", "unclear"]},
    ).with_note(f"Heterozygosity of chrX at {result.sites:,} sites.")


@list_rows.register(SexCheck)
def list_sex_check(result: SexCheck) -> Listing:
    """Return one row for each person, those first who disagree."""
    return Listing(
        title="Sex by the genome and on record",
        rows=result.people.sort_values("agrees", kind="stable", na_position="last"),
        provenance=result.provenance.then("list_rows", of="SexCheck"),
    )


def plot_kinship(listing: Listing) -> Figure:
    """Return pairs as points of kinship against the share of opposite homozygotes, for the screen inside.

    Raises
    ------
    ReportingError
        When the listing is not one of kinship.
    """
    require_columns(
        listing, {"kinship", SHARE, "degree"}, "has no kinship: give list_rows of kinship."
    )
    return Figure(listing, _draw_kinship, _describe_kinship)


def plot_sex_check(listing: Listing) -> Figure:
    """Return people as points of F of X and depth of X over autosomes, for the screen inside.

    Raises
    ------
    ReportingError
        When the listing is not one of a sex check.
    """
    require_columns(
        listing,
        {"f_statistic", "depth_ratio", "recorded"},
        "has no sex check: give list_rows of check_sex.",
    )
    return Figure(listing, _draw_sex, _describe_sex)


def _notes(result: SampleChecks) -> list[str]:
    notes = []
    if result.kinship is not None:
        notes.append(
            f"Kinship at {result.kinship.sites:,} high-quality sites; relatives of the second degree and beyond are not "
            "reported here."
        )
    notes += [f"Not checked. {reason}" for reason in result.not_done]
    return notes


# ---------------------------------------------------------------------------------------------------------------------
# Drawing
# ---------------------------------------------------------------------------------------------------------------------


def _draw_kinship(listing: Listing) -> Drawing:
    drawing = new_drawing(width=7.4, height=4.8)
    axes = drawing.add_subplot()
    rows = listing.rows
    for number, degree in enumerate(Degree):
        these = rows[rows["degree"] == degree.value]
        if degree is Degree.UNRELATED:
            # The nearest of the strangers are drawn; the rest would be one grey cloud.
            these = these.nlargest(MOST_STRANGERS_DRAWN, "kinship")
            axes.scatter(
                these[SHARE],
                these["kinship"],
                s=8,
                color=PALE,
                linewidth=0,
                zorder=1,
                label=degree.value,
            )
        elif len(these):
            _points(axes, these[SHARE], these["kinship"], look_of_series(number), degree.value)
    for bound, name in (
        (SAME_GENOME, "same"),
        (FIRST_DEGREE, "1st"),
        (SECOND_DEGREE, "2nd"),
        (THIRD_DEGREE, "3rd"),
    ):
        axes.axhline(bound, color=QUIET, linewidth=0.7, linestyle="--", zorder=0)
        axes.annotate(name, (1.0, bound), xycoords=("axes fraction", "data"), xytext=(3, 1), textcoords="offset points", fontsize=8, color=QUIET)  # fmt: skip
    axes.set_xlabel("Sites at which the two are homozygous for different alleles (share)")
    axes.set_ylabel("Kinship (KING-robust)")
    axes.set_title(listing.title)
    drawing.legend(loc="outside lower center", ncols=5)
    return drawing


def _draw_sex(listing: Listing) -> Drawing:
    drawing = new_drawing(width=7.0, height=4.6)
    axes = drawing.add_subplot()
    rows = listing.rows
    has_depth = rows["depth_ratio"].notna().any()
    for number, word in enumerate(sorted(rows["recorded"].dropna().unique())):
        these = rows[rows["recorded"] == word]
        _points(
            axes,
            these["f_statistic"],
            _upwards(these, has_depth=has_depth),
            look_of_series(number),
            f"recorded {word}",
        )
    wrong = rows[rows["agrees"].eq(False).fillna(False) | rows["depth_disagrees"]]  # noqa: FBT003
    if len(wrong):
        axes.scatter(
            wrong["f_statistic"], _upwards(wrong, has_depth=has_depth), s=150, facecolor="none", edgecolor=BLACK, linewidth=1.4, label="disagree"
        )  # fmt: skip
    for bound in (TWO_COPIES_BELOW, ONE_COPY_ABOVE):
        axes.axvline(bound, color=QUIET, linewidth=0.7, linestyle="--", zorder=0)
    axes.set_xlabel("F of X: fewer heterozygotes than two copies would have")
    axes.set_ylabel("Depth of X over autosomes" if has_depth else "Person")
    axes.set_title(listing.title)
    drawing.legend(loc="outside lower center", ncols=4)
    return drawing


def _upwards(rows: pd.DataFrame, *, has_depth: bool) -> Any:
    return rows["depth_ratio"] if has_depth else rows.index


def _points(axes: Axes, x: Any, y: Any, look: SeriesLook, label: str) -> None:
    axes.scatter(
        x, y, s=30, marker=look.marker, facecolor=look.colour, edgecolor=BLACK, linewidth=0.4, alpha=0.9, label=label
    )  # fmt: skip


def _describe_kinship(listing: Listing) -> str:
    counts = listing.rows["degree"].value_counts()
    told = ", ".join(f"{degree.value} {int(counts.get(degree.value, 0)):,}" for degree in Degree)
    return f"Pairs as points of kinship against opposite homozygotes. Pairs by degree: {told}."


def _describe_sex(listing: Listing) -> str:
    genome = listing.rows["genome"].value_counts()
    told = ", ".join(f"{name} {int(count):,}" for name, count in genome.items())
    wrong = int((listing.rows["agrees"].eq(False).fillna(False)).sum())  # noqa: FBT003
    return f"People as points of F of X and depth of X, by recorded sex. By the genome: {told}; {wrong} disagree with the record."
