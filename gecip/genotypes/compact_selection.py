"""A cohort's genotypes out of compact stores: which rows and columns of which, ready for arithmetic."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.configuration import cache_folder
from gecip.genotypes.compact import KEY, VARIANTS_AT_ONCE, CompactStore, PackedBlock
from gecip.genotypes.compact_writing import compact_through_hail, hail_order
from gecip.genotypes.genotypes import Genotypes
from gecip.genotypes.hail_steps import StoredPart, step_of_columns, stored_parts

if TYPE_CHECKING:
    import hail as hl
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from gecip.genotypes.compact import Counts, Places


SEX_AND_MITOCHONDRION = ("chrX", "chrY", "chrM")


@dataclass(frozen=True, eq=False, repr=False)
class _Run:
    """Rows of one store that follow each other in the whole: ascending places."""

    store: CompactStore
    rows: Places
    columns: Places | None


@dataclass(frozen=True, eq=False, repr=False)
class CompactGenotypes:
    """Some variants of some people, packed on disk, in the order of contig, position and alleles.

    Rows are those of `Genotypes.mt` that have one alternate allele, columns are its columns.
    """

    runs: tuple[_Run, ...]
    people: pd.DataFrame

    @property
    def count(self) -> tuple[int, int]:
        """The number of variants and of people."""
        return sum(len(run.rows) for run in self.runs), len(self.people)

    @cached_property
    def variants(self) -> pd.DataFrame:
        """`contig, position, reference, alternate`, one row for each variant, in order."""
        frame: pd.DataFrame = self.keys.to_pandas()
        return frame

    @cached_property
    def keys(self) -> pa.Table:
        """The same as an Arrow table, which costs next to nothing to make."""
        return self._columns(KEY)

    @cached_property
    def counts(self) -> pd.DataFrame:
        """`alternate_alleles, alleles, missing, haploid` among these people, one row for each variant.

        `alleles` are the alleles that were called, two for a diploid genotype and one for a haploid one;
        `missing` are people without a genotype; `haploid` are people with one copy. Where all of the
        store's people are here this was counted when it was written; else the genotypes are read once.
        """
        import numpy as np
        import pandas as pd

        from gecip.genotypes.packed import count_genotypes

        names = ["alternate_alleles", "alleles", "missing", "haploid"]
        if all(run.columns is None for run in self.runs):
            frame: pd.DataFrame = self._columns(names).to_pandas()
            return frame
        counts = np.zeros((self.count[0], 4), dtype=np.int32)
        for block in self.blocks():
            these = slice(block.start, block.start + len(block.packed))
            counts[these] = count_genotypes(block.packed, block.haploid, block.people)
        return pd.DataFrame(counts, columns=names)

    def blocks(self, variants_at_once: int = VARIANTS_AT_ONCE) -> Iterator[PackedBlock]:
        """Yield the genotypes in blocks of variants, in order, with at most so many at once."""
        start = 0
        for run in self.runs:
            for block in run.store.blocks(variants_at_once, rows=run.rows, columns=run.columns):
                yield block._replace(start=start + block.start)
            start += len(run.rows)

    def dosages(self, variants_at_once: int = VARIANTS_AT_ONCE) -> Iterator[tuple[int, Counts]]:
        """Yield the place of a block's first variant, and alternate alleles as `PackedBlock.dosages` has them."""
        for block in self.blocks(variants_at_once):
            yield block.start, block.dosages()

    def keep_variants(self, kept: npt.NDArray[np.bool_]) -> CompactGenotypes:
        """Return some of the variants: those where `kept`, of the length of `variants`, is true."""
        runs, start = [], 0
        for run in self.runs:
            here = kept[start : start + len(run.rows)]
            start += len(run.rows)
            if here.any():
                runs.append(replace(run, rows=run.rows[here]))
        return replace(self, runs=tuple(runs))

    def keep_people(self, kept: npt.NDArray[np.bool_]) -> CompactGenotypes:
        """Return some of the people: those where `kept`, of the length of `people`, is true."""
        import numpy as np

        places = np.flatnonzero(kept)
        runs = tuple(
            replace(run, columns=places if run.columns is None else run.columns[places])
            for run in self.runs
        )
        return replace(self, runs=runs, people=self.people[kept].reset_index(drop=True))

    def _columns(self, names: Sequence[str]) -> pa.Table:
        import pyarrow as pa

        from gecip.genotypes.compact_writing import no_variants

        tables = [run.store.variants.select(names).take(run.rows) for run in self.runs]
        return pa.concat_tables(tables or [no_variants().select(names)]).combine_chunks()

    def __repr__(self) -> str:
        variants, people = self.count
        return f"CompactGenotypes(variants={variants:,}, people={people:,})"


