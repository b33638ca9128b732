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
from gecip.release.layout import Chunk, newest_sample_list, read_chunks, read_manifest
from gecip.release.parquet import ParquetTables

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds

# Without these no consent can be told.
NEEDED_TABLES = ("participant", "aggregate_gvcf_sample_stats")


@dataclass(frozen=True)
class Deviation:
    """One thing in which a release is not what the data model says: where, and what; never whose.

    `place` is a file of the release, `column` one of its columns where the rule is about one. `rule`
    names what was held against it, and `count` says in how many rows, samples or files it is broken.
    """

    place: str
    sentence: str
    rule: str
    count: int = 1
    column: str | None = None

    def __str__(self) -> str:
        where = self.place if self.column is None else f"{self.place}, {self.column}"
        return f"{where}: {self.sentence}"


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
            Deviation(f"tables/{missing}.parquet", "the table is missing.", "table exists")
            for missing in NEEDED_TABLES
            if missing not in tables.names
        ),
        *(
            deviation
            for table in tables.names
            for deviation in _of_table(tables, table, complete=complete)
        ),
        *_of_families(tables),
        *_of_genomes(folder, tables),
    )


def _of_table(tables: ParquetTables, name: str, *, complete: bool) -> Iterator[Deviation]:
    place = f"tables/{name}.parquet"
    model = TABLES.get(name)
    try:
        data = tables.dataset(name)
    except GecipError:
        yield Deviation(place, "the file is damaged.", "file is whole")
        return
    person_column = model.person_column if model else "participant_id"
    if person_column is not None and person_column not in data.schema.names:
        sentence = "the column that says whose rows they are is missing."
        yield Deviation(place, sentence, "column exists", column=person_column)
    if model is None:
        return
    for column in model.columns.values():
        if column.name in data.schema.names:
            yield from _of_column(place, data, column)
        elif column.required and complete:
            sentence = "the column is missing, and every release has it."
            yield Deviation(place, sentence, "column exists", column=column.name)
    yield from _of_key(place, data, model)
    if name != "participant" and "participant_id" in data.schema.names:
        yield from _of_references(place, data, tables, "participant_id", "participant")


def _of_column(place: str, data: ds.Dataset, column: Column) -> Iterator[Deviation]:
    import pyarrow.compute as pc

    stored = data.schema.field(column.name).type
    if not _is_stored_as(stored, column):
        sentence = f"the column is stored as {stored}, not as {column.type.value}."
        yield Deviation(place, sentence, "type", column=column.name)
        return
    values = data.to_table(columns=[column.name])[column.name]
    if column.required and values.null_count:
        sentence = (
            f"{values.null_count:,} of {len(values):,} rows have no value, and every row should."
        )
        yield Deviation(place, sentence, "value is given", values.null_count, column.name)
    if column.values:
        known = pc.is_in(values, value_set=_text_array(column.values))
        strange = len(values) - values.null_count - (pc.sum(known).as_py() or 0)
        if strange:
            sentence = f"{strange:,} of {len(values):,} rows have a value that is none of {', '.join(column.values)}."
            yield Deviation(place, sentence, "coding", strange, column.name)


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


def _of_key(place: str, data: ds.Dataset, model: type[Table]) -> Iterator[Deviation]:
    """Say where rows that should be told apart by their key are alike."""
    if not model.key or any(column not in data.schema.names for column in model.key):
        return
    rows = data.to_table(columns=list(model.key))
    repeated = rows.num_rows - rows.group_by(list(model.key)).aggregate([]).num_rows
    if repeated:
        sentence = f"{repeated:,} of {rows.num_rows:,} rows repeat the {' and '.join(model.key)} of another."
        yield Deviation(place, sentence, "key is unique", repeated)


