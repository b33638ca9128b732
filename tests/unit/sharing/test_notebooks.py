from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
import pytest

from gecip.errors import NotebookError
from gecip.sharing.notebooks import run_notebook

# Every test starts a kernel.
pytestmark = pytest.mark.slow

WIDGET = "application/vnd.jupyter.widget-view+json"


def write_notebook(path: Path, *sources: str, parameters: bool = True) -> Path:
    """Write a notebook of code cells, the first tagged as the one that names the release."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    if parameters:
        cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[nbformat.NotebookNode, str, Path]:
    """One run of one notebook: its outputs, its page, its file."""
    folder = tmp_path_factory.mktemp("notebook")
    path = write_notebook(
        folder / "question.ipynb",
        'release_name = "demo"',
        "import os, sys\nprint(release_name, sys.executable, os.getcwd(), sep='\\n')",
        "from IPython.display import SVG, HTML\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')",
        f"from IPython.display import display\ndisplay({{'{WIDGET}': {{'model_id': 'x', 'version_major': 2, "
        "'version_minor': 0}, 'text/html': '<b>fallback</b>'}, raw=True)",
    )
    page = folder / "page.html"
    document = run_notebook(path, html=page, release="another")
    return document, page.read_text(encoding="utf-8"), path


def test_a_notebook_runs_on_the_release_that_is_asked_for_in_this_python_and_in_its_folder(
    ran: tuple[nbformat.NotebookNode, str, Path],
) -> None:
    document, _, path = ran
    printed = document.cells[2].outputs[0].text.splitlines()
    assert printed == ["another", sys.executable, str(path.parent)]


def test_the_notebooks_own_file_stays_without_outputs(
    ran: tuple[nbformat.NotebookNode, str, Path],
) -> None:
    written = nbformat.read(ran[2], as_version=4)
    assert len(written.cells) == 4
    assert not any(cell.outputs for cell in written.cells)


def test_the_page_asks_nothing_of_the_network(ran: tuple[nbformat.NotebookNode, str, Path]) -> None:
    page = ran[1]
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", page)
    assert not re.findall(r"""(?:@import|url\()\s*["']?(?:https?:)?//""", page)
    assert not re.findall(r"import\s*\(?\s*[\"']https?:", page)
    assert "cdn" not in page.lower()


def test_a_widget_is_shown_by_its_fallback(ran: tuple[nbformat.NotebookNode, str, Path]) -> None:
    assert "<b>fallback</b>" in ran[1]
    assert f'type="{WIDGET}"' not in ran[1]


def test_each_cell_is_said_with_its_first_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_notebook(write_notebook(tmp_path / "n.ipynb", "# why\nvalue = 1", "", "value"))
    said = capsys.readouterr().err
    assert "Cell 1 of 2: value = 1 …" in said
    assert "Cell 2 of 2: value: done in" in said


def test_a_cell_that_fails_is_named_and_leaves_no_page(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "1 + 1", "1 / 0", "print('never')")
    with pytest.raises(NotebookError, match="cell 2 of 3: ZeroDivisionError: division by zero"):
        run_notebook(path, html=tmp_path / "page.html")
    assert [file.name for file in tmp_path.iterdir()] == ["n.ipynb"]


def test_a_kernel_that_dies_is_told(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "import os\nos._exit(1)")
    with pytest.raises(NotebookError, match="cell 1 of 1: the kernel died"):
        run_notebook(path)


def test_a_notebook_that_names_no_release_cannot_be_run_on_another(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "1", parameters=False)
    with pytest.raises(NotebookError, match="no cell is tagged 'parameters'"):
        run_notebook(path, release="another")


def test_what_is_no_notebook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.ipynb").write_text("not JSON")
    (tmp_path / "other.ipynb").write_text('{"nbformat": 4, "cells": 3}')
    for path, reason in (
        (tmp_path / "absent.ipynb", "there is no such notebook"),
        (tmp_path, "this is a folder"),
        (tmp_path / "text.ipynb", "this is not a notebook"),
        (tmp_path / "other.ipynb", "this is not a notebook"),
    ):
        with pytest.raises(NotebookError, match=reason):
            run_notebook(path)
