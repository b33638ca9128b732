"""The policy as a value: what `policy.toml` says, checked and typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rule:
    """One rule of the airlock: where it comes from, and what to do about it.

    `stricter` marks a rule that asks more than its source does.
    """

    name: str
    source: str
    remedy: str
    stricter: bool


@dataclass(frozen=True)
class Policy:
    """The numbers and words by which the doors decide."""

    readable_statuses: frozenset[str]
    known_roles: frozenset[str]
    smallest_shown_count: int
    small_count_mark: str
    secondary_mark: str
    protect_the_rest: bool
    phenotypic_words: frozenset[str]
    identifier_patterns: tuple[str, ...]
    not_identifier_patterns: tuple[str, ...]
    shortest_identifier_part: int
    fewest_words_of_purpose: int
    rules: Mapping[str, Rule]


def parse_policy(document: Mapping[str, Any]) -> Policy:
    """Return the policy that a parsed `policy.toml` states; a missing number is a KeyError at once."""
    counts, identifiers = document["counts"], document["identifiers"]
    return Policy(
        readable_statuses=frozenset(
            status.lower() for status in document["consent"]["readable_statuses"]
        ),
        known_roles=frozenset(document["roles"]["known"]),
        smallest_shown_count=int(counts["smallest_shown"]),
        small_count_mark=str(counts["mark"]),
        secondary_mark=str(counts["secondary_mark"]),
        protect_the_rest=bool(counts["protect_the_rest"]),
        phenotypic_words=frozenset(document["phenotypes"]["words"]),
        identifier_patterns=tuple(identifiers["patterns"]),
        not_identifier_patterns=tuple(identifiers["not_identifiers"]),
        shortest_identifier_part=int(identifiers["shortest_part"]),
        fewest_words_of_purpose=int(document["requests"]["fewest_words_of_purpose"]),
        rules={
            name: Rule(name, rule["source"], rule["remedy"], bool(rule.get("stricter", False)))
            for name, rule in document["rules"].items()
        },
    )
