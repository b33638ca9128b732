"""The somatic variants of tumours: drivers in their genes, and many more that fell where they fell."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from gecip.model.assembly import GRCH38
from gecip.model.cancer import CODING_MEGABASES
from gecip.synthetic.gene_structure import reference_bases
from gecip.synthetic.random_streams import draw_in_proportion
from gecip.synthetic.tumour_plan import (
    DRIVERS,
    HYPERMUTATED_GENE,
    HYPERMUTATED_PER_MEGABASE,
    LONG_GENES,
    DriverRole,
    TumourGene,
    TumourKind,
)

# Open reading frames that nobody has named: genes of an invented genome, strung evenly along it.
READING_FRAMES = 18_000
_FIRST_FRAME = 1_000
_SPREAD_OF_BURDEN = 0.45
_LENGTH_OF_FRAME = 30_000
_SECOND_HIT = 0.25

_CONSEQUENCES: Mapping[DriverRole | None, Mapping[str, float]] = {
    DriverRole.SWITCHED_ON: {"missense_variant": 1.0},
    DriverRole.BROKEN: {
        "frameshift_variant": 0.36,
        "stop_gained": 0.28,
        "missense_variant": 0.26,
        "splice_donor_variant": 0.05,
        "splice_acceptor_variant": 0.05,
    },
    None: {
        "missense_variant": 0.83,
        "stop_gained": 0.06,
        "frameshift_variant": 0.05,
        "splice_donor_variant": 0.01,
        "splice_acceptor_variant": 0.01,
        "inframe_deletion": 0.007,
        "inframe_insertion": 0.003,
        # In the report, and no change of the protein: not part of the burden.
        "splice_region_variant": 0.03,
    },
}
NOT_COUNTED = "splice_region_variant"
_TRANSITION = {"A": "G", "G": "A", "C": "T", "T": "C"}


@dataclass(frozen=True)
class TumourMutations:
    """What was drawn for the tumours of one kind: which drivers each has, and how unstable each genome is."""

    drivers: tuple[frozenset[str], ...]
    per_megabase: npt.NDArray[np.float64]


@dataclass(frozen=True)
class SomaticVariant:
    """One variant of a tumour: gene, place, change, share of reads and what it does."""

    gene: TumourGene
    position: int
    ref: str
    alt: str
    fraction: float
    consequence: str

    @property
    def is_counted(self) -> bool:
        """Return whether it changes the protein, and so counts in the burden."""
        return self.consequence != NOT_COUNTED


def draw_mutations(
    stream: np.random.Generator, kind: TumourKind, size: int, *, hypermutated: int | None
) -> TumourMutations:
    """Return the drivers and the burden of `size` tumours of one kind.

    Counts of drivers follow their planted shares as nearly as whole numbers can. `hypermutated` is the
    place of the one tumour that carries the gene of the hypermutators.
    """
    drivers: list[set[str]] = [set() for _ in range(size)]
    for exclusive in kind.drivers:
        shares = {**exclusive, "": 1 - sum(exclusive.values())}
        for tumour, gene in zip(
            drivers, draw_in_proportion(stream, shares, size=size), strict=True
        ):
            tumour |= {str(gene)} - {""}
    shares = {"unstable": kind.unstable_share, "stable": 1 - kind.unstable_share}
    unstable = draw_in_proportion(stream, shares, size=size) == "unstable"
    median = np.where(unstable, kind.unstable_per_megabase, kind.per_megabase)
    per_megabase = median * np.exp(stream.normal(0, _SPREAD_OF_BURDEN, size=size))
    if hypermutated is not None:
        drivers[hypermutated].add(HYPERMUTATED_GENE)
        per_megabase[hypermutated] = HYPERMUTATED_PER_MEGABASE
    return TumourMutations(tuple(frozenset(genes) for genes in drivers), per_megabase)


def somatic_variants(
    stream: np.random.Generator, drivers: frozenset[str], per_megabase: float, *, purity: float
) -> Iterator[SomaticVariant]:
    """Yield a tumour's variants, the drivers first; no two at one place."""
    taken: set[tuple[str, int]] = set()
    by_chance = int(stream.poisson(per_megabase * CODING_MEGABASES))
    hit = [DRIVERS[symbol] for symbol in sorted(drivers)]
    hit += [
        gene for gene in hit if gene.role is DriverRole.BROKEN and stream.random() < _SECOND_HIT
    ]
    for gene in [*hit, *_genes_by_chance(stream, by_chance)]:
        position = _position(stream, gene)
        if (gene.contig, position) in taken:
            continue
        taken.add((gene.contig, position))
        consequence = str(draw_one(stream, _CONSEQUENCES[gene.role]))
        ref, alt = _change(stream, gene.contig, position, consequence)
        # Drivers came first and are in every cell of the tumour; of the others a third came later.
        late = gene.role is None and stream.random() < 0.33
        share = purity / 2 * (stream.uniform(0.2, 0.7) if late else 1.0)
        fraction = float(stream.normal(share, 0.03))
        yield SomaticVariant(
            gene, position, ref, alt, round(min(max(fraction, 0.03), 0.95), 3), consequence
        )


