"""Kinship by pedigree, for the set of unrelated people and for ancestry handed down."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gecip.synthetic.recruitment import ANCESTRIES, People, Recruits

# The programme's cut-off for the set of unrelated people: nearer than second cousins (KING).
RELATED = 0.0442


def pedigree_kinship(people: People, members: range) -> npt.NDArray[np.float64]:
    """Return kinship coefficients of a family's members; 0.5 of a person with themselves unless inbred."""
    generation = people.generation[members.start : members.stop]
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
    """Return a largest set of unrelated people among the `eligible`, family by family."""
    people = recruits.people
    chosen = eligible & (people.family < 0)
    for family in range(len(recruits.families)):
        members = recruits.families.members(family)
        kinship = pedigree_kinship(people, members)
        candidates = [person for person in members if eligible[person]]
        related = {
            person: [
                other
                for other in candidates
                if other != person
                and kinship[person - members.start, other - members.start] > RELATED
            ]
            for person in candidates
        }
        # Whoever has fewest relatives first: exact for families this small.
        for person in sorted(candidates, key=lambda one: (len(related[one]), one)):
            if not any(chosen[other] for other in related[person]):
                chosen[person] = True
    return chosen


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
