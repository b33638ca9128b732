"""Life courses in hospital: admissions before and after a diagnosis, of people and their relatives; death last.

Planted is how often people with a rare disease are admitted: most in the year before their genomic
result, and from a year after it on much less when the result was a diagnosis. What an admission costs
does not depend on it. Some people are ill more often than others, all their lives; but each life is evened
out, so that a release of a few hundred people shows what was planted and not a chance deviation.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gecip.model.hospital import (
    HES_APC_COVERAGE,
    MORTALITY_COVERAGE,
    SEPARATOR,
    HesApc,
    Mortality,
)
from gecip.model.table import Table
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.hospital_care import CANCERS, CARE_BY_GROUP, EVERYDAY_CARE, Reason
from gecip.synthetic.lasting_illnesses import (
    Illnesses,
    Occasion,
    StayCodes,
    codes_of_stays,
    draw_illnesses,
)
from gecip.synthetic.random_streams import random_stream

if TYPE_CHECKING:
    import pandas as pd

Dates = npt.NDArray[np.datetime64]
Integers = npt.NDArray[np.int64]
Words = npt.NDArray[np.object_]
# Stretches of time from an index day on: start and stop in years, admissions a year.
Pieces = tuple[tuple[float, float, float], ...]

DOMAIN = "health_economics"
DIAGNOSED, NOT_DIAGNOSED = "Diagnosis made", "No diagnosis"
YEAR = 365.25

# Admissions a year of a proband, from so many years after the genomic result to so many. Planted.
RATES: Mapping[str, Pieces] = {
    DIAGNOSED: ((-5, -1, 1.6), (-1, 0, 2.6), (0, 1, 1.0), (1, 99, 0.4)),
    NOT_DIAGNOSED: ((-5, -1, 1.6), (-1, 0, 2.6), (0, 1, 2.0), (1, 99, 1.6)),
}
# Before that, and of everybody else; assumptions.
RATE_OF_EVERYBODY = 0.09
# After a cancer's diagnosis, chemotherapy and the operation apart; assumptions.
RATES_OF_CANCER: Pieces = ((-1, 0, 1.2), (0, 1, 1.6), (1, 99, 0.6))
DAYS_OF_CHEMOTHERAPY, DAYS_BETWEEN = 9, 21
# How much people differ: shape of a gamma distribution of mean 1.
EVENNESS = 6.0

# Ways into hospital but for cancer treatment; assumptions.
SHARE_DAY_CASE, SHARE_PLANNED, SHARE_SHORT = 0.50, 0.10, 0.30
SHARE_TWO_EPISODES = 0.2
# The chance to go home on any one day.
NIGHTLY_DISCHARGE = 0.28
# Faults of the linked records, which an analysis has to get along with.
SHARE_WITHOUT_GROUP, SHARE_UNGROUPABLE, SHARE_REPEATED = 0.02, 0.01, 0.01
UNGROUPABLE = "UZ01Z"

# Yearly hazard of death after registration; assumptions.
HAZARD_OF_PROBAND = 0.008
HAZARD_AT_BIRTH, RISE_A_YEAR = 2.1e-5, 0.0964
CAUSES = ("I259", "J189", "C349", "G309", "I64X")
SHARE_KIDNEYS_FAILED_LAST = 0.06


class Kind(enum.StrEnum):
    """What brings a person to hospital most."""

    PROBAND = "proband"
    RELATIVE = "relative"
    CANCER = "cancer"


@dataclass(frozen=True)
class Lives:
    """What is known of people before their stays are drawn, as columns, one place a person.

    `index_day` is the day of the genomic result, or of the cancer's diagnosis; not a time where there
    is none. `diagnosed` says whether the result was a diagnosis. `disease` is the disease group, or
    the cancer's code in ICD-10 without a dot. `death` holds days that are already decided elsewhere.
    `operation` and `chemotherapy` are the days of a cancer's operation and of the first drugs given in
    hospital; not a time where there is none. `spread` holds by participant where a cancer had spread to at
    its diagnosis, in ICD-10 without a dot.
    """

    number: Integers
    kind: Words
    birth_year: Integers
    registration: Dates
    index_day: Dates
    diagnosed: npt.NDArray[np.bool_]
    disease: Words
    death: Dates
    male: npt.NDArray[np.bool_]
    operation: Dates
    chemotherapy: Dates
    spread: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True)
class HospitalTables:
    """The rows of the tables, and what was planted in them."""

    rows: Mapping[type[Table], pd.DataFrame]
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class _Stay:
    """One admission: whose, from when, how many nights, why and how."""

    person: int
    day: int
    nights: int
    reason: Reason
    method: str
    patient_class: str


def draw_hospital_stays(seed: int, lives: Lives, *, last_day: datetime.date) -> HospitalTables:
    """Return episodes and deaths of these people up to a day.

    Parameters
    ----------
    seed
        The release's seed.
    last_day
        The last day that the release can know of; the records of stays may end before.
    """
    deaths = _draw_deaths(_streams(seed, Mortality, lives), lives, last_day)
    episodes: list[dict[str, Any]] = []
    besides = _streams(seed, HesApc, lives, "codes besides")
    illnesses = illnesses_of(seed, lives)
    for person, stream in enumerate(_streams(seed, HesApc, lives)):
        window = _window(lives, deaths, person, last_day)
        stays = _stays_of(stream, lives, person, window)
        codes = _codes_besides(besides[person], lives, stays, illnesses[person])
        for stay, beside in zip(stays, codes, strict=True):
            episodes += _episodes(stream, lives, stay, beside)
    return HospitalTables(
        rows={
            HesApc: _episode_rows(episodes),
            Mortality: _death_rows(
                _streams(seed, Mortality, lives, "causes"), lives, deaths, illnesses
            ),
        },
        answers=(_answer(lives),),
    )


def _streams(
    seed: int, table: type[Table], lives: Lives, *further: str
) -> Sequence[np.random.Generator]:
    """Return a stream for each person, so that nobody's life changes when somebody else is recruited."""
    name = "/".join(("tables", table.name, *further))
    return [random_stream(seed, f"{name}/{number}") for number in lives.number.tolist()]


