"""What hospital admissions cost before and after a diagnosis, a person-year, with intervals by family.

Costs of a phase are divided by the time for which people were observed in it: who was never admitted
counts, and who died or was born in the middle counts for as long as he or she lived. Intervals are
percentiles of a bootstrap that draws whole families, since members share genes, home and hospital.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from domains.health_economics.costing import EPISODE_COLUMNS, CostedEpisodes, cost_episodes
from domains.health_economics.phases import (
    PHASES,
    Phase,
    check_phases,
    person_years,
    phase_of,
)
from gecip.analysis.clinical.diagnostic_yield import SOLVED
from gecip.analysis.result import Result
from gecip.cohort import Cohort
from gecip.errors import AnalysisError
from gecip.model.hospital import HES_APC_COVERAGE, HesApc, Mortality
from gecip.model.interpretation import GmcExitQuestionnaire
from gecip.model.people import Participant
from gecip.model.unit_costs import PRICE_YEAR, SOURCE

if TYPE_CHECKING:
    import pandas as pd

DIAGNOSED, NOT_DIAGNOSED = "Diagnosis made", "No diagnosis"
BOOTSTRAP_SAMPLES = 2_000
LEVEL = 0.95
# With fewer families a bootstrap has too few different samples to tell anything.
FEWEST_FAMILIES = 5

MEASURES = ("person_years", "admissions", "cost")


@dataclass(frozen=True, repr=False, eq=False)
class PhaseCosts(Result):
    """Costs in hospital by group and phase.

    Attributes
    ----------
    people
        One row a person and phase: `participant_id, family_id, group, phase, person_years, admissions, cost`;
        people not observed in a phase have no row for it.
    estimates
        One row a group and phase: `group, phase, people, families, person_years, admissions,
        admissions_a_year, cost_a_year, lower, upper`, the last three in pounds a person-year. There is no
        interval where there are fewer than five families.
    changes
        One row a group: `group, change, lower, upper`, in pounds a person-year from the first phase to the
        last; and, with two groups, one row for the difference of their changes. Costs fall by themselves
        after the bad year in which people are looked at: only the difference says what a diagnosis did.
    samples
        Bootstrap samples of `cost_a_year` (samples × rows of `estimates`), missing where there is no interval.
    episodes
        How the episodes were priced.
    """

    people: pd.DataFrame
    estimates: pd.DataFrame
    changes: pd.DataFrame
    samples: npt.NDArray[np.float64]
    episodes: CostedEpisodes

    def cost_a_year(self, group: str, phase: str) -> tuple[float, float]:
        """Return the cost of a person-year in pounds and its standard error.

        Raises
        ------
        AnalysisError
            When the group has fewer than five families in the phase.
        """
        table = self.estimates
        rows = np.flatnonzero((table["group"] == group) & (table["phase"] == phase))
        if not len(rows) or np.isnan(self.samples[:, rows[0]]).all():
            raise AnalysisError(
                f"Fewer than {FEWEST_FAMILIES} families of the group {group!r} were observed in the phase {phase!r}, too "
                "few for a cost with an error: take a larger cohort, or other phases."
            )
        error = np.nanstd(self.samples[:, rows[0]], ddof=1)
        return float(table["cost_a_year"].iloc[rows[0]]), float(error)

    def __repr__(self) -> str:
        groups = ", ".join(self.estimates["group"].unique())
        return f"PhaseCosts(people={self.people['participant_id'].nunique():,}, groups={groups!r})"


def result_days(cohort: Cohort) -> pd.DataFrame:
    """Return the day of the genomic result of each proband who has one, and whether it made the diagnosis.

    The day is that of the exit questionnaire; of several the latest, and a case counts as solved when
    one of them says "yes" or "partially". Who has no result yet has no day and is not in the table.

    Returns
    -------
    `participant_id, index_date, group`, the group `DIAGNOSED` or `NOT_DIAGNOSED`.

    Raises
    ------
    AnalysisError
        When the release has no exit questionnaires, or nobody of the cohort has a result.
    """
    reports = _rows(cohort, GmcExitQuestionnaire, ["event_date", "case_solved_family"])
    reports = reports.dropna(subset=["event_date", "case_solved_family"])
    if reports.empty:
        raise AnalysisError(
            f"Nobody of the cohort {cohort.definition.title!r} has a genomic result with a date: "
            "take a cohort with probands of the rare-disease arm."
        )
    solved = reports.assign(solved=reports["case_solved_family"].str.lower().isin(SOLVED))
    days = solved.groupby("participant_id", as_index=False).agg(
        index_date=("event_date", "max"), solved=("solved", "any")
    )
    days["group"] = np.where(days["solved"], DIAGNOSED, NOT_DIAGNOSED)
    return days.drop(columns="solved")


def phase_costs(
    cohort: Cohort,
    days: pd.DataFrame,
    *,
    phases: Sequence[Phase] = PHASES,
    seed: int = 1,
    samples: int = BOOTSTRAP_SAMPLES,
) -> PhaseCosts:
    """Return what admissions cost in each phase around each person's day, by group.

    A person is observed from birth (the middle of the year of birth, since no more is known) to death, to the
    year in which records of a child's consent stop, and within the days that the linked records cover.
    Costs are in pounds of the price list's year, not discounted and not inflated.

    Parameters
    ----------
    days
        `participant_id, index_date, group`, as from `result_days`; people outside the cohort are left out.
    phases
        From the earliest to the latest.
    seed, samples
        Of the bootstrap by family.

    Raises
    ------
    AnalysisError
        When a table is missing, nobody has a day, or the phases cannot be.
    """
    check_phases(phases)
    people = _windows(cohort, days)
    groups = list(dict.fromkeys(sorted(people["group"])))
    episodes = cost_episodes(_episodes(cohort))
    observed = _observed(people, episodes, phases)
    estimates, sums = _estimates(observed, groups, [phase.name for phase in phases])
    drawn = _bootstrap(sums, seed=seed, samples=samples)
    estimates["lower"], estimates["upper"] = _percentiles(drawn)
    return PhaseCosts(
        provenance=cohort.provenance.then(
            "phase_costs",
            phases=[[phase.name, phase.start, phase.stop] for phase in phases],
            prices=SOURCE,
            price_year=PRICE_YEAR,
            seed=seed,
            samples=samples,
        ),
        people=observed,
        estimates=estimates,
        changes=_changes(estimates, drawn, groups),
        samples=drawn,
        episodes=episodes,
    )


def _rows(cohort: Cohort, table: Any, columns: Sequence[str]) -> pd.DataFrame:
    if table.name not in cohort.release.tables:
        raise AnalysisError(
            f"Hospital costs need the table {table.name}, which release {cohort.release.name} does not have: "
            "use a release that has it."
        )
    return cohort.rows(table, list(columns))


def _episodes(cohort: Cohort) -> pd.DataFrame:
    """Return the cohort's episodes; without any resource groups they are all costed at mean prices."""
    grouped = (
        HesApc.name in cohort.release.tables
        and HesApc.sushrg.name in cohort.release.dataset(HesApc).schema.names
    )
    columns = [name for name in EPISODE_COLUMNS[1:] if grouped or name != HesApc.sushrg.name]
    rows = _rows(cohort, HesApc, columns)
    return rows if grouped else rows.assign(**{HesApc.sushrg.name: None})


