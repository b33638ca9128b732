"""What a reader knows between the counts of several tables because the same people stand behind them.

Words do not always say it: two tables call one group differently, an age band of the one is three of the
other's, a group of the first is all but two people of a group of the second. The sets of people do, where
a summary knows its members.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from gecip.airlock.nearness import SetRows
from gecip.reporting import Summary

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Codes = npt.NDArray[np.int64]

Cell = tuple[Hashable, Hashable]


@dataclass
class SharedPeople:
    """The sets of people behind the cells of summaries, each set once, by one number for each person.

    `fewest` people make a set that is taken for the same by who is in it: one or two people may be all of
    two groups by chance, of which no reader knows.
    """

    summaries: Sequence[Summary]
    fewest: int
    _numbers: dict[bytes, int] = field(default_factory=dict)
    _of_places: dict[tuple[int, int], int] = field(default_factory=dict)
    sets: list[Codes] = field(default_factory=list)

    def number(self, summary: Summary, cell: Cell) -> int | None:
        """Return the number of the set behind a cell, or None where its people are not known."""
        places = summary.members_of(*cell)
        return None if places is None else self._number(summary, places)

    def number_of_whole(self, summary: Summary) -> int | None:
        """Return the number of the set behind the whole of a summary, or None."""
        members = summary.members
        if members is None or members.whole is None or len(members.whole) != summary.n_people:
            return None
        return self._number(summary, members.whole)

    def is_telling(self, number: int | None) -> bool:
        """Return whether a set is known and large enough to be told by who is in it."""
        return number is not None and len(self.sets[number]) >= self.fewest

    def nearly(self, numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield the pairs of telling sets of which the first holds the second and fewer than `fewest` more."""
        import numpy as np

        telling = [number for number in numbers if self.is_telling(number)]
        if not telling:
            return
        # Spread as salted ids are, so that sketches of them tell apart.
        spread = np.random.default_rng(0).integers(0, 2**63, self._n_people, dtype=np.uint64)
        rows = SetRows.of(
            [np.sort(spread[self.sets[number]]) for number in telling],
            entry=0,
            is_free=[False] * len(telling),
        )
        for row, (_, other, _, _) in rows.near(rows, most=self.fewest - 1):
            whole, part = telling[int(rows.places[row, 1])], telling[other]
            more = len(self.sets[whole]) - len(self.sets[part])
            if 0 < more < self.fewest and self.holds(whole, part):
                yield whole, part

    def unions(
        self, numbers: Sequence[int], lines: Sequence[Sequence[int]]
    ) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield the telling sets that are several whole parts of a line together, with those parts.

        Parameters
        ----------
        numbers
            The sets to look at.
        lines
            For each line of a table the sets of its parts, which have nobody in common.
        """
        import numpy as np

        telling = [number for number in numbers if self.is_telling(number)]
        if not (telling and lines):
            return
        labels = np.full((len(lines), self._n_people), -1, dtype=np.int32)
        for place, parts in enumerate(lines):
            for number in parts:
                labels[place, self.sets[number]] = number
        sizes = np.array([len(one) for one in self.sets])
        firsts = labels[:, [self.sets[number][0] for number in telling]]
        # Whoever comes first in a set has to bring along a part that is smaller than it.
        can_be = (firsts >= 0) & (sizes[firsts] < sizes[telling])
        for line, place in np.argwhere(can_be).tolist():
            number = telling[place]
            found, counts = np.unique(labels[line, self.sets[number]], return_counts=True)
            if found[0] >= 0 and (counts == sizes[found]).all():
                yield number, tuple(found.tolist())

    def holders(self, numbers: Iterable[int]) -> dict[int, set[int]]:
        """Return for each of some sets those of them that hold it, itself among them; none for an empty one.

        Cost: a pass over each set; the people of two are compared only where three of the one are in the other.
        """
        import numpy as np

        listed = [number for number in dict.fromkeys(numbers) if len(self.sets[number])]
        some = np.array(
            [self.sets[number][[0, len(self.sets[number]) // 2, -1]] for number in listed]
        )
        held_by: dict[int, set[int]] = {number: set() for number in numbers}
        is_in = np.zeros(self._n_people, dtype=bool)
        for whole in listed:
            is_in[self.sets[whole]] = True
            for place in np.flatnonzero(is_in[some].all(axis=1)).tolist():
                if is_in[self.sets[listed[place]]].all():
                    held_by[listed[place]].add(whole)
            is_in[self.sets[whole]] = False
        return held_by

    def holds(self, whole: int, part: int) -> bool:
        """Return whether everybody in one set is in another."""
        import numpy as np

        if len(self.sets[part]) > len(self.sets[whole]):
            return False
        both = np.intersect1d(self.sets[whole], self.sets[part], assume_unique=True)
        return len(both) == len(self.sets[part])

    def in_common(self, numbers: Sequence[int], others: Sequence[int]) -> npt.NDArray[np.int64]:
        """Return how many people each two sets have in common, of two lists of sets each without anybody twice.

        Returns
        -------
        Whole numbers of shape (numbers, others).
        """
        import numpy as np

        places = [np.full(self._n_people, -1, dtype=np.int32) for _ in range(2)]
        for place, listed in zip(places, (numbers, others), strict=True):
            for position, number in enumerate(listed):
                place[self.sets[number]] = position
        is_in_both = (places[0] >= 0) & (places[1] >= 0)
        cells = places[0][is_in_both].astype(np.int64) * len(others) + places[1][is_in_both]
        return np.bincount(cells, minlength=len(numbers) * len(others)).reshape(
            len(numbers), len(others)
        )

    def in_both(self, number: int, other: int) -> int:
        """Return the number of the set of those who are in two sets."""
        import numpy as np

        return self._number_of(
            np.intersect1d(self.sets[number], self.sets[other], assume_unique=True)
        )

    def _number(self, summary: Summary, places: npt.NDArray[np.int32]) -> int:
        import numpy as np

        key = (id(summary.members), id(places))
        if key not in self._of_places:
            self._of_places[key] = self._number_of(
                np.sort(self._codes[id(summary.members)][places])
            )
        return self._of_places[key]

    def _number_of(self, codes: Codes) -> int:
        number = self._numbers.setdefault(codes.tobytes(), len(self.sets))
        if number == len(self.sets):
            self.sets.append(codes)
        return number

    @cached_property
    def _codes(self) -> dict[int, Codes]:
        """For each summary's members one number per person, the same in all summaries."""
        import numpy as np
        import pandas as pd

        known = {id(one.members): one.members for one in self.summaries if one.members is not None}
        people = [
            np.asarray(members.people, dtype=object).astype(str) for members in known.values()
        ]
        if not people:
            return {}
        codes, _ = pd.factorize(np.concatenate(people).astype(object))
        borders = np.cumsum([len(one) for one in people])[:-1]
        return dict(zip(known, np.split(codes.astype(np.int64), borders), strict=True))

    @property
    def _n_people(self) -> int:
        return 1 + max(
            (int(codes.max()) for codes in self._codes.values() if len(codes)), default=-1
        )
