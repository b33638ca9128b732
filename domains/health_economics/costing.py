"""What an episode in hospital cost: its resource group, at the point of delivery, at the national price.

There is no grouper here that makes resource groups out of diagnoses: the group comes with the episode. An
episode without one, or with one that the price list lacks, gets the mean price of its point of delivery,
and how many did is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.model.hospital import DAY_CASE_ADMISSION, PLANNED_ADMISSION_METHODS
from gecip.model.unit_costs import (
    MEAN_UNIT_COSTS,
    RESOURCE_GROUPS,
    PointOfDelivery,
    ResourceGroup,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

EPISODE_COLUMNS = (
    "participant_id", "epistart", "epiend", "admidate", "admimeth", "classpat", "sushrg",
)  # fmt: skip

# Regular attenders by day or night are priced as day cases, which the collection counts apart.
_WITHOUT_A_BED_OF_THEIR_OWN = (DAY_CASE_ADMISSION, "3", "4")
# The collection's word for short: out again on the day or on the next.
_LONGEST_SHORT_STAY_DAYS = 1


@dataclass(frozen=True, repr=False, eq=False)
class CostedEpisodes:
    """Episodes with their cost, and what had to be done to price them.

    `rows` has `participant_id, admission_date, date, point_of_delivery, cost`, one a row of the source
    without exact repeats. `repeats`, `undated` and `at_mean_price` are how many rows were repeats,
    had no date and were left out, and got the mean price.
    """

    rows: pd.DataFrame
    repeats: int
    undated: int
    at_mean_price: int

    def __repr__(self) -> str:
        return f"CostedEpisodes(episodes={len(self.rows):,}, at_mean_price={self.at_mean_price:,})"


def cost_episodes(
    episodes: pd.DataFrame,
    *,
    resource_groups: Mapping[str, ResourceGroup] = RESOURCE_GROUPS,
    mean_costs: Mapping[PointOfDelivery, float] = MEAN_UNIT_COSTS,
) -> CostedEpisodes:
    """Return what each episode cost, in pounds of the price list's year.

    Prices are a finished consultant episode, so that an admission of several episodes costs their sum.
    The same row twice is one episode: linked records repeat themselves.

    Parameters
    ----------
    episodes
        The columns of `EPISODE_COLUMNS`, one row an episode.
    resource_groups, mean_costs
        The price list, and what stands in for a group that it lacks.
    """
    import numpy as np
    import pandas as pd

    unique = episodes[list(EPISODE_COLUMNS)].drop_duplicates()
    date = unique["epistart"].fillna(unique["admidate"])
    dated = unique[date.notna()]
    points = points_of_delivery(dated)
    listed = [
        resource_groups[group].unit_costs[point] if group in resource_groups else np.nan
        for group, point in zip(dated["sushrg"], points, strict=True)
    ]
    known = np.array(listed, dtype=float)
    means = np.array([mean_costs[point] for point in points], dtype=float)
    rows = pd.DataFrame(
        {
            "participant_id": dated["participant_id"],
            "admission_date": dated["admidate"].fillna(dated["epistart"]),
            "date": date[date.notna()],
            "point_of_delivery": points,
            "cost": np.where(np.isnan(known), means, known),
        }
    )
    return CostedEpisodes(
        rows=rows.reset_index(drop=True),
        repeats=len(episodes) - len(unique),
        undated=len(unique) - len(dated),
        at_mean_price=int(np.isnan(known).sum()),
    )


def points_of_delivery(episodes: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return how each episode's patient came to lie in hospital, in the words of `PointOfDelivery`.

    An episode that nobody planned and of which the end is not known counts as short, the cheaper.
    """
    import numpy as np

    nights = (episodes["epiend"] - episodes["epistart"]).dt.days.to_numpy(dtype=float)
    day_case = episodes["classpat"].isin(_WITHOUT_A_BED_OF_THEIR_OWN).to_numpy()
    planned = episodes["admimeth"].isin(PLANNED_ADMISSION_METHODS).to_numpy()
    points = np.full(len(episodes), PointOfDelivery.NON_ELECTIVE_SHORT.value, dtype=object)
    points[nights > _LONGEST_SHORT_STAY_DAYS] = PointOfDelivery.NON_ELECTIVE_LONG.value
    points[planned] = PointOfDelivery.ELECTIVE.value
    points[day_case] = PointOfDelivery.DAY_CASE.value
    return points
