"""What is known of a sequenced tumour beside its genome: stage, grade, receptors, spread and later alignment.

`cancer_staging_consolidated` after the user guide's tutorial and queries on the programme's own table.
"""

from __future__ import annotations

from gecip.model.table import (
    FormerName,
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

_OF_ANALYSIS = Reference("tumour_sample_platekey", "cancer_analysis", "tumour_sample_platekey")


class CancerStagingConsolidated(Table):
    """One row for each sequenced tumour whose stage was recorded within a year of the sample; the closest counts."""

    name = "cancer_staging_consolidated"
    references = (_OF_ANALYSIS,)

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    tumour_sample_platekey = text("Plate barcode and well of the tumour's sample.", sensitivity=_ID)
    diagnosis_date = date(
        "Day of the diagnosis.",
        sensitivity=_QUASI,
        former_names=(FormerName("diagnosisdatebest"),),
    )
    grade = text("Grade of the tumour.")
    component_tnm_t = text("Extent of the tumour at the stage.", code_system="TNM")
    component_tnm_n = text("Lymph nodes at the stage.", code_system="TNM")
    component_tnm_m = text("Metastases at the stage.", code_system="TNM")
    ajcc_stage = text("Stage after the American Joint Committee on Cancer.", code_system="AJCC")
    dukes = text("Stage of a colorectal tumour after Dukes.", code_system="Dukes")
    figo = text(
        "Stage of a gynaecological tumour.",
        code_system="FIGO",
        former_names=(FormerName("final_figo_stage"),),
    )
    stage_best = text("Best stage that the registry holds.", alias="stage")
    gleason_primary = integer("Primary Gleason grade of a prostate tumour.")
    gleason_combined = integer("Combined Gleason score of a prostate tumour.")
    er_status = text("Whether the tumour has oestrogen receptors.")
    pr_status = text("Whether the tumour has progesterone receptors.")
    her2_status = text("Whether the tumour has too much of the HER2 receptor.")
    npi = decimal("Nottingham Prognostic Index of a breast tumour.")
    behaviour_coded_desc = text("Behaviour of the tumour, in words.", code_system="ICD-O-3")
    histology_coded_desc = text("Histology of the tumour, in words.", code_system="ICD-O-3")
    sact_tumour_pseudo_id = text("Number of the tumour in the treatment data set.", sensitivity=_ID)


class CancerParticipantTumourMetastaticSite(Table):
    """One row for each site to which a participant's tumour had spread; far from complete."""

    name = "cancer_participant_tumour_metastatic_site"

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    metastatic_site = text("Where the metastasis was found.")


class CancerInvestSamplePathology(Table):
    """One row for each pathologist's report on a sample of a participant's tumour."""

    name = "cancer_invest_sample_pathology"

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    event_date = date("Day of the report.", sensitivity=_QUASI)
    primary_diagnosis_icd_code = text("Primary diagnosis.", code_system="ICD-10")


class Cancer100KGenomesRealignedOnPipeline2(Table):
    """One row for each tumour that was aligned and called again with DRAGEN, beside the first calls."""

    name = "cancer_100K_genomes_realigned_on_pipeline_2"
    person_column = "tumour_sample_platekey"
    person_key = "cancer_analysis.tumour_sample_platekey"
    references = (_OF_ANALYSIS,)

    participant_id = integer("The participant.", sensitivity=_ID)
    tumour_sample_platekey = text(
        "Plate barcode and well of the tumour's sample.", sensitivity=_ID, required=True
    )
    somatic_small_variants_vcf_path = text("Where the small variants lie.", sensitivity=_ID)
    somatic_small_variants_annotation_vcf = text(
        "Where the annotated small variants lie.", sensitivity=_ID
    )
    somatic_sv_vcf = text("Where the structural variants lie.", sensitivity=_ID)
    somatic_cnv_vcf = text("Where the copy-number variants lie.", sensitivity=_ID)
    tinc_result = text(
        "Whether tumour cells were found in the germline sample, of blood cancers.",
        sensitivity=_TECHNICAL,
    )
