"""A definition's tree: frozen values with no data in them, equal when written equal.

Two kinds of node. A *value* has one value for each row of a table (`ColumnValue`) or for each
participant (`CountOf`, `AgeOn`). A *condition* is true, false or unknown there. Every node knows the
table over whose rows it ranges; `participant` means that it has one value for each participant, and
such a node may also stand inside a condition on the rows of any other table: it is then the value of
the participant whose row it is.

What each node means is said once more, in code, by `gecip.cohort.reference`.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from gecip.errors import DefinitionError

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


class Codes(enum.Enum):
    """How codes are compared: an ICD-10 or OPCS-4 category holds all that begin with it, a SNOMED code only itself."""

    PREFIXES = "prefixes"
    WHOLE = "whole"


class Side(enum.Enum):
    """Which of several rows or values is meant."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True)
class Node:
    """Any part of a definition."""

    KINDS: ClassVar[dict[str, type[Node]]] = {}

    def __init_subclass__(cls) -> None:
        Node.KINDS[cls.__name__] = cls

    @property
    def ranges_over(self) -> str:
        """Return the name of the table over whose rows this node has values."""
        for child in self.children():
            if child.ranges_over != PER_PARTICIPANT:
                return child.ranges_over
        return PER_PARTICIPANT

    def as_document(self) -> dict[str, Any]:
        """Return the tree below this node as plain data, from which `node_from` makes it again."""
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

    def walk(self) -> Iterator[Node]:
        """Yield this node and every one below it."""
        yield self
        for child in self.children():
            yield from child.walk()


class Gathered(Node):
    """A node that has one value for each participant, gathered from rows or from relatives."""

    @property
    def ranges_over(self) -> str:
        """Return the table with one row per participant."""
        return PER_PARTICIPANT


class OfRows(Gathered):
    """A node that gathers the rows of one table, those for which `condition` is true, or all of them."""

    table: str
    condition: Node | None


# -- values -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Literal(Node):
    """A value written down in the definition."""

    value: Constant


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
class AgeOn(Node):
    """A participant's age on a date, in whole years, from the year of birth alone.

    The rule: the age is the year of the date less the year of birth, which is the age reached by the
    end of that year; on the date itself a participant may still be a year younger. `less` is 1 where
    that other age is meant, by which the attrition counts whom the rule decides.
    """

    date: Node
    less: int = 0


@dataclass(frozen=True)
class DaysSince(Node):
    """How many days a date comes after another: negative if before; unknown where either is missing."""

    date: Node
    other: Node


@dataclass(frozen=True)
class CountOf(OfRows):
    """How many rows of a table a participant has for which a condition is true; never unknown."""

    table: str
    condition: Node | None


@dataclass(frozen=True)
class CountDistinctOf(OfRows):
    """How many different values a column has in such rows, missing ones not counted; never unknown."""

    table: str
    condition: Node | None
    column: ColumnValue


@dataclass(frozen=True)
class ExtremeOf(OfRows):
    """The lowest (`FIRST`) or highest (`LAST`) value of a column in such rows; unknown without any."""

    table: str
    condition: Node | None
    column: ColumnValue
    side: Side


@dataclass(frozen=True)
class PickedValue(OfRows):
    """The value of a column in the first or last of such rows, ordered by another column.

    Rows without a value to order by are passed over. Where several rows come first, their lowest
    value counts, and where several come last, their highest; a missing value only if all miss it.
    """

    table: str
    condition: Node | None
    by: ColumnValue
    side: Side
    column: ColumnValue


@dataclass(frozen=True)
class WordFor(Node):
    """The word of the first condition that is true, or `otherwise`; never unknown. `name` is what it tells, in words."""

    name: str
    conditions: tuple[Node, ...]
    words: tuple[str, ...]
    otherwise: str


# -- conditions ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exists(OfRows):
    """Whether a participant has a row of a table for which a condition is true; never unknown."""

    table: str
    condition: Node | None


@dataclass(frozen=True)
class Comparison(Node):
    """A value against another; unknown where either is missing."""

    value: Node
    operator: Operator
    other: Node


@dataclass(frozen=True)
class OneOf(Node):
    """Whether a value is one of several; unknown where the value is missing."""

    value: Node
    constants: tuple[Constant, ...]


@dataclass(frozen=True)
class IsA(Node):
    """Whether a code is a term of an ontology or one of its descendants, by any of its parents; unknown where missing."""

    value: Node
    term: str


@dataclass(frozen=True)
class HasCode(Node):
    """Whether a value holds one of some codes; unknown where it is missing.

    The value may be one code or several, parted by `|`, commas, semicolons or blanks. Dots and
    capitals make no difference, as `N18.1` and `N181`.
    """

    value: Node
    codes: tuple[str, ...]
    compared: Codes


@dataclass(frozen=True)
class IsMissing(Node):
    """Whether a value is missing; never unknown."""

    value: Node


@dataclass(frozen=True)
class AllOf(Node):
    """Whether all conditions are true: false if one is false, else unknown if one is unknown."""

    conditions: tuple[Node, ...]


@dataclass(frozen=True)
class AnyOf(Node):
    """Whether any condition is true: true if one is true, else unknown if one is unknown."""

    conditions: tuple[Node, ...]


@dataclass(frozen=True)
class Negation(Node):
    """Whether a condition is false; unknown stays unknown."""

    condition: Node


@dataclass(frozen=True)
class AnyFamilyMember(Gathered):
    """Whether a condition is true of anybody in the participant's family, themselves included.

    Only consenting people count. Unknown if it is true of nobody and unknown of somebody. Who has no
    family is judged alone.
    """

    condition: Node


@dataclass(frozen=True)
class OfProband(Gathered):
    """Whether a condition is true of the family's proband, or of one of them; unknown without any."""

    condition: Node


@dataclass(frozen=True)
class InWholeTrio(Gathered):
    """Whether the participant is proband, father or mother in a family where all three consent; never unknown."""


# -- documents ----------------------------------------------------------------------------------------

_DATE = "date"
_ENUMS: Mapping[str, type[enum.Enum]] = {"operator": Operator, "compared": Codes, "side": Side}


def node_from(document: Any) -> Node:
    """Return the node that `as_document` wrote.

    Raises
    ------
    DefinitionError
        When it is none, or of a kind that this gecip does not know.
    """
    try:
        kind = Node.KINDS[document["node"]]
        return kind(
            **{
                field.name: _read(field.name, document[field.name])
                for field in dataclasses.fields(kind)
            }
        )
    except (KeyError, TypeError, ValueError):
        raise DefinitionError(
            "This is no cohort definition that this version of gecip can read: it may be damaged, or written by a newer one."
        ) from None


def _document(value: Any) -> Any:
    if isinstance(value, Node):
        return value.as_document()
    if isinstance(value, tuple):
        return [_document(part) for part in value]
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, datetime.date):
        return {_DATE: value.isoformat()}
    return value


def _read(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_read(name, part) for part in value)
    if isinstance(value, dict):
        if _DATE in value and "node" not in value:
            return datetime.date.fromisoformat(value[_DATE])
        return node_from(value)
    return _ENUMS[name][value] if name in _ENUMS else value
