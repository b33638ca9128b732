"""One person's records, genome and findings in the order of their days.

Every table of the release that names the person and has a day is read: which those are follows from
the model, so that a table that is described there is on the timeline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.analysis.asked_person import require_member
from gecip.analysis.result import Result
from gecip.cohort.selection import Cohort
from gecip.model.hospital import SEPARATOR
from gecip.model.people import Participant
from gecip.model.table import TABLES, Column, ColumnType, Sensitivity, Table
from gecip.release.sql_names import quoted
from gecip.release.summary_level import require_row_level

if TYPE_CHECKING:
    import pandas as pd

# Days of the programme's own bookkeeping, at which nothing happens to the person.
_NO_EVENTS = frozenset(
    {
        "latest_case_activity_datetime",
        "participant_medical_review_date",
        "family_medical_review_date",
        "withdrawal_of_consent_date",
        "moratorium_end_date",
        "reporting_date",
    }
)
# What lasts, by its first and last day; the other days of its table add nothing.
_SPANS: Mapping[str, tuple[str, str]] = {
    "ecds": ("arrival_date", "departure_date"),
    "hes_apc": ("epistart", "epiend"),
    "hes_cc": ("ccstartdate", "ccdisdate"),
}
# How the tables that everybody looks at are told: what happened, and the columns that say more. The others are told
# by the model: the sentence of the day's column, and codes.
_TOLD: Mapping[str, tuple[str | None, tuple[str, ...] | None]] = {
    "cancer_analysis": (None, ("disease_type", "tumour_type", "preparation_method")),
    "cancer_registry": ("Cancer registered", ("cancer_site", "cancer_type")),
    "genome_file_paths_and_types": (
        "Genome delivered",
        ("type", "genome_build", "delivery_version"),
    ),
    "ecds": ("Visit to an emergency department", None),
    "gmc_exit_questionnaire": (
        "Exit questionnaire",
        ("case_solved_family", "gene_name", "acmg_classification"),
    ),
    "hes_apc": ("Stay in hospital", ("diag_all", "opertn_all")),
    "hes_ae": ("Visit to an emergency department", None),
    "hes_cc": ("Critical care", None),
    "hes_op": ("Outpatient appointment", None),
    "mortality": ("Death", ("icd10_multiple_cause_all",)),
    "participant": (None, ()),
    "rare_diseases_participant_disease": (
        "Clinical diagnosis",
        ("normalised_specific_disease", "normalised_disease_group"),
    ),
    "rare_diseases_participant_phenotype": (
        "Feature assessed",
        ("normalised_hpo_term", "normalised_hpo_id", "hpo_present"),
    ),
}
# Tables that repeat what others say.
_REPEATS = frozenset({"participant_summary"})
_CODED = ("HPO", "ICD-10", "ICD-O-3", "OPCS-4", "HGNC", "SNOMED CT")
_MOST_DETAILS = 4


@dataclass(frozen=True, repr=False, eq=False)
class Timeline(Result):
    """What is recorded of one person, by day.

    `events` has a row for each: `date, until, source, event, detail`, sorted by day; `until` is missing
    where nothing lasts. `undated` counts the person's rows without a day, by table. `born` is the year
    of birth, if it is known.
    """

    events: pd.DataFrame
    undated: Mapping[str, int]
    born: int | None

    def __repr__(self) -> str:
        return f"Timeline(events={len(self.events):,}, sources={self.events['source'].nunique()})"


def timeline(cohort: Cohort, participant_id: int | str) -> Timeline:
    """Return the dated records of one person of a cohort, the earliest first.

    Rows that say the same on the same day, as those of a genome's many files, are one event. No day is
    made up: what has none is counted by its table.

    Raises
    ------
    AnalysisError
        When the person is not in the cohort; the message does not tell who was asked for.
    AccessError
        When the person is reported at summary level only.
    """
    import pandas as pd

    require_member(cohort, participant_id)
    require_row_level(cohort.release, participant_id)
    events, undated = [], {}
    for model in _tables(cohort):
        rows = _rows_of(cohort, model, participant_id)
        dated = pd.concat([_empty(), *_events(model, rows)], ignore_index=True)
        events.append(dated)
        if len(rows) and dated.empty and not _is_register(model):
            undated[model.name] = len(rows)
    found = pd.concat([_empty(), *events], ignore_index=True).drop_duplicates()
    return Timeline(
        provenance=cohort.provenance.then("timeline"),
        events=found.sort_values(["date", "source", "event", "detail"], ignore_index=True),
        undated=undated,
        born=_year_of_birth(cohort, participant_id),
    )


def _tables(cohort: Cohort) -> Iterator[type[Table]]:
    """Yield the tables of the release that name participants: as they lie there, whatever the model says of them."""
    for name in cohort.release.tables:
        model = TABLES.get(name)
        if model is None or name in _REPEATS:
            continue
        if "participant_id" in cohort.release.dataset(name).schema.names:
            yield model


def _is_register(model: type[Table]) -> bool:
    """Return whether a table has one row for everybody, so that having one says nothing."""
    return model.one_row_per_participant


def _rows_of(cohort: Cohort, model: type[Table], participant_id: int | str) -> pd.DataFrame:
    """Return one person's rows, read without those of others."""
    import duckdb

    with duckdb.connect() as connection:
        cohort.release.register(connection, model)
        frame: pd.DataFrame = connection.execute(
            f"SELECT * FROM {quoted(model.name)} WHERE participant_id = $1", [participant_id]
        ).df()
    return frame


