"""From what was decided about each participant to a life in hospital: index days, diseases and deaths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gecip.synthetic.clinical_rows import Programme
from gecip.synthetic.hospital_care import CANCERS
from gecip.synthetic.hospital_stays import Kind, Lives
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import Role

if TYPE_CHECKING:
    import pandas as pd

# Who waits for a result is ill all the same: as from so many days after registration. An assumption.
_DAYS_TO_RESULT = 550
_SOLVED = ("yes", "partially")
# Where no cancer is given: days from diagnosis to registration, and the yearly hazard of death. Assumptions.
_DAYS_SINCE_DIAGNOSIS = (14, 120)
_HAZARD_OF_CANCER = 0.09
_NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class CancerCourse:
    """A participant's cancer: diagnosis, site in ICD-10 without a dot, and death; operation and drugs in hospital.

    Days that never came are not a time.
    """

    diagnosis: np.datetime64
    site: str
    death: np.datetime64 = _NEVER
    operation: np.datetime64 = _NEVER
    chemotherapy: np.datetime64 = _NEVER


def draw_lives(
    programme: Programme,
    questionnaires: pd.DataFrame,
    *,
    cancers: Mapping[int, CancerCourse] | None = None,
    spread: Mapping[int, tuple[str, ...]] | None = None,
) -> Lives:
    """Return what is known of everybody in the tables before their linked records are drawn.

    Parameters
    ----------
    questionnaires
        Rows of the exit questionnaire: the day of a proband's result, and whether it was a diagnosis.
    cancers
        By participant; of people of the cancer arm who are not in it, the course is drawn here.
    spread
        By participant where a cancer had spread to at its diagnosis, as codes.
    """
    people, dates = programme.recruits.people, programme.dates
    places = programme.in_tables
    numbers = people.number[places]
    kinds = [_kind(people.role[place]) for place in places]
    courses = _drawn_courses(programme) | dict(cancers or {})
    results = _results(questionnaires)
    index_day = np.full(len(places), _NEVER, dtype="datetime64[D]")
    death = index_day.copy()
    operation, chemotherapy = index_day.copy(), index_day.copy()
    disease = np.full(len(places), "", dtype=object)
    diagnosed = np.zeros(len(places), dtype=bool)
    for at, (place, number, kind) in enumerate(zip(places, numbers.tolist(), kinds, strict=True)):
        if kind is Kind.PROBAND:
            waiting = dates.registration[place] + np.timedelta64(_DAYS_TO_RESULT, "D")
            index_day[at], diagnosed[at] = results.get(number, (waiting, False))
            disease[at] = programme.plan.diseases[people.family[place]].group
        elif kind is Kind.CANCER:
            course = courses[number]
            index_day[at], disease[at] = course.diagnosis, course.site
            death[at] = course.death
            operation[at], chemotherapy[at] = course.operation, course.chemotherapy
    return Lives(
        number=numbers,
        kind=np.array(kinds, dtype=object),
        birth_year=dates.birth_year[places],
        registration=dates.registration[places],
        index_day=index_day,
        diagnosed=diagnosed,
        disease=disease,
        death=death,
        male=people.male[places],
        operation=operation,
        chemotherapy=chemotherapy,
        spread=dict(spread or {}),
    )


def _kind(role: Role) -> Kind:
    if role is Role.ALONE:
        return Kind.CANCER
    return Kind.PROBAND if role is Role.PROBAND else Kind.RELATIVE


def _results(questionnaires: pd.DataFrame) -> dict[int, tuple[np.datetime64, bool]]:
    """Return the day of each proband's latest report, and whether one of them made a diagnosis."""
    results: dict[int, tuple[np.datetime64, bool]] = {}
    columns = questionnaires[["participant_id", "event_date", "case_solved_family"]]
    for number, day, solved in columns.itertuples(index=False):
        earlier, before = results.get(number, (np.datetime64(day, "D"), False))
        results[number] = (max(earlier, np.datetime64(day, "D")), before or solved in _SOLVED)
    return results


def _drawn_courses(programme: Programme) -> dict[int, CancerCourse]:
    """Return a course for everybody of the cancer arm: diagnosed shortly before registration."""
    stream = random_stream(programme.seed, "life courses with cancer")
    people, sites = programme.recruits.people, tuple(CANCERS)
    courses = {}
    for place in np.flatnonzero(people.family < 0):
        registered = programme.dates.registration[place]
        since = np.timedelta64(int(stream.integers(*_DAYS_SINCE_DIAGNOSIS)), "D")
        lived = np.timedelta64(30 + int(stream.exponential(1 / _HAZARD_OF_CANCER) * 365.25), "D")
        courses[int(people.number[place])] = CancerCourse(
            registered - since, sites[int(stream.integers(len(sites)))], registered + lived
        )
    return courses
