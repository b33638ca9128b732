"""Clinics, emergencies, images, critical care, mental illness, tests and deaths, read from the files of a release."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import pytest

from gecip.model import TABLES
from gecip.model.hospital import EMERGENCY_ADMISSION_METHODS
from gecip.model.table import ColumnType, Table

DAYS = {
    "hes_apc": "admidate",
    "hes_op": "apptdate",
    "hes_ae": "arrivaldate",
    "hes_cc": "ccdisdate",
    "ecds": "arrival_date",
    "did": "did_date3",
    "covid_test_results": "specimen_date",
    "mhmd_v4_event": "mhd_eventdate",
    "mhldds_event": "mhd_eventdate",
    "mhsds_primary_diagnosis": "diagdate",
    "mhsds_secondary_diagnosis": "diagdate",
    "mhsds_provisional_diagnosis": "provdiagdate",
    "mhsds_medical_history_previous_diagnosis": "diagdate",
    "mhsds_care_activity": "carecontdate",
    "mhsds_indirect_activity": "indirectactdate",
}
OF_SERVICES = [name for name in DAYS if name.startswith("mhsds")]
Tables = Mapping[str, pd.DataFrame]


@pytest.fixture(scope="module")
def linked(clinical_release_folder: Path) -> Tables:
    names = (*DAYS, "participant", "mortality", "death_details")
    return {name: read(clinical_release_folder, TABLES[name]) for name in names}


def read(folder: Path, table: type[Table]) -> pd.DataFrame:
    frame = pd.read_parquet(folder / "tables" / f"{table.name}.parquet")
    for column in frame:
        if table.columns[str(column)].type is ColumnType.DATE:
            frame[column] = pd.to_datetime(frame[column])
    return frame


@pytest.mark.parametrize("table", DAYS)
def test_visits_lie_within_life_and_within_what_is_covered(linked: Tables, table: str) -> None:
    rows, day = linked[table], linked[table][DAYS[table]]
    people = linked["participant"].set_index("participant_id")
    first, last = TABLES[table].covers or pytest.fail("the table says what it covers")
    assert len(rows) > 3
    assert day.between(pd.Timestamp(first), pd.Timestamp(last)).all()
    assert (day.dt.year >= rows["participant_id"].map(people["year_of_birth"])).all()
    died = linked["mortality"].set_index("participant_id")["date_of_death"]
    assert not (day > rows["participant_id"].map(died)).any()


def test_linked_records_of_all_tables_end_before_the_birthday_of_an_expired_consent(
    clinical_release_folder: Path, linked: Tables
) -> None:
    years = linked["participant"].set_index("participant_id")["secondary_data_received_until_year"]
    years = years.dropna().astype(int)
    birthdays = pd.to_datetime(years.astype(str) + "-07-01")
    before = 0
    linked = [table for table in TABLES.values() if table.covers is not None]
    for table in linked:
        path = clinical_release_folder / "tables" / f"{table.name}.parquet"
        if not path.exists():
            continue
        rows = read(clinical_release_folder, table)
        birthday = rows["participant_id"].map(birthdays)
        for column in rows.select_dtypes("datetime"):
            assert not (rows[column] >= birthday).any(), (table.name, column)
        before += int(birthday.notna().sum())
    assert len(birthdays) >= 3
    assert before > 10


@pytest.mark.parametrize("table", ["hes_op", "hes_ae", "ecds"])
def test_joined_columns_are_the_numbered_ones_joined(linked: Tables, table: str) -> None:
    rows = linked[table]
    joined = [name for name in rows if name.endswith("_all") and rows[name].notna().any()]
    assert len(joined) >= 2
    for name in joined:
        stem = name.removesuffix("_all")
        parts = [part for part in rows if re.fullmatch(rf"{stem}_\d\d", str(part))]
        together = rows[parts].apply(lambda row: "|".join(row.dropna()), axis=1)
        assert together.equals(rows[name].fillna("")), name


def test_who_is_admitted_as_an_emergency_came_through_the_department(linked: Tables) -> None:
    stays = linked["hes_apc"]
    stays = stays[
        stays["admimeth"].isin(EMERGENCY_ADMISSION_METHODS)
        & stays["admidate"].between(pd.Timestamp("2007-04-01"), pd.Timestamp("2020-03-31"))
    ]
    arrived = linked["hes_ae"].set_index(["participant_id", "arrivaldate"]).index
    assert len(stays) > 100
    assert stays.set_index(["participant_id", "admidate"]).index.isin(arrived).all()


def test_for_some_years_an_emergency_stands_in_both_sets(linked: Tables) -> None:
    older = linked["hes_ae"].set_index(["participant_id", "arrivaldate"]).index
    newer = linked["ecds"]
    both = newer[newer["arrival_date"] <= pd.Timestamp("2020-03-31")]
    assert both.set_index(["participant_id", "arrival_date"]).index.isin(older).all()
    assert 20 < len(both) < len(newer)


def test_critical_care_lies_within_a_stay(linked: Tables) -> None:
    stays = linked["hes_apc"].merge(linked["hes_cc"], on="participant_id")
    within = stays[
        (stays["admidate"] <= stays["ccstartdate"]) & (stays["ccdisdate"] <= stays["disdate"])
    ]
    assert set(linked["hes_cc"]["participant_id"]) == set(within["participant_id"])
    assert (linked["hes_cc"]["ccstartdate"] < linked["hes_cc"]["ccdisdate"]).all()


def test_visits_carry_the_groups_by_which_they_are_costed(linked: Tables) -> None:
    assert set(linked["hes_op"]["sushrg"].dropna()) == {"WF01A", "WF01B"}
    assert 0 < linked["hes_op"]["sushrg"].isna().mean() < 0.05
    assert linked["hes_ae"]["sushrg"].str.fullmatch(r"VB\d\dZ").all()


def test_clinics_code_few_diagnoses_and_without_a_dot(linked: Tables) -> None:
    codes = linked["hes_op"]["diag_01"]
    assert 0.8 < (codes == "R69X").mean() < 0.99
    assert codes.str.fullmatch(r"[A-Z]\d\d[0-9X]").all()


def test_only_women_have_images_of_the_breast(linked: Tables) -> None:
    sex = linked["participant"].set_index("participant_id")["participant_phenotypic_sex"]
    images = linked["did"]
    of_breast = images[images["did_snomedct_code"] == "71651007"]
    assert len(of_breast) > 3
    assert set(of_breast["participant_id"].map(sex)) == {"Female"}


def test_every_code_of_snomed_has_the_check_digit_of_one(linked: Tables) -> None:
    codes = set(snomed_codes(linked))
    assert len(codes) > 15
    assert [code for code in codes if verhoeff(code)] == []


def snomed_codes(linked: Tables) -> Iterator[str]:
    for name in ("ecds", "did"):
        for column in TABLES[name].columns.values():
            if column.code_system == "SNOMED CT" and not column.name.endswith("_all"):
                yield from linked[name][column.name].dropna()
    for name in OF_SERVICES:
        for column in (c for c in linked[name] if c.startswith("code") or c.endswith("diag")):
            codes = linked[name][column].dropna()
            yield from codes[codes.str.fullmatch(r"\d{6,}")]


def verhoeff(number: str) -> int:
    """Return the check sum of a number, 0 for a good one, in the dihedral group of ten elements."""
    check = 0
    for place, digit in enumerate(map(int, reversed(number))):
        moved = digit
        for _ in range(place % 8):
            moved = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[moved]
        if check < 5:
            check = (check + moved) % 5 if moved < 5 else 5 + (check + moved) % 5
        else:
            check = 5 + (check - moved) % 5 if moved < 5 else (check - moved) % 5
    return check


def test_mental_illness_is_coded_in_two_ways_and_says_in_which(linked: Tables) -> None:
    icd10, snomed = 0, 0
    for name in OF_SERVICES:
        rows = linked[name]
        code = next(c for c in rows if c in ("codefind",) or c.endswith("diag"))
        scheme = next(c for c in rows if c in ("findschemeinuse", "diagschemeinuse"))
        in_icd10 = rows[scheme].str.lstrip("0").isin(["1"] if code == "codefind" else ["2"])
        assert rows.loc[in_icd10, code].str.fullmatch(r"[A-Z]\d\d\.?\d").all()
        assert rows.loc[~in_icd10, code].str.fullmatch(r"\d+").all()
        icd10, snomed = icd10 + in_icd10.sum(), snomed + (~in_icd10).sum()
    assert snomed > 10
    assert icd10 > snomed
    events = linked["mhmd_v4_event"]["ic_eve_primarydiagnosis"]
    assert 0.4 < events.str.contains(".", regex=False).mean() < 0.95
    assert linked["mhsds_primary_diagnosis"]["participant_id"].is_unique


def test_centres_heard_of_most_deaths_and_of_a_few_on_another_day(linked: Tables) -> None:
    both = linked["death_details"].merge(linked["mortality"], on="participant_id")
    assert len(both) == len(linked["death_details"])
    assert 0.5 < len(both) / len(linked["mortality"]) < 0.9
    apart = (both["death_date"] - both["date_of_death"]).dt.days
    assert set(apart) == {0, 1}
    assert (apart == 1).mean() < 0.2
