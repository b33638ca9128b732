"""Moratoria: for whom, in a release of up to v17, the domain alone may analyse for publication at present."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gecip.governance.access import Assignment, Use, uses_by_moratorium
from gecip.governance.policy import Policy
from gecip.model.naming import Programme
from gecip.model.programme_membership import DomainAssignment
from gecip.release.opening import Release

_COLUMNS = ("participant_id", "domain", "moratorium_end_date")


@dataclass(frozen=True)
class Moratorium:
    """How many consenting people of a release others may not publish on yet, by the domain that may, and until when."""

    people: int
    domains: Mapping[str, int]
    until: datetime.date


def moratorium_of(
    release: Release,
    *,
    today: datetime.date,
    domains: Iterable[str],
    policy: Policy,
    people: Iterable[int | str] | None = None,
) -> Moratorium | None:
    """Return who is still under the moratorium of other domains, or None if nobody is.

    Parameters
    ----------
    today
        The day on which it is asked.
    domains
        The domains of whoever asks, and those whose leads agreed.
    people
        Only these; everybody of the release who consents if not given.
    """
    edition = release.edition
    version = edition.number if edition.programme is Programme.MAIN else None
    if version is None or version > policy.access["moratorium"]["last_release"]:
        return None
    if DomainAssignment.name not in release.tables:
        return None
    assigned = _assignments(release)
    asked = (
        assigned if people is None else {one: assigned[one] for one in people if one in assigned}
    )
    closed = {
        person: theirs
        for person, theirs in asked.items()
        if Use.EXPORT
        not in uses_by_moratorium(
            theirs, version=version, today=today, domains=domains, policy=policy
        )
    }
    running = {
        person: [one for one in theirs if one.moratorium_ends and one.moratorium_ends > today]
        for person, theirs in closed.items()
    }
    counts: dict[str, int] = {}
    for theirs in running.values():
        for name in {one.domain for one in theirs}:
            counts[name] = counts.get(name, 0) + 1
    if not running:
        return None
    ends = [one.moratorium_ends for theirs in running.values() for one in theirs]
    return Moratorium(
        people=len(running),
        domains=dict(sorted(counts.items())),
        until=max(end for end in ends if end is not None),
    )


def _assignments(release: Release) -> dict[Any, list[Assignment]]:
    """Return the domains of each participant who consents."""
    rows = release.dataset(DomainAssignment).to_table(columns=list(_COLUMNS)).to_pydict()
    found: dict[Any, list[Assignment]] = {}
    for person, domain, ends in zip(*(rows[name] for name in _COLUMNS), strict=True):
        day = ends.date() if isinstance(ends, datetime.datetime) else ends
        found.setdefault(person, []).append(Assignment(domain or "", day))
    return found
