"""What the rare-disease domain says of its results: listings inside, summaries that may ask to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domains.rare_disease.candidates import CandidateVariants
from domains.rare_disease.segregation import SegregationPattern
from gecip.reporting import Figure, Listing, Summary, count_people, list_rows, summarise
from gecip.reporting.style import BLUE, ROUNDED_HATCH, new_drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_HIDDEN = ("participant_id",)
FAMILIES = "families"


@list_rows.register
def list_candidates(result: CandidateVariants) -> Listing:
    """Return every candidate variant, those that fit their gene, lie on the panel and change the protein most first."""
    order = result.rows.assign(
        unfit=~result.rows["fits_gene"].eq(other=True),
        off_panel=~result.rows["on_panel"].eq(other=True),
        mild=result.rows["impact"].ne("high"),
    )
    ranks = ["unfit", "off_panel", "mild"]
    rows = order.sort_values(["family_id", *ranks, "gene", "variant"], ignore_index=True)
    left_out = (
        f"{result.without_proband:,} families have no sequenced proband and could not be looked at."
    )
    families = "one family" if len(result.families) == 1 else f"{len(result.families):,} families"
    return Listing(
        title=f"Candidate variants of {families}",
        rows=rows.drop(columns=[*ranks, *_HIDDEN]),
        notes=(left_out,) if result.without_proband else (),
        provenance=result.provenance.then("list_rows"),
    )


@summarise.register
def summarise_candidates(result: CandidateVariants) -> Summary:
    """Return how many families have a candidate that fits its gene, by segregation pattern.

    A family with candidates of two patterns counts in both, once in the total.
    """
    fitting = result.rows[result.rows["fits_gene"].eq(other=True)]
    return count_people(
        fitting,
        by="segregation_pattern",
        title="Families with a candidate variant that fits its gene, by segregation pattern",
        phenotypic=True,
        categories={"segregation_pattern": [pattern.value for pattern in SegregationPattern]},
        provenance=result.provenance,
    )


def plot_candidates(summary: Summary) -> Figure:
    """Return how many families have a fitting candidate, a bar for each segregation pattern."""
    return Figure(summary, _draw, _describe)


def _draw(summary: Summary) -> Drawing:
    patterns = [
        label for label in summary.table.index if label not in {t.whole for t in summary.totals}
    ]
    drawing = new_drawing(width=7.2, height=1.3 + 0.42 * len(patterns))
    axes = drawing.add_subplot()
    for place, pattern in enumerate(patterns):
        families = float(summary.table.loc[pattern, FAMILIES] or 0)
        told = not summary.is_masked(pattern, FAMILIES)
        if families > 0:
            axes.barh(
                place,
                families,
                height=0.62,
                facecolor=BLUE if told else "white",
                edgecolor=BLUE,
                hatch="" if told else ROUNDED_HATCH,
            )
        axes.annotate(
            summary.text(pattern, FAMILIES),
            (max(families, 0), place),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
        )
    axes.set_yticks(range(len(patterns)), [str(pattern) for pattern in patterns])
    axes.set_ylim(len(patterns) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.margins(x=0.12)
    axes.set_xlabel("Families with a candidate that fits its gene")
    axes.xaxis.grid(visible=True)
    axes.tick_params(axis="y", length=0)
    axes.set_title("Candidate variants by segregation pattern")
    return drawing


def _describe(summary: Summary) -> str:
    told = "; ".join(f"{label}: {summary.text(label, FAMILIES)}" for label in summary.table.index)
    return f"{summary.title}: {told}."
