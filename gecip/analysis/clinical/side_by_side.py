"""Groups of people side by side: how many have what in each, and how far the groups differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.clinical.characteristics import (
    CHARACTERISTICS,
    MEASURES,
    check_characteristics,
    difference_of_means,
    difference_of_shares,
    levels_of,
)
from gecip.analysis.result import Result

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.provenance import Provenance

    Numbers = npt.NDArray[np.float64]
    People = npt.NDArray[np.object_]
    Groups = Mapping[str, pd.DataFrame]

RECORDED = "recorded"


@dataclass(frozen=True, repr=False, eq=False)
class SideBySide(Result):
    """How many people and families of each group have which characteristic, and how far groups differ.

    Attributes
    ----------
    cells
        A row for each characteristic, level and group: `characteristic, level, group, people, families,
        of, mean`. A measure such as the age has one level, `recorded`, and a mean; the others have none.
    differences
        A row for each characteristic, level and contrast: `characteristic, level, contrast,
        difference`, the standardised difference; missing where a group has nobody.
    people
        By group, in order, who is in it, one row per person: `participant_id, family_id`.
    having
        By characteristic, level and group, who has it.
    contrasts
        By name, the group and the one with which it is compared.
    within
        Pairs of groups of which the second is part of the first: what is left of the first follows from both.
    title
        What is compared, as a line above a table.
    is_weighted
        Whether the differences rest on weights, so that they do not follow from the counts alone.
    """

    cells: pd.DataFrame
    differences: pd.DataFrame
    people: Mapping[str, pd.DataFrame]
    having: Mapping[tuple[str, str, str], People]
    contrasts: Mapping[str, tuple[str, str]]
    within: tuple[tuple[str, str], ...]
    title: str
    is_weighted: bool

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the groups, in order."""
        return tuple(self.people)

    @property
    def everybody(self) -> pd.DataFrame:
        """Who is in any of the groups, one row per person: `participant_id, family_id`."""
        import pandas as pd

        rows = pd.concat(self.people.values(), ignore_index=True)
        return rows.drop_duplicates("participant_id", ignore_index=True)

    @property
    def sizes(self) -> Mapping[str, tuple[int, int]]:
        """By group, in order, how many people and families it has."""
        return {
            group: (len(rows), int(rows["family_id"].nunique()))
            for group, rows in self.people.items()
        }

    @property
    def n_people(self) -> int:
        """How many distinct people are in the groups."""
        return len(self.everybody)

    @property
    def n_families(self) -> int:
        """How many distinct families they are of."""
        return int(self.everybody["family_id"].nunique())

    def __repr__(self) -> str:
        return f"{type(self).__name__}(groups={list(self.groups)!r}, people={self.n_people:,})"

    def difference(self, characteristic: str, level: str, contrast: str | None = None) -> float:
        """Return one standardised difference; of the first contrast if none is named."""
        rows = self.differences.set_index(["characteristic", "level", "contrast"])["difference"]
        return float(rows[characteristic, level, contrast or next(iter(self.contrasts))])


def compare_groups(
    groups: Groups,
    *,
    contrasts: Mapping[str, tuple[str, str]],
    on: Sequence[str],
    title: str,
    provenance: Provenance,
) -> SideBySide:
    """Return groups of people side by side.

    Parameters
    ----------
    groups
        By name, one row per person as `characteristics` gives it; where there is a column `weight`, it
        says how much each person counts in the differences.
    contrasts
        Which differences to tell: by name, a group and the one with which it is compared.
    on
        The characteristics to compare.

    Raises
    ------
    AnalysisError
        When there is no such characteristic.
    """
    import pandas as pd

    check_characteristics(on)
    everyone = pd.concat(groups.values(), ignore_index=True)
    lines = [line for name in on for line in (*_measures(name, everyone), *_levels(name, everyone))]
    return SideBySide(
        provenance=provenance,
        cells=pd.DataFrame(
            [line.cell(group, people) for line in lines for group, people in groups.items()],
            columns=["characteristic", "level", "group", "people", "families", "of", "mean"],
        ),
        differences=pd.DataFrame(
            [
                line.contrast(contrast, groups[first], groups[second])
                for line in lines
                for contrast, (first, second) in contrasts.items()
            ],
            columns=["characteristic", "level", "contrast", "difference"],
        ),
        people={
            group: people[["participant_id", "family_id"]].reset_index(drop=True)
            for group, people in groups.items()
        },
        having={
            (line.characteristic, line.level, group): line.having(people)[
                "participant_id"
            ].to_numpy()
            for line in lines
            for group, people in groups.items()
        },
        contrasts=dict(contrasts),
        within=tuple(_within(groups)),
        title=title,
        is_weighted=any(len(set(_weights(people))) > 1 for people in groups.values()),
    )


def _within(groups: Groups) -> Iterator[tuple[str, str]]:
    """Yield which group holds which other, each pair of equal ones once."""
    members = {name: frozenset(people["participant_id"]) for name, people in groups.items()}
    for place, (name, inside) in enumerate(members.items()):
        for other_place, (other, others) in enumerate(members.items()):
            if others < inside or (others == inside and place < other_place):
                yield name, other


@dataclass(frozen=True)
class _Line:
    """One line of the comparison: a level of a characteristic, or a measure of which the mean is told."""

    characteristic: str
    level: str
    column: str
    is_measure: bool = False

    def having(self, people: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of those who have it."""
        return people[self._has(people)]

    def cell(self, group: str, people: pd.DataFrame) -> dict[str, Any]:
        having = self.having(people)
        return {
            "characteristic": self.characteristic,
            "level": self.level,
            "group": group,
            "people": len(having),
            "families": int(having["family_id"].nunique()),
            "of": len(people),
            "mean": float(having[self.column].mean())
            if self.is_measure and len(having)
            else math.nan,
        }

    def contrast(self, name: str, first: pd.DataFrame, second: pd.DataFrame) -> dict[str, Any]:
        return {
            "characteristic": self.characteristic,
            "level": self.level,
            "contrast": name,
            "difference": self._difference(first, second),
        }

    def _has(self, people: pd.DataFrame) -> pd.Series[Any]:
        return people[self.column].notna() if self.is_measure else people[self.column] == self.level

    def _difference(self, first: pd.DataFrame, second: pd.DataFrame) -> float:
        if self.is_measure:
            known = [people[self._has(people)] for people in (first, second)]
            values = [people[self.column].to_numpy(dtype=float) for people in known]
            return difference_of_means(
                values[0], values[1], weights=(_weights(known[0]), _weights(known[1]))
            )
        if first.empty or second.empty:
            return math.nan
        return difference_of_shares(self._share(first), self._share(second))

    def _share(self, people: pd.DataFrame) -> float:
        weights = _weights(people)
        return float(weights[self._has(people).to_numpy(dtype=bool)].sum() / weights.sum())


def _weights(people: pd.DataFrame) -> Numbers:
    import numpy as np

    if "weight" in people:
        return people["weight"].to_numpy(dtype=float)
    return np.ones(len(people))


def _measures(name: str, everyone: pd.DataFrame) -> Iterator[_Line]:
    """Yield the measure behind a characteristic that is told in bands, where somebody has it."""
    if name in MEASURES and everyone[MEASURES[name][0]].notna().any():
        column, label = MEASURES[name]
        yield _Line(label, RECORDED, column, is_measure=True)


def _levels(name: str, everyone: pd.DataFrame) -> Iterator[_Line]:
    for level in levels_of(name, everyone[name]):
        yield _Line(CHARACTERISTICS[name], level, name)
