"""Which variants follow the disease through a family, by the programme's filters of segregation.

Rules after the Rare Disease Genome Analysis Guide. Under complete penetrance a genotype is in everybody
affected and in nobody unaffected; under incomplete penetrance in everybody affected. A de novo variant
needs both parents' genomes. Phase is told from the parents who were sequenced, as the programme tells it.
Uniparental isodisomy, imprinting and mitochondria do not occur in the synthetic genomes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from gecip.model.genes import ModeOfInheritance

Flags = npt.NDArray[np.bool_]
Copies = npt.NDArray[np.int64]

_M = ModeOfInheritance
_BY_ONE = ("InheritedAutosomalDominant", "deNovo")
_BY_TWO = ("SimpleRecessive", "CompoundHeterozygous")
# Which patterns fit a gene's mode of inheritance.
FITTING = {
    _M.MONOALLELIC: _BY_ONE,
    _M.MONOALLELIC_NOT_IMPRINTED: _BY_ONE,
    _M.BIALLELIC: _BY_TWO,
    _M.MONOALLELIC_AND_BIALLELIC: (*_BY_ONE, *_BY_TWO),
    _M.MONOALLELIC_AND_MORE_SEVERE_BIALLELIC: (*_BY_ONE, *_BY_TWO),
    _M.XLINKED_BIALLELIC: ("XLinkedSimpleRecessive", "XLinkedCompoundHeterozygous"),
    _M.XLINKED_MONOALLELIC: ("XLinkedMonoallelic", "deNovo"),
}


@dataclass(frozen=True)
class Kin:
    """The members of a family whose genomes were called together, one place per member.

    `father` and `mother` are the places of the proband's parents, -1 for who was not called.
    """

    affected: Flags
    male: Flags
    father: int
    mother: int


@dataclass(frozen=True)
class Finding:
    """Variants (by place) that follow the disease by one pattern; two and more for a compound heterozygote."""

    variants: tuple[int, ...]
    pattern: str
    penetrance: str = "complete"


def findings(
    kin: Kin,
    copies: Copies,
    *,
    genes: Sequence[str],
    on_x: Flags,
    rare_for_one_copy: Flags,
    incomplete: bool,
) -> list[Finding]:
    """Return what follows the disease through a family.

    Parameters
    ----------
    copies
        Copies of each variant in each member, of shape (variants, members); a male has one at most
        where X has no pair.
    genes, on_x, rare_for_one_copy
        Of each variant: its gene, whether it lies where males have one X, whether it is rare enough
        for disease by one copy. All are rare enough for disease by two.
    incomplete
        Whether incomplete penetrance was asked for as well.
    """
    found = list(_single(kin, copies, on_x, rare_for_one_copy))
    if incomplete:
        done = {finding.variants for finding in found}
        found += [
            Finding(finding.variants, finding.pattern, "incomplete")
            for finding in _single(kin, copies, on_x, rare_for_one_copy, unaffected_count=False)
            if finding.variants not in done
        ]
    found += _compound(kin, copies, genes, on_x)
    return found


def _single(
    kin: Kin,
    copies: Copies,
    on_x: Flags,
    rare_for_one_copy: Flags,
    *,
    unaffected_count: bool = True,
) -> Iterator[Finding]:
    """Yield the findings of one variant each."""
    one, two = copies == 1, copies == 2
    every = np.where(on_x[:, None] & kin.male, one, two)
    new = np.zeros(len(copies), dtype=bool)
    if kin.father >= 0 and kin.mother >= 0:
        new = (copies[:, [kin.father, kin.mother]] == 0).all(axis=1)
    patterns = (
        ("SimpleRecessive", every, ~on_x),
        ("deNovo", one, rare_for_one_copy & new),
        ("InheritedAutosomalDominant", one, rare_for_one_copy & ~new & ~on_x),
        ("XLinkedSimpleRecessive", every, on_x),
        ("XLinkedMonoallelic", copies > 0, rare_for_one_copy & ~new & on_x),
    )
    for pattern, genotype, allowed in patterns:
        follows = allowed & genotype[:, kin.affected].all(axis=1)
        if unaffected_count:
            follows &= ~genotype[:, ~kin.affected].any(axis=1)
        elif pattern == "deNovo" or pattern.endswith("Recessive"):
            # Two copies, or a new one, in somebody unaffected as well tell nothing.
            continue
        for variant in np.flatnonzero(follows).tolist():
            yield Finding((variant,), pattern)


def _compound(kin: Kin, copies: Copies, genes: Sequence[str], on_x: Flags) -> Iterator[Finding]:
    """Yield two and more variants of one gene that lie on different copies of it, as far as parents tell."""
    heterozygous = (copies == 1) & ~(on_x[:, None] & kin.male)
    shared = heterozygous[:, kin.affected].all(axis=1)
    of_gene: dict[str, list[int]] = {}
    for variant in np.flatnonzero(shared).tolist():
        of_gene.setdefault(genes[variant], []).append(variant)
    for variants in of_gene.values():
        partners = {
            one
            for pair in combinations(variants, 2)
            if _apart(kin, copies, *pair) and not _unaffected_has(kin, copies, *pair)
            for one in pair
        }
        if partners:
            together = tuple(sorted(partners))
            name = "XLinkedCompoundHeterozygous" if on_x[together[0]] else "CompoundHeterozygous"
            yield Finding(together, name)


def _apart(kin: Kin, copies: Copies, first: int, second: int) -> bool:
    """Return whether two variants of a child may lie on different copies, by the parents who were called."""
    parents = [
        copies[[first, second], place] > 0 for place in (kin.father, kin.mother) if place >= 0
    ]
    if not parents:
        return True
    if len(parents) == 1:
        return bool(parents[0][0] != parents[0][1])
    (father_first, father_second), (mother_first, mother_second) = parents
    return bool(
        (father_first and mother_second and not father_second and not mother_first)
        or (father_second and mother_first and not father_first and not mother_second)
    )


def _unaffected_has(kin: Kin, copies: Copies, first: int, second: int) -> bool:
    both = (copies[first] > 0) & (copies[second] > 0)
    return bool((both & ~kin.affected).any())
