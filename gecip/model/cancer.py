"""The tables of the cancer arm: tumours, their diagnoses, and the variants found in them.

Columns of `cancer_analysis` and `cancer_tier_and_domain_variants` after the Research Environment's user
guide and public scripts that query them. A column whose name or coding rests on recollection says so.
"""

from __future__ import annotations

from gecip.model.table import (
    Column,
    DateOrder,
    Reference,
    Sensitivity,
    Table,
    date,
    decimal,
    integer,
    text,
)

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER
_TECHNICAL = Sensitivity.TECHNICAL

# The programme's enumeration (GelReportModels).
DISEASE_TYPES = (
    "ADULT_GLIOMA",
    "BLADDER",
    "BREAST",
    "CARCINOMA_OF_UNKNOWN_PRIMARY",
    "CHILDHOOD",
    "COLORECTAL",
    "ENDOCRINE",
    "ENDOMETRIAL_CARCINOMA",
    "HAEMONC",
    "HEPATOPANCREATOBILIARY",
    "LUNG",
    "MALIGNANT_MELANOMA",
    "NASOPHARYNGEAL",
    "ORAL_OROPHARYNGEAL",
    "OVARIAN",
    "PROSTATE",
    "RENAL",
    "SARCOMA",
    "SINONASAL",
    "TESTICULAR_GERM_CELL_TUMOURS",
    "UPPER_GASTROINTESTINAL",
    "OTHER",
)
TUMOUR_TYPES = (
    "PRIMARY",
    "METASTATIC_RECURRENCE",
    "RECURRENCE_OF_PRIMARY_TUMOUR",
    "METASTASES",
)
DOMAINS = ("DOMAIN1", "DOMAIN2", "DOMAIN3", "DOMAIN4", "NONE")

# Megabases of coding sequence by which the programme divides the non-synonymous somatic small variants.
CODING_MEGABASES = 32.61

# Signatures of COSMIC, version 2, numbered; shown only where a signature has over 5 %.
SIGNATURES = tuple(range(1, 31))


def _signature(number: int) -> Column:
    return decimal(f"Share of COSMIC's signature {number}, version 2, empty up to 5 %.")


