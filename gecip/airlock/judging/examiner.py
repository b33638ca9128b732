"""Hold the pieces of one file against every rule, and say what was found once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from gecip.airlock.judging.count_rules import percentages, small_bases, small_counts, the_rest
from gecip.airlock.judging.drawing_rules import in_drawing
from gecip.airlock.judging.identifier_search import IdentifierSearch
from gecip.airlock.judging.person_rules import ages, days, extremes, individual_level
from gecip.airlock.judging.prose_rules import in_prose
from gecip.airlock.judging.recoverable_cells import recoverable_counts
from gecip.airlock.judging.sentences import plural
from gecip.airlock.judging.survival_rules import few_at_risk
from gecip.airlock.judging.table_view import TableView
from gecip.airlock.judging.variant_batches import BatchSearch
from gecip.airlock.judging.variant_rules import (
    VariantColumns,
    VariantTally,
    numbers_in,
    tally_of,
)
from gecip.airlock.reading.pieces import Drawn, Grid, Piece, Remark, Speech, VariantRows, Words
from gecip.governance.disclosure import Finding, Verdict
from gecip.governance.policy import Policy
from gecip.release.identifiers import KnownIdentifiers

TABLE_RULES: tuple[Callable[[TableView, Policy], Iterator[Remark]], ...] = (
    individual_level,
    ages,
    days,
    small_counts,
    the_rest,
    small_bases,
    percentages,
    extremes,
    few_at_risk,
    recoverable_counts,
)
# A long table that is refused already is not read to its end.
_MOST_ROWS_AFTER_REFUSAL = 100_000


@dataclass(frozen=True)
class FileFinding(Finding):
    """One thing that the airlock has to say of a file, with what to do about a file."""

    @property
    def remedy(self) -> str:
        """What to do about it, where the thing is a file that can only be made again."""
        return str(self.rule.numbers.get("remedy_in_files", self.rule.remedy))


@dataclass
class Examiner:
    """Judges one file: takes its pieces in, and gives what speaks against it."""

    policy: Policy
    known: KnownIdentifiers
    _remarks: dict[tuple[str, Verdict, str], Remark] = field(default_factory=dict)
    _tallies: dict[str, VariantTally] = field(default_factory=dict)
    _batches: dict[str, BatchSearch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._search = IdentifierSearch(self.policy, self.known)

    def judge(self, pieces: Iterable[Piece]) -> tuple[Finding, ...]:
        """Return everything that speaks against the file which these are the pieces of."""
        for piece in pieces:
            self._take(piece)
            if (
                isinstance(piece, Grid)
                and piece.first_row > _MOST_ROWS_AFTER_REFUSAL
                and self._is_refused()
            ):
                break
        return tuple(self._finish())

    def names_somebody(self, name: str) -> bool:
        """Return whether a name holds an identifier, so that no report may repeat it."""
        return bool(IdentifierSearch(self.policy, self.known).in_text(name))

    def _is_refused(self) -> bool:
        return any(remark.verdict is Verdict.FAIL for remark in self._remarks.values())

    def _take(self, piece: Piece) -> None:
        takers: dict[type, Callable[[Any], None]] = {
            Words: self._words,
            Grid: self._grid,
            VariantRows: self._variants,
            Drawn: self._drawn,
            Remark: lambda remark: self._note(remark, ""),
        }
        takers[type(piece)](piece)

    def _words(self, words: Words) -> None:
        self._identifiers(self._search.in_text(words.text), words.place)
        if words.speech in (Speech.PROSE, Speech.LABEL):
            for remark in in_prose(words.text, self.policy):
                self._note(remark, words.place)

    def _grid(self, grid: Grid) -> None:
        view = TableView(grid)
        for column, found in self._search.in_grid(view):
            place = (
                f"the heads of {grid.place}"
                if column < 0
                else f"{view.name(column)} of {grid.place}"
            )
            self._identifiers(found, place)
        for rule in TABLE_RULES:
            for remark in rule(view, self.policy):
                self._note(remark, grid.place)
        if view.is_of_variants and grid.rows:
            tally = self._tallies.setdefault(grid.place, tally_of(view, self.policy))
            tally.add(numbers_in(grid.rows), len(grid.rows))

    def _variants(self, rows: VariantRows) -> None:
        if rows.place not in self._batches:
            view = TableView(Grid(rows.place, rows.header, ()))
            self._tallies[rows.place] = tally_of(view, self.policy)
            self._batches[rows.place] = BatchSearch(VariantColumns(rows.header), self._search)
            self._identifiers(
                sum(map(self._search.in_text, rows.header)), f"the heads of {rows.place}"
            )
        search = self._batches[rows.place]
        self._identifiers(search.in_rows(rows.rows), rows.place)
        self._tallies[rows.place].add(search.numbers_of(rows.rows), rows.rows.num_rows)

    def _drawn(self, drawn: Drawn) -> None:
        self._identifiers(self._search.in_labels(drawn.words), drawn.place)
        for remark in in_drawing(drawn, self.policy):
            self._note(remark, drawn.place)

    def _identifiers(self, found: int, place: str) -> None:
        if found:
            self._note(
                Remark(
                    "identifiers",
                    Verdict.FAIL,
                    f"{plural(found, 'word')} are identifiers, or look like them.",
                ),
                place,
            )

    def _note(self, remark: Remark, place: str) -> None:
        """Keep what was found, once for each rule and place."""
        said = f"In {place}: {remark.sentence}" if place else remark.sentence
        self._remarks.setdefault(
            (remark.rule, remark.verdict, place), replace(remark, sentence=said)
        )

    def _finish(self) -> Iterator[Finding]:
        for place, tally in self._tallies.items():
            for remark in tally.finish():
                self._note(remark, place)
        parts = self._search.finish()
        if parts:
            sentence = f"{plural(parts, 'number')} are the ends of identifiers of a release, which are no pseudonyms."
            self._note(Remark("identifiers", Verdict.FAIL, sentence), "")
        for remark in self._remarks.values():
            yield FileFinding(self.policy.rules[remark.rule], remark.verdict, remark.sentence)
