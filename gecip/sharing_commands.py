"""The commands by which a notebook is run and shared; each is one public function of `gecip.sharing`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

AddCommand = Callable[
    [str, Callable[[argparse.Namespace], int], str],
    argparse.ArgumentParser,
]


def add_sharing_commands(command: AddCommand) -> None:
    """Add the commands to the command line, each with its words."""
    run = command("run", _run, "Run a notebook from top to bottom, without a browser.")
    _add_notebook(run)
    run.add_argument("--html", metavar="OUT", type=Path, help="write the result as one HTML file")
    run.add_argument(
        "--save",
        metavar="OUT",
        type=Path,
        help="write the executed notebook, to be published; it stays in the environment",
    )
    _add_submission(run)


# -- the commands -------------------------------------------------------------------------------------


def _run(options: argparse.Namespace) -> int:
    if options.submit:
        return _submit(options)
    from gecip.sharing.notebooks import run_notebook
    from gecip.sharing.parameters import told_parameters

    run_notebook(
        options.notebook,
        html=options.html,
        save=options.save,
        release=options.release,
        parameters=told_parameters(options.parameter),
    )
    for written in filter(None, (options.html, options.save)):
        print(f"Wrote {written}.")
    return 0


def _submit(options: argparse.Namespace) -> int:
    from gecip.errors import NotebookError
    from gecip.sharing.parameters import told_parameters
    from gecip.sharing.submission import JobNeeds, submit_notebook

    project = options.project or os.environ.get("GECIP_PROJECT")
    if not project:
        raise NotebookError(
            "A job is charged to a project: give its code with --project, or set GECIP_PROJECT."
        )
    needs = JobNeeds(project, options.queue, options.cores, options.memory, options.hours)
    done = submit_notebook(
        options.notebook,
        needs=needs,
        html=options.html,
        save=options.save,
        release=options.release,
        parameters=told_parameters(options.parameter),
        scheduler=options.submit,
    )
    print(f"Job {done.job} was handed in; it writes {done.html}. Its script is {done.script}.")
    return 0


# -- words --------------------------------------------------------------------------------------------


def _add_notebook(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("notebook", metavar="NOTEBOOK", type=Path, help="the notebook")
    parser.add_argument(
        "--release", metavar="R", help="run it on this release, not on the one that it names"
    )
    parser.add_argument(
        "-p",
        "--parameter",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="set what its cell tagged `parameters` sets otherwise; may be given several times",
    )


def _add_submission(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("to hand it to a scheduler instead of running it here")
    group.add_argument("--submit", metavar="SCHEDULER", help="lsf")
    group.add_argument(
        "--project", metavar="CODE", help="the project code (default: GECIP_PROJECT)"
    )
    group.add_argument("--queue", metavar="Q", help="the queue (default: the scheduler's own)")
    group.add_argument("--cores", type=int, default=4, help="default: %(default)s")
    group.add_argument("--memory", type=int, default=32, metavar="GB", help="default: %(default)s")
    group.add_argument("--hours", type=int, default=24, help="default: %(default)s")
