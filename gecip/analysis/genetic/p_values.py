"""Two-sided p-values of statistics, and their logarithms where the p-values themselves are 0 to a computer."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from gecip.compiling import compiled

Numbers = npt.NDArray[np.float64]

TERMS = 10_000
TINY = 1e-300
# Below this a probability loses digits, and then all.
LEAST_P = 1e-280


@compiled()
def _beta_fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method."""
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > TINY else TINY)
    fraction = d
    for m in range(1, TERMS):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0)),
        ):
            d = 1.0 + numerator * d
            d = 1.0 / (d if abs(d) > TINY else TINY)
            c = 1.0 + numerator / c
            c = c if abs(c) > TINY else TINY
            fraction *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return fraction


@compiled()
def _log_tail(statistics: Numbers, degrees: float) -> Numbers:
    """Return ln p of Student's t, two-sided, far out: I_x(degrees/2, 1/2) at x = d/(d + t²)."""
    a, b = 0.5 * degrees, 0.5
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    logs = np.empty(statistics.size)
    for place in range(statistics.size):
        square = statistics[place] * statistics[place]
        # Where x is near 1 its logarithm is that of the distance.
        factor = -a * math.log1p(square / degrees) - b * math.log1p(degrees / square) - log_beta
        x = degrees / (degrees + square)
        logs[place] = factor - math.log(a) + math.log(_beta_fraction(a, b, x))
    return logs


def log_p_of_t(statistics: Numbers, degrees: float) -> Numbers:
    """Return ln p of Student's t, two-sided: exact also where p is too small for a number; NaN stays NaN."""
    from scipy.special import stdtr

    with np.errstate(divide="ignore"):
        p = 2.0 * stdtr(degrees, -np.abs(statistics))
        logs: Numbers = np.log(p)
    far = (p < LEAST_P) & np.isfinite(statistics)
    if far.any():
        logs[far] = _log_tail(statistics[far], float(degrees))
    return logs


def log_p_of_z(statistics: Numbers) -> Numbers:
    """Return ln p of a standard normal statistic, two-sided."""
    from scipy.special import log_ndtr

    logs: Numbers = math.log(2.0) + log_ndtr(-np.abs(statistics))
    return logs
