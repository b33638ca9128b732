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

from gecip.airlock.deviations import Deviations, proof_nearby, proofs_of_one_relation

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]
    Numbers = npt.NDArray[np.float64]

# How many relations away from a count another table is looked for, before it is among all that hang together.
_NEAR, _FURTHER = 2, 4
# Where no more hang together than these, all are looked at together at once.
FEW_COUNTS = 100
# How much more one count weighs than the others that may differ with it.
_MOST = 100.0
# Whole numbers move by one at least; a little less allows for the solver's last digits.
_BY_ONE = 1.0 - 1e-6


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

    `others` are tables found earlier, to which those found now are added. Cost: a small programme for
    each count that no table before has moved; those that are told may need a large one.
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

    random = np.random.default_rng(0)
    told = []
    while cases:
        case = min(cases)
        moved = _moved_with(deviations, members, case, cases, random)
        if moved is None:
            told.append(case)
            cases = cases - {case}
        else:
            others.append(moved)
            cases = cases - set(moved.counts.tolist())
    return told


def _moved_with(
    deviations: Deviations,
    members: Integers,
    case: int,
    cases: set[int],
    random: np.random.Generator,
) -> OtherTable | None:
    """Return a table in which one count differs, and of the other cases as many as it happens; None if there is none.

    Near the count first: what differs in few places is a table as well, and where the relations nearby
    hold a count fast, no look at the others is needed.
    """
    import numpy as np

    system = deviations.system
    if _is_held(deviations, case):
        return None
    for steps in (_NEAR, _FURTHER, None) if len(members) > FEW_COUNTS else (None,):
        near = members if steps is None else system.around(case, members, steps=steps)
        if steps == _FURTHER and _is_held_nearby(deviations, case):
            return None
        alone = (near == case).astype(float)
        is_other = np.isin(near, sorted(cases - {case}))
        among = is_other * random.uniform(-1, 1, len(near))
        mixed = [among + _MOST * alone] if among.any() and len(near) > 1 else []
        # What does not move upward for all it weighs moves upward by itself hardly ever: only proved at last.
        upward = [alone] if not mixed or len(near) == len(members) else []
        for goal in (*mixed, -alone, *upward):
            other = _furthest_table(deviations, near, goal)
            if case in other.counts:
                return other
        if len(near) == len(members):
            return None
    return None


def _is_held(deviations: Deviations, count: int) -> bool:
    """Return whether a relation by itself shows that a count cannot move by one, either way."""
    return all(
        any(
            proof.bound(deviations) < _BY_ONE
            for proof in proofs_of_one_relation(deviations, count, direction)
        )
        for direction in (1.0, -1.0)
    )


def _is_held_nearby(deviations: Deviations, count: int) -> bool:
    """Return whether the relations nearby together show it."""
    for direction in (1.0, -1.0):
        proof = proof_nearby(deviations, count, direction, steps=_NEAR - 1)
        if proof is None or proof.bound(deviations) >= _BY_ONE:
            return False
    return True


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
