"""The somatic variants of tumours: drivers in their genes, and many more that fell where they fell."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from gecip.model.cancer import CODING_MEGABASES
from gecip.synthetic.gene_structure import COMPLEMENT, reference_bases
from gecip.synthetic.mutational_signatures import SUBSTITUTIONS, Shares, profiles
from gecip.synthetic.random_streams import draw_freely, draw_in_proportion
from gecip.synthetic.tumour_genome import (
    MutableBases,
    driver_bases,
    genome_by_chance,
    hot_spots,
)
from gecip.synthetic.tumour_plan import (
    DRIVERS,
    HYPERMUTATED_GENE,
    HYPERMUTATED_PER_MEGABASE,
    DriverRole,
    TumourGene,
    TumourKind,
)

_SPREAD_OF_BURDEN = 0.45
_SECOND_HIT = 0.25
# Mutations that change no protein, for each tumour and for each that does: far fewer than there are, an
# assumption that keeps the files small and leaves every tumour enough to tell its processes by.
PASSENGERS, PASSENGERS_FOR_EACH = 130, 0.1
_SHARE_OF_COPIES = 0.5
_LATE_SHARE = 0.33
_FEWEST_READS, _SHALLOWEST = 3, 30

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
SILENT = ("synonymous_variant", "intron_variant")
_SILENT_SHARES = {"synonymous_variant": 0.3, "intron_variant": 0.7}
_OF_LENGTH = ("frameshift_variant", "inframe_deletion", "inframe_insertion")
_TRANSITION = {"A": "G", "G": "A", "C": "T", "T": "C"}


@dataclass(frozen=True)
class TumourMutations:
    """What was drawn for one tumour: its drivers, its burden, and whether its genome is unstable."""

    drivers: frozenset[str]
    per_megabase: float
    unstable: bool


@dataclass(frozen=True)
class Cells:
    """What the reads of a tumour are like: share of tumour cells, coverage, and the mutational processes."""

    purity: float
    coverage: float
    exposures: Shares


@dataclass(frozen=True, slots=True)
class SomaticVariant:
    """One variant of a tumour: gene, place, change, what it does, and its reads and those of the reference."""

    gene: TumourGene
    position: int
    ref: str
    alt: str
    consequence: str
    reads: int
    reference_reads: int

    @property
    def name(self) -> tuple[str, int, str, str]:
        """Return contig, position and both alleles."""
        return self.gene.contig, self.position, self.ref, self.alt

    @property
    def fraction(self) -> float:
        """Return the share of reads that carry it."""
        return round(self.reads / (self.reads + self.reference_reads), 3)

    @property
    def is_reported(self) -> bool:
        """Return whether the tumour's report has it."""
        return self.consequence not in SILENT

    @property
    def is_counted(self) -> bool:
        """Return whether it changes the protein, and so counts in the burden."""
        return self.is_reported and self.consequence != NOT_COUNTED


class KnownConsequences:
    """What each variant does, so that one that several tumours have does the same in all of them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, str, str], str] = {}

    def agreed(self, variant: tuple[str, int, str, str], consequence: str) -> str:
        """Return what a variant does: what was said of it first."""
        return self._known.setdefault(variant, consequence)


def draw_mutations(
    stream: np.random.Generator, kind: TumourKind, size: int, *, hypermutated: int | None
) -> list[TumourMutations]:
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
        unstable[hypermutated] = False
    return [
        TumourMutations(frozenset(genes), burden, is_unstable)
        for genes, burden, is_unstable in zip(
            drivers, per_megabase.tolist(), unstable.tolist(), strict=True
        )
    ]


def somatic_variants(
    stream: np.random.Generator,
    mutations: TumourMutations,
    cells: Cells,
    known: KnownConsequences,
) -> Iterator[SomaticVariant]:
    """Yield a tumour's variants that its report has, the drivers first; no two at one place."""
    by_chance = int(stream.poisson(mutations.per_megabase * CODING_MEGABASES))
    hit = [DRIVERS[symbol] for symbol in sorted(mutations.drivers)]
    hit += [
        gene for gene in hit if gene.role is DriverRole.BROKEN and stream.random() < _SECOND_HIT
    ]
    drawn: list[Change] = []
    for gene in hit:
        consequence = draw_one(stream, _CONSEQUENCES[gene.role])
        drawn.append(_driver_change(stream, gene, consequence, cells.exposures))
    consequences = draw_freely(stream, _CONSEQUENCES[None], size=by_chance).tolist()
    drawn += changes_by_chance(stream, [str(one) for one in consequences], cells.exposures)
    yield from _sequenced(stream, drawn, cells, known, drivers=len(hit))


