"""SQL as the Research Environment's own tutorials write it, answered by any release.

The function has the name and signature of the helper that is pasted at the top of the official
notebooks, so that they run unchanged on a synthetic release.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gecip.errors import GecipError
from gecip.model.naming import why_not_in_query
from gecip.release.opening import open_release

if TYPE_CHECKING:
    import pandas as pd


class QueryError(GecipError):
    """A SQL query that cannot be answered."""


def query_to_df(sql_query: str, database: str) -> pd.DataFrame:
    """Return what a SQL query finds in a release: consenting people's rows only, read-only.

    Parameters
    ----------
    sql_query
        One `SELECT` (or `WITH … SELECT`); tables by their real names, with or without `lists.`.
    database
        The release: a LabKey folder string as `/main-programme/main-programme_v19_2024-10-31`, a name
        of the catalogue, or a folder.

    Raises
    ------
    ReleaseError
        When there is no such release.
    QueryError
        When the query is not one `SELECT`, or the engine does not understand it.
    """
    import duckdb

    release = open_release(database)
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA lists")
        for table in release.tables:
            release.register(connection, table)
            connection.execute(
                f'CREATE VIEW lists."{table}" AS SELECT * FROM memory.main."{table}"'
            )
        # No file, no extension, no other Python variable, and no way back to them.
        connection.execute("SET enable_external_access = false")
        connection.execute("SET python_enable_replacements = false")
        connection.execute("SET lock_configuration = true")
        try:
            statements = connection.extract_statements(sql_query)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise QueryError(
                    "query_to_df answers one SELECT at a time: split the query, and leave out what changes data."
                )
            return connection.execute(statements[0]).df()
        except duckdb.Error as error:
            first_line = str(error).splitlines()[0]
            words = re.findall(r"\w+", first_line)
            known = why_not_in_query(sql_query, words, release.edition)
            raise QueryError(
                f"The query cannot be answered by release {release.name}: {known or first_line}"
            ) from None
