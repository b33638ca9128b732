"""What every word of the cohort language means: an evaluator in plain Python, short enough to be the definition.

Slow, and used where one person's verdict is explained and where tests hold the fast evaluator
(`gecip.cohort.sql`) to the same answers. Missing and unknown are both `None`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gecip.cohort import nodes
from gecip.cohort.codes import codes_in
from gecip.cohort.nodes import Codes, Node, Operator, Side
from gecip.cohort.ontology import descendants

Row = Mapping[str, Any]
FAMILY = "rare_diseases_family_id"
TYPE = "participant_type"
RELATIONSHIP = "biological_relationship_to_proband"

COMPARE: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: operator.eq,
    Operator.NOT_EQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.MORE: operator.gt,
    Operator.AT_LEAST: operator.ge,
}


@dataclass(frozen=True)
class People:
    """Who consents, and their rows by table: `rows["participant"]` has one for each of them."""

    rows: Mapping[str, Sequence[Row]]

    @cached_property
    def participants(self) -> Mapping[Any, Row]:
        """Each participant's own row."""
        return {row["participant_id"]: row for row in self.rows["participant"]}

    @cached_property
    def _by_participant(self) -> Mapping[str, Mapping[Any, Sequence[Row]]]:
        found: dict[str, dict[Any, list[Row]]] = {}
        for table, rows in self.rows.items():
            for row in rows:
                found.setdefault(table, {}).setdefault(row["participant_id"], []).append(row)
        return found

    def rows_of(self, participant: Any, table: str) -> Sequence[Row]:
        """Return a participant's rows of a table."""
        return self._by_participant.get(table, {}).get(participant, ())

    def family_of(self, participant: Any) -> Sequence[Any]:
        """Return the members of a participant's family; the participant alone without one."""
        family = self.participants[participant].get(FAMILY)
        if family is None:
            return [participant]
        return [one for one, row in self.participants.items() if row.get(FAMILY) == family]


def evaluate(node: Node, people: People, participant: Any, row: Row | None = None) -> Any:  # noqa: C901 - one flat case for each node
    """Return a node's value for a participant, or for one of their rows; None where it is missing or unknown."""

    def value(part: Node) -> Any:
        return evaluate(part, people, participant, row)

    def gathered() -> list[Row]:
        assert isinstance(node, nodes.OfRows)
        return [
            one
            for one in people.rows_of(participant, node.table)
            if node.condition is None or evaluate(node.condition, people, participant, one) is True
        ]

    match node:
        case nodes.Literal(constant):
            return constant
        case nodes.ColumnValue(table, column):
            of_row = row if table != nodes.PER_PARTICIPANT else people.participants[participant]
            return of_row.get(column) if of_row is not None else None
        case nodes.AgeOn(date, less):
            day, born = value(date), people.participants[participant].get("year_of_birth")
            return None if day is None or born is None else day.year - born - less
        case nodes.DaysSince(date, other):
            day, since = value(date), value(other)
            return None if day is None or since is None else (day - since).days
        case nodes.CountOf():
            return len(gathered())
        case nodes.Exists():
            return len(gathered()) > 0
        case nodes.CountDistinctOf(column=column):
            return len(set(_known(one.get(column.column) for one in gathered())))
        case nodes.ExtremeOf(column=column, side=side):
            return _extreme(side, (one.get(column.column) for one in gathered()))
        case nodes.PickedValue(by=by, side=side, column=column):
            place = _extreme(side, (one.get(by.column) for one in gathered()))
            ties = [one for one in gathered() if place is not None and one.get(by.column) == place]
            return _extreme(side, (one.get(column.column) for one in ties))
        case nodes.WordFor(_, conditions, words, otherwise):
            return next(
                (word for part, word in zip(conditions, words, strict=True) if value(part) is True),
                otherwise,
            )
        case nodes.Comparison(left, sign, right):
            first, second = value(left), value(right)
            return None if first is None or second is None else COMPARE[sign](first, second)
        case nodes.OneOf(part, constants):
            one = value(part)
            return None if one is None else one in constants
        case nodes.IsA(part, term):
            one = value(part)
            return None if one is None else one in descendants(term)
        case nodes.HasCode(part, codes, compared):
            one = value(part)
            return None if one is None else _has_code(str(one), codes, compared)
        case nodes.IsMissing(part):
            return value(part) is None
        case nodes.AllOf(conditions):
            return all_of(value(part) for part in conditions)
        case nodes.AnyOf(conditions):
            return any_of(value(part) for part in conditions)
        case nodes.Negation(part):
            one = value(part)
            return None if one is None else not one
        case nodes.AnyFamilyMember(part):
            members = people.family_of(participant)
            return any_of(evaluate(part, people, member) for member in members)
        case nodes.OfProband(part):
            probands = [
                one
                for one in people.family_of(participant)
                if people.participants[one].get(FAMILY) is not None
                and people.participants[one].get(TYPE) == "Proband"
            ]
            return any_of(evaluate(part, people, one) for one in probands) if probands else None
        case nodes.InWholeTrio():
            parts = {
                one: place_in_trio(people.participants[one])
                for one in people.family_of(participant)
            }
            whole = {"Proband", "Father", "Mother"} <= set(parts.values())
            return (
                whole
                and people.participants[participant].get(FAMILY) is not None
                and parts[participant] is not None
            )
    raise TypeError(f"no meaning for {type(node).__name__}")


def place_in_trio(person: Row) -> str | None:
    """Return whether somebody is `Proband`, `Father` or `Mother`; None for everybody else."""
    if person.get(TYPE) == "Proband":
        return "Proband"
    relationship = person.get(RELATIONSHIP)
    return relationship if relationship in ("Father", "Mother") else None


def all_of(verdicts: Iterable[bool | None]) -> bool | None:
    """Return three-valued and: false if one is false, else unknown if one is unknown."""
    found = set(verdicts)
    return False if False in found else None if None in found else True


def any_of(verdicts: Iterable[bool | None]) -> bool | None:
    """Return three-valued or: true if one is true, else unknown if one is unknown."""
    found = set(verdicts)
    return True if True in found else None if None in found else False


def _known(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def _extreme(side: Side, values: Iterable[Any]) -> Any:
    known = _known(values)
    if not known:
        return None
    return min(known) if side is Side.FIRST else max(known)


def _has_code(text: str, codes: Sequence[str], compared: Codes) -> bool:
    found = codes_in(text)
    if compared is Codes.WHOLE:
        return any(code in codes for code in found)
    return any(code.startswith(prefix) for code in found for prefix in codes)
