"""A release's tables as views of a DuckDB database in memory: consenting people's rows, read when they are asked for."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.release.late_records import LateRecords
from gecip.release.sql_names import quoted

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class ConsentRule:
    """A stored column of a table that says whose rows they are, and whether it may be empty."""

    column: str
    person_key: str
    may_be_missing: bool = False


@dataclass
class ConsentingViews:
    """One database for a release, made at the first question and kept: later questions find their views there.

    It knows nothing of the release, so that one that nobody holds any more is forgotten at once.
    """

    _made: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _database: Any = None

    def cursor(self) -> Any:
        """Return a connection to the database; it stays inside, as it could read other files too."""
        import duckdb

        with self._lock:
            if self._database is None:
                self._database = duckdb.connect()
            return self._database.cursor()

    def add(
        self,
        name: str,
        path: Path,
        *,
        columns: Mapping[str, str],
        rules: Sequence[ConsentRule],
        keys_of: Callable[[str], pa.Table],
        late: LateRecords | None = None,
    ) -> None:
        """Make a table known, if it is not yet.

        Parameters
        ----------
        path
            The Parquet file.
        columns
            Stored columns by the names that they go by now.
        rules
            By which columns the rows of consenting people are told.
        keys_of
            Gives the keys of consenting people by their kind, as a table of one column `key`.
        late
            Which rows are of a time after a parent's consent had expired, if any are.
        """
        cursor = self.cursor()
        with self._lock:
            if name in self._made:
                return
            conditions = [self._condition(cursor, rule, keys_of(rule.person_key)) for rule in rules]
            if late is not None:
                conditions.append(self._in_time(cursor, late))
            listed = ", ".join(
                f"{quoted(stored)} AS {quoted(present)}" for present, stored in columns.items()
            )
            where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
            file = str(path).replace("'", "''")
            cursor.execute(
                f"CREATE VIEW {quoted(name)} AS SELECT {listed} FROM read_parquet('{file}'){where}"
            )
            self._made.add(name)

    def _in_time(self, cursor: Any, late: LateRecords) -> str:
        import pyarrow as pa

        keys = {year: f"followed up to {year}" for year in late.people}
        for year, people in late.people.items():
            self._keep(cursor, keys[year], pa.table({"key": people}))
        return late.condition(keys)

    def _keep(self, cursor: Any, kept: str, keys: pa.Table) -> None:
        """Make a table of keys, if it has not been made."""
        if kept not in self._made:
            cursor.register("arriving", keys)
            cursor.execute(f"CREATE TABLE {quoted(kept)} AS SELECT key FROM arriving")
            cursor.unregister("arriving")
            self._made.add(kept)

    def _condition(self, cursor: Any, rule: ConsentRule, keys: pa.Table) -> str:
        kept = f"consenting by {re.sub(r'[^a-z_]', ' ', rule.person_key)}"
        self._keep(cursor, kept, keys)
        if not len(keys):
            # Without anybody there is no type of key to compare with.
            condition = "false"
        else:
            condition = f"{quoted(rule.column)} IN (SELECT key FROM {quoted(kept)})"
        if rule.may_be_missing:
            return f"({quoted(rule.column)} IS NULL OR {condition})"
        return condition
