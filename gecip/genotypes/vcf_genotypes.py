"""Read the genotypes of bgzipped VCFs, and nothing else of them, as fast as they are decompressed.

BGZF is blocks of at most 64 kB, each a gzip member of its own: they are decompressed on all cores,
joined to stretches of whole lines, and read by a compiled kernel on all cores.
"""

from __future__ import annotations

import struct
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from gecip.errors import GenotypesError
from gecip.genotypes.compact import CompactStore
from gecip.genotypes.compact_writing import CompactWriter, Stretch
from gecip.genotypes.machine import available_cores

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Bytes = npt.NDArray[np.uint8]
    Places = npt.NDArray[np.int64]

COMPRESSED_AT_ONCE = 1024 * 1024
TEXT_AT_ONCE = 16 * 1024 * 1024
GZIP_MEMBER = 31  # how zlib is told of a gzip header
LOOK_AHEAD = 16
BLOCK_HEAD = struct.Struct("<4BI2BH")

Given = TypeVar("Given")
Made = TypeVar("Made")


def compact_from_vcfs(
    folder: Path,
    files: Sequence[Path],
    *,
    samples: Sequence[str],
    usable: Sequence[int],
    keep_partial: bool,
) -> CompactStore:
    """Write a compact store of VCFs into a folder, and return it.

    Rows with one alternate allele are taken, as they are; others (several alternates, none, symbolic
    ones) are counted and left out. Without `GT` a row is missing throughout.

    Parameters
    ----------
    folder
        A new folder.
    files
        Bgzipped VCFs, each with the same samples in the same order.
    samples
        The samples of their headers.
    usable
        Places of those to take in, ascending.
    keep_partial
        Whether `1/.` keeps the known allele (the other counts as reference at this row), or is missing.

    Raises
    ------
    GenotypesError
        When a file is damaged, or a genotype is none that a row with one alternate can have.
    """
    import numpy as np

    targets = np.full(len(samples), -1, dtype=np.int64)
    targets[list(usable)] = np.arange(len(usable))
    people = [samples[place] for place in usable]
    with CompactWriter(folder, people) as writer, ThreadPoolExecutor(available_cores()) as pool:
        for file in files:
            texts = _whole_lines(_in_order(pool, _decompressed, _compressed(file), file))

            def read(text: tuple[Bytes, int], file: Path = file) -> Stretch:
                return _stretch(text, targets, len(usable), int(keep_partial), file)

            for stretch in _in_order(pool, read, texts, file):
                writer.append(stretch)
        return writer.finish(partial_genotypes="keep" if keep_partial else "missing")


def _in_order(
    pool: ThreadPoolExecutor, work: Callable[[Given], Made], given: Iterable[Given], file: Path
) -> Iterator[Made]:
    """Yield what work makes of each that is given, in order, a few at a time on all cores."""
    waiting: deque[Future[Made]] = deque()
    try:
        for one in given:
            waiting.append(pool.submit(work, one))
            if len(waiting) > 2 * available_cores():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except (zlib.error, struct.error, EOFError, OSError) as error:
        raise GenotypesError(
            f"{file}: this is no bgzipped VCF, or a damaged one ({error}): restore it, or make the release again."
        ) from None


def _compressed(file: Path) -> Iterator[bytes]:
    """Yield the blocks of a BGZF file, about a megabyte of them together."""
    with file.open("rb") as source:
        blocks: list[bytes] = []
        size = 0
        while block := _next_block(source):
            blocks.append(block)
            size += len(block)
            if size > COMPRESSED_AT_ONCE:
                yield b"".join(blocks)
                blocks, size = [], 0
        yield b"".join(blocks)


def _next_block(source: BinaryIO) -> bytes:
    head = source.read(18)
    if not head:
        return b""
    if len(head) < 18 or head[:4] != b"\x1f\x8b\x08\x04" or head[12:16] != b"BC\x02\x00":
        raise zlib.error("a block of BGZF was expected")
    size = struct.unpack_from("<H", head, 16)[0] + 1
    rest = source.read(size - 18)
    if len(rest) < size - 18:
        raise EOFError("it ends within a block")
    return head + rest


