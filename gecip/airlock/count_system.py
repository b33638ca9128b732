"""The counts of a bundle, what a reader knows between them, and which of them may not be told.

The tables of a bundle become one system: a variable for each count, also for those that are printed
nowhere and follow from two that are (what is left of a group), and a relation for each thing that a
reader knows without being told, such as that a total is the sum of its parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from scipy.sparse import csc_array, csr_array

    Integers = npt.NDArray[np.int64]
    Numbers = npt.NDArray[np.float64]
    Truths = npt.NDArray[np.bool_]


_MOST_RELATIONS = 8


@dataclass(frozen=True, eq=False)
class CountSystem:
    """Counts and what is known between them.

    Attributes
    ----------
    values
        The true counts.
    secret
        Which counts must not be told: the small ones, and those that rest on few people.
    implied
        Which counts are printed nowhere, and follow from others if nothing hinders.
    known
        Which counts a reader has anyway, from a product of the bundle that is not masked.
    costs
        What is lost when a count is withheld that could be told.
    relations, lowest, highest
        For each relation its coefficients, and the bounds between which the weighted sum of all counts
        lies: `lowest <= relations @ values <= highest`.
    """

    values: Integers
    secret: Truths
    implied: Truths
    known: Truths
    costs: Numbers
    relations: csr_array
    lowest: Numbers
    highest: Numbers

    @cached_property
    def _by_count(self) -> csc_array:
        """The relations by columns, which those of rows would have to be searched through for."""
        return self.relations.tocsc()

    def relations_of(self, members: Integers) -> Integers:
        """Return the relations in which any of some counts stands."""
        import numpy as np

        by_count = self._by_count
        return np.unique(by_count.indices[_entries(by_count.indptr, members)])

    @cached_property
    def sums(self) -> Numbers:
        """What each relation comes to with the true counts."""
        import numpy as np

        return np.asarray(self.relations @ self.values)

    def among(self, rows: Integers, members: Integers) -> csr_array:
        """Return the coefficients of some counts in some relations, in their order.

        As indexing twice would, in a tenth of the time, since a masking asks for thousands of small ones.
        """
        import numpy as np
        from scipy.sparse import csr_array

        relations = self.relations
        entries = _entries(relations.indptr, rows)
        place = np.full(len(self.values), -1, dtype=relations.indices.dtype)
        place[members] = np.arange(len(members))
        columns = place[relations.indices[entries]]
        kept = columns >= 0
        before = np.concatenate([[0], np.cumsum(kept)])
        ends = np.concatenate([[0], np.cumsum(np.diff(relations.indptr)[rows])])
        return csr_array(
            (relations.data[entries][kept], columns[kept], before[ends]),
            shape=(len(rows), len(members)),
        )

    @cached_property
    def is_hub(self) -> Truths:
        """Which counts stand in many relations, as the number of everybody does: beyond them lies all the rest."""
        import numpy as np

        return np.diff(self._by_count.indptr) > _MOST_RELATIONS

    def around(self, count: int, members: Integers, *, steps: int) -> Integers:
        """Return those of some counts that are no more than so many relations away, not going through hubs."""
        import numpy as np

        is_member = np.zeros(len(self.values), dtype=bool)
        is_member[members] = True
        is_member &= ~self.is_hub
        found = np.array([count], dtype=np.int64)
        for _ in range(steps):
            rows = self.relations_of(found)
            near = np.unique(self.relations.indices[_entries(self.relations.indptr, rows)])
            found = np.union1d(near[is_member[near]], [count])
        return found

    def part(self, members: Integers) -> CountSystem:
        """Return the system of some counts only, with the relations among them; the others are printed."""
        rows = self.relations_of(members)
        among = self.among(rows, members)
        printed = self.sums[rows] - among @ self.values[members]
        return CountSystem(
            values=self.values[members],
            secret=self.secret[members],
            implied=self.implied[members],
            known=self.known[members],
            costs=self.costs[members],
            relations=among,
            lowest=self.lowest[rows] - printed,
            highest=self.highest[rows] - printed,
        )


@dataclass
class SystemBuilder:
    """Collects counts and relations, and gives the system that they make."""

    _values: list[int] = field(default_factory=list)
    _secret: list[bool] = field(default_factory=list)
    _implied: list[bool] = field(default_factory=list)
    _known: list[bool] = field(default_factory=list)
    _costs: list[float] = field(default_factory=list)
    _relations: list[tuple[dict[int, int], float, float]] = field(default_factory=list)

    def add_count(
        self,
        value: int,
        *,
        secret: bool = False,
        implied: bool = False,
        known: bool = False,
        cost: float = 1.0,
    ) -> int:
        """Add a count and return its number in the system."""
        self._values.append(value)
        self._secret.append(secret)
        self._implied.append(implied)
        self._known.append(known)
        self._costs.append(cost)
        return len(self._values) - 1

    def value(self, count: int) -> int:
        """Return the true value of a count."""
        return self._values[count]

    def is_known(self, count: int) -> bool:
        """Return whether a reader has a count anyway."""
        return self._known[count]

    def add_relation(
        self, coefficients: Mapping[int, int], *, lowest: float = 0.0, highest: float = 0.0
    ) -> None:
        """Add that the weighted sum of some counts lies between two bounds; an equality with nothing given."""
        self._relations.append((dict(coefficients), lowest, highest))

    def build(self) -> CountSystem:
        """Return the system of everything added."""
        import numpy as np
        from scipy.sparse import csr_array

        entries = [
            (row, count, coefficient)
            for row, (coefficients, _, _) in enumerate(self._relations)
            for count, coefficient in coefficients.items()
        ]
        rows, counts, coefficients = np.array(entries, dtype=np.int64).reshape(-1, 3).T
        shape = (len(self._relations), len(self._values))
        return CountSystem(
            values=np.array(self._values, dtype=np.int64),
            secret=np.array(self._secret, dtype=bool),
            implied=np.array(self._implied, dtype=bool),
            known=np.array(self._known, dtype=bool),
            costs=np.array(self._costs, dtype=float),
            relations=csr_array((coefficients.astype(float), (rows, counts)), shape=shape),
            lowest=np.array([lowest for _, lowest, _ in self._relations], dtype=float),
            highest=np.array([highest for _, _, highest in self._relations], dtype=float),
        )


def _entries(begins: npt.NDArray[Any], lines: Integers) -> Integers:
    """Return the places of the entries of some lines of a sparse matrix, line by line."""
    import numpy as np

    counts = begins[lines + 1] - begins[lines]
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(
        begins[lines] - ends + counts, counts
    )


def rows_touching(relations: csr_array, members: Integers) -> Integers:
    """Return the relations in which any of the counts stands."""
    import numpy as np

    return np.unique(relations[:, members].nonzero()[0])


def components(relations: csr_array, members: Integers) -> Iterator[Integers]:
    """Yield the counts in sets that no relation joins: each can be looked at by itself."""
    import numpy as np
    from scipy.sparse import block_array
    from scipy.sparse.csgraph import connected_components

    if not len(members):
        return
    # Relations and counts as the two sides of one graph.
    side = relations[:, members]
    _, labels = connected_components(block_array([[None, side], [side.T, None]]), directed=False)
    of_counts = labels[side.shape[0] :]
    order = np.argsort(of_counts, kind="stable")
    borders = np.flatnonzero(np.diff(of_counts[order])) + 1
    for places in np.split(order, borders):
        yield members[places]
