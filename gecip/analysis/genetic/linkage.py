"""Linkage pruning: a set of variants of which no two near each other tell the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.analysis.genetic.engine import Engine, choose_engine
from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.genotypes import Genotypes
    from gecip.genotypes.compact_runs import CompactGenotypes

    Flags = npt.NDArray[np.bool_]

# The programme's own for its high-quality sites (Research Environment user guide, principal components).
R2_BELOW = 0.1
WINDOW = 500_000


@dataclass(frozen=True, repr=False, eq=False)
class PrunedSites(Result):
    """Variants out of linkage.

    `kept` has `contig, position, reference, alternate` of each in order; `looked_at` is how many there were.
    """

    kept: pd.DataFrame
    looked_at: int

    def __repr__(self) -> str:
        return f"PrunedSites(kept={len(self.kept):,}, looked_at={self.looked_at:,})"


def prune_linkage(
    genotypes: Genotypes,
    *,
    r2: float = R2_BELOW,
    window: int = WINDOW,
    engine: Engine = "auto",
) -> PrunedSites:
    """Return variants of which no two within a window correlate with r² of `r2` or more.

    The rule: along each contig, a variant is kept unless its r² with a variant kept before it, at most
    `window` bases back, is `r2` or more; dosages correlate over all people, a missing one counting as its
    variant's mean. Variants at which all are alike go. This is the first, local stage of `hl.ld_prune`
    on one partition, after which its second has nothing to do; so `hail` runs it on one partition and gives the same
    set. On several partitions Hail's own choice would depend on how the file was cut.

    Parameters
    ----------
    genotypes
        Variants with several alternates, and the second of equal rows, are left out.
    r2
        Pairs of this squared correlation or more are not kept together.
    window
        In bases; variants as far apart as this still count as near.
    engine
        `local` reads blocks of packed genotypes and keeps a quarter of a byte for each.

    Raises
    ------
    AnalysisError
        When a limit makes no sense.
    GenotypesError
        When what is kept does not fit into memory.
    """
    if not 0 < r2 <= 1 or window < 0:
        raise AnalysisError(
            f"r2= is above 0 and at most 1, and window= a number of bases, not {r2:g} and {window}."
        )
    chosen = choose_engine(engine)
    kept, looked_at = (_by_hail if chosen == "hail" else _locally)(genotypes, r2, window)
    return PrunedSites(
        provenance=genotypes.provenance.then(
            "prune_linkage", r2=r2, window=window, engine=chosen, kept=len(kept)
        ),
        kept=kept,
        looked_at=looked_at,
    )


def pruned_places(genotypes: CompactGenotypes, *, r2: float, window: int) -> Flags:
    """Return which variants `prune_linkage` keeps: shape (variants,)."""
    import numpy as np

    from gecip.analysis.genetic.bit_planes import fill_planes_of_rows, prune
    from gecip.genotypes.machine import require_memory

    variants, people = genotypes.count
    if not variants:
        return np.zeros(0, dtype=np.bool_)
    words = -(-people // 64)
    require_memory(
        2 * 8 * variants * words,
        what=f"{variants:,} variants of {people:,} people, to be compared with each other,",
        instead="keep fewer variants first, for instance common ones",
    )
    homozygous, reference = (np.zeros((variants, words), dtype=np.uint64) for _ in range(2))
    for block in genotypes.blocks():
        fill_planes_of_rows(np.ascontiguousarray(block.packed), people, block.start, homozygous, reference)  # fmt: skip
    contigs = genotypes.keys["contig"].combine_chunks().dictionary_encode()
    codes = contigs.indices.to_numpy(zero_copy_only=False)
    begins = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1], True]).astype(np.int64)
    positions = genotypes.keys["position"].to_numpy()
    return prune(homozygous, reference, positions, begins, float(r2), int(window))


def _locally(genotypes: Genotypes, r2: float, window: int) -> tuple[pd.DataFrame, int]:
    from gecip.genotypes.compact_selection import compact_genotypes

    compact = compact_genotypes(genotypes)
    first = ~compact.variants.duplicated().to_numpy()
    if not first.all():
        compact = compact.keep_variants(first)
    kept = pruned_places(compact, r2=r2, window=window)
    return compact.variants[kept].reset_index(drop=True), len(kept)


def _by_hail(genotypes: Genotypes, r2: float, window: int) -> tuple[pd.DataFrame, int]:
    import hail as hl

    mt = genotypes.mt
    mt = (
        mt.filter_rows(hl.len(mt.alleles) == 2).select_rows().select_entries("GT").distinct_by_row()
    )
    # A file is cut anew when it is read, so that the steps before keep their partitions.
    whole = mt.checkpoint(hl.utils.new_temp_file("pruning", "mt")).naive_coalesce(1)
    rows = hl.ld_prune(whole.GT, r2=r2, bp_window_size=window).key_by()
    rows = rows.select(
        contig=rows.locus.contig,
        position=hl.int64(rows.locus.position),
        reference=rows.alleles[0],
        alternate=rows.alleles[1],
    )
    return rows.to_pandas().astype({"position": "int64"}), whole.count_rows()
