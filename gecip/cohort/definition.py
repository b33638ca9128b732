"""Who is meant: a cohort definition, a frozen value that any release can be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gecip.cohort.language import Condition
from gecip.cohort.nodes import PER_PARTICIPANT
from gecip.errors import DefinitionError
from gecip.provenance import digest_of


@dataclass(frozen=True)
class Criterion:
    """One step of a definition: keep (`include`) or drop (`exclude`) who meets a condition, and why."""

    keeps: bool
    condition: Condition
    because: str


@dataclass(frozen=True)
class CohortDefinition:
    """A title and criteria in order; equal when written equal, and the same on every release."""

    title: str
    criteria: tuple[Criterion, ...] = ()

    def include(self, condition: Condition, *, because: str) -> CohortDefinition:
        """Return the definition with one more criterion that keeps those for whom `condition` is true.

        Parameters
        ----------
        condition
            True, false or unknown for each participant; unknown is not kept.
        because
            The reason in words: it is the comment, the label in the attrition and the methods paragraph.
        """
        return self._with(condition, because, keeps=True)

    def exclude(self, condition: Condition, *, because: str) -> CohortDefinition:
        """Return the definition with one more criterion that drops those for whom `condition` is true.

        Who is unknown stays, and the attrition counts them.
        """
        return self._with(condition, because, keeps=False)

    def _with(self, condition: Condition, because: str, *, keeps: bool) -> CohortDefinition:
        verb = "include" if keeps else "exclude"
        if not isinstance(condition, Condition):
            raise DefinitionError(
                f".{verb}() takes a condition such as participants.sex == 'Female' or rows.exists_for_participant()."
            )
        if condition.node.ranges_over != PER_PARTICIPANT:
            raise DefinitionError(
                f".{verb}() was given a condition on single rows of {condition.node.ranges_over}: write "
                ".where(condition).exists_for_participant() to say it of the participant."
            )
        if not because.strip():
            raise DefinitionError(
                f".{verb}() needs because=…: say in a few words why, for whoever reads the attrition."
            )
        return CohortDefinition(
            self.title, (*self.criteria, Criterion(keeps, condition, because.strip()))
        )

    def as_document(self) -> dict[str, Any]:
        """Return the definition as plain data."""
        return {
            "title": self.title,
            "criteria": [
                {
                    "keeps": step.keeps,
                    "because": step.because,
                    "condition": step.condition.node.as_document(),
                }
                for step in self.criteria
            ],
        }

    @property
    def digest(self) -> str:
        """Return sixteen hexadecimal digits that any change of the definition changes."""
        return digest_of(self.as_document())


def define_cohort(title: str) -> CohortDefinition:
    """Return a definition without criteria, which means everyone; add some with `.include` and `.exclude`."""
    if not title.strip():
        raise DefinitionError(
            "A cohort needs a title: define_cohort('Adults with cystic kidney disease')."
        )
    return CohortDefinition(title.strip())
