"""Stretches of the genome: regions as people write them, and genes by their symbols."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.errors import GenotypesError
from gecip.model.genes import GENES
from gecip.model.table import nearest

if TYPE_CHECKING:
    from gecip.release.layout import Chunk

CONTIGS = (*(f"chr{number}" for number in range(1, 23)), "chrX", "chrY", "chrM")


@dataclass(frozen=True)
class Region:
    """A stretch of one chromosome of GRCh38, 1-based and inclusive."""

    contig: str
    start: int
    stop: int

    def touches(self, chunk: Chunk) -> bool:
        """Return whether a chunk of the aggregate holds any of this region's positions."""
        return (
            chunk.contig in (self.contig, "*")
            and chunk.start <= self.stop
            and self.start <= chunk.stop
        )

    def __str__(self) -> str:
        return f"{self.contig}:{self.start}-{self.stop}"


def parse_region(text: str) -> Region:
    """Return a region written as `chr16:2088000-2136000`; commas in the numbers are allowed.

    Raises
    ------
    GenotypesError
        When it is not written so, or its end lies before its start.
    """
    found = re.fullmatch(r"(chr\w+):([\d,]+)-([\d,]+)", text.strip())
    if not found or found.group(1) not in CONTIGS:
        raise GenotypesError(
            f"{text!r} is not a region of GRCh38: write it as chr16:2088000-2136000."
        )
    start, stop = (int(number.replace(",", "")) for number in found.groups()[1:])
    if not 1 <= start <= stop:
        raise GenotypesError(f"{text!r} ends before it begins: write the smaller position first.")
    return Region(found.group(1), start, stop)


def region_of_gene(symbol: str) -> Region:
    """Return where a gene lies.

    Raises
    ------
    GenotypesError
        When the gene table has no such symbol; the message names the nearest.
    """
    gene = GENES.get(symbol) or GENES.get(symbol.upper())
    if gene is None:
        raise GenotypesError(
            f"The gene table has no gene {symbol!r}{nearest(symbol.upper(), tuple(GENES))} "
            "For a gene that it lacks, give its place with regions=['chr…:start-stop']."
        )
    return Region(gene.contig, gene.start, gene.stop)
