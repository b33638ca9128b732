"""The tail of a weighted sum of chi-squared variables, as precise for a p of 1e-100 as for one of a half."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

NODES = 400
# Weights below this share of their mean are left out, as SKAT's own code does.
LEAST_SHARE = 1e-5


def tail_of_mixture(statistic: float, weights: Sequence[float] | npt.NDArray[np.float64]) -> float:
    """Return the probability that a sum of weighted chi-squared variables of one degree exceeds a value.

    The tail is the integral of exp(K(s) - s x) / s along a line to the right of 0 in the complex plane,
    with K the sum's cumulant function (Imhof 1961; Daniels 1987). The line is bent round the branch cut
    of K and put through the saddlepoint, where the trapezoidal rule converges exponentially: so the
    error is relative to the tail, where Davies' method has one of 1e-6 whatever the tail.

    Parameters
    ----------
    statistic
        The value, from 0 up.
    weights
        From 0 up; those far below the mean are left out.

    Returns
    -------
    A number from 0 to 1; missing where there is no weight above 0.
    """
    own = np.asarray(weights, dtype=float)
    own = own[own > 0]
    if not len(own) or np.isnan(statistic):
        return float("nan")
    own = own[own >= LEAST_SHARE * own.mean()]
    if statistic <= 0:
        return 1.0
    # In units of the largest weight the cut begins at a half.
    value, own = statistic / own.max(), own / own.max()
    crossing = _saddlepoint(value, own)
    # The curve opens to the right: s = c + u² + i u, with exp(-x s) as its decay; u is taken finer where
    # the pole at 0 or the branch point at a half is near.
    nearest = min(crossing, 0.5 - crossing)
    end = np.arcsinh(np.sqrt(80 / value) / nearest)
    steps = np.linspace(-end, end, 2 * NODES + 1)
    place = nearest * np.sinh(steps)
    curve = crossing + place**2 + 1j * place
    slope = (2 * place + 1j) * nearest * np.cosh(steps)
    logs = -0.5 * np.log(1 - 2 * curve[:, None] * own[None, :]).sum(axis=1) - curve * value
    level = logs[NODES].real
    total = (np.exp(logs - level) / curve * slope).sum() * (steps[1] - steps[0])
    tail = float((total / (2j * np.pi)).real * np.exp(level))
    return min(max(tail, 0.0), 1.0)


def _saddlepoint(value: float, weights: npt.NDArray[np.float64]) -> float:
    """Return where the integrand is least on the line from 0 to the cut, kept clear of both ends."""
    low, high = 1e-3, 0.5 * (1 - 1e-9)
    for _ in range(60):
        middle = (low + high) / 2
        if (weights / (1 - 2 * middle * weights)).sum() - 1 / middle < value:
            low = middle
        else:
            high = middle
    return (low + high) / 2
