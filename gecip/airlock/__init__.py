"""The door out: check, mask, record and write what asks to leave."""

from gecip.airlock.checks import ItemVerdict
from gecip.airlock.request import ExportRequest, request_export
from gecip.governance.disclosure import Finding, Verdict

__all__ = ["ExportRequest", "Finding", "ItemVerdict", "Verdict", "request_export"]
