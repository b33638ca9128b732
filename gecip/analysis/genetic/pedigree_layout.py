"""Where to draw everybody of a pedigree: generations in rows, couples side by side, children below their parents.

The order within a row comes from a walk down from the founders; the distances from a linear
programme that keeps neighbours apart and children under the middle of their parents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gecip.analysis.genetic.pedigree import Number, Pedigree, PedigreeMember

Couple = tuple[Number, Number]


@dataclass(frozen=True)
class Sibship:
    """Children of the same parents, in the order in which they are drawn; `parents` has one or two."""

    parents: tuple[Number, ...]
    children: tuple[Number, ...]


@dataclass(frozen=True)
class PedigreeLayout:
    """A pedigree's places: `x` across, `generation` down from 0; sibships, and couples who are related."""

    x: Mapping[Number, float]
    generation: Mapping[Number, int]
    sibships: tuple[Sibship, ...]
    related: frozenset[Couple]


@dataclass
class _Walk:
    """A walk down from the founders, which writes the rows."""

    members: Mapping[Number, PedigreeMember]
    generation: Mapping[Number, int]
    mates: Mapping[Number, Sequence[Number]]
    sibships: Sequence[Sibship]
    rows: dict[int, list[Number]] = field(default_factory=dict)
    placed: set[Number] = field(default_factory=set)
    walked: set[tuple[Number, ...]] = field(default_factory=set)

    def place(self, one: Number) -> None:
        if one in self.placed:
            return
        mates = [mate for mate in self.mates[one] if mate not in self.placed]
        # Of several partners every other one stands to the left; who has parents drawn stands outside, near them.
        left = mates[1::2] if len(mates) > 1 else []
        right = [mate for mate in mates if mate not in left]
        for person in (*reversed(left), one, *right):
            self.placed.add(person)
            self.rows.setdefault(self.generation[person], []).append(person)
        for person in (*reversed(left), one, *right):
            self.descend(person)

    def descend(self, parent: Number) -> None:
        for sibship in self.sibships:
            done = sibship.parents in self.walked
            if done or parent not in sibship.parents or not self.placed.issuperset(sibship.parents):
                continue
            self.walked.add(sibship.parents)
            for child in sorted(sibship.children, key=self._outermost):
                self.place(child)

    def _outermost(self, child: Number) -> bool:
        return any(
            _has_parents(self.members[mate]) and mate not in self.placed
            for mate in self.mates[child]
        )


def layout_pedigree(pedigree: Pedigree) -> PedigreeLayout:
    """Return where each member is drawn; a pedigree of a hundred takes less than a second.

    Parameters
    ----------
    pedigree
        Checked, so without circles of descent.
    """
    members = {member.key: member for member in pedigree.members}
    sibships = _sibships(pedigree, members)
    mates: dict[Number, list[Number]] = {key: [] for key in members}
    for sibship in sibships:
        if len(sibship.parents) == 2:
            first, second = sibship.parents
            mates[first].append(second)
            mates[second].append(first)
    generation = _generations(members, sibships)
    walk = _Walk(members, generation, mates, sibships)
    for founder in _founders_first(pedigree, members, mates):
        walk.place(founder)
    x = _spread(walk.rows, sibships)
    ancestors = {key: _ancestors(key, members) for key in members}
    related = frozenset(
        (first, second)
        for first, second in (one.parents for one in sibships if len(one.parents) == 2)
        if (ancestors[first] | {first}) & (ancestors[second] | {second})
    )
    return PedigreeLayout(x, generation, sibships, related)


def _has_parents(member: PedigreeMember) -> bool:
    return member.father is not None or member.mother is not None


def _sibships(pedigree: Pedigree, members: Mapping[Number, PedigreeMember]) -> tuple[Sibship, ...]:
    by_parents: dict[tuple[Number, ...], list[PedigreeMember]] = {}
    for member in pedigree.members:
        parents = tuple(
            key for key in (member.father, member.mother) if key is not None and key in members
        )
        if parents:
            by_parents.setdefault(parents, []).append(member)
    return tuple(
        Sibship(parents, tuple(child.key for child in sorted(children, key=_by_birth)))
        for parents, children in by_parents.items()
    )


