"""Plant truths: a variant in the right gene, in the right people, through the right transmissions.

A planted variant is given to one founder's copy of the genome, and the meioses between that founder
and the proband are told which copy to pass on. Everybody else in the family receives it or not as
chance has it, and whoever receives it is affected by the gene's rules: nothing is painted over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gecip.model.genes import GENES, Gene, ModeOfInheritance
from gecip.synthetic.casting import DECOYS, LARGE, TRUTHS, Part
from gecip.synthetic.disease_plan import DiseasePlan
from gecip.synthetic.gene_structure import Transcript, reference_bases, transcript_of
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import ANCESTRIES, MIXED, People, Recruits, Role
from gecip.synthetic.variant_effects import effect_of
from gecip.synthetic.variant_sites import (
    Frequencies,
    Site,
    background_variants,
    draw_change,
    draw_indel,
    site_in_gene,
)

FROM_FATHER, FROM_MOTHER = 0, 1
COMMON = 0.04
COMMON_SOMEWHERE = 0.025
COMPANION = 0.12
# A gene whose private damaging variants are commoner among the probands of one disease group.
BURDEN_GROUP = "Neurology and neurodevelopmental disorders"
BURDEN_CASES = 14


@dataclass(frozen=True)
class Passage:
    """One meiosis that is told what to do: `child` receives from the parent on `side` that parent's copy `copy`."""

    child: int
    side: int
    copy: int


@dataclass(frozen=True)
class Planted:
    """One planted variant of one family.

    `carriers` are founders' copies that bear it, as (person, copy); `arises` are copies on which it
    is new. Of an ordinary family, it is one of a burden gene's. A `companion` is a second, harmless
    allele at the same place, planted to make genotypes partial; it is no truth of its own. Where a
    variant is to stand `alone`, the family's founders have no other rare coding variant in the gene.
    """

    family: int
    part: Part
    gene: Gene
    site: Site
    frequencies: Frequencies
    carriers: tuple[tuple[int, int], ...] = ()
    passages: tuple[Passage, ...] = ()
    arises: tuple[tuple[int, int], ...] = ()
    companion: bool = False
    alone: bool = False


def plant_truths(
    seed: int, recruits: Recruits, plan: DiseasePlan, *, among_genomes: bool = True
) -> tuple[Planted, ...]:
    """Return every planted variant, family by family.

    Parameters
    ----------
    among_genomes
        Whether the release has genomes, at whose other variants nothing is to be planted.
    """
    planter = Planter(seed, recruits, among_genomes=among_genomes)
    planted: list[Planted] = []
    for family in plan.families(*TRUTHS, *DECOYS):
        gene = plan.genes[family]
        if gene is not None:
            planted += _PLANT[plan.parts[family]](planter, family, gene, plan.parts[family])
    return tuple(planted)


def plant_burden(
    seed: int,
    recruits: Recruits,
    plan: DiseasePlan,
    *,
    families: Sequence[int],
    planted: Sequence[Planted],
) -> tuple[Planted, ...]:
    """Return a variant of its own for the proband of some families of one group, all in one gene.

    The gene is none of the group's, and the carriers' relatives who have the variant are no likelier to
    be ill: it raises a risk, and explains nobody's disease. None where there are too few families.

    Parameters
    ----------
    families
        Those in whom nothing else was planted and whose probands are in the aggregate and may be counted.
    """
    planter = Planter(seed, recruits, among_genomes=True, stream="burden gene")
    affected = [family for family in families if plan.diseases[family].group == BURDEN_GROUP]
    if len(recruits.families) < LARGE or len(affected) < BURDEN_CASES:
        return ()
    used = {planting.gene.symbol for planting in planted}
    genes = [
        gene
        for gene in GENES.values()
        if gene.mode is ModeOfInheritance.BIALLELIC
        and gene.disease_group != BURDEN_GROUP
        and gene.symbol not in used
    ]
    gene = genes[int(planter.stream.integers(len(genes)))]
    chosen = planter.stream.permutation(affected)[:BURDEN_CASES]
    return tuple(
        planter.inherited(
            int(family),
            gene,
            Part.ORDINARY,
            int(planter.stream.integers(FROM_FATHER, FROM_MOTHER + 1)),
        )
        for family in sorted(chosen)
    )


