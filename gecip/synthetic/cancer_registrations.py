"""What the cancer registries hold: tumours, their treatment, how they were found, and where people lived.

A tumour has another number here than in the programme's own tables, and its days differ by some days
from theirs; some people have more tumours than one, and a few have one registered twice.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gecip.model.cancer_registry import (
    AvImd,
    AvPatient,
    AvRtd,
    AvTreatment,
    AvTumour,
    CancerRegistry,
)
from gecip.model.table import Table
from gecip.synthetic.cancer_stages import stages_of
from gecip.synthetic.clinical_rows import frame_of
from gecip.synthetic.hospital_care import CANCERS
from gecip.synthetic.life_dates import CENTRES, ENGLISH_CENTRES, only_where
from gecip.synthetic.linked_people import LinkedPeople
from gecip.synthetic.random_streams import draw_freely, random_stream
from gecip.synthetic.treatment_plan import TreatmentPlan

if TYPE_CHECKING:
    import pandas as pd

# Shares and days; assumptions.
_SHARE_ANOTHER_DAY, _MOST_DAYS_APART = 0.25, 21
_SHARE_REGISTERED_TWICE = 0.02
_SHARE_GRADED, _SHARE_STAGED = 0.85, 0.88
_DAYS_TO_REGISTRATION = (0, 60)
_SHARE_NUMBER_FOR_SITE = 0.01
_SHARE_EMBARKED = 0.003
# Up to when the registry knows who lives: the last day of its treatments; an assumption.
_LAST_LIFE_STATUS = datetime.date(2022, 8, 22)
# The routes by which cancers of England are found, as the registry publishes them, rounded; screening finds some only.
_ROUTES: Mapping[str, float] = {
    "Two Week Wait": 0.38, "GP referral": 0.22, "Emergency presentation": 0.2, "Other outpatient": 0.1,
    "Inpatient elective": 0.03, "Unknown": 0.06, "DCO": 0.01,
}  # fmt: skip
_SCREENED, _SHARE_BY_SCREENING = ("C509", "C189"), 0.2
_DEPRIVATION = ("1 - least deprived", "2", "3", "4", "5 - most deprived")
# Sites as the ninth revision of the ICD numbers them: what a few old rows still hold.
_OLD_NUMBERS: Mapping[str, str] = {
    "C349": "1629", "C189": "1539", "C509": "1749", "C64X": "1890", "C439": "1729", "C541": "1820",
    "C499": "1719", "C449": "1739",
}  # fmt: skip
_HISTOLOGIES: Mapping[str, str] = {
    "8140": "Adenocarcinoma", "8500": "Infiltrating duct carcinoma", "8310": "Clear cell adenocarcinoma",
    "8720": "Malignant melanoma", "8380": "Endometrioid adenocarcinoma", "8890": "Leiomyosarcoma",
    "8090": "Basal cell carcinoma",
}  # fmt: skip
# Kinds of treatment in the registry's codes and words, typed from memory; an assumption.
_SURGERY, _CHEMOTHERAPY, _RADIATION = (
    ("01b", "Surgery - curative"),
    ("02", "CT - CHEMOTHERAPY"),
    ("05", "RT - TELETHERAPY"),
)


def registry_rows(
    seed: int,
    people: LinkedPeople,
    plan: TreatmentPlan,
    diagnoses: pd.DataFrame,
) -> dict[type[Table], pd.DataFrame]:
    """Return the rows of the registries' tables.

    Parameters
    ----------
    diagnoses
        The programme's own rows of tumours, earlier ones among them.
    """
    tumours = _tumours(seed, plan, diagnoses)
    known = tumours[
        people.tells(
            AvTumour, people.places_of(tumours["participant_id"]), _days(tumours["registered"])
        )
    ].reset_index(drop=True)
    return {
        CancerRegistry: _registrations(seed, people, tumours),
        AvTumour: _tumour_rows(seed, known),
        AvPatient: _patient_rows(seed, people, known),
        AvTreatment: _treatment_rows(people, known),
        AvRtd: _route_rows(seed, known),
        AvImd: _deprivation_rows(seed, known),
    }


def _days(column: pd.Series[object]) -> np.ndarray:
    return column.to_numpy(dtype="datetime64[D]")


def _tumours(seed: int, plan: TreatmentPlan, diagnoses: pd.DataFrame) -> pd.DataFrame:
    """Return one row a registered tumour with the day that the registry has for it, and its number there."""
    import pandas as pd

    stream = random_stream(seed, "registered tumours")
    patients = plan.patients.set_index("participant_id")
    rows = diagnoses.rename(
        columns={"diagnosis_icd_code": "site", "morphology_icd_code": "morphology"}
    )
    rows = rows[rows["participant_id"].isin(patients.index)].reset_index(drop=True)
    of_patient = patients.reindex(rows["participant_id"]).reset_index(drop=True)
    is_main = (rows["site"] == of_patient["site"]) & ~rows.duplicated(["participant_id", "site"])
    # The programme lost a few days of diagnosis; the registry has them all.
    day = pd.to_datetime(rows["diagnosis_date"])
    day = day.where(~is_main, pd.to_datetime(of_patient["diagnosed"]))
    rows = rows.assign(
        day=day,
        is_main=is_main,
        sampled=of_patient["sampled"],
        operation=of_patient["operation"].where(is_main),
        first_line=of_patient["first_line"].where(is_main),
        second_line=of_patient["second_line"].where(is_main),
        radiation=of_patient["radiation"].where(is_main),
    )
    rows = rows[rows["day"].notna()].reset_index(drop=True)
    chance = stream.random((len(rows), 3))
    apart = (chance[:, 1] * (_MOST_DAYS_APART + 1)).astype(np.int64)
    # The registry often counts from the first suspicion: never later than the operation.
    earlier = np.where(chance[:, 0] < _SHARE_ANOTHER_DAY, apart, 0).astype("timedelta64[D]")
    rows["registered"] = _days(rows["day"]) - earlier
    twice = np.flatnonzero(chance[:, 2] < _SHARE_REGISTERED_TWICE)
    is_copy = np.arange(len(rows) + len(twice)) >= len(rows)
    rows = rows.iloc[np.concatenate([np.arange(len(rows)), twice])].reset_index(drop=True)
    rows["registered"] = _days(rows["registered"]) - is_copy * np.timedelta64(3, "D")
    for name in ("operation", "first_line", "second_line", "radiation"):
        rows[name] = rows[name].mask(is_copy)
    rows = rows.sort_values(["participant_id", "registered"], kind="stable", ignore_index=True)
    # Numbers that say nothing of the programme's own, and stay the same whoever else is there.
    nth = rows.groupby("participant_id").cumcount()
    rows["tumour"] = 10_000_000_000 + (
        (rows["participant_id"] * 10 + nth) * 1_000_003 % 9_999_999_967
    )
    return rows


def _registrations(seed: int, people: LinkedPeople, tumours: pd.DataFrame) -> pd.DataFrame:
    stream = random_stream(seed, f"tables/{CancerRegistry.name}")
    since = stream.integers(*_DAYS_TO_REGISTRATION, size=len(tumours)).astype("timedelta64[D]")
    is_number = stream.random(len(tumours)) < _SHARE_NUMBER_FOR_SITE
    day = _days(tumours["registered"]) + since
    rows = tumours.assign(
        event=day,
        written=tumours["site"].where(~is_number, tumours["site"].map(_OLD_NUMBERS)),
    )
    rows = rows[people.tells(CancerRegistry, people.places_of(rows["participant_id"]), day)]
    morphology = rows["morphology"].str.split("/", expand=False)
    return frame_of(
        CancerRegistry,
        {
            "participant_id": rows["participant_id"],
            "event_date": rows["event"],
            "cancer_site": rows["written"].fillna(rows["site"]),
            "cancer_type": morphology.str[0],
            "cancer_behaviour": morphology.str[1],
        },
    )


def _tumour_rows(seed: int, tumours: pd.DataFrame) -> pd.DataFrame:
    stream = random_stream(seed, f"tables/{AvTumour.name}")
    size = len(tumours)
    staged = stream.random(size) < _SHARE_STAGED
    graded = stream.random(size) < _SHARE_GRADED
    grade = draw_freely(stream, {"G1": 0.15, "G2": 0.5, "G3": 0.35}, size=size)
    status = {
        name: draw_freely(stream, {"P": positive, "N": 1 - positive}, size=size)
        for name, positive in (("er_status", 0.8), ("pr_status", 0.65), ("her2_status", 0.14))
    }
    centre = stream.integers(0, ENGLISH_CENTRES, size=size)
    trusts = np.array([one.code for one in CENTRES], dtype=object)[centre]
    site = tumours["site"]
    stage = stages_of(tumours).where(staged)
    is_breast, is_bowel, is_womb = ((site == code).to_numpy() for code in ("C509", "C189", "C541"))
    return frame_of(
        AvTumour,
        {
            "participant_id": tumours["participant_id"],
            "anon_tumour_id": tumours["tumour"],
            "diagnosisdatebest": tumours["registered"],
            "site_icd10_o2": site.str.removesuffix("X"),
            "site_icd10_O2_3char": site.str[:3],
            "site_coded_3char": site.str[:3],
            "site_coded": site.str.removesuffix("X"),
            "histology_coded": tumours["morphology"].str[:4],
            "histology_coded_desc": tumours["morphology"].str[:4].map(_HISTOLOGIES),
            "grade": np.where(graded, grade, "GX"),
            **{name: only_where(is_breast, values) for name, values in status.items()},
            "dukes": stage.map({"1": "A", "2": "B", "3": "C", "4": "D"}).where(is_bowel),
            "figo": stage.map({"1": "I", "2": "II", "3": "III", "4": "IV"}).where(is_womb),
            "t_best": tumours["component_tnm_t"].str[1:].where(staged),
            "n_best": tumours["component_tnm_n"].str[1:].where(staged),
            "m_best": tumours["component_tnm_m"].str[1:].where(staged),
            "stage_best": stage,
            "stage_best_system": only_where(stage.notna().to_numpy(), "UICC 7"),
            "date_first_surgery": tumours["operation"],
            "first_hosp_date": tumours["registered"],
            "diag_hosp": [f"{trust}01" for trust in trusts],
            "diag_trust": trusts,
        },
    )


def _patient_rows(seed: int, people: LinkedPeople, tumours: pd.DataFrame) -> pd.DataFrame:
    stream = random_stream(seed, f"tables/{AvPatient.name}")
    numbers = tumours["participant_id"].drop_duplicates().to_numpy()
    last = np.datetime64(min(_LAST_LIFE_STATUS, people.release_day))
    death = people.lives.death[people.places_of(numbers)]
    died = death <= last
    return frame_of(
        AvPatient,
        {
            "participant_id": numbers,
            "embarkation": np.where(stream.random(len(numbers)) < _SHARE_EMBARKED, "Y", "N"),
            "vitalstatus": np.where(died, "D", "A"),
            "vitalstatusdate": np.where(died, death, last),
            "deathdatebest": np.where(died, death, np.datetime64("NaT")),
        },
    )


def _treatment_rows(people: LinkedPeople, tumours: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each operation, line of drugs and course of radiation."""
    import pandas as pd

    procedures = {site: cancer.operation.procedure for site, cancer in CANCERS.items()}
    parts = [
        tumours.assign(event=tumours[column], code=code, words=words, is_operation=is_operation)
        for column, (code, words), is_operation in (
            ("operation", _SURGERY, True),
            ("first_line", _CHEMOTHERAPY, False),
            ("second_line", _CHEMOTHERAPY, False),
            ("radiation", _RADIATION, False),
        )
    ]
    rows = pd.concat(parts, ignore_index=True).dropna(subset=["event"])
    told = people.tells(AvTreatment, people.places_of(rows["participant_id"]), _days(rows["event"]))
    rows = rows[told].sort_values(["participant_id", "event"], kind="stable", ignore_index=True)
    operation = rows["site"].map(procedures).where(rows["is_operation"])
    return frame_of(
        AvTreatment,
        {
            "participant_id": rows["participant_id"],
            "anon_tumour_id": rows["tumour"],
            "eventdate": rows["event"],
            "eventcode": rows["code"],
            "eventdesc": rows["words"],
            "opcs4_code": operation,
            "opcs4_name": operation.map(lambda code: f"Operation {code}", na_action="ignore"),
        },
    )


