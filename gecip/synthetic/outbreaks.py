"""Chains of transmission: who infected whom and when, and the SNPs that arose on the way.

A strain changes half a base a year (Walker et al., Lancet Infect Dis 2013). An infected person's
strain starts as the source's at the moment of infection, and both go on changing by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

SNPS_A_YEAR = 0.5
# Two cases of four each and a link of four between them: no step exceeds the twelve that bound a cluster.
MOST_SNPS_OF_A_CASE = 4
SNPS_OF_A_MISSING_LINK = 4
SHARE_THROUGH_MISSING_LINK = 0.2
# Sizes of the chains among about a hundred cases, and among few; every chain has its own strain.
CHAIN_SIZES = (10, 7, 5, 5, 4, 4, 3, 3, 2, 2, 2, 2, 2)
FEW_CHAIN_SIZES = (5, 3, 2)
MANY = 60
SHARE_IN_CHAINS = 0.44
FIRST_YEAR, LAST_YEAR = 2014.0, 2024.5


@dataclass
class Case:
    """One infected person: the source's place in the chain (None for the first), and times in years.

    `snps` are the places that changed in this person, with the time of each. Between the source and a
    person `through_missing_link` there were others, of whom no isolate is known.
    """

    source: int | None
    infected: float
    sampled: float
    through_missing_link: bool = False
    snps: list[tuple[float, int]] = field(default_factory=list)


def chain_sizes(cases: int) -> list[int]:
    """Return the sizes of the chains among so many cases, the largest first."""
    pattern = CHAIN_SIZES if cases >= MANY else FEW_CHAIN_SIZES
    sizes: list[int] = []
    for at in range(cases):
        size = pattern[at % len(pattern)]
        if sum(sizes) + size > SHARE_IN_CHAINS * cases + pattern[-1]:
            break
        sizes.append(size)
    return sorted(sizes, reverse=True)


def draw_chain(stream: np.random.Generator, size: int) -> list[Case]:
    """Return the cases of one chain, sources before those whom they infected; nothing has changed yet."""
    begins = stream.uniform(FIRST_YEAR, 2018.0)
    cases = [Case(None, begins, begins + stream.uniform(0.5, 1.5))]
    for _ in range(size - 1):
        source = int(stream.integers(len(cases)))
        infector = cases[source]
        # From falling ill until the treatment begins.
        at = stream.uniform(0.3, 1.0)
        infected = infector.infected + at * (infector.sampled - infector.infected)
        # Some infections sleep for years.
        sleeps = stream.uniform(3, 6) if stream.random() < 0.1 else stream.uniform(0.3, 1.8)
        cases.append(
            Case(
                source,
                infected,
                min(infected + sleeps, LAST_YEAR),
                through_missing_link=bool(stream.random() < SHARE_THROUGH_MISSING_LINK),
            )
        )
    return cases


def draw_changes(stream: np.random.Generator, cases: list[Case], places: list[int]) -> None:
    """Let each case's strain change between infection and sampling; the places are taken off `places`."""
    for case in cases:
        years = max(case.sampled - case.infected, 0.0)
        count = min(int(stream.poisson(SNPS_A_YEAR * years)), MOST_SNPS_OF_A_CASE)
        times = np.sort(stream.uniform(case.infected, case.sampled, size=count))
        on_the_way = SNPS_OF_A_MISSING_LINK if case.through_missing_link else 0
        case.snps = [(case.infected, places.pop()) for _ in range(on_the_way)]
        case.snps += [(float(time), places.pop()) for time in times]


def changes_of(cases: list[Case], at: int) -> list[int]:
    """Return the places at which a case's strain differs from the chain's first, when it is sampled."""
    case = cases[at]
    return [*_inherited(cases, case), *(place for _, place in case.snps)]


def _inherited(cases: list[Case], case: Case) -> list[int]:
    """Return what had changed before this case was infected."""
    if case.source is None:
        return []
    source = cases[case.source]
    return [
        *_inherited(cases, source),
        *(place for time, place in source.snps if time <= case.infected),
    ]
