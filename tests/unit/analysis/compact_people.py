"""Genotypes written straight into a compact store, for arithmetic that needs no Hail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from gecip.genotypes.compact_runs import CompactGenotypes, whole_store
from gecip.genotypes.compact_writing import CompactWriter, Stretch, with_counts

if TYPE_CHECKING:
    import pandas as pd


def compact_people(
    folder: Path, dosages: np.ndarray, people: pd.DataFrame, haploid: np.ndarray | None = None
) -> CompactGenotypes:
    """Dosages (variants, people), -1 where missing; who has one copy has 0 or 1 and is marked."""
    from gecip.genotypes.packed import count_genotypes, pack

    variants, count = dosages.shape
    single = np.zeros(dosages.shape, bool) if haploid is None else haploid
    keys = pa.table(
        {
            "contig": ["chr1"] * variants,
            "position": pa.array(range(1, variants + 1), pa.int64()),
            "reference": ["A"] * variants,
            "alternate": ["G"] * variants,
        }
    )
    packed = pack(dosages.astype(np.int8))
    bits = np.packbits(single, axis=1, bitorder="little")
    with CompactWriter(folder, [str(number) for number in range(count)]) as writer:
        counts = count_genotypes(packed, bits, count)
        writer.append(Stretch(with_counts(keys, counts), packed, bits[single.any(axis=1)]))
        store = writer.finish()
    return whole_store(store, people.assign(participant_id=range(count)))
