"""Bundles of tables of the same people, and an attacker who has nothing but what is printed in all of them.

The attacker knows how the tables hang together: that each counts cells of one table of people by two
groupings, that the coarse groups are made of the fine ones, and that the second cohort is within the
first; and that nobody's family is in two groups, and no group has more families than people. It asks for
the families of each of those cells, and how many people more there are, in whole numbers, and shares no
code with the airlock: a count is not told if two sets of whole numbers fit all that is printed and differ in it. Both
are held against every printed number exactly, whatever the solver says of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from gecip.reporting import Summary, count_people
from tests.products import BY_HAND

# Beyond the largest count here: what a withheld count may be for the attacker.
MOST = 80
# The coarse group of each fine one.
COARSE = {"a0": "c0", "a1": "c1", "a2": "c1", "a3": "c1"}
# Another way to put the fine groups together, cut elsewhere.
SHIFTED = {"a0": "s0", "a1": "s0", "a2": "s1", "a3": "s1"}
KINDS = (
    "a",
    "b",
    "coarse",
    "shifted",
    "a and b",
    "coarse and b",
    "shifted and b",
    "a of most",
    "shifted of most",
    "a and b of most",
)
Atom = tuple[str, str]


@dataclass(frozen=True)
class Bundle:
    """Tables of the same people, by kind; `counts` are the people of both groupings, `left_out` those not in the second cohort."""

    counts: Mapping[Atom, int]
    left_out: Mapping[Atom, int]
    tables: Mapping[str, Summary]


def make_bundle(
    counts: Sequence[Sequence[int]], left_out: Sequence[int], kinds: Sequence[str]
) -> Bundle:
    """Return the tables of these kinds.

    Parameters
    ----------
    counts
        How many people are in each group down (`a0 …`) and across (`b0 …`).
    left_out
        Numbers that pick people who are not in the second cohort.
    kinds
        Of `KINDS`.
    """
    cells = {
        (f"a{down}", f"b{across}"): count
        for down, row in enumerate(counts)
        for across, count in enumerate(row)
    }
    people = pd.DataFrame(
        [cell for cell, count in cells.items() for _ in range(count)], columns=["a", "b"]
    )
    people["coarse"] = people["a"].map(COARSE)
    people["shifted"] = people["a"].map(SHIFTED)
    people["participant_id"] = people["family_id"] = range(len(people))
    out = sorted({number % len(people) for number in left_out}) if len(people) else []
    most = people.drop(index=out)
    groups = {
        "a": [f"a{down}" for down in range(len(counts))],
        "b": [f"b{across}" for across in range(len(counts[0]))],
        "coarse": sorted({COARSE[f"a{down}"] for down in range(len(counts))}),
        "shifted": sorted({SHIFTED[f"a{down}"] for down in range(len(counts))}),
    }
    tables = {}
    for kind in kinds:
        words = kind.removesuffix(" of most").split(" and ")
        cohort = "Most" if kind.endswith("of most") else "All"
        tables[kind] = count_people(
            most if cohort == "Most" else people,
            by=words if len(words) > 1 else words[0],
            title=f"{cohort} by {kind}",
            phenotypic=True,
            provenance=BY_HAND.then("select_cohort", cohort=cohort, definition=cohort),
            categories={word: groups[word] for word in words},
        )
    left = people.loc[out].groupby(["a", "b"]).size().to_dict()
    return Bundle(cells, {cell: int(left.get(cell, 0)) for cell in cells}, tables)


def atoms_of(bundle: Bundle, kind: str, row: str, column: str) -> list[str]:
    """Return the names of the attacker's unknowns that a cell of a table counts.

    People are families, and those who are more than that.
    """
    if column == "families":
        return _families_of(bundle, kind, row, "Total")
    families = _families_of(bundle, kind, row, column)
    return [*families, *(f"more {name}" for name in families)]


def _families_of(bundle: Bundle, kind: str, row: str, column: str) -> list[str]:
    words = kind.removesuffix(" of most").split(" and ")
    wanted = {words[0]: row}
    if len(words) > 1:
        wanted[words[1]] = column
    names = []
    for a, b in bundle.counts:
        mine = {"a": a, "b": b, "coarse": COARSE[a], "shifted": SHIFTED[a]}
        if all(label in ("Total", mine[word]) for word, label in wanted.items()):
            names.append(f"most {a} {b}")
            if not kind.endswith("of most"):
                names.append(f"left out {a} {b}")
    return names


class Attacker:
    """Who knows between what each sum of some unknowns lies, and tells a sum if it has one value only."""

    def __init__(self, unknowns: Mapping[str, int]) -> None:
        """Take the unknowns, each between 0 and a number."""
        self.names = {name: place for place, name in enumerate(unknowns)}
        self.most = np.array(list(unknowns.values()), dtype=np.int64)
        self.sums: list[np.ndarray] = []
        self.ranges: list[tuple[int, int]] = []
        self.found: list[np.ndarray] = []

    def know(self, names: Sequence[str], lowest: int, highest: int) -> None:
        """Learn that the sum of some unknowns lies between two numbers."""
        self.sums.append(self._sum_of(names))
        self.ranges.append((lowest, highest))

    def tells(self, names: Sequence[str]) -> bool:
        """Return whether the sum of some unknowns has one value in all that fits."""
        wanted = self._sum_of(names)
        for direction in (1, -1):
            if len({int(wanted @ one) for one in self.found}) > 1:
                return False
            self._look(direction * wanted)
        return len({int(wanted @ one) for one in self.found}) < 2

    def _look(self, goal: np.ndarray) -> None:
        """Find whole numbers that fit, as far as they go towards a goal."""
        matrix, ends = np.array(self.sums), np.array(self.ranges)
        solved = milp(
            -goal.astype(float),
            integrality=np.ones(len(goal)),
            bounds=Bounds(0, self.most),
            constraints=LinearConstraint(matrix, ends[:, 0], ends[:, 1]),
        )
        if solved.x is None:
            return
        whole = np.round(solved.x).astype(np.int64)
        sums = matrix @ whole
        fits = (whole >= 0).all() and (whole <= self.most).all()
        if fits and ((ends[:, 0] <= sums) & (sums <= ends[:, 1])).all():
            self.found.append(whole)

    def _sum_of(self, names: Sequence[str]) -> np.ndarray:
        wanted = np.zeros(len(self.names), dtype=np.int64)
        wanted[[self.names[name] for name in names]] = 1
        return wanted


def attack(bundle: Bundle, shown: Mapping[str, Summary]) -> Attacker:
    """Return the attacker who has read all that is printed, and knows that what is withheld is 5 at least if it is so."""
    has_second = any(kind.endswith("of most") for kind in bundle.tables)
    attacker = Attacker(
        {
            f"{more}{where} {a} {b}": MOST if where == "most" or has_second else 0
            for a, b in bundle.counts
            for where in ("most", "left out")
            for more in ("", "more ")
        }
    )
    withheld = [
        int(truth.table.at[row, column])
        for kind, truth in bundle.tables.items()
        for row, column in cells_of(truth)
        if shown[kind].text(row, column) == "withheld"
    ]
    at_least = 5 if all(count >= 5 for count in withheld) else 0
    for kind, truth in bundle.tables.items():
        for row, column in cells_of(truth):
            printed = _range(shown[kind].text(row, column), at_least)
            attacker.know(atoms_of(bundle, kind, row, column), *printed)
        people, families = re.findall(
            r"[^ ]+ (?:people|person|famil)", f"{shown[kind].behind} 0 families"
        )[:2]
        attacker.know(atoms_of(bundle, kind, "Total", "Total"), *_range(people.split()[0], 0))
        attacker.know(atoms_of(bundle, kind, "Total", "families"), *_range(families.split()[0], 0))
    return attacker


def _range(printed: str, at_least: int) -> tuple[int, int]:
    if printed == "<5":
        return 1, 4
    if printed == "withheld":
        return at_least, MOST * 100
    first, _, last = printed.replace(",", "").partition("–")
    return int(first), int(last or first)


def cells_of(truth: Summary) -> list[tuple[str, str]]:
    """Return the cells of a table, all of which count people or families."""
    return list(product(truth.table.index, truth.table.columns))
