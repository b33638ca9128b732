"""What the files say of each variant, beside the compact store: a table in which a gene's rows are found without a scan.

One Parquet file, a row for each of the MatrixTable's in its order, a column for each field:

```
contig, position, place       where, and its place in the compact store; -1 for rows that are not in it
filters                       the names in FILTER; missing where it says nothing
info/<field>                  fields of INFO that a named set of quality filters looks at
annotation/<field>            genes, consequences and frequencies: a list with a value for each consequence
```

It is written once from what Hail made of the files, so that both tell the same. A store whose files say nothing
of the kind has none, and is noted as bare: there every variant is told by its place alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.genotypes.compact import KEY, CompactStore
from gecip.genotypes.frequencies import is_frequency
from gecip.genotypes.quality_sets import QualitySet, quality_sets
from gecip.genotypes.regions import Region

if TYPE_CHECKING:
    import hail as hl
    import pyarrow as pa
    import pyarrow.parquet as pq

    from gecip.genotypes.compact import Places

SITES = "sites.parquet"
INFO, ANNOTATION, FILTERS = "info/", "annotation/", "filters"
ALWAYS = ("contig", "position", "place")
# Few enough that a gene's rows are little to read, enough that columns compress.
ROWS_AT_ONCE = 4096
# Of so many stretches or more, a look at every row is quicker than a condition for each.
MOST_STRETCHES = 64
NOT_IN_COMPACT = -1


@dataclass(frozen=True)
class SiteTable:
    """A table of sites on disk, open for reading.

    Attributes
    ----------
    path
        Where it lies.
    fields
        Its columns.
    """

    path: Path
    fields: frozenset[str]

    @classmethod
    def open(cls, store: Path, *, variants: int) -> SiteTable | None:
        """Return the table in a store of so many variants, or None where there is none that is whole."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(store / SITES) as file:
                whole = file.metadata.num_rows == variants
                fields = frozenset(file.schema_arrow.names)
        except (OSError, pa.ArrowInvalid):
            return None
        return cls(store / SITES, fields) if whole else None

    def read(self, regions: Sequence[Region] | None, fields: Sequence[str]) -> pa.Table:
        """Return the rows in any of some regions, all if not given: `contig, position, place` and those fields.

        Fields that the table has not are left out. Where there are many regions more rows may come back
        than lie within.
        """
        import pyarrow.parquet as pq

        asked = [*ALWAYS, *(name for name in dict.fromkeys(fields) if name in self.fields)]
        within = None
        if regions is not None and len(regions) < MOST_STRETCHES:
            within = [
                [("contig", "==", one.contig), ("position", ">=", one.start), ("position", "<=", one.stop)]
                for one in regions
            ]  # fmt: skip
        table = pq.read_table(self.path, columns=asked, filters=within or None, memory_map=True)
        return table if within != [] else table.slice(0, 0)


def bare_sites(compact: CompactStore, rows: Places) -> pa.Table:
    """Return what `SiteTable.read` would of some rows of a bare store: places alone."""
    table = compact.variants.select(["contig", "position"]).take(rows)
    return table.append_column("place", [rows])


def write_sites(store: Path, matrix: Path, compact: CompactStore) -> bool:
    """Write the table beside a compact store, of the rows of the MatrixTable that it belongs to.

    Return whether the store is bare, so that there is nothing to write. Where the two have not the same rows
    there is no table either. Memory: a few thousand rows.
    """
    import hail as hl

    flat = _flat(hl.read_matrix_table(str(matrix)).rows())
    told = set(flat.row) - {"contig", "position", "reference", "alternate", FILTERS}
    if not told and not compact.contents["left_out"] and not compact.contents["filtered"]:
        return True
    pieces = store / f".{SITES}.pieces"
    try:
        frame = flat.to_spark(flatten=False)
        frame.write.option("compression", "none").parquet(str(pieces))
        fits = _join(sorted(pieces.glob("part-*.parquet")), store / SITES, compact)
    finally:
        shutil.rmtree(pieces, ignore_errors=True)
    if not fits:
        (store / SITES).unlink(missing_ok=True)
    return False


def _flat(rows: hl.Table) -> hl.Table:
    """Return rows as plain columns: what filters look at, where its type is one that a column can have."""
    import hail as hl

    rows = rows.key_by()
    only = (hl.len(rows.alleles) == 2) & ~rows.alleles[1].startswith("<")
    columns: dict[str, Any] = {
        "contig": rows.locus.contig,
        "position": hl.int64(rows.locus.position),
        "reference": rows.alleles[0],
        "alternate": hl.or_missing(only, rows.alleles[1]),
    }
    if FILTERS in rows.row:
        columns[FILTERS] = hl.array(rows.filters)
    if "info" in rows.row:
        asked = {field for one in quality_sets().values() for field in _fields_of(one)}
        columns |= {
            f"{INFO}{name}": value
            for name, value in rows.info.items()
            if name in asked and _is_plain(value)
        }
    if "annotation" in rows.row:
        columns |= {
            f"{ANNOTATION}{name}": rows.annotation.map(lambda one, field=name: one[field])
            for name, dtype in rows.annotation.dtype.element_type.items()
            if (name in ("SYMBOL", "Consequence") or is_frequency(name)) and dtype in _plain_types()
        }
    return rows.select(**columns)


def _fields_of(quality: QualitySet) -> list[str]:
    return [*quality.flags, *(field for test in quality.site for field in test.fields)]


def _plain_types() -> tuple[Any, ...]:
    import hail as hl

    return (hl.tstr, hl.tint32, hl.tint64, hl.tfloat32, hl.tfloat64, hl.tbool)


def _is_plain(value: Any) -> bool:
    import hail as hl

    dtype = value.dtype
    return (dtype.element_type if isinstance(dtype, hl.tarray) else dtype) in _plain_types()


def _join(pieces: Sequence[Path], path: Path, compact: CompactStore) -> bool:
    """Put Spark's pieces behind each other, with each row's place; return whether the compact store has these rows."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer: pq.ParquetWriter | None = None
    variants = compact.variants
    before = 0
    try:
        for batch in _batches(pieces):
            inside = batch["alternate"].is_valid().to_numpy()
            count = int(inside.sum())
            here = batch.filter(pa.array(inside)).select(KEY)
            if not here.equals(variants.slice(before, count).select(KEY).combine_chunks().cast(here.schema)):  # fmt: skip
                return False
            places = np.where(inside, before + np.cumsum(inside) - 1, NOT_IN_COMPACT)
            before += count
            table = batch.drop_columns(["reference", "alternate"])
            table = table.add_column(2, "place", pa.array(places, pa.int64()))
            if writer is None:
                writer = pq.ParquetWriter(path, table.schema, compression="zstd", write_statistics=["contig", "position"])  # fmt: skip
            writer.write_table(table, row_group_size=ROWS_AT_ONCE)
    finally:
        if writer is not None:
            writer.close()
    return before == len(variants)


def _batches(pieces: Sequence[Path]) -> Iterator[pa.Table]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for piece in pieces:
        with pq.ParquetFile(piece) as file:
            for batch in file.iter_batches(ROWS_AT_ONCE):
                yield pa.Table.from_batches([batch])
