"""A file that asks to leave, opened: its name, its bytes, and its first words, also where it is compressed."""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

SAMPLE = 1 << 20
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, repr=False)
class Opened:
    """A file on disk, or one within another: `content` where it is not on disk, `place` where a reader finds it."""

    name: str
    path: Path | None = None
    content: bytes | None = None
    place: str = ""
    depth: int = 0

    def inside(self, name: str, content: bytes, *, place: str) -> Opened:
        """Return a file that is within this one."""
        return Opened(name, content=content, place=place, depth=self.depth + 1)

    @property
    def size(self) -> int:
        """Bytes as they lie there."""
        return self.path.stat().st_size if self.path else len(self.content or b"")

    def stream(self) -> BinaryIO:
        """Return the bytes as they lie there, from the first."""
        return self.path.open("rb") if self.path else io.BytesIO(self.content or b"")

    @cached_property
    def first_bytes(self) -> bytes:
        """The first bytes as they lie there."""
        with self.stream() as file:
            return file.read(SAMPLE)

    @property
    def is_compressed(self) -> bool:
        """Return whether the bytes are compressed by gzip or bgzip."""
        return self.first_bytes[:2] == _GZIP

    @cached_property
    def sample(self) -> bytes:
        """The first bytes of what is in the file, uncompressed."""
        if not self.is_compressed:
            return self.first_bytes
        unpacker = zlib.decompressobj(wbits=31)
        return unpacker.decompress(self.first_bytes, SAMPLE)

    def plain(self) -> BinaryIO:
        """Return what is in the file, uncompressed, from the first byte."""
        if not self.is_compressed:
            return self.stream()
        return gzip.open(self.path if self.path else self.stream(), "rb")  # type: ignore[return-value]

    def read_plain(self, most: int) -> bytes:
        """Return what is in the file, uncompressed, up to so many bytes."""
        with self.plain() as file:
            return file.read(most)

    @property
    def inner_name(self) -> str:
        """The name without the ending of its compression, in small letters."""
        name = self.name.lower()
        for ending in (".gz", ".bgz"):
            name = name.removesuffix(ending)
        return name


def decoded(content: bytes) -> str:
    """Return text in the encoding that it seems to have."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def is_text(content: bytes) -> bool:
    """Return whether bytes are text: no zeros, and few that no text has."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    sample = content[:65536]
    if b"\x00" in sample:
        return False
    odd = sum(1 for byte in sample if byte < 9 or (13 < byte < 32 and byte != 27))
    return odd <= 0.01 * len(sample)