def silent_variants(
    stream: np.random.Generator, reported: int, cells: Cells, known: KnownConsequences
) -> Iterator[SomaticVariant]:
    """Yield some of the variants that change no protein, and that no report has."""
    count = int(stream.poisson(PASSENGERS + PASSENGERS_FOR_EACH * reported))
    consequences = draw_freely(stream, _SILENT_SHARES, size=count).tolist()
    drawn = changes_by_chance(stream, [str(one) for one in consequences], cells.exposures)
    yield from _sequenced(stream, drawn, cells, known, drivers=0)


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


def changes_by_chance(
    stream: np.random.Generator, consequences: list[str], exposures: Shares
) -> list[Change]:
    """Return a change of each consequence, where it falls by chance in the contexts that processes prefer."""
    bases = genome_by_chance()
    single = [one for one in consequences if one not in _OF_LENGTH]
    changes = list(_substitutions(stream, bases, single, exposures))
    changes += [_change_of_length(stream, bases, one) for one in consequences if one in _OF_LENGTH]
    return changes


@dataclass(frozen=True, slots=True)
class Change:
    """A change before it is sequenced."""

    gene: TumourGene
    position: int
    ref: str
    alt: str
    consequence: str


def _sequenced(
    stream: np.random.Generator,
    changes: list[Change],
    cells: Cells,
    known: KnownConsequences,
    *,
    drivers: int,
) -> Iterator[SomaticVariant]:
    """Yield the variants with their reads: drivers are in every cell of the tumour, a third of the others came later."""
    size = len(changes)
    late = (stream.random(size) < _LATE_SHARE) & (np.arange(size) >= drivers)
    share = cells.purity * _SHARE_OF_COPIES * np.where(late, stream.uniform(0.2, 0.7, size), 1.0)
    depth = stream.poisson(cells.coverage, size).clip(min=_SHALLOWEST)
    reads = stream.binomial(depth, share).clip(min=_FEWEST_READS, max=depth - 1)
    taken: set[tuple[str, int]] = set()
    for change, alternate, total in zip(changes, reads.tolist(), depth.tolist(), strict=True):
        place = (change.gene.contig, change.position)
        name = (change.gene.contig, change.position, change.ref, change.alt)
        consequence = known.agreed(name, change.consequence)
        # What is silent in one tumour is silent in all: such a chance is passed over.
        if place in taken or (consequence in SILENT) != (change.consequence in SILENT):
            continue
        taken.add(place)
        yield SomaticVariant(
            change.gene, change.position, change.ref, change.alt, consequence,
            alternate, total - alternate,
        )  # fmt: skip


def _driver_change(
    stream: np.random.Generator, gene: TumourGene, consequence: str, exposures: Shares
) -> Change:
    if gene.role is DriverRole.SWITCHED_ON:
        position = hot_spots(gene)[0 if stream.random() < 0.75 else 1]
        base = reference_bases(gene.contig, position, position)
        if stream.random() < 0.67:
            return Change(gene, position, base, _TRANSITION[base], consequence)
        others = sorted(set("ACGT") - {base, _TRANSITION[base]})
        return Change(gene, position, base, others[int(stream.integers(2))], consequence)
    bases = driver_bases(gene.symbol)
    if consequence in _OF_LENGTH:
        return _change_of_length(stream, bases, consequence)
    while True:
        for change in _substitutions(stream, bases, [consequence], exposures):
            return change


def _substitutions(
    stream: np.random.Generator,
    bases: MutableBases,
    consequences: list[str],
    exposures: Shares,
) -> Iterator[Change]:
    """Yield single-base changes in the contexts that the tumour's processes prefer."""
    mixture = exposures @ profiles()
    channels = stream.choice(len(mixture), size=len(consequences), p=mixture / mixture.sum())
    substitution, context = np.divmod(channels, 16)
    places = bases.draw(stream, context + 16 * (substitution >= 3))
    for place, kind, consequence in zip(
        places.tolist(), substitution.tolist(), consequences, strict=True
    ):
        if place < 0:
            continue
        ref, alt = SUBSTITUTIONS[kind].split(">")
        if not bases.forward[place]:
            ref, alt = ref.translate(COMPLEMENT), alt.translate(COMPLEMENT)
        yield Change(bases.gene(place), int(bases.position[place]), ref, alt, consequence)


def _change_of_length(stream: np.random.Generator, bases: MutableBases, consequence: str) -> Change:
    """Return an insertion or deletion that there is only one way to write, as a VCF has it."""
    length = 1 if consequence == "frameshift_variant" else 3
    inserted = consequence == "inframe_insertion" or (
        consequence == "frameshift_variant" and stream.random() < 0.4
    )
    while True:
        place = int(stream.integers(len(bases)))
        gene, position = bases.gene(place), int(bases.position[place])
        around = reference_bases(gene.contig, position, position + length)
        if inserted:
            new = "".join("ACGT"[base] for base in stream.integers(4, size=length))
            if around[0] != new[-1]:
                return Change(gene, position, around[0], around[0] + new, consequence)
        elif around[0] != around[-1]:
            return Change(gene, position, around, around[0], consequence)
