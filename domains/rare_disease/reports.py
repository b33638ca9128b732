"""What the rare-disease domain says of its results: listings inside, summaries that may ask to leave."""

from __future__ import annotations

from domains.rare_disease.candidates import CandidateVariants
from domains.rare_disease.segregation import SegregationPattern
from gecip.reporting import Listing, Summary, count_people, list_rows, summarise

_HIDDEN = ("participant_id",)


@list_rows.register
def list_candidates(result: CandidateVariants) -> Listing:
    """Return every candidate variant, those that fit their gene and change the protein most first."""
    order = result.rows.assign(
        unfit=~result.rows["fits_gene"].eq(other=True), mild=result.rows["impact"].ne("high")
    )
    rows = order.sort_values(["family_id", "unfit", "mild", "gene", "variant"], ignore_index=True)
    left_out = (
        f"{result.without_proband:,} families have no sequenced proband and could not be looked at."
    )
    return Listing(
        title=f"Candidate variants of {len(result.families):,} families",
        rows=rows.drop(columns=["unfit", "mild", *_HIDDEN]),
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
