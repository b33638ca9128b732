"""A definition's tree: frozen values with no data in them, equal when written equal.

Two kinds of node. A *value* has one value for each row of a table (`ColumnValue`) or for each
participant (`AgeOn`, `CountOf`). A *condition* is true, false or unknown there. Every node knows the
table over whose rows it ranges; `participant` means that it has one value per participant.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PER_PARTICIPANT = "participant"

Constant = str | int | float | bool | datetime.date


class Operator(enum.Enum):
    """The comparisons, by the sign that SQL gives them."""

    EQUAL = "="
    NOT_EQUAL = "<>"
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


@dataclass(frozen=True)
class Node:
    """Any part of a definition."""

    @property
    def ranges_over(self) -> str:
        """Return the name of the table over whose rows this node has values."""
        return next(self.children()).ranges_over

    def as_document(self) -> dict[str, Any]:
        """Return the tree below this node as plain data."""
        fields = {
            field.name: _document(getattr(self, field.name)) for field in dataclasses.fields(self)
        }
        return {"node": type(self).__name__, **fields}

    def children(self) -> Iterator[Node]:
        """Yield the nodes right below this one."""
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Node):
                    yield part


class PerParticipant(Node):
    """A node that has one value for each participant, whatever it is computed from."""

    @property
    def ranges_over(self) -> str:
        """Return the table with one row per participant."""
        return PER_PARTICIPANT


@dataclass(frozen=True)
class ColumnValue(Node):
    """The value of one column in each row of a table."""

    table: str
    column: str

    @property
    def ranges_over(self) -> str:
        """Return the column's own table."""
        return self.table


@dataclass(frozen=True)
class AgeOn(PerParticipant):
    """A participant's age on a date, in whole years, from the year of birth alone.

    The rule: the age is the year of the date less the year of birth, which is the age reached by the
    end of that year; on the date itself a participant may still be a year younger.
    """

    date: datetime.date


@dataclass(frozen=True)
class CountOf(PerParticipant):
    """How many rows of a table a participant has for which a condition is true; never unknown."""

    table: str
    condition: Node | None


@dataclass(frozen=True)
class Exists(PerParticipant):
    """Whether a participant has a row of a table for which a condition is true; never unknown."""

    table: str
    condition: Node | None


@dataclass(frozen=True)
class Comparison(Node):
    """A value against a constant; unknown where the value is missing."""

    value: Node
    operator: Operator
    constant: Constant


@dataclass(frozen=True)
class OneOf(Node):
    """Whether a value is one of several; unknown where the value is missing."""

    value: Node
    constants: tuple[Constant, ...]


@dataclass(frozen=True)
class IsA(Node):
    """Whether a code is a term of an ontology or one of its descendants, by any of its parents."""

    value: Node
    term: str


@dataclass(frozen=True)
class IsMissing(Node):
    """Whether a value is missing; never unknown."""

    value: Node


@dataclass(frozen=True)
class AllOf(Node):
    """Whether all conditions are true, in three-valued logic."""

    conditions: tuple[Node, ...]


@dataclass(frozen=True)
class AnyOf(Node):
    """Whether any condition is true, in three-valued logic."""

    conditions: tuple[Node, ...]


@dataclass(frozen=True)
class Negation(Node):
    """Whether a condition is false; unknown stays unknown."""

    condition: Node


def _document(value: Any) -> Any:
    if isinstance(value, Node):
        return value.as_document()
    if isinstance(value, tuple):
        return [_document(part) for part in value]
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value
