"""The variants that the programme's own pipeline prioritised in rare-disease families, and the panels it used.

The same variant stands in several rows: in several tiers, by several patterns of segregation, for
several panels, and once for each relative who carries it.
"""

from __future__ import annotations

from gecip.model.genomes import BUILDS
from gecip.model.people import PHENOTYPIC_SEXES, YES_NO_UNKNOWN
from gecip.model.table import (
    Column,
    FormerName,
    Sensitivity,
    Table,
    decimal,
    integer,
    numbered,
    text,
)

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER
_TECHNICAL = Sensitivity.TECHNICAL

TIERS = ("NONE", "TIER1", "TIER2", "TIER3")
# The programme's words for genotypes, its own spelling of `hemizigous` included (GelReportModels).
ZYGOSITIES = (
    "reference_homozygous",
    "heterozygous",
    "alternate_homozygous",
    "missing",
    "half_missing_reference",
    "half_missing_alternate",
    "alternate_hemizigous",
    "reference_hemizigous",
    "unk",
    "na",
)
MODES_OF_INHERITANCE = (
    "monoallelic",
    "monoallelic_not_imprinted",
    "monoallelic_maternally_imprinted",
    "monoallelic_paternally_imprinted",
    "biallelic",
    "monoallelic_and_biallelic",
    "monoallelic_and_more_severe_biallelic",
    "xlinked_biallelic",
    "xlinked_monoallelic",
    "mitochondrial",
    "unknown",
    "na",
)
SEGREGATION_PATTERNS = (
    "UniparentalIsodisomy",
    "SimpleRecessive",
    "CompoundHeterozygous",
    "deNovo",
    "InheritedAutosomalDominant",
    "InheritedAutosomalDominantMaternallyImprinted",
    "InheritedAutosomalDominantPaternallyImprinted",
    "XLinkedCompoundHeterozygous",
    "XLinkedSimpleRecessive",
    "XLinkedMonoallelic",
    "MitochondrialGenome",
)
CONTIG = "Chromosome of the variant."

_GNOMAD_GROUPS = {
    "all": "everybody",
    "afr": "African ancestry",
    "amr": "admixed American ancestry",
    "asj": "Ashkenazi Jewish ancestry",
    "eas": "East Asian ancestry",
    "fin": "Finnish ancestry",
    "nfe": "European ancestry but Finnish",
    "oth": "other ancestry",
    "male": "males",
    "female": "females",
}
_UK10K_GROUPS = {
    "all": "everybody",
    "alspac": "the ALSPAC cohort",
    "twinsuk": "the TwinsUK cohort",
    "twinsuk_nodup": "the TwinsUK cohort without second twins",
}
_THOUSAND_GENOMES_GROUPS = {
    "all": "everybody",
    "afr": "African ancestry",
    "amr": "American ancestry",
    "eas": "East Asian ancestry",
    "eur": "European ancestry",
    "sas": "South Asian ancestry",
}


def _frequencies(prefix: str, resource: str, groups: dict[str, str]) -> tuple[Column, ...]:
    names = list(groups)

    def column(number: int) -> Column:
        group = groups[names[number]]
        return decimal(f"Frequency of the allele in {resource}, {group}.", sensitivity=_TECHNICAL)

    return tuple(
        numbered(f"{prefix}_{name}", [place], column)[0] for place, name in enumerate(names)
    )


