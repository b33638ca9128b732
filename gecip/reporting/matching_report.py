"""How matched controls are said: how many cases have how many, why the others have none, and who serves for whom."""

from __future__ import annotations

from gecip.analysis.clinical.matching import MatchedControls
from gecip.reporting.counting import count_people
from gecip.reporting.listing import Listing
from gecip.reporting.products import list_rows, summarise
from gecip.reporting.summary import Summary


@summarise.register(MatchedControls)
def summarise_matching(result: MatchedControls) -> Summary:
    """Return how many cases have how many controls, and for which reason the others have none."""
    outcome = "controls"
    numbers = [_words(number) for number in range(result.ratio, 0, -1)]
    reasons = sorted(f"None: {reason}" for reason in result.cases["reason"].dropna().unique())
    cases = result.cases.assign(
        **{
            outcome: [
                _words(number) if number else f"None: {reason}"
                for number, reason in zip(
                    result.cases["controls"], result.cases["reason"], strict=True
                )
            ]
        }
    )
    summary = count_people(
        cases,
        by=outcome,
        title="Cases by how many controls they have",
        phenotypic=True,
        provenance=result.provenance.then("summarise", of="MatchedControls"),
        categories={outcome: [*numbers, *reasons]},
    )
    return summary.with_note(
        "No control serves twice, none is a relative of a case, and no two are of one family."
    )


@list_rows.register(MatchedControls)
def list_matches(result: MatchedControls) -> Listing:
    """Return each case with its controls, one control a row."""
    return Listing(
        title="Cases and their controls",
        rows=result.pairs,
        provenance=result.provenance.then("list_rows", of="MatchedControls"),
        notes=("Cases without a control are not listed; the summary tells why they have none.",),
    )


def _words(number: int) -> str:
    return "1 control" if number == 1 else f"{number} controls"
