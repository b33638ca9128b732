"""The commands by which a notebook is run and shared; each is one public function of `gecip.sharing`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

# The exit code for what was looked for and found, as that of deviations.
STALE = 1

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

    publish = command(
        "publish",
        _publish,
        "Put an executed notebook into the gallery; one without outputs is run.",
    )
    _add_notebook(publish)
    publish.add_argument(
        "--domain", metavar="D", help="its domain (default: the name of its folder)"
    )
    outside = publish.add_argument_group(
        "to publish it for outside: Summaries and their Figures alone, as the airlock lets them go"
    )
    outside.add_argument("--outside", action="store_true", help="stop at whatever is row level")
    outside.add_argument("--project", metavar="P", help="the project under which it was approved")
    outside.add_argument("--purpose", metavar="WORDS", help="for what it is meant")

    gallery = command("gallery", _gallery, "Build the gallery: a site that works from its folder.")
    gallery.add_argument(
        "--out", metavar="DIR", type=Path, help="where (default: in the folder of GECIP_GALLERY)"
    )
    gallery.add_argument(
        "--notebooks",
        metavar="DIR",
        type=Path,
        action="append",
        help="show the notebooks in this folder too (default: those of the installed domains)",
    )
    gallery.add_argument(
        "--role", metavar="ROLE", help="the role of its readers (default: GECIP_ROLE)"
    )
    gallery.add_argument(
        "--outside", action="store_true", help="only what was published for outside"
    )

    take_down = command("unpublish", _unpublish, "Take a publication out of the gallery for good.")
    take_down.add_argument("name", metavar="NAME", help="its name, as `gecip stale` tells it")

    compare = command(
        "compare", _compare, "Run a notebook on two releases and say what differs; stays inside."
    )
    compare.add_argument("notebook", metavar="NOTEBOOK", type=Path, help="the notebook")
    compare.add_argument("older", metavar="OLDER", help="the one release")
    compare.add_argument("newer", metavar="NEWER", help="the other")
    _add_parameters(compare)
    compare.add_argument(
        "--html", metavar="OUT", type=Path, help="write all that differs as one HTML file"
    )

    stale = command(
        "stale", _stale, "Say which published results touch somebody who has since withdrawn."
    )
    stale.add_argument(
        "--on", metavar="R", help="by the word of this release (default: of each result's own)"
    )

    domain = command("domain", _domain, "Start a domain of your own: `gecip domain new NAME`.")
    domain.add_argument("action", choices=("new",), help="what to do")
    domain.add_argument("name", metavar="NAME", help="small letters, digits and underscores")
    domain.add_argument("--title", metavar="WORDS", help="the domain's name as people say it")
    domain.add_argument(
        "--folder",
        metavar="DIR",
        type=Path,
        default=Path(),
        help="a clone of gecip, or where to make a package of its own (default: here)",
    )


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


def _publish(options: argparse.Namespace) -> int:
    from gecip.errors import NotebookError
    from gecip.sharing.parameters import told_parameters
    from gecip.sharing.publication import ForOutside, publish

    if not options.outside and (options.project or options.purpose):
        raise NotebookError(
            "A project and a purpose are told of what is published for outside: add --outside, or leave them out."
        )
    outside = ForOutside(options.project or "", options.purpose or "") if options.outside else None
    done = publish(
        options.notebook,
        domain=options.domain,
        release=options.release,
        parameters=told_parameters(options.parameter),
        outside=outside,
    )
    print(f"Published {done.name}; `gecip gallery{' --outside' * options.outside}` shows it.")
    return 0


def _gallery(options: argparse.Namespace) -> int:
    from gecip.configuration import gallery_folder, role
    from gecip.domain import discover
    from gecip.sharing.gallery import build_gallery, shelves_in

    domains = list(discover())
    folders = options.notebooks or sorted({_tree_of(domain.notebooks) for domain in domains})
    titles = {domain.name: domain.title for domain in domains}
    reader = options.role or role()
    place = options.out or gallery_folder() / ("outside" if options.outside else f"site-{reader}")
    built = build_gallery(
        place,
        shelves=[shelf for folder in folders for shelf in shelves_in(folder, titles)],
        reader=reader,
        outside=options.outside,
    )
    print(f"Built {built.front}: {built.published:,} published, {built.to_be_run:,} to be run.")
    return 0


def _tree_of(folder: Path) -> Path:
    """Return the folder that holds the notebooks of several domains, or the domain's own."""
    return folder.parent if folder.parent.name == "notebooks" else folder


def _unpublish(options: argparse.Namespace) -> int:
    from gecip.sharing.publication import take_down

    take_down(options.name)
    print(f"Took {options.name} down; build the gallery again.")
    return 0


def _compare(options: argparse.Namespace) -> int:
    from gecip.sharing.parameters import told_parameters
    from gecip.sharing.release_comparison import compare_releases, comparison_page
    from gecip.writing import new_file

    found = compare_releases(
        options.notebook,
        options.older,
        options.newer,
        parameters=told_parameters(options.parameter),
    )
    for change in found.cohorts:
        print(f"{change.title}: {change.older:,} to {change.newer:,} people ({change.balance})")
        for sign, reasons in (("+", change.gained), ("−", change.lost)):
            for reason, people in reasons.items():
                print(f"  {sign}{people:,} {reason}")
    changes = list(found.hits.rows["change"])
    counts = ", ".join(
        f"{changes.count(word):,} {word}"
        for word in ("gained", "lost", "changed")
        if word in changes
    )
    print(f"Hits: {counts or 'no change'}")
    print(f"Estimates: {len(found.changed):,} of {len(found.estimates):,} differ")
    if options.html:
        with new_file(options.html) as partial:
            partial.write_text(comparison_page(found), encoding="utf-8")
        print(f"Wrote {options.html}; it is at row level and stays inside.")
    return 0


def _stale(options: argparse.Namespace) -> int:
    from gecip.sharing.staleness import stale

    found = stale(on=options.on)
    for result in found.stale:
        print(result)
    for name, why in found.unknown:
        print(f"{name}: nobody can tell, since {why}")
    print(f"{found.fresh:,} published results touch nobody who has withdrawn.")
    if found.to_run_again:
        print("To run again:")
        for command in found.to_run_again:
            print(f"  {command}")
    return STALE if found.to_run_again else 0


def _domain(options: argparse.Namespace) -> int:
    from gecip.domain_starter import start_domain

    started = start_domain(options.name, title=options.title, folder=options.folder)
    print(f"Started {started.name} in {started.package}, with a notebook in {started.notebooks}.")
    print(f"It is known after:  {started.next_step}")
    return 0


# -- words --------------------------------------------------------------------------------------------


def _add_notebook(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("notebook", metavar="NOTEBOOK", type=Path, help="the notebook")
    parser.add_argument(
        "--release", metavar="R", help="run it on this release, not on the one that it names"
    )
    _add_parameters(parser)


def _add_parameters(parser: argparse.ArgumentParser) -> None:
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