class TieringData(Table):
    """One row for each prioritised variant, carrier, tier and reason: over ten million rows."""

    name = "tiering_data"

    participant_id = integer("The carrier of the variant.", sensitivity=_ID, required=True)
    rare_diseases_family_id = integer("Number of the family.", sensitivity=_ID, alias="family_id")
    interpretation_cohort_id = text(
        "Number of the group that was interpreted together.", sensitivity=_ID
    )
    interpretation_request_id = text(
        "Number of the interpretation, with its version.", sensitivity=_ID
    )
    sample_id = text("Plate barcode and well of the carrier's sample.", sensitivity=_ID)
    phenotype = text("Disease under which the family was interpreted, in one wording.")
    participant_type = text("How the carrier is related to the family's proband.")
    assembly = text("Assembly of the position.", values=BUILDS, sensitivity=_TECHNICAL)
    chromosome = text(CONTIG)
    position = integer("Position of the variant, 1-based.")
    reference = text("Reference allele.")
    alternate = text("Alternate allele.")
    genotype = text("The carrier's genotype, in words.", values=ZYGOSITIES)
    mode_of_inheritance = text(
        "Mode of inheritance under which the variant was tiered.", values=MODES_OF_INHERITANCE
    )
    segregation_pattern = text(
        "Way in which the variant follows the disease through the family.",
        values=SEGREGATION_PATTERNS,
        former_names=(FormerName("event_justification", "v7"),),
    )
    penetrance = text(
        "Penetrance under which the variant was tiered.", values=("complete", "incomplete")
    )
    tier = text("Tier of the variant.", values=TIERS)
    genomic_feature_hgnc = text("Gene in which the variant lies.", code_system="HGNC", alias="gene")
    ensembl_id = text("The gene's id in Ensembl.", code_system="Ensembl")
    consequence_type = text(
        "What the variant does to the transcript; a cell may hold several with commas between.",
        code_system="SO",
    )
    so_term = text("The consequence's id in the Sequence Ontology.", code_system="SO")
    father_affected = text("Whether the father is affected.", values=YES_NO_UNKNOWN)
    mother_affected = text("Whether the mother is affected.", values=YES_NO_UNKNOWN)
    full_brothers_affected = integer("Number of affected full brothers.")
    full_sisters_affected = integer("Number of affected full sisters.")
    participant_phenotypic_sex = text(
        "Sex of the carrier.", values=PHENOTYPIC_SEXES, sensitivity=_QUASI, alias="sex"
    )


class TieredVariantsFrequency(Table):
    """One row for each tiered variant, with its frequency in reference sets; they stood in tiering_data before v8."""

    name = "tiered_variants_frequency"
    key = ("assembly", "chromosome", "position", "reference", "alternate")
    person_column = None
    since = "v8"

    assembly = text("Assembly of the position.", values=BUILDS, sensitivity=_TECHNICAL)
    chromosome = text(CONTIG)
    position = integer("Position of the variant, 1-based.")
    reference = text("Reference allele.")
    alternate = text("Alternate allele.")
    gnomad_exomes = _frequencies("gnomad_exomes", "gnomAD's exomes", _GNOMAD_GROUPS)
    gnomad_genomes = _frequencies("gnomad_genomes", "gnomAD's genomes", _GNOMAD_GROUPS)
    uk10k = _frequencies("uk10k", "UK10K", _UK10K_GROUPS)
    thousand_genomes = _frequencies(
        "1000genomes_phase_3", "1000 Genomes, phase 3", _THOUSAND_GENOMES_GROUPS
    )


class PanelsApplied(Table):
    """One row for each gene panel under which a participant's genome was tiered."""

    name = "panels_applied"

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    rare_diseases_family_id = integer(
        "Number of the family; that this table has it is an assumption.",
        sensitivity=_ID,
        assumption=True,
        alias="family_id",
    )
    interpretation_cohort_id = text(
        "Number of the group that was interpreted together.", sensitivity=_ID
    )
    interpretation_request_id = text(
        "Number of the interpretation, with its version.", sensitivity=_ID
    )
    sample_id = text("Plate barcode and well of the participant's sample.", sensitivity=_ID)
    phenotype = text("Disease for which the panel was chosen, in one wording.")
    panel_name = text("Name of the panel.", code_system="PanelApp", alias="panel")
    panel_version = text("Version of the panel.", sensitivity=_TECHNICAL)
    panel_identifier = text(
        "Hash of the panel's name and version.", code_system="PanelApp", sensitivity=_TECHNICAL
    )
