"""What a reader can work out of masked products: the audit of every masking, made as an attacker would.

The attacker has the printed numbers, knows what the marks mean (`<5` is 1, 2, 3 or 4) and how the
counts hang together, and is given more than a reader has: that a count withheld for another's sake is
at least 5. A secret count is told if it has the same value in every table of whole numbers that fits
all this. Method: linear and integer programming over the deviations from the true table, as in the
audit of cell suppression (Fischetti and Salazar-González, Management Science 47:1008, 2001).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.airlock.count_system import CountSystem, components, rows_touching

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

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

    def free_sets(self) -> list[Integers]:
        """Return the counts that are not printed, in sets that no relation joins."""
        import numpy as np

        return list(components(self.system.relations, np.flatnonzero(self.lower < self.upper)))

    def relations_among(self, members: Integers) -> tuple[Numbers, Numbers, Numbers]:
        """Return the relations that touch some counts: coefficients, and bounds of the deviations' sums."""
        import numpy as np

        system = self.system
        rows = rows_touching(system.relations, members)
        there = system.relations[rows] @ system.values
        return (
            system.relations[rows][:, members].toarray(),
            np.asarray(system.lowest[rows] - there),
            np.asarray(system.highest[rows] - there),
        )


def told_counts(deviations: Deviations) -> Integers:
    """Return the secret counts that have one value only in every table that fits what is known.

    Tables that differ in many places at once are looked for first, so that few programmes have to be
    solved for each count by itself.
    """
    import numpy as np

    secret = deviations.system.secret
    told = np.flatnonzero(secret & (deviations.lower == deviations.upper)).tolist()
    for members in deviations.free_sets():
        cases = set(members[secret[members]].tolist())
        if cases:
            told.extend(_told_among(deviations, members, cases))
    return np.array(sorted(told), dtype=np.int64)


def _told_among(deviations: Deviations, members: Integers, cases: set[int]) -> list[int]:
    import numpy as np

    random = np.random.default_rng(0)
    for _ in range(_TRIES):
        goal = np.where(np.isin(members, sorted(cases)), random.uniform(-1, 1, len(members)), 0.0)
        moved = _moved(deviations, members, goal) & cases
        cases = cases - moved
        if not cases:
            return []
        if not moved:
            break
    told = []
    while cases:
        case = min(cases)
        goal = (members == case).astype(float)
        moved = _moved(deviations, members, goal)
        if case not in moved:
            moved = _moved(deviations, members, -goal)
        if case not in moved:
            told.append(case)
        cases = cases - moved - {case}
    return told


def _moved(deviations: Deviations, members: Integers, goal: Numbers) -> set[int]:
    """Return the counts that differ from the truth in the fitting table that is furthest towards the goal."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    matrix, lowest, highest = deviations.relations_among(members)
    solved = milp(
        -goal,
        integrality=np.ones(len(members)),
        bounds=Bounds(deviations.lower[members], deviations.upper[members]),
        constraints=LinearConstraint(matrix, lowest, highest) if len(matrix) else (),
    )
    if solved.x is None:
        # The truth itself always fits, so that this is the solver giving up: nothing was shown to move.
        return set()
    return set(members[np.abs(np.round(solved.x)) > 0].tolist())
