"""Genes from the inside: exons, coding sequence, and the bases of the reference. All of it is invented.

A gene's place is real; its transcript is not. Structure and sequence are the same in every synthetic
release, whatever its seed, so that one reference sequence serves them all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from gecip.model.assembly import GRCH38
from gecip.model.genes import GENES, Gene
from gecip.synthetic.random_streams import random_stream

Positions = npt.NDArray[np.int64]

COMPLEMENT = str.maketrans("ACGT", "TGCA")
# The standard genetic code, codons in the order T, C, A, G.
CODON_TABLE: Mapping[str, str] = dict(
    zip(
        (a + b + c for a in "TCAG" for b in "TCAG" for c in "TCAG"),
        "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        strict=True,
    )
)
THREE_LETTERS: Mapping[str, str] = dict(
    zip(
        "ARNDCQEGHILKMFPSTWYV*",
        "Ala Arg Asn Asp Cys Gln Glu Gly His Ile Leu Lys Met Phe Pro Ser Thr Trp Tyr Val Ter".split(),  # noqa: SIM905  a list of words would take twenty lines
        strict=True,
    )
)

_LEADER = 120
_TRAILER = 250
_SHORTEST_EXON = 60
_SHORTEST_INTRON = 120
# Share of A and T in introns and between genes.
_AT_SHARE = 0.59


@dataclass(frozen=True)
class Place:
    """Where a position lies in a transcript.

    `base` is the nearest transcribed base (0-based, in reading order) and `offset` the distance from
    it into the intron: 0 in an exon, positive after an exon's end, negative before an exon's start.
    """

    base: int
    offset: int


@dataclass(frozen=True)
class Transcript:
    """A gene's one transcript in reading order.

    `positions` are the genomic positions of its bases; `coding_start` and `coding_stop` bound the
    coding ones; `coding` is the coding sequence with its stop codon; `exon_starts` are the first
    bases of the exons.
    """

    gene: Gene
    positions: Positions
    coding_start: int
    coding_stop: int
    coding: str
    exon_starts: Positions

    @property
    def forward(self) -> bool:
        """Return whether the gene is read along the reference and not against it."""
        return self.gene.strand == "+"

    @property
    def coding_positions(self) -> Positions:
        """Return the genomic positions of the coding bases, in reading order."""
        return self.positions[self.coding_start : self.coding_stop]

    @cached_property
    def exon_stops(self) -> Positions:
        """The bases after the last of each exon."""
        return np.append(self.exon_starts[1:], len(self.positions))

    @cached_property
    def _base_at(self) -> dict[int, int]:
        return {int(position): base for base, position in enumerate(self.positions)}

    def place(self, position: int) -> Place:
        """Return where a genomic position inside the transcript lies."""
        if position in self._base_at:
            return Place(self._base_at[position], 0)
        direction = 1 if self.forward else -1
        ends = self.positions[self.exon_stops[:-1] - 1]
        starts = self.positions[self.exon_starts[1:]]
        intron = int(np.flatnonzero((position - ends) * direction > 0)[-1])
        after = abs(position - int(ends[intron]))
        before = abs(int(starts[intron]) - position)
        if after <= before:
            return Place(int(self.exon_stops[intron]) - 1, after)
        return Place(int(self.exon_starts[intron + 1]), -before)

    def exon(self, base: int) -> int:
        """Return the number of the exon, from 1, that holds a base."""
        return int(np.searchsorted(self.exon_starts, base, side="right"))

    def from_splice_site(self, base: int) -> int:
        """Return how many bases lie between an exon's base and the nearest splice site: 1 for the outermost."""
        exon = self.exon(base) - 1
        distances = []
        if exon > 0:
            distances.append(base - int(self.exon_starts[exon]) + 1)
        if exon < len(self.exon_starts) - 1:
            distances.append(int(self.exon_stops[exon]) - base)
        return min(distances, default=len(self.positions))

    @cached_property
    def trailer(self) -> str:
        """The transcribed bases after the coding sequence, in reading order."""
        bases = "".join(
            reference_bases(self.gene.contig, int(at), int(at))
            for at in self.positions[self.coding_stop :]
        )
        return bases if self.forward else bases.translate(COMPLEMENT)

    @cached_property
    def protein(self) -> str:
        """The translation of the coding sequence, stop included."""
        return translate(self.coding)


def translate(coding: str) -> str:
    """Return the amino acids of whole codons, to the end or the first stop, which is included as `*`."""
    letters = []
    for at in range(0, len(coding) - 2, 3):
        letters.append(CODON_TABLE[coding[at : at + 3]])
        if letters[-1] == "*":
            break
    return "".join(letters)


