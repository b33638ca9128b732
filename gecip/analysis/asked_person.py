"""One person of a cohort, of whom somebody asks."""

from __future__ import annotations

from gecip.cohort.selection import Cohort
from gecip.errors import AnalysisError


def require_member(cohort: Cohort, participant_id: int | str) -> None:
    """Refuse to answer about somebody who is not in a cohort.

    Raises
    ------
    AnalysisError
        Which does not tell who was asked for.
    """
    if participant_id not in set(cohort.participants):
        raise AnalysisError(
            f"The person asked for is not in the cohort {cohort.definition.title!r}: "
            "ask for one of cohort.participants, or widen the definition."
        )
