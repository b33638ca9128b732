"""Principal components: the same numbers as Hail's and as a full decomposition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gecip import define_cohort, load_genotypes, open_release, select_cohort
from gecip.analysis.genetic import structure
from gecip.analysis.genetic.structure import (
    PrincipalComponents,
    Standardised,
    frequencies,
    leading_axes,
    principal_components,
)
from gecip.errors import AnalysisError
from gecip.genotypes import Genotypes
from tests.unit.analysis.compact_people import packed_people
from tests.unit.genotypes.aggregates import write_aggregate

MISSING = -1


def three_populations(variants: int, people: int) -> tuple[Any, Any]:
    """Return dosages of three drifted populations, some missing, and everybody's population."""
    random = np.random.default_rng(5)
    population = random.integers(0, 3, size=people)
    ancestral = random.uniform(0.1, 0.9, size=(variants, 1))
    drifted = np.clip(ancestral + random.normal(0, 0.12, size=(variants, 3)), 0.02, 0.98)
    dosages = random.binomial(2, drifted[:, population]).astype(np.int8)
    dosages[random.random(dosages.shape) < 0.03] = MISSING
    return dosages, population


def standardised(dosages: Any) -> Any:
    """Return the matrix that is decomposed, written down as its definition says."""
    known = np.ma.masked_less(dosages, 0)
    frequency = known.mean(axis=1).data[:, None] / 2
    scaled = (known - 2 * frequency) / np.sqrt(2 * frequency * (1 - frequency) * len(dosages))
    return scaled.filled(0.0)


def test_frequencies_count_known_alleles_only() -> None:
    dosages = np.array([[0, 1, 2, -1], [-1, -1, -1, -1], [2, 2, 2, 2]], dtype=np.int8)
    assert frequencies(packed_people(dosages)).tolist() == [0.5, 0.0, 1.0]


@pytest.mark.slow
@pytest.mark.parametrize("exactly_up_to", [1_000, 10])
def test_both_ways_find_the_leading_axes_of_a_full_decomposition(
    monkeypatch: pytest.MonkeyPatch, exactly_up_to: int
) -> None:
    monkeypatch.setattr(structure, "PEOPLE_FOR_EXACT", exactly_up_to)
    monkeypatch.setattr(structure, "BLOCK_BYTES", 170 * 250 * 4)
    dosages, _ = three_populations(600, 250)
    genotypes = packed_people(dosages)
    matrix = Standardised(genotypes, frequencies(genotypes))
    values, axes = leading_axes(matrix, 4, seed=0)
    full = np.linalg.svd(standardised(dosages))
    assert values == pytest.approx(full.S[:4] ** 2, rel=1e-5)
    leading = np.abs((axes * full.Vh[:4].T).sum(axis=0))
    assert leading[:2] == pytest.approx(1.0, abs=1e-6)
    assert leading[2:] == pytest.approx(1.0, abs=1e-3)  # the others hold noise, nearly alike
    assert matrix.total_variance() == pytest.approx((full.S**2).sum(), rel=1e-5)


@pytest.fixture(scope="module")
def genotypes(hail: Any, tmp_path_factory: pytest.TempPathFactory) -> Genotypes:
    """Genotypes of 60 people in three populations at 400 variants, some of them missing."""
    folder = write_aggregate(tmp_path_factory.mktemp("releases") / "five")
    five = load_genotypes(select_cohort(define_cohort("Everyone"), open_release(folder)))
    mt = hail.balding_nichols_model(3, 60, 400, fst=[0.1, 0.1, 0.1], reference_genome="GRCh38")
    mt = mt.annotate_entries(GT=hail.or_missing(hail.rand_bool(0.97, seed=3), mt.GT))
    mt = mt.key_cols_by(participant_id=mt.sample_idx).checkpoint(hail.utils.new_temp_file())
    return five.with_matrix(mt, because="simulated")


@pytest.mark.jvm
def test_scores_and_eigenvalues_are_those_of_hail(hail: Any, genotypes: Genotypes) -> None:
    found = principal_components(genotypes, count=2, rarest=0.0)
    mt = genotypes.mt
    alleles = hail.agg.sum(mt.GT.n_alt_alleles())
    known = 2 * hail.agg.count_where(hail.is_defined(mt.GT))
    mt = mt.filter_rows((alleles > 0) & (alleles < known))
    values, scores, _ = hail.hwe_normalized_pca(mt.GT, k=2)
    assert found.eigenvalues == pytest.approx(values, rel=1e-4)
    of_hail = np.array(scores.scores.collect())
    ours = found.scores[["PC1", "PC2"]].to_numpy()
    signs = np.sign((of_hail * ours).sum(axis=0))
    assert ours * signs == pytest.approx(of_hail, abs=1e-3)
    assert found.scores["participant_id"].tolist() == scores.participant_id.collect()


@pytest.mark.jvm
def test_loadings_project_people_to_their_own_scores(genotypes: Genotypes) -> None:
    from gecip.genotypes.dosages import dosage_matrix

    found = principal_components(genotypes, count=2, rarest=0.05)
    used = found.loadings
    counts, variants, _ = dosage_matrix(genotypes)
    counts = counts[variants["position"].isin(used["position"]).to_numpy()]
    frequency = used["frequency"].to_numpy()
    deviation = np.sqrt(2 * frequency * (1 - frequency) * len(used))
    scaled = np.where(counts < 0, 0.0, counts - 2 * frequency[:, None]) / deviation[:, None]
    projected = scaled.T @ used[["PC1", "PC2"]].to_numpy()
    assert projected == pytest.approx(found.scores[["PC1", "PC2"]].to_numpy(), abs=1e-4)
    assert used["frequency"].between(0.05, 0.95).all()
    assert len(used) < len(variants)


@pytest.mark.jvm
def test_the_same_seed_gives_the_same_components_and_is_remembered(
    genotypes: Genotypes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structure, "PEOPLE_FOR_EXACT", 10)
    first, second = (principal_components(genotypes, count=2, seed=9) for _ in range(2))
    assert first.scores.equals(second.scores)
    assert first.provenance.parameter("seed") == 9
    assert repr(first) == (
        f"PrincipalComponents(components=2, people=60, variants={len(first.loadings)})"
    )
    assert isinstance(first, PrincipalComponents)


@pytest.mark.jvm
def test_more_components_than_people_are_refused(genotypes: Genotypes) -> None:
    with pytest.raises(AnalysisError, match="60 components need more than 60 people"):
        principal_components(genotypes, count=60)
