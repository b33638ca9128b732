"""By what those are called who may not be read: taken from a release's files by a way of its own, not through the door."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gecip.model.table import TABLES, Sensitivity

# Shorter ones, as a number of a questionnaire, would be found in any text.
SHORTEST = 6
_WORD = re.compile(r"[A-Za-z0-9-]+(?:_[A-Z]\d\d)?")
_PICTURE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=\s]+")


@cache
def people_who_may_be_read(folder: Path) -> frozenset[Any]:
    """Return the participants with the status Consenting none of whose genomes is off the list of samples."""
    rows = pq.read_table(folder / "tables" / "participant.parquet").to_pylist()
    consenting = {
        row["participant_id"] for row in rows if row["programme_consent_status"] == "Consenting"
    }
    return frozenset(consenting - _off_the_list(folder))


def _off_the_list(folder: Path) -> set[Any]:
    (listing,) = (folder / "aggV2" / "docs").glob("*_samples.txt")
    listed = set(listing.read_text(encoding="utf-8").split())
    stats = pq.read_table(folder / "tables" / "aggregate_gvcf_sample_stats.parquet").to_pylist()
    return {row["participant_id"] for row in stats if row["platekey"] not in listed}


@cache
def names_of_withdrawn(folder: Path) -> frozenset[str]:
    """Return every identifier in a release that belongs to people who may not be read, and to nobody who may.

    Their numbers and those of families in which nobody else is left, their samples, deliveries and
    surrogate keys, and the samples that only the aggregate still holds.
    """
    readable = pa.array(sorted(people_who_may_be_read(folder)))
    theirs: set[str] = set()
    others: set[str] = set()
    for file in sorted((folder / "tables").glob("*.parquet")):
        rows = pq.read_table(file)
        if "participant_id" not in rows.schema.names:
            continue
        may = pc.is_in(
            rows["participant_id"], readable.cast(rows.schema.field("participant_id").type)
        )
        may = pc.or_(may, pc.is_null(rows["participant_id"]))
        for column in _identifiers(file.stem, rows.schema.names):
            theirs |= _words(rows.filter(pc.invert(may))[column])
            others |= _words(rows.filter(may)[column])
    named = {name for name in theirs - others if len(name) >= SHORTEST}
    return frozenset(named | _samples_of_the_aggregate(folder))


def _identifiers(table: str, columns: Iterable[str]) -> list[str]:
    model = TABLES.get(table)
    marked = model.known_columns if model else {}
    return [
        name
        for name in columns
        if name in marked and marked[name].sensitivity is Sensitivity.IDENTIFIER
    ]


def _words(column: pa.ChunkedArray) -> set[str]:
    return set(map(str, pc.unique(column).drop_null().to_pylist()))


def _samples_of_the_aggregate(folder: Path) -> set[str]:
    """Return the samples of the aggregate's files that the list of consented samples does not have."""
    import pysam

    (listing,) = (folder / "aggV2" / "docs").glob("*_samples.txt")
    listed = set(listing.read_text(encoding="utf-8").split())
    chunks = sorted((folder / "aggV2" / "genomic_data").glob("*.vcf.gz"))
    if not chunks:
        return set()
    with pysam.VariantFile(str(chunks[0])) as first:
        return set(first.header.samples) - listed


def words_of(*things: Any) -> set[str]:
    """Return the words in texts, frames and plain data that could be identifiers; pictures are left out."""
    return {
        word for thing in things for word in _WORD.findall(_text(thing)) if len(word) >= SHORTEST
    }


def _text(thing: Any) -> str:
    import pandas as pd

    if isinstance(thing, bytes):
        return _text(thing.decode("utf-8", errors="ignore"))
    if isinstance(thing, str):
        return _PICTURE.sub(" ", thing)
    if isinstance(thing, pd.DataFrame):
        columns = (thing.iloc[:, place].dropna().unique() for place in range(thing.shape[1]))
        return " ".join(str(value) for column in columns for value in column)
    return repr(thing)
