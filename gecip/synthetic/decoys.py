"""Further decoys: variants that look as if they explained a family, each with one thing that speaks against it.

Families in whom nothing else was planted are given them once all else is decided, so that each kind
stands on several families: of the kinds that families were cast for at first as well. They stay
unsolved, and who is affected in them is as it was drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace

import numpy as np

from gecip.model.assembly import GRCH38
from gecip.model.genes import GENES, Gene, ModeOfInheritance
from gecip.model.panels import Confidence
from gecip.synthetic.casting import DECOYS, LARGE, Part
from gecip.synthetic.disease_plan import DiseasePlan
from gecip.synthetic.gene_panels import gene_panels
from gecip.synthetic.planting import (
    COMMON,
    FROM_FATHER,
    FROM_MOTHER,
    Planted,
    Planter,
    plant_de_novo,
    plant_in_unaffected_father,
    plant_recessive,
)
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import ANCESTRIES, Recruits, Role
from gecip.synthetic.variant_sites import Quality

DECOYS_OF_A_KIND = 5

_M = ModeOfInheritance
_BY_TWO = (_M.BIALLELIC,)
_BY_ONE = (_M.MONOALLELIC_NOT_IMPRINTED,)
# By which mode a gene causes disease in which the decoy is to be looked for; kinds that fewest families
# can show come first.
_MODES: Mapping[Part, tuple[ModeOfInheritance, ...]] = {
    Part.NOT_SHARED: _BY_ONE,
    Part.SAME_COPY: _BY_TWO,
    Part.WRONG_SEGREGATION: _BY_ONE,
    Part.SINGLE_HETEROZYGOTE: _BY_TWO,
    Part.LOST_PARTNER: _BY_TWO,
    Part.TOO_COMMON_SOMEWHERE: _BY_TWO,
    Part.TOO_COMMON: _BY_TWO,
    Part.FAILED_FILTER: _BY_ONE,
    Part.SYNONYMOUS: _BY_ONE,
    Part.AMBER_GENE: _BY_ONE,
    Part.OFF_PANEL: _BY_ONE,
}


def cast_decoys(
    seed: int,
    recruits: Recruits,
    plan: DiseasePlan,
    *,
    families: Sequence[int],
    planted: Sequence[Planted],
    genotyped: Set[int],
) -> DiseasePlan:
    """Return the plan in which some ordinary families play decoys; their diseases and features stay as they are.

    Families with most parents come first, since most can be asked of them. Where too few have an affected
    relative, a relative more is affected. A small release stays as it is.

    Parameters
    ----------
    families
        Those in whom nothing happened and whose probands are in the aggregate and may be counted.
    planted
        What was planted before: no decoy is given to a family that has something.
    genotyped
        Whose genotypes can be seen: nobody else's can speak against a variant.
    """
    if len(recruits.families) < LARGE:
        return plan
    stream = random_stream(seed, "decoys/casting")
    taken = {planting.family for planting in planted}
    drawn = [int(family) for family in stream.permutation(families) if family not in taken]
    free = sorted(drawn, key=lambda family: -_parents(recruits, family))
    parts = list(plan.parts)
    for part in _MODES:
        missing = max(DECOYS_OF_A_KIND - parts.count(part), 0)
        chosen = [one for one in free if _can_show(recruits, plan, part, one, genotyped)][:missing]
        if part is Part.NOT_SHARED:
            plan, more = _with_affected_relatives(
                recruits, plan, free, genotyped=genotyped, wanted=missing - len(chosen)
            )
            chosen += more
        for family in chosen:
            parts[family] = part
            free.remove(family)
    return replace(plan, parts=tuple(parts))


def _with_affected_relatives(
    recruits: Recruits,
    plan: DiseasePlan,
    families: Sequence[int],
    *,
    genotyped: Set[int],
    wanted: int,
) -> tuple[DiseasePlan, list[int]]:
    """Return the plan with so many families more in which a relative is affected as the proband is, and which they are."""
    affected = plan.affected.copy()
    chosen: list[int] = []
    for family in families:
        relatives = _relatives(recruits, family)
        seen = [one for one in relatives if one in genotyped]
        if len(chosen) == wanted:
            break
        if seen and not affected[relatives].any() and _genes(plan, Part.NOT_SHARED, family):
            affected[seen[0]] = True
            chosen.append(family)
    return replace(plan, affected=affected), chosen


def plant_decoys(
    seed: int, recruits: Recruits, plan: DiseasePlan, *, planted: Sequence[Planted]
) -> tuple[Planted, ...]:
    """Return the variants of the families that were cast as decoys after `planted` was planted."""
    planter = Planter(seed, recruits, among_genomes=True, stream="decoys/planting")
    planter.reserve(planted)
    done = {planting.family for planting in planted}
    found: list[Planted] = []
    for family in plan.families(*DECOYS):
        if family not in done:
            part = plan.parts[family]
            genes = _genes(plan, part, family)
            gene = genes[int(planter.stream.integers(len(genes)))]
            found += _PLANT[part](planter, family, gene, part)
    return tuple(found)


def _parents(recruits: Recruits, family: int) -> int:
    return sum(recruits.recruited(family, role) for role in (Role.FATHER, Role.MOTHER))


def _relatives(recruits: Recruits, family: int) -> list[int]:
    """Return the places of those who took part beside the proband."""
    proband = recruits.place(family, Role.PROBAND)
    return [
        one
        for one in recruits.families.members(family)
        if recruits.people.recruited[one] and one != proband
    ]


def _can_show(
    recruits: Recruits, plan: DiseasePlan, part: Part, family: int, genotyped: Set[int]
) -> bool:
    """Return whether the family's disease has a gene for the decoy, and its members can show what speaks against it."""
    relatives = _relatives(recruits, family)
    if not _genes(plan, part, family):
        return False
    if part is Part.NOT_SHARED:
        return any(plan.affected[one] and one in genotyped for one in relatives)
    if plan.affected[relatives].any():
        return False
    father, mother = (recruits.place(family, role) for role in (Role.FATHER, Role.MOTHER))
    if part is Part.WRONG_SEGREGATION:
        return father in genotyped
    return part is not Part.SAME_COPY or father in genotyped or mother in genotyped


