"""Variants that a child has and neither parent: the trios that were searched, and what was flagged in them.

The user guide names the filters and two of the columns behind them; the columns that join the tables
are assumptions.
"""

from __future__ import annotations

from gecip.model.genomes import BUILDS
from gecip.model.table import Column, Sensitivity, Table, integer, text

_ID = Sensitivity.IDENTIFIER
_TECHNICAL = Sensitivity.TECHNICAL


def _flag(what: str) -> Column:
    return text(
        f"{what}; that it is written 1 for yes and 0 for no is an assumption.",
        values=("0", "1"),
        sensitivity=_TECHNICAL,
        assumption=True,
    )


class DenovoCohortInformation(Table):
    """One row for each member of a trio in which de novo variants were searched, built on release v9."""

    name = "denovo_cohort_information"
    since = "v9"

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    rare_diseases_family_id = integer(
        "Number of the family; that the column is called as in `participant` is an assumption.",
        sensitivity=_ID,
        assumption=True,
        alias="family_id",
    )
    trio_id = integer(
        "Number of the trio; parents of two children are in two, and the name is an assumption.",
        sensitivity=_ID,
        assumption=True,
    )
    member = text(
        "Who the participant is in the trio; the name and the wording are assumptions.",
        values=("Offspring", "Father", "Mother"),
        assumption=True,
    )


class DenovoFlaggedVariants(Table):
    """One row for each possible de novo variant of a child, with the filters that it passes."""

    name = "denovo_flagged_variants"
    since = "v9"

    participant_id = integer(
        "The child; that the column is called so is an assumption.",
        sensitivity=_ID,
        required=True,
        assumption=True,
    )
    assembly = text(
        "Assembly of the position; the name is an assumption.",
        values=BUILDS,
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    chromosome = text("Chromosome; the name is an assumption.", assumption=True)
    position = integer("Position, 1-based; the name is an assumption.", assumption=True)
    reference = text("Reference allele; the name is an assumption.", assumption=True)
    alternate = text("Alternate allele; the name is an assumption.", assumption=True)
    base_filter = _flag(
        "Whether the child has one copy and the parents none, on at least 20 reads each and at most 98 of the child's"
    )
    stringent_filter = _flag("Whether the base filter and all six that follow are passed")
    altreadparent = _flag("Whether at most one read of a parent carries the variant")
    abratio = _flag("Whether 0.3 to 0.7 of the child's reads carry the variant")
    proximity = _flag("Whether no other variant lies within 20 bases")
    segmentalduplication = _flag("Whether it lies outside segmental duplications")
    simplerepeat = _flag("Whether it lies outside simple repeats")
    patch = _flag("Whether it lies outside patches of the assembly")
    snp_filter = _flag("Whether it is a change of a single base")
    in_par = _flag("Whether it lies in a pseudoautosomal region")
    gene_filter = _flag("Whether it lies in a gene")
    multidenovo_filter = _flag("Whether the child has few enough of them")
