"""What sequencing measured of each sample of the aggregate: reads, coverage, and counts of variants of a whole genome.

Numbers of variants and their ratios are those of a whole genome, of which the release's files hold a part.
Medians by ancestry and of coverage are the programme's (Research Environment user guide, summary
statistics and sample QC of aggV2), whose limits every sample keeps; all spreads, and what the guide does
not tell, are assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import ANCESTRIES

Values = npt.NDArray[np.float64]

READ_LENGTH = 150
GENOME_LENGTH = 3_000_000_000
# Medians by ancestry; a genome of several has the mean of them.
SNVS = {"AFR": 4_736_000, "AMR": 4_008_000, "EAS": 3_938_000, "EUR": 3_916_000, "SAS": 3_983_000}
INDELS = {"AFR": 1_181_000, "AMR": 1_000_000, "EAS": 983_000, "EUR": 975_000, "SAS": 991_000}
TS_TV = {"AFR": 2.065, "AMR": 2.062, "EAS": 2.056, "EUR": 2.062, "SAS": 2.060}
SNV_HET_HOM = {"AFR": 2.01, "AMR": 1.68, "EAS": 1.35, "EUR": 1.58, "SAS": 1.59}
INDEL_HET_HOM = {"AFR": 2.92, "AMR": 2.29, "EAS": 1.84, "EUR": 2.14, "SAS": 2.17}
# Of the single-nucleotide variants, how many pass; by it the medians keep the limits of sample QC.
SHARE_OF_SNVS_PASSING = 0.955
SHARE_OF_DELETIONS = 0.52
MEDIAN_ALIGNED, MEDIAN_ALIGNED_OF_SALIVA = 0.937, 0.82
_FIRST_COUSINS = 1 / 16


def sample_statistics(
    seed: int,
    *,
    coverage: Values,
    male: npt.NDArray[np.bool_],
    ancestry: Values,
    saliva: npt.NDArray[np.bool_],
    parents_related: npt.NDArray[np.bool_],
) -> Mapping[str, npt.NDArray[Any]]:
    """Return the statistics by column of `aggregate_gvcf_sample_stats`, one place per sample.

    Parameters
    ----------
    coverage
        Mean coverage of the autosomes.
    ancestry
        Shares of ancestry, of shape (samples, ancestries).
    saliva
        Which samples are of saliva, where bacteria take a part of the reads.
    parents_related
        Whose parents are related, as first cousins: they are heterozygous at fewer places.
    """
    stream = random_stream(seed, "sample statistics")
    return {
        **_reads(stream, coverage, saliva),
        **_coverage(stream, coverage, male),
        **_variants(stream, ancestry, parents_related),
    }


def _reads(
    stream: np.random.Generator, coverage: Values, saliva: npt.NDArray[np.bool_]
) -> Mapping[str, npt.NDArray[Any]]:
    size = len(coverage)
    median = np.where(saliva, MEDIAN_ALIGNED_OF_SALIVA, MEDIAN_ALIGNED)
    spread = np.where(saliva, 0.05, 0.008)
    aligned = (median + spread * stream.standard_normal(size)).clip(0.62, 0.995)
    duplicated = stream.beta(40, 440, size=size)
    chimeric = stream.gamma(9, 0.1, size=size).clip(max=4.5)
    pairs = np.rint(coverage * GENOME_LENGTH / (2 * READ_LENGTH) / (aligned * (1 - duplicated)))
    raw = 2 * pairs.astype(np.int64)
    mapped = np.rint(raw * aligned).astype(np.int64)
    both = 2 * np.rint(mapped * stream.uniform(0.994, 0.998, size=size) / 2).astype(np.int64)
    fragments = (stream.normal(445, 24, size=size)).clip(min=300)
    return {
        "samtools_raw_total_sequences": raw,
        "samtools_reads_mapped": mapped,
        "samtools_reads_unmapped": raw - mapped,
        "samtools_reads_mapped_and_paired": both,
        "samtools_reads_properly_paired": 2
        * np.rint(both * stream.uniform(0.965, 0.985, size=size) / 2).astype(np.int64),
        "samtools_reads_duplicated": np.rint(mapped * duplicated).astype(np.int64),
        "samtools_pairs_on_different_chromosomes": np.rint(both / 2 * chimeric / 100).astype(
            np.int64
        ),
        "samtools_insert_size_average": fragments.round(1),
        "samtools_insert_size_standard_deviation": stream.normal(104, 7, size=size).round(1),
        "samtools_average_quality": stream.normal(36.2, 0.5, size=size).clip(30, 40).round(1),
        "illumina_fragment_length_median": (fragments - stream.uniform(4, 12, size=size)).round(),
        "illumina_percent_aligned_reads": (100 * mapped / raw).round(2),
        "illumina_percent_read_pairs_aligned_to_different_chromosomes": chimeric.round(2),
        "illumina_percent_at_dropout": stream.gamma(12, 0.2, size=size).clip(max=9.5).round(2),
        "illumina_percent_gc_dropout": stream.gamma(6, 0.1, size=size).round(2),
    }


def _coverage(
    stream: np.random.Generator, coverage: Values, male: npt.NDArray[np.bool_]
) -> Mapping[str, Values]:
    size = len(coverage)
    # A male has half as many reads on X, a twentieth of the genome.
    mean = coverage * np.where(male, 0.975, 1.0)
    at_15x = 97.9 - 14 * np.exp(-(coverage - 15) / 7) + stream.normal(0, 0.15, size=size)
    return {
        "illumina_mean_coverage": mean.round(2),
        "illumina_coverage_at_15x": at_15x.clip(95, 99.5).round(2),
        "illumina_array_concordance": (100 - stream.gamma(5, 0.12, size=size))
        .clip(min=90.5)
        .round(2),
    }


def _variants(
    stream: np.random.Generator, ancestry: Values, parents_related: npt.NDArray[np.bool_]
) -> Mapping[str, npt.NDArray[Any]]:
    size = len(ancestry)

    def of_ancestry(medians: Mapping[str, float], spread: float) -> Values:
        expected = ancestry @ np.array([medians[name] for name in ANCESTRIES], dtype=float)
        return np.asarray(expected * (1 + spread * stream.standard_normal(size)))

    inbreeding = np.where(parents_related, _FIRST_COUSINS, 0.0)
    snvs = np.rint(of_ancestry(SNVS, 0.006)).astype(np.int64)
    passing = np.rint(snvs * SHARE_OF_SNVS_PASSING * stream.normal(1, 0.002, size=size))
    indels = np.rint(of_ancestry(INDELS, 0.008)).astype(np.int64)
    deletions = np.rint(indels * stream.normal(SHARE_OF_DELETIONS, 0.003, size=size))
    indel_ratio = _of_inbred(of_ancestry(INDEL_HET_HOM, 0.02), inbreeding)
    return {
        "illumina_snvs_all": snvs,
        "illumina_snvs": passing.astype(np.int64).clip(3_200_001, 4_699_999),
        "illumina_indels_all": indels,
        "illumina_deletions_all": deletions.astype(np.int64),
        "illumina_insertions_all": indels - deletions.astype(np.int64),
        "illumina_snv_ts_tv_ratio": of_ancestry(TS_TV, 0.001).round(3),
        "illumina_snv_het_hom_ratio": _of_inbred(of_ancestry(SNV_HET_HOM, 0.015), inbreeding).round(
            3
        ),
        "illumina_indel_het_hom_ratio": indel_ratio.round(3),
        "illumina_deletion_het_hom_ratio": (indel_ratio * 1.05).round(3),
        "illumina_insertion_het_hom_ratio": (indel_ratio * 0.95).round(3),
    }


def _of_inbred(ratio: Values, inbreeding: Values) -> Values:
    """Return heterozygous over homozygous variants where a share of the genome is twice the same."""
    return ratio * (1 - inbreeding) / (1 + ratio * inbreeding / 2)
