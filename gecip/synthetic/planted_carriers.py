"""Who carries what was planted where no genomes are made: the planted variants alone, passed down each family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gecip.model.assembly import GRCH38
from gecip.synthetic.penetrance import Carried
from gecip.synthetic.planting import FROM_FATHER, FROM_MOTHER, Planted
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import Recruits

NO_COPY = -1


def carriers_of_planted(
    seed: int, recruits: Recruits, planted: Sequence[Planted]
) -> Sequence[Carried]:
    """Return the copies of each planted variant in the members of its family.

    A family's variants lie in one gene and travel together; what is common is given to those only
    to whom it was planted.
    """
    stream = random_stream(seed, "planted carriers")
    chances: dict[int, Mapping[tuple[int, int], int]] = {}
    carried = []
    for planting in planted:
        if planting.family not in chances:
            members = recruits.families.members(planting.family)
            drawn = stream.integers(2, size=(len(members), 2))
            chances[planting.family] = {
                (person, side): int(drawn[at, side])
                for at, person in enumerate(members)
                for side in (FROM_FATHER, FROM_MOTHER)
            }
        carried.append(_passed_down(recruits, planting, chances[planting.family]))
    return carried


def _passed_down(
    recruits: Recruits, planting: Planted, chances: Mapping[tuple[int, int], int]
) -> Carried:
    people = recruits.people
    on_x = GRCH38.is_hemizygous_in_males(planting.site.contig, planting.site.position)
    told = {(passage.child, passage.side): passage.copy for passage in planting.passages}
    born = (*planting.carriers, *planting.arises)
    copies: dict[int, tuple[int, int]] = {}
    members = recruits.families.members(planting.family)
    for person in sorted(members, key=lambda one: int(people.generation[one])):
        own = [0, 0]
        for side, parents in ((FROM_FATHER, people.father), (FROM_MOTHER, people.mother)):
            parent = int(parents[person])
            if on_x and side == FROM_FATHER:
                # A father's one X goes to his daughters.
                if people.male[person]:
                    own[side] = NO_COPY
                elif parent >= 0:
                    own[side] = copies[parent][FROM_MOTHER]
            elif parent >= 0:
                own[side] = copies[parent][told.get((person, side), chances[person, side])]
            if (person, side) in born:
                own[side] = 1
        copies[person] = (int(own[0]), int(own[1]))
    return copies