def _by_birth(member: PedigreeMember) -> tuple[int, int, str]:
    # Twins stand together, and who has no year of birth stands last.
    return (
        member.year_of_birth if member.year_of_birth is not None else 9999,
        member.twin_group if member.twin_group is not None else -1,
        str(member.key),
    )


def _generations(
    members: Mapping[Number, PedigreeMember], sibships: Sequence[Sibship]
) -> dict[Number, int]:
    """Return each member's row: below the lower parent, and who has no parents just above their highest child.

    So partners are in one row wherever descent allows it; others are joined aslant.
    """
    row = dict.fromkeys(members, 0)
    # Without circles the longest line of descent is shorter than the pedigree is large.
    for _ in members:
        for sibship in sibships:
            lowest = max(row[parent] for parent in sibship.parents)
            for child in sibship.children:
                row[child] = max(row[child], lowest + 1)
    for key, member in members.items():
        children = [row[child] for one in sibships if key in one.parents for child in one.children]
        if children and not _has_parents(member):
            row[key] = min(children) - 1
    top = min(row.values(), default=0)
    return {key: place - top for key, place in row.items()}


def _founders_first(
    pedigree: Pedigree,
    members: Mapping[Number, PedigreeMember],
    mates: Mapping[Number, Sequence[Number]],
) -> list[Number]:
    """Return members in the order of the walk: forebears of the proband's father, of the mother, then the others."""

    def is_root(key: Number) -> bool:
        return not any(_has_parents(members[one]) for one in (key, *mates[key]))

    proband = pedigree.members[0]
    line = [
        key
        for parent in (proband.father, proband.mother)
        if parent is not None and parent in members
        for key in sorted(_ancestors(parent, members) | {parent}, key=str)
    ]
    everybody = list(dict.fromkeys([*line, *members]))
    return [*(key for key in everybody if is_root(key)), *everybody]


def _ancestors(key: Number, members: Mapping[Number, PedigreeMember]) -> set[Number]:
    found: set[Number] = set()
    ahead = [key]
    while ahead:
        member = members[ahead.pop()]
        for parent in (member.father, member.mother):
            if parent is not None and parent in members and parent not in found:
                found.add(parent)
                ahead.append(parent)
    return found


def _spread(
    rows: Mapping[int, Sequence[Number]], sibships: Sequence[Sibship]
) -> dict[Number, float]:
    """Return places across that keep a row's order and a distance of one, and pull children under their parents."""
    import numpy as np
    from scipy.optimize import linprog

    people = [one for row in rows.values() for one in row]
    place = {one: at for at, one in enumerate(people)}
    apart = [(a, b) for row in rows.values() for a, b in pairwise(row)]
    pulls = [_pull(sibship) for sibship in sibships]
    pulls += [
        {sibship.parents[0]: 0.3, sibship.parents[1]: -0.3}
        for sibship in sibships
        if len(sibship.parents) == 2
    ]
    pulls += [
        {sibship.children[0]: 0.1, sibship.children[-1]: -0.1}
        for sibship in sibships
        if len(sibship.children) > 1
    ]
    size, slack = len(people), len(pulls)
    upper = np.zeros((len(apart) + 2 * slack, size + slack))
    bound = np.zeros(len(upper))
    for at, (left, right) in enumerate(apart):
        upper[at, place[left]], upper[at, place[right]], bound[at] = 1, -1, -1
    for at, pull in enumerate(pulls):
        for sign in (1, -1):
            line = len(apart) + 2 * at + (sign < 0)
            for one, weight in pull.items():
                upper[line, place[one]] += sign * weight
            upper[line, size + at] = -1
    cost = np.r_[np.full(size, 1e-4), np.ones(slack)]
    found = linprog(cost, A_ub=upper, b_ub=bound, bounds=(0, None), method="highs")
    return {one: float(found.x[at]) for one, at in place.items()}


def _pull(sibship: Sibship) -> dict[Number, float]:
    """Return the weights of the distance from the middle of the outer children to the middle of the parents."""
    weights: dict[Number, float] = {}
    for one in (sibship.children[0], sibship.children[-1]):
        weights[one] = weights.get(one, 0.0) + 0.5
    for parent in sibship.parents:
        weights[parent] = weights.get(parent, 0.0) - 1 / len(sibship.parents)
    return weights
