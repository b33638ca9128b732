"""Rare disease: from a family to an explained variant, with a reason for every one dropped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from domains.rare_disease.assessed_variants import AssessedVariants, assessed_variants
from domains.rare_disease.assessment_reports import list_assessed, list_returned, summarise_assessed
from domains.rare_disease.clinical_significance import known_significance, read_clinvar
from domains.rare_disease.de_novo import DeNovoCandidates, de_novo_candidates
from domains.rare_disease.de_novo_filters import DeNovoLimits
from domains.rare_disease.de_novo_reports import (
    list_candidates_by_child,
    list_de_novo,
    plot_candidates_by_child,
    summarise_de_novo,
)
from domains.rare_disease.family_check_reports import (
    list_doubtful_families,
    list_trios,
    plot_mendelian_errors,
    summarise_family_checks,
    summarise_structures,
)
from domains.rare_disease.family_checks import FamilyChecks, check_families
from domains.rare_disease.fitting_genes import benchmark_on_diagnosed
from domains.rare_disease.group_burden import burden_of_disease_groups
from domains.rare_disease.panel_changes import PanelChanges, panel_changes
from domains.rare_disease.panels import Panel, Panels, load_panels, read_panels
from domains.rare_disease.pilot_comparison import compare_with_pilot
from domains.rare_disease.ranking_reports import summarise_benchmark
from domains.rare_disease.reanalysis import Reanalysis, reanalyse
from domains.rare_disease.reanalysis_report import list_reanalysis, summarise_reanalysis
from domains.rare_disease.reports import list_panel_changes, list_tiers, plot_tiers, summarise_tiers
from domains.rare_disease.returned_findings import ReturnedFinding, return_finding
from domains.rare_disease.structural_tiering import StructuralTiers, tier_structural_variants
from domains.rare_disease.tiering import (
    COMPOUND_PATTERNS,
    TieredVariants,
    retier,
    tier_variants,
    tiers_of_patterns,
)
from domains.rare_disease.tiering_rows import tiering_rows
from domains.rare_disease.why import WhyTiered, why
from gecip.cohort import define_cohort
from gecip.domain import Domain, Question
from gecip.errors import AnalysisError
from gecip.reporting import Listing, Summary, plot_gene_burden, plot_yield, summarise
from gecip.tables import participants

if TYPE_CHECKING:
    from gecip.genotypes import Genotypes
    from gecip.release import Release

RARE_DISEASE_FAMILIES = define_cohort("Families of the rare-disease arm").include(
    participants.programme == "Rare Diseases",
    because="recruited to the rare-disease arm, relatives included",
)


def which_variants_explain(release: Release) -> Listing:
    """Return the tiered variants of every rare-disease family of a release, row by row."""
    return list_tiers(_tiering(release))


def which_are_compound_heterozygotes(release: Release) -> Listing:
    """Return the compound heterozygotes of every rare-disease family of a release, each with its partners and phase."""
    return list_tiers(tiers_of_patterns(_tiering(release), COMPOUND_PATTERNS))


def what_changed_on_the_panels(release: Release) -> Listing:
    """Return what changed on every panel of a release between its oldest and its newest version at hand."""
    panels = read_panels(release)
    numbers = sorted({panel.number for panel in panels})
    changes = [
        panel_changes(versions[0], versions[-1])
        for versions in (panels.versions(number) for number in numbers)
    ]
    return list_panel_changes(*changes, provenance=release.provenance)


def _genotypes(release: Release) -> Genotypes:
    from gecip.cohort import select_cohort
    from gecip.genotypes import load_genotypes

    return load_genotypes(select_cohort(RARE_DISEASE_FAMILIES, release))


def _tiering(release: Release) -> TieredVariants:
    return tier_variants(_genotypes(release))


def in_which_genes_patients_carry_more(release: Release) -> Summary:
    """Return the genes in which the probands of a disease group carry more often than the others of a release."""
    return summarise(burden_of_disease_groups(_genotypes(release)))


def what_is_newly_reportable(release: Release) -> Listing:
    """Return what has become reportable between the oldest and the newest day of a release's panels."""
    panels = read_panels(release)
    days = sorted({panel.created for panel in panels if panel.created is not None})
    if len(days) < 2:
        raise AnalysisError(
            f"The panels of release {release.name} are all of one day or of none, so that nothing can have changed: "
            "add older or newer versions to its panels."
        )
    return list_reanalysis(reanalyse(_tiering(release), panels, older=days[0], newer=days[-1]))


