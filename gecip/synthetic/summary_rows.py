"""The participant summary: one row for each combination of what is known of somebody, so that joins multiply.

It is put together from the other tables and draws nothing of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gecip.model.cancer import CancerAnalysis, CancerParticipantTumour
from gecip.model.hospital import Mortality
from gecip.model.people import Participant
from gecip.model.programme_membership import ParticipantSummary
from gecip.model.rare_disease_clinic import (
    RareDiseasesParticipantDisease,
    RareDiseasesParticipantPhenotype,
)
from gecip.model.table import Table
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.clinical_rows import (
    Programme,
    disease_rows,
    frame_of,
    participant_rows,
)
from gecip.synthetic.phenotype_rows import phenotype_rows

if TYPE_CHECKING:
    import pandas as pd

ASSIGNED = 0.8
# `European` is how the official tutorials ask; the other words are assumptions after it.
_ANCESTRIES = {
    "pred_african_ancestries": "African",
    "pred_american_ancestries": "American",
    "pred_east_asian_ancestries": "East Asian",
    "pred_european_ancestries": "European",
    "pred_south_asian_ancestries": "South Asian",
}
_UNASSIGNED = "Unassigned"
_KEY = "participant_id"


@dataclass(frozen=True)
class SummaryTables:
    """The summary, and the tables that were made for it and need not be made again."""

    rows: Mapping[type[Table], pd.DataFrame]
    answers: tuple[Answer, ...]


def summarise_participants(
    programme: Programme, tables: Mapping[type[Table], pd.DataFrame], stats: pd.DataFrame
) -> SummaryTables:
    """Return the participant summary, with the clinic's tables from which it is put together.

    Parameters
    ----------
    tables, stats
        The rows of the tables of tumours and deaths, and of `aggregate_gvcf_sample_stats`.
    """
    made = {
        Participant: participant_rows(programme),
        RareDiseasesParticipantDisease: disease_rows(programme),
        RareDiseasesParticipantPhenotype: phenotype_rows(programme),
    }
    summary, answer = participant_summary_rows(programme, {**tables, **made}, stats)
    return SummaryTables({**made, ParticipantSummary: summary}, (answer,))


def participant_summary_rows(
    programme: Programme, tables: Mapping[type[Table], pd.DataFrame], stats: pd.DataFrame
) -> tuple[pd.DataFrame, Answer]:
    """Return one row for each participant, disease, tumour and present feature together, and how many there are.

    Parameters
    ----------
    tables
        The rows of the tables that it is put together from.
    stats
        The rows of `aggregate_gvcf_sample_stats`.
    """
    people = tables[Participant]
    rows = people[
        [
            _KEY,
            "participant_stated_gender",
            "participant_karyotypic_sex",
            "participant_phenotypic_sex",
            "year_of_birth",
            "programme",
            "participant_type",
            "date_of_consent",
        ]
    ].rename(
        columns={
            "participant_karyotypic_sex": "participant_karyotyped_sex",
            "participant_phenotypic_sex": "participant_phenotyped_sex",
            "year_of_birth": "yob",
        }
    )
    rows = rows.assign(
        affection_status=_affection(programme), linked_until=_linked_until(programme)
    )
    for further in (
        _ancestry(stats),
        _cancers(tables),
        _diseases(tables),
        _features(tables),
        tables[Mortality][[_KEY, "date_of_death"]].rename(columns={"date_of_death": "death_date"}),
    ):
        rows = rows.merge(further, on=_KEY, how="left", sort=False)
    # What is linked ends for everybody on their own day; the rest of the row stays.
    for name in ("cancer_diagnosis_date", "death_date"):
        day = _days(rows[name])
        rows[name] = day.where(day <= rows["linked_until"])
    rows["disease_diagnosis_date"] = _days(rows["disease_diagnosis_date"])
    for kind in ("cancer", "disease"):
        years = _years(rows[f"{kind}_diagnosis_date"]) - rows["yob"].to_numpy(dtype=float)
        rows[f"{kind}_diagnosis_age"] = years.clip(min=0)
    rows = rows.sort_values([_KEY, "hpo_term"], kind="stable").drop_duplicates()
    table = frame_of(
        ParticipantSummary,
        {name: rows[name].to_numpy() for name in ParticipantSummary.columns if name in rows},
    )
    return table, Answer(
        kind="rows_of_the_summary",
        domain="release",
        expected={"participants": int(table[_KEY].nunique()), "rows": len(table)},
    )


def _affection(programme: Programme) -> np.ndarray:
    """Return who is affected, in the order of the participant table; empty in the cancer arm."""
    places = programme.in_tables
    words = np.where(programme.affected[places], "Affected", "Unaffected").astype(object)
    words[programme.recruits.people.family[places] < 0] = None
    return words


def _linked_until(programme: Programme) -> np.ndarray:
    """Return the last day of which linked records may tell, in the order of the participant table."""
    days: np.ndarray = programme.linked_until[programme.in_tables].astype("datetime64[s]")
    return days


def _ancestry(stats: pd.DataFrame) -> pd.DataFrame:
    values = stats[list(_ANCESTRIES)].to_numpy(dtype=float).reshape(-1, len(_ANCESTRIES))
    highest = values.max(axis=1, initial=0.0)
    likeliest = np.array(list(_ANCESTRIES.values()), dtype=object)[values.argmax(axis=1)]
    assigned = np.where(highest >= ASSIGNED, likeliest, _UNASSIGNED)
    return stats[[_KEY]].assign(
        genetically_inferred_ancestry_thr=assigned,
        genetically_inferred_ancestry_nothr=likeliest,
        genotyped_ancestry=assigned,
        predominant_ancestry=likeliest,
        predominant_ancestry_value=highest.round(4),
    )


def _cancers(tables: Mapping[type[Table], pd.DataFrame]) -> pd.DataFrame:
    analysed = tables[CancerAnalysis][
        [_KEY, "disease_type", "disease_sub_type", "study_abbreviation"]
    ].rename(
        columns={
            "disease_type": "cancer_disease_type",
            "disease_sub_type": "cancer_disease_sub_type",
            "study_abbreviation": "cancer_study_abbreviation",
        }
    )
    diagnosed = tables[CancerParticipantTumour][[_KEY, "diagnosis_date"]].dropna()
    first = diagnosed.groupby(_KEY, sort=False)["diagnosis_date"].min()
    return analysed.drop_duplicates().assign(
        cancer_diagnosis_date=lambda frame: frame[_KEY].map(first)
    )


def _diseases(tables: Mapping[type[Table], pd.DataFrame]) -> pd.DataFrame:
    return tables[RareDiseasesParticipantDisease][
        [
            _KEY,
            "diagnosis_date",
            "normalised_disease_group",
            "normalised_disease_sub_group",
            "normalised_specific_disease",
        ]
    ].rename(columns={"diagnosis_date": "disease_diagnosis_date"})


def _features(tables: Mapping[type[Table], pd.DataFrame]) -> pd.DataFrame:
    assessed = tables[RareDiseasesParticipantPhenotype]
    present = assessed.loc[assessed["hpo_present"] == "Yes", [_KEY, "normalised_hpo_term"]]
    return present.rename(columns={"normalised_hpo_term": "hpo_term"}).drop_duplicates()


def _days(dates: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    return pd.to_datetime(dates)


def _years(dates: pd.Series[Any]) -> np.ndarray:
    years: np.ndarray = _days(dates).dt.year.to_numpy(dtype=float)
    return years
