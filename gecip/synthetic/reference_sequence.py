"""The reference sequence of a release: invented bases where something lies, N everywhere else.

The contigs have their real lengths, three billion bases. The file is a bgzipped FASTA, whose blocks
are compressed one by one: a block of nothing but N is compressed once and its bytes repeated, so
that the whole takes seconds and a few megabytes.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from gecip.model.assembly import GRCH38
from gecip.model.genes import GENES
from gecip.release.layout import AGGREGATE, REFERENCE
from gecip.synthetic.association_region import ASSOCIATION_REGION, Region
from gecip.synthetic.gene_structure import reference_bases_at

Bases = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]

AROUND_A_GENE = 1_000
AROUND_A_PLACE = 100
BASES_PER_LINE = 60
# As many whole lines as a block may hold: 65,280 bytes with their ends of line.
LINES_PER_BLOCK = 1_070
_BASES_PER_BLOCK = BASES_PER_LINE * LINES_PER_BLOCK
_UNKNOWN = ord("N")
# With a larger share of bases than this, looking for repeats costs time and finds none.
_DENSE = 0.1
_STRETCHES_AT_ONCE = 500
_HEAD = struct.Struct("<4BI2BH2s2H")
_TAIL = struct.Struct("<2I")
# The empty block by which readers know that nothing is cut off (SAM specification, section 4.1.2).
_LAST_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def positions_in_other_files(folder: Path) -> dict[str, Positions]:
    """Return by contig where the release's VCFs have rows, but for the germline aggregate."""
    found: dict[str, set[int]] = {}
    for path in sorted(folder.rglob("*.vcf.gz")):
        if AGGREGATE in path.relative_to(folder).parents:
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith("#"):
                    contig, position, _ = line.split("\t", 2)
                    found.setdefault(contig, set()).add(int(position))
    return {contig: np.array(sorted(positions)) for contig, positions in found.items()}


def write_reference(folder: Path, *positions: Mapping[str, Positions]) -> Path:
    """Write the reference sequence of a release with its indices `.fai` and `.gzi`, and return its path.

    Parameters
    ----------
    positions
        By contig, round which positions the sequence has bases, beside genes and the association region.
    """
    path = folder / REFERENCE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        writer = _BlockWriter(file)
        index = [
            _write_contig(writer, contig, length, _known(contig, positions))
            for contig, length in GRCH38.lengths.items()
        ]
        file.write(_LAST_BLOCK)
    Path(f"{path}.fai").write_text("".join(f"{line}\n" for line in index), encoding="ascii")
    Path(f"{path}.gzi").write_bytes(writer.index())
    return path


def _known(contig: str, positions: Sequence[Mapping[str, Positions]]) -> list[Region]:
    """Return the stretches of a contig that have bases, in order, those that touch made one."""
    stretches = [
        (gene.start - AROUND_A_GENE, gene.stop + AROUND_A_GENE)
        for gene in GENES.values()
        if gene.contig == contig
    ]
    if contig == ASSOCIATION_REGION.contig:
        stretches.append((ASSOCIATION_REGION.start, ASSOCIATION_REGION.stop))
    for mine in positions:
        at = np.asarray(mine.get(contig, ()), dtype=np.int64)
        stretches += zip(
            (at - AROUND_A_PLACE).clip(min=1).tolist(),
            (at + AROUND_A_PLACE).clip(max=GRCH38.lengths[contig]).tolist(),
            strict=True,
        )
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(stretches):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        else:
            merged.append((start, stop))
    return [Region(contig, start, stop) for start, stop in merged]


