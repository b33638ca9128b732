"""Why somebody is in a cohort or not: each criterion in order, the value seen, and the first one that failed."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gecip.cohort import nodes
from gecip.cohort.definition import CohortDefinition
from gecip.cohort.nodes import Node, Side
from gecip.cohort.reference import People, evaluate
from gecip.cohort.wording import in_words, rows_in_words, sign_in_words, value_in_words

_MOST_VALUES = 6
_VERDICTS = {True: "true", False: "false", None: "unknown"}


@dataclass(frozen=True)
class Judgement:
    """What one criterion said of somebody: its verdict, whether they went on, and what was seen."""

    reason: str
    rule: str
    asked: str
    verdict: bool | None
    passed: bool
    seen: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Why:
    """Why somebody is in a cohort or not. It speaks of one person: look at it, and keep it inside.

    `left_out_later` says that a step after the definition left them out, as when controls are drawn or
    carriers looked for.
    """

    title: str
    judgements: tuple[Judgement, ...]
    left_out_later: bool = False

    @property
    def is_member(self) -> bool:
        """Return whether they are in the cohort."""
        return not self.left_out_later and all(one.passed for one in self.judgements)

    @property
    def first_failed(self) -> Judgement | None:
        """Return the first criterion that kept them out, or None."""
        return next((one for one in self.judgements if not one.passed), None)

    def __str__(self) -> str:
        lines = [self._outcome()]
        for number, one in enumerate(self.judgements, start=1):
            lines.append(
                f"{number}. {'passed' if one.passed else 'FAILED'}: {one.rule} {one.reason!r} "
                f"({one.asked}): {_VERDICTS[one.verdict]}"
            )
            lines += [f"     {seen}" for seen in one.seen]
        return "\n".join(lines)

    def _outcome(self) -> str:
        failed = self.first_failed
        if failed is not None:
            return f"Not in the cohort {self.title!r}: {failed.rule} {failed.reason!r} decided."
        if self.left_out_later:
            return (
                f"Not in the cohort {self.title!r}, though its definition means them: a step after the definition "
                "left them out, which the attrition shows last."
            )
        return f"In the cohort {self.title!r}."

    def __repr__(self) -> str:
        return f"Why({self.title!r}, member={self.is_member})"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{'✓' if one.passed else '✗'}</td><td>{one.rule}</td>"
            f"<td style='text-align:left'>{html.escape(one.reason)}</td>"
            f"<td style='text-align:left'>{html.escape(one.asked)}</td><td>{_VERDICTS[one.verdict]}</td>"
            f"<td style='text-align:left'>{'<br>'.join(map(html.escape, one.seen))}</td></tr>"
            for one in self.judgements
        )
        head = "".join(
            f"<th>{title}</th>" for title in ("", "Rule", "Reason", "Condition", "Verdict", "Seen")
        )
        return (
            f"<p>{html.escape(str(self).splitlines()[0])}</p><table><tr>{head}</tr>{rows}</table>"
        )


def explain(definition: CohortDefinition, people: People, participant: Any) -> Why:
    """Return why somebody is in a cohort or not.

    Parameters
    ----------
    people
        Rows of the participant and of everybody in the family.
    """
    judgements = []
    for criterion in definition.criteria:
        node = criterion.condition.node
        verdict = evaluate(node, people, participant)
        judgements.append(
            Judgement(
                reason=criterion.because,
                rule="include" if criterion.keeps else "exclude",
                asked=in_words(node),
                verdict=verdict,
                passed=verdict is True if criterion.keeps else verdict is not True,
                seen=tuple(dict.fromkeys(_seen(node, people, participant))),
            )
        )
    return Why(definition.title, tuple(judgements))


def _seen(node: Node, people: People, participant: Any) -> Iterator[str]:
    """Yield what decided a condition: values against what was asked, and rows that met it or nearly did."""
    match node:
        case nodes.Comparison(value, operator, other):
            found = value_in_words(evaluate(value, people, participant))
            threshold = evaluate(other, people, participant)
            asked = f"{sign_in_words(operator, other).removeprefix('is').strip()} {value_in_words(threshold)}"
            yield f"{_named(value)} is {found}; asked: {asked}"
            yield from _rows_below(value, people, participant)
            yield from _rows_below(other, people, participant)
        case nodes.OneOf(value) | nodes.IsA(value) | nodes.HasCode(value) | nodes.IsMissing(value):
            found = value_in_words(evaluate(value, people, participant))
            yield f"{_named(value)} is {found}; asked: {in_words(node)}"
            yield from _rows_below(value, people, participant)
        case nodes.Exists():
            yield from _rows(node, people, participant)
        case nodes.AnyFamilyMember(condition) | nodes.OfProband(condition):
            verdicts = Counter(
                evaluate(condition, people, member) for member in people.family_of(participant)
            )
            told = ", ".join(
                f"{_VERDICTS[verdict]} of {count}" for verdict, count in verdicts.items()
            )
            yield f"in the family, {in_words(condition)}: {told}"
        case nodes.InWholeTrio():
            yield f"members of the family here: {len(people.family_of(participant))}"
        case _:
            for child in node.children():
                yield from _seen(child, people, participant)


def _named(value: Node) -> str:
    """Return what a value is in few words: the condition that is shown beside it has the rest."""
    match value:
        case nodes.CountOf():
            return "the number of rows"
        case nodes.CountDistinctOf(column=column):
            return f"the number of different values of {column.column}"
        case nodes.ExtremeOf(column=column, side=side):
            return f"the {'lowest' if side is Side.FIRST else 'highest'} {column.column}"
        case nodes.PickedValue(column=column, side=side):
            return f"{column.column} of the {side.value} row"
    return in_words(value)


def _rows_below(value: Node, people: People, participant: Any) -> Iterator[str]:
    for node in value.walk():
        if isinstance(node, nodes.OfRows):
            yield from _rows(node, people, participant)


def _rows(node: nodes.OfRows, people: People, participant: Any) -> Iterator[str]:
    """Yield how many rows there are, how many meet the condition, and what stands in the columns asked for."""
    rows = people.rows_of(participant, node.table)
    if node.condition is None:
        yield f"{len(rows):,} rows of {node.table}"
        return
    met = [row for row in rows if evaluate(node.condition, people, participant, row) is True]
    yield f"{len(met):,} of {len(rows):,} {rows_in_words(node)}"
    if isinstance(node.condition, nodes.AllOf) and rows:
        for part in node.condition.conditions:
            of_part = sum(evaluate(part, people, participant, row) is True for row in rows)
            yield f"{of_part:,} of {len(rows):,} where {in_words(part)}"
    if not met:
        yield from _columns(node, rows)


def _columns(node: nodes.OfRows, rows: Sequence[Any]) -> Iterator[str]:
    assert node.condition is not None
    columns = dict.fromkeys(
        part.column
        for part in node.condition.walk()
        if isinstance(part, nodes.ColumnValue) and part.table == node.table
    )
    for column in columns:
        values = Counter(value_in_words(row.get(column)) for row in rows)
        if values:
            told = ", ".join(value for value, _ in values.most_common(_MOST_VALUES))
            more = len(values) - _MOST_VALUES
            yield f"{column} in these rows: {told}" + (f" and {more:,} more" if more > 0 else "")
