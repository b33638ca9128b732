"""How we say it: summaries, listings and figures."""

from gecip.reporting.association_report import summary_statistics
from gecip.reporting.attrition_report import plot_attrition
from gecip.reporting.carrier_report import plot_carriers
from gecip.reporting.comparison_report import plot_differences, plot_overlap
from gecip.reporting.counting import count_people
from gecip.reporting.enrichment_report import plot_enrichment
from gecip.reporting.figure import Figure
from gecip.reporting.gene_burden_report import plot_gene_burden
from gecip.reporting.genetic_reports import plot_score_coverage
from gecip.reporting.listing import Listing
from gecip.reporting.matching_report import list_matches
from gecip.reporting.products import list_rows, summarise
from gecip.reporting.sample_checks_report import plot_kinship, plot_sex_check
from gecip.reporting.sample_quality_report import plot_sample_quality, plot_scores
from gecip.reporting.scan_report import (
    plot_manhattan,
    plot_quantiles,
    strongest_variants,
    summarise_places,
    summarise_quantiles,
)
from gecip.reporting.summary import Marks, Meaning, Rate, Summary, Total
from gecip.reporting.survival_report import plot_hazard_ratios, plot_survival
from gecip.reporting.timeline_report import plot_timeline
from gecip.reporting.yield_report import plot_yield

__all__ = [
    "Figure",
    "Listing",
    "Marks",
    "Meaning",
    "Rate",
    "Summary",
    "Total",
    "count_people",
    "list_matches",
    "list_rows",
    "plot_attrition",
    "plot_carriers",
    "plot_differences",
    "plot_enrichment",
    "plot_gene_burden",
    "plot_hazard_ratios",
    "plot_manhattan",
    "plot_overlap",
    "plot_quantiles",
    "plot_score_coverage",
    "plot_kinship",
    "plot_sample_quality",
    "plot_scores",
    "plot_sex_check",
    "plot_survival",
    "plot_timeline",
    "plot_yield",
    "strongest_variants",
    "summarise",
    "summarise_places",
    "summarise_quantiles",
    "summary_statistics",
]
