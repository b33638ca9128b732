"""P-values and their logarithms, against exact forms and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gecip.analysis.genetic.p_values import log_p_of_t, log_p_of_z


@settings(max_examples=100, deadline=None)
@given(t=st.floats(-20, 20), degrees=st.integers(3, 100_000))
def test_students_p_is_scipys(t: float, degrees: int) -> None:
    (log,) = log_p_of_t(np.array([t]), float(degrees))
    assert math.exp(log) == pytest.approx(2 * stats.t.sf(abs(t), degrees), rel=1e-9)


@pytest.mark.parametrize("t", [1e5, 1e20, 1e60])
def test_far_out_two_degrees_have_their_exact_form(t: float) -> None:
    # p = 1 - t / sqrt(2 + t²) with two degrees of freedom; 1/t² far out.
    (log,) = log_p_of_t(np.array([t]), 2.0)
    assert log == pytest.approx(-2 * math.log(t), rel=1e-9)


@pytest.mark.parametrize("degrees", [50.0, 2_000.0, 90_000.0])
def test_the_logarithm_goes_on_smoothly_where_probabilities_end(degrees: float) -> None:
    edge = stats.t.isf(1e-280, degrees) if degrees > 100 else 1e7
    t = np.linspace(edge * 0.98, edge * 1.02, 201)
    logs = log_p_of_t(t, degrees)
    assert np.isfinite(logs).all()
    # d ln p / dt is -(hazard), which changes slowly: second differences are small beside the first.
    steps = np.diff(logs)
    assert (steps < 0).all()
    assert np.abs(np.diff(steps)).max() < 0.01 * np.abs(steps).max()


def test_many_degrees_are_nearly_a_normal_and_z_has_its_logarithm() -> None:
    z = np.array([0.0, 1.96, 10.0, 38.0, 60.0, np.nan])
    logs = log_p_of_z(z)
    assert logs[:3] == pytest.approx(np.log(2 * stats.norm.sf(z[:3])), rel=1e-12)
    # Mills' ratio far out: p ≈ 2 φ(z)/z (1 - 1/z²).
    far = math.log(2) - 60**2 / 2 - 0.5 * math.log(2 * math.pi) - math.log(60) - 1 / 60**2
    assert logs[4] == pytest.approx(far, abs=1e-6)
    assert np.isnan(logs[5])
    assert log_p_of_t(z, 1e9)[:5] == pytest.approx(logs[:5], rel=1e-5)
    assert np.isnan(log_p_of_t(z, 10.0)[5])
