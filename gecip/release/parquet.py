"""Clinical tables as Parquet files, one file a table; the only code that opens them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.errors import ReleaseError, UnknownTableError
from gecip.model.naming import Edition, Programme, stored_columns, stored_tables, why_no_table
from gecip.model.table import TABLES, ColumnType, Table, nearest

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.dataset as ds


# Data of one's own are held to the newest names.
_NEWEST = Edition(Programme.MAIN, None)


class ParquetTables:
    """The tables in one folder, unfiltered: `Release` stands in front of it and keeps the consenting.

    Tables go by their present names, whatever the files of an older release are called; columns are
    as they are stored, and `renamed` says which go by another name now.
    """

    def __init__(self, folder: Path, edition: Edition = _NEWEST) -> None:
        self._folder = folder
        self._edition = edition
        self._datasets: dict[str, ds.Dataset] = {}

    @property
    def at_hand(self) -> tuple[str, ...]:
        """The names of the tables that can be looked through without fetching them first: all of them."""
        return self.names

    @property
    def asked_on(self) -> datetime.date | None:
        """The day on which `present_pairs` asks; None where files answer, which are as old as they are."""
        return None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the tables, sorted."""
        return tuple(self._stored)

    @cached_property
    def _stored(self) -> Mapping[str, str]:
        files = self._folder.glob("*.parquet")
        return stored_tables(
            [path.stem for path in files if not path.name.startswith(".")], self._edition
        )

    def path(self, table: str) -> Path:
        """Return the file of a table that is there."""
        return self._folder / f"{self._stored[table]}.parquet"

    def renamed(self, table: str) -> Mapping[str, str]:
        """Return the columns that are stored under another name than their present one, by the latter."""
        return stored_columns(TABLES.get(table), self.dataset(table).schema.names, self._edition)

    def dataset(self, table: str) -> ds.Dataset:
        """Return a table as a lazy data set, with its columns as they are stored.

        Raises
        ------
        UnknownTableError
            When there is none of that name.
        ReleaseError
            When its file is damaged.
        """
        import pyarrow as pa
        import pyarrow.dataset as ds

        if table not in self.names:
            raise UnknownTableError(_absence(table, self.names, self._edition))
        if table not in self._datasets:
            try:
                self._datasets[table] = ds.dataset(self.path(table), format="parquet")
            except (pa.ArrowInvalid, OSError):
                raise ReleaseError(
                    f"{self.path(table)}: this file is damaged: make or import the release again."
                ) from None
        return self._datasets[table]

    def pairs(self, table: str, key: str, value: str) -> dict[Any, Any]:
        """Return one column by another; empty where the release has no such table.

        Raises
        ------
        ReleaseError
            When the table lacks one of the columns.
        """
        if table not in self.names:
            return {}
        data, renamed = self.dataset(table), self.renamed(table)
        stored = [renamed.get(column, column) for column in (key, value)]
        missing = [column for column in stored if column not in data.schema.names]
        if missing:
            raise ReleaseError(without_consent(str(self.path(table)), missing[0]))
        columns = data.to_table(columns=stored)
        return dict(zip(*(columns[name].to_pylist() for name in stored), strict=True))

    def has_column(self, table: str, column: str) -> bool:
        """Return whether there is a table with a column, by their present names; reads no row."""
        if table not in self.names:
            return False
        stored = self.renamed(table).get(column, column)
        return stored in self.dataset(table).schema.names

    def present_pairs(self, table: str, key: str, value: str) -> dict[Any, Any]:
        """Return one column by another as they stand at present, for the word on consent."""
        return self.pairs(table, key, value)


def write_table(frame: pd.DataFrame, path: Path, *, table: type[Table] | None) -> None:
    """Write one clinical table as Parquet in the model's types; unknown columns are kept as they are.

    The same rows give the same bytes: no time stamp or writer's name goes into the file.
    """
    with TableWriter(path) as writer:
        writer.write(typed_rows(frame, table))


class TableWriter:
    """One table's file while it is written, block of rows by block: as many blocks as there are calls.

    Nothing but the block in hand is kept in memory. The first block says which columns there are.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None

    def write(self, rows: pa.Table) -> None:
        """Append rows in a row group of their own."""
        import pyarrow.parquet as pq

        plain = rows.replace_schema_metadata(None)
        if self._writer is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self._path, plain.schema, compression="zstd")
        self._writer.write_table(plain)

    def close(self) -> None:
        """Finish the file; without this it cannot be read."""
        if self._writer is not None:
            self._writer.close()

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def typed_rows(frame: pd.DataFrame, table: type[Table] | None) -> pa.Table:
    """Return rows in the model's types; columns that it does not know keep theirs."""
    import pyarrow as pa

    fields = []
    for name in frame.columns:
        column = table.known_columns.get(str(name)) if table else None
        plain = (
            pa.Array.from_pandas(frame[name].convert_dtypes()).type
            if column is None
            else arrow_type(column.type)
        )
        if (
            column is not None
            and column.type is ColumnType.INTEGER
            and frame[name].dtype == object
            and _holds_text(frame[name])
        ):
            plain = pa.string()  # imported data may name people by words
        fields.append(pa.field(str(name), pa.string() if pa.types.is_null(plain) else plain))
    return pa.Table.from_pandas(frame, schema=pa.schema(fields), preserve_index=False, safe=False)


def rows_of_edition(rows: pa.Table, table: type[Table], edition: Edition) -> pa.Table:
    """Return rows as a release of the programme has them: its columns only, under its names."""
    known = table.known_columns
    names = [name for name in rows.schema.names if name not in known or edition.has(known[name])]
    return rows.select(names).rename_columns(
        [edition.name_of(known[name]) if name in known else name for name in names]
    )


def without_consent(where: str, column: str) -> str:
    """Return the sentence on a table that lacks a column which consent rests on."""
    return (
        f"{where}: the column {column!r} is missing, without which consent cannot be checked: "
        "restore the table."
    )


def _absence(table: str, names: tuple[str, ...], edition: Edition) -> str:
    """Say that a table is not there, and why where the model knows it: invented, renamed, dropped or too new."""
    if table in TABLES and TABLES[table].invented:
        return (
            f"This release has no table {table!r}: it is invented for the synthetic releases, since the programme "
            "has none like it. Open a synthetic release of this gecip, or lay a table of this shape in the release."
        )
    return (
        why_no_table(table, edition)
        or f"This release has no table {table!r}{nearest(table, names)}"
    )


def _holds_text(values: pd.Series[Any]) -> bool:
    return bool(values.map(lambda value: isinstance(value, str)).any())


def column_type_of(stored: pa.DataType) -> ColumnType:
    """Return the model's type for a stored one; text where it has none."""
    import pyarrow as pa

    for belongs, column_type in (
        (pa.types.is_integer, ColumnType.INTEGER),
        (pa.types.is_floating, ColumnType.DECIMAL),
        (pa.types.is_date, ColumnType.DATE),
        (pa.types.is_timestamp, ColumnType.DATE),
        (pa.types.is_boolean, ColumnType.BOOLEAN),
    ):
        if belongs(stored):
            return column_type
    return ColumnType.TEXT


@cache
def arrow_type(column_type: ColumnType) -> pa.DataType:
    """Return the stored type for one of the model's."""
    import pyarrow as pa

    return {
        ColumnType.INTEGER: pa.int64(),
        ColumnType.DECIMAL: pa.float64(),
        ColumnType.TEXT: pa.string(),
        ColumnType.DATE: pa.date32(),
        ColumnType.BOOLEAN: pa.bool_(),
    }[column_type]
