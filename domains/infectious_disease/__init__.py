"""Infectious disease: what a pathogen's genome says of treatment and of transmission."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from domains.infectious_disease.culture_agreement import CultureAgreement, compare_with_culture
from domains.infectious_disease.mutation_grading import GradedAssociations, grade_mutations
from domains.infectious_disease.resistance_catalogue import (
    ResistanceCatalogue,
    known_catalogue,
    read_catalogue,
)
from domains.infectious_disease.resistance_prediction import (
    ResistancePrediction,
    predict_resistance,
)
from domains.infectious_disease.resistance_report import (
    list_resistance,
    plot_agreement,
    plot_resistance,
    summarise_agreement,
    summarise_profiles,
    summarise_resistance,
)
from domains.infectious_disease.sequenced_isolates import Isolates, load_isolates
from domains.infectious_disease.snp_distance import count_snp_distances, read_mask
from domains.infectious_disease.transmission import TransmissionClusters, find_clusters
from domains.infectious_disease.transmission_report import (
    list_links,
    plot_chains,
    plot_clusters,
    plot_distances,
    summarise_clusters,
    summarise_distances,
)
from gecip.cohort import define_cohort, select_cohort
from gecip.domain import Domain, Question
from gecip.reporting import Listing, Summary
from gecip.tables import tuberculosis_isolates

if TYPE_CHECKING:
    from gecip.release import Release

PEOPLE_WITH_TUBERCULOSIS = define_cohort("People with a tuberculosis isolate").include(
    tuberculosis_isolates.exists_for_participant(),
    because="tuberculosis was grown from a specimen and sequenced",
)


def which_drugs_will_fail(release: Release) -> Summary:
    """Return for each drug how many people's tuberculosis resists it, by the earliest isolate of each."""
    return summarise_resistance(predict_resistance(_first_isolates(release)))


def how_well_it_agrees_with_culture(release: Release) -> Summary:
    """Return sensitivity, specificity and predictive value of the prediction for each drug tested."""
    return summarise_agreement(compare_with_culture(predict_resistance(_first_isolates(release))))


def how_much_is_transmitted(release: Release) -> Summary:
    """Return how many people are in transmission clusters of which size."""
    return summarise_clusters(find_clusters(_isolates(release)))


def who_may_have_infected_whom(release: Release) -> Listing:
    """Return the steps of the shortest chain through each transmission cluster, case by case."""
    return list_links(find_clusters(_isolates(release)))


def _isolates(release: Release) -> Isolates:
    return load_isolates(select_cohort(PEOPLE_WITH_TUBERCULOSIS, release))


def _first_isolates(release: Release) -> Isolates:
    return _isolates(release).first_of_each_participant()


_RESISTANCE = "01-which-drugs-will-fail-for-whom.ipynb"
_TRANSMISSION = "02-who-infected-whom.ipynb"

DOMAIN = Domain(
    name="infectious_disease",
    title="Infectious disease",
    lead="The lead of the infectious-disease domain",
    description="Tuberculosis by its genome: which drugs will fail, and who belongs to one chain of transmission.",
    notebooks=Path(__file__).parents[2] / "notebooks" / "infectious_disease",
    cohorts=(PEOPLE_WITH_TUBERCULOSIS,),
    questions=(
        Question(
            "Which drugs will fail for whom?",
            which_drugs_will_fail,
            Summary,
            _RESISTANCE,
            draws=(plot_resistance,),
        ),
        Question(
            "How well does the genome agree with culture?",
            how_well_it_agrees_with_culture,
            Summary,
            _RESISTANCE,
            draws=(plot_agreement,),
        ),
        Question(
            "How much tuberculosis is transmitted recently?",
            how_much_is_transmitted,
            Summary,
            _TRANSMISSION,
            draws=(plot_clusters,),
        ),
        Question(
            "Who infected whom?",
            who_may_have_infected_whom,
            Listing,
            _TRANSMISSION,
            draws=(plot_chains,),
        ),
    ),
)

__all__ = [
    "DOMAIN",
    "PEOPLE_WITH_TUBERCULOSIS",
    "CultureAgreement",
    "GradedAssociations",
    "Isolates",
    "ResistanceCatalogue",
    "ResistancePrediction",
    "TransmissionClusters",
    "compare_with_culture",
    "count_snp_distances",
    "find_clusters",
    "grade_mutations",
    "how_much_is_transmitted",
    "how_well_it_agrees_with_culture",
    "known_catalogue",
    "list_links",
    "list_resistance",
    "load_isolates",
    "plot_agreement",
    "plot_chains",
    "plot_clusters",
    "plot_distances",
    "plot_resistance",
    "predict_resistance",
    "read_catalogue",
    "read_mask",
    "summarise_agreement",
    "summarise_clusters",
    "summarise_distances",
    "summarise_profiles",
    "summarise_resistance",
    "which_drugs_will_fail",
    "who_may_have_infected_whom",
]
