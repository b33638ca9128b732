"""The words in which a cohort is defined: columns that compare, rows that exist, ages on a day.

Nothing here touches data. Each word builds a node (`gecip.cohort.nodes`), and what cannot mean
anything is refused while the definition is written.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from gecip.cohort import nodes
from gecip.cohort.nodes import Constant, Node, Operator
from gecip.errors import DefinitionError, UnknownColumnError
from gecip.model.table import Column, ColumnType, Table, nearest


class Condition:
    """Something true, false or unknown; combine with `&`, `|` and `~`."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def __and__(self, other: Condition) -> Condition:
        return Condition(nodes.AllOf(_same_rows(self, other)))

    def __or__(self, other: Condition) -> Condition:
        return Condition(nodes.AnyOf(_same_rows(self, other)))

    def __invert__(self) -> Condition:
        return Condition(nodes.Negation(self.node))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and self.node == other.node

    def __hash__(self) -> int:
        return hash(self.node)

    def __bool__(self) -> bool:
        raise DefinitionError(
            "A condition has no truth before it meets data: write & for and, | for or, ~ for not, with parentheses "
            "around each comparison."
        )

    def __repr__(self) -> str:
        return f"Condition({self.node!r})"


class Values:
    """A value per row or per participant; comparing it gives a `Condition`."""

    def __init__(self, node: Node, column: Column | None = None) -> None:
        self.node = node
        self._column = column

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]
        return self._compare(Operator.EQUAL, other)

    def __ne__(self, other: object) -> Condition:  # type: ignore[override]
        return self._compare(Operator.NOT_EQUAL, other)

    def __lt__(self, other: object) -> Condition:
        return self._compare(Operator.LESS, other)

    def __le__(self, other: object) -> Condition:
        return self._compare(Operator.AT_MOST, other)

    def __gt__(self, other: object) -> Condition:
        return self._compare(Operator.MORE, other)

    def __ge__(self, other: object) -> Condition:
        return self._compare(Operator.AT_LEAST, other)

    __hash__ = None  # type: ignore[assignment]

    def is_in(self, values: Iterable[Constant]) -> Condition:
        """Return whether the value is one of `values`."""
        if isinstance(values, str):
            raise DefinitionError(f"{self} .is_in() takes a list: write .is_in([{values!r}]).")
        constants = tuple(self._constant(value) for value in values)
        if not constants:
            raise DefinitionError(
                f"{self} .is_in() was given an empty list, which nobody can match: name at least one value."
            )
        return Condition(nodes.OneOf(self.node, constants))

    def is_missing(self) -> Condition:
        """Return whether the value is missing."""
        return Condition(nodes.IsMissing(self.node))

    def is_a(self, term: str) -> Condition:
        """Return whether the HPO term is `term` or any descendant of it, by all parents of the ontology.

        Raises
        ------
        DefinitionError
            When the column holds no HPO terms, or the ontology has no such term.
        """
        from gecip.cohort.ontology import checked_term

        if self._column is not None and self._column.code_system != "HPO":
            raise DefinitionError(
                f"{self} does not hold HPO terms: .is_a() is for columns such as phenotypes.term."
            )
        return Condition(nodes.IsA(self.node, checked_term(term)))

    def _compare(self, operator: Operator, other: object) -> Condition:
        if other is None:
            raise DefinitionError(
                f"{self} cannot be compared with None: write .is_missing() or ~….is_missing()."
            )
        return Condition(nodes.Comparison(self.node, operator, self._constant(other)))

    def _constant(self, value: object) -> Constant:
        if isinstance(value, datetime.datetime):
            value = value.date()
        if not isinstance(value, str | int | float | bool | datetime.date):
            raise DefinitionError(
                f"{self} can only be compared with text, a number, a date or a truth value, not with a {type(value).__name__}."
            )
        column = self._column
        if column is None:
            return value
        if column.type is ColumnType.DATE and isinstance(value, str):
            return as_date(value)
        if column.values and value not in column.values:
            near = nearest(str(value), column.values)
            raise DefinitionError(f"{column.name} is never {value!r}{near}")
        wants_text = column.type is ColumnType.TEXT
        if wants_text != isinstance(value, str) and column.sensitivity.value != "identifier":
            raise DefinitionError(
                f"{column.name} holds {column.type.value}, so it cannot be compared with {value!r}."
            )
        return value

    def __str__(self) -> str:
        return self._column.name if self._column else "This value"

    def __repr__(self) -> str:
        return f"Values({self.node!r})"


