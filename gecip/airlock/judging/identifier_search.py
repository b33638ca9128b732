"""Look for identifiers in words: by their shape, by name, and parts of them.

That a number is the end of somebody's identifier says nothing where there are many people: then nearly
every number of five digits is. Parts are therefore weighed against chance, unless the words around
them say that they name somebody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from gecip.airlock.judging.cell_values import is_missing
from gecip.airlock.judging.column_kinds import COUNTS, Kind, numbers_things
from gecip.airlock.judging.table_view import TableView
from gecip.governance.policy import Policy
from gecip.release.identifiers import KnownIdentifiers

# Every shape of an identifier, and every part of one that counts, has so many digits.
_DIGITS = re.compile(r"\d{5}")
_DECIMAL = re.compile(r"^[-+]?\d*\.\d+(?:[eE][-+]?\d+)?$")
# Counts of people have fewer digits than the programme's numbers.
_LONG = 9
# So rarely may chance alone give as many matches as were found.
_CHANCE = 0.01
_SIMPLE = re.compile(r"^[A-Za-z]*[ _.-]?(?:[A-Za-z]+[ _.-]?)?\d{1,4}[A-Za-z]?$")
_PUBLIC = re.compile(
    r"^(?:HG|NA|GM)\d{5}$|^TCGA-|^(?:SAM|ERS|SRS|DRS|SRR|ERR|GSM)[A-Z]*\d+$|^[A-Z]+\d?$"
)
_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?[eE]\+?0*\d{1,2}$")
# Numbers in these columns are what they are, however many digits they have.
_NO_NAMES = frozenset(
    {Kind.POSITION, Kind.CONTIG, Kind.FREQUENCY, Kind.ALLELE_COUNT, Kind.ALLELE_NUMBER}
)


@dataclass
class IdentifierSearch:
    """Counts the identifiers in what it is shown, piece by piece; never remembers which.

    `matches` and `tried` are the numbers that were held against the ends of known identifiers.
    """

    policy: Policy
    known: KnownIdentifiers
    _tried: list[tuple[float, bool]] = field(default_factory=list)

    def in_text(self, text: str) -> int:
        """Return how many identifiers, and parts of them called so, are in a text."""
        if not _DIGITS.search(text):
            return len(self._own(text)) if self.known.has_plain_words else 0
        if _DECIMAL.match(text.strip()) and not text.strip().endswith(".0"):
            return 0
        if text.isdigit():
            self._weigh([text])
            return int(self.known.knows(text) or bool(self._shapes.fullmatch(text)))
        plain = self._without_others(text)
        called = [word for word in self._called.findall(plain) if self._is_part(word)]
        rest = self._shapes.sub(" ", plain)
        self._weigh(_NUMBERS.findall(rest))
        return len(self._shapes.findall(plain)) + len(self._own(rest)) + len(called)

    def _own(self, text: str) -> set[str]:
        """Return the words of a text that are identifiers of a release."""
        return {
            word
            for word in _tokens(text, self.policy.shortest_identifier_part)
            if self.known.knows(word)
        }

    def in_labels(self, texts: Iterable[str]) -> int:
        """Return how many of some labels are identifiers, or the end of one as a whole."""
        found = 0
        for text in texts:
            inside = self.in_text(text)
            found += inside or int(self._is_ending(text.strip()))
        return found

    def in_grid(self, view: TableView) -> Iterator[tuple[int, int]]:
        """Yield the columns in which there are identifiers, and in how many cells; -1 is the head."""
        heads = sum(self.in_text(head) for head in view.grid.header)
        if heads:
            yield -1, heads
        for column, kind in enumerate(view.kinds):
            found = self._in_column(view, column, kind)
            if found:
                yield column, found

    def _in_column(self, view: TableView, column: int, kind: Kind) -> int:
        values = [_as_whole(text) for _, text in view.cells(column)]
        if kind is Kind.PERSON:
            return sum(map(self._names_somebody, values))
        if kind in _NO_NAMES or numbers_things(view.grid.header[column]):
            return sum(1 for value in set(values) if not value.isdigit() and self.in_text(value))
        if kind in COUNTS:
            # A count of five digits may well be somebody's number too, and says nothing.
            values = [value for value in values if not value.isdigit() or len(value) >= _LONG]
        return sum(self.in_text(value) for value in dict.fromkeys(values))

    def finish(self) -> int:
        """Return how many numbers were parts of identifiers, where chance alone does not explain so many."""
        matches = sum(1 for _, is_match in self._tried if is_match)
        if not matches:
            return 0
        expected = sum(chance for chance, _ in self._tried)
        return matches if _tail_of_poisson(matches, expected) < _CHANCE else 0

    def _names_somebody(self, value: str) -> bool:
        """Return whether a cell of a column of people is more than `Participant 1` or a public sample's name."""
        if is_missing(value) or (_PUBLIC.match(value) and not self.known.knows(value)):
            return False
        return (
            not _SIMPLE.match(value) or self.known.knows(value) or bool(self._shapes.search(value))
        )

    def _is_part(self, word: str) -> bool:
        return len(word) >= self.policy.shortest_identifier_part

    def _is_ending(self, word: str) -> bool:
        return (
            self._is_part(word)
            and self.known.knows_ending(word)
            and self.known.chance(len(word)) < _CHANCE
        )

    def _weigh(self, numbers: Iterable[str]) -> None:
        """Hold numbers against the ends of known identifiers; round ones are nobody's."""
        for number in set(numbers):
            chance = self.known.chance(len(number))
            if chance and not number.endswith("000"):
                self._tried.append((chance, self.known.knows_ending(number)))

    def _without_others(self, text: str) -> str:
        for pattern in self._others:
            text = pattern.sub(" ", text)
        return text

    @cached_property
    def _shapes(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern})" for pattern in self.policy.identifier_patterns))

    @cached_property
    def _others(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern) for pattern in self.policy.not_identifier_patterns)

    @cached_property
    def _called(self) -> re.Pattern[str]:
        """A number of five to eight digits after a word such as participant: `participant ending 00011`."""
        words = "|".join(sorted(self.policy.people_words))
        return re.compile(
            rf"(?i)(?<![A-Za-z])(?:{words})(?:[ _-]?(?:id|no|number|ending|ends|in|with|code|key|\.|#|:|=|is))*[ _:#=-]*"
            r"(\d{5,8})(?!\d|\.\d|\s*(?:people|participants|patients|samples|families|individuals|cases|were|in total))"
        )


_NUMBERS = re.compile(r"(?<![\d.,A-Za-z_])\d{5,8}(?!\d|[.,]\d|\w)")


def _tokens(text: str, shortest: int) -> set[str]:
    """Return the words of a text that are long enough to be an identifier, whole and parted at signs."""
    words = {word.strip(".,;:!?()[]{}'\"#<>=/") for word in text.split()}
    parts = {part for word in words for part in re.split(r"[,;:|()\[\]{}=/\"'<>]+", word)}
    parts |= {
        part for word in words if not _DECIMAL.match(word) for part in re.split(r"[_.]", word)
    }
    return {word for word in words | parts if len(word) >= shortest}


def _as_whole(text: str) -> str:
    """Return a cell as the text by which it could be an identifier: a whole number without point or exponent."""
    text = text.strip()
    if _SCIENTIFIC.match(text) and float(text).is_integer():
        return str(int(float(text)))
    return text[:-2] if text.endswith(".0") and text[:-2].isdigit() else text


def _tail_of_poisson(at_least: int, expected: float) -> float:
    """Return how likely so many or more are found by chance."""
    from scipy.stats import poisson

    return float(poisson.sf(at_least - 1, expected))
