"""Health economics: what care costs before and after a diagnosis, and what a genome is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from domains.health_economics.cost_report import (
    plot_phase_costs,
    summarise_changes,
    summarise_phase_costs,
)
from domains.health_economics.evaluation import Evaluation, evaluate_genomic_test
from domains.health_economics.evaluation_report import (
    plot_acceptability,
    plot_plane,
    summarise_acceptability,
    summarise_evaluation,
    summarise_parameters,
    summarise_plane,
)
from domains.health_economics.hospital_costs import PhaseCosts, phase_costs, result_days
from gecip.cohort import define_cohort
from gecip.domain import Domain, Question
from gecip.reporting import Summary
from gecip.tables import participants

if TYPE_CHECKING:
    from gecip.release import Release

RARE_DISEASE_PROBANDS = (
    define_cohort("Probands of the rare-disease arm")
    .include(participants.programme == "Rare Diseases", because="recruited to the rare-disease arm")
    .include(participants.type == "Proband", because="the person for whom the test was ordered")
)


def what_admissions_cost(release: Release) -> Summary:
    """Return what admissions of probands cost before and after their genomic result, with and without a diagnosis."""
    from gecip.cohort import select_cohort

    cohort = select_cohort(RARE_DISEASE_PROBANDS, release)
    return summarise_phase_costs(phase_costs(cohort, result_days(cohort)))


def what_a_genome_is_worth(release: Release) -> Summary:
    """Return what it costs and gains to sequence nobody, the proband, a duo or a trio."""
    from gecip.cohort import select_cohort

    cohort = select_cohort(RARE_DISEASE_PROBANDS, release)
    return summarise_evaluation(evaluate_genomic_test(cohort))


DOMAIN = Domain(
    name="health_economics",
    title="Health economics",
    lead="The lead of the health economics domain",
    description="What care costs before and after a diagnosis, and whether a genomic test is worth its price.",
    notebooks=Path(__file__).parents[2] / "notebooks" / "health_economics",
    cohorts=(RARE_DISEASE_PROBANDS,),
    questions=(
        Question(
            asks="What do hospital admissions cost before and after a diagnosis?",
            answer=what_admissions_cost,
            gives=Summary,
            notebook="01-what-do-admissions-cost-before-and-after-a-diagnosis.ipynb",
            draws=(plot_phase_costs,),
        ),
        Question(
            asks="Is a genomic test worth its price?",
            answer=what_a_genome_is_worth,
            gives=Summary,
            notebook="02-is-a-genomic-test-worth-its-price.ipynb",
        ),
    ),
)

__all__ = [
    "DOMAIN",
    "RARE_DISEASE_PROBANDS",
    "Evaluation",
    "PhaseCosts",
    "evaluate_genomic_test",
    "phase_costs",
    "plot_acceptability",
    "plot_phase_costs",
    "plot_plane",
    "result_days",
    "summarise_acceptability",
    "summarise_changes",
    "summarise_evaluation",
    "summarise_parameters",
    "summarise_phase_costs",
    "summarise_plane",
    "what_a_genome_is_worth",
    "what_admissions_cost",
]
