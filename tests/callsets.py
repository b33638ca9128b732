"""Small VCFs and tables of people written by hand, right or with one thing wrong."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from gecip.model.assembly import GRCH38
from gecip.release.bgzip import END_OF_FILE
from gecip.release.vcf_files import FIXED_COLUMNS

SAMPLES = ("S1", "S2", "S3")
RECORDS = ("chr1 1000 A G 0/0 0/1 1/1", "chr1 2000 C T 0/1 ./. 0/0", "chr2 500 G A 0/0 0/0 0/1")


def vcf_text(
    records: Sequence[str] = RECORDS,
    *,
    samples: Sequence[str] = SAMPLES,
    lengths: Mapping[str, int] = GRCH38.lengths,
    header: Sequence[str] = (),
) -> str:
    """Return a VCF in which each record is written as `contig position ref alt genotypes…`."""
    lines = ["##fileformat=VCFv4.2", *header]
    lines += [f"##contig=<ID={name},length={length}>" for name, length in lengths.items()]
    lines.append('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">')
    lines.append("\t".join([*FIXED_COLUMNS, *samples]))
    for record in records:
        contig, position, reference, alternate, *calls = record.split()
        fields = [contig, position, ".", reference, alternate, ".", "PASS", ".", "GT", *calls]
        lines.append("\t".join(fields))
    return "".join(f"{line}\n" for line in lines)


def bgzip(text: str | bytes, *, block: int = 200, end: bytes = END_OF_FILE) -> bytes:
    """Return bgzipped text in blocks so small that a short text has several."""
    data = text.encode() if isinstance(text, str) else text
    pieces = []
    for start in range(0, len(data), block):
        piece = data[start : start + block]
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(piece) + packer.flush()
        head = bytes.fromhex("1f8b08040000000000ff060042430200")
        size = struct.pack("<H", len(head) + 2 + len(packed) + 8 - 1)
        pieces.append(head + size + packed + struct.pack("<II", zlib.crc32(piece), len(piece)))
    return b"".join(pieces) + end


def write_vcf(path: Path, text: str | None = None) -> Path:
    """Write a bgzipped VCF, the right one if no text is given."""
    path.write_bytes(bgzip(vcf_text() if text is None else text))
    return path


def write_people(path: Path, text: str = "sample\tsex\nS1\tmale\nS2\tF\nS3\t2\n") -> Path:
    """Write a table of people."""
    path.write_text(text, encoding="utf-8")
    return path
