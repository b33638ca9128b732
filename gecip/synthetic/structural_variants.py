"""Structural variants of a few people: common ones between exons, and two planted ones that break a gene.

Planted in otherwise unsolved probands, in trios as new in the child: a deletion of exons that Manta
finds, and a larger loss that Canvas finds too, each in a gene of the proband's disease of which one
lost copy suffices; beside each a duplication within an intron, which breaks nothing. Sizes and
frequencies of the common ones are assumptions.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from gecip.model.assembly import GRCH38
from gecip.model.genes import GENES, Gene
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.gene_structure import Transcript, reference_bases, transcript_of
from gecip.synthetic.person_calls import ContigCalls
from gecip.synthetic.random_streams import random_stream

# How many common variants of each kind there are for people to carry.
_COMMON = {"DEL": 22, "INS": 14, "DUP": 6, "INV": 3, "BND": 3, "GAIN": 4, "LOSS": 4}
# Median lengths; the spread is that of a log-normal with sigma 0.9.
_MEDIAN_LENGTH = {"DEL": 320, "INS": 300, "DUP": 900, "INV": 1_800, "GAIN": 14_000, "LOSS": 14_000}
_SPREAD = 0.9
_SHORTEST, _LONGEST_INSERTION = 50, 600
_SHORTEST_COPY_NUMBER_CHANGE = 10_000
_IMPRECISE_SHARE = 0.15
# Room that common variants keep from the nearest exon.
_MARGIN = 80
# Longest reach of a planted deletion into an intron, where Canvas is not to see it.
_SHORT_REACH = 400
_LARGEST_SMALL_DELETION = 9_000


class Caller(enum.Enum):
    """Which program of the provider's pipeline finds a variant."""

    MANTA = "Manta"
    CANVAS = "Canvas"


@dataclass(frozen=True)
class Structure:
    """One structural variant: `start` is the base before it, as POS of a VCF, and `stop` its last base.

    `kind` is Manta's SVTYPE, or GAIN or LOSS of Canvas. `sequence` is what an insertion inserts, `mate`
    the other end of a translocation.
    """

    number: int
    caller: Caller
    kind: str
    contig: str
    start: int
    stop: int
    frequency: float = 0.0
    precise: bool = True
    sequence: str = ""
    mate: tuple[str, int] | None = None

    @property
    def reference(self) -> str:
        """Return the base of the reference at `start`."""
        return reference_bases(self.contig, self.start, self.start)


@dataclass(frozen=True)
class PlantedStructure:
    """What was planted in one proband: the variants that break the gene, and the decoy that does not."""

    person: int
    gene: Gene
    breaking: tuple[Structure, ...]
    decoy: Structure
    exons: tuple[int, ...]

    @property
    def answer_kind(self) -> str:
        """Return the answer key's word for it."""
        is_large = any(one.caller is Caller.CANVAS for one in self.breaking)
        return "copy_number_variant" if is_large else "structural_variant"

    def answers(self, *, family: int, participant: int, parents: int) -> Iterator[Answer]:
        """Yield the truth and its decoy; `parents` is of how many parents there are files, all without either."""
        first = self.breaking[0]
        yield Answer(
            kind=self.answer_kind,
            domain="rare_disease",
            gene=self.gene.symbol,
            family=family,
            participant=participant,
            variants=(_name(first),),
            mode=self.gene.mode.value,
            expected={
                "found": True,
                "callers": sorted({one.caller.value for one in self.breaking}),
                "stop": first.stop,
                "exons": list(self.exons),
                "genotype": "0/1",
                "parents_without": parents,
            },
        )
        yield Answer(
            kind=self.answer_kind,
            domain="rare_disease",
            gene=self.gene.symbol,
            family=family,
            participant=participant,
            variants=(_name(self.decoy),),
            expected={
                "found": False,
                "stop": self.decoy.stop,
                "exons": [],
                "because": "the duplication lies within an intron and touches no exon",
            },
        )


def _name(one: Structure) -> str:
    alternate = {"DUP": "<DUP:TANDEM>", "LOSS": "<CNV>", "GAIN": "<CNV>"}.get(
        one.kind, f"<{one.kind}>"
    )
    return f"{one.contig}:{one.start}:{one.reference}:{alternate}"


# ---------------------------------------------------------------------------------------------------------------------
# What is planted
# ---------------------------------------------------------------------------------------------------------------------


