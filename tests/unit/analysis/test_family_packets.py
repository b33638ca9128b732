"""A family as GA4GH's Family: what a release says of it goes out and comes back, and what is no family is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gecip import define_cohort, open_release, select_cohort
from gecip.airlock import request_export
from gecip.analysis.clinical.family_packets import (
    FamilyPacket,
    member_packets,
    packet_of_family,
    parse_family_packet,
    pedigrees_of_packets,
    read_family_packets,
    write_family_packets,
)
from gecip.analysis.clinical.participant_packets import packet_of_participant
from gecip.analysis.genetic.pedigree import Pedigree, Pedigrees, read_pedigrees
from gecip.cohort.selection import Cohort
from gecip.errors import AnalysisError, InputError
from gecip.model.people import Participant


@pytest.fixture(scope="module")
def cohort(small_release_folder: Path) -> Cohort:
    return select_cohort(define_cohort("Everyone"), open_release(small_release_folder))


@pytest.fixture(scope="module")
def drawn(cohort: Cohort) -> Pedigrees:
    return read_pedigrees(cohort)


@pytest.fixture(scope="module")
def packets(cohort: Cohort, drawn: Pedigrees) -> dict[Any, FamilyPacket]:
    """The three largest families and the smallest."""
    order = sorted(drawn.families.values(), key=lambda one: -len(one.members))
    return {
        one.family_id: packet_of_family(cohort, one.family_id) for one in (*order[:3], order[-1])
    }


def shape(pedigree: Pedigree) -> list[tuple[Any, ...]]:
    """Return everything of a pedigree but its members' own names, whose places stand for them."""
    place = {member.key: number for number, member in enumerate(pedigree.members)}
    return [
        (
            None if member.father is None else place[member.father],
            None if member.mother is None else place[member.mother],
            member.sex,
            member.affected,
            member.is_proband,
            None if member.participant_id is None else str(member.participant_id),
        )
        for member in pedigree.members
    ]


def test_families_come_back_from_their_file_as_they_were(
    packets: dict[Any, FamilyPacket], drawn: Pedigrees, tmp_path: Path
) -> None:
    file = write_family_packets(list(packets.values()), tmp_path / "families.jsonl")
    again = list(read_family_packets(file))
    assert [one.message for one in again] == [one.message for one in packets.values()]
    pedigrees = pedigrees_of_packets(again).families
    for number in packets:
        assert shape(pedigrees[str(number)]) == shape(drawn.families[number])
    members = [len(one.members) for one in pedigrees.values()]
    assert max(members) > min(members)
    # Some are drawn who took no part, and have no packet.
    assert any(
        one.participant_id is None for family in pedigrees.values() for one in family.members
    )


def test_every_member_who_takes_part_has_the_packet_of_a_participant(
    cohort: Cohort, packets: dict[Any, FamilyPacket], drawn: Pedigrees
) -> None:
    for number, packet in packets.items():
        taking_part = [
            one.participant_id
            for one in drawn.families[number].members
            if one.participant_id is not None
        ]
        of_members = member_packets(packet)
        assert [one.message.subject.id for one in of_members] == list(map(str, taking_part))
        assert [one.message for one in of_members] == [
            packet_of_participant(cohort, person).message for person in taking_part
        ]


def test_related_parents_are_said_where_the_proband_says_yes(
    cohort: Cohort, drawn: Pedigrees, small_release_folder: Path
) -> None:
    del small_release_folder
    people = cohort.rows(Participant).set_index("participant_id")
    said = {
        number: people["consanguinity"].get(pedigree.proband.participant_id) == "Yes"
        for number, pedigree in drawn.families.items()
        if pedigree.proband is not None and pedigree.proband.participant_id in people.index
    }
    assert set(said.values()) == {True, False}
    for yes in (True, False):
        number = next(one for one, related in said.items() if related is yes)
        assert packet_of_family(cohort, number).message.consanguinous_parents is yes


def test_the_airlock_refuses_a_family_and_its_text_names_nobody(
    packets: dict[Any, FamilyPacket],
) -> None:
    packet = next(iter(packets.values()))
    request = request_export([packet], project="P", purpose="to be refused")  # type: ignore[list-item]
    assert {item.verdict.name for item in request.items} == {"FAIL"}
    assert packet.message.id not in repr(packet)


def test_a_family_that_is_not_there_is_refused_without_its_number(cohort: Cohort) -> None:
    with pytest.raises(AnalysisError, match=r"not in the cohort 'Everyone'") as caught:
        packet_of_family(cohort, 987_654)
    assert "987" not in str(caught.value)


FAMILY = {
    "id": "F",
    "proband": {"subject": {"id": "child"}, "metaData": {}},
    "relatives": [{"subject": {"id": "father"}, "metaData": {}}],
    "pedigree": {
        "persons": [
            {"familyId": "F", "individualId": "father", "sex": "MALE", "affectedStatus": "UNAFFECTED"},
            {"familyId": "F", "individualId": "mother", "sex": "FEMALE"},
            {"familyId": "F", "individualId": "child", "paternalId": "father", "maternalId": "mother", "sex": "OTHER_SEX", "affectedStatus": "AFFECTED"},
        ]
    },
    "metaData": {},
}  # fmt: skip


def family(**instead: Any) -> str:
    return json.dumps({name: one for name, one in {**FAMILY, **instead}.items() if one is not None})


def test_a_family_of_another_program_is_read_as_a_pedigree() -> None:
    packet = parse_family_packet(family(cohort="theirs"))
    assert packet.unknown_fields == ("cohort",)
    pedigrees = pedigrees_of_packets([packet])
    (pedigree,) = pedigrees.families.values()
    child, father, mother = pedigree.members
    assert (child.key, child.is_proband, child.affected, child.sex) == ("child", True, True, None)
    assert (child.father, child.mother) == ("father", "mother")
    assert (father.affected, father.participant_id) == (False, "father")
    assert (mother.affected, mother.participant_id) == (None, None)


def test_a_circle_in_a_packet_is_told_and_cut() -> None:
    persons = [
        {"individualId": "child", "paternalId": "father"},
        {"individualId": "father", "paternalId": "child"},
    ]
    pedigrees = pedigrees_of_packets([parse_family_packet(family(pedigree={"persons": persons}))])
    assert all(one.father is None for one in pedigrees.families["F"].members)
    assert any("own ancestor" in one.sentence for one in pedigrees.remarks)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "not JSON"),
        ("[]", "no Family of version 2"),
        (family(metaData=None), "which has a field metaData"),
        (family(pedigree=None), r"no pedigree\.persons"),
        (family(proband=None, pedigree=None), r"no proband\.subject\.id and no pedigree"),
        (family(pedigree={"persons": [{"sex": "BOTH"}]}), "does not follow version 2"),
    ],
)
def test_what_is_no_family_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        parse_family_packet(text)


def test_two_families_of_one_name_are_refused() -> None:
    packet = parse_family_packet(family())
    with pytest.raises(InputError, match="have one name"):
        pedigrees_of_packets([packet, packet])


def test_several_families_do_not_fit_one_document(tmp_path: Path) -> None:
    packet = parse_family_packet(family())
    with pytest.raises(InputError, match=r"end the name in \.jsonl"):
        write_family_packets([packet, packet], tmp_path / "two.json")
