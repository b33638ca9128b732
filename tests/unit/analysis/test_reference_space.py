"""Components of a reference, on people drawn from three populations whose frequencies drifted apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gecip.analysis.genetic.reference_space import (
    LINKAGE_WINDOW,
    UNASSIGNED,
    allele_frequencies,
    informative_sites,
    project,
    reference_space,
    resemble,
)
from gecip.errors import AnalysisError

SITES, PEOPLE = 1_500, 40
NAMES = ("A", "B", "C")


@pytest.fixture(scope="module")
def frequencies() -> Any:
    """Return allele frequencies by population (Balding and Nichols 1995): shape (3, sites)."""
    random = np.random.default_rng(11)
    ancestral, drift = random.uniform(0.2, 0.8, size=SITES), 0.1
    scale = (1 - drift) / drift
    return random.beta(ancestral * scale, (1 - ancestral) * scale, size=(len(NAMES), SITES))


def people_of(first: Any, second: Any, *, size: int, seed: int) -> Any:
    """Return people with one copy from each of two populations: shape (sites, people)."""
    random = np.random.default_rng(seed)
    shape = (SITES, size)
    copies = (random.random(shape) < first[:, None]).astype(np.int8)
    return copies + (random.random(shape) < second[:, None]).astype(np.int8)


@pytest.fixture(scope="module")
def space(frequencies: Any) -> Any:
    dosages = [people_of(own, own, size=PEOPLE, seed=k) for k, own in enumerate(frequencies)]
    return reference_space(np.concatenate(dosages, axis=1), np.repeat(NAMES, PEOPLE).tolist())


@pytest.mark.slow
def test_new_people_resemble_their_own_population(space: Any, frequencies: Any) -> None:
    for name, own in zip(NAMES, frequencies, strict=True):
        asked = project(space, people_of(own, own, size=30, seed=100))
        assert (resemble(space, asked).similar_to == name).mean() >= 0.9


@pytest.mark.slow
def test_children_of_two_populations_are_left_unassigned(space: Any, frequencies: Any) -> None:
    asked = project(space, people_of(frequencies[0], frequencies[1], size=30, seed=200))
    assert (resemble(space, asked).similar_to == UNASSIGNED).mean() >= 0.9


def test_new_people_keep_most_of_real_components_and_little_of_the_others(space: Any) -> None:
    assert space.used.tolist() == [True, True] + [False] * 6
    assert (space.reach < 1).all()


@pytest.mark.slow
def test_people_of_a_population_without_a_reference_are_left_unassigned(space: Any) -> None:
    random = np.random.default_rng(12)
    elsewhere = random.uniform(0.05, 0.95, size=SITES)
    asked = project(space, people_of(elsewhere, elsewhere, size=30, seed=400))
    found = resemble(space, asked)
    assert (found.similar_to == UNASSIGNED).all()
    assert np.median(found.outlier_factor) > 1.5


def test_nobody_asked_is_nobody_told(space: Any) -> None:
    found = resemble(space, project(space, np.empty((SITES, 0), dtype=np.int8)))
    assert len(found.similar_to) == 0


def test_projection_is_the_standardised_dosages_on_the_loadings(space: Any) -> None:
    dosages = people_of(space.frequencies, space.frequencies, size=3, seed=300)
    p = space.frequencies[:, None]
    by_hand = ((dosages - 2 * p) / np.sqrt(2 * p * (1 - p))).T @ space.loadings
    assert np.allclose(project(space, dosages), by_hand)
    unknown = np.full_like(dosages, -1)
    assert np.allclose(project(space, unknown), 0)


def test_other_sites_are_refused(space: Any) -> None:
    with pytest.raises(AnalysisError, match="give the same sites"):
        project(space, np.zeros((SITES - 1, 2), dtype=np.int8))


@pytest.mark.parametrize("labels", [["A"] * 10, ["A"] * 6 + ["B"] * 4])
def test_a_reference_needs_two_groups_of_five(labels: list[str]) -> None:
    with pytest.raises(AnalysisError, match="two groups of 5"):
        reference_space(np.ones((20, 10), dtype=np.int8), labels)


def test_frequencies_are_taken_over_known_genotypes() -> None:
    dosages = np.array([[0, 1, 2, -1], [-1, -1, -1, -1]], dtype=np.int8)
    assert allele_frequencies(dosages).tolist() == [0.5, 0.0]


def sites_kept(dosages: Any, **changes: Any) -> list[int]:
    count = len(dosages)
    facts = {
        "contigs": ["chr1"] * count,
        "positions": [1 + 10 * LINKAGE_WINDOW * at for at in range(count)],
        "alleles": [("A", "G")] * count,
    } | changes
    return informative_sites(dosages, **facts).tolist()


def test_rare_ambiguous_and_badly_called_sites_are_left_out() -> None:
    random = np.random.default_rng(5)
    dosages = random.binomial(2, 0.4, size=(4, 100)).astype(np.int8)
    dosages[0] = 0
    dosages[0, 0] = 1
    dosages[1, :2] = -1
    alleles = [("A", "G"), ("A", "G"), ("A", "T"), ("A", "G")]
    assert sites_kept(dosages, alleles=alleles) == [3]


def test_a_site_at_which_everybody_has_one_copy_of_each_is_left_out() -> None:
    dosages = np.random.default_rng(7).binomial(2, 0.4, size=(2, 100)).astype(np.int8)
    dosages[0] = 1
    assert sites_kept(dosages) == [1]


def test_of_linked_sites_the_first_is_kept_and_beyond_the_window_both() -> None:
    site = np.random.default_rng(6).binomial(2, 0.4, size=100).astype(np.int8)
    twice = np.stack([site, site])
    assert sites_kept(twice, positions=[1, 1 + LINKAGE_WINDOW]) == [0]
    assert sites_kept(twice, positions=[1, 2 + LINKAGE_WINDOW]) == [0, 1]
    assert sites_kept(twice, positions=[1, 2], contigs=["chr1", "chr2"]) == [0, 1]
