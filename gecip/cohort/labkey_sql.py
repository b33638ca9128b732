"""SQL as the Research Environment's own tutorials write it, answered by any release.

The function has the name and signature of the helper that is pasted at the top of the official
notebooks, so that they run unchanged on a synthetic release. `gecip.cohort.labkey_dialect` says what
is read, `gecip.cohort.labkey_rows` which types come back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gecip.cohort.labkey_complaints import complaint
from gecip.cohort.labkey_dialect import Rewritten, rewrite
from gecip.cohort.labkey_rows import labkey_frame
from gecip.errors import QueryError
from gecip.release.opening import Release, open_release

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

# As on PostgreSQL, on which LabKey stands: whole numbers divide to whole numbers, missing values sort
# behind all others. Then: no file, no extension, no other Python variable, and no way back to them.
_SETTINGS = (
    "SET integer_division = true",
    "SET default_null_order = 'nulls_last_on_asc_first_on_desc'",
    "SET enable_external_access = false",
    "SET python_enable_replacements = false",
    "SET lock_configuration = true",
)


# What the official helper asks for when it is not told how many rows.
_MOST_ROWS = 100_000_000


def query_to_df(sql_query: str, database: str, maxrows: int = _MOST_ROWS) -> pd.DataFrame:
    """Return what a SQL query finds in a release: consenting people's rows only, read-only.

    Parameters
    ----------
    sql_query
        One `SELECT` (or `WITH … SELECT`) in LabKey's SQL; tables by their real names, with or without `lists.`.
    database
        The release: a LabKey folder string as `/main-programme/main-programme_v19_2024-10-31`, a name
        of the catalogue, or a folder.
    maxrows
        At most so many rows, the first ones; the official helper takes it in this place.

    Returns
    -------
    pandas.DataFrame
        One row for each row found, in the types that LabKey's JSON gives: dates are text, and whole
        numbers with missing ones among them are `float64`.

    Raises
    ------
    ReleaseError
        When there is no such release.
    QueryError
        When the query is not one `SELECT`, or has what is not read; the message says what to write instead.
        When `maxrows` is no whole number above 0.
    """
    import duckdb

    if type(maxrows) is not int or maxrows < 1:  # True is an int too
        raise QueryError(
            "maxrows is how many rows may come back: give a whole number above 0, or leave it out."
        )

    release = open_release(database)
    question = rewrite(sql_query, release.tables)
    with duckdb.connect() as connection:
        _register(connection, release, question)
        for setting in _SETTINGS:
            connection.execute(setting)
        return labkey_frame(_answer(connection, release, question).slice(0, maxrows))


def _register(connection: Any, release: Release, question: Rewritten) -> None:
    """Make the tables that the query names known to the engine, consenting people's rows only."""
    for table in release.tables:
        if table.lower() in question.names:
            release.register(connection, table)


def _answer(connection: Any, release: Release, question: Rewritten) -> pa.Table:
    import duckdb

    try:
        statements = connection.extract_statements(question.sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise QueryError(
                "query_to_df answers one SELECT at a time: split the query, and leave out what changes data."
            )
        return connection.sql(question.sql).to_arrow_table()
    except duckdb.Error as error:
        raise QueryError(complaint(error, question, release)) from None
