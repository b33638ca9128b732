"""Who: a definition is a frozen value with no data in it; a cohort is that definition on a release on a day."""

from gecip.cohort.clinical_columns import clinical_columns
from gecip.cohort.definition import CohortDefinition, define_cohort
from gecip.cohort.selection import Cohort, select_cohort

__all__ = ["Cohort", "CohortDefinition", "clinical_columns", "define_cohort", "select_cohort"]
