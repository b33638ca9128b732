"""What cancer patients said of themselves to their centres: smoking, and of women's cancers their cycles.

All shares and ages are assumptions, and nothing is planted in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gecip.model.cancer_risk import (
    SMOKING,
    CancerRiskFactorCancerSpecific,
    CancerRiskFactorGeneral,
)
from gecip.model.table import Table
from gecip.synthetic.clinical_rows import frame_of
from gecip.synthetic.linked_people import LinkedPeople
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.treatment_plan import TreatmentPlan

if TYPE_CHECKING:
    import pandas as pd

_SHARE_ASKED = 0.7
_SHARES_SMOKING = (0.16, 0.34, 0.42, 0.08)
_OF_WOMEN = ("BREAST", "OVARIAN", "ENDOMETRIAL_CARCINOMA")
_MENARCHE, _MENOPAUSE, _PREGNANCIES = (13.0, 1.4), (50.0, 4.0), 2.0


def risk_factor_rows(
    seed: int, people: LinkedPeople, plan: TreatmentPlan
) -> dict[type[Table], pd.DataFrame]:
    """Return one row for each patient who was asked, in the general table and in that of single cancers."""
    return {
        CancerRiskFactorGeneral: _general_rows(seed, plan),
        CancerRiskFactorCancerSpecific: _specific_rows(seed, people, plan),
    }


def _general_rows(seed: int, plan: TreatmentPlan) -> pd.DataFrame:
    stream = random_stream(seed, f"tables/{CancerRiskFactorGeneral.name}")
    patients = plan.patients
    asked = stream.random(len(patients)) < _SHARE_ASKED
    smoking = stream.choice(np.array(SMOKING), p=_SHARES_SMOKING, size=len(patients))
    return frame_of(
        CancerRiskFactorGeneral,
        {
            "participant_id": patients["participant_id"].to_numpy()[asked],
            "smoking_status": smoking[asked].astype(object),
        },
    )


def _specific_rows(seed: int, people: LinkedPeople, plan: TreatmentPlan) -> pd.DataFrame:
    import pandas as pd

    stream = random_stream(seed, f"tables/{CancerRiskFactorCancerSpecific.name}")
    patients = plan.patients
    size = len(patients)
    woman = ~people.lives.male[people.places_of(patients["participant_id"])]
    asked = stream.random(size) < _SHARE_ASKED
    asked &= woman & patients["disease_type"].isin(_OF_WOMEN).to_numpy()
    menarche = stream.normal(*_MENARCHE, size=size).round().clip(9, 18)
    menopause = stream.normal(*_MENOPAUSE, size=size).round().clip(38, 60)
    pregnancies = stream.poisson(_PREGNANCIES, size=size)
    birth_year = people.lives.birth_year[people.places_of(patients["participant_id"])]
    diagnosed = patients["diagnosed"].to_numpy(dtype="datetime64[Y]").astype(np.int64) + 1970
    # Who has not come to that age by the diagnosis has no such year.
    past = menopause <= diagnosed - birth_year
    return frame_of(
        CancerRiskFactorCancerSpecific,
        {
            "participant_id": patients["participant_id"].to_numpy()[asked],
            "cancer_type": patients["disease_type"].to_numpy()[asked],
            "age_of_menarche": pd.array(menarche[asked], dtype="Int64"),
            "age_of_menopause": pd.array(np.where(past, menopause, np.nan)[asked], dtype="Int64"),
            "number_of_pregnancies": pregnancies[asked],
        },
    )
