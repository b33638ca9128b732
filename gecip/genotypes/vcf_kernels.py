"""Kernels that read genotypes out of the text of a VCF, line by line."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gecip.compiling import compiled
from gecip.genotypes.packed import MISSING, NONE, ONE, TWO

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

# What a line is found to be.
GOOD, LEFT_OUT, TOO_FEW_COLUMNS, NO_GENOTYPE, NO_RECORD = range(5)

# Columns of `fields`: where a line's texts begin and how long they are, and its numbers.
CONTIG, CONTIG_LENGTH, POSITION, REFERENCE, REFERENCE_LENGTH, ALTERNATE, ALTERNATE_LENGTH = range(7)
ALTERNATE_ALLELES, ALLELES, NO_CALL, HAPLOID, FILTERED = range(7, 12)
FIELDS = 12

# What the reading of one genotype gives, beside the four codes: a flag for one copy, and a refusal.
ONE_COPY = 4
REFUSED = 8
TAB, NEWLINE, RETURN, COLON, DOT, COMMA, LESS, SLASH, BAR = (ord(c) for c in "\t\n\r:.,</|")
ZERO, HASH = ord("0"), ord("#")


@compiled()
def line_starts(text: Bytes, length: int) -> Places:
    """Return where lines begin, and behind the last one where the text ends."""
    count = 0
    for place in range(length):
        count += text[place] == NEWLINE
    starts = np.empty(count + 1, dtype=np.int64)
    starts[0] = 0
    line = 1
    for place in range(length):
        if text[place] == NEWLINE:
            starts[line] = place + 1
            line += 1
    return starts


@compiled()
def _field_end(text: Bytes, place: int) -> int:
    while text[place] != TAB and text[place] != NEWLINE:
        place += 1
    return place


@compiled()
def _ends_genotype(letter: int) -> bool:
    return letter in (TAB, COLON, NEWLINE, RETURN)


@compiled()
def _allele(text: Bytes, place: int) -> tuple[int, int]:
    """Return an allele's number, -1 where it is not known and -2 where it is none, and where it ends."""
    if text[place] == DOT:
        return -1, place + 1
    number, begin = 0, place
    while ZERO <= text[place] <= ZERO + 9 and place - begin < 9:
        number = number * 10 + (text[place] - ZERO)
        place += 1
    return (number if place > begin else -2), place


@compiled()
def _coded(first: int, second: int, keep_partial: int) -> int:
    """Return the code of two alleles, each 0, 1, or -1 for not known."""
    if first > 1 or second > 1 or first < -1 or second < -1:
        return REFUSED
    if first < 0 and second < 0:
        return MISSING
    if first < 0 or second < 0:
        if not keep_partial:
            return MISSING
        # The allele that is not told is another alternate, written at its own row.
        return ONE if first + second == 0 else NONE
    copies = first + second
    return TWO if copies == 2 else (ONE if copies == 1 else NONE)


@compiled()
def _genotype(text: Bytes, place: int, keep_partial: int) -> int:
    """Return the code of the genotype that begins at a place."""
    first, after = _allele(text, place)
    if _ends_genotype(text[after]):
        if first == -1:
            return MISSING
        return (ONE | ONE_COPY) if first == 1 else ((NONE | ONE_COPY) if first == 0 else REFUSED)
    if text[after] != SLASH and text[after] != BAR:
        return REFUSED
    second, after = _allele(text, after + 1)
    if not _ends_genotype(text[after]):
        return REFUSED
    return _coded(first, second, keep_partial)


@compiled()
def _read_samples(
    text: Bytes,
    place: int,
    targets: npt.NDArray[np.int64],
    keep_partial: int,
    packed: Bytes,
    bits: Bytes,
    counts: npt.NDArray[np.int64],
) -> int:
    """Read the genotypes of a line from its first sample on; return what the line is."""
    twos = ones = missing = haploid = 0
    for sample in range(targets.size):
        person = targets[sample]
        if person >= 0:
            code = _genotype(text, place, keep_partial)
            if code >= REFUSED:
                return NO_GENOTYPE
            if code >= ONE_COPY:
                code -= ONE_COPY
                haploid += 1
                bits[person >> 3] |= np.uint8(1 << (person & 7))
            twos += code == TWO
            ones += code == ONE
            missing += code == MISSING
            packed[person >> 2] |= np.uint8(code << (2 * (person & 3)))
        place = _field_end(text, place)
        if text[place] == NEWLINE and sample + 1 < targets.size:
            return TOO_FEW_COLUMNS
        place += 1
    counts[0] = 2 * twos + ones
    counts[2] = missing
    counts[3] = haploid
    return GOOD


