"""The command line: every subcommand is one public function of the package."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from gecip import __version__
from gecip.airlock_commands import add_airlock_commands
from gecip.errors import GecipError, GecipWarning, InputError, UnknownTableError
from gecip.sharing_commands import add_sharing_commands

DEVIATIONS_FOUND = 1
INTERRUPTED = 130
NOBODY_READS_ON = 141
MOST_DAYS = 100_000

_Command = Callable[[argparse.Namespace], int]


def run() -> None:
    """Run the command line on this process's arguments and end the process; the console script."""
    try:
        code = main(sys.argv[1:], os.environ)
        sys.stdout.flush()
    except BrokenPipeError:
        # As in `gecip domains | head`: what is still in the buffer has nowhere to go, and that is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = NOBODY_READS_ON
    sys.exit(code)


def main(args: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command and return its exit code.

    0 is done, 1 that deviations were found, 2 bad input, 130 that it was interrupted. An error is one
    sentence on standard error; with `GECIP_TRACEBACK` set, where it arose is shown as well.

    Parameters
    ----------
    args
        The words after `gecip`.
    environ
        The environment variables.
    """
    try:
        options = _parser().parse_args(args)
        with warnings.catch_warnings():
            warnings.simplefilter("always", GecipWarning)
            warnings.showwarning = _show_warning
            command: _Command = options.command
            return command(options)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except GecipError as error:
        if environ.get("GECIP_TRACEBACK"):
            raise
        _complain(error)
        return error.exit_code
    except KeyboardInterrupt:
        print("gecip: interrupted; nothing half-made was left behind.", file=sys.stderr)
        return INTERRUPTED


# -- the commands -------------------------------------------------------------------------------------


def _demo(_options: argparse.Namespace) -> int:
    from gecip.genotypes import load_release
    from gecip.release import open_release
    from gecip.synthetic import ensure_demo

    folder = ensure_demo()
    load_release(open_release(folder))
    print(f'The demo release is ready: open_release("demo") opens it ({folder}).')
    return 0


def _cancer_patients(options: argparse.Namespace) -> int:
    """Return how many were asked for; where there are no genomes, the participants have enough of them."""
    if options.cancer_patients is not None:
        return int(options.cancer_patients)
    from gecip.synthetic.programme import DEMO_CANCER_PATIENTS

    return 0 if options.without_genomes else DEMO_CANCER_PATIENTS


def _synthesise(options: argparse.Namespace) -> int:
    from gecip.synthetic import synthesise_release

    folder = synthesise_release(
        options.folder,
        participants=options.participants,
        cancer_patients=_cancer_patients(options),
        seed=options.seed,
        version=options.version,
        genomes=not options.without_genomes,
    )
    print(f"Made {folder}: open_release({str(folder)!r}) opens it.")
    return 0


def _import(options: argparse.Namespace) -> int:
    from gecip.release.importing import import_release

    folder = import_release(
        options.out,
        vcfs=options.vcf,
        participants=options.participants,
        assembly=options.assembly,
        id_column=options.id_column,
        name=options.name,
        link=options.link,
    )
    from gecip.release.layout import read_manifest

    manifest = read_manifest(folder)
    consent = (
        " Without a consent column, everyone counts as consenting."
        if manifest.consent_assumed
        else ""
    )
    print(
        f"Imported {manifest.facts['variants']:,} variants of {manifest.facts['samples']:,} samples, and "
        f"{manifest.facts['people']:,} people.{consent} open_release({str(folder)!r}) opens it."
    )
    return 0


def _validate(options: argparse.Namespace) -> int:
    from gecip.release.validation import examine_release

    found = examine_release(options.folder)
    for remark in found.remarks:
        print(f"Note: {remark}")
    for deviation in found.deviations:
        print(f"{deviation} [{deviation.rule}]")
    if found.deviations:
        count = len(found.deviations)
        print(f"{count:,} deviation{'s' if count > 1 else ''} found.")
        return DEVIATIONS_FOUND
    print(f"{options.folder}: no deviations found.")
    return 0


def _answers(options: argparse.Namespace) -> int:
    import json
    import shutil
    from dataclasses import asdict

    from gecip.release import open_release
    from gecip.synthetic.answer_key import read_answers
    from gecip.synthetic.answer_text import answers_text, chosen_answers

    folder = open_release(options.folder).folder
    answers = chosen_answers(read_answers(folder), domain=options.domain, kind=options.kind)
    if options.json:
        print(json.dumps([asdict(answer) for answer in answers], indent=1))
        return 0
    print(answers_text(answers, width=min(shutil.get_terminal_size((100, 24)).columns, 120)))
    return 0


def _dictionary(options: argparse.Namespace) -> int:
    import shutil

    from gecip.model.dictionary import no_such_table, programme_dictionary

    dictionary = programme_dictionary()
    if options.release:
        from gecip.release import open_release

        dictionary = open_release(options.release).dictionary
    if options.table:
        try:
            dictionary = dictionary.table(options.table)
        except KeyError:
            raise UnknownTableError(no_such_table(options.table, dictionary)) from None
    if options.search:
        dictionary = dictionary.search(options.search)
    if options.html:
        from gecip.writing import new_file

        with new_file(options.html) as partial:
            partial.write_text(dictionary.page(), encoding="utf-8")
        print(f"Wrote {options.html}: {len(dictionary.articles):,} tables.")
        return 0
    print(dictionary.text(width=min(shutil.get_terminal_size((100, 24)).columns, 120)))
    return 0


def _load(options: argparse.Namespace) -> int:
    from gecip.genotypes import load_release
    from gecip.release import open_release

    release = open_release(options.release)
    loaded = load_release(release)
    print(
        f"Release {release.name}: {loaded:,} of {len(release.chunks):,} chunks loaded, the others were."
    )
    return 0


def _cache(options: argparse.Namespace) -> int:
    import datetime

    from gecip.configuration import cache_gigabytes
    from gecip.genotypes.cache import GIGABYTE, cached_stores, clear_cache, stores_folder

    if options.action == "clear":
        gone, size = clear_cache(options.release)
        kept = [entry for entry in cached_stores() if entry.in_use]
        print(f"Removed {gone:,} stores, {size / GIGABYTE:.2f} GB.")
        if kept:
            print(f"Kept {len(kept):,} that a session is using.")
        return 0
    entries = cached_stores()
    for entry in entries:
        used = datetime.datetime.fromtimestamp(entry.last_used, tz=datetime.UTC).astimezone()
        print(
            f"{entry.bytes / GIGABYTE:9.3f} GB  {used:%Y-%m-%d %H:%M}  {'in use' if entry.in_use else '':6}  "
            f"{entry.chunks:,} chunks, {entry.variants:,} variants  {entry.callset}"
        )
    total = sum(entry.bytes for entry in entries) / GIGABYTE
    print(
        f"{len(entries):,} stores, {total:.2f} of {cache_gigabytes():g} GB, in {stores_folder()}."
    )
    return 0


def _domains(_options: argparse.Namespace) -> int:
    from gecip.domain import discover

    discovery = discover()
    for domain in discovery:
        print(f"{domain.name}: {domain.title}")
        for question in domain.questions:
            print(f"  {question.asks}  ({question.notebook})")
    for entry, sentence in discovery.failures:
        print(f"gecip: the domain {entry} cannot be used: {sentence}", file=sys.stderr)
    return 0


def _audit(options: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict

    from gecip.audit import read_audit_log

    log = read_audit_log(
        user=options.user,
        name=options.table,
        release=options.release,
        days=options.days,
        folder=options.folder,
    )
    for reading in log.readings:
        if options.json:
            print(json.dumps(asdict(reading)))
        else:
            moment = reading.moment.astimezone()
            whose = f"consent of {reading.consent}" if reading.consent else "everybody's rows"
            print(
                f"{moment:%Y-%m-%d %H:%M:%S}  {reading.user} ({reading.role})  {reading.release} {reading.version}, {whose}: "
                f"{reading.kind} {reading.name}"
            )
    if log.torn:
        print(f"gecip: {log.torn:,} lines were cut short and are left out.", file=sys.stderr)
    if not options.json:
        print(f"{len(log):,} reading{'' if len(log) == 1 else 's'}.")
    return 0


# -- words --------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gecip",
        description="The research environment of the GeCIP domains: releases, cohorts, genomes and notebooks.",
        epilog="GECIP_RELEASES, GECIP_CACHE and GECIP_EXPORTS say where releases, genotype stores and export requests lie; "
        "GECIP_SHARED_STORES where a domain shares its stores, GECIP_CACHE_GB how much they may take.",
    )
    parser.add_argument("--version", action="version", version=f"gecip {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, function: _Command | None, sentence: str) -> argparse.ArgumentParser:
        subparser = commands.add_parser(name, help=sentence, description=sentence)
        subparser.set_defaults(command=function)
        return subparser

    command("demo", _demo, "Make the demo release and load its genomes; quick where both are done.")

    synthesise = command("synthesise", _synthesise, "Invent a release in the real one's shape.")
    synthesise.add_argument("folder", metavar="DIR", type=Path, help="the folder to make")
    synthesise.add_argument(
        "--participants", type=int, default=600, help="how many people (default: %(default)s)"
    )
    synthesise.add_argument(
        "--cancer-patients",
        type=int,
        help="how many more people with tumours, without a genome in the aggregate (default: as many as the demo has; none without genomes)",
    )
    synthesise.add_argument(
        "--seed", type=int, default=1, help="another seed, other people (default: %(default)s)"
    )
    synthesise.add_argument(
        "--without-genomes",
        action="store_true",
        help="only the clinical tables, of as many people as you like: 100,000 take minutes, not hours",
    )
    synthesise.add_argument(
        "--version", default="v19", help="the programme's version to follow (default: %(default)s)"
    )

    _add_import(
        command("import", _import, "Make a release out of your own VCFs and table of people.")
    )

    validate = command("validate", _validate, "List where a release deviates from the data model.")
    validate.add_argument("folder", metavar="DIR", help="a release folder, or a release's name")

    answers = command(
        "answers", _answers, "Tell what was planted in a synthetic release: for tests and teachers."
    )
    answers.add_argument("folder", metavar="DIR", help="a synthetic release's folder or name")
    answers.add_argument("--domain", metavar="D", help="only what answers this domain's questions")
    answers.add_argument("--kind", metavar="K", help="only truths of this kind, as de_novo")
    answers.add_argument("--json", action="store_true", help="print it whole, as JSON")

    dictionary = command(
        "dictionary", _dictionary, "Say what the programme's tables and columns mean."
    )
    dictionary.add_argument("table", metavar="TABLE", nargs="?", help="a table; all if not given")
    dictionary.add_argument("--search", metavar="WORDS", help="only what is said of these words")
    dictionary.add_argument(
        "--release", metavar="R", help="only what this release has (default: all that is known)"
    )
    dictionary.add_argument(
        "--html", metavar="FILE", type=Path, help="write it as one HTML page instead"
    )

    load = command("load", _load, "Load a release's genomes into Hail, once for all notebooks.")
    load.add_argument("release", metavar="RELEASE", help="a release's name or folder")

    cache = command(
        "cache",
        _cache,
        "List or clear the genotype stores; those that are in use stay, and what is gone is loaded again when asked for.",
    )
    cache.add_argument("action", choices=("list", "clear"), help="what to do")
    cache.add_argument("--release", metavar="R", help="clear only the stores of this release")

    command("domains", _domains, "List the domains and the questions that they answer.")

    audit = command("audit", _audit, "Tell who read which table and callset when.")
    audit.add_argument("--user", metavar="U", help="only what this user read")
    audit.add_argument("--table", metavar="T", help="only readings of this table or callset")
    audit.add_argument("--release", metavar="R", help="only readings of this release")
    audit.add_argument("--days", type=_whole_days, metavar="N", help="only the last so many days")
    audit.add_argument(
        "--folder", metavar="DIR", type=Path, help="where the log lies (default: GECIP_AUDIT)"
    )
    audit.add_argument("--json", action="store_true", help="print the lines as they are written")

    add_sharing_commands(command)
    add_airlock_commands(
        command("airlock", None, "Check what wants to leave, and decide on export requests.")
    )
    return parser


def _whole_days(word: str) -> int:
    if not word.isdigit() or not 0 < int(word) < MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{word!r} is no number of days: write --days 30")
    return int(word)


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "out", metavar="OUT", type=Path, help="the folder to make; it must not exist"
    )
    parser.add_argument(
        "--vcf",
        metavar="FILE",
        nargs="+",
        type=Path,
        required=True,
        help="bgzipped VCFs: one callset, whole or in pieces",
    )
    parser.add_argument(
        "--participants",
        metavar="FILE",
        type=Path,
        required=True,
        help="a table of people, parted by tabs or commas",
    )
    parser.add_argument("--assembly", required=True, help="the assembly of the VCFs: GRCh38")
    parser.add_argument(
        "--id-column",
        metavar="NAME",
        help="the table's column with the VCFs' sample names (default: platekey, sample or participant_id)",
    )
    parser.add_argument("--name", help="the release's name (default: the folder's)")
    parser.add_argument(
        "--link",
        action="store_true",
        help="link to the VCFs instead of copying them; they must stay where they are",
    )


def _complain(error: GecipError) -> None:
    problems = error.problems if isinstance(error, InputError) else (str(error),)
    if len(problems) == 1:
        print(f"gecip: {problems[0]}", file=sys.stderr)
        return
    print(f"gecip: {len(problems):,} things are wrong:", file=sys.stderr)
    for problem in problems:
        print(f"  - {problem}", file=sys.stderr)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    if issubclass(category, GecipWarning):
        print(f"gecip: warning: {message}", file=file or sys.stderr)
    else:
        text = warnings.formatwarning(message, category, filename, lineno, line)
        print(text, end="", file=file or sys.stderr)


if __name__ == "__main__":
    run()
