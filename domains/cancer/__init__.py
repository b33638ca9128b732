"""Cancer: what drives tumours, how many mutations they carry, and how long people live with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from domains.cancer.mutated_genes import (
    MutatedGenes,
    MutualExclusivity,
    mutated_genes,
    mutual_exclusivity,
)
from domains.cancer.mutational_burden import MutationalBurden, mutational_burden
from domains.cancer.sequenced_tumours import Tumours, load_tumours
from domains.cancer.tumour_reports import (
    plot_burden,
    plot_every_burden,
    plot_gene_frequencies,
    plot_oncoplot,
)
from domains.cancer.tumour_survival import AGE, diagnosis_days, follow_by_gene
from gecip.analysis.clinical.cox_model import compare_entries
from gecip.cohort import define_cohort, select_cohort
from gecip.domain import Domain, Question
from gecip.reporting import Listing, Summary, list_rows, summarise
from gecip.tables import tumours

if TYPE_CHECKING:
    from gecip.release import Release

LUNG, SURVIVAL_GENE = "LUNG", "TP53"

PEOPLE_WITH_TUMOURS = define_cohort("People with a sequenced tumour").include(
    tumours.exists_for_participant(),
    because="a tumour of theirs was sequenced and interpreted",
)
PEOPLE_WITH_LUNG_TUMOURS = define_cohort("People with a sequenced lung tumour").include(
    tumours.where(tumours.disease_type == LUNG).exists_for_participant(),
    because="a lung tumour of theirs was sequenced and interpreted",
)


def how_many_mutations(release: Release) -> Summary:
    """Return the mutational burden of each kind of tumour."""
    return summarise(mutational_burden(load_tumours(select_cohort(PEOPLE_WITH_TUMOURS, release))))


def which_genes_are_mutated(release: Release) -> Summary:
    """Return in how many people's lung tumours each gene is mutated."""
    return summarise(mutated_genes(_lung_tumours(release)))


def what_is_mutated_where(release: Release) -> Listing:
    """Return the mutated genes of each lung tumour, in the order of an oncoplot."""
    return list_rows(mutated_genes(_lung_tumours(release)))


def who_lives_longer(release: Release) -> Summary:
    """Return the hazard ratio of a mutated TP53 in lung tumours, with delayed entry and without, adjusted for age."""
    cohort = select_cohort(PEOPLE_WITH_LUNG_TUMOURS, release)
    followed = follow_by_gene(cohort, load_tumours(cohort, disease_type=LUNG), gene=SURVIVAL_GENE)
    return summarise(compare_entries(followed, adjusted_for=[AGE]))


def _lung_tumours(release: Release) -> Tumours:
    return load_tumours(select_cohort(PEOPLE_WITH_LUNG_TUMOURS, release), disease_type=LUNG)


_DRIVERS = "01-what-drives-these-tumours.ipynb"
_SURVIVAL = "02-who-lives-how-long-after-the-diagnosis.ipynb"

DOMAIN = Domain(
    name="cancer",
    title="Cancer",
    lead="The lead of the cancer domain",
    description="Tumours by what drives them, how many mutations they carry, and how long people live with them.",
    notebooks=Path(__file__).parents[2] / "notebooks" / "cancer",
    cohorts=(PEOPLE_WITH_TUMOURS, PEOPLE_WITH_LUNG_TUMOURS),
    questions=(
        Question(
            "How many mutations do tumours of each kind carry?",
            how_many_mutations,
            Summary,
            _DRIVERS,
            draws=(plot_burden,),
        ),
        Question(
            "Which genes are mutated in lung tumours?",
            which_genes_are_mutated,
            Summary,
            _DRIVERS,
            draws=(plot_gene_frequencies,),
        ),
        Question(
            "What is mutated in which lung tumour?",
            what_is_mutated_where,
            Listing,
            _DRIVERS,
            draws=(plot_oncoplot,),
        ),
        Question(
            "Do people live shorter if TP53 is mutated in their lung tumour?",
            who_lives_longer,
            Summary,
            _SURVIVAL,
        ),
    ),
)

__all__ = [
    "AGE",
    "DOMAIN",
    "PEOPLE_WITH_LUNG_TUMOURS",
    "PEOPLE_WITH_TUMOURS",
    "MutatedGenes",
    "MutationalBurden",
    "MutualExclusivity",
    "Tumours",
    "diagnosis_days",
    "follow_by_gene",
    "how_many_mutations",
    "load_tumours",
    "mutated_genes",
    "mutational_burden",
    "mutual_exclusivity",
    "plot_burden",
    "plot_every_burden",
    "plot_gene_frequencies",
    "plot_oncoplot",
    "what_is_mutated_where",
    "which_genes_are_mutated",
    "who_lives_longer",
]