def illnesses_of(seed: int, lives: Lives) -> Sequence[Illnesses]:
    """Return everybody's lasting illnesses; a proband's hang on the disease, nobody else's do."""
    return draw_illnesses(
        seed,
        numbers=lives.number.tolist(),
        birth_years=lives.birth_year.tolist(),
        diseases=[str(disease) for disease in lives.disease],
    )


def _codes_besides(
    stream: np.random.Generator, lives: Lives, stays: Sequence[_Stay], illnesses: Illnesses
) -> Iterator[StayCodes]:
    occasions = [
        Occasion(
            year=_date(stay.day).year,
            reason=stay.reason,
            is_over_night=stay.nights > 0,
            is_after_index_day=bool(np.datetime64(stay.day, "D") >= lives.index_day[stay.person]),
        )
        for stay in stays
    ]
    spread = lives.spread.get(int(lives.number[stays[0].person]), ()) if stays else ()
    return codes_of_stays(stream, occasions, illnesses, spread)


def _answer(lives: Lives) -> Answer:
    """Return what was planted: admissions a year by group and phase, how they changed, and in how many probands.

    Of those without a diagnosis some have no result yet: they are ill at the same rates.
    """
    proband = lives.kind == Kind.PROBAND
    names = ("5 to 1 years before", "Year before", "Year after", "1 to 5 years after")
    rates = {
        group: {name: rate for name, (_, _, rate) in zip(names, pieces, strict=True)}
        for group, pieces in RATES.items()
    }
    return Answer(
        kind="hospital_admissions",
        domain=DOMAIN,
        expected={
            "admissions_a_year": rates,
            "ratio_after_diagnosis": RATES[DIAGNOSED][-1][2] / RATES[NOT_DIAGNOSED][-1][2],
            "fewer_after_diagnosis": RATES[NOT_DIAGNOSED][-1][2] - RATES[DIAGNOSED][-1][2],
            "people_diagnosed": int((proband & lives.diagnosed).sum()),
            "people_not_diagnosed": int((proband & ~lives.diagnosed).sum()),
        },
    )


