"""Two groups side by side: how many people and families of each, their shares, and statistics of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.reporting.behind import Behind
from gecip.reporting.members import Cell
from gecip.reporting.summary import Meaning, Rate

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    People = npt.NDArray[np.object_]

PEOPLE, OF, SHARE, FAMILIES = "people", "of", "share", "families"
OTHERS, OF_OTHERS, SHARE_OF_OTHERS = "others", "of others", "share of others"
OTHER_FAMILIES = "families of others"
COUNTED = (PEOPLE, OF, OTHERS, OF_OTHERS)


@dataclass(frozen=True, repr=False, eq=False)
class Asked:
    """Who was asked in two groups: the people of a group and the others, each as identifiers."""

    people: People
    others: People

    @property
    def both(self) -> People:
        """Everybody who was asked."""
        import numpy as np

        return np.concatenate([self.people, self.others])


@dataclass(frozen=True, repr=False, eq=False)
class Having:
    """Who of two groups has what a row names, among those who were asked."""

    people: People
    others: People
    among: Asked

    @classmethod
    def of(cls, people: Any, among: Asked) -> Having:
        """Return who of those asked is among some people."""
        import pandas as pd

        inside, outside = (
            group[pd.Index(group).isin(people)] for group in (among.people, among.others)
        )
        return cls(inside, outside, among)


@dataclass(frozen=True, eq=False)
class TwoGroups:
    """The parts of a Summary that counts two groups."""

    table: pd.DataFrame
    behind: Behind
    meanings: Mapping[Any, Meaning]
    rates: Mapping[Any, Rate]


def side_by_side(
    having: Sequence[Having], statistics: pd.DataFrame, *, rows: pd.DataFrame
) -> TwoGroups:
    """Return the table of two groups, with who stands behind each cell.

    Parameters
    ----------
    having
        For each row who has what it names. Rows that asked the same people share one `Asked`.
    statistics
        Of everybody who was asked, such as odds ratios; a row for each of `having`.
    rows
        Everybody of both groups: `participant_id, family_id`.
    """
    import pandas as pd

    index = statistics.index
    names = [PEOPLE, OF, SHARE, FAMILIES, OTHERS, OF_OTHERS, SHARE_OF_OTHERS, OTHER_FAMILIES]
    behind = Behind.of(
        dict(_cells(having, statistics)), rows=rows, index=index, columns=[*names, *statistics]
    )
    table = pd.DataFrame(index=index)
    for name in names:
        table[name] = (behind.families if name in (FAMILIES, OTHER_FAMILIES) else behind.people)[
            name
        ]
    table[SHARE] = table[PEOPLE] / table[OF]
    table[SHARE_OF_OTHERS] = table[OTHERS] / table[OF_OTHERS]
    return TwoGroups(
        table.assign(**{str(name): statistics[name].astype(float) for name in statistics}),
        behind,
        meanings={
            **dict.fromkeys(COUNTED, Meaning.PEOPLE),
            **dict.fromkeys((FAMILIES, OTHER_FAMILIES), Meaning.FAMILIES),
            **dict.fromkeys((SHARE, SHARE_OF_OTHERS), Meaning.RATE),
            **dict.fromkeys(statistics, Meaning.STATISTIC),
        },
        rates={SHARE: Rate(PEOPLE, OF), SHARE_OF_OTHERS: Rate(OTHERS, OF_OTHERS)},
    )


def _cells(having: Sequence[Having], statistics: pd.DataFrame) -> Iterator[tuple[Cell, People]]:
    """Yield the people of each cell; a statistic was computed from everybody who was asked."""
    both = {id(one.among): one.among.both for one in having}
    for row, one in zip(statistics.index, having, strict=True):
        yield from (((row, name), one.people) for name in (PEOPLE, SHARE, FAMILIES))
        yield from (((row, name), one.others) for name in (OTHERS, SHARE_OF_OTHERS, OTHER_FAMILIES))
        yield (row, OF), one.among.people
        yield (row, OF_OTHERS), one.among.others
        yield from (((row, name), both[id(one.among)]) for name in statistics)
