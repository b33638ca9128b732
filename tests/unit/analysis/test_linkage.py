"""Linkage pruning: the rule in words, and the same set as Hail's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gecip.analysis.genetic.linkage import prune_linkage, pruned_places
from gecip.errors import AnalysisError
from gecip.genotypes import Genotypes
from tests.unit.analysis.compact_people import packed_people


def squared_correlations(dosages: Any) -> Any:
    """Return r² of every two variants, a missing genotype as its variant's mean."""
    known = np.ma.masked_less(dosages.astype(float), 0)
    centred = (known - known.mean(axis=1)[:, None]).filled(0.0)
    lengths = np.sqrt((centred**2).sum(axis=1))
    scaled = np.divide(
        centred, lengths[:, None], out=np.zeros_like(centred), where=lengths[:, None] > 1e-9
    )
    return (scaled @ scaled.T) ** 2


def linked(seed: int, variants: int, people: int) -> tuple[Any, pd.DataFrame]:
    """Return dosages in which neighbours are alike, some missing, on three contigs."""
    random = np.random.default_rng(seed)
    dosages = random.integers(0, 3, size=(variants, people)).astype(np.int8)
    for row in range(1, variants):
        same = random.random(people) < random.choice([0.0, 0.5, 0.9])
        dosages[row, same] = dosages[row - 1, same]
    dosages[random.random(dosages.shape) < 0.05] = -1
    contig = np.sort(random.choice(["chr1", "chr2", "chr3"], size=variants))
    frame = pd.DataFrame({"contig": contig, "position": random.integers(1, 5_000, size=variants)})
    return dosages, frame.sort_values(["contig", "position"], ignore_index=True)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 60),
    st.integers(2, 150),
    st.sampled_from([0.1, 0.5, 0.9]),
)
def test_what_is_kept_and_what_goes_follows_the_rule(
    seed: int, variants: int, people: int, r2: float
) -> None:
    dosages, frame = linked(seed, variants, people)
    kept = pruned_places(packed_people(dosages, frame), r2=r2, window=800)
    correlation = squared_correlations(dosages)
    position, contig = frame["position"].to_numpy(), frame["contig"].to_numpy()
    for variant in range(variants):
        before = np.flatnonzero(kept[:variant])
        near = before[
            (contig[before] == contig[variant]) & (position[variant] - position[before] <= 800)
        ]
        highest = correlation[near, variant].max(initial=0.0)
        known = dosages[variant][dosages[variant] >= 0]
        if len(set(known.tolist())) < 2:
            assert not kept[variant]
        elif abs(highest - r2) > 1e-9:
            assert kept[variant] == (highest < r2)


@pytest.mark.parametrize("engine", ["hail", "local"])
@pytest.mark.jvm
def test_limits_that_make_no_sense_are_refused(uneven_genotypes: Genotypes, engine: Any) -> None:
    with pytest.raises(AnalysisError, match="above 0 and at most 1"):
        prune_linkage(uneven_genotypes, r2=0.0, engine=engine)


@pytest.mark.parametrize(("r2", "window"), [(0.05, 2_000_000), (0.1, 300_000)])
@pytest.mark.jvm
def test_both_engines_keep_the_same_set(
    uneven_genotypes: Genotypes, r2: float, window: int
) -> None:
    mt = uneven_genotypes.mt
    autosomes = uneven_genotypes.with_matrix(
        mt.filter_rows(mt.locus.in_autosome()), because="a test"
    )
    local = prune_linkage(autosomes, r2=r2, window=window, engine="local")
    by_hail = prune_linkage(autosomes, r2=r2, window=window, engine="hail")
    pd.testing.assert_frame_equal(local.kept, by_hail.kept, check_dtype=False)
    assert 0 < len(local.kept) < local.looked_at == by_hail.looked_at == 400
