from __future__ import annotations

import numpy as np
import pytest

from gecip.errors import InputError
from gecip.synthetic.kinship import expected_ancestry, pedigree_kinship, unrelated_people
from gecip.synthetic.recruitment import (
    ANCESTRIES,
    Recruits,
    Role,
    recruit,
)


@pytest.fixture(scope="module")
def recruits() -> Recruits:
    return recruit(5, participants=2_000)


@pytest.mark.parametrize("participants", [80, 83, 101, 400])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_exactly_so_many_are_recruited(seed: int, participants: int) -> None:
    people = recruit(seed, participants=participants).people
    assert int(people.recruited.sum()) == participants
    numbers = people.number[people.recruited]
    assert len(set(numbers.tolist())) == participants
    assert not people.number[~people.recruited].any()


def test_too_few_participants_are_refused_with_the_least_number() -> None:
    with pytest.raises(InputError, match="ask for at least 80"):
        recruit(1, participants=79)


def test_numbers_have_the_programmes_shape(recruits: Recruits) -> None:
    people, families = recruits.people, recruits.families
    rare = people.number[people.recruited & (people.family >= 0)]
    scottish = recruits.scottish[people.recruited & (people.family >= 0)]
    assert {str(number)[:2] for number in rare[~scottish]} == {"11"}
    assert {str(number)[:3] for number in rare[scottish]} <= {"125"}
    cancer = people.number[people.family < 0]
    assert {str(number)[0] for number in cancer} == {"2"}
    assert all(len(str(number)) == 9 for number in (*rare, *cancer, *families.number))
    assert not set(families.number.tolist()) & set(rare.tolist())


def test_numbers_do_not_give_families_away(recruits: Recruits) -> None:
    people = recruits.people
    first = np.flatnonzero(people.recruited & (people.family == 0))
    rare = people.number[people.recruited & (people.family >= 0)]
    steps = np.diff(people.number[first])
    assert len(set(np.diff(rare).tolist())) > 0.5 * len(rare)
    assert len(set(steps.tolist())) == len(steps)


def test_parents_are_of_the_family_older_and_of_the_right_sex(recruits: Recruits) -> None:
    people = recruits.people
    children = np.flatnonzero(people.father >= 0)
    assert len(children) > 500
    father, mother = people.father[children], people.mother[children]
    assert people.male[father].all()
    assert not people.male[mother].any()
    for parent in (father, mother):
        assert (people.family[parent] == people.family[children]).all()
        assert (people.generation[parent] < people.generation[children]).all()


def test_people_by_family_structure_follow_the_published_shares(recruits: Recruits) -> None:
    families = recruits.families
    sizes = np.array([len(structure.recruited) for structure in families.structure])
    groups = [structure.family_group_type for structure in families.structure]
    european = families.ancestry == "EUR"
    people = sizes[european].sum()
    singletons = sizes[european & (sizes == 1)].sum() / people
    trios = (
        sizes[
            european & np.array([group == "Trio with Mother and Father" for group in groups])
        ].sum()
        / people
    )
    assert singletons == pytest.approx(0.195, abs=0.02)
    assert trios == pytest.approx(0.491, abs=0.03)


def test_consanguineous_parents_are_first_cousins_and_others_unrelated(recruits: Recruits) -> None:
    assert recruits.families.consanguineous.sum() > 5
    for family in range(len(recruits.families)):
        members = recruits.families.members(family)
        kinship = pedigree_kinship(recruits.people, members)
        father = recruits.place(family, Role.FATHER) - members.start
        mother = recruits.place(family, Role.MOTHER) - members.start
        proband = recruits.place(family, Role.PROBAND) - members.start
        related = recruits.families.consanguineous[family]
        assert kinship[father, mother] == (1 / 16 if related else 0)
        # Who is inbred is a little nearer to the own parents than a quarter.
        assert kinship[proband, father] == (9 / 32 if related else 0.25)
        assert kinship[proband, proband] == (0.5 + 1 / 32 if related else 0.5)


def test_the_unrelated_share_no_parent_and_leave_nobody_out(recruits: Recruits) -> None:
    people = recruits.people
    chosen = unrelated_people(recruits, people.recruited)
    assert not (chosen & ~people.recruited).any()
    for family in range(len(recruits.families)):
        members = recruits.families.members(family)
        kinship = pedigree_kinship(people, members)
        inside = [person - members.start for person in members if chosen[person]]
        assert inside
        assert all(kinship[a, b] < 0.0442 for a in inside for b in inside if a < b)
    # In a trio both parents count, and the child does not.
    assert chosen.sum() > 0.6 * people.recruited.sum()


def test_ancestry_is_handed_down_half_and_half(recruits: Recruits) -> None:
    people = recruits.people
    shares = expected_ancestry(people)
    assert np.allclose(shares.sum(axis=1), 1)
    european = ANCESTRIES.index("EUR")
    children = np.flatnonzero(people.father >= 0)
    halves = (shares[people.father[children]] + shares[people.mother[children]]) / 2
    assert np.allclose(shares[children], halves)
    assert 0.75 < shares[people.recruited, european].mean() < 0.9