@cache
def transcript_of(symbol: str) -> Transcript:
    """Return the invented transcript of a gene, always the same."""
    gene = GENES[symbol]
    stream = random_stream(0, f"transcript/{symbol}")
    span = gene.stop - gene.start + 1
    codons = min(int(stream.integers(260, 760)), (span // 2 - _LEADER - _TRAILER) // 3)
    length = _LEADER + 3 * codons + _TRAILER
    exons = int(min(max(2, codons // 45), length // (2 * _SHORTEST_EXON), span // 2_000 + 1))
    exon_sizes = _split(stream, length, exons, least=_SHORTEST_EXON)
    intron_sizes = _split(stream, span - length, exons - 1, least=_SHORTEST_INTRON)
    starts = np.concatenate([[0], np.cumsum(exon_sizes[:-1] + intron_sizes)])
    offsets = np.concatenate(
        [start + np.arange(size) for start, size in zip(starts, exon_sizes, strict=True)]
    )
    positions = gene.start + offsets if gene.strand == "+" else gene.stop - offsets
    sense = [codon for codon, letter in CODON_TABLE.items() if letter != "*"]
    body = "".join(sense[at] for at in stream.integers(0, len(sense), codons - 2))
    return Transcript(
        gene=gene,
        positions=positions.astype(np.int64),
        coding_start=_LEADER,
        coding_stop=_LEADER + 3 * codons,
        coding="ATG" + body + "TAA",
        exon_starts=np.concatenate([[0], np.cumsum(exon_sizes[:-1])]).astype(np.int64),
    )


def _split(stream: np.random.Generator, total: int, parts: int, *, least: int) -> Positions:
    """Return sizes of at least `least` that come to `total`."""
    weights = stream.dirichlet(np.full(parts, 2.0))
    sizes = least + np.floor(weights * (total - least * parts)).astype(np.int64)
    sizes[-1] += total - int(sizes.sum())
    return sizes


def reference_bases(contig: str, start: int, stop: int) -> str:
    """Return the bases of the invented reference from `start` to `stop`, 1-based and inclusive."""
    overlay = _overlay(contig)
    number = _CONTIG_NUMBERS[contig]
    if stop == start:
        return overlay.get(start) or _base_between_genes(number, start)
    if stop - start < 64:
        return "".join(
            overlay.get(position) or _base_between_genes(number, position)
            for position in range(start, stop + 1)
        )
    return reference_bases_at(contig, np.arange(start, stop + 1)).tobytes().decode("ascii")


def reference_bases_at(contig: str, places: Positions) -> npt.NDArray[np.uint8]:
    """Return the bases of the invented reference at many positions, ascending, as ASCII: shape (positions,)."""
    bases = _bases_between_genes(contig, places)
    positions, fixed = _overlay_in_order(contig)
    near = slice(*np.searchsorted(positions, [places[0], places[-1] + 1]))
    at = np.searchsorted(places, positions[near])
    inside = places[at] == positions[near]
    bases[at[inside]] = fixed[near][inside]
    return bases.view(np.uint8)


@cache
def _overlay(contig: str) -> dict[int, str]:
    """The bases that genes fix: coding sequence, and GT and AG at the ends of introns."""
    fixed: dict[int, str] = {}
    for gene in GENES.values():
        if gene.contig != contig:
            continue
        transcript = transcript_of(gene.symbol)
        step = 1 if transcript.forward else -1
        for position, base in zip(transcript.coding_positions, transcript.coding, strict=True):
            fixed[int(position)] = _on_reference(base, transcript)
        for stop in transcript.exon_stops[:-1]:
            end = int(transcript.positions[stop - 1])
            start = int(transcript.positions[stop])
            for distance, base in ((1, "G"), (2, "T")):
                fixed[end + step * distance] = _on_reference(base, transcript)
            for distance, base in ((2, "A"), (1, "G")):
                fixed[start - step * distance] = _on_reference(base, transcript)
    return fixed


@cache
def _overlay_in_order(contig: str) -> tuple[Positions, npt.NDArray[np.bytes_]]:
    """The same as positions in order and their bases."""
    fixed = sorted(_overlay(contig).items())
    positions = np.array([position for position, _ in fixed], dtype=np.int64)
    return positions, np.array([base for _, base in fixed], dtype="S1")


def _on_reference(base: str, transcript: Transcript) -> str:
    return base if transcript.forward else base.translate(COMPLEMENT)


_CONTIG_NUMBERS = {contig: number for number, contig in enumerate(GRCH38.lengths, start=1)}
_WORD = (1 << 64) - 1
_BOUNDS = tuple(int(share * (1 << 53)) for share in (_AT_SHARE / 2, 0.5, 1 - _AT_SHARE / 2))


def _base_between_genes(number: int, position: int) -> str:
    """Return a base that depends on nothing but the contig's number and the position (splitmix64)."""
    mixed = (position + (number << 40) + 0x9E3779B97F4A7C15) & _WORD
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _WORD
    share = (mixed ^ (mixed >> 31)) >> 11
    return "ACGT"[bisect_right(_BOUNDS, share)]


def _bases_between_genes(contig: str, positions: Positions) -> npt.NDArray[np.bytes_]:
    """Return the same as `_base_between_genes` for many positions at once."""
    with np.errstate(over="ignore"):
        mixed = positions.astype(np.uint64) + np.uint64(_CONTIG_NUMBERS[contig] << 40)
        mixed += np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    shares = (mixed >> np.uint64(11)).astype(np.int64)
    return np.array([b"A", b"C", b"G", b"T"])[np.searchsorted(_BOUNDS, shares, side="right")]
