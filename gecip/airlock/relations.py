"""Kinds of things that a reader knows between counts, written into a system of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
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

    def part(self, whole: int, part: int) -> None:
        """A part and what is left of its whole: if those are few, they are a small count as well."""
        if whole == part or (whole, part) in self._parts:
            return
        self._parts.add((whole, part))
        rest = self.builder.value(whole) - self.builder.value(part)
        is_told = self.builder.is_known(whole) and self.builder.is_known(part)
        if self.policy.protect_the_rest and is_small(rest, self.policy) and not is_told:
            left = self.builder.add_count(rest, secret=True, implied=True)
            self.builder.add_relation({whole: 1, part: -1, left: -1})
        else:
            self.builder.add_relation({whole: 1, part: -1}, highest=math.inf)

    def at_most(self, times: int, pairs: Sequence[tuple[int, int]]) -> None:
        """In every pair the first count is at most so many times the second; not said where it is not so."""
        value = self.builder.value
        if all(value(smaller) <= times * value(larger) for smaller, larger in pairs):
            for smaller, larger in pairs:
                if smaller != larger:
                    self.builder.add_relation({larger: times, smaller: -1}, highest=math.inf)

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
