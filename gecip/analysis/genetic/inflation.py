"""How far the p-values of a scan are from chance as a whole: genomic inflation, and what chance alone would give."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Numbers = npt.NDArray[np.float64]

# The median of chi-squared with one degree of freedom.
MEDIAN_BY_CHANCE = 0.454936423119572
BAND = 0.95


class Quantiles(NamedTuple):
    """Ordered p-values beside what chance gives, all as -log10; the smallest p first.

    `low` and `high` hold 95 of 100 scans of as many independent variants without any association.
    """

    rank: npt.NDArray[np.int64]
    expected: Numbers
    observed: Numbers
    low: Numbers
    high: Numbers


def genomic_inflation(p_values: pd.Series | Numbers) -> float:
    """Return λGC: the median chi-squared of the p-values over the one that chance gives (Devlin and Roeder 1999).

    1 is none. Missing p-values are left out; those of 0 count as the smallest there is.

    Raises
    ------
    AnalysisError
        When there is no p-value.
    """
    import numpy as np
    from scipy.stats import chi2

    known = _known(p_values)
    return float(chi2.isf(np.median(known), 1) / MEDIAN_BY_CHANCE)


def quantiles(p_values: pd.Series | Numbers, *, most: int = 200) -> Quantiles:
    """Return ordered p-values beside their expectation, with a band from the beta distribution of each rank.

    The p-value of rank i of n has the distribution Beta(i, n - i + 1) by chance. Of many variants all of
    the smallest are given, and fewer and fewer of the rest, evenly on the logarithmic scale.

    Raises
    ------
    AnalysisError
        When there is no p-value.
    """
    import numpy as np
    from scipy.stats import beta

    ordered = np.sort(_known(p_values))
    count = len(ordered)
    rank = np.unique(np.round(np.geomspace(1, count, most)).astype(np.int64))
    rank = np.union1d(rank, np.arange(1, min(count, most // 4) + 1))
    tail = (1 - BAND) / 2
    after = count - rank + 1
    return Quantiles(
        rank=rank,
        expected=-np.log10(rank / (count + 1)),
        observed=-np.log10(ordered[rank - 1]),
        low=-np.log10(beta.ppf(1 - tail, rank, after)),
        high=-np.log10(beta.ppf(tail, rank, after)),
    )


def _known(p_values: pd.Series | Numbers) -> Numbers:
    import numpy as np

    values = np.asarray(p_values, dtype=float)
    values = values[~np.isnan(values)]
    if not len(values):
        raise AnalysisError(
            "There is no p-value to look at: every variant was left out of the scan."
        )
    if (values < 0).any() or (values > 1).any():
        raise AnalysisError("Some of the p-values are no probabilities: give a column from 0 to 1.")
    return np.maximum(values, np.finfo(float).tiny)
