"""The words in which a cohort is defined: columns that compare, rows that exist, days apart, families.

Nothing here touches data. Each word builds a node (`gecip.cohort.nodes`), and what cannot mean
anything is refused while the definition is written.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from gecip.cohort import nodes
from gecip.cohort.nodes import PER_PARTICIPANT, Constant, Literal, Node, Operator, Side
from gecip.errors import DefinitionError, UnknownColumnError
from gecip.model.table import Column, ColumnType, Table, nearest

PRESENT, ABSENT, NOT_ASSESSED = "present", "absent", "not assessed"


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
    """A value per row or per participant; comparing it gives a `Condition`.

    The other side is a constant, or another value: of the same rows, or of the participant, so that
    `episodes.admission.is_after(first_tumour.diagnosis_date)` is said of an episode.
    """

    def __init__(
        self, node: Node, column: Column | None = None, *, of_type: ColumnType | None = None
    ) -> None:
        self.node = node
        self.column = column
        self.type = column.type if column else of_type

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

    def is_between(self, lowest: object, highest: object) -> Condition:
        """Return whether the value lies between two others, both of them included."""
        return (self >= lowest) & (self <= highest)

    def is_before(self, date: object) -> Condition:
        """Return whether the day is before another."""
        return _days(self, ".is_before()") < date

    def is_on_or_before(self, date: object) -> Condition:
        """Return whether the day is another, or before it."""
        return _days(self, ".is_on_or_before()") <= date

    def is_after(self, date: object) -> Condition:
        """Return whether the day is after another."""
        return _days(self, ".is_after()") > date

    def is_on_or_after(self, date: object) -> Condition:
        """Return whether the day is another, or after it."""
        return _days(self, ".is_on_or_after()") >= date

    def days_since(self, date: object) -> Values:
        """Return how many days the day comes after another: negative before it, 0 on it."""
        _days(self, ".days_since()")
        other = self._other(date)
        return Values(nodes.DaysSince(self.node, other), of_type=ColumnType.INTEGER)

    def is_within_days_of(self, date: object, days: int) -> Condition:
        """Return whether the day is at most so many days from another, before it or after."""
        return self.days_since(date).is_between(-_whole(days), _whole(days))

    def is_within_days_after(self, date: object, days: int) -> Condition:
        """Return whether the day is another's, or at most so many days after it."""
        return self.days_since(date).is_between(0, _whole(days))

    def is_within_days_before(self, date: object, days: int) -> Condition:
        """Return whether the day is another's, or at most so many days before it."""
        return self.days_since(date).is_between(-_whole(days), 0)

    def is_a(self, term: str | Iterable[str]) -> Condition:
        """Return whether the HPO term is `term` or any descendant of it, by all parents of the ontology.

        Parameters
        ----------
        term
            An id, several of which any will do, or a code list of them.

        Raises
        ------
        DefinitionError
            When the column holds no HPO terms, or the ontology has no such phenotype; the sentence
            names the successor of a term that was replaced.
        """
        from gecip.cohort.ontology import checked_term

        if self.column is not None and self.column.code_system != "HPO":
            raise DefinitionError(
                f"{self} does not hold HPO terms: .is_a() is for columns such as phenotypes.term."
            )
        terms = [term] if isinstance(term, str) else [str(one) for one in term]
        if not terms:
            raise DefinitionError(f"{self} .is_a() was given no term: name at least one.")
        conditions = tuple(nodes.IsA(self.node, checked_term(one)) for one in terms)
        return Condition(conditions[0] if len(conditions) == 1 else nodes.AnyOf(conditions))

    def has_code(self, codes: str | Iterable[str]) -> Condition:
        """Return whether the value holds one of some codes, with or without a dot.

        ICD-10 and OPCS-4 codes stand for all that begin with them: `N18` holds `N18.1` and `N185`.
        SNOMED codes stand for themselves only. A column of several codes, as `diag_all`, is looked
        through.

        Parameters
        ----------
        codes
            A code, several, or a code list.

        Raises
        ------
        DefinitionError
            When the column holds no codes of these systems, or a code is not written as one.
        """
        from gecip.cohort.codes import checked_codes

        system = self.column.code_system if self.column else None
        return Condition(nodes.HasCode(self.node, *checked_codes(str(self), system, codes)))

    def _compare(self, operator: Operator, other: object) -> Condition:
        if other is None:
            raise DefinitionError(
                f"{self} cannot be compared with None: write .is_missing() or ~….is_missing()."
            )
        return Condition(nodes.Comparison(self.node, operator, self._other(other)))

    def _other(self, other: object) -> Node:
        if not isinstance(other, Values):
            return Literal(self._constant(other))
        _one_table(self.node, other.node)
        types = {self.type, other.type}
        numbers = {ColumnType.INTEGER, ColumnType.DECIMAL}
        if None not in types and len(types) > 1 and not types <= numbers:
            raise DefinitionError(
                f"{self} holds {_type_word(self.type)} and {other} {_type_word(other.type)}, so that they cannot be compared."
            )
        return other.node

    def _constant(self, value: object) -> Constant:
        if isinstance(value, datetime.datetime):
            value = value.date()
        if not isinstance(value, str | int | float | bool | datetime.date):
            raise DefinitionError(
                f"{self} can only be compared with text, a number, a date, a truth value or another column, "
                f"not with a {type(value).__name__}."
            )
        if self.type is ColumnType.DATE and isinstance(value, str):
            return as_date(value)
        column = self.column
        if column is None:
            return _plain(value)
        if column.values and value not in column.values:
            near = nearest(str(value), column.values)
            raise DefinitionError(f"{column.name} is never {value!r}{near}")
        if not _fits(column.type, value) and column.sensitivity.value != "identifier":
            raise DefinitionError(
                f"{column.name} holds {column.type.value}, so it cannot be compared with {value!r}."
            )
        return _plain(value)

    def __str__(self) -> str:
        return self.column.name if self.column else "This value"

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
            When the condition speaks of the rows of another table.
        """
        if not isinstance(condition, Condition):
            raise DefinitionError(
                f"{self._table.name}.where() takes a condition, such as a column compared with a value."
            )
        table = condition.node.ranges_over
        other_rows = table not in (self._table.name, PER_PARTICIPANT)
        if other_rows or (
            self._table.name != PER_PARTICIPANT and _is_plain_participant(condition.node)
        ):
            raise DefinitionError(
                f"{self._table.name}.where() was given a condition on {table}: "
                "a row can only be judged by its own columns; combine tables with & outside."
            )
        return type(self)(
            self._table, condition if self._condition is None else self._condition & condition
        )

    def exists_for_participant(self) -> Condition:
        """Return whether a participant has at least one such row."""
        return Condition(nodes.Exists(self._table.name, self._node()))

    def count_for_participant(self) -> Values:
        """Return how many such rows a participant has, 0 for none."""
        return Values(nodes.CountOf(self._table.name, self._node()), of_type=ColumnType.INTEGER)

    def count_distinct_for_participant(self, column: Values) -> Values:
        """Return how many different values a column has in such rows, 0 for none."""
        node = nodes.CountDistinctOf(self._table.name, self._node(), self._own(column))
        return Values(node, of_type=ColumnType.INTEGER)

    def lowest_for_participant(self, column: Values) -> Values:
        """Return the lowest value, or earliest day, of a column in such rows; missing without any."""
        return self._extreme(column, Side.FIRST)

    def highest_for_participant(self, column: Values) -> Values:
        """Return the highest value, or latest day, of a column in such rows; missing without any."""
        return self._extreme(column, Side.LAST)

    def first_for_participant(self, *, by: Values | None = None) -> PickedRow:
        """Return a participant's first such row; its columns are then values of the participant.

        Parameters
        ----------
        by
            The column that orders the rows; not needed where the table has one day only. Rows without
            a value there are passed over; of several first rows the lowest value of a column counts.
        """
        return PickedRow(self, self._node(), self._order(by), Side.FIRST)

    def last_for_participant(self, *, by: Values | None = None) -> PickedRow:
        """Return a participant's last such row, as `first_for_participant` the first; of several, the highest value counts."""
        return PickedRow(self, self._node(), self._order(by), Side.LAST)

    @property
    def model_table(self) -> type[Table]:
        """Return the model's class of the table."""
        return self._table

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
        words = [
            name for base in type(self).__mro__ for name in vars(base) if not name.startswith("_")
        ]
        return [*aliases, *self._table.columns, *words]

    def __repr__(self) -> str:
        return f"<rows of {self._table.name}: {(self._table.__doc__ or '').splitlines()[0]}>"

    def _node(self) -> Node | None:
        return None if self._condition is None else self._condition.node

    def _own(self, column: Values) -> nodes.ColumnValue:
        """Return the node of a column of this table."""
        node = column.node if isinstance(column, Values) else None  # type: ignore[redundant-expr]
        if not isinstance(node, nodes.ColumnValue) or node.table != self._table.name:
            raise DefinitionError(
                f"{self._table.name} was given {column}, which is no column of its own: name one of its columns."
            )
        return node

    def _extreme(self, column: Values, side: Side) -> Values:
        node = nodes.ExtremeOf(self._table.name, self._node(), self._own(column), side)
        return Values(node, of_type=column.type)

    def _order(self, by: Values | None) -> nodes.ColumnValue:
        if by is not None:
            return self._own(by)
        dates = [
            column.name for column in self._table.columns.values() if column.type is ColumnType.DATE
        ]
        if len(dates) == 1:
            return nodes.ColumnValue(self._table.name, dates[0])
        choice = f"by one of {', '.join(dates)}" if dates else "by one of its columns"
        raise DefinitionError(
            f"Which row of {self._table.name} is the first depends on a column: order them {choice}, as in "
            f".first_for_participant(by={self._table.name}.…)."
        )