def _windows(cohort: Cohort, days: pd.DataFrame) -> pd.DataFrame:
    """Return the people with a day: `participant_id, family_id, group, index_date, first_day, last_day`."""
    import pandas as pd

    if days["participant_id"].duplicated().any():
        raise AnalysisError(
            "Somebody has more than one day around which to count: give one row a person, such as the first day."
        )
    people = cohort.rows(Participant)
    people = people.merge(days, on="participant_id", how="inner").sort_values("participant_id")
    if people.empty:
        raise AnalysisError(
            f"Nobody of the cohort {cohort.definition.title!r} has a day around which to count: "
            "give days of people in the cohort; cohort.attrition shows where people were lost."
        )
    first, last = (pd.Timestamp(day) for day in _coverage(cohort))
    births = pd.to_datetime(people["year_of_birth"].astype("Int64").astype("string") + "-07-01")
    stops = [pd.Series(last, index=people.index)]
    if Mortality.name in cohort.release.tables:
        deaths = cohort.rows(Mortality, ["date_of_death"]).set_index("participant_id")
        stops.append(people["participant_id"].map(deaths["date_of_death"]))
    if "secondary_data_received_until_year" in people:
        # The day of the birthday is not known either: the records are sure up to the middle of the year.
        until = people["secondary_data_received_until_year"].astype("Int64").astype("string")
        stops.append(pd.to_datetime(until + "-06-30"))
    windows = pd.DataFrame(
        {
            "participant_id": people["participant_id"],
            "family_id": people.get("rare_diseases_family_id"),
            "group": people["group"],
            "index_date": people["index_date"],
            "first_day": births.fillna(first).clip(lower=first),
            "last_day": pd.concat(stops, axis=1).min(axis=1),
        }
    )
    return windows.reset_index(drop=True)


