"""Clinical tables as Parquet files, one file a table; the only code that opens them."""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.errors import ReleaseError, UnknownTableError
from gecip.model.table import TABLES, ColumnType, Table, nearest

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.dataset as ds


class ParquetTables:
    """The tables in one folder, unfiltered: `Release` stands in front of it and keeps the consenting."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._datasets: dict[str, ds.Dataset] = {}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the tables, sorted."""
        return tuple(
            sorted(
                path.stem
                for path in self._folder.glob("*.parquet")
                if not path.name.startswith(".")
            )
        )

    def dataset(self, table: str) -> ds.Dataset:
        """Return a table as a lazy data set.

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
            raise UnknownTableError(_absence(table, self.names))
        if table not in self._datasets:
            try:
                self._datasets[table] = ds.dataset(
                    self._folder / f"{table}.parquet", format="parquet"
                )
            except (pa.ArrowInvalid, OSError):
                raise ReleaseError(
                    f"{self._folder / table}.parquet: this file is damaged: make or import the release again."
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
        data = self.dataset(table)
        missing = [column for column in (key, value) if column not in data.schema.names]
        if missing:
            raise ReleaseError(
                f"{self._folder / table}.parquet: the column {missing[0]!r} is missing, without which consent "
                "cannot be checked: restore the table."
            )
        columns = data.to_table(columns=[key, value])
        return dict(zip(columns[key].to_pylist(), columns[value].to_pylist(), strict=True))


def write_table(frame: pd.DataFrame, path: Path, *, table: type[Table] | None) -> None:
    """Write one clinical table as Parquet in the model's types; unknown columns are kept as they are.

    The same rows give the same bytes: no time stamp or writer's name goes into the file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    fields = []
    for name in frame.columns:
        column = table.columns.get(str(name)) if table else None
        plain = (
            pa.Array.from_pandas(frame[name].convert_dtypes()).type
            if column is None
            else _arrow_type(column.type)
        )
        if (
            column is not None
            and column.type is ColumnType.INTEGER
            and frame[name].dtype == object
            and _holds_text(frame[name])
        ):
            plain = pa.string()  # imported data may name people by words
        fields.append(pa.field(str(name), pa.string() if pa.types.is_null(plain) else plain))
    rows = pa.Table.from_pandas(frame, schema=pa.schema(fields), preserve_index=False, safe=False)
    pq.write_table(rows.replace_schema_metadata(None), path, compression="zstd")


def _absence(table: str, names: tuple[str, ...]) -> str:
    """Say that a table is not there, and for one that no real release has, that it is invented."""
    if table in TABLES and TABLES[table].invented:
        return (
            f"This release has no table {table!r}: it is invented for the synthetic releases, since the programme "
            "has none like it. Open a synthetic release of this gecip, or lay a table of this shape in the release."
        )
    return f"This release has no table {table!r}{nearest(table, names)}"


def _holds_text(values: pd.Series[Any]) -> bool:
    return bool(values.map(lambda value: isinstance(value, str)).any())


@cache
def _arrow_type(column_type: ColumnType) -> pa.DataType:
    import pyarrow as pa

    return {
        ColumnType.INTEGER: pa.int64(),
        ColumnType.DECIMAL: pa.float64(),
        ColumnType.TEXT: pa.string(),
        ColumnType.DATE: pa.date32(),
        ColumnType.BOOLEAN: pa.bool_(),
    }[column_type]
