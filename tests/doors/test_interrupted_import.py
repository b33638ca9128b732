"""An import that is killed, interrupted or out of disk leaves nothing that opens and is not whole."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from gecip.errors import InputError, ReleaseError
from gecip.release import open_release
from gecip.release.importing import import_release
from gecip.writing import aside
from tests.callsets import bgzip, vcf_text, write_people

# Every test imports again and again.
pytestmark = pytest.mark.slow

KILLS = 20
INTERRUPTS = 6
PEOPLE = 400
PIECES = 4
RECORDS_A_PIECE = 4000


@pytest.fixture(scope="module")
def request_to_import(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], Path]:
    """Four pieces of one callset and its people: half a second's work in several stages."""
    folder = tmp_path_factory.mktemp("given")
    stream = random.Random(2024)
    rows = [
        " ".join(stream.choices(("0/0", "0/1", "1/1", "./."), weights=(6, 3, 1, 1), k=PEOPLE))
        for _ in range(200)
    ]
    samples = [f"S{number}" for number in range(PEOPLE)]
    files = []
    for piece in range(1, PIECES + 1):
        records = [
            f"chr{piece} {at} A G {stream.choice(rows)}" for at in range(1, RECORDS_A_PIECE + 1)
        ]
        files.append(folder / f"chr{piece}.vcf.gz")
        files[-1].write_bytes(bgzip(vcf_text(records, samples=samples), block=60_000))
    table = "sample\tage\n" + "".join(f"{sample}\t40\n" for sample in samples)
    return files, write_people(folder / "people.tsv", table)


@pytest.fixture(scope="module")
def whole(
    request_to_import: tuple[list[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """What the release holds when nothing disturbs its making."""
    files, people = request_to_import
    out = tmp_path_factory.mktemp("undisturbed") / "mine"
    return content(import_release(out, vcfs=files, participants=people, assembly="GRCh38"))


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@contextlib.contextmanager
def importing(out: Path, given: tuple[list[Path], Path]) -> Iterator[subprocess.Popen[str]]:
    """Give a process that imports, running on its own."""
    files, people = given
    command = [sys.executable, "-m", "gecip.cli", "import", str(out), "--assembly", "GRCh38"]
    command += ["--participants", str(people), "--vcf", *map(str, files)]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def stage(out: Path) -> str:
    """Say how far an import had come when it was stopped."""
    half = aside(out)
    if out.exists():
        return "done"
    if not half.exists():
        return "not begun"
    if not (half / ".import.json").exists():
        return "checking"
    return "copying" if not (half / "tables").exists() else "writing tables"


@pytest.mark.slow
def test_killed_at_any_moment_the_next_run_goes_on_and_makes_the_same(
    request_to_import: tuple[list[Path], Path], whole: dict[str, bytes], tmp_path: Path
) -> None:
    files, people = request_to_import
    with importing(tmp_path / "timed" / "mine", request_to_import) as process:
        begin = time.monotonic()
        assert process.wait(60) == 0
        takes = time.monotonic() - begin
    stream = random.Random()
    stages = []
    for number in range(KILLS):
        out = tmp_path / str(number) / "mine"
        with importing(out, request_to_import) as process:
            # Spread over the whole run, so that every stage is hit, and at no moment chosen by us.
            time.sleep(takes * (number + stream.random()) / KILLS)
            process.send_signal(signal.SIGKILL)
            process.wait()
        stages.append(stage(out))
        if out.exists():
            assert content(out) == whole
            # The first run, on a busy machine or with nothing compiled yet, took longer than those after it.
            takes *= 0.8
            continue
        for left in (out, aside(out)):
            # Killed between its last file and its renaming, the folder aside is whole.
            if not left.exists() or content(left) != whole:
                with pytest.raises(ReleaseError):
                    open_release(left)
        import_release(out, vcfs=files, participants=people, assembly="GRCh38")
        assert content(out) == whole
        assert [entry.name for entry in out.parent.iterdir()] == ["mine"]
    assert len(set(stages)) > 2, f"the kills hit too few stages to prove anything: {stages}"


@pytest.mark.slow
def test_interrupted_it_says_so_in_one_sentence_and_leaves_nothing(
    request_to_import: tuple[list[Path], Path], whole: dict[str, bytes], tmp_path: Path
) -> None:
    stream = random.Random()
    interrupted = 0
    for number in range(INTERRUPTS):
        out = tmp_path / str(number) / "mine"
        with importing(out, request_to_import) as process:
            while process.poll() is None and not aside(out).exists():
                time.sleep(0.01)
            time.sleep(0.5 * stream.random())
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        if out.exists():
            assert content(out) == whole
            continue
        interrupted += 1
        assert process.returncode == 130
        assert said.endswith("gecip: interrupted; nothing half-made was left behind.\n")
        assert "Traceback" not in said
        assert list(tmp_path.iterdir()) == []
    assert interrupted > 0


def test_two_runs_for_one_folder_exclude_each_other(
    request_to_import: tuple[list[Path], Path], tmp_path: Path
) -> None:
    import fcntl

    files, people = request_to_import
    out = tmp_path / "mine"
    aside(out).mkdir()
    other = os.open(aside(out), os.O_RDONLY)
    try:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another run is writing it at this moment"):
            import_release(out, vcfs=files, participants=people, assembly="GRCh38")
    finally:
        os.close(other)
    assert aside(out).exists()


# -- a full disk --------------------------------------------------------------------------------------

DISK_MEGABYTES = 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 20 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if not mounted or mounted.returncode:
        pytest.skip("a file system of 20 MB can only be mounted by root")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def leave_free(disk: Path, size: int) -> None:
    """Fill a disk up to `size` bytes."""
    (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free - size))


def test_a_disk_that_will_be_too_small_is_refused_before_anything_is_copied(
    request_to_import: tuple[list[Path], Path], small_disk: Path
) -> None:
    files, people = request_to_import
    leave_free(small_disk, sum(file.stat().st_size for file in files) // 2)
    with pytest.raises(InputError, match=r"mine: the disk is full: [\d.]+ MB are needed") as full:
        import_release(
            small_disk / "new" / "mine", vcfs=files, participants=people, assembly="GRCh38"
        )
    assert "--link" in str(full.value)
    assert [entry.name for entry in small_disk.iterdir()] == ["filler"]


def test_wherever_a_disk_fills_up_on_the_way_nothing_is_left(
    request_to_import: tuple[list[Path], Path], small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = sum(file.stat().st_size for file in request_to_import[0])
    out = small_disk / "new" / "mine"
    refused = []
    for spare in (-size // 2, *range(0, 80_000, 8_000)):
        leave_free(small_disk, size + spare)
        with monkeypatch.context() as patch:
            # As when another program takes the space between the check and the copying.
            patch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 40))
            refusal = refusal_of(out, request_to_import)
        if refusal:
            refused.append(spare)
            assert f"{out}: the disk is full, and nothing was left behind" in refusal
            assert [entry.name for entry in small_disk.iterdir()] == ["filler"]
        else:
            assert len(open_release(out).consent.samples) == PEOPLE
            shutil.rmtree(out.parent)
        (small_disk / "filler").unlink()
    assert 3 < len(refused) <= 10, f"the disk filled up in too few places: {refused}"


def refusal_of(out: Path, given: tuple[list[Path], Path]) -> str:
    """Import, and return why that was refused, or nothing."""
    try:
        import_release(out, vcfs=given[0], participants=given[1], assembly="GRCh38")
    except InputError as error:
        return str(error)
    return ""
