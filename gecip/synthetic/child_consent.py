"""Whose consent a parent gave, and up to when the records of each person may be linked.

Who was recruited as a child is asked again at the age of 16. Of those who have not answered when a
release is made the tables still have rows, but linked records end before that birthday.
"""

from __future__ import annotations

import datetime

import numpy as np
import numpy.typing as npt

from gecip.model.programme_releases import EXPIRED_CONSENT_SINCE, release_date
from gecip.synthetic.life_dates import Dates, LifeDates
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import Recruits

AGE_OF_CONSENT = 16
# Of those who came of age, how many have not consented themselves; an assumption.
SHARE_NOT_RENEWED = 0.25
# The upstream rule looks at who will be 16 one month after the release.
_NOTICE = np.timedelta64(30, "D")


def consented_as_children(recruits: Recruits, dates: LifeDates) -> npt.NDArray[np.bool_]:
    """Return for whom of the rare-disease arm a parent consented: they were under 16 when registered."""
    of_family = recruits.people.family >= 0
    return of_family & (dates.registration < birthdays(dates, AGE_OF_CONSENT))


def expired_child_consent(
    seed: int, recruits: Recruits, dates: LifeDates, release_date: datetime.date
) -> npt.NDArray[np.bool_]:
    """Return who came of age before a release without having consented.

    Who never answers is drawn without regard to the release, so that a later one of the same seed has
    the same people and a few more.
    """
    stream = random_stream(seed, "child consent")
    children = np.flatnonzero(consented_as_children(recruits, dates) & recruits.people.recruited)
    silent = np.zeros(len(recruits.people), dtype=bool)
    silent[stream.permutation(children)[: round(SHARE_NOT_RENEWED * len(children))]] = True
    return silent & (birthdays(dates, AGE_OF_CONSENT) <= np.datetime64(release_date) + _NOTICE)


def absent_from_release(
    seed: int, recruits: Recruits, dates: LifeDates, day: datetime.date
) -> npt.NDArray[np.bool_]:
    """Return who is not in the tables of a release of this day: who joined later, and in older releases expired consents."""
    absent = dates.registration > np.datetime64(day)
    if day < release_date(EXPIRED_CONSENT_SINCE):
        absent |= expired_child_consent(seed, recruits, dates, day)
    return absent


def birthdays(dates: LifeDates, age: int) -> Dates:
    """Return the day on which each person reaches an age: the first of July, since days of birth are not released."""
    months = (dates.birth_year + age - 1970) * 12 + 6
    days: Dates = months.astype("datetime64[M]").astype("datetime64[D]")
    return days
