"""`gecip airlock …`: the words for those who ask and those who decide."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

# Those of gecip.airlock.states: what brings pandas along is imported when a command runs, not to list the commands.
STATES = ("asked", "approved", "returned", "rejected", "withdrawn")

REFUSED = 1

_Command = Callable[[argparse.Namespace], int]


def add_airlock_commands(parser: argparse.ArgumentParser) -> None:
    """Add what can be done with files and with export requests below a parser."""
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, function: _Command, sentence: str) -> argparse.ArgumentParser:
        subparser = commands.add_parser(name, help=sentence, description=sentence)
        subparser.set_defaults(command=function)
        return subparser

    check = command(
        "check", _check, "Say of each file whether it may leave, why not, and what to change."
    )
    check.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="a file, or a folder of files"
    )
    check.add_argument(
        "--release",
        metavar="R",
        action="append",
        help="compare words with this release's identifiers (default: with all in the catalogue)",
    )
    check.add_argument("--json", action="store_true", help="print the report as JSON")
    cut = command(
        "filter",
        _filter,
        "Write the variants of a genome-wide result that may be told: the common ones.",
    )
    cut.add_argument("file", metavar="FILE", type=Path, help="a table of variants")
    cut.add_argument("out", metavar="OUT", type=Path, help="the table to write; .gz compresses it")
    _add_decisions(command)


def _add_decisions(command: Callable[[str, _Command, str], argparse.ArgumentParser]) -> None:
    listing = command("list", _list, "List the requests that wait for a decision.")
    listing.add_argument(
        "--state",
        choices=STATES,
        default=STATES[0],
        help="those in another state",
    )
    for name, function, sentence in (
        ("show", _show, "Show a request: what it holds, where it lies, what was done with it."),
        ("approve", _approve, "Let somebody else's request leave."),
        ("return", _return, "Give somebody else's request back to be answered or changed."),
        ("reject", _reject, "Refuse somebody else's request as it is, for good."),
        ("withdraw", _withdraw, "Take back your own request before it is decided."),
    ):
        subparser = command(name, function, sentence)
        subparser.add_argument(
            "request", metavar="REQUEST", help="its name, or as much of it as tells it from others"
        )
        if name in ("return", "reject", "withdraw"):
            subparser.add_argument(
                "--because",
                metavar="REASON",
                required=name != "withdraw",
                default="",
                help="what the other side has to know",
            )
    command("verify", _verify, "Read the whole ledger and say whether it is as it was written.")


def _check(options: argparse.Namespace) -> int:
    from gecip.airlock import Verdict, check_files

    report = check_files(options.files, releases=options.release)
    if options.json:
        import json

        print(json.dumps(report.as_document(), indent=1))
    else:
        print("\n".join(report.lines()))
    return REFUSED if report.verdict is Verdict.FAIL else 0


def _filter(options: argparse.Namespace) -> int:
    from gecip.airlock import filter_variants

    told = filter_variants(options.file, options.out)
    print(f"Wrote {options.out}: {told.kept:,} of {told.rows:,} variants.")
    return 0


def _list(options: argparse.Namespace) -> int:
    from gecip.airlock.decisions import list_requests
    from gecip.airlock.states import State

    requests = list_requests(state=State(options.state))
    for one in requests:
        outputs = f"{len(one.outputs)} output{'' if len(one.outputs) == 1 else 's'}"
        missing = "" if one.is_whole else "  (its files are not as they were checked)"
        print(
            f"{one.name}  {one.project}  {one.by}: {one.purpose}  [{outputs}, {one.verdict}]{missing}"
        )
    print(f"{len(requests):,} request{'' if len(requests) == 1 else 's'} {options.state}.")
    return 0


def _show(options: argparse.Namespace) -> int:
    from gecip.airlock.decisions import show_request

    one = show_request(options.request)
    print(f"{one.name}: {one.state.value}")
    print(f"  project   {one.project}")
    print(f"  purpose   {one.purpose}")
    print(f"  verdict   {one.verdict}")
    for title in one.outputs:
        print(f"  output    {title}")
    where = one.page if one.is_whole else f"{one.folder}: not as it was checked"
    print(f"  page      {where}")
    for step in one.history:
        reason = f": {step.reason}" if step.reason else ""
        print(f"  {step.when}  {step.action.value} by {step.by}{reason}")
    return 0


def _approve(options: argparse.Namespace) -> int:
    from gecip.airlock.decisions import approve_request

    one = approve_request(options.request)
    print(f"{one.name} may leave: its files lie in {one.folder}.")
    return 0


def _return(options: argparse.Namespace) -> int:
    from gecip.airlock.decisions import return_request

    one = return_request(options.request, reason=options.because)
    print(f"{one.name} was given back to {one.by}, who may ask for it again.")
    return 0


def _reject(options: argparse.Namespace) -> int:
    from gecip.airlock.decisions import reject_request

    print(f"{reject_request(options.request, reason=options.because).name} was rejected.")
    return 0


def _withdraw(options: argparse.Namespace) -> int:
    from gecip.airlock.decisions import withdraw_request

    print(f"{withdraw_request(options.request, reason=options.because).name} was withdrawn.")
    return 0


def _verify(_options: argparse.Namespace) -> int:
    from gecip.airlock.ledger import Ledger
    from gecip.configuration import ledger_folder

    ledger = Ledger(ledger_folder())
    n_entries = ledger.verify()
    noun = "entry" if n_entries == 1 else "entries"
    print(
        f"{ledger.folder}: {n_entries:,} {noun}, all as they were written ({ledger.digest(n_entries)[:12]})."
    )
    return 0
