"""Both evaluators do what the specification of the cohort language says, and the manual says the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import gecip.tables
from gecip.cohort import any_family_member, define_cohort, in_whole_trio, proband_of, select_cohort
from gecip.cohort.language import Condition
from gecip.cohort.nodes import Node
from gecip.cohort.reference import People, evaluate
from gecip.release import open_release
from tests.handmade import write_release
from tests.spec.manual import manual_page
from tests.spec.operations import OPERATIONS, Operation
from tools.print_cohort_manual import PAGE

WORDS = {
    **vars(gecip.tables),
    "any_family_member": any_family_member,
    "in_whole_trio": in_whole_trio,
    "proband_of": proband_of,
}
# No node of its own: a bound of other nodes.
ABSTRACT = {"Gathered", "OfRows"}


def written(operation: Operation) -> Any:
    return eval(operation.written, dict(WORDS))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.title)
def test_the_plain_evaluator_does_what_is_said(operation: Operation) -> None:
    people = People({"participant": operation.participants, **dict(operation.others)})
    node = written(operation).node
    found = [evaluate(node, people, row["participant_id"]) for row in operation.participants]
    assert found == list(operation.gives)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.title)
def test_the_fast_evaluator_does_the_same_on_a_release(
    operation: Operation, tmp_path: Path
) -> None:
    consenting = [
        {"programme_consent_status": "Consenting", **row} for row in operation.participants
    ]
    folder = write_release(tmp_path / "r", participant=consenting, **dict(operation.others))
    release = open_release(folder)
    value = written(operation)
    everyone = select_cohort(define_cohort("Everyone"), release)
    found = everyone.table({"gives": value})["gives"].tolist()
    expected = [None if value is None else str(value) for value in operation.gives]
    assert [
        None if str(one) in ("<NA>", "NaT", "nan", "None") else _text(one) for one in found
    ] == expected
    if isinstance(value, Condition):
        definition = define_cohort("Those").include(value, because="asked")
        kept = [row["participant_id"] for row, gives in zip(operation.participants, operation.gives, strict=True) if gives]  # fmt: skip
        assert list(select_cohort(definition, release).participants) == kept


def _text(value: Any) -> str:
    return str(value).removesuffix(" 00:00:00")


def test_every_kind_of_node_is_specified() -> None:
    met = {type(node).__name__ for one in OPERATIONS for node in written(one).node.walk()}
    assert met == set(Node.KINDS) - ABSTRACT


def test_the_manuals_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == manual_page(), (
        "run python -m tools.print_cohort_manual"
    )
