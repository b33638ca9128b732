"""Every notebook runs from top to bottom on the demo release, and so does every exercise's solution."""

from __future__ import annotations

import re
import time
from pathlib import Path

import nbformat
import pytest

from gecip.learn import solution
from gecip.learn.course import EXERCISES
from gecip.sharing.notebooks import run_notebook
from tests.doors.withdrawn import names_of_withdrawn, words_of
from tests.notebooks.test_shape import ALL, NOTEBOOKS

pytestmark = [pytest.mark.jvm, pytest.mark.usefixtures("demo_catalogue")]

START_HERE_SECONDS = 120
COURSE = [path for path in ALL if path.parent.name == "course"]


@pytest.mark.parametrize("notebook", ALL, ids=lambda path: str(path.relative_to(NOTEBOOKS)))
def test_every_notebook_runs_on_the_demo_release(
    notebook: Path, tmp_path: Path, demo_release_folder: Path
) -> None:
    begin = time.monotonic()
    page = tmp_path / "page.html"
    run_notebook(notebook, html=page)
    if notebook.name == "start-here.ipynb":
        assert time.monotonic() - begin < START_HERE_SECONDS
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"""(?:src|href)=["']https?://[^"']*""", text), (
        "the page would ask outside"
    )
    assert words_of(text) & names_of_withdrawn(demo_release_folder) == set()


@pytest.mark.parametrize("notebook", COURSE, ids=lambda path: path.stem)
def test_the_solutions_of_the_course_are_right(notebook: Path, tmp_path: Path) -> None:
    document = nbformat.read(notebook, as_version=4)
    solved = []
    for cell in document.cells:
        for tag in cell.metadata.get("tags", ()):
            if tag.startswith("exercise-"):
                number = tag.removeprefix("exercise-")
                cell.source = (
                    f"{solution(number)}\nverdict = check({number!r}, answer, release=release_name)\n"
                    "assert verdict.right, verdict"
                )
                solved.append(number)
    copy = tmp_path / notebook.name
    nbformat.write(document, copy)
    assert solved == [number for number in EXERCISES if number.startswith(notebook.name[:2])]
    run_notebook(copy)
