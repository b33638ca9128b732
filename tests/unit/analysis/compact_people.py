"""Genotypes written straight into a compact store, for arithmetic that needs no Hail."""

from __future__ import annotations

import tempfile
import weakref
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from gecip.genotypes.compact_runs import CompactGenotypes, whole_store
from gecip.genotypes.compact_writing import CompactWriter, Stretch, with_counts


def compact_people(
    folder: Path,
    dosages: np.ndarray,
    people: pd.DataFrame | None = None,
    haploid: np.ndarray | None = None,
    places: pd.DataFrame | None = None,
) -> CompactGenotypes:
    """Dosages (variants, people), -1 where missing; who has one copy has 0 or 1 and is marked.

    `places` tells the contig and position of each variant, in order; else they follow each other on chr1.
    """
    from gecip.genotypes.packed import count_genotypes, pack

    variants, count = dosages.shape
    single = np.zeros(dosages.shape, bool) if haploid is None else haploid
    keys = pa.table(
        {
            "contig": pa.array(
                ["chr1"] * variants if places is None else places["contig"], pa.string()
            ),
            "position": pa.array(
                range(1, variants + 1) if places is None else places["position"], pa.int64()
            ),
            "reference": pa.array(["A"] * variants, pa.string()),
            "alternate": pa.array(["G"] * variants, pa.string()),
        }
    )
    packed = pack(dosages.astype(np.int8))
    bits = np.packbits(single, axis=1, bitorder="little")
    with CompactWriter(folder, [str(number) for number in range(count)]) as writer:
        counts = count_genotypes(packed, bits, count)
        writer.append(Stretch(with_counts(keys, counts), packed, bits[single.any(axis=1)]))
        store = writer.finish()
    people = pd.DataFrame(index=range(count)) if people is None else people
    return whole_store(store, people.assign(participant_id=range(count)))


def packed_people(dosages: np.ndarray, places: pd.DataFrame | None = None) -> CompactGenotypes:
    """Dosages as `compact_people` has them, in a folder that goes with what is returned."""
    folder = tempfile.TemporaryDirectory()
    genotypes = compact_people(Path(folder.name), dosages, places=places)
    weakref.finalize(genotypes, folder.cleanup)
    return genotypes
