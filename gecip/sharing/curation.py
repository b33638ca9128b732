"""What every curated notebook looks like: a domain's contract asks it of all its notebooks."""

from __future__ import annotations

import re
from pathlib import Path

from gecip.sharing.card import faults_of_card
from gecip.sharing.notebooks import read_notebook
from gecip.sharing.parameters import PARAMETERS

MOST_CODE_CELLS = 25
MOST_LINES = 8


def faults_of_notebook(path: Path) -> list[str]:
    """Return what keeps a notebook from being a curated one, a sentence each; nothing for a good one.

    Raises
    ------
    NotebookError
        When the file is no notebook.
    """
    cells = read_notebook(path).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    found = faults_of_card(read_notebook(path))
    if any(cell.outputs or cell.execution_count is not None for cell in code):
        found.append("it carries outputs")
    if len(code) > MOST_CODE_CELLS:
        found.append(f"it has {len(code)} code cells")
    for place, cell in enumerate(cells):
        if cell.cell_type != "code":
            continue
        found += [f"cell {place}: {fault}" for fault in _faults_of_code(cell.source)]
        if place == 0 or cells[place - 1].cell_type != "markdown":
            found.append(f"cell {place}: no sentence stands before it")
    if cells and cells[-1].cell_type == "code" and "assert" not in cells[-1].source:
        found.append("no finding stands at its end")
    if not any(PARAMETERS in cell.metadata.get("tags", ()) for cell in code):
        found.append("no cell tagged 'parameters' names the release")
    return found


def _faults_of_code(source: str) -> list[str]:
    found = []
    # Imports are one thing, however many lines the formatter gives them, and a closing bracket is none.
    body = re.sub(
        r"^from [\w.]+ import (?:\([^)]*\)|.*)|^import .*", "", source, flags=re.MULTILINE
    )
    lines = [line for line in body.splitlines() if re.search(r"\w", line)]
    if len(lines) > MOST_LINES:
        found.append(f"it has {len(lines)} lines")
    if re.search(r"^\s*(def|class|async def) ", source, flags=re.MULTILINE):
        found.append("it defines something that belongs in a package")
    if re.search(r"""["'](/|~|[A-Za-z]:\\|\.\.?/)""", source):
        found.append("it holds a path")
    if re.search(r"https?://", source):
        found.append("it holds an outside address")
    return found
