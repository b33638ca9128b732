"""What of an executed notebook each audience is shown: rows and all, Summaries alone, or what may leave.

Inside, whoever may read rows sees everything; everybody else sees Summaries and Figures of them, with a
line in the place of the rest. For outside nothing is left to a line: what is at row level stops it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gecip.governance.access import Use, depends_on_consent_form, uses_by_origin
from gecip.governance.disclosure import identifier_shapes, possible_identifiers
from gecip.governance.policy import Policy
from gecip.sharing.product_marks import (
    ACCOUNT,
    FIGURE,
    LISTING,
    MARK,
    is_aggregate,
    is_plain_text,
    mark_on,
)

if TYPE_CHECKING:
    from nbformat import NotebookNode

# What a cell with this tag shows is not meant for outside: it is left out there, as its author says.
INSIDE_ONLY = "inside-only"
WITHHELD = "withheld"
_WITHHELD_LINE = "What this cell shows is at row level, or says nothing of whom it is about: it is shown to those who may read rows."
_NOT_OUTSIDE_LINE = "What this cell shows stays in the environment."
_TEXTS = ("text/html", "text/markdown", "text/latex", "text/plain")


def may_see_rows(reader: str, *, published_as: str, origins: Iterable[str], policy: Policy) -> bool:
    """Return whether somebody of a role may see the Listings of a notebook that another ran.

    Parameters
    ----------
    published_as
        The role of who ran it: some participants are not for every role, and a Listing made in one role may
        show those who are kept from another.
    origins
        From where the releases come that it ran on, as their manifests say.
    """
    if depends_on_consent_form(reader) and published_as != reader:
        return False
    return all(
        Use.LISTING in uses_by_origin(origin, role=reader, policy=policy) for origin in origins
    )


def summaries_alone(document: NotebookNode) -> NotebookNode:
    """Return a notebook for those who may not read rows: Summaries and their Figures, and a line for all else."""
    return _with_outputs(
        document, lambda output: output if is_aggregate(mark_on(output)) else None, _WITHHELD_LINE
    )


def may_leave(document: NotebookNode, shown: Mapping[int, Mapping[str, Any]]) -> NotebookNode:
    """Return a notebook for outside: each Summary and Figure as the airlock lets it go, and nothing else that was shown.

    `shown` has the forms of each product by the number in its mark. The record of the run and the marks
    are left out too.
    """

    def as_it_may_leave(output: NotebookNode) -> NotebookNode | None:
        mark = mark_on(output)
        forms = shown.get(mark["number"]) if mark and is_aggregate(mark) else None
        if not forms:
            return None
        left = copy.deepcopy(output)
        left["data"], left["metadata"] = dict(forms), {}
        return left

    outside = _with_outputs(document, as_it_may_leave, _NOT_OUTSIDE_LINE)
    outside.metadata = type(outside.metadata)(
        {
            name: value
            for name, value in outside.metadata.items()
            if name in ("kernelspec", "language_info")
        }
    )
    return outside


def numbers_for_outside(document: NotebookNode) -> list[int]:
    """Return the numbers of the products that ask to leave: those shown by cells that are not inside only."""
    return [
        mark["number"]
        for cell in document.cells
        if not _is_inside_only(cell)
        for output in cell.get("outputs", ())
        if (mark := mark_on(output)) is not None and is_aggregate(mark)
    ]


def words_of(document: NotebookNode, policy: Policy) -> frozenset[str]:
    """Return the words of a notebook, its outputs included, that are long enough to be an identifier."""
    texts = [
        text
        for cell in document.cells
        for text in (
            cell.source,
            *(t for output in cell.get("outputs", ()) for t in _texts(output)),
        )
    ]
    return frozenset().union(*(possible_identifiers(text, policy) for text in texts))


def row_level_of(document: NotebookNode, *, policy: Policy, known: frozenset[str]) -> list[str]:
    """Return what keeps a notebook from being published for outside, by cell; nothing where nothing does.

    `known` are those of its words that are identifiers of a release that it opened.
    """
    found = []
    for name, cell in _named_cells(document):
        if _names_somebody(cell.source, policy, known):
            found.append(f"{name} names a participant, a family or a sample in its own text.")
        if _is_inside_only(cell):
            continue
        for output in cell.get("outputs", ()):
            complaint = _row_level(output, policy, known)
            if complaint:
                found.append(
                    f"{name} {complaint}: show a Summary or a Figure of one instead, or tag the cell {INSIDE_ONLY!r} so that "
                    "what it shows is left out."
                )
    return list(dict.fromkeys(found))


def cells_of_products(document: NotebookNode) -> dict[int, str]:
    """Return by which cell each product was shown, as words, by the number in its mark."""
    return {
        mark["number"]: name
        for name, cell in _named_cells(document)
        for output in cell.get("outputs", ())
        if (mark := mark_on(output)) is not None and "number" in mark
    }


def _row_level(output: NotebookNode, policy: Policy, known: frozenset[str]) -> str | None:
    mark = mark_on(output)
    if is_aggregate(mark):
        return None
    if mark is not None and mark["kind"] == LISTING:
        return "shows a Listing, which is row level"
    if mark is not None and mark["kind"] == FIGURE:
        return "shows a Figure of a Listing, which is row level"
    if any(_names_somebody(text, policy, known) for text in _texts(output)):
        return "shows an identifier"
    if is_plain_text(output) or (mark is not None and mark["kind"] == ACCOUNT):
        return None
    kinds = set(output.get("data", ()))
    if any("widget" in kind for kind in kinds):
        return "shows a widget, of which nobody knows what it will show"
    if any(kind.startswith("image/") for kind in kinds):
        return "shows a picture that is no Figure, so that nobody knows what it draws"
    return "shows a table that is no Summary, so that it counts as row level"


def _names_somebody(text: str, policy: Policy, known: frozenset[str]) -> bool:
    return identifier_shapes(text, policy) > 0 or not known.isdisjoint(
        possible_identifiers(text, policy)
    )


def _texts(output: NotebookNode) -> Iterator[str]:
    if output.output_type == "stream":
        yield output.text
    for kind, content in output.get("data", {}).items():
        if kind in _TEXTS:
            yield content if isinstance(content, str) else "".join(content)


def _named_cells(document: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """Yield every cell with its name: code cells are counted as the run counts them, others stand before the next."""
    total = sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in document.cells)
    number = 0
    for cell in document.cells:
        if cell.cell_type == "code" and cell.source.strip():
            number += 1
            yield f"Cell {number} of {total}", cell
        else:
            yield f"The text before cell {number + 1} of {total}", cell


def _is_inside_only(cell: NotebookNode) -> bool:
    return INSIDE_ONLY in cell.metadata.get("tags", ())


def _with_outputs(
    document: NotebookNode, choose: Callable[[NotebookNode], NotebookNode | None], line: str
) -> NotebookNode:
    """Return a copy with the chosen outputs, without their marks, and one line in each cell where others were."""
    import nbformat

    shown = copy.deepcopy(document)
    for cell in shown.cells:
        if not cell.get("outputs"):
            continue
        hides = is_inside_only = _is_inside_only(cell) and line == _NOT_OUTSIDE_LINE
        chosen = []
        for output in cell.outputs:
            kept = None if is_inside_only else choose(output)
            hides = hides or kept is None
            if kept is not None:
                kept.get("data", {}).pop(MARK, None)
                chosen.append(kept)
        if hides:
            said = f"<p class='{WITHHELD}'>{line}</p>"
            chosen.append(
                nbformat.v4.new_output("display_data", {"text/html": said, "text/plain": line})  # type: ignore[no-untyped-call]
            )
        cell.outputs = chosen
    return shown
