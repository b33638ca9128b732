"""Transmissions counted from every table of a trio's genotypes, by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gecip.analysis.genetic.transmission import count_transmissions


def by_hand(child: int, father: int, mother: int) -> tuple[int, int]:
    """Count over the ways in which the parents' copies make the child; all ways give the same counts."""
    copies = {0: (0, 0), 1: (0, 1), 2: (1, 1)}
    for one, two in itertools.product((0, 1), (0, 1)):
        if copies[father][one] + copies[mother][two] == child:
            handed = [copies[p][c] for p, c in ((father, one), (mother, two)) if p == 1]
            return sum(handed), len(handed) - sum(handed)
    return 0, 0


@pytest.mark.parametrize("genotypes", list(itertools.product(range(3), repeat=3)))
def test_an_autosomal_trio_counts_what_parents_with_one_copy_gave(
    genotypes: tuple[int, int, int],
) -> None:
    child, father, mother = (np.array([[one]]) for one in genotypes)
    handed, kept = count_transmissions(child, father, mother, from_mother_only=False)
    assert (int(handed[0, 0]), int(kept[0, 0])) == by_hand(*genotypes)


@pytest.mark.parametrize("missing", range(3))
def test_a_missing_genotype_makes_a_trio_count_for_nothing(missing: int) -> None:
    trio = [np.array([[1]]), np.array([[1]]), np.array([[1]])]
    trio[missing] = np.array([[-1]])
    handed, kept = count_transmissions(*trio, from_mother_only=False)
    assert handed.sum() == kept.sum() == 0


@pytest.mark.parametrize(
    ("son", "mother", "counts"), [(0, 1, (0, 1)), (2, 1, (1, 0)), (2, 2, (0, 0)), (1, 1, (0, 0))]
)
@pytest.mark.parametrize("father", [0, 2])
def test_a_son_has_his_x_from_his_mother(
    son: int, mother: int, counts: tuple[int, int], father: int
) -> None:
    trio = (np.array([[one]]) for one in (son, father, mother))
    handed, kept = count_transmissions(*trio, from_mother_only=True)
    assert (int(handed[0, 0]), int(kept[0, 0])) == counts
