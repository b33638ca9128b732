"""What a product may tell about people: pure rules on counts, words and requests.

The rules of the Research Environment's Airlock, as its public user guide states them. The numbers
and the words stand in `policy.toml`; nothing here reads a file or a table.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import total_ordering

from gecip.governance.policy import Policy, Rule


@total_ordering
class Verdict(enum.Enum):
    """What the airlock says of an item; the worst of an item's findings decides."""

    PASS = "pass"
    REVIEW = "review"
    FAIL = "fail"

    def __lt__(self, other: Verdict) -> bool:
        order = list(Verdict)
        return order.index(self) < order.index(other)


@dataclass(frozen=True)
class Finding:
    """One thing that the airlock has to say of an item: which rule, what, and what to change."""

    rule: Rule
    verdict: Verdict
    sentence: str

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self.rule.remedy


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Return the worst verdict among the findings; nothing found is a pass."""
    return max((finding.verdict for finding in findings), default=Verdict.PASS)


def is_small(count: float, policy: Policy) -> bool:
    """Return whether a count is above nothing and below the smallest that may be shown.

    Nobody is no disclosure: zeros are shown. The threshold follows the ONS rule that the NHS data
    agreements refer to.
    """
    return 0 < count < policy.smallest_shown_count


def rounded_up(count: float, policy: Policy) -> float:
    """Return the height at which a figure draws a count: a small one at the smallest that may be shown."""
    return float(policy.smallest_shown_count) if is_small(count, policy) else float(count)


def band_around(count: int, policy: Policy) -> tuple[int, int]:
    """Return the first and last number of the band that holds a total which may not be told exactly.

    The rule's own example gives a total as 20-24; a band is as wide as the threshold.
    """
    width = policy.smallest_shown_count
    first = count // width * width
    return first, first + width - 1


def identifier_shapes(text: str, policy: Policy) -> int:
    """Return how many words in a text have the shape of an identifier of the programme.

    Places in the genome are set aside first: a position on chromosome 1 can have nine digits too.
    """
    for pattern in policy.not_identifier_patterns:
        text = re.sub(pattern, " ", text)
    shapes = "|".join(f"(?:{pattern})" for pattern in policy.identifier_patterns)
    return len(re.findall(shapes, text))


def without_identifiers(text: str, policy: Policy) -> str:
    """Return a text with `…` in the place of every word that has the shape of an identifier of the programme.

    For words of others that are passed on, as those of an error. Places in the genome go as well, where they have
    the shape of a number: what is hidden too much does no harm here.
    """
    for pattern in policy.identifier_patterns:
        text = re.sub(pattern, "…", text)
    return text


def possible_identifiers(text: str, policy: Policy) -> frozenset[str]:
    """Return the words in a text that are long enough to be an identifier of a release, or part of one."""
    words = (word.strip(".,;:!?()[]{}'\"#") for word in text.split())
    return frozenset(word for word in words if len(word) >= policy.shortest_identifier_part)


def problems_of_request(*, project: str, purpose: str, role: str, policy: Policy) -> list[str]:
    """Return what is missing before anything can be checked; an empty list if nothing is.

    A checker who does not know for what a table is meant has to ask, and the request comes back.
    """
    problems = []
    if not project.strip():
        problems.append(
            "The request names no project: give the project under which it was approved, as project='RR91'."
        )
    if len(purpose.split()) < policy.fewest_words_of_purpose:
        problems.append(
            f"The purpose has fewer than {policy.fewest_words_of_purpose} words: say for what the results "
            "are meant, as purpose='Figure 2 of the paper on cystic kidneys'."
        )
    if identifier_shapes(f"{project} {purpose}", policy):
        problems.append("The project or the purpose holds an identifier: take it out.")
    if role not in policy.known_roles:
        problems.append(
            f"There is no role {role!r}: set GECIP_ROLE to one of {', '.join(sorted(policy.known_roles))}."
        )
    return problems
