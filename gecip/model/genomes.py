"""The tables that lead from a participant to the genome: delivered files and the germline aggregate's samples."""

from __future__ import annotations

from gecip.model.people import PHENOTYPIC_SEXES
from gecip.model.table import (
    Column,
    DateOrder,
    Reference,
    Sensitivity,
    Table,
    date,
    decimal,
    integer,
    numbered,
    text,
)

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER
_TECHNICAL = Sensitivity.TECHNICAL

ANCESTRIES = ("african", "american", "east_asian", "european", "south_asian")
BUILDS = ("GRCh37", "GRCh38")
DELIVERY_VERSIONS = ("V1", "V1.5", "V2", "V4", "unknown", "DRAGEN_Pipeline2.0")
GENOME_TYPES = (
    "rare disease germline",
    "cancer germline",
    "cancer somatic",
    "experimental germline",
    "rare disease unknown",
)

_AFTER_REGISTRATION = DateOrder("participant.registration_date", "delivery_date")


def _measured(description: str) -> Column:
    return decimal(description, sensitivity=_TECHNICAL)


def _counted(description: str) -> Column:
    return integer(description, sensitivity=_TECHNICAL)


class GenomeFilePathsAndTypes(Table):
    """One row for each delivered file of each genome; one genome may have been delivered several times."""

    name = "genome_file_paths_and_types"
    key = ("file_path",)
    date_orders = (_AFTER_REGISTRATION,)

    participant_id = integer("The participant whose genome it is.", sensitivity=_ID, required=True)
    lab_sample_id = integer("Number of the laboratory sample.", sensitivity=_ID)
    platekey = text(
        "Plate barcode and well of the sequenced sample.", sensitivity=_ID, required=True
    )
    delivery_id = text("Number of the delivery.", sensitivity=_ID)
    delivery_date = date(
        "Day of the delivery; the latest of several counts.", sensitivity=_TECHNICAL
    )
    delivery_version = text(
        "Version of the sequencing provider's pipeline.",
        values=DELIVERY_VERSIONS,
        sensitivity=_TECHNICAL,
    )
    type = text(
        "Which genome it is.",
        values=GENOME_TYPES,
        sensitivity=_TECHNICAL,
    )
    genome_build = text(
        "Assembly to which the genome was aligned.",
        values=BUILDS,
        sensitivity=_TECHNICAL,
    )
    file_path = text("Where the file lies.", sensitivity=_ID)
    filename = text("Name of the file.", sensitivity=_ID)
    file_sub_type = text(
        "Kind of file.",
        values=("BAM", "Standard VCF", "Genomic VCF", "Structural VCF", "CRAM"),
        sensitivity=_TECHNICAL,
    )


