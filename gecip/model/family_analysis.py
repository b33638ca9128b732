"""The quick views of the rare-disease arm: one row per genome, with the family, the disease and what came of it."""

from __future__ import annotations

from gecip.model.genomes import BUILDS
from gecip.model.people import KARYOTYPIC_SEXES, PHENOTYPIC_SEXES
from gecip.model.table import FormerName, Sensitivity, Table, boolean, date, integer, text

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER
_TECHNICAL = Sensitivity.TECHNICAL


class RareDiseaseAnalysis(Table):
    """One row for each rare-disease participant and build: the latest genome, and whether genetics and report agree."""

    name = "rare_disease_analysis"

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    plate_key = text(
        "Plate barcode and well of the sequenced sample.",
        sensitivity=_ID,
        former_names=(FormerName("platekey", "v6"),),
    )
    rare_diseases_family_id = integer("Number of the family.", sensitivity=_ID, alias="family_id")
    biological_relationship_to_proband = text(
        "How the participant is related to the proband.", alias="relationship"
    )
    participant_type = text(
        "Whether the participant is the proband or a relative.", values=("Proband", "Relative")
    )
    participant_phenotypic_sex = text(
        "Sex as the clinician recorded it.",
        values=PHENOTYPIC_SEXES,
        sensitivity=_QUASI,
        alias="sex",
    )
    participant_ethnic_category = text(
        "Ethnic category as stated.", code_system="ONS 2001", sensitivity=_QUASI
    )
    normalised_specific_disease = text("Disease in one wording.", alias="disease")
    genome = text("Name of the genome.", sensitivity=_ID)
    genome_build = text(
        "Assembly to which the genome was aligned.", values=BUILDS, sensitivity=_TECHNICAL
    )
    path = text("Where the genome lies.", sensitivity=_ID)
    tiering = text(
        "Whether the family was tiered; that it says Yes and No is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    reported_phenotypic_sex = text(
        "Sex as reported by the centre.", values=PHENOTYPIC_SEXES, sensitivity=_QUASI
    )
    reported_karyotypic_sex = text(
        "Sex chromosomes as reported by the centre.", values=KARYOTYPIC_SEXES
    )
    inferred_sex_karyotype = text("Sex chromosomes as inferred from the genome.")
    genetic_vs_reported_results = text(
        "Whether sex, relatedness and Mendelian checks agree with what was reported; on GRCh38 only, and the wording is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )


class RareDiseaseInterpreted(Table):
    """One row for each member of a family that was interpreted, with the family's VCF and whether it was solved."""

    name = "rare_disease_interpreted"
    since = "v12"

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    plate_key = text("Plate barcode and well of the sequenced sample.", sensitivity=_ID)
    family_id = integer("Number of the family.", sensitivity=_ID)
    assembly = text("Assembly of the interpretation.", values=BUILDS, sensitivity=_TECHNICAL)
    is_proband = boolean(
        "Whether the participant is the proband; that it is stored as true and false is an assumption.",
        assumption=True,
    )
    normalised_specific_disease_proband = text("The proband's disease in one wording.")
    affection_status = text("Whether the participant has the family's disease.")
    biological_relationship_to_proband = text("How the participant is related to the proband.")
    alignment_file_path = text("Where the participant's aligned reads lie.", sensitivity=_ID)
    platypus_vcf_path = text(
        "Where the family's joint calls lie, from which it was tiered.", sensitivity=_ID
    )
    case_solved_family = text(
        "Whether the report explains the family's disease.",
        values=("yes", "no", "partially", "unknown", "report_not_available"),
        alias="solved",
    )
    gmc_exit_q_event_date = date(
        "Day on which the exit questionnaire was filled in.", sensitivity=_QUASI
    )
    last_status = text(
        "Where the interpretation stands; the wording is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    sex = text("Sex of the participant.", sensitivity=_QUASI)
