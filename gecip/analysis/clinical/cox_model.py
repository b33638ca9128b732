"""Hazard ratios by Cox's model with delayed entry, whether hazards are proportional, and the log-rank test."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.clinical.survival import FollowUp, survival_curves
from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Numbers = npt.NDArray[np.float64]

# With fewer deaths for each coefficient its estimate and interval mislead (Peduzzi and others,
# Journal of Clinical Epidemiology 48:1503 (1995), who ask for ten).
FEWEST_DEATHS_A_COEFFICIENT = 10
# By its own default lifelines stops some ten-thousandths of a coefficient too early.
_UNTIL_SETTLED = {"precision": 1e-10}


@dataclass(frozen=True, repr=False, eq=False)
class HazardRatios(Result):
    """The coefficients of one Cox model.

    `terms` has a row for each group but the reference, and for each covariate: `term, is_group, people,
    deaths, coefficient, standard_error, hazard_ratio, low, high, p, proportionality_p`; `people` and
    `deaths` are the group's, or everybody's for a covariate. `log_rank` and `log_rank_p` compare all
    groups without covariates.
    """

    terms: pd.DataFrame
    reference: str
    log_rank: float
    log_rank_p: float
    follow_up: FollowUp

    def __repr__(self) -> str:
        return (
            f"HazardRatios(terms={len(self.terms)}, people={len(self.follow_up.people):,}, "
            f"deaths={self.follow_up.deaths:,})"
        )


@dataclass(frozen=True, repr=False, eq=False)
class EntryComparison(Result):
    """The same people with delayed entry, as is right, and as if all had been observed from the origin on.

    The medians are those of `SurvivalCurves`.
    """

    delayed: HazardRatios
    ignored: HazardRatios
    delayed_medians: pd.DataFrame
    ignored_medians: pd.DataFrame

    def __repr__(self) -> str:
        return f"EntryComparison(people={len(self.delayed.follow_up.people):,})"


def hazard_ratios(follow_up: FollowUp, *, adjusted_for: Sequence[str] = ()) -> HazardRatios:
    """Return the hazard ratio of each group against the first, by a Cox model with delayed entry.

    Ties by Efron's method, intervals and p by Wald. `proportionality_p` is that of the scaled Schoenfeld
    residuals against the rank of time (Grambsch and Therneau, Biometrika 81:515 (1994)): a small one
    says that the ratio changes with time.

    Parameters
    ----------
    adjusted_for
        Covariates of the follow-up, as numbers; who lacks one must be left out before.

    Raises
    ------
    AnalysisError
        When there is one group only, a covariate is missing, deaths are too few or a group has none.
    """
    import numpy as np
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError, ConvergenceWarning

    _check(follow_up, adjusted_for)
    people = follow_up.people
    others = follow_up.groups[1:]
    design = pd.DataFrame(
        {f"group {place}": people["group"].eq(group) for place, group in enumerate(others)}
    ).astype(float)
    design = design.assign(**{name: people[name].astype(float) for name in adjusted_for})
    entries = np.where(people["entry"] > 0, people["entry"] + 0.5, 0.0)
    rows = design.assign(entry_day=entries, exit_day=people["exit"], has_died=people["died"])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            model = CoxPHFitter().fit(
                rows,
                "exit_day",
                "has_died",
                entry_col="entry_day",
                fit_options=dict(_UNTIL_SETTLED),
            )
    except (ConvergenceError, ConvergenceWarning):
        raise AnalysisError(
            "Cox's model finds no estimate: a group or covariate parts those who died from the others completely, "
            "or two covariates say the same. Join groups, or adjust for fewer covariates."
        ) from None
    estimates = model.summary
    statistic, p = log_rank_test(follow_up)
    return HazardRatios(
        provenance=follow_up.provenance.then("hazard_ratios", adjusted_for=list(adjusted_for)),
        terms=pd.DataFrame(
            {
                "term": [*others, *adjusted_for],
                "is_group": [True] * len(others) + [False] * len(adjusted_for),
                **_behind(follow_up, others, adjusted_for),
                "coefficient": estimates["coef"].to_numpy(),
                "standard_error": estimates["se(coef)"].to_numpy(),
                "hazard_ratio": estimates["exp(coef)"].to_numpy(),
                "low": estimates["exp(coef) lower 95%"].to_numpy(),
                "high": estimates["exp(coef) upper 95%"].to_numpy(),
                "p": estimates["p"].to_numpy(),
                "proportionality_p": proportionality_tests(
                    design.to_numpy(float), people, model.params_.to_numpy(float)
                ),
            }
        ),
        reference=follow_up.groups[0],
        log_rank=statistic,
        log_rank_p=p,
        follow_up=follow_up,
    )


def compare_entries(follow_up: FollowUp, *, adjusted_for: Sequence[str] = ()) -> EntryComparison:
    """Return hazard ratios with delayed entry beside those of the naive analysis that ignores it.

    Ignoring entry counts time in which nobody could be seen to die. It flatters survival in every group,
    and hazard ratios wherever one group came under observation later than another.
    """
    if not follow_up.is_entry_delayed:
        raise AnalysisError(
            "This follow-up has lost its entries: compare the one from which ignoring_entry() was made."
        )
    ignoring = follow_up.ignoring_entry()
    return EntryComparison(
        provenance=follow_up.provenance.then("compare_entries", adjusted_for=list(adjusted_for)),
        delayed=hazard_ratios(follow_up, adjusted_for=adjusted_for),
        ignored=hazard_ratios(ignoring, adjusted_for=adjusted_for),
        delayed_medians=survival_curves(follow_up).medians,
        ignored_medians=survival_curves(ignoring).medians,
    )


def _check(follow_up: FollowUp, adjusted_for: Sequence[str]) -> None:
    people = follow_up.people
    if len(follow_up.groups) < 2:
        raise AnalysisError("A hazard ratio compares groups, and there is one: give at least two.")
    for name in adjusted_for:
        if name not in people:
            raise AnalysisError(
                f"The follow-up has no covariate {name!r}: name it when the follow-up is made."
            )
        if people[name].isna().any():
            raise AnalysisError(
                f"{int(people[name].isna().sum()):,} people have no {name!r}, and nothing is imputed: "
                "leave them out before, or do not adjust for it."
            )
    for group in follow_up.groups:
        if not people.loc[people["group"] == group, "died"].any():
            raise AnalysisError(
                f"Nobody in the group {group!r} has died, so that its hazard ratio has no estimate: join groups."
            )
    coefficients = len(follow_up.groups) - 1 + len(adjusted_for)
    if follow_up.deaths < FEWEST_DEATHS_A_COEFFICIENT * coefficients:
        raise AnalysisError(
            f"{follow_up.deaths} deaths do not carry {coefficients} coefficients: Cox's model asks for "
            f"{FEWEST_DEATHS_A_COEFFICIENT} deaths for each. Adjust for fewer covariates, or take more people."
        )


def _behind(
    follow_up: FollowUp, groups: Sequence[str], covariates: Sequence[str]
) -> dict[str, list[int]]:
    """Return the people and deaths on which each coefficient rests."""
    by_group = follow_up.people.groupby("group")["died"]
    people, deaths = by_group.size(), by_group.sum()
    everyone = [len(follow_up.people)] * len(covariates), [follow_up.deaths] * len(covariates)
    return {
        "people": [*(int(people[group]) for group in groups), *everyone[0]],
        "deaths": [*(int(deaths[group]) for group in groups), *everyone[1]],
    }


def log_rank_test(follow_up: FollowUp) -> tuple[float, float]:
    """Return the log-rank statistic of all groups, with risk sets that heed delayed entry, and its p."""
    import numpy as np
    from scipy.stats import chi2

    people = follow_up.people
    entries, exits, died = _times(people)
    member = np.stack([people["group"].eq(group).to_numpy() for group in follow_up.groups])
    surplus = np.zeros(len(member))
    variance = np.zeros((len(member), len(member)))
    for day in np.unique(exits[died]):
        at_risk = (entries < day) & (exits >= day)
        n, of_group = at_risk.sum(), (member & at_risk).sum(axis=1)
        dying = at_risk & died & (exits == day)
        deaths, share = dying.sum(), of_group / n
        surplus += (member & dying).sum(axis=1) - deaths * share
        if n > 1:
            spread = np.diag(share) - np.outer(share, share)
            variance += deaths * (n - deaths) / (n - 1) * spread
    free = slice(1, None)
    statistic = float(surplus[free] @ np.linalg.pinv(variance[free, free]) @ surplus[free])
    return statistic, float(chi2.sf(statistic, len(member) - 1))


def proportionality_tests(design: Numbers, people: pd.DataFrame, coefficients: Numbers) -> Numbers:
    """Return, for each column of the design, p of its scaled Schoenfeld residuals against the rank of time.

    lifelines has these residuals for people observed from the origin on only.
    """
    import numpy as np
    from scipy.stats import chi2, rankdata

    entries, exits, died = _times(people)
    risk = np.exp((design - design.mean(axis=0)) @ coefficients)
    residuals, days = [], []
    information = np.zeros((len(coefficients), len(coefficients)))
    for place in np.flatnonzero(died)[np.argsort(exits[died], kind="stable")]:
        at_risk = (entries < exits[place]) & (exits >= exits[place])
        weights = risk[at_risk] / risk[at_risk].sum()
        mean = weights @ design[at_risk]
        centred = design[at_risk] - mean
        information += (centred * weights[:, None]).T @ centred
        residuals.append(design[place] - mean)
        days.append(exits[place])
    variance = np.linalg.inv(information)
    time = rankdata(days)
    time -= time.mean()
    scaled = len(days) * np.array(residuals) @ variance
    statistics = (time @ scaled) ** 2 / (len(days) * np.diag(variance) * (time @ time))
    return np.asarray(chi2.sf(statistics, 1))


def _times(people: pd.DataFrame) -> tuple[Any, Any, Any]:
    return (
        people["entry"].where(people["entry"] > 0, -1.0).to_numpy(float),
        people["exit"].to_numpy(float),
        people["died"].to_numpy(bool),
    )
