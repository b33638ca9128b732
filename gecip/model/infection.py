"""Tuberculosis isolates of participants: invented, since the programme has no pathogens' genomes in LabKey.

Variants are named as in the WHO's catalogue of mutations (2nd edition, 2023), so that the catalogue
itself can be used on them: gene, then the change, as in `rpoB_p.Ser450Leu`.
"""

from __future__ import annotations

from gecip.model.table import Sensitivity, Table, date, decimal, integer, text

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER
_TECHNICAL = Sensitivity.TECHNICAL

LINEAGES = ("lineage1", "lineage2", "lineage3", "lineage4")
# The words of the WHO catalogue.
EFFECTS = (
    "missense_variant",
    "synonymous_variant",
    "upstream_gene_variant",
    "non_coding_transcript_exon_variant",
    "frameshift",
    "stop_gained",
    "inframe_deletion",
    "inframe_insertion",
    "stop_lost",
    "start_lost",
    "initiator_codon_variant",
    "feature_ablation",
    "stop_retained_variant",
    "intergenic_variant",
)
# How sure a phenotype is, in the WHO's words: tested as the WHO endorses, by critical concentration,
# by one with an area of technical uncertainty, or in any way.
PHENOTYPIC_CATEGORIES = ("WHO", "CC", "CC-ATU", "ALL")


class TuberculosisIsolate(Table):
    """One row for each sequenced isolate of Mycobacterium tuberculosis, with how well it was sequenced."""

    name = "tuberculosis_isolate"
    key = ("isolate",)
    invented = True

    participant_id = integer(
        "The participant from whom it was grown.", sensitivity=_ID, required=True
    )
    isolate = text("Name of the isolate.", sensitivity=_ID, required=True)
    collection_date = date("Day on which the specimen was taken.", sensitivity=_QUASI)
    lineage = text("Lineage by its marker SNPs.", values=LINEAGES)
    mean_depth = decimal("Mean depth over the reference NC_000962.3.", sensitivity=_TECHNICAL)
    coverage = decimal(
        "Share of the reference that was read at least ten times.", sensitivity=_TECHNICAL
    )


class TuberculosisIsolateVariant(Table):
    """One row for each place where an isolate differs from the reference NC_000962.3, mixed places included."""

    name = "tuberculosis_isolate_variant"
    key = ("isolate", "position", "alt")
    invented = True

    participant_id = integer(
        "The participant from whom the isolate was grown.", sensitivity=_ID, required=True
    )
    isolate = text("Name of the isolate.", sensitivity=_ID, required=True)
    position = integer("Place on NC_000962.3, from 1.", required=True)
    ref = text("Bases of the reference from this place on.", required=True)
    alt = text("Bases of the isolate in their place.", required=True)
    gene = text("Gene in or before which it lies; empty between genes.")
    variant = text("Gene and change as the WHO catalogue writes them; empty between genes.")
    effect = text("What it does to the gene.", values=EFFECTS)
    allele_fraction = decimal(
        "Share of the reads that carry it; below 1 where strains are mixed.", sensitivity=_TECHNICAL
    )


class TuberculosisIsolateUncalledRegion(Table):
    """One row for each stretch of the reference where an isolate was read too little to say what stands there."""

    name = "tuberculosis_isolate_uncalled_region"
    key = ("isolate", "start")
    invented = True

    participant_id = integer(
        "The participant from whom the isolate was grown.", sensitivity=_ID, required=True
    )
    isolate = text("Name of the isolate.", sensitivity=_ID, required=True)
    start = integer("First place of the stretch, from 1.", sensitivity=_TECHNICAL, required=True)
    stop = integer(
        "Last place of the stretch, itself included.", sensitivity=_TECHNICAL, required=True
    )


class TuberculosisDrugSusceptibility(Table):
    """One row for each drug against which an isolate was tested in culture; several tests may have been made."""

    name = "tuberculosis_drug_susceptibility"
    key = ("isolate", "drug", "phenotypic_category")
    invented = True

    participant_id = integer(
        "The participant from whom the isolate was grown.", sensitivity=_ID, required=True
    )
    isolate = text("Name of the isolate.", sensitivity=_ID, required=True)
    drug = text(
        "The drug, by its English name with a capital, as in the WHO catalogue.", required=True
    )
    phenotypic_category = text(
        "How the test was made, in the WHO's words.",
        values=PHENOTYPIC_CATEGORIES,
        sensitivity=_TECHNICAL,
    )
    phenotype = text("R for resistant, S for susceptible.", values=("R", "S"), required=True)