def _genes(plan: DiseasePlan, part: Part, family: int) -> list[Gene]:
    """Return the genes in which a decoy may be planted: those of the family's disease, or beside its panel."""
    disease = plan.diseases[family]
    panel = gene_panels()[disease.name].current
    if part is Part.AMBER_GENE:
        named = [name for name, level in panel.genes.items() if level is Confidence.AMBER]
    elif part is Part.OFF_PANEL:
        named = [name for name in GENES if name not in panel.genes]
    else:
        named = [gene.symbol for gene in disease.genes]
    genes = [GENES[name] for name in named]
    return [gene for gene in genes if gene.mode in _MODES[part] and gene.contig in GRCH38.autosomes]


def _plant_failing_filter(planter: Planter, family: int, gene: Gene, part: Part) -> list[Planted]:
    return [
        replace(planting, site=replace(planting.site, quality=Quality.SKEWED))
        for planting in plant_de_novo(planter, family, gene, part)
    ]


def _plant_one_of_two(planter: Planter, family: int, gene: Gene, part: Part) -> list[Planted]:
    side = int(planter.stream.integers(FROM_FATHER, FROM_MOTHER + 1))
    one = planter.inherited(family, gene, part, side, frequency=planter.rare())
    return [replace(one, alone=True)]


def _plant_with_common_partner(
    planter: Planter, family: int, gene: Gene, part: Part
) -> list[Planted]:
    (rare,) = _plant_one_of_two(planter, family, gene, part)
    side = FROM_FATHER if rare.passages[-1].side == FROM_MOTHER else FROM_MOTHER
    partner = planter.inherited(family, gene, part, side)
    common = replace(
        partner,
        site=replace(partner.site, private=False),
        frequencies=np.full(len(ANCESTRIES), COMMON),
        alone=True,
    )
    return [rare, common]


def _plant_on_one_copy(planter: Planter, family: int, gene: Gene, part: Part) -> list[Planted]:
    sides = [
        side
        for side, role in ((FROM_FATHER, Role.FATHER), (FROM_MOTHER, Role.MOTHER))
        if planter.recruits.recruited(family, role)
    ]
    side = sides[int(planter.stream.integers(len(sides)))]
    return [
        replace(planter.inherited(family, gene, part, side, frequency=planter.rare()), alone=True)
        for _ in range(2)
    ]


_PLANT: Mapping[Part, Callable[[Planter, int, Gene, Part], list[Planted]]] = {
    Part.TOO_COMMON: plant_recessive,
    Part.TOO_COMMON_SOMEWHERE: plant_recessive,
    Part.WRONG_SEGREGATION: plant_in_unaffected_father,
    Part.NOT_SHARED: plant_de_novo,
    Part.SYNONYMOUS: plant_de_novo,
    Part.FAILED_FILTER: _plant_failing_filter,
    Part.SINGLE_HETEROZYGOTE: _plant_one_of_two,
    Part.LOST_PARTNER: _plant_with_common_partner,
    Part.SAME_COPY: _plant_on_one_copy,
    Part.AMBER_GENE: plant_de_novo,
    Part.OFF_PANEL: plant_de_novo,
}
