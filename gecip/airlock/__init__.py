"""The door out: check, mask, record and write what asks to leave."""

from gecip.airlock.checks import ItemVerdict
from gecip.airlock.file_check import FileReport, FileVerdict, check_files
from gecip.airlock.request import ExportRequest, request_export
from gecip.airlock.variant_filter import FilteredVariants, filter_variants
from gecip.governance.disclosure import Finding, Verdict

__all__ = [
    "ExportRequest",
    "FileReport",
    "FileVerdict",
    "FilteredVariants",
    "Finding",
    "ItemVerdict",
    "Verdict",
    "check_files",
    "filter_variants",
    "request_export",
]