def _draw_deaths(
    streams: Sequence[np.random.Generator], lives: Lives, last_day: datetime.date
) -> Dates:
    """Return the day of each person's death, none for the living; nobody dies before registration."""
    age = lives.registration.astype("datetime64[Y]").astype(int) + 1970 - lives.birth_year
    hazard = HAZARD_AT_BIRTH * np.exp(RISE_A_YEAR * (age + 3.0))
    hazard = hazard + np.where(lives.kind == Kind.PROBAND, HAZARD_OF_PROBAND, 0.0)
    survived = np.array([stream.exponential() for stream in streams])
    days = (survived / hazard * YEAR).clip(max=100_000).astype("timedelta64[D]")
    drawn = lives.registration + days + np.timedelta64(30, "D")
    # Deaths of cancer patients are decided with their cancers.
    drawn = np.where(lives.kind == Kind.CANCER, np.datetime64("NaT"), drawn)
    deaths = np.where(np.isnat(lives.death), drawn, lives.death)
    last = np.datetime64(min(MORTALITY_COVERAGE[1], last_day))
    return np.where(deaths <= last, deaths, np.datetime64("NaT"))


def _window(lives: Lives, deaths: Dates, person: int, last_day: datetime.date) -> tuple[int, int]:
    """Return the first and last day, since 1970, on which a person can be in hospital."""
    birth = np.datetime64(f"{lives.birth_year[person]}-07-01")
    first = max(birth, np.datetime64(HES_APC_COVERAGE[0]))
    last = np.datetime64(min(HES_APC_COVERAGE[1], last_day))
    if not np.isnat(deaths[person]):
        last = min(last, deaths[person])
    return _number(first), _number(last)


def _stays_of(
    stream: np.random.Generator, lives: Lives, person: int, window: tuple[int, int]
) -> list[_Stay]:
    """Return a person's stays in order; one that would begin during another is not there."""
    kind = lives.kind[person]
    frailty = float(stream.gamma(EVENNESS, 1 / EVENNESS))
    days = sorted(_days_of_admissions(stream, lives, person, frailty, window))
    ways, reasons = _spread(stream, len(days)), _spread(stream, len(days))
    drawn = [
        _draw_stay(stream, lives, person, day, window, way=way, reason=reason)
        for day, way, reason in zip(days, ways, reasons, strict=True)
    ]
    if kind == Kind.CANCER:
        drawn += [
            stay
            for stay in _cancer_treatment(stream, lives, person)
            if window[0] <= stay.day and stay.day + stay.nights <= window[1]
        ]
    kept: list[_Stay] = []
    for stay in sorted(drawn, key=lambda one: one.day):
        if not kept or stay.day > kept[-1].day + kept[-1].nights:
            kept.append(stay)
    return kept


def _days_of_admissions(
    stream: np.random.Generator,
    lives: Lives,
    person: int,
    frailty: float,
    window: tuple[int, int],
) -> Iterator[int]:
    """Yield the days on which a person is admitted, at the rates of each stretch of life: one in each part of it."""
    for start, stop, rate in _stretches(lives, person, window):
        days = max(stop - start, 0)
        count = int(frailty * rate * days / YEAR + stream.random())
        for part, place in enumerate(stream.random(count)):
            yield start + int((part + place) / count * days)


def _spread(stream: np.random.Generator, size: int) -> list[float]:
    """Return numbers from 0 to 1 of which any stretch is spread evenly, by steps of the golden ratio."""
    places = stream.random() + np.arange(size) * (5**0.5 - 1) / 2
    spread: list[float] = (places % 1).tolist()
    return spread


