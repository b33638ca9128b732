"""How a cohort changed from one release to the next: who came and who left, counted by the step that did it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from gecip.release import Release, open_release

Person = int | str


@dataclass(frozen=True, repr=False)
class CohortChange:
    """One cohort on two releases.

    `gained` and `lost` count people by the reason, the most frequent first. `came` and `left` have each person's
    reason, and `families` each one's family; they stay in memory.
    """

    title: str
    older: int
    newer: int
    gained: Mapping[str, int]
    lost: Mapping[str, int]
    came: Mapping[Person, str] = field(default_factory=dict)
    left: Mapping[Person, str] = field(default_factory=dict)
    families: Mapping[Person, Person] = field(default_factory=dict)

    @property
    def balance(self) -> str:
        """How many came and left, as `+41/−3`."""
        return f"+{sum(self.gained.values()):,}/−{sum(self.lost.values()):,}"

    def __repr__(self) -> str:
        return f"CohortChange({self.title!r}, {self.older:,} to {self.newer:,}, {self.balance})"


def cohort_changes(
    older: Mapping[str, Any], newer: Mapping[str, Any], *, releases: tuple[str, str]
) -> tuple[CohortChange, ...]:
    """Return how each cohort changed that a notebook selects on both releases.

    Parameters
    ----------
    older, newer
        What the kernels noted of people (`gecip.sharing.kernel_record`).
    releases
        The names of the releases; they are opened where somebody is not to be read in one.
    """
    _opened.cache_clear()  # a release may be another by now
    placed = [_by_place(run["cohorts"]) for run in (older, newer)]
    return tuple(
        _change(placed[0][place], placed[1][place], releases=releases)
        for place in placed[0]
        if place in placed[1]
    )


def _by_place(cohorts: Iterable[dict[str, Any]]) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the cohorts by title, and by how many of that title came before."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for cohort in cohorts:
        place = (cohort["title"], sum(title == cohort["title"] for title, _ in found))
        found[place] = cohort
    return found


def _change(
    older: dict[str, Any], newer: dict[str, Any], *, releases: tuple[str, str]
) -> CohortChange:
    there = [dict(zip(one["participants"], one["failed"], strict=True)) for one in (older, newer)]
    members = [{person for person, failed in one.items() if failed < 0} for one in there]
    came = {
        person: _why_not(person, there[0], older, release=releases[0])
        for person in members[1] - members[0]
    }
    left = {
        person: _why_not(person, there[1], newer, release=releases[1])
        for person in members[0] - members[1]
    }
    families = {
        person: family
        for one in (older, newer)
        for person, family in zip(one["participants"], one["families"], strict=True)
        if family is not None
    }
    return CohortChange(
        title=older["title"],
        older=len(members[0]),
        newer=len(members[1]),
        gained=_counted(came.values()),
        lost=_counted(left.values()),
        came=came,
        left=left,
        families=families,
    )


def _why_not(
    person: Person, there: Mapping[Person, int], cohort: dict[str, Any], *, release: str
) -> str:
    """Return the first reason for which somebody is not in a cohort."""
    if person in there:
        return f"did not meet “{cohort['reasons'][there[person]]}” in {release}"
    if _opened(release).has_participant(person):
        return f"may not be read in {release}, for want of consent"
    return f"is not in {release}"


@cache
def _opened(release: str) -> Release:
    return open_release(release)


def _counted(reasons: Iterable[str]) -> dict[str, int]:
    return dict(Counter(sorted(reasons)).most_common())