class CancerAnalysis(Table):
    """One row for each tumour that was sequenced and interpreted, with its germline sample."""

    name = "cancer_analysis"
    key = ("tumour_sample_platekey",)
    date_orders = (DateOrder("tumour_clinical_sample_time", "tumour_delivery_date"),)

    participant_id = integer("The participant whose tumour it is.", sensitivity=_ID, required=True)
    tumour_sample_platekey = text(
        "Plate barcode and well of the tumour's sample.", sensitivity=_ID, required=True
    )
    germline_sample_platekey = text(
        "Plate barcode and well of the germline sample.", sensitivity=_ID
    )
    tumour_type = text("Whether it is the first tumour, or what came of one.", values=TUMOUR_TYPES)
    disease_type = text("Kind of tumour.", values=DISEASE_TYPES, required=True)
    disease_sub_type = text("Kind of tumour in more detail.")
    study_abbreviation = text(
        "The study of The Cancer Genome Atlas to which the tumour is nearest, abbreviated.",
        code_system="TCGA",
    )
    morphology_icd = text("Morphology of the tumour.", code_system="ICD-O-3")
    histology_coded = text("Histology in the cancer registry.", code_system="ICD-O-3")
    match_rank = integer(
        "How well the registry's tumour matches; 1 is best.", sensitivity=_TECHNICAL
    )
    sex = text(
        "Sex of the participant; the coding is an assumption.",
        values=("MALE", "FEMALE"),
        sensitivity=_QUASI,
        assumption=True,
    )
    year_of_birth = integer("Calendar year of birth.", sensitivity=_QUASI)
    tumour_delivery_date = date(
        "Day on which the tumour's genome was delivered.", sensitivity=_QUASI
    )
    germline_delivery_date = date(
        "Day on which the germline genome was delivered.", sensitivity=_QUASI
    )
    tumour_clinical_sample_time = date("Day on which the tumour was sampled.", sensitivity=_QUASI)
    preparation_method = text(
        "How the sample was preserved.",
        values=("FF", "FFPE", "EDTA", "CD128_SORTED_CELLS", "CD138_SORTED_CELLS", "ASPIRATE"),
        sensitivity=_TECHNICAL,
    )
    tumour_purity = decimal("Share of tumour cells, estimated by Ccube.", sensitivity=_TECHNICAL)
    coverage_homogeneity = decimal("Unevenness of the coverage.", sensitivity=_TECHNICAL)
    somatic_coding_variants_per_mb = decimal(
        "Non-synonymous somatic small variants that passed, for each megabase of 32.61.",
        alias="variants_per_megabase",
    )
    mean_tumour_autosomal_coverage = decimal(
        "Mean coverage of the tumour's autosomes; the name is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    mean_germline_autosomal_coverage = decimal(
        "Mean coverage of the germline autosomes; the name is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    signature_1 = _signature(1)
    signature_2 = _signature(2)
    signature_3 = _signature(3)
    signature_4 = _signature(4)
    signature_5 = _signature(5)
    signature_6 = _signature(6)
    signature_7 = _signature(7)
    signature_8 = _signature(8)
    signature_9 = _signature(9)
    signature_10 = _signature(10)
    signature_11 = _signature(11)
    signature_12 = _signature(12)
    signature_13 = _signature(13)
    signature_14 = _signature(14)
    signature_15 = _signature(15)
    signature_16 = _signature(16)
    signature_17 = _signature(17)
    signature_18 = _signature(18)
    signature_19 = _signature(19)
    signature_20 = _signature(20)
    signature_21 = _signature(21)
    signature_22 = _signature(22)
    signature_23 = _signature(23)
    signature_24 = _signature(24)
    signature_25 = _signature(25)
    signature_26 = _signature(26)
    signature_27 = _signature(27)
    signature_28 = _signature(28)
    signature_29 = _signature(29)
    signature_30 = _signature(30)
    interpretation_request_id = text("Number of the interpretation request.", sensitivity=_ID)
    study_name = text("The name of the study of `study_abbreviation`.")
    histology_coded_desc = text("Histology in the cancer registry, in words.")
    av_tum_date_difference = integer(
        "Days from the diagnosis in the registry to the sample.", sensitivity=_QUASI
    )
    apc_date_difference = integer(
        "Days from the diagnosis in a hospital stay to the sample.", sensitivity=_QUASI
    )
    karyotype_sex = text("Sex by the chromosomes of the germline genome.", sensitivity=_QUASI)
    tissue_source = text(
        "How the tumour's tissue was taken; the coding is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    library_type = text(
        "How the library was made; the coding is an assumption.",
        values=("PCRfree", "nano"),
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    at_drop = decimal("Loss of sequence rich in A and T, in percent.", sensitivity=_TECHNICAL)
    gc_drop = decimal(
        "Loss of sequence rich in G and C, in percent; the name is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    chimeric_percentage = decimal("Share of chimeric reads, in percent.", sensitivity=_TECHNICAL)
    average_fragment_size = decimal("Mean length of fragments.", sensitivity=_TECHNICAL)
    tumour_sample_cross_contamination_percentage = text(
        "Contamination of the tumour's sample by another person's, in percent: a number, or `<1`.",
        sensitivity=_TECHNICAL,
    )
    germline_sample_cross_contamination_percentage = text(
        "Contamination of the germline sample by another person's, in percent: a number, or `<1`.",
        sensitivity=_TECHNICAL,
    )
    germline_bam = text("Where the germline genome lies.", sensitivity=_ID)
    tumour_sv_vcf = text("Where the tumour's structural variants lie.", sensitivity=_ID)
    somatic_small_variants_vcf_path = text(
        "Where the tumour's small variants lie.", sensitivity=_ID
    )
    somatic_small_variants_annotation_vcf = text(
        "Where the tumour's annotated small variants lie.", sensitivity=_ID
    )
    small_variants_tiering_path = text("Where the tiered small variants lie.", sensitivity=_ID)
    sv_tiering_path = text("Where the tiered structural variants lie.", sensitivity=_ID)
    cnv_tiering_path = text("Where the tiered copy-number variants lie.", sensitivity=_ID)
    analysis_csv_filepath = text("Where the interpretation lies as a table.", sensitivity=_ID)
    analysis_html_filepath = text("Where the interpretation lies as a page.", sensitivity=_ID)


class CancerParticipantDisease(Table):
    """One row for each cancer under which a participant was recruited."""

    name = "cancer_participant_disease"

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    cancer_disease_type = text("Kind of tumour.", values=DISEASE_TYPES)
    cancer_disease_sub_type = text("Kind of tumour in more detail.")


class CancerParticipantTumour(Table):
    """One row for each tumour that a participant has had diagnosed, also before the one that was sequenced.

    Tumours here do not name those of `cancer_analysis`: they are matched by their dates.
    """

    name = "cancer_participant_tumour"
    key = ("tumour_id",)
    date_orders = (DateOrder("participant.year_of_birth", "diagnosis_date"),)

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    tumour_id = text(
        "Number of the tumour; the name is an assumption.", sensitivity=_ID, assumption=True
    )
    diagnosis_date = date(
        "Day of the diagnosis, empty where it was not recorded.", sensitivity=_QUASI
    )
    diagnosis_icd_code = text("Site of the tumour.", code_system="ICD-10")
    morphology_icd_code = text("Morphology of the tumour.", code_system="ICD-O-3")
    component_tnm_t = text(
        "Extent of the tumour at diagnosis; the name is an assumption.",
        code_system="TNM",
        assumption=True,
    )
    component_tnm_n = text(
        "Lymph nodes at diagnosis; the name is an assumption.", code_system="TNM", assumption=True
    )
    component_tnm_m = text(
        "Metastases at diagnosis; the name is an assumption.", code_system="TNM", assumption=True
    )


class CancerTierAndDomainVariants(Table):
    """One row for each small variant of a tumour's report: germline ones by tier, somatic ones by domain.

    Somatic variants are those that change a protein or its splicing. Domain 1 holds potentially
    actionable genes, domain 2 other genes of cancer, domain 3 all others.
    """

    name = "cancer_tier_and_domain_variants"
    key = ("tumour_sample_platekey", "origin", "chr", "pos", "ref", "alt", "gene")
    since = "v15"
    references = (Reference("tumour_sample_platekey", "cancer_analysis", "tumour_sample_platekey"),)

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    tumour_sample_platekey = text(
        "Plate barcode and well of the tumour's sample.", sensitivity=_ID, required=True
    )
    disease_type = text("Kind of cancer.", code_system="100kGP disease type")
    origin = text(
        "Whether the variant is inherited or the tumour's own.",
        values=("germline", "somatic"),
        required=True,
    )
    gene = text("Symbol of the gene.", code_system="HGNC")
    transcript = text("The gene's transcript.", code_system="Ensembl")
    chr = text("Contig of the assembly GRCh38.", required=True)
    pos = integer("Position on the contig, from 1.", required=True)
    ref = text("Bases of the reference.", required=True)
    alt = text("Bases of the variant.", required=True)
    vaf = decimal("Share of the tumour's reads that carry the variant.")
    cellbase_consequence = text("What the variant does to the transcript.", code_system="SO")
    clinical_significance = text("What ClinVar says of it.")
    relevance = text(
        "How much it matters.", values=("(likely)pathogenic", "LoF", "path_LoF", "other")
    )
    domain = text(
        "Domain of the gene, of somatic variants; the name is an assumption.",
        values=DOMAINS,
        assumption=True,
    )
    tier = text(
        "Tier of germline variants; the name is an assumption.",
        values=("TIER1", "TIER3"),
        assumption=True,
    )
