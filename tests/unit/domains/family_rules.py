"""The segregation rules once more, one family at a time, in plain Python: what the vectorised filters are held to.

Written from the programme's guide and not from the filters: a member is a dict, a family a list of them
with the proband first, a variant a list of states (None where there is no call).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

Member = Mapping[str, object]
State = int | None


def patterns(
    family: Sequence[Member], states: Sequence[State], place: str, penetrance: str
) -> set[str]:
    """Return the patterns by which a single variant follows the disease."""
    proband = states[0]
    if proband is None or proband == 0:
        return set()
    father, mother = (_parent(family, states, 0, word) for word in ("father", "mother"))
    is_new = father == 0 and mother == 0
    asked: dict[str, list[bool]] = {}
    if place == "autosome":
        asked["SimpleRecessive"] = [
            _everybody(family, states, lambda s, _: s == 2),
            _nobody(family, states, lambda s, _: s == 2, penetrance),
            father != 0 and mother != 0,
        ]
        asked["UniparentalIsodisomy"] = [
            _everybody(family, states, lambda s, _: s == 2),
            _nobody(family, states, lambda s, _: s == 2, penetrance),
            (father == 0 and mother in (1, 2)) or (mother == 0 and father in (1, 2)),
        ]
        asked["InheritedAutosomalDominant"] = [
            _everybody(family, states, lambda s, _: s == 1),
            _nobody(family, states, lambda s, _: s in (1, 2), penetrance),
            not is_new,
        ]
        for name, active, silent in (
            ("InheritedAutosomalDominantMaternallyImprinted", "father", "mother"),
            ("InheritedAutosomalDominantPaternallyImprinted", "mother", "father"),
        ):
            asked[name] = [
                _everybody(
                    family,
                    states,
                    lambda s, m, a=active: s == 1 and _parent(family, states, m, a) != 0,
                ),
                _nobody(
                    family,
                    states,
                    lambda s, m, a=active, q=silent: (
                        s == 2
                        or (
                            s == 1
                            and _parent(family, states, m, a) in (1, 2)
                            and _parent(family, states, m, q) == 0
                        )
                    ),
                    penetrance,
                ),
                not is_new,
            ]
    if place == "X":
        asked["XLinkedSimpleRecessive"] = [
            _everybody(family, states, lambda s, _: s == 2),
            _nobody(family, states, lambda s, _: s == 2, penetrance),
        ]
        asked["XLinkedMonoallelic"] = [
            _everybody(family, states, lambda s, _: s in (1, 2)),
            _nobody(family, states, lambda s, _: s in (1, 2), penetrance),
            not is_new,
        ]
    if place == "mitochondrion":
        asked["MitochondrialGenome"] = [
            _everybody(family, states, lambda s, _: s in (1, 2)),
            _nobody(family, states, lambda s, _: s in (1, 2), penetrance),
        ]
    if place in ("autosome", "X") and penetrance == "complete":
        asked["deNovo"] = [
            _everybody(family, states, lambda s, _: s == 1 or (place == "X" and s == 2)),
            _nobody(family, states, lambda s, _: s in (1, 2), penetrance),
            is_new,
        ]
    return {name for name, holds in asked.items() if all(holds)}


def pairs(
    family: Sequence[Member], variants: Sequence[Sequence[State]], penetrance: str
) -> dict[tuple[int, int], bool]:
    """Return the compound heterozygotes among one gene's variants, and whether each is phased."""
    found = {}
    for first, second in combinations(range(len(variants)), 2):
        both = variants[first], variants[second]
        if not all(one[0] == 1 and _everybody(family, one, lambda s, _: s == 1) for one in both):
            continue
        if penetrance == "complete" and any(
            member["affected"] is False and all(one[place] in (1, 2) for one in both)
            for place, member in enumerate(family)
        ):
            continue
        # Each copy came from one parent: list every way that the calls allow.
        ways = [(a, b) for a in _givers(family, both[0]) for b in _givers(family, both[1])]
        if any(a != b for a, b in ways):
            found[first, second] = all(a != b for a, b in ways)
    return found


def _givers(family: Sequence[Member], states: Sequence[State]) -> list[str]:
    may = [word for word in ("father", "mother") if _parent(family, states, 0, word) != 0]
    return may or ["father", "mother"]


def _parent(family: Sequence[Member], states: Sequence[State], member: int, word: str) -> State:
    place = family[member][word]
    return None if place is None else states[int(str(place))]


def _everybody(family, states, holds) -> bool:
    return all(
        states[place] is None or holds(states[place], place)
        for place, member in enumerate(family)
        if member["affected"] is True
    )


def _nobody(family, states, holds, penetrance: str) -> bool:
    if penetrance == "incomplete":
        return True
    return not any(
        states[place] is not None and holds(states[place], place)
        for place, member in enumerate(family)
        if member["affected"] is False
    )
