"""Who is affected: the proband, by family, and whoever received what causes the family's disease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from gecip.synthetic.casting import Part
from gecip.synthetic.disease_plan import DiseasePlan
from gecip.synthetic.planting import Planted
from gecip.synthetic.recruitment import Recruits

# A planted variant's copies in the members of its family: person to (from father, from mother).
Carried = Mapping[int, tuple[int, int]]


def settle_affection(
    recruits: Recruits, plan: DiseasePlan, planted: Sequence[Planted], carried: Sequence[Carried]
) -> npt.NDArray[np.bool_]:
    """Return who is affected: whoever carries what was planted, but where penetrance is incomplete the proband alone.

    Parameters
    ----------
    carried
        For each planted variant, who carries it.
    """
    affected = plan.affected.copy()
    of_family: dict[int, list[Carried]] = {}
    for planting, copies in zip(planted, carried, strict=True):
        if not planting.companion:
            of_family.setdefault(planting.family, []).append(copies)
    for family, variants in of_family.items():
        for person in recruits.families.members(family):
            if _falls_ill(plan.parts[family], [copies[person] for copies in variants]):
                affected[person] = True
    return affected


def _falls_ill(part: Part, copies: Sequence[tuple[int, int]]) -> bool:
    first = copies[0]
    if part in (Part.DOMINANT, Part.PARTIAL_GENOTYPE):
        return 1 in first
    if part is Part.SIMPLE_RECESSIVE:
        return first == (1, 1)
    if part is Part.X_LINKED:
        # Every copy: one in a male, who has none from his father.
        return 1 in first and 0 not in first
    if part is Part.COMPOUND_HETEROZYGOUS:
        both = np.array(copies)
        return bool(both[:, 0].max() == 1 and both[:, 1].max() == 1)
    return False
