"""What is said of a reanalysis: the newly reportable variants inside, families by reason as a summary."""

from __future__ import annotations

from domains.rare_disease.reanalysis import Reanalysis, WhatChanged
from gecip.reporting import Listing, Summary, count_people, list_rows, summarise


@list_rows.register
def list_reanalysis(result: Reanalysis) -> Listing:
    """Return every newly reportable variant, the strongest first, with what changed."""
    raised = len(result.raised)
    notes = [remark.sentence for remark in result.remarks]
    if raised:
        notes.append(
            f"{raised:,} variants were reportable before and are more strongly so now: see the result's `raised`."
        )
    return Listing(
        title=f"Newly reportable between {result.older} and {result.newer}",
        rows=result.rows.drop(columns="participant_id"),
        notes=tuple(notes),
        provenance=result.provenance.then("list_rows"),
    )


@summarise.register
def summarise_reanalysis(result: Reanalysis) -> Summary:
    """Return in how many families something has become reportable, by what changed.

    A family with variants of two reasons counts in both, once in the total.
    """
    return count_people(
        result.rows,
        by="what_changed",
        title=f"Families with something newly reportable between {result.older} and {result.newer}, by what changed",
        phenotypic=True,
        categories={"what_changed": [one.value for one in WhatChanged]},
        provenance=result.provenance,
    ).with_note(f"Of {len(result.families):,} families looked at.")
