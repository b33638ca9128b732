"""Read tables parted by commas, tabs, blanks or other signs: small ones whole, long ones batch by batch.

A table of variants of millions of rows is read by column through pyarrow, with the numbers that the rules
need as numbers; nothing of it is held for longer than a batch.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from gecip.airlock.judging.column_kinds import Kind, kind_of
from gecip.airlock.judging.sentences import plural
from gecip.airlock.judging.table_view import TableView, is_variant_table
from gecip.airlock.judging.variant_rules import NUMBERS
from gecip.airlock.reading.grids import tables_in
from gecip.airlock.reading.opened import Opened, decoded
from gecip.airlock.reading.pieces import Grid, Piece, Remark, Speech, VariantRows, Words
from gecip.governance.disclosure import Verdict

if TYPE_CHECKING:
    import pyarrow as pa

# Larger files are read batch by batch; smaller ones whole, with titles and several tables in one.
WHOLE = 1_000_000
_BLOCK = 16 << 20
_ROWS_AT_ONCE = 20_000
_DELIMITERS = "\t,;|"
_BLANKS = re.compile(rb"[ \t]+")
_LINE_STARTS = re.compile(rb"(^|\n)[ \t]+")
_NULLS = [
    "",
    "NA",
    "N/A",
    "NaN",
    "nan",
    "null",
    "NULL",
    ".",
    "-",
    "None",
    "#N/A",
    "-nan",
    "inf",
    "-inf",
    "Inf",
    "-9",
]


@dataclass(frozen=True)
class _Form:
    """How a table is parted, and which line is its head."""

    delimiter: str
    head: int
    lines: tuple[str, ...]

    @property
    def by_blanks(self) -> bool:
        return self.delimiter == " "

    def cells(self, line: str) -> list[str]:
        if self.by_blanks:
            return line.split()
        return next(csv.reader([line], delimiter=self.delimiter), [])

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(self.cells(self.lines[self.head])) if self.head < len(self.lines) else ()


def read_delimited(file: Opened) -> Iterator[Piece]:
    """Yield the comments, tables and rows of a delimited file."""
    form = form_of(decoded(file.sample))
    comments = "\n".join(form.lines[: form.head])
    if comments.strip():
        yield Words(f"{file.place}the lines above the table", comments, Speech.PROSE)
    if file.size <= WHOLE and len(content := file.read_plain(WHOLE + 1)) <= WHOLE:
        yield from small_tables(decoded(content), file, form)
    else:
        yield from _long_table(file, form)


def form_of(text: str) -> _Form:
    """Return how a table is parted: by the sign that parts most of its lines alike."""
    lines = text.splitlines()
    head = next(
        (number for number, line in enumerate(lines) if not _is_comment(line, lines, number)), 0
    )
    looked_at = [line for line in lines[head : head + 30] if line.strip()]
    best, most = ",", 0
    for delimiter in _DELIMITERS:
        counts = sorted(line.count(delimiter) for line in looked_at)
        typical = counts[len(counts) // 2] if counts else 0
        if typical > most and counts[len(counts) // 4] >= 1:
            best, most = delimiter, typical
    if not most and looked_at and min(len(line.split()) for line in looked_at) > 1:
        widths = {len(line.split()) for line in looked_at}
        best = " " if len(widths) == 1 else ","
    return _Form(best, head, tuple(lines))


def _is_comment(line: str, lines: Sequence[str], number: int) -> bool:
    """Return whether a line is a comment above a table; a head may begin with one # itself."""
    if not line.strip() or line.startswith("##"):
        return True
    following = lines[number + 1] if number + 1 < len(lines) else ""
    return line.startswith("#") and (
        following.startswith("#")
        or len(re.split(r"[\t,; ]+", line.strip())) < 2
        or not _as_wide(line, following)
    )


def _as_wide(line: str, other: str) -> bool:
    return any(line.count(sign) and line.count(sign) == other.count(sign) for sign in "\t,; ")


def small_tables(text: str, file: Opened, form: _Form) -> Iterator[Piece]:
    """Yield the tables of a text that is held as a whole."""
    lines = text.splitlines()[form.head :]
    if form.by_blanks:
        rows = [line.split() for line in lines]
    else:
        rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=form.delimiter))
    if rows and rows[0]:
        rows[0][0] = rows[0][0].lstrip("#")
    for grid in tables_in(rows, place=f"{file.place}the table", title=title_of(file.name)):
        yield from in_pieces(grid)


def in_pieces(grid: Grid) -> Iterator[Grid]:
    """Yield a table as pieces of a length that can be judged at once."""
    if len(grid.rows) <= _ROWS_AT_ONCE:
        yield grid
        return
    for start in range(0, len(grid.rows), _ROWS_AT_ONCE):
        yield Grid(
            grid.place,
            grid.header,
            grid.rows[start : start + _ROWS_AT_ONCE],
            grid.title,
            start + grid.first_row,
        )


