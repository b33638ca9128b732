"""What became of a family's interpretation: the questionnaire that a centre sends back with each report."""

from __future__ import annotations

from gecip.model.table import DateOrder, FormerName, Sensitivity, Table, date, integer, text

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER
_TECHNICAL = Sensitivity.TECHNICAL

CASE_SOLVED = ("yes", "no", "partially", "unknown")
ACMG_CLASSES = (
    "pathogenic_variant",
    "likely_pathogenic_variant",
    "variant_of_unknown_clinical_significance",
    "likely_benign_variant",
    "benign_variant",
    "not_assessed",
    "na",
)
DISCOVERY_ZYGOSITIES = ("homozygous", "heterozygous", "compound heterozygous", "mosaic")


class GmcExitQuestionnaire(Table):
    """One row for each variant in the latest report on a family, or one for a report without any."""

    name = "gmc_exit_questionnaire"
    date_orders = (DateOrder("participant.registration_date", "event_date"),)

    participant_id = integer("The proband of the report.", sensitivity=_ID, required=True)
    family_id = integer("Number of the family.", sensitivity=_ID)
    interpretation_cohort_id = text(
        "Number of the group that was interpreted together.", sensitivity=_ID
    )
    interpretation_request_id = text(
        "Number of the interpretation, with its version.", sensitivity=_ID
    )
    clinical_report = text("Name of the clinical report.", sensitivity=_TECHNICAL)
    event_date = date("Day on which the questionnaire was filled in.", sensitivity=_QUASI)
    case_solved_family = text(
        "Whether the report explains the family's disease.", values=CASE_SOLVED, alias="solved"
    )
    additional_comments = text("Comments in free words.")
    segregation_question = text(
        "Whether the variants follow the disease through the family.", values=("yes", "no")
    )
    actionability = text(
        "Whether the report changes what is done.", values=("yes", "no", "not_yet", "na")
    )
    clinical_utility = text("In which way it does; several are joined.")
    reporting_question = text(
        "Whether the variant is reported to the patient.", values=("yes", "no", "na")
    )
    variant_group = integer(
        "Number that variants share which explain the disease together.", sensitivity=_TECHNICAL
    )
    acmg_classification = text(
        "Class of the variant after the ACMG's rules.", values=ACMG_CLASSES, code_system="ACMG"
    )
    assembly = text(
        "Assembly of the position.", values=("GRCh37", "GRCh38"), sensitivity=_TECHNICAL
    )
    chromosome = text("Chromosome of the variant.")
    position = integer("Position of the variant, 1-based.")
    reference = text("Reference allele.")
    alternate = text("Alternate allele.")
    gene_name = text(
        "All genes that the variant overlaps, with semicolons between.",
        code_system="HGNC",
        alias="gene",
    )
    confirmation_decision = text(
        "Whether the variant is to be confirmed by another method.", values=("yes", "no", "na")
    )
    confirmation_outcome = text("Whether it was confirmed.", values=("yes", "no", "na"))
    publications = text("Publications on the variant.")
    phenotypes_explained = text("Which phenotypes the report explains.", until="v7", real_only=True)


class SubmittedDiagnosticDiscovery(Table):
    """One row for each diagnosis that a researcher has sent in; none is removed after its review."""

    name = "submitted_diagnostic_discovery"
    since = "v16"

    participant_id = integer(
        "The participant whose disease is explained.", sensitivity=_ID, required=True
    )
    gene_of_interest = text("Gene of the variant.", code_system="HGNC", alias="gene")
    variant_of_interest = text("The variant, as chromosome:position:reference:alternate.")
    genome_build = text(
        "Assembly of the position.",
        sensitivity=_TECHNICAL,
        former_names=(FormerName("gene_build", "v17"),),
    )
    reporting_date = date("Day on which it was sent in.", sensitivity=_QUASI)
    notes = text("Notes in free words.")
    group = text(
        "Number or name that variants share which explain the disease together.", since="v18"
    )
    Zygosity = text(
        "Zygosity of the variant, the column with a capital letter.",
        values=DISCOVERY_ZYGOSITIES,
        since="v18",
    )
