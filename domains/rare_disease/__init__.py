"""Rare disease: from a family to an explained variant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from domains.rare_disease.assessed_variants import AssessedVariants, assessed_variants
from domains.rare_disease.assessment_reports import list_assessed, list_returned, summarise_assessed
from domains.rare_disease.candidates import CandidateVariants, candidate_variants
from domains.rare_disease.pilot_comparison import compare_with_pilot
from domains.rare_disease.reports import list_candidates, plot_candidates, summarise_candidates
from domains.rare_disease.returned_findings import ReturnedFinding, return_finding
from gecip.cohort import define_cohort
from gecip.domain import Domain, Question
from gecip.reporting import Listing, Summary, summarise
from gecip.tables import participants

if TYPE_CHECKING:
    from gecip.release import Release

RARE_DISEASE_FAMILIES = define_cohort("Families of the rare-disease arm").include(
    participants.programme == "Rare Diseases",
    because="recruited to the rare-disease arm, relatives included",
)


def which_variants_explain(release: Release) -> Listing:
    """Return the candidate variants of every rare-disease family of a release, row by row."""
    from gecip.cohort import select_cohort
    from gecip.genotypes import load_genotypes

    return list_candidates(
        candidate_variants(load_genotypes(select_cohort(RARE_DISEASE_FAMILIES, release)))
    )


def how_many_have_a_diagnosis(release: Release) -> Summary:
    """Return the diagnostic yield of a release's rare-disease probands, by disease group."""
    from gecip.analysis.clinical.diagnostic_yield import diagnostic_yield
    from gecip.cohort import select_cohort

    return summarise(diagnostic_yield(select_cohort(RARE_DISEASE_FAMILIES, release)))


DOMAIN = Domain(
    name="rare_disease",
    title="Rare disease",
    lead="The lead of the rare-disease domain",
    description="Families with a rare disease: which variants explain them, and which remain to be explained.",
    notebooks=Path(__file__).parents[2] / "notebooks" / "rare_disease",
    cohorts=(RARE_DISEASE_FAMILIES,),
    questions=(
        Question(
            asks="Which variants could explain this family's disease?",
            answer=which_variants_explain,
            gives=Listing,
            notebook="01-which-variants-could-explain-this-family.ipynb",
        ),
        Question(
            asks="In how many families was a diagnosis made?",
            answer=how_many_have_a_diagnosis,
            gives=Summary,
            notebook="02-how-many-families-have-a-diagnosis.ipynb",
        ),
    ),
)

__all__ = [
    "DOMAIN",
    "RARE_DISEASE_FAMILIES",
    "AssessedVariants",
    "CandidateVariants",
    "ReturnedFinding",
    "assessed_variants",
    "candidate_variants",
    "compare_with_pilot",
    "how_many_have_a_diagnosis",
    "list_assessed",
    "list_candidates",
    "list_returned",
    "plot_candidates",
    "return_finding",
    "summarise_assessed",
    "summarise_candidates",
    "which_variants_explain",
]
