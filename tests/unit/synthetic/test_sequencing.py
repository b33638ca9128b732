from __future__ import annotations

import math

import numpy as np
import pytest

from gecip.synthetic.sequencing import (
    ERROR_RATE,
    likelihoods,
    partial_call,
    second_likelihood,
)


@pytest.mark.parametrize(("depth", "alternate"), [(38, 0), (40, 19), (31, 31), (12, 3), (1, 1)])
def test_likelihoods_are_those_of_independent_reads(depth: int, alternate: int) -> None:
    reference = depth - alternate
    plain = [
        -10 * math.log10((1 - share) ** reference * share**alternate)
        for share in (ERROR_RATE, 0.5, 1 - ERROR_RATE)
    ]
    expected = [min(round(value - min(plain)), 255) for value in plain]
    assert likelihoods()[depth, alternate].tolist() == expected


def test_quality_is_the_second_smallest_likelihood_at_most_99() -> None:
    scaled = sorted(likelihoods()[20, 9].tolist())
    assert second_likelihood()[1, 20, 9] == min(scaled[1], 99)
    assert second_likelihood()[0, 38, 0] == 99


def test_a_call_of_two_alternates_is_the_likeliest_of_six_genotypes() -> None:
    call = partial_call(hemizygous=False, depth=40, alternate=19, other=21)
    assert call.quality == 99
    assert call.likelihoods == (255, 255, 255)


def test_genotypes_with_an_allele_that_was_not_seen_are_as_unlikely_as_can_be() -> None:
    call = partial_call(hemizygous=False, depth=10, alternate=0, other=5)
    assert call.likelihoods[1:] == (255, 255)
    # Five reads of another allele, against no other allele at all.
    against = 5 * -10 * math.log10(ERROR_RATE) + 5 * -10 * math.log10(1 - ERROR_RATE)
    assert call.likelihoods[0] == round(against - 10 * -10 * math.log10(0.5))
    single = partial_call(hemizygous=True, depth=10, alternate=0, other=10)
    assert single.likelihoods == (round(10 * -10 * math.log10(ERROR_RATE / (1 - ERROR_RATE))), 255)


def test_likelihoods_are_whole_numbers_from_0_to_255() -> None:
    table = likelihoods()
    assert table.min() == 0
    assert table.max() == 255
    assert np.issubdtype(table.dtype, np.integer)
