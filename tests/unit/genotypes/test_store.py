"""The local genotype store: written once, whole or not there, and written again when it has to be."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gecip import define_cohort, open_release, select_cohort
from gecip.errors import GenotypesError
from gecip.genotypes import store
from gecip.genotypes.cache import cached_stores, hold
from gecip.genotypes.callset import germline_callset
from gecip.genotypes.loading import load_genotypes
from gecip.genotypes.store import _batches, _Shelf, load_release
from gecip.release.layout import SAMPLE_LISTS
from gecip.release.opening import Release
from tests.unit.genotypes.aggregates import FORMATS, INFO, SAMPLES, write_aggregate, write_vcf

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return open_release(write_aggregate(tmp_path / "five"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a store of its own, beside the session that all share."""
    monkeypatch.setenv("GECIP_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def stores(cache: Path) -> list[Path]:
    return sorted(path.parent for path in cache.glob("genotypes/*/*/contents.json"))


def count(release: Release) -> tuple[int, int]:
    return load_genotypes(select_cohort(define_cohort("Everyone"), release)).count()


def test_neighbouring_chunks_with_equal_headers_are_loaded_together(tmp_path: Path) -> None:
    place = "chr1 1000 . A G . PASS AC=3 GT 0/0 0/1 1/1 ./. 0/0"
    release = open_release(
        write_aggregate(
            tmp_path / "many",
            records={("chr1", 1 + 1000 * i, 1000 + 1000 * i): [place] for i in range(5)},
        )
    )
    assert [len(batch) for batch in _batches(release.chunks)] == [5]
    assert [len(batch) for batch in _batches(open_release(tmp_path / "many").chunks[:0])] == []


def test_chunks_are_loaded_apart_where_headers_differ_or_a_batch_is_full(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    # chr16 is annotated and chrX has fields of its own.
    assert [len(batch) for batch in _batches(release.chunks)] == [1, 1, 1]
    write_aggregate(release.folder, annotation={})
    chunks = open_release(release.folder).chunks
    assert [len(batch) for batch in _batches(chunks)] == [2, 1]
    monkeypatch.setattr(store, "BATCH_BYTES", 10)
    assert [len(batch) for batch in _batches(chunks)] == [1, 1, 1]


def test_the_rule_for_partial_genotypes_is_left_out_where_a_release_says_it_has_none(
    tmp_path: Path,
) -> None:
    for number, rule in [(None, "keep"), (7, "keep"), (0, "missing")]:
        folder = write_aggregate(tmp_path / f"has-{number}", partial_genotypes=number)
        assert _Shelf(germline_callset(open_release(folder)), "keep").partial_genotypes == rule


def test_stores_lie_apart_by_release_rule_and_software(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = open_release(write_aggregate(tmp_path / "elsewhere" / "five"))
    places = {
        _Shelf(germline_callset(release), "keep").place,
        _Shelf(germline_callset(release), "missing").place,
        _Shelf(germline_callset(other), "keep").place,
    }
    monkeypatch.setattr(store, "software_versions", lambda: {"hail": "0.2.140"})
    places.add(_Shelf(germline_callset(release), "keep").place)
    assert len(places) == 4


@pytest.mark.jvm
def test_what_is_loaded_is_not_loaded_again(
    hail: Any, release: Release, own_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load_release(release) == 3
    before = {path: path.stat().st_mtime_ns for path in stores(own_cache)}
    assert load_release(release) == 0
    assert {path: path.stat().st_mtime_ns for path in stores(own_cache)} == before
    assert capsys.readouterr().err.count("done in") == 3


@pytest.mark.jvm
def test_only_a_chunk_whose_file_has_changed_is_loaded_again(
    hail: Any, release: Release, own_cache: Path
) -> None:
    load_release(release)
    before = {path: path.stat().st_mtime_ns for path in stores(own_cache)}
    write_vcf(
        release.chunks[0].genotypes,
        ["chr1 1000 . A G . PASS AC=3 GT 1/1 1/1 1/1 1/1 1/1"],
        head=INFO + FORMATS,
        samples=SAMPLES,
    )
    release = open_release(release.folder)
    assert load_release(release) == 1
    same = {p for p in stores(own_cache) if before.get(p) == p.stat().st_mtime_ns}
    assert len(same) == 2
    assert count(release) == (6, 4)


@pytest.mark.jvm
def test_a_store_that_vanished_or_was_damaged_is_written_again(
    hail: Any, release: Release, own_cache: Path
) -> None:
    load_release(release)
    first, second, third = stores(own_cache)
    shutil.rmtree(first)
    next(second.glob("genotypes.mt/rows/rows/parts/part-*")).unlink()
    (third / "contents.json").write_text("{", encoding="utf-8")
    assert load_release(release) == 3
    assert count(release) == (7, 4)


@pytest.mark.jvm
def test_a_store_holds_nobody_who_had_withdrawn_when_it_was_written(
    hail: Any, release: Release, own_cache: Path
) -> None:
    load_release(release)
    for folder in stores(own_cache):
        mt = hail.read_matrix_table(str(folder / "genotypes.mt"))
        assert set(mt.s.collect()) == set(SAMPLES) - {"LP2-DNA_C01"}
    lists = list(own_cache.glob("genotypes/*/samples-*.txt"))
    assert len(lists) == 1
    assert "LP2-DNA_C01" not in lists[0].read_text(encoding="utf-8")


@pytest.mark.jvm
def test_a_newer_consent_list_costs_a_load_only_where_somebody_joins(
    hail: Any, release: Release
) -> None:
    lists = release.folder / SAMPLE_LISTS
    lists.mkdir(parents=True)
    oldest, newer, newest = (lists / f"2025-0{month}-01_samples.txt" for month in (1, 2, 3))
    oldest.write_text("\n".join(set(SAMPLES) - {"LP1-DNA_A01"}), encoding="utf-8")
    assert load_release(open_release(release.folder)) == 3
    newer.write_text("\n".join(set(SAMPLES) - {"LP1-DNA_A01", "LP1-DNA_B01"}), encoding="utf-8")
    assert load_release(open_release(release.folder)) == 0
    newest.write_text("\n".join(SAMPLES), encoding="utf-8")
    assert load_release(open_release(release.folder)) == 3
    assert count(open_release(release.folder)) == (7, 4)


@pytest.mark.jvm
def test_a_file_that_is_cut_off_leaves_nothing_and_is_named(
    hail: Any, release: Release, own_cache: Path
) -> None:
    file = release.chunks[0].genotypes
    file.write_bytes(file.read_bytes()[:-60])
    with pytest.raises(GenotypesError, match=f"{file.name}.*restore") as told:
        load_release(release)
    assert not any(sample in str(told.value) for sample in SAMPLES)
    assert stores(own_cache) == []
    assert [path for path in own_cache.rglob("genotypes.mt") if path.exists()] == []


@pytest.mark.slow  # Hail is imported for it
def test_a_file_that_is_missing_is_named(release: Release) -> None:
    release.chunks[1].genotypes.unlink()
    with pytest.raises(GenotypesError, match=r"chr16_2000001_3000000\.vcf\.gz: this file of the"):
        load_release(release)


LOAD = """
import sys
from gecip import open_release
from gecip.genotypes import load_release
from gecip.genotypes.session import hail_session
hail_session()
print("ready", flush=True)
sys.stdin.readline()
print(load_release(open_release(sys.argv[1])), flush=True)
"""


def loader(folder: Path) -> subprocess.Popen[str]:
    """Start another process that loads a release once it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env={**os.environ, "GECIP_MEMORY_GB": "1"},
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.mark.jvm
@pytest.mark.slow
def test_two_sessions_that_want_the_same_load_it_once(release: Release, own_cache: Path) -> None:
    both = [loader(release.folder) for _ in range(2)]
    for process in both:
        tell(process)
    said = [process.communicate(timeout=180) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert len(stores(own_cache)) == 3
    assert sum(err.count("done in") for _, err in said) == 3


@pytest.mark.jvm
@pytest.mark.slow
def test_a_load_that_is_killed_is_continued_by_the_next(
    hail: Any, release: Release, own_cache: Path
) -> None:
    process = loader(release.folder)
    tell(process)
    deadline = time.monotonic() + 120
    while not list(own_cache.glob("genotypes/*/.*.partial/genotypes.mt")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    whole = len(stores(own_cache))
    assert whole < 3
    assert load_release(release) == 3 - whole
    assert count(release) == (7, 4)
    contents = [json.loads((p / "contents.json").read_text()) for p in stores(own_cache)]
    assert {name for one in contents for name in one["chunks"]} == {c.name for c in release.chunks}


@pytest.mark.jvm
def test_what_is_asked_for_is_loaded_and_kept_even_where_the_limit_is_lower(
    hail: Any, release: Release, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GECIP_CACHE_GB", "0.000001")
    assert count(release) == (7, 4)
    assert len(stores(own_cache)) == 3


@pytest.mark.jvm
def test_a_store_that_vanishes_between_the_look_and_the_hold_is_loaded_again(
    hail: Any, release: Release, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_release(release)
    gone: list[Path] = []

    def hold_after_a_colleague_cleared(folder: Path) -> bool:
        if not gone:
            shutil.rmtree(folder)
            gone.append(folder)
        return hold(folder)

    monkeypatch.setattr(store, "hold", hold_after_a_colleague_cleared)
    assert count(release) == (7, 4)
    assert gone[0].exists()


def test_an_older_gecips_store_is_not_opened(release: Release, own_cache: Path) -> None:
    place = _Shelf(germline_callset(release), "keep").place
    older = place.with_name(f"{release.name}-0000000000000000") / "abcd"
    older.mkdir(parents=True)
    (older / "contents.json").write_text('{"chunks": {}, "size": [1, 1]}', encoding="utf-8")
    assert stores(own_cache) == [older]
    wanted = {chunk.name: chunk for chunk in release.chunks}
    assert _Shelf(germline_callset(release), "keep").missing(wanted) == wanted
    assert [entry.callset for entry in cached_stores()] == ["of an older gecip"]
