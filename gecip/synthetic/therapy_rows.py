"""The rows of drugs and of radiation that patients were given, after the plan of their treatment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gecip.model.cancer_treatment import Rtds, Sact
from gecip.model.programme_releases import release_date
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.clinical_rows import frame_of
from gecip.synthetic.linked_people import LinkedPeople
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.treatment_plan import (
    ANTIBODY,
    ANTIBODY_HAZARD_RATIO,
    ANTIBODY_KIND,
    REGIMENS,
    SHARE_TARGETED,
    TARGETED_DRUG,
    TARGETED_GENE,
    TARGETED_KIND,
    TreatmentPlan,
)
from gecip.synthetic.tumours import DOMAIN

if TYPE_CHECKING:
    import pandas as pd

# Days from the decision to the first drug or the first attendance; faults of the records. Assumptions.
_DAYS_TO_DECIDE = (5, 29)
_SHARE_WITHOUT_LAST_DAY, _SHARE_DELAYED, _SHARE_WITH_RADIATION = 0.15, 0.1, 0.05
# Attendances of a course of radiation, with their shares; assumptions.
_FRACTIONS = {5: 0.15, 15: 0.45, 20: 0.2, 25: 0.12, 33: 0.08}
# Where the radiation goes in OPCS-4, by kind of tumour; elsewhere empty.
_AIMED_AT: Mapping[str, str] = {"LUNG": "Z246", "BREAST": "Z159", "RENAL": "Z411"}
_FIRST_DELIVERY, _LATER_DELIVERY, _BY_MOUTH = "X722", "X724", "X731"
_FRACTION = "X654"
# What radiation is for and how it is given; assumptions.
_FEW_FRACTIONS, _SHARE_PALLIATIVE, _SHARE_AT_METASTASES, _SHARE_WITH_NODES = 5, 0.15, 0.5, 0.3
_BEAM, _ENERGIES = "Photon", (6.0, 10.0, 15.0)
# Releases in which the days of radiation in September are lost.
_RELEASES_WITHOUT_SEPTEMBER = ("v17", "v18")


def sact_rows(
    seed: int, people: LinkedPeople, plan: TreatmentPlan, stages: pd.Series[str]
) -> pd.DataFrame:
    """Return one row for each drug of a cycle.

    Parameters
    ----------
    stages
        The stage at diagnosis by participant, where it was recorded.
    """
    import pandas as pd

    stream = random_stream(seed, f"tables/{Sact.name}")
    patients = plan.patients
    lines = pd.concat(
        [
            patients.assign(
                begin=patients[f"{line}_line"], regimen=patients[f"{line}_regimen"], nth=nth
            )
            for nth, line in enumerate(("first", "second"), start=1)
        ],
        ignore_index=True,
    ).dropna(subset=["begin"])
    size = len(lines)
    lines["decided"] = lines["begin"] - pd.to_timedelta(
        stream.integers(*_DAYS_TO_DECIDE, size=size), unit="D"
    )
    lines["decided"] = lines[["decided", "diagnosed"]].max(axis=1)
    lines["has_last"] = stream.random(size) >= _SHARE_WITHOUT_LAST_DAY
    lines["delayed"] = stream.random(size) < _SHARE_DELAYED
    lines["with_radiation"] = stream.random(size) < _SHARE_WITH_RADIATION
    lines["line"] = np.arange(size)
    regimens = [REGIMENS[name] for name in lines["regimen"]]
    planned = np.array([one.cycles for one in regimens], dtype=np.int64)
    apart = np.array([one.days_apart for one in regimens], dtype=np.int64)
    cycles = lines.loc[lines.index.repeat(planned)].reset_index(drop=True)
    number = cycles.groupby("line").cumcount().to_numpy()
    day = cycles["begin"].to_numpy(dtype="datetime64[D]") + (
        number * np.repeat(apart, planned)
    ).astype("timedelta64[D]")
    cycles = cycles.assign(day=day, cycle=number, planned=np.repeat(planned, planned))
    places = people.places_of(cycles["participant_id"])
    cycles = cycles[people.tells(Sact, places, day)]
    given = cycles.groupby("line")
    cycles = cycles.assign(last=given["day"].transform("max"), given=given["day"].transform("size"))
    rows = cycles.merge(_drugs(), on="regimen").sort_values(
        ["participant_id", "day", "drug"], ignore_index=True
    )
    by_mouth = ~rows["in_hospital"]
    first = rows["cycle"] == 0
    male = people.lives.male[people.places_of(rows["participant_id"])]
    return frame_of(
        Sact,
        {
            "participant_id": rows["participant_id"],
            "primary_diagnosis": rows["site"],
            "analysis_group": rows["regimen"],
            "drug_group": rows["drug"],
            "gender_current": np.where(male, "1", "2"),
            "morphology": rows["morphology"],
            "sact_stage_at_start": rows["participant_id"].map(stages),
            "date_decision_to_treat": rows["decided"],
            "start_date_of_regimen": rows["begin"],
            "programme_number": rows["nth"],
            "cycle_number": rows["cycle"] + 1,
            "start_date_of_cycle": rows["day"],
            "administration_date": rows["day"],
            "date_of_final_treatment": rows["last"].where(rows["has_last"]),
            "chemo_radiation": rows["with_radiation"],
            "regimen_mod_stopped_early": rows["given"] < rows["planned"],
            "regimen_mod_time_delay": rows["delayed"],
            "opcs_delivery_code": np.where(
                by_mouth, _BY_MOUTH, np.where(first, _FIRST_DELIVERY, _LATER_DELIVERY)
            ),
        },
    )


def _drugs() -> pd.DataFrame:
    """Return one row for each drug of each regimen."""
    import pandas as pd

    return pd.DataFrame(
        [(one.name, drug, one.in_hospital) for one in REGIMENS.values() for drug in one.drugs],
        columns=["regimen", "drug", "in_hospital"],
    )


def rtds_rows(seed: int, people: LinkedPeople, plan: TreatmentPlan) -> pd.DataFrame:
    """Return one row for each attendance for radiation, on working days one after the other."""
    import pandas as pd

    stream = random_stream(seed, f"tables/{Rtds.name}")
    courses = plan.patients.dropna(subset=["radiation"])
    size = len(courses)
    fractions = stream.choice(list(_FRACTIONS), p=list(_FRACTIONS.values()), size=size)
    wait = stream.integers(*_DAYS_TO_DECIDE, size=size).astype("timedelta64[D]")
    begin = np.busday_offset(
        courses["radiation"].to_numpy(dtype="datetime64[D]"), 0, roll="forward"
    )
    rows = courses.assign(begin=begin, decided=begin - wait, **_prescribed(seed, fractions))
    rows = rows.loc[rows.index.repeat(fractions)].reset_index(drop=True)
    number = rows.groupby("participant_id").cumcount().to_numpy()
    day = np.busday_offset(rows["begin"].to_numpy(dtype="datetime64[D]"), number)
    told = people.tells(Rtds, people.places_of(rows["participant_id"]), day)
    rows = rows.assign(day=day)[told].sort_values(["participant_id", "day"], ignore_index=True)
    days = {
        "decisiontotreatdate": rows["decided"],
        "treatmentstartdate": rows["begin"],
        "apptdate": rows["day"],
        "proceduredate": rows["day"],
    }
    if people.release_day in [release_date(version) for version in _RELEASES_WITHOUT_SEPTEMBER]:
        days = {name: day.where(pd.to_datetime(day).dt.month != 9) for name, day in days.items()}
    return frame_of(
        Rtds,
        {
            "participant_id": rows["participant_id"],
            "radiotherapydiagnosisicd": rows["site"],
            **days,
            "primaryprocedureopcs": _FRACTION,
            "rttreatmentanatomicalsite": rows["disease_type"].map(_AIMED_AT),
            "radiotherapyintent": rows["intent"],
            "rttreatmentregion": rows["region"],
            "rtactualdose": rows["dose"],
            "radiotherapybeamtype": _BEAM,
            "radiotherapybeamenergy": rows["energy"],
        },
    )


def _prescribed(seed: int, fractions: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Return what was prescribed for each course: short ones relieve, long ones are against the cancer."""
    stream = random_stream(seed, f"tables/{Rtds.name}/prescription")
    size = len(fractions)
    relieves = (fractions <= _FEW_FRACTIONS) | (stream.random(size) < _SHARE_PALLIATIVE)
    spread = relieves & (stream.random(size) < _SHARE_AT_METASTASES)
    nodes = ~spread & (stream.random(size) < _SHARE_WITH_NODES)
    return {
        "intent": np.where(relieves, 1, 2),
        "region": np.where(spread, "M", np.where(nodes, "PR", "P")).astype(object),
        "dose": np.round(fractions * np.where(fractions <= _FEW_FRACTIONS, 4.0, 2.0), 1),
        "energy": stream.choice(_ENERGIES, size=size),
    }


