"""Later rooms know earlier ones, never the reverse."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

PLANTED = {
    "a lower room imports a higher one": ("gecip/model/__init__.py", "import gecip.airlock"),
    "a lower room imports a higher one inside a function": (
        "gecip/release/__init__.py",
        "def later():\n    import gecip.reporting",
    ),
    "a neighbour imports its neighbour": ("gecip/learn/__init__.py", "import gecip.widgets"),
    "the model imports pandas": ("gecip/model/__init__.py", "import pandas"),
    "a clinical room imports Hail": ("gecip/cohort/__init__.py", "import hail"),
    "the package imports a domain": ("gecip/sharing/__init__.py", "import domains.planted"),
    "a domain imports a domain": ("domains/other/__init__.py", "import domains.planted"),
    "a room that no contract names": ("gecip/drawer.py", "odds = 'and ends'"),
}


def check_contracts(tree: Path) -> subprocess.CompletedProcess[str]:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the packages, with two domains more."""
    ignored = shutil.ignore_patterns("__pycache__")
    for package in ("gecip", "domains"):
        shutil.copytree(PROJECT / package, tmp_path / package, ignore=ignored)
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    for domain in ("planted", "other"):
        (tmp_path / "domains" / domain).mkdir()
        (tmp_path / "domains" / domain / "__init__.py").touch()
    return tmp_path


def test_the_packages_keep_every_contract(tree: Path) -> None:
    checked = check_contracts(tree)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 broken" in checked.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("place", "planted"), PLANTED.values(), ids=PLANTED)
def test_a_planted_import_breaks_a_contract(tree: Path, place: str, planted: str) -> None:
    with (tree / place).open("a", encoding="utf-8") as module:
        module.write(f"\n\n{planted}\n")
    checked = check_contracts(tree)
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert "1 broken" in checked.stdout
