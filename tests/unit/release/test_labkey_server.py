"""A release on a LabKey server is a release: same rows, same door, whatever the server does."""

from __future__ import annotations

import datetime
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gecip import define_cohort, query_to_df, select_cohort
from gecip.errors import ConfigurationError, ReleaseError, UnknownTableError
from gecip.release import Release, labkey_server, open_release, release_behind
from gecip.release.labkey_server import read_address
from gecip.tables import episodes as episodes_table
from tests.handmade import person, write_release
from tests.labkey_server import FOLDER, LOGIN, PASSWORD, FakeLabKey, serving

NAME = f"/{FOLDER}"
ADA, BEN, CAT, WITHDRAWN = 111_000_001, 111_000_002, 222_000_003, 998_877_661


def row(participant: int, **facts: Any) -> dict[str, Any]:
    """Return a row of participants as LabKey's JSON has it, with a column that the model does not know."""
    consent = {"date_of_consent": "2016-02-29 00:00:00.000", "own_score": 0.5, "own_note": None}
    return person(participant) | consent | facts


def episodes(count: int) -> list[dict[str, Any]]:
    """Return hospital episodes of three people in turn, in no order."""
    people = (ADA, BEN, WITHDRAWN)
    return [
        {
            "participant_id": people[number % 3],
            "diag_all": f"N{(number * 7919) % count:05d}",
            "disdate": "2019/03/28 00:00:00",
        }
        for number in range(count)
    ]


