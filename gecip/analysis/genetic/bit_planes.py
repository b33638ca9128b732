"""Genotypes as planes of bits, and what can be counted between two rows of them with few instructions.

Each row of dosages (a person's, or a variant's) becomes words of 64 genotypes on two planes, as plink2
has them: `homozygous` (0 or 2 alternates) and `reference` (0 or 1). Both bits set is two references,
neither is missing. What two rows share is then counted 64 genotypes at a time, exactly.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from numba import types
from numba.extending import intrinsic

from gecip.compiling import compiled

Words = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int32]
Dosages = npt.NDArray[np.int8]
Singles = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

_COLUMNS_AT_ONCE = 16
_WORDS_AT_ONCE = 256


def _count_ones(_context: Any, _word: Any) -> Any:
    """Count the bits that are set: one instruction, which the compiler uses on vectors."""

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


# Any: numba types it as if Python could call it.
_ones: Any = intrinsic(_count_ones)


@compiled(parallel=True)
def planes_of_columns(dosages: Dosages) -> tuple[Words, Words]:
    """Return the planes of each column: two arrays of shape (columns, words), bits running along the rows."""
    rows, columns = dosages.shape
    words = (rows + 63) // 64
    homozygous = np.zeros((columns, words), dtype=np.uint64)
    reference = np.zeros((columns, words), dtype=np.uint64)
    for word in numba.prange(words):
        first = np.zeros(columns, dtype=np.uint64)
        second = np.zeros(columns, dtype=np.uint64)
        for row in range(word * 64, min(rows, word * 64 + 64)):
            bit = np.uint64(row - word * 64)
            for column in range(columns):
                dosage = dosages[row, column]
                first[column] |= np.uint64((dosage == 0) | (dosage == 2)) << bit
                second[column] |= np.uint64((dosage == 0) | (dosage == 1)) << bit
        for column in range(columns):
            homozygous[column, word] = first[column]
            reference[column, word] = second[column]
    return homozygous, reference


@compiled(parallel=True)
def planes_of_rows(dosages: Dosages) -> tuple[Words, Words]:
    """Return the planes of each row: two arrays of shape (rows, words), bits running along the columns."""
    rows, columns = dosages.shape
    words = (columns + 63) // 64
    homozygous = np.zeros((rows, words), dtype=np.uint64)
    reference = np.zeros((rows, words), dtype=np.uint64)
    for row in numba.prange(rows):
        for column in range(columns):
            dosage = dosages[row, column]
            bit = np.uint64(column & 63)
            homozygous[row, column >> 6] |= np.uint64((dosage == 0) | (dosage == 2)) << bit
            reference[row, column >> 6] |= np.uint64((dosage == 0) | (dosage == 1)) << bit
    return homozygous, reference


@compiled(parallel=True)
def look_up(dosages: Dosages, values: Singles) -> Singles:
    """Return what each dosage stands for in its row: `values` of shape (rows, 4) for -1, 0, 1 and 2."""
    rows, columns = dosages.shape
    found = np.empty((rows, columns), dtype=np.float32)
    for row in numba.prange(rows):
        for column in range(columns):
            found[row, column] = values[row, dosages[row, column] + 1]
    return found


@compiled()
def _count_complete(h: Words, r: Words, h2: Words, r2: Words) -> tuple[int, int]:
    """Return how often both are heterozygous, and how often opposite homozygotes, where none is missing."""
    both = 0
    opposite = 0
    for word in range(h.size):
        both += _ones(r[word] & r2[word] & ~(h[word] | h2[word]))
        opposite += _ones(h[word] & h2[word] & (r[word] ^ r2[word]))
    return both, opposite


@compiled()
def _count_any(h: Words, r: Words, h2: Words, r2: Words) -> tuple[int, int, int, int, int]:
    """Return those two, and how often one, the other, and both are known and heterozygous where the other is known."""
    both = 0
    opposite = 0
    first = 0
    second = 0
    known = 0
    for word in range(h.size):
        het = r[word] & ~h[word]
        het2 = r2[word] & ~h2[word]
        called = r[word] | h[word]
        called2 = r2[word] | h2[word]
        both += _ones(het & het2)
        opposite += _ones(h[word] & h2[word] & (r[word] ^ r2[word]))
        first += _ones(het & called2)
        second += _ones(het2 & called)
        known += _ones(called & called2)
    return both, opposite, first, second, known


@compiled(parallel=True)
def count_complete(
    homozygous: Words, reference: Words, first: int, last: int, into: Counts
) -> None:
    """Add to `into` what rows `first` to `last` share with all rows behind each, where nothing is missing.

    `into` has shape (last - first, rows, 5): both heterozygous, opposite homozygotes, one heterozygous
    where the other is known, the other so, both known. Only the first two are added to.
    """
    rows, words = homozygous.shape
    for tile in numba.prange((rows + _COLUMNS_AT_ONCE - 1) // _COLUMNS_AT_ONCE):
        left = tile * _COLUMNS_AT_ONCE
        right = min(rows, left + _COLUMNS_AT_ONCE)
        for start in range(0, words, _WORDS_AT_ONCE):
            stop = min(words, start + _WORDS_AT_ONCE)
            for row in range(first, min(last, right)):
                h, r = homozygous[row, start:stop], reference[row, start:stop]
                for other in range(max(left, row + 1), right):
                    both, opposite = _count_complete(
                        h, r, homozygous[other, start:stop], reference[other, start:stop]
                    )
                    into[row - first, other, 0] += both
                    into[row - first, other, 1] += opposite


@compiled(parallel=True)
def count_any(homozygous: Words, reference: Words, first: int, last: int, into: Counts) -> None:
    """Add to `into` what rows `first` to `last` share with all rows behind each: see `count_complete`."""
    rows, words = homozygous.shape
    for tile in numba.prange((rows + _COLUMNS_AT_ONCE - 1) // _COLUMNS_AT_ONCE):
        left = tile * _COLUMNS_AT_ONCE
        right = min(rows, left + _COLUMNS_AT_ONCE)
        for start in range(0, words, _WORDS_AT_ONCE):
            stop = min(words, start + _WORDS_AT_ONCE)
            for row in range(first, min(last, right)):
                h, r = homozygous[row, start:stop], reference[row, start:stop]
                for other in range(max(left, row + 1), right):
                    counted = _count_any(
                        h, r, homozygous[other, start:stop], reference[other, start:stop]
                    )
                    for place in range(5):
                        into[row - first, other, place] += counted[place]


@compiled()
def _squared_correlation(
    h: Words,
    r: Words,
    h2: Words,
    r2: Words,
    mean: float,
    mean2: float,
    spread: float,
    spread2: float,
) -> float:
    """Return r² of two variants' dosages, a missing one counting as its variant's mean, as Hail has it."""
    product = 0
    total = 0
    total2 = 0
    known = 0
    for word in range(h.size):
        one, two = r[word] & ~h[word], h[word] & ~r[word]
        one2, two2 = r2[word] & ~h2[word], h2[word] & ~r2[word]
        called, called2 = h[word] | r[word], h2[word] | r2[word]
        product += (
            _ones(one & one2) + 2 * (_ones(one & two2) + _ones(two & one2)) + 4 * _ones(two & two2)
        )
        total += _ones(one & called2) + 2 * _ones(two & called2)
        total2 += _ones(one2 & called) + 2 * _ones(two2 & called)
        known += _ones(called & called2)
    shared = product - mean2 * total - mean * total2 + known * mean * mean2
    return shared * shared / (spread * spread2)


@compiled(parallel=True)
def prune(
    homozygous: Words,
    reference: Words,
    positions: Places,
    starts: Places,
    below: float,
    window: int,
) -> npt.NDArray[np.bool_]:
    """Return which variants are kept, each contig from its start: those with no kept one near of r² `below` or more.

    `starts` holds where each contig begins, and the number of variants at the end.
    """
    variants = homozygous.shape[0]
    kept = np.zeros(variants, dtype=np.bool_)
    for contig in numba.prange(starts.size - 1):
        first, last = starts[contig], starts[contig + 1]
        near = np.empty(last - first, dtype=np.int64)
        means = np.empty(last - first)
        spreads = np.empty(last - first)
        begin = 0
        end = 0
        for variant in range(first, last):
            h, r = homozygous[variant], reference[variant]
            mean, spread = _mean_and_spread(h, r)
            while begin < end and positions[variant] - positions[near[begin]] > window:
                begin += 1
            good = spread > 0
            place = end - 1
            while good and place >= begin:
                other = near[place]
                good = (
                    _squared_correlation(
                        h,
                        r,
                        homozygous[other],
                        reference[other],
                        mean,
                        means[place],
                        spread,
                        spreads[place],
                    )
                    < below
                )
                place -= 1
            if good:
                kept[variant] = True
                near[end] = variant
                means[end] = mean
                spreads[end] = spread
                end += 1
    return kept


@compiled()
def _mean_and_spread(h: Words, r: Words) -> tuple[float, float]:
    """Return the mean dosage of the known genotypes and their squared distances from it, summed; 0 where alike."""
    one = 0
    two = 0
    known = 0
    for word in range(h.size):
        one += _ones(r[word] & ~h[word])
        two += _ones(h[word] & ~r[word])
        known += _ones(h[word] | r[word])
    # Whole numbers tell whether all are alike.
    if known == 0 or known * (one + 4 * two) == (one + 2 * two) ** 2:
        return 0.0, 0.0
    mean = (one + 2 * two) / known
    return mean, one + 4 * two - known * mean * mean
