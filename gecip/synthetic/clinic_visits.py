"""Visits that were no admission: clinics, emergencies, images, and critical care within an admission.

How often people come is an assumption, and so is how visits are coded, unless it says otherwise. Visits
carry nothing that is planted: who has a diagnosis and who has none comes to clinics alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gecip.model.hospital import EMERGENCY_ADMISSION_METHODS, SEPARATOR
from gecip.model.hospital_visits import Did, Ecds, HesAe, HesCc, HesOp
from gecip.model.table import Table
from gecip.synthetic.clinical_rows import frame_of
from gecip.synthetic.hospital_care import CANCERS, CARE_BY_GROUP
from gecip.synthetic.hospital_stays import (
    Kind,
    Words,
    illnesses_of,
    person_tokens,
    record_key,
)
from gecip.synthetic.lasting_illnesses import Illnesses
from gecip.synthetic.life_dates import only_where
from gecip.synthetic.linked_people import Decimals, LinkedPeople
from gecip.synthetic.random_streams import random_stream

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Rate:
    """Visits a year: of everybody, of probands, and of cancer patients before and after the diagnosis."""

    everybody: float
    proband: float
    before_cancer: float
    with_cancer: float

    def of(self, people: LinkedPeople) -> tuple[Decimals, Decimals]:
        """Return everybody's rate before and after the index day; a proband's is the same all through."""
        kind = people.lives.kind
        proband, cancer = kind == Kind.PROBAND, kind == Kind.CANCER
        before = np.where(
            proband, self.proband, np.where(cancer, self.before_cancer, self.everybody)
        )
        return before, np.where(cancer, self.with_cancer, before)


_CLINICS = Rate(everybody=0.35, proband=1.2, before_cancer=0.35, with_cancer=2.2)
_EMERGENCIES = Rate(everybody=0.12, proband=0.25, before_cancer=0.12, with_cancer=0.3)
_IMAGES = Rate(everybody=0.12, proband=0.25, before_cancer=0.15, with_cancer=0.9)
# Most clinics code no diagnosis: the code of what is not known stands there.
_NOT_CODED, _SHARE_CODED = "R69X", 0.08
_FIRST_VISIT, _LATER_VISIT, _SHARE_FIRST = "WF01B", "WF01A", 0.25
_SHARE_WITH_PROCEDURE, _PROCEDURE = 0.06, "X621"
_SHARE_WITHOUT_GROUP = 0.02
_SHARE_ILLNESS_CODED, _SHARE_DIALYSED = 0.1, 0.15
# Some emergency departments coded in ICD-10 instead of the set of their own.
_SHARE_IN_ICD10, _SHARE_ILLNESS_TOLD = 0.12, 0.5
# The new set of emergency data grew from some of the hospitals to nearly all.
_SHARES_IN_ECDS: Mapping[int, float] = {2017: 0.4, 2018: 0.8}
_SHARE_IN_ECDS_LATER = 0.96
_SHARE_CONFIRMED, _SHARE_WITH_OTHER_DISEASE, _SHARE_OVER_NIGHT = 0.8, 0.15, 0.2
_SHARE_IN_CRITICAL_CARE = 0.12


@dataclass(frozen=True)
class _Emergency:
    """Why somebody comes to an emergency department, and what is done there, in both sets of codes.

    The older set counts conditions, parts and sides of the body, investigations and treatments (typed
    from memory, an assumption), or takes ICD-10 for the condition; the newer one takes SNOMED CT.
    """

    condition: str
    area: str
    investigation: str
    treatment: str
    resource_group: str
    diagnosis: str
    examined: str
    treated: str
    icd10: str


_WOUND_CARE, _ADVICE, _DRUGS = "225358003", "409073007", "18629005"
_CHEST_IMAGE, _HEART_TRACE, _BLOOD_COUNT = "399208008", "29303009", "26604007"
_REASONS = (
    _Emergency("0511", "15", "011", "082", "VB09Z", "44465007", _CHEST_IMAGE, _ADVICE, "S934"),
    _Emergency("0121", "02", "24", "014", "VB11Z", "82271004", _BLOOD_COUNT, _WOUND_CARE, "S099"),
    _Emergency("2011", "22", "02", "222", "VB08Z", "29857009", _HEART_TRACE, _DRUGS, "R074"),
    _Emergency("2512", "22", "011", "222", "VB08Z", "233604007", _CHEST_IMAGE, _DRUGS, "J189"),
    _Emergency("2511", "22", "24", "222", "VB09Z", "195967001", _CHEST_IMAGE, _DRUGS, "J459"),
    _Emergency("2411", "01", "06", "222", "VB08Z", "91175000", _BLOOD_COUNT, _DRUGS, "R568"),
    _Emergency("2611", "23", "06", "221", "VB09Z", "21522001", _BLOOD_COUNT, _ADVICE, "R104"),
    _Emergency("2711", "24", "19", "222", "VB09Z", "68566005", _BLOOD_COUNT, _DRUGS, "N390"),
    _Emergency("381", "", "24", "221", "VB11Z", "34014006", _BLOOD_COUNT, _ADVICE, "B349"),
)  # fmt: skip
_SIDES = ("L", "R", "B", "8")
_CONFIRMED, _SUSPECTED = "410605003", "415684004"
_OTHER_DISEASES = ("38341003", "73211009", "195967001")

# Images with their regions, in SNOMED CT: chest by X-ray and CT, head by CT, heart by ultrasound and
# magnetic resonance, breast by X-ray, abdomen by ultrasound.
_OF_BREAST, _ADULT_AGE = "71651007", 18
_IMAGES_OF: Mapping[str, tuple[str, float]] = {
    "399208008": ("51185008", 0.38),
    "169069000": ("51185008", 0.12),
    "303653007": ("69536005", 0.16),
    "40701008": ("80891009", 0.08),
    "241620005": ("80891009", 0.03),
    _OF_BREAST: ("76752008", 0.07),
    "45036003": ("113345001", 0.16),
}


# The same in words of our own, since those of SNOMED CT and of NICIP are licensed: region, how it was taken, organ.
_WORDS_OF: Mapping[str, tuple[str, str, str]] = {
    "399208008": ("Chest", "X-ray of the chest", "Lung"),
    "169069000": ("Chest", "CT of the chest", "Lung"),
    "303653007": ("Head", "CT of the head", "Brain"),
    "40701008": ("Heart", "Ultrasound of the heart", "Heart"),
    "241620005": ("Heart", "MRI of the heart", "Heart"),
    _OF_BREAST: ("Breast", "X-ray of the breast", "Breast"),
    "45036003": ("Abdomen", "Ultrasound of the abdomen", "Abdominal organs"),
}


def visit_rows(
    seed: int, people: LinkedPeople, stays: pd.DataFrame
) -> dict[type[Table], pd.DataFrame]:
    """Return the rows of the tables of visits.

    Parameters
    ----------
    stays
        Rows of `hes_apc`: who is admitted as an emergency came through the department, and critical care is
        part of a stay.
    """
    illnesses = illnesses_of(seed, people.lives)
    return {
        HesOp: _clinic_rows(seed, people, illnesses),
        **_emergency_rows(seed, people, stays, illnesses),
        HesCc: _critical_care_rows(seed, stays),
        Did: _image_rows(seed, people),
    }


def _clinic_rows(seed: int, people: LinkedPeople, illnesses: Sequence[Illnesses]) -> pd.DataFrame:
    stream = random_stream(seed, f"tables/{HesOp.name}")
    before, after = _CLINICS.of(people)
    who, day = people.draw_days_around(stream, HesOp, before=before, after=after)
    size = len(who)
    own = _own_codes(people)[who]
    coded = (stream.random(size) < _SHARE_CODED) & (own != "")
    diagnosis = np.where(coded, own, _NOT_CODED)
    procedure = only_where(stream.random(size) < _SHARE_WITH_PROCEDURE, _PROCEDURE)
    further = random_stream(seed, f"tables/{HesOp.name}/lasting illnesses")
    known = _known_illnesses(people, illnesses, who, day)
    told = (further.random(size) < _SHARE_ILLNESS_CODED) & (known != "")
    second = only_where(told & coded, known)
    diagnosis = np.where(told & ~coded, known, diagnosis)
    dialysed = _on_dialysis(illnesses, who, day) & (further.random(size) < _SHARE_DIALYSED)
    dialysis = np.array([one.dialysis for one in illnesses], dtype=object)
    procedure = np.where(dialysed, dialysis[who], procedure)
    is_first = stream.random(size) < _SHARE_FIRST
    is_grouped = stream.random(size) >= _SHARE_WITHOUT_GROUP
    group = np.where(is_first, _FIRST_VISIT, _LATER_VISIT)
    numbers = people.lives.number
    return frame_of(
        HesOp,
        {
            "participant_id": numbers[who],
            "token_person_id": person_tokens(numbers)[who],
            "apptdate": day,
            "sushrg": only_where(is_grouped, group),
            "diag_01": diagnosis,
            "diag_02": second,
            "diag_all": np.where(told & coded, diagnosis + SEPARATOR + known, diagnosis),
            "opertn_01": procedure,
            "opertn_all": procedure,
        },
    )


def _known_illnesses(
    people: LinkedPeople,
    illnesses: Sequence[Illnesses],
    who: npt.NDArray[np.int64],
    day: npt.NDArray[np.datetime64],
) -> Words:
    """Return for each visit a lasting illness of the person by then, or where a cancer had spread; empty where there is none."""
    numbers, index_day = people.lives.number.tolist(), people.lives.index_day
    spread = [people.lives.spread.get(number, ()) for number in numbers]
    found = np.full(len(who), "", dtype=object)
    years, is_after = _years(day), day >= index_day[who]
    for place, (person, year) in enumerate(zip(who.tolist(), years.tolist(), strict=True)):
        codes = spread[person] if spread[person] and is_after[place] else ()
        codes = codes or illnesses[person].in_year(year)
        if codes:
            found[place] = codes[place % len(codes)]
    return found


def _on_dialysis(
    illnesses: Sequence[Illnesses], who: npt.NDArray[np.int64], day: npt.NDArray[np.datetime64]
) -> npt.NDArray[np.bool_]:
    pairs = zip(who.tolist(), _years(day).tolist(), strict=True)
    return np.array([illnesses[person].on_dialysis(year) for person, year in pairs], dtype=bool)


def _years(day: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
    return day.astype("datetime64[Y]").astype(np.int64) + 1970


def _own_codes(people: LinkedPeople) -> Words:
    """Return the diagnosis with which each person comes to a clinic, empty where there is none of their own."""
    codes: dict[str, str] = {
        disease: care.of_adults[0].diagnosis for disease, care in CARE_BY_GROUP.items()
    } | {site: site for site in CANCERS}
    return np.array([codes.get(str(disease), "") for disease in people.lives.disease], dtype=object)


def _emergency_rows(
    seed: int, people: LinkedPeople, stays: pd.DataFrame, illnesses: Sequence[Illnesses]
) -> dict[type[Table], pd.DataFrame]:
    """Return the same attendances in the older table, in the newer, or for some years in both."""
    stream = random_stream(seed, f"tables/{HesAe.name}")
    before, after = _EMERGENCIES.of(people)
    drawn = [
        people.draw_days_around(stream, table, before=before, after=after)
        for table in (HesAe, Ecds)
    ]
    # The newer table takes over where the older one ends.
    older_ends = _covered(HesAe)[1]
    later = drawn[1][1] > older_ends
    admitted = stays[stays["admimeth"].isin(EMERGENCY_ADMISSION_METHODS)]
    admitted = admitted.drop_duplicates(["participant_id", "admidate"])
    who = np.concatenate(
        [drawn[0][0], drawn[1][0][later], people.places_of(admitted["participant_id"])]
    )
    arrival = admitted["admidate"].to_numpy(dtype="datetime64[D]")
    day = np.concatenate([drawn[0][1], drawn[1][1][later], arrival])
    order = np.lexsort((day, who))
    who, day = who[order], day[order]
    year = day.astype("datetime64[Y]").astype(np.int64) + 1970
    reason = stream.integers(0, len(_REASONS), size=len(who))
    side = np.array(_SIDES, dtype=object)[stream.integers(0, len(_SIDES), size=len(who))]
    share = np.full(len(who), _SHARE_IN_ECDS_LATER)
    for first_years, part in _SHARES_IN_ECDS.items():
        share[year == first_years] = part
    in_older = people.tells(HesAe, who, day)
    in_newer = people.tells(Ecds, who, day) & (stream.random(len(who)) < share)
    return {
        HesAe: _with_icd10(
            seed,
            _older_emergencies(
                people, who[in_older], day[in_older], reason[in_older], side[in_older], admitted
            ),
            reason[in_older],
            _known_illnesses(people, illnesses, who[in_older], day[in_older]),
        ),
        Ecds: _newer_emergencies(seed, people, who[in_newer], day[in_newer], reason[in_newer]),
    }


def _covered(table: type[Table]) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.datetime64]]:
    if table.covers is None:
        raise TypeError(f"{table.name} does not say what it covers.")
    first, last = (np.asarray(day, dtype="datetime64[D]") for day in table.covers)
    return first, last


def _older_emergencies(
    people: LinkedPeople,
    who: npt.NDArray[np.int64],
    day: npt.NDArray[np.datetime64],
    reason: npt.NDArray[np.int64],
    side: Words,
    admitted: pd.DataFrame,
) -> pd.DataFrame:
    condition = _of_reasons("condition")[reason]
    area = _of_reasons("area")[reason]
    side = np.where(area == "", "", side)
    diagnosis = condition + area + side
    examined, treated = _of_reasons("investigation")[reason], _of_reasons("treatment")[reason]
    columns = {
        "diag": diagnosis,
        "diag2": _shortened(condition),
        "diaga": area,
        "diags": side,
        "invest": examined,
        "invest2": _shortened(examined),
        "treat": treated,
        "treat2": _shortened(treated),
    }
    known = {name: only_where(values != "", values) for name, values in columns.items()}
    numbers = people.lives.number
    return frame_of(
        HesAe,
        {
            "participant_id": numbers[who],
            "token_person_id": person_tokens(numbers)[who],
            "epikey": _keys_of_admissions(numbers[who], day, admitted),
            "arrivaldate": day,
            "sushrg": _of_reasons("resource_group")[reason],
            **{f"{name}_01": values for name, values in known.items()},
            **{f"{name}_all": values for name, values in known.items()},
        },
    )


def _with_icd10(
    seed: int, rows: pd.DataFrame, reason: npt.NDArray[np.int64], known: Words
) -> pd.DataFrame:
    """Return the older table with some attendances coded in ICD-10, which have no shorter code, part or side beside it.

    Parameters
    ----------
    reason, known
        For each row its place among the reasons, and a lasting illness that may be coded as the second.
    """
    stream = random_stream(seed, f"tables/{HesAe.name}/in ICD-10")
    coded = stream.random(len(rows)) < _SHARE_IN_ICD10
    first = _of_reasons("icd10")[reason]
    told = coded & (stream.random(len(rows)) < _SHARE_ILLNESS_TOLD) & (known != "")
    told &= known != first
    changed = rows.copy()
    changed["diag_01"] = np.where(coded, first, rows["diag_01"])
    changed["diag_02"] = only_where(told, known)
    both = np.where(told, first + SEPARATOR + known, first)
    changed["diag_all"] = np.where(coded, both, rows["diag_all"])
    for name in ("diag2", "diaga", "diags"):
        for ending in ("01", "all"):
            changed[f"{name}_{ending}"] = rows[f"{name}_{ending}"].where(~coded, None)
    return changed


def _keys_of_admissions(
    numbers: npt.NDArray[np.int64], days: npt.NDArray[np.datetime64], admitted: pd.DataFrame
) -> Words:
    """Return the key of the episode to which each attendance led, None where it led to none."""
    began = admitted["admidate"].to_numpy(dtype="datetime64[D]").astype(np.int64)
    led_to = set(zip(admitted["participant_id"].tolist(), began.tolist(), strict=True))
    here = zip(
        numbers.tolist(), days.astype("datetime64[D]").astype(np.int64).tolist(), strict=True
    )
    return np.array([record_key(*one) if one in led_to else None for one in here], dtype=object)


def _of_reasons(name: str) -> Words:
    return np.array([getattr(reason, name) for reason in _REASONS], dtype=object)


def _shortened(codes: Words) -> Words:
    """Return the first two characters of each code."""
    different, places = np.unique(codes.astype(str), return_inverse=True)
    return np.array([code[:2] for code in different], dtype=object)[places]


def _newer_emergencies(
    seed: int,
    people: LinkedPeople,
    who: npt.NDArray[np.int64],
    day: npt.NDArray[np.datetime64],
    reason: npt.NDArray[np.int64],
) -> pd.DataFrame:
    stream = random_stream(seed, f"tables/{Ecds.name}")
    size = len(who)
    diagnosis = _of_reasons("diagnosis")[reason]
    sure = np.where(stream.random(size) < _SHARE_CONFIRMED, _CONFIRMED, _SUSPECTED).astype(object)
    drawn = stream.integers(0, len(_REASONS), size=size)
    second = _of_reasons("diagnosis")[drawn]
    has_second = (stream.random(size) < _SHARE_WITH_OTHER_DISEASE) & (second != diagnosis)
    others = np.array(_OTHER_DISEASES, dtype=object)
    other = others[stream.integers(0, len(others), size=size)]
    has_other = stream.random(size) < _SHARE_WITH_OTHER_DISEASE
    stayed = (stream.random(size) < _SHARE_OVER_NIGHT).astype("timedelta64[D]")
    last = people.window(Ecds)[1][who]
    examined, treated = _of_reasons("examined")[reason], _of_reasons("treated")[reason]
    both = diagnosis + SEPARATOR + second
    return frame_of(
        Ecds,
        {
            "participant_id": people.lives.number[who],
            "arrival_date": day,
            "seen_date": day,
            "departure_date": np.minimum(day + stayed, last),
            "diagnosis_code_01": diagnosis,
            "diagnosis_code_02": only_where(has_second, second),
            "diagnosis_code_all": np.where(has_second, both, diagnosis),
            "diagnosis_qualifier_01": sure,
            "diagnosis_qualifier_02": only_where(has_second, _SUSPECTED),
            "diagnosis_qualifier_all": np.where(has_second, sure + SEPARATOR + _SUSPECTED, sure),
            "comorbidities_01": only_where(has_other, other),
            "comorbidities_all": only_where(has_other, other),
            "treatment_code_01": treated,
            "treatment_code_all": treated,
            "investigation_code_01": examined,
            "investigation_code_all": examined,
        },
    )


def _critical_care_rows(seed: int, stays: pd.DataFrame) -> pd.DataFrame:
    """Return critical care within some of the stays that nobody planned and that lasted some days."""
    import pandas as pd

    stream = random_stream(seed, f"tables/{HesCc.name}")
    # An admission's last episode is the one with a discharge.
    ends = stays[stays["disdate"].notna()].drop_duplicates(["participant_id", "admidate"])
    begin = pd.to_datetime(ends["admidate"])
    nights = (pd.to_datetime(ends["epiend"]) - begin).dt.days
    chance, share = stream.random(len(ends)), stream.random(len(ends))
    unplanned = ends["admimeth"].isin(EMERGENCY_ADMISSION_METHODS)
    first, last = _covered(HesCc)
    kept = (
        unplanned
        & (nights >= 3)
        & (chance < _SHARE_IN_CRITICAL_CARE)
        & (begin >= pd.Timestamp(first.item()))
        & (begin + pd.to_timedelta(nights, unit="D") <= pd.Timestamp(last.item()))
    )
    length = (1 + share * (nights - 1)).astype(np.int64)
    return frame_of(
        HesCc,
        {
            "participant_id": ends["participant_id"][kept],
            "token_person_id": ends["token_person_id"][kept],
            "susrecid": ends["susrecid"][kept],
            "ccstartdate": begin[kept],
            "ccdisdate": (begin + pd.to_timedelta(length, unit="D"))[kept],
        },
    )


def _in_words(codes: Words) -> dict[str, Words]:
    """Return by the middle of a column's name what each code of an image is in words."""
    region, taken, organ = (
        np.array(each, dtype=object)
        for each in zip(*(_WORDS_OF[code] for code in codes), strict=True)
    )
    return {"region": region, "snomedct": taken, "sub_sys": organ, "nicip": taken}


def _image_rows(seed: int, people: LinkedPeople) -> pd.DataFrame:
    stream = random_stream(seed, f"tables/{Did.name}")
    before, after = _IMAGES.of(people)
    who, day = people.draw_days_around(stream, Did, before=before, after=after)
    codes = np.array(list(_IMAGES_OF), dtype=object)
    regions = np.array([region for region, _ in _IMAGES_OF.values()], dtype=object)
    shares = [share for _, share in _IMAGES_OF.values()]
    drawn = stream.choice(len(codes), p=shares, size=len(who))
    age = day.astype("datetime64[Y]").astype(np.int64) + 1970 - people.lives.birth_year[who]
    not_of_breast = people.lives.male[who] | (age < _ADULT_AGE)
    drawn = np.where((codes[drawn] == _OF_BREAST) & not_of_breast, 0, drawn)
    return frame_of(
        Did,
        {
            "participant_id": people.lives.number[who],
            "did_date3": day,
            "did_snomedct_code": codes[drawn],
            "ic_region_id": regions[drawn],
            **{f"ic_{name}_desc": words[drawn] for name, words in _in_words(codes).items()},
        },
    )