def _coverage(cohort: Cohort) -> tuple[datetime.date, datetime.date]:
    """Return the first and last day on which an episode can lie: those of v19, or the release's own day if earlier."""
    first, last = HES_APC_COVERAGE
    return first, min(last, cohort.release.manifest.date)


def _observed(
    people: pd.DataFrame, episodes: CostedEpisodes, phases: Sequence[Phase]
) -> pd.DataFrame:
    """Return person-years, admissions and cost of each person in each phase in which he or she was observed."""
    rows = episodes.rows[episodes.rows["participant_id"].isin(people["participant_id"])]
    rows = rows.assign(phase=phase_of(rows, people, phases)).dropna(subset=["phase"])
    sums = rows.groupby(["participant_id", "phase"]).agg(
        admissions=("admission_date", "nunique"), cost=("cost", "sum")
    )
    time = person_years(people, phases)
    time = time[time["person_years"] > 0]
    observed = time.merge(sums.reset_index(), on=["participant_id", "phase"], how="left")
    observed = observed.fillna({"admissions": 0, "cost": 0.0}).astype({"admissions": "int64"})
    names = people[["participant_id", "family_id", "group"]]
    return names.merge(observed, on="participant_id", how="inner")


def _estimates(
    observed: pd.DataFrame, groups: Sequence[str], phases: Sequence[str]
) -> tuple[pd.DataFrame, npt.NDArray[np.float64]]:
    """Return the estimates, and time and cost by family (families × group and phase × 2) for the bootstrap."""
    import pandas as pd

    cells = pd.MultiIndex.from_product([groups, phases], names=["group", "phase"])
    by_cell = observed.groupby(["group", "phase"])
    table = by_cell[list(MEASURES)].sum().reindex(cells, fill_value=0)
    table.insert(0, "people", by_cell["participant_id"].nunique())
    table.insert(1, "families", by_cell["family_id"].nunique())
    table = table.fillna(0).astype({"people": "int64", "families": "int64", "admissions": "int64"})
    time = table["person_years"].where(table["person_years"] > 0)
    table["admissions_a_year"] = table["admissions"] / time
    table["cost_a_year"] = table["cost"] / time
    # Whoever has no family is drawn alone.
    alone = "person " + observed["participant_id"].astype("string")
    cluster = ("family " + observed["family_id"].astype("string")).fillna(alone)
    codes = pd.factorize(cluster)[0]
    places = cells.get_indexer(pd.MultiIndex.from_frame(observed[["group", "phase"]]))
    sums = np.zeros((codes.max() + 1, len(cells), 2))
    np.add.at(sums, (codes, places), observed[["person_years", "cost"]].to_numpy(dtype=float))
    return table.drop(columns="cost").reset_index(), sums


def _bootstrap(
    sums: npt.NDArray[np.float64], *, seed: int, samples: int
) -> npt.NDArray[np.float64]:
    """Return cost a person-year in samples of as many families, drawn with replacement (samples × cells)."""
    families = len(sums)
    stream = np.random.default_rng(seed)
    times_drawn = stream.multinomial(families, np.full(families, 1 / families), size=samples)
    time, cost = np.moveaxis(np.tensordot(times_drawn, sums, axes=1), -1, 0)
    enough = (sums[..., 0] > 0).sum(axis=0) >= FEWEST_FAMILIES
    return np.divide(cost, time, out=np.full_like(cost, np.nan), where=(time > 0) & enough)


def _percentiles(
    drawn: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the bounds of the interval of each column, missing where a column is."""
    bounds = np.full((2, drawn.shape[1]), np.nan)
    known = ~np.isnan(drawn).all(axis=0)
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    bounds[:, known] = np.nanquantile(drawn[:, known], tails, axis=0)
    return bounds[0], bounds[1]


def _changes(
    estimates: pd.DataFrame, drawn: npt.NDArray[np.float64], groups: Sequence[str]
) -> pd.DataFrame:
    """Return what changed in each group from the first phase to the last."""
    import pandas as pd

    n_phases = len(estimates) // len(groups)
    last = np.arange(1, len(groups) + 1) * n_phases - 1
    first = last - n_phases + 1
    costs = estimates["cost_a_year"].to_numpy()
    steps, samples = costs[last] - costs[first], drawn[:, last] - drawn[:, first]
    labels = list(groups)
    if len(groups) == 2:
        labels.append(f"{groups[0]}, less {groups[1].lower()}")
        steps = np.append(steps, steps[0] - steps[1])
        samples = np.column_stack([samples, samples[:, 0] - samples[:, 1]])
    lower, upper = _percentiles(samples)
    return pd.DataFrame({"group": labels, "change": steps, "lower": lower, "upper": upper})
