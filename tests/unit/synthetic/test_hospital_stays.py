"""Invented stays in hospital: whole lives, the planted rates, and the faults of linked records."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from gecip.model.hospital import HES_APC_COVERAGE, HesApc, Mortality
from gecip.model.unit_costs import RESOURCE_GROUPS
from gecip.synthetic.hospital_care import CANCERS, CARE_BY_GROUP, EVERYDAY_CARE
from gecip.synthetic.hospital_stays import (
    DIAGNOSED,
    NOT_DIAGNOSED,
    RATES,
    UNGROUPABLE,
    HospitalTables,
    Kind,
    Lives,
    draw_hospital_stays,
)

LAST_DAY = datetime.date(2024, 10, 31)
RESULT = np.datetime64("2018-06-01")
DISEASE = "Neurology and neurodevelopmental disorders"


def lives(*, probands: int = 0, relatives: int = 0, cancers: int = 0) -> Lives:
    """Return people who registered in 2016; every other proband's result was a diagnosis."""
    size = probands + relatives + cancers
    kind = [Kind.PROBAND] * probands + [Kind.RELATIVE] * relatives + [Kind.CANCER] * cancers
    nothing = np.full(size, np.datetime64("NaT"), dtype="datetime64[D]")
    index_day = nothing.copy()
    index_day[:probands] = RESULT
    index_day[size - cancers :] = np.datetime64("2016-02-01")
    death = nothing.copy()
    death[size - cancers // 2 :] = np.datetime64("2019-03-01")
    operation, chemotherapy = nothing.copy(), nothing.copy()
    operation[size - cancers :] = np.datetime64("2016-03-01")
    chemotherapy[size - cancers :: 2] = np.datetime64("2016-04-12")
    return Lives(
        number=110_000_000 + np.arange(size),
        kind=np.array(kind, dtype=object),
        birth_year=np.full(size, 1985),
        registration=np.full(size, np.datetime64("2016-05-01")),
        index_day=index_day,
        diagnosed=np.arange(size) % 2 == 0,
        disease=np.array([DISEASE] * (size - cancers) + ["C189"] * cancers, dtype=object),
        death=death,
        male=np.zeros(size, dtype=bool),
        operation=operation,
        chemotherapy=chemotherapy,
    )


@pytest.fixture(name="drawn", scope="module")
def _drawn() -> HospitalTables:
    return draw_hospital_stays(3, lives(probands=120, relatives=60, cancers=40), last_day=LAST_DAY)


def episodes_of(tables: HospitalTables) -> pd.DataFrame:
    frame = tables.rows[HesApc].copy()
    for column in ("epistart", "epiend", "admidate", "disdate"):
        frame[column] = pd.to_datetime(frame[column])
    return frame


def test_the_tables_have_every_column_of_the_model_in_its_order(drawn: HospitalTables) -> None:
    for table in (HesApc, Mortality):
        assert list(drawn.rows[table].columns) == list(table.columns)
        assert len(drawn.rows[table]) > 0


def test_stays_lie_within_life_and_within_what_the_records_cover(drawn: HospitalTables) -> None:
    episodes = episodes_of(drawn)
    deaths = drawn.rows[Mortality].set_index("participant_id")["date_of_death"]
    died = pd.to_datetime(episodes["participant_id"].map(deaths))
    assert (episodes["epistart"] >= pd.Timestamp(HES_APC_COVERAGE[0])).all()
    assert (episodes["epiend"] <= pd.Timestamp(HES_APC_COVERAGE[1])).all()
    assert not (episodes["epiend"] > died).any()
    assert (episodes["epistart"] <= episodes["epiend"]).all()
    assert (episodes["admidate"] <= episodes["epistart"]).all()


def test_of_a_stay_only_the_last_episode_has_a_discharge(drawn: HospitalTables) -> None:
    episodes = episodes_of(drawn).drop_duplicates(["participant_id", "epistart", "epiend"])
    stays = episodes.groupby(["participant_id", "admidate"])
    assert (stays["disdate"].count() == 1).all()
    several = stays.filter(lambda stay: len(stay) > 1)
    assert len(several) > 0
    assert (several.groupby(["participant_id", "admidate"])["epiend"].max()).equals(
        several.groupby(["participant_id", "admidate"])["disdate"].max()
    )


def test_no_stay_begins_during_another_of_the_same_person(drawn: HospitalTables) -> None:
    stays = (
        episodes_of(drawn)
        .groupby(["participant_id", "admidate"])["epiend"]
        .max()
        .reset_index()
        .sort_values(["participant_id", "admidate"])
    )
    same = stays["participant_id"].eq(stays["participant_id"].shift())
    assert (stays["admidate"] > stays["epiend"].shift())[same].all()


def test_diagnoses_have_no_dot_and_are_joined_as_the_model_says(drawn: HospitalTables) -> None:
    episodes = drawn.rows[HesApc]
    assert episodes["diag_01"].str.fullmatch(r"[A-Z]\d\d[0-9X]").all()
    for group, together in (("diag", "diag_all"), ("opertn", "opertn_all")):
        numbered = episodes.filter(regex=rf"^{group}_\d\d$")
        joined = numbered.apply(lambda row: "|".join(row.dropna()), axis=1)
        assert joined.equals(episodes[together].fillna(""))
        assert (numbered.nunique(axis=1) == numbered.count(axis=1)).all(), "a code stands twice"


def test_records_have_their_faults_in_small_numbers(drawn: HospitalTables) -> None:
    episodes = drawn.rows[HesApc]
    share = episodes["sushrg"].isna().mean()
    assert 0.005 < share < 0.05
    assert 0 < (episodes["sushrg"] == UNGROUPABLE).mean() < 0.03
    assert 0 < episodes.duplicated().mean() < 0.03


def test_every_group_that_is_used_has_a_price() -> None:
    cares = [*CARE_BY_GROUP.values(), EVERYDAY_CARE]
    reasons = [reason for care in cares for reason in (*care.of_children, *care.of_adults)]
    for cancer in CANCERS.values():
        reasons += [cancer.operation, *cancer.unplanned]
        reasons += [cancer.chemotherapy(is_first=first) for first in (True, False)]
    assert {reason.resource_group for reason in reasons} <= set(RESOURCE_GROUPS)


@pytest.fixture(name="many", scope="module")
def _many() -> HospitalTables:
    return draw_hospital_stays(9, lives(probands=2_000), last_day=LAST_DAY)


@pytest.mark.slow
@pytest.mark.parametrize(("group", "odd"), [(DIAGNOSED, 0), (NOT_DIAGNOSED, 1)])
def test_probands_are_admitted_at_the_planted_rates(
    many: HospitalTables, group: str, odd: int
) -> None:
    episodes = episodes_of(many)
    mine = episodes[(episodes["participant_id"] - 110_000_000) % 2 == odd]
    stays = mine.drop_duplicates(["participant_id", "admidate"])
    years = (stays["admidate"] - pd.Timestamp(RESULT)).dt.days / 365.25
    deaths = many.rows[Mortality].set_index("participant_id")["date_of_death"]
    deaths = pd.to_datetime(deaths[deaths.index % 2 == odd])
    lived = ((deaths - pd.Timestamp(RESULT)).dt.days / 365.25).to_numpy()
    for start, stop, rate in RATES[group]:
        until = min(stop, 5)
        lost = (until - lived.clip(start, until)).sum()
        time = 1_000 * (until - start) - lost
        # A few stays would begin during another and are left out.
        found = ((years >= start) & (years < until)).sum() / time
        assert found == pytest.approx(rate, rel=0.08)


def test_cancer_brings_an_operation_and_then_chemotherapy_by_the_day(drawn: HospitalTables) -> None:
    episodes = episodes_of(drawn)
    chemotherapy = episodes[episodes["diag_01"] == "Z511"].drop_duplicates()
    assert (chemotherapy["diag_02"] == "C189").all()
    assert (chemotherapy["classpat"] == "2").all()
    gaps = chemotherapy.groupby("participant_id")["epistart"].diff().dropna().dt.days
    assert gaps.median() == 21
    operated = episodes[episodes["sushrg"] == "FF31D"].groupby("participant_id")["epistart"].min()
    first = chemotherapy.groupby("participant_id")["epistart"].min()
    both = pd.concat([operated, first], axis=1, keys=["operated", "first"]).dropna()
    assert (both["first"] > both["operated"]).all()


def test_a_death_decided_elsewhere_is_kept_and_nobody_dies_before_registration(
    drawn: HospitalTables,
) -> None:
    deaths = drawn.rows[Mortality].set_index("participant_id")
    of_cancer = deaths[deaths["icd10_multiple_cause_01"] == "C189"]
    assert len(of_cancer) == 20
    assert set(of_cancer["date_of_death"]) == {datetime.date(2019, 3, 1)}
    assert (deaths["date_of_death"] > datetime.date(2016, 5, 1)).all()
    assert deaths.index.is_unique


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    people = lives(probands=10, relatives=5)
    one, same, other = (
        draw_hospital_stays(seed, people, last_day=LAST_DAY).rows[HesApc] for seed in (1, 1, 2)
    )
    assert one.equals(same)
    assert not one.equals(other)


def test_nobodys_life_changes_when_somebody_else_is_recruited() -> None:
    few, more = (
        draw_hospital_stays(1, lives(probands=size), last_day=LAST_DAY).rows[HesApc]
        for size in (5, 9)
    )
    of_few = more[more["participant_id"] < 110_000_005].reset_index(drop=True)
    assert few.astype(object).equals(of_few.astype(object))


def test_a_release_of_an_earlier_day_knows_of_nothing_later() -> None:
    last = datetime.date(2019, 11, 28)
    tables = draw_hospital_stays(1, lives(probands=40, cancers=10), last_day=last)
    assert tables.rows[HesApc]["epiend"].max() <= last
    assert tables.rows[Mortality]["date_of_death"].max() <= last


def test_the_answer_key_tells_the_planted_rates(drawn: HospitalTables) -> None:
    (answer,) = drawn.answers
    assert (answer.kind, answer.domain) == ("hospital_admissions", "health_economics")
    rates = answer.expected["admissions_a_year"]
    assert rates[NOT_DIAGNOSED]["Year before"] > rates[NOT_DIAGNOSED]["5 to 1 years before"]
    assert answer.expected["ratio_after_diagnosis"] == pytest.approx(
        rates[DIAGNOSED]["1 to 5 years after"] / rates[NOT_DIAGNOSED]["1 to 5 years after"]
    )
    assert answer.expected["fewer_after_diagnosis"] == pytest.approx(
        rates[NOT_DIAGNOSED]["1 to 5 years after"] - rates[DIAGNOSED]["1 to 5 years after"]
    )