@compiled()
def _passes(text: Bytes, begin: int, end: int) -> bool:
    """Return whether FILTER says PASS or nothing."""
    if end - begin == 1:
        return bool(text[begin] == DOT)
    return bool(
        end - begin == 4
        and text[begin] == ord("P")
        and text[begin + 1] == ord("A")
        and text[begin + 2] == ord("S")
        and text[begin + 3] == ord("S")
    )


@compiled()
def _read_line(
    text: Bytes,
    place: int,
    targets: npt.NDArray[np.int64],
    people: int,
    keep_partial: int,
    fields: Places,
    packed: Bytes,
    bits: Bytes,
) -> int:
    """Read one line; return what it is."""
    if text[place] == NEWLINE or text[place] == HASH:
        return NO_RECORD
    begins = np.empty(9, dtype=np.int64)
    ends = np.empty(9, dtype=np.int64)
    for column in range(9):
        begins[column] = place
        ends[column] = place = _field_end(text, place)
        if text[place] == NEWLINE:
            return TOO_FEW_COLUMNS
        place += 1
    position = 0
    for digit in range(begins[1], ends[1]):
        position = position * 10 + (text[digit] - ZERO)
    fields[CONTIG], fields[CONTIG_LENGTH] = begins[0], ends[0] - begins[0]
    fields[POSITION] = position
    fields[REFERENCE], fields[REFERENCE_LENGTH] = begins[3], ends[3] - begins[3]
    fields[ALTERNATE], fields[ALTERNATE_LENGTH] = begins[4], ends[4] - begins[4]
    fields[FILTERED] = not _passes(text, begins[6], ends[6])
    if text[begins[4]] == LESS or (text[begins[4]] == DOT and ends[4] - begins[4] == 1):
        return LEFT_OUT
    for letter in range(begins[4], ends[4]):
        if text[letter] == COMMA:
            return LEFT_OUT
    with_genotypes = text[begins[8]] == ord("G") and text[begins[8] + 1] == ord("T")
    if not (with_genotypes and (ends[8] == begins[8] + 2 or text[begins[8] + 2] == COLON)):
        for person in range(people):
            packed[person >> 2] |= np.uint8(MISSING << (2 * (person & 3)))
        fields[NO_CALL] = people
        return GOOD
    counts = fields[ALTERNATE_ALLELES:]
    found = _read_samples(text, place, targets, keep_partial, packed, bits, counts)
    fields[ALLELES] = 2 * (people - fields[NO_CALL]) - fields[HAPLOID]
    return found


@compiled()
def read_lines(
    text: Bytes,
    starts: Places,
    targets: npt.NDArray[np.int64],
    people: int,
    keep_partial: int,
) -> tuple[npt.NDArray[np.uint8], Places, Bytes, Bytes]:
    """Return what each line is, its fields, and its genotypes: packed, and who has one copy.

    Parameters
    ----------
    text
        Whole lines; some bytes more than they take, so that a look ahead stays inside.
    starts
        What `line_starts` gives.
    targets
        For each column of samples its place among the people, or -1 for one that is not wanted.
    """
    lines = starts.size - 1
    found = np.empty(lines, dtype=np.uint8)
    fields = np.zeros((lines, FIELDS), dtype=np.int64)
    packed = np.zeros((lines, (people + 3) // 4), dtype=np.uint8)
    bits = np.zeros((lines, (people + 7) // 8), dtype=np.uint8)
    for line in range(lines):
        found[line] = _read_line(
            text, starts[line], targets, people, keep_partial,
            fields[line], packed[line], bits[line],
        )  # fmt: skip
    return found, fields, packed, bits


@compiled()
def gather(text: Bytes, begins: Places, offsets: npt.NDArray[np.int32]) -> Bytes:
    """Return pieces of a text behind each other; the lengths lie between the offsets."""
    gathered = np.empty(offsets[-1], dtype=np.uint8)
    for piece in range(begins.size):
        begin, to = begins[piece], offsets[piece]
        for place in range(offsets[piece + 1] - to):
            gathered[to + place] = text[begin + place]
    return gathered
