"""What was measured of each sample: the programme's medians by ancestry, its limits, and sums that come out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gecip.model.genomes import AggregateGvcfSampleStats
from gecip.synthetic.recruitment import ANCESTRIES
from gecip.synthetic.sample_statistics import sample_statistics
from tests.unit.synthetic.aggregate_reading import table

SIZE = 4_000


def measured(**changes: object) -> pd.DataFrame:
    stream = np.random.default_rng(3)
    known = {
        "coverage": 25.8 + stream.gamma(3.0, 4.9, size=SIZE),
        "male": stream.random(SIZE) < 0.5,
        "ancestry": np.eye(5)[np.repeat(np.arange(5), SIZE // 5)],
        "saliva": np.zeros(SIZE, dtype=bool),
        "parents_related": np.zeros(SIZE, dtype=bool),
    }
    return pd.DataFrame(sample_statistics(1, **(known | changes)))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def stats(small_release_folder: Path) -> pd.DataFrame:
    return table(small_release_folder, "aggregate_gvcf_sample_stats")


def test_medians_by_ancestry_are_the_programmes() -> None:
    """Of the table of summary statistics of aggV2: variants in units of ten thousand, and ratios."""
    published = {
        "illumina_snvs_all": [473.6e4, 400.8e4, 393.8e4, 391.6e4, 398.3e4],
        "illumina_indels_all": [118.1e4, 100.0e4, 98.3e4, 97.5e4, 99.1e4],
        "illumina_snv_ts_tv_ratio": [2.065, 2.062, 2.056, 2.062, 2.060],
        "illumina_snv_het_hom_ratio": [2.01, 1.68, 1.35, 1.58, 1.59],
        "illumina_indel_het_hom_ratio": [2.92, 2.29, 1.84, 2.14, 2.17],
    }
    assert ANCESTRIES == ("AFR", "AMR", "EAS", "EUR", "SAS")
    found = measured().groupby(np.repeat(np.arange(5), SIZE // 5)).median()
    for name, medians in published.items():
        assert found[name].tolist() == pytest.approx(medians, rel=0.005)


def test_coverage_and_alignment_have_the_programmes_medians() -> None:
    found = measured().median()
    assert found["illumina_coverage_at_15x"] == pytest.approx(97.34, abs=0.3)
    assert found["illumina_percent_aligned_reads"] == pytest.approx(93.7, abs=0.2)


def test_every_sample_keeps_the_limits_of_sample_qc(stats: pd.DataFrame) -> None:
    for rows in (stats, measured(), measured(saliva=np.ones(SIZE, dtype=bool))):
        assert rows["illumina_snvs"].between(3_200_000, 4_700_000, inclusive="neither").all()
        assert (rows["illumina_snv_het_hom_ratio"] < 3).all()
        assert (rows["illumina_array_concordance"] > 90).all()
        assert (rows["illumina_fragment_length_median"] > 250).all()
        chimeric = "illumina_percent_read_pairs_aligned_to_different_chromosomes"
        assert (rows[chimeric] < 5).all()
        assert (rows["illumina_percent_aligned_reads"] > 60).all()
        assert (rows["illumina_percent_at_dropout"] < 10).all()
        assert (rows["illumina_coverage_at_15x"] >= 95).all()


def test_sums_and_shares_come_out(stats: pd.DataFrame) -> None:
    raw, mapped = stats["samtools_raw_total_sequences"], stats["samtools_reads_mapped"]
    assert (mapped + stats["samtools_reads_unmapped"] == raw).all()
    assert (100 * mapped / raw - stats["illumina_percent_aligned_reads"]).abs().max() <= 0.005
    pairs = stats["samtools_reads_mapped_and_paired"] / 2
    apart = 100 * stats["samtools_pairs_on_different_chromosomes"] / pairs
    chimeric = stats["illumina_percent_read_pairs_aligned_to_different_chromosomes"]
    assert (apart - chimeric).abs().max() <= 0.006
    assert (stats["samtools_reads_properly_paired"] <= 2 * pairs).all()
    assert (2 * pairs <= mapped).all()
    indels = stats["illumina_deletions_all"] + stats["illumina_insertions_all"]
    assert (indels == stats["illumina_indels_all"]).all()
    assert (stats["illumina_snvs"] < stats["illumina_snvs_all"]).all()
    kept = mapped - stats["samtools_reads_duplicated"]
    depth = kept * 150 / 3e9
    assert depth.to_numpy() == pytest.approx(stats["illumina_autosome_mean_coverage"], rel=0.01)


def test_children_of_cousins_are_heterozygous_at_fewer_places() -> None:
    related = measured(parents_related=np.ones(SIZE, dtype=bool))
    ratio = related["illumina_snv_het_hom_ratio"] / measured()["illumina_snv_het_hom_ratio"]
    # A sixteenth of the genome is twice the same: 15/16 of the heterozygous places are left.
    assert ratio.between(0.87, 0.92).all()


def test_every_column_of_the_table_is_filled(stats: pd.DataFrame) -> None:
    assert list(stats.columns) == list(AggregateGvcfSampleStats.known_columns)
    assert not stats.drop(columns="illumina_ploidy").isna().any(axis=None)
