"""Two people export at once, and both are killed again and again: nothing is lost, nothing doubled, nothing torn."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from gecip.airlock.decisions import list_requests
from gecip.airlock.ledger import Ledger
from tests.doors.exporter import N_REQUESTS

PROJECT = Path(__file__).resolve().parents[2]
KILLS = 50


@pytest.mark.slow
def test_two_exporters_killed_at_random_moments_lose_and_double_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-m", "tests.doors.exporter", str(tmp_path), str(KILLS), "8"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT)
    assert (done.returncode, done.stdout) == (0, "[0, 0]\n"), done.stderr

    monkeypatch.setenv("GECIP_LEDGER", str(tmp_path / "ledger"))
    ledger = Ledger(tmp_path / "ledger")
    entries = list(ledger.entries())
    assert ledger.verify() == len(entries)
    names = [entry.facts["bundle"] for entry in entries]
    assert len(names) == len(set(names))

    # What each exporter was told is what the ledger and the folders say.
    told = {
        (exporter, number): json.loads((tmp_path / f"{exporter}-{number}.json").read_text())
        for exporter in (1, 2)
        for number in range(N_REQUESTS)
    }
    granted = {name for name, verdict in told.values() if verdict != "fail"}
    assert granted == set(names)
    assert {one.name for one in list_requests() if one.is_whole} == granted
    assert len(granted) < len(told)
    folders = {path.name for path in (tmp_path / "exports").iterdir() if path.name[0] != "."}
    assert folders == granted

    # Of any two that were granted, no numbers are of nearly the same people.
    for one, other in itertools.combinations(entries, 2):
        for ids, others in itertools.product(one.sets, other.sets):
            apart = len(set(ids.tolist()) ^ set(others.tolist()))
            assert not 1 <= apart <= 4 or _holds(one, others) or _holds(other, ids)


def _holds(entry: object, ids: object) -> bool:
    return any(one.tolist() == ids.tolist() for one in entry.sets)  # type: ignore[attr-defined]
