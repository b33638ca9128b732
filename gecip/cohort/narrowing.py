"""Some people of a cohort as a cohort: what a definition cannot say, such as who carries a variant."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TypeAlias

from gecip.cohort.attrition import Step
from gecip.cohort.deciding import decide
from gecip.cohort.definition import CohortDefinition
from gecip.cohort.selection import Cohort
from gecip.provenance import Provenance

# A reason in words, and who met it.
Stage: TypeAlias = tuple[str, Collection[int | str]]


def narrow_cohort(
    cohort: Cohort, stages: Sequence[Stage], *, rule: str, title: str, provenance: Provenance
) -> Cohort:
    """Return those of a cohort who meet some further stages, each of which is a step of the attrition.

    Parameters
    ----------
    stages
        For each stage its reason in words and who met it; who remains met all of them.
    rule
        What the stages are called in the attrition, in one word.
    title
        The title of what is returned.
    """
    import numpy as np

    everybody = cohort.verdicts or decide(CohortDefinition(title), cohort.release)
    people = everybody.participants
    remaining = np.isin(people, np.array(cohort.participants, dtype=people.dtype))
    steps = list(cohort.attrition.steps)
    for reason, met in stages:
        kept = remaining & np.isin(people, np.array(list(met), dtype=people.dtype))
        families = everybody.families_of(kept)
        steps.append(
            Step(
                reason=reason,
                rule=rule,
                people=int(kept.sum()),
                families=families,
                people_dropped=int((remaining & ~kept).sum()),
                families_dropped=everybody.families_of(remaining) - families,
                unknown=0,
            )
        )
        remaining = kept
    return replace(
        cohort,
        definition=replace(cohort.definition, title=title),
        participants=tuple(people[remaining].tolist()),
        families=everybody.family_numbers(remaining),
        attrition=replace(cohort.attrition, steps=tuple(steps)),
        provenance=provenance,
    )
