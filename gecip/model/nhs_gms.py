"""The sister release of the NHS Genomic Medicine Service: the same tables, some of them and some columns renamed.

gecip speaks of both in the main programme's names, so that one notebook reads both. After the
dictionary of the NHS-GMS release of 2022 and scripts that read either.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# The main programme's name, then the service's.
COLUMN_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "rare_diseases_family_id": "referral_id",
        "family_id": "referral_id",
        "assembly": "genome_build",
        "sample_id": "platekey",
        "file_path": "path",
    }
)
TABLE_NAMES: Mapping[str, str] = MappingProxyType(
    {"gmc_exit_questionnaire": "report_outcome_questionnaire"}
)
# Columns of the main programme that are one there: nobody can part them again.
UNITED_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "full_brothers_affected": "full_siblings_affected",
        "full_sisters_affected": "full_siblings_affected",
    }
)
# Codings that it has more.
FURTHER_VALUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"participant_phenotypic_sex": ("Unknown",)}
)
