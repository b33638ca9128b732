"""Genotypes as planes of bits, and what can be counted between two rows of them with few instructions.

Each row of genotypes (a person's, or a variant's) becomes words of 64 genotypes on two planes, as plink2
has them: `homozygous` (0 or 2 alternates) and `reference` (0 or 1). Both bits set is two references,
neither is missing. What two rows share is then counted 64 genotypes at a time, exactly. Planes are filled
from blocks of packed genotypes (`gecip.genotypes.packed`) as these are read: a quarter of a byte for each.
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
Bytes = npt.NDArray[np.uint8]
Singles = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
Carriers = npt.NDArray[np.int32]

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
def fill_planes_of_columns(packed: Bytes, first: int, homozygous: Words, reference: Words) -> None:
    """Set the bits of a block of variants in the planes of people, shape (people, words), which were 0.

    Bits run along the variants; `first` is the place of the block's first one.
    """
    rows = packed.shape[0]
    people = homozygous.shape[0]
    begin = first >> 6
    for word in numba.prange(begin, (first + rows + 63) >> 6):
        hom = np.zeros(people, dtype=np.uint64)
        ref = np.zeros(people, dtype=np.uint64)
        for row in range(max(word * 64 - first, 0), min(rows, word * 64 + 64 - first)):
            bit = np.uint64((first + row) & 63)
            for person in range(people):
                code = np.uint64(packed[row, person >> 2] >> (2 * (person & 3)))
                upper = (code >> np.uint64(1)) & np.uint64(1)
                ref[person] |= upper << bit
                hom[person] |= (np.uint64(1) ^ (code & np.uint64(1)) ^ upper) << bit
        for person in range(people):
            homozygous[person, word] |= hom[person]
            reference[person, word] |= ref[person]


@compiled(parallel=True)
def fill_planes_of_rows(
    packed: Bytes, people: int, first: int, homozygous: Words, reference: Words
) -> None:
    """Set the planes of a block of variants, shape (variants, words), which were 0.

    Bits run along the people; `first` is the place of the block's first variant.
    """
    for row in numba.prange(packed.shape[0]):
        for person in range(people):
            code = np.uint64(packed[row, person >> 2] >> (2 * (person & 3)))
            bit = np.uint64(person & 63)
            upper = (code >> np.uint64(1)) & np.uint64(1)
            reference[first + row, person >> 6] |= upper << bit
            homozygous[first + row, person >> 6] |= (
                np.uint64(1) ^ (code & np.uint64(1)) ^ upper
            ) << bit


@compiled()
def look_up(packed: Bytes, values: Singles, found: Singles) -> None:
    """Write what each genotype stands for in its row: `values` of shape (rows, 4) by its code in `packed`."""
    rows, people = found.shape
    whole = people >> 2
    for row in range(rows):
        zero, one, two, three = values[row]
        own = np.array([zero, one, two, three], dtype=np.float32)
        for place in range(whole):
            byte = packed[row, place]
            found[row, 4 * place] = own[byte & 3]
            found[row, 4 * place + 1] = own[(byte >> 2) & 3]
            found[row, 4 * place + 2] = own[(byte >> 4) & 3]
            found[row, 4 * place + 3] = own[byte >> 6]
        for person in range(4 * whole, people):
            found[row, person] = own[(packed[row, whole] >> (2 * (person & 3))) & 3]


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


@compiled()
def count_pairs(
    homozygous: Words, reference: Words, first: int, last: int, some_missing: int, into: Counts
) -> None:
    """Add to `into` what rows `first` to `last` share with all rows behind each.

    `into` has shape (last - first, rows, 5): both heterozygous, opposite homozygotes, one heterozygous
    where the other is known, the other so, both known. Unless some are missing only the first two are added to.
    """
    rows, words = homozygous.shape
    for tile in range(first // _COLUMNS_AT_ONCE, (rows + _COLUMNS_AT_ONCE - 1) // _COLUMNS_AT_ONCE):
        left = tile * _COLUMNS_AT_ONCE
        right = min(rows, left + _COLUMNS_AT_ONCE)
        for start in range(0, words, _WORDS_AT_ONCE):
            stop = min(words, start + _WORDS_AT_ONCE)
            for row in range(first, min(last, right)):
                h, r = homozygous[row, start:stop], reference[row, start:stop]
                for other in range(max(left, row + 1), right):
                    h2, r2 = homozygous[other, start:stop], reference[other, start:stop]
                    counted = into[row - first, other]
                    if some_missing:
                        both, opposite, one, two, known = _count_any(h, r, h2, r2)
                        counted[2] += one
                        counted[3] += two
                        counted[4] += known
                    else:
                        both, opposite = _count_complete(h, r, h2, r2)
                    counted[0] += both
                    counted[1] += opposite


@compiled()
def find_carriers(packed: Bytes, people: int, base: int, starts: Places, found: Carriers) -> int:
    """Write who is not of a homozygote, 0b00 or 0b11, of each variant; return how many that are.

    `found` holds twice the person, and one more where the person is the other homozygote; those of
    a variant lie between two of `starts`, shape (variants + 1,), and ascend.
    """
    count = 0
    starts[0] = 0
    plain = 0xFF if base == 3 else 0x00
    for row in range(packed.shape[0]):
        for place in range(packed.shape[1]):
            byte = packed[row, place]
            if byte == plain:
                continue
            for person in range(4 * place, min(4 * place + 4, people)):
                code = (byte >> (2 * (person & 3))) & 3
                if code != base:
                    found[count] = 2 * person + (code == 3 - base)
                    count += 1
        starts[row + 1] = count
    return count


@compiled()
def carried_by(starts: Places, found: Carriers, people: int) -> tuple[Places, Carriers]:
    """Return the variants that each person carries, behind each other, and where each person's begin."""
    begins = np.zeros(people + 1, dtype=np.int64)
    for place in range(found.size):
        begins[(found[place] >> 1) + 1] += 1
    begins[:] = np.cumsum(begins)
    next_place = begins[:-1].copy()
    variants = np.empty(found.size, dtype=np.int32)
    for variant in range(starts.size - 1):
        for place in range(starts[variant], starts[variant + 1]):
            person = found[place] >> 1
            variants[next_place[person]] = variant
            next_place[person] += 1
    return begins, variants


