"""What a reader knows of groups that lie within others or overlap them, in two tables of a bundle, however small.

Several age bands lie within one of another table, and a cohort within another: then the people of the
bands are no more than those of the group that holds them, and as many where nobody else is in it. That
a group is within another is told by the words of its cell: each is a word of the other, or names a group
of people who are all in the group of a word of the other.

Bands of two tables may also be cut at different ages: then what two of them have in common is a count
that follows from both tables, though none prints it. What holds for people holds for their families and
alleles where a line of those adds up too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations, product
from typing import TYPE_CHECKING, NamedTuple

from gecip.airlock.relations import Relations
from gecip.airlock.shared_people import SharedPeople

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]

Words = tuple[str, ...]
# A count, and the number of the set of people behind it.
CountedSet = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Line:
    """A line that adds up to its total.

    Attributes
    ----------
    of
        The words of the total's cell.
    groups
        For each part the words that it has beside them.
    parts
        The parts, which have nobody in common.
    """

    of: Words
    groups: tuple[Words, ...]
    parts: Sequence[CountedSet]


@dataclass(frozen=True, eq=False)
class CountedGroups:
    """Counts of one table, all of people, of families or of alleles.

    Attributes
    ----------
    by_words
        The counts by the words of their cells.
    lines
        Those that add up to a total.
    groups
        For each word of the table that has a margin, whatever its numbers count, the number of the set of people
        of its group.
    """

    by_words: Mapping[Words, CountedSet]
    lines: Sequence[Line]
    groups: Mapping[str, int]


class _Overlap(NamedTuple):
    """A row and a column that overlap, and which of the two (0 or 1) lies within the other, if one does."""

    cell: tuple[int, int]
    within: int | None


@dataclass(frozen=True, eq=False)
class NestedGroups:
    """Writes down what is known between the tables of a bundle because groups lie within others."""

    shared: SharedPeople
    relations: Relations

    def write(self, tables: Sequence[CountedGroups]) -> None:
        """Write down what is known between each two tables.

        Cost: for each pair a look at every cell of both, and at the people of those that may hold each other.
        """
        # What two tables overlap in is a table of its own, within whose groups those of a third may lie.
        tables = [*tables, *self._overlaps_of(tables)]
        holders = self.shared.holders(
            [number for table in tables for number in table.groups.values()]
        )
        for inner, outer in permutations(tables, 2):
            wider = _wider_words(inner.groups, outer.groups, holders)
            held_by = self._held_by(inner, outer, wider)
            self._write_nobody(inner, outer.groups)
            sets = dict(outer.by_words.values())
            for part, number in inner.by_words.values():
                for whole in held_by.get(part, ()):
                    is_few = self._is_few(sets[whole], [number])
                    self.relations.part(whole, part, is_few=is_few)
            for line in inner.lines:
                for whole, parts in _by_whole(line, held_by):
                    is_few = self._is_few(sets[whole], [number for _, number in parts])
                    self.relations.parts(whole, [part for part, _ in parts], is_few=is_few)

    def _is_few(self, whole: int, parts: Sequence[int]) -> bool:
        """Return whether only a few of a set of people are in none of some others."""
        sizes = [len(self.shared.sets[number]) for number in (whole, *parts)]
        return 0 < sizes[0] - sum(sizes[1:]) < self.shared.fewest

    def _overlaps_of(self, tables: Sequence[CountedGroups]) -> Iterator[CountedGroups]:
        """Yield what the groups of each two tables have in common, where that is known to be how they overlap.

        It is where no two groups can be told apart in two ways: bands of ages that are cut differently
        overlap in a chain, and groups that have nothing to do with each other nearly all of them at once.
        Cost: a pass over the people of each two lines of the same people.
        """
        for tables_of_two in combinations(tables, 2):
            chains: dict[tuple[tuple[Words, ...], ...], list[_Overlap]] = {}
            by_words: dict[Words, CountedSet] = {}
            lines = []
            for pair in product(*(table.lines for table in tables_of_two)):
                names = tuple(line.groups for line in pair)
                if pair[0].of != pair[1].of or not all(
                    len(words) == 1 and words[0] in table.groups
                    for table, listed in zip(tables_of_two, names, strict=True)
                    for words in listed
                ):
                    continue
                if names not in chains:
                    chains[names] = self._known_overlaps(
                        [
                            [table.groups[word] for (word,) in line.groups]
                            for table, line in zip(tables_of_two, pair, strict=True)
                        ]
                    )
                found = self._overlaps_of_lines(pair, chains[names])
                if found is not None:
                    lines.append(found)
                    by_words |= {
                        tuple(sorted((*found.of, *words))): part
                        for words, part in zip(found.groups, found.parts, strict=True)
                    }
            if lines:
                sets = {words: number for words, (_, number) in by_words.items()}
                yield CountedGroups(by_words, lines, groups_of(sets))

    def _known_overlaps(self, sets: Sequence[Sequence[int]]) -> list[_Overlap]:
        """Return which groups of two lists overlap, of those that do so partly and without a ring."""
        both = self.shared.in_common(*sets)
        sizes = [[len(self.shared.sets[number]) for number in listed] for listed in sets]
        return [
            _Overlap(cell, next((s for s in (0, 1) if both[cell] == sizes[s][cell[s]]), None))
            for cell in _chained(both)
        ]

    def _overlaps_of_lines(
        self, lines: tuple[Line, ...], overlaps: Sequence[_Overlap]
    ) -> Line | None:
        """Write down what the groups of two lines have in common, and return it."""
        cells = [one.cell for one in overlaps]
        people = self.shared.in_common(*([number for _, number in line.parts] for line in lines))
        values = self._values_in_common(people, lines, cells) if cells else None
        if values is None:
            return None
        parts: list[CountedSet] = []
        for one, value in zip(overlaps, values, strict=True):
            if one.within is None:
                is_few = bool(0 < people[one.cell] < self.shared.fewest)
                ends = [line.parts[place][1] for line, place in zip(lines, one.cell, strict=True)]
                count = self.relations.in_common(value, is_few=is_few)
                parts.append((count, self.shared.in_both(*ends)))
            else:
                # A group that lies within the other is what they have in common.
                parts.append(lines[one.within].parts[one.cell[one.within]])
        for side, line in enumerate(lines):
            for place, (count, number) in enumerate(line.parts):
                of_part = [
                    part for part, cell in zip(parts, cells, strict=True) if cell[side] == place
                ]
                if of_part:
                    is_few = self._is_few(number, [other for _, other in of_part])
                    self.relations.parts(count, [part for part, _ in of_part], is_few=is_few)
        names = tuple(
            (" and ".join(lines[side].groups[cell[side]][0] for side in (0, 1)),) for cell in cells
        )
        return Line(lines[0].of, names, parts)

    def _values_in_common(
        self, people: Integers, lines: Sequence[Line], cells: Sequence[tuple[int, int]]
    ) -> list[int] | None:
        """Return what is counted in each overlap; None where it does not follow from the groups.

        It does without a ring, where everybody is in groups of both lines.
        """
        import numpy as np

        value = self.relations.builder.value
        ends = sorted({(side, cell[side]) for cell in cells for side in (0, 1)})
        counts = np.array([value(lines[side].parts[place][0]) for side, place in ends])
        sizes = [len(self.shared.sets[lines[side].parts[place][1]]) for side, place in ends]
        if (counts == sizes).all():
            return [int(people[cell]) for cell in cells]
        matrix = np.array([[cell[side] == place for cell in cells] for side, place in ends])
        solved = np.round(np.linalg.lstsq(matrix.astype(float), counts, rcond=None)[0]).astype(int)
        is_exact = (matrix @ solved == counts).all() and (solved >= 0).all()
        return solved.tolist() if is_exact else None

    def _held_by(
        self, inner: CountedGroups, outer: CountedGroups, wider: Mapping[str, Sequence[str]]
    ) -> dict[int, list[int]]:
        """Return for each count of one table those of another that hold its people."""
        held_by: dict[int, list[int]] = {}
        for words, (part, held) in inner.by_words.items():
            for chosen in product(*(wider.get(word, [word]) for word in words)):
                found = outer.by_words.get(tuple(sorted(chosen)))
                if found is not None and found[0] != part and self.shared.holds(found[1], held):
                    held_by.setdefault(part, []).append(found[0])
        return held_by

    def _write_nobody(self, inner: CountedGroups, others: Mapping[str, int]) -> None:
        """Write down that nobody is in a group of which nothing here says in which group of another table it lies.

        A reader may know, by its name; then withholding that nobody is in it hides nothing.
        """
        empty = {
            word
            for word, number in inner.groups.items()
            if others and word not in others and not len(self.shared.sets[number])
        }
        for words, (count, _) in inner.by_words.items() if empty else ():
            if not empty.isdisjoint(words):
                self.relations.nobody(count)


def groups_of(sets: Mapping[Words, int]) -> dict[str, int]:
    """Return for each word of a table that has a margin the number of the set of people of its group.

    `sets` are the sets behind its cells, by their words. Whose group no cell counts is told by name alone:
    that all carriers of a gene happen to be in one small group makes it no wider word for carriers.
    """
    return {words[0]: number for words, number in sets.items() if len(words) == 1}


def _wider_words(
    own: Mapping[str, int], others: Mapping[str, int], holders: Mapping[int, set[int]]
) -> dict[str, list[str]]:
    """Return for each word of one table with a margin those of another whose group holds the word's, and itself."""
    return {
        word: [
            word,
            *(other for other, held in others.items() if other != word and held in holders[group]),
        ]
        for word, group in own.items()
    }


