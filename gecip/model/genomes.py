"""The tables that lead from a participant to the genome: delivered files and the germline aggregate's samples."""

from __future__ import annotations

from gecip.model.people import PHENOTYPIC_SEXES
from gecip.model.table import Sensitivity, Table, date, decimal, integer, text

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER
_TECHNICAL = Sensitivity.TECHNICAL

ANCESTRIES = ("african", "american", "east_asian", "european", "south_asian")


class GenomeFilePathsAndTypes(Table):
    """One row for each delivered file of each genome; one genome may have been delivered several times."""

    name = "genome_file_paths_and_types"
    key = ("file_path",)

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
        values=("V1", "V1.5", "V2", "V4", "unknown", "DRAGEN_Pipeline2.0"),
        sensitivity=_TECHNICAL,
    )
    type = text(
        "Which genome it is.",
        values=(
            "rare disease germline",
            "cancer germline",
            "cancer somatic",
            "experimental germline",
            "rare disease unknown",
        ),
        sensitivity=_TECHNICAL,
    )
    genome_build = text(
        "Assembly to which the genome was aligned.",
        values=("GRCh37", "GRCh38"),
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
