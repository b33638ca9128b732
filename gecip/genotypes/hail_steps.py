"""Tell from a MatrixTable's plan what of which stores is in it, without computing anything.

Hail keeps every MatrixTable as a tree of steps. Where all steps leave entries as the store has them,
the compact store beside each MatrixTable holds the same genotypes, and Hail need not be asked for them.
A step that is not known to do so makes the answer None. The classes are Hail's own inner ones, of the
one version that gecip is pinned to; a test holds this against what Hail computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.genotypes.compact import COMPACT, CompactStore

if TYPE_CHECKING:
    import hail as hl

# They change rows' or columns' own fields, or globals, or how rows lie in partitions.
HARMLESS = frozenset(
    {
        "MatrixAnnotateColsTable",
        "MatrixAnnotateRowsTable",
        "MatrixMapCols",
        "MatrixMapGlobals",
        "MatrixMapRows",
        "MatrixRepartition",
    }
)
DROPPING_ROWS = frozenset(
    {"MatrixDistinctByRow", "MatrixFilterRows", "MatrixRowsHead", "MatrixRowsTail"}
)
LEAVING_COLUMNS = DROPPING_ROWS | {
    "MatrixAnnotateRowsTable",
    "MatrixFilterEntries",
    "MatrixFilterIntervals",
    "MatrixMapEntries",
    "MatrixMapRows",
    "MatrixRepartition",
}
CALL = "GT"


@dataclass(frozen=True)
class StoredPart:
    """What a MatrixTable holds of one store.

    Attributes
    ----------
    store
        The compact store beside it.
    columns
        Places of samples in it, in order; None for all as they are.
    intervals
        Pairs of Hail's intervals and whether rows in them are kept or dropped, all of which hold.
    rows_dropped
        Whether rows are dropped for reasons that only Hail can compute.
    only_autosomes
        Whether rows on X, Y and the mitochondrial chromosome are dropped.
    before_people_were_dropped
        Where people are, the plan of the MatrixTable before that: its columns are those of `columns`.
    """

    store: CompactStore
    columns: tuple[int, ...] | None = None
    intervals: tuple[tuple[Sequence[Any], bool], ...] = ()
    rows_dropped: bool = False
    only_autosomes: bool = False
    before_people_were_dropped: Any = None


def stored_parts(mt: hl.MatrixTable) -> tuple[StoredPart, ...] | None:
    """Return what a MatrixTable holds of which stores, or None where its calls may differ from theirs."""
    try:
        return _parts(mt._mir)  # noqa: SLF001 - nothing public tells a plan
    except _CannotTellError:
        return None


def step_of_columns(mt: hl.MatrixTable) -> Any:
    """Return the last step of a MatrixTable's plan that can change its columns: the others leave them."""
    step = mt._mir  # noqa: SLF001
    while type(step).__name__ in LEAVING_COLUMNS:
        step = step.child
    return step


class _CannotTellError(Exception):
    """A step that may change calls, rows' keys or the order of columns."""


def _parts(step: Any) -> tuple[StoredPart, ...]:
    kind = type(step).__name__
    if kind == "MatrixRead":
        return (_read(step),)
    if kind == "MatrixUnionRows":
        return tuple(part for child in step.children for part in _parts(child))
    parts = _parts(step.child) if hasattr(step, "child") else _cannot_tell()
    if kind in HARMLESS or (kind == "MatrixMapEntries" and _keeps_calls(step.new_entry)):
        return parts
    if kind == "MatrixFilterRows" and _asks_for_autosomes(step.pred):
        return tuple(replace(part, only_autosomes=True) for part in parts)
    if kind in DROPPING_ROWS:
        return tuple(replace(part, rows_dropped=True) for part in parts)
    if kind == "MatrixFilterIntervals":
        here = (step.intervals, step.keep)
        return tuple(replace(part, intervals=(*part.intervals, here)) for part in parts)
    if kind == "MatrixChooseCols":
        return tuple(_with_columns(part, step.old_indices) for part in parts)
    if kind == "MatrixFilterCols":
        return tuple(_with_people_dropped(part, step.child) for part in parts)
    return _cannot_tell()


def _cannot_tell() -> tuple[StoredPart, ...]:
    raise _CannotTellError


def _read(step: Any) -> StoredPart:
    from gecip.errors import GenotypesError

    path = getattr(step.reader, "path", None)
    if path is None or step.drop_cols or step.drop_rows:
        raise _CannotTellError
    local = Path(str(path).removeprefix("file://"))
    if step.reader.intervals is not None:
        raise _CannotTellError
    try:
        return StoredPart(CompactStore.open(local.parent / COMPACT))
    except GenotypesError:
        raise _CannotTellError from None


def _with_columns(part: StoredPart, chosen: Sequence[int]) -> StoredPart:
    if part.before_people_were_dropped is not None:
        raise _CannotTellError
    before = part.columns
    return replace(part, columns=tuple(chosen if before is None else (before[c] for c in chosen)))


def _with_people_dropped(part: StoredPart, before: Any) -> StoredPart:
    return replace(part, before_people_were_dropped=part.before_people_were_dropped or before)


def _asks_for_autosomes(condition: Any) -> bool:
    """Return whether a condition on rows is `mt.locus.in_autosome()` and nothing else."""
    from hail import ir

    if isinstance(condition, ir.Coalesce):  # what is not known is not kept
        condition = condition.children[0]
    return (
        isinstance(condition, ir.Apply)
        and condition.function == "isAutosomal"
        and isinstance(condition.args[0], ir.GetField)
        and condition.args[0].name == "locus"
        and isinstance(condition.args[0].o, ir.Ref)
        and condition.args[0].o.name == "va"
    )


def _keeps_calls(entry: Any) -> bool:
    """Return whether a new entry has the old one's call: fields are selected from it, or added to it."""
    from hail import ir

    if isinstance(entry, ir.Ref):
        return entry.name == "g"
    if isinstance(entry, ir.SelectFields):
        return CALL in entry.fields and _keeps_calls(entry.old)
    if isinstance(entry, (ir.InsertFields, ir.MakeStruct)):
        value = dict(entry.fields).get(CALL)
        if value is not None:
            return isinstance(value, ir.GetField) and value.name == CALL and _keeps_calls(value.o)
        return isinstance(entry, ir.InsertFields) and _keeps_calls(entry.old)
    return False
