"""Rows of cells made into tables: titles above, heads of several lines, and tables one below the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gecip.airlock.judging.cell_values import is_missing, is_withheld, read_count, read_number
from gecip.airlock.reading.pieces import Grid

Row = Sequence[str]
_MOST_HEADS = 3


def tables_in(rows: Sequence[Row], *, place: str, title: str = "") -> Iterator[Grid]:
    """Yield the tables in a sheet of cells: parted by blank rows, each with the lines above it as its title."""
    waiting: list[str] = [title] if title else []
    for block in _blocks(rows):
        while block and _is_line(block[0], block):
            waiting.append(" ".join(cell for cell in block[0] if cell.strip()))
            block = block[1:]
        if block:
            yield from _table(block, place, " ".join(waiting))
            waiting = waiting[:1] if title else []
    if waiting[1 if title else 0 :]:
        yield Grid(place, (), (), " ".join(waiting))


def _blocks(rows: Sequence[Row]) -> Iterator[list[list[str]]]:
    block: list[list[str]] = []
    for row in [*rows, ()]:
        if any(cell.strip() for cell in row):
            block.append([cell.strip() for cell in row])
        elif block:
            yield block
            block = []


def _is_line(row: Row, block: Sequence[Row]) -> bool:
    """Return whether a row is a line of text above a table, and no row of it."""
    filled = [cell for cell in row if cell.strip()]
    wide = max(sum(1 for cell in other if cell.strip()) for other in block)
    return (
        len(filled) == 1 and wide > 1 and bool(re.search(r"[A-Za-z]", filled[0])) and bool(row[0])
    )


def _table(block: list[list[str]], place: str, title: str) -> Iterator[Grid]:
    width = max(map(len, block))
    block = [row + [""] * (width - len(row)) for row in block]
    heads = _heads(block)
    header = tuple(
        " ".join(dict.fromkeys(row[column] for row in block[:heads] if row[column]))
        for column in range(width)
    )
    if not heads:
        header = ("",) * width
    yield Grid(place, header, block[heads:], title)


def _heads(block: list[list[str]]) -> int:
    """Return how many rows at the top are heads: those without numbers, above rows that have some."""
    if _has_values(block[0]):
        return 0
    for number, row in enumerate(block[: _MOST_HEADS + 1]):
        if _has_values(row):
            return number
        # A line that is filled from the left is the last of the heads.
        if number and row[0] and block[number - 1][0]:
            return number
    return 1


def _has_values(row: Row) -> bool:
    """Return whether a row holds numbers as the rows of a table do; a year as a head is none."""
    cells = [cell for cell in row if cell.strip()]
    numbers = [
        cell
        for cell in cells
        if (read_number(cell) is not None or read_count(cell) or is_withheld(cell))
        and not is_missing(cell)
    ]
    if len(numbers) == len(cells) > 1 and all(_is_plain_head(cell) for cell in numbers):
        return len(cells) == len(row)
    return bool(numbers) and (len(numbers) > 1 or len(numbers) >= len(cells) - 1)


def _is_plain_head(cell: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d{2}|\d{1,2}", cell))


def aligned_rows(text: str) -> list[list[str]]:
    """Return the rows of a table that is aligned by blanks, as a printed DataFrame is; other lines are blank rows.

    Columns are parted by two blanks or more, or by bars.
    """
    rows = []
    for line in text.splitlines():
        line = line.rstrip()
        if re.fullmatch(r"[\s\-=+|:]*", line):
            rows.append([] if not line.strip() else ["\x00"])
            continue
        cells = [cell.strip() for cell in re.split(r"\s{2,}|\t|\s*\|\s*", line.strip().strip("|"))]
        rows.append(_with_stub(line, cells))
    # A rule of dashes below the head parts nothing.
    return [row for row in rows if row != ["\x00"]]


def _with_stub(line: str, cells: list[str]) -> list[str]:
    """Return a head that begins right of the labels with an empty cell in front, as pandas prints it."""
    starts_late = len(line) - len(line.lstrip()) >= 2
    return ["", *cells] if starts_late and len(cells) >= 1 else cells


def printed_tables(text: str, *, place: str) -> Iterator[Grid]:
    """Yield the tables in a printed text: at least two lines of as many cells, of which there are two or more."""
    block: list[list[str]] = []
    for row in [*aligned_rows(text), []]:
        if len(row) >= 2 and (not block or abs(len(row) - len(block[-1])) <= 1):
            block.append(row)
            continue
        if len(block) >= 2:
            yield from tables_in(block, place=place)
        block = [row] if len(row) >= 2 else []
