"""Where somatic mutations fall: stretches of coding sequence, and the bases beside each of theirs.

A tumour's mutations are drawn from a small part of the genome, a sixth of the coding sequence, so
that the release's reference sequence can hold all of it: the open reading frames of an invented
genome in clusters along the chromosomes, and pieces of the genes of tumours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from gecip.model.assembly import GRCH38
from gecip.model.cancer import CODING_MEGABASES
from gecip.model.genes import GENES
from gecip.synthetic.gene_structure import reference_bases
from gecip.synthetic.tumour_plan import DRIVERS, LONG_GENES, TumourGene

Places = npt.NDArray[np.int64]

# Open reading frames that nobody has named, in clusters strung evenly along the chromosomes.
READING_FRAMES = 18_000
_FRAMES_IN_CLUSTER = 30
_LENGTH_OF_FRAME = 320
_FIRST_FRAME = 1_000
# Of a gene with a place of its own: pieces of this length, as many as its coding bases are to the frames'.
_LENGTH_OF_PIECE = 320
_PIECES_OF_DRIVER = 8
# Where a gene is switched on there are two places, the second so many bases after the first.
HOT_SPOTS_APART = 180
_CLEAR_OF_GENES = 2_000
_STEP_ASIDE = 1_000_000


@dataclass(frozen=True)
class Stretch:
    """A piece of a gene in which mutations fall, 1-based and inclusive."""

    gene: TumourGene
    start: int
    stop: int


class MutableBases:
    """The bases of some stretches with the bases beside them, so that places can be found by context.

    A context is a number from 0 to 31: of the pyrimidine of the base's pair (C before T), of the base
    before it and the base after it, both read along the pyrimidine's strand.
    """

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self.stretches = stretches
        sizes = [one.stop - one.start + 1 for one in stretches]
        self.stretch = np.repeat(np.arange(len(stretches)), sizes)
        self.position: Places = np.concatenate(
            [np.arange(one.start, one.stop + 1, dtype=np.int64) for one in stretches]
        )
        letters = _codes(_bases_around(stretches))
        ends = np.cumsum([size + 2 for size in sizes])
        inside = np.ones(len(letters), dtype=bool)
        inside[ends - 1] = inside[ends - np.array(sizes) - 2] = False
        at = np.flatnonzero(inside)
        before, middle, after = letters[at - 1], letters[at], letters[at + 1]
        self.forward = (middle == 1) | (middle == 3)
        self.base = middle
        pyrimidine = np.where(self.forward, middle, 3 - middle)
        first = np.where(self.forward, before, 3 - after)
        last = np.where(self.forward, after, 3 - before)
        self.context = ((pyrimidine == 3) * np.int8(16) + first * 4 + last).astype(np.int8)

    def __len__(self) -> int:
        return len(self.position)

    @cached_property
    def _by_context(self) -> tuple[Places, Places, Places]:
        order = np.argsort(self.context, kind="stable")
        counts = np.bincount(self.context, minlength=32)
        return order, np.cumsum(counts) - counts, counts

    def draw(self, stream: np.random.Generator, contexts: npt.NDArray[np.int64]) -> Places:
        """Return a place of each context, as a number below the length; -1 where there is none."""
        order, first, counts = self._by_context
        chances = stream.random(len(contexts))
        found = order[
            (first[contexts] + (chances * counts[contexts]).astype(np.int64)).clip(
                max=len(order) - 1
            )
        ]
        return np.where(counts[contexts] > 0, found, -1)

    def gene(self, place: int) -> TumourGene:
        """Return the gene of a place."""
        return self.stretches[self.stretch[place]].gene


def _bases_around(stretches: Sequence[Stretch]) -> str:
    """Return the bases of all stretches, each with one base before and one after."""
    return "".join(
        reference_bases(one.gene.contig, one.start - 1, one.stop + 1) for one in stretches
    )


def _codes(bases: str) -> npt.NDArray[np.int8]:
    """Return 0 to 3 for A, C, G and T, so that 3 less a base is its pair."""
    table = np.zeros(256, dtype=np.int8)
    table[[ord(base) for base in "ACGT"]] = range(4)
    return table[np.frombuffer(bases.encode("ascii"), dtype=np.uint8)]


@cache
def genome_by_chance() -> MutableBases:
    """Return what is hit by chance: reading frames, and long genes in proportion to their coding sequence."""
    share = READING_FRAMES * _LENGTH_OF_FRAME / (CODING_MEGABASES * 1e6)
    frames = [
        Stretch(frame, frame.start, frame.stop)
        for frame in (reading_frame(number) for number in range(READING_FRAMES))
    ]
    for gene in LONG_GENES.values():
        pieces = max(1, round(gene.coding_bases * share / _LENGTH_OF_PIECE))
        frames += _pieces(gene, pieces)
    return MutableBases(frames)


@cache
def driver_bases(symbol: str) -> MutableBases:
    """Return where a driver gene that is broken can be hit."""
    return MutableBases(_pieces(DRIVERS[symbol], _PIECES_OF_DRIVER))


def hot_spots(gene: TumourGene) -> tuple[int, int]:
    """Return the two places at which a gene is switched on."""
    first = gene.start + (gene.stop - gene.start - 10) // 3
    return first, first + HOT_SPOTS_APART


def _pieces(gene: TumourGene, count: int) -> list[Stretch]:
    """Return pieces of a gene, at even distances."""
    length = gene.stop - gene.start - _LENGTH_OF_PIECE - 10
    starts = [gene.start + int((number + 0.5) * length / count) for number in range(count)]
    return [Stretch(gene, start, start + _LENGTH_OF_PIECE - 1) for start in starts]


@cache
def reading_frame(number: int) -> TumourGene:
    """Return an invented gene by its number from 0 up, named as open reading frames are."""
    contig, start = _clusters()[number // _FRAMES_IN_CLUSTER]
    start += number % _FRAMES_IN_CLUSTER * _LENGTH_OF_FRAME
    symbol = f"C{contig.removeprefix('chr')}orf{_FIRST_FRAME + number}"
    return TumourGene(symbol, contig, start, start + _LENGTH_OF_FRAME - 1, "DOMAIN3")


@cache
def _clusters() -> tuple[tuple[str, int], ...]:
    """Return contig and first base of each cluster of reading frames, clear of the genes that have names."""
    contigs = (*GRCH38.autosomes, GRCH38.x_contig)
    lengths = np.array([GRCH38.lengths[contig] for contig in contigs])
    ends = np.cumsum(lengths)
    count = READING_FRAMES // _FRAMES_IN_CLUSTER
    size = _FRAMES_IN_CLUSTER * _LENGTH_OF_FRAME
    named = [(gene.contig, gene.start, gene.stop) for gene in GENES.values()]
    named += [
        (gene.contig, gene.start, gene.stop) for gene in (*DRIVERS.values(), *LONG_GENES.values())
    ]
    found = []
    for number in range(count):
        at = int((number + 0.5) / count * lengths.sum())
        place = int(np.searchsorted(ends, at, side="right"))
        start = at - int(ends[place] - lengths[place]) + 1
        start = min(max(start, _STEP_ASIDE), int(lengths[place]) - _STEP_ASIDE)
        while any(
            contig == contigs[place]
            and start - _CLEAR_OF_GENES <= stop
            and start + size + _CLEAR_OF_GENES >= first
            for contig, first, stop in named
        ):
            start -= _CLEAR_OF_GENES
        found.append((contigs[place], start))
    return tuple(found)
