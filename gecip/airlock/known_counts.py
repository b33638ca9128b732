"""The summaries of a bundle as one system of counts, with everything that a reader knows between them.

A count that appears in two summaries of a bundle is one count: what is masked in the first must not
be printed in the second. That it is one is told by its words, or by the people behind it.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from gecip.airlock.count_system import CountSystem, SystemBuilder
from gecip.airlock.nested_groups import CountedGroups, Line, NestedGroups, groups_of
from gecip.airlock.relations import Relations
from gecip.airlock.shared_people import SharedPeople
from gecip.governance.disclosure import is_small
from gecip.governance.policy import Policy
from gecip.reporting import Meaning, Summary, Total

Cell = tuple[Hashable, Hashable]

# The number behind the whole stands in no cell, and is the first to go.
_COST_OF_WHOLE = 0.3
_COST_OF_SIZE = 0.15


@dataclass(frozen=True, eq=False)
class PlacedSummary:
    """Where the counts of a summary lie in the system: those of its cells, and those behind the whole.

    `families` are the families behind cells of people where the table has no column for them, yet nearly
    as many as there are people.
    """

    summary: Summary
    cells: dict[Cell, int]
    n_people: int
    n_families: int
    families: dict[Cell, int] = field(default_factory=dict)

    @property
    def wholes(self) -> dict[Meaning, int]:
        """The counts behind the whole, by what they count."""
        return {Meaning.PEOPLE: self.n_people, Meaning.FAMILIES: self.n_families}

    def counts_of(self, meaning: Meaning) -> dict[Cell, int]:
        """Return the counts of people, families or alleles by their cells."""
        meanings = self.summary.meanings
        own = {cell: count for cell, count in self.cells.items() if meanings[cell[1]] is meaning}
        return own | self.families if meaning is Meaning.FAMILIES else own

    @property
    def counts(self) -> list[int]:
        """Every count of the summary."""
        return [*self.cells.values(), self.n_people, self.n_families]


@dataclass
class KnownCounts:
    """Collects the counts of summaries that ask to leave together.

    Gene-level summaries without phenotypes come first: they leave unmasked, so that what they print is
    known of the others.
    """

    policy: Policy
    _builder: SystemBuilder = field(default_factory=SystemBuilder)
    _counts: dict[Hashable, int] = field(default_factory=dict)
    _groups_of: dict[int, Mapping[str, int]] = field(default_factory=dict)
    _shared: SharedPeople = field(init=False)

    def place(self, summaries: Sequence[Summary]) -> tuple[CountSystem, list[PlacedSummary]]:
        """Return the system of all summaries, and where the counts of each lie in it, in the given order."""
        self._shared = SharedPeople(summaries, self.policy.smallest_shown_count)
        placed = {
            id(summary): self._place(summary)
            for summary in sorted(summaries, key=lambda summary: summary.phenotypic)
        }
        in_order = [placed[id(summary)] for summary in summaries]
        self._write_shared(in_order)
        return self._builder.build(), in_order

    @cached_property
    def _relations(self) -> Relations:
        return Relations(self._builder, self.policy)

    def _place(self, summary: Summary) -> PlacedSummary:
        cells = {cell: self._cell_count(summary, cell) for cell in count_cells(summary)}
        n_people, n_families = (
            self._whole_count(summary, meaning, value)
            for meaning, value in (
                (Meaning.PEOPLE, summary.n_people),
                (Meaning.FAMILIES, summary.n_families),
            )
        )
        placed = PlacedSummary(summary, cells, n_people, n_families)
        if summary.phenotypic:
            placed = replace(placed, families=self._families(placed))
            _RelationWriter(placed, self._builder, self._relations).write()
        return placed

    def _families(self, placed: PlacedSummary) -> dict[Cell, int]:
        """Return the families behind cells of people that a reader knows though no column tells them.

        Where everybody is a family of their own they are as many as the people, and where nearly
        everybody is, nearly as many.
        """
        summary = placed.summary
        people = placed.counts_of(Meaning.PEOPLE)
        beyond = summary.n_people - summary.n_families
        if Meaning.FAMILIES in summary.meanings.values() or not (
            0 <= beyond < self.policy.smallest_shown_count
        ):
            return {}
        if not beyond:
            return people
        families = {
            cell: self._builder.add_count(int(summary.families.at[cell]), implied=True)
            for cell in people
        }
        for cell, count in people.items():
            self._relations.families(count, families[cell])
        return families

    def _cell_count(self, summary: Summary, cell: Cell) -> int:
        value, meaning = int(summary.table.at[cell]), summary.meanings[cell[1]]
        words: Hashable = (_scope(summary), meaning, _words(summary, cell), value)
        behind = self._shared.number(summary, cell)
        size = math.log1p(value) / math.log1p(max(summary.n_people, value, 1))
        return self._count(
            [words, *self._keys_of_people(meaning, behind)],
            value,
            known=not summary.phenotypic,
            secret=rests_on_few(summary, cell, self.policy),
            # One cell, and a little more the larger it is.
            cost=1.0 + _COST_OF_SIZE * size,
        )

    def _whole_count(self, summary: Summary, meaning: Meaning, value: int) -> int:
        words: Hashable = (_scope(summary), meaning, (), value)
        behind = self._shared.number_of_whole(summary)
        return self._count(
            [words, *self._keys_of_people(meaning, behind)],
            value,
            known=not summary.phenotypic,
            secret=is_small(value, self.policy),
            cost=_COST_OF_WHOLE,
        )

    def _keys_of_people(self, meaning: Meaning, behind: int | None) -> list[Hashable]:
        """Return what tells a count by the people behind it, who decide how many people and families they are."""
        is_told = meaning is not Meaning.ALLELES and self._shared.is_telling(behind)
        return [("people behind", meaning, behind)] if is_told else []

    def _count(
        self, keys: Sequence[Hashable], value: int, *, known: bool, secret: bool, cost: float
    ) -> int:
        found = next((self._counts[key] for key in keys if key in self._counts), None)
        if found is None:
            found = self._builder.add_count(
                value, known=known, secret=secret and not known, cost=cost
            )
        for key in keys:
            self._counts.setdefault(key, found)
        return found

    def _write_shared(self, placed: Sequence[PlacedSummary]) -> None:
        """Write down what is known between the counts of summaries by who is in them."""
        nested = NestedGroups(self._shared, self._relations)
        for meaning in (Meaning.PEOPLE, Meaning.FAMILIES, Meaning.ALLELES):
            nested.write([self._counted(one, meaning) for one in placed])
        # Alleles depend on the gene, too: what they are is told by words alone.
        for meaning in (Meaning.PEOPLE, Meaning.FAMILIES):
            self._write_same_people(placed, meaning)
        self._relations.excesses()

    def _write_same_people(self, placed: Sequence[PlacedSummary], meaning: Meaning) -> None:
        """Write down which counts are of nearly the same people, and which of those of several others together."""
        by_set = [self._counts_by_set(one, meaning) for one in placed]
        counts = {number: count for one in by_set for number, count in one.items()}
        for whole, part in self._shared.nearly(sorted(counts)):
            if not self._relations.are_known(counts[whole], counts[part]):
                self._relations.part(counts[whole], counts[part], is_few=True)
        for one, own in zip(placed, by_set, strict=True):
            elsewhere = sorted(set(counts) - set(own))
            lines = [
                [number for _, number in line.parts if len(self._shared.sets[number])]
                for line in self._lines(one, meaning)
            ]
            for number, parts in self._shared.unions(elsewhere, lines):
                self._relations.total(counts[number], [own[part] for part in parts], complete=True)

    def _counted(self, placed: PlacedSummary, meaning: Meaning) -> CountedGroups:
        """Return the counts of a summary whose people are known, by the words of their cells."""
        summary = placed.summary
        by_words = {
            _words(summary, cell): (count, number)
            for cell, count in placed.counts_of(meaning).items()
            if (number := self._shared.number(summary, cell)) is not None
        }
        whole = self._shared.number_of_whole(summary)
        if whole is not None and meaning in placed.wholes:
            by_words.setdefault((), (placed.wholes[meaning], whole))
        return CountedGroups(by_words, list(self._lines(placed, meaning)), self._groups(placed))

    def _groups(self, placed: PlacedSummary) -> Mapping[str, int]:
        """Return for each word of a summary that has a margin the number of the set of people of its group."""
        key = id(placed.summary)
        if key not in self._groups_of:
            sets = {
                _words(placed.summary, cell): number
                for cell in placed.cells
                if (number := self._shared.number(placed.summary, cell)) is not None
            }
            self._groups_of[key] = groups_of(sets)
        return self._groups_of[key]

    def _lines(self, placed: PlacedSummary, meaning: Meaning) -> Iterator[Line]:
        """Yield the lines that add up to their totals, where the people behind all their parts are known."""
        summary, counts = placed.summary, placed.counts_of(meaning)
        for whole, parts in self._sums(summary, counts):
            sets = [self._shared.number(summary, part) for part in parts]
            known = [number for number in sets if number is not None]
            if len(known) == len(sets):
                of = _words(summary, whole)
                groups = tuple(
                    tuple(word for word in _words(summary, part) if word not in of)
                    for part in parts
                )
                yield Line(
                    of,
                    groups,
                    list(zip([counts[part] for part in parts], known, strict=True)),
                )

    def _counts_by_set(self, placed: PlacedSummary, meaning: Meaning) -> dict[int, int]:
        """Return the counts by the number of the set of people behind each, where it is known."""
        summary = placed.summary
        found = {
            self._shared.number(summary, cell): count
            for cell, count in placed.counts_of(meaning).items()
        }
        found[self._shared.number_of_whole(summary)] = placed.wholes[meaning]
        return {number: count for number, count in found.items() if number is not None}

    def _sums(
        self, summary: Summary, counts: Mapping[Cell, int]
    ) -> Iterator[tuple[Cell, list[Cell]]]:
        """Yield the whole and the parts, line by line, of each total that is the sum of several."""
        value = self._builder.value
        for total in summary.totals:
            for whole, parts in _cells_of(summary, total) if total.complete else ():
                if (
                    len(parts) > 1
                    and whole in counts
                    and all(part in counts for part in parts)
                    and sum(value(counts[part]) for part in parts) == value(counts[whole])
                ):
                    yield whole, parts


def count_cells(summary: Summary) -> Iterator[Cell]:
    """Yield the cells that are counts, as row and column."""
    for column in summary.table.columns:
        if summary.meanings[column].is_count:
            for row in summary.table.index:
                yield row, column


def _scope(summary: Summary) -> Hashable:
    """Return of whom a summary speaks: its release and its cohort."""
    provenance = summary.provenance
    return provenance.chain()[0].digest(), provenance.parameter("definition")


def _words(summary: Summary, cell: Cell) -> tuple[str, ...]:
    """Return the words that say what a cell counts; the names of totals and plain meanings say nothing.

    Cells of two tables with the same words and the same number are taken for one count. Where that is
    not so, more is withheld than had to be.
    """
    silent = {meaning.value for meaning in Meaning}
    for total in summary.totals:
        if total.complete and not total.only:
            whole, part = set(_parts(total.whole)), set(_parts(total.parts[0]))
            # The name of the only group says no more than the name of all of them.
            silent |= (whole - part) if len(total.parts) > 1 else (whole ^ part)
    return tuple(sorted(word for label in cell for word in _parts(label) if word not in silent))


def _parts(label: Hashable) -> tuple[str, ...]:
    return tuple(map(str, label)) if isinstance(label, tuple) else (str(label),)


def rests_on_few(summary: Summary, cell: Cell, policy: Policy) -> bool:
    """Return whether a count is small, or counts something of a few people, as the alleles of three.

    Where the policy counts families once, also whether its people are of a few families.
    """
    value = int(summary.table.at[cell])
    if value and policy.families_count_once and is_small(summary.families.at[cell], policy):
        return True
    if summary.meanings[cell[1]] is Meaning.ALLELES:
        return value > 0 and (is_small(value, policy) or is_small(summary.people.at[cell], policy))
    return is_small(value, policy)


def _cells_of(summary: Summary, total: Total) -> Iterator[tuple[Cell, list[Cell]]]:
    """Yield the whole and the parts of a total, line by line, as cells that are counts."""
    lines = summary.table.columns if total.axis == "rows" else summary.table.index
    for line in lines:
        if total.only and line not in total.only:
            continue
        whole, *parts = (
            (label, line) if total.axis == "rows" else (line, label)
            for label in (total.whole, *total.parts)
        )
        if summary.meanings[whole[1]].is_count:
            yield whole, parts


@dataclass(frozen=True)
class _RelationWriter:
    """Writes down what is known between the counts of a summary, one kind of knowledge at a time."""

    placed: PlacedSummary
    builder: SystemBuilder
    relations: Relations

    def write(self) -> None:
        self._write_totals(self.placed.cells)
        self._write_totals(self.placed.families)
        self._write_wholes(Meaning.PEOPLE, self.placed.n_people)
        self._write_wholes(Meaning.FAMILIES, self.placed.n_families)
        self._write_companions()
        self._write_orders()

    @property
    def _summary(self) -> Summary:
        return self.placed.summary

    def _write_totals(self, cells: Mapping[Cell, int]) -> None:
        """Totals: the sum of their parts, or their union, or something that holds them."""
        for total in self._summary.totals:
            for whole, parts in _cells_of(self._summary, total):
                if whole not in cells:
                    continue
                self.relations.total(
                    cells[whole], [cells[part] for part in parts], complete=total.complete
                )

    def _write_wholes(self, meaning: Meaning, whole: int) -> None:
        """How many stand behind the whole: at least as many as in any cell, and the sum if they part it."""
        counted = self.placed.counts_of(meaning)
        value = self.builder.value
        for count in counted.values():
            if value(count) == value(whole):
                self.relations.sum(whole, [count])
            elif value(count) < value(whole):
                self.relations.part(whole, count)
        held = {
            part
            for total in self._summary.totals
            for _, parts in _cells_of(self._summary, total)
            for part in parts
        }
        top = [count for cell, count in counted.items() if cell not in held]
        if sum(map(value, top)) == value(whole):
            self.relations.sum(whole, top)

    def _write_companions(self) -> None:
        """People and their families, people and their alleles: known to lie near each other."""
        cells = self.placed.cells
        self.relations.families(self.placed.n_people, self.placed.n_families)
        for column, meaning in self._summary.meanings.items():
            people = self._people_column_of(column)
            if people is None or meaning not in (Meaning.FAMILIES, Meaning.ALLELES):
                continue
            write = (
                self.relations.families if meaning is Meaning.FAMILIES else self.relations.alleles
            )
            for row in self._summary.table.index:
                write(cells[row, people], cells[row, column])

    def _write_orders(self) -> None:
        """Rows sorted by a count: whoever sees the order knows which of two masked counts is larger."""
        held = [
            total for total in self._summary.totals if total.axis == "rows" and len(total.parts) > 1
        ]
        runs = [total.parts for total in held] or [tuple(self._summary.table.index)]
        for rows in runs:
            for column, meaning in self._summary.meanings.items():
                if meaning.is_count:
                    self.relations.order([self.placed.cells[row, column] for row in rows])

    def _people_column_of(self, column: Hashable) -> Hashable | None:
        behind = self._summary.people[column]
        for candidate, meaning in self._summary.meanings.items():
            if meaning is Meaning.PEOPLE and (self._summary.table[candidate] == behind).all():
                return candidate
        return None
