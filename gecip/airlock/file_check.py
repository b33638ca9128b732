"""Check files that already exist: what `request_export` does for summaries, for whatever else wants to leave.

A file brings neither its counts nor its provenance, so that nothing is masked here: a file is as it is,
and what is wrong in it has to be made again. A pass is no release: a person decides on every export.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.airlock.judging.examiner import Examiner
from gecip.airlock.reading.file_kinds import pieces_of
from gecip.airlock.reading.opened import Opened
from gecip.airlock.reading.pieces import Piece, Remark
from gecip.configuration import policy_document
from gecip.errors import InputError
from gecip.governance.disclosure import Finding, Verdict, verdict_of
from gecip.governance.policy import Policy, parse_policy
from gecip.release import open_release
from gecip.release.catalogue import catalogue
from gecip.release.identifiers import KnownIdentifiers

if TYPE_CHECKING:
    from gecip.release import Release

# Folders that are one thing, as a Hail table is; nobody can read what is in them.
_STORES = (".mt", ".ht", ".vds", ".zarr")


@dataclass(frozen=True, repr=False)
class FileVerdict:
    """What the airlock says of one file. `name` is the path as given, unless it holds an identifier."""

    name: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of the findings."""
        return verdict_of(self.findings)

    def as_document(self) -> dict[str, Any]:
        """Return the verdict as plain data."""
        return {
            "file": self.name,
            "verdict": self.verdict.name,
            "findings": [
                {
                    "rule": finding.rule.name,
                    "source": finding.rule.source,
                    "stricter than the source": finding.rule.stricter,
                    "verdict": finding.verdict.name,
                    "what": finding.sentence,
                    "what to do": finding.remedy,
                }
                for finding in self.findings
            ],
        }

    def __repr__(self) -> str:
        return f"FileVerdict({self.verdict.name}, findings={len(self.findings)})"


@dataclass(frozen=True, repr=False)
class FileReport:
    """What the airlock says of some files, and which releases' identifiers they were compared with."""

    files: tuple[FileVerdict, ...]
    releases: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst verdict among the files."""
        return max((file.verdict for file in self.files), default=Verdict.PASS)

    @property
    def refused(self) -> int:
        """How many files may not leave."""
        return sum(file.verdict is Verdict.FAIL for file in self.files)

    def lines(self) -> Iterator[str]:
        """Yield the report as lines of text."""
        for file in self.files:
            yield f"{file.verdict.name:6}  {file.name}"
            for finding in sorted(file.findings, key=lambda finding: finding.verdict, reverse=True):
                stricter = "; stricter than its source" if finding.rule.stricter else ""
                yield f"  - {finding.sentence} [{finding.rule.name}{stricter}]"
                yield f"    → {finding.remedy}."
        if not self.releases:
            yield "Note: no release was at hand, so that words were compared with the shapes of identifiers only; name one with --release."
        counts = {
            verdict: sum(file.verdict is verdict for file in self.files) for verdict in Verdict
        }
        yield (
            f"{len(self.files):,} file{'s' if len(self.files) != 1 else ''}: {counts[Verdict.PASS]:,} pass, "
            f"{counts[Verdict.REVIEW]:,} for review, {counts[Verdict.FAIL]:,} refused. A person decides on what leaves."
        )

    def as_document(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "verdict": self.verdict.name,
            "releases": list(self.releases),
            "files": [file.as_document() for file in self.files],
        }

    def __repr__(self) -> str:
        return f"FileReport({self.verdict.name}, files={len(self.files)}, refused={self.refused})"


def check_files(
    files: Sequence[str | Path], *, releases: Sequence[Release | str | Path] | None = None
) -> FileReport:
    """Check files that want to leave; each gets PASS, REVIEW or FAIL, with every reason and what to change.

    Read are tables as CSV, TSV, Excel or JSON (also compressed), association results of any length, VCF,
    HTML, notebooks, PDF, Word, SVG and the metadata of pictures; archives are looked through. Pickles,
    models and other binaries are refused. A folder is checked file by file.

    Parameters
    ----------
    releases
        With whose identifiers words are compared; every release of the catalogue if not given.

    Returns
    -------
    FileReport
        The files in the order given.

    Raises
    ------
    InputError
        When a file does not exist or cannot be opened; all that do are named.
    ReleaseError
        When a release cannot be found.
    """
    policy = parse_policy(policy_document())
    opened = [
        release if hasattr(release, "identifiers") else open_release(release)
        for release in _named(releases)
    ]
    known = reduce(KnownIdentifiers.joined, (one.identifiers for one in opened), KnownIdentifiers())
    paths = list(_each(files))
    return FileReport(
        tuple(_checked(path, number, policy, known) for number, path in enumerate(paths, start=1)),
        tuple(release.name for release in opened),
    )


def _named(releases: Sequence[Release | str | Path] | None) -> list[Any]:
    return list(catalogue().values()) if releases is None else list(releases)


def _each(files: Sequence[str | Path]) -> Iterator[Path]:
    """Yield the files, and those in folders."""
    given = [files] if isinstance(files, str | Path) else files
    paths = [Path(file).expanduser() for file in given]
    missing = [f"{path}: there is no such file." for path in paths if not path.exists()]
    if missing or not paths:
        raise InputError(missing or "No files are named: say which want to leave.")
    for path in paths:
        if path.is_dir() and path.suffix not in _STORES:
            yield from sorted(inner for inner in path.rglob("*") if _is_one(inner, path))
        else:
            yield path


def _is_one(inner: Path, folder: Path) -> bool:
    """Return whether something in a folder is to be looked at by itself."""
    above = [parent for parent in inner.parents if parent != folder and folder in parent.parents]
    if any(parent.suffix in _STORES for parent in above):
        return False
    return inner.is_file() or inner.suffix in _STORES


def _checked(path: Path, number: int, policy: Policy, known: KnownIdentifiers) -> FileVerdict:
    examiner = Examiner(policy, known)
    try:
        findings = examiner.judge(_pieces(path))
    except OSError as error:
        raise InputError(
            f"{path}: this file cannot be read ({error.strerror or type(error).__name__})."
        ) from None
    name = str(path)
    if examiner.names_somebody(path.name):
        name = f"file {number} (its name holds an identifier)"
    return FileVerdict(name, findings)


def _pieces(path: Path) -> Iterator[Piece]:
    if path.is_dir():
        yield Remark("binaries", Verdict.FAIL, "This is a store that only programs read.")
        return
    yield from pieces_of(Opened(path.name, path=path))
