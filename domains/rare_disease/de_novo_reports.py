"""What is said of de novo candidates: a listing inside, children by how many they have for a report."""

from __future__ import annotations

from domains.rare_disease.de_novo import DeNovoCandidates
from gecip.reporting import Listing, Summary, count_people, list_rows, summarise

_BANDS = ((0, "none"), (1, "1"), (2, "2"), (5, "3 to 5"), (20, "6 to 20"))
_MORE = "more than 20"


@list_rows.register
def list_de_novo(result: DeNovoCandidates) -> Listing:
    """Return the candidates that pass, and how many were looked at; `rows` has the others with their verdicts."""
    return Listing(
        title="Candidates for de novo variants",
        rows=result.passing,
        notes=(
            f"{len(result.passing):,} of {len(result.rows):,} candidates pass, in {len(result.trios):,} trios.",
            *(remark.sentence for remark in result.remarks),
        ),
        provenance=result.provenance.then("list_rows", of="DeNovoCandidates"),
    )


@summarise.register
def summarise_de_novo(result: DeNovoCandidates) -> Summary:
    """Return how many children have how many candidates that pass."""
    summary = count_people(
        result.trios.assign(
            candidates=[_band(number) for number in result.trios["passing"].tolist()]
        ),
        by="candidates",
        title="Children by how many de novo candidates pass",
        phenotypic=False,
        categories={"candidates": [*(word for _, word in _BANDS), _MORE]},
        provenance=result.provenance,
    )
    for remark in result.remarks:
        summary = summary.with_note(remark.sentence)
    return summary


def _band(number: int) -> str:
    return next((word for most, word in _BANDS if number <= most), _MORE)
