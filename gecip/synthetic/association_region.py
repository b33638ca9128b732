"""The stretch of the genome on which associations are looked for: dense, linked, common variants.

It lies away from the disease genes, on an autosome that has none, so that nothing planted for
families is near.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Region:
    """A stretch of a contig, 1-based and inclusive."""

    contig: str
    start: int
    stop: int

    def holds(self, contig: str, position: int) -> bool:
        """Return whether a position lies in the region."""
        return contig == self.contig and self.start <= position <= self.stop


# Two million bases, an assumption: long enough for linkage to fall to nothing from end to end.
ASSOCIATION_REGION = Region("chr10", 70_000_001, 72_000_000)
