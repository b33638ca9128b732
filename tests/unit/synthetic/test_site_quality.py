from __future__ import annotations

import math
from itertools import product

import pytest

from gecip.synthetic import site_quality
from gecip.synthetic.site_quality import hardy_weinberg_mid_p


@pytest.mark.parametrize("people", [1, 5, 9, 24])
def test_mid_p_is_counted_over_all_that_could_be(people: int) -> None:
    for reference, heterozygous in product(range(people + 1), repeat=2):
        alternate = people - reference - heterozygous
        if alternate < 0:
            continue
        rare = 2 * min(reference, alternate) + heterozygous
        chances = _chances(people, rare)
        seen = chances[heterozygous]
        tail = sum(p for p in chances.values() if p <= seen * (1 + 1e-9))
        ties = sum(p for p in chances.values() if abs(p - seen) <= seen * 1e-9)
        found = hardy_weinberg_mid_p(reference, heterozygous, alternate)
        assert found == pytest.approx(1.0 if rare == 0 else tail - ties / 2)


def _chances(people: int, rare: int) -> dict[int, float]:
    """Chances of each number of heterozygotes, by counting the ways to deal alleles to people."""
    ways = {
        n: 2**n
        * math.factorial(people)
        // (
            math.factorial((rare - n) // 2)
            * math.factorial(n)
            * math.factorial(people - (rare + n) // 2)
        )
        for n in range(rare % 2, rare + 1, 2)
        if people >= (rare + n) // 2
    }
    return {n: count / sum(ways.values()) for n, count in ways.items()}


@pytest.mark.parametrize(("reads", "depth"), [(9, 40), (14, 40), (20, 40), (1, 9), (2, 9), (0, 5)])
def test_allele_balance_is_a_two_sided_binomial_test(reads: int, depth: int) -> None:
    from scipy.stats import binomtest

    balanced = site_quality._is_balanced()[depth, reads]
    assert balanced == (binomtest(reads, depth, 0.5).pvalue > 0.01)


def test_nobody_and_one_allele_are_in_proportion() -> None:
    assert hardy_weinberg_mid_p(0, 0, 0) == 1
    assert hardy_weinberg_mid_p(50, 0, 0) == 1
    assert hardy_weinberg_mid_p(100, 0, 30) < 1e-5