def how_many_new_variants_children_have(release: Release) -> Summary:
    """Return how many candidates for de novo variants pass, by child, among the trios of a release."""
    return summarise_de_novo(de_novo_candidates(_genotypes(release)))


def can_these_pedigrees_be_trusted(release: Release) -> Summary:
    """Return what is in doubt of the rare-disease families of a release: records, missing genomes, impossible genotypes."""
    return summarise_family_checks(check_families(_genotypes(release)))


def how_many_have_a_diagnosis(release: Release) -> Summary:
    """Return the diagnostic yield of a release's rare-disease probands, by disease group."""
    from gecip.analysis.clinical.diagnostic_yield import diagnostic_yield
    from gecip.cohort import select_cohort

    return summarise(diagnostic_yield(select_cohort(RARE_DISEASE_FAMILIES, release)))


def how_often_the_right_gene_comes_first(release: Release) -> Summary:
    """Return where a ranking by features alone puts the diagnosed gene of a release's probands."""
    from gecip.cohort import select_cohort

    return summarise_benchmark(
        benchmark_on_diagnosed(select_cohort(RARE_DISEASE_FAMILIES, release))
    )


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
            draws=(plot_yield,),
        ),
        Question(
            asks="Where does the second variant of a recessive gene hide?",
            answer=which_are_compound_heterozygotes,
            gives=Listing,
            notebook="03-where-does-a-second-variant-hide.ipynb",
        ),
        Question(
            asks="What has changed on the panels, and whom does it concern?",
            answer=what_changed_on_the_panels,
            gives=Listing,
            notebook="04-what-changed-on-the-panels.ipynb",
        ),
        Question(
            asks="Which variants are new in the child?",
            answer=how_many_new_variants_children_have,
            gives=Summary,
            notebook="05-which-variants-are-new-in-the-child.ipynb",
        ),
        Question(
            asks="Which gene fits this phenotype, and how often is it the right one?",
            answer=how_often_the_right_gene_comes_first,
            gives=Summary,
            notebook="06-which-gene-fits-this-phenotype.ipynb",
        ),
        Question(
            asks="In which genes do patients carry more often than others?",
            answer=in_which_genes_patients_carry_more,
            gives=Summary,
            notebook="07-in-which-genes-do-patients-carry-more.ipynb",
            draws=(plot_gene_burden,),
        ),
        Question(
            asks="What is newly reportable since we last looked?",
            answer=what_is_newly_reportable,
            gives=Listing,
            notebook="08-what-is-newly-reportable.ipynb",
        ),
        Question(
            asks="Can these pedigrees be trusted?",
            answer=can_these_pedigrees_be_trusted,
            gives=Summary,
            notebook="09-can-these-pedigrees-be-trusted.ipynb",
        ),
    ),
)

__all__ = [
    "AssessedVariants",
    "DOMAIN",
    "DeNovoCandidates",
    "DeNovoLimits",
    "FamilyChecks",
    "Panel",
    "PanelChanges",
    "Panels",
    "RARE_DISEASE_FAMILIES",
    "Reanalysis",
    "ReturnedFinding",
    "StructuralTiers",
    "TieredVariants",
    "WhyTiered",
    "assessed_variants",
    "burden_of_disease_groups",
    "can_these_pedigrees_be_trusted",
    "check_families",
    "compare_with_pilot",
    "benchmark_on_diagnosed",
    "de_novo_candidates",
    "how_many_have_a_diagnosis",
    "how_many_new_variants_children_have",
    "how_often_the_right_gene_comes_first",
    "in_which_genes_patients_carry_more",
    "known_significance",
    "list_assessed",
    "list_candidates_by_child",
    "list_de_novo",
    "list_doubtful_families",
    "list_panel_changes",
    "list_reanalysis",
    "list_returned",
    "list_tiers",
    "list_trios",
    "load_panels",
    "panel_changes",
    "plot_candidates_by_child",
    "plot_mendelian_errors",
    "plot_tiers",
    "read_clinvar",
    "read_panels",
    "reanalyse",
    "retier",
    "return_finding",
    "summarise_assessed",
    "summarise_reanalysis",
    "summarise_de_novo",
    "summarise_family_checks",
    "summarise_structures",
    "summarise_tiers",
    "tier_structural_variants",
    "tier_variants",
    "tiering_rows",
    "what_changed_on_the_panels",
    "what_is_newly_reportable",
    "which_are_compound_heterozygotes",
    "which_variants_explain",
    "why",
]
