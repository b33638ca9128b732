"""The policy as a value: what `policy.toml` says, checked and typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_WORDS = frozenset({"source", "remedy", "evidence", "stricter"})


@dataclass(frozen=True)
class Rule:
    """One rule of the doors: where it comes from, what to do about it, and the numbers by which it decides.

    `stricter` marks a rule that asks more than its source does; `evidence` is the paragraph on what
    the source says and what of it is ours. A number is read by its name, as `rule["fewest_people"]`.
    """

    name: str
    source: str
    remedy: str
    stricter: bool
    evidence: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        try:
            return self.numbers[name]
        except KeyError:
            raise KeyError(f"the rule {self.name!r} of policy.toml has no {name!r}") from None


@dataclass(frozen=True)
class Policy:
    """The numbers and words by which the doors decide."""

    readable_statuses: frozenset[str]
    known_roles: frozenset[str]
    smallest_shown_count: int
    small_count_mark: str
    secondary_mark: str
    protect_the_rest: bool
    families_count_once: bool
    phenotypic_words: frozenset[str]
    identifier_patterns: tuple[str, ...]
    not_identifier_patterns: tuple[str, ...]
    shortest_identifier_part: int
    people_words: frozenset[str]
    fewest_words_of_purpose: int
    variants: Mapping[str, Any]
    rules: Mapping[str, Rule]
    access: Mapping[str, Rule]


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
        families_count_once=bool(counts["families_count_once"]),
        phenotypic_words=frozenset(document["phenotypes"]["words"]),
        identifier_patterns=tuple(identifiers["patterns"]),
        not_identifier_patterns=tuple(identifiers["not_identifiers"]),
        shortest_identifier_part=int(identifiers["shortest_part"]),
        people_words=frozenset(identifiers["people_words"]),
        fewest_words_of_purpose=int(document["requests"]["fewest_words_of_purpose"]),
        variants=document["variants"],
        rules=_rules(document["rules"]),
        access=_rules(document["access"]),
    )


def _rules(sections: Mapping[str, Mapping[str, Any]]) -> dict[str, Rule]:
    return {
        name: Rule(
            name=name,
            source=section["source"],
            remedy=section["remedy"],
            stricter=bool(section.get("stricter", False)),
            evidence=" ".join(section.get("evidence", "").split()),
            numbers={key: value for key, value in section.items() if key not in _WORDS},
        )
        for name, section in sections.items()
    }
