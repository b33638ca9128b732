"""What is said of a cohort's families: doubts by kind and structures as counts, families and trios row by row, errors as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domains.rare_disease.family_checks import DOUBTS, FAR_ABOVE, STRUCTURES, FamilyChecks
from gecip.errors import ReportingError
from gecip.reporting import Figure, Listing, Summary, count_people, list_rows, summarise
from gecip.reporting.style import BLACK, BLUE, QUIET, VERMILION, new_drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

NOTHING = "nothing"
DOUBT, STRUCTURE = "in doubt", "structure"
_TRIO_COLUMNS = ("errors", "sites", "rate", "stands_out", "usual_rate")


@summarise.register
def summarise_family_checks(result: FamilyChecks) -> Summary:
    """Return how many families, and participants in them, each kind of doubt concerns; a family with two counts in both."""
    rows = result.people.merge(
        result.doubts[["family_id", "doubt"]], on="family_id", how="left"
    ).rename(columns={"doubt": DOUBT})
    summary = count_people(
        rows.assign(**{DOUBT: rows[DOUBT].fillna(NOTHING)}),
        by=DOUBT,
        title="Families by what is in doubt of them",
        phenotypic=True,
        categories={DOUBT: [*DOUBTS, NOTHING]},
        provenance=result.provenance,
    )
    for remark in result.remarks:
        if not remark.families:
            summary = summary.with_note(remark.sentence)
    return summary


def summarise_structures(result: FamilyChecks) -> Summary:
    """Return how many families there are of each structure, by members with a genome, and how many people they have."""
    return count_people(
        result.people.merge(result.families[["family_id", STRUCTURE]], on="family_id"),
        by=STRUCTURE,
        title="Families by the members with a genome",
        phenotypic=True,
        categories={STRUCTURE: list(STRUCTURES)},
        provenance=result.provenance,
    )


@list_rows.register
def list_doubtful_families(result: FamilyChecks) -> Listing:
    """Return every family of which something is in doubt, a line for each doubt."""
    rows = result.doubts.merge(result.families.drop(columns="doubts"), on="family_id", how="left")
    return Listing(
        title=f"Families of which something is in doubt ({result.doubts['family_id'].nunique():,} of {len(result.families):,})",
        rows=rows,
        notes=tuple(remark.sentence for remark in result.remarks),
        provenance=result.provenance.then("list_rows", of="FamilyChecks"),
    )


def list_trios(result: FamilyChecks) -> Listing:
    """Return every trio with its Mendelian errors, the highest rate first."""
    return Listing(
        title="Mendelian errors of trios",
        rows=result.trios.assign(usual_rate=result.usual_rate).sort_values(
            "rate", ascending=False, kind="stable"
        ),
        notes=(
            f"A child stands out from {FAR_ABOVE:g} times the usual rate on, if chance is excluded as well.",
        ),
        provenance=result.provenance.then("list_rows", of="trios"),
    )


def plot_mendelian_errors(listing: Listing) -> Figure:
    """Return each trio's rate of Mendelian errors as a point, from the lowest to the highest; for the screen inside.

    Raises
    ------
    ReportingError
        When the listing is not one of trios, or of none.
    """
    if not set(_TRIO_COLUMNS).issubset(listing.rows.columns) or listing.rows.empty:
        raise ReportingError(
            f"The listing {listing.title!r} has no Mendelian errors of trios: give list_trios(check_families(…))."
        )
    return Figure(listing, _draw_errors, _describe_errors)


def _draw_errors(listing: Listing) -> Drawing:
    drawing = new_drawing(width=7.0, height=3.6)
    axes = drawing.add_subplot()
    rows = _known(listing)
    # A rate of none is drawn as half an error, since a logarithm has no place for it.
    shown = rows["rate"].where(rows["rate"] > 0, 0.5 / rows["sites"])
    out = rows["stands_out"].astype(bool)
    for kept, marker, colour, label in (
        (~out, "o", BLUE, "as usual"),
        (out, "D", VERMILION, "stands out"),
    ):
        axes.scatter(
            rows.index[kept] + 1, 100 * shown[kept], s=26, marker=marker, facecolor=colour, edgecolor=BLACK,
            linewidth=0.4, label=label,
        )  # fmt: skip
    usual = 100 * float(rows["usual_rate"].iloc[0])
    if usual > 0:
        axes.axhline(usual, color=QUIET, linewidth=0.8, linestyle="--", zorder=0)
        axes.annotate("median", (0.0, usual), xycoords=("axes fraction", "data"), xytext=(4, 3), textcoords="offset points", fontsize=8, color=QUIET)  # fmt: skip
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("Trios, from the lowest rate to the highest")
    axes.set_ylabel("Genotypes that cannot be (%)")
    axes.set_title(listing.title)
    drawing.legend(loc="outside lower center", ncols=2)
    return drawing


def _known(listing: Listing) -> pd.DataFrame:
    rows = listing.rows[listing.rows["sites"] > 0]
    return rows.sort_values("rate", kind="stable").reset_index(drop=True)


def _describe_errors(listing: Listing) -> str:
    rows = _known(listing)
    out = int(rows["stands_out"].sum())
    return (
        f"The rates of Mendelian errors of {len(rows):,} trios, from {rows['rate'].min():.2%} to {rows['rate'].max():.2%}, "
        f"with a median of {float(rows['usual_rate'].iloc[0]):.2%}; {out} stand out."
    )
