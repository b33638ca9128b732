"""Genomic inflation and the quantiles that chance gives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from gecip.analysis.genetic.inflation import genomic_inflation, quantiles
from gecip.errors import AnalysisError


def test_inflated_chi_squared_has_its_factor_as_inflation() -> None:
    even = chi2.ppf((np.arange(10_001) + 0.5) / 10_001, 1)
    assert genomic_inflation(chi2.sf(even, 1)) == pytest.approx(1, rel=1e-6)
    assert genomic_inflation(chi2.sf(1.3 * even, 1)) == pytest.approx(1.3, rel=1e-6)
    assert genomic_inflation(np.append(chi2.sf(even, 1), np.nan)) == pytest.approx(1, rel=1e-6)


def test_the_band_holds_nineteen_of_twenty_scans_at_each_rank() -> None:
    random = np.random.default_rng(1)
    inside = []
    for _ in range(400):
        found = quantiles(random.random(500), most=40)
        inside.append((found.low <= found.observed) & (found.observed <= found.high))
    assert np.mean(inside, axis=0).min() > 0.91
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)


def test_all_of_the_smallest_are_given_and_few_of_the_rest() -> None:
    p_values = np.arange(1, 100_001) / 100_001
    found = quantiles(p_values)
    assert len(found.rank) < 260
    assert found.rank[:50].tolist() == list(range(1, 51))
    assert found.rank[-1] == 100_000
    assert found.observed == pytest.approx(found.expected)


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(AnalysisError, match="no p-value"):
        genomic_inflation([float("nan")])
    with pytest.raises(AnalysisError, match="no probabilities"):
        quantiles([0.5, 1.5])
    assert np.isfinite(quantiles([0.0, 1.0]).observed).all()
