"""Rows of a table that a release stores under other column names than all releases are read by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gecip.release.sql_names import quoted

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds


class RenamedRows:
    """A lazy Arrow data set seen through present column names; nothing is read until it is asked for.

    It answers `schema`, `to_table` and `count_rows` as a data set does. Arrow's data sets cannot rename
    columns, so DuckDB is given the stored rows and a view on them.
    """

    def __init__(self, stored: ds.Dataset, names: Mapping[str, str]) -> None:
        self._stored = stored
        self._present = {stored_name: name for name, stored_name in names.items()}

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns by their present names, in the order in which they are stored."""
        import pyarrow as pa

        return pa.schema([field.with_name(self._name(field.name)) for field in self._stored.schema])

    def to_table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows with the given columns, by present names; all of them if not given."""
        import pyarrow.dataset as ds

        stored = {self._name(name): name for name in self._stored.schema.names}
        wanted = self.schema.names if columns is None else columns
        return self._stored.to_table(columns={name: ds.field(stored[name]) for name in wanted})

    def count_rows(self) -> int:
        """Return how many rows there are."""
        rows: int = self._stored.count_rows()
        return rows

    def register(self, connection: Any, table: str) -> None:
        """Make the rows known to a DuckDB connection as `table`."""
        stored = f"{table}, as stored"
        columns = ", ".join(
            f"{quoted(name)} AS {quoted(self._name(name))}" for name in self._stored.schema.names
        )
        connection.register(stored, self._stored)
        connection.execute(f"CREATE VIEW {quoted(table)} AS SELECT {columns} FROM {quoted(stored)}")

    def _name(self, stored: str) -> str:
        return self._present.get(stored, stored)