class AggregateGvcfSampleStats(Table):
    """One row for each sample of the germline aggregate whose participant may be used, with quality and ancestry."""

    name = "aggregate_gvcf_sample_stats"
    key = ("platekey",)
    references = (Reference("platekey", "genome_file_paths_and_types", "platekey"),)

    participant_id = integer("The participant whose sample it is.", sensitivity=_ID, required=True)
    platekey = text("The sample's name in the aggregate VCFs.", sensitivity=_ID, required=True)
    participant_phenotypic_sex = text(
        "Sex as the clinician recorded it.",
        values=PHENOTYPIC_SEXES,
        sensitivity=_QUASI,
        alias="sex",
    )
    karyotype = text("Sex chromosomes as inferred from coverage.", sensitivity=_QUASI)
    illumina_ploidy = text(
        "Sex chromosomes as the sequencing provider inferred them.",
        values=("XX", "XY"),
        sensitivity=_QUASI,
    )
    sample_source = text(
        "What was sampled.",
        values=("BLOOD", "SALIVA", "TISSUE", "FIBROBLAST", "GERMLINE"),
        sensitivity=_TECHNICAL,
    )
    sample_preparation_method = text(
        "How the sample was preserved.", values=("EDTA", "ORAGENE", "FF"), sensitivity=_TECHNICAL
    )
    sample_library_type = text(
        "Sequencing library.",
        values=("TruSeq PCR-Free High Throughput", "TruSeq Nano High Throughput"),
        sensitivity=_TECHNICAL,
    )
    illumina_autosome_mean_coverage = decimal(
        "Mean coverage of the autosomes.", sensitivity=_TECHNICAL
    )
    samtools_error_rate = decimal("Mismatches a base aligned.", sensitivity=_TECHNICAL)
    set_of_unrelated_individuals = integer(
        "1 for a member of the largest set of unrelated people, else 0.", sensitivity=_TECHNICAL
    )
    pred_african_ancestries = decimal(
        "Probability of similarity to the African reference.", sensitivity=_QUASI
    )
    pred_south_asian_ancestries = decimal(
        "Probability of similarity to the South Asian reference.", sensitivity=_QUASI
    )
    pred_east_asian_ancestries = decimal(
        "Probability of similarity to the East Asian reference.", sensitivity=_QUASI
    )
    pred_european_ancestries = decimal(
        "Probability of similarity to the European reference.", sensitivity=_QUASI
    )
    pred_american_ancestries = decimal(
        "Probability of similarity to the American reference.", sensitivity=_QUASI
    )
    principal_components = numbered(
        "pc{}",
        range(1, 21),
        lambda number: decimal(
            f"Score on principal component {number}; `Pc{number}` in LabKey.",
            sensitivity=_QUASI,
        ),
    )
    samtools_insert_size_average = _measured("Mean length of the fragments, in bases.")
    samtools_insert_size_standard_deviation = _measured("Its standard deviation, in bases.")
    samtools_average_quality = _measured("Mean quality of the bases.")
    samtools_raw_total_sequences = _counted("Reads in all.")
    samtools_reads_mapped = _counted("Reads that were aligned.")
    samtools_reads_mapped_and_paired = _counted("Reads that were aligned, as their mates were.")
    samtools_reads_properly_paired = _counted("Reads that lie as a pair should.")
    samtools_reads_unmapped = _counted("Reads that were not aligned.")
    samtools_reads_duplicated = _counted("Reads that are copies of others.")
    samtools_pairs_on_different_chromosomes = _counted("Pairs that lie on two chromosomes.")
    illumina_mean_coverage = _measured("Mean coverage.")
    illumina_coverage_at_15x = _measured("Percentage of the genome that 15 reads cover or more.")
    illumina_percent_aligned_reads = _measured("Percentage of the reads that were aligned.")
    illumina_percent_read_pairs_aligned_to_different_chromosomes = _measured(
        "Percentage of the pairs that lie on two chromosomes."
    )
    illumina_fragment_length_median = _measured("Median length of the fragments, in bases.")
    illumina_array_concordance = _measured("Agreement with the genotyping array, in percent.")
    illumina_snvs_all = _counted("Single-nucleotide variants, also those that do not pass.")
    illumina_snvs = _counted("Single-nucleotide variants that pass.")
    illumina_indels_all = _counted("Insertions and deletions, also those that do not pass.")
    illumina_deletions_all = _counted("Deletions, also those that do not pass.")
    illumina_insertions_all = _counted("Insertions, also those that do not pass.")
    illumina_snv_het_hom_ratio = _measured(
        "Heterozygous over homozygous single-nucleotide variants."
    )
    illumina_snv_ts_tv_ratio = _measured("Transitions over transversions.")
    illumina_indel_het_hom_ratio = _measured(
        "Heterozygous over homozygous insertions and deletions."
    )
    illumina_deletion_het_hom_ratio = _measured("Heterozygous over homozygous deletions.")
    illumina_insertion_het_hom_ratio = _measured("Heterozygous over homozygous insertions.")
    illumina_percent_gc_dropout = _measured("Percentage of reads missing where G and C abound.")
    illumina_percent_at_dropout = _measured("Percentage of reads missing where A and T abound.")


class SequencingReport(Table):
    """One row for each delivery of a genome, with what was sequenced and where its folder lies."""

    name = "sequencing_report"
    date_orders = (_AFTER_REGISTRATION,)

    participant_id = integer("The participant whose genome it is.", sensitivity=_ID, required=True)
    platekey = text("Plate barcode and well of the sequenced sample.", sensitivity=_ID)
    lab_sample_id = integer("Number of the laboratory sample.", sensitivity=_ID)
    type = text(
        "Which genome it is; that the codings are those of genome_file_paths_and_types is an assumption.",
        values=GENOME_TYPES,
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    delivery_id = text("Number of the delivery.", sensitivity=_ID)
    delivery_date = date("Day of the delivery.", sensitivity=_TECHNICAL)
    path = text("Folder of the delivered genome.", sensitivity=_ID)
    genome_build = text(
        "Assembly to which the genome was aligned.", values=BUILDS, sensitivity=_TECHNICAL
    )
    delivery_version = text(
        "Version of the sequencing provider's pipeline.",
        values=DELIVERY_VERSIONS,
        sensitivity=_TECHNICAL,
    )
