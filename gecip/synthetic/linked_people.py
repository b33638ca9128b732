"""Between which days each person can have records in a linked table: after birth, before death.

Every release of a seed has the same lives, drawn up to the newest; what an older one cannot know yet, and
what follows the end of a child's consent, is left out when it is written.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gecip.model.table import Table
from gecip.synthetic.clinical_rows import Programme
from gecip.synthetic.hospital_stays import YEAR, Dates, Integers, Lives

if TYPE_CHECKING:
    import pandas as pd

Decimals = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LinkedPeople:
    """Everybody of whom the NHS is asked, with the days of death that it knows.

    `last_day` is that of the newest release, `release_day` that of the one that is made, and `told_until`
    the last day of which this one tells of each person.
    """

    lives: Lives
    last_day: datetime.date
    release_day: datetime.date
    told_until: Dates

    def __len__(self) -> int:
        return len(self.lives)

    def window(self, table: type[Table]) -> tuple[Dates, Dates]:
        """Return the first and last day on which each person can have a record; the last before the first if on none."""
        first = _births(self.lives.birth_year)
        last = np.full(len(self), np.datetime64(self.last_day))
        if table.covers is not None:
            first = np.maximum(first, np.datetime64(table.covers[0]))
            last = np.minimum(last, np.datetime64(table.covers[1]))
        return first, np.fmin(last, self.lives.death)

    def tells(self, table: type[Table], people: Integers, days: Dates) -> npt.NDArray[np.bool_]:
        """Return whether a table can tell of each day, of the person at each place; not of a day that is no time."""
        first, last = self.window(table)
        told: npt.NDArray[np.bool_] = (days >= first[people]) & (days <= last[people])
        return told

    def places_of(self, numbers: npt.ArrayLike) -> Integers:
        """Return the place of each participant, all of whom there are."""
        order = np.argsort(self.lives.number, kind="stable")
        found = np.searchsorted(self.lives.number, np.asarray(numbers), sorter=order)
        places: Integers = order[found]
        return places

    def draw_days(
        self, stream: np.random.Generator, table: type[Table], rate: Decimals
    ) -> tuple[Integers, Dates]:
        """Return whose record of a table falls on which day, ordered by both, at so many a year of each person."""
        first, last = self.window(table)
        return _days_at(stream, first, last, rate)

    def draw_days_around(
        self,
        stream: np.random.Generator,
        table: type[Table],
        *,
        before: Decimals,
        after: Decimals,
    ) -> tuple[Integers, Dates]:
        """Return the same at one rate up to each person's index day and at another from it on.

        Who has no index day is at the first of them all through.
        """
        first, last = self.window(table)
        turn = self.lives.index_day
        eve = np.fmin(last, turn - np.timedelta64(1, "D"))
        people, days = _days_at(stream, first, eve, before)
        has_turn = ~np.isnat(turn)
        later = np.where(has_turn, np.fmax(first, turn), last + np.timedelta64(1, "D"))
        more_people, more_days = _days_at(stream, later, last, after)
        people = np.concatenate([people, more_people])
        days = np.concatenate([days, more_days])
        order = np.lexsort((days, people))
        return people[order], days[order]


def linked_people(
    programme: Programme, lives: Lives, mortality: pd.DataFrame, *, last_day: datetime.date
) -> LinkedPeople:
    """Return the people with the days of death that the table of deaths holds."""
    import pandas as pd

    deaths = mortality.set_index("participant_id")["date_of_death"].reindex(lives.number)
    known = pd.to_datetime(deaths).to_numpy(dtype="datetime64[D]")
    return LinkedPeople(
        replace(lives, death=known),
        last_day=last_day,
        release_day=programme.release_date,
        told_until=programme.linked_until[programme.in_tables],
    )


def _births(years: Integers) -> Dates:
    """Return when people of these years were born: the first of July, since days of birth are not released."""
    days: Dates = ((years - 1970) * 12 + 6).astype("datetime64[M]").astype("datetime64[D]")
    return days


def _days_at(
    stream: np.random.Generator, first: Dates, last: Dates, rate: Decimals
) -> tuple[Integers, Dates]:
    span = (last - first).astype(np.int64).clip(min=-1) + 1
    counts = stream.poisson(rate * span / YEAR)
    people = np.repeat(np.arange(len(first)), counts)
    offsets = (stream.random(len(people)) * span[people]).astype(np.int64)
    days = first[people] + offsets.astype("timedelta64[D]")
    order = np.lexsort((days, people))
    return people[order], days[order]
