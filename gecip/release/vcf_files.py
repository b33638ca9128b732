"""Look through VCF files before they are taken in: everything that is wrong, and where.

One pass over the text of each file, line by line as bytes: about 200 MB of text a second.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gecip.errors import InputError
from gecip.release.bgzip import check_bgzip, read_blocks
from gecip.release.contigs import Stretch, contig_problems

FIXED_COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")

_CONTIG_LINE = re.compile(r"##contig=<ID=([^,>]+)(?:.*?[,<]length=(\d+))?")
_FORMAT_LINE = re.compile(r"##FORMAT=<ID=([^,>]+)")
# VEP's consequences, whose parts the header names: then the file brings its own annotation.
_CSQ_LINE = re.compile(r"##INFO=<ID=CSQ,.*Format:")
# A call of which one allele is known and the other not, as in `./1`: bcftools norm leaves these.
_PARTIAL_CALL = re.compile(rb"(?:^|\t)(?:\.[/|][0-9]|[0-9]+[/|]\.)")


# Hail leaves out records whose reference allele has other letters, such as the ambiguity codes R and Y.
_READABLE = re.compile(rb"[ACGTNacgtn]+")


@dataclass(frozen=True)
class VcfSurvey:
    """What one VCF file holds; with problems, as far as it could be read.

    `digest` stands for the content. `partial_genotypes` counts calls such as `./1`; `unreadable` are
    records that Hail will leave out; `annotated` files carry VEP's consequences (INFO/CSQ).
    """

    path: Path
    samples: tuple[str, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    partial_genotypes: int = 0
    unreadable: int = 0
    annotated: bool = False
    digest: str = ""
    problems: tuple[str, ...] = ()

    @property
    def records(self) -> int:
        """Return the number of records."""
        return sum(stretch.records for stretch in self.stretches)


def survey_vcf(path: Path, *, assembly: str, advance: Callable[[int], object]) -> VcfSurvey:
    """Return what a VCF holds and all that hinders taking it in.

    Parameters
    ----------
    path
        A bgzipped VCF with genotypes.
    assembly
        The assembly on which it is said to be.
    advance
        Called with the number of compressed bytes after each piece, for a progress bar.
    """
    survey = _Survey(path, assembly)
    digest = hashlib.sha256()
    try:
        check_bgzip(path)
        for lines, checks, size in _lines(path):
            digest.update(checks)
            for line in lines:
                survey.line(line)
            advance(size)
        survey.end()
    except InputError as error:
        survey.problems.extend(error.problems)
    return VcfSurvey(
        path=path,
        samples=survey.samples,
        stretches=survey.stretches,
        partial_genotypes=survey.partial_genotypes,
        unreadable=survey.unreadable,
        annotated=survey.annotated,
        digest=digest.hexdigest()[:16],
        problems=(*survey.problems, *survey.findings()),
    )


def compare_pieces(surveys: Sequence[VcfSurvey]) -> list[str]:
    """Return what hinders several files from being pieces of one callset: samples that differ, places twice."""
    whole = [survey for survey in surveys if survey.samples]
    return [*_different_samples(whole), *_overlaps(whole)]


def _different_samples(surveys: Sequence[VcfSurvey]) -> Iterator[str]:
    for survey in surveys[1:]:
        first = surveys[0]
        if survey.samples == first.samples:
            continue
        missing = len(set(first.samples) - set(survey.samples))
        further = len(set(survey.samples) - set(first.samples))
        if missing or further:
            yield (
                f"{survey.path}: pieces of one callset hold the same samples, but {missing:,} of {first.path.name} are "
                f"missing here and {further:,} are only here: merge them with `bcftools merge`, or import them apart."
            )
        else:
            yield (
                f"{survey.path}: this holds the samples of {first.path.name} in another order: write the same order with "
                f"`bcftools view -S <(bcftools query -l {first.path.name}) -Oz`."
            )


def _overlaps(surveys: Sequence[VcfSurvey]) -> Iterator[str]:
    stretches = [(stretch, survey.path) for survey in surveys for stretch in survey.stretches]
    stretches.sort(key=lambda pair: (pair[0].contig, pair[0].first, pair[0].last))
    reported: set[tuple[Path, Path]] = set()
    furthest: tuple[Stretch, Path] | None = None
    for stretch, path in stretches:
        if furthest is not None and furthest[0].contig == stretch.contig:
            before, where = furthest
            pair = (where, path)
            if stretch.first <= before.last and where != path and pair not in reported:
                reported.add(pair)
                yield (
                    f"{path}: this piece overlaps {where.name} on {stretch.contig} at {stretch.first:,}"
                    f"-{min(stretch.last, before.last):,}: join them with `bcftools concat -a -D`, or name only one."
                )
        if (
            furthest is None
            or furthest[0].contig != stretch.contig
            or stretch.last > furthest[0].last
        ):
            furthest = (stretch, path)


def _lines(path: Path) -> Iterator[tuple[list[bytes], bytes, int]]:
    """Yield whole lines as they are unpacked, with the blocks' sums and their compressed size."""
    begun: list[bytes] = []
    for blocks in read_blocks(path):
        last = blocks.text.rfind(b"\n")
        if last < 0:
            begun.append(blocks.text)
            yield [], blocks.checks, blocks.length
            continue
        text = b"".join([*begun, blocks.text[:last]])
        begun = [blocks.text[last + 1 :]]
        yield text.split(b"\n"), blocks.checks, blocks.length
    if rest := b"".join(begun):
        yield [rest], b"", 0


