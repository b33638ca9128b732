"""How each patient's cancer is treated: the operation, the lines of drugs, radiation, and what they change.

Planted are two truths of treatment. Lung tumours with a mutated EGFR, and no others, are treated with a
drug against it. And people with a colorectal tumour whose first drugs come with an antibody live longer
from then on; who gets it is left to chance. Everything else is an assumption.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from gecip.model.cancer import CancerAnalysis, CancerTierAndDomainVariants
from gecip.synthetic.life_courses import CancerCourse
from gecip.synthetic.life_dates import only_where
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.tumour_plan import DAYS_TO_OPERATION
from gecip.synthetic.tumours import TumourTables

if TYPE_CHECKING:
    import pandas as pd

TARGETED_KIND, TARGETED_GENE, TARGETED_DRUG, SHARE_TARGETED = "LUNG", "EGFR", "OSIMERTINIB", 0.75
ANTIBODY_KIND, ANTIBODY, SHARE_WITH_ANTIBODY = "COLORECTAL", "BEVACIZUMAB", 0.5
# Stronger than any in life, so that a few hundred people show it.
ANTIBODY_HAZARD_RATIO = 0.4


@dataclass(frozen=True)
class Regimen:
    """Drugs that are given together: how often, how many days apart, and whether in hospital."""

    name: str
    drugs: tuple[str, ...]
    cycles: int = 9
    days_apart: int = 21
    in_hospital: bool = True


_FIRST: Mapping[str, Regimen] = {
    "LUNG": Regimen("CARBOPLATIN + PEMETREXED", ("CARBOPLATIN", "PEMETREXED")),
    "COLORECTAL": Regimen("OXALIPLATIN + MDG", ("OXALIPLATIN", "FLUOROURACIL")),
    "BREAST": Regimen("EC", ("EPIRUBICIN", "CYCLOPHOSPHAMIDE")),
    "RENAL": Regimen("NIVOLUMAB", ("NIVOLUMAB",)),
    "MALIGNANT_MELANOMA": Regimen("PEMBROLIZUMAB", ("PEMBROLIZUMAB",)),
    "SARCOMA": Regimen("DOXORUBICIN", ("DOXORUBICIN",)),
}
_SECOND: Mapping[str, Regimen] = {
    "LUNG": Regimen("DOCETAXEL", ("DOCETAXEL",), cycles=6),
    "COLORECTAL": Regimen("IRINOTECAN + MDG", ("IRINOTECAN", "FLUOROURACIL"), cycles=6),
    "BREAST": Regimen("PACLITAXEL", ("PACLITAXEL",), cycles=6),
    "RENAL": Regimen("CABOZANTINIB", ("CABOZANTINIB",), cycles=6, days_apart=28, in_hospital=False),
    "MALIGNANT_MELANOMA": Regimen("IPILIMUMAB", ("IPILIMUMAB",), cycles=4),
    "SARCOMA": Regimen("TRABECTEDIN", ("TRABECTEDIN",), cycles=6),
}
_OTHER_FIRST = Regimen("CARBOPLATIN + PACLITAXEL", ("CARBOPLATIN", "PACLITAXEL"))
_OTHER_SECOND = Regimen("LIPOSOMAL DOXORUBICIN", ("DOXORUBICIN",), cycles=6)
_TARGETED = Regimen(TARGETED_DRUG, (TARGETED_DRUG,), cycles=12, days_apart=28, in_hospital=False)
_WITH_ANTIBODY = Regimen(
    f"{ANTIBODY} + OXALIPLATIN + MDG", (ANTIBODY, "OXALIPLATIN", "FLUOROURACIL")
)
REGIMENS: Mapping[str, Regimen] = MappingProxyType(
    {
        regimen.name: regimen
        for regimen in (
            *_FIRST.values(), *_SECOND.values(), _OTHER_FIRST, _OTHER_SECOND, _TARGETED, _WITH_ANTIBODY
        )
    }
)  # fmt: skip

# Shares of patients, and days; assumptions.
SHARE_WITH_DRUGS, SHARE_WITH_SECOND_LINE, SHARE_WITH_RADIATION = 0.6, 0.5, 0.35
_SHARE_TREATED_OF_TARGETED = 0.8
_DAYS_TO_DRUGS, _DAYS_TO_SECOND_LINE, _DAYS_TO_RADIATION = (30, 60), (240, 800), (230, 330)


@dataclass(frozen=True)
class TreatmentPlan:
    """How each patient is treated, one row a patient.

    Columns are `participant_id, disease_type, site, morphology, diagnosed, sampled, operation, first_line,
    first_regimen, second_line, second_regimen, radiation, death`; days that never come are not a time.
    """

    patients: pd.DataFrame

    @property
    def courses(self) -> Mapping[int, CancerCourse]:
        """Return each patient's course, with the drugs that are given in hospital."""
        rows = self.patients
        given_there = rows["first_regimen"].map(
            lambda name: name is not None and REGIMENS[name].in_hospital
        )
        columns = [
            rows[name].to_numpy(dtype="datetime64[D]")
            for name in ("diagnosed", "death", "operation")
        ]
        drugs = rows["first_line"].where(given_there.astype(bool)).to_numpy(dtype="datetime64[D]")
        return {
            number: CancerCourse(diagnosed, site, death, operation, first)
            for number, site, diagnosed, death, operation, first in zip(
                rows["participant_id"].tolist(), rows["site"], *columns, drugs, strict=True
            )
        }


