"""The policy as a value: what `policy.toml` says, checked and typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Policy:
    """The numbers and words by which the doors decide."""

    readable_statuses: frozenset[str]
    known_roles: frozenset[str]
    smallest_shown_count: int
    small_count_mark: str
    secondary_mark: str
    identifier_patterns: tuple[str, ...]
    shortest_identifier_part: int


def parse_policy(document: Mapping[str, Any]) -> Policy:
    """Return the policy that a parsed `policy.toml` states; a missing number is a KeyError at once."""
    return Policy(
        readable_statuses=frozenset(
            status.lower() for status in document["consent"]["readable_statuses"]
        ),
        known_roles=frozenset(document["roles"]["known"]),
        smallest_shown_count=int(document["counts"]["smallest_shown"]),
        small_count_mark=str(document["counts"]["mark"]),
        secondary_mark=str(document["counts"]["secondary_mark"]),
        identifier_patterns=tuple(document["identifiers"]["patterns"]),
        shortest_identifier_part=int(document["identifiers"]["shortest_part"]),
    )
