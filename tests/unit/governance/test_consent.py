from __future__ import annotations

import datetime

import pytest

from gecip.configuration import policy_document
from gecip.governance.consent import is_readable, take_consent_snapshot
from gecip.governance.policy import parse_policy

POLICY = parse_policy(policy_document())
DAY = datetime.date(2024, 10, 31)


@pytest.mark.parametrize(
    ("status", "readable"),
    [
        ("Consenting", True),
        ("consenting", True),
        (" CONSENTING ", True),
        ("Withdrawn (Partial)", False),
        ("Withdrawn (Full)", False),
        ("Not consenting", False),
        ("", False),
        (None, False),
    ],
)
def test_only_consenting_participants_are_readable(status: str | None, readable: bool) -> None:
    assert is_readable(status, POLICY) is readable


def test_who_left_the_newest_list_of_samples_has_withdrawn() -> None:
    snapshot = take_consent_snapshot(
        {1: "Consenting", 2: "Consenting", 3: "Withdrawn (Full)", 4: "Consenting"},
        {"A": 1, "B": 2, "C": 3},
        listed_samples=["A"],
        date=DAY,
        policy=POLICY,
    )
    assert snapshot.participants == {1, 4}, "4 has no genome, so that no list can name it"
    assert snapshot.samples == {"A": 1}
    assert snapshot.withdrawn_since_release == 1
    assert snapshot.counts == {"Consenting": 3, "Withdrawn (Full)": 1}


def test_the_list_does_not_bring_back_who_withdrew_in_the_table() -> None:
    snapshot = take_consent_snapshot(
        {3: "Withdrawn (Partial)"}, {"C": 3}, listed_samples=["C"], date=DAY, policy=POLICY
    )
    assert snapshot.participants == frozenset()
    assert snapshot.samples == {}


def test_without_a_list_the_statuses_decide() -> None:
    snapshot = take_consent_snapshot(
        {1: "Consenting", 2: None}, {"A": 1, "B": 2}, listed_samples=None, date=DAY, policy=POLICY
    )
    assert snapshot.participants == {1}
    assert snapshot.counts == {"Consenting": 1, "Not recorded": 1}


def test_an_empty_list_means_that_every_genome_was_withdrawn() -> None:
    snapshot = take_consent_snapshot(
        {1: "Consenting"}, {"A": 1}, listed_samples=[], date=DAY, policy=POLICY
    )
    assert snapshot.participants == frozenset()


def test_the_digest_follows_every_change_and_the_text_names_nobody() -> None:
    def snapshot(*people: int):
        return take_consent_snapshot(
            dict.fromkeys(people, "Consenting"), {}, listed_samples=None, date=DAY, policy=POLICY
        )

    one, two = snapshot(111000001, 111000002), snapshot(111000001)
    assert one.digest != two.digest
    assert one.digest == snapshot(111000002, 111000001).digest
    assert "111000001" not in repr(one)
