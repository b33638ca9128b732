"""The people behind the cells of a summary, from which follow how many they are and of how many families.

Whoever builds a summary says of each number whose it is, once. How many people and families stand behind it
and who they are, for the airlock to compare, are then counted from the same set.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gecip.configuration import policy_document
from gecip.reporting.members import Cell, Members

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    People = npt.NDArray[np.object_]


@dataclass(frozen=True, repr=False, eq=False)
class Behind:
    """Who stands behind each cell of a table, and behind the whole.

    `people` and `families` count them and have the table's shape, `members` knows them; `n_people` and
    `n_families` are those of the whole.
    """

    people: pd.DataFrame
    families: pd.DataFrame
    members: Members
    n_people: int
    n_families: int

    @classmethod
    def of(
        cls,
        cells: Mapping[Cell, Iterable[Hashable]],
        *,
        rows: pd.DataFrame,
        index: pd.Index,
        columns: Iterable[Hashable],
    ) -> Behind:
        """Return who stands behind cells that are given as identifiers.

        Behind cells that are not given stands nobody. Cells that are given the same object share one set and
        are counted once, so that a set should be made once. Cost: a pass over the identifiers of all sets.

        Parameters
        ----------
        cells
            By row and column of the table, the people whose number it is, each as often as it happens to occur.
        rows
            The people of the whole table with their families: `participant_id, family_id`, where either may
            be missing; a person may have several rows.
        index, columns
            The table's.
        """
        import pandas as pd

        everybody = rows["participant_id"].to_numpy()
        members = Members.of(cells, everybody)
        families_of = _families(rows, members)
        names = list(columns)
        people = pd.DataFrame(0, index=index, columns=names)
        families = people.copy()
        counted: dict[int, tuple[int, int]] = {}
        for column in names:
            counts = []
            for row in index:
                places = members.cells.get((row, column))
                if places is None:
                    counts.append((0, 0))
                    continue
                if id(places) not in counted:
                    counted[id(places)] = (len(places), families_of(places))
                counts.append(counted[id(places)])
            people[column] = [count for count, _ in counts]
            families[column] = [count for _, count in counts]
        assert members.whole is not None, "the people of the whole are given"
        return cls(people, families, members, len(members.whole), families_of(members.whole))


def _families(rows: pd.DataFrame, members: Members) -> Any:
    """Return what counts the families of people that are given by their places in `members.people`."""
    import numpy as np
    import pandas as pd

    known = rows[["participant_id", "family_id"]].dropna().drop_duplicates()
    place = pd.Index(members.people).get_indexer(known["participant_id"].astype(object))
    family, _ = pd.factorize(known["family_id"])
    if len(known) == known["participant_id"].nunique():
        of_person = np.full(len(members.people), -1)
        of_person[place] = family
        return lambda places: int((np.unique(of_person[places]) >= 0).sum())
    return lambda places: len(np.unique(family[np.isin(place, places)]))


def resting_on(everybody: Sequence[Any] | People, *few: Sequence[Any] | People) -> Any:
    """Return whose number a statistic is: all from whom it was computed, unless it rests on a few of them.

    A hazard ratio is computed from everybody, and rests on the deaths of the smaller group: where those are too
    few to be shown, they stand behind it, so that it is withheld. `few` are the groups on which it rests.
    """
    small = [people for people in few if 0 < len(people) < _smallest_shown()]
    return min(small, key=len) if small else everybody


@cache
def _smallest_shown() -> int:
    return int(policy_document()["counts"]["smallest_shown"])
