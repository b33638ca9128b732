from __future__ import annotations

from pathlib import Path

import pytest

from gecip import query_to_df
from gecip.cohort.labkey_sql import QueryError
from tests.handmade import person, write_release


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GECIP_RELEASES", str(tmp_path))
    write_release(
        tmp_path / "own",
        participant=[person(1), person(2, programme_consent_status="Withdrawn (Partial)")],
    )
    return "/main-programme/main-programme_v19_2024-10-31"


def test_a_query_is_answered_with_consenting_peoples_rows(database: str) -> None:
    for table in ("participant", "lists.participant"):
        frame = query_to_df(f"SELECT participant_id FROM {table}", database)
        assert frame["participant_id"].tolist() == [1]


@pytest.mark.parametrize(
    "attempt",
    [
        "SELECT * FROM read_parquet('{folder}/own/tables/participant.parquet')",
        "SELECT * FROM '{folder}/own/tables/participant.parquet'",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "ATTACH '{folder}/other.db'",
        "INSTALL httpfs",
        "SELECT 1; SELECT 2",
        "CREATE TABLE t AS SELECT 1",
        "SET enable_external_access = true",
        "SELECT * FROM hidden_rows",
        "SELEC 1",
        "",
    ],
)
def test_nothing_but_one_question_to_the_tables_is_answered(
    database: str, tmp_path: Path, attempt: str
) -> None:
    import pandas as pd

    hidden_rows = pd.DataFrame({"participant_id": [2]})
    with pytest.raises(QueryError):
        query_to_df(attempt.format(folder=tmp_path), database)
    assert len(hidden_rows) == 1
    assert not (tmp_path / "out.csv").exists()
