"""The fast evaluator against the plain one: the same answers to whatever can be written, and no fault goes unseen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecip.cohort import nodes
from gecip.cohort.nodes import Node, Side
from gecip.cohort.sql import Query
from tests.unit.cohort.invented_definitions import (
    by_query,
    by_reference,
    invent_condition,
    invent_people,
    what_met,
)

EXAMPLES = 2_000
AT_ONCE = 10
ODDITIES = ("null", "tie", "empty table", "duplicate row")
# Values written down meet no data.
OPERATORS = sorted(set(nodes.Node.KINDS) - {"Literal", "Gathered", "OfRows"})


def invented(seed: int, size: int = AT_ONCE):
    random = Random(seed)
    rows = invent_people(random)
    return [invent_condition(random) for _ in range(size)], rows


@pytest.mark.slow
def test_both_evaluators_agree_on_two_thousand_definitions() -> None:
    met: Counter[tuple[str, str]] = Counter()
    seen: Counter[object] = Counter()
    for seed in range(EXAMPLES // AT_ONCE):
        definitions, rows = invented(seed)
        met += what_met(definitions, rows)
        expected = by_reference(definitions, rows)
        assert by_query(definitions, rows) == expected, f"seed {seed}"
        seen.update(verdict for _, *verdicts in expected for verdict in verdicts)
    assert min(seen[verdict] for verdict in (True, False, None)) > 1_000
    rare = {
        (operator, oddity): met[operator, oddity]
        for operator in OPERATORS
        for oddity in ODDITIES
        if met[operator, oddity] < 50
    }
    assert not rare


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_both_evaluators_agree_on_whatever_hypothesis_writes(random: Random) -> None:
    rows = invent_people(random)
    definitions = [invent_condition(random)]
    assert by_query(definitions, rows) == by_reference(definitions, rows)


# -- faults -------------------------------------------------------------------------------------------


def expressing(kind: type[Node], change: Callable[[str], str]) -> type[Query]:
    """Return a fast evaluator that writes one kind of node wrongly."""

    class Faulty(Query):
        def _expression(self, node: Node) -> str:
            text = super()._expression(node)
            return change(text) if isinstance(node, kind) else text

    return Faulty


def aggregating(kind: type[Node], change: Callable[[str], str]) -> type[Query]:
    """Return a fast evaluator that gathers rows wrongly for one kind of node."""

    class Faulty(Query):
        def _aggregate(self, node: nodes.OfRows) -> str:
            text = super()._aggregate(node)
            return change(text) if isinstance(node, kind) else text

    return Faulty


def of_families(kind: type[Node], change: Callable[[str], str]) -> type[Query]:
    """Return a fast evaluator that asks relatives wrongly for one kind of node."""

    class Faulty(Query):
        def _of_relatives(self, node: Node, name: str) -> str:
            text = super()._of_relatives(node, name)
            return change(text) if isinstance(node, kind) else text

        def _family_verdict(self, node: Node) -> str:
            text = super()._family_verdict(node)
            return change(text) if isinstance(node, kind) else text

    return Faulty


def rewritten(kind: type[Node], change: Callable[[Node], Node]) -> type[Query]:
    """Return a fast evaluator that takes one kind of node for another."""

    class Faulty(Query):
        def _expression(self, node: Node) -> str:
            return super()._expression(change(node) if isinstance(node, kind) else node)

    return Faulty


def swapped(left: str, right: str) -> Callable[[str], str]:
    return lambda text: text.replace(left, right)


FAULTS = {
    "= as <>": expressing(nodes.Comparison, swapped(" = ", " <> ")),
    "<> as =": expressing(nodes.Comparison, swapped(" <> ", " = ")),
    "< as <=": expressing(nodes.Comparison, swapped(" < ", " <= ")),
    "<= as <": expressing(nodes.Comparison, swapped(" <= ", " < ")),
    "> as >=": expressing(nodes.Comparison, swapped(" > ", " >= ")),
    ">= as >": expressing(nodes.Comparison, swapped(" >= ", " > ")),
    "missing compares as false": expressing(nodes.Comparison, "coalesce({}, false)".format),
    "missing is none of several": expressing(nodes.OneOf, "coalesce({}, false)".format),
    "all but the last of several": rewritten(
        nodes.OneOf, lambda node: nodes.OneOf(node.value, node.constants[:1])
    ),
    "a term without its descendants": rewritten(
        nodes.IsA, lambda node: nodes.OneOf(node.value, (node.term,))
    ),
    "a missing term is no descendant": expressing(nodes.IsA, "coalesce({}, false)".format),
    "codes of another stem": expressing(nodes.HasCode, swapped("contains(", "NOT contains(")),
    "codes in small letters": expressing(nodes.HasCode, swapped("upper(", "lower(")),
    "codes as plain text": expressing(nodes.HasCode, swapped("regexp_matches(", "starts_with(")),
    "whole codes as prefixes": rewritten(
        nodes.HasCode, lambda node: nodes.HasCode(node.value, node.codes, nodes.Codes.PREFIXES)
    ),
    "missing is there": expressing(nodes.IsMissing, swapped("IS NULL", "IS NOT NULL")),
    "and as or": expressing(nodes.AllOf, swapped(" AND ", " OR ")),
    "or as and": expressing(nodes.AnyOf, swapped(" OR ", " AND ")),
    "not unknown is true": expressing(nodes.Negation, "coalesce({}, true)".format),
    "one row is none": expressing(nodes.Exists, swapped("> 0", "> 1")),
    "a count is one more": expressing(nodes.CountOf, "({} + 1)".format),
    "a count of rows with a day": aggregating(nodes.CountOf, lambda _: "count(r.began)"),
    "different values counted twice": aggregating(
        nodes.CountDistinctOf, swapped("DISTINCT ", "")
    ),
    "lowest as highest": aggregating(nodes.ExtremeOf, swapped("min(", "max(")),
    "highest as lowest": aggregating(nodes.ExtremeOf, swapped("max(", "min(")),
    "first as last": aggregating(nodes.PickedValue, swapped("min(", "max(")),
    "last as first": aggregating(nodes.PickedValue, swapped("max(", "min(")),
    "a row without a day comes too": aggregating(
        nodes.PickedValue, swapped("IS NOT NULL THEN", "IS NULL OR true THEN")
    ),
    "a missing value wins a tie": aggregating(
        nodes.PickedValue, swapped("IS NOT NULL, 'value'", "IS NULL, 'value'")
    ),
    "a year older": expressing(nodes.AgeOn, "({} + 1)".format),
    "days the other way": expressing(nodes.DaysSince, "(-{})".format),
    "days and one more": expressing(nodes.DaysSince, "({} + 1)".format),
    "the last true word": rewritten(
        nodes.WordFor,
        lambda node: nodes.WordFor(node.name, node.conditions[::-1], node.words[::-1], node.otherwise),
    ),
    "a relative unknown is a relative without": of_families(
        nodes.AnyFamilyMember, swapped("THEN NULL", "THEN false")
    ),
    "who has no family is unknown": of_families(
        nodes.AnyFamilyMember, swapped(" IS NULL THEN ", " IS NULL AND false THEN ")
    ),
    "any relative for the proband": of_families(nodes.OfProband, swapped("'Proband'", "p.participant_type")),
    "a family without a proband is false": of_families(nodes.OfProband, swapped("> 0", ">= 0")),
    "whoever lives with a trio": of_families(nodes.InWholeTrio, swapped("AND (", "OR (")),
    "a trio without a mother": of_families(nodes.InWholeTrio, swapped("'Mother'", "'Father'")),
}  # fmt: skip


def test_every_operator_has_a_fault_to_catch() -> None:
    with_faults = "\n".join(FAULTS)
    assert len(FAULTS) > len(OPERATORS)
    assert with_faults.count(" as ") >= len(nodes.Operator) + 2 * len(Side)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_any_operator_of_the_fast_evaluator_is_caught(fault: str) -> None:
    for seed in range(EXAMPLES // AT_ONCE):
        definitions, rows = invented(seed)
        try:
            found = by_query(definitions, rows, FAULTS[fault])
        except Exception as error:  # noqa: BLE001 - a fault that the engine refuses shows nothing
            pytest.fail(f"the fault is no query: {error}")
        if found != by_reference(definitions, rows):
            return
    pytest.fail("no example showed the fault")
