"""Files are opened and written at the doors only, by whatever name a call goes; the doors are listed in one place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import nbformat
import pytest

from tests.doors.banned import (
    BANS,
    PROJECT,
    doors,
    found_in,
    found_in_notebook,
)

SOURCES = sorted(
    path.relative_to(PROJECT)
    for root in ("gecip", "domains")
    for path in (PROJECT / root).rglob("*.py")
)
NOTEBOOKS = sorted((PROJECT / "notebooks").rglob("*.ipynb"))
ANALYSIS = "gecip/analysis/genetic/planted.py"


def test_no_module_but_the_doors_opens_or_writes_files() -> None:
    found = {
        str(path): [str(one) for one in calls]
        for path in SOURCES
        if (calls := found_in((PROJECT / path).read_text(encoding="utf-8"), path.as_posix()))
    }
    assert found == {}, "take it to a door, or list the file with its reason in pyproject.toml"


def test_no_notebook_opens_or_writes_files_or_asks_a_shell() -> None:
    assert len(NOTEBOOKS) > 10
    found = {path.name: calls for path in NOTEBOOKS if (calls := found_in_notebook(path))}
    assert found == {}


def test_every_door_is_a_file_that_there_is() -> None:
    assert {kind for ban in BANS for kind in ban.doors} == set(doors())
    gone = [
        pattern
        for kind, patterns in doors().items()
        for pattern in patterns
        if not any(path.match(pattern) for path in SOURCES)
    ]
    assert gone == []


def test_ruff_makes_its_exceptions_for_the_same_doors() -> None:
    configuration = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    ignores = configuration["tool"]["ruff"]["lint"]["per-file-ignores"]
    excepted = {place.removesuffix("*") for place, rules in ignores.items() if "TID251" in rules}
    assert excepted == {
        *(place for kind in ("rows", "genomes") for place in doors()[kind]),
        "benchmarks/*",
        "tests/*",
    }


@pytest.mark.parametrize(
    "call",
    [
        "import pandas as pd\npd.read_csv('x')",
        "import pandas\nreader = pandas\nreader.read_parquet('x')",
        "from pandas import read_csv as quick",
        "import pandas as pd\ngetattr(pd, 'read_pickle')('x')",
        "from operator import attrgetter\nattrgetter('read_csv')",
        "import hail as hl\nhl.import_vcf('x')",
        "import hail as hl\nhl.methods.impex.import_bed('x')",
        "import hail as hl\nhl.linalg.BlockMatrix.read('x').export('y')",
        "from pysam import VariantFile",
        "frame.to_csv('x')",
        "frame.head().to_excel(book)",
        "genotypes.mt.write('x')",
        "mt.GT.export('x')",
        "mt.checkpoint('x')",
        "figure.savefig('x')",
        "open('x')",
        "from pathlib import Path\nPath('x').write_text(rows)",
        "import numpy as np\nnp.savez('x', a)",
        "import pickle\npickle.dump(model, file)",
        "connection.execute(\"SELECT * FROM read_parquet('/genomes/x')\")",
        "connection.execute(f\"COPY (SELECT 1) TO '{path}'\")",
        "import os\nos.system('cp x y')",
        "exec(words)",
    ],
)
def test_a_call_outside_the_doors_is_found(call: str) -> None:
    assert found_in(call, ANALYSIS)
    assert found_in(call, "domains/rare_disease/planted.py")


@pytest.mark.parametrize(
    "call",
    [
        "release.read('participant')",
        "rows.to_dict()",
        "frame.to_numpy()",
        "import importlib\nimportlib.import_module('x')",
        "expression.eval()",
        "'opens a file'",
        "counts.write_into(summary)",
    ],
)
def test_what_opens_no_file_is_left_alone(call: str) -> None:
    assert found_in(call, ANALYSIS) == []


def test_a_door_opens_for_what_it_is_for_and_no_more() -> None:
    assert found_in("pd.read_parquet('x')", "gecip/release/planted.py") == []
    assert found_in("hl.import_vcf('x')", "gecip/release/planted.py") != []
    assert found_in("hl.import_vcf('x')", "gecip/genotypes/planted.py") == []
    assert found_in("frame.to_csv('x')", "gecip/audit.py") != []


@pytest.mark.parametrize("line", ["!cat /genomes/x", "%%bash", "  %load secrets.py", "open('x')"])
def test_a_notebook_that_reads_by_itself_is_found(line: str, tmp_path: Path) -> None:
    cells = [nbformat.v4.new_code_cell(f"a = 1\n{line}" if "%%" not in line else line)]
    path = tmp_path / "planted.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    assert found_in_notebook(path)
