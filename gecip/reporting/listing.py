"""Listings: rows of single people or families, shown inside and never exported."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from gecip.provenance import Provenance
from gecip.reporting.markup import frame_html, number_text

if TYPE_CHECKING:
    import pandas as pd

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
        object.__setattr__(self, "rows", self.rows.reset_index(drop=True))

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


def _cell_text(value: object) -> str:
    if isinstance(value, datetime.date):
        # A day that is missing is not equal to itself.
        return value.isoformat()[:10] if value == value else number_text(None)
    # An identifier is no quantity: no thousands are parted.
    return str(value) if isinstance(value, int) else number_text(value)