@dataclass
class _Finding:
    """One kind of problem: how often it occurs, and the sentence on its first place."""

    sentence: str
    count: int = 0


@dataclass
class _Survey:
    """The state of looking through one file."""

    path: Path
    assembly: str
    samples: tuple[str, ...] = ()
    problems: list[str] = field(default_factory=list)
    partial_genotypes: int = 0
    unreadable: int = 0
    annotated: bool = False

    def __post_init__(self) -> None:
        self._number = 0
        self._in_header = True
        self._tabs = 0
        self._lengths: dict[str, int] = {}
        self._declared: set[str] = set()
        self._formats: dict[bytes, int] = {}
        self._findings: dict[str, _Finding] = {}
        self._stretches: list[Stretch] = []
        self._seen: set[bytes] = set()
        self._contig = b""
        self._first = self._last = self._records = 0

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The contigs in the order in which they come."""
        return tuple(self._stretches)

    def line(self, line: bytes) -> None:
        """Take in the next line."""
        self._number += 1
        if self._in_header:
            self._header_line(line)
        else:
            self._record(line)

    def end(self) -> None:
        """Judge the file as a whole once all of it has been read."""
        self._end_stretch()
        if self._in_header:
            raise InputError(
                f"{self.path}: this VCF has no line of column names (#CHROM): copy or make it again."
            )
        if not self._stretches and not self._findings:
            self.problems.append(
                f"{self.path}, line {self._number:,}: there are no records after the header: check how it was filtered."
            )

    def findings(self) -> list[str]:
        """Return the problems of the records, and what names and lengths say of the assembly."""
        sentences = []
        for finding in self._findings.values():
            further = finding.count - 1
            tail = f" ({further:,} more such line{'s' if further > 1 else ''})" if further else ""
            sentences.append(finding.sentence.replace("<further>", tail))
        contigs = contig_problems(
            self.path, self._stretches, declared=self._lengths, assembly=self.assembly
        )
        return [*contigs, *sentences, *self._format_problems()]

    def _find(self, kind: str, what: str, remedy: str) -> None:
        """Note a problem of the present line; only the first of a kind is written out."""
        finding = self._findings.get(kind)
        if finding is None:
            sentence = f"{self.path}, line {self._number:,}: {what}<further>: {remedy}"
            finding = self._findings[kind] = _Finding(sentence)
        finding.count += 1

    # -- the header -------------------------------------------------------------------------------

    def _header_line(self, line: bytes) -> None:
        if self._number == 1 and not line.startswith(b"##fileformat=VCF"):
            kind = "this is BCF" if line.startswith(b"BCF") else "this does not begin as a VCF does"
            raise InputError(f"{self.path}, line 1: {kind}: make a VCF with `bcftools view -Oz`.")
        if line.endswith(b"\r"):
            raise InputError(
                f"{self.path}, line {self._number:,}: the lines end as on Windows, which Hail does not read: "
                "convert them with `dos2unix` and compress again with `bgzip`."
            )
        if line.startswith(b"##"):
            self._meta_line(line.decode("utf-8", errors="replace"))
        elif line.startswith(b"#CHROM"):
            self._column_line(line)
        else:
            raise InputError(
                f"{self.path}, line {self._number:,}: records begin before a line of column names (#CHROM): "
                "add the header with `bcftools reheader`."
            )

    def _meta_line(self, line: str) -> None:
        if found := _CONTIG_LINE.match(line):
            if found.group(2):
                self._lengths[found.group(1)] = int(found.group(2))
        elif found := _FORMAT_LINE.match(line):
            self._declared.add(found.group(1))
        elif _CSQ_LINE.match(line):
            self.annotated = True

    def _column_line(self, line: bytes) -> None:
        self._in_header = False
        place = f"{self.path}, line {self._number:,}"
        try:
            names = line.decode("utf-8").split("\t")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{place}, byte {error.start + 1:,}: a sample name is not UTF-8: rename it with `bcftools reheader -s`."
            ) from None
        if tuple(names[: len(FIXED_COLUMNS)]) != FIXED_COLUMNS[: len(names)] or len(names) < 8:
            raise InputError(
                f"{place}: the columns are not {', '.join(FIXED_COLUMNS)} and the samples, parted by tabs: make the file again."
            )
        if len(names) < 10:
            raise InputError(
                f"{place}: this VCF has no samples, only sites: name one with genotypes."
            )
        self._tabs = len(names) - 1
        self.samples = tuple(names[len(FIXED_COLUMNS) :])
        self._check_samples(place)
        if "GT" not in self._declared:
            raise InputError(
                f"{place}: the header declares no FORMAT field GT, so that there are no genotypes: name a VCF that has them."
            )

    def _check_samples(self, place: str) -> None:
        counts = Counter(self.samples)
        twice = sorted(
            column
            for column, name in enumerate(self.samples, start=len(FIXED_COLUMNS) + 1)
            if counts[name] > 1
        )
        if twice:
            columns = ", ".join(map(str, twice[:6])) + (", …" if len(twice) > 6 else "")
            self.problems.append(
                f"{place}: the same sample occurs twice (columns {columns}): drop one with `bcftools view -s`, "
                "or rename it with `bcftools reheader -s`."
            )
        if "" in counts:
            self.problems.append(
                f"{place}, column {len(FIXED_COLUMNS) + 1 + self.samples.index('')}: a sample has no name: "
                "name it with `bcftools reheader -s`."
            )

    # -- the records ------------------------------------------------------------------------------

    def _record(self, line: bytes) -> None:
        if not line:
            return  # Hail passes over empty lines, which some writers leave at the end
        tabs = line.count(b"\t")
        if tabs != self._tabs:
            self._find(
                "columns",
                f"this record has {tabs + 1:,} column{'s' if tabs else ''} where the header has {self._tabs + 1:,}",
                "the file is damaged; make it again.",
            )
            return
        fields = line.split(b"\t", 9)
        self._place(fields[0], fields[1])
        if not _READABLE.fullmatch(fields[3]):
            self.unreadable += 1
        if fields[8] not in self._formats:
            self._formats[fields[8]] = self._number
        calls = fields[9]
        if b"." in calls and _may_hold_partial(calls):
            self.partial_genotypes += len(_PARTIAL_CALL.findall(calls))

    def _place(self, contig: bytes, position: bytes) -> None:
        if not position.isdigit():
            self._find("position", "the position is not a whole number", "make the file again.")
            return
        at = int(position)
        if contig != self._contig:
            self._end_stretch()
            if contig in self._seen:
                self._find(
                    "sorting",
                    f"contig {_shown(contig)} comes back after another one, so that the file is not sorted",
                    "sort it with `bcftools sort -Oz`.",
                )
            self._seen.add(contig)
            self._contig, self._first, self._last, self._records = contig, at, at, 0
        elif at < self._last:
            self._find(
                "sorting",
                f"position {at:,} on {_shown(contig)} comes after {self._last:,}, so that the file is not sorted",
                "sort it with `bcftools sort -Oz`.",
            )
        self._first = min(self._first, at)
        self._last = max(self._last, at)
        self._records += 1

    def _end_stretch(self) -> None:
        if self._records:
            self._stretches.append(
                Stretch(_shown(self._contig), self._first, self._last, self._records)
            )
        self._records = 0

    # -- what the whole says ----------------------------------------------------------------------

    def _format_problems(self) -> list[str]:
        without_genotypes = [
            line for names, line in self._formats.items() if b"GT" not in names.split(b":")
        ]
        if not self._formats or len(without_genotypes) < len(self._formats):
            return []
        return [
            f"{self.path}, line {min(without_genotypes):,}: no record has a genotype (GT in FORMAT): name a VCF that has them."
        ]


def _may_hold_partial(calls: bytes) -> bool:
    """Return whether some separator of alleles has a dot on one side only; quick, and never wrongly no."""
    return any(
        calls.count(b"." + bar) != both or calls.count(bar + b".") != both
        for bar in (b"/", b"|")
        for both in (calls.count(b"." + bar + b"."),)
    )


def _shown(contig: bytes) -> str:
    return contig.decode("utf-8", errors="replace")
