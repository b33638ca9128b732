"""Machine learning: what models learn from genomes and records, and how to tell whether they have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from domains.machine_learning.diagnosis_prediction import DiagnosisPrediction, predict_diagnosis
from domains.machine_learning.prediction_report import (
    plot_kinship,
    plot_reliability,
    summarise_by_kinship,
    summarise_reliability,
)
from gecip.analysis.genetic.ancestry import GeneticAncestry, genetic_ancestry, reference_people
from gecip.cohort import define_cohort
from gecip.domain import Domain, Question
from gecip.reporting import Summary, summarise
from gecip.reporting.ancestry_report import (
    compare_with_recorded,
    density_of_components,
    plot_components,
    plot_density,
)
from gecip.tables import aggregate_samples, participants, phenotypes

if TYPE_CHECKING:
    from gecip.release import Release

PEOPLE_WITH_A_GENOME = define_cohort("People with a genome in the aggregate").include(
    aggregate_samples.exists_for_participant(),
    because="their genome is in the germline aggregate",
)
PEOPLE_WITH_FEATURES = (
    define_cohort("Rare-disease participants with recorded features")
    .include(
        participants.programme == "Rare Diseases",
        because="recruited to the rare-disease arm, relatives included",
    )
    .include(
        phenotypes.where(phenotypes.present == "Yes").exists_for_participant(),
        because="a clinician found at least one feature",
    )
)


def whose_genomes_resemble(release: Release) -> Summary:
    """Return how many people of a release resemble which reference, and how many cannot be assigned."""
    from gecip.cohort import select_cohort
    from gecip.genotypes import load_genotypes

    cohort = select_cohort(PEOPLE_WITH_A_GENOME, release)
    return summarise(genetic_ancestry(load_genotypes(cohort), reference_people(cohort)))


def how_well_predicted(release: Release) -> Summary:
    """Return how well a disease group is predicted from HPO terms, families kept together and torn apart."""
    from gecip.cohort import select_cohort

    return summarise(predict_diagnosis(select_cohort(PEOPLE_WITH_FEATURES, release)))


DOMAIN = Domain(
    name="machine_learning",
    title="Machine learning",
    lead="The lead of the machine-learning domain",
    description="What models learn from genomes and clinical records, judged on families that they have not seen.",
    notebooks=Path(__file__).parents[2] / "notebooks" / "machine_learning",
    cohorts=(PEOPLE_WITH_A_GENOME, PEOPLE_WITH_FEATURES),
    questions=(
        Question(
            asks="Whose genomes resemble which reference?",
            answer=whose_genomes_resemble,
            gives=Summary,
            notebook="01-whose-genomes-resemble-which-reference.ipynb",
        ),
        Question(
            asks="Can a diagnosis be predicted from what the clinicians found?",
            answer=how_well_predicted,
            gives=Summary,
            notebook="02-can-a-diagnosis-be-predicted.ipynb",
        ),
    ),
)

__all__ = [
    "DOMAIN",
    "PEOPLE_WITH_A_GENOME",
    "PEOPLE_WITH_FEATURES",
    "DiagnosisPrediction",
    "GeneticAncestry",
    "compare_with_recorded",
    "density_of_components",
    "genetic_ancestry",
    "how_well_predicted",
    "plot_components",
    "plot_density",
    "plot_kinship",
    "plot_reliability",
    "predict_diagnosis",
    "reference_people",
    "summarise_by_kinship",
    "summarise_reliability",
    "whose_genomes_resemble",
]