def _of_references(
    place: str, data: ds.Dataset, tables: ParquetTables, column: str, other: str
) -> Iterator[Deviation]:
    """Say how many rows name somebody, or a family, that the table of these does not have."""
    import pyarrow.compute as pc

    noun = "people who" if other == "participant" else "families that"
    shown = "participant" if other == "participant" else "family"
    known = _column(tables, other, column)
    if known is None:
        return
    every = data.to_table(columns=[column])[column]
    named = every.drop_null()
    if named.type != known.type:
        sentence = f"the ids are stored as {named.type}, but as {known.type} in the {shown} table."
        yield Deviation(place, sentence, "reference", column=column)
        return
    strangers = len(named) - (pc.sum(pc.is_in(named, value_set=known)).as_py() or 0)
    if strangers:
        sentence = f"{strangers:,} of {len(every):,} rows name {noun} are not in the {shown} table."
        yield Deviation(place, sentence, "reference", strangers, column)


def _of_families(tables: ParquetTables) -> Iterator[Deviation]:
    """Say where people, and pedigrees, belong to families that the family table does not have."""
    column = "rare_diseases_family_id"
    for name in ("participant", "rare_diseases_pedigree_member"):
        if name in tables.names and _column(tables, name, column) is not None:
            place = f"tables/{name}.parquet"
            yield from _of_references(
                place, tables.dataset(name), tables, column, "rare_diseases_family"
            )


def _column(tables: ParquetTables, table: str, column: str) -> pa.Array | None:
    """Return one column of a table, or None where the release does not have it or it is damaged."""
    try:
        if table in tables.names and column in tables.dataset(table).schema.names:
            return tables.dataset(table).to_table(columns=[column])[column].combine_chunks()
    except GecipError:
        pass
    return None


def _of_genomes(folder: Path, tables: ParquetTables) -> Iterator[Deviation]:
    try:
        chunks = read_chunks(folder)
    except GecipError as error:
        yield Deviation("aggV2", str(error), "chunk list")
        return
    broken = 0
    for file in dict.fromkeys(
        file for chunk in chunks for file in (chunk.genotypes, chunk.annotation) if file
    ):
        try:
            check_whole(file)
        except InputError as error:
            broken += 1
            sentence = error.problems[0].removeprefix(str(file)).lstrip(": ,")
            yield Deviation(str(file.relative_to(folder)), sentence, "file is whole")
    listing = newest_sample_list(folder)
    if chunks and listing is None:
        sentence = "there is no list of the samples that may be used."
        yield Deviation("aggV2/docs", sentence, "sample list exists")
    if chunks and not broken:
        yield from _of_samples(folder, chunks, tables)


def _samples_of(vcf: Path) -> tuple[str, ...]:
    """Return the samples that the header of a VCF names; nothing after the header is read."""
    import gzip
    import zlib

    try:
        with gzip.open(vcf, "rt", encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith("##"):
                    return tuple(line.rstrip("\n").split("\t")[9:])
    except (OSError, EOFError, UnicodeDecodeError, zlib.error):
        pass
    return ()


def _of_samples(
    folder: Path, chunks: tuple[Chunk, ...], tables: ParquetTables
) -> Iterator[Deviation]:
    """Hold the aggregate's samples against the list of those that may be used, and against the table of them.

    The aggregate may have more: it still holds those who have withdrawn.
    """
    samples = _samples_of(chunks[0].genotypes)
    for chunk in chunks[1:]:
        if _samples_of(chunk.genotypes) != samples:
            sentence = "the samples are not those of the first chunk."
            yield Deviation(str(chunk.genotypes.relative_to(folder)), sentence, "same samples")
    present = set(samples)
    known = _column(tables, "aggregate_gvcf_sample_stats", "platekey")
    with_row = set() if known is None else set(known.to_pylist())
    lost = len(with_row - present)
    if lost:
        sentence = (
            f"{lost:,} of {len(with_row):,} rows name samples that the aggregate does not hold."
        )
        place = "tables/aggregate_gvcf_sample_stats.parquet"
        yield Deviation(place, sentence, "sample in aggregate", lost, "platekey")
    listing = newest_sample_list(folder)
    if listing is not None:
        listed = set(listing.read_text(encoding="utf-8").split())
        place = str(listing.relative_to(folder))
        for missing, where in (
            (len(listed - present), "that the aggregate does not hold"),
            (len(listed - with_row), "that no row of aggregate_gvcf_sample_stats names"),
        ):
            if missing:
                sentence = f"{missing:,} of {len(listed):,} lines name samples {where}."
                yield Deviation(place, sentence, "listed sample", missing)
