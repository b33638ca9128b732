"""Which sets of people differ by a few: found without looking at the people of any but those.

Two steps leave few sets to look at, and miss none. Sets that differ by four people at most have one of
their first five in common, by salted number: so the first five of each set are an index (prefix filtering;
Chaudhuri, Ganti and Kaushik, ICDE 2006). And each set has a sketch: its people fall into 32 groups, and
the numbers of a group are put together by exclusive or; one person more or less changes one group, so
that four people change four groups at most. What passes is held against the people themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ids = npt.NDArray[np.uint64]
    Integers = npt.NDArray[np.int64]

# Of a set: its entry, its number there, where it begins, and its size.
Place = tuple[int, int, int, int]

GROUPS = 32
# How many of a set's people, in order of their number, are in the index: enough for differences of one fewer.
PREFIX = 5
_SIZE_BITS = 20
_LARGEST = 2**_SIZE_BITS - 1
_PAIRS_AT_ONCE = 200_000
# Numbers that spread what is put together over 64 bits; odd, so that nothing is lost.
_SPREAD = 0x9E3779B97F4A7C15
_FREE = 3


@dataclass(frozen=True, eq=False)
class SetRows:
    """What is kept of many sets.

    Attributes
    ----------
    sizes
        How many people each holds.
    sketches
        For each set and each of 32 groups of people, their numbers put together.
    digests
        Two numbers for each set, the same for the same people only.
    places
        For each set the entry that holds it, its number there, where it begins (in ids before the end of
        all), and 1 where only counts without phenotypes tell of it.
    keys, owners
        The first people of each set, each as its number and the size of the set in one, ascending, and
        whose they are.
    """

    sizes: npt.NDArray[np.uint32]
    sketches: npt.NDArray[np.uint16]
    digests: npt.NDArray[np.uint64]
    places: npt.NDArray[np.uint32]
    keys: npt.NDArray[np.uint64]
    owners: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, sets: Sequence[Ids], *, entry: int, is_free: Sequence[bool]) -> SetRows:
        """Return the rows of an entry's sets, in their order; none is empty, and each is ascending."""
        import numpy as np

        sizes = np.array([len(one) for one in sets], dtype=np.int64)
        if not len(sizes):
            return cls.joined([])
        ids, begins = np.concatenate(sets), np.cumsum(sizes) - sizes
        owner = np.repeat(np.arange(len(sizes)), sizes)
        groups = np.zeros(len(sizes) * GROUPS, dtype=np.uint64)
        np.bitwise_xor.at(groups, owner * GROUPS + (ids % GROUPS).astype(np.int64), ids)
        spread = (ids ^ (ids >> np.uint64(29))) * np.uint64(_SPREAD)
        is_first = np.arange(len(ids)) - begins[owner] < PREFIX
        keys = _keys(ids[is_first], sizes[owner[is_first]])
        order = np.argsort(keys, kind="stable")
        return cls(
            sizes=sizes.astype(np.uint32),
            # The low digits say the group and the same in every number of it: the high ones are kept.
            sketches=(groups >> np.uint64(48)).astype(np.uint16).reshape(len(sizes), GROUPS),
            digests=np.stack(
                [np.bitwise_xor.reduceat(ids, begins), np.add.reduceat(spread, begins)], axis=1
            ),
            places=np.stack(
                [
                    np.full(len(sizes), entry),
                    np.arange(len(sizes)),
                    len(ids) - begins,
                    np.array(is_free),
                ],
                axis=1,
            ).astype(np.uint32),
            keys=keys[order],
            owners=owner[is_first][order].astype(np.uint32),
        )

    @classmethod
    def joined(cls, parts: Sequence[SetRows]) -> SetRows:
        """Return the rows of all parts, one after the other."""
        import numpy as np

        if not parts:
            return cls(
                np.zeros(0, dtype=np.uint32),
                np.zeros((0, GROUPS), dtype=np.uint16),
                np.zeros((0, 2), dtype=np.uint64),
                np.zeros((0, 4), dtype=np.uint32),
                np.zeros(0, dtype=np.uint64),
                np.zeros(0, dtype=np.uint32),
            )
        counts = [len(part.sizes) for part in parts]
        before = np.cumsum(counts) - counts
        keys = np.concatenate([part.keys for part in parts])
        owners = np.concatenate(
            [part.owners + np.uint32(n) for part, n in zip(parts, before, strict=True)]
        )
        order = np.argsort(keys, kind="stable")
        return cls(
            np.concatenate([part.sizes for part in parts]),
            np.concatenate([part.sketches for part in parts]),
            np.concatenate([part.digests for part in parts]),
            np.concatenate([part.places for part in parts]),
            keys[order],
            owners[order],
        )

    def near(self, others: SetRows, *, most: int) -> list[tuple[int, Place]]:
        """Return the rows of `others` with the sets here that may differ by 1 to `most` people; none is missed.

        Of two sets of which only counts without phenotypes tell no pair is made. Each pair is a row, and
        the entry, number, beginning and size of the set here. Cost: for each of the others a look at the
        sketches of the sets that have one of its first people in common and are nearly as large.
        """
        import numpy as np

        found = []
        for rows, here in self._candidates(others, most):
            is_free = self.places[here, _FREE] & others.places[rows, _FREE]
            differing = (self.sketches[here] != others.sketches[rows]).sum(axis=1, dtype=np.uint8)
            is_same = (self.digests[here] == others.digests[rows]).all(axis=1)
            kept = (is_free == 0) & (differing <= most) & ~is_same
            found.append(np.stack([rows[kept], here[kept]], axis=1))
        pairs = np.unique(np.concatenate(found), axis=0) if found else np.zeros((0, 2), dtype=int)
        return [(row, self._place(one)) for row, one in pairs.tolist()]

    def _candidates(self, others: SetRows, most: int) -> Iterator[tuple[Integers, Integers]]:
        """Yield pairs of rows, of others and here, among which all are that differ by `most` at most."""
        import numpy as np

        sizes = others.sizes.astype(np.int64)
        # Sets of so few people need have nobody in common, and where more may differ the index is too short.
        for row in np.flatnonzero((sizes < most) | (most >= PREFIX)).tolist():
            reach = most - sizes[row] if most < PREFIX else _LARGEST
            here = np.flatnonzero(self.sizes <= reach)
            yield np.full(len(here), row), here
        ids = others.keys >> np.uint64(_SIZE_BITS) << np.uint64(_SIZE_BITS)
        rows, of_owners = others.owners.astype(np.int64), sizes[others.owners]
        begins = self.keys.searchsorted(_keys(ids, of_owners - most), side="left")
        ends = self.keys.searchsorted(_keys(ids, of_owners + most), side="right")
        counts = np.maximum(ends - begins, 0)
        cut = np.flatnonzero(np.diff(np.cumsum(counts) // _PAIRS_AT_ONCE)) + 1
        for part in np.split(np.arange(len(rows)), cut):
            n_pairs = counts[part]
            within = np.arange(n_pairs.sum()) - np.repeat(np.cumsum(n_pairs) - n_pairs, n_pairs)
            here = self.owners[np.repeat(begins[part], n_pairs) + within].astype(np.int64)
            yield np.repeat(rows[part], n_pairs), here

    def _place(self, row: int) -> Place:
        entry, number, start, _ = self.places[row].tolist()
        return entry, number, start, int(self.sizes[row])


def _keys(ids: Ids, sizes: Integers) -> Ids:
    """Return people and the sizes of their sets in one number each, in the order of first the one and then the other."""
    import numpy as np

    within = np.clip(sizes, 0, _LARGEST).astype(np.uint64)
    return (ids >> np.uint64(_SIZE_BITS) << np.uint64(_SIZE_BITS)) | within


def difference(one: Ids, other: Ids) -> int:
    """Return how many people are in one of two sets and not in both; each ascending."""
    import numpy as np

    return len(np.setxor1d(one, other, assume_unique=True))
