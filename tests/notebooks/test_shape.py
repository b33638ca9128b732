from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from gecip.sharing.curation import faults_of_notebook

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
ALL = sorted(path for path in NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)


@pytest.mark.parametrize("notebook", ALL, ids=lambda path: str(path.relative_to(NOTEBOOKS)))
def test_every_notebook_is_a_curated_one(notebook: Path) -> None:
    assert faults_of_notebook(notebook) == []


def test_there_is_a_notebook_to_start_with() -> None:
    assert NOTEBOOKS / "start-here.ipynb" in ALL


def test_what_is_no_curated_notebook_is_told_so(tmp_path: Path) -> None:
    code = nbformat.v4.new_code_cell("def f():\n    return open('/data/x')")
    code.outputs = [nbformat.v4.new_output("stream", text="leaked")]
    path = tmp_path / "bad.ipynb"
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title"), code]), path
    )
    said = " ".join(faults_of_notebook(path))
    for fault in (
        "a question",
        "card",
        "outputs",
        "belongs in a package",
        "a path",
        "finding",
        "parameters",
    ):
        assert fault in said
