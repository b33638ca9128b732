"""Pedigrees as they are drawn, and what becomes of drawings that cannot be."""

from __future__ import annotations

import pytest

from gecip.analysis.genetic.pedigree import Pedigree, PedigreeMember, checked, read_pedigrees
from tests.unit.domains.handmade_families import Family, cohort_of

FAMILY = 7_654_321


def member(key: int, **given) -> PedigreeMember:
    about = {
        "participant_id": 100 + key,
        "father": None,
        "mother": None,
        "sex": "Male",
        "affected": False,
        "relationship": None,
        "year_of_birth": None,
        "is_proband": False,
    }
    return PedigreeMember(key=key, **{**about, **given})


def proband(**given) -> PedigreeMember:
    return member(
        1,
        **{"father": 2, "mother": 3, "affected": True, "is_proband": True, "year_of_birth": 2000}
        | given,
    )


def family(*members: PedigreeMember):
    """Return the pedigree as it is after checking, and the sentences said of it."""
    pedigrees = checked({FAMILY: Pedigree(FAMILY, members)})
    return pedigrees.families[FAMILY], [remark.sentence for remark in pedigrees.remarks]


def test_a_sound_family_is_kept_as_drawn_and_nothing_is_said() -> None:
    parents = (member(2, year_of_birth=1970), member(3, sex="Female", year_of_birth=1971))
    kept, said = family(*parents, proband())
    assert said == []
    assert kept.proband.key == 1
    assert kept.father_of(kept.proband).key == 2
    assert kept.mother_of(kept.proband).key == 3
    assert [[one.key for one in trio] for trio in kept.trios()] == [[1, 2, 3]]


def test_a_family_without_a_proband_is_told() -> None:
    kept, said = family(member(2), member(3, sex="Female"))
    assert kept.proband is None
    assert len(said) == 1
    assert "is_proband" in said[0]
    assert "left out" in said[0]


def test_of_several_probands_the_lowest_number_is_taken() -> None:
    kept, said = family(member(9, is_proband=True), proband(father=None, mother=None))
    assert kept.proband.key == 1
    assert sum(one.is_proband for one in kept.members) == 1
    assert "several probands" in said[0]


@pytest.mark.parametrize(("year", "is_parent"), [(1999, True), (2000, False), (2010, False)])
def test_a_parent_is_older_than_the_child(year, is_parent) -> None:
    kept, said = family(proband(), member(2, year_of_birth=year), member(3, sex="Female"))
    assert (kept.father_of(kept.proband) is not None) is is_parent
    assert kept.mother_of(kept.proband) is not None
    assert any("year_of_birth" in one for one in said) is not is_parent


def test_a_year_that_is_not_known_contradicts_nothing() -> None:
    kept, said = family(
        proband(year_of_birth=None), member(2, year_of_birth=2010), member(3, sex="Female")
    )
    assert kept.father_of(kept.proband) is not None
    assert said == []


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_circle_of_descent_loses_its_links_and_others_keep_theirs(length) -> None:
    circle = [member(10 + place, father=10 + (place + 1) % length) for place in range(length)]
    kept, said = family(proband(), member(2, father=10), member(3, sex="Female"), *circle)
    assert all(one.father is None for one in kept.members if one.key >= 10)
    assert kept.father_of(kept.proband).key == 2
    assert kept.father_of(kept.father_of(kept.proband)).key == 10
    assert len(said) == 1
    assert "own ancestor" in said[0]


def test_a_parent_who_is_not_in_the_pedigree_is_left_out() -> None:
    kept, said = family(proband(mother=99), member(2))
    assert kept.proband.mother is None
    assert kept.proband.father == 2
    assert "_mother_sk" in said[0]


def test_who_is_uncertain_is_neither_and_is_told() -> None:
    _, said = family(proband(mother=None), member(2, affected=None))
    assert "affection_status" in said[0]


def test_a_mother_recorded_as_male_is_kept_and_told() -> None:
    kept, said = family(proband(), member(2), member(3, sex="Male"))
    assert kept.mother_of(kept.proband) is not None
    assert "phenotypic_sex" in said[0]


def test_no_sentence_carries_a_number_of_a_family_or_a_person() -> None:
    _, said = family(member(2, father=2), member(3, sex="Male", mother=77))
    assert said
    assert not any(str(FAMILY) in one or "77" in one for one in said)


def test_a_release_without_a_pedigree_table_tells_families_from_relationships(tmp_path) -> None:
    families = [Family("Renal", [["HP:0000107"], []]), Family(None, [[]])]
    cohort = cohort_of(tmp_path, families, instead={"rare_diseases_pedigree_member": None})
    pedigrees = read_pedigrees(cohort)
    assert len(pedigrees.families) == 2
    assert all(one.proband.affected for one in pedigrees.families.values())


def test_relatives_who_took_no_part_are_in_the_pedigree_without_a_number(
    small_release_folder,
) -> None:
    from gecip.cohort import define_cohort, select_cohort
    from gecip.release import open_release

    cohort = select_cohort(define_cohort("Everyone"), open_release(small_release_folder))
    pedigrees = read_pedigrees(cohort)
    everybody = [one for pedigree in pedigrees.families.values() for one in pedigree.members]
    taking_part = [one.participant_id for one in everybody if one.participant_id is not None]
    assert set(pedigrees.families) == set(cohort.families)
    assert len(taking_part) == len(set(taking_part))
    assert set(taking_part) <= set(cohort.participants)
    assert any(one.participant_id is None for one in everybody)
