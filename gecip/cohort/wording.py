"""A definition's nodes in English, for the methods paragraph and for whoever asks why."""

from __future__ import annotations

import datetime
from typing import Any

from gecip.cohort import nodes
from gecip.cohort.nodes import Codes, Node, Operator, Side
from gecip.cohort.ontology import term_name

_SIGNS = {
    Operator.EQUAL: "is",
    Operator.NOT_EQUAL: "is not",
    Operator.LESS: "is less than",
    Operator.AT_MOST: "is at most",
    Operator.MORE: "is more than",
    Operator.AT_LEAST: "is at least",
}
_SIGNS_OF_DAYS = {
    Operator.LESS: "is before",
    Operator.AT_MOST: "is on or before",
    Operator.MORE: "is after",
    Operator.AT_LEAST: "is on or after",
}
_FEW = 6


def in_words(node: Node) -> str:  # noqa: C901 - one flat case for each node
    """Return a node as a phrase, as `age on 2024-06-01 is less than 18`."""
    match node:
        case nodes.Literal(value):
            return value_in_words(value)
        case nodes.ColumnValue(_, column):
            return column
        case nodes.AgeOn(date):
            return f"age on {in_words(date)}"
        case nodes.DaysSince(date, other):
            return f"days from {in_words(other)} to {in_words(date)}"
        case nodes.CountOf():
            return f"number of {rows_in_words(node)}"
        case nodes.CountDistinctOf(column=column):
            return f"number of different values of {column.column} in {rows_in_words(node)}"
        case nodes.ExtremeOf(column=column, side=side):
            word = "lowest" if side is Side.FIRST else "highest"
            return f"{word} {column.column} in {rows_in_words(node)}"
        case nodes.PickedValue(by=by, side=side, column=column):
            return f"{column.column} in the {side.value} (by {by.column}) of {rows_in_words(node)}"
        case nodes.WordFor(name):
            return name
        case nodes.Exists():
            return f"there are {rows_in_words(node)}"
        case nodes.Comparison(value, operator, other):
            return f"{in_words(value)} {sign_in_words(operator, other)} {in_words(other)}"
        case nodes.OneOf(value, constants):
            return f"{in_words(value)} is one of {_listed(constants)}"
        case nodes.IsA(value, term):
            return f"{in_words(value)} is {term} ({term_name(term)}) or narrower"
        case nodes.HasCode(value, codes, compared):
            verb = "holds a code that begins with" if compared is Codes.PREFIXES else "holds"
            return f"{in_words(value)} {verb} {_listed(codes)}"
        case nodes.IsMissing(value):
            return f"{in_words(value)} is missing"
        case nodes.AllOf(conditions):
            return " and ".join(_grouped(part) for part in conditions)
        case nodes.AnyOf(conditions):
            return " or ".join(_grouped(part) for part in conditions)
        case nodes.Negation(condition):
            return f"it is not so that {_grouped(condition)}"
        case nodes.AnyFamilyMember(condition):
            return f"of anybody in the family {_grouped(condition)}"
        case nodes.OfProband(condition):
            return f"of the family's proband {_grouped(condition)}"
        case nodes.InWholeTrio():
            return "the participant belongs to a trio of proband, father and mother"
    raise TypeError(f"no words for {type(node).__name__}")


def rows_in_words(node: nodes.OfRows) -> str:
    """Return which rows a node gathers, as `rows of hes_apc where …`."""
    where = f" where {in_words(node.condition)}" if node.condition is not None else ""
    return f"rows of {node.table}{where}"


def sign_in_words(operator: Operator, other: Node) -> str:
    """Return a comparison's verb: days are before and after, numbers less and more."""
    is_day = isinstance(other, nodes.Literal) and isinstance(other.value, datetime.date)
    return _SIGNS_OF_DAYS.get(operator, _SIGNS[operator]) if is_day else _SIGNS[operator]


def value_in_words(value: Any) -> str:
    """Return a value as a definition or a person's record has it."""
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def _listed(values: tuple[Any, ...]) -> str:
    words = ", ".join(value_in_words(value) for value in values[:_FEW])
    return words if len(values) <= _FEW else f"{words} and {len(values) - _FEW:,} more"


def _grouped(node: Node) -> str:
    words = in_words(node)
    return f"({words})" if isinstance(node, nodes.AllOf | nodes.AnyOf) else words
