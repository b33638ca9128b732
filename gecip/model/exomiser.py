"""The variants that Exomiser ranked by what the gene does and what the participant has.

Columns after the dictionary of the NHS-GMS release, put back into the main programme's names.
"""

from __future__ import annotations

from gecip.model.genomes import BUILDS
from gecip.model.people import PHENOTYPIC_SEXES, YES_NO_UNKNOWN
from gecip.model.table import Sensitivity, Table, decimal, integer, text

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER
_TECHNICAL = Sensitivity.TECHNICAL


class Exomiser(Table):
    """One row for each variant that Exomiser ranked in a family: over ten million rows."""

    name = "exomiser"

    participant_id = integer("The proband.", sensitivity=_ID, required=True)
    rare_diseases_family_id = integer(
        "Number of the family; that the column is called as in tiering_data is an assumption.",
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
    sample_id = text("Plate barcode and well of the sample.", sensitivity=_ID)
    phenotype = text("Disease under which the family was interpreted, in one wording.")
    participant_type = text("How the carrier is related to the family's proband.")
    participant_phenotypic_sex = text(
        "Sex of the carrier.", values=PHENOTYPIC_SEXES, sensitivity=_QUASI, alias="sex"
    )
    assembly = text(
        "Assembly of the position; the NHS-GMS release calls it genome_build, and this name is an assumption.",
        values=BUILDS,
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    chromosome = text("Chromosome of the variant.")
    position = integer("Position of the variant, 1-based.")
    reference = text("Reference allele.")
    alternate = text("Alternate allele.")
    genotype = text("The carrier's genotype.")
    mode_of_inheritance = text("Mode of inheritance under which the variant was ranked.")
    penetrance = text("Penetrance under which the variant was ranked.")
    group_of_variants = integer(
        "Number that variants share which are ranked together, as two in one gene.",
        sensitivity=_TECHNICAL,
    )
    report_event_id = text("Number of the finding in the interpretation.", sensitivity=_ID)
    score = decimal("Exomiser's score of variant and gene together, from 0 to 1.")
    gene_pheno_score = decimal("How well the gene fits the participant's phenotypes.")
    gene_variant_score = decimal("How damaging the gene's variants are.")
    rank = integer("Rank in the family; 1 is best.")
    variant_score = decimal("How damaging this variant is.")
    genomic_feature_feature_type = text("Kind of feature in which the variant lies.")
    genomic_feature_hgnc = text("Gene in which the variant lies.", code_system="HGNC", alias="gene")
    ensembl_id = text("The gene's id in Ensembl.", code_system="Ensembl")
    consequence = text("What the variant does to the transcript.", code_system="SO")
    hgvs = text("The variant in HGVS.", code_system="HGVS")
    mutation_taster = decimal("MutationTaster's prediction.", sensitivity=_TECHNICAL)
    sift = decimal("SIFT's prediction.", sensitivity=_TECHNICAL)
    max_frequency = decimal("Highest frequency in any reference set.", sensitivity=_TECHNICAL)
    gel_frequency = decimal("Frequency in the programme itself.", sensitivity=_TECHNICAL)
    poly_phen = decimal("PolyPhen's prediction.", sensitivity=_TECHNICAL)
    mother_affected = text("Whether the mother is affected.", values=YES_NO_UNKNOWN)
    father_affected = text("Whether the father is affected.", values=YES_NO_UNKNOWN)
    full_brothers_affected = integer(
        "Number of affected full brothers; that it is split from the sisters as in tiering_data is an assumption.",
        assumption=True,
    )
    full_sisters_affected = integer(
        "Number of affected full sisters; that it is split from the brothers as in tiering_data is an assumption.",
        assumption=True,
    )
