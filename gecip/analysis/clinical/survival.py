"""Survival from an origin such as a diagnosis, of people who come under observation later.

Whoever is sequenced years after the diagnosis cannot have died before: that time is immortal, and an
analysis that counts it makes everybody live longer. Here a person is at risk of a death that is seen
from the day of entry on only (delayed entry, left truncation). Nothing is imputed: who lacks a date
is left out, and counted.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.provenance import Provenance

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    from lifelines import KaplanMeierFitter

    Numbers = npt.NDArray[np.float64]

DAYS_A_YEAR = 365.25
# A step of the curve with fewer at risk rests on single people and is told; the number is that of the
# programme's smallest count that may be shown.
FEW_AT_RISK = 5
# Who enters on a day is not at risk of a death on that day: risk sets are open on the left.
_AFTER_ENTRY = 0.5
_WHO = ["participant_id", "family_id"]

NO_GROUP = "not in one of the groups compared"
NO_ORIGIN = "no date of diagnosis"
NO_ENTRY = "no date of sequencing"
DIED_BEFORE_ENTRY = "died before or on the day of sequencing"
DIED_BEFORE_ORIGIN = "registered as dead before the diagnosis"
ENTERED_AFTER_END = "diagnosed or sequenced after the last day of follow-up"


@dataclass(frozen=True, repr=False, eq=False)
class FollowUp(Result):
    """Who was under observation when, one row per person, in days since the origin.

    `people` has `participant_id, family_id, group, entry, exit, died` and covariates: at risk is who
    has entered before a day and not left before it. `groups` lists the groups compared, the reference
    first. `not_followed` has a row for each who could not be followed: `participant_id, family_id,
    reason`. `is_entry_delayed` is false in the copy that takes everybody as observed from the origin on,
    which is the naive analysis.
    """

    people: pd.DataFrame
    groups: tuple[str, ...]
    not_followed: pd.DataFrame
    followed_until: datetime.date
    is_entry_delayed: bool = True

    @property
    def left_out(self) -> Mapping[str, int]:
        """How many could not be followed, by reason, in the order in which the reasons are asked."""
        counts = self.not_followed["reason"].value_counts(sort=False)
        return MappingProxyType({str(reason): int(count) for reason, count in counts.items()})

    @property
    def deaths(self) -> int:
        """How many died under observation."""
        return int(self.people["died"].sum())

    def ignoring_entry(self) -> FollowUp:
        """Return the same people as if all had been observed from the origin on: to show what that does."""
        return replace(
            self,
            provenance=self.provenance.then("ignoring_entry"),
            people=self.people.assign(entry=0.0),
            is_entry_delayed=False,
        )

    def __repr__(self) -> str:
        return (
            f"FollowUp(people={len(self.people):,}, deaths={self.deaths:,}, "
            f"groups={len(self.groups)}, left_out={sum(self.left_out.values()):,})"
        )


def follow_up(
    dates: pd.DataFrame,
    *,
    groups: Sequence[str],
    followed_until: datetime.date,
    provenance: Provenance,
    covariates: Sequence[str] = (),
) -> FollowUp:
    """Return from which day to which each person was observed, from dates as they were recorded.

    Who entered before the origin is observed from the origin on. Who lacks a date, or has dates that
    contradict each other, is left out and counted: no date is made up.

    Parameters
    ----------
    dates
        One row per person with `participant_id, family_id, group, origin, entered, died_on`; the last
        is empty for who was not registered as dead.
    groups
        The groups to compare, the reference first.
    followed_until
        The last day on which a death would have been seen.
    covariates
        Further columns of `dates` to keep.

    Raises
    ------
    AnalysisError
        When nobody is left, or a group has nobody.
    """
    import pandas as pd

    if dates["participant_id"].duplicated().any():
        raise AnalysisError(
            "Somebody has two rows among the dates, and would be counted twice: give one row per participant."
        )
    origin, entered, died_on = (
        pd.to_datetime(dates[name]) for name in ("origin", "entered", "died_on")
    )
    last = pd.Timestamp(followed_until)
    seen_to = died_on.where(died_on <= last, last)
    reasons = {
        NO_GROUP: ~dates["group"].isin(groups),
        NO_ORIGIN: origin.isna(),
        NO_ENTRY: entered.isna(),
        DIED_BEFORE_ORIGIN: died_on < origin,
        DIED_BEFORE_ENTRY: died_on <= entered.where(entered > origin, origin),
        ENTERED_AFTER_END: entered.where(entered > origin, origin) >= last,
    }
    kept = pd.Series(data=True, index=dates.index)
    left_out = []
    for reason, concerned in reasons.items():
        left_out.append(dates.loc[kept & concerned, _WHO].assign(reason=reason))
        kept &= ~concerned
    people = dates.assign(
        entry=(entered - origin).dt.days.clip(lower=0).astype(float),
        exit=(seen_to - origin).dt.days.astype(float),
        died=died_on.notna() & (died_on <= last),
    )
    people = people.loc[kept, [*_WHO, "group", "entry", "exit", "died", *covariates]]
    _check_groups(people, groups)
    return FollowUp(
        provenance=provenance.then(
            "follow_up", groups=list(groups), followed_until=followed_until.isoformat()
        ),
        people=people.reset_index(drop=True),
        groups=tuple(groups),
        not_followed=pd.concat(left_out, ignore_index=True),
        followed_until=followed_until,
    )


def _check_groups(people: pd.DataFrame, groups: Sequence[str]) -> None:
    if people.empty:
        raise AnalysisError(
            "Nobody can be followed: every person lacks a date or a group, or died before entry. "
            "Look at the dates, or at another cohort."
        )
    for group in groups:
        if not (people["group"] == group).any():
            raise AnalysisError(
                f"Nobody who can be followed is in the group {group!r}: compare groups that have people in them."
            )


@dataclass(frozen=True, repr=False, eq=False)
class SurvivalCurves(Result):
    """Kaplan-Meier curves by group.

    Attributes
    ----------
    steps
        A row for each group and day on which somebody died: `group, day, at_risk, deaths, survival,
        low, high, few_at_risk`, the last where fewer than `FEW_AT_RISK` were at risk.
    grid
        A row for each group and time on a grid: `group, years, at_risk, families_at_risk, deaths,
        survival, low, high, at_risk_ignoring_entry, survival_ignoring_entry`, deaths since the row before;
        survival is missing before the curve begins and after it ends. The last two are the naive analysis,
        missing where entry is not delayed.
    medians
        A row for each group: `group, people, deaths, begins, median, median_low, median_high` in days;
        missing where the curve does not come down to one half.
    """

    steps: pd.DataFrame
    grid: pd.DataFrame
    medians: pd.DataFrame
    follow_up: FollowUp

    def __repr__(self) -> str:
        return f"SurvivalCurves(groups={len(self.medians)}, people={len(self.follow_up.people):,})"


def survival_curves(follow_up: FollowUp, *, every: float = 0.25) -> SurvivalCurves:
    """Return Kaplan-Meier curves with delayed entry, and the numbers at risk.

    With delayed entry few are at risk at first, and one death among two would halve the curve for good.
    A curve therefore begins on the day on which `FEW_AT_RISK` are at risk, and is that of people who
    have lived to that day (Klein and Moeschberger, Survival Analysis, 4.6). Intervals are those of
    the complementary log-log transformation.

    Parameters
    ----------
    every
        Distance of the grid's times, in years.
    """
    import pandas as pd

    fits = {group: _fit(follow_up, group) for group in follow_up.groups}
    is_delayed = follow_up.is_entry_delayed and bool((follow_up.people["entry"] > 0).any())
    naive = follow_up.ignoring_entry()
    longest = max(fit.of.exits.max() for fit in fits.values()) / DAYS_A_YEAR
    times = [round(place * every, 6) for place in range(int(longest / every) + 1)]
    return SurvivalCurves(
        provenance=follow_up.provenance.then("survival_curves", every=every),
        steps=pd.concat([_steps(group, fit) for group, fit in fits.items()], ignore_index=True),
        grid=pd.concat(
            [
                _beside(
                    _on_grid(group, fit, times),
                    _on_grid(group, _fit(naive, group), times) if is_delayed else None,
                )
                for group, fit in fits.items()
            ],
            ignore_index=True,
        ),
        medians=pd.DataFrame([_median(group, fit) for group, fit in fits.items()]),
        follow_up=follow_up,
    )


@dataclass(frozen=True, repr=False, eq=False)
class Observed:
    """The people of one group of whom its curve tells, and the days between which each was at risk.

    `people` has their rows of the follow-up; `begins` is the day on which the curve begins, before which
    nobody is at risk of what it tells.
    """

    people: pd.DataFrame
    entries: Numbers
    exits: Numbers
    died: npt.NDArray[np.bool_]
    begins: float

    def are_at_risk(self, day: float) -> npt.NDArray[np.bool_]:
        """Return who is at risk on a day; at the origin who is observed from there on."""
        if day == 0:
            return self.entries == 0
        return (self.entries < day) & (self.exits >= day)


def observed(follow_up: FollowUp, group: str) -> Observed:
    """Return the people of whom the curve of a group tells: those who leave after it has begun."""
    import numpy as np

    people = follow_up.people[follow_up.people["group"] == group]
    entries, exits = people["entry"].to_numpy(float), people["exit"].to_numpy(float)
    begins = begin_of_curve(entries, exits)
    told = exits > begins
    people = people[told].reset_index(drop=True)
    entries = np.maximum(entries[told], begins)
    return Observed(people, entries, exits[told], people["died"].to_numpy(bool), begins)


@dataclass(frozen=True, eq=False)
class _Fit:
    """The fitted curve of one group, and the people of whom it tells."""

    of: Observed
    curve: KaplanMeierFitter


def _fit(follow_up: FollowUp, group: str) -> _Fit:
    import numpy as np
    from lifelines import KaplanMeierFitter

    of = observed(follow_up, group)
    curve = KaplanMeierFitter().fit(
        of.exits,
        of.died,
        entry=np.where(of.entries > 0, of.entries + _AFTER_ENTRY, 0.0),
    )
    return _Fit(of, curve)


def begin_of_curve(entries: Numbers, exits: Numbers, *, least: int = FEW_AT_RISK) -> float:
    """Return the first day after which `least` people are at risk, or the first entry if there never are so many."""
    import numpy as np

    for day in np.unique(entries):
        if int(((entries <= day) & (exits > day)).sum()) >= least:
            return float(day)
    return float(entries.min())


def _steps(group: str, fit: _Fit) -> pd.DataFrame:
    import pandas as pd

    table = fit.curve.event_table
    days = table.index[table["observed"] > 0]
    at_risk = [int(fit.of.are_at_risk(day).sum()) for day in days]
    interval = fit.curve.confidence_interval_survival_function_.loc[days]
    return pd.DataFrame(
        {
            "group": group,
            "day": days.to_numpy(float),
            "at_risk": at_risk,
            "deaths": table.loc[days, "observed"].to_numpy(int),
            "survival": fit.curve.survival_function_.loc[days].iloc[:, 0].to_numpy(float),
            "low": interval.iloc[:, 0].to_numpy(float),
            "high": interval.iloc[:, 1].to_numpy(float),
            "few_at_risk": [count < FEW_AT_RISK for count in at_risk],
        }
    )


def _on_grid(group: str, fit: _Fit, times: Sequence[float]) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    days = np.array(times) * DAYS_A_YEAR
    ends = float(fit.of.exits.max())
    deaths_until = np.array([int((fit.of.died & (fit.of.exits <= day)).sum()) for day in days])
    survival = fit.curve.survival_function_at_times(days).to_numpy(float)
    interval = fit.curve.confidence_interval_survival_function_
    low, high = (_at_or_before(interval.iloc[:, side], days) for side in (0, 1))
    at_risk = [fit.of.are_at_risk(day) for day in days]
    is_told = (days >= fit.of.begins) & (days <= ends)
    return pd.DataFrame(
        {
            "group": group,
            "years": list(times),
            "at_risk": [int(members.sum()) for members in at_risk],
            "families_at_risk": [
                int(fit.of.people["family_id"][members].nunique()) for members in at_risk
            ],
            "deaths": np.diff(deaths_until, prepend=0),
            "survival": np.where(is_told, survival, np.nan),
            "low": np.where(is_told, low, np.nan),
            "high": np.where(is_told, high, np.nan),
        }
    )


def _beside(rows: pd.DataFrame, naive: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rows of a curve with those of the naive analysis beside them."""
    if naive is None:
        return rows.assign(at_risk_ignoring_entry=0, survival_ignoring_entry=float("nan"))
    return rows.assign(
        at_risk_ignoring_entry=naive["at_risk"], survival_ignoring_entry=naive["survival"]
    )


def _at_or_before(values: pd.Series[float], days: Numbers) -> Numbers:
    """Return a step function's value on each day; 1 before its first step."""
    import numpy as np

    places = np.searchsorted(values.index.to_numpy(float), days, side="right") - 1
    found = values.to_numpy(float)[places.clip(min=0)]
    return np.where(places < 0, 1.0, found)


def _median(group: str, fit: _Fit) -> dict[str, Any]:
    from lifelines.utils import median_survival_times

    interval = median_survival_times(fit.curve.confidence_interval_survival_function_).iloc[0]
    return {
        "group": group,
        "people": len(fit.of.exits),
        "deaths": int(fit.of.died.sum()),
        "begins": fit.of.begins,
        "median": _finite(fit.curve.median_survival_time_),
        "median_low": _finite(interval.iloc[0]),
        "median_high": _finite(interval.iloc[1]),
    }


def _finite(value: float) -> float:
    return float(value) if value < float("inf") else float("nan")