def title_of(name: str) -> str:
    """Return the words in a file's name, as they may say what its table is about."""
    return re.sub(r"\.[A-Za-z]\w*", " ", re.sub(r"[_-]+", " ", name))


# -- long tables ------------------------------------------------------------------------------------------------------


def _long_table(file: Opened, form: _Form) -> Iterator[Piece]:
    header = tuple(head.lstrip("#") for head in form.header)
    sample = Grid(
        "", header, [form.cells(line) for line in form.lines[form.head + 1 : form.head + 200]]
    )
    of_variants = is_variant_table(header) or TableView(sample).is_of_variants
    is_of_people = any(kind_of(head) is Kind.PERSON for head in header)
    batches = Batches(file, form)
    if of_variants and not is_of_people:
        yield from _variants(batches, header, f"{file.place}the table")
    else:
        yield from _rows(batches, header, file)
    yield from _uneven(batches.uneven, f"{file.place}the table")


def _rows(batches: Batches, header: tuple[str, ...], file: Opened) -> Iterator[Piece]:
    first = 1
    for batch in batches.read({}):
        columns = [column.to_pylist() for column in batch.columns]
        rows = [[cell or "" for cell in row] for row in zip(*columns, strict=True)]
        yield from in_pieces(
            Grid(f"{file.place}the table", header, rows, title_of(file.name), first)
        )
        first += len(rows)


def _variants(batches: Batches, header: tuple[str, ...], place: str) -> Iterator[Piece]:
    """Yield the rows of a table of variants; as texts where a column of numbers holds something else."""
    import pyarrow as pa

    kinds = [kind_of(head) for head in header]
    numbers = {
        column: pa.float64()
        for column, kind in enumerate(kinds)
        if kind in NUMBERS or kind is Kind.POSITION
    }
    seen = 0
    try:
        for batch in batches.read(numbers):
            yield VariantRows(place, header, batch)
            seen += batch.num_rows
    except pa.ArrowInvalid:
        for batch in batches.read({}):
            fresh = batch.slice(min(seen, batch.num_rows))
            seen -= batch.num_rows - fresh.num_rows
            if fresh.num_rows:
                yield VariantRows(place, header, fresh)


def _uneven(lines: Sequence[str], place: str) -> Iterator[Piece]:
    """Yield the lines that have more or fewer cells than the head, which no rule on columns can judge."""
    if lines:
        yield Words(f"{place}'s uneven lines", "\n".join(lines), Speech.DATA)
        yield Remark(
            "unreadable",
            Verdict.REVIEW,
            f"{plural(len(lines), 'line')} of the table have more or fewer cells than its head.",
        )


@dataclass
class Batches:
    """The rows of a delimited file as batches, and the lines that do not fit them."""

    file: Opened
    form: _Form
    uneven: list[str] = field(default_factory=list)

    def read(self, numbers: dict[int, Any]) -> Iterator[pa.RecordBatch]:
        """Yield batches of columns that are named by their place: texts, but for those that are to be numbers."""
        import pyarrow as pa
        from pyarrow import csv as arrow_csv  # noqa: TID251 - a file that asks to leave is no release's table

        self.uneven.clear()
        names = [str(column) for column in range(len(self.form.header))]
        with self.file.plain() as plain:
            source: Any = _Squeezed(plain) if self.form.by_blanks else plain
            yield from arrow_csv.open_csv(
                pa.PythonFile(source, mode="r"),
                read_options=arrow_csv.ReadOptions(
                    column_names=names,
                    skip_rows=self.form.head + 1,
                    block_size=_BLOCK,
                    encoding=_encoding(self.file),
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.form.delimiter, invalid_row_handler=self._keep
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={str(column): kind for column, kind in numbers.items()},
                    default_column_type=pa.string(),
                    null_values=_NULLS,
                    strings_can_be_null=False,
                ),
            )

    def _keep(self, row: Any) -> str:
        self.uneven.append(row.text or "")
        return "skip"


def _encoding(file: Opened) -> str:
    try:
        file.sample[: -8 or None].decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf8"


class _Squeezed:
    """A file of which columns are parted by any number of blanks, read with one blank between them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._rest = b""
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        """Return about so many bytes, cut where a line ends."""
        block = self._rest + self._file.read(size)
        if not block:
            return b""
        end = block.rfind(b"\n") + 1 or len(block)
        following = self._file.peek(1) if hasattr(self._file, "peek") else b"?"
        if not following:
            end = len(block)
        self._rest = block[end:]
        return _LINE_STARTS.sub(rb"\1", _BLANKS.sub(b" ", block[:end])).replace(b" \n", b"\n")

    def close(self) -> None:
        """Close the file."""
        self.closed = True
        self._file.close()

    def readable(self) -> bool:
        """Return that it can be read."""
        return True


def text_batches(file: Opened) -> tuple[tuple[str, ...], str, Batches]:
    """Return the heads of a table, the sign that parts its columns, and its rows, to be read as batches of texts."""
    form = form_of(decoded(file.sample))
    return form.header, form.delimiter, Batches(file, form)
