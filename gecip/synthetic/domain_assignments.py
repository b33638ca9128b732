"""Which GeCIP domain each participant belonged to, with the end of its moratorium, and the list of pedigrees."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gecip.model.people import RareDiseasesPedigree
from gecip.model.programme_membership import DomainAssignment
from gecip.model.programme_releases import RELEASE_DATES
from gecip.model.table import Table
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.clinical_rows import Programme, frame_of, pedigree_member_rows
from gecip.synthetic.recruitment import Role

if TYPE_CHECKING:
    import pandas as pd

# Domains by disease group and by kind of tumour: names of the programme's own, of which some rest on
# recollection; which group goes to which is an assumption.
_OF_GROUPS: Mapping[str, str] = {
    "Cardiovascular disorders": "Cardiovascular",
    "Ciliopathies": "Renal",
    "Dermatological disorders": "Skin",
    "Dysmorphic and congenital abnormality syndromes": "Paediatrics",
    "Endocrine disorders": "Endocrine and metabolism",
    "Gastroenterological disorders": "Gastroenterology and hepatology",
    "Growth disorders": "Paediatrics",
    "Haematological and immunological disorders": "Immune disorders",
    "Haematological disorders": "Non-malignant haematological and haemostasis disorders",
    "Hearing and ear disorders": "Hearing and sight",
    "Metabolic disorders": "Endocrine and metabolism",
    "Neurology and neurodevelopmental disorders": "Neurology",
    "Ophthalmological disorders": "Hearing and sight",
    "Renal and urinary tract disorders": "Renal",
    "Respiratory disorders": "Respiratory",
    "Rheumatological disorders": "Musculoskeletal",
    "Skeletal disorders": "Musculoskeletal",
    "Tumour syndromes": "Inherited cancer predisposition",
}
_OF_TUMOURS: Mapping[str, str] = {
    "BREAST": "Breast cancer",
    "COLORECTAL": "Colorectal cancer",
    "ENDOMETRIAL_CARCINOMA": "Endometrial cancer",
    "LUNG": "Lung cancer",
    "MALIGNANT_MELANOMA": "Melanoma",
    "RENAL": "Renal cell cancer",
    "SARCOMA": "Sarcoma",
}
_OTHER_GROUP, _OTHER_TUMOUR = "Paediatrics", "Pan-cancer"
# A participant's data come with the first release so many days after registration; an assumption. Nine
# months from then on only the domain may publish.
_DAYS_TO_RELEASE = 330
_MORATORIUM_MONTHS = 9


@dataclass(frozen=True)
class Memberships:
    """The rows of the tables; nothing is planted in them."""

    rows: Mapping[type[Table], pd.DataFrame]
    answers: tuple[Answer, ...] = ()


def draw_memberships(programme: Programme, analysis: pd.DataFrame) -> Memberships:
    """Return the domain of each participant, and the pedigree of each family.

    Parameters
    ----------
    analysis
        The sequenced tumours, whose kind says to which domain a cancer patient belongs.
    """
    return Memberships(
        {
            DomainAssignment: _domain_rows(programme, analysis),
            RareDiseasesPedigree: _pedigree_rows(programme),
        }
    )


def _domain_rows(programme: Programme, analysis: pd.DataFrame) -> pd.DataFrame:
    places = programme.in_tables
    recruits = programme.recruits
    family = recruits.people.family[places]
    numbers = recruits.people.number[places]
    tumours = analysis.drop_duplicates("participant_id").set_index("participant_id")
    kinds = tumours["disease_type"].reindex(numbers).to_numpy(dtype=object)
    diseases = [programme.plan.diseases[one] if one >= 0 else None for one in family]
    domains = [
        _OF_TUMOURS.get(kind, _OTHER_TUMOUR)
        if disease is None
        else _OF_GROUPS.get(disease.group, _OTHER_GROUP)
        for disease, kind in zip(diseases, kinds, strict=True)
    ]
    ends = _moratorium_ends(programme.dates.registration[places])
    is_over = ends <= np.datetime64(programme.release_date)
    return frame_of(
        DomainAssignment,
        {
            "participant_id": numbers,
            "rare_diseases_family_id": _family_numbers(programme, family),
            "domain": domains,
            "disease_or_panel": [
                kind if disease is None else disease.name
                for disease, kind in zip(diseases, kinds, strict=True)
            ],
            "origin": np.where(family >= 0, "recruited disease", "tumour type"),
            "moratorium": np.where(is_over, "No", "Yes"),
            "moratorium_end_date": ends,
        },
    )


def _family_numbers(programme: Programme, family: np.ndarray) -> pd.Series[int]:
    import pandas as pd

    numbers = pd.Series(programme.recruits.families.number[family.clip(min=0)], dtype="Int64")
    return numbers.where(pd.Series(family >= 0))


def _moratorium_ends(registration: np.ndarray) -> np.ndarray:
    """Return nine months from the release with which each person's data came."""
    days = np.array(sorted(RELEASE_DATES.values()), dtype="datetime64[D]")
    came = np.searchsorted(days, registration + np.timedelta64(_DAYS_TO_RELEASE, "D"))
    released = [day.astype(datetime.date) for day in days]
    ends = np.array([_months_later(day) for day in released], dtype="datetime64[D]")
    return ends[came.clip(max=len(days) - 1)]


def _months_later(day: datetime.date) -> datetime.date:
    """Return the same day of the month nine months later, or the month's 28th if that is earlier."""
    months = day.year * 12 + day.month - 1 + _MORATORIUM_MONTHS
    return datetime.date(months // 12, months % 12 + 1, min(day.day, 28))


def _pedigree_rows(programme: Programme) -> pd.DataFrame:
    """Return one row for each pedigree whose members there are, with its proband where in the tables."""
    members = pedigree_member_rows(programme)
    keys = ["rare_diseases_pedigree_sk", "rare_diseases_family_id"]
    pedigrees = members[keys].drop_duplicates()
    people = programme.recruits.people
    probands = [
        place for place in programme.in_tables.tolist() if people.role[place] is Role.PROBAND
    ]
    families = programme.recruits.families.number[people.family[probands]]
    known = dict(zip(families.tolist(), people.number[probands].tolist(), strict=True))
    return frame_of(
        RareDiseasesPedigree,
        {
            **{key: pedigrees[key] for key in keys},
            "participant_id": pedigrees["rare_diseases_family_id"].map(known).astype("Int64"),
        },
    )
