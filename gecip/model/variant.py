"""How a variant is named: contig, position, reference and alternate allele, in whichever way a table writes them."""

from __future__ import annotations

import re
from typing import NamedTuple

from gecip.errors import DefinitionError

_BASES = re.compile(r"[ACGTN]+")
_CONTIGS = frozenset([*map(str, range(1, 23)), "X", "Y", "M"])
_SEPARATORS = re.compile(r"[:\-_/\s>]+")


class Variant(NamedTuple):
    """One small variant of GRCh38's or GRCh37's primary contigs; `position` is 1-based, `contig` as `chr1` or `chrM`.

    Two that are equal need not be written alike: compare them `trimmed`.
    """

    contig: str
    position: int
    reference: str
    alternate: str

    def __str__(self) -> str:
        return f"{self.contig}:{self.position}:{self.reference}:{self.alternate}"

    @property
    def trimmed(self) -> Variant:
        """The same variant without bases that both alleles share at their ends, one at least kept in each.

        Tables of different pipelines pad alleles differently, most of all at multiallelic sites that were
        split. Without the reference sequence an indel in a repeat cannot be shifted to its leftmost place:
        the tables here were all made from left-aligned VCFs.
        """
        reference, alternate, position = self.reference, self.alternate, self.position
        while len(reference) > 1 and len(alternate) > 1 and reference[-1] == alternate[-1]:
            reference, alternate = reference[:-1], alternate[:-1]
        while len(reference) > 1 and len(alternate) > 1 and reference[0] == alternate[0]:
            reference, alternate, position = reference[1:], alternate[1:], position + 1
        return Variant(self.contig, position, reference, alternate)


def contig_name(text: str) -> str | None:
    """Return a contig as GRCh38 names it, `chr1` to `chrM`, or nothing where it is none of the primary ones."""
    bare = text.strip().removeprefix("chr").removeprefix("Chr").upper()
    bare = {"MT": "M", "23": "X", "24": "Y"}.get(bare, bare)
    return f"chr{bare}" if bare in _CONTIGS else None


def parse_variant(text: str) -> Variant:
    """Return the variant that is named as `chr16:2088000:C:T`, `16-2088000-C-T` or `16:2,088,000 C>T`.

    Raises
    ------
    DefinitionError
        When it is not one small variant with both alleles, and which part is not.
    """
    parts = [part for part in _SEPARATORS.split(text.strip().replace(",", "")) if part]
    if len(parts) == 3 and (run := re.fullmatch(r"(\d+)([ACGTNacgtn]+)", parts[1])):
        parts = [parts[0], *run.groups(), parts[2]]
    if len(parts) != 4:
        raise DefinitionError(
            f"{text!r} does not name a variant: write contig, position, reference and alternate allele, as "
            "'chr16:2088000:C:T'."
        )
    contig = contig_name(parts[0])
    if contig is None:
        raise DefinitionError(
            f"{text!r} lies on no contig of the assembly: write chr1 to chr22, chrX, chrY or chrM, as in 'chr16:2088000:C:T'."
        )
    if not parts[1].isdigit() or int(parts[1]) == 0:
        raise DefinitionError(
            f"{text!r} has no position: write a number from 1 after the contig, as in 'chr16:2088000:C:T'."
        )
    reference, alternate = parts[2].upper(), parts[3].upper()
    for allele in (reference, alternate):
        if not _BASES.fullmatch(allele):
            raise DefinitionError(
                f"{text!r} has an allele that is not written in bases: small variants are written in A, C, G and T, as in "
                "'chr16:2088000:C:T'."
            )
    if reference == alternate:
        raise DefinitionError(f"{text!r} changes nothing: both of its alleles are the same.")
    return Variant(contig, int(parts[1]), reference, alternate)
