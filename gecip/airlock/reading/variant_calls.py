"""Read VCF: whose genotypes it holds, and of its sites the frequencies and counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from gecip.airlock.judging.sentences import plural
from gecip.airlock.reading.opened import Opened
from gecip.airlock.reading.pieces import Grid, Piece, Remark, Speech, Words
from gecip.governance.disclosure import Verdict

_LINES_AT_ONCE = 20_000
_FIXED = 8
_HEADER = ("CHROM", "POS", "ID", "REF", "ALT", "AF", "AC", "AN", "nhomalt")
_HOMOZYGOTES = ("nhomalt", "AC_Hom", "Hom", "HOM", "nhom", "N_HOM")
# Numbers of reads, alleles and places in INFO, and the rs number of a site.
_NUMBERS = re.compile(rb"(?:[;\t](?:DP|AC|AN|END|NS|MQ|SVLEN|AF|POS2?)=[\d.,eE+-]+)|^rs\d+")
_SUSPICIOUS = re.compile(rb"[12]\d{8}|\d{7}[-_. ]?(?:DNA|dna)|HX\d{8}|LP\d{7}|(?:pp|rr|ss)\d{6}")


def read_vcf(file: Opened) -> Iterator[Piece]:
    """Yield the header of a VCF, a refusal if it holds samples, and its sites as a table."""
    with file.plain() as stream:
        header, columns = _head(stream)
        yield Words(f"{file.place}the VCF's header", header, Speech.DATA)
        samples = columns[_FIXED + 1 :]
        if samples:
            yield Words(f"{file.place}the VCF's samples", "\n".join(samples), Speech.DATA)
            yield Remark(
                "individual_level",
                Verdict.FAIL,
                f"The VCF holds the genotypes of {plural(len(samples), 'sample')}.",
            )
        first = 1
        while lines := list(islice(stream, _LINES_AT_ONCE)):
            odd = [
                _NUMBERS.sub(b"", line.partition(b"\t")[2].partition(b"\t")[2]) for line in lines
            ]
            told = b"\n".join(line for line in odd if _SUSPICIOUS.search(line))
            if told:
                yield Words(
                    f"{file.place}the VCF's lines",
                    told.decode("utf-8", errors="replace"),
                    Speech.DATA,
                )
            rows = [row for line in lines for row in _rows(line)]
            yield Grid(f"{file.place}the VCF", _HEADER, rows, "", first)
            first += len(rows)


def _head(stream: BinaryIO) -> tuple[str, list[str]]:
    lines: list[str] = []
    for line in stream:
        text = line.decode("utf-8", errors="replace").rstrip("\r\n")
        if not text.startswith("##"):
            return "\n".join(lines), text.split("\t")
        lines.append(text)
    return "\n".join(lines), []


def _rows(line: bytes) -> Iterator[tuple[str, ...]]:
    """Yield a row for each alternate allele of a line."""
    fields = line.decode("utf-8", errors="replace").rstrip("\r\n").split("\t", _FIXED)
    if len(fields) < _FIXED:
        return
    info = dict(part.partition("=")[::2] for part in fields[7].split(";"))
    homozygotes = next((info[name] for name in _HOMOZYGOTES if name in info), "")
    for number, allele in enumerate(fields[4].split(",")):
        told = (
            _nth(info.get("AF", ""), number),
            _nth(info.get("AC", ""), number),
            info.get("AN", ""),
            _nth(homozygotes, number),
        )
        yield (fields[0], fields[1], fields[2], fields[3], allele, *told)


def _nth(values: str, number: int) -> str:
    parts = values.split(",")
    return parts[number] if number < len(parts) else parts[-1]