def _stretches(
    lives: Lives, person: int, window: tuple[int, int]
) -> Iterator[tuple[int, int, float]]:
    """Yield stretches of days with the admissions a year in each, over a person's window."""
    first, last = window
    index_day, kind = lives.index_day[person], lives.kind[person]
    if kind == Kind.RELATIVE or np.isnat(index_day):
        yield first, last + 1, RATE_OF_EVERYBODY
        return
    pieces = RATES_OF_CANCER
    if kind == Kind.PROBAND:
        pieces = RATES[DIAGNOSED if lives.diagnosed[person] else NOT_DIAGNOSED]
    day = _number(index_day)
    begins = [day + round(start * YEAR) for start, _, _ in pieces]
    yield first, min(begins[0], last + 1), RATE_OF_EVERYBODY
    for begin, end, (_, _, rate) in zip(begins, [*begins[1:], last + 1], pieces, strict=True):
        yield max(begin, first), min(end, last + 1), rate


def _draw_stay(
    stream: np.random.Generator,
    lives: Lives,
    person: int,
    day: int,
    window: tuple[int, int],
    *,
    way: float,
    reason: float,
) -> _Stay:
    """Return a stay that begins on a day, not beyond the end of the records; `way` and `reason` choose how and why."""
    age = (day - _number(np.datetime64(f"{lives.birth_year[person]}-07-01"))) / YEAR
    reasons = _reasons(lives, person, age)
    why = reasons[int(reason * len(reasons))]
    length = int(stream.geometric(NIGHTLY_DISCHARGE))
    if way < SHARE_DAY_CASE:
        return _Stay(person, day, 0, why, "11", "2")
    if way < SHARE_DAY_CASE + SHARE_PLANNED:
        return _Stay(person, day, min(length, window[1] - day), why, "11", "1")
    short = way < SHARE_DAY_CASE + SHARE_PLANNED + SHARE_SHORT
    nights = length % 2 if short else 1 + length
    method = ("21", "22", "2A")[int(stream.integers(3))]
    return _Stay(person, day, max(min(nights, window[1] - day), 0), why, method, "1")


def _reasons(lives: Lives, person: int, age: float) -> tuple[Reason, ...]:
    kind, disease = lives.kind[person], str(lives.disease[person])
    if kind == Kind.PROBAND:
        return CARE_BY_GROUP.get(disease, EVERYDAY_CARE).at_age(age)
    if kind == Kind.CANCER and disease in CANCERS:
        return CANCERS[disease].unplanned
    return EVERYDAY_CARE.at_age(age)


def _cancer_treatment(stream: np.random.Generator, lives: Lives, person: int) -> Iterator[_Stay]:
    """Yield the operation, and chemotherapy every three weeks from its first day on."""
    cancer = CANCERS.get(str(lives.disease[person]))
    if cancer is None:
        return
    nights = int(stream.integers(2, 9))
    if not np.isnat(lives.operation[person]):
        operated = _number(lives.operation[person])
        yield _Stay(person, operated, nights, cancer.operation, "11", "1")
    if not np.isnat(lives.chemotherapy[person]):
        begin = _number(lives.chemotherapy[person])
        for course in range(DAYS_OF_CHEMOTHERAPY):
            reason = cancer.chemotherapy(is_first=course == 0)
            yield _Stay(person, begin + DAYS_BETWEEN * course, 0, reason, "11", "2")


def _episode_rows(episodes: list[dict[str, Any]]) -> pd.DataFrame:
    """Return one row an episode, sorted by person and day."""
    import pandas as pd

    table = pd.DataFrame(episodes, columns=list(HesApc.columns))
    order = ["participant_id", "epistart", "epiend"]
    return table.sort_values(order, kind="stable", ignore_index=True)


