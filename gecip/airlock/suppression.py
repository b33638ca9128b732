"""Which counts have to be withheld so that none that must not be told follows from the rest.

Complementary suppression by optimisation: the cheapest set of further counts, found by an integer
programme whose constraints come from the attacker. Each time the attacker can tell a secret count,
the proof of it (the dual of the linear programme) says on which counts it rests, and one of them has
to go; so it ends with the cheapest masking that holds. Method: Fischetti and Salazar-González,
Management Science 47:1008 (2001), with whole numbers and known ranges.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from gecip.airlock.attacker import FEW_COUNTS, OtherTable, told_counts
from gecip.airlock.count_system import CountSystem, components, rows_touching
from gecip.airlock.deviations import (
    Deviations,
    Proof,
    proof_nearby,
    proofs_of_one_relation,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from scipy.sparse import csr_array

    Integers = npt.NDArray[np.int64]
    Numbers = npt.NDArray[np.float64]
    Truths = npt.NDArray[np.bool_]

_MOST_ROUNDS = 100
_ROUNDS_UNTIL_DOUBT = 4
_SECONDS_A_ROUND = 5.0
# To withhold what a small count's mark says is dearer than one or two other counts (and less so for a
# total, the larger count), and to withhold that there is nobody is the last resort.
_COST_OF_MARK = 2.5
_LESS_FOR_EACH = 0.05
_COST_OF_NOBODY = 6.0
_NOTHING = 1e-7
# With more secret counts than these, the pieces between hubs are masked first.
_MANY_SECRETS = 300
# How many relations away from a told count a proof is looked for, before it is among all that hang together.
_STEPS_OF_PROOF = (1, 3, None)


@dataclass(frozen=True, eq=False)
class Suppression:
    """What is not told: `small` counts by a mark that bounds them, `withheld` ones by one that says nothing.

    `floor` is what the audit let a reader know of a withheld count: that it is at least so many.
    `unprotected` are secret counts that follow from the rest whatever is withheld: their product must
    not leave.
    """

    small: Truths
    withheld: Truths
    floor: Integers
    unprotected: Truths


def suppress(system: CountSystem, *, smallest_shown: int) -> Suppression:
    """Return the cheapest masking from which no secret count follows.

    Cost: an integer programme per round and a few small ones per secret count; a table of 30 × 20 with
    two hundred small counts takes about two seconds.
    """
    import numpy as np

    size = len(system.values)
    found = Suppression(
        small=np.zeros(size, dtype=bool),
        withheld=np.zeros(size, dtype=bool),
        floor=np.zeros(size, dtype=np.int64),
        unprotected=np.zeros(size, dtype=bool),
    )
    for members in components(system.relations, np.arange(size)):
        part = system.part(members)
        if not part.secret.any():
            continue
        of_part = _suppress_joined(part, smallest_shown, floor=smallest_shown)
        if of_part.unprotected.any():
            # Then let the mark say nothing at all, as it does where nobody is withheld too.
            of_part = _suppress_joined(part, smallest_shown, floor=0)
        for name in ("small", "withheld", "floor", "unprotected"):
            getattr(found, name)[members] = getattr(of_part, name)
    return found


def bounds_of(
    system: CountSystem, masked: Suppression, *, smallest_shown: int
) -> tuple[Numbers, Numbers]:
    """Return between what a reader knows each count to lie: the number itself where it is printed."""
    import numpy as np

    lowest, highest = system.values.astype(float), system.values.astype(float)
    lowest[masked.small], highest[masked.small] = 1.0, smallest_shown - 1.0
    lowest[masked.withheld], highest[masked.withheld] = masked.floor[masked.withheld], np.inf
    lowest[system.implied], highest[system.implied] = 0.0, np.inf
    return lowest, highest


def _suppress_joined(system: CountSystem, smallest_shown: int, *, floor: int) -> Suppression:
    """Return the masking of counts that all hang together."""
    return _suppress_piece(system, smallest_shown, floor)[0]


def _suppress_piece(
    system: CountSystem, smallest_shown: int, floor: int
) -> tuple[Suppression, list[OtherTable]]:
    """Return the masking, and the other tables that show it to hold."""
    import numpy as np

    search = _Search(system, smallest_shown, floor)
    if system.secret.sum() > _MANY_SECRETS and system.is_hub.any():
        search.begin_in_pieces()
    choice = search.begun.copy()
    widest = np.ones_like(choice)
    for number in range(_MOST_ROUNDS):
        told = told_counts(search.deviations(choice), search.others)
        if not len(told):
            return search.suppression(choice), search.others
        # What follows though everything is withheld follows from any choice: no further round finds one.
        if number == _ROUNDS_UNTIL_DOUBT and len(told_counts(search.deviations(widest))):
            break
        for count in told.tolist():
            search.learn(choice, count)
        choice = search.next_choice()
    masked = search.suppression(widest)
    masked.unprotected[told_counts(search.deviations(widest))] = True
    return masked, search.others


@dataclass(frozen=True, eq=False)
class _Cut:
    """What a proof asks for: enough weight among the choices, if the count is to be free on that side."""

    weights: Numbers
    side: int | None = None
    is_upward: bool = True


@dataclass
class _Search:
    """The choices (withhold this count, or this mark), and what the attacker's proofs ask of them."""

    system: CountSystem
    smallest_shown: int
    floor: int
    cuts: list[_Cut] = field(default_factory=list)
    sides: dict[int, int] = field(default_factory=dict)
    others: list[OtherTable] = field(default_factory=list)

    def __post_init__(self) -> None:
        import numpy as np

        system = self.system
        self._marked = system.secret & ~system.implied & (system.values < self.smallest_shown)
        printed = ~system.secret & ~system.implied & ~system.known
        self.choosable: Integers = np.flatnonzero(printed | self._marked)
        costs = np.where(system.values == 0, _COST_OF_NOBODY, system.costs)
        of_marks = _COST_OF_MARK - _LESS_FOR_EACH * system.values
        self._costs = np.where(self._marked, of_marks, costs)[self.choosable]
        self.begun: Truths = np.zeros(len(self.choosable), dtype=bool)

    def begin_in_pieces(self) -> None:
        """Mask the pieces that only hubs join, such as tables of one total, each by itself, and keep to that.

        What all pieces together need is then little; the whole is audited as any other. Costs a few cells
        more than the best masking of all at once, which nobody has the time to wait for.
        """
        import numpy as np

        system = self.system
        withheld = np.zeros(len(system.values), dtype=bool)
        for members in components(system.relations, np.flatnonzero(~system.is_hub)):
            piece = system.part(members)
            if not piece.secret.any():
                continue
            found, others = _suppress_piece(piece, self.smallest_shown, self.floor)
            # A piece that only its hubs could protect waits for them.
            if not found.unprotected.any():
                withheld[members] = found.withheld
                self.others += [OtherTable(members[one.counts], one.by) for one in others]
        self.begun = withheld[self.choosable]

    def suppression(self, choice: Truths) -> Suppression:
        """Return what a choice means for each count."""
        import numpy as np

        chosen = np.zeros(len(self.system.values), dtype=bool)
        chosen[self.choosable] = choice
        unmarked = self.system.secret & ~self.system.implied & ~self._marked
        return Suppression(
            small=self._marked & ~chosen,
            withheld=unmarked | chosen,
            # Where a small count or nobody had to be withheld as well, no reader knows more of it.
            floor=np.where(self.system.values < self.smallest_shown, 0, self.floor),
            unprotected=np.zeros_like(chosen),
        )

    def deviations(self, choice: Truths) -> Deviations:
        """Return what the attacker has to consider under a choice."""
        bounds = bounds_of(
            self.system, self.suppression(choice), smallest_shown=self.smallest_shown
        )
        return Deviations.within(self.system, *bounds)

    def learn(self, choice: Truths, count: int) -> None:
        """Add what has to change for a told count to be free, upward or downward."""
        deviations = self.deviations(choice)
        proofs = [self._weights(deviations, count, direction) for direction in (1.0, -1.0)]
        if any(weights is None for weights in proofs):
            # Free among fractions, told among whole numbers: some count more has to go.
            self.cuts.append(_Cut((~choice).astype(float)))
            return
        side = self.sides.setdefault(count, len(self.sides))
        for weights, is_upward in zip(proofs, (True, False), strict=True):
            if weights is not None:
                self.cuts.append(_Cut(weights, side, is_upward))

    def _weights(self, deviations: Deviations, count: int, direction: float) -> Numbers | None:
        """Return what each choice gives towards moving a count by one, or None where fractions move it already.

        From the first proof that it cannot move by one, of one relation or of those nearby: such a proof
        holds, whatever the others say. The weights of the choices made have to reach 1.
        """
        for proof in self._proofs(deviations, count, direction):
            if proof.bound(deviations) < 1.0 - _NOTHING:
                return self._weights_of(proof)
        return None

    def _proofs(self, deviations: Deviations, count: int, direction: float) -> Iterator[Proof]:
        is_large = len(self.system.values) > FEW_COUNTS
        if is_large:
            yield from proofs_of_one_relation(deviations, count, direction)
        for steps in _STEPS_OF_PROOF if is_large else (None,):
            proof = proof_nearby(deviations, count, direction, steps=steps)
            if proof is not None:
                yield proof

    def _weights_of(self, proof: Proof) -> Numbers:
        import numpy as np

        without = proof.given(self._withholding_nothing)
        needed = 1.0 - proof.slack - without.sum()
        added = (proof.given(self._withholding_all) - without)[self.choosable]
        # Rounded up, which asks no more than the proof does, for the solver's sake.
        return np.ceil(np.clip(added / needed - _NOTHING, 0.0, 1.0) * 1000) / 1000

    @cached_property
    def _withholding_nothing(self) -> Deviations:
        import numpy as np

        return self.deviations(np.zeros(len(self.choosable), dtype=bool))

    @cached_property
    def _withholding_all(self) -> Deviations:
        import numpy as np

        return self.deviations(np.ones(len(self.choosable), dtype=bool))

    def next_choice(self) -> Truths:
        """Return the cheapest choice that answers every proof so far; everything where none is found.

        Proofs that ask for no choice in common are answered one by one.
        """
        import numpy as np
        from scipy.sparse import csr_array

        choices, sides = len(self.choosable), len(self.sides)
        rows, columns, weights = [], [], []
        needed = np.ones(len(self.cuts))
        for row, cut in enumerate(self.cuts):
            asked = np.flatnonzero(cut.weights)
            rows.append(np.full(len(asked), row))
            columns.append(asked)
            weights.append(cut.weights[asked])
            if cut.side is not None:
                # The side's variable is 1 where the count is to be free upward, 0 where downward.
                rows.append(np.array([row]))
                columns.append(np.array([choices + cut.side]))
                weights.append(np.array([-1.0 if cut.is_upward else 1.0]))
                needed[row] = 0.0 if cut.is_upward else 1.0
        matrix = csr_array(
            (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))),
            shape=(len(self.cuts), choices + sides),
        )
        costs = np.concatenate([np.where(self.begun, 0.0, self._costs), np.zeros(sides)])
        chosen = np.zeros(choices + sides, dtype=bool)
        for members in components(matrix, np.unique(matrix.indices)):
            asking = rows_touching(matrix, members)
            chosen[members] = _cheapest(
                costs[members], matrix[asking][:, members].tocsr(), needed[asking]
            )
        return np.asarray(chosen[:choices] | self.begun)


def _cheapest(costs: Numbers, matrix: csr_array, needed: Numbers) -> Truths:
    """Return the cheapest choice with `matrix @ choice >= needed`; everything where none is found in time."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    solved = milp(
        costs,
        integrality=np.ones(len(costs)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, needed, np.inf),
        # With presolve the solver prints lines of its own here.
        options={"time_limit": _SECONDS_A_ROUND, "mip_rel_gap": 1e-4, "presolve": False},
    )
    if solved.x is None:
        return np.ones(len(costs), dtype=bool)
    return np.asarray(np.round(solved.x) > 0)
