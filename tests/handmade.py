"""Small releases made by hand, row by row, so that a test shows all that it rests on."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from gecip.model.table import TABLES
from gecip.release.layout import SAMPLE_LISTS, Manifest
from gecip.release.parquet import write_table

Rows = Sequence[dict[str, Any]]
RELEASED = {"v18": datetime.date(2023, 12, 21), "v19": datetime.date(2024, 10, 31)}


def write_release(
    folder: Path,
    *,
    version: str = "v19",
    sample_lists: dict[str, Sequence[str]] | None = None,
    **tables: Rows,
) -> Path:
    """Write a release folder with the given tables; each is a list of rows."""
    date = RELEASED[version]
    for name, rows in tables.items():
        frame = pd.DataFrame(list(rows))
        write_table(frame, folder / "tables" / f"{name}.parquet", table=TABLES.get(name))
    for name, samples in (sample_lists or {}).items():
        path = folder / SAMPLE_LISTS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{sample}\n" for sample in samples), encoding="utf-8")
    Manifest(
        name=folder.name,
        version=version,
        date=date,
        assembly="GRCh38",
        origin="by hand",
        folder=f"/main-programme/main-programme_{version}_{date.isoformat()}",
    ).write(folder)
    return folder


def person(participant_id: int, **facts: Any) -> dict[str, Any]:
    """Return a row of the participant table for a consenting proband, with `facts` instead."""
    return {
        "participant_id": participant_id,
        "programme": "Rare Diseases",
        "programme_consent_status": "Consenting",
        "rare_diseases_family_id": participant_id // 10,
        "participant_type": "Proband",
        "participant_phenotypic_sex": "Female",
        "year_of_birth": 1980,
    } | facts


def phenotype(participant_id: int, term: str, present: str = "Yes") -> dict[str, Any]:
    """Return a row of the phenotype table."""
    return {
        "participant_id": participant_id,
        "hpo_id": term,
        "normalised_hpo_id": term,
        "hpo_present": present,
    }