class Planter:
    """What planting needs at hand: the people, a stream of its own, and the places already taken."""

    def __init__(
        self, seed: int, recruits: Recruits, *, among_genomes: bool, stream: str = "planting"
    ) -> None:
        self.seed = seed
        self._among_genomes = among_genomes
        self.recruits = recruits
        self.people: People = recruits.people
        self.stream = random_stream(seed, stream)
        self._taken: dict[str, set[int]] = {}

    def proband(self, family: int) -> int:
        """Return the place of a family's proband."""
        return self.recruits.place(family, Role.PROBAND)

    def line(self, family: int, *sides: int) -> tuple[int, ...]:
        """Return the ancestors from the proband to a founder, by `sides` and then on by the last of them."""
        line = [self.proband(family)]
        for step in range(8):
            side = sides[min(step, len(sides) - 1)]
            parents = self.people.father if side == FROM_FATHER else self.people.mother
            if parents[line[-1]] < 0:
                break
            line.append(int(parents[line[-1]]))
        return tuple(line)

    def passages(self, line: Sequence[int]) -> tuple[Passage, ...]:
        """Return the meioses that bring the founder's copy 0 down a line to the proband."""
        copy = 0
        told = []
        for child, parent in zip(reversed(line[:-1]), reversed(line[1:]), strict=True):
            side = FROM_FATHER if self.people.father[child] == parent else FROM_MOTHER
            told.append(Passage(int(child), side, copy))
            copy = side
        return tuple(told)

    def invent(self, gene: Gene, fits: Callable[[Transcript, tuple[int, str, str]], bool]) -> Site:
        """Return a new private variant of a gene, at a place where there is none yet, that `fits`."""
        transcript = transcript_of(gene.symbol)
        while True:
            variant = _any_variant(self.stream, transcript)
            span = range(variant[0], variant[0] + len(variant[1]))
            if fits(transcript, variant) and not self.taken(gene).intersection(span):
                self.taken(gene).update(span)
                return site_in_gene(transcript, variant, private=True)

    def damaging(self, gene: Gene) -> Site:
        """Return a variant that disrupts the gene, or changes an amino acid: half of each."""
        impact = "HIGH" if self.stream.random() < 0.5 else "MODERATE"
        return self.invent(gene, lambda *at: effect_of(at[0], *at[1]).impact == impact)

    def reserve(self, planted: Sequence[Planted]) -> None:
        """Keep off the positions of variants that were planted before."""
        for planting in planted:
            site = planting.site
            span = range(site.position, site.position + len(site.reference))
            self.taken(planting.gene).update(span)

    def taken(self, gene: Gene) -> set[int]:
        """Return the positions of a gene at which there is a variant."""
        if gene.symbol not in self._taken:
            drawn = background_variants(self.seed, gene.symbol) if self._among_genomes else ()
            self._taken[gene.symbol] = {site.position for site, _ in drawn}
        return self._taken[gene.symbol]

    def rare(self) -> float:
        """Return a frequency at which a recessive variant may be known already."""
        return float(10 ** self.stream.uniform(-5, -3.3))

    def inherited(
        self,
        family: int,
        gene: Gene,
        part: Part,
        side: int,
        *,
        frequency: float = 0.0,
        site: Site | None = None,
    ) -> Planted:
        """Return a damaging variant that the proband has from the parent on `side`, and that one from a founder."""
        line = self.line(family, side)
        return Planted(
            family,
            part,
            gene,
            site or self.damaging(gene),
            self.at_home(family, frequency),
            carriers=((line[-1], 0),),
            passages=self.passages(line),
        )

    def away(self, family: int, frequency: float) -> Frequencies:
        """Return frequencies that are `frequency` in one ancestry, which is not the family's, and 0 elsewhere."""
        home = self.at_home(family, 1.0)
        # Of these the reference panels have many people, and Africans in the genomes alone.
        others = [place for place, name in enumerate(ANCESTRIES) if name in ("EAS", "SAS", "AMR")]
        others = [place for place in others if not home[place]]
        frequencies = np.zeros(len(ANCESTRIES))
        frequencies[others[int(self.stream.integers(len(others)))]] = frequency
        return frequencies

    def at_home(self, family: int, frequency: float) -> Frequencies:
        """Return frequencies that are `frequency` in the family's ancestry and 0 elsewhere."""
        ancestry = str(self.recruits.families.ancestry[family])
        frequencies = np.zeros(len(ANCESTRIES))
        frequencies[ANCESTRIES.index("EUR" if ancestry == MIXED else ancestry)] = frequency
        return frequencies


def _any_variant(stream: np.random.Generator, transcript: Transcript) -> tuple[int, str, str]:
    kind = stream.random()
    if kind < 0.06:
        return draw_indel(stream, transcript)
    if kind < 0.1:
        exon = int(stream.integers(len(transcript.exon_starts) - 1))
        step = 1 if transcript.forward else -1
        position = int(transcript.positions[transcript.exon_stops[exon] - 1]) + step
        reference = reference_bases(transcript.gene.contig, position, position)
        return position, reference, "A" if reference != "A" else "T"
    return draw_change(stream, transcript)


def plant_de_novo(planter: Planter, family: int, gene: Gene, part: Part) -> list[Planted]:
    """Return a variant that is new in the proband: damaging, or of the decoy silent."""
    site = (
        planter.invent(
            gene, lambda *at: effect_of(at[0], *at[1]).consequence == "synonymous_variant"
        )
        if part is Part.SYNONYMOUS
        else planter.damaging(gene)
    )
    # Four of five new mutations arise in the father (Kong 2012).
    side = FROM_FATHER if planter.stream.random() < 0.8 else FROM_MOTHER
    arises = ((planter.proband(family), side),)
    return [Planted(family, part, gene, site, planter.at_home(family, 0.0), arises=arises)]