class PickedRow:
    """A participant's first or last row of a table: each column is a value of the participant."""

    def __init__(
        self, rows: Rows, condition: Node | None, by: nodes.ColumnValue, side: Side
    ) -> None:
        self._rows = rows
        self._condition = condition
        self._by = by
        self._side = side

    def __getattr__(self, name: str) -> Values:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._value(getattr(self._rows, name))

    def __getitem__(self, name: str) -> Values:
        """Return a column that the model may not know, in this row."""
        return self._value(self._rows[name])

    def __dir__(self) -> list[str]:
        return [name for name in dir(self._rows) if not hasattr(Rows, name)]

    def __repr__(self) -> str:
        return f"<{self._side.value} of {self._rows!r}, by {self._by.column}>"

    def _value(self, column: Values) -> Values:
        assert isinstance(column.node, nodes.ColumnValue)
        node = nodes.PickedValue(self._by.table, self._condition, self._by, self._side, column.node)
        return Values(node, column.column)


class Phenotypes(Rows):
    """The table of assessed HPO terms, which records absence too."""

    def status_of(self, term: str) -> Values:
        """Return whether a participant has a feature: `present`, `absent` or `not assessed`.

        Present if the term or a narrower one was recorded as there; else absent if the term or a
        broader one was recorded as not there; else nobody looked, or said `Unknown`.
        """
        from gecip.cohort.ontology import ancestors, checked_term, term_name

        is_there = self.where((self.term.is_a(term)) & (self.present == "Yes"))
        broader = sorted({checked_term(term), *ancestors(term)})
        is_not = self.where((self.term.is_in(broader)) & (self.present == "No"))
        conditions = tuple(rows.exists_for_participant().node for rows in (is_there, is_not))
        name = f"status of {term} ({term_name(term)})"
        node = nodes.WordFor(name, conditions, (PRESENT, ABSENT), NOT_ASSESSED)
        return Words(node, (PRESENT, ABSENT, NOT_ASSESSED))