def plan_treatments(seed: int, tumours: TumourTables) -> TreatmentPlan:
    """Return how each patient is treated, and the deaths as treatment changes them."""
    import pandas as pd

    stream = random_stream(seed, "treatment plan")
    analysis = tumours.rows[CancerAnalysis].drop_duplicates("participant_id")
    numbers = analysis["participant_id"].to_numpy(dtype=np.int64)
    size = len(numbers)
    courses = [tumours.courses[number] for number in numbers.tolist()]
    diagnosed = np.array([course.diagnosis for course in courses], dtype="datetime64[D]")
    death = np.array([course.death for course in courses], dtype="datetime64[D]")
    sampled = analysis["tumour_clinical_sample_time"].to_numpy(dtype="datetime64[D]")
    kind = analysis["disease_type"].to_numpy(dtype=object)

    chance = stream.random((size, 5))
    waits = stream.integers(
        [DAYS_TO_OPERATION[0], *(low for low, _ in _WAITS)],
        [DAYS_TO_OPERATION[1], *(high for _, high in _WAITS)],
        size=(size, 4),
    ).astype("timedelta64[D]")
    is_late = (sampled - diagnosed).astype(np.int64) > DAYS_TO_OPERATION[1]
    operation = np.where(is_late, diagnosed + waits[:, 0], sampled)
    is_mutated = np.isin(numbers, _carriers(tumours.rows[CancerTierAndDomainVariants]))
    may_be_targeted = (kind == TARGETED_KIND) & is_mutated
    share = np.where(may_be_targeted, _SHARE_TREATED_OF_TARGETED, SHARE_WITH_DRUGS)
    first = _if(chance[:, 0] < share, operation + waits[:, 1], death)
    targeted = may_be_targeted & (chance[:, 1] < SHARE_TARGETED)
    with_antibody = (kind == ANTIBODY_KIND) & (chance[:, 1] < SHARE_WITH_ANTIBODY)
    begun = ~np.isnat(first)
    # Whoever the release can hold was alive when the tumour was sampled: the effect begins then at the earliest.
    since = np.fmax(first, sampled)
    longer = since + ((death - since) / ANTIBODY_HAZARD_RATIO).astype("timedelta64[D]")
    death = np.where(begun & with_antibody, longer, death)
    second = _if(begun & (chance[:, 2] < SHARE_WITH_SECOND_LINE), first + waits[:, 2], death)
    radiation = _if(chance[:, 3] < SHARE_WITH_RADIATION, operation + waits[:, 3], death)
    names = [_FIRST.get(one, _OTHER_FIRST).name for one in kind]
    regimen = np.where(targeted, TARGETED_DRUG, np.array(names, dtype=object))
    regimen = np.where(with_antibody, _WITH_ANTIBODY.name, regimen)
    later = np.array([_SECOND.get(one, _OTHER_SECOND).name for one in kind], dtype=object)
    return TreatmentPlan(
        pd.DataFrame(
            {
                "participant_id": numbers,
                "disease_type": kind,
                "site": np.array([course.site for course in courses], dtype=object),
                "morphology": analysis["morphology_icd"].to_numpy(dtype=object),
                "diagnosed": diagnosed,
                "sampled": sampled,
                "operation": operation,
                "first_line": first,
                "first_regimen": only_where(begun, regimen),
                "second_line": second,
                "second_regimen": only_where(~np.isnat(second), later),
                "radiation": radiation,
                "death": death,
            }
        )
    )


_WAITS = (_DAYS_TO_DRUGS, _DAYS_TO_SECOND_LINE, _DAYS_TO_RADIATION)


def _carriers(variants: pd.DataFrame) -> list[int]:
    is_mutated = (variants["gene"] == TARGETED_GENE) & (variants["origin"] == "somatic")
    numbers: list[int] = variants.loc[is_mutated, "participant_id"].tolist()
    return numbers


def _if(wanted: np.ndarray, days: np.ndarray, death: np.ndarray) -> np.ndarray:
    """Return the days that are wanted and come before death."""
    return np.where(wanted & (np.isnat(death) | (days < death)), days, np.datetime64("NaT"))
