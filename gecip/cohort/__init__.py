"""Who: a definition is a frozen value with no data in it; a cohort is that definition on a release on a day."""

from gecip.cohort.assurance import assure
from gecip.cohort.clinical_columns import clinical_columns
from gecip.cohort.definition import CohortDefinition, define_cohort, load_definition
from gecip.cohort.from_terms import define_cohort_from_terms
from gecip.cohort.language import any_family_member, in_whole_trio, proband_of
from gecip.cohort.selection import Cohort, select_cohort

__all__ = [
    "Cohort",
    "CohortDefinition",
    "any_family_member",
    "assure",
    "clinical_columns",
    "define_cohort",
    "define_cohort_from_terms",
    "in_whole_trio",
    "load_definition",
    "proband_of",
    "select_cohort",
]
