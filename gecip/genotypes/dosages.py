"""Genotypes as a plain matrix of allele counts, for arithmetic that numpy does many times faster than Hail."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gecip.genotypes.compact_selection import compact_genotypes
from gecip.genotypes.genotypes import Genotypes
from gecip.genotypes.machine import require_memory

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Counts = npt.NDArray[np.int8]


class DosageMatrix(NamedTuple):
    """How many alternate alleles each person has of each variant.

    Attributes
    ----------
    dosages
        0, 1 or 2, and -1 where the genotype is missing; shape (variants, people), `int8`.
    variants
        `contig, position, reference, alternate`, one row for each of the matrix.
    people
        The columns of `Genotypes.mt` (`participant_id`, `sample`, clinical columns), one row for
        each column of the matrix.
    """

    dosages: Counts
    variants: pd.DataFrame
    people: pd.DataFrame

    def __repr__(self) -> str:
        variants, people = self.dosages.shape
        return f"DosageMatrix(variants={variants:,}, people={people:,})"


def dosage_matrix(genotypes: Genotypes) -> DosageMatrix:
    """Return the genotypes as a matrix of allele counts in memory: a byte for each.

    One copy of X, as males have, counts as what it is: 0 or 1. Rows with several alternates are left
    out: split them first. What it is read from, and when Hail is asked, `compact_genotypes` tells.

    Raises
    ------
    GenotypesError
        When the matrix would take more than half of the memory that is free; the message says how much.
    """
    import numpy as np

    compact = compact_genotypes(genotypes)
    _require_memory(*compact.count)
    dosages = np.empty(compact.count, dtype=np.int8)
    for start, block in compact.dosages():
        dosages[start : start + len(block)] = block
    return DosageMatrix(dosages, compact.variants, compact.people)


def _require_memory(variants: int, people: int) -> None:
    require_memory(
        variants * people,
        what=f"{variants:,} variants of {people:,} people as a matrix",
        instead="keep fewer variants first, for instance common ones",
    )
