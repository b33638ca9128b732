"""People of the cancer arm whose genomes were delivered after the germline aggregate was frozen.

Tumours need more patients than a small aggregate holds: a hazard ratio asks for a hundred and more.
Without a genome in the aggregate a patient costs next to nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gecip.synthetic.clinical_rows import Programme
from gecip.synthetic.consenting import Consent, Consents
from gecip.synthetic.life_dates import RECRUITMENT, LifeDates, draw_centres
from gecip.synthetic.random_streams import draw_in_proportion, random_stream
from gecip.synthetic.recruitment import (
    ANCESTRIES,
    CANCER_ANCESTRY_SHARES,
    FIRST_CANCER_NUMBER,
    MIXED,
    People,
    Recruits,
    Role,
    join_people,
    numbers_from,
)

_AGE, _SPREAD_OF_AGES = 67.5, 12


def with_cancer_patients(programme: Programme, count: int) -> Programme:
    """Return the programme with so many more people of the cancer arm, behind everybody else's places."""
    stream = random_stream(programme.seed, "further cancer patients")
    people, dates = programme.recruits.people, programme.dates
    already = int((people.family < 0).sum())
    numbers = numbers_from(
        programme.seed, "cancer participant numbers", FIRST_CANCER_NUMBER, count, given=already
    )
    days = int((RECRUITMENT[1] - RECRUITMENT[0]).astype(int))
    registration = RECRUITMENT[0] + stream.integers(0, days, size=count).astype("timedelta64[D]")
    ages = stream.normal(_AGE, _SPREAD_OF_AGES, size=count).clip(18, 95)
    none = np.full(count, -1, dtype=np.int64)
    further = People(
        family=none,
        role=(Role.ALONE,) * count,
        father=none,
        mother=none,
        male=stream.random(count) < 0.49,
        recruited=np.ones(count, dtype=bool),
        populations=_populations(stream, count),
        number=numbers,
    )
    return replace(
        programme,
        recruits=Recruits(programme.recruits.families, join_people(people, further)),
        consents=np.concatenate([programme.consents, _consents(stream, count)]),
        dates=LifeDates(
            birth_year=np.concatenate([dates.birth_year, 2017 - ages.astype(np.int64)]),
            registration=np.concatenate([dates.registration, registration]),
            centre=np.concatenate([dates.centre, draw_centres(stream, count)]),
        ),
        affected=np.concatenate([programme.affected, np.zeros(count, dtype=bool)]),
        truth=programme.truth.with_people(further),
        unrelated=np.concatenate([programme.unrelated, np.zeros(count, dtype=bool)]),
        delivered_later=len(people) + np.arange(count, dtype=np.int64),
    )


def _populations(stream: np.random.Generator, count: int) -> np.ndarray:
    shares = {name: share for name, share in CANCER_ANCESTRY_SHARES.items() if name != MIXED}
    drawn = draw_in_proportion(stream, shares, size=count)
    places = np.array([ANCESTRIES.index(str(name)) for name in drawn], dtype=np.int64)
    return np.stack([places, places], axis=1)


def _consents(stream: np.random.Generator, count: int) -> Consents:
    """Return who withdrew, in the proportions of the others."""
    consents = np.full(count, Consent.GIVEN, dtype=object)
    free = stream.permutation(count)
    withdrawn = round(0.01 * count)
    consents[free[:withdrawn]] = Consent.WITHDRAWN_IN_PART
    consents[free[withdrawn : 2 * withdrawn]] = Consent.WITHDRAWN_AFTER_RELEASE
    return consents
