"""The reference genome of Mycobacterium tuberculosis, H37Rv: the genes that drugs act on, and where a change lies.

Places are those of NC_000962.3, 1-based and inclusive. Genes and their ends after the annotation of
that record; names as the WHO's catalogue of mutations writes them (2nd edition, 2023), which calls
mmpR5 by its locus, `Rv0678`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

REFERENCE = "NC_000962.3"
LENGTH = 4_411_532


@dataclass(frozen=True)
class BacterialGene:
    """One gene: where it lies and on which strand; `start` is below `stop` on both."""

    name: str
    start: int
    stop: int
    strand: str

    def place(self, base: int) -> int:
        """Return the place on the genome of a base of the gene: 1 is its first, -1 the last before it.

        There is no base 0 in this way of counting.
        """
        offset = base - 1 if base > 0 else base
        return self.start + offset if self.strand == "+" else self.stop - offset


def _genes(*rows: tuple[str, int, int, str]) -> Mapping[str, BacterialGene]:
    return {row[0]: BacterialGene(*row) for row in rows}


# The genes that the WHO searched first (its tier 1).
GENES: Mapping[str, BacterialGene] = _genes(
    ("gyrB", 5_240, 7_267, "+"),
    ("gyrA", 7_302, 9_818, "+"),
    ("fgd1", 490_783, 491_793, "+"),
    ("mshA", 575_348, 576_790, "+"),
    ("rpoB", 759_807, 763_325, "+"),
    ("mmpL5", 775_586, 778_480, "-"),
    ("mmpS5", 778_477, 778_905, "-"),
    ("Rv0678", 778_990, 779_487, "+"),
    ("rpsL", 781_560, 781_934, "+"),
    ("rplC", 800_809, 801_462, "+"),
    ("fbiC", 1_302_931, 1_305_501, "+"),
    ("Rv1258c", 1_406_081, 1_407_340, "-"),
    ("atpE", 1_461_045, 1_461_290, "+"),
    ("rrs", 1_471_846, 1_473_382, "+"),
    ("rrl", 1_473_658, 1_476_795, "+"),
    ("inhA", 1_674_202, 1_675_011, "+"),
    ("tlyA", 1_917_940, 1_918_746, "+"),
    ("katG", 2_153_889, 2_156_111, "-"),
    ("Rv1979c", 2_221_719, 2_223_164, "-"),
    ("pncA", 2_288_681, 2_289_241, "-"),
    ("eis", 2_714_124, 2_715_332, "-"),
    ("ahpC", 2_726_193, 2_726_780, "+"),
    ("pepQ", 2_859_300, 2_860_418, "-"),
    ("Rv2983", 3_339_118, 3_339_762, "+"),
    ("whiB7", 3_568_401, 3_568_679, "-"),
    ("fbiA", 3_640_543, 3_641_538, "+"),
    ("fbiB", 3_641_535, 3_642_881, "+"),
    ("ddn", 3_986_844, 3_987_299, "+"),
    ("clpC1", 4_038_158, 4_040_704, "-"),
    ("panD", 4_043_862, 4_044_281, "-"),
    ("embC", 4_239_863, 4_243_147, "+"),
    ("embA", 4_243_233, 4_246_517, "+"),
    ("embB", 4_246_514, 4_249_810, "+"),
    ("ubiA", 4_268_925, 4_269_833, "-"),
    ("ethA", 4_326_004, 4_327_473, "-"),
    ("gid", 4_407_528, 4_408_202, "-"),
)

# Two neighbours of the PE/PPE families, whose repeats short reads cannot be placed in.
PE_GENES: Mapping[str, BacterialGene] = _genes(
    ("PE_PGRS3", 333_437, 336_310, "-"),
    ("PE_PGRS4", 336_560, 339_073, "-"),
)

_PE_PPE_NAME = re.compile(r"P?PE(_PGRS|_MPTR)?\d")
_NUMBER = re.compile(r"(-?)(\d+)")
_WHOLE_GENE = ("LoF", "deletion")


def is_pe_or_ppe(gene: str) -> bool:
    """Return whether a gene belongs to the PE/PPE families, as its name says."""
    return bool(_PE_PPE_NAME.match(gene))


def place_of(gene: str, mutation: str) -> tuple[int, int] | None:
    """Return the first and last place on the genome that a mutation touches; None where that is not known.

    Understands the WHO's names: `p.Ser450Leu` is a codon, `c.-14C>T` and `n.1401A>G` are bases of the
    gene, `LoF` and `deletion` are the whole gene. A gene of which the ends are not known here has no
    place.
    """
    known = GENES.get(gene)
    if known is None:
        return None
    if mutation in _WHOLE_GENE:
        return known.start, known.stop
    kind, _, change = mutation.partition(".")
    if kind not in ("p", "c", "n") or not change:
        return None
    # Only the numbers before the change are places: c.-90_-85delCGAGCG, p.Val3_Thr4del, n.1401A>G.
    places = [int(sign + digits) for sign, digits in _NUMBER.findall(_places_in(kind, change))]
    if not places:
        return None
    if kind == "p":
        bases = [base for codon in places for base in (3 * codon - 2, 3 * codon)]
    else:
        bases = places
    on_genome = [known.place(base) for base in bases]
    return min(on_genome), max(on_genome)


def _places_in(kind: str, change: str) -> str:
    """Return the part of a change that holds its places, without inserted residues that may hold digits too."""
    head = re.split(r"del|ins|dup|fs|ext|>", change, maxsplit=1)[0]
    # In a protein's change the residues are letters and a minus never stands for a sign.
    return head.replace("-", " ") if kind == "p" else head
