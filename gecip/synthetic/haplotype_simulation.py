"""Founders' haplotypes, as the history of their populations left them: the only user of msprime.

Time is followed backwards: the haplotypes of today find their ancestors until one is left, and a
mutation on a branch of that tree is carried by everybody below it. Beside the founders stand
reference haplotypes of each ancestry, by which frequencies are told as a reference panel tells them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gecip.synthetic.population_history import population_history
from gecip.synthetic.recruitment import ANCESTRIES, People

if TYPE_CHECKING:
    import msprime
    import tskit

Carried = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

MUTATIONS_PER_BASE = 1.25e-8
CROSSOVERS_PER_BASE = 1e-8
# Branches that are drawn at once, of which about one in ten is that of a common mutation.
_BRANCHES = 64


@dataclass(frozen=True)
class Haplotypes:
    """Which haplotypes are simulated: both copies of each founder, then `references` of each ancestry.

    `populations` has shape (founders, 2): places in `ANCESTRIES`. Haplotypes are numbered by ancestry,
    founders' copies before the references.
    """

    populations: Places
    references: int

    @classmethod
    def of_founders(cls, people: People, *, references: int) -> Haplotypes:
        """Return the haplotypes of the founders among `people`."""
        return cls(people.populations[people.founders], references)

    @cached_property
    def of_copies(self) -> Places:
        """The number of each founder's copies: shape (founders, 2)."""
        numbers = np.zeros(self.populations.size, dtype=np.int64)
        for place, first in enumerate(self._firsts):
            mine = np.flatnonzero(self.populations.ravel() == place)
            numbers[mine] = first + np.arange(len(mine))
        return numbers.reshape(self.populations.shape)

    @cached_property
    def of_references(self) -> tuple[slice, ...]:
        """The numbers of the references, by ancestry."""
        stops = self._firsts + self.sizes
        return tuple(slice(int(stop) - self.references, int(stop)) for stop in stops)

    @cached_property
    def sizes(self) -> Places:
        """How many there are of each ancestry."""
        return np.bincount(self.populations.ravel(), minlength=len(ANCESTRIES)) + self.references

    @cached_property
    def _firsts(self) -> Places:
        return np.cumsum(self.sizes) - self.sizes

    def samples(self) -> list[msprime.SampleSet]:
        """Return them as msprime wants them."""
        import msprime

        return [
            msprime.SampleSet(int(size), population=ancestry, ploidy=1)
            for ancestry, size in zip(ANCESTRIES, self.sizes, strict=True)
        ]


def simulate_unlinked(
    stream: np.random.Generator, haplotypes: Haplotypes, *, size: int, least: float
) -> Carried:
    """Return who carries each of `size` mutations, each on a tree of its own: shape (size, haplotypes).

    Parameters
    ----------
    least
        The least frequency of the rarer allele among all haplotypes. Of the branches that give it, one
        is taken in proportion to its length, as mutations fall.
    """
    import msprime

    carried = np.zeros((size, int(haplotypes.sizes.sum())), dtype=bool)
    if not size:
        return carried
    trees = msprime.sim_ancestry(
        samples=haplotypes.samples(),
        demography=population_history(),
        num_replicates=size,
        record_provenance=False,
        random_seed=_seed(stream),
    )
    for row, history in zip(carried, trees, strict=True):
        row[:] = _common_mutation(stream, history, least)
    return carried


def _common_mutation(stream: np.random.Generator, history: Any, least: float) -> Carried:
    """Return which haplotypes are below a branch drawn in proportion to its length, common ones only."""
    tree = history.first()
    above = tree.parent_array[:-1]
    lengths = np.where(above >= 0, history.nodes_time[above] - history.nodes_time, 0.0)
    bounds = np.cumsum(lengths)
    fewest = least * history.num_samples
    while True:
        drawn = np.searchsorted(bounds, stream.random(_BRANCHES) * bounds[-1], side="right")
        for branch in drawn.tolist():
            if fewest <= tree.num_samples(branch) <= history.num_samples - fewest:
                return _below(branch, tree, history.num_samples)


def _below(branch: int, tree: tskit.Tree, size: int) -> Carried:
    """Return which haplotypes, the first `size` nodes, are below a branch."""
    nodes = tree.preorder(branch)
    carried = np.zeros(size, dtype=bool)
    carried[nodes[nodes < size]] = True
    return carried


def simulate_linked(
    stream: np.random.Generator, haplotypes: Haplotypes, *, length: int, fewest: int
) -> tuple[Places, Carried]:
    """Return the mutations of a stretch with crossovers, by distance from its start, and who carries each.

    Parameters
    ----------
    length
        In bases.
    fewest
        How many of the founders' copies must have the rarer allele; other mutations are left out.
    """
    import msprime

    history = msprime.sim_ancestry(
        samples=haplotypes.samples(),
        demography=population_history(),
        sequence_length=length,
        recombination_rate=CROSSOVERS_PER_BASE,
        random_seed=_seed(stream),
    )
    history = msprime.sim_mutations(
        history,
        rate=MUTATIONS_PER_BASE,
        model=msprime.BinaryMutationModel(),
        random_seed=_seed(stream),
    )
    carried = history.genotype_matrix() == 1
    copies = haplotypes.of_copies.ravel()
    count = carried[:, copies].sum(axis=1)
    common = np.minimum(count, len(copies) - count) >= fewest
    return history.sites_position[common].astype(np.int64), carried[common]


def _seed(stream: np.random.Generator) -> int:
    return int(stream.integers(1, 2**31))
