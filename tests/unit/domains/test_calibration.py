"""Measures of probabilities, against arithmetic by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from domains.machine_learning.calibration import (
    accuracy,
    brier_score,
    equal_mass_bins,
    expected_calibration_error,
    mean_ranking_score,
    ranking_score,
)
from gecip.errors import AnalysisError


def test_the_brier_score_of_two_classes_is_the_mean_squared_miss() -> None:
    probabilities = np.array([[0.8, 0.2], [0.4, 0.6]])
    # (0.2² + 0.6²) / 2
    assert brier_score(np.array([0, 0]), probabilities) == pytest.approx(0.2)


def test_the_brier_score_of_three_classes_adds_up_over_them() -> None:
    # 0.5² + 0.3² + 0.2²
    assert brier_score(np.array([0]), np.array([[0.5, 0.3, 0.2]])) == pytest.approx(0.38)


@pytest.mark.parametrize("classes", [2, 4])
def test_the_brier_score_is_scikit_learns(classes: int) -> None:
    random = np.random.default_rng(3)
    observed = np.concatenate([np.arange(classes), random.integers(classes, size=60)])
    probabilities = random.dirichlet(np.ones(classes), size=len(observed))
    given = probabilities[:, 1] if classes == 2 else probabilities
    assert brier_score(observed, probabilities) == pytest.approx(brier_score_loss(observed, given))


def test_the_calibration_error_is_the_gap_of_each_bin_weighed_by_its_people() -> None:
    confidence = np.array([0.9, 0.9, 0.9, 0.9, 0.6, 0.6, 0.6, 0.6])
    came_true = np.array([True, True, False, False, True, True, True, False])
    # Half of |0.9 - 0.5| and half of |0.6 - 0.75|.
    error = expected_calibration_error(came_true, confidence, bins=2)
    assert error == pytest.approx(0.5 * 0.4 + 0.5 * 0.15)


def test_bins_hold_equally_many_people_where_nobody_ties() -> None:
    cut = equal_mass_bins(np.random.default_rng(1).permutation(40) / 40, bins=8)
    assert np.bincount(cut.bin_of).tolist() == [5] * 8


def test_people_of_one_confidence_are_in_one_bin_whatever_their_order() -> None:
    confidence = np.array([0.5] * 7 + [0.9] * 3)
    order = np.random.default_rng(2).permutation(10)
    cut, shuffled = equal_mass_bins(confidence, bins=5), equal_mass_bins(confidence[order], bins=5)
    assert cut.count == 2
    assert (cut.bin_of[order] == shuffled.bin_of).all()


def test_nobody_cannot_be_calibrated() -> None:
    with pytest.raises(AnalysisError, match="at least one person"):
        equal_mass_bins(np.array([]), bins=5)


def test_the_ranking_score_counts_the_pairs_in_order() -> None:
    # Of the four pairs of a case and another three are in order.
    is_case = np.array([True, True, False, False])
    assert ranking_score(is_case, np.array([0.9, 0.4, 0.5, 0.1])) == pytest.approx(0.75)
    assert ranking_score(is_case, np.ones(4)) == pytest.approx(0.5)
    assert np.isnan(ranking_score(np.zeros(4, dtype=bool), np.ones(4)))


def test_the_mean_ranking_score_is_scikit_learns_one_against_the_rest() -> None:
    random = np.random.default_rng(4)
    observed = random.integers(3, size=80)
    probabilities = random.dirichlet(np.ones(3), size=80).round(2)
    probabilities[:, 2] = 1 - probabilities[:, 0] - probabilities[:, 1]
    wanted = np.mean([roc_auc_score(observed == k, probabilities[:, k]) for k in range(3)])
    assert mean_ranking_score(observed, probabilities) == pytest.approx(wanted)


def test_accuracy_is_the_share_whose_likeliest_class_is_theirs() -> None:
    probabilities = np.array([[0.6, 0.4], [0.3, 0.7], [0.8, 0.2]])
    assert accuracy(np.array([0, 1, 1]), probabilities) == pytest.approx(2 / 3)
