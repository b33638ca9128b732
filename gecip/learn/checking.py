"""Check an answer, ask for a hint, see the solution: what a trainee types in a lesson."""

from __future__ import annotations

import html
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from gecip.errors import GecipError
from gecip.learn.course import EXERCISES
from gecip.learn.exercise import Exercise
from gecip.model.table import nearest
from gecip.release.opening import open_release


class ExerciseError(GecipError):
    """An exercise that the course does not have."""


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and if not, what is wrong with it; never the answer itself."""

    number: str
    right: bool
    sentence: str

    def __repr__(self) -> str:
        return f"{'✓' if self.right else '✗'} {self.number}: {self.sentence}"

    def _repr_html_(self) -> str:
        mark, colour = ("✓", "#1b6e3c") if self.right else ("✗", "#9a3412")
        return f"<p><b style='color:{colour}'>{mark} {self.number}</b> {html.escape(self.sentence)}</p>"


def check(number: str, answer: Any, *, release: str | Path = "demo") -> Verdict:
    """Return whether `answer` is right for an exercise, and what is wrong if it is not.

    The expected answer is worked out on the release, so that a lesson can be done on any. It is never
    shown: `hint` helps in steps, and `solution` shows one way.

    Parameters
    ----------
    number
        The exercise, as `"02.1"`.
    answer
        What the exercise asks for.
    release
        The release on which the lesson was done.
    """
    exercise = _exercise(number)
    if answer is Ellipsis:
        return Verdict(
            number,
            right=False,
            sentence="Replace the three dots by your answer, and run the cell again.",
        )
    try:
        complaint = exercise.judge(answer, exercise.expected(open_release(release)))
    except GecipError as error:
        complaint = str(error)
    if complaint is None:
        return Verdict(number, right=True, sentence="That is right.")
    return Verdict(number, right=False, sentence=f"{complaint} hint({number!r}) helps.")


def hint(number: str, step: int = 1) -> str:
    """Return a hint for an exercise: the first, or with `step` the next ones, each telling more."""
    hints = _exercise(number).hints
    if not 1 <= step <= len(hints):
        return f"There are {len(hints)} hints for {number}; solution({number!r}) shows one way to do it."
    more = f" (hint({number!r}, {step + 1}) tells more.)" if step < len(hints) else ""
    return f"{hints[step - 1]}{more}"


def solution(number: str) -> str:
    """Return code that answers an exercise, as text to read."""
    _exercise(number)
    text = resources.files("gecip.learn").joinpath("solutions.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)[number]).strip()


def _exercise(number: str) -> Exercise:
    if number not in EXERCISES:
        raise ExerciseError(
            f"The course has no exercise {number!r}{nearest(str(number), tuple(EXERCISES))}"
        )
    return EXERCISES[number]