@compiled()
def count_carrier_pairs(
    starts: Places, found: Carriers, begins: Places, variants: Carriers, first: int, last: int, into: Counts
) -> None:  # fmt: skip
    """Add to `into` what people `first` to `last` share at variants that few carry: see `count_pairs`.

    Of opposite homozygotes it adds what is to be added to all of either's own homozygotes of the rarer
    allele, since nearly everybody else is opposite to these: -1 for each of the pair who has one where the other
    carries too. So time is in proportion to pairs of carriers, not to pairs of people.
    """
    for person in range(first, last):
        counted = into[person - first]
        for variant in variants[begins[person] : begins[person + 1]]:
            twice = 0
            behind = starts[variant + 1]
            for place in range(starts[variant], starts[variant + 1]):
                if found[place] >> 1 == person:
                    twice = found[place] & 1
                    behind = place + 1
                    break
            for place in range(behind, starts[variant + 1]):
                other, other_twice = found[place] >> 1, found[place] & 1
                counted[other, 0] += (1 - twice) * (1 - other_twice)
                counted[other, 1] -= twice + other_twice


@compiled()
def gather_pairs(
    counted: Counts, first: int, once: Counts, twice: Counts, known_to_all: int
) -> tuple[Counts, Counts, npt.NDArray[np.float64], Counts, Counts]:
    """Return of each pair its two people, KING-robust's kinship, opposite homozygotes, and sites at which both are known.

    Parameters
    ----------
    counted
        What `count_pairs` and `count_carrier_pairs` counted of people from `first` on with all behind each.
    once, twice
        What each person's own counts add to heterozygous sites, and to opposite homozygotes.
    known_to_all
        At how many sites everybody is known.
    """
    rows, people, _ = counted.shape
    last = first + rows
    pairs = rows * (people - last) + rows * (rows - 1) // 2
    firsts = np.empty(pairs, dtype=np.int32)
    others = np.empty(pairs, dtype=np.int32)
    kinship = np.empty(pairs)
    opposite = np.empty(pairs, dtype=np.int32)
    sites = np.empty(pairs, dtype=np.int32)
    pair = 0
    for row in range(rows):
        one = first + row
        for other in range(one + 1, people):
            both, apart, mine, theirs, known = counted[row, other]
            apart += twice[one] + twice[other]
            mine += once[one]
            theirs += once[other]
            fewer = min(mine, theirs)
            firsts[pair], others[pair] = one, other
            distance = float(mine) + float(theirs) - 2.0 * both + 4.0 * apart
            kinship[pair] = 0.5 - distance / (4.0 * fewer) if fewer > 0 else np.nan
            opposite[pair], sites[pair] = apart, known + known_to_all
            pair += 1
    return firsts, others, kinship, opposite, sites


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