def _route_rows(seed: int, tumours: pd.DataFrame) -> pd.DataFrame:
    stream = random_stream(seed, f"tables/{AvRtd.name}")
    route = draw_freely(stream, _ROUTES, size=len(tumours))
    screened = stream.random(len(tumours)) < _SHARE_BY_SCREENING
    may_be_screened = tumours["site"].isin(_SCREENED).to_numpy()
    # Routes are known of the years 2006 to 2018.
    year = _days(tumours["registered"]).astype("datetime64[Y]").astype(np.int64) + 1970
    told = (year >= 2006) & (year <= 2018)
    return frame_of(
        AvRtd,
        {
            "participant_id": tumours.loc[told, "participant_id"],
            "anon_tumour_id": tumours.loc[told, "tumour"],
            "final_route": np.where(screened & may_be_screened, "Screening", route)[told],
        },
    )


def _deprivation_rows(seed: int, tumours: pd.DataFrame) -> pd.DataFrame:
    """Return how deprived the area is where somebody lived: the same for all of a person's tumours."""
    stream = random_stream(seed, f"tables/{AvImd.name}")
    codes, numbers = tumours["participant_id"].factorize()
    drawn = stream.integers(0, len(_DEPRIVATION), size=len(numbers))
    return frame_of(
        AvImd,
        {
            "participant_id": tumours["participant_id"],
            "anon_tumour_id": tumours["tumour"],
            "imd": np.array(_DEPRIVATION, dtype=object)[drawn[codes]],
        },
    )
