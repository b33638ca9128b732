"""Look for identifiers among millions of variants, column by column; and give their numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.airlock.judging.column_kinds import Kind, kind_of
from gecip.airlock.judging.identifier_search import IdentifierSearch
from gecip.airlock.judging.variant_rules import VariantColumns

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Numbers = npt.NDArray[np.float64]

# What cannot hold an identifier: an rs number, or a place with alleles.
_PLAIN = r"^(?:rs\d+|(?:chr)?(?:\d{1,2}|X|Y|XY|MT?)[:_-]\d{1,9}(?:[:_-][ACGTN*<>,IDR0-9]*)*|[A-Za-z*<>.,?]*|-?\d{1,8}(?:\.\d*)?(?:[eE]-?\d+)?|-?0?\.\d*(?:[eE]-?\d+)?)$"
# What a text needs to hold one by its shape; the search itself then decides.
_SUSPICIOUS = r"[12]\d{8}|\d{7}[-_. ]?(?:DNA|dna)|HX\d{8}|LP\d{7}|(?:pp|rr|ss)\d{6}"
_NUMBERS_ONLY = frozenset(
    {Kind.POSITION, Kind.STATISTIC, Kind.FREQUENCY, Kind.ALLELE_COUNT, Kind.ALLELE_NUMBER}
)


@dataclass(frozen=True)
class BatchSearch:
    """Searches batches of one table of variants."""

    columns: VariantColumns
    search: IdentifierSearch

    def in_rows(self, rows: pa.RecordBatch) -> int:
        """Return how many cells of a batch are identifiers, or look like them."""
        import pyarrow as pa

        return sum(
            self._in_column(rows.column(number), kind_of(head))
            for number, head in enumerate(self.columns.header)
            if pa.types.is_string(rows.column(number).type)
        )

    def _in_column(self, cells: pa.Array, kind: Kind) -> int:
        import pyarrow.compute as pc

        plain = pc.fill_null(pc.match_substring_regex(cells, _PLAIN), fill_value=True)
        others = pc.unique(cells.filter(pc.invert(plain)))
        if kind in _NUMBERS_ONLY:
            others = others.filter(
                pc.invert(pc.match_substring_regex(others, r"^-?[\d.]+(?:[eE][-+]?\d+)?$"))
            )
        suspicious = others.filter(pc.match_substring_regex(others, _SUSPICIOUS))
        found = sum(1 for text in suspicious.to_pylist() if self.search.in_text(text))
        return found + self.search.known.count_among(others)

    def numbers_of(self, rows: pa.RecordBatch) -> Callable[[int], Numbers]:
        """Return a function that gives the numbers of a column of a batch; texts that are none are not a number."""
        import pandas as pd
        import pyarrow as pa

        def numbers(column: int) -> Numbers:
            cells = rows.column(column)
            if pa.types.is_string(cells.type):
                return pd.to_numeric(cells.to_pandas(), errors="coerce").to_numpy(dtype=float)
            return cells.to_numpy(zero_copy_only=False)

        return numbers
