"""Sample quality: metrics as Hail counts them, fixed thresholds, and outliers among people of like ancestry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gecip import define_cohort, list_rows, load_genotypes, open_release, select_cohort, summarise
from gecip.analysis.genetic.high_quality_sites import high_quality_sites
from gecip.analysis.genetic.pc_relate import pc_relate
from gecip.analysis.genetic.sample_quality import (
    METRICS,
    SampleTest,
    _fixed,
    _within,
    outliers_by_group,
    sample_quality,
    sample_thresholds,
)
from gecip.analysis.genetic.sex_check import XX, XY, _karyotypes, _told, check_sex, inbreeding_of
from gecip.analysis.genetic.structure import principal_components
from gecip.errors import AnalysisError
from gecip.genotypes import Genotypes
from gecip.model.genomes import AggregateGvcfSampleStats
from gecip.reporting.ancestry_report import plot_density
from gecip.reporting.sample_quality_report import plot_sample_quality, plot_scores


def people_of(values: dict[str, list[float]]) -> pd.DataFrame:
    rows = [(name, value) for name, those in values.items() for value in those]
    frame = pd.DataFrame(rows, columns=["ancestry", "call_rate"])
    return frame.assign(participant_id=range(len(frame)), family_id=0)


def test_who_stands_out_does_so_among_people_of_like_ancestry() -> None:
    spread = [0.90, 0.91, 0.92, 0.93, 0.94] * 4
    people = people_of({"African": [value - 0.3 for value in spread], "European": [*spread, 0.60]})
    found, made = outliers_by_group(people, ["call_rate"], deviations=4, smallest_group=20)
    assert made == ["call_rate, by ancestry"]
    assert found["participant_id"].tolist() == [40]  # 0.60 is ordinary among the others
    assert found["threshold"].iloc[0].startswith("0.92 ±")


def test_small_groups_are_held_against_everybody_and_nobody_stands_out_where_all_are_alike() -> (
    None
):
    people = people_of({"African": [0.5], "European": [0.9, 0.91, 0.92] * 10})
    found, _ = outliers_by_group(people, ["call_rate"], deviations=4, smallest_group=20)
    assert found["participant_id"].tolist() == [0]
    alike = people_of({"European": [0.9] * 30 + [0.1]})
    assert outliers_by_group(alike, ["call_rate"], deviations=4, smallest_group=20)[0].empty


def test_limits_hold_as_they_are_written() -> None:
    test = SampleTest("bases", "column", (("at_least", 3.2), ("below", 4.7)), "a test")
    assert _within(pd.Series([3.1, 3.2, 4.6, 4.7, np.nan]), test).tolist() == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert test.threshold == "≥ 3.2 and < 4.7"


def test_the_gates_of_the_aggregate_are_those_published() -> None:
    limits = {test.column: test.limits for test in sample_thresholds("aggregate").tests}
    assert limits["illumina_snv_het_hom_ratio"] == (("below", 3.0),)
    assert limits["illumina_snvs"] == (("at_least", 3_200_000.0), ("at_most", 4_700_000.0))
    assert limits["illumina_array_concordance"] == (("above", 90.0),)
    assert sample_thresholds("aggregate").deviations == 4
    with pytest.raises(AnalysisError, match="write one of aggregate"):
        sample_thresholds("strict")


def test_f_is_one_for_one_copy_and_near_zero_for_two() -> None:
    random = np.random.default_rng(1)
    frequency = random.uniform(0.2, 0.8, size=(2_000, 1))
    women = random.binomial(2, frequency, size=(2_000, 30)).astype(np.int8)
    men = random.binomial(1, frequency, size=(2_000, 30)).astype(np.int8)
    copies = np.hstack([np.full_like(women, 2), np.ones_like(men)])
    copies[:5, 3] = 0
    f, sites = inbreeding_of(copies, np.hstack([women, men]) * (copies > 0))
    assert np.abs(f[:30]).max() < 0.15
    assert (f[30:] == 1).all()
    assert sites[3] == 1_995


def test_depth_decides_between_the_bounds_of_f_only_where_it_leans_as_f_does() -> None:
    f = np.array([0.1, 0.3, 0.3, 0.3, 0.7, 0.7, 0.9])
    depth = np.array([np.nan, 1.0, 0.5, np.nan, 0.5, 1.0, np.nan])
    assert _told(f, depth).tolist() == [XX, XX, "unclear", "unclear", XY, "unclear", XY]


def test_a_test_without_values_is_named_and_one_with_values_is_made() -> None:
    people = people_of({"European": [0.9, 0.9, 0.9]})
    stats = pd.DataFrame(
        {"illumina_snv_het_hom_ratio": [1.6, 3.0, None], "illumina_array_concordance": [None] * 3}
    )
    failed, made, lacking = _fixed(people, stats, sample_thresholds("aggregate"))
    assert made == ["heterozygotes to homozygotes"]
    assert "array concordance" in lacking
    assert len(lacking) == 7
    assert failed["participant_id"].tolist() == [1]
    assert failed["threshold"].tolist() == ["< 3"]


@pytest.mark.jvm
def test_sex_is_what_hail_says(hail: Any, uneven_genotypes: Genotypes) -> None:
    found = check_sex(uneven_genotypes)
    assert found.people["genome"].tolist()[40:] == [XY] * 20
    assert set(found.people["genome"][:40]) <= {XX, "unclear"}
    assert found.people["agrees"].dropna().all()
    assert (found.people["f_statistic"][40:] == 1).all()
    assert found.people["depth_ratio"].isna().all()
    table = summarise(found).table
    assert table.at["Male", "XY"] == 20


@pytest.mark.jvm
def test_a_karyotype_by_coverage_of_y_that_contradicts_heterozygosity_is_told(
    uneven_genotypes: Genotypes, monkeypatch: pytest.MonkeyPatch
) -> None:
    heterozygosity = check_sex(uneven_genotypes).people
    assert heterozygosity["karyotype"].isna().all()
    assert not heterozygosity["depth_disagrees"].any()
    sure = int((heterozygosity["genome"] == XX).to_numpy().argmax())
    # The release tells nothing of 42, and of 41 the Y of a second man's chromosomes.
    told = {sure: "XXY", 40: XY, 41: "XYY"}
    monkeypatch.setattr("gecip.analysis.genetic.sex_check._karyotypes", lambda _: told)
    people = check_sex(uneven_genotypes).people.set_index("participant_id")
    assert people["karyotype"].dropna().to_dict() == told
    assert people.index[people["depth_disagrees"]].tolist() == [sure, 41]
    assert people["agrees"].dropna().all()


@pytest.mark.slow
def test_karyotypes_are_those_of_the_samples_in_the_aggregate(small_release_folder: Path) -> None:
    cohort = select_cohort(define_cohort("Everyone"), open_release(small_release_folder))
    stats = cohort.rows(AggregateGvcfSampleStats).set_index("participant_id")
    found = _karyotypes(cohort)
    assert set(found) <= set(cohort.participants)
    assert found == stats.loc[list(found), "karyotype"].to_dict()
    assert set(found.values()) == {XX, XY}


@pytest.mark.jvm
def test_components_of_both_engines_span_the_same_space(uneven_genotypes: Genotypes) -> None:
    local, by_hail = (
        principal_components(uneven_genotypes, count=2, engine=engine)
        for engine in ("local", "hail")
    )
    assert local.eigenvalues == pytest.approx(by_hail.eigenvalues, rel=1e-4)
    assert local.total_variance == pytest.approx(by_hail.total_variance, rel=1e-5)
    names = ["PC1", "PC2"]
    np.testing.assert_allclose(local.scores[names], by_hail.scores[names], atol=1e-3)
    np.testing.assert_allclose(local.loadings[names], by_hail.loadings[names], atol=1e-3)
    pd.testing.assert_frame_equal(
        local.loadings.drop(columns=names), by_hail.loadings.drop(columns=names), check_dtype=False
    )
    assert plot_density(summarise(local)).png().startswith(b"\x89PNG")
    assert plot_scores(list_rows(local)).png().startswith(b"\x89PNG")


@pytest.mark.jvm
def test_pc_relate_of_both_engines_is_the_same(hail: Any, uneven_genotypes: Genotypes) -> None:
    scores = principal_components(uneven_genotypes, count=2).scores
    mt = uneven_genotypes.mt
    everybody = mt.filter_rows(hail.agg.all(hail.is_defined(mt.GT)))
    complete = uneven_genotypes.with_matrix(everybody, because="a test")
    local, by_hail = (
        pc_relate(complete, scores, engine=engine).pairs for engine in ("local", "hail")
    )
    pd.testing.assert_frame_equal(local, by_hail, check_dtype=False, rtol=0, atol=1e-6)
    assert len(local) == 60 * 59 / 2
    with_missing = pc_relate(uneven_genotypes, scores, engine="local").pairs
    assert np.isfinite(with_missing["kinship"]).all()
    assert with_missing["kinship"].std() < local["kinship"].std()  # more sites, less chance


@pytest.fixture(scope="module")
def of_small(hail: Any, small_release_folder: Path) -> Genotypes:
    return load_genotypes(
        select_cohort(define_cohort("Everyone"), open_release(small_release_folder))
    )


@pytest.mark.jvm
def test_metrics_are_those_of_hail(hail: Any, of_small: Genotypes) -> None:
    quality = sample_quality(of_small)
    mt = of_small.mt.filter_rows(of_small.mt.locus.in_autosome())
    rows = hail.sample_qc(mt).cols().collect()
    expected = {row.participant_id: row.sample_qc for row in rows}
    for person in quality.people.itertuples():
        told = expected[person.participant_id]
        assert person.call_rate == pytest.approx(told.call_rate)
        assert person.het_hom_ratio == pytest.approx(told.r_het_hom_var)
        assert person.ti_tv_ratio == pytest.approx(told.r_ti_tv)
        assert person.singletons == told.n_singleton
        assert person.mean_depth == pytest.approx(told.dp_stats.mean)
        assert person.mean_gq == pytest.approx(told.gq_stats.mean)
    assert set(METRICS) <= set(quality.people)
    # The generator makes samples that came through the gates.
    assert quality.not_tested == ()
    assert quality.tests[:8] == tuple(test.name for test in sample_thresholds("aggregate").tests)
    assert all(name.endswith(", by ancestry") for name in quality.failed["test"])
    assert summarise(quality).table.at["array concordance", "people"] == 0
    assert plot_sample_quality(list_rows(quality)).png().startswith(b"\x89PNG")


@pytest.mark.jvm
def test_adjusted_genotypes_are_fewer(of_small: Genotypes, uneven_genotypes: Genotypes) -> None:
    plain, adjusted = (sample_quality(of_small, adjusted=how) for how in (False, True))
    assert (adjusted.people["call_rate"] <= plain.people["call_rate"]).all()
    assert adjusted.people["call_rate"].mean() < plain.people["call_rate"].mean()
    with pytest.raises(AnalysisError, match="no GQ and no DP and no AD"):
        sample_quality(uneven_genotypes, adjusted=True)


@pytest.mark.jvm
def test_high_quality_sites_keep_every_rule(hail: Any, of_small: Genotypes) -> None:
    sites = high_quality_sites(of_small, rarest=0.05)
    left = [count for _, count in sites.steps]
    assert left == sorted(left, reverse=True)
    assert sites.not_tested == ()
    rows = sites.genotypes.mt.rows().collect()
    assert len(rows) == left[-1] > 200
    for row in rows:
        assert len(row.filters or ()) == 0
        assert {*row.alleles} not in ({"A", "T"}, {"C", "G"})
        assert row.info.medianGQ >= 30
        assert row.info.medianDepthAll >= 30
        assert row.locus.contig != "chrX"
    few = of_small.with_matrix(
        of_small.mt.filter_rows(of_small.mt.locus.contig == "chrX"), because="a test"
    )
    with pytest.raises(
        AnalysisError, match="No site is left among these genotypes after the step 'autosomal"
    ):
        high_quality_sites(few)
