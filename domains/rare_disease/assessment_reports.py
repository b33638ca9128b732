"""What is said of earlier assessments and of findings to be returned: listings inside, counts that may ask to leave."""

from __future__ import annotations

from domains.rare_disease.assessed_variants import AssessedVariants, Source
from domains.rare_disease.returned_findings import ReturnedFinding
from gecip.reporting import Listing, Summary, count_people, list_rows, summarise


@list_rows.register
def list_assessed(result: AssessedVariants) -> Listing:
    """Return where each variant was assessed, the strongest word first, and which have not been assessed at all."""
    import pandas as pd

    strength = {source.value: place for place, source in enumerate(reversed(Source))}
    rows = result.rows.assign(strength=result.rows["source"].map(strength))
    rows = rows.sort_values(["variant", "strength", "participant_id"], ignore_index=True)
    rows = rows.drop(columns=["strength", "participant_id"])
    never = pd.DataFrame(
        [{"variant": str(variant), "verdict": "not assessed"} for variant in result.never_assessed],
        columns=rows.columns,
        dtype="object",
    )
    parts = [part for part in (rows.astype("object"), never) if not part.empty]
    return Listing(
        title="Earlier assessments of variants",
        rows=pd.concat(parts, ignore_index=True) if parts else rows,
        notes=_notes(result),
        provenance=result.provenance.then("list_rows"),
    )


@summarise.register
def summarise_assessed(result: AssessedVariants) -> Summary:
    """Return for how many people a variant is on record in each of the sources.

    Who is in several sources counts in each, and once in the total.
    """
    summary = count_people(
        result.rows,
        by="source",
        title="People in whom a variant has been assessed, by where the assessment stands",
        phenotypic=True,
        categories={"source": [source.value for source in Source]},
        provenance=result.provenance,
    )
    for note in _notes(result):
        summary = summary.with_note(note)
    return summary


@list_rows.register
def list_returned(result: ReturnedFinding) -> Listing:
    """Return the rows to send in; they and the request are handed over inside, through the programme."""
    return Listing(
        title="A finding to be sent in",
        rows=result.rows,
        notes=("Nothing has been sent: hand the rows and the request to the programme.",),
        provenance=result.provenance.then("list_rows"),
    )


def _notes(result: AssessedVariants) -> tuple[str, ...]:
    notes = []
    if result.missing:
        missing = ", ".join(source.value for source in result.missing)
        notes.append(f"This release has no table of: {missing}.")
    lost = sum(result.not_compared.values())
    if lost:
        notes.append(
            f"{lost:,} rows lie on another assembly than {result.assembly}, or name no small variant, and could not be "
            "compared."
        )
    return tuple(notes)
