"""What a notebook can be told from outside: the names that its cell tagged `parameters` sets, and values for them.

A value has to be of the kind that the notebook's own is of, so that a slip of the pen is found before
the first cell runs and not an hour later.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.errors import NotebookError

if TYPE_CHECKING:
    from nbformat import NotebookNode

# The cell with this tag sets what can be told from outside; a cell with the told values is put below it.
PARAMETERS = "parameters"
RELEASE_PARAMETER = "release_name"

_KINDS: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list, as ['PKD1', 'PKD2']",
    dict: "a dictionary, as {'PKD1': 2}",
}


def declared_parameters(document: NotebookNode, path: Path) -> dict[str, Any]:
    """Return the parameters of a notebook with the values that it sets itself.

    Raises
    ------
    NotebookError
        When no cell is tagged, or the tagged one does more than to set names to plain values.
    """
    cell = next(
        (cell for cell in document.cells if PARAMETERS in cell.metadata.get("tags", ())), None
    )
    if cell is None:
        raise NotebookError(
            f"{path}: this notebook cannot be told anything from outside, not even another release, since no cell is tagged "
            f"{PARAMETERS!r}: tag the one that sets {RELEASE_PARAMETER}."
        )
    try:
        return dict(
            _set_by(statement)
            for statement in ast.parse(cell.source).body
            if not isinstance(statement, ast.Expr)
        )
    except (SyntaxError, ValueError, TypeError):
        raise NotebookError(
            f'{path}: the cell tagged {PARAMETERS!r} does more than to set names to plain values, as release_name = "demo" '
            "does: move the rest into another cell."
        ) from None


def _set_by(statement: ast.stmt) -> tuple[str, Any]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target: ast.expr = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    else:
        raise ValueError
    if not isinstance(target, ast.Name) or statement.value is None:
        raise ValueError
    return target.id, ast.literal_eval(statement.value)


def told_parameters(words: Sequence[str]) -> dict[str, str]:
    """Return `name=value` words of a command line by name; the values are still text.

    Raises
    ------
    NotebookError
        When a word is not of that form, or names something twice.
    """
    told: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.strip().isidentifier():
            raise NotebookError(
                f"A parameter is told as name=value, and {word!r} is not: write it as -p {RELEASE_PARAMETER}=demo."
            )
        if name.strip() in told:
            raise NotebookError(f"The parameter {name.strip()!r} is told twice: tell it once.")
        told[name.strip()] = value
    return told


def with_parameters(
    document: NotebookNode, path: Path, *, told: Mapping[str, Any]
) -> tuple[NotebookNode, dict[str, Any]]:
    """Return a notebook with a cell that sets what was told, and all its parameters by name.

    Text is taken for the kind of value that the notebook's own is of: `"3"` for a whole number is 3.

    Raises
    ------
    NotebookError
        When the notebook has no such parameter, or one of another kind.
    """
    try:
        declared = declared_parameters(document, path)
    except NotebookError:
        if told:
            raise
        return document, {}
    values = {name: _fitting(name, value, declared, path) for name, value in told.items()}
    if values:
        document = _injected(document, values)
    return document, {**declared, **values}


def _injected(document: NotebookNode, values: Mapping[str, Any]) -> NotebookNode:
    """Return the notebook with papermill's cell, and without the traces that papermill wants to find and leaves."""
    from papermill.parameterize import parameterize_notebook

    document.metadata["papermill"] = {}
    untagged = [cell for cell in document.cells if "tags" not in cell.metadata]
    for cell in untagged:
        cell.metadata["tags"] = []
    document = parameterize_notebook(
        document,
        dict(values),
        comment="Told from outside",
        kernel_name="python3",
        language="python",
    )
    for cell in untagged:
        del cell.metadata["tags"]
    del document.metadata["papermill"]
    return document


def _fitting(name: str, value: Any, declared: Mapping[str, Any], path: Path) -> Any:
    if name not in declared:
        near = difflib.get_close_matches(name, declared, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise NotebookError(
            f"{path}: this notebook has no parameter {name!r}; it has {', '.join(map(repr, declared)) or 'none'}.{hint}"
        )
    kind = type(declared[name])
    if kind is type(None):
        return _plain(value)
    if kind not in _KINDS:
        raise NotebookError(
            f"{path}: the parameter {name!r} is a {kind.__name__}, which cannot be told from outside: make it a list in the "
            "notebook."
        )
    try:
        return _as_kind(value, kind)
    except (ValueError, SyntaxError, TypeError):
        raise NotebookError(
            f"{path}: the parameter {name!r} is to be {_KINDS[kind]}, and {value!r} is not."
        ) from None


def _plain(value: Any) -> Any:
    """Return what text writes, and the text itself where it writes no plain value."""
    if not isinstance(value, str):
        return value
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return value


def _as_kind(value: Any, kind: type) -> Any:
    if isinstance(value, str) and kind is not str:
        value = _READ_AS[kind](value.strip())
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise TypeError
    return value


def _truth(text: str) -> bool:
    return ("false", "true").index(text.lower()) == 1


_READ_AS: Mapping[type, Callable[[str], Any]] = {
    bool: _truth,
    int: int,
    float: float,
    list: ast.literal_eval,
    dict: ast.literal_eval,
}
