"""Hand a notebook to a scheduler: a batch script that says what it needs, and the scheduler's number for the job.

The Research Environment's cluster has LSF: jobs name a queue and a project code, and ask for cores and
memory (RD:hpc). What a job writes lies beside its script.
"""

from __future__ import annotations

import datetime
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gecip.configuration import cache_folder
from gecip.errors import NotebookError
from gecip.sharing.notebooks import parameterised
from gecip.sharing.parameters import RELEASE_PARAMETER
from gecip.writing import new_file

LSF = "lsf"
SCHEDULERS = (LSF,)
# Settings of the user's that the job is to have too: the scheduler may give it others, or none.
CARRIED = (
    "GECIP_AUDIT",
    "GECIP_CACHE",
    "GECIP_DOMAINS",
    "GECIP_EXPORTS",
    "GECIP_LEDGER",
    "GECIP_GALLERY",
    "GECIP_LABKEY",
    "GECIP_PROJECTS",
    "GECIP_RECORDS",
    "GECIP_RELEASES",
    "GECIP_ROLE",
    "GECIP_SPARK_MASTER",
)
# Of a job's memory Hail's heap gets half: what it keeps outside the heap comes on top, and Python's own.
SHARE_FOR_THE_HEAP = 0.5
SECONDS_FOR_AN_ANSWER = 120
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class JobNeeds:
    """What a job asks of the scheduler; without a queue the scheduler's own choice is taken."""

    project: str
    queue: str | None = None
    cores: int = 4
    memory_gigabytes: int = 32
    hours: int = 24


@dataclass(frozen=True)
class Submission:
    """A job that was handed in: its number, its script, and the page that it will write."""

    job: str
    script: Path
    html: Path


def submit_notebook(
    notebook: str | Path,
    *,
    needs: JobNeeds,
    html: str | Path | None = None,
    release: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    save: str | Path | None = None,
    scheduler: str = LSF,
) -> Submission:
    """Write a batch script that runs a notebook, hand it to the scheduler and return its number.

    The job runs this very Python on one machine, with the settings that are set now.

    Parameters
    ----------
    notebook
        The notebook's file, where the job's machine sees it.
    needs
        Project code, queue, cores, memory and hours.
    html
        The page to write; beside the script if not given.
    release
        The release to run on, as for `run_notebook`.
    parameters
        Values for other parameters, as for `run_notebook`; they are held against the notebook's own before
        anything is handed in.
    save
        Where to write the executed notebook too, to be published.
    scheduler
        `"lsf"`.

    Raises
    ------
    NotebookError
        When there is no such notebook or scheduler, what is asked for makes no sense, or the scheduler
        refuses the job; the script stays, to be handed in by hand.
    """
    path = Path(notebook).expanduser().absolute()
    if not path.is_file():
        raise NotebookError(f"{path}: there is no such notebook: check the path.")
    if scheduler not in SCHEDULERS:
        raise NotebookError(
            f"There is no scheduler {scheduler!r} that notebooks can be handed to: use 'lsf'."
        )
    _require_sense(needs)
    folder = _new_folder(path.stem)
    page = Path(html).expanduser().absolute() if html else folder / f"{path.stem}.html"
    # The job gets the words as they are told here, so that it reads them as this check did.
    told = {} if release is None else {RELEASE_PARAMETER: release}
    told |= {name: str(value) for name, value in (parameters or {}).items()}
    parameterised(path, release=None, parameters=told)
    words = [str(path), "--html", str(page)]
    words += ["--save", str(Path(save).expanduser().absolute())] if save else []
    words += [word for name, value in told.items() for word in ("-p", f"{name}={value}")]
    script = folder / "job.lsf"
    with new_file(script) as partial:
        partial.write_text(lsf_script(words, needs=needs, folder=folder), encoding="utf-8")
    return Submission(_hand_in(script), script, page)


def lsf_script(words: Sequence[str], *, needs: JobNeeds, folder: Path) -> str:
    """Return the batch script that runs `gecip run` with these words, the notebook first, for LSF.

    Memory is asked for the whole job on one machine, with its unit, since sites differ in the unit
    that a bare number has.
    """
    hours = f"{needs.hours}:00"
    memory = f"{needs.memory_gigabytes}GB"
    asked = [
        f"-J gecip-{re.sub('[^A-Za-z0-9_.-]', '-', Path(words[0]).stem)}",
        *([f"-q {needs.queue}"] if needs.queue else []),
        f"-P {needs.project}",
        f"-n {needs.cores}",
        f'-R "span[hosts=1] rusage[mem={memory}]"',
        f"-M {memory}",
        f"-W {hours}",
        f"-o {shlex.quote(str(folder / 'job.out'))}",
        f"-e {shlex.quote(str(folder / 'job.err'))}",
    ]
    settings = {name: os.environ[name] for name in CARRIED if os.environ.get(name)}
    # One machine is shared by several jobs: Hail takes the cores and the memory of this one.
    settings.setdefault("GECIP_SPARK_MASTER", f"local[{needs.cores}]")
    settings["GECIP_MEMORY_GB"] = f"{needs.memory_gigabytes * SHARE_FOR_THE_HEAP:g}"
    command = [sys.executable, "-m", "gecip.cli", "run", *words]
    return "\n".join(
        [
            "#!/bin/bash",
            *(f"#BSUB {one}" for one in asked),
            "set -euo pipefail",
            *(f"export {name}={shlex.quote(value)}" for name, value in sorted(settings.items())),
            f"exec {shlex.join(command)}",
            "",
        ]
    )


def _require_sense(needs: JobNeeds) -> None:
    for what, word in (("project code", needs.project), ("queue", needs.queue)):
        if word is not None and not _WORD.fullmatch(word):
            raise NotebookError(
                f"{word!r} is no {what}: it has letters, digits, and . _ - only; give it as the scheduler knows it."
            )
    for what, number in (
        ("cores", needs.cores),
        ("gigabytes of memory", needs.memory_gigabytes),
        ("hours", needs.hours),
    ):
        if number < 1:
            raise NotebookError(
                f"A job needs {what}, and {number} were asked for: ask for 1 or more."
            )


def _new_folder(name: str) -> Path:
    now = datetime.datetime.now(tz=datetime.UTC).astimezone()
    folder = cache_folder() / "jobs" / f"{name}-{now:%Y%m%d-%H%M%S-%f}"
    folder.mkdir(parents=True)
    return folder


def _hand_in(script: Path) -> str:
    """Give the script to bsub, which reads it from its standard input, and return the job's number."""
    bsub = shutil.which("bsub")
    if bsub is None:
        raise NotebookError(
            "There is no bsub on this machine, so that nothing was handed in: run this on a machine of the cluster, or hand "
            f"in the script by hand with `bsub < {script}`."
        )
    try:
        with script.open("rb") as text:
            done = subprocess.run(
                [bsub], stdin=text, capture_output=True, text=True,
                timeout=SECONDS_FOR_AN_ANSWER, check=False,
            )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        raise NotebookError(
            f"bsub did not answer within {SECONDS_FOR_AN_ANSWER} s: look with `bjobs` whether the job was taken; its script "
            f"is {script}."
        ) from None
    number = re.search(r"Job <(\d+)>", done.stdout)
    if done.returncode or number is None:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[0]
        raise NotebookError(f"bsub refused the job and said: {said}; its script is {script}.")
    return number[1]