# What was found or made for genotypes, for as long as somebody holds these.
_FOUND: weakref.WeakKeyDictionary[Genotypes, CompactGenotypes] = weakref.WeakKeyDictionary()
_PEOPLE = "_gecip_people"


def people_of(genotypes: Genotypes) -> pd.DataFrame:
    """Return the columns of `Genotypes.mt` with their clinical columns, one row for each; do not change it.

    Hail is asked once for all genotypes that differ in rows and entries only: what it says is kept at the
    step of Hail's plan that they share.
    """
    step = step_of_columns(genotypes.mt)
    people: pd.DataFrame | None = getattr(step, _PEOPLE, None)
    if people is None:
        people = genotypes.mt.key_cols_by().cols().to_pandas()
        setattr(step, _PEOPLE, people)
    return people


def compact_genotypes(genotypes: Genotypes) -> CompactGenotypes:
    """Return the genotypes as packed rows and columns on disk, to be read in blocks without Hail.

    Where calls are as they were loaded they come from the stores, and Hail is asked for the columns and,
    if rows were dropped by what only it can compute, for the keys of those left. Where calls may have
    been changed, Hail exports them once into the cache; that costs about as much as reading them twice,
    takes a quarter of a byte for each on disk, and is removed with `genotypes`. Asked again for the same
    object, the answer is there.
    """
    found = _FOUND.get(genotypes)
    if found is None:
        people = people_of(genotypes)
        parts = stored_parts(genotypes.mt)
        runs = None if parts is None else _runs(genotypes.mt, parts, people)
        if runs is None:
            found = whole_store(_through_hail(genotypes), people)
        else:
            found = CompactGenotypes(runs, people)
        _FOUND[genotypes] = found
    return found


def whole_store(store: CompactStore, people: pd.DataFrame) -> CompactGenotypes:
    """Return all of a store; `people` has a row for each of its samples, in order."""
    return CompactGenotypes(_in_order([(store, _all_rows(store), None)]), people)


def _through_hail(genotypes: Genotypes) -> CompactStore:
    scratch = cache_folder() / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    folder = tempfile.TemporaryDirectory(dir=scratch, prefix="compact-", ignore_cleanup_errors=True)
    try:
        store = compact_through_hail(Path(folder.name, "store"), genotypes.mt)
    except BaseException:
        folder.cleanup()
        raise
    weakref.finalize(genotypes, folder.cleanup)
    return store


def _runs(
    mt: hl.MatrixTable, parts: Sequence[StoredPart], people: pd.DataFrame
) -> tuple[_Run, ...] | None:
    """Return the rows and columns of each store that a MatrixTable holds, or None if it cannot be told."""
    import numpy as np

    columns = _columns_of(parts, people)
    if columns is None:
        return None
    rows = [_rows_in(part) for part in parts]
    if any(part.rows_dropped for part in parts):
        left = _matched(mt, parts, rows)
        if left is None:
            return None
        rows = left
    stores = []
    for part, kept, chosen in zip(parts, rows, columns, strict=True):
        whole = chosen is None or (
            len(chosen) == part.store.count[1] and (chosen == np.arange(len(chosen))).all()
        )
        stores.append((part.store, kept, None if whole else chosen))
    return _in_order(stores)


def _all_rows(store: CompactStore) -> Places:
    import numpy as np

    return np.arange(store.count[0])


def _columns_of(parts: Sequence[StoredPart], people: pd.DataFrame) -> list[Places | None] | None:
    """Return the places of people in each store; None where a filter of people cannot be followed."""
    import numpy as np

    columns = [None if part.columns is None else np.array(part.columns) for part in parts]
    befores = {id(part.before_people_were_dropped): part.before_people_were_dropped for part in parts}  # fmt: skip
    if len(befores) > 1:
        return None
    (before,) = befores.values()
    if before is None:
        return columns
    places = _places_before(before, people)
    if places is None:
        return None
    return [places if chosen is None else chosen[places] for chosen in columns]


