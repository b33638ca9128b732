"""Numbers of people in a title or a note: which there are, and the sentences without them.

A sentence may say how many families were looked at, or of what share of them something is known. Where a
count of the same request is masked, such a number is one more total, or a quotient of counts, that no
masking knows of. A table has its cells withheld; a sentence has its numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gecip.airlock.judging.prose_rules import (
    IS_NUMBER,
    NO_COUNT,
    PEOPLE,
    small_counts_in,
    small_shares_in,
)
from gecip.governance.policy import Policy

Span = tuple[int, int]

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)"
_ANY_NUMBER = rf"(?<![\w.,/:<>≤≥~-])(?<![<>≤≥] )(?P<number>{_DIGITS})(?![\w.,]?\d)"
_PEOPLE = rf"(?:{PEOPLE}|trios?|duos?|couples?|parents?|mothers?|fathers?|siblings?|twins?|members?|adults?|samples?|genomes?)"
# Up to two words that tell which people: neither another plural, of which there were so many, nor the way to another thing.
_WHICH = r"(?:(?!(?:of|in|to|or|and|from|per|by)\b)(?![\w-]*s\b)[^\W\d][\w-]* ){0,2}"
_AMONG = rf"(?:(?:of|out of|among) (?:(?:the|all|these|those|its|their) )?(?:{_DIGITS} )?)?"
_COUNTED = re.compile(
    rf"{_ANY_NUMBER}(?= {_AMONG}{_WHICH}{_PEOPLE}\b| (?:of|out of|among) (?:them|these|those|whom)\b)",
    re.IGNORECASE,
)
_NAMED_FIRST = re.compile(
    rf"\b{_PEOPLE}(?: [^\W\d][\w-]*)?\s*[:=]\s*(?P<number>{_DIGITS})(?![\w.,]?\d)", re.IGNORECASE
)
# What is likened to so many people, or left of so many, is no limit and no name.
_TO_A_COUNT = re.compile(r"(?<!up )\b(?:to|from)\s*$", re.IGNORECASE)
# Shares of what is nobody, and the levels of intervals and tests.
_OF_NOBODY = (
    r"(?!\s*(?:confidence |credible |prediction |bootstrap )?(?:intervals?|limits?|level|power|CI)\b)"
    r"(?!\s*(?:a|per) year\b)"
    r"(?!\s*of (?:(?:the|their|all|its) )?(?:[\w-]+ ){0,3}?"
    r"(?:variance|variation|weights?|sites|variants|genotypes|alleles|reads|bases|genome|distance|draws|costs?|time|days|"
    r"episodes|calls)\b)"
)
_SHARE = re.compile(rf"(?<![\w.,/<>≤≥-])(?P<number>\d+(?:\.\d+)?)\s?%{_OF_NOBODY}", re.IGNORECASE)


def without_numbers(text: str, policy: Policy, *, beside_masked: bool) -> tuple[str, int]:
    """Return a sentence without the numbers of people in it that may not be told, and how many these were.

    Small counts, and percentages that make one, are always taken out; all other counts of people and all
    percentages only beside something that is masked.
    """
    found = _all_numbers(text) if beside_masked else _small_numbers(text, policy)
    spans = sorted(set(found))
    for start, end in reversed(spans):
        text = f"{text[:start]}{mark_in_words(policy)}{text[end:]}"
    return text, len(spans)


def mark_in_words(policy: Policy) -> str:
    """Return what stands in a sentence instead of a number."""
    return f"[{policy.secondary_mark}]"


def _small_numbers(text: str, policy: Policy) -> Iterator[Span]:
    smallest = policy.smallest_shown_count
    yield from (match.span("number") for match in small_counts_in(text, smallest))
    yield from (match.span("share") for match in small_shares_in(text, smallest))


def _all_numbers(text: str) -> Iterator[Span]:
    for pattern in (_COUNTED, _NAMED_FIRST, IS_NUMBER, _SHARE):
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 20) : match.start()]
            if _TO_A_COUNT.search(before) or not NO_COUNT.search(before):
                yield match.span("number")
