"""One cell is made wrong at a time, in every way and every table of a synthetic release: each is reported.

Tables are mutated side by side, one cell in each, so that the release is examined once a round.
"""

from __future__ import annotations

import datetime
import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gecip.model.table import TABLES, Column, ColumnType, Table
from gecip.release.layout import newest_sample_list
from gecip.release.validation import validate_release

FEWEST_MUTATIONS = 100
NOBODY = 999_999_999


@dataclass(frozen=True)
class Mutation:
    """A way to make one cell wrong, and what must be said of it."""

    table: str
    column: str | None
    rule: str
    change: Callable[[pa.Table], pa.Table]


def with_cell(rows: pa.Table, column: str, place: int, value: Any) -> pa.Table:
    """Return the rows with one cell changed, in the column's own type."""
    at, field = rows.schema.get_field_index(column), rows.schema.field(column)
    values = rows[column].to_pylist()
    values[place] = value
    return rows.set_column(at, field, pa.array(values, type=field.type))


def as_text(rows: pa.Table, column: str) -> pa.Table:
    """Return the rows with a column as text, and one cell in it that is no number or day."""
    values = [None if one is None else str(one) for one in rows[column].to_pylist()]
    values[0] = "unknown"
    return rows.set_column(rows.schema.get_field_index(column), column, pa.array(values))


def twice(rows: pa.Table) -> pa.Table:
    """Return the rows with the first one again at the end."""
    return pa.concat_tables([rows, rows.slice(0, 1)])


def mutations_of(model: type[Table], rows: pa.Table) -> Iterator[Mutation]:
    """Yield every way in which one cell of a table can be made wrong."""
    name = model.name
    if model.key and all(column in rows.schema.names for column in model.key):
        yield Mutation(name, " and ".join(model.key), "key is unique", twice)
    for column in model.known_columns.values():
        if column.name in rows.schema.names:
            yield from _of_column(name, column, rows)
    for reference in model.references:
        if reference.column in rows.schema.names:
            kind = rows.schema.field(reference.column).type
            stranger = NOBODY if pa.types.is_integer(kind) else "nobody"
            yield _changed(name, reference.column, "reference", rows, stranger)
    for order in model.date_orders:
        column_name = order.later.rpartition(".")[2]
        if "." not in order.later and column_name in rows.schema.names:
            early = datetime.date(1900, 1, 1)
            if pa.types.is_date(rows.schema.field(column_name).type):
                yield _changed(name, column_name, "date order", rows, early)


def _of_column(table: str, column: Column, rows: pa.Table) -> Iterator[Mutation]:
    name, kind = column.name, rows.schema.field(column.name).type
    if column.values and pa.types.is_string(kind):
        yield _changed(table, name, "coding", rows, "not a code")
    if column.pattern:
        yield _changed(table, name, "code", rows, "not a code")
    if column.required and table != "participant":
        yield _changed(table, name, "value is given", rows, None)
    if column.type in (ColumnType.DATE, ColumnType.DECIMAL):
        yield Mutation(table, name, "type", lambda given: as_text(given, name))
    if name == "participant_id" and table != "participant":
        yield _changed(table, name, "reference", rows, NOBODY)


def _changed(table: str, column: str, rule: str, rows: pa.Table, value: Any) -> Mutation:
    """Return the mutation of the first cell of a column that holds something."""
    place = next((at for at, one in enumerate(rows[column].to_pylist()) if one is not None), 0)
    return Mutation(table, column, rule, lambda given: with_cell(given, column, place, value))


@pytest.fixture(scope="module")
def tables(small_release_folder: Path) -> dict[str, pa.Table]:
    return {
        file.stem: pq.read_table(file)
        for file in sorted((small_release_folder / "tables").glob("*.parquet"))
    }


@pytest.fixture
def folder(small_release_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_release_folder, tmp_path / "release"))


def test_the_release_itself_deviates_in_nothing(small_release_folder: Path) -> None:
    assert validate_release(small_release_folder) == ()


def test_every_wrong_cell_is_reported_with_table_column_and_rule(
    folder: Path, tables: dict[str, pa.Table]
) -> None:
    by_table = [
        list(mutations_of(TABLES[name], rows)) for name, rows in tables.items() if len(rows)
    ]
    assert sum(map(len, by_table)) >= FEWEST_MUTATIONS
    missed = []
    for round_of in itertools.zip_longest(*by_table):
        mutations = [one for one in round_of if one is not None]
        for one in mutations:
            pq.write_table(one.change(tables[one.table]), folder / f"tables/{one.table}.parquet")
        found = validate_release(folder)
        told = {(deviation.table, deviation.column, deviation.rule) for deviation in found}
        missed += [one for one in mutations if (one.table, one.column, one.rule) not in told]
        assert not [str(one) for one in found if str(NOBODY) in str(one)]
        for one in mutations:
            pq.write_table(tables[one.table], folder / f"tables/{one.table}.parquet")
    assert [(one.table, one.column, one.rule) for one in missed] == []
    assert validate_release(folder) == ()


def test_a_sample_that_is_not_in_the_vcf_is_reported(
    folder: Path, tables: dict[str, pa.Table]
) -> None:
    stats = tables["aggregate_gvcf_sample_stats"]
    place = folder / "tables/aggregate_gvcf_sample_stats.parquet"
    pq.write_table(with_cell(stats, "platekey", 0, "LP9999999-DNA_H12"), place)
    told = {(one.table, one.column, one.rule) for one in validate_release(folder)}
    assert ("aggregate_gvcf_sample_stats", "platekey", "sample in aggregate") in told
    pq.write_table(stats, place)
    listing = newest_sample_list(folder)
    assert listing is not None
    listing.write_text(f"{listing.read_text()}LP9999999-DNA_H12\n")
    assert {one.rule for one in validate_release(folder)} == {"listed sample"}