def _plant_dominant(planter: Planter, family: int, gene: Gene, part: Part) -> list[Planted]:
    sides = [
        side
        for side, role in ((FROM_FATHER, Role.FATHER), (FROM_MOTHER, Role.MOTHER))
        if planter.recruits.recruited(family, role)
    ]
    side = sides[int(planter.stream.integers(len(sides)))]
    return [planter.inherited(family, gene, part, side)]


def plant_recessive(planter: Planter, family: int, gene: Gene, part: Part) -> list[Planted]:
    """Return a damaging variant that the proband has from both parents: rare, or of the decoys too common."""
    if planter.recruits.families.consanguineous[family]:
        # Both lines lead to the great-grandfather whom the parents share.
        lines = [
            planter.line(family, FROM_FATHER),
            planter.line(family, FROM_MOTHER, FROM_MOTHER, FROM_FATHER),
        ]
    else:
        lines = [planter.line(family, FROM_FATHER), planter.line(family, FROM_MOTHER)]
    site = planter.damaging(gene)
    if part is Part.TOO_COMMON:
        site, frequencies = replace(site, private=False), np.full(len(ANCESTRIES), COMMON)
    elif part is Part.TOO_COMMON_SOMEWHERE:
        site, frequencies = replace(site, private=False), planter.away(family, COMMON_SOMEWHERE)
    else:
        frequencies = planter.at_home(family, planter.rare())
    carriers = tuple(sorted({(line[-1], 0) for line in lines}))
    passages = tuple(told for line in lines for told in planter.passages(line))
    return [Planted(family, part, gene, site, frequencies, carriers, passages)]


def _plant_compound(planter: Planter, family: int, gene: Gene, part: Part) -> list[Planted]:
    return [
        planter.inherited(family, gene, part, side, frequency=planter.rare())
        for side in (FROM_FATHER, FROM_MOTHER)
    ]


def _plant_on_x(planter: Planter, family: int, gene: Gene, part: Part) -> list[Planted]:
    return [planter.inherited(family, gene, part, FROM_MOTHER)]


def plant_in_unaffected_father(
    planter: Planter, family: int, gene: Gene, part: Part
) -> list[Planted]:
    """Return a damaging variant that the proband has from the father, whom it does not make ill."""
    return [planter.inherited(family, gene, part, FROM_FATHER)]


def _plant_partial(planter: Planter, family: int, gene: Gene, part: Part) -> list[Planted]:
    """Plant a dominant variant at a place where a common, silent allele is too, which the proband has from the other parent."""
    site = planter.invent(gene, lambda *at: _silent_companion(*at) is not None)
    transcript = transcript_of(gene.symbol)
    silent = _silent_companion(transcript, (site.position, site.reference, site.alternate))
    companion = site_in_gene(
        transcript, (site.position, site.reference, silent or ""), private=False
    )
    side = FROM_FATHER if planter.stream.random() < 0.5 else FROM_MOTHER
    other = planter.line(family, 1 - side)
    return [
        planter.inherited(family, gene, part, side, site=site),
        Planted(
            family,
            part,
            gene,
            companion,
            np.full(len(ANCESTRIES), COMPANION),
            carriers=((other[-1], 0),),
            passages=planter.passages(other),
            companion=True,
        ),
    ]


def _silent_companion(transcript: Transcript, variant: tuple[int, str, str]) -> str | None:
    """Return another alternate base, silent at the place of a missense variant, if there is one."""
    position, reference, alternate = variant
    if (
        not len(reference) == len(alternate) == 1
        or effect_of(transcript, *variant).consequence != "missense_variant"
    ):
        return None
    for base in "ACGT":
        if base not in (reference, alternate):
            effect = effect_of(transcript, position, reference, base)
            if effect.consequence == "synonymous_variant":
                return base
    return None


_PLANT: Mapping[Part, Callable[[Planter, int, Gene, Part], list[Planted]]] = {
    Part.DE_NOVO: plant_de_novo,
    Part.SYNONYMOUS: plant_de_novo,
    Part.DOMINANT: _plant_dominant,
    Part.INCOMPLETE_PENETRANCE: _plant_dominant,
    Part.OUTSIDE_PANEL: plant_de_novo,
    Part.SIMPLE_RECESSIVE: plant_recessive,
    Part.TOO_COMMON: plant_recessive,
    Part.COMPOUND_HETEROZYGOUS: _plant_compound,
    Part.X_LINKED: _plant_on_x,
    Part.WRONG_SEGREGATION: plant_in_unaffected_father,
    Part.PARTIAL_GENOTYPE: _plant_partial,
}
