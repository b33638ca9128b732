"""Hold the tables of a release against the data model: types, codings, keys, references and the order of days.

DuckDB reads each table once for all its columns, and once more for its keys and for each other table
that it names, with bounded memory: what does not fit is laid aside on disk. Nothing but counts is
taken out of the rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from gecip.errors import GecipError
from gecip.model import nhs_gms
from gecip.model.naming import Edition, Programme
from gecip.model.table import (
    TABLES,
    Column,
    ColumnType,
    DateOrder,
    Reference,
    Sensitivity,
    Table,
)
from gecip.model.undescribed_tables import UNDESCRIBED_TABLES
from gecip.release.deviation import Deviation, Remark
from gecip.release.parquet import ParquetTables
from gecip.release.sql_names import quoted

if TYPE_CHECKING:
    import pyarrow as pa

_MEMORY = "1GB"
_MOST_NAMES = 12
_PARTICIPANT = "participant_id"
_SQL_TYPES = {
    ColumnType.INTEGER: "BIGINT",
    ColumnType.DECIMAL: "DOUBLE",
    ColumnType.TEXT: "VARCHAR",
    ColumnType.DATE: "DATE",
    ColumnType.BOOLEAN: "BOOLEAN",
}
_NOUNS = {
    ColumnType.INTEGER: "whole number",
    ColumnType.DECIMAL: "number",
    ColumnType.TEXT: "text",
    ColumnType.DATE: "date",
    ColumnType.BOOLEAN: "true or false",
}


class TableChecks:
    """The checks of a release's tables, on one connection that lasts as long as the `with` block.

    `complete` tells the programme's releases, which have all that the model requires, from data of
    one's own, which need not.
    """

    def __init__(self, tables: ParquetTables, edition: Edition, *, complete: bool) -> None:
        self._tables = tables
        self._edition = edition
        self._complete = complete
        self._schemas: dict[str, Mapping[str, pa.DataType]] = {}

    def __enter__(self) -> TableChecks:
        import duckdb

        self._aside = tempfile.TemporaryDirectory()
        self._connection = duckdb.connect()
        self._connection.execute(f"SET memory_limit = '{_MEMORY}'")
        self._connection.execute(f"SET temp_directory = {_literal(self._aside.name)}")
        self._connection.execute("SET enable_progress_bar = false")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()
        self._aside.cleanup()

    def deviations(self) -> Iterator[Deviation]:
        """Yield every deviation of every table; a file that cannot be read to its end is one itself."""
        import duckdb

        readable = [name for name in self._tables.names if self._lay_in(name)]
        for name in self._tables.names:
            place = _place(self._tables, name)
            if name not in readable:
                yield Deviation(place, "the file is damaged.", "file is whole")
                continue
            try:
                yield from self._of_table(name, place)
            except duckdb.Error:
                yield Deviation(place, "the file is damaged.", "file is whole")

    def remarks(self) -> Iterator[Remark]:
        """Yield what the model does not know, and what it knows of other releases only: kept, and no deviation."""
        for name, schema in self._schemas.items():
            place = _place(self._tables, name)
            model = TABLES.get(name)
            if model is None:
                known = (
                    "knows it by name only" if name in UNDESCRIBED_TABLES else "does not know it"
                )
                yield Remark(place, f"the data model {known}; it is kept and can be read.")
                continue
            if not self._edition.has(model):
                yield Remark(
                    place, "the list of changes does not have it in this release; it is kept."
                )
            strange = [column for column in schema if column not in model.known_columns]
            if strange:
                names = ", ".join(strange[:_MOST_NAMES])
                more = len(strange) - _MOST_NAMES
                rest = f" and {more:,} more" if more > 0 else ""
                yield Remark(
                    place,
                    f"{len(strange):,} columns that the data model does not know are kept: {names}{rest}.",
                )

    def _lay_in(self, name: str) -> bool:
        """Make a table known to the connection by its present column names; False if its file is damaged."""
        import duckdb

        try:
            schema = self._tables.dataset(name).schema
            renamed = {stored: now for now, stored in self._tables.renamed(name).items()}
            columns = ", ".join(
                f"{quoted(field.name)} AS {quoted(renamed.get(field.name, field.name))}"
                for field in schema
            )
            self._connection.execute(
                f"CREATE VIEW {quoted(name)} AS SELECT {columns} FROM read_parquet({_literal(str(self._tables.path(name)))})"
            )
        except (GecipError, duckdb.Error):
            return False
        self._schemas[name] = {renamed.get(field.name, field.name): field.type for field in schema}
        return True

    def _of_table(self, name: str, place: str) -> Iterator[Deviation]:
        model, schema = TABLES.get(name), self._schemas[name]
        person_column = model.person_column if model else _PARTICIPANT
        if person_column is not None and person_column not in schema:
            sentence = "the column that says whose rows they are is missing."
            yield Deviation(place, sentence, "column exists", column=person_column)
        if model is not None:
            yield from self._of_columns(model, place)
            yield from self._of_key(model, place)
        yield from self._of_references(name, model, place)
        if model is not None:
            for order in model.date_orders:
                yield from self._of_date_order(model, order, place)

    # -- columns ----------------------------------------------------------------------------------

    def _of_columns(self, model: type[Table], place: str) -> Iterator[Deviation]:
        """Count in one reading of the table what each column breaks, and say it in the columns' order."""
        schema = self._schemas[model.name]
        checks: list[_Check] = []
        for column in model.known_columns.values():
            if column.name not in schema:
                if column.required and self._complete and self._edition.has(column):
                    sentence = "the column is missing, and every release has it."
                    yield Deviation(place, sentence, "column exists", column=column.name)
            else:
                checks += self._checks_of(column, schema[column.name])
        counts = ", ".join(f"count(*) FILTER ({check.broken})" for check in checks)
        found = self._row(
            f"SELECT count(*){', ' if counts else ''}{counts} FROM {quoted(model.name)}"
        )
        rows = found[0]
        for check, broken in zip(checks, found[1:], strict=True):
            if broken or check.always:
                count = broken or rows
                sentence = check.sentence.format(broken=f"{broken:,}", rows=f"{rows:,}")
                if check.always and broken:
                    sentence = f"{broken:,} of {rows:,} rows hold no {check.noun}, and {sentence}"
                yield Deviation(place, sentence, check.rule, count, check.column)

    def _checks_of(self, column: Column, stored: pa.DataType) -> Iterator[_Check]:
        name = quoted(column.name)
        if not self._is_stored_as(stored, column):
            wanted = _SQL_TYPES[column.type]
            yield _Check(
                column.name,
                "type",
                f"{name} IS NOT NULL AND TRY_CAST({name} AS {wanted}) IS NULL",
                f"the column is stored as {stored}, not as {column.type.value}.",
                always=True,
                noun=_NOUNS[column.type],
            )
            return
        if column.required:
            yield _Check(
                column.name,
                "value is given",
                f"{name} IS NULL",
                "{broken} of {rows} rows have no value, and every row should.",
            )
        values = column.values
        if values and self._edition.programme is Programme.NHS_GMS:
            values = (*values, *nhs_gms.FURTHER_VALUES.get(column.name, ()))
        if values:
            listed = ", ".join(map(_literal, values))
            yield _Check(
                column.name,
                "coding",
                f"{name} NOT IN ({listed})",
                "{broken} of {rows} rows have a value that is none of "
                + _escaped(", ".join(values))
                + ".",
            )
        if column.pattern:
            yield _Check(
                column.name,
                "code",
                f"NOT regexp_full_match({name}, {_literal(column.pattern)})",
                "{broken} of {rows} rows have a code that is not written as "
                f"{_escaped(column.code_system or 'it should be')} is.",
            )

    def _is_stored_as(self, stored: pa.DataType, column: Column) -> bool:
        import pyarrow as pa

        if column.type is ColumnType.INTEGER:
            # The sister programme, and data of one's own, may name people and families by words.
            words = not self._complete or self._edition.programme is Programme.NHS_GMS
            named = words and column.sensitivity is Sensitivity.IDENTIFIER
            return pa.types.is_integer(stored) or (named and pa.types.is_string(stored))
        return {
            ColumnType.DECIMAL: pa.types.is_floating,
            ColumnType.TEXT: lambda kind: (
                pa.types.is_string(kind) or pa.types.is_large_string(kind)
            ),
            ColumnType.DATE: lambda kind: pa.types.is_date(kind) or pa.types.is_timestamp(kind),
            ColumnType.BOOLEAN: pa.types.is_boolean,
        }[column.type](stored)

    # -- keys and references ----------------------------------------------------------------------

    def _of_key(self, model: type[Table], place: str) -> Iterator[Deviation]:
        """Say where rows that should be told apart by their key are alike."""
        if not model.key or any(column not in self._schemas[model.name] for column in model.key):
            return
        columns, table = ", ".join(map(quoted, model.key)), quoted(model.name)
        repeated, rows = self._row(
            f"SELECT sum(alike) - count(*), sum(alike) FROM (SELECT count(*) AS alike FROM {table} GROUP BY {columns})"
        )
        if repeated:
            key = " and ".join(model.key)
            sentence = f"{repeated:,} of {rows:,} rows repeat the {key} of another."
            yield Deviation(place, sentence, "key is unique", int(repeated), key)

    def _of_references(
        self, name: str, model: type[Table] | None, place: str
    ) -> Iterator[Deviation]:
        """Say how many rows name somebody, or something, that the table of these does not have."""
        references = list(model.references) if model else []
        if name != "participant":
            references.insert(0, Reference(_PARTICIPANT, "participant", _PARTICIPANT))
        for reference in references:
            here = self._schemas[name].get(reference.column)
            there = self._schemas.get(reference.table, {}).get(reference.other_column)
            if here is None or there is None:
                continue
            noun, shown = {
                "participant": ("people who are", "the participant table"),
                "rare_diseases_family": ("families that are", "the family table"),
            }.get(reference.table, (f"a {reference.other_column} that is", reference.table))
            if here != there:
                sentence = f"the ids are stored as {here}, but as {there} in {shown}."
                yield Deviation(place, sentence, "reference", column=reference.column)
                continue
            column = quoted(reference.column)
            strangers, rows = self._row(
                f"SELECT count(*) FILTER ({column} IS NOT NULL AND NOT EXISTS ("
                f"SELECT 1 FROM {quoted(reference.table)} AS other WHERE other.{quoted(reference.other_column)} = rows.{column}"
                f")), count(*) FROM {quoted(name)} AS rows"
            )
            if strangers:
                sentence = f"{strangers:,} of {rows:,} rows name {noun} not in {shown}."
                yield Deviation(place, sentence, "reference", strangers, reference.column)

    # -- days -------------------------------------------------------------------------------------

    def _of_date_order(
        self, model: type[Table], order: DateOrder, place: str
    ) -> Iterator[Deviation]:
        """Say how many rows have a day, or a year, before one that it cannot precede."""
        ends = [self._end(model, end) for end in (order.earlier, order.later)]
        earlier, later = ends
        if earlier is None or later is None:
            return
        if not (earlier.is_day and later.is_day):
            earlier, later = earlier.as_year(), later.as_year()
        joins = "".join(
            f" JOIN {quoted(other)} USING ({_PARTICIPANT})"
            for other in dict.fromkeys(end.table for end in (earlier, later))
            if other != model.name
        )
        broken, rows = self._row(
            f"SELECT count(*) FILTER ({earlier.expression} > {later.expression}), count(*) FROM {quoted(model.name)}{joins}"
        )
        if broken:
            own = later if later.table == model.name else earlier
            sentence = f"in {broken:,} of {rows:,} rows {later.name} is before {earlier.name}."
            yield Deviation(place, sentence, "date order", broken, own.column)

    def _end(self, model: type[Table], end: str) -> _End | None:
        """Return one end of an order of days, or None where the release does not have it in a type for days."""
        import pyarrow as pa

        other, _, column = end.rpartition(".")
        table = other or model.name
        stored = self._schemas.get(table, {}).get(column)
        joined = {self._schemas.get(name, {}).get(_PARTICIPANT) for name in (table, model.name)}
        if stored is None or (other and (None in joined or len(joined) > 1)):
            return None
        if not (
            pa.types.is_date(stored) or pa.types.is_timestamp(stored) or pa.types.is_integer(stored)
        ):
            return None
        expression = f"{quoted(table)}.{quoted(column)}"
        is_day = not pa.types.is_integer(stored)
        if is_day:
            expression = f"CAST({expression} AS DATE)"
        return _End(table, column, end, expression, is_day=is_day)

    def _row(self, query: str) -> tuple[Any, ...]:
        row = self._connection.execute(query).fetchone()
        return tuple(value or 0 for value in row) if row else ()


@dataclass(frozen=True)
class _Check:
    """One thing that a column may break: the SQL condition of a broken row, and the sentence on them."""

    column: str
    rule: str
    broken: str
    sentence: str
    always: bool = False
    noun: str = ""


@dataclass(frozen=True)
class _End:
    """One of two days that have an order, as SQL."""

    table: str
    column: str
    name: str
    expression: str
    is_day: bool

    def as_year(self) -> _End:
        if not self.is_day:
            return self
        return _End(self.table, self.column, self.name, f"year({self.expression})", is_day=False)


def _place(tables: ParquetTables, name: str) -> str:
    return f"tables/{tables.path(name).name}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