def _empty() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "date": pd.Series(dtype="datetime64[ns]"),
            "until": pd.Series(dtype="datetime64[ns]"),
            **{name: pd.Series(dtype=object) for name in ("source", "event", "detail")},
        }
    )


def _events(model: type[Table], rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the events of a table's rows, for each of its days."""
    import pandas as pd

    details = [" · ".join(_details(model, row)) for row in rows.to_dict("records")]
    for column, last in _days(model, rows):
        dates = pd.to_datetime(rows[column]).astype("datetime64[ns]")
        until = pd.to_datetime(rows[last]) if last else pd.Series(pd.NaT, index=rows.index)
        frame = pd.DataFrame(
            {
                "date": dates,
                "until": until.astype("datetime64[ns]"),
                "source": model.name,
                "event": _event(model, model.columns[column]),
                "detail": details,
            }
        )
        dated = frame[frame["date"].notna()]
        if len(dated):
            yield dated


def _days(model: type[Table], rows: pd.DataFrame) -> Iterator[tuple[str, str | None]]:
    """Yield the columns of a table that say when something happened, with that of its end."""
    first, last = _SPANS.get(model.name, ("", ""))
    if first in rows and last in rows:
        yield first, last
        return
    for column in model.columns.values():
        is_day = column.type is ColumnType.DATE and column.name not in _NO_EVENTS
        if is_day and column.name in rows:
            yield column.name, None


def _event(model: type[Table], column: Column) -> str:
    """Return in a few words what happened on a day: the column's sentence, up to its first stop."""
    told, _ = _TOLD.get(model.name, (None, None))
    if told is not None:
        return told
    words = re.split(r"[;,.:]", column.description)[0].strip()
    words = re.sub(r"^(?:Best known day|Day) (?:of|on which) (?:the )?", "", words)
    return words[:1].upper() + words[1:] if words else model.name


def _details(model: type[Table], row: Mapping[str, object]) -> list[str]:
    """Return what a row says of the event, each thing once; never an identifier."""
    found = [row.get(name) for name in _telling(model)]
    texts = [value.replace(SEPARATOR, ", ") for value in found if isinstance(value, str) and value]
    return list(dict.fromkeys(texts))[:_MOST_DETAILS]


def _telling(model: type[Table]) -> Sequence[str]:
    """Return the columns that say what an event was: codes if there are any, else codings."""
    _, told = _TOLD.get(model.name, (None, None))
    if told is not None:
        return told
    clinical = [
        column
        for column in model.columns.values()
        if column.type is ColumnType.TEXT and column.sensitivity is Sensitivity.CLINICAL
    ]
    coded = [column.name for column in clinical if column.code_system in _CODED]
    joined = [name for name in coded if name.endswith("_all")]
    single = [name for name in coded if not re.search(r"_\d+$", name)]
    return joined or single or [column.name for column in clinical if column.values]


def _year_of_birth(cohort: Cohort, participant_id: int | str) -> int | None:
    rows = _rows_of(cohort, Participant, participant_id)
    if "year_of_birth" not in rows or rows["year_of_birth"].isna().all():
        return None
    return int(rows["year_of_birth"].iloc[0])
