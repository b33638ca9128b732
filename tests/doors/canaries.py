"""A release in which everything that is said of some people is a canary: a word that may be nowhere else."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gecip.model.table import TABLES, Column, ColumnType, Sensitivity, Table
from tests.handmade import person, write_release

# Two who may be read and one who has withdrawn; the rest of the people are ordinary.
SINGING, SILENT = (118_273_645, 118_273_646), 118_273_649
FAMILY = 987_364_512
PLATES = {
    SINGING[0]: "LP7382951-DNA_C07",
    SINGING[1]: "LP7382951-DNA_C08",
    SILENT: "LP7382951-DNA_D11",
}
DAY = datetime.date(1911, 3, 17)
ORDINARY = tuple(range(111_000_001, 111_000_031))
_NUMBER = 7_365_000

# What a table of canaries has beside those that would make no sense of a release.
TABLES_OF_CANARIES = (
    "aggregate_gvcf_sample_stats",
    "cancer_analysis",
    "exomiser",
    "genome_file_paths_and_types",
    "gmc_exit_questionnaire",
    "hes_apc",
    "laboratory_sample",
    "mortality",
    "participant",
    "rare_diseases_family",
    "rare_diseases_participant_disease",
    "rare_diseases_participant_phenotype",
    "rare_diseases_pedigree_member",
    "submitted_diagnostic_discovery",
    "tiering_data",
)


def write_canaries(folder: Path) -> Path:
    """Write the release: rows of the three people in each table, with canaries in every open column."""
    tables = {
        name: [_row(TABLES[name], number) for number in (*SINGING, SILENT)]
        for name in TABLES_OF_CANARIES
    }
    tables["participant"] += [
        person(number, programme="Rare Diseases", rare_diseases_family_id=number)
        for number in ORDINARY
    ]
    return write_release(
        folder,
        sample_lists={"main_programme_v19_samples.txt": [PLATES[number] for number in SINGING]},
        **tables,
    )


def _row(table: type[Table], number: int) -> dict[str, Any]:
    row = {name: _value(table, column, number) for name, column in table.columns.items()}
    facts = {
        "participant_id": number,
        "rare_diseases_family_id": FAMILY,
        "family_id": FAMILY,
        "platekey": PLATES[number],
        "germline_sample_platekey": PLATES[number],
        "sample_id": PLATES[number],
        "programme_consent_status": "Withdrawn (Full)" if number == SILENT else "Consenting",
        "hpo_present": "Yes",
        "normalised_hpo_id": "HP:0000107",
        "secondary_data_received_until_year": None,
        "genome_build": "GRCh38",
    }
    return row | {name: value for name, value in facts.items() if name in row}


def _value(table: type[Table], column: Column, number: int) -> Any:
    if column.values:
        return column.values[0]
    if column.type is ColumnType.DATE:
        return DAY
    if column.type is ColumnType.TEXT:
        return f"Canary-{table.name}-{column.name}-{number % 10}"
    if column.type is ColumnType.BOOLEAN:
        return True
    place = list(table.columns).index(column.name)
    identifier = column.sensitivity is Sensitivity.IDENTIFIER
    whole = (290_000_000 if identifier else _NUMBER) + place
    return whole if column.type is ColumnType.INTEGER else whole + 0.25


_SONG = re.compile(
    r"Canary-[\w-]+|"
    + "|".join(
        [
            *map(str, (*SINGING, SILENT, FAMILY)),
            *PLATES.values(),
            str(DAY),
            r"736[0-9]{4}(?:\.25)?",
            r"2900000\d\d",
        ]
    )
)


def songs_in(*texts: str) -> set[str]:
    """Return the canaries in texts, whole or as the ends of words."""
    return {song for text in texts for song in _SONG.findall(text)}


def songs_by_text(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """Return which texts have canaries in them, and which."""
    return {name: found for name, text in texts.items() if (found := songs_in(text))}
