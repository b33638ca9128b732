"""Cut a genome-wide result to the variants that may be told: the common ones."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.airlock.judging.column_kinds import Kind
from gecip.airlock.judging.variant_rules import VariantColumns, may_go, rarer_alleles
from gecip.airlock.reading.delimited import text_batches
from gecip.airlock.reading.opened import Opened
from gecip.configuration import policy_document
from gecip.errors import ExportError, InputError
from gecip.governance.policy import parse_policy
from gecip.writing import new_file

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True)
class FilteredVariants:
    """How many variants a result had, and how many may be told."""

    rows: int
    kept: int


def filter_variants(source: str | Path, destination: str | Path) -> FilteredVariants:
    """Write the rows of a table of variants of a minor allele frequency and count that may leave.

    Frequency and count are taken as the airlock's check takes them: from the columns AF, AC, AN or N under
    any of their usual names. A row that does not say is left out. The table keeps its columns and texts;
    it is read and written batch by batch.

    Raises
    ------
    InputError
        When the file is missing or is no table.
    ExportError
        When the table does not tell both the frequency and the count of the rarer allele.
    """
    place, out = Path(source).expanduser(), Path(destination).expanduser()
    if not place.is_file():
        raise InputError(f"{place}: there is no such file.")
    import numpy as np

    policy = parse_policy(policy_document())
    header, delimiter, batches = text_batches(Opened(place.name, path=place))
    columns = VariantColumns(header)
    _check(columns, place)
    rows = kept = 0
    with new_file(out) as partial, _written(partial, is_compressed=out.suffix == ".gz") as sink:
        sink.write((delimiter.join(header) + "\n").encode())
        for batch in batches.read({}):
            rarer, count = rarer_alleles(columns, _numbers_of(batch))
            is_told = rarer is not None and count is not None
            good = may_go(rarer, count, policy) if is_told else [False] * batch.num_rows
            sink.write(_lines(batch, good, delimiter))
            rows, kept = rows + batch.num_rows, kept + int(np.count_nonzero(good))
        if batches.uneven:
            raise InputError(
                f"{place.name} has lines with more or fewer cells than its head: mend them first."
            )
    return FilteredVariants(rows, kept)


def _check(columns: VariantColumns, place: Path) -> None:
    frequency, count, called = (
        columns.first(kind) for kind in (Kind.FREQUENCY, Kind.ALLELE_COUNT, Kind.ALLELE_NUMBER)
    )
    people = called is not None or bool(columns.everyone)
    if (frequency is None or (count is None and not people)) and (count is None or not people):
        raise ExportError(
            f"{place.name} does not tell the frequency and the count of the rarer allele: keep the columns AF and AC, "
            "or one of them with AN or N."
        )


def _numbers_of(batch: Any) -> Any:
    import pandas as pd

    def numbers(column: int) -> npt.NDArray[np.float64]:
        return pd.to_numeric(batch.column(column).to_pandas(), errors="coerce").to_numpy(
            dtype=float
        )

    return numbers


def _lines(batch: Any, good: Any, delimiter: str) -> bytes:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv  # noqa: TID251 - a file that asks to leave is no release's table

    sink = io.BytesIO()
    options = arrow_csv.WriteOptions(
        include_header=False, delimiter=delimiter, quoting_style="none"
    )
    arrow_csv.write_csv(pa.Table.from_batches([batch.filter(pa.array(good))]), sink, options)
    return sink.getvalue()


@contextmanager
def _written(path: Path, *, is_compressed: bool) -> Iterator[Any]:
    with path.open("wb") as plain:
        if not is_compressed:
            yield plain
            return
        with gzip.GzipFile(
            filename="", fileobj=plain, mode="wb", compresslevel=5, mtime=0
        ) as packed:
            yield packed
