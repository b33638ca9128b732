"""Stretches of the genome: regions as people write them, and genes by their symbols."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.errors import DefinitionError, GenotypesError
from gecip.model.assembly import GRCH38
from gecip.model.genes import find_gene
from gecip.release.layout import SEVERAL_CONTIGS

if TYPE_CHECKING:
    import hail as hl

    from gecip.release.layout import Chunk


@dataclass(frozen=True)
class Region:
    """A stretch of one chromosome of GRCh38, 1-based and inclusive."""

    contig: str
    start: int
    stop: int

    def touches(self, chunk: Chunk) -> bool:
        """Return whether a chunk of the aggregate may hold any of this region's positions."""
        same_contig = chunk.contig in (self.contig, SEVERAL_CONTIGS)
        return same_contig and chunk.start <= self.stop and self.start <= chunk.stop

    def interval(self) -> hl.Interval:
        """Return the region as Hail's interval of loci."""
        import hail as hl

        ends = (
            hl.Locus(self.contig, position, reference_genome="GRCh38")
            for position in (self.start, self.stop)
        )
        return hl.Interval(*ends, includes_start=True, includes_end=True)

    def __str__(self) -> str:
        return f"{self.contig}:{self.start}-{self.stop}"


def parse_regions(texts: Sequence[str]) -> tuple[Region, ...]:
    """Return regions written as `chr16:2088000-2136000` or, for a whole chromosome, `chrX`.

    Commas in the numbers are allowed; what lies behind a chromosome's end is left off.

    Raises
    ------
    GenotypesError
        When one is not written so, or lies nowhere.
    """
    return tuple(_parse(text) for text in _listed(texts, "regions", "chr16:2088000-2136000"))


def regions_of_genes(symbols: Sequence[str]) -> tuple[Region, ...]:
    """Return where genes lie, from the first to the last base of each.

    Raises
    ------
    GenotypesError
        When the gene table has no such symbol; the message names the nearest.
    """
    return tuple(_of_gene(symbol) for symbol in _listed(symbols, "genes", "PKD1"))


def _parse(text: str) -> Region:
    found = re.fullmatch(r"(chr\w+)(?::([\d,]+)-([\d,]+))?", text.strip())
    length = GRCH38.lengths.get(found.group(1)) if found else None
    if found is None or length is None:
        raise GenotypesError(
            f"{text!r} is not a region of GRCh38: write it as chr16:2088000-2136000."
        )
    contig, *ends = found.groups()
    if ends == [None, None]:
        return Region(contig, 1, length)
    start, stop = (int(end.replace(",", "")) for end in ends)
    if not 1 <= start <= stop:
        raise GenotypesError(
            f"{text!r} ends before it begins: write the smaller position, from 1, first."
        )
    if start > length:
        raise GenotypesError(f"{text!r} lies behind the end of {contig}, at {length:,}.")
    return Region(contig, start, min(stop, length))


def _of_gene(symbol: str) -> Region:
    try:
        gene = find_gene(symbol)
    except DefinitionError as error:
        raise GenotypesError(
            f"{error} For a gene that the table lacks, give its place, as in "
            "regions=['chr16:2088000-2136000']."
        ) from None
    return Region(gene.contig, gene.start, gene.stop)


def _listed(words: Sequence[str], parameter: str, example: str) -> Iterable[str]:
    """Refuse a single word where a list is wanted: its letters would be taken for the words."""
    if isinstance(words, str):
        raise GenotypesError(f"{parameter}= takes a list: write {parameter}=[{example!r}].")
    return words
