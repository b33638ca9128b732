"""The plain parts of every VCF that is written here: header lines, and a compressed file with its index."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from gecip.model.assembly import GRCH38

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"

# A field of a header: its name, how many values it has, their type, and what they say.
Described = tuple[str, str, str, str]


def header_lines(
    *,
    source: str,
    filters: Iterable[tuple[str, str]] = (),
    alternates: Iterable[tuple[str, str]] = (),
    information: Iterable[Described] = (),
    formats: Iterable[Described] = (),
    samples: Iterable[str] = (),
) -> list[str]:
    """Return the whole header of a VCF, its line of columns last."""
    return [
        "##fileformat=VCFv4.2",
        f"##source={source}",
        '##FILTER=<ID=PASS,Description="All filters passed">',
        *(f'##FILTER=<ID={name},Description="{words}">' for name, words in filters),
        *(f'##ALT=<ID={name},Description="{words}">' for name, words in alternates),
        *(
            f"##contig=<ID={name},length={length},assembly={GRCH38.name}>"
            for name, length in GRCH38.lengths.items()
        ),
        *_described("INFO", information),
        *_described("FORMAT", formats),
        "\t".join((COLUMNS, "FORMAT", *samples)),
    ]


def _described(kind: str, fields: Iterable[Described]) -> list[str]:
    return [
        f'##{kind}=<ID={name},Number={number},Type={type_},Description="{words}">'
        for name, number, type_, words in fields
    ]


def write_indexed_vcf(
    path: Path, lines: Iterable[str], *, kind_of_index: Literal["tbi", "csi"] = "tbi"
) -> None:
    """Write the lines of a VCF, which are in order, as a bgzipped file with an index beside it."""
    import pysam

    path.parent.mkdir(parents=True, exist_ok=True)
    with pysam.BGZFile(str(path), _COMPRESSION, None) as out:  # type: ignore[arg-type]
        pending: list[str] = []
        for line in lines:
            pending.append(line)
            if len(pending) == _LINES_AT_ONCE:
                out.write("\n".join((*pending, "")).encode())
                pending = []
        out.write("\n".join((*pending, "")).encode() if pending else b"")
    pysam.tabix_index(str(path), preset="vcf", csi=kind_of_index == "csi")


_LINES_AT_ONCE = 200
# Half the time of htslib's default, for a sixth more bytes; its types do not know that a mode may name an effort.
_COMPRESSION = "w4"
