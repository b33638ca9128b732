"""The stage of each sequenced tumour, where one was recorded within a year of its sample, and where it had spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gecip.model.cancer_staging import (
    CancerParticipantTumourMetastaticSite,
    CancerStagingConsolidated,
)
from gecip.synthetic.clinical_rows import frame_of
from gecip.synthetic.life_dates import only_where
from gecip.synthetic.random_streams import draw_freely, random_stream

if TYPE_CHECKING:
    import pandas as pd

# A stage counts for a sample that was taken within so many days of it.
MOST_DAYS_FROM_SAMPLE = 365
# Assumptions: how much of it was recorded.
_SHARE_STAGED, _SHARE_OF_SITES_RECORDED = 0.9, 0.6
_SITES = {"Liver": 0.34, "Lung": 0.22, "Bone": 0.2, "Brain": 0.12, "Distant lymph nodes": 0.12}
# Secondary tumours in ICD-10 without a dot, of an organ not told of, and of lymph nodes near the first.
_CODE_OF_SITE = {
    "Liver": "C787", "Lung": "C780", "Bone": "C795", "Brain": "C793", "Distant lymph nodes": "C779",
}  # fmt: skip
_SOMEWHERE, _NODES_NEARBY = "C798", "C779"
_HISTOLOGIES = {
    "8140/3": "Adenocarcinoma, NOS", "8500/3": "Infiltrating duct carcinoma, NOS",
    "8310/3": "Clear cell adenocarcinoma, NOS", "8720/3": "Malignant melanoma, NOS",
    "8380/3": "Endometrioid adenocarcinoma, NOS", "8890/3": "Leiomyosarcoma, NOS",
}  # fmt: skip


def stages_of(tumours: pd.DataFrame) -> pd.Series[str]:
    """Return the stage, `1` to `4`, of rows with `component_tnm_t`, `_n` and `_m`."""
    import pandas as pd

    extent = tumours["component_tnm_t"].str[1:2]
    stage = np.where(extent.isin(["1"]), "1", "2")
    stage = np.where(
        (extent == "4") | tumours["component_tnm_n"].isin(["N1", "N2", "N3"]), "3", stage
    )
    stage = np.where(tumours["component_tnm_m"] == "M1", "4", stage)
    return pd.Series(stage, index=tumours.index, dtype=object).where(extent.notna())


def staging_rows(seed: int, analysis: pd.DataFrame, diagnoses: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each sequenced tumour with a stage within a year of its sample; the closest counts."""
    import pandas as pd

    stream = random_stream(seed, f"tables/{CancerStagingConsolidated.name}")
    tumours = analysis[
        ["participant_id", "tumour_sample_platekey", "disease_type", "morphology_icd"]
    ].assign(sampled=pd.to_datetime(analysis["tumour_clinical_sample_time"]))
    tumours["staged"] = stream.random(len(tumours)) < _SHARE_STAGED
    tumours["grade"] = draw_freely(
        stream, {"G1": 0.13, "G2": 0.45, "G3": 0.32, "GX": 0.1}, size=len(tumours)
    )
    is_breast = (tumours["disease_type"] == "BREAST").to_numpy()
    for name, positive in (("er", 0.8), ("pr", 0.65), ("her2", 0.14)):
        status = draw_freely(stream, {"P": positive, "N": 1 - positive}, size=len(tumours))
        tumours[name] = only_where(is_breast, status)
    index = stream.normal(4.2, 0.9, size=len(tumours)).clip(2.1, 7).round(2)
    tumours["npi"] = np.where(is_breast, index, np.nan)
    own = diagnoses.merge(tumours, on="participant_id")
    own["day"] = pd.to_datetime(own["diagnosis_date"])
    own["apart"] = (own["sampled"] - own["day"]).dt.days.abs()
    own = own[
        own["staged"]
        & (own["apart"] <= MOST_DAYS_FROM_SAMPLE)
        & (own["morphology_icd_code"] == own["morphology_icd"])
    ]
    own = own.sort_values(["tumour_sample_platekey", "apart"], kind="stable")
    own = own.drop_duplicates("tumour_sample_platekey").sort_values(
        ["participant_id", "tumour_sample_platekey"], ignore_index=True
    )
    stage = stages_of(own)
    roman = stage.map({"1": "I", "2": "II", "3": "III", "4": "IV"})
    letter = stage.map({"1": "A", "2": "B", "3": "C", "4": "D"})
    return frame_of(
        CancerStagingConsolidated,
        {
            **{
                name: own[name]
                for name in (
                    "participant_id", "tumour_sample_platekey", "grade", "component_tnm_t", "component_tnm_n",
                    "component_tnm_m", "npi",
                )
            },
            "diagnosis_date": own["day"],
            "ajcc_stage": roman,
            "dukes": letter.where(own["disease_type"] == "COLORECTAL"),
            "figo": roman.where(own["disease_type"] == "ENDOMETRIAL_CARCINOMA"),
            "stage_best": stage,
            **{f"{name}_status": own[name] for name in ("er", "pr", "her2")},
            "behaviour_coded_desc": "MALIGNANT",
            "histology_coded_desc": own["morphology_icd"].map(_HISTOLOGIES),
        },
    )  # fmt: skip


def metastatic_site_rows(seed: int, diagnoses: pd.DataFrame) -> pd.DataFrame:
    """Return where tumours that had spread at diagnosis had spread to, one or two sites each, of some of them."""
    stream = random_stream(seed, f"tables/{CancerParticipantTumourMetastaticSite.name}")
    numbers = diagnoses.loc[diagnoses["component_tnm_m"] == "M1", "participant_id"].to_numpy()
    size = len(numbers)
    recorded = stream.random(size) < _SHARE_OF_SITES_RECORDED
    several = recorded & (stream.random(size) < 0.3)
    first = draw_freely(stream, _SITES, size=size)
    second = draw_freely(stream, _SITES, size=size)
    several &= first != second
    people = np.concatenate([numbers[recorded], numbers[several]])
    sites = np.concatenate([first[recorded], second[several]])
    order = np.argsort(people, kind="stable")
    return frame_of(
        CancerParticipantTumourMetastaticSite,
        {"participant_id": people[order], "metastatic_site": sites[order]},
    )


def spread_codes(seed: int, diagnoses: pd.DataFrame) -> dict[int, tuple[str, ...]]:
    """Return by participant, in ICD-10, where tumours had spread to at diagnosis; the same organs as `metastatic_site_rows`."""
    found: dict[int, dict[str, None]] = {}
    sites = metastatic_site_rows(seed, diagnoses)
    for number, site in sites[["participant_id", "metastatic_site"]].itertuples(index=False):
        found.setdefault(int(number), {})[_CODE_OF_SITE[site]] = None
    distant = diagnoses.loc[diagnoses["component_tnm_m"] == "M1", "participant_id"]
    for number in distant.tolist():
        found.setdefault(int(number), {_SOMEWHERE: None})
    nearby = diagnoses.loc[diagnoses["component_tnm_n"].isin(["N1", "N2", "N3"]), "participant_id"]
    for number in nearby.tolist():
        found.setdefault(int(number), {})[_NODES_NEARBY] = None
    return {number: tuple(codes) for number, codes in found.items()}
