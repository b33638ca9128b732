from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from gecip.synthetic.casting import cast_families
from gecip.synthetic.child_consent import SHARE_NOT_RENEWED, birthdays, expired_child_consent
from gecip.synthetic.disease_plan import plan_diseases
from gecip.synthetic.life_dates import LifeDates, draw_life_dates
from gecip.synthetic.recruitment import Recruits, recruit

NEW, OLD = datetime.date(2024, 10, 31), datetime.date(2022, 1, 27)


@pytest.fixture(scope="module")
def made() -> tuple[Recruits, LifeDates]:
    recruits = recruit(5, participants=2_000)
    plan = plan_diseases(5, recruits, cast_families(5, recruits))
    return recruits, draw_life_dates(5, recruits, plan)


def test_a_share_of_those_who_came_of_age_has_not_consented(
    made: tuple[Recruits, LifeDates],
) -> None:
    recruits, dates = made
    expired = expired_child_consent(5, recruits, dates, NEW)
    came_of_age = (
        recruits.people.recruited
        & (recruits.people.family >= 0)
        & (dates.registration < birthdays(dates, 16))
        & (birthdays(dates, 16) < np.datetime64(NEW))
    )
    assert came_of_age.sum() > 100
    assert expired.sum() == pytest.approx(SHARE_NOT_RENEWED * came_of_age.sum(), rel=0.25)


def test_whose_consent_had_expired_in_an_older_release_has_expired_in_a_newer(
    made: tuple[Recruits, LifeDates],
) -> None:
    recruits, dates = made
    newer, older = (expired_child_consent(5, recruits, dates, date) for date in (NEW, OLD))
    assert older.any()
    assert (newer & ~older).any()
    assert not (older & ~newer).any()


def test_a_birthday_is_in_the_middle_of_its_year(made: tuple[Recruits, LifeDates]) -> None:
    _, dates = made
    assert str(birthdays(dates, 16)[0]) == f"{dates.birth_year[0] + 16}-07-01"


def test_the_participant_table_tells_whose_records_end_and_when(demo_release_folder: Path) -> None:
    columns = [
        "year_of_birth",
        "secondary_data_received_until_year",
        "registration_date",
        "programme",
    ]
    people = pq.read_table(demo_release_folder / "tables" / "participant.parquet", columns=columns)
    ended = people.to_pandas().dropna(subset="secondary_data_received_until_year")
    assert 3 <= len(ended) < 40
    assert set(ended["programme"]) == {"Rare Diseases"}
    assert (ended["secondary_data_received_until_year"] == ended["year_of_birth"] + 16).all()
    registered = ended["registration_date"].map(lambda day: day.year)
    assert (registered <= ended["secondary_data_received_until_year"]).all()
    assert (ended["secondary_data_received_until_year"] <= 2024).all()
