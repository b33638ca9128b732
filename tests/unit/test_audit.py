from __future__ import annotations

import datetime
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gecip import audit
from gecip.audit import Reading, read_audit_log, record_reading, user_name
from gecip.cli import main
from gecip.cohort import define_cohort, select_cohort
from gecip.errors import AccessError, ConfigurationError
from gecip.release import open_release
from gecip.release.validation import validate_release
from gecip.tables import phenotypes
from tests.handmade import person, phenotype, write_release

PERSON = 111000011


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GECIP_AUDIT", str(tmp_path / "audit"))
    monkeypatch.setattr(audit, "_last_written", {})
    return tmp_path / "audit"


@pytest.fixture
def release_folder(tmp_path: Path) -> Path:
    return write_release(
        tmp_path / "r",
        participant=[person(PERSON)],
        rare_diseases_participant_phenotype=[phenotype(PERSON, "HP:0000107")],
    )


def record(name: str = "participant", **other: str) -> None:
    facts = {"release": "demo", "version": "v19", "consent": "2024-10-31"} | other
    record_reading("table", name, **facts)


def names(**options: Any) -> list[str]:
    return [reading.name for reading in read_audit_log(**options).readings]


# -- what is written ------------------------------------------------------------------------------------


def test_every_way_to_rows_leaves_a_line_and_none_holds_an_identifier(
    log: Path, release_folder: Path
) -> None:
    release = open_release(release_folder)
    assert names() == [], "opening alone reads no row"
    release.read("participant")
    with_cysts = phenotypes.where(phenotypes.term.is_a("HP:0000107")).exists_for_participant()
    select_cohort(define_cohort("Cysts").include(with_cysts, because="asked"), release)
    assert set(names()) == {"participant", "rare_diseases_participant_phenotype"}
    (first, *_) = read_audit_log().readings
    assert (first.user, first.role, first.release) == (user_name(), "academic", "r")
    assert (first.kind, first.consent, first.process) == ("table", "2024-10-31", os.getpid())
    assert datetime.datetime.now(tz=datetime.UTC) - first.moment < datetime.timedelta(minutes=1)
    assert str(PERSON) not in "".join(path.read_text() for path in log.iterdir())


