"""What a file is made of, as the airlock sees it: words, tables of words, variants by the million, and remarks."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from gecip.governance.disclosure import Verdict

if TYPE_CHECKING:
    import pyarrow as pa


class Speech(enum.Enum):
    """How words are meant, which decides what is looked for in them.

    In prose and in the labels of a figure every rule on words holds; in code, data and names only
    identifiers are looked for, since a script may well name a day or an age.
    """

    PROSE = "prose"
    LABEL = "label"
    CODE = "code"
    DATA = "data"
    NAME = "name"


@dataclass(frozen=True)
class Words:
    """A stretch of text, and where a reader finds it."""

    place: str
    text: str
    speech: Speech


@dataclass(frozen=True)
class Grid:
    """A table, or the next rows of one, as the texts of its cells.

    `first_row` counts from 1 without the header; `title` is what is written above the table, or the
    file's name: what it is about.
    """

    place: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    title: str = ""
    first_row: int = 1


@dataclass(frozen=True)
class VariantRows:
    """The next rows of a table of variants, by column: numbers where the column holds numbers."""

    place: str
    header: tuple[str, ...]
    rows: pa.RecordBatch


@dataclass(frozen=True)
class Remark:
    """What a reader of files knows at once: that a rule is broken, or that something cannot be read."""

    rule: str
    verdict: Verdict
    sentence: str


@dataclass(frozen=True)
class Drawn:
    """What is drawn in a figure that can be read: its words, but for those on ticks, its marks and its bars.

    `bars` are heights in the units of their axis, where these could be told; `scattered` is how many marks
    there are; `ticks` are the words on the axes.
    """

    place: str
    words: tuple[str, ...]
    bars: tuple[float, ...] = ()
    scattered: int = 0
    ticks: tuple[str, ...] = ()


Piece: TypeAlias = Words | Grid | VariantRows | Remark | Drawn
Reader: TypeAlias = Callable[..., Iterator[Piece]]
