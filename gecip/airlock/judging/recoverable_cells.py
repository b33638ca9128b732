"""Whether a masked count of a table follows from what is shown beside it: from totals of rows and columns.

A file does not bring its true numbers, so that the question is put as a reader would: which whole numbers
fit the totals? A mark that fits one number only is told. Method: the smallest and the largest value of each
masked cell by integer programming (scipy's HiGHS), the audit of cell suppression (Fischetti and
Salazar-González, Management Science 47:1008, 2001).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gecip.airlock.judging.cell_values import is_missing, is_withheld, read_loose_count
from gecip.airlock.judging.column_kinds import is_total
from gecip.airlock.judging.count_rules import is_free_of_people
from gecip.airlock.judging.sentences import plural
from gecip.airlock.judging.table_view import TableView
from gecip.airlock.reading.pieces import Remark
from gecip.governance.disclosure import Verdict
from gecip.governance.policy import Policy

_MOST_CELLS = 600
_MOST = 10_000_000
_SECONDS = 2.0
Cell = tuple[int, int]


@dataclass
class _Totals:
    """The counts of a table with their bounds, and which are the sum of which."""

    bounds: dict[Cell, tuple[int, int]] = field(default_factory=dict)
    sums: list[tuple[Cell, list[Cell]]] = field(default_factory=list)

    @property
    def masked(self) -> list[Cell]:
        return [cell for cell, (lowest, highest) in self.bounds.items() if lowest != highest]


def recoverable_counts(view: TableView, policy: Policy) -> Iterator[Remark]:
    """Find masked counts of which a reader can work out the number, or that nobody else fits."""
    if is_free_of_people(view):
        return
    totals = _totals(view)
    small = [cell for cell in totals.masked if totals.bounds[cell][1] < policy.smallest_shown_count]
    if not small or not totals.sums or len(totals.masked) > _MOST_CELLS:
        return
    told = sum(1 for cell in small if _is_told(totals, cell))
    if told:
        yield Remark(
            "recoverable_counts",
            Verdict.FAIL,
            f"{plural(told, 'masked count')} can be worked out from the totals.",
        )


def _totals(view: TableView) -> _Totals:
    totals = _Totals()
    columns = [column for column in view.count_columns if column > 0]
    for column in columns:
        for row, text in enumerate(view.column(column)):
            bounds = _bounds(text)
            if bounds:
                totals.bounds[row, column] = bounds
    _add_sums_of_rows(view, totals, columns)
    _add_sums_of_columns(view, totals, columns)
    return totals


def _bounds(text: str) -> tuple[int, int] | None:
    if is_withheld(text):
        return 0, _MOST
    count = read_loose_count(text) if not is_missing(text) else None
    return (count.lowest, count.highest) if count else None


def _add_sums_of_rows(view: TableView, totals: _Totals, columns: list[int]) -> None:
    """Add that a total row is the sum of the rows above it since the last one; of all of them for the last total."""
    rows = range(len(view.grid.rows))
    wholes = [row for row in rows if view.is_total_row(row)]
    if not wholes:
        return
    parts = [row for row in rows if row not in wholes]
    for column in columns:
        _add_sum(totals, (wholes[-1], column), [(row, column) for row in parts])


def _add_sums_of_columns(view: TableView, totals: _Totals, columns: list[int]) -> None:
    wholes = [column for column in columns if is_total(view.grid.header[column])]
    if len(wholes) != 1:
        return
    parts = [column for column in columns if column not in wholes]
    for row in range(len(view.grid.rows)):
        _add_sum(totals, (row, wholes[0]), [(row, column) for column in parts])


def _add_sum(totals: _Totals, whole: Cell, parts: list[Cell]) -> None:
    """Add a sum if every cell of it is a count, and if what is shown does not contradict it."""
    if (
        len(parts) < 2
        or whole not in totals.bounds
        or any(part not in totals.bounds for part in parts)
    ):
        return
    lowest, highest = (sum(totals.bounds[part][end] for part in parts) for end in (0, 1))
    if totals.bounds[whole][1] < lowest or totals.bounds[whole][0] > highest:
        return
    totals.sums.append((whole, parts))


def _is_told(totals: _Totals, cell: Cell) -> bool:
    """Return whether only one number fits a masked cell."""
    ends = [_end(totals, cell, sign) for sign in (1, -1)]
    return None not in ends and ends[0] == ends[1]


def _end(totals: _Totals, cell: Cell, sign: int) -> int | None:
    """Return the smallest (sign 1) or largest (-1) number that fits a cell; None where the solver gives up."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    cells = list(totals.bounds)
    places = {one: number for number, one in enumerate(cells)}
    sums = np.zeros((len(totals.sums), len(cells)))
    for number, (whole, parts) in enumerate(totals.sums):
        sums[number, places[whole]] = -1.0
        sums[number, [places[part] for part in parts]] = 1.0
    goal = np.zeros(len(cells))
    goal[places[cell]] = sign
    lowest, highest = np.array(list(totals.bounds.values()), dtype=float).T
    found = milp(
        goal,
        integrality=np.ones(len(cells)),
        bounds=Bounds(lowest, highest),
        constraints=LinearConstraint(sums, 0.0, 0.0),
        options={"time_limit": _SECONDS},
    )
    return None if found.x is None else round(float(found.x[places[cell]]))
