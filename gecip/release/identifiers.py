"""The identifiers of a release as something to ask, so that none has to be handed out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

SHORTEST_ENDING = 5
_NUMBER = re.compile(r"\d+")
_ENDING = re.compile(rf"\d{{{SHORTEST_ENDING}}}")


@dataclass(frozen=True, repr=False)
class KnownIdentifiers:
    """Answers whether a word is an identifier, or a number the end of one, and how often chance would say so.

    With many people every number of five digits is the end of somebody's identifier: a match says
    something only against `chance`.
    """

    _words: frozenset[str] = frozenset()

    def knows(self, word: str) -> bool:
        """Return whether a word is an identifier."""
        return word in self._words

    def knows_ending(self, word: str) -> bool:
        """Return whether a number is the end of a longer identifier's number, as its last five digits are."""
        return word.isdigit() and word in self._endings.get(len(word), frozenset())

    def chance(self, digits: int) -> float:
        """Return the share of all numbers of so many digits that are the end of an identifier."""
        return len(self._endings.get(digits, ())) / 10.0**digits

    @cached_property
    def has_plain_words(self) -> bool:
        """Return whether any identifier has fewer than five digits in a row, as no shape of the programme's has."""
        return any(not _ENDING.search(word) for word in self._words)

    def joined(self, other: KnownIdentifiers) -> KnownIdentifiers:
        """Return what both know, as one."""
        return KnownIdentifiers(self._words | other._words)

    def count_among(self, words: pa.Array) -> int:
        """Return how many of an array's texts are identifiers."""
        import pyarrow.compute as pc

        return int(pc.sum(pc.is_in(words, value_set=self._as_array)).as_py() or 0)

    @cached_property
    def _as_array(self) -> pa.Array:
        import pyarrow as pa

        return pa.array(self._words, type=pa.string())

    @cached_property
    def _endings(self) -> dict[int, frozenset[str]]:
        """The ends of the identifiers' numbers, by length: of `111000012` those of five digits to eight."""
        numbers = {number for word in self._words for number in _NUMBER.findall(word)}
        longest = max(map(len, numbers), default=0)
        return {
            digits: frozenset(number[-digits:] for number in numbers if len(number) > digits)
            for digits in range(SHORTEST_ENDING, longest)
        }

    def __repr__(self) -> str:
        return f"KnownIdentifiers({len(self._words):,})"
