"""Compare a release with the data model, and list where it deviates.

The model names more columns than any one release has, and a release may have more than the model
names; neither is a deviation. What a table must have, in which type and coding, is held against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gecip.audit import EVERYBODY, record_reading
from gecip.configuration import role
from gecip.errors import GecipError, InputError
from gecip.model.naming import edition_of
from gecip.release.bgzip import check_whole
from gecip.release.catalogue import find_release
from gecip.release.deviation import Deviation, Remark
from gecip.release.layout import Chunk, newest_sample_list, read_chunks, read_manifest
from gecip.release.parquet import ParquetTables
from gecip.release.readers import require_open
from gecip.release.table_checks import TableChecks

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Deviation", "Examination", "Remark", "examine_release", "validate_release"]

# Without these no consent can be told.
NEEDED_TABLES = ("participant", "aggregate_gvcf_sample_stats")


@dataclass(frozen=True)
class Examination:
    """What was found in a release: where it deviates from the data model, and what else is worth knowing."""

    deviations: tuple[Deviation, ...]
    remarks: tuple[Remark, ...]


def validate_release(name: str | Path) -> tuple[Deviation, ...]:
    """Return every deviation of a release from the data model; an empty tuple if there is none.

    Reads each table a few times, with at most a gigabyte of memory, and the ends of the genomes'
    files, so that it takes seconds for a real release's tables. The tables are read with everybody's
    rows, whatever they consented to, since a release is whole or not: nothing but counts is taken out
    of them, and the audit log has a line for each.

    Parameters
    ----------
    name
        A release folder or the name of a release.

    Raises
    ------
    ReleaseError
        When there is no such release, or its manifest cannot be read.
    AccessError
        When the release is closed to the user's role.
    ConfigurationError
        When the audit log cannot be written.
    """
    return examine_release(name).deviations


def examine_release(name: str | Path) -> Examination:
    """Return every deviation of a release from the data model, and remarks on what the model does not know.

    Tables and columns that the model does not know are kept and can be read: they are remarked on.
    For what it reads and raises see `validate_release`.
    """
    folder = find_release(name)
    manifest = read_manifest(folder)
    require_open(manifest, role())
    edition = edition_of(manifest.version, manifest.folder)
    tables = ParquetTables(folder / "tables", edition)
    missing = [
        Deviation(f"tables/{needed}.parquet", "the table is missing.", "table exists")
        for needed in NEEDED_TABLES
        if needed not in tables.names
    ]
    for table in tables.names:
        record_reading(
            "table", table, release=manifest.name, version=manifest.version, consent=EVERYBODY
        )
    # A user's own table of people need not have what only the programme records.
    with TableChecks(tables, edition, complete=manifest.origin != "import") as checks:
        found = list(checks.deviations())
        remarks = list(checks.remarks())
    for one in _of_genomes(folder, tables):
        if isinstance(one, Deviation):
            found.append(one)
        else:
            remarks.append(one)
    return Examination((*missing, *found), tuple(remarks))


def _column(tables: ParquetTables, table: str, column: str) -> pa.Array | None:
    """Return one column of a table, or None where the release does not have it or it is damaged."""
    try:
        if table in tables.names:
            stored = tables.renamed(table).get(column, column)
            if stored in tables.dataset(table).schema.names:
                return tables.dataset(table).to_table(columns=[stored])[stored].combine_chunks()
    except GecipError:
        pass
    return None


def _of_genomes(folder: Path, tables: ParquetTables) -> Iterator[Deviation | Remark]:
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
) -> Iterator[Deviation | Remark]:
    """Hold the aggregate's samples against the list of those that may be used, and against the table of them.

    The aggregate may have more: it still holds those who have withdrawn, so that these are remarked on only.
    """
    samples = _samples_of(chunks[0].genotypes)
    for chunk in chunks[1:]:
        if _samples_of(chunk.genotypes) != samples:
            sentence = "the samples are not those of the first chunk."
            yield Deviation(str(chunk.genotypes.relative_to(folder)), sentence, "same samples")
    present = set(samples)
    first = str(chunks[0].genotypes.relative_to(folder))
    repeated = sum(count - 1 for count in Counter(samples).values())
    if repeated:
        sentence = f"{repeated:,} of {len(samples):,} samples repeat the name of another."
        yield Deviation(first, sentence, "sample is unique", repeated)
    known = _column(tables, "aggregate_gvcf_sample_stats", "platekey")
    with_row = set() if known is None else set(known.to_pylist())
    lost = len(with_row - present)
    if lost:
        sentence = (
            f"{lost:,} of {len(with_row):,} rows name samples that the aggregate does not hold."
        )
        place = "tables/aggregate_gvcf_sample_stats.parquet"
        yield Deviation(place, sentence, "sample in aggregate", lost, "platekey")
    unknown = len(present - with_row)
    if unknown and known is not None:
        yield Remark(
            first,
            f"{unknown:,} of {len(present):,} samples are in no row of aggregate_gvcf_sample_stats, as those who withdrew are.",
        )
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
