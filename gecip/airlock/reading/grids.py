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
    numbers = [cell for cell in cells if _is_value(cell) and not is_missing(cell)]
    if len(numbers) < len(cells) and numbers == [str(number) for number in range(len(numbers))]:
        return False  # pandas numbers columns that have no names, from 0
    if len(numbers) == len(cells) > 1 and all(_is_plain_head(cell) for cell in numbers):
        return len(cells) == len(row)
    return bool(numbers) and (len(numbers) > 1 or len(numbers) >= len(cells) - 1)


def _is_value(cell: str) -> bool:
    """Return whether a cell is a number or a mark; a band as `30-39` may well be a head."""
    count = read_count(cell)
    is_counted = count is not None and (count.value is not None or not cell[:1].isdigit())
    return is_counted or read_number(cell) is not None or is_withheld(cell)


def _is_plain_head(cell: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d{2}|\d{1,2}", cell))


def aligned_row(line: str) -> list[str] | None:
    """Return the cells of a line whose columns are parted by two blanks or more, or by bars.

    A blank line has none; a rule of dashes parts nothing, and is None.
    """
    line = line.rstrip()
    if re.fullmatch(r"[\s\-=+|:]*", line):
        return None if line.strip() else []
    cells = [cell.strip() for cell in re.split(r"\s{2,}|\t|\s*\|\s*", line.strip().strip("|"))]
    return _with_stub(line, cells)


def _with_stub(line: str, cells: list[str]) -> list[str]:
    """Return a head that begins right of the labels with an empty cell in front, as pandas prints it."""
    starts_late = len(line) - len(line.lstrip()) >= 2
    return ["", *cells] if starts_late and len(cells) >= 1 else cells


def printed_tables(text: str, *, place: str) -> Iterator[Grid]:
    """Yield the tables in a printed text: at least two lines of as many cells, of which there are two or more.

    A head whose words are parted by single blanks, as R prints them, is laid over the columns below it.
    """
    block: list[list[str]] = []
    raw: list[str] = []
    above = ""
    for line in [*text.splitlines(), ""]:
        row = aligned_row(line)
        if row is None:
            continue  # a rule of dashes parts nothing
        if len(row) >= 2 and (not block or abs(len(row) - len(block[-1])) <= 1):
            block.append(row)
            raw.append(line)
            continue
        is_name = len(row) == 1 and row[0].startswith("Name: ")
        if len(block) >= 2 or (block and _laid_over(above, raw)):
            head = _laid_over(above, raw)
            yield from tables_in(
                [head, *block] if head else block, place=place, title=row[0] if is_name else ""
            )
        above = raw[-1] if len(block) == 1 and len(row) >= 2 else (line if len(row) == 1 else "")
        block, raw = ([row], [line]) if len(row) >= 2 else ([], [])


def _laid_over(head: str, lines: Sequence[str]) -> list[str] | None:
    """Return the words of a line as the heads of the columns below, by where they end; None where it is no head."""
    spans = [[match.span() for match in re.finditer(r"\S+(?: \S+)*", line)] for line in lines]
    if not spans or len(head.split()) < len(spans[0]) or _has_values(head.split()):
        return None
    ends = [
        max(row[column][1] for row in spans if column < len(row)) for column in range(len(spans[0]))
    ]
    heads = [""] * len(ends)
    for word in re.finditer(r"\S+", head):
        column = next((place for place, end in enumerate(ends) if word.end() <= end + 1), None)
        if column is None:
            return None
        heads[column] = f"{heads[column]} {word[0]}".strip()
    return heads if all(heads[1:]) else None
