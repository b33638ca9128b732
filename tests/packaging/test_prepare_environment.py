"""The environment is made, or finished where making it was interrupted."""

from __future__ import annotations

import os
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from tools import prepare_environment
from tools.prepare_environment import (
    PreparationError,
    check_disk,
    check_python,
    is_usable,
    make_environment,
    prepare,
    remove_unfinished_packages,
)

Usage = namedtuple("Usage", ["total", "used", "free"])


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = tmp_path / "lib" / "python3.11" / "site-packages"
    folder.mkdir(parents=True)
    return folder


def install(packages: Path, name: str, *, record: str | None) -> Path:
    metadata = packages / f"{name}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").touch()
    if record is not None:
        (metadata / "RECORD").write_text(record, encoding="utf-8")
    return metadata


def test_packages_that_were_cut_off_are_forgotten_and_others_kept(packages: Path) -> None:
    whole = install(packages, "whole-1.0", record="whole-1.0.dist-info/INSTALLER,,\n")
    unlisted = install(packages, "unlisted-1.0", record=None)
    without_commands = install(packages, "halved-1.0", record="halved/__init__.py,,\n")
    (packages / "~alved").mkdir()
    assert remove_unfinished_packages(packages.parents[2]) == 2
    assert whole.exists()
    assert not unlisted.exists()
    assert not without_commands.exists()
    assert not (packages / "~alved").exists()


def test_an_environment_without_an_interpreter_is_not_usable(tmp_path: Path) -> None:
    assert not is_usable(tmp_path)


def test_an_environment_without_pip_is_not_usable(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    interpreter = tmp_path / "bin" / "python"
    interpreter.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    interpreter.chmod(0o755)
    assert not is_usable(tmp_path)


@pytest.mark.slow
def test_the_remains_of_an_environment_are_replaced(tmp_path: Path) -> None:
    environment = tmp_path / ".venv"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(tmp_path / "removed")
    make_environment(environment)
    assert is_usable(environment)


def test_another_python_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    with pytest.raises(PreparationError, match=r"Python 3\.10, .*`make PYTHON="):
        check_python()


def test_a_full_disk_is_refused_before_anything_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(10**10, 10**10, 10**9))
    with pytest.raises(PreparationError, match=r"has 1\.0 GB free"):
        check_disk(tmp_path)
    with pytest.raises(PreparationError):
        prepare(tmp_path / ".venv", for_tests=True)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_installation_leaves_no_stamp(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(_environment: Path, _arguments: list[str]) -> None:
        raise PreparationError("no index")

    monkeypatch.setattr(prepare_environment, "is_usable", lambda _: True)
    monkeypatch.setattr(prepare_environment, "pip_install", fail)
    with pytest.raises(PreparationError):
        prepare(tmp_path, for_tests=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("for_tests", "stamps"), [(False, {"ready"}), (True, {"ready", "ready-for-tests"})]
)
def test_the_stamp_for_tests_serves_the_researcher_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, for_tests: bool, stamps: set[str]
) -> None:
    monkeypatch.setattr(prepare_environment, "is_usable", lambda _: True)
    monkeypatch.setattr(prepare_environment, "pip_install", lambda *_: None)
    prepare(tmp_path, for_tests=for_tests)
    assert {path.name for path in tmp_path.iterdir()} == stamps


def test_an_active_environment_lends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setattr(sys, "argv", ["prepare_environment.py"])
    monkeypatch.setattr(prepare_environment, "prepare", lambda *_, **__: None)
    assert prepare_environment.main() == 0
    assert "PYTHONPATH" not in os.environ
