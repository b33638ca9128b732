"""What can go wrong, as one family of errors whose messages show the way out.

A message says what was asked, why it cannot be, and what to do next. It never carries an
identifier or a value from a participant's row: messages end up in logs and screenshots.
"""

from __future__ import annotations

from collections.abc import Sequence


class GecipError(Exception):
    """Anything that gecip refuses or cannot do, said in one sentence."""

    exit_code = 2


class GecipWarning(UserWarning):
    """Something that was understood or left out otherwise than the user may have meant."""


class ConfigurationError(GecipError):
    """A setting of the user's that cannot be followed."""


class InputError(GecipError):
    """Files of the user's that cannot be used; every problem found is listed at once."""

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems: tuple[str, ...] = (
            (problems,) if isinstance(problems, str) else tuple(problems)
        )
        super().__init__("\n".join(self.problems))


class ReleaseError(GecipError):
    """A release that cannot be found, opened or read."""


class UnknownTableError(ReleaseError):
    """A table that this release does not have."""


class UnknownColumnError(ReleaseError):
    """A column that this table does not have."""


class ConsentError(GecipError):
    """Something that consent does not allow."""


class AccessError(GecipError):
    """Something that the user's role or project does not allow."""


class DefinitionError(GecipError):
    """A cohort definition that cannot mean anything."""


class QueryError(GecipError):
    """A SQL query that cannot be answered."""


class CohortError(GecipError):
    """A cohort that cannot be selected or used as asked."""


class SessionError(GecipError):
    """Hail cannot be started or has died."""


class GenotypesError(GecipError):
    """Genomes that cannot be loaded as asked."""


class AnalysisError(GecipError):
    """An analysis that its input does not allow."""


class ReportingError(GecipError):
    """A summary, listing or figure that cannot be made."""


class ExportError(GecipError):
    """An export that cannot be requested."""


class LedgerError(GecipError):
    """A ledger of what has left that is not as it was written."""


class DomainError(GecipError):
    """A domain that does not keep its contract."""


class NotebookError(GecipError):
    """A notebook that cannot be run to its end."""
