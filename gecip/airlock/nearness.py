"""Which sets of people differ by a few: found without looking at the people of any but those.

Each set is told apart by its size and a sketch: the people fall into 32 groups by their salted number,
and for each group the numbers are put together by exclusive or. One person more or less changes one
group, so that two sets which differ by four people differ in four groups at most. What passes is held
against the people themselves, so that the answer is exact; among a million sets a few pass by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ids = npt.NDArray[np.uint64]
    Integers = npt.NDArray[np.int64]

GROUPS = 32
_FIRST_GROUPS = 12
# Numbers that spread what is put together over 64 bits; odd, so that nothing is lost.
_SPREAD = 0x9E3779B97F4A7C15


@dataclass(frozen=True, eq=False)
class SetRows:
    """What is kept of many sets, by ascending size.

    Attributes
    ----------
    sizes
        How many people each holds.
    sketches
        For each group of people (32 rows) and each set, the people's numbers put together.
    digests
        Two numbers for each set, the same for the same people only.
    places
        For each set the entry that holds it, its number there, where it begins (in ids before the end of
        all), and 1 where only counts without phenotypes tell of it.
    """

    sizes: npt.NDArray[np.uint32]
    sketches: npt.NDArray[np.uint16]
    digests: npt.NDArray[np.uint64]
    places: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, sets: Sequence[Ids], *, entry: int, is_free: Sequence[bool]) -> SetRows:
        """Return the rows of an entry's sets in order of size, none of them empty."""
        import numpy as np

        sizes = np.array([len(one) for one in sets], dtype=np.int64)
        if not len(sizes):
            return cls.joined([])
        ids, begins = np.concatenate(sets), np.cumsum(sizes) - sizes
        owner = np.repeat(np.arange(len(sizes)), sizes)
        groups = np.zeros(len(sizes) * GROUPS, dtype=np.uint64)
        np.bitwise_xor.at(groups, owner * GROUPS + (ids % GROUPS).astype(np.int64), ids)
        # The low digits say the group and the same in every number of it: the high ones are kept.
        sketches = (groups >> np.uint64(48)).astype(np.uint16).reshape(len(sizes), GROUPS).T
        spread = (ids ^ (ids >> np.uint64(29))) * np.uint64(_SPREAD)
        digests = np.stack(
            [np.bitwise_xor.reduceat(ids, begins), np.add.reduceat(spread, begins)], axis=1
        )
        numbers = np.arange(len(sizes))
        places = np.stack(
            [np.full(len(sizes), entry), numbers, len(ids) - begins, np.array(is_free)], axis=1
        )
        return cls(sizes.astype(np.uint32), sketches, digests, places.astype(np.uint32)).by_size()

    @classmethod
    def joined(cls, parts: Sequence[SetRows]) -> SetRows:
        """Return the rows of all parts together."""
        import numpy as np

        if not parts:
            return cls(
                np.zeros(0, dtype=np.uint32),
                np.zeros((GROUPS, 0), dtype=np.uint16),
                np.zeros((0, 2), dtype=np.uint64),
                np.zeros((0, 4), dtype=np.uint32),
            )
        return cls(
            np.concatenate([part.sizes for part in parts]),
            np.concatenate([part.sketches for part in parts], axis=1),
            np.concatenate([part.digests for part in parts]),
            np.concatenate([part.places for part in parts]),
        ).by_size()

    def near(self, others: SetRows, *, most: int) -> list[tuple[int, int]]:
        """Return the pairs (row of `others`, row here) that may differ by 1 to `most` people; none is missed.

        Cost: for each of the others a look at the sketches of the sets whose size is as near.
        """
        pairs: list[tuple[int, int]] = []
        begins = self.sizes.searchsorted(others.sizes.astype("int64") - most, side="left")
        ends = self.sizes.searchsorted(others.sizes.astype("int64") + most, side="right")
        for row, (begin, end) in enumerate(zip(begins.tolist(), ends.tolist(), strict=True)):
            if begin < end:
                found = self._within(begin, end, others, row, most)
                pairs.extend((row, one) for one in found.tolist())
        return pairs

    def _within(self, begin: int, end: int, others: SetRows, row: int, most: int) -> Integers:
        """Return the rows between two whose sketch differs from another's in no more than `most` groups."""
        import numpy as np

        sketch = others.sketches[:, row]
        first = self.sketches[:_FIRST_GROUPS, begin:end] != sketch[:_FIRST_GROUPS, None]
        rows = np.flatnonzero(first.sum(axis=0, dtype=np.uint8) <= most) + begin
        differing = (self.sketches[:, rows] != sketch[:, None]).sum(axis=0, dtype=np.uint8)
        rows = rows[differing <= most]
        return rows[(self.digests[rows] != others.digests[row]).any(axis=1)]

    def by_size(self) -> SetRows:
        """Return the same rows in order of size."""
        import numpy as np

        order = np.argsort(self.sizes, kind="stable")
        return SetRows(
            self.sizes[order],
            np.ascontiguousarray(self.sketches[:, order]),
            self.digests[order],
            self.places[order],
        )


def difference(one: Ids, other: Ids) -> int:
    """Return how many people are in one of two sets and not in both; each ascending."""
    import numpy as np

    return len(np.setxor1d(one, other, assume_unique=True))