def _write_contig(writer: _BlockWriter, contig: str, length: int, known: list[Region]) -> str:
    """Write one contig, and return its line of the index: name, length, offset, bases and bytes of a line."""
    writer.write(f">{contig}\n".encode())
    offset = writer.written
    blocks = -(-length // _BASES_PER_BLOCK)
    done = 0
    for block, bases in _blocks_with_bases(contig, length, known):
        writer.write_unknown(block - done)
        dense = bool((bases != _UNKNOWN).mean() > _DENSE)
        writer.write(
            _lines(bases), strategy=zlib.Z_HUFFMAN_ONLY if dense else zlib.Z_DEFAULT_STRATEGY
        )
        done = block + 1
    last = np.full(length - (blocks - 1) * _BASES_PER_BLOCK, _UNKNOWN, dtype=np.uint8)
    if done < blocks:
        writer.write_unknown(blocks - done - 1)
        writer.write(_lines(last))
    return "\t".join(map(str, (contig, length, offset, BASES_PER_LINE, BASES_PER_LINE + 1)))


def _blocks_with_bases(
    contig: str, length: int, known: list[Region]
) -> Iterator[tuple[int, Bases]]:
    """Yield the blocks of a contig that hold more than N, by number, in order."""
    number, bases = -1, np.empty(0, dtype=np.uint8)
    for place, sequence in zip(known, _sequences(contig, known), strict=True):
        first, last = place.start - 1, place.stop
        for block in range(first // _BASES_PER_BLOCK, (last - 1) // _BASES_PER_BLOCK + 1):
            if block != number:
                if number >= 0:
                    yield number, bases
                start = block * _BASES_PER_BLOCK
                size = min(_BASES_PER_BLOCK, length - start)
                number, bases = block, np.full(size, _UNKNOWN, dtype=np.uint8)
            start = number * _BASES_PER_BLOCK
            low, high = max(first, start), min(last, start + len(bases))
            bases[low - start : high - start] = sequence[low - first : high - first]
    if number >= 0:
        yield number, bases


def _sequences(contig: str, known: Sequence[Region]) -> Iterator[Bases]:
    """Yield the bases of each stretch, drawn for many short ones at once: there are ten thousand."""
    at = 0
    while at < len(known):
        some = known[at : at + _STRETCHES_AT_ONCE]
        places = np.concatenate([np.arange(one.start, one.stop + 1) for one in some])
        sizes = [one.stop + 1 - one.start for one in some]
        yield from np.split(reference_bases_at(contig, places), np.cumsum(sizes)[:-1])
        at += len(some)


def _lines(bases: Bases) -> bytes:
    whole, rest = divmod(len(bases), BASES_PER_LINE)
    lines = np.full((whole, BASES_PER_LINE + 1), ord("\n"), dtype=np.uint8)
    lines[:, :BASES_PER_LINE] = bases[: whole * BASES_PER_LINE].reshape(whole, BASES_PER_LINE)
    last = bases[len(bases) - rest :].tobytes() + b"\n" if rest else b""
    return lines.tobytes() + last


@dataclass
class _BlockWriter:
    """Writes bgzipped blocks and remembers where each begins, compressed and not."""

    file: BinaryIO

    def __post_init__(self) -> None:
        self.written = 0
        self._compressed = 0
        self._starts: list[npt.NDArray[np.uint64]] = []

    def write(self, text: bytes, *, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> None:
        """Write a block."""
        self._repeat(_compressed(text, strategy), len(text), 1)

    def write_unknown(self, blocks: int) -> None:
        """Write blocks of nothing but N."""
        block = _unknown_block()
        self._repeat(block, _BASES_PER_BLOCK + LINES_PER_BLOCK, blocks)

    def _repeat(self, block: bytes, size: int, times: int) -> None:
        self.file.write(block * times)
        steps = np.arange(times, dtype=np.uint64)
        self._starts.append(
            np.column_stack(
                [
                    self._compressed + steps * np.uint64(len(block)),
                    self.written + steps * np.uint64(size),
                ]
            )
        )
        self._compressed += times * len(block)
        self.written += times * size

    def index(self) -> bytes:
        """Return the text of `.gzi`: how many blocks there are after the first, and where each begins."""
        starts = np.concatenate(self._starts)[1:]
        return struct.pack("<Q", len(starts)) + starts.astype("<u8").tobytes()


@cache
def _unknown_block() -> bytes:
    # Repeated tens of thousands of times: worth all the effort, as the blocks written once are not.
    return _compressed(_lines(np.full(_BASES_PER_BLOCK, _UNKNOWN, dtype=np.uint8)), effort=9)


def _compressed(text: bytes, strategy: int = zlib.Z_DEFAULT_STRATEGY, *, effort: int = 1) -> bytes:
    """Return a block of BGZF: gzip with its own size in an extra field."""
    compressor = zlib.compressobj(effort, zlib.DEFLATED, -15, zlib.DEF_MEM_LEVEL, strategy)
    body = compressor.compress(text) + compressor.flush()
    size = _HEAD.size + len(body) + _TAIL.size
    head = _HEAD.pack(31, 139, 8, 4, 0, 0, 255, 6, b"BC", 2, size - 1)
    return head + body + _TAIL.pack(zlib.crc32(text), len(text))
