"""Listings: rows of single people or families, shown inside and never exported."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from gecip.provenance import Provenance
from gecip.release.opening import open_release_behind
from gecip.reporting.markup import frame_html, number_text

if TYPE_CHECKING:
    import pandas as pd

# A place in the genome may be as large as a participant's number.
_PLACES = frozenset({"position", "start", "end", "pos"})

Parameters = ParamSpec("Parameters")
Product = TypeVar("Product")


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Listing:
    """Row-level findings, such as a family's candidate variants: for the screen inside, and refused at the airlock.

    `rows` has one line per finding, with a plain index; `notes` are sentences below it.
    """

    title: str
    rows: pd.DataFrame
    provenance: Provenance
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rows, left_out = _at_row_level(self.rows, self.provenance)
        object.__setattr__(self, "rows", rows.reset_index(drop=True))
        if left_out:
            object.__setattr__(self, "notes", (*self.notes, _note_on(left_out)))

    def __len__(self) -> int:
        return len(self.rows)

    def pipe(
        self,
        function: Callable[Concatenate[Listing, Parameters], Product],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Product:
        """Return `function(self, …)`, for those who like chains."""
        return function(self, *args, **kwargs)

    def __repr__(self) -> str:
        return f"Listing({self.title!r}, rows={len(self):,})"

    def _repr_html_(self) -> str:
        columns = list(self.rows.columns)
        return frame_html(
            title=self.title,
            header=[str(column) for column in columns[1:]],
            index_names=[str(column) for column in columns[:1]],
            rows=[
                ((values[0],), [_cell_text(value) for value in values[1:]], False)
                for values in self.rows.itertuples(index=False, name=None)
            ],
            notes=["Row level: this stays in the environment.", *self.notes],
        )


def _at_row_level(rows: pd.DataFrame, provenance: Provenance) -> tuple[pd.DataFrame, int]:
    """Return the rows without those of people who are reported at summary level only, and how many those were."""
    release = open_release_behind(provenance)
    names = release.summary_level_names if release else frozenset()
    if not names or rows.empty:
        return rows, 0
    told = rows.select_dtypes(exclude=["bool", "floating", "datetime"])
    told = told[[column for column in told.columns if str(column) not in _PLACES]]
    theirs = told.astype(str).isin(names).any(axis=1)
    return rows[~theirs], int(theirs.sum())


def _note_on(left_out: int) -> str:
    rows = "1 row is" if left_out == 1 else f"{left_out:,} rows are"
    return f"{rows} left out: of participants who are reported at summary level only."


def _cell_text(value: object) -> str:
    if isinstance(value, datetime.date):
        # A day that is missing is not equal to itself.
        return value.isoformat()[:10] if value == value else number_text(None)
    # An identifier is no quantity: no thousands are parted.
    return str(value) if isinstance(value, int) else number_text(value)
