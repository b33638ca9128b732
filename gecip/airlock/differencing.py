"""Hold what asks to leave against all that has left or may leave yet: by the people behind each number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gecip.airlock.checks import ItemVerdict
from gecip.airlock.ledger import Entry, Ledger
from gecip.airlock.nearness import SetRows, difference
from gecip.airlock.register import Nearby, Register
from gecip.airlock.told import Told, told_by
from gecip.governance.disclosure import Finding, Verdict
from gecip.governance.policy import Policy
from gecip.reporting import Figure, Summary
from gecip.reporting.members import Members

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ids = npt.NDArray[np.uint64]

# A request that differs in many cells is told of one of them.
_ONE_OF_MANY = 1


@dataclass(frozen=True, eq=False)
class Output:
    """One item of a request as the ledger keeps it: its name, its cells, and for each the number of its set."""

    title: str
    kind: str
    cells: tuple[tuple[str, str, int], ...]

    def as_document(self) -> dict[str, Any]:
        """Return it as plain data: labels once, and cells by the numbers of their labels."""
        rows, columns = ({cell[place]: None for cell in self.cells} for place in (0, 1))
        row_numbers = {label: number for number, label in enumerate(rows)}
        column_numbers = {label: number for number, label in enumerate(columns)}
        return {
            "title": self.title,
            "kind": self.kind,
            "rows": list(rows),
            "columns": list(columns),
            "cells": [
                [row_numbers[row], column_numbers[column], number]
                for row, column, number in self.cells
            ],
        }


@dataclass(frozen=True, eq=False)
class ToldSets:
    """The sets of people that the items of a request tell of, each once, and the outputs that do."""

    sets: tuple[Ids, ...]
    is_free: tuple[bool, ...]
    outputs: Mapping[int, Output]

    def without(self, refused: set[int]) -> ToldSets:
        """Return the sets that are still told when some items do not leave."""
        outputs = {item: one for item, one in self.outputs.items() if item not in refused}
        kept = sorted({number for one in outputs.values() for _, _, number in one.cells})
        renumbered = {number: place for place, number in enumerate(kept)}
        return ToldSets(
            tuple(self.sets[number] for number in kept),
            tuple(self.is_free[number] for number in kept),
            {
                item: replace(
                    one,
                    cells=tuple((row, column, renumbered[n]) for row, column, n in one.cells),
                )
                for item, one in outputs.items()
            },
        )


@dataclass(frozen=True)
class Comparison:
    """The items of one request and what each tells, ready to be held against a ledger as it stands.

    `items` are what asked and `judged` what the airlock says of each.
    """

    items: Sequence[Any]
    judged: Sequence[ItemVerdict]
    ledger: Ledger
    policy: Policy

    @cached_property
    def told(self) -> Mapping[int, Told]:
        """What each item tells that may leave."""
        found = {}
        for place, (item, verdict) in enumerate(zip(self.items, self.judged, strict=True)):
            shown = _summary_of(verdict.product)
            if verdict.verdict is not Verdict.FAIL and shown is not None:
                summary = _summary_of(item)
                assert summary is not None, "what is shown was made of a summary"
                found[place] = told_by(summary, shown)
        return found

    @cached_property
    def sets(self) -> ToldSets:
        """The sets of people of all items by salted ids; a set that several cells share is kept once."""
        salted: dict[int, Ids] = {}
        numbers: dict[bytes, int] = {}
        sets: list[Ids] = []
        free: list[bool] = []
        outputs = {}
        for place, told in self.told.items():
            cells = []
            of_places: dict[int, int] = {}
            for row, column, places in told.cells:
                if id(places) not in of_places:
                    ids = self._ids(told.members, places, salted)
                    number = numbers.setdefault(ids.tobytes(), len(sets))
                    if number == len(sets):
                        sets.append(ids)
                        free.append(True)
                    of_places[id(places)] = number
                number = of_places[id(places)]
                free[number] &= told.is_free
                cells.append((row, column, number))
            verdict = self.judged[place]
            outputs[place] = Output(verdict.title, verdict.kind, tuple(cells))
        return ToldSets(tuple(sets), tuple(free), outputs)

    def against(self, register: Register) -> tuple[ItemVerdict, ...]:
        """Return the verdicts with what the ledger has to say of each item.

        An item fails where a number of it and a released one are of nearly the same people, or a statistic of
        it and one of an item before it are, and is for review where it does not know whose numbers they are.
        Counts of one request are masked together, so that nothing follows from two of them.
        """
        near = register.near(
            self.sets.sets,
            is_free=self.sets.is_free,
            most=self.policy.smallest_shown_count - 1,
        )
        by_set: dict[int, Nearby] = {}
        for one in near:
            by_set.setdefault(one.asked, one)
        entries: dict[int, Entry] = {}
        judged = []
        for place, verdict in enumerate(self.judged):
            findings = [*self._differences(place, by_set, register.ledger, entries)]
            findings += self._near_statistics.get(place, [])
            findings += self._unknown(place)
            is_refused = any(finding.verdict is Verdict.FAIL for finding in findings)
            judged.append(
                replace(
                    verdict,
                    findings=(*verdict.findings, *findings),
                    product=None if is_refused else verdict.product,
                )
            )
        return tuple(judged)

    def _ids(self, members: Members | None, places: Any, salted: dict[int, Ids]) -> Ids:
        import numpy as np

        assert members is not None, "cells with people have members"
        if id(members) not in salted:
            salted[id(members)] = self.ledger.salted(members.people)
        return np.sort(salted[id(members)][places])

    def _differences(
        self,
        place: int,
        by_set: Mapping[int, Nearby],
        ledger: Ledger,
        entries: dict[int, Entry],
    ) -> list[Finding]:
        output = self.sets.outputs.get(place)
        cells = [cell for cell in output.cells if cell[2] in by_set] if output else []
        if not cells:
            return []
        row, column, number = cells[0]
        other = by_set[number]
        if other.entry not in entries:
            entries[other.entry] = ledger.entry(other.entry)
        more = (
            f", and {len(cells) - _ONE_OF_MANY} more of its numbers likewise" if cells[1:] else ""
        )
        sentence = (
            f"The people behind {row!r}, {column!r} are nearly those behind {released_cell(entries[other.entry], other.place)}: "
            f"fewer than {self.policy.smallest_shown_count} are in one and not in the other{more}."
        )
        return [Finding(self.policy.rules["differencing"], Verdict.FAIL, sentence)]

    @cached_property
    def _near_statistics(self) -> Mapping[int, list[Finding]]:
        """For each item what there is to say of a statistic of it that an item before it has of nearly the same people.

        Two such statistics are of one kind if they stand in a row or a column of the same name: from the mean
        ages of 41 people and of 40 among them follows an age. What an item tells of both sets itself, such as a
        table and its figure, is not held against it.
        """
        cells = [
            (item, row, column, number)
            for item, output in self.sets.outputs.items()
            for row, column, number in output.cells
            if (row, column) in self.told[item].statistics
        ]
        by_set: dict[int, list[tuple[int, str, str]]] = {}
        for item, row, column, number in cells:
            by_set.setdefault(number, []).append((item, row, column))
        told_by_item = {
            item: {number for _, _, number in output.cells}
            for item, output in self.sets.outputs.items()
        }
        near = self._near_pairs(sorted(by_set))
        found: dict[int, list[Finding]] = {}
        for item, row, column, number in cells:
            others = (
                other
                for neighbour in near.get(number, ())
                for other in by_set[neighbour]
                if other[0] < item
                and number not in told_by_item[other[0]]
                and (other[1] == row or other[2] == column)
            )
            before = next(others, None)
            if before is not None and item not in found:
                sentence = (
                    f"The people behind {row!r}, {column!r} are nearly those behind {before[1]!r}, {before[2]!r} of "
                    f"{self.sets.outputs[before[0]].title!r} in this request: fewer than "
                    f"{self.policy.smallest_shown_count} are in one and not in the other."
                )
                found[item] = [Finding(self.policy.rules["differencing"], Verdict.FAIL, sentence)]
        return found

    def _near_pairs(self, numbers: Sequence[int]) -> Mapping[int, list[int]]:
        """Return for each of some sets those that differ from it by a few people."""
        most = self.policy.smallest_shown_count - 1
        sets = self.sets.sets
        rows = SetRows.of(
            [sets[number] for number in numbers], entry=0, is_free=[False] * len(numbers)
        )
        near: dict[int, list[int]] = {}
        for row, (_, other, _, _) in rows.near(rows, most=most):
            one, neighbour = numbers[int(rows.places[row, 1])], numbers[other]
            if 0 < difference(sets[one], sets[neighbour]) <= most:
                near.setdefault(one, []).append(neighbour)
        return near

    def _unknown(self, place: int) -> list[Finding]:
        told = self.told.get(place)
        if told is None or told.is_free or not told.n_unknown:
            return []
        sentence = (
            f"{told.n_unknown} number(s) do not say whose they are, so that nobody can hold them against what has left "
            "before."
        )
        return [Finding(self.policy.rules["unknown_members"], Verdict.REVIEW, sentence)]


def released_cell(entry: Entry, place: int) -> str:
    """Return in words which released number a set stands behind: its cell, its output and its request."""
    facts = entry.facts
    for output in facts["outputs"]:
        for row, column, number in output["cells"]:
            if number == place:
                where = (
                    f"{output['rows'][row]!r}, {output['columns'][column]!r} of {output['title']!r}"
                )
                return f"{where} (request {facts['bundle']} of project {facts['project']})"
    raise ValueError("a set stands behind a cell")


def _summary_of(item: Any) -> Summary | None:
    product = item.of if isinstance(item, Figure) else item
    return product if isinstance(product, Summary) else None
