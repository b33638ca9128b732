"""The linked health records of everybody in the tables: one life course a person, told by many tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.model.cancer import CancerAnalysis, CancerParticipantTumour
from gecip.model.cancer_registry import AvTumour
from gecip.model.cancer_staging import (
    CancerParticipantTumourMetastaticSite,
    CancerStagingConsolidated,
)
from gecip.model.cancer_treatment import Rtds, Sact
from gecip.model.covid_tests import CovidTestResults
from gecip.model.hospital import DeathDetails
from gecip.model.table import Table
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.cancer_registrations import registry_rows
from gecip.synthetic.cancer_stages import metastatic_site_rows, stages_of, staging_rows
from gecip.synthetic.clinic_visits import visit_rows
from gecip.synthetic.cost_truths import cost_answer
from gecip.synthetic.further_records import covid_test_rows, death_detail_rows, mental_health_rows
from gecip.synthetic.linked_people import LinkedPeople
from gecip.synthetic.risk_factors import risk_factor_rows
from gecip.synthetic.therapy_rows import rtds_rows, sact_rows, therapy_answers
from gecip.synthetic.treatment_plan import TreatmentPlan

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LinkedRecords:
    """The rows of the linked tables, and what was planted in them."""

    rows: Mapping[type[Table], pd.DataFrame]
    answers: tuple[Answer, ...]


def draw_visits(seed: int, people: LinkedPeople, stays: pd.DataFrame) -> LinkedRecords:
    """Return visits, tests, mental illness and reported deaths of everybody, and what a diagnosis spares.

    Parameters
    ----------
    stays
        Rows of `hes_apc`, with which the visits have to agree.
    """
    return LinkedRecords(
        rows={
            **visit_rows(seed, people, stays),
            DeathDetails: death_detail_rows(seed, people),
            CovidTestResults: covid_test_rows(seed, people),
            **mental_health_rows(seed, people),
        },
        answers=(cost_answer(people.lives),),
    )


def draw_cancer_records(
    seed: int,
    people: LinkedPeople,
    plan: TreatmentPlan,
    tumours: Mapping[type[Table], pd.DataFrame],
) -> LinkedRecords:
    """Return what registries and hospitals know of the patients' cancers and their treatment.

    Parameters
    ----------
    tumours
        The programme's own tables of tumours, which the linked ones have to agree with.
    """
    analysis, diagnoses = tumours[CancerAnalysis], tumours[CancerParticipantTumour]
    staging = staging_rows(seed, analysis, diagnoses)
    main = diagnoses.drop_duplicates("participant_id").set_index("participant_id")
    registry = registry_rows(seed, people, plan, diagnoses)
    sact = _with_tumours(sact_rows(seed, people, plan, stages_of(main)), registry[AvTumour])
    return LinkedRecords(
        rows={
            CancerStagingConsolidated: staging,
            CancerParticipantTumourMetastaticSite: metastatic_site_rows(seed, diagnoses),
            Sact: sact,
            Rtds: rtds_rows(seed, people, plan),
            **registry,
            **risk_factor_rows(seed, people, plan),
        },
        answers=tuple(therapy_answers(sact, people, plan)),
    )


def _with_tumours(sact: pd.DataFrame, tumours: pd.DataFrame) -> pd.DataFrame:
    """Return the drugs with the number of the tumour that they were given for, where the registry knows it."""
    first = tumours.drop_duplicates(["participant_id", "site_icd10_o2"])
    numbers = first.set_index(["participant_id", "site_icd10_o2"])["anon_tumour_id"]
    drugs = sact.set_index(["participant_id", "primary_diagnosis"]).index
    return sact.assign(anon_tumour_id=numbers.reindex(drugs).astype("Int64").to_numpy())
