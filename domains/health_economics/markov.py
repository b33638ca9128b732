"""Cohort state-transition (Markov) models: a cohort's course, and what it costs and is worth.

Pure functions on arrays. Axes in the middle (`…`) are draws of a probabilistic analysis or strategies:
one call runs them all.
"""

from __future__ import annotations

import enum

import numpy as np
import numpy.typing as npt

from gecip.errors import AnalysisError

Numbers = npt.NDArray[np.float64]

_TOLERANCE = 1e-9


class CycleCorrection(enum.Enum):
    """How states are weighed within a cycle, since people change state during it and not at its end.

    `SIMPSON_TUTORIAL` are the weights of the tutorial by Alarid-Escudero and others (2023) and of its
    package darthtools: 1/3, 2/3, 4/3, 2/3 and so on, 1/3. Simpson's rule in textbooks begins 1/3, 4/3,
    2/3; published figures of that school need the former. For work of one's own take `HALF_CYCLE`.
    """

    NONE = "none"
    HALF_CYCLE = "half cycle"
    SIMPSON_TUTORIAL = "Simpson, as in the tutorial"


def probability_of(rate: npt.ArrayLike, *, years: float = 1.0) -> Numbers:
    """Return the probability that an event of a constant yearly rate happens within some years."""
    return -np.expm1(-np.asarray(rate, dtype=float) * years)


def every_cycle(transitions: npt.ArrayLike, *, cycles: int) -> Numbers:
    """Return transitions (… × from × to) repeated for each cycle (cycles × … × from × to), without a copy."""
    matrix = np.asarray(transitions, dtype=float)
    return np.broadcast_to(matrix, (cycles, *matrix.shape))


def cohort_trace(transitions: npt.ArrayLike, start: npt.ArrayLike) -> Numbers:
    """Return the share of a cohort in each state at the start and after each cycle.

    Parameters
    ----------
    transitions
        Probabilities (cycles × … × from × to); for the same ones in each cycle see `every_cycle`.
    start
        Shares in each state at the start (… × states).

    Returns
    -------
    Shares (cycles + 1 × … × states).

    Raises
    ------
    AnalysisError
        When probabilities or shares lie outside 0 to 1, or do not add up to 1.
    """
    matrices = np.asarray(transitions, dtype=float)
    shares = np.asarray(start, dtype=float)
    _check(matrices, "transition probabilities from a state")
    _check(shares, "shares of the cohort at the start")
    shape = np.broadcast_shapes(shares.shape, matrices.shape[1:-1])
    trace = np.empty((len(matrices) + 1, *shape))
    trace[0] = shares
    for cycle, matrix in enumerate(matrices):
        trace[cycle + 1] = (trace[cycle][..., None, :] @ matrix)[..., 0, :]
    return trace


def cycle_weights(cycles: int, correction: CycleCorrection = CycleCorrection.HALF_CYCLE) -> Numbers:
    """Return how much the start and the end of each cycle count (cycles + 1)."""
    weights = np.ones(cycles + 1)
    if correction is CycleCorrection.HALF_CYCLE:
        weights[[0, -1]] = 0.5
    elif correction is CycleCorrection.SIMPSON_TUTORIAL:
        weights[1::2] = 2 / 3
        weights[2::2] = 4 / 3
        weights[[0, -1]] = 1 / 3
    return weights


def discount_weights(cycles: int, *, rate: float, cycle_years: float = 1.0) -> Numbers:
    """Return what one unit at the start and at the end of each cycle is worth today (cycles + 1)."""
    years = np.arange(cycles + 1, dtype=float) * cycle_years
    return np.power(1.0 + rate, -years)


def accrue(trace: Numbers, value_of_state: npt.ArrayLike, weights: npt.ArrayLike) -> Numbers:
    """Return what a cohort accrues in all, such as costs or quality-adjusted life years.

    Parameters
    ----------
    trace
        Shares (cycles + 1 × … × states).
    value_of_state
        What one cycle in each state is worth (… × states).
    weights
        How much each point counts (cycles + 1): `cycle_weights` times `discount_weights`.

    Returns
    -------
    Totals (…), a person.
    """
    at_each_point = np.sum(trace * np.asarray(value_of_state, dtype=float), axis=-1)
    total: Numbers = np.tensordot(np.asarray(weights, dtype=float), at_each_point, axes=1)
    return total


def _check(shares: Numbers, what: str) -> None:
    inside = (shares >= -_TOLERANCE) & (shares <= 1 + _TOLERANCE)
    # A comparison with a missing number is false, so that missing numbers end up here too.
    if not (inside.all() and np.allclose(shares.sum(axis=-1), 1.0, atol=_TOLERANCE)):
        raise AnalysisError(
            f"The {what} must lie between 0 and 1 and add up to 1, and some do not: check the rates from "
            "which they were made, and that the share that stays is what the others leave."
        )