def can_lose_exons(gene: Gene | None) -> bool:
    """Return whether a deletion can be planted in a gene: one lost copy causes the disease, on an autosome."""
    return (
        gene is not None
        and gene.contig in GRCH38.autosomes
        and gene.mode.one_copy_suffices
        and len(transcript_of(gene.symbol).exon_starts) >= 4
        and any(stop - start > 3 * _MARGIN + _SHORTEST for start, stop in _introns(gene.symbol))
    )


def can_lose_a_large_part(gene: Gene) -> bool:
    """Return whether a loss in a gene, of exons and what lies half-way to the next, can be so large that Canvas sees it."""
    exons = exon_spans(transcript_of(gene.symbol))
    first, last = exons[1], exons[-2]
    reach = (first[0] - exons[0][1]) // 2 + (exons[-1][0] - last[1]) // 2
    return last[1] - first[0] + reach > _SHORTEST_COPY_NUMBER_CHANGE


def plant_structures(
    seed: int, probands: Sequence[tuple[int, Gene, Mapping[str, ContigCalls]]]
) -> tuple[PlantedStructure, ...]:
    """Return what is planted in the first proband, a deletion, and in the first other one that can lose more.

    Parameters
    ----------
    probands
        Place among the people, the gene of the disease, and the calls of small variants: where a
        deletion leaves one copy there can be no heterozygous call, so it is put where there is none.
    """
    stream = random_stream(seed, "structural variants/planting")
    planted: list[PlantedStructure] = []
    for is_large in (False, True):
        used = {one.person for one in planted}
        for person, gene, calls in probands:
            if person in used:
                continue
            variants = calls.get(gene.contig, ContigCalls()).variants
            taken = [(call.position, call.stop) for call in variants]
            found = _plant(stream, person, gene, taken, is_large=is_large)
            if found is not None:
                planted.append(found)
                break
    return tuple(planted)