def _episodes(
    stream: np.random.Generator, lives: Lives, stay: _Stay, codes_beside: StayCodes
) -> Iterator[dict[str, Any]]:
    """Yield the episodes of a stay with the records' faults.

    In a longer stay the patient may have come under another consultant.
    """
    chance, beside = stream.random(), stream.random()
    end = stay.day + stay.nights
    change = stay.day + stay.nights // 2
    parts = [(stay.day, end)]
    if stay.nights >= 4 and chance < SHARE_TWO_EPISODES:
        parts = [(stay.day, change), (change, end)]
    codes = [stay.reason.diagnosis]
    if stay.reason.diagnosis == "Z511":
        codes.append(str(lives.disease[stay.person]))
    if beside < 0.4:
        codes.append("I10X" if beside < 0.2 else "Z867")
    codes = list(dict.fromkeys([*codes, *codes_beside.diagnoses]))
    procedures = [*filter(None, [stay.reason.procedure]), *codes_beside.procedures]
    number = int(lives.number[stay.person])
    for begin, until in parts:
        row = {
            "participant_id": number,
            "token_person_id": _token(number),
            "epikey": record_key(number, begin),
            "susrecid": record_key(number, stay.day),
            "epistart": _date(begin),
            "epiend": _date(until),
            "admidate": _date(stay.day),
            "disdate": _date(until) if until == end else None,
            "admimeth": stay.method,
            "classpat": stay.patient_class,
            "sushrg": _grouped(stream, stay.reason),
            **{f"diag_{place:02d}": code for place, code in enumerate(codes, start=1)},
            "diag_all": SEPARATOR.join(codes),
            **{f"opertn_{place:02d}": code for place, code in enumerate(procedures, start=1)},
            "opertn_all": SEPARATOR.join(procedures) or None,
        }
        yield row
        if stream.random() < SHARE_REPEATED:
            yield row


def _grouped(stream: np.random.Generator, reason: Reason) -> str | None:
    """Return the resource group, which is now and then missing or could not be told."""
    chance = stream.random()
    if chance < SHARE_WITHOUT_GROUP:
        return None
    return (
        UNGROUPABLE if chance < SHARE_WITHOUT_GROUP + SHARE_UNGROUPABLE else reason.resource_group
    )


def _death_rows(
    streams: Sequence[np.random.Generator],
    lives: Lives,
    deaths: Dates,
    illnesses: Sequence[Illnesses],
) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for person in np.flatnonzero(~np.isnat(deaths)).tolist():
        stream = streams[person]
        first = CAUSES[int(stream.integers(len(CAUSES)))]
        if lives.kind[person] == Kind.CANCER and lives.disease[person]:
            first = str(lives.disease[person])
        causes = [first, "J180"] if stream.random() < 0.3 else [first]
        died = _date(_number(deaths[person]))
        if illnesses[person].on_dialysis(died.year):
            causes.append("N189")
        elif stream.random() < SHARE_KIDNEYS_FAILED_LAST:
            causes.append("N19X")
        rows.append(
            {
                "participant_id": int(lives.number[person]),
                "date_of_death": died,
                **{
                    f"icd10_multiple_cause_{place:02d}": code
                    for place, code in enumerate(causes, start=1)
                },
                "icd10_multiple_cause_all": SEPARATOR.join(causes),
            }
        )
    return pd.DataFrame(rows, columns=list(Mortality.columns)).sort_values(
        "participant_id", ignore_index=True
    )


def _number(day: np.datetime64) -> int:
    """Return a day as a number, days since 1970."""
    return int(day.astype("datetime64[D]").astype(np.int64))


def _date(day: int) -> datetime.date:
    return datetime.date(1970, 1, 1) + datetime.timedelta(days=day)


def person_tokens(numbers: Integers) -> Words:
    """Return people's keys in the linkage: other numbers, one for each."""
    return np.array([_token(number) for number in numbers.tolist()], dtype=object)


def record_key(number: int, day: int) -> str:
    """Return the key of a record in hospital statistics that began on a day, counted from 1970."""
    return f"{(number * 1_000_003 + day * 7_919) * 48_271 % 999_999_999_989:012d}"


def _token(number: int) -> str:
    return f"T{(number * 48_271 + 7_919) % 999_999_937:09d}"
