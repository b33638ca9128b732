"""A cohort's genotypes out of compact stores: which rows and columns of which, ready for arithmetic."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.configuration import cache_folder
from gecip.genotypes.compact import KEY, CompactStore
from gecip.genotypes.compact_runs import (
    SEX_AND_MITOCHONDRION,
    CompactGenotypes,
    Run,
    in_order,
    whole_store,
)
from gecip.genotypes.compact_writing import compact_through_hail
from gecip.genotypes.genotypes import Genotypes
from gecip.genotypes.hail_steps import StoredPart, step_of_columns, stored_parts
from gecip.genotypes.loaded import columns_as_in_hail
from gecip.genotypes.step_selection import NotWithoutHailError, follow_in_stores

if TYPE_CHECKING:
    import hail as hl
    import pandas as pd

    from gecip.genotypes.compact import Places


# What was found or made for genotypes, for as long as somebody holds these.
_FOUND: weakref.WeakKeyDictionary[Genotypes, CompactGenotypes] = weakref.WeakKeyDictionary()
_PEOPLE = "_gecip_people"


def people_of(genotypes: Genotypes) -> pd.DataFrame:
    """Return the columns of `Genotypes.mt` with their clinical columns, one row for each; do not change it.

    Hail is asked only where they are not known, and once for all genotypes that differ in rows and entries
    only: what it says is kept at the step of Hail's plan that they share.
    """
    if genotypes.columns is not None:
        return columns_as_in_hail(genotypes.columns)
    step = step_of_columns(genotypes.mt)
    people: pd.DataFrame | None = getattr(step, _PEOPLE, None)
    if people is None:
        people = genotypes.mt.key_cols_by().cols().to_pandas()
        setattr(step, _PEOPLE, people)
    return people


def compact_genotypes(genotypes: Genotypes) -> CompactGenotypes:
    """Return the genotypes as packed rows and columns on disk, to be read in blocks without Hail.

    Where calls are as they were loaded they come from the stores: without Hail where all that was done
    is known as steps; else Hail is asked for the columns and, if rows were dropped by what only it can
    compute, for the keys of those left. Where calls may have been changed, Hail exports them once into
    the cache; that costs about as much as reading them twice, takes a quarter of a byte for each on
    disk, and is removed with `genotypes`. Asked again for the same object, the answer is there.
    """
    found = _FOUND.get(genotypes)
    if found is None:
        try:
            found = follow_in_stores(genotypes)
        except NotWithoutHailError:
            found = _by_plan(genotypes)
        _FOUND[genotypes] = found
    return found


def _by_plan(genotypes: Genotypes) -> CompactGenotypes:
    people = people_of(genotypes)
    parts = stored_parts(genotypes.mt)
    runs = None if parts is None else _runs(genotypes.mt, parts, people)
    if runs is None:
        return whole_store(_through_hail(genotypes), people)
    return CompactGenotypes(runs, people)


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
) -> tuple[Run, ...] | None:
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
    return in_order(stores)


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
