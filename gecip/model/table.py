"""The language in which the programme's tables are written down: tables are classes, columns attributes.

Everything that is known of a column is said once, here: the dictionary, validation, the synthetic
rows and autocomplete are printed from it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from gecip.errors import UnknownColumnError


class ColumnType(enum.Enum):
    """The type in which a column is stored and compared."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"
    DATE = "date"
    BOOLEAN = "boolean"


class Sensitivity(enum.Enum):
    """How near a column's value comes to naming a person."""

    IDENTIFIER = "identifier"
    QUASI_IDENTIFIER = "quasi-identifier"
    CLINICAL = "clinical"
    TECHNICAL = "technical"


@dataclass(frozen=True)
class Column:
    """One column of a real table, as the release has it.

    `name` is filled in from the attribute. `values` are the only codings that occur; an empty
    tuple leaves the column open. `alias` is the word by which cohort definitions may call it.
    `assumption` marks what rests on recollection and not on a published source.
    """

    type: ColumnType
    description: str
    sensitivity: Sensitivity = Sensitivity.CLINICAL
    values: tuple[str, ...] = ()
    code_system: str | None = None
    required: bool = False
    alias: str | None = None
    assumption: bool = False
    name: str = field(default="", compare=True)

    def __set_name__(self, owner: object, name: str) -> None:
        object.__setattr__(self, "name", name)


class Table:
    """One clinical table. Subclasses carry its sentence as docstring and its columns as attributes.

    `person_column` is the column that says whose row it is (None: the table speaks of nobody), and
    `person_key` what stands in that column, so that the door can keep the consenting people's rows.
    """

    name: ClassVar[str]
    columns: ClassVar[Mapping[str, Column]] = {}
    key: ClassVar[tuple[str, ...]] = ()
    person_column: ClassVar[str | None] = "participant_id"
    person_key: ClassVar[str] = "participant"
    one_row_per_participant: ClassVar[bool] = False
    invented: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls.columns = {
            name: value for name, value in vars(cls).items() if isinstance(value, Column)
        }
        TABLES[cls.name] = cls

    @classmethod
    def column(cls, name: str) -> Column:
        """Return the column called `name`, by its real name or its alias.

        Raises
        ------
        UnknownColumnError
            When there is none; the message names the nearest.
        """
        for column in cls.columns.values():
            if name in (column.name, column.alias):
                return column
        raise UnknownColumnError(
            f"The table {cls.name} has no column {name!r}{nearest(name, cls.columns)}"
        )


TABLES: dict[str, type[Table]] = {}


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