class Rows:
    """The rows of one clinical table, perhaps only those for which a condition holds."""

    def __init__(self, table: type[Table], condition: Condition | None = None) -> None:
        self._table = table
        self._condition = condition
        self.__doc__ = table.__doc__

    def where(self, condition: Condition) -> Rows:
        """Return the rows for which `condition` is also true.

        Raises
        ------
        DefinitionError
            When the condition speaks of another table.
        """
        if not isinstance(condition, Condition):
            raise DefinitionError(
                f"{self._table.name}.where() takes a condition, such as a column compared with a value."
            )
        if condition.node.ranges_over != self._table.name:
            raise DefinitionError(
                f"{self._table.name}.where() was given a condition on {condition.node.ranges_over}: "
                "a row can only be judged by its own columns; combine tables with & outside."
            )
        return Rows(
            self._table, condition if self._condition is None else self._condition & condition
        )

    def exists_for_participant(self) -> Condition:
        """Return whether a participant has at least one such row."""
        return Condition(nodes.Exists(self._table.name, self._node()))

    def count_for_participant(self) -> Values:
        """Return how many such rows a participant has, 0 for none."""
        return Values(nodes.CountOf(self._table.name, self._node()))

    def __getattr__(self, name: str) -> Values:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            column = self._table.column(name)
        except UnknownColumnError as error:
            raise DefinitionError(
                f"{error} (For a column that the model does not know, write [{name!r}].)"
            ) from None
        return Values(nodes.ColumnValue(self._table.name, column.name), column)

    def __getitem__(self, name: str) -> Values:
        """Return a column that the model may not know; it is looked up when the cohort is selected."""
        column = self._table.columns.get(name)
        return Values(nodes.ColumnValue(self._table.name, name), column)

    def __dir__(self) -> list[str]:
        aliases = [column.alias for column in self._table.columns.values() if column.alias]
        return [
            *aliases,
            *self._table.columns,
            "where",
            "exists_for_participant",
            "count_for_participant",
        ]

    def __repr__(self) -> str:
        return f"<rows of {self._table.name}: {(self._table.__doc__ or '').splitlines()[0]}>"

    def _node(self) -> Node | None:
        return None if self._condition is None else self._condition.node


class Participants(Rows):
    """The participant table: one row each, so that its columns speak of the participant at once."""

    def age_on(self, date: str | datetime.date) -> Values:
        """Return the age on a date in whole years, from the year of birth alone.

        Month and day of birth are not released: the age is the one reached by the end of that
        calendar year, so on the day itself a participant may still be a year younger.
        """
        return Values(nodes.AgeOn(as_date(date)))


def as_date(value: str | datetime.date) -> datetime.date:
    """Return a date given as one or as `YYYY-MM-DD`."""
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        raise DefinitionError(
            f"{value!r} is not a date: write it as YYYY-MM-DD, as in '2024-06-01'."
        ) from None


def _same_rows(left: Condition, right: object) -> tuple[Node, ...]:
    if not isinstance(right, Condition):
        raise DefinitionError(
            "& and | join conditions: put parentheses around each comparison, as in (a == 1) & (b == 2)."
        )
    if left.node.ranges_over != right.node.ranges_over:
        raise DefinitionError(
            f"A condition on rows of {left.node.ranges_over} cannot be joined with one on rows of {right.node.ranges_over}: "
            "end each with .exists_for_participant() first."
        )
    return (left.node, right.node)
