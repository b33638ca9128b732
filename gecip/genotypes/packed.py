"""Kernels over packed genotypes: two bits for each, as a variant-major PLINK BED has them.

The first of four genotypes lies in a byte's lowest bits: `00` two alternates, `01` missing, `10` one,
`11` none. The bits behind the last person are `00`.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from gecip.compiling import compiled

Bytes = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.int8]

TWO, MISSING, ONE, NONE = 0b00, 0b01, 0b10, 0b11
MEANING = np.array([2, -1, 1, 0], dtype=np.int8)
CODE = np.array([MISSING, NONE, ONE, TWO], dtype=np.uint8)


def width_of(people: int) -> int:
    """Return how many bytes a variant takes."""
    return -(-people // 4)


@compiled(parallel=True)
def unpack(packed: Bytes, people: int) -> Counts:
    """Return alternate alleles, -1 where missing: shape (variants, people)."""
    dosages = np.empty((packed.shape[0], people), dtype=np.int8)
    for row in numba.prange(packed.shape[0]):
        for person in range(people):
            dosages[row, person] = MEANING[(packed[row, person >> 2] >> (2 * (person & 3))) & 3]
    return dosages


@compiled(parallel=True)
def pack(dosages: Counts) -> Bytes:
    """Return what `unpack` makes dosages of."""
    variants, people = dosages.shape
    packed = np.zeros((variants, (people + 3) // 4), dtype=np.uint8)
    for row in numba.prange(variants):
        for person in range(people):
            packed[row, person >> 2] |= np.uint8(
                CODE[dosages[row, person] + 1] << (2 * (person & 3))
            )
    return packed


@compiled(parallel=True)
def choose_people(packed: Bytes, people: npt.NDArray[np.int64]) -> Bytes:
    """Return packed genotypes of some people, in their order."""
    chosen = np.zeros((packed.shape[0], (people.size + 3) // 4), dtype=np.uint8)
    for row in numba.prange(packed.shape[0]):
        for place in range(people.size):
            person = people[place]
            genotype = (packed[row, person >> 2] >> (2 * (person & 3))) & 3
            chosen[row, place >> 2] |= np.uint8(genotype << (2 * (place & 3)))
    return chosen


@compiled(parallel=True)
def choose_bits(bits: Bytes, people: npt.NDArray[np.int64]) -> Bytes:
    """Return bits, one for each person and the first in a byte's lowest, of some people in their order."""
    chosen = np.zeros((bits.shape[0], (people.size + 7) // 8), dtype=np.uint8)
    for row in numba.prange(bits.shape[0]):
        for place in range(people.size):
            person = people[place]
            bit = (bits[row, person >> 3] >> (person & 7)) & 1
            chosen[row, place >> 3] |= np.uint8(bit << (place & 7))
    return chosen


@compiled(parallel=True)
def count_genotypes(packed: Bytes, haploid: Bytes | None, people: int) -> npt.NDArray[np.int32]:
    """Return alternate alleles, alleles called, people without a genotype, and people with one copy.

    Shape (variants, 4).
    """
    counts = np.zeros((packed.shape[0], 4), dtype=np.int32)
    for row in numba.prange(packed.shape[0]):
        alternates = missing = single = 0
        for person in range(people):
            dosage = MEANING[(packed[row, person >> 2] >> (2 * (person & 3))) & 3]
            missing += dosage < 0
            alternates += max(dosage, 0)
        if haploid is not None:
            for person in range(people):
                single += (haploid[row, person >> 3] >> (person & 7)) & 1
        counts[row, 0] = alternates
        counts[row, 1] = 2 * (people - missing) - single
        counts[row, 2] = missing
        counts[row, 3] = single
    return counts


@compiled()
def add_alleles(packed: Bytes, totals: npt.NDArray[np.int64]) -> None:
    """Add each person's alternate alleles over all variants to `totals`, shape (people,); a missing genotype adds none."""
    for row in range(packed.shape[0]):
        for place in range(packed.shape[1]):
            byte = packed[row, place]
            if byte == 0xFF:  # nobody of the four has one: most bytes
                continue
            for person in range(4 * place, min(4 * place + 4, totals.size)):
                code = (byte >> (2 * (person & 3))) & 3
                totals[person] += 2 if code == TWO else (1 if code == ONE else 0)


@compiled()
def mark_carriers(packed: Bytes, copies: int, carries: npt.NDArray[np.bool_]) -> None:
    """Set in `carries`, shape (people,), who has at least so many alternate alleles, 1 or 2, of any variant."""
    for row in range(packed.shape[0]):
        for place in range(packed.shape[1]):
            byte = packed[row, place]
            if byte == 0xFF:
                continue
            for person in range(4 * place, min(4 * place + 4, carries.size)):
                code = (byte >> (2 * (person & 3))) & 3
                if code == TWO or (code == ONE and copies == 1):
                    carries[person] = True


@compiled(parallel=True)
def swap_alleles(packed: Bytes, people: int) -> Bytes:
    """Return packed genotypes that count the other allele."""
    swapped = np.zeros_like(packed)
    for row in numba.prange(packed.shape[0]):
        for person in range(people):
            shift = 2 * (person & 3)
            genotype = (packed[row, person >> 2] >> shift) & 3
            if genotype in (TWO, NONE):
                genotype = 3 - genotype
            swapped[row, person >> 2] |= np.uint8(genotype << shift)
    return swapped
