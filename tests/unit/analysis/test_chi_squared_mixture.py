"""The tail of a weighted sum of chi-squared variables, against chi-squared itself and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from gecip.analysis.genetic.chi_squared_mixture import tail_of_mixture


@pytest.mark.parametrize("degrees", [1, 2, 3, 10, 50, 300])
@pytest.mark.parametrize("tail", [0.999999, 0.9, 0.5, 0.01, 1e-8, 1e-30, 1e-100, 1e-250])
def test_equal_weights_give_chi_squared_however_small_the_tail(degrees: int, tail: float) -> None:
    statistic = 3.7 * chi2.isf(tail, degrees)
    assert tail_of_mixture(statistic, np.full(degrees, 3.7)) == pytest.approx(tail, rel=1e-9)


@given(st.floats(0.05, 20), st.floats(0.1, 60))
def test_pairs_of_weights_give_a_sum_of_exponentials(ratio: float, statistic: float) -> None:
    """Two equal weights a make an exponential of mean 2a; two of these have a closed form."""
    a, b = 1.0, ratio
    if abs(a - b) < 0.02:
        return
    expected = (a * math.exp(-statistic / (2 * a)) - b * math.exp(-statistic / (2 * b))) / (a - b)
    assert tail_of_mixture(statistic, [a, a, b, b]) == pytest.approx(expected, rel=1e-8, abs=1e-300)


def test_the_ends_are_what_they_are() -> None:
    assert tail_of_mixture(0.0, [1.0]) == 1.0
    assert math.isnan(tail_of_mixture(1.0, []))
    assert math.isnan(tail_of_mixture(1.0, [0.0, 0.0]))
    assert math.isnan(tail_of_mixture(math.nan, [1.0]))
