"""A notebook handed to a scheduler: what its script asks for, and what is made of the scheduler's answer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from gecip.cli import main
from gecip.errors import NotebookError
from gecip.sharing.submission import JobNeeds, submit_notebook

NEEDS = JobNeeds("re_gecip_renal", "short", cores=2, memory_gigabytes=8, hours=3)
# Takes a script as LSF's does, from its standard input, and keeps it and its own arguments.
STAND_IN = """#!/bin/bash
cat > "$KEPT/script"
echo "$@" > "$KEPT/arguments"
{answer}
"""


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    document = nbformat.v4.new_notebook()
    cell = nbformat.v4.new_code_cell("import os\nprint('cores', os.environ['GECIP_SPARK_MASTER'])")
    told = nbformat.v4.new_code_cell('release_name = "other"', metadata={"tags": ["parameters"]})
    document.cells = [told, cell]
    path = tmp_path / "which genes?.ipynb"
    nbformat.write(document, path)
    return path


@pytest.fixture
def bsub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return stand_in(tmp_path, monkeypatch, "echo 'Job <4711> is submitted to queue <short>.'")


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "bsub"
    program.write_text(STAND_IN.format(answer=answer), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("KEPT", str(tmp_path))
    return tmp_path


def test_the_script_asks_for_what_was_asked_and_the_number_comes_back(
    notebook: Path, bsub: Path
) -> None:
    done = submit_notebook(notebook, needs=NEEDS, release="demo")
    assert done.job == "4711"
    script = (bsub / "script").read_text(encoding="utf-8")
    assert script == done.script.read_text(encoding="utf-8")
    asked = [line for line in script.splitlines() if line.startswith("#BSUB")]
    for wanted in (
        "#BSUB -J gecip-which-genes-",
        "#BSUB -q short",
        "#BSUB -P re_gecip_renal",
        "#BSUB -n 2",
        '#BSUB -R "span[hosts=1] rusage[mem=8GB]"',
        "#BSUB -M 8GB",
        "#BSUB -W 3:00",
    ):
        assert wanted in asked
    assert "export GECIP_SPARK_MASTER='local[2]'" in script
    assert "export GECIP_MEMORY_GB=4" in script
    assert script.splitlines()[-1].endswith("-p release_name=demo")
    assert (bsub / "arguments").read_text().strip() == ""
    assert subprocess.run(["bash", "-n", str(done.script)], check=False).returncode == 0


@pytest.mark.slow
def test_the_script_runs_the_notebook_as_the_scheduler_would(notebook: Path, bsub: Path) -> None:
    page = bsub / "pages" / "out.html"
    done = submit_notebook(notebook, needs=NEEDS, html=page)
    subprocess.run(["bash", str(done.script)], check=True, capture_output=True, timeout=240)
    assert "cores local[2]" in page.read_text(encoding="utf-8")


def test_settings_of_the_user_go_with_the_job(
    notebook: Path, bsub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GECIP_RELEASES", "/a folder/of releases")
    monkeypatch.setenv("GECIP_SPARK_MASTER", "spark://head:7077")
    script = submit_notebook(notebook, needs=NEEDS).script.read_text(encoding="utf-8")
    assert "export GECIP_RELEASES='/a folder/of releases'" in script
    assert "export GECIP_SPARK_MASTER=spark://head:7077" in script


def test_without_a_queue_the_scheduler_chooses(notebook: Path, bsub: Path) -> None:
    script = submit_notebook(notebook, needs=JobNeeds("code")).script.read_text(encoding="utf-8")
    assert "#BSUB -q" not in script


@pytest.mark.parametrize(
    "answer", ["echo 'No such queue' >&2; exit 255", "echo 'Request aborted by esub.'"]
)
def test_a_refusal_is_told_in_the_schedulers_words(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    stand_in(tmp_path, monkeypatch, answer)
    with pytest.raises(NotebookError, match=r"refused the job and said: (No such queue|Request)"):
        submit_notebook(notebook, needs=NEEDS)


def test_without_bsub_the_script_is_there_to_be_handed_in(
    notebook: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(NotebookError, match=r"no bsub on this machine.*bsub < .*job\.lsf"):
        submit_notebook(notebook, needs=NEEDS)


@pytest.mark.parametrize(
    ("needs", "complaint"),
    [
        (JobNeeds("two words"), "no project code"),
        (JobNeeds("code", "a;b"), "no queue"),
        (JobNeeds("code", cores=0), "needs cores, and 0"),
        (JobNeeds("code", memory_gigabytes=0), "gigabytes of memory"),
        (JobNeeds("code", hours=-1), "needs hours"),
    ],
)
def test_what_makes_no_sense_is_refused(notebook: Path, needs: JobNeeds, complaint: str) -> None:
    with pytest.raises(NotebookError, match=complaint):
        submit_notebook(notebook, needs=needs)


def test_a_notebook_that_is_not_there_and_an_unknown_scheduler_are_refused(
    notebook: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotebookError, match="no such notebook"):
        submit_notebook(tmp_path / "none.ipynb", needs=NEEDS)
    with pytest.raises(NotebookError, match="no scheduler 'slurm'"):
        submit_notebook(notebook, needs=NEEDS, scheduler="slurm")


def test_the_command_line_hands_in_and_asks_for_a_project(
    notebook: Path, bsub: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GECIP_PROJECT", raising=False)
    assert main(["run", str(notebook), "--submit", "lsf"], os.environ) == 2
    assert "--project" in capsys.readouterr().err
    asked = [
        "run",
        str(notebook),
        "--submit",
        "lsf",
        "--project",
        "p1",
        "--queue",
        "long",
        "--cores",
        "3",
    ]
    assert main(asked, os.environ) == 0
    assert capsys.readouterr().out.startswith("Job 4711 was handed in")
    assert "#BSUB -n 3" in (bsub / "script").read_text(encoding="utf-8")
    assert sys.executable in (bsub / "script").read_text(encoding="utf-8")
