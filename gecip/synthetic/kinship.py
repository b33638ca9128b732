"""Kinship by pedigree, for the set of unrelated people and for ancestry handed down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gecip.synthetic.recruitment import ANCESTRIES, People, Recruits

# The programme's cut-off for the set of unrelated people: nearer than second cousins (KING).
RELATED = 0.0442


def pedigree_kinship(people: People, members: Sequence[int]) -> npt.NDArray[np.float64]:
    """Return kinship coefficients of people with all their parents; 0.5 of a person with themselves unless inbred."""
    generation = people.generation[list(members)]
    order = [members[place] for place in np.argsort(generation, kind="stable")]
    at = {person: place for place, person in enumerate(members)}
    kinship = np.zeros((len(members), len(members)))
    for person in order:
        here = at[person]
        father, mother = int(people.father[person]), int(people.mother[person])
        if father < 0:
            kinship[here, here] = 0.5
            continue
        row = (kinship[at[father]] + kinship[at[mother]]) / 2
        kinship[here], kinship[:, here] = row, row
        kinship[here, here] = (1 + kinship[at[father], at[mother]]) / 2
    return kinship


def unrelated_people(recruits: Recruits, eligible: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return a largest set of unrelated people among the `eligible`, by groups of families that share parents."""
    people = recruits.people
    chosen = eligible & (people.family < 0)
    for members in _kindreds(recruits):
        at = {person: place for place, person in enumerate(members)}
        kinship = pedigree_kinship(people, members)
        candidates = [person for person in members if eligible[person]]
        related = {
            person: [
                other
                for other in candidates
                if other != person and kinship[at[person], at[other]] > RELATED
            ]
            for person in candidates
        }
        # Whoever has fewest relatives first: exact for families this small.
        for person in sorted(candidates, key=lambda one: (len(related[one]), one)):
            if not any(chosen[other] for other in related[person]):
                chosen[person] = True
    return chosen


def _kindreds(recruits: Recruits) -> list[list[int]]:
    """Return the members of each family, together with those of the families whose parents they share."""
    people = recruits.people
    of_family = list(range(len(recruits.families)))
    elsewhere = people.family[people.father.clip(min=0)] != people.family
    for person in np.flatnonzero((people.father >= 0) & elsewhere):
        theirs, ours = (
            of_family[people.family[people.father[person]]],
            of_family[people.family[person]],
        )
        of_family = [theirs if group == ours else group for group in of_family]
    members: dict[int, list[int]] = {}
    for family, group in enumerate(of_family):
        members.setdefault(group, []).extend(recruits.families.members(family))
    return list(members.values())


def expected_ancestry(people: People) -> npt.NDArray[np.float64]:
    """Return each person's share of each ancestry by pedigree: shape (people, ancestries)."""
    shares = np.zeros((len(people), len(ANCESTRIES)))
    founders = people.founders
    for copy in (0, 1):
        shares[founders, people.populations[founders, copy]] += 0.5
    generation = people.generation
    for depth in np.unique(generation):
        children = np.flatnonzero((generation == depth) & (people.father >= 0))
        shares[children] = (shares[people.father[children]] + shares[people.mother[children]]) / 2
    return shares
