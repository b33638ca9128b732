"""Compare a release with the data model, and list where it deviates.

The model names more columns than any one release has, and a release may have more than the model
names; neither is a deviation. What a table must have, in which type and coding, is held against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gecip.errors import GecipError, InputError
from gecip.model.table import TABLES, Column, ColumnType, Sensitivity, Table
from gecip.release.bgzip import check_whole
from gecip.release.catalogue import find_release
from gecip.release.layout import newest_sample_list, read_chunks, read_manifest
from gecip.release.parquet import ParquetTables

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds

# Without these no consent can be told.
NEEDED_TABLES = ("participant", "aggregate_gvcf_sample_stats")


@dataclass(frozen=True)
class Deviation:
    """One thing in which a release is not what the data model says: where, and what; never whose."""

    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


def validate_release(name: str | Path) -> tuple[Deviation, ...]:
    """Return every deviation of a release from the data model; an empty tuple if there is none.

    Reads each table once, a column at a time, and the ends of the genomes' files, so that it takes
    seconds for a real release's tables.

    Parameters
    ----------
    name
        A release folder or the name of a release.

    Raises
    ------
    ReleaseError
        When there is no such release, or its manifest cannot be read.
    """
    folder = find_release(name)
    # A user's own table of people need not have what only the programme records.
    complete = read_manifest(folder).origin != "import"
    tables = ParquetTables(folder / "tables")
    return (
        *(
            Deviation(f"tables/{missing}.parquet", "the table is missing.")
            for missing in NEEDED_TABLES
            if missing not in tables.names
        ),
        *(
            deviation
            for table in tables.names
            for deviation in _of_table(tables, table, complete=complete)
        ),
        *_of_genomes(folder),
    )


def _of_table(tables: ParquetTables, name: str, *, complete: bool) -> Iterator[Deviation]:
    place = f"tables/{name}.parquet"
    model = TABLES.get(name)
    try:
        data = tables.dataset(name)
    except GecipError:
        yield Deviation(place, "the file is damaged.")
        return
    person_column = model.person_column if model else "participant_id"
    if person_column is not None and person_column not in data.schema.names:
        yield Deviation(
            f"{place}, {person_column}", "the column that says whose rows they are is missing."
        )
    if model is None:
        return
    yield from _of_columns(place, data, model, complete=complete)
    for sentence in _of_key(data, model):
        yield Deviation(place, sentence)
    if name != "participant" and "participant_id" in data.schema.names:
        for sentence in _of_people(data, tables):
            yield Deviation(f"{place}, participant_id", sentence)


def _of_columns(
    place: str, data: ds.Dataset, model: type[Table], *, complete: bool
) -> Iterator[Deviation]:
    for column in model.columns.values():
        if column.name in data.schema.names:
            for sentence in _of_column(data, column):
                yield Deviation(f"{place}, {column.name}", sentence)
        elif column.required and complete:
            yield Deviation(
                f"{place}, {column.name}", "the column is missing, and every release has it."
            )


def _of_column(data: ds.Dataset, column: Column) -> Iterator[str]:
    import pyarrow.compute as pc

    if not _is_stored_as(data.schema.field(column.name).type, column):
        yield f"the column is stored as {data.schema.field(column.name).type}, not as {column.type.value}."
        return
    values = data.to_table(columns=[column.name])[column.name]
    if column.required and values.null_count:
        yield f"{values.null_count:,} of {len(values):,} rows have no value, and every row should."
    if column.values:
        known = pc.is_in(values, value_set=_text_array(column.values))
        strange = len(values) - values.null_count - (pc.sum(known).as_py() or 0)
        if strange:
            yield f"{strange:,} of {len(values):,} rows have a value that is none of {', '.join(column.values)}."


def _is_stored_as(stored: pa.DataType, column: Column) -> bool:
    import pyarrow as pa

    if column.type is ColumnType.INTEGER:
        # Imported data may name people and families by words.
        words = column.sensitivity is Sensitivity.IDENTIFIER and pa.types.is_string(stored)
        return words or pa.types.is_integer(stored)
    return {
        ColumnType.DECIMAL: pa.types.is_floating,
        ColumnType.TEXT: lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
        ColumnType.DATE: lambda kind: pa.types.is_date(kind) or pa.types.is_timestamp(kind),
        ColumnType.BOOLEAN: pa.types.is_boolean,
    }[column.type](stored)


def _text_array(values: tuple[str, ...]) -> pa.Array:
    import pyarrow as pa

    return pa.array(values, type=pa.string())


def _of_key(data: ds.Dataset, model: type[Table]) -> Iterator[str]:
    """Say where rows that should be told apart by their key are alike."""
    if not model.key or any(column not in data.schema.names for column in model.key):
        return
    rows = data.to_table(columns=list(model.key))
    distinct = rows.group_by(list(model.key)).aggregate([]).num_rows
    if distinct < rows.num_rows:
        yield f"{rows.num_rows - distinct:,} of {rows.num_rows:,} rows repeat the {' and '.join(model.key)} of another."


def _of_people(data: ds.Dataset, tables: ParquetTables) -> Iterator[str]:
    """Say how many rows name somebody who is not in the participant table."""
    import pyarrow.compute as pc

    if "participant" not in tables.names:
        return
    people = tables.dataset("participant")
    if "participant_id" not in people.schema.names:
        return
    known = people.to_table(columns=["participant_id"])["participant_id"].combine_chunks()
    named = data.to_table(columns=["participant_id"])["participant_id"].drop_null()
    if named.type != known.type:
        yield f"the ids are stored as {named.type}, but as {known.type} in the participant table."
        return
    strangers = len(named) - (pc.sum(pc.is_in(named, value_set=known)).as_py() or 0)
    if strangers:
        yield f"{strangers:,} of {len(data.to_table(columns=['participant_id'])):,} rows name people who are not in the participant table."


def _of_genomes(folder: Path) -> Iterator[Deviation]:
    try:
        chunks = read_chunks(folder)
    except GecipError as error:
        yield Deviation("aggV2", str(error))
        return
    for file in dict.fromkeys(
        file for chunk in chunks for file in (chunk.genotypes, chunk.annotation) if file
    ):
        try:
            check_whole(file)
        except InputError as error:
            yield Deviation(
                str(file.relative_to(folder)),
                error.problems[0].removeprefix(str(file)).lstrip(": ,"),
            )
    if chunks and newest_sample_list(folder) is None:
        yield Deviation("aggV2/docs", "there is no list of the samples that may be used.")