@pytest.fixture
def labkey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeLabKey]:
    """A server with a few tables, a login for it, and a cache of its own."""
    tables = {
        "participant": [
            row(ADA),
            row(BEN, year_of_birth=None, own_note="seen"),
            row(CAT, date_of_consent=None),
            row(WITHDRAWN, programme_consent_status="Withdrawn (Full)"),
        ],
        "hes_apc": episodes(90),
        "own_table": [{"participant_id": ADA, "is_ours": True}, {"participant_id": WITHDRAWN}],
    }
    with serving(FakeLabKey(tables=tables)) as server:
        server.kinds["hes_apc"] = {"participant_id": "int", "diag_all": "string", "disdate": "date"}
        host = server.address.split("/")[2].partition(":")[0]
        netrc = tmp_path / "netrc"
        netrc.write_text(f"machine {host} login {LOGIN} password {PASSWORD}\n", encoding="utf-8")
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("GECIP_LABKEY", server.address)
        monkeypatch.setenv("GECIP_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("GECIP_RELEASES", str(tmp_path / "releases"))
        monkeypatch.setattr(labkey_server, "PAUSES_SECONDS", (0.01, 0.01, 0.01))
        yield server


def cached(tmp_path: Path) -> list[str]:
    """Return the names of all files in the cache but the locks."""
    files = (tmp_path / "cache").rglob("*")
    return sorted(path.name for path in files if path.is_file() and path.suffix != ".lock")


def test_a_folder_string_opens_the_release_on_the_server(labkey: FakeLabKey) -> None:
    release = open_release(NAME)
    assert isinstance(release, Release)
    assert (release.version, release.name) == ("v19", FOLDER)
    assert release.manifest.date == datetime.date(2024, 10, 31)
    assert release.tables == ("hes_apc", "own_table", "participant")
    assert labkey.requests == []


def test_a_folder_on_this_machine_comes_before_the_server(
    labkey: FakeLabKey, tmp_path: Path
) -> None:
    write_release(tmp_path / "releases" / "own", participant=[person(ADA)])
    assert open_release(NAME).name == "own"
    assert labkey.requests == []


def test_without_a_server_a_folder_string_names_nothing(
    labkey: FakeLabKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GECIP_LABKEY")
    with pytest.raises(ReleaseError, match="There is no release called"):
        open_release(NAME)
    assert labkey.requests == []


def test_a_name_that_is_no_folder_string_is_not_asked_of_the_server(labkey: FakeLabKey) -> None:
    with pytest.raises(ReleaseError, match="There is no release called 'demo'"):
        open_release("demo")


def test_rows_are_those_of_a_folder_with_the_same_tables(
    labkey: FakeLabKey, tmp_path: Path
) -> None:
    day = datetime.date(2016, 2, 29)
    own = write_release(
        tmp_path / "folder",
        participant=[
            row(ADA, date_of_consent=day),
            row(BEN, date_of_consent=day, year_of_birth=None, own_note="seen"),
            row(CAT, date_of_consent=None),
            row(WITHDRAWN, date_of_consent=day, programme_consent_status="Withdrawn (Full)"),
        ],
    )
    here, there = open_release(own), open_release(NAME)
    by_id = {"by": "participant_id", "ignore_index": True}
    ours = here.read("participant").sort_values(**by_id)
    theirs = there.read("participant").sort_values(**by_id)
    assert theirs["participant_id"].tolist() == [ADA, BEN, CAT]
    assert theirs.dtypes.to_dict() == ours.dtypes.to_dict()
    assert theirs.equals(ours)
    assert here.consent.participants == there.consent.participants
    assert here.consent.counts == there.consent.counts
    assert there.consent.date == datetime.datetime.now().astimezone().date()


def test_unknown_columns_and_tables_are_kept(labkey: FakeLabKey) -> None:
    release = open_release(NAME)
    frame = release.read("participant", ["participant_id", "own_score", "own_note"])
    assert frame["own_score"].tolist() == [0.5] * 3
    assert release.read("own_table").to_dict("records") == [
        {"participant_id": ADA, "is_ours": True}
    ]
    assert labkey.pages_of("own_table")


def test_tables_are_paged_in_the_order_of_their_key_without_loss(
    labkey: FakeLabKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gecip.release.labkey_tables.VALUES_IN_A_PAGE", 3 * 20)
    labkey.keys["hes_apc"] = "diag_all"
    frame = open_release(NAME).read("hes_apc")
    pages = labkey.pages_of("hes_apc")
    assert [page.get("query.offset", "0") for page in pages] == ["0", "20", "40", "60", "80"]
    assert {page["query.sort"] for page in pages} == {"diag_all"}
    expected = sorted(e["diag_all"] for e in episodes(90) if e["participant_id"] != WITHDRAWN)
    assert frame["diag_all"].tolist() == expected
    assert set(frame["disdate"]) == {datetime.datetime(2019, 3, 28)}  # noqa: DTZ001 - a day has no zone


def test_a_progress_bar_counts_rows_up_to_what_the_server_says_there_are(
    labkey: FakeLabKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gecip.release.labkey_tables.VALUES_IN_A_PAGE", 3 * 20)
    release = open_release(NAME)
    assert len(release.consent.participants) == 3
    bars: list[tuple[str, Any]] = []

    @contextmanager
    def recorded(*, title: str, total: float | None, unit: str) -> Iterator[Any]:
        bar = SimpleNamespace(total=total, updates=[], unit=unit)
        bar.update = bar.updates.append
        bars.append((title, bar))
        yield bar

    monkeypatch.setattr("gecip.progress.progress_bar", recorded)
    release.read("hes_apc")
    ((title, bar),) = bars
    assert title == "Reading hes_apc from LabKey"
    assert (bar.total, bar.unit, bar.updates) == (90, "row", [20, 20, 20, 20, 10])


def test_without_a_key_rows_are_sorted_by_all_their_columns(labkey: FakeLabKey) -> None:
    open_release(NAME).read("hes_apc")
    (page,) = labkey.pages_of("hes_apc")
    assert page["query.sort"] == "participant_id,diag_all,disdate"


def test_a_server_that_gives_smaller_pages_than_asked_for_is_read_to_the_end(
    labkey: FakeLabKey,
) -> None:
    labkey.largest_page = 7
    assert len(open_release(NAME).read("hes_apc")) == 60


def test_a_table_is_fetched_once_and_consent_always(labkey: FakeLabKey, tmp_path: Path) -> None:
    first = open_release(NAME)
    assert len(first.read("participant")) == 3
    assert cached(tmp_path) == ["participant.parquet"]
    labkey.requests.clear()
    labkey.tables["participant"] = [
        *labkey.tables["participant"][1:],
        row(ADA, programme_consent_status="Withdrawn (Partial)"),
    ]
    again = open_release(NAME)
    assert again.read("participant")["participant_id"].tolist() == [BEN, CAT]
    columns = {page.get("query.columns") for page in labkey.pages_of("participant")}
    assert columns == {"participant_id,programme_consent_status"}


def test_the_cache_is_its_owners_alone(labkey: FakeLabKey, tmp_path: Path) -> None:
    open_release(NAME).read("hes_apc")
    assert (tmp_path / "cache" / "labkey").stat().st_mode & 0o077 == 0


def test_a_failing_page_is_asked_for_again(labkey: FakeLabKey) -> None:
    release = open_release(NAME)
    assert len(release.consent.participants) == 3
    labkey.failures = ["", "500", "500"]
    assert len(release.read("hes_apc")) == 60


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        ("500", "failed 4 times over the table hes_apc .*500.*try again later"),
        ("401", "does not know your login, or it has expired.*netrc"),
        ("403", "may not read the folder"),
        ("redirect", "does not know your login, or it has expired.*netrc"),
        ("login page", "does not know your login, or it has expired.*netrc"),
        ("cut", "cannot be read, and nothing of it was kept"),
        ("slow", r"took longer than 0\.2 s over the table hes_apc"),
    ],
)
def test_a_failure_in_mid_table_is_one_sentence_and_leaves_nothing(
    labkey: FakeLabKey,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failure: str,
    sentence: str,
) -> None:
    monkeypatch.setattr("gecip.release.labkey_tables.VALUES_IN_A_PAGE", 3 * 20)
    release = open_release(NAME)
    assert len(release.consent.participants) == 3
    monkeypatch.setattr(labkey_server, "TIMEOUT_SECONDS", 0.2)
    labkey.failures, labkey.forever = ["", "", ""], failure
    with pytest.raises(ReleaseError, match=sentence) as refusal:
        release.read("hes_apc")
    assert cached(tmp_path) == []
    assert "\n" not in str(refusal.value)
    assert not re.search(r"\d{6}", str(refusal.value).replace(NAME, ""))
    labkey.failures, labkey.forever = [], ""
    monkeypatch.setattr(labkey_server, "TIMEOUT_SECONDS", 30.0)
    assert len(open_release(NAME).read("hes_apc")) == 60


def test_a_wrong_login_is_refused_at_opening(labkey: FakeLabKey, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password old\n")
    with pytest.raises(ReleaseError, match=r"machine 127\.0\.0\.1 login … password …"):
        open_release(NAME)
    assert labkey.requests == []


def test_a_folder_that_the_server_does_not_have_is_said_so(labkey: FakeLabKey) -> None:
    with pytest.raises(ReleaseError, match="has no folder main-programme/main-programme_v18"):
        open_release("/main-programme/main-programme_v18_2023-12-21")
    assert labkey.requests == []


def test_a_table_that_is_not_there_names_the_nearest(labkey: FakeLabKey) -> None:
    with pytest.raises(UnknownTableError, match="did you mean 'participant'"):
        open_release(NAME).read("particpant")
    assert labkey.requests == []


def test_a_table_that_went_away_is_said_so(labkey: FakeLabKey, tmp_path: Path) -> None:
    release = open_release(NAME)
    assert len(release.consent.participants) == 3
    del labkey.tables["hes_apc"]
    with pytest.raises(UnknownTableError, match="has no table 'hes_apc'"):
        release.read("hes_apc")
    assert cached(tmp_path) == []


def test_a_server_that_is_not_there_cannot_be_reached(
    labkey: FakeLabKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GECIP_LABKEY", "http://127.0.0.1:9/labkey")
    with pytest.raises(ReleaseError, match=r"cannot be reached.*GECIP_LABKEY"):
        open_release(NAME)
    assert labkey.requests == []


def test_consent_that_cannot_be_asked_for_lets_nobody_through(labkey: FakeLabKey) -> None:
    assert len(open_release(NAME).read("participant")) == 3
    labkey.forever = "500"
    with pytest.raises(ReleaseError, match="failed 4 times over the table participant"):
        open_release(NAME).read("participant")


@pytest.mark.parametrize("failure", ["401", "redirect", "login page", "slow"])
def test_a_cached_table_is_not_read_on_an_expired_login_or_a_silent_server(
    labkey: FakeLabKey, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    assert len(open_release(NAME).read("hes_apc")) == 60
    monkeypatch.setattr(labkey_server, "TIMEOUT_SECONDS", 0.2)
    labkey.forever = failure
    with pytest.raises(ReleaseError, match=r"it has expired|took longer than 0\.2 s"):
        open_release(NAME).read("hes_apc")


def test_a_participant_table_without_consent_is_refused(labkey: FakeLabKey) -> None:
    labkey.tables["participant"] = [{"participant_id": ADA}]
    with pytest.raises(ReleaseError, match="'programme_consent_status' is missing"):
        open_release(NAME).read("participant")


def test_rows_that_go_missing_between_pages_are_noticed(
    labkey: FakeLabKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = FakeLabKey.rows

    def lossy(self: FakeLabKey, asked: dict[str, str]) -> dict[str, Any]:
        found = whole(self, asked)
        if asked["query.queryName"] == "hes_apc":
            found["rowCount"] = 91
        return found

    monkeypatch.setattr(FakeLabKey, "rows", lossy)
    with pytest.raises(ReleaseError, match="has 91 rows and gave 90"):
        open_release(NAME).read("hes_apc")
    assert cached(tmp_path) == []
    assert labkey.requests


def test_a_column_that_holds_something_else_than_the_model_says_is_read_as_text(
    labkey: FakeLabKey,
) -> None:
    labkey.tables["hes_apc"] = [
        *episodes(3),
        {"participant_id": ADA, "diag_all": "N1", "disdate": "in spring"},
    ]
    frame = open_release(NAME).read("hes_apc")
    assert set(frame["disdate"]) == {"2019/03/28 00:00:00", "in spring"}


def test_people_named_by_words_are_read_by_words(labkey: FakeLabKey) -> None:
    labkey.tables["participant"] = [row(ADA, participant_id="pp1"), row(BEN, participant_id="pp2")]
    labkey.tables["own_table"] = [{"participant_id": "pp1", "is_ours": True}]
    release = open_release(NAME)
    assert release.read("own_table")["participant_id"].tolist() == ["pp1"]
    assert release.consent.participants == {"pp1", "pp2"}


def test_sql_is_answered_from_the_fetched_tables(labkey: FakeLabKey, tmp_path: Path) -> None:
    query = (
        "SELECT p.participant_id, COUNT(*) AS n, FROM lists.participant p, hes_apc h "
        "WHERE p.participant_id = h.participant_id GROUP BY p.participant_id ORDER BY p.participant_id"
    )
    for _ in range(2):
        assert query_to_df(query, NAME).to_numpy().tolist() == [[ADA, 30], [BEN, 30]]
    assert cached(tmp_path) == ["hes_apc.parquet", "participant.parquet"]
    assert len(labkey.pages_of("hes_apc")) == 1


def test_a_cohort_is_selected_from_the_fetched_tables(labkey: FakeLabKey) -> None:
    definition = define_cohort("Stayed in hospital").include(
        episodes_table.where(episodes_table.diag_all != "N00001").exists_for_participant(),
        because="an episode is recorded",
    )
    cohort = select_cohort(definition, open_release(NAME))
    assert cohort.participants == (ADA, BEN)
    assert len(labkey.pages_of("hes_apc")) == 1


def test_what_was_made_from_it_finds_it_again(labkey: FakeLabKey) -> None:
    release = open_release(NAME)
    assert release_behind(release.provenance) is release
    provenance = release.provenance
    digest = release.manifest.digest
    del release
    behind = release_behind(provenance)
    assert behind is not None
    assert behind.manifest.digest == digest
    assert labkey.requests


def test_identifiers_are_looked_up_in_what_was_fetched(labkey: FakeLabKey) -> None:
    release = open_release(NAME)
    release.read("participant")
    assert release.knows_identifier(str(WITHDRAWN))
    assert not labkey.pages_of("hes_apc")
    assert [article.name for article in release.dictionary.articles] == ["participant"]


@pytest.mark.slow
def test_a_killed_download_leaves_nothing_that_reads_as_a_table(
    labkey: FakeLabKey, tmp_path: Path
) -> None:
    labkey.failures, labkey.slow_seconds = [""] * 5, 60.0
    labkey.largest_page, labkey.forever = 20, "slow"
    program = textwrap.dedent(
        f"""
        from gecip.release import open_release
        open_release({NAME!r}).read("hes_apc")
        """
    )
    run = subprocess.Popen(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[3], env=dict(os.environ)
    )
    deadline = time.monotonic() + 60
    while len(labkey.pages_of("hes_apc")) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert [name for name in cached(tmp_path) if not name.startswith(".")] == []
    labkey.failures, labkey.forever = [], ""
    assert len(open_release(NAME).read("hes_apc")) == 60
    assert cached(tmp_path) == ["hes_apc.parquet"]


@pytest.mark.parametrize(
    ("setting", "host", "context", "encrypted"),
    [
        ("labkey.example.org", "labkey.example.org", "labkey", True),
        ("https://labkey.example.org:8443/labkey/", "labkey.example.org:8443", "labkey", True),
        ("https://labkey.example.org/", "labkey.example.org", None, True),
        ("http://localhost:8080", "localhost:8080", "labkey", False),
    ],
)
def test_an_address_is_read_with_or_without_its_path(
    setting: str, host: str, context: str | None, encrypted: bool
) -> None:
    address = read_address(setting)
    assert (address.host, address.context_path, address.encrypted) == (host, context, encrypted)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("http://labkey.example.org", "in the clear"),
        ("https://me:secret@labkey.example.org", "with the login in ~/.netrc"),
        ("ftp://labkey.example.org", "must be a server's address"),
        ("https://", "must be a server's address"),
    ],
)
def test_an_address_that_would_not_do_is_refused(setting: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence) as refusal:
        read_address(setting)
    assert "secret" not in str(refusal.value)
