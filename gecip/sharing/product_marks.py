"""The mark that a run puts on each output that it knows: what kind of product it is, and no value of it.

A mark stands among an output's forms under a name of its own, which no viewer shows. Whatever carries
none, such as a DataFrame or a picture drawn by hand, is taken for row level wherever that matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

MARK = "application/vnd.gecip.product+json"
SUMMARY, LISTING, FIGURE, ACCOUNT = "Summary", "Listing", "Figure", "account"

# What says how something was done, in counts: shown to those who may read rows, and to nobody outside.
ACCOUNTS: Mapping[str, str] = {
    "Attrition": "gecip.cohort.attrition",
    "Cohort": "gecip.cohort.selection",
    "CohortDefinition": "gecip.cohort.definition",
    "ConsentSnapshot": "gecip.governance.consent",
    "Dictionary": "gecip.model.dictionary",
    "ExportRequest": "gecip.airlock.request",
    "Genotypes": "gecip.genotypes.genotypes",
    "Release": "gecip.release.opening",
}
PRODUCTS: Mapping[str, str] = {
    SUMMARY: "gecip.reporting.summary",
    LISTING: "gecip.reporting.listing",
    FIGURE: "gecip.reporting.figure",
}


def mark_on(output: NotebookNode) -> dict[str, Any] | None:
    """Return the mark that an output carries, or None."""
    mark = output.get("data", {}).get(MARK)
    return dict(mark) if mark is not None else None


def is_aggregate(mark: Mapping[str, Any] | None) -> bool:
    """Return whether a mark is that of a Summary, or of a Figure of one."""
    return mark is not None and SUMMARY in (
        mark["kind"],
        mark.get("of") if mark["kind"] == FIGURE else None,
    )


def marked_outputs(document: NotebookNode) -> Iterator[tuple[int, NotebookNode, dict[str, Any]]]:
    """Yield every marked output of a notebook with the place of its cell and its mark."""
    for place, cell in enumerate(document.cells):
        for output in cell.get("outputs", ()):
            mark = mark_on(output)
            if mark is not None:
                yield place, output, mark


def is_plain_text(output: NotebookNode) -> bool:
    """Return whether an output is nothing but text: what was printed, or the text form of a value."""
    return output.output_type == "stream" or set(output.get("data", ())) <= {"text/plain"}


def shows_unmarked(document: NotebookNode) -> bool:
    """Return whether a notebook shows a table or picture of which nobody knows whom it is about."""
    return any(
        mark_on(output) is None and not is_plain_text(output)
        for cell in document.cells
        for output in cell.get("outputs", ())
    )
