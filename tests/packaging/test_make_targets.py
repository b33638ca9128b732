"""The make targets and the CI script say what they do and ask for nothing that they should not."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")

TARGETS = ("help", "lab", "demo", "test", "check", "attack", "bundle", "bench", "clean")


def make(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("make") or "make", *arguments],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_names_every_target() -> None:
    named = make("help", environment={"PATH": "/usr/bin:/bin"}).stdout
    assert re.findall(r"^  ([a-z]+) ", named, flags=re.MULTILINE) == list(TARGETS)


def test_jupyterlab_is_never_told_to_run_as_root() -> None:
    assert "--allow-root" not in MAKEFILE


def test_lab_passes_its_arguments_on() -> None:
    environment = {"PATH": "/usr/bin:/bin"}
    steps = make("--dry-run", "lab", "LAB_ARGS=--no-browser --port=8899", environment=environment)
    *_, last = steps.stdout.splitlines()
    assert last.startswith(".venv/bin/jupyter lab ")
    assert last.endswith(" --no-browser --port=8899 notebooks/start-here.ipynb")


def test_without_a_python_that_serves_make_says_which_to_install(tmp_path: Path) -> None:
    without = {"PATH": str(tmp_path)}
    (tmp_path / "sh").symlink_to("/bin/sh")
    refused = make("--assume-new=pyproject.toml", "check", environment=without)
    assert refused.returncode == 2
    assert "no Python 3.11 or 3.12 was found" in refused.stderr


def test_continuous_integration_installs_the_programs_and_makes_test() -> None:
    first, *commands = (PROJECT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert first.startswith("#!")
    assert len(commands) == 2
    assert "tools/install-test-packages.sh" in commands[0]
    assert commands[1].endswith("make test")


def test_the_hidden_java_does_not_run() -> None:
    stub = PROJECT / "tools" / "hidden-java" / "java"
    hidden = subprocess.run([stub, "-version"], capture_output=True, text=True, check=False)
    assert hidden.returncode == 127
    assert "hidden" in hidden.stderr


def test_the_programs_for_the_tests_are_not_installed_by_anyone_but_root(tmp_path: Path) -> None:
    for name, answer in {"apt-get": "exit 9", "id": "echo 1000"}.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{answer}\n", encoding="utf-8")
        program.chmod(0o755)
    refused = subprocess.run(
        ["/bin/sh", PROJECT / "tools" / "install-test-packages.sh"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert "sudo apt-get install chromium plink2 bcftools" in refused.stderr


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_says_what_it_is_for(target: str) -> None:
    assert re.search(rf"^{target}:.*## \w", MAKEFILE, flags=re.MULTILINE)
