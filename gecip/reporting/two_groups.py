"""Two groups side by side: how many people and families of each, their shares, and statistics of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.reporting.summary import Meaning, Rate

if TYPE_CHECKING:
    import pandas as pd

PEOPLE, OF, SHARE, FAMILIES = "people", "of", "share", "families"
OTHERS, OF_OTHERS, SHARE_OF_OTHERS = "others", "of others", "share of others"
OTHER_FAMILIES = "families of others"
# Of all who were asked; they stand behind the denominators and are not shown.
FAMILIES_OF, FAMILIES_OF_OTHERS = "families asked", "families of others asked"
COUNTED = (PEOPLE, OF, OTHERS, OF_OTHERS)


@dataclass(frozen=True, eq=False)
class TwoGroups:
    """The parts of a Summary that counts two groups."""

    table: pd.DataFrame
    people: pd.DataFrame
    families: pd.DataFrame
    meanings: Mapping[Any, Meaning]
    rates: Mapping[Any, Rate]


def side_by_side(counts: pd.DataFrame, statistics: pd.DataFrame) -> TwoGroups:
    """Return the table of two groups, with who stands behind each cell.

    Parameters
    ----------
    counts
        `people, of, families, others, of others, families of others, families asked, families of others asked`:
        how many have what the row names, among how many.
    statistics
        Of both groups together, such as odds ratios; the rows of `counts`.
    """
    counts = counts.astype(int)
    table = counts[[PEOPLE, OF]].assign(
        **{
            SHARE: counts[PEOPLE] / counts[OF],
            FAMILIES: counts[FAMILIES],
            OTHERS: counts[OTHERS],
            OF_OTHERS: counts[OF_OTHERS],
            SHARE_OF_OTHERS: counts[OTHERS] / counts[OF_OTHERS],
            OTHER_FAMILIES: counts[OTHER_FAMILIES],
            **{str(name): statistics[name].astype(float) for name in statistics},
        }
    )
    people = table.assign(
        **{SHARE: counts[PEOPLE], FAMILIES: counts[PEOPLE]},
        **{SHARE_OF_OTHERS: counts[OTHERS], OTHER_FAMILIES: counts[OTHERS]},
        **dict.fromkeys(statistics, counts[PEOPLE] + counts[OTHERS]),
    )
    families = table.assign(
        **{PEOPLE: counts[FAMILIES], SHARE: counts[FAMILIES], OF: counts[FAMILIES_OF]},
        **{OTHERS: counts[OTHER_FAMILIES], SHARE_OF_OTHERS: counts[OTHER_FAMILIES]},
        **{OF_OTHERS: counts[FAMILIES_OF_OTHERS]},
        **dict.fromkeys(statistics, counts[FAMILIES] + counts[OTHER_FAMILIES]),
    )
    return TwoGroups(
        table,
        people.astype(int),
        families.astype(int),
        meanings={
            **dict.fromkeys(COUNTED, Meaning.PEOPLE),
            **dict.fromkeys((FAMILIES, OTHER_FAMILIES), Meaning.FAMILIES),
            **dict.fromkeys((SHARE, SHARE_OF_OTHERS), Meaning.RATE),
            **dict.fromkeys(statistics, Meaning.STATISTIC),
        },
        rates={SHARE: Rate(PEOPLE, OF), SHARE_OF_OTHERS: Rate(OTHERS, OF_OTHERS)},
    )
