from __future__ import annotations

from collections import Counter

import numpy as np

from gecip.synthetic.random_streams import draw_freely, draw_in_proportion, random_stream


def test_a_stream_is_told_by_seed_and_name() -> None:
    first = random_stream(3, "participant").integers(0, 1_000_000, 20)
    assert np.array_equal(first, random_stream(3, "participant").integers(0, 1_000_000, 20))
    assert not np.array_equal(first, random_stream(3, "mortality").integers(0, 1_000_000, 20))
    assert not np.array_equal(first, random_stream(4, "participant").integers(0, 1_000_000, 20))


def test_streams_of_different_names_are_uncorrelated() -> None:
    first, second = (random_stream(1, name).normal(size=20_000) for name in ("a", "b"))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03


def test_counts_drawn_in_proportion_miss_their_share_by_less_than_one() -> None:
    shares = {"a": 0.77, "b": 0.2, "c": 0.03}
    for seed in range(20):
        counts = Counter(draw_in_proportion(random_stream(seed, "x"), shares, size=117))
        assert all(abs(counts[label] - 117 * share) < 1 for label, share in shares.items())


def test_labels_drawn_in_proportion_come_in_random_order() -> None:
    drawn = draw_in_proportion(random_stream(1, "x"), {"a": 0.5, "b": 0.5}, size=1_000)
    runs = 1 + int((drawn[1:] != drawn[:-1]).sum())
    assert 430 < runs < 570


def test_nothing_is_drawn_for_nobody() -> None:
    assert len(draw_in_proportion(random_stream(1, "x"), {"a": 1.0}, size=0)) == 0
    assert len(draw_freely(random_stream(1, "x"), {"a": 1.0}, size=0)) == 0