def _places_before(before: Any, people: pd.DataFrame) -> Places | None:
    import hail as hl
    import pandas as pd

    mt = hl.MatrixTable(before)
    if "participant_id" not in mt.col:
        return None
    index = pd.Index(mt.participant_id.collect())
    if not index.is_unique or not people["participant_id"].is_unique:
        return None
    places = index.get_indexer(people["participant_id"])
    return None if (places < 0).any() else places


def _rows_in(part: StoredPart) -> Places:
    """Return the places of a store's rows that lie in the intervals."""
    import numpy as np

    variants = part.store.variants
    kept = np.ones(len(variants), dtype=bool)
    if part.only_autosomes:
        contigs = variants["contig"].combine_chunks().dictionary_encode()
        named = np.isin(contigs.dictionary.to_pylist(), SEX_AND_MITOCHONDRION)
        kept = ~named[contigs.indices.to_numpy()]
    for intervals, keep in part.intervals:
        inside = np.zeros(len(variants), dtype=bool)
        for interval in intervals:
            inside[_stretch(part.store, interval)] = True
        kept &= inside if keep else ~inside
    return np.flatnonzero(kept)


def _stretch(store: CompactStore, interval: Any) -> slice:
    """Return where a store's variants within one of Hail's intervals of loci lie."""
    ends = []
    for end, behind in ((interval.start, not interval.includes_start), (interval.end, interval.includes_end)):  # fmt: skip
        locus = end["locus"]
        ends.append(store.place_of(locus.contig, locus.position, behind=behind))
    return slice(*ends)


def _matched(
    mt: hl.MatrixTable, parts: Sequence[StoredPart], rows: Sequence[Places]
) -> list[Places] | None:
    """Return those of the rows that Hail has left, by their keys; None where keys do not tell."""
    import numpy as np
    import pandas as pd

    left = pd.MultiIndex.from_frame(_keys_left(mt))
    frames = [part.store.variants.select(KEY).take(kept).to_pandas() for part, kept in zip(parts, rows, strict=True)]  # fmt: skip
    here = pd.MultiIndex.from_frame(pd.concat(frames, ignore_index=True))
    chosen = here.isin(left)
    # Of rows with one key some may be left and others not: then the key does not tell which.
    if chosen.sum() != len(left):
        return None
    bounds = np.cumsum([0, *map(len, rows)])
    return [kept[chosen[a:b]] for kept, a, b in zip(rows, bounds, bounds[1:], strict=False)]


def _keys_left(mt: hl.MatrixTable) -> pd.DataFrame:
    """Return the keys of rows with one alternate allele, through a file: Hail hands rows over slowly."""
    import hail as hl
    import pyarrow as pa
    from pyarrow import csv

    rows = mt.rows().key_by()
    rows = rows.filter((hl.len(rows.alleles) == 2) & ~rows.alleles[1].startswith("<"))
    rows = rows.select(
        contig=rows.locus.contig, position=rows.locus.position,
        reference=rows.alleles[0], alternate=rows.alleles[1],
    )  # fmt: skip
    scratch = cache_folder() / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="rows-") as folder:
        path = Path(folder, "rows.tsv")
        rows.export(str(path), header=False)
        types = {name: pa.string() for name in KEY} | {"position": pa.int64()}
        if not path.stat().st_size:
            return pa.schema(list(types.items())).empty_table().to_pandas()
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(column_names=KEY),
            parse_options=csv.ParseOptions(delimiter="\t"),
            convert_options=csv.ConvertOptions(column_types=types, strings_can_be_null=False),
        )
    return table.to_pandas()


def _in_order(
    stores: Sequence[tuple[CompactStore, Places, Places | None]],
) -> tuple[_Run, ...]:
    """Cut the rows of several stores into runs that follow each other in the order of the assembly."""
    import numpy as np
    import pyarrow as pa

    stores = [one for one in stores if len(one[1])]
    if len(stores) < 2:
        return tuple(_Run(*one) for one in stores)
    keys = pa.concat_tables([store.variants.select(KEY).take(rows) for store, rows, _ in stores])
    order = hail_order(keys.combine_chunks())
    owners = np.repeat(np.arange(len(stores)), [len(rows) for _, rows, _ in stores])[order]
    places = np.concatenate([rows for _, rows, _ in stores])[order]
    cuts = np.flatnonzero(np.diff(owners)) + 1
    return tuple(
        _Run(stores[owner[0]][0], run, stores[owner[0]][2])
        for owner, run in zip(np.split(owners, cuts), np.split(places, cuts), strict=True)
    )
