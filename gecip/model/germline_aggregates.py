"""How the programme's two germline aggregates are laid out, side by side.

A release folder of gecip has the layout of aggV2. aggV3, of late 2025, takes in other programmes'
genomes and was made by another pipeline: what a script written for aggV2 trips over stands here.
After the user guide's pages on both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class GermlineAggregate:
    """One aggregate of germline genomes: where its pieces lie, and which fields its VCFs have.

    `sample_list` and `pieces` are names as they are found, with `*` for what differs. `filters` and
    `information` map the tags of the columns FILTER and INFO to what they mean; `genotype_fields` are
    those of FORMAT, as far as they are published.
    """

    name: str
    genomes: int
    caller: str
    where: str
    pieces: int
    unit: str
    sample_list: str
    annotation: str
    site_quality: str
    multiallelic: str
    filters: Mapping[str, str] = field(default_factory=dict)
    information: Mapping[str, str] = field(default_factory=dict)
    genotype_fields: tuple[str, ...] = ()


AGGV2 = GermlineAggregate(
    name="aggV2",
    genomes=78_195,
    caller="iSAAC and Starling (NSV4), joined by gvcfgenotyper",
    where="a folder of the file system, /gel_data_resources/main_programme/aggregation/aggregate_gVCF_strelka/aggV2",
    pieces=1_371,
    unit="chunks, listed in additional_data/chunk_names/aggV2_chunk_names.bed",
    sample_list="docs/main_programme_v*_samples.txt",
    annotation="functional_annotation/VEP_109, VEP 109 in VCFs of the same chunk names",
    site_quality="in INFO and FILTER of the genotype VCFs",
    multiallelic="decomposed: 1/2 becomes 1/. on one row and ./1 on the other",
    filters=MappingProxyType(
        {
            "PASS": "Passed all filters.",
            "missingness": "More than 5 % of the genotypes are missing.",
            "depth": "The median depth is under 10.",
            "GQ": "The median quality of the genotypes is under 15.",
            "ABratio": "Under 25 % of the heterozygotes have balanced alleles.",
            "completeGTRatio": "Under 50 % of the sites are complete.",
            "phwe_eur": "Unrelated Europeans are out of Hardy-Weinberg equilibrium, p under 1e-5.",
        }
    ),
    information=MappingProxyType(
        {
            "medianDepthAll": "Median depth.",
            "medianDepthNonMiss": "Median depth of the genotypes that are not missing, at most 99.",
            "medianGQ": "Median quality of the genotypes, at most 99.",
            "missingness": "Share of missing genotypes.",
            "completeSites": "Share of complete genotypes.",
            "ABratio": "Share of the heterozygotes with balanced alleles.",
            "MendelSite": "Mendelian errors at the site.",
            "phwe_afr": "Hardy-Weinberg p of unrelated Africans; _amr, _eas, _eur and _sas likewise.",
            "AN": "Alleles called.",
            "AC": "Alternate alleles.",
            "AC_Hom": "Alternate alleles in homozygotes.",
            "AC_Het": "Alternate alleles in heterozygotes.",
            "AC_Hemi": "Alternate alleles in hemizygotes.",
            "OLD_MULTIALLELIC": "The multiallelic row from which this one came.",
            "OLD_CLUMPED": "The clumped row from which this one came.",
        }
    ),
    genotype_fields=("GT", "FT", "GQ", "GQX", "DP", "DPF", "AD", "PL"),
)

AGGV3 = GermlineAggregate(
    name="aggV3",
    genomes=138_406,
    caller="DRAGEN 3.7.8, joined by the Iterative gVCF Genotyper",
    where="CloudOS only, in object storage",
    pieces=3_166,
    unit="subshards in 102 shards; as PGEN too",
    sample_list="*/aggv3_consented_samples.txt, the folder named by its date",
    annotation="VEP 115",
    site_quality="in VCFs of its own; no FILTER is set from them yet",
    multiallelic="kept, in msVCFs beside",
    filters=MappingProxyType(
        {
            "PASS": "Passed all filters.",
            "LowGTR": "Under 90 % of the genotypes are called.",
            "LowMLSQ": "The site's quality is under 0.1; known to filter too much.",
        }
    ),
    information=MappingProxyType(
        {
            "MEDIAN_DP": "Median depth.",
            "MEDIAN_GQ": "Median quality of the genotypes.",
            "MISSINGNESS_RATE": "Share of missing genotypes.",
            "AB_RATIO": "Share of the heterozygotes with balanced alleles.",
            "AN": "Alleles called.",
            "AC_Hom": "Alternate alleles in homozygotes.",
            "AC_Het": "Alternate alleles in heterozygotes.",
            "AC_Hemi": "Alternate alleles in hemizygotes.",
            "AF": "Frequency of the alternate allele; on chrX as _XX and _XY.",
        }
    ),
    genotype_fields=("GT", "LAD"),
)

AGGREGATES = (AGGV2, AGGV3)
