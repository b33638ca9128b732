"""How far the counts may be from the true ones, for all that a reader knows; and proofs that one can go no further.

A proof is a weighted sum of relations. It says for each other count how much a count could move if that
one did (the reduced cost of a linear programme), so that it also says on which printed numbers it rests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gecip.airlock.count_system import CountSystem, components

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from scipy.sparse import csr_array

    Integers = npt.NDArray[np.int64]
    Numbers = npt.NDArray[np.float64]

# How far from the truth the attacker's tables may go. Narrower than what is thinkable, which errs on
# the safe side: whoever can be fooled within this range can be fooled.
REACH = 20.0


@dataclass(frozen=True, eq=False)
class Deviations:
    """The tables that fit what is known, as deviations from the true one: itself all zeros.

    `lower` and `upper` bound each count's deviation; where both are 0 the count is printed.
    """

    system: CountSystem
    lower: Numbers
    upper: Numbers

    @classmethod
    def within(cls, system: CountSystem, lowest: Numbers, highest: Numbers) -> Deviations:
        """Return the deviations for counts that are known to lie between `lowest` and `highest`."""
        import numpy as np

        return cls(
            system,
            np.clip(lowest - system.values, -REACH, 0.0),
            np.clip(highest - system.values, 0.0, REACH),
        )

    @cached_property
    def free_sets(self) -> list[Integers]:
        """The counts that are not printed, in sets that no relation joins."""
        import numpy as np

        return list(components(self.system.relations, np.flatnonzero(self.lower < self.upper)))

    def relations_among(self, members: Integers) -> tuple[csr_array, Numbers, Numbers]:
        """Return the relations that touch some counts: coefficients, and bounds of the deviations' sums."""
        system = self.system
        rows = system.relations_of(members)
        there = system.sums[rows]
        return (
            system.among(rows, members),
            system.lowest[rows] - there,
            system.highest[rows] - there,
        )


@dataclass(frozen=True, eq=False)
class Proof:
    """How much each count's deviation takes from (`reduced`), and relations that are no equations add to, a movement."""

    reduced: Numbers
    slack: float

    def given(self, under: Deviations) -> Numbers:
        """Return what each count gives towards the movement at most."""
        import numpy as np

        return np.where(self.reduced > 0, -self.reduced * under.lower, -self.reduced * under.upper)

    def bound(self, under: Deviations) -> float:
        """Return how far the count can move at most."""
        return self.slack + float(self.given(under).sum())


def proofs_of_one_relation(deviations: Deviations, count: int, direction: float) -> Iterator[Proof]:
    """Yield the proofs that each relation in which a count stands gives by itself."""
    import numpy as np

    system = deviations.system
    for row in system.relations_of(np.array([count], dtype=np.int64)).tolist():
        begin, end = system.relations.indptr[row : row + 2].tolist()
        counts, weights = system.relations.indices[begin:end], system.relations.data[begin:end]
        own = float(weights[counts == count][0])
        if own == 0.0:
            # A whole that is its own only part.
            continue
        there = float(system.sums[row])
        times = direction / own
        side = system.highest[row] if times > 0 else system.lowest[row]
        if np.isfinite(side):
            reduced = np.zeros(len(system.values))
            reduced[counts] = times * weights
            reduced[count] = 0.0
            yield Proof(reduced, times * (float(side) - there))


def proof_nearby(
    deviations: Deviations, count: int, direction: float, *, steps: int | None
) -> Proof | None:
    """Return the best proof from the relations that are no more than so many away from a count, or from all.

    None where the solver finds none.
    """
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import vstack

    system = deviations.system
    members, rows = _members_and_rows(deviations, count, steps)
    there = system.sums[rows]
    matrix = system.among(rows, members)
    lowest, highest = system.lowest[rows] - there, system.highest[rows] - there
    equal = lowest == highest
    below, above = ~equal & np.isfinite(highest), ~equal & np.isfinite(lowest)
    solved = linprog(
        np.where(members == count, -direction, 0.0),
        A_eq=matrix[equal],
        b_eq=lowest[equal],
        A_ub=vstack([matrix[below], -matrix[above]]),
        b_ub=np.concatenate([highest[below], -lowest[above]]),
        bounds=np.column_stack([deviations.lower[members], deviations.upper[members]]),
        method="highs",
    )
    if solved.x is None:
        return None
    of_below, of_above = np.split(solved.ineqlin.marginals, [int(below.sum())])
    multipliers = np.zeros(matrix.shape[0])
    multipliers[equal] = solved.eqlin.marginals
    multipliers[below] += of_below
    multipliers[above] -= of_above
    reduced = -(system.relations[rows].T @ multipliers)
    reduced[count] -= direction
    return Proof(reduced, float(of_above @ lowest[above] - of_below @ highest[below]))


def _members_and_rows(
    deviations: Deviations, count: int, steps: int | None
) -> tuple[Integers, Integers]:
    """Return the open counts that hang together with a count, and the relations between them, all or the nearest."""
    import numpy as np

    system = deviations.system
    if steps is None:
        alone = np.array([count], dtype=np.int64)
        members = next((free for free in deviations.free_sets if count in free), alone)
        return members, system.relations_of(members)
    free = np.flatnonzero(deviations.lower < deviations.upper)
    members = system.around(count, free, steps=steps)
    return members, system.relations_of(system.around(count, free, steps=steps - 1))