def therapy_answers(
    sact: pd.DataFrame, people: LinkedPeople, plan: TreatmentPlan
) -> Iterator[Answer]:
    """Yield what was planted in the drugs, with the people on whom it stands in this release."""
    sact = sact[sact["administration_date"] <= np.datetime64(people.release_day)]
    kinds = plan.patients.set_index("participant_id")["disease_type"]
    first = sact.sort_values("start_date_of_regimen").drop_duplicates("participant_id")
    first = first.assign(kind=first["participant_id"].map(kinds))
    targeted = sact[sact["drug_group"] == TARGETED_DRUG]
    yield Answer(
        kind="targeted_treatment",
        domain=DOMAIN,
        gene=TARGETED_GENE,
        expected={
            "disease_type": TARGETED_KIND,
            "drug_group": TARGETED_DRUG,
            "share_of_treated_with_mutation": SHARE_TARGETED,
            "share_of_treated_without": 0.0,
            "people": int(targeted["participant_id"].nunique()),
        },
    )
    of_kind = first[first["kind"] == ANTIBODY_KIND]
    with_antibody = of_kind["analysis_group"].str.contains(ANTIBODY, regex=False)
    yield Answer(
        kind="treatment_survival",
        domain=DOMAIN,
        expected={
            "disease_type": ANTIBODY_KIND,
            "drug_group": ANTIBODY,
            "hazard_ratio": ANTIBODY_HAZARD_RATIO,
            "from": "start_date_of_regimen",
            "people_with": int(with_antibody.sum()),
            "people_without": int((~with_antibody).sum()),
        },
    )
