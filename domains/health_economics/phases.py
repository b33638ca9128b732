"""Time before and after a day of each person's own, cut into phases, as far as the records can tell of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import pandas as pd

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Phase:
    """A stretch of time relative to a person's index day, from `start` to `stop` in years, `stop` not included."""

    name: str
    start: float
    stop: float


PHASES = (
    Phase("5 to 1 years before", -5, -1),
    Phase("Year before", -1, 0),
    Phase("Year after", 0, 1),
    Phase("1 to 5 years after", 1, 5),
)


def check_phases(phases: Sequence[Phase]) -> None:
    """Raise when phases are none, run backwards, overlap or share a name.

    Raises
    ------
    AnalysisError
        With the rule that they break.
    """
    ends = [end for phase in phases for end in (phase.start, phase.stop)]
    in_order = all(before <= after for before, after in pairwise(ends))
    lasting = all(phase.start < phase.stop for phase in phases)
    if not phases or not in_order or not lasting or len({p.name for p in phases}) < len(phases):
        raise AnalysisError(
            "Phases are given from the earliest to the latest, each with a name of its own, each ending after it "
            "begins and before the next begins: put them so."
        )


def person_years(windows: pd.DataFrame, phases: Sequence[Phase] = PHASES) -> pd.DataFrame:
    """Return how long each person was observed in each phase.

    Parameters
    ----------
    windows
        One row a person: `participant_id, index_date, first_day, last_day`, the last two the days between
        which the records can tell of the person, both included.

    Returns
    -------
    `participant_id, phase, person_years`, one row a person and phase, zeros included.
    """
    import pandas as pd

    begins = (windows["first_day"] - windows["index_date"]).dt.days.to_numpy() / DAYS_A_YEAR
    ends = ((windows["last_day"] - windows["index_date"]).dt.days.to_numpy() + 1) / DAYS_A_YEAR
    parts = [
        pd.DataFrame(
            {
                "participant_id": windows["participant_id"].to_numpy(),
                "phase": phase.name,
                "person_years": (
                    np.minimum(ends, phase.stop) - np.maximum(begins, phase.start)
                ).clip(min=0),
            }
        )
        for phase in phases
    ]
    return pd.concat(parts, ignore_index=True)


def phase_of(
    rows: pd.DataFrame, windows: pd.DataFrame, phases: Sequence[Phase] = PHASES
) -> pd.Series[str]:
    """Return the phase in which each row's `date` lies, missing where it lies in none or outside its person's window."""
    import pandas as pd

    person = windows.set_index("participant_id")
    own = person.reindex(rows["participant_id"])
    date = rows["date"].to_numpy()
    years = (date - own["index_date"].to_numpy()) / np.timedelta64(1, "D") / DAYS_A_YEAR
    observed = (date >= own["first_day"].to_numpy()) & (date <= own["last_day"].to_numpy())
    found = pd.Series(pd.NA, index=rows.index, dtype="string")
    for phase in phases:
        found[observed & (years >= phase.start) & (years < phase.stop)] = phase.name
    return found