def _by_whole(
    line: Line, held_by: Mapping[int, Sequence[int]]
) -> Iterator[tuple[int, list[CountedSet]]]:
    """Yield the counts that hold several of a line, each with those that it holds."""
    parts: dict[int, list[CountedSet]] = {}
    for part in line.parts:
        for whole in held_by.get(part[0], ()):
            parts.setdefault(whole, []).append(part)
    for whole, held in parts.items():
        if len(held) > 1:
            yield whole, held


def _chained(both: Integers) -> list[tuple[int, int]]:
    """Return which rows and columns overlap, of those that do so partly and without a ring.

    `both` holds how many people each row and column have in common.
    """
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows, columns = np.nonzero(both)
    if not len(rows):
        return []
    n_rows, size = both.shape[0], sum(both.shape)
    graph = coo_array((np.ones(len(rows)), (rows, columns + n_rows)), shape=(size, size))
    n_found, labels = connected_components(graph, directed=False)
    is_partial = (np.bincount(rows)[rows] > 1) & (np.bincount(columns)[columns] > 1)
    has_partial = np.bincount(labels[rows], weights=is_partial, minlength=n_found) > 0
    # A graph without a ring has one edge fewer than nodes.
    is_chain = np.bincount(labels[rows], minlength=n_found) == np.bincount(labels) - 1
    chosen = (has_partial & is_chain)[labels[rows]]
    return list(zip(rows[chosen].tolist(), columns[chosen].tolist(), strict=True))
