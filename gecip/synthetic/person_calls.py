"""One person's calls, put together again from the rows of the aggregate: what decomposition took apart.

The aggregate has a row for each alternate allele; a person's own file has one for each place, with the
genotype 1/2 where two alternate alleles were found. Read from the files, so that both cannot disagree.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gecip.release.layout import Chunk

_WAS_MULTIALLELIC, _WAS_CLUMPED = "OLD_MULTIALLELIC=", "OLD_CLUMPED="


@dataclass(frozen=True)
class CallFields:
    """The fields of one call: `GT:FT:GQ:GQX:DP:DPF:AD:PL`."""

    genotype: str
    quality: int
    calibrated_quality: int
    depth: int
    filtered: int
    reads: tuple[int, ...]
    likelihoods: tuple[int, ...]

    @classmethod
    def read(cls, text: str) -> CallFields:
        """Return the fields of a cell of the aggregate."""
        genotype, _, quality, calibrated, depth, filtered, reads, likelihoods = text.split(":")
        return cls(
            genotype, int(quality), int(calibrated), int(depth), int(filtered),
            tuple(map(int, reads.split(","))), tuple(map(int, likelihoods.split(","))),
        )  # fmt: skip


@dataclass(frozen=True)
class PersonCall(CallFields):
    """What was called at one place: the alleles found, and the fields of the call as numbers.

    `genotype` counts `alternates` from 1; `reads` has one count for each allele, `likelihoods` one for
    each genotype, in the order of a VCF.
    """

    contig: str
    position: int
    reference: str
    alternates: tuple[str, ...]

    @property
    def stop(self) -> int:
        """Return the last position that the reference allele covers."""
        return self.position + len(self.reference) - 1

    @property
    def is_single_base(self) -> bool:
        """Return whether every allele is one base long."""
        return all(len(allele) == 1 for allele in (self.reference, *self.alternates))


@dataclass(frozen=True, slots=True)
class ReferenceCall:
    """A place of the aggregate at which a person has the reference, or nothing was called (no depth)."""

    position: int
    depth: int
    filtered: int
    quality: int


@dataclass
class ContigCalls:
    """One person's calls of one contig, in order."""

    variants: list[PersonCall] = field(default_factory=list)
    references: list[ReferenceCall] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    """Rows that were one before decomposition: several alleles, or a block substitution base by base."""

    rows: Sequence[_Row]
    was_clumped: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the aggregate with the cells of the people asked for."""

    position: int
    reference: str
    alternate: str
    cells: tuple[str, ...]


def read_person_calls(
    chunks: Iterable[Chunk], platekeys: Sequence[str]
) -> dict[str, dict[str, ContigCalls]]:
    """Return the calls of a few people by platekey and contig; every row of the aggregate is read once."""
    calls: dict[str, dict[str, ContigCalls]] = {name: {} for name in platekeys}
    for chunk in chunks:
        for place in _places(chunk.genotypes, platekeys):
            for at, name in enumerate(platekeys):
                mine = calls[name].setdefault(chunk.contig, ContigCalls())
                for call in _calls(chunk.contig, place, at):
                    if isinstance(call, PersonCall):
                        mine.variants.append(call)
                    else:
                        mine.references.append(call)
    for contigs in calls.values():
        for mine in contigs.values():
            mine.variants.sort(key=lambda call: (call.position, call.reference))
            mine.references.sort(key=lambda call: call.position)
    return calls


def _places(path: Path, platekeys: Sequence[str]) -> Iterator[_Place]:
    """Yield the places of a chunk as they were before decomposition."""
    columns: list[int] = []
    groups: dict[str, list[_Row]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("##"):
                continue
            fields = line.rstrip("\n").split("\t")
            if line.startswith("#"):
                columns = [fields.index(name) for name in platekeys]
                continue
            row = _Row(
                int(fields[1]), fields[3], fields[4], tuple(fields[column] for column in columns)
            )
            groups.setdefault(_origin(fields), []).append(row)
    for origin, rows in groups.items():
        yield _Place(rows, was_clumped=origin.startswith(_WAS_CLUMPED))


def _origin(fields: Sequence[str]) -> str:
    """Return what a row came from, alike for rows of one place."""
    entries = fields[7].split(";")
    for told in (_WAS_CLUMPED, _WAS_MULTIALLELIC):
        for entry in entries:
            if entry.startswith(told):
                return entry
    return ":".join((fields[1], fields[3], fields[4]))


def _calls(contig: str, place: _Place, at: int) -> Iterator[PersonCall | ReferenceCall]:
    """Yield what one person has at a place of one row, or several that were taken apart."""
    rows = place.rows
    texts = [row.cells[at] for row in rows]
    found = [number for number, text in enumerate(texts) if "1" in text[: text.index(":")]]
    cells = {number: CallFields.read(texts[number]) for number in found}
    if place.was_clumped and found:
        first = found[0]
        whole = _Row(
            rows[0].position,
            "".join(row.reference for row in rows),
            "".join(row.alternate for row in rows),
            (),
        )
        yield _one_allele(contig, whole, cells[first])
    elif len(found) == 2:
        yield _two_alleles(
            contig, [rows[number] for number in found], [cells[number] for number in found]
        )
    elif found:
        yield _one_allele(contig, rows[found[0]], cells[found[0]])
    else:
        # Rows of one position agree; of a block substitution each base has a position of its own.
        for row in rows if place.was_clumped else rows[:1]:
            yield _reference(row, texts)


def _reference(row: _Row, cells: Sequence[str]) -> ReferenceCall:
    # By far the most cells: only what is kept of them is read as a number.
    seen = next((text for text in cells if text.startswith(("0/0:", "0:"))), None)
    _, _, quality, _, depth, filtered, _ = (seen or cells[0]).split(":", 6)
    if seen is None:
        return ReferenceCall(row.position, 0, int(filtered), 0)
    return ReferenceCall(row.position, int(depth), int(filtered), int(quality))


def _one_allele(contig: str, row: _Row, cell: CallFields) -> PersonCall:
    return PersonCall(
        **vars(cell),
        contig=contig,
        position=row.position,
        reference=row.reference,
        alternates=(row.alternate,),
    )


def _two_alleles(contig: str, rows: Sequence[_Row], cells: Sequence[CallFields]) -> PersonCall:
    """Return the call 1/2 of which two rows each show a part, both beginning at one position."""
    longest = max((row.reference for row in rows), key=len)
    first, second = cells
    both = replace(
        first,
        genotype="1/2",
        reads=(first.reads[0], first.reads[1], second.reads[1]),
        # 0/0, 0/1, 1/1, 0/2, 1/2, 2/2: the one that was called is the likeliest.
        likelihoods=(*first.likelihoods, second.likelihoods[1], 0, second.likelihoods[2]),
    )
    return PersonCall(
        **vars(both),
        contig=contig,
        position=rows[0].position,
        reference=longest,
        alternates=tuple(row.alternate + longest[len(row.reference) :] for row in rows),
    )
