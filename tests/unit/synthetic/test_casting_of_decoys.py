"""Decoys of every kind are cast in every release that is large enough, in families that can show them."""

from __future__ import annotations

import datetime
from collections import Counter

import pytest

from gecip.synthetic.casting import DECOYS, Part
from gecip.synthetic.consenting import Consent
from gecip.synthetic.decoys import DECOYS_OF_A_KIND
from gecip.synthetic.people_blocks import BlockOfPeople, draw_people
from gecip.synthetic.programme import DEMO_PARTICIPANTS
from gecip.synthetic.recruitment import Role


@pytest.fixture(scope="module", params=[1, 2, 3])
def block(request: pytest.FixtureRequest) -> BlockOfPeople:
    return draw_people(
        request.param, participants=DEMO_PARTICIPANTS, date=datetime.date(2021, 1, 1)
    )


@pytest.mark.slow
def test_there_are_so_many_of_every_kind(block: BlockOfPeople) -> None:
    counts = Counter(block.plan.parts)
    assert {part: counts[part] for part in DECOYS} == dict.fromkeys(DECOYS, DECOYS_OF_A_KIND)


@pytest.mark.slow
def test_whoever_speaks_against_a_decoy_has_a_genome_to_be_seen(block: BlockOfPeople) -> None:
    recruits, affected = block.recruits, block.plan.affected
    seen = {one for one in block.samples.people.tolist() if block.consents[one] is Consent.GIVEN}
    for family in block.plan.families(Part.NOT_SHARED):
        relatives = set(recruits.families.members(family)) - {recruits.place(family, Role.PROBAND)}
        assert any(affected[one] and one in seen for one in relatives)
    for family in block.plan.families(Part.WRONG_SEGREGATION):
        father = recruits.place(family, Role.FATHER)
        assert father in seen
        assert not affected[father]
