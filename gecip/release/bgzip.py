"""Read a bgzipped file block by block, so that a broken one is refused at the very place.

A bgzip file is a row of small gzip members, each of which says its own length; it ends with an empty
one. What is cut off or damaged is thereby known with its offset, which no gzip reader tells.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gecip.errors import InputError
from gecip.release.opened_files import opening

# The empty block with which every whole bgzip file ends (SAM specification, section 4.1.2).
END_OF_FILE = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_GZIP = b"\x1f\x8b\x08"
_READ = 4 << 20
_AHEAD = 4


@dataclass(frozen=True)
class Blocks:
    """Some whole blocks in a row: where they lie in the file, and what they hold."""

    offset: int
    length: int
    text: bytes
    checks: bytes


@dataclass(frozen=True)
class _Packed:
    """Blocks as they lie in the file, cut apart but not yet unpacked."""

    offset: int
    data: bytes
    bounds: tuple[tuple[int, int, int], ...]


def check_bgzip(path: Path) -> None:
    """Refuse a file that is not bgzipped at all, saying what it is and what to do.

    Raises
    ------
    InputError
        When it cannot be read, is empty, plain text, plain gzip or something else.
    """
    with opening(path, wanted="the VCF files"), path.open("rb") as file:
        begin = file.read(18)
    if not begin:
        raise InputError(f"{path}: this file is empty: copy or make it again.")
    if begin.startswith(_GZIP):
        if not _is_bgzip(begin):
            raise InputError(
                f"{path}, offset 0: this is gzip, but not bgzip, so that it cannot be read in pieces: "
                f"run `gunzip -c FILE | bgzip > NEW.vcf.gz` or `bcftools view -Oz`."
            )
        return
    if begin.startswith(b"##fileformat=VCF"):
        raise InputError(
            f"{path}, offset 0: this VCF is plain text: compress it with `bgzip`, not with gzip."
        )
    raise InputError(
        f"{path}, offset 0: this is not a bgzipped VCF: name a .vcf.gz file, or make one with `bcftools view -Oz`."
    )


def check_whole(path: Path) -> None:
    """Refuse a file that is not bgzipped or has lost its end; reads only its first and last bytes.

    Raises
    ------
    InputError
        When it is so.
    """
    check_bgzip(path)
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - len(END_OF_FILE), 0))
        if file.read() != END_OF_FILE:
            raise InputError(_without_end(path, size))


def read_blocks(path: Path) -> Iterator[Blocks]:
    """Yield the file's content in whole blocks, unpacked ahead by other cores and checked by their sums.

    Raises
    ------
    InputError
        Where a block is broken or the end is missing, after all before it has been given.
    """
    with path.open("rb") as file, ThreadPoolExecutor(max_workers=2) as pool:
        waiting: deque[Future[Blocks]] = deque()
        failure: InputError | None = None
        packed = _cut(path, file)
        try:
            while True:
                try:
                    while len(waiting) < _AHEAD:
                        waiting.append(pool.submit(_unpack, path, next(packed)))
                except StopIteration:
                    pass
                except InputError as error:
                    failure = error
                if not waiting:
                    break
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
        if failure is not None:
            raise failure


def _cut(path: Path, file: BinaryIO) -> Iterator[_Packed]:
    """Yield runs of blocks by their headers alone; the last bytes must be the empty block."""
    offset = 0
    rest = b""
    tail = b""
    while data := file.read(_READ):
        data = rest + data
        bounds = []
        at = 0
        while (size := _block_size(path, data, at, offset=offset)) and at + size <= len(data):
            header = 12 + struct.unpack_from("<H", data, at + 10)[0]
            bounds.append((at, at + header, at + size))
            at += size
        if bounds:
            tail = data[bounds[-1][0] : at]
            yield _Packed(offset, data[:at], tuple(bounds))
        rest = data[at:]
        offset += at
    if rest:
        raise InputError(
            f"{path}, offset {offset:,}: the file is cut off inside a bgzip block: copy or make it again."
        )
    if tail != END_OF_FILE:
        raise InputError(_without_end(path, offset))


def _without_end(path: Path, size: int) -> str:
    return (
        f"{path}, offset {size:,}: the file ends without bgzip's empty last block, so that it is probably cut off: "
        "copy or make it again."
    )


def _block_size(path: Path, data: bytes, at: int, *, offset: int) -> int:
    """Return the length of the block that begins at `at`, or 0 where too little of it is there."""
    if len(data) - at < 18:
        return 0
    begin = data[at : at + 18]
    size = int(struct.unpack_from("<H", begin, 16)[0]) + 1
    if not _is_bgzip(begin) or size < len(END_OF_FILE):
        raise InputError(
            f"{path}, offset {offset + at:,}: no bgzip block begins here, so that the file is damaged: copy or make it again."
        )
    return size


def _is_bgzip(begin: bytes) -> bool:
    # Every writer in use puts the block's length first among the extra fields, where the specification shows it.
    return begin.startswith(b"\x1f\x8b\x08\x04") and begin[12:16] == b"BC\x02\x00"


def _unpack(path: Path, packed: _Packed) -> Blocks:
    texts = []
    checks = []
    for begin, inside, end in packed.bounds:
        check, length = struct.unpack_from("<II", packed.data, end - 8)
        try:
            text = zlib.decompress(packed.data[inside : end - 8], -15, max(length, 1))
        except zlib.error:
            text = b""
            length = -1
        if len(text) != length or zlib.crc32(text) != check:
            raise InputError(
                f"{path}, offset {packed.offset + begin:,}: this bgzip block is damaged: copy or make the file again."
            )
        texts.append(text)
        if text:
            checks.append(packed.data[end - 8 : end])
    return Blocks(packed.offset, len(packed.data), b"".join(texts), b"".join(checks))
