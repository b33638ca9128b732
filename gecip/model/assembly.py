"""The reference assembly: its contigs, their lengths and where X and Y pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Assembly:
    """One reference assembly.

    `lengths` are the contigs in their order. `x_pairing_regions` are the stretches of X that pair
    with Y (the pseudoautosomal regions), 1-based and inclusive: there, males have two copies.
    """

    name: str
    lengths: Mapping[str, int]
    x_contig: str
    x_pairing_regions: tuple[tuple[int, int], ...]

    @property
    def autosomes(self) -> tuple[str, ...]:
        """Return the names of the autosomes, in order."""
        return tuple(name for name in self.lengths if name.removeprefix("chr").isdigit())

    def is_hemizygous_in_males(self, contig: str, position: int) -> bool:
        """Return whether a male has one copy of this place, since it lies on X and does not pair."""
        if contig != self.x_contig:
            return False
        return not any(start <= position <= stop for start, stop in self.x_pairing_regions)


# Genome Reference Consortium Human Build 38 (GCF_000001405.40), primary assembly.
GRCH38 = Assembly(
    name="GRCh38",
    lengths={
        "chr1": 248_956_422,
        "chr2": 242_193_529,
        "chr3": 198_295_559,
        "chr4": 190_214_555,
        "chr5": 181_538_259,
        "chr6": 170_805_979,
        "chr7": 159_345_973,
        "chr8": 145_138_636,
        "chr9": 138_394_717,
        "chr10": 133_797_422,
        "chr11": 135_086_622,
        "chr12": 133_275_309,
        "chr13": 114_364_328,
        "chr14": 107_043_718,
        "chr15": 101_991_189,
        "chr16": 90_338_345,
        "chr17": 83_257_441,
        "chr18": 80_373_285,
        "chr19": 58_617_616,
        "chr20": 64_444_167,
        "chr21": 46_709_983,
        "chr22": 50_818_468,
        "chrX": 156_040_895,
        "chrY": 57_227_415,
        "chrM": 16_569,
    },
    x_contig="chrX",
    x_pairing_regions=((10_001, 2_781_479), (155_701_383, 156_030_895)),
)
