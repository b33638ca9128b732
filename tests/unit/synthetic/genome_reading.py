"""What genomes alone say of people: kinship, sex and inheritance, read from a release's VCFs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pysam

from gecip.release.layout import read_chunks

PAIRING_REGIONS_OF_X = ((10_001, 2_781_479), (155_701_383, 156_030_895))
MISSING = -1
# Variants nearer than this travel together, and count as one.
APART = 100_000


@dataclass(frozen=True)
class CommonVariants:
    """Copies of the alternate allele at common single-base variants that pass: (variants, samples), -1 unknown.

    A male's one copy of X counts for two.
    """

    samples: tuple[str, ...]
    contigs: npt.NDArray[np.str_]
    positions: npt.NDArray[np.int64]
    copies: npt.NDArray[np.int8]

    @cached_property
    def autosomal(self) -> npt.NDArray[np.int8]:
        """The copies at autosomal variants."""
        return self.copies[self.contigs != "chrX"]

    @cached_property
    def kinship(self) -> npt.NDArray[np.float64]:
        """KING's robust estimate for each pair (Manichaikul 2010), from autosomal variants."""
        return king_robust(self.autosomal)

    @cached_property
    def heterozygosity_on_x(self) -> npt.NDArray[np.float64]:
        """Each sample's share of heterozygous calls on X outside its pairing regions."""
        paired = np.any(
            [
                (start <= self.positions) & (self.positions <= stop)
                for start, stop in PAIRING_REGIONS_OF_X
            ],
            axis=0,
        )
        copies = self.copies[(self.contigs == "chrX") & ~paired]
        share: npt.NDArray[np.float64] = (copies == 1).sum(axis=0) / (copies != MISSING).sum(axis=0)
        return share

    def principal_components(self, number: int) -> npt.NDArray[np.float64]:
        """Return each sample's scores on the first components: (samples, number)."""
        known = self.autosomal != MISSING
        mean = np.where(known, self.autosomal, 0).sum(axis=1) / known.sum(axis=1)
        centred = np.where(known, self.autosomal - mean[:, None], 0.0)
        spread = np.sqrt(mean * (1 - mean / 2))
        left, values, _ = np.linalg.svd((centred / spread[:, None]).T, full_matrices=False)
        scores: npt.NDArray[np.float64] = left[:, :number] * values[:number]
        return scores


def read_common_variants(folder: Path, *, commoner_than: float = 0.05) -> CommonVariants:
    """Read the common single-base variants of a release that pass every filter, thinned for linkage."""
    samples: tuple[str, ...] = ()
    contigs: list[str] = []
    positions: list[int] = []
    copies: list[npt.NDArray[np.int8]] = []
    last = ("", 0)
    for chunk in read_chunks(folder):
        with pysam.VariantFile(str(chunk.genotypes)) as file:
            samples = tuple(file.header.samples)
            for record in file:
                frequency = record.info["AC"][0] / max(record.info["AN"], 1)
                common = commoner_than < frequency < 1 - commoner_than
                if not common or list(record.filter) != ["PASS"] or len(record.ref) > 1:
                    continue
                if len(record.alts[0]) > 1 or "OLD_MULTIALLELIC" in record.info:
                    continue
                if record.contig == last[0] and record.pos < last[1] + APART:
                    continue
                last = (record.contig, record.pos)
                contigs.append(record.contig)
                positions.append(record.pos)
                copies.append(
                    np.array(
                        [_copies(call["GT"]) for call in record.samples.values()], dtype=np.int8
                    )
                )
    return CommonVariants(samples, np.array(contigs), np.array(positions), np.array(copies))


def _copies(genotype: tuple[int | None, ...]) -> int:
    """Return 0, 1 or 2; a male's one copy of X counts for two."""
    if None in genotype:
        return MISSING
    return sum(genotype) * (2 // len(genotype))  # type: ignore[arg-type]


def king_robust(copies: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
    """Return KING-robust kinship from copies of shape (variants, samples)."""
    known = (copies != MISSING).astype(np.float32)
    zero, one, two = ((copies == number).astype(np.float32) for number in (0, 1, 2))
    both_heterozygous = one.T @ one
    opposite = zero.T @ two + two.T @ zero
    heterozygous = one.T @ known  # of the row's person, where both are known
    fewest = np.minimum(heterozygous, heterozygous.T)
    kinship: npt.NDArray[np.float64] = (both_heterozygous - 2 * opposite) / (2 * fewest) + 0.5
    kinship -= (heterozygous + heterozygous.T) / (4 * fewest)
    return kinship


def mendelian_error_rate(
    child: npt.NDArray[np.int8], father: npt.NDArray[np.int8], mother: npt.NDArray[np.int8]
) -> float:
    """Return the share of autosomal variants at which a child has what the parents cannot give."""
    known = (child != MISSING) & (father != MISSING) & (mother != MISSING)
    least = (father == 2).astype(int) + (mother == 2)
    most = (father > 0).astype(int) + (mother > 0)
    return float(np.mean(((child < least) | (child > most))[known]))


def one_parent_error_rate(child: npt.NDArray[np.int8], parent: npt.NDArray[np.int8]) -> float:
    """Return the share of autosomal variants at which child and parent have nothing in common."""
    known = (child != MISSING) & (parent != MISSING)
    return float(np.mean((np.abs(child - parent) == 2)[known]))
