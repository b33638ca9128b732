"""Every rule on who may read what says in every state and role what the specification says, and the page the same."""

from __future__ import annotations

import itertools

import pytest

from gecip.governance.access import EVERY_USE, Use
from tests.spec.access_page import governance_page
from tests.spec.access_rules import CHAPTERS, POLICY, ROLES, State
from tests.spec.airlock_page import airlock_page
from tools.print_governance import AIRLOCK_PAGE, PAGE

STATES = [
    pytest.param(state, role, id=f"{chapter.rule}: {state.says}, {role}")
    for chapter in CHAPTERS
    for state in chapter.states
    for role in ROLES
]


@pytest.mark.parametrize(("state", "role"), STATES)
def test_a_rule_allows_a_role_in_a_state_what_is_said(state: State, role: str) -> None:
    assert state.asked(role) == state.of(role)


def test_every_rule_of_the_policy_has_its_chapter_and_evidence() -> None:
    assert {chapter.rule for chapter in CHAPTERS} == set(POLICY.access)
    for rule in POLICY.access.values():
        assert rule.source, rule.name
        assert rule.remedy, rule.name
        assert len(rule.evidence.split()) > 40, rule.name
    assert set(ROLES) == POLICY.known_roles


def test_each_rule_makes_a_difference_and_each_use_is_closed_by_some_rule() -> None:
    said = {
        chapter.rule: {state.of(role) for state in chapter.states for role in ROLES}
        for chapter in CHAPTERS
    }
    assert all(len(uses) > 1 for uses in said.values())
    closed = set().union(*(EVERY_USE - uses for uses in itertools.chain(*said.values())))
    assert closed == set(Use)


def test_the_pages_are_those_that_the_specification_and_the_policy_print() -> None:
    for file, page in ((PAGE, governance_page()), (AIRLOCK_PAGE, airlock_page())):
        assert file.read_text(encoding="utf-8") == page, "run python -m tools.print_governance"
