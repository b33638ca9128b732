"""Tumours made by hand, a row for each thing that a test asserts."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from gecip.cohort import Cohort, define_cohort, select_cohort
from gecip.release import open_release
from tests.handmade import Rows, person, write_release

DIAGNOSED = datetime.date(2015, 3, 1)
SAMPLED = datetime.date(2016, 3, 1)


def patient(participant_id: int, **facts: Any) -> dict[str, Any]:
    """Return a row of the participant table for somebody of the cancer arm, who has no family."""
    born = {"programme": "Cancer", "rare_diseases_family_id": None, "year_of_birth": 1950}
    return person(participant_id, **{**born, "registration_date": SAMPLED, **facts})


def tumour(participant_id: int, **facts: Any) -> dict[str, Any]:
    """Return a row of cancer_analysis: a lung tumour, with `facts` instead."""
    return {
        "participant_id": participant_id,
        "tumour_sample_platekey": f"LP3{participant_id:06}-DNA_A01",
        "disease_type": "LUNG",
        "tumour_type": "PRIMARY",
        "tumour_clinical_sample_time": SAMPLED,
        "year_of_birth": 1950,
    } | facts


def variant(participant_id: int, gene: str | None, position: int, **facts: Any) -> dict[str, Any]:
    """Return a somatic missense variant of somebody's tumour, with `facts` instead."""
    return {
        "participant_id": participant_id,
        "tumour_sample_platekey": f"LP3{participant_id:06}-DNA_A01",
        "origin": "somatic",
        "gene": gene,
        "chr": "chr17",
        "pos": position,
        "ref": "C",
        "alt": "T",
        "cellbase_consequence": "missense_variant",
        "domain": "DOMAIN2",
    } | facts


def diagnosis(participant_id: int, day: datetime.date | None, code: str = "C341") -> dict[str, Any]:
    """Return a registered diagnosis."""
    return {
        "participant_id": participant_id,
        "tumour_id": f"T{participant_id}{code}{day}",
        "diagnosis_date": day,
        "diagnosis_icd_code": code,
    }


def cohort_of(
    folder: Path,
    *,
    tumours: Rows,
    variants: Rows = (),
    diagnoses: Rows = (),
    deaths: Rows = (),
    people: Rows | None = None,
) -> Cohort:
    """Write a release with these rows and return everybody in it; a table without rows is not written."""
    ids = dict.fromkeys(row["participant_id"] for row in tumours)
    tables: dict[str, Rows] = {
        "cancer_analysis": tumours,
        "cancer_tier_and_domain_variants": variants,
        "cancer_participant_tumour": diagnoses,
        "mortality": deaths,
    }
    write_release(
        folder,
        participant=[patient(one) for one in ids] if people is None else people,
        **{name: rows for name, rows in tables.items() if rows},
    )
    return select_cohort(define_cohort("Everyone"), open_release(folder))
