"""The language in which the programme's tables are written down: tables are classes, columns attributes.

Everything that is known of a column is said once, here: the dictionary, validation, the synthetic
rows and autocomplete are printed from it.
"""

from __future__ import annotations

import datetime
import enum
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar, TypeAlias

from gecip.errors import UnknownColumnError


class ColumnType(enum.Enum):
    """The type in which a column is stored and compared."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"
    DATE = "date"
    BOOLEAN = "boolean"


# An enum of codings, made from a column's values.
Coding: TypeAlias = type[enum.StrEnum]


class Sensitivity(enum.Enum):
    """How near a column's value comes to naming a person."""

    IDENTIFIER = "identifier"
    QUASI_IDENTIFIER = "quasi-identifier"
    CLINICAL = "clinical"
    TECHNICAL = "technical"


@dataclass(frozen=True)
class FormerName:
    """What a table or a column was called up to release `until`; None where the source names no release."""

    name: str
    until: str | None = None


@dataclass(frozen=True)
class DateOrder:
    """Two days of one person, or two years, of which the first is never after the second.

    Each is a column of the table that says so, or, with the table before a dot, one of another table
    with one row per participant.
    """

    earlier: str
    later: str


@dataclass(frozen=True)
class Reference:
    """A column whose every value stands in a column of another table."""

    column: str
    table: str
    other_column: str


@dataclass(frozen=True)
class Column:
    """One column of a real table, as the release has it.

    `name` is filled in from the attribute where it is not given. `values` are the only codings that
    occur (`coding` has them as an enum); an empty tuple leaves the column open, and `pattern` says how an open column's codes are
    written. `alias` is the word by which cohort definitions may call it. `assumption` marks what rests
    on recollection and not on a published source. The column exists from release `since` to release
    `until`, as far as the list of changes says; `successor` is what to use once it is gone. `real_only`
    marks what the synthetic releases do not have.
    """

    type: ColumnType
    description: str
    sensitivity: Sensitivity = Sensitivity.CLINICAL
    values: tuple[str, ...] = ()
    code_system: str | None = None
    required: bool = False
    alias: str | None = None
    assumption: bool = False
    pattern: str | None = None
    since: str | None = None
    until: str | None = None
    successor: str | None = None
    former_names: tuple[FormerName, ...] = ()
    real_only: bool = False
    name: str = field(default="", compare=True)

    def __set_name__(self, owner: object, name: str) -> None:
        if not self.name:
            object.__setattr__(self, "name", name)

    @cached_property
    def coding(self) -> Coding:
        """The codings as an enum, for completion and against slips: `hpo_present.coding.YES == "Yes"`.

        Members are named after their values, in capitals, with `_` for what a name may not have, in
        the order of `values`.

        Raises
        ------
        UnknownColumnError
            When the column is open, so that any value may occur.
        """
        if not self.values:
            raise UnknownColumnError(
                f"The column {self.name!r} has no list of codings, since any value may occur in it: "
                "compare it with a value of your own."
            )
        title = "".join(word.title() for word in self.name.split("_"))
        members = [(_member_name(value), value) for value in self.values]
        return _ENUM(title, members)


