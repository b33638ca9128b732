"""Words for what was found: how many, and where, without a value of any cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gecip.airlock.judging.table_view import TableView

_MOST_NAMED = 4


def plural(number: int, one: str, many: str | None = None) -> str:
    """Return `1 count` or `3 counts`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(rows: Mapping[int, Sequence[int]], view: TableView) -> str:
    """Return where cells are, by column and row, the first few of them."""
    parts = [
        f"{view.name(column)} (row{'s' if len(numbers) > 1 else ''} {_few(numbers)})"
        for column, numbers in list(rows.items())[:_MOST_NAMED]
    ]
    more = len(rows) - _MOST_NAMED
    return ", ".join(parts) + (f" and {plural(more, 'more column')}" if more > 0 else "")


def _few(numbers: Sequence[int]) -> str:
    told = ", ".join(f"{number:,}" for number in numbers[:_MOST_NAMED])
    return told + (" …" if len(numbers) > _MOST_NAMED else "")