class Words(Values):
    """A value that is one of a few words."""

    def __init__(self, node: Node, words: tuple[str, ...]) -> None:
        super().__init__(node, of_type=ColumnType.TEXT)
        self._words = words

    def _constant(self, value: object) -> Constant:
        if value not in self._words:
            raise DefinitionError(f"This is never {value!r}{nearest(str(value), self._words)}")
        return super()._constant(value)


class Participants(Rows):
    """The participant table: one row each, so that its columns speak of the participant at once."""

    def age_on(self, date: str | datetime.date | Values) -> Values:
        """Return the age on a date in whole years, from the year of birth alone.

        Month and day of birth are not released: the age is the one reached by the end of that
        calendar year, so on the day itself a participant may still be a year younger. The attrition
        counts for how many people that decides.

        Parameters
        ----------
        date
            A day, or a column of days: `participants.age_on(first_tumour.diagnosis_date)`.
        """
        day = _days(date, ".age_on()").node if isinstance(date, Values) else Literal(as_date(date))
        return Values(nodes.AgeOn(day), of_type=ColumnType.INTEGER)


# -- families -----------------------------------------------------------------------------------------


def any_family_member(condition: Condition) -> Condition:
    """Return whether a condition is true of anybody in the participant's family, themselves included.

    Only people who took part and consent are seen. Who has no family is judged alone.
    """
    return Condition(nodes.AnyFamilyMember(_of_participants(condition, "any_family_member()")))