def _decompressed(blocks: bytes) -> bytes:
    texts = []
    place = 0
    while place < len(blocks):
        size = struct.unpack_from("<H", blocks, place + 16)[0] + 1
        texts.append(zlib.decompress(blocks[place : place + size], GZIP_MEMBER, 65536))
        place += size
    return b"".join(texts)


def _whole_lines(texts: Iterable[bytes]) -> Iterator[tuple[Bytes, int]]:
    """Yield stretches of whole lines, and their lengths: behind each there is room to look ahead."""
    waiting: list[bytes] = []
    size = 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= TEXT_AT_ONCE:
            joined = b"".join(waiting)
            end = joined.rfind(b"\n") + 1
            if end:
                yield _padded(joined[:end])
                waiting, size = [joined[end:]], len(joined) - end
    rest = b"".join(waiting)
    if rest:
        yield _padded(rest if rest.endswith(b"\n") else rest + b"\n")


def _padded(text: bytes) -> tuple[Bytes, int]:
    import numpy as np

    return np.frombuffer(text + b"\n" * LOOK_AHEAD, dtype=np.uint8), len(text)


def _stretch(
    text: tuple[Bytes, int], targets: Places, people: int, keep_partial: int, file: Path
) -> Stretch:
    """Return the variants of some lines with their genotypes."""
    from gecip.genotypes import vcf_kernels as kernels

    letters, length = text
    starts = kernels.line_starts(letters, length)
    found, fields, packed, bits = kernels.read_lines(letters, starts, targets, people, keep_partial)
    _require_readable(found, fields, file)
    good = found == kernels.GOOD
    fields = fields[good]
    return Stretch(
        variants=_variants(letters, fields),
        packed=packed if good.all() else packed[good],
        haploid=bits[good][fields[:, kernels.HAPLOID] > 0],
        left_out=int((found == kernels.LEFT_OUT).sum()),
        filtered=int(fields[:, kernels.FILTERED].sum()),
    )


def _require_readable(found: Bytes, fields: Places, file: Path) -> None:
    import numpy as np

    from gecip.genotypes.vcf_kernels import NO_GENOTYPE, POSITION, TOO_FEW_COLUMNS

    for kind, trouble in (
        (TOO_FEW_COLUMNS, "has fewer columns than the header"),
        (NO_GENOTYPE, "holds a genotype that a row with one alternate allele cannot have"),
    ):
        lines = np.flatnonzero(found == kind)
        if len(lines):
            raise GenotypesError(
                f"{file}: the record at position {fields[lines[0], POSITION]:,} {trouble}: check the file with "
                "`bcftools view`, and split rows with several alternates with `bcftools norm -m-`."
            )


def _variants(letters: Bytes, fields: Places) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    from gecip.genotypes import vcf_kernels as kernels

    def texts(begin: int) -> pa.Array:
        offsets = np.zeros(len(fields) + 1, dtype=np.int32)
        np.cumsum(fields[:, begin + 1], out=offsets[1:])
        gathered = kernels.gather(letters, np.ascontiguousarray(fields[:, begin]), offsets)
        return pa.StringArray.from_buffers(
            len(fields), pa.py_buffer(offsets), pa.py_buffer(gathered)
        )

    def numbers(column: int) -> pa.Array:
        return pa.array(fields[:, column].astype(np.int32))

    return pa.table(
        {
            "contig": texts(kernels.CONTIG),
            "position": pa.array(np.ascontiguousarray(fields[:, kernels.POSITION])),
            "reference": texts(kernels.REFERENCE),
            "alternate": texts(kernels.ALTERNATE),
            "alternate_alleles": numbers(kernels.ALTERNATE_ALLELES),
            "alleles": numbers(kernels.ALLELES),
            "missing": numbers(kernels.NO_CALL),
            "haploid": numbers(kernels.HAPLOID),
        }
    )
