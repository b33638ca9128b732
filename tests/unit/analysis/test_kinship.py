"""Kinship: exact counts from planes of bits, KING's formula, and degrees by its bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gecip.analysis.genetic import kinship as of_kinship
from gecip.analysis.genetic.kinship import (
    Degree,
    Kinship,
    count_shared,
    degree_of,
    kinship,
)
from gecip.errors import AnalysisError
from gecip.genotypes import Genotypes
from gecip.reporting import list_rows, summarise
from gecip.reporting.sample_checks_report import plot_kinship
from tests.unit.analysis.compact_people import packed_people


def written_down(dosages: Any) -> dict[str, Any]:
    """Return what pairs share, by the words of the definition, one pair after the other."""
    people = dosages.shape[1]
    found: dict[str, list[float]] = {"kinship": [], "opposite_homozygotes": [], "sites": []}
    for one in range(people):
        for other in range(one + 1, people):
            known = (dosages[:, one] >= 0) & (dosages[:, other] >= 0)
            a, b = dosages[known, one].astype(int), dosages[known, other].astype(int)
            fewer = min((a == 1).sum(), (b == 1).sum())
            apart = ((a - b) ** 2).sum()
            found["kinship"].append(0.5 - apart / (4 * fewer) if fewer else np.nan)
            found["opposite_homozygotes"].append((abs(a - b) == 2).sum())
            found["sites"].append(known.sum())
    return {name: np.array(values) for name, values in found.items()}


def counted(dosages: Any) -> dict[str, Any]:
    pieces = list(count_shared(packed_people(dosages)))
    return {
        name: np.concatenate([piece.counted[name] for piece in pieces])
        for name in ("kinship", "opposite_homozygotes", "sites")
    }


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 140),
    st.integers(2, 20),
    st.sampled_from([0, 0.02, 0.5, 1]),
)
def test_what_pairs_share_is_what_the_definition_says(
    seed: int, variants: int, people: int, missing: float
) -> None:
    random = np.random.default_rng(seed)
    dosages = random.integers(0, 3, size=(variants, people)).astype(np.int8)
    dosages[random.random(dosages.shape) < missing] = -1
    found, expected = counted(dosages), written_down(dosages)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=0, atol=1e-12)


@pytest.mark.parametrize("swapped", [False, True])
def test_of_rare_alleles_pairs_of_carriers_tell_what_all_pairs_would(
    monkeypatch: pytest.MonkeyPatch, swapped: bool
) -> None:
    monkeypatch.setattr(of_kinship, "PEOPLE_FOR_A_CARRIER", 4)
    random = np.random.default_rng(2)
    frequency = random.choice([0.02, 0.1, 0.4], size=(300, 1))
    copies = random.random((2, 300, 50)) < frequency
    copies[1] |= copies[0] & (random.random((300, 50)) < 0.4)  # more homozygotes than by chance
    dosages = copies.sum(axis=0).astype(np.int8)
    dosages[::7, 3] = -1
    if swapped:
        dosages[dosages >= 0] = 2 - dosages[dosages >= 0]
    found, expected = counted(dosages), written_down(dosages)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=0, atol=1e-12)


def test_people_are_compared_in_portions_without_losing_a_pair(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(of_kinship, "PEOPLE_AT_ONCE", 7)
    random = np.random.default_rng(1)
    dosages = random.integers(-1, 3, size=(90, 40)).astype(np.int8)
    found = counted(dosages)
    assert len(found["kinship"]) == 40 * 39 / 2
    np.testing.assert_array_equal(found["sites"], written_down(dosages)["sites"])


def test_one_genome_twice_has_one_half_and_who_has_no_heterozygote_has_none() -> None:
    dosages = np.array([[0, 0, 0], [1, 1, 0], [2, 2, 2], [1, 1, 2]], dtype=np.int8)
    values = counted(dosages)["kinship"]
    assert values[0] == 0.5
    assert np.isnan(values[1:]).all()


@pytest.mark.parametrize(
    ("value", "degree"),
    [
        (0.5, Degree.SAME),
        (0.354, Degree.FIRST),
        (0.25, Degree.FIRST),
        (0.177, Degree.SECOND),
        (0.0884, Degree.THIRD),
        (0.0442, Degree.UNRELATED),
        (-0.3, Degree.UNRELATED),
        (float("nan"), Degree.UNRELATED),
    ],
)
def test_degrees_follow_the_bounds_of_king(value: float, degree: Degree) -> None:
    assert degree_of(value) is degree


@pytest.mark.jvm
def test_both_engines_give_what_hail_gives(hail: Any, uneven_genotypes: Genotypes) -> None:
    local = kinship(uneven_genotypes, engine="local")
    by_hail = kinship(uneven_genotypes, engine="hail")
    pd.testing.assert_frame_equal(local.pairs, by_hail.pairs, check_dtype=False, rtol=0, atol=1e-6)
    mt = uneven_genotypes.mt
    mt = mt.filter_rows(mt.locus.in_autosome())
    rows = hail.king(mt.GT).entries().collect()
    phi = {tuple(row[name] for name in row if name != "phi"): row.phi for row in rows}
    expected = [
        phi[pair]
        for pair in zip(
            local.pairs["participant_id"], local.pairs["other_participant_id"], strict=True
        )
    ]
    assert local.pairs["kinship"].to_numpy() == pytest.approx(np.array(expected), abs=1e-6)
    assert local.sites == mt.count_rows()
    assert local.provenance.parameter("engine") == "local"


@pytest.mark.jvm
def test_only_near_pairs_are_kept_where_asked_and_are_reported(uneven_genotypes: Genotypes) -> None:
    everybody = kinship(uneven_genotypes)
    near = kinship(uneven_genotypes, at_least=0.02)
    kept = everybody.pairs[everybody.pairs["kinship"] >= 0.02].reset_index(drop=True)
    pd.testing.assert_frame_equal(near.pairs, kept)
    assert 0 < len(kept) < len(everybody.pairs) == 60 * 59 / 2
    assert isinstance(near, Kinship)
    summary = summarise(everybody)
    assert summary.table.at["Total", "people"] == 60
    listing = list_rows(everybody)
    assert listing.rows["kinship"].is_monotonic_decreasing
    assert plot_kinship(listing).png().startswith(b"\x89PNG")


@pytest.mark.jvm
def test_an_unknown_engine_is_refused(uneven_genotypes: Genotypes) -> None:
    with pytest.raises(AnalysisError, match="'auto', 'hail' or 'local', not 'plink'"):
        kinship(uneven_genotypes, engine="plink")  # type: ignore[arg-type]
