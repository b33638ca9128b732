"""Summaries: aggregate tables that know how many people and families stand behind every cell.

Only a summary, or a figure of one, can ask to leave, and the airlock decides from what the summary
knows of itself: what each column counts, which lines hold others, and who stands behind each cell.
Inside, a summary shows true numbers; masking has one home, at the airlock.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, TypeVar

from gecip.errors import ReportingError
from gecip.provenance import Provenance, digest_of
from gecip.reporting.markup import frame_html, label_text, number_text
from gecip.reporting.members import Members
from gecip.reporting.summary_shape import check_summary

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

Label = Hashable
Parameters = ParamSpec("Parameters")
Product = TypeVar("Product")


class Meaning(enum.Enum):
    """What the numbers of a column are."""

    PEOPLE = "people"
    FAMILIES = "families"
    ALLELES = "alleles"
    RATE = "rate"
    STATISTIC = "statistic"
    DESCRIPTION = "description"

    @property
    def is_count(self) -> bool:
        """Return whether the numbers count something, so that small ones are masked on the way out."""
        return self in (Meaning.PEOPLE, Meaning.FAMILIES, Meaning.ALLELES)


@dataclass(frozen=True)
class Rate:
    """The two columns of which a rate is the quotient: how many, among how many."""

    numerator: Label
    denominator: Label


@dataclass(frozen=True)
class Total:
    """A row or column that holds others: their sum or their union, or, if not `complete`, more than them.

    A masked count must not follow from its total, so that whoever builds a summary says which lines
    are totals of which. People may be in several parts at once; the numbers tell. A part that is all
    of its whole (the same count, shown twice) is a total with one part. `only` names the lines of the
    other axis on which this holds; all of them if empty.
    """

    whole: Label
    parts: tuple[Label, ...]
    axis: Literal["rows", "columns"] = "rows"
    complete: bool = True
    only: tuple[Label, ...] = ()


@dataclass(frozen=True)
class Marks:
    """What stands in a masked summary instead of numbers that may not be told.

    `cells` has the table's shape: the mark, or an empty text where the number itself is shown.
    `people` and `families` are the words for how many stand behind the whole.
    """

    cells: pd.DataFrame
    people: str
    families: str


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Summary:
    """An aggregate table with the number of people and families behind every cell.

    Attributes
    ----------
    title
        What the table says, as a line above it.
    table
        The numbers: rows by label, columns by measure.
    people, families
        How many distinct people and families stand behind each cell; the table's shape.
    meanings
        What the numbers of each column are.
    phenotypic
        Whether the groups or the people counted were told apart by phenotypic or identifying data.
        Only gene-level tables without any may leave unmasked.
    n_people, n_families
        Distinct people and families behind the whole table; people without a family are in none.
    rates
        For each column that is a rate, its numerator and denominator, both columns of the table.
    rests_on
        For a statistic that is computed from counts of its own row and nothing else, such as the limits
        of an interval, those columns: it is shown wherever they are. Other statistics are shown where
        nothing in their row is masked, and of a whole where nothing is in its parts.
    totals
        Which lines are totals of which.
    notes
        Sentences below the table.
    marks
        Only in the copy that the airlock masked.
    members
        Who stands behind each cell, for the airlock to compare with what has left before; None where
        that is not known. It is never shown, and the copy that the airlock masked has none.

    Raises
    ------
    ReportingError
        When the parts do not fit each other.
    """

    title: str
    table: pd.DataFrame
    people: pd.DataFrame
    families: pd.DataFrame
    meanings: Mapping[Any, Meaning]
    phenotypic: bool
    n_people: int
    n_families: int
    provenance: Provenance
    rates: Mapping[Any, Rate] = field(default_factory=dict)
    rests_on: Mapping[Any, tuple[Label, ...]] = field(default_factory=dict)
    totals: tuple[Total, ...] = ()
    notes: tuple[str, ...] = ()
    marks: Marks | None = None
    members: Members | None = None
    _seal: str = field(init=False, default="")

    def __post_init__(self) -> None:
        for name in ("table", "people", "families"):
            object.__setattr__(self, name, getattr(self, name).copy())
        check_summary(self)
        object.__setattr__(self, "_seal", self._digest())

    @property
    def is_as_built(self) -> bool:
        """Return whether the numbers are still those that were counted: a DataFrame can be written to."""
        return self._seal == self._digest()

    @property
    def behind(self) -> str:
        """How many people and families stand behind the whole, in words."""
        if self.marks is not None:
            people, families = self.marks.people, self.marks.families
        else:
            people = f"{self.n_people:,} {'person' if self.n_people == 1 else 'people'}"
            families = f"{self.n_families:,} {'family' if self.n_families == 1 else 'families'}"
        # The people of the cancer arm have no families.
        return people if families == "0 families" else f"{people} in {families}"

    def members_of(self, row: Label, column: Label) -> npt.NDArray[np.int32] | None:
        """Return the places in `members.people` of those behind a cell; None where they are not known.

        Members that are not as many as the cell says are those of another table, and not known either.
        """
        if self.members is None or (row, column) not in self.members.cells:
            return None
        places = self.members.cells[row, column]
        return places if len(places) == self.people.at[row, column] else None

    def is_masked(self, row: Label, column: Label) -> bool:
        """Return whether a mark stands in a cell instead of its number, as only the airlock's copy has."""
        return self.marks is not None and bool(self.marks.cells.at[row, column])

    def text(self, row: Label, column: Label) -> str:
        """Return a cell as it is shown: its mark if it has one, else its number."""
        if self.marks is not None and self.is_masked(row, column):
            return str(self.marks.cells.at[row, column])
        return number_text(
            self.table.at[row, column], is_rate=self.meanings[column] is Meaning.RATE
        )

    def with_rate(self, name: str, *, of: Label, among: Label) -> Summary:
        """Return the summary with one column more: the rate of one column among another.

        Where nobody is in the denominator there is no rate.

        Raises
        ------
        ReportingError
            When a column is missing or counts something else than the other.
        """
        for column in (of, among):
            if column not in self.table.columns:
                raise ReportingError(
                    f"The summary {self.title!r} has no column {column!r} to make a rate of: "
                    f"it has {', '.join(map(repr, self.table.columns))}."
                )
        denominators = self.table[among].where(self.table[among] > 0).astype(float)
        return replace(
            self,
            table=self.table.assign(**{name: self.table[of] / denominators}),
            people=self.people.assign(**{name: self.people[among]}),
            families=self.families.assign(**{name: self.families[among]}),
            meanings={**self.meanings, name: Meaning.RATE},
            rates={**self.rates, name: Rate(of, among)},
            members=self.members
            and self.members.with_cells({(row, name): (row, among) for row in self.table.index}),
        )

    def with_note(self, note: str) -> Summary:
        """Return the summary with one sentence more below the table."""
        return replace(self, notes=(*self.notes, note))

    def pipe(
        self,
        function: Callable[Concatenate[Summary, Parameters], Product],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Product:
        """Return `function(self, …)`, for those who like chains."""
        return function(self, *args, **kwargs)

    def _digest(self) -> str:
        frames = [frame.to_dict("split") for frame in (self.table, self.people, self.families)]
        return digest_of([self.title, self.n_people, self.n_families, frames])

    def __repr__(self) -> str:
        rows, columns = self.table.shape
        return f"Summary({self.title!r}, rows={rows}, columns={columns}, behind={self.behind!r})"

    def _repr_html_(self) -> str:
        wholes = {
            total.whole for total in self.totals if total.axis == "rows" and len(total.parts) > 1
        }
        release = self.provenance.parameter("release")
        source = f"{self.behind}{f', release {release}' if release else ''}"
        return frame_html(
            title=self.title,
            header=[label_text(column) for column in self.table.columns],
            index_names=[str(name or "") for name in self.table.index.names],
            rows=[
                (
                    label if isinstance(label, tuple) else (label,),
                    [self.text(label, column) for column in self.table.columns],
                    label in wholes,
                )
                for label in self.table.index
            ],
            notes=[source, *self.notes],
        )
