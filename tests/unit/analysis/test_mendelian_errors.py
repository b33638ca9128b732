"""Mendelian errors: the table of what parents can give, and the counts of Hail and bcftools."""

from __future__ import annotations

from itertools import product

import numpy as np

from gecip.analysis.genetic.mendelian_errors import Trio, count_errors

GAMETES = {0: ["A"], 1: ["A", "B"], 2: ["B"]}


def test_every_combination_is_judged_as_the_gametes_say() -> None:
    combinations = list(product([-1, 0, 1, 2], repeat=3))
    dosages = np.array(combinations, dtype=np.int8)
    by_trio, by_variant = count_errors(dosages, [Trio(0, 1, 2)])
    for row, (child, father, mother) in enumerate(combinations):
        known = min(child, father, mother) >= 0
        possible = known and child in {
            (one + other).count("B") for one in GAMETES[father] for other in GAMETES[mother]
        }
        assert by_variant[row].tolist() == [int(known and not possible), int(known)]
    assert by_trio.tolist() == [by_variant.sum(axis=0).tolist()]
