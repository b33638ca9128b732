"""SKAT against R's package, and both engines against each other."""

from __future__ import annotations

import numpy as np
import pytest

from gecip.analysis.genetic.kernel_association import (
    beta_weights,
    imputed_dosages,
    kernel_test,
    null_model,
)
from gecip.errors import AnalysisError

# The toy data of R's SKAT that Hail's own tests print beside their results (test_skat.py, hail-is/hail, MIT).
BINARY = np.array(
    [
        [2, 1, 1, 1, 0, 1, 1, 2, 1, 1, 2, 1, 0, 0, 1],
        [1, 0, 1, 1, 1, 2, 0, 2, 1, 1, 0, 1, 1, 0, 0],
        [0, 2, 0, 0, 2, 1, 1, 2, 2, 1, 1, 1, 0, 1, 1],
        [1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 0],
    ]
)
CASES = np.array([0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0], dtype=float)
COVARIATE = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0], dtype=float)
MEASURED = np.array([[0, 1, 0, 0, 0], [1, 0, 0, 0, 0], [0, 1, 2, 0, 2], [1, 0, 0, 2, 1]])
TRAIT = np.array([3.0, 4, 6, 4, 1])
COVARIATES = np.array([[1.0, 2], [3, 4], [0, 9], [6, 1], [1, 1]])


def with_intercept(covariates: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(covariates)), covariates])


def test_a_binary_trait_gives_rs_q_and_p() -> None:
    null = null_model(CASES, with_intercept(COVARIATE), is_binary=True)
    statistic, p_value = kernel_test(BINARY.astype(float), null, np.ones(4))
    assert statistic == pytest.approx(1.869576, abs=5e-7)
    assert p_value == pytest.approx(0.5819739, abs=5e-7)


@pytest.mark.parametrize(
    ("weights", "q", "p"),
    [([1, 1, 1, 1], 2.854975, 0.2700286), ([1, 2, 1, 1], 3.404505, 0.2497489)],
)
def test_a_measured_trait_gives_rs_q_and_p(weights: list[float], q: float, p: float) -> None:
    null = null_model(TRAIT, with_intercept(COVARIATES), is_binary=False)
    statistic, p_value = kernel_test(MEASURED.astype(float), null, np.array(weights, dtype=float))
    assert statistic == pytest.approx(q, abs=5e-7)
    # R's own integration stops at 1e-6.
    assert p_value == pytest.approx(p, abs=2e-6)


def test_one_variant_of_a_measured_trait_is_the_score_test() -> None:
    random = np.random.default_rng(3)
    trait, dosage = random.normal(size=80), random.binomial(2, 0.3, size=(1, 80)).astype(float)
    null = null_model(trait, np.ones((80, 1)), is_binary=False)
    _, p_value = kernel_test(dosage, null, np.ones(1))
    from scipy.stats import chi2

    squared = np.corrcoef(trait, dosage[0])[0, 1] ** 2 * 79
    assert p_value == pytest.approx(chi2.sf(squared, 1), rel=1e-9)


def test_missing_genotypes_count_as_the_mean_and_weights_follow_the_rarer_allele() -> None:
    dosages, frequency = imputed_dosages(np.array([[0, 2, -1, 1], [-1, -1, -1, -1]], dtype=np.int8))
    assert dosages.tolist() == [[0, 2, 1, 1], [0, 0, 0, 0]]
    assert frequency.tolist() == [0.5, 0]
    assert beta_weights(np.array([0.01])) == beta_weights(np.array([0.99]))
    assert beta_weights(np.array([0.0]))[0] == pytest.approx(625)


def test_a_variant_that_does_not_vary_has_no_p() -> None:
    null = null_model(TRAIT, np.ones((5, 1)), is_binary=False)
    assert np.isnan(kernel_test(np.full((2, 5), 1.0), null, np.ones(2))[1])


def test_a_trait_that_covariates_tell_completely_is_refused() -> None:
    with pytest.raises(AnalysisError, match="completely"):
        null_model(CASES, with_intercept(CASES * 10), is_binary=True)
