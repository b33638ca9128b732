"""An exercise of the course: what it asks, hints in steps, and how an answer is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gecip.release import Release

Judge = Callable[[Any, Any], str | None]


@dataclass(frozen=True)
class Exercise:
    """One exercise; the expected answer is worked out on the release that the trainee uses.

    `expected` computes it, and `judge` says what is wrong with an answer in one sentence, or None when it
    is right. A judge never tells the expected answer itself.
    """

    number: str
    asks: str
    hints: tuple[str, ...]
    expected: Callable[[Release], Any]
    judge: Judge


def judge_count(answer: Any, expected: int) -> str | None:
    """Judge a number of people, families or variants: first that it is a whole number, then which way it is off."""
    import numbers

    if isinstance(answer, bool) or not isinstance(answer, numbers.Integral):
        if hasattr(answer, "__len__"):
            return f"A number is asked for, and this is a {type(answer).__name__}: take its len()."
        return f"A whole number is asked for, and this is a {type(answer).__name__}."
    answer = int(answer)
    if answer < 0:
        return "Nothing can be counted fewer than 0 times."
    if answer == expected:
        return None
    return "That is too many." if answer > expected else "That is too few."


def judge_share(answer: Any, expected: float) -> str | None:
    """Judge a fraction between 0 and 1, to three decimals."""
    import numbers

    if isinstance(answer, bool) or not isinstance(answer, numbers.Real):
        return f"A number is asked for, and this is a {type(answer).__name__}."
    if not 0 <= float(answer) <= 1:
        return "A fraction lies between 0 and 1: did you give a percentage or a count?"
    if abs(float(answer) - expected) < 0.0006:
        return None
    return "That is too high." if float(answer) > expected else "That is too low."


def judge_word(answer: Any, expected: str) -> str | None:
    """Judge one word, such as the name of a table or gene."""
    if not isinstance(answer, str):
        return f"A text in quotes is asked for, and this is a {type(answer).__name__}."
    if answer == expected:
        return None
    if answer.strip().lower() == expected.lower():
        return "Nearly: mind capitals and blanks."
    return "That is another one."


def judge_definition(answer: Any, expected: Any) -> str | None:
    """Judge a cohort definition by what it means: whoever it selects must be whom the expected one selects.

    Parameters
    ----------
    expected
        A pair of the release and the participants, as a frozenset.
    """
    from gecip.cohort import Cohort, CohortDefinition, select_cohort

    release, people = expected
    if isinstance(answer, CohortDefinition):
        answer = select_cohort(answer, release)
    if not isinstance(answer, Cohort):
        return f"A cohort or its definition is asked for, and this is a {type(answer).__name__}: begin with define_cohort(…)."
    if not answer.definition.criteria:
        return "This definition has no criteria, so that it means everyone: add .include(…) or .exclude(…)."
    selected = frozenset(answer.participants)
    if not selected:
        return "This cohort is empty: look at cohort.attrition for the step that loses everybody."
    too_many, too_few = len(selected - people), len(people - selected)
    if too_many and too_few:
        return f"It has {too_many:,} people who do not belong, and lacks {too_few:,} who do."
    if too_many:
        return f"It has {too_many:,} people too many: a criterion is missing or too wide."
    if too_few:
        return f"It lacks {too_few:,} people: a criterion is too strict."
    return None
