"""Who is meant: a cohort definition, a frozen value that any release can be asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gecip.cohort.language import Condition
from gecip.cohort.nodes import PER_PARTICIPANT, node_from
from gecip.errors import DefinitionError, InputError
from gecip.provenance import digest_of
from gecip.writing import new_file

DEFINITION_FORMAT = 1


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

    def in_words(self) -> str:
        """Return the definition in English, a line for each criterion: the methods paragraph's raw material."""
        from gecip.cohort.wording import in_words

        lines = [f"{self.title}: everyone who consents to research"]
        lines += [
            f"{number}. {'keep' if step.keeps else 'leave out'} who has it that {in_words(step.condition.node)} "
            f"({step.because})"
            for number, step in enumerate(self.criteria, start=1)
        ]
        return "\n".join(lines)

    def save(self, path: str | Path) -> Path:
        """Write the definition as JSON, and return where; it holds no data, and may be shared.

        `load_definition` reads it again. A file that is there is replaced once the new one is whole.
        """
        destination = Path(path).expanduser()
        document = {"format": DEFINITION_FORMAT, **self.as_document()}
        with new_file(destination) as partial:
            partial.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        return destination

    @property
    def digest(self) -> str:
        """Return sixteen hexadecimal digits that any change of the definition changes."""
        return digest_of(self.as_document())


def load_definition(path: str | Path) -> CohortDefinition:
    """Return the definition that `CohortDefinition.save` wrote.

    Raises
    ------
    InputError
        When there is no such file.
    DefinitionError
        When it holds no definition, or one in a format that this gecip does not know.
    """
    source = Path(path).expanduser()
    try:
        document = json.loads(source.read_text(encoding="utf-8"))
        version = document["format"]
        steps = document["criteria"]
        if version == DEFINITION_FORMAT:
            return CohortDefinition(
                document["title"],
                tuple(
                    Criterion(
                        bool(step["keeps"]),
                        Condition(node_from(step["condition"])),
                        step["because"],
                    )
                    for step in steps
                ),
            )
    except FileNotFoundError:
        raise InputError(
            f"{source}: there is no such file: name a saved cohort definition."
        ) from None
    except (ValueError, KeyError, TypeError):
        raise DefinitionError(
            f"{source}: this is no saved cohort definition, or it is damaged: save it again with definition.save()."
        ) from None
    raise DefinitionError(
        f"{source}: this definition is in format {version}, and this gecip reads format {DEFINITION_FORMAT}: use the "
        "gecip that wrote it."
    )


def define_cohort(title: str) -> CohortDefinition:
    """Return a definition without criteria, which means everyone; add some with `.include` and `.exclude`."""
    if not title.strip():
        raise DefinitionError(
            "A cohort needs a title: define_cohort('Adults with cystic kidney disease')."
        )
    return CohortDefinition(title.strip())
