"""Follow the steps that led to genotypes in the compact stores and the tables of sites beside them, without Hail.

The steps are data (`gecip.genotypes.steps`), and what the files say of a variant stands in a table in which a
gene's rows are found without a scan. So a gene that was never asked for is read in a fraction of a second,
where a job of Hail's takes seconds. Whatever cannot be told so is refused with the reason, and Hail asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from gecip.genotypes.compact import COMPACT, CONTENTS, KEY, CompactStore
from gecip.genotypes.compact_runs import CompactGenotypes, in_order
from gecip.genotypes.frequencies import COHORT
from gecip.genotypes.loaded import columns_as_in_hail
from gecip.genotypes.regions import Region, parse_regions, regions_of_genes
from gecip.genotypes.site_table import NOT_IN_COMPACT, SiteTable, bare_sites
from gecip.genotypes.site_verdicts import fields_of, verdicts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from gecip.genotypes.compact import Places
    from gecip.genotypes.genotypes import Genotypes
    from gecip.genotypes.loaded import Loaded
    from gecip.genotypes.steps import Step
    from gecip.genotypes.store import Store

    Flags = npt.NDArray[np.bool_]

PLACES = ("in_genes", "in_regions")
OF_SITES = ("with_consequence", "passing")
OPEN_STORES = 256


class NotWithoutHailError(Exception):
    """Only Hail can tell; the text says why, for `explain()`."""


def follow_in_stores(genotypes: Genotypes) -> CompactGenotypes:
    """Return what the steps leave, from the compact stores.

    Costs a look at the rows that lie in what was asked for; genotypes are read only where the cohort's own
    frequency is asked of some of the stores' people.

    Raises
    ------
    NotWithoutHailError
        When calls may differ from the stores', or the stores do not hold what a step asks of.
    """
    source = require_followable(genotypes)
    parts = [_Part(store, source, genotypes.steps) for store in source.stores]
    left_out: int | None = 0
    for part in parts:
        left_out = None if left_out is None or part.left_out is None else left_out + part.left_out
    found = CompactGenotypes(
        in_order([(part.compact, part.rows, part.columns) for part in parts]),
        columns_as_in_hail(source.columns),
        left_out,
    )
    # What depends on who is there, in its order.
    for step in genotypes.steps:
        if step.people is not None:
            found = found.keep_people(
                found.people["participant_id"].isin(list(step.people)).to_numpy()
            )
        elif _asks_cohort(step):
            found = _rare_among_themselves(found, step.parameters["below"])
    return found


def require_followable(genotypes: Genotypes) -> Loaded:
    """Return what the genotypes were loaded from, if what led to them can be followed; reads no genotype.

    Raises
    ------
    NotWithoutHailError
        As `follow_in_stores`, but for what is found only on the way.
    """
    source = genotypes.source
    if source is None or any(step.matrix is not None for step in genotypes.steps):
        raise NotWithoutHailError("they were made in plain Hail")
    if not genotypes.entries_as_loaded:
        raise NotWithoutHailError("a filter of calls looks at what is in the MatrixTable alone")
    for store in source.stores:
        if open_compact(store) is None:
            raise NotWithoutHailError("a store has no compact copy of its calls")
        if (
            any(map(_asks_of_sites, genotypes.steps))
            and not store.bare
            and open_sites(store) is None
        ):
            raise NotWithoutHailError("a store has no table of what its files say of variants")
    return source


def rows_asked_for(genotypes: Genotypes) -> tuple[int, int]:
    """Return how many variants lie in the regions that are asked for, and of how many in the stores."""
    source = require_followable(genotypes)
    stores = [open_compact(store) for store in source.stores]
    regions = _regions(source, genotypes.steps)
    inside = sum(len(_rows_within(store, regions)) for store in stores if store)
    return inside, sum(store.count[0] for store in stores if store)


def open_compact(store: Store) -> CompactStore | None:
    """Return a store's compact one, opened once for as long as it is not written anew; None where there is none."""
    contents = store.folder / COMPACT / CONTENTS
    try:
        return _open_compact(contents.parent, contents.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=OPEN_STORES)
def _open_compact(folder: Path, _: int) -> CompactStore | None:
    from gecip.errors import GenotypesError

    try:
        return CompactStore.open(folder)
    except GenotypesError:
        return None


def open_sites(store: Store) -> SiteTable | None:
    """Return a store's table of sites; None where there is none."""
    return SiteTable.open(store.folder, variants=store.variants)


def _asks_cohort(step: Step) -> bool:
    return step.operation == "rare" and step.parameters.get("source") == COHORT


def _asks_of_sites(step: Step) -> bool:
    return step.operation in OF_SITES or (step.operation == "rare" and not _asks_cohort(step))