def _plant(
    stream: np.random.Generator,
    person: int,
    gene: Gene,
    taken: Sequence[tuple[int, int]],
    *,
    is_large: bool,
) -> PlantedStructure | None:
    stretches = _deletable(stream, gene, is_large=is_large)
    free = [
        (start, stop, exons)
        for start, stop, exons in stretches
        if not any(first <= stop and last >= start for first, last in taken)
    ]
    if not free:
        return None
    start, stop, exons = free[int(stream.integers(len(free)))]
    deletion = Structure(
        9_000 + person, Caller.MANTA, "DEL", gene.contig, start, stop, precise=not is_large
    )
    loss = Structure(0, Caller.CANVAS, "LOSS", gene.contig, start, stop)
    breaking = (loss, deletion) if is_large else (deletion,)
    wide = max(_introns(gene.symbol), key=lambda intron: intron[1] - intron[0])
    room = wide[1] - wide[0] - 2 * _MARGIN
    length = min(room // 2, 2_000)
    first = wide[0] + _MARGIN + int(stream.integers(room - length))
    decoy = Structure(9_500 + person, Caller.MANTA, "DUP", gene.contig, first, first + length)
    return PlantedStructure(person, gene, breaking, decoy, exons)


def _deletable(
    stream: np.random.Generator, gene: Gene, *, is_large: bool
) -> list[tuple[int, int, tuple[int, ...]]]:
    """Return stretches from intron to intron that hold coding exons: start, stop and the exons' numbers."""
    transcript = transcript_of(gene.symbol)
    exons = exon_spans(transcript)
    coding = transcript.coding_positions
    found = []
    for first in range(1, len(exons) - 1):
        for last in range(first, len(exons) - 1):
            before = exons[first][0] - exons[first - 1][1]
            after = exons[last + 1][0] - exons[last][1]
            reach = [
                int(
                    stream.integers(
                        20, max(21, gap // 2 if is_large else min(gap // 2, _SHORT_REACH))
                    )
                )
                for gap in (before, after)
            ]
            start, stop = exons[first][0] - reach[0], exons[last][1] + reach[1]
            length = stop - start
            fits = (
                _SHORTEST_COPY_NUMBER_CHANGE < length < 200_000
                if is_large
                else length < _LARGEST_SMALL_DELETION
            )
            if fits and bool(((coding > start) & (coding <= stop)).any()):
                numbers = tuple(sorted(number for *_, number in exons[first : last + 1]))
                found.append((start, stop, numbers))
    return found


def exon_spans(transcript: Transcript) -> list[tuple[int, int, int]]:
    """Return first base, last base and number of each exon, in the order of the reference."""
    ends = [
        (int(transcript.positions[start]), int(transcript.positions[stop - 1]))
        for start, stop in zip(transcript.exon_starts, transcript.exon_stops, strict=True)
    ]
    return sorted((min(pair), max(pair), number) for number, pair in enumerate(ends, start=1))


@cache
def _introns(symbol: str) -> tuple[tuple[int, int], ...]:
    spans = exon_spans(transcript_of(symbol))
    return tuple((before[1] + 1, after[0] - 1) for before, after in pairwise(spans))


# ---------------------------------------------------------------------------------------------------------------------
# What many carry
# ---------------------------------------------------------------------------------------------------------------------


def common_structures(seed: int) -> tuple[Structure, ...]:
    """Return the structural variants that people carry for no reason; none of them touches an exon."""
    stream = random_stream(seed, "structural variants/common")
    introns = [
        (gene.contig, start + _MARGIN, stop - _MARGIN)
        for gene in GENES.values()
        if gene.contig in GRCH38.autosomes
        for start, stop in _introns(gene.symbol)
        if stop - start > 4 * _MARGIN
    ]
    found: list[Structure] = []
    for kind, count in _COMMON.items():
        for _ in range(count):
            found.append(_common(stream, kind, introns, number=100 + 37 * len(found)))
    return tuple(found)


def _common(
    stream: np.random.Generator,
    kind: str,
    introns: Sequence[tuple[str, int, int]],
    *,
    number: int,
) -> Structure:
    caller = Caller.CANVAS if kind in ("GAIN", "LOSS") else Caller.MANTA
    frequency = float(stream.beta(0.6, 1.8))
    if kind == "BND":
        (contig, first, last), (other, its_first, its_last) = (
            introns[int(at)] for at in stream.choice(len(introns), size=2, replace=False)
        )
        start = int(stream.integers(first, last))
        mate = (other, int(stream.integers(its_first, its_last)))
        return Structure(number, caller, kind, contig, start, start, frequency, mate=mate)
    while True:
        length = int(_MEDIAN_LENGTH[kind] * np.exp(stream.normal(0, _SPREAD)))
        least = _SHORTEST_COPY_NUMBER_CHANGE if caller is Caller.CANVAS else _SHORTEST
        length = max(length, least)
        span = 1 if kind == "INS" else length
        fitting = [intron for intron in introns if intron[2] - intron[1] > 1.5 * span]
        if fitting and (kind != "INS" or length <= _LONGEST_INSERTION):
            break
    contig, first, last = fitting[int(stream.integers(len(fitting)))]
    start = int(stream.integers(first, last - span))
    precise = kind == "INS" or bool(stream.random() > _IMPRECISE_SHARE)
    sequence = "".join("ACGT"[base] for base in stream.integers(4, size=length))
    if kind == "INS":
        return Structure(number, caller, kind, contig, start, start, frequency, sequence=sequence)
    return Structure(number, caller, kind, contig, start, start + length, frequency, precise)


def draw_carriers(
    seed: int,
    structures: Sequence[Structure],
    people: Sequence[tuple[int, int, int]],
) -> dict[int, tuple[int, ...]]:
    """Return how many copies of each structure everybody has, children from their parents.

    Parameters
    ----------
    people
        Each person's place with those of father and mother; -1, or a place that is not among them,
        for a parent of whom nothing is asked.
    """
    stream = random_stream(seed, "structural variants/carriers")
    frequencies = np.array([one.frequency for one in structures])
    chances = {person: stream.random((2, len(structures))) for person, *_ in people}
    copies: dict[int, np.ndarray] = {}

    def copies_of(person: int) -> np.ndarray:
        if person not in copies:
            father, mother = parents[person]
            sides = []
            for side, parent in enumerate((father, mother)):
                if parent in chances:
                    passed = (chances[person][side] < 0.5).astype(int)
                    sides.append(np.take_along_axis(copies_of(parent), passed[None, :], axis=0)[0])
                else:
                    sides.append((chances[person][side] < frequencies).astype(int))
            copies[person] = np.stack(sides)
        return copies[person]

    parents = {person: (father, mother) for person, father, mother in people}
    return {person: tuple(copies_of(person).sum(axis=0).tolist()) for person, *_ in people}
