"""What the rare-disease domain says of its results: listings inside, summaries that may ask to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domains.rare_disease.candidates import CandidateVariants
from domains.rare_disease.segregation import SegregationPattern
from gecip.reporting import Figure, Listing, Summary, count_people, list_rows, summarise
from gecip.reporting.bars import draw_bars

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
    totals = {total.whole for total in summary.totals}
    return draw_bars(
        summary,
        FAMILIES,
        rows=[label for label in summary.table.index if label not in totals],
        axis="Families with a candidate that fits its gene",
    )


def _describe(summary: Summary) -> str:
    told = "; ".join(f"{label}: {summary.text(label, FAMILIES)}" for label in summary.table.index)
    return f"{summary.title}: {told}."
