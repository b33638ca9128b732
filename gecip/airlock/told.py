"""Which sets of people a product tells of: those behind every number that is printed in it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.reporting import Meaning, Summary
from gecip.reporting.members import Members

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Places = npt.NDArray[np.int32]

WHOLE = "the whole"


@dataclass(frozen=True, eq=False)
class Told:
    """The printed numbers of a product with the people behind each.

    `cells` holds row, column and the places in `members.people`; `statistics` are the rows and columns of
    those that are no counts and follow from none. `n_unknown` are the printed numbers that do not say
    whose they are. Where `is_free`, the product holds no phenotypes.
    """

    members: Members | None
    cells: tuple[tuple[str, str, Places], ...]
    statistics: frozenset[tuple[str, str]]
    n_unknown: int
    is_free: bool


def told_by(summary: Summary, shown: Summary) -> Told:
    """Return what a summary tells of in the form in which it is shown; a masked cell tells nothing."""
    cells = []
    n_unknown = 0
    printed = list(_printed(summary, shown))
    for row, column in printed:
        places = summary.members_of(row, column)
        if places is None:
            # Nobody is known without being named.
            n_unknown += bool(summary.people.at[row, column])
        elif len(places):
            cells.append((_text(row), _text(column), places))
    if shown.marks is None or shown.marks.people.replace(",", "").split()[0] == str(
        summary.n_people
    ):
        whole = summary.members.whole if summary.members is not None else None
        if whole is None or len(whole) != summary.n_people:
            n_unknown += bool(summary.n_people)
        elif len(whole):
            cells.append((WHOLE, Meaning.PEOPLE.value, whole))
    return Told(
        summary.members,
        tuple(cells),
        frozenset(
            (_text(row), _text(column))
            for row, column in printed
            if summary.meanings[column] is Meaning.STATISTIC and column not in summary.rests_on
        ),
        n_unknown,
        not summary.phenotypic,
    )


def _printed(summary: Summary, shown: Summary) -> Iterator[tuple[Hashable, Hashable]]:
    for column, meaning in summary.meanings.items():
        if meaning is Meaning.DESCRIPTION:
            continue
        for row in summary.table.index:
            value = summary.table.at[row, column]
            if not shown.is_masked(row, column) and value == value:
                yield row, column


def _text(label: Hashable) -> str:
    return ", ".join(map(str, label)) if isinstance(label, tuple) else str(label)
