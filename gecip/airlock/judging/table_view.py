"""A table with what its columns and cells are: what the rules on tables ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from gecip.airlock.judging.cell_values import (
    AgeForm,
    Count,
    is_day,
    is_missing,
    is_withheld,
    read_age,
    read_count,
    read_loose_count,
    read_number,
)
from gecip.airlock.judging.column_kinds import (
    AGGREGATES,
    COUNTS,
    Kind,
    attribute_of,
    is_total,
    kind_of,
    kind_of_label,
    may_name_people,
    words_of,
)
from gecip.airlock.reading.pieces import Grid

_MOST_LOOKED_AT = 500
_GENOTYPE = re.compile(r"^[0-9.][/|][0-9.](?::.*)?$")
_PLAIN_GENOTYPE = re.compile(r"^[0-9.][/|][0-9.]$")
_NO_COUNTS = (Kind.STATISTIC, Kind.EXTREME, Kind.SHARE)
_NOT_BY_FORM = frozenset({
    Kind.STATISTIC, Kind.EXTREME, Kind.POSITION, Kind.DAY, Kind.OTHER_DAY, Kind.AGE, Kind.GENOTYPE,
})  # fmt: skip
_VARIANT = re.compile(
    r"^(?:rs\d+|(?:chr)?(?:\d{1,2}|X|Y|MT?)[:_-]\d{2,9}[:_-][ACGTN*<>.]+.*|(?:NM|NC|ENST|NP)_?\d+\.?\d*:[cgpn]\..*)$",
    re.IGNORECASE,
)
_CONTIG = re.compile(r"^chr(?:\d{1,2}|X|Y|M|MT|Un_\w+)$", re.IGNORECASE)
# Ids of concepts, genes and variants, which nobody is called by.
_CONCEPT = re.compile(
    r"^(?:rs\d|HP:|ENS[A-Z]*\d|MONDO|ORPHA|OMIM|MIM|HGNC|GO:|DOID|EFO|R-HSA|chr|\w+:\w)",
    re.IGNORECASE,
)
_ICD = re.compile(r"^[A-Z]\d{2}(?:\.\d+)?$")
# Groups by which people are told apart, as heads or labels of a table.
_GROUPS = re.compile(
    r"\b(?:males?|females?|boys|girls|men|women|cases?|controls?|affected|unaffected|probands?|relatives?|eur|afr|sas|eas|amr|"
    r"european|african|south asian|east asian|white|black|asian|mixed|british|"
    r"(?:disease|disorder|syndrome|cancer|carcinoma|tumour|tumor|sarcoma|glioma|melanoma|leukaemia|lymphoma|epilepsy|"
    r"cardiomyopath|ciliopath|deafness|disabilit|diabetes|dystroph|neuropath)\w*|"
    r"renal|kidney|cardiovascular|neurolog\w*|skin|dermatolog\w*|ophthalm\w*|endocrine|metabolic|skeletal|respiratory|"
    r"haematolog\w*|rheumatolog\w*|gastro\w*|hearing|psychiatric|diagnos\w*|phenotyp\w*|patients?|participants?|"
    r"alive|dead|deceased|recessive|smokers?|treated|untreated)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CountedCell:
    """A cell that counts people: where, what it says, and whether its column says in words that it does."""

    row: int
    column: int
    count: Count
    is_certain: bool


@dataclass(frozen=True)
class TableView:
    """A table and what is known of its columns and rows."""

    grid: Grid

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """What each column is, by its head and, where that does not tell, by its values."""
        return tuple(self._kind(column) for column in range(len(self.grid.header)))

    @property
    def has_labels(self) -> bool:
        """Return whether the first column holds names rather than numbers."""
        return bool(self.kinds) and self.kinds[0] not in AGGREGATES and not self._is_numeric(0)

    def name(self, column: int) -> str:
        """Return how a column may be called in a sentence."""
        return f"column {column + 1}"

    def column(self, column: int) -> list[str]:
        """Return the cells of a column."""
        return [row[column] if column < len(row) else "" for row in self.grid.rows]

    def of_kind(self, *kinds: Kind) -> list[int]:
        """Return the columns of these kinds."""
        return [column for column, kind in enumerate(self.kinds) if kind in kinds]

    def label(self, row: int) -> str:
        """Return the words at the head of a row, up to its first number."""
        words = []
        for column, cell in enumerate(self.grid.rows[row]):
            if column < len(self.kinds) and self.kinds[column] in AGGREGATES:
                break
            if column and read_number(cell) is not None:
                break
            words.append(cell)
        return " ".join(word for word in words if word.strip())

    @cached_property
    def row_kinds(self) -> tuple[Kind, ...]:
        """What the cells of each row are, where its label says so, as `mean` or `max`; else UNKNOWN."""
        if not self.has_labels:
            return (Kind.UNKNOWN,) * len(self.grid.rows)
        return tuple(kind_of_label(row[0]) if row else Kind.UNKNOWN for row in self.grid.rows)

    @cached_property
    def attributes(self) -> frozenset[str]:
        """What tells people apart in the columns: `sex`, `disease` and so on."""
        return frozenset(
            attribute for head in self.grid.header if (attribute := attribute_of(head)) is not None
        )

    @cached_property
    def is_phenotypic(self) -> bool:
        """Return whether anything in the table, or above it, tells people apart by more than their genes."""
        if self.attributes:
            return True
        words = [*self.grid.header, self.grid.title]
        if not self.is_by_gene and not self.is_of_variants:
            words += [row[0] for row in self.grid.rows[:_MOST_LOOKED_AT] if row]
        return any(_GROUPS.search(re.sub(r"[_.]+", " ", word)) for word in words)

    @property
    def is_by_gene(self) -> bool:
        """Return whether the rows are genes, or sets of them."""
        return Kind.GENE in self.kinds and not self.is_of_variants

    @cached_property
    def is_of_variants(self) -> bool:
        """Return whether the rows are single variants."""
        return is_variant_table(self.grid.header) or any(
            _share_of(self.column(column), _VARIANT.match) > 0.8
            for column in range(min(len(self.grid.header), 6))
            if self.grid.rows
        )

    @cached_property
    def is_aggregate(self) -> bool:
        """Return whether any column tells of many people at once."""
        return any(kind in AGGREGATES for kind in self.kinds) or bool(self.count_columns)

    @cached_property
    def count_columns(self) -> tuple[int, ...]:
        """Columns that hold counts: by their heads, or as the cells of a table of two groupings."""
        named = set(self.of_kind(*COUNTS))
        crossed = {
            column
            for column, kind in enumerate(self.kinds)
            if kind is Kind.UNKNOWN and self._looks_counted(column)
        }
        return tuple(sorted(named | crossed))

    @cached_property
    def counted_cells(self) -> tuple[CountedCell, ...]:
        """The cells that count people, in columns of counts, in rows of counts, and of the form `3 (2.5%)`."""
        return tuple(
            cell
            for column, kind in enumerate(self.kinds)
            for row, text in self.cells(column)
            if (cell := self._counted_cell(row, column, kind, text)) is not None
        )

    def _counted_cell(self, row: int, column: int, kind: Kind, text: str) -> CountedCell | None:
        row_kind = self.row_kinds[row]
        if row_kind in _NO_COUNTS:
            return None
        is_headed = column in self.count_columns
        if is_headed or (kind is Kind.UNKNOWN and row_kind is Kind.COUNT and column > 0):
            count = read_loose_count(text)
            is_certain = kind in COUNTS or row_kind is Kind.COUNT
        else:
            count, is_certain = _count_by_form(text, kind), True
        return None if count is None else CountedCell(row, column, count, is_certain)

    def cells(self, column: int) -> Iterator[tuple[int, str]]:
        """Yield the rows and texts of a column, but for what is missing."""
        for number, row in enumerate(self.grid.rows):
            text = row[column] if column < len(row) else ""
            if not is_missing(text):
                yield number, text

    def is_total_row(self, row: int) -> bool:
        """Return whether a row holds the others."""
        return any(is_total(cell) for cell in self.grid.rows[row][:3] if cell)

    def _kind(self, column: int) -> Kind:
        head = self.grid.header[column]
        kind = kind_of(head)
        values = [text for text in self.column(column)[:_MOST_LOOKED_AT] if not is_missing(text)]
        if not values:
            return kind
        if may_name_people(head) and kind in (Kind.UNKNOWN, Kind.ATTRIBUTE):
            if is_variant_table(self.grid.header):
                return Kind.VARIANT
            return Kind.PERSON if _who(values) is Kind.PERSON else kind
        return self._by_values(kind, values, column)

    def _by_values(self, kind: Kind, values: list[str], column: int) -> Kind:
        if kind in (Kind.COUNT, Kind.COUNT_OF_SOMETHING):
            return self._counted(kind, values, column)
        if kind is Kind.UNKNOWN:
            return self._unheaded(values, column)
        is_told = _share_of(values, read_number) >= 0.5
        if kind in (Kind.OTHER, Kind.ALLELE) and _share_of(values, _GENOTYPE.match) > 0.8:
            return Kind.GENOTYPE
        if kind is Kind.SURVIVAL and not is_told:
            return Kind.UNKNOWN
        if kind is Kind.TIME and column == 0 and not is_told and not self._is_whole(values):
            return Kind.UNKNOWN
        if kind is Kind.FREQUENCY and max(map(_number_or_zero, values)) > 1:
            return Kind.COUNT_OF_SOMETHING
        return kind

    def _unheaded(self, values: list[str], column: int) -> Kind:
        """Return what a column of unknown head is, where its values tell."""
        if _share_of(values, _GENOTYPE.match) > 0.8:
            return Kind.GENOTYPE
        if self._follows_contig(column) and all(map(str.isdigit, values)):
            return Kind.POSITION
        return Kind.DAY if _share_of(values, is_day) > 0.8 else Kind.UNKNOWN

    def _counted(self, kind: Kind, values: list[str], column: int) -> Kind:
        """Return what a column is of which the head says that it counts: its values may say otherwise."""
        if column == 0 and kind is Kind.COUNT and self._has_bands(values):
            return Kind.OTHER
        if kind is Kind.COUNT_OF_SOMETHING:
            if self._is_label(column, values):
                return Kind.OTHER
            if not any(map(_tells_count, values)):
                return Kind.SHARE if max(map(_number_or_zero, values)) <= 1 else Kind.OTHER
        return Kind.STATISTIC if any(map(_is_decimal, values)) else kind

    def _follows_contig(self, column: int) -> bool:
        """Return whether one of the two columns before holds the names of chromosomes, so that this one may hold places."""
        return any(
            kind_of(self.grid.header[before]) is Kind.CONTIG
            or _share_of(self.column(before)[:_MOST_LOOKED_AT], _CONTIG.match) > 0.9
            for before in range(max(column - 2, 0), column)
        )

    def _is_label(self, column: int, values: list[str]) -> bool:
        """Return whether numbers only name the rows, as `family_size` 1, 2, 3 does in front of a count."""
        if column or len(self.grid.header) < 2:
            return False
        others = [kind_of(head) for head in self.grid.header[1:]]
        return bool(set(others) & COUNTS) and self._is_whole(values)

    def _has_bands(self, values: list[str]) -> bool:
        """Return whether what seems to count names the rows: `2`, `3-4`, `10 or more` cases in a cluster, and how many."""
        others = {kind_of(head) for head in self.grid.header[1:]}
        named = [
            value for value in values if read_count(value) is None or re.match(r"\d+\s*[-–]", value)
        ]
        return bool(others & COUNTS) and bool(named) and not all(map(is_withheld, named))

    def _is_whole(self, values: list[str]) -> bool:
        return all(read_count(value) for value in values)

    def _is_numeric(self, column: int) -> bool:
        values = [text for _, text in self.cells(column)][:_MOST_LOOKED_AT]
        return bool(values) and all(
            read_number(value) is not None or is_withheld(value) for value in values
        )

    def _looks_counted(self, column: int) -> bool:
        """Return whether a column of unknown head holds whole numbers that could be people."""
        if column == 0:
            return False
        values = [text for text in self.column(column)[:_MOST_LOOKED_AT] if not is_missing(text)]
        # What a row's label calls a mean is none of the column's counts.
        values = [
            text
            for number, text in enumerate(self.column(column)[:_MOST_LOOKED_AT])
            if not is_missing(text)
            and self._early_row_kind(number) not in (Kind.STATISTIC, Kind.EXTREME, Kind.SHARE)
        ]
        counts = [read_count(value) for value in values]
        told = [count for count in counts if count is not None]
        if not told or len(told) + sum(map(is_withheld, values)) < 0.8 * len(values):
            return False
        return any(
            count.percent is not None or count.among for count in told
        ) or not self._is_sequence(told)

    def _early_row_kind(self, row: int) -> Kind:
        cells = self.grid.rows[row]
        return kind_of_label(cells[0]) if cells and read_number(cells[0]) is None else Kind.UNKNOWN

    @staticmethod
    def _is_sequence(counts: list[Count]) -> bool:
        """Return whether numbers only count the rows, or say yes and no."""
        values = [count.lowest for count in counts]
        numbered = len(values) > 2 and values in (
            list(range(len(values))),
            list(range(1, len(values) + 1)),
        )
        return numbered or (len(values) > 2 and set(values) <= {0, 1})


def _count_by_form(text: str, kind: Kind) -> Count | None:
    """Return the count that a cell's form tells: how many with a percentage, or how many of how many."""
    if kind in _NOT_BY_FORM or not ("(" in text or "/" in text or "of" in text or "[" in text):
        return None
    count = None if _PLAIN_GENOTYPE.match(text.strip()) else read_count(text)
    if count is None or (
        count.percent is None and (count.among is None or count.among < count.lowest)
    ):
        return None
    return count


