"""Matrices of the same people with different variants, put one behind another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gecip.errors import GenotypesError

if TYPE_CHECKING:
    import hail as hl


def unite_rows(parts: Sequence[hl.MatrixTable]) -> hl.MatrixTable:
    """Return the rows of all; where files differ in their fields, as chrX's do, missing ones are missing."""
    import hail as hl

    if len(parts) == 1:
        return parts[0]
    if len({(part.row.dtype, part.entry.dtype) for part in parts}) > 1:
        row_type = _widest([part.row_value.dtype for part in parts])
        entry_type = _widest([part.entry.dtype for part in parts])
        parts = [_as_wide(part, row_type, entry_type) for part in parts]
    return hl.MatrixTable.union_rows(*parts, _check_cols=False)


def _as_wide(mt: hl.MatrixTable, row_type: Any, entry_type: Any) -> hl.MatrixTable:
    mt = mt.select_rows(**_widened(mt.row_value, row_type))
    return mt.select_entries(**_widened(mt.entry, entry_type))


def _widest(types: Sequence[Any]) -> Any:
    """Return the type of a struct with the fields of all: the first one's order, others behind."""
    import hail as hl

    fields: dict[str, Any] = {}
    for one in types:
        for name, field in one.items():
            both = [fields[name], field] if name in fields else [field]
            if all(isinstance(each, hl.tstruct) for each in both):
                field = _widest(both)
            elif all(_is_array_of_structs(each) for each in both):
                field = hl.tarray(_widest([each.element_type for each in both]))
            elif len(set(both)) > 1:
                raise GenotypesError(
                    f"The aggregate's files disagree on what {name} is: make or import the release again."
                )
            fields[name] = field
    return hl.tstruct(**fields)


def _is_array_of_structs(dtype: Any) -> bool:
    import hail as hl

    return isinstance(dtype, hl.tarray) and isinstance(dtype.element_type, hl.tstruct)


def _widened(struct: Any, wanted: Any) -> dict[str, Any]:
    """Return a struct's fields in a wider type."""
    import hail as hl

    fields = {}
    for name, dtype in wanted.items():
        if name not in struct:
            fields[name] = hl.missing(dtype)
        elif isinstance(dtype, hl.tstruct):
            fields[name] = hl.struct(**_widened(struct[name], dtype))
        elif _is_array_of_structs(dtype):
            inner = dtype.element_type
            fields[name] = struct[name].map(lambda one, t=inner: hl.struct(**_widened(one, t)))
        else:
            fields[name] = struct[name]
    return fields