def proband_of(condition: Condition) -> Condition:
    """Return whether a condition is true of the proband of the participant's family; unknown without one."""
    return Condition(nodes.OfProband(_of_participants(condition, "proband_of()")))


def in_whole_trio() -> Condition:
    """Return whether the participant is proband, father or mother in a family where all three take part and consent."""
    return Condition(nodes.InWholeTrio())


def _of_participants(condition: Condition, word: str) -> Node:
    if not isinstance(condition, Condition):
        raise DefinitionError(f"{word} takes a condition, such as participants.sex == 'Female'.")
    if condition.node.ranges_over != PER_PARTICIPANT:
        raise DefinitionError(
            f"{word} was given a condition on single rows of {condition.node.ranges_over}: end it with "
            ".where(condition).exists_for_participant() first."
        )
    return condition.node


# -- constants ----------------------------------------------------------------------------------------


def as_date(value: str | datetime.date) -> datetime.date:
    """Return a date given as one or as `YYYY-MM-DD`."""
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(value)
    except (ValueError, TypeError):
        raise DefinitionError(
            f"{value!r} is not a date: write it as YYYY-MM-DD, as in '2024-06-01'."
        ) from None


def _fits(column_type: ColumnType, value: object) -> bool:
    match column_type:
        case ColumnType.TEXT:
            return isinstance(value, str)
        case ColumnType.BOOLEAN:
            return isinstance(value, bool)
        case ColumnType.DATE:
            return isinstance(value, datetime.date)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: Constant) -> Constant:
    """Return a coding given as a member of an enum as the plain text that it is."""
    return str(value) if isinstance(value, str) else value


def _days(values: Values, word: str) -> Values:
    """Return values that may be days, or refuse others."""
    if values.type not in (ColumnType.DATE, None):
        raise DefinitionError(
            f"{values} holds {_type_word(values.type)}: {word} is for columns of dates."
        )
    return values


def _whole(days: object) -> int:
    if not isinstance(days, int) or isinstance(days, bool) or days < 0:
        raise DefinitionError(f"{days!r} is no number of days: give a whole number from 0 on.")
    return days


def _type_word(column_type: ColumnType | None) -> str:
    return column_type.value if column_type else "anything"


def _one_table(left: Node, right: Node) -> None:
    tables = {left.ranges_over, right.ranges_over} - {PER_PARTICIPANT}
    if len(tables) > 1:
        first, second = sorted(tables)
        raise DefinitionError(
            f"A row of {first} cannot be compared with rows of {second}: which one is meant? Pick it first, as in "
            ".first_for_participant()."
        )


def _same_rows(left: Condition, right: object) -> tuple[Node, ...]:
    if not isinstance(right, Condition):
        raise DefinitionError(
            "& and | join conditions: put parentheses around each comparison, as in (a == 1) & (b == 2)."
        )
    left_table, right_table = left.node.ranges_over, right.node.ranges_over
    plain = {left_table, right_table} - {PER_PARTICIPANT}
    if len(plain) > 1 or (plain and _is_plain_participant(left.node, right.node)):
        raise DefinitionError(
            f"A condition on rows of {left_table} cannot be joined with one on rows of {right_table}: "
            "end each with .exists_for_participant() first."
        )
    return (left.node, right.node)


def _is_plain_participant(*conditions: Node) -> bool:
    """Return whether one of several conditions is on the participant's own columns, and gathers nothing.

    Joined with a condition on rows it is nearly always a slip: the rows should be ended first.
    """
    return any(
        condition.ranges_over == PER_PARTICIPANT
        and not any(isinstance(node, nodes.Gathered) for node in condition.walk())
        for condition in conditions
    )
