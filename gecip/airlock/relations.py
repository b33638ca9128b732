"""Kinds of things that a reader knows between counts, written into a system of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gecip.airlock.count_system import SystemBuilder
from gecip.governance.disclosure import is_small
from gecip.governance.policy import Policy

# Fewer different counts than these may stand in order by chance; more tell a reader that they are sorted.
_FEWEST_COUNTS_IN_ORDER = 4


@dataclass(frozen=True)
class Relations:
    """Writes what is known between counts into the system that a builder makes.

    Counts are given by their numbers in the system. What is true by chance only is not written where the
    numbers say otherwise: a total that is not the sum of its parts is no sum.
    """

    builder: SystemBuilder
    policy: Policy
    _parts: set[tuple[int, int]] = field(default_factory=set)
    _summed: set[tuple[int, int]] = field(default_factory=set)
    _divided: set[tuple[int, frozenset[int]]] = field(default_factory=set)
    _nobody: set[int] = field(default_factory=set)
    # How much one count is more than another, by kind and by the first of a pair's counts.
    _excesses: dict[str, dict[int, dict[int, int]]] = field(default_factory=dict)

    def total(self, whole: int, parts: Sequence[int], *, complete: bool) -> None:
        """A total: the sum of its parts, or their union, or, if not complete, something that holds them."""
        values = [self.builder.value(part) for part in parts]
        if complete and sum(values) == self.builder.value(whole):
            self.sum(whole, parts)
            return
        if complete and sum(values) > self.builder.value(whole):
            self.sum(whole, parts, lowest=-math.inf)
        for part, value in zip(parts, values, strict=True):
            if value <= self.builder.value(whole):
                self.part(whole, part)

    def sum(self, whole: int, parts: Sequence[int], *, lowest: float = 0.0) -> None:
        """A whole that is the sum of its parts; with a lower bound below 0, at most that."""
        # A count may stand in two places of a sum, and a whole be its only part.
        coefficients = dict.fromkeys([whole, *parts], 0)
        coefficients[whole] += 1
        for part in parts:
            coefficients[part] -= 1
            if lowest == 0.0:
                self._summed.add((whole, part))
        self.builder.add_relation(coefficients, lowest=lowest)

    def are_known(self, whole: int, part: int) -> bool:
        """Return whether it is written already how a whole and a part hang together."""
        return (whole, part) in self._parts or (whole, part) in self._summed

    def part(self, whole: int, part: int, *, is_few: bool = False) -> None:
        """A part and what is left of its whole: if that is small, or of few people, it may not be told either."""
        if whole != part and (whole, part) not in self._parts:
            self._parts.add((whole, part))
            self._rest(whole, [part], is_few=is_few)

    def parts(self, whole: int, parts: Sequence[int], *, is_few: bool = False) -> None:
        """Several parts that have nobody in common, and what is left of their whole; their sum if nothing is left."""
        key = (whole, frozenset(parts))
        if whole in parts or key in self._divided:
            return
        self._divided.add(key)
        rest = self.builder.value(whole) - sum(map(self.builder.value, parts))
        if rest == 0:
            self.sum(whole, parts)
        elif rest > 0:
            self._rest(whole, parts, is_few=is_few)

    def in_common(self, value: int, *, is_few: bool) -> int:
        """Add a count that is printed nowhere, of those who are in two groups, and return its number."""
        is_secret = self.policy.protect_the_rest and (is_few or is_small(value, self.policy))
        return self.builder.add_count(value, secret=is_secret, implied=True)

    def nobody(self, count: int) -> None:
        """A count that a reader takes to be 0."""
        if count not in self._nobody:
            self._nobody.add(count)
            self.builder.add_relation({count: 1})

    def _rest(self, whole: int, parts: Sequence[int], *, is_few: bool) -> None:
        coefficients = dict.fromkeys(parts, -1) | {whole: 1}
        rest = self.builder.value(whole) - sum(map(self.builder.value, parts))
        is_told = all(map(self.builder.is_known, [whole, *parts]))
        is_secret = rest > 0 and (is_few or is_small(rest, self.policy))
        if self.policy.protect_the_rest and is_secret and not is_told:
            left = self.builder.add_count(rest, secret=True, implied=True)
            self.builder.add_relation(coefficients | {left: -1})
        else:
            self.builder.add_relation(coefficients, highest=math.inf)

    def families(self, people: int, families: int) -> None:
        """People and their families, who are no more."""
        self._excess("people beyond families", {people: 1, families: -1})

    def alleles(self, people: int, alleles: int) -> None:
        """Carriers and their alleles: each has one, or two."""
        self._excess("alleles beyond carriers", {alleles: 1, people: -1})
        self._excess("alleles that carriers might have yet", {people: 2, alleles: -1})

    def _excess(self, kind: str, coefficients: dict[int, int]) -> None:
        if self._total(coefficients) >= 0 and len(coefficients) > 1:
            self.builder.add_relation(coefficients, highest=math.inf)
            self._excesses.setdefault(kind, {})[next(iter(coefficients))] = coefficients

    def excesses(self) -> None:
        """Write, of all wholes and parts so far, that no part has more people beyond its families than its whole.

        So where a cohort has as many families as people, every group within it has, too.
        """
        for of_counts in self._excesses.values():
            for whole, part in sorted(self._parts | self._summed):
                if whole != part and whole in of_counts and part in of_counts:
                    coefficients = dict.fromkeys([*of_counts[whole], *of_counts[part]], 0)
                    for sign, count in ((1, whole), (-1, part)):
                        for one, times in of_counts[count].items():
                            coefficients[one] += sign * times
                    if self._total(coefficients) >= 0:
                        self.builder.add_relation(coefficients, highest=math.inf)

    def _total(self, coefficients: Mapping[int, int]) -> int:
        return sum(times * self.builder.value(count) for count, times in coefficients.items())

    def order(self, counts: Sequence[int]) -> None:
        """Counts that stand in order: whoever sees it knows which of two masked ones is larger."""
        values = [self.builder.value(count) for count in counts]
        rising = values == sorted(values)
        falling = values == sorted(values, reverse=True)
        if len(set(values)) < _FEWEST_COUNTS_IN_ORDER or not (rising or falling):
            return
        for before, after in pairwise(counts):
            smaller, larger = (before, after) if rising else (after, before)
            if smaller != larger:
                self.builder.add_relation({larger: 1, smaller: -1}, highest=math.inf)