def draw_one(stream: np.random.Generator, shares: Mapping[str, float]) -> str:
    """Return one label with the probability that `shares` gives it."""
    labels, bounds = _labels_and_bounds(tuple(shares.items()))
    return labels[bisect_right(bounds, stream.random())]


@cache
def _labels_and_bounds(
    shares: tuple[tuple[str, float], ...],
) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return labels and the sums of their shares, which `draw_freely` would count up for each label anew."""
    weights = np.array([share for _, share in shares])
    bounds = np.cumsum(weights / weights.sum())
    return tuple(label for label, _ in shares), tuple((bounds / bounds[-1]).tolist())


def _genes_by_chance(stream: np.random.Generator, count: int) -> Iterator[TumourGene]:
    """Yield genes that are hit by chance: long ones in proportion to their length, and reading frames."""
    long = list(LONG_GENES.values())
    bounds = np.cumsum([gene.coding_bases for gene in long]) / (CODING_MEGABASES * 1e6)
    places = np.searchsorted(bounds, stream.random(count), side="right")
    frames = stream.integers(READING_FRAMES, size=count)
    for place, frame in zip(places.tolist(), frames.tolist(), strict=True):
        yield long[place] if place < len(long) else reading_frame(frame)


@cache
def reading_frame(number: int) -> TumourGene:
    """Return an invented gene by its number from 0 up, named as open reading frames are."""
    contigs = (*GRCH38.autosomes, GRCH38.x_contig)
    lengths = np.array([GRCH38.lengths[contig] for contig in contigs])
    at = int((number + 0.5) / READING_FRAMES * lengths.sum())
    ends = np.cumsum(lengths)
    place = int(np.searchsorted(ends, at, side="right"))
    contig = contigs[place]
    start = at - int(ends[place] - lengths[place]) + 1
    start = min(start, int(lengths[place]) - _LENGTH_OF_FRAME - 10)
    symbol = f"C{contig.removeprefix('chr')}orf{_FIRST_FRAME + number}"
    return TumourGene(symbol, contig, start, start + _LENGTH_OF_FRAME, "DOMAIN3")


def _position(stream: np.random.Generator, gene: TumourGene) -> int:
    """Return a place in a gene: one of two for a gene that is switched on, any for another."""
    length = gene.stop - gene.start - 10
    if gene.role is DriverRole.SWITCHED_ON:
        return gene.start + length // 3 + (0 if stream.random() < 0.75 else 180)
    return gene.start + int(stream.integers(length))


def _change(
    stream: np.random.Generator, contig: str, position: int, consequence: str
) -> tuple[str, str]:
    """Return the bases before and after, in the manner of a VCF."""
    first = reference_bases(contig, position, position)
    if consequence in ("frameshift_variant", "inframe_deletion", "inframe_insertion"):
        length = 1 if consequence == "frameshift_variant" else 3
        inserted = consequence == "inframe_insertion" or (
            consequence == "frameshift_variant" and stream.random() < 0.4
        )
        if inserted:
            return first, first + "".join("ACGT"[base] for base in stream.integers(4, size=length))
        return reference_bases(contig, position, position + length), first
    if stream.random() < 0.67:
        return first, _TRANSITION[first]
    others = sorted(set("ACGT") - {first, _TRANSITION[first]})
    return first, others[int(stream.integers(2))]