def is_variant_table(header: tuple[str, ...]) -> bool:
    """Return whether the heads are those of a table with a variant in each row."""
    kinds = {kind_of(head) for head in header}
    names = {"_".join(words_of(head)) for head in header}
    placed = {Kind.CONTIG, Kind.POSITION} <= kinds
    if (
        placed
        and names & {"end", "stop", "chromend"}
        and Kind.ALLELE not in kinds
        and Kind.FREQUENCY not in kinds
    ):
        return False  # genes and regions have two ends
    of_alleles = kinds & {Kind.ALLELE, Kind.FREQUENCY, Kind.ALLELE_COUNT, Kind.VARIANT}
    if placed:
        return bool(of_alleles) or Kind.GENE not in kinds
    return Kind.VARIANT in kinds and (
        bool(
            kinds & {Kind.ALLELE, Kind.FREQUENCY, Kind.ALLELE_COUNT, Kind.POSITION, Kind.STATISTIC}
        )
        or len(header) <= 2
    )


def _share_of(values: list[str], test: Callable[[str], object]) -> float:
    """Return the share of values that pass a test."""
    if not values:
        return 0.0
    return sum(1 for value in values if test(value) not in (None, False)) / len(values)


def _who(values: list[str]) -> Kind:
    """Return whether a bare `sample` or `family` names each row's own: most are different and have a number in them."""
    are_codes = _share_of(values, _ICD.match) > 0.5 and len({value[:1] for value in values}) > 1
    if set(values) <= {"0", "1"} or are_codes or _share_of(values, _CONCEPT.match) > 0.5:
        return Kind.UNKNOWN
    numbered = sum(1 for value in values if re.search(r"\d", value)) / len(values)
    if len(set(values)) < 0.5 * len(values) or numbered < 0.8 or all(map(read_age_band, values)):
        return Kind.UNKNOWN
    return Kind.PERSON


def read_age_band(text: str) -> bool:
    """Return whether a cell is a band of ages, or of anything."""
    return read_age(text)[0] in (AgeForm.BAND, AgeForm.OPEN)


def _is_decimal(text: str) -> bool:
    number = read_number(text)
    return number is not None and not number.is_integer()


def _number_or_zero(text: str) -> float:
    return read_number(text) or 0.0


def _tells_count(text: str) -> bool:
    return read_count(text) is not None or is_withheld(text)
