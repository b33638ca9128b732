"""Genotypes as a plain matrix of allele counts, for arithmetic that numpy does many times faster than Hail."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gecip.configuration import cache_folder
from gecip.errors import GenotypesError
from gecip.genotypes.genotypes import Genotypes
from gecip.genotypes.machine import GIGABYTE

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Counts = npt.NDArray[np.int8]

MISSING = -1
SHARE_OF_FREE_MEMORY = 0.5
VARIANTS_AT_ONCE = 4096
BED_MAGIC = b"\x6c\x1b\x01"


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
    out: split them first. Hail writes a PLINK BED into the cache, a quarter of the matrix's size, which
    is read and removed; that costs about as much as reading the store twice.

    Raises
    ------
    GenotypesError
        When the matrix would take more than half of the memory that is free; the message says how much.
    """
    import hail as hl

    mt = genotypes.mt
    mt = mt.filter_rows(hl.len(mt.alleles) == 2)
    people = mt.key_cols_by().cols().to_pandas()
    scratch = cache_folder() / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="dosages-") as folder:
        stem = Path(folder, "dosages")
        # No identifiers go into the files: people are numbered. A haploid call is written as the
        # diploid one with as many alternates.
        numbered = mt.add_col_index("number")
        hl.export_plink(
            numbered,
            str(stem),
            call=hl.unphased_diploid_gt_index_call(numbered.GT.n_alt_alleles()),
            ind_id=hl.str(numbered.number),
        )
        variants = _read_bim(stem.with_suffix(".bim"))
        _require_memory(len(variants), len(people))
        dosages = _read_bed(stem.with_suffix(".bed"), len(variants), len(people))
    return DosageMatrix(dosages, variants, people)


def _require_memory(variants: int, people: int) -> None:
    import psutil

    needed = variants * people
    free = psutil.virtual_memory().available
    if needed > free * SHARE_OF_FREE_MEMORY:
        raise GenotypesError(
            f"{variants:,} variants of {people:,} people need {needed / GIGABYTE:.1f} GB as a matrix, more than half of "
            f"the {free / GIGABYTE:.1f} GB that are free: keep fewer variants first, for instance common ones."
        )


def _read_bim(path: Path) -> pd.DataFrame:
    """Return the variants of a PLINK BIM: it gives the alternate allele before the reference."""
    import pandas as pd

    columns = ["contig", "variant", "centimorgan", "position", "alternate", "reference"]
    variants = pd.read_csv(
        path,
        sep="\t",
        names=columns,
        dtype={"contig": str, "position": "int64", "alternate": str, "reference": str},
        keep_default_na=False,
    )
    return variants[["contig", "position", "reference", "alternate"]]


def _read_bed(path: Path, variants: int, people: int) -> Counts:
    """Return the allele counts of a variant-major PLINK BED, decoded block by block."""
    import numpy as np

    dosages = np.empty((variants, people), dtype=np.int8)
    width = -(-people // 4)
    four = _four_genotypes_of_each_byte()
    for start, block in _blocks(path, variants, width):
        decoded = four[block].reshape(len(block), width * 4)
        dosages[start : start + len(block)] = decoded[:, :people]
    return dosages


def _blocks(path: Path, variants: int, width: int) -> Iterator[tuple[int, npt.NDArray[np.uint8]]]:
    import numpy as np

    with path.open("rb") as bed:
        if bed.read(len(BED_MAGIC)) != BED_MAGIC:
            raise GenotypesError(f"{path}: this is not a variant-major PLINK BED: try again.")
        for start in range(0, variants, VARIANTS_AT_ONCE):
            count = min(VARIANTS_AT_ONCE, variants - start)
            block = np.frombuffer(bed.read(count * width), dtype=np.uint8)
            yield start, block.reshape(count, width)


def _four_genotypes_of_each_byte() -> Counts:
    """Return what the 256 values of a byte mean: four genotypes, the first in the lowest bits."""
    import numpy as np

    # Two copies of the first allele, which is the alternate; missing; one; none.
    meaning = np.array([2, MISSING, 1, 0], dtype=np.int8)
    values = np.arange(256, dtype=np.uint8)[:, None] >> np.array([0, 2, 4, 6], dtype=np.uint8)
    return meaning[values & 3]
