"""What was recorded of each person, as codes: features found by clinicians, diagnoses of hospitals and registries.

Each person has a code once, however often it was written down. The work is done in DuckDB over the
release's own tables, so that hospital records of a million people are not brought into memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gecip.errors import AnalysisError
from gecip.model.icd10 import plain_icd10
from gecip.model.rare_disease_clinic import RareDiseasesParticipantPhenotype
from gecip.model.table import TABLES, ColumnType
from gecip.release.sql_names import quoted

if TYPE_CHECKING:
    import pandas as pd

    from gecip.cohort.selection import Cohort

PRESENT = "Yes"
_JOINED = "_all"


def assessed_terms(cohort: Cohort) -> pd.DataFrame:
    """Return the HPO terms on which people were assessed: distinct `participant_id, code, is_present`.

    Terms of the release's own version of the ontology are taken, as entered where the release has none.

    Raises
    ------
    AnalysisError
        When the release has no table of phenotypes.
    """
    table, release = RareDiseasesParticipantPhenotype, cohort.release
    if table.name not in release.tables:
        raise AnalysisError(
            f"Features found by clinicians stand in the table {table.name}, which release {release.name} does not have: "
            "use a release that has it."
        )
    names = release.dataset(table).schema.names
    term = "normalised_hpo_id" if "normalised_hpo_id" in names else "hpo_id"
    rows = cohort.rows(table, [term, "hpo_present"]).rename(columns={term: "code"})
    rows = rows.dropna(subset=["code"])
    rows = rows.assign(is_present=rows["hpo_present"] == PRESENT)
    return rows[["participant_id", "code", "is_present"]].drop_duplicates(ignore_index=True)


def icd10_columns(cohort: Cohort) -> dict[str, list[str]]:
    """Return the columns that hold one ICD-10 code each, by table, of those that the release has."""
    found = {}
    for name in cohort.release.tables:
        model = TABLES.get(name)
        if model is None or "participant_id" not in model.columns:
            continue
        present = set(cohort.release.dataset(name).schema.names)
        columns = [
            column.name
            for column in model.columns.values()
            if column.code_system == "ICD-10"
            and column.type is ColumnType.TEXT
            and column.name in present
            and not column.name.endswith(_JOINED)
        ]
        if columns and "participant_id" in present:
            found[name] = columns
    return found


def recorded_icd10(cohort: Cohort, tables: Sequence[str] | None = None) -> pd.DataFrame:
    """Return distinct `participant_id, code` of the cohort's linked records, codes without a dot.

    Parameters
    ----------
    tables
        The tables to read; every one of the release with columns of ICD-10 codes if not given, so that
        hospital stays, deaths and registered cancers all count.

    Raises
    ------
    AnalysisError
        When the release lacks a table that was named.
    """
    import pandas as pd

    available = icd10_columns(cohort)
    for name in tables or ():
        if name not in available:
            raise AnalysisError(
                f"Release {cohort.release.name} has no table {name!r} with ICD-10 codes: "
                f"it has {', '.join(available) or 'none'}."
            )
    wanted: Mapping[str, list[str]] = {
        name: columns for name, columns in available.items() if tables is None or name in tables
    }
    found = [_distinct_codes(cohort, name, columns) for name, columns in wanted.items()]
    if not found:
        return pd.DataFrame({"participant_id": [], "code": []})
    codes = pd.concat(found, ignore_index=True)
    codes["code"] = codes["code"].map(plain_icd10)
    return codes[codes["code"] != ""].drop_duplicates(ignore_index=True)


def _distinct_codes(cohort: Cohort, table: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return each person of the cohort with each code of some columns, once."""
    import duckdb
    import pyarrow as pa

    values = ", ".join(f"CAST({quoted(column)} AS VARCHAR)" for column in columns)
    with duckdb.connect() as connection:
        cohort.release.register(connection, table)
        connection.register("members", pa.table({"participant_id": list(cohort.participants)}))
        frame: pd.DataFrame = connection.execute(
            f"SELECT DISTINCT participant_id, code FROM (SELECT participant_id, unnest([{values}]) AS code "
            f"FROM {quoted(table)} SEMI JOIN members USING (participant_id)) WHERE code IS NOT NULL"
        ).df()
    return frame