def test_validation_leaves_a_line_for_each_table_and_says_that_it_read_everybodys_rows(
    log: Path, release_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", str(release_folder)], {}) == 1, "it has no table of samples"
    assert sorted(names()) == sorted(open_release(release_folder).tables)
    assert "rare_diseases_participant_phenotype" in names()
    assert {reading.consent for reading in read_audit_log().readings} == {""}
    capsys.readouterr()
    assert main(["audit", "--table", "participant"], {}) == 0
    said = capsys.readouterr().out
    assert "(academic)  r v19, everybody's rows: table participant\n" in said
    assert str(PERSON) not in "".join(path.read_text() for path in log.iterdir())
    # A reading by consent is another one, though it be within the same minute.
    open_release(release_folder).read("participant")
    assert names(name="participant") == ["participant", "participant"]


def test_nobody_validates_what_is_closed_to_their_role(
    log: Path, release_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GECIP_ROLE", "trainee")
    with pytest.raises(AccessError, match="trainee"):
        validate_release(release_folder)
    assert names() == []


def test_the_same_reading_within_a_minute_is_one_line(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(audit.time, "monotonic", lambda: now[0])
    for wait in (0.0, 59.0, 2.0):
        now[0] += wait
        record()
    record("hes_apc")
    record(release="other")
    assert names() == ["participant", "participant", "hes_apc", "participant"]


def test_off_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GECIP_AUDIT", "off")
    record()
    with pytest.raises(ConfigurationError, match="The audit log is off"):
        read_audit_log()


def test_nothing_is_read_where_the_log_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release_folder: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GECIP_AUDIT", str(tmp_path / "file"))
    monkeypatch.setattr(audit, "_last_written", {})
    with pytest.raises(ConfigurationError, match="nothing is read unrecorded: set GECIP_AUDIT"):
        open_release(release_folder).read("participant")
    with pytest.raises(ConfigurationError, match="nothing is read unrecorded: set GECIP_AUDIT"):
        validate_release(release_folder)


# -- many writers, kills and torn lines -----------------------------------------------------------------

WRITER = """
import sys
from gecip.audit import record_reading
for number in range(int(sys.argv[2])):
    record_reading("table", f"{sys.argv[1]}-{number}", release="demo", version="v19", consent="2024-10-31")
    if number == 0:
        print("began", flush=True)
"""


def writer(name: str, lines: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, name, str(lines)], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.slow
def test_writers_at_once_lose_and_mix_nothing(log: Path) -> None:
    writers = [writer(name, 400) for name in "abc"]
    assert [one.wait() for one in writers] == [0, 0, 0]
    found = read_audit_log()
    assert found.torn == 0
    assert sorted(reading.name for reading in found.readings) == sorted(
        f"{name}-{number}" for name in "abc" for number in range(400)
    )
    for one in writers:
        assert one.stdout
        one.stdout.close()


@pytest.mark.slow
def test_a_killed_writer_leaves_what_it_wrote_and_keeps_nobody_waiting(log: Path) -> None:
    for round_ in range(5):
        with writer(f"k{round_}", 10**6) as killed:
            assert killed.stdout
            killed.stdout.readline()
            time.sleep(0.01 * round_)
            killed.send_signal(signal.SIGKILL)
    record("after")
    found = read_audit_log()
    assert found.readings[-1].name == "after"
    for round_ in range(5):
        theirs = [one.name for one in found.readings if one.name.startswith(f"k{round_}-")]
        assert theirs == [f"k{round_}-{number}" for number in range(len(theirs))]
        assert theirs


def test_a_line_that_was_cut_short_is_counted_and_spoils_no_other(log: Path) -> None:
    record("whole")
    (file,) = log.iterdir()
    whole = file.read_bytes()
    for cut in range(1, len(whole)):
        file.write_bytes(whole + whole[:cut])
        audit.forget_last_readings()
        record("next")
        found = read_audit_log()
        if cut == len(whole) - 1:
            # Only its end of line was missing: nothing is lost.
            assert [one.name for one in found.readings] == ["whole", "whole", "next"]
        else:
            assert ([one.name for one in found.readings], found.torn) == (["whole", "next"], 1)


# -- reading it -----------------------------------------------------------------------------------------


def line(days_ago: float, **facts: Any) -> str:
    moment = datetime.datetime.now(tz=datetime.UTC) - datetime.timedelta(days=days_ago)
    reading = Reading(
        at=moment.isoformat(timespec="milliseconds"),
        **{
            "user": "ada", "role": "academic", "release": "demo", "version": "v19", "kind": "table",
            "name": "participant", "consent": "2024-10-31", "host": "h", "process": 1,
        } | facts,
    )  # fmt: skip
    return json.dumps(vars(reading)) + "\n"


@pytest.fixture
def of_months(log: Path) -> Path:
    log.mkdir()
    now = datetime.datetime.now(tz=datetime.UTC)
    for days, facts in (
        (0.5, {"user": "grace", "name": "hes_apc"}),
        (40, {"user": "grace"}),
        (400, {"release": "v12"}),
    ):
        month = now - datetime.timedelta(days=days)
        user = facts.get("user", "ada")
        (log / f"{month:%Y-%m}_{user}_h.jsonl").write_text(line(days, **facts))
    return log


def test_the_log_is_asked_by_user_table_release_and_days(of_months: Path) -> None:
    everything = read_audit_log()
    assert [reading.user for reading in everything.readings] == ["ada", "grace", "grace"]
    assert names(user="grace") == ["participant", "hes_apc"]
    assert names(name="participant") == ["participant", "participant"]
    assert names(days=41) == ["participant", "hes_apc"]
    assert names(days=1) == ["hes_apc"]
    assert names(release="v12", days=1) == []
    assert len(read_audit_log(folder=of_months.parent / "empty")) == 0


def test_the_command_tells_it(of_months: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--user", "grace", "--days", "30"], {}) == 0
    said = capsys.readouterr().out
    assert "grace (academic)  demo v19, consent of 2024-10-31: table hes_apc" in said
    assert said.endswith("1 reading.\n")
    assert main(["audit", "--table", "hes_apc", "--json"], {}) == 0
    assert json.loads(capsys.readouterr().out)["user"] == "grace"
    for word in ("0", "-3", "many", "9" * 12):
        assert main(["audit", "--days", word], {}) == 2
    assert "no number of days" in capsys.readouterr().err