class Table:
    """One clinical table. Subclasses carry its sentence as docstring and its columns as attributes.

    `person_column` is the column that says whose row it is (None: the table speaks of nobody), and
    `person_key` what stands in that column, so that the door can keep the consenting people's rows:
    a participant, a family, a sample, or a column of another table that names the participant, as
    `cancer_analysis.tumour_sample_platekey`.

    `known_columns` are all that the model knows of, `columns` those which the synthetic releases have
    as well. `covers` are the first and last day of what was linked into release v19.
    """

    name: ClassVar[str]
    columns: ClassVar[Mapping[str, Column]] = {}
    known_columns: ClassVar[Mapping[str, Column]] = {}
    key: ClassVar[tuple[str, ...]] = ()
    person_column: ClassVar[str | None] = "participant_id"
    person_key: ClassVar[str] = "participant"
    one_row_per_participant: ClassVar[bool] = False
    invented: ClassVar[bool] = False
    since: ClassVar[str | None] = None
    until: ClassVar[str | None] = None
    successor: ClassVar[str | None] = None
    former_names: ClassVar[tuple[FormerName, ...]] = ()
    covers: ClassVar[tuple[datetime.date, datetime.date] | None] = None
    date_orders: ClassVar[tuple[DateOrder, ...]] = ()
    references: ClassVar[tuple[Reference, ...]] = ()

    def __init_subclass__(cls) -> None:
        known = list(_columns_in(vars(cls)))
        for column in known:
            if column.name.isidentifier() and column.name not in vars(cls):
                setattr(cls, column.name, column)
        names = [column.name for column in known]
        if len(names) != len(set(names)) or cls.name in TABLES:
            twice = next((name for name in names if names.count(name) > 1), cls.name)
            raise TypeError(f"{twice!r} is said twice in the model.")
        cls.known_columns = {column.name: column for column in known}
        cls.columns = {column.name: column for column in known if not column.real_only}
        TABLES[cls.name] = cls

    @classmethod
    def column(cls, name: str) -> Column:
        """Return the column called `name`, by its real name or its alias.

        Raises
        ------
        UnknownColumnError
            When there is none; the message names its successor or the nearest.
        """
        for column in cls.known_columns.values():
            if name in (column.name, column.alias):
                return column
        for column in cls.known_columns.values():
            for former in column.former_names:
                if name == former.name:
                    raise UnknownColumnError(renamed_sentence(cls, column, former))
        raise UnknownColumnError(
            f"The table {cls.name} has no column {name!r}{nearest(name, cls.known_columns)}"
        )


TABLES: dict[str, type[Table]] = {}


def renamed_sentence(table: type[Table], column: Column, former: FormerName) -> str:
    """Return the sentence that answers who asks for a column by a name of older releases."""
    when = f"up to release {former.until}" if former.until else "in older releases"
    return (
        f"The column {former.name!r} of the table {table.name}, so called {when}, is now {column.name!r}: "
        f"ask for {column.name!r}, which is read from every release."
    )


def nearest(word: str, words: Mapping[str, object] | tuple[str, ...]) -> str:
    """Return the end of a sentence: the most similar of `words`, or the first of them if none is."""
    from difflib import get_close_matches

    matches = get_close_matches(word, list(words), n=1, cutoff=0.6)
    return (
        f": did you mean {matches[0]!r}?" if matches else f": it has {', '.join(list(words)[:12])}."
    )


def integer(description: str, **facts: object) -> Column:
    """Return a column of whole numbers."""
    return Column(ColumnType.INTEGER, description, **facts)  # type: ignore[arg-type]


def decimal(description: str, **facts: object) -> Column:
    """Return a column of decimal numbers."""
    return Column(ColumnType.DECIMAL, description, **facts)  # type: ignore[arg-type]


def text(description: str, **facts: object) -> Column:
    """Return a column of text or codes."""
    return Column(ColumnType.TEXT, description, **facts)  # type: ignore[arg-type]


def date(description: str, **facts: object) -> Column:
    """Return a column of calendar dates."""
    return Column(ColumnType.DATE, description, **facts)  # type: ignore[arg-type]


def boolean(description: str, **facts: object) -> Column:
    """Return a column of true and false."""
    return Column(ColumnType.BOOLEAN, description, **facts)  # type: ignore[arg-type]


def numbered(
    name: str, numbers: Iterable[int], make: Callable[[int], Column]
) -> tuple[Column, ...]:
    """Return columns that differ by a number only: `name` says where it stands, as in `diag_{:02d}`."""
    return tuple(replace(make(number), name=name.format(number)) for number in numbers)


# Enums with members not known before are beyond what a type checker follows.
_ENUM: Callable[[str, list[tuple[str, str]]], Coding] = enum.StrEnum  # type: ignore[assignment]


def _member_name(value: str) -> str:
    """Return a coding as the name of an enum's member: `Withdrawn (Full)` is `WITHDRAWN_FULL`."""
    # `+` and `-` tell blood groups, receptors and scores apart, and would be lost as underscores.
    signs = value.replace("+", " plus ").replace("-", " minus ") if value[-1:] in "+-" else value
    words = re.sub(r"\W+", "_", signs).strip("_").upper() or "BLANK"
    return f"CODE_{words}" if words[0].isdigit() else words


def _columns_in(attributes: Mapping[str, object]) -> Iterator[Column]:
    """Yield the columns among a class's attributes, single ones and numbered ones, in their order."""
    for value in list(attributes.values()):
        if isinstance(value, Column):
            yield value
        elif isinstance(value, tuple):
            yield from (one for one in value if isinstance(one, Column))
