"""Kinship found against kinship declared: whose genomes contradict the pedigree, and which exchange would mend it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.declared_kinship import (
    PARENT,
    SIBLING,
    TWIN,
    Pair,
    declared_kinship,
    pair_of,
)
from gecip.analysis.genetic.kinship import (
    FIRST_DEGREE,
    MOST_OPPOSITE_OF_PARENT,
    SAME_GENOME,
    SECOND_DEGREE,
    THIRD_DEGREE,
    Kinship,
)

if TYPE_CHECKING:
    from gecip.analysis.genetic.pedigree import Pedigrees

# Deviations of what chance alone makes of strangers' kinship: one pair in three millions lies farther.
_DEVIATIONS = 5.0


@dataclass(frozen=True)
class FoundPair:
    """What the genomes of two people say.

    `opposite_share` is the share of sites at which they are homozygous for different alleles.
    """

    kinship: float
    opposite_share: float

    @property
    def is_first_degree(self) -> bool:
        """Return whether they are parent and child or full siblings, also where two ancestries lower kinship."""
        return self.kinship > FIRST_DEGREE or self.is_like_parent

    @property
    def is_same(self) -> bool:
        """Return whether it is one genome twice."""
        return self.kinship > SAME_GENOME

    @property
    def is_like_parent(self) -> bool:
        """Return whether they share an allele nearly everywhere, as parent and child do."""
        return self.opposite_share <= MOST_OPPOSITE_OF_PARENT and self.kinship > THIRD_DEGREE

    @property
    def words(self) -> str:
        """Return what they are, in words."""
        if self.is_same:
            return "same person or identical twins"
        if self.is_first_degree:
            return PARENT if self.is_like_parent else SIBLING
        return "second degree" if self.kinship > SECOND_DEGREE else "no near relatives"


@dataclass(frozen=True)
class Exchange:
    """Two samples whose exchange makes the genomes agree with the pedigree.

    `before` and `after` count the contradictions that the two are part of.
    """

    one: Any
    other: Any
    before: int
    after: int


@dataclass(frozen=True)
class Contradictions:
    """Pairs of participants of whom genomes and records disagree.

    `broken` are declared as parent and child or full siblings, and are not; `undeclared` are of one
    genome or first-degree relatives, of different families, and nothing declares it.
    """

    broken: Mapping[Pair, str]
    undeclared: Mapping[Pair, FoundPair]


class Relatedness:
    """Declared and found kinship of everybody, under the names on the samples or after samples are exchanged."""

    def __init__(self, found: Kinship, pedigrees: Pedigrees) -> None:
        """Hold what was found against what is declared; people without a genome are left out."""
        pairs = found.pairs
        shares = pairs["opposite_homozygotes"] / pairs["sites"].where(pairs["sites"] > 0)
        self.noise = noise_bound(found.sites)
        self.people: list[Any] = found.people["participant_id"].tolist()
        self.family: dict[Any, Any] = dict(
            zip(self.people, found.people["family_id"].tolist(), strict=True)
        )
        # Everything that may matter: near pairs, and the declared ones are looked up among all.
        self._found = {
            pair_of(one, other): FoundPair(float(value), float(share))
            for one, other, value, share in zip(
                pairs["participant_id"].tolist(),
                pairs["other_participant_id"].tolist(),
                pairs["kinship"],
                shares,
                strict=True,
            )
            if value > THIRD_DEGREE
        }
        here = set(self.people)
        self.declared: dict[Pair, tuple[float, str]] = {
            pair: told
            for pedigree in pedigrees.families.values()
            for pair, told in declared_kinship(pedigree).items()
            if here.issuperset(pair)
        }
        self._genome_of: dict[Any, Any] = {one: one for one in self.people}

    def found(self, one: Any, other: Any) -> FoundPair:
        """Return what the genomes under two names say; kinship 0 where they are not near."""
        genomes = pair_of(self._genome_of[one], self._genome_of[other])
        return self._found.get(genomes, FoundPair(0.0, 1.0))

    def contradictions(self) -> Contradictions:
        """Return where genomes and records disagree, under the present names."""
        broken = {
            pair: name
            for pair, (_, name) in self.declared.items()
            if name in (PARENT, SIBLING, TWIN) and self._is_broken(pair, name)
        }
        name_of = {genome: name for name, genome in self._genome_of.items()}
        undeclared = {}
        for (one, other), seen in self._found.items():
            pair = pair_of(name_of[one], name_of[other])
            if self._is_undeclared(pair, seen):
                undeclared[pair] = seen
        return Contradictions(broken, undeclared)

    def resolve_exchanges(self) -> list[Exchange]:
        """Exchange samples for as long as that mends everything about two people, and return the exchanges.

        Two people come into question where a relative of the one is found to be the other's instead.
        An exchange must end at least two contradictions and leave none about the two.
        """
        exchanges: list[Exchange] = []
        while True:
            best = max(
                self._possible_exchanges(self.contradictions()),
                key=lambda one: (one.before - one.after, str((one.one, one.other))),
                default=None,
            )
            if best is None:
                return exchanges
            self._swap(best.one, best.other)
            exchanges.append(best)

    def _possible_exchanges(self, now: Contradictions) -> Iterator[Exchange]:
        strangers: dict[Any, set[Any]] = {}
        kin: dict[Any, set[Any]] = {}
        for pairs, into in ((now.broken, strangers), (now.undeclared, kin)):
            for one, other in pairs:
                into.setdefault(one, set()).add(other)
                into.setdefault(other, set()).add(one)
        tried = set()
        for witness, lost in strangers.items():
            for one in lost:
                for other in kin.get(witness, set()):
                    pair = pair_of(one, other)
                    if one == other or pair in tried or self.family[one] == self.family[other]:
                        continue
                    tried.add(pair)
                    before = self._count(pair, now)
                    self._swap(*pair)
                    after = self._count(pair, self.contradictions())
                    self._swap(*pair)
                    if before - after >= 2 and after == 0:
                        yield Exchange(*pair, before, after)

    def _count(self, people: Pair, now: Contradictions) -> int:
        return sum(bool(set(people) & set(pair)) for pair in (*now.broken, *now.undeclared))

    def _swap(self, one: Any, other: Any) -> None:
        genomes = self._genome_of
        genomes[one], genomes[other] = genomes[other], genomes[one]

    def genome_of(self, person: Any) -> Any:
        """Return under whose name the person's genome was found, once exchanges were resolved."""
        return self._genome_of[person]

    def _is_broken(self, pair: Pair, name: str) -> bool:
        seen = self.found(*pair)
        if name == PARENT:
            return not (seen.is_like_parent or seen.kinship > FIRST_DEGREE)
        # Siblings of one pregnancy, or of parents of two ancestries, may lie a degree off.
        return seen.kinship <= SECOND_DEGREE

    def _is_undeclared(self, pair: Pair, seen: FoundPair) -> bool:
        one, other = pair
        if seen.kinship <= self.noise or not (seen.is_first_degree or seen.is_same):
            return False
        value, name = self.declared.get(pair, (0.0, ""))
        if seen.is_same:
            return name != TWIN
        same_family = self.family[one] == self.family[other] and self.family[one] is not None
        return value < SECOND_DEGREE and not same_family


def noise_bound(sites: int) -> float:
    """Return the kinship above which strangers hardly lie by chance, at so many independent sites.

    Of strangers the count of sites that are heterozygous in both, less twice those of opposite homozygotes, has a
    variance of three times the first, so that kinship deviates by the root of 3 over twice the root of the
    sites. At few sites the bounds of KING alone would make relatives of strangers; from 600 sites on this
    lies below the bound of the first degree.
    """
    return _DEVIATIONS * math.sqrt(3) / (2 * math.sqrt(max(sites, 1)))
