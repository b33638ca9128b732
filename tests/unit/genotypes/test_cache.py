"""The cache of stores: listed, kept under its limit, shared, and never taken from under somebody."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gecip.cli import main
from gecip.errors import ConfigurationError
from gecip.genotypes import cache
from gecip.genotypes.cache import cached_stores, clear_cache, hold, make_room, open_to_domain

HOLD = """
import sys
from pathlib import Path
from gecip.genotypes.cache import hold
print(hold(Path(sys.argv[1])), flush=True)
sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GECIP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GECIP_SHARED_STORES", raising=False)
    monkeypatch.delenv("GECIP_CACHE_GB", raising=False)
    monkeypatch.setattr(cache, "_held", {})
    return tmp_path / "cache" / "genotypes"


def store(folder: Path, name: str, *, used: int, size: int = 1_000_000) -> Path:
    """Lay down what has the shape of a store."""
    made = folder / f"{name}-0123" / "abcd"
    made.mkdir(parents=True)
    contents = {"callset": f"release {name}", "chunks": {"chr1": []}, "variants": 7}
    (made / "contents.json").write_text(json.dumps(contents), encoding="utf-8")
    (made / "part").write_bytes(bytes(size))
    (made / "used").touch()
    os.utime(made / "used", (used, used))
    return made


def test_stores_are_listed_with_the_one_used_longest_ago_first(own_cache: Path) -> None:
    store(own_cache, "late", used=2_000)
    store(own_cache, "early", used=1_000)
    found = cached_stores()
    assert [entry.callset for entry in found] == ["release early", "release late"]
    assert [(entry.chunks, entry.variants, entry.in_use) for entry in found] == [(1, 7, False)] * 2
    assert all(1_000_000 < entry.bytes < 1_001_000 for entry in found)


def test_the_store_used_longest_ago_goes_first_and_only_as_many_as_needed(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stores = [store(own_cache, f"r{number}", used=number) for number in (3, 1, 2)]
    monkeypatch.setenv("GECIP_CACHE_GB", "0.002")
    assert make_room() == 1
    assert [path.exists() for path in stores] == [True, False, True]
    assert (
        "more than 0.002 GB (GECIP_CACHE_GB): 1 that were used longest" in capsys.readouterr().err
    )
    assert make_room() == 0


def test_using_a_store_makes_it_the_last_to_go(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (store(own_cache, f"r{number}", used=number) for number in (1, 2))
    assert hold(first)
    monkeypatch.setattr(cache, "_held", {})  # the lock goes with the handle, the time stays
    assert [entry.folder for entry in cached_stores()] == [second, first]


@pytest.mark.slow
def test_a_store_that_another_session_uses_is_never_removed(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, unused = (store(own_cache, f"r{number}", used=number) for number in (1, 2))
    monkeypatch.setenv("GECIP_CACHE_GB", "0.000001")
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(used)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "True\n"
    os.utime(used / "used", (1, 1))
    assert [entry.in_use for entry in cached_stores()] == [True, False]
    assert make_room() == 1
    assert (used.exists(), unused.exists()) == (True, False)
    assert clear_cache() == (0, 0)
    # The kernel gives the lock back whatever way the other ends.
    other.kill()
    other.communicate()
    assert make_room() == 1
    assert not used.exists()


def test_what_this_session_uses_is_never_removed(own_cache: Path) -> None:
    mine = store(own_cache, "mine", used=1)
    assert hold(mine)
    assert clear_cache()[0] == 0
    assert mine.exists()


def test_a_store_that_is_gone_cannot_be_held(own_cache: Path) -> None:
    assert not hold(own_cache / "r-1" / "gone")


def test_clearing_one_release_leaves_the_others(own_cache: Path) -> None:
    ours, other = store(own_cache, "ours", used=1), store(own_cache, "other", used=1)
    gone, size = clear_cache("ours")
    assert gone == 1
    assert size > 1_000_000
    assert (ours.exists(), other.exists()) == (False, True)


def test_what_a_kill_left_behind_is_cleared_once_it_is_old(own_cache: Path) -> None:
    store(own_cache, "r", used=1)
    fresh, old = (own_cache / "r-0123" / f".{name}.partial" for name in ("fresh", "old"))
    for folder in (fresh, old):
        folder.mkdir()
    os.utime(old, (1, 1))
    make_room()
    assert (fresh.exists(), old.exists()) == (True, False)


def test_a_shared_folder_holds_the_stores_and_the_group_may_use_them(
    own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GECIP_SHARED_STORES", str(tmp_path / "domain"))
    shared = store(tmp_path / "domain", "r", used=1)
    (shared / "part").chmod(0o600)
    open_to_domain(shared)
    assert [entry.folder for entry in cached_stores()] == [shared]
    assert stat.S_IMODE((shared / "part").stat().st_mode) == 0o664
    assert stat.S_IMODE(shared.stat().st_mode) == 0o2775


def test_the_command_lists_and_clears(own_cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = store(own_cache, "mine", used=1)
    store(own_cache, "other", used=2)
    assert main(["cache", "list"], {}) == 0
    listed = capsys.readouterr().out
    assert "1 chunks, 7 variants  release mine" in listed
    assert f"2 stores, 0.00 of 200 GB, in {own_cache}." in listed
    assert hold(mine)
    assert main(["cache", "clear"], {}) == 0
    said = capsys.readouterr().out
    assert "Removed 1 stores" in said
    assert "Kept 1 that a session is using." in said


def test_a_limit_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GECIP_CACHE_GB", "lots")
    with pytest.raises(ConfigurationError, match="GECIP_CACHE_GB must be a number of gigabytes"):
        make_room()
