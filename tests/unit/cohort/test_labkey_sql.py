from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gecip import query_to_df
from gecip.errors import QueryError
from gecip.release import open_release
from tests.handmade import person, phenotype, write_release

FOLDER = "/main-programme/main-programme_v19_2024-10-31"

# Numbers that stand in no other row, so that any trace of this person is seen.
WITHDRAWN = 998_877_661


@pytest.fixture
def database(release_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GECIP_RELEASES", str(tmp_path))
    (tmp_path / "own").symlink_to(release_folder)
    return FOLDER


@pytest.fixture(scope="module")
def release_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release that no query changes, though some try."""
    return write_release(
        tmp_path_factory.mktemp("releases") / "own",
        participant=[
            person(111_000_001, date_of_consent=datetime.date(2016, 2, 29), participant_type=None),
            person(222_000_002, year_of_birth=None, participant_phenotypic_sex="Male"),
            person(222_000_003, date_of_consent=datetime.date(2017, 3, 1), year_of_birth=2001),
            person(
                WITHDRAWN,
                programme_consent_status="Withdrawn (Full)",
                handling_gmc="The withdrawn centre",
                rare_diseases_family_id=WITHDRAWN,
            ),
        ],
        rare_diseases_participant_phenotype=[
            phenotype(111_000_001, "HP:0000107"),
            phenotype(222_000_002, "HP:0000113"),
            phenotype(222_000_002, "HP:0000107", present="No"),
            phenotype(WITHDRAWN, "HP:0009999"),
        ],
        hes_apc=[
            {"participant_id": 111_000_001, "diag_all": "N28.1|Q61.2", "disdate": None},
            {
                "participant_id": 222_000_002,
                "diag_all": "C509 -- FROM, 'it'",
                "disdate": datetime.date(2020, 1, 31),
            },
            {"participant_id": WITHDRAWN, "diag_all": "Z99", "disdate": None},
        ],
        rare_disease_interpreted=[
            {"participant_id": 111_000_001, "is_proband": True},
            {"participant_id": 222_000_002, "is_proband": False},
        ],
        cancer_registry=[{"participant_id": 222_000_002, "cancer_site": "C50"}],
    )


def answer(query: str, database: str) -> list[Any]:
    """Return the rows as tuples; of one column as plain values."""
    frame = query_to_df(query, database)
    rows = list(frame.itertuples(index=False, name=None))
    return [row[0] for row in rows] if frame.shape[1] == 1 else rows


# What official queries are written like: research-environment.md, section 1.0, and public scripts.
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT participant_id, FROM participant WHERE participant_id < 2e8", [111_000_001]),
        ("SELECT participant_id FROM lists.participant LIMIT 1", [111_000_001]),
        ('SELECT "participant_id" FROM "lists"."participant" LIMIT 1', [111_000_001]),
        ("select Participant_ID from PARTICIPANT limit 1;", [111_000_001]),
        (
            "SELECT YEAR(date_of_consent) FROM participant ORDER BY participant_id",
            [2016, None, 2017],
        ),
        (
            "SELECT YEAR(CURDATE()) - 2000 AS y FROM participant LIMIT 1",
            [pd.Timestamp.now().year - 2000],
        ),
        (
            f"SELECT participant_id FROM participant WHERE participant_id IN {(*[111_000_001],)}",
            [111_000_001],
        ),
        (
            "SELECT participant_id FROM participant WHERE participant_id IN (111000001, 2,)",
            [111_000_001],
        ),
        (
            "SELECT participant_id FROM participant WHERE participant_id IN [111000001]",
            [111_000_001],
        ),
        (
            "SELECT DISTINCT participant_id FROM participant WHERE CAST(participant_id AS Char) LIKE '2%' ORDER BY 1",
            [222_000_002, 222_000_003],
        ),
        (
            "SELECT participant_id FROM participant p WHERE p.participant_id NOT LIKE '2%'",
            [111_000_001],
        ),
        (
            (
                r"WITH t AS (SELECT DISTINCT participant_id, diag_all AS diag, FROM hes_apc)"
                r" SELECT participant_id FROM t WHERE REGEXP_REPLACE(diag, '\.', '') LIKE '%N281%'"
            ),
            [111_000_001],
        ),
        (
            (
                "WITH table AS (SELECT participant_id, diag_all AS diag FROM hes_apc) SELECT participant_id, FROM table "
                "WHERE (diag LIKE '%N28%' OR diag LIKE '%Q61%')"
            ),
            [111_000_001],
        ),
        (r"SELECT REGEXP_REPLACE(diag_all, '\.', '') FROM hes_apc LIMIT 1", ["N281|Q61.2"]),
        (r"SELECT REGEXP_REPLACE(diag_all, '\.', '', 'g') FROM hes_apc LIMIT 1", ["N281|Q612"]),
        (
            (
                "SELECT p.participant_id FROM participant AS p WHERE (SELECT COUNT(*) FROM "
                "lists.rare_diseases_participant_phenotype AS h WHERE h.participant_id = p.participant_id "
                "AND h.hpo_present = 'Yes') = 1 ORDER BY p.participant_id"
            ),
            [111_000_001, 222_000_002],
        ),
        (
            "SELECT participant_id FROM rare_disease_interpreted WHERE is_proband = TRUE",
            [111_000_001],
        ),
        (
            "SELECT participant_id FROM participant WHERE LOWER(programme_consent_status) = 'consenting' LIMIT 1",
            [111_000_001],
        ),
        (
            "SELECT participant_id FROM participant p WHERE date_of_consent > CAST('2016-03-01' AS TIMESTAMP)",
            [222_000_003],
        ),
        (
            "SELECT participant_id FROM participant WHERE date_of_consent = '2016-02-29'",
            [111_000_001],
        ),
        (
            (
                "SELECT x.participant_id, MAX(x.disdate) AS LastSeen FROM hes_apc as x GROUP BY x.participant_id "
                "ORDER BY LastSeen DESCENDING"
            ),
            [(111_000_001, None), (222_000_002, "2020-01-31 00:00:00.000")],
        ),
        (
            "SELECT participant_id FROM hes_apc UNION SELECT participant_id FROM participant ORDER BY participant_id",
            [111_000_001, 222_000_002, 222_000_003],
        ),
        (
            (
                "SELECT a.participant_id FROM participant a, hes_apc b WHERE a.participant_id = b.participant_id "
                "AND b.diag_all LIKE 'C50%'"
            ),
            [222_000_002],
        ),
        (
            "SELECT at.participant_id FROM hes_apc at WHERE at.participant_id = 111000001",
            [111_000_001],
        ),
        (
            (
                "SELECT sample.year FROM (SELECT YEAR (date_of_consent) year, participant_id FROM participant) sample "
                "WHERE sample.participant_id = 111000001"
            ),
            [2016],
        ),
        (
            "SELECT participant_id FROM participant WHERE participant_id = '111000001'ORDER BY participant_id",
            [111_000_001],
        ),
        (
            "SELECT participant_id FROM participant WHERE year_of_birth = 2001AND programme = 'Rare Diseases'",
            [222_000_003],
        ),
        (
            (
                "SELECT Participant_Id AS \"Participant ID\" FROM participant WHERE programme LIKE'Rare%' AND "
                "(participant_id || ':' || year_of_birth) IN ('111000001:1980',)"
            ),
            [111_000_001],
        ),
    ],
)
def test_queries_as_the_official_tutorials_write_them_are_answered(
    database: str, query: str, found: list[Any]
) -> None:
    values = query_to_df(query, database)
    assert answer(query, database) == found or values.iloc[:, 0].tolist() == pytest.approx(
        [float("nan") if each is None else each for each in found], nan_ok=True
    )


# What LabKey has and DuckDB lacks, or calls or counts otherwise.
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("TIMESTAMPDIFF('SQL_TSI_DAY', date_of_consent, {d '2016-03-02'})", 2),
        ("TIMESTAMPDIFF(SQL_TSI_HOUR, date_of_consent, {ts '2016-03-01 05:59:00'})", 29),
        ("TIMESTAMPADD('SQL_TSI_MONTH', 1, date_of_consent)", "2016-03-29 00:00:00.000"),
        ("TIMESTAMPADD(SQL_TSI_DAY, -1, '2016-03-01')", "2016-02-29 00:00:00.000"),
        ("AGE_IN_YEARS(date_of_consent, CAST('2017-02-28' AS DATE))", 0),
        ("AGE_IN_YEARS(date_of_consent, CAST('2017-03-01' AS DATE))", 1),
        ("AGE_IN_MONTHS(date_of_consent, '2016-03-28')", 0),
        ("AGE(date_of_consent, '2026-03-01')", 10),
        ("AGE(date_of_consent, '2016-04-29', SQL_TSI_MONTH)", 2),
        ("ISNULL(participant_type, 'nobody')", "nobody"),
        ("IFNULL(participant_type, 'nobody')", "nobody"),
        ("CONCAT(programme, participant_type)", None),
        ("CONCAT(programme, year_of_birth)", "Rare Diseases1980"),
        ("ISEQUAL(participant_type, NULL)", True),
        ("CAST(participant_id AS SQL_VARCHAR)", "111000001"),
        ("CAST('7' AS SQL_INTEGER)", 7),
        ("CONVERT('2016-02-29', SQL_TIMESTAMP)", "2016-02-29 00:00:00.000"),
        ("CAST('1.23456' AS NUMERIC)", 1.23456),
        ("CAST(programme AS VARCHAR(4))", "Rare Diseases"),
        ("LCASE(programme)", "rare diseases"),
        ("{fn UCASE(programme)}", "RARE DISEASES"),
        ("LOCATE('are', programme)", 2),
        ("LOCATE('e', programme, 5)", 9),
        ("STARTSWITH(programme, 'rare')", True),
        ("SUBSTRING(programme, 6)", "Diseases"),
        ("LEFT(programme, 4)", "Rare"),
        ("DAYOFWEEK(date_of_consent)", 2),
        ("MONTHNAME(date_of_consent)", "February"),
        ("DAYOFMONTH('2016-02-29')", 29),
        ("LOG(1)", 0.0),
        ("TRUNCATE(1.29, 1)", 1.2),
        ("7/2", 3),
        ("'a' || 1", "a1"),
        ("'FROM x, -- it''s'", "FROM x, -- it's"),
        ("DATE '2016-02-29'", "2016-02-29 00:00:00.000"),
    ],
)
def test_what_labkey_has_and_duckdb_lacks_gives_what_labkey_gives(
    database: str, expression: str, value: Any
) -> None:
    query = f"SELECT {expression} AS value FROM participant WHERE participant_id = 111000001"
    (found,) = query_to_df(query, database)["value"]
    assert found == value if not isinstance(value, float) else found == pytest.approx(value)


def test_what_now_and_curdate_give_is_the_present(database: str) -> None:
    frame = query_to_df(
        "SELECT NOW() AS now, CURDATE() AS today FROM participant LIMIT 1", database
    )
    assert abs(pd.to_datetime(frame["now"][0]) - pd.Timestamp.now()) < pd.Timedelta(minutes=5)
    assert frame["today"][0].endswith("00:00:00.000")


def test_group_concat_gives_sorted_values(database: str) -> None:
    query = "SELECT participant_id, GROUP_CONCAT(DISTINCT hpo_id, ';') AS terms FROM rare_diseases_participant_phenotype GROUP BY participant_id ORDER BY participant_id"
    assert query_to_df(query, database)["terms"].tolist() == ["HP:0000107", "HP:0000107;HP:0000113"]


def test_a_pivot_over_listed_values_gives_a_column_for_each(database: str) -> None:
    query = (
        "SELECT participant_id, hpo_present, COUNT(hpo_id) AS n FROM rare_diseases_participant_phenotype "
        "GROUP BY participant_id, hpo_present PIVOT n BY hpo_present IN ('Yes' AS present, 'No')"
    )
    frame = query_to_df(query, database).sort_values("participant_id", ignore_index=True)
    assert frame.columns.tolist() == ["participant_id", "present::n", "No::n"]
    assert frame["present::n"].tolist() == [1, 1]
    assert frame["No::n"].fillna(0).tolist() == [0, 1]


def test_the_frame_has_the_types_of_labkeys_json(database: str) -> None:
    frame = query_to_df("SELECT * FROM participant ORDER BY participant_id", database)
    assert frame.columns[0] == "participant_id"
    assert str(frame["participant_id"].dtype) == "int64"
    assert str(frame["year_of_birth"].dtype) == "float64"
    assert frame["date_of_consent"].tolist() == [
        "2016-02-29 00:00:00.000",
        None,
        "2017-03-01 00:00:00.000",
    ]
    assert frame["participant_type"].tolist() == [None, "Proband", "Proband"]
    flags = query_to_df("SELECT is_proband FROM rare_disease_interpreted", database)
    assert str(flags["is_proband"].dtype) == "bool"
    joined = query_to_df(
        "SELECT p.participant_id, r.is_proband, NULL AS nothing FROM participant p LEFT JOIN rare_disease_interpreted r "
        "ON p.participant_id = r.participant_id ORDER BY p.participant_id",
        database,
    )
    assert joined["is_proband"].tolist() == [True, False, None]
    assert joined["nothing"].tolist() == [None] * 3
    assert str(joined["nothing"].dtype) == "object"


def test_the_frame_is_what_pandas_makes_of_the_same_json(database: str) -> None:
    frame = query_to_df(
        "SELECT participant_id, year_of_birth, participant_type, date_of_consent FROM participant ORDER BY participant_id",
        database,
    )
    rows = [
        {"participant_id": 111000001, "year_of_birth": 1980, "participant_type": None, "date_of_consent": "2016-02-29 00:00:00.000"},
        {"participant_id": 222000002, "year_of_birth": None, "participant_type": "Proband", "date_of_consent": None},
        {"participant_id": 222000003, "year_of_birth": 2001, "participant_type": "Proband", "date_of_consent": "2017-03-01 00:00:00.000"},
    ]  # fmt: skip
    pd.testing.assert_frame_equal(frame, pd.DataFrame(rows))


def test_expressions_without_a_name_are_called_as_labkey_calls_them(database: str) -> None:
    frame = query_to_df(
        "SELECT COUNT(*), programme, MAX(year_of_birth) oldest, MIN(year_of_birth), 'x' AS x, CASE WHEN 1=1 THEN 'a' END "
        "FROM participant GROUP BY programme",
        database,
    )
    assert frame.columns.tolist() == [
        *("Expression1", "programme", "oldest", "Expression2", "x", "Expression3")
    ]


def test_an_answer_without_rows_keeps_its_columns(database: str) -> None:
    frame = query_to_df("SELECT participant_id, programme FROM participant WHERE 1 = 0", database)
    assert frame.empty
    assert frame["participant_id"].tolist() == []
    assert str(frame["participant_id"].dtype) == "int64"


def test_the_official_helpers_third_argument_is_the_most_rows(database: str) -> None:
    query = "SELECT participant_id FROM participant ORDER BY participant_id DESC"
    assert query_to_df(query, database, 2)["participant_id"].tolist() == [222_000_003, 222_000_002]
    assert len(query_to_df(query, database, maxrows=100)) == 3
    for wrong in (0, -1, True, "5"):
        with pytest.raises(QueryError, match="whole number above 0"):
            query_to_df(query, database, wrong)  # type: ignore[arg-type]


def test_missing_values_sort_as_on_postgresql(database: str) -> None:
    query = "SELECT participant_id FROM participant ORDER BY date_of_consent"
    assert answer(query, database)[-1] == 222_000_002
    assert answer(f"{query} DESC", database)[0] == 222_000_002


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("SELECT diag_ll FROM hes_apc", "did you mean 'diag_all'"),
        ("SELECT participant_id FROM cancer_register_nhsd", "is now 'cancer_registry'"),
        ("SELECT participant_id FROM particpant", "did you mean 'participant'"),
        ("SELECT event_justification FROM tiering_data", "'tiering_data'|'segregation_pattern'"),
        ("SELECT pedigree_family_id FROM participant", "has a column"),
        (
            'SELECT participant_id FROM participant WHERE programme = "Rare Diseases"',
            "single quotes",
        ),
        ("SELECT participant_id FROM hes_apc, participant", "say whose it is"),
        ("SELECT programme, COUNT(*) FROM participant", "GROUP BY"),
        (
            "SELECT participant_id FROM participant WHERE programme = 5",
            "cannot be read as the number",
        ),
        (
            "SELECT participant_id FROM participant WHERE participant_id IN ()",
            "list behind IN is empty",
        ),
        ("SELECT participant_id FROM participant WHERE participant_id IN (np.int64(1),)", "tolist"),
        ("SELECT TIMESTAMPDIFF('SQL_TSI_YEAR', a, b) FROM participant", "AGE_IN_YEARS"),
        (
            "SELECT TIMESTAMPDIFF('SQL_TSI_DAY', date_of_consent) FROM participant",
            "takes 3 arguments",
        ),
        ("SELECT CAST(programme AS SQL_NONSENSE) FROM participant", "no type"),
        ("SELECT USERID() FROM participant", "leave it out"),
        ("SELECT TO_DATE(programme, 'YYYY') FROM participant", "CAST"),
        ("SELECT LOWWER(programme) FROM participant", "did you mean LOWER"),
        ("SELECT SUM(programme) FROM participant", "kind of value"),
        ("SELECT p.programme FROM participant", "behind FROM"),
        ("SELECT programme FROM participant WHERE programme = 'Rare", "never closed"),
        ("SELECT programme FROM participant WHERE (programme = 'Rare'", "never closed"),
        ("SELECT programme FROM participant WHERE programme = 'Rare')", "too many"),
        ("SELECT programme programme programme FROM participant", "near the word"),
        ("SELECT programme FROM participant WHERE programme = #1", "means nothing"),
        ("PARAMETERS (x VARCHAR) SELECT x FROM participant", "f-string"),
        (
            "SELECT a, COUNT(*) AS n FROM participant GROUP BY a PIVOT n BY a",
            "IN \\('one', 'other'\\)",
        ),
        (
            "SELECT a, COUNT(*) AS n FROM participant GROUP BY a PIVOT n BY a IN ()",
            "for values that the query lists",
        ),
        (
            "SELECT normalised_hpo_term FROM rare_diseases_participant_phenotype",
            "release own has no column 'normalised_hpo_term': did you mean 'normalised_hpo_id'",
        ),
        ("SELECT {x} FROM participant", "put an f before"),
    ],
)
def test_what_is_not_read_is_refused_in_one_sentence_with_the_way_out(
    database: str, query: str, sentence: str
) -> None:
    with pytest.raises(QueryError, match=sentence) as refusal:
        query_to_df(query, database)
    assert "\n" not in str(refusal.value)
    assert not re.search(r"\d{6}", str(refusal.value))


# Every way to a file, a setting or another's data that DuckDB has.
ATTEMPTS = [
    "SELECT * FROM read_parquet('{folder}/own/tables/participant.parquet')",
    "SELECT * FROM parquet_scan('{folder}/own/tables/participant.parquet')",
    "SELECT * FROM \"read_parquet\"('{folder}/own/tables/participant.parquet')",
    "SELECT * FROM '{folder}/own/tables/participant.parquet'",
    'SELECT * FROM "{folder}/own/tables/participant.parquet"',
    "SELECT * FROM participant, '{folder}/own/tables/participant.parquet'",
    "SELECT * FROM glob('{folder}/**')",
    "SELECT * FROM read_text('{folder}/own/release.json')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT ('{folder}/own/tables/participant.parquet').read_parquet()",
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "COPY participant TO '{folder}/out.parquet'",
    "EXPORT DATABASE '{folder}/out'",
    "ATTACH '{folder}/other.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SELECT 1; SELECT 2",
    "SELECT 1 FROM participant; COPY participant TO '{folder}/out.csv'",
    "CREATE TABLE t AS SELECT 1",
    "WITH t AS (INSERT INTO participant VALUES (1)) SELECT 1",
    "DROP TABLE participant",
    "UPDATE participant SET programme = 'x'",
    "SET enable_external_access = true",
    "PRAGMA database_list",
    "RESET lock_configuration",
    "CALL pragma_version()",
    "SELECT * FROM hidden_rows",
    "SELECT * FROM lists.hidden_rows",
    "SELECT getenv('HOME') FROM participant",
    "SELECT current_setting('home_directory') FROM participant",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "FROM participant",
    "SHOW TABLES",
    "SELECT * FROM (SHOW TABLES)",
    "DESCRIBE participant",
    "SELECT * FROM (SUMMARIZE participant)",
    "EXPLAIN ANALYZE SELECT * FROM participant",
    "SELECT * FROM read_csv('{folder}/own/release.json')",
    "SELECT * FROM sniff_csv('{folder}/own/release.json')",
    "SELECT * FROM read_blob('{folder}/own/tables/participant.parquet')",
    "SELECT * FROM parquet_metadata('{folder}/own/tables/participant.parquet')",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM duckdb_columns()",
    "SELECT * FROM duckdb_logs()",
    "SELECT * FROM pragma_table_info('participant')",
    "SELECT * FROM query_table('participant')",
    "CREATE MACRO m(x) AS x",
    "CREATE OR REPLACE TEMP MACRO participant() AS TABLE SELECT 1",
    "CREATE VIEW v AS SELECT * FROM participant",
    "ALTER TABLE participant ADD COLUMN x INTEGER",
    "CREATE SECRET s (TYPE s3)",
    "BEGIN TRANSACTION",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "USE memory",
    "CHECKPOINT",
    "VACUUM",
    "IMPORT DATABASE '{folder}/own'",
    "DETACH memory",
    "SELECT * FROM memory.main.hidden_rows",
    "SELECT $1 FROM participant",
    "SELECT ? FROM participant",
    "SELECT pg_sleep(0.01) FROM participant",
    "SELECT write_log('x') FROM participant",
    "SELECT list_transform([1], x -> x) FROM participant",
    "SELECT COLUMNS('.*') FROM participant",
    "VALUES (1)",
    "TABLE participant",
    "(FROM participant)",
    "SELEC 1",
    "",
    "-- nothing",
]


# What the engine would work on without end.
ENDLESS = [
    "SELECT * FROM range(1000000000000)",
    "SELECT * FROM generate_series(1, 1000000000000)",
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT COUNT(*) AS n FROM t",
    "with recursive t as (select 1 as n union all select n from t) select n from t",
]


@pytest.mark.parametrize("attempt", [*ATTEMPTS, *ENDLESS])
def test_nothing_but_one_question_to_the_tables_is_answered(
    database: str, tmp_path: Path, attempt: str
) -> None:
    hidden_rows = pd.DataFrame({"participant_id": [WITHDRAWN]})
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(QueryError) as refusal:
        query_to_df(attempt.format(folder=tmp_path), database)
    assert len(hidden_rows) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert str(WITHDRAWN) not in str(refusal.value)


@pytest.mark.slow
@pytest.mark.parametrize("attempt", [each for each in ATTEMPTS if each])
def test_the_engine_itself_is_shut_against_files_and_settings(
    database: str, tmp_path: Path, attempt: str
) -> None:
    import duckdb

    from gecip.cohort.labkey_dialect import Rewritten
    from gecip.cohort.labkey_sql import _SETTINGS, _answer, _register

    release = open_release(database)
    question = Rewritten(attempt.format(folder=tmp_path), frozenset({"participant"}))
    with duckdb.connect() as connection:
        _register(connection, release, question)
        for setting in _SETTINGS:
            connection.execute(setting)
        try:
            found = str(_answer(connection, release, question).to_pylist())
        except QueryError as refusal:
            found = str(refusal)
    assert str(WITHDRAWN) not in found
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM participant",
        "SELECT * FROM lists.participant WHERE programme_consent_status LIKE 'Withdrawn%'",
        "SELECT * FROM participant RIGHT JOIN hes_apc ON participant.participant_id = hes_apc.participant_id",
        "SELECT * FROM rare_diseases_participant_phenotype WHERE hpo_id = 'HP:0009999'",
        "SELECT handling_gmc, COUNT(*) AS n FROM participant GROUP BY handling_gmc",
        "SELECT MAX(participant_id) AS m, MAX(rare_diseases_family_id) AS f FROM participant",
        "SELECT GROUP_CONCAT(participant_id) AS everybody FROM hes_apc",
        "SELECT * FROM information_schema.columns",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM duckdb_views",
        "SELECT * FROM pg_catalog.pg_stats",
    ],
)
def test_nothing_of_people_who_have_withdrawn_comes_through(database: str, query: str) -> None:
    try:
        found = query_to_df(query, database).to_csv()
    except QueryError as refusal:
        found = str(refusal)
    for trace in (str(WITHDRAWN), "The withdrawn centre", "HP:0009999", "Z99"):
        assert trace not in found.replace("'HP:0009999'", "")


def test_every_query_of_the_manual_page_is_answered(database: str) -> None:
    page = (Path(__file__).parents[3] / "docs" / "labkey.md").read_text(encoding="utf-8")
    queries = re.findall(r"```sql\n(.*?)```", page, flags=re.DOTALL)
    assert len(queries) >= 5
    for query in queries:
        assert not query_to_df(query, database).empty


def test_messages_hold_no_value_of_a_row(database: str) -> None:
    for query in (
        "SELECT CAST(diag_all AS INTEGER) AS n FROM hes_apc",
        "SELECT CAST(programme AS TIMESTAMP) AS n FROM participant",
        "SELECT participant_id FROM hes_apc WHERE diag_all = 5",
    ):
        with pytest.raises(QueryError) as refusal:
            query_to_df(query, database)
        assert "N28" not in str(refusal.value)
        assert "Rare" not in str(refusal.value)


def test_messages_repeat_no_identifier_of_the_query(database: str) -> None:
    for query in (
        'SELECT participant_id FROM participant WHERE programme = "LP3000204-DNA_B11"',
        "SELECT participant_id FROM participant WHERE participant_id = 111000001 111000002",
        "SELECT p111000001 FROM participant",
        "SELECT participant_id FROM p111000001",
        "SELECT p111000001.programme FROM participant",
    ):
        with pytest.raises(QueryError) as refusal:
            query_to_df(query, database)
        assert not re.search(r"\d{5}", str(refusal.value))
