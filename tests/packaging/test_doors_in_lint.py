"""Ruff bans every call that opens a file of participants or genomes, outside the two doors."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

# Prints what the installed libraries offer to open or export files with.
OFFERED = """
import duckdb, hail, pandas, pyarrow.parquet
for module, verbs in (
    (hail, ("import_", "read_", "export_")),
    (hail.vds, ("import_", "read_", "export_")),
    (pandas, ("read_",)),
    (duckdb, ("read_", "from_csv", "from_parquet")),
):
    for name in dir(module):
        if name.startswith(verbs):
            print(f"{module.__name__}.{name}")
"""


def banned() -> set[str]:
    configuration = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    return set(configuration["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"])


def findings(source: str, *, place: str) -> str:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251"]
    command += ["--output-format", "concise", "--stdin-filename", place, "-"]
    checked = subprocess.run(
        command, input=source, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return checked.stdout


@pytest.mark.slow
def test_every_reader_of_the_installed_libraries_is_banned() -> None:
    printed = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", OFFERED], capture_output=True, text=True, check=True
    )
    offered = set(printed.stdout.split())
    assert "hail.import_vcf" in offered
    assert offered - banned() == set()


@pytest.mark.parametrize(
    "call",
    [
        "import hail as hl\nhl.import_vcf('x')",
        "import hail\nhail.read_matrix_table('x')",
        "from hail import read_table",
        "import hail as hl\nhl.vds.read_vds('x')",
        "def later():\n    import pandas as pd\n    return pd.read_parquet('x')",
        "import pyarrow.parquet as pq\npq.read_table('x')",
    ],
)
def test_a_reader_outside_the_doors_is_found(call: str) -> None:
    for place in ("gecip/analysis/genetic/planted.py", "domains/rare_disease/planted.py"):
        assert "TID251" in findings(call, place=place)


def test_the_doors_themselves_may_read() -> None:
    reads_genomes = "import hail as hl\nhl.import_vcf('x')"
    reads_rows = "import pandas as pd\npd.read_parquet('x')"
    assert "TID251" not in findings(reads_genomes, place="gecip/genotypes/planted.py")
    assert "TID251" not in findings(reads_rows, place="gecip/release/planted.py")
