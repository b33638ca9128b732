"""A notebook's card: its question, and in a table for whom it is, what it reads and gives, how long it takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gecip.errors import NotebookError

if TYPE_CHECKING:
    from nbformat import NotebookNode

CARD = ("Question", "For whom", "Reads", "Gives", "Takes", "Read first")
_ROW = re.compile(r"^\|\s*\*\*(?P<name>[^*]+)\*\*\s*\|\s*(?P<text>.*?)\s*\|\s*$", re.MULTILINE)
_TITLE = re.compile(r"# (?P<title>.+\?)[ \t]*(?:\n|$)")
_TABLE_LINE = re.compile(r"^\|.*\|[ \t]*$\n?", re.MULTILINE)


@dataclass(frozen=True)
class Card:
    """What a notebook says of itself in its first cell: the title, the rows of its table, and what stands below."""

    title: str
    rows: Mapping[str, str]
    rest: str


def card_of(document: NotebookNode, path: Path) -> Card:
    """Return the card of a notebook.

    Raises
    ------
    NotebookError
        When the first cell is none, with what it lacks.
    """
    lacks = faults_of_card(document)
    if lacks:
        raise NotebookError(
            f"{path}: this notebook has no whole card, without which nobody finds it: {'; '.join(lacks)}. Write one as "
            "start-here.ipynb has it."
        )
    source = document.cells[0].source
    title = _TITLE.match(source)
    rest = _TABLE_LINE.sub("", _TITLE.sub("", source, count=1)).strip()
    return Card(
        title["title"] if title else "",
        {found["name"]: found["text"] for found in _ROW.finditer(source)},
        rest,
    )


def faults_of_card(document: NotebookNode) -> list[str]:
    """Return what keeps a notebook's first cell from being its card; nothing for a good one."""
    first = document.cells[0] if document.cells else None
    if first is None or first.cell_type != "markdown" or not _TITLE.match(first.source):
        found = ["the first cell does not begin with a title that is a question"]
    else:
        found = []
    rows = (
        {} if first is None else {row["name"]: row["text"] for row in _ROW.finditer(first.source)}
    )
    return found + [f"the card does not say {word!r}" for word in CARD if not rows.get(word)]
