"""A family as GA4GH's `Family` (Phenopackets, version 2): a packet for each member who takes part, and the pedigree of all.

Row level: made, read and written inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.analysis.clinical.participant_packets import packet_meta_data, packet_of_participant
from gecip.analysis.clinical.phenopacket_files import Packet
from gecip.analysis.clinical.phenopacket_text import (
    document_of,
    parse_message,
    texts_of,
    write_documents,
)
from gecip.analysis.genetic.pedigree import (
    Number,
    Pedigree,
    PedigreeMember,
    Pedigrees,
    checked,
    read_pedigrees,
)
from gecip.cohort.selection import Cohort
from gecip.errors import AnalysisError, InputError
from gecip.model.people import Participant
from gecip.provenance import Provenance, software_versions

if TYPE_CHECKING:
    from phenopackets import Family

# By the schema's numbers of `Sex` and `AffectedStatus`; what is not told is 0 in both.
_SEXES: Mapping[int, str] = {1: "Female", 2: "Male"}
_SEX_WORDS = {"Female": "FEMALE", "Male": "MALE"}
_AFFECTED: Mapping[int, bool] = {1: False, 2: True}
_AFFECTED_WORDS = {True: "AFFECTED", False: "UNAFFECTED"}
_NOBODY = {"", "0"}


@dataclass(frozen=True, repr=False, eq=False)
class FamilyPacket:
    """One family's packet with where it comes from; `message` is as the `phenopackets` package has it.

    `unknown_fields` names what stood at the top of the file and is no field of version 2, and was left out.
    """

    message: Family
    provenance: Provenance
    unknown_fields: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"FamilyPacket(relatives={len(self.message.relatives)}, members={len(self.message.pedigree.persons)})"


def packet_of_family(cohort: Cohort, family_id: Number) -> FamilyPacket:
    """Return a family of a cohort as a `Family`: packets of the proband and of the relatives who take part, and the pedigree.

    The pedigree is the checked one, without links that cannot be, and has who took no part as well, named by
    their place (`member-4`). Related parents are said of the proband's answer "Yes" only.

    Raises
    ------
    AnalysisError
        When the cohort has no such family, or none with its proband; the message does not tell which was asked for.
    """
    from google.protobuf.json_format import ParseDict
    from phenopackets import Family

    pedigree = read_pedigrees(cohort).families.get(family_id)
    proband = None if pedigree is None else pedigree.proband
    if pedigree is None or proband is None or proband.participant_id is None:
        raise AnalysisError(
            f"The family asked for is not in the cohort {cohort.definition.title!r}, or its proband is not, of whom a family's "
            "packet is told: ask for one of cohort.families, or widen the definition."
        )
    names = {
        one.key: f"member-{place}" if one.participant_id is None else str(one.participant_id)
        for place, one in enumerate(pedigree.members, start=1)
    }
    packets = [
        document_of(packet_of_participant(cohort, one.participant_id).message)
        for one in pedigree.members
        if one.participant_id is not None
    ]
    document: dict[str, Any] = {
        "id": str(family_id),
        "proband": packets[0],
        "relatives": packets[1:],
        "consanguinousParents": _are_related(cohort, proband.participant_id),
        "pedigree": {"persons": [_person(pedigree, one, names) for one in pedigree.members]},
        "metaData": packet_meta_data(),
    }
    return FamilyPacket(ParseDict(document, Family()), cohort.provenance.then("packet_of_family"))


def _person(
    pedigree: Pedigree, member: PedigreeMember, names: Mapping[Number, str]
) -> dict[str, str]:
    parents = {"paternalId": member.father, "maternalId": member.mother}
    return {
        "familyId": str(pedigree.family_id),
        "individualId": names[member.key],
        **{field: names[key] for field, key in parents.items() if key is not None and key in names},
        "sex": _SEX_WORDS.get(member.sex or "", "UNKNOWN_SEX"),
        "affectedStatus": "MISSING"
        if member.affected is None
        else _AFFECTED_WORDS[member.affected],
    }


def _are_related(cohort: Cohort, proband: Number) -> bool:
    rows = cohort.rows(Participant)
    if "consanguinity" not in rows:
        return False
    return bool(rows.loc[rows["participant_id"] == proband, "consanguinity"].eq("Yes").any())


def read_family_packets(path: str | Path) -> Iterator[FamilyPacket]:
    """Yield the families of a file one by one: a JSON document, or one family a line (`.jsonl`), compressed or not.

    Raises
    ------
    InputError
        When there is no such file, or a family in it is not one; the sentence names the line.
    """
    for where, text in texts_of(path):
        yield parse_family_packet(text, where=where)


def parse_family_packet(text: str, *, where: str = "the text") -> FamilyPacket:
    """Return the family that a JSON text holds.

    Parameters
    ----------
    where
        How the sentence about what is wrong calls the text.

    Raises
    ------
    InputError
        When the text is no `Family` of version 2, or has no proband or no pedigree.
    """
    from phenopackets import Family

    message, unknown = parse_message(text, Family, where=where)
    lacking = [
        field
        for field, is_there in (
            ("proband.subject.id", message.proband.subject.id),
            ("pedigree.persons", message.pedigree.persons),
        )
        if not is_there
    ]
    if lacking:
        raise InputError(
            f"{where}: this family has no {' and no '.join(lacking)}, from which all else is told: add it, or read the "
            "packets of its members with read_packets."
        )
    made = Provenance(
        "read_family_packets",
        {"file": Path(where.split(", line", maxsplit=1)[0]).name},
        software=software_versions(),
    )
    return FamilyPacket(message, made, unknown)


def write_family_packets(packets: Sequence[FamilyPacket], path: str | Path) -> Path:
    """Write families to a file inside and return its path: one as a JSON document, or one a line where the name ends in `.jsonl`.

    Raises
    ------
    InputError
        When several families are to go into one JSON document, or the place cannot be written.
    """
    return write_documents([one.message for one in packets], path)


def member_packets(packet: FamilyPacket) -> tuple[Packet, ...]:
    """Return the packets of a family's members, the proband's first."""
    made = packet.provenance.then("member_packets")
    return tuple(Packet(one, made) for one in (packet.message.proband, *packet.message.relatives))


def pedigrees_of_packets(packets: Sequence[FamilyPacket]) -> Pedigrees:
    """Return the pedigrees of families, without links that cannot be, and a remark for each kind of fault.

    Members go by their names in the packet, as those of a `.ped` file do; who has no packet took no part.

    Raises
    ------
    InputError
        When two families, or two members of one, have one name.
    """
    drawn: dict[Number, Pedigree] = {}
    for packet in packets:
        message = packet.message
        number = message.id or next(iter(message.pedigree.persons)).family_id
        members = _members(message)
        if number in drawn or len({one.key for one in members}) < len(members):
            raise InputError(
                "Two families, or two members of a family, have one name in their packets: give each a name of its own."
            )
        drawn[number] = Pedigree(number, members)
    return checked(drawn)


def _members(message: Family) -> tuple[PedigreeMember, ...]:
    proband = message.proband.subject.id
    taking_part = {proband, *(one.subject.id for one in message.relatives)}
    return tuple(
        PedigreeMember(
            key=one.individual_id,
            participant_id=one.individual_id if one.individual_id in taking_part else None,
            father=None if one.paternal_id in _NOBODY else one.paternal_id,
            mother=None if one.maternal_id in _NOBODY else one.maternal_id,
            sex=_SEXES.get(one.sex),
            affected=_AFFECTED.get(one.affected_status),
            relationship="Proband" if one.individual_id == proband else None,
            year_of_birth=None,
            is_proband=one.individual_id == proband,
        )
        for one in message.pedigree.persons
    )
