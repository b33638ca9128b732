"""Tests for the virus of COVID-19, mental illness, and deaths as the centres heard of them.

How many have what is an assumption throughout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gecip.model.covid_tests import CovidTestResults
from gecip.model.hospital import DeathDetails
from gecip.model.mental_health import (
    MhlddsEvent,
    MhmdV4Event,
    MhsdsCareActivity,
    MhsdsIndirectActivity,
    MhsdsMedicalHistoryPreviousDiagnosis,
    MhsdsPrimaryDiagnosis,
    MhsdsProvisionalDiagnosis,
    MhsdsSecondaryDiagnosis,
)
from gecip.model.table import Table
from gecip.synthetic.clinical_rows import frame_of
from gecip.synthetic.hospital_stays import Words
from gecip.synthetic.life_dates import only_where
from gecip.synthetic.linked_people import LinkedPeople
from gecip.synthetic.random_streams import random_stream

if TYPE_CHECKING:
    import pandas as pd

_COVID_TESTS_A_YEAR, _SHARE_POSITIVE, _SHARE_TWICE = 0.8, 0.08, 0.02
_SHARE_OF_DEATHS_HEARD_OF, _SHARE_A_DAY_APART = 0.7, 0.06
# People who were ever in the care of mental-health services, and their records a year in each table.
_SHARE_IN_CARE, _RECORDS_A_YEAR = 0.06, 1.2
_SHARE_WITH_SECOND, _SHARE_WITH_DOT, _SHARE_IN_SNOMED, _SHARE_WITH_ZERO = 0.3, 0.7, 0.15, 0.4
_SHARE_OBSERVED, _SNOMED_OBSERVATION = 0.1, "3"
# ICD-10 with a dot, and the same in SNOMED CT: of people who grew up with it, and of others.
_OF_CHILDREN: Mapping[str, str] = {"F84.0": "408856003", "F90.0": "406506008", "F70.0": "86765009"}
_OF_ADULTS: Mapping[str, str] = {"F32.9": "35489007", "F41.1": "21897009", "F20.0": "64905009"}
_OBSERVATION = "225444004"
_ADULT_AGE = 18


@dataclass(frozen=True)
class _Coded:
    """How a table of mental health says something: in which columns the day, the code, and its scheme stand."""

    table: type[Table]
    day: str
    code: str
    scheme: str
    icd10: str
    snomed: str
    one_a_person: bool = False


_DIAGNOSES, _FINDINGS = ("2", "6"), ("1", "4")
_OF_SERVICES = (
    _Coded(MhsdsPrimaryDiagnosis, "diagdate", "primdiag", "diagschemeinuse", *_DIAGNOSES, one_a_person=True),
    _Coded(MhsdsSecondaryDiagnosis, "diagdate", "secdiag", "diagschemeinuse", *_DIAGNOSES),
    _Coded(MhsdsProvisionalDiagnosis, "provdiagdate", "provdiag", "diagschemeinuse", *_DIAGNOSES),
    _Coded(MhsdsMedicalHistoryPreviousDiagnosis, "diagdate", "prevdiag", "diagschemeinuse", *_DIAGNOSES),
    _Coded(MhsdsCareActivity, "carecontdate", "codefind", "findschemeinuse", *_FINDINGS),
    _Coded(MhsdsIndirectActivity, "indirectactdate", "codefind", "findschemeinuse", *_FINDINGS),
)  # fmt: skip
_EVENTS = (
    (MhmdV4Event, "ic_eve_primarydiagnosis", "ic_eve_secondarydiagnosis"),
    (MhlddsEvent, "primarydiagnosis", "secondarydiagnosis"),
)


def covid_test_rows(seed: int, people: LinkedPeople) -> pd.DataFrame:
    """Return one row for each test; some came twice, by two ways."""
    stream = random_stream(seed, f"tables/{CovidTestResults.name}")
    who, day = people.draw_days(stream, CovidTestResults, np.full(len(people), _COVID_TESTS_A_YEAR))
    result = np.where(stream.random(len(who)) < _SHARE_POSITIVE, "Positive", "Negative")
    times = np.where(stream.random(len(who)) < _SHARE_TWICE, 2, 1)
    return frame_of(
        CovidTestResults,
        {
            "participant_id": np.repeat(people.lives.number[who], times),
            "specimen_date": np.repeat(day, times),
            "result": np.repeat(result.astype(object), times),
        },
    )


def death_detail_rows(seed: int, people: LinkedPeople) -> pd.DataFrame:
    """Return the deaths of which a centre heard, some a day later than they were registered."""
    stream = random_stream(seed, f"tables/{DeathDetails.name}")
    chance = stream.random((len(people), 2))
    death = people.lives.death
    apart = (chance[:, 1] < _SHARE_A_DAY_APART).astype("timedelta64[D]")
    told = (chance[:, 0] < _SHARE_OF_DEATHS_HEARD_OF) & (death + apart <= people.told_until)
    return frame_of(
        DeathDetails,
        {"participant_id": people.lives.number[told], "death_date": (death + apart)[told]},
    )


def mental_health_rows(seed: int, people: LinkedPeople) -> dict[type[Table], pd.DataFrame]:
    """Return what three data sets hold of those who were in the care of mental-health services."""
    in_care = random_stream(seed, "mental health").random(len(people)) < _SHARE_IN_CARE
    rates = np.where(in_care, _RECORDS_A_YEAR, 0.0)
    rows: dict[type[Table], pd.DataFrame] = {}
    for table, primary, secondary in _EVENTS:
        stream = random_stream(seed, f"tables/{table.name}")
        who, day = people.draw_days(stream, table, rates)
        first, _ = _illnesses(stream, people, who, day)
        second, _ = _illnesses(stream, people, who, day)
        has_second = (stream.random(len(who)) < _SHARE_WITH_SECOND) & (first != second)
        rows[table] = frame_of(
            table,
            {
                "participant_id": people.lives.number[who],
                "mhd_eventdate": day,
                primary: _written(stream, first),
                secondary: only_where(has_second, _written(stream, second)),
            },
        )
    for coded in _OF_SERVICES:
        rows[coded.table] = _coded_rows(seed, people, coded, rates)
    return rows


def _coded_rows(seed: int, people: LinkedPeople, coded: _Coded, rates: np.ndarray) -> pd.DataFrame:
    stream = random_stream(seed, f"tables/{coded.table.name}")
    who, day = people.draw_days(stream, coded.table, rates)
    if coded.one_a_person:
        who, first = np.unique(who, return_index=True)
        day = day[first]
    size = len(who)
    icd10, snomed = _illnesses(stream, people, who, day)
    in_snomed = stream.random(size) < _SHARE_IN_SNOMED
    scheme = np.where(in_snomed, coded.snomed, coded.icd10).astype(object)
    with_zero = stream.random(size) < _SHARE_WITH_ZERO
    columns = {
        "participant_id": people.lives.number[who],
        coded.day: day,
        coded.code: np.where(in_snomed, snomed, _written(stream, icd10)),
        coded.scheme: np.where(with_zero, "0" + scheme, scheme),
    }
    if coded.table is MhsdsCareActivity:
        observed = stream.random(size) < _SHARE_OBSERVED
        columns["codeobs"] = only_where(observed, _OBSERVATION)
        columns["obsschemeinuse"] = only_where(observed, _SNOMED_OBSERVATION)
    return frame_of(coded.table, columns)


def _illnesses(
    stream: np.random.Generator, people: LinkedPeople, who: np.ndarray, day: np.ndarray
) -> tuple[Words, Words]:
    """Return an illness for each record by age, in ICD-10 and in SNOMED CT."""
    year = day.astype("datetime64[Y]").astype(np.int64) + 1970
    is_child = year - people.lives.birth_year[who] < _ADULT_AGE
    place = stream.integers(0, len(_OF_CHILDREN), size=len(who))
    icd10, snomed = (
        np.where(
            is_child,
            np.array(list(of_children), dtype=object)[place],
            np.array(list(of_adults), dtype=object)[place],
        )
        for of_children, of_adults in (
            (_OF_CHILDREN, _OF_ADULTS),
            (_OF_CHILDREN.values(), _OF_ADULTS.values()),
        )
    )
    return icd10, snomed


def _written(stream: np.random.Generator, codes: Words) -> Words:
    """Return codes of ICD-10, some without their dot."""
    different, places = np.unique(codes.astype(str), return_inverse=True)
    plain = np.array([code.replace(".", "") for code in different], dtype=object)[places]
    return np.where(stream.random(len(codes)) < _SHARE_WITH_DOT, codes, plain)
