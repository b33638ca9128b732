"""An attacker written apart from the airlock: plain search over whole numbers, no linear programming.

It reads what is printed, knows that `<5` is 1 to 4, that a withheld count is at least 5 unless the
table had to withhold smaller ones, and which lines are totals of which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Range = tuple[int, int]


@dataclass
class PlainAttacker:
    """Counts with the range in which each lies, and sums that are known between them.

    A rule is (coefficients by name, lowest, highest) of a weighted sum.
    """

    ranges: dict[str, Range] = field(default_factory=dict)
    rules: list[tuple[dict[str, int], int, int]] = field(default_factory=list)

    def see(self, name: str, printed: str, *, at_least: int, at_most: int) -> None:
        """Read one printed cell; what is withheld lies between two numbers."""
        if printed == "<5":
            self.ranges[name] = (1, 4)
        elif printed == "withheld":
            self.ranges[name] = (at_least, at_most)
        else:
            number = int(printed.replace(",", ""))
            self.ranges[name] = (number, number)

    def know_sum(self, whole: str, parts: Iterable[str], *, overlap: bool = False) -> None:
        """Know that a whole is the sum of its parts, or with overlap at most that."""
        coefficients = {whole: 1, **dict.fromkeys(parts, -1)}
        self.rules.append((coefficients, -10_000 if overlap else 0, 0))

    def know_at_most(self, smaller: str, larger: str, *, times: int = 1) -> None:
        """Know that one count is at most so many times another."""
        self.rules.append(({larger: times, smaller: -1}, 0, 10_000))

    def know_order(self, names: Sequence[str], *, falling: bool) -> None:
        """Know that counts stand in order."""
        for before, after in pairwise(names):
            self.know_at_most(*((after, before) if falling else (before, after)))

    def possible(self, name: str) -> set[int]:
        """Return the values that a count has in any table that fits; two are enough to stop."""
        found: set[int] = set()
        lowest, highest = self.ranges[name]
        for value in range(lowest, highest + 1):
            if self._fits(self.ranges | {name: (value, value)}):
                found.add(value)
            if len(found) == 2:
                break
        return found

    def _fits(self, ranges: dict[str, Range]) -> bool:
        narrowed = self._narrowed(ranges)
        if narrowed is None:
            return False
        open_counts = [name for name, (lowest, highest) in narrowed.items() if lowest < highest]
        if not open_counts:
            return True
        name = min(open_counts, key=lambda one: narrowed[one][1] - narrowed[one][0])
        lowest, highest = narrowed[name]
        return any(
            self._fits(narrowed | {name: (value, value)}) for value in range(lowest, highest + 1)
        )

    def _narrowed(self, ranges: dict[str, Range]) -> dict[str, Range] | None:
        """Return the ranges narrowed by each rule until nothing moves, or None where a rule cannot hold."""
        ranges = dict(ranges)
        moving = True
        while moving:
            moving = False
            for coefficients, lowest, highest in self.rules:
                spans = {
                    name: sorted(weight * end for end in ranges[name])
                    for name, weight in coefficients.items()
                }
                least = sum(span[0] for span in spans.values())
                most = sum(span[1] for span in spans.values())
                if least > highest or most < lowest:
                    return None
                for name, weight in coefficients.items():
                    # weight × value is at most what the others leave of the highest, and so below.
                    top = highest - (least - spans[name][0])
                    bottom = lowest - (most - spans[name][1])
                    ends = sorted((top / weight, bottom / weight))
                    narrowed = (
                        max(ranges[name][0], -int(-ends[0] // 1)),
                        min(ranges[name][1], int(ends[1] // 1)),
                    )
                    if narrowed[0] > narrowed[1]:
                        return None
                    if narrowed != ranges[name]:
                        ranges[name], moving = narrowed, True
        return ranges
