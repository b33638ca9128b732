"""docs/scaling.md says what the committed results say, and extrapolates as it claims."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from benchmarks.extrapolation import (
    PAGE,
    PASSES,
    PEOPLE,
    SITES,
    growth,
    growths,
    page,
    parts_of_the_aggregate,
)  # fmt: skip
from benchmarks.scaling import RESULTS, SIZES

needs_results = pytest.mark.skipif(
    not RESULTS.exists(), reason="not measured yet: python -m benchmarks.scaling"
)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads(RESULTS.read_text(encoding="utf-8"))


@needs_results
def test_the_page_is_printed_from_the_committed_results(document: dict[str, Any]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(document)
    assert not re.search(r"(?<![\d.])1 (?:years|days|hours|minutes)\b", page(document))


@needs_results
def test_the_results_are_of_every_size_and_reach_a_hundred_million_calls(
    document: dict[str, Any],
) -> None:
    measured = [(run["people"], run["variants"]) for run in document["runs"]]
    assert sorted(measured) == sorted((people, variants) for people, variants, _ in SIZES)
    for axis in (0, 1):
        along = [size for size in measured if size[axis] == max(one[axis] for one in measured)]
        assert all(people * variants >= 100_000_000 for people, variants in along)
    assert all(
        run["passes"][name]["processor"] > 0
        for run in document["runs"]
        for name in ("burden", "score")
    )


def test_an_exponent_that_was_planted_is_found_within_its_interval() -> None:
    calls = np.geomspace(1e6, 1e8, 8)
    exact = growth([(one, 3e-7 * one**0.93) for one in calls])
    assert exact.exponent == pytest.approx(0.93)
    assert exact.low == pytest.approx(exact.high)
    assert exact.at(1e9, exact.exponent) == pytest.approx(3e-7 * 1e9**0.93)
    noise = np.exp(np.random.default_rng(4).normal(0, 0.1, (300, 8)))
    found = [growth(list(zip(calls, 3e-7 * calls**0.93 * one, strict=True))) for one in noise]
    # Of intervals of 95 %, about so many hold the truth.
    assert 0.91 <= np.mean([one.low <= 0.93 <= one.high for one in found]) <= 0.99


@needs_results
def test_the_exponents_are_those_of_a_second_fit(document: dict[str, Any]) -> None:
    for name, one in growths(document["runs"]).items():
        points = [
            (run["people"] * run["variants"], run["passes"][name]["processor"] - run["fixed"][name])
            for run in document["runs"]
            if name in run["passes"] and run["cores"] > 1
        ]
        x, y = np.log([one for one in points if one[1] > 0]).T
        slope, _ = optimize.curve_fit(lambda at, k, c: k * at + c, x, y)[0]
        assert one.exponent == pytest.approx(slope, rel=1e-5)
        assert len(points) >= one.sizes >= 4
        assert f"{one.exponent:.2f}" in PAGE.read_text(encoding="utf-8"), PASSES[name]


def test_the_whole_is_what_the_programme_published() -> None:
    parts = parts_of_the_aggregate()
    assert parts["all autosomes"] == SITES == 722_342_407
    assert PEOPLE == 78_195
    # A gene of 50 kb at the mean density of sites, a quarter of all bases.
    assert parts["one gene of 50 kb"] == pytest.approx(50_000 * SITES / 2_875_001_522)
