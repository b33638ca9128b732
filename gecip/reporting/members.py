"""Who stands behind the cells of a summary: so that the airlock can compare sets of people, and a
withdrawal finds the results that it touches; for nothing else.

No product shows, prints or exports it. Two counts tell of one person when the people behind them differ by
one, which no number alone says.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Places = npt.NDArray[np.int32]
    Identifiers = npt.NDArray[np.object_]

Cell = tuple[Hashable, Hashable]


@dataclass(frozen=True, repr=False, eq=False)
class Members:
    """The people behind each cell, and behind the whole.

    Attributes
    ----------
    people
        The identifiers of everybody in any cell, each once.
    cells
        For each cell (row, column) whose people are known, their places in `people`, ascending. A cell
        that is missing does not know its people.
    whole
        The places of those behind the whole table; None where that is not known.
    """

    people: Identifiers
    cells: Mapping[Cell, Places]
    whole: Places | None

    @classmethod
    def of(
        cls, cells: Mapping[Cell, Iterable[Hashable]], whole: Iterable[Hashable] | None
    ) -> Members:
        """Return the members of cells that are given as identifiers, each as often as it happens to occur.

        Cells that are given the same object share one set. Cost: a pass over all identifiers.
        """
        import numpy as np
        import pandas as pd

        given: dict[int, Iterable[Hashable]] = {id(people): people for people in cells.values()}
        if whole is not None:
            given[id(whole)] = whole
        sets = [np.array(list(people), dtype=object) for people in given.values()]
        everyone = np.concatenate(sets) if sets else np.array([], dtype=object)
        codes, people = pd.factorize(everyone)
        borders = np.cumsum([len(one) for one in sets])[:-1]
        # A missing identifier is nobody.
        places = {
            key: np.unique(part[part >= 0]).astype(np.int32)
            for key, part in zip(given, np.split(codes, borders), strict=False)
        }
        return cls(
            np.asarray(people, dtype=object),
            {cell: places[id(people_of)] for cell, people_of in cells.items()},
            None if whole is None else places[id(whole)],
        )

    @classmethod
    def behind_all(cls, table: pd.DataFrame, people: Iterable[Hashable]) -> Members:
        """Return the members of a table of which every cell, and the whole, is a number of the same people."""
        everybody = list(people)
        cells = {(row, column): everybody for column in table.columns for row in table.index}
        return cls.of(cells, everybody)

    def with_cells(self, cells: Mapping[Cell, Cell]) -> Members:
        """Return the members with more cells, each with the people of another one where those are known."""
        added = {new: self.cells[old] for new, old in cells.items() if old in self.cells}
        return Members(self.people, {**self.cells, **added}, self.whole)

    def __repr__(self) -> str:
        return f"Members(cells={len(self.cells):,})"
