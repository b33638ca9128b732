"""Burden by disease group: genes in which its probands carry more often than those of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domains.rare_disease.consequences import TIERED_TERMS
from gecip.analysis.genetic.gene_burden import GeneBurden, gene_burden
from gecip.analysis.genetic.qualifying import (
    LOSS_OF_FUNCTION_TEST,
    VariantTest,
    qualifying_variants,
)

if TYPE_CHECKING:
    from gecip.genotypes import Genotypes

# Below it, a variant is private to a few families of the world; that of the planted burden gene.
RAREST = 0.0001
PROTEIN_CHANGING_TEST = VariantTest("protein-changing", tuple(TIERED_TERMS))


def burden_of_disease_groups(genotypes: Genotypes, *, below: float = RAREST) -> GeneBurden:
    """Return in which genes the probands of each disease group carry more often than all other probands.

    Two tests a gene: loss of function, and everything that is tiered (high and moderate impact). Other
    probands are no healthy controls: a gene that causes two groups' diseases is found in neither. Two
    passes over the genotypes, one of them for the cohort's own frequency.

    Parameters
    ----------
    genotypes
        Of the rare-disease arm; relatives are left out, a proband stands for each family.
    below
        The limit of the allele's frequency, in every annotated population.
    """
    carried = genotypes.passing("site-pass").rare(below=below)
    qualifying = qualifying_variants(carried, tests=(LOSS_OF_FUNCTION_TEST, PROTEIN_CHANGING_TEST))
    return gene_burden(qualifying, cases="disease_group")