def _regions(source: Loaded, steps: Sequence[Step]) -> list[tuple[Region, ...]]:
    """Return lists of regions, in one of each of which a row has to lie."""
    wanted = [] if source.regions is None else [source.regions]
    for step in steps:
        if step.operation in PLACES:
            genes, regions = (step.parameters.get(name) or () for name in ("genes", "regions"))
            wanted.append((*regions_of_genes(genes), *parse_regions(regions)))
    return wanted


def _rows_within(store: CompactStore, wanted: Sequence[Sequence[Region]]) -> Places:
    """Return the places of a compact store's rows that lie in a region of each list."""
    import numpy as np

    if not wanted:
        return np.arange(store.count[0])
    found: Places | None = None
    for regions in wanted:
        stretches = [
            np.arange(
                store.place_of(one.contig, one.start),
                store.place_of(one.contig, one.stop, behind=True),
            )
            for one in regions
        ]
        rows = np.unique(np.concatenate(stretches)) if stretches else np.zeros(0, dtype=np.int64)
        found = rows if found is None else np.intersect1d(found, rows, assume_unique=True)
    assert found is not None
    return found


class _Part:
    """Rows and columns of one store that the steps leave, but for those that ask who is there.

    `left_out` counts rows of the MatrixTable that are not in the compact store, None where it cannot be told.
    """

    def __init__(self, store: Store, source: Loaded, steps: Sequence[Step]) -> None:
        compact = open_compact(store)
        assert compact is not None
        self.compact = compact
        self.columns = _columns(compact, source.columns)
        regions = _regions(source, steps)
        asked = [step for step in steps if _asks_of_sites(step)]
        sites = None if store.bare else open_sites(store)
        self.left_out: int | None = 0
        if sites is not None and (asked or compact.contents["left_out"]):
            fields = [name for step in asked for name in fields_of(step, sites.fields)]
            table = sites.read(regions[0] if regions else None, fields)
            self.rows, self.left_out = _rows_by_sites(compact, table, regions, asked)
        else:
            self.rows = _rows_within(compact, regions)
            if store.bare and asked:
                table = bare_sites(compact, self.rows)
                self.rows, _ = _rows_by_sites(compact, table, regions, asked)
            elif compact.contents["left_out"]:
                self.left_out = None
        if self.left_out and any(map(_asks_cohort, steps)):
            self.left_out = None


def _columns(compact: CompactStore, people: pd.DataFrame) -> Places | None:
    """Return the places of people's samples in a compact store; None for all of them in order."""
    import numpy as np

    samples = people["sample"].tolist()
    if list(compact.samples) == samples:
        return None
    place_of = {sample: place for place, sample in enumerate(compact.samples)}
    return np.array([place_of[sample] for sample in samples], dtype=np.int64)


def _rows_by_sites(
    compact: CompactStore,
    table: pa.Table,
    regions: Sequence[Sequence[Region]],
    asked: Sequence[Step],
) -> tuple[Places, int]:
    """Return the places of the rows that lie in the regions and that the steps leave, and how many others are left."""
    import numpy as np

    kept = _within(table, regions)
    for step in asked:
        kept &= verdicts(step, table)
    places = table["place"].to_numpy()
    inside = places != NOT_IN_COMPACT
    _require_unambiguous(compact, places[inside], kept[inside])
    return np.sort(places[kept & inside]), int((kept & ~inside).sum())


def _within(table: pa.Table, wanted: Sequence[Sequence[Region]]) -> Flags:
    """Return which rows of a table of sites lie in a region of each list."""
    import numpy as np

    kept = np.ones(len(table), dtype=bool)
    if not wanted:
        return kept
    contigs = table["contig"].combine_chunks().dictionary_encode()
    codes, names = contigs.indices.to_numpy(), contigs.dictionary.to_pylist()
    positions = table["position"].to_numpy()
    for regions in wanted:
        inside = np.zeros(len(table), dtype=bool)
        for one in regions:
            if one.contig in names:
                here = codes == names.index(one.contig)
                inside |= here & (one.start <= positions) & (positions <= one.stop)
        kept &= inside
    return kept


def _require_unambiguous(compact: CompactStore, places: Places, kept: Flags) -> None:
    """Refuse rows of one key of which some are kept and others not: Hail may have them in another order."""
    import numpy as np

    if kept.all() or not kept.any():
        return
    order = np.argsort(places)
    keys = compact.variants.select(KEY).take(places[order]).to_pandas()
    alike = keys.eq(keys.shift()).all(axis=1).to_numpy()
    verdict = kept[order]
    if (alike[1:] & (verdict[1:] != verdict[:-1])).any():
        raise NotWithoutHailError("two rows have the same alleles, and the filters tell them apart")


def _rare_among_themselves(found: CompactGenotypes, below: float) -> CompactGenotypes:
    import numpy as np

    counts = found.counts
    alternates, alleles = (counts[name].to_numpy() for name in ("alternate_alleles", "alleles"))
    frequency = np.where(alleles > 0, alternates / np.maximum(alleles, 1), 0.0)
    return found.keep_variants(frequency < below)
