"""Who stands behind the numbers of a summary, as a test asks it."""

from __future__ import annotations

from collections.abc import Hashable

from gecip.airlock.told import told_by
from gecip.reporting import Summary


def ids_of(summary: Summary, row: Hashable, column: Hashable) -> set[object]:
    """Return the identifiers behind a cell that knows them."""
    places = summary.members_of(row, column)
    assert places is not None
    assert summary.members is not None
    return set(summary.members.people[places])


def whole_of(summary: Summary) -> set[object]:
    """Return the identifiers behind the whole of a summary that knows them."""
    assert summary.members is not None
    assert summary.members.whole is not None
    return set(summary.members.people[summary.members.whole])


def unknown_numbers(summary: Summary) -> int:
    """Return how many printed numbers do not say whose they are."""
    return told_by(summary, summary).n_unknown
