"""What a reader can work out of masked products: the audit of every masking, made as an attacker would.

The attacker has the printed numbers, knows what the marks mean (`<5` is 1, 2, 3 or 4) and how the
counts hang together, and is given more than a reader has: that a count withheld for another's sake is
at least 5. A secret count is told if it has the same value in every table of whole numbers that fits
all this. Method: linear and integer programming over the deviations from the true table, as in the
audit of cell suppression (Fischetti and Salazar-González, Management Science 47:1008, 2001).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gecip.airlock.count_system import CountSystem, components, rows_touching

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from scipy.sparse import csr_array

    Integers = npt.NDArray[np.int64]
    Numbers = npt.NDArray[np.float64]

# How far from the truth the attacker's tables may go. Narrower than what is thinkable, which errs on
# the safe side: whoever can be fooled within this range can be fooled.
REACH = 20.0

_TRIES = 12


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
        import numpy as np

        system = self.system
        rows = rows_touching(system.relations, members)
        there = system.relations[rows] @ system.values
        return (
            system.relations[rows][:, members].tocsr(),
            np.asarray(system.lowest[rows] - there),
            np.asarray(system.highest[rows] - there),
        )


@dataclass(frozen=True, eq=False)
class OtherTable:
    """A table that keeps every relation and differs from the true one: in which counts, and by how much.

    Whether it fits what is printed is quickly seen, so that it serves for one masking after another.
    """

    counts: Integers
    by: Numbers

    def fits(self, deviations: Deviations) -> bool:
        """Return whether the attacker has to think this table possible."""
        lower, upper = deviations.lower[self.counts], deviations.upper[self.counts]
        return bool(((lower <= self.by) & (self.by <= upper)).all())


def told_counts(deviations: Deviations, others: list[OtherTable] | None = None) -> Integers:
    """Return the secret counts that have one value only in every table that fits what is known.

    `others` are tables found earlier, to which those found now are added. Tables that differ in many
    places at once are looked for first, so that few programmes have to be solved for each count by
    itself.
    """
    import numpy as np

    others = [] if others is None else others
    is_open = deviations.system.secret.copy()
    for other in others:
        if other.fits(deviations):
            is_open[other.counts] = False
    told = np.flatnonzero(is_open & (deviations.lower == deviations.upper)).tolist()
    for members in deviations.free_sets:
        cases = set(members[is_open[members]].tolist())
        if cases:
            told.extend(_told_among(deviations, members, cases, others))
    return np.array(sorted(told), dtype=np.int64)


def _told_among(
    deviations: Deviations, members: Integers, cases: set[int], others: list[OtherTable]
) -> list[int]:
    import numpy as np

    def moved(goal: Numbers) -> set[int]:
        other = _furthest_table(deviations, members, goal)
        if len(other.counts):
            others.append(other)
        return set(other.counts.tolist())

    random = np.random.default_rng(0)
    for _ in range(_TRIES):
        goal = np.where(np.isin(members, sorted(cases)), random.uniform(-1, 1, len(members)), 0.0)
        fewer = cases - moved(goal)
        if not fewer:
            return []
        if fewer == cases:
            break
        cases = fewer
    told = []
    while cases:
        case = min(cases)
        goal = (members == case).astype(float)
        found = moved(goal)
        if case not in found:
            found = moved(-goal)
        if case not in found:
            told.append(case)
        cases = cases - found - {case}
    return told


def _furthest_table(deviations: Deviations, members: Integers, goal: Numbers) -> OtherTable:
    """Return the fitting table that is furthest from the true one towards a goal; it may be the true one."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    matrix, lowest, highest = deviations.relations_among(members)
    bounds = Bounds(deviations.lower[members], deviations.upper[members])
    constraints = LinearConstraint(matrix, lowest, highest) if matrix.shape[0] else ()
    # In fractions first, which is quicker: the corners of most tables are whole numbers anyway.
    for whole in (0, 1):
        solved = milp(
            -goal,
            integrality=np.full(len(members), whole),
            bounds=bounds,
            constraints=constraints,
        )
        if solved.x is None:
            continue
        # A solver's word is not enough: the table counts only if it keeps every relation exactly.
        by = np.clip(np.round(solved.x), bounds.lb, bounds.ub)
        sums = matrix @ by
        if (np.abs(by - solved.x) < 1e-6).all() and ((lowest <= sums) & (sums <= highest)).all():
            return OtherTable(members[by != 0], by[by != 0])
    # The truth itself always fits: the solver found nothing that holds, and nothing was shown to move.
    return OtherTable(members[:0], np.zeros(0))
