"""Some variants of some people in compact stores: which rows and columns of which, read in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from gecip.genotypes.compact import KEY, VARIANTS_AT_ONCE, CompactStore, PackedBlock
from gecip.genotypes.compact_writing import hail_order

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from gecip.genotypes.compact import Counts, Places


SEX_AND_MITOCHONDRION = ("chrX", "chrY", "chrM")


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """Rows of one store that follow each other in the whole: ascending places."""

    store: CompactStore
    rows: Places
    columns: Places | None


@dataclass(frozen=True, eq=False, repr=False)
class CompactGenotypes:
    """Some variants of some people, packed on disk, in the order of contig, position and alleles.

    Rows are those of `Genotypes.mt` that have one alternate allele, columns are its columns.

    Attributes
    ----------
    runs
        Rows of stores, in order.
    people
        A row for each column, with clinical columns.
    left_out
        How many rows `Genotypes.mt` has besides, with several alternates or none; None where that is not known.
    """

    runs: tuple[Run, ...]
    people: pd.DataFrame
    left_out: int | None = None

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

    def alleles_carried(self, variants_at_once: int = VARIANTS_AT_ONCE) -> Places:
        """Return how many alternate alleles each person has over all variants, a missing genotype having none."""
        import numpy as np

        from gecip.genotypes.packed import add_alleles

        totals = np.zeros(len(self.people), dtype=np.int64)
        for block in self.blocks(variants_at_once):
            add_alleles(block.packed, totals)
        return totals

    def carriers(
        self, copies: int, variants_at_once: int = VARIANTS_AT_ONCE
    ) -> npt.NDArray[np.bool_]:
        """Return who has at least so many alternate alleles, 1 or 2, of any variant: shape (people,)."""
        import numpy as np

        from gecip.genotypes.packed import mark_carriers

        carries = np.zeros(len(self.people), dtype=np.bool_)
        for block in self.blocks(variants_at_once):
            mark_carriers(block.packed, copies, carries)
        return carries

    def autosomes(self) -> CompactGenotypes:
        """Return the variants that lie on neither X, Y nor the mitochondrial chromosome."""
        import numpy as np

        contigs = self.keys["contig"].combine_chunks().dictionary_encode()
        others = np.isin(contigs.dictionary.to_pylist(), SEX_AND_MITOCHONDRION)
        codes = contigs.indices.to_numpy(zero_copy_only=False)
        return self.keep_variants(
            ~others[codes] if len(others) else np.ones(len(codes), dtype=bool)
        )

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


def whole_store(store: CompactStore, people: pd.DataFrame) -> CompactGenotypes:
    """Return all of a store; `people` has a row for each of its samples, in order."""
    return CompactGenotypes(in_order([(store, _all_rows(store), None)]), people)


def _all_rows(store: CompactStore) -> Places:
    import numpy as np

    return np.arange(store.count[0])


def in_order(
    stores: Sequence[tuple[CompactStore, Places, Places | None]],
) -> tuple[Run, ...]:
    """Cut the rows of several stores into runs that follow each other in the order of the assembly."""
    import numpy as np
    import pyarrow as pa

    stores = [one for one in stores if len(one[1])]
    if len(stores) < 2:
        return tuple(Run(*one) for one in stores)
    keys = pa.concat_tables([store.variants.select(KEY).take(rows) for store, rows, _ in stores])
    order = hail_order(keys.combine_chunks())
    owners = np.repeat(np.arange(len(stores)), [len(rows) for _, rows, _ in stores])[order]
    places = np.concatenate([rows for _, rows, _ in stores])[order]
    cuts = np.flatnonzero(np.diff(owners)) + 1
    return tuple(
        Run(stores[owner[0]][0], run, stores[owner[0]][2])
        for owner, run in zip(np.split(owners, cuts), np.split(places, cuts), strict=True)
    )
