"""Is a genome worth its price? The decision model with parameters measured in a cohort, and their uncertainty.

What the release can tell is measured in it: how often each kind of family is diagnosed, and what hospital
care costs with and without a diagnosis. What it cannot tell is taken from publications or assumed;
`Evaluation.sources` says which is which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from domains.health_economics.frontier import compare_strategies
from domains.health_economics.genomic_test import (
    STRATEGIES,
    Outcomes,
    Parameters,
    price_worth_paying,
    run_model,
)
from domains.health_economics.hospital_costs import (
    DIAGNOSED,
    NOT_DIAGNOSED,
    PhaseCosts,
    phase_costs,
    result_days,
)
from domains.health_economics.phases import PHASES
from domains.health_economics.uncertainty import (
    DISCOUNT_RATE,
    THRESHOLDS,
    THRESHOLDS_AS_OF,
    acceptability,
    beta_draws,
    gamma_draws,
    value_of_perfect_information,
)
from gecip.analysis.clinical.diagnostic_yield import diagnostic_yield
from gecip.analysis.result import Result
from gecip.cohort import Cohort
from gecip.errors import AnalysisError
from gecip.model.people import Participant

if TYPE_CHECKING:
    import pandas as pd

DRAWS = 2_000
# From nothing to well above any threshold in use.
CURVE = tuple(float(threshold) for threshold in range(0, 60_001, 2_500))

# Schwarze and others 2020 (Genetics in Medicine 22:85): 7,050 pounds a rare-disease trio in the NHS, 2,350 a genome.
COST_OF_GENOME = 2_350.0
# 100,000 Genomes pilot (NEJM 2021;385:1868): median time to a diagnosis before it.
MONTHS_ON_USUAL_PATH = 75.0
# Assumptions: the programme has asked nobody how well they live.
UTILITY_WITHOUT_DIAGNOSIS, ERROR_OF_UTILITY = 0.70, 0.05
GAIN_OF_UTILITY, ERROR_OF_GAIN = 0.04, 0.02
# Standard errors of published figures that come without one, as a share of them: an assumption.
ERROR_OF_PUBLISHED = 0.15

# Jeffreys' prior, so that a structure without a diagnosis so far is not certain never to have one.
_PRIOR = 0.5
# The words of `family_group_type` that stand for each test.
_STRUCTURES: Mapping[str, tuple[str, ...]] = {
    "proband": ("Singleton",),
    "duo": ("Duo with Mother or Father",),
    "trio": ("Trio with Mother and Father", "Families with more than three Participants"),
}


@dataclass(frozen=True, repr=False, eq=False)
class Evaluation(Result):
    """The decision model's answer.

    Attributes
    ----------
    outcomes
        Costs and quality-adjusted life years of each strategy in each draw.
    comparison
        Means over the draws, compared: see `compare_strategies`.
    curve
        Thresholds of the acceptability curve, in pounds a quality-adjusted life year.
    sources
        One row a parameter: `parameter, mean, lower, upper, source`.
    families
        Of each test, the families in which it was measured how often it makes a diagnosis.
    people
        The probands with a genomic result, one row each: `participant_id, family_id`.
    """

    outcomes: Outcomes
    comparison: pd.DataFrame
    curve: tuple[float, ...]
    sources: pd.DataFrame
    families: Mapping[str, int]
    people: pd.DataFrame

    @property
    def n_people(self) -> int:
        """How many probands have a genomic result."""
        return len(self.people)

    @property
    def n_families(self) -> int:
        """How many families they are of."""
        return int(self.people["family_id"].nunique())

    @property
    def probabilities(self) -> npt.NDArray[np.float64]:
        """Return the probability that each strategy is the best (thresholds of the curve × strategies)."""
        return acceptability(self.outcomes.costs, self.outcomes.effects, thresholds=self.curve)

    @property
    def value_of_information(self) -> npt.NDArray[np.float64]:
        """Return what perfect information is worth in pounds a person (thresholds of the curve)."""
        return value_of_perfect_information(
            self.outcomes.costs, self.outcomes.effects, thresholds=self.curve
        )

    def price_worth_paying(self, threshold: float) -> Mapping[str, float]:
        """Return the highest price in pounds of each strategy at which it is no worse than the usual path."""
        worth = price_worth_paying(self.outcomes, threshold=threshold)
        return dict(zip(STRATEGIES, worth.tolist(), strict=True))

    def __repr__(self) -> str:
        return f"Evaluation(strategies={len(self.comparison)}, draws={len(self.outcomes.costs):,}, people={self.n_people:,})"


def evaluate_genomic_test(
    cohort: Cohort,
    *,
    cost_of_genome: float = COST_OF_GENOME,
    gain_of_utility: float = GAIN_OF_UTILITY,
    discount_rate: float = DISCOUNT_RATE,
    seed: int = 1,
    draws: int = DRAWS,
) -> Evaluation:
    """Return whether to sequence nobody, the proband, a duo or a trio, at what cost for what gain.

    Costs of care are drawn from the bootstrap by family of the same cohort, so that they go together as
    they do in it. The saving is the difference of differences: by how much more the costs of people
    with a diagnosis fell, from before the result to after it, than those of people without.

    Raises
    ------
    AnalysisError
        When the release lacks a table, or a group has too few families to be measured.
    """
    import pandas as pd

    costs = phase_costs(cohort, result_days(cohort), seed=seed, samples=draws)
    found = _found(cohort)
    stream = np.random.default_rng([seed, draws])
    without, saved = _draw_care(costs)
    parameters = Parameters(
        found=np.column_stack(
            [
                beta_draws(stream, successes=yes + _PRIOR, failures=no + _PRIOR, size=draws)
                for yes, no in found.values()
            ]
        ),
        months_on_usual_path=_published(stream, MONTHS_ON_USUAL_PATH, draws),
        cost_of_genome=_published(stream, cost_of_genome, draws),
        cost_without_diagnosis=without,
        cost_with_diagnosis=np.clip(without - saved, 0, None),
        utility_without_diagnosis=stream.normal(
            UTILITY_WITHOUT_DIAGNOSIS, ERROR_OF_UTILITY, draws
        ).clip(0, 1),
        gain_of_utility=stream.normal(gain_of_utility, ERROR_OF_GAIN, draws),
        age=_age_at_result(cohort, costs),
    )
    outcomes = run_model(parameters, discount_rate=discount_rate)
    people = costs.people[["participant_id", "family_id"]].drop_duplicates("participant_id")
    return Evaluation(
        provenance=costs.provenance.then(
            "evaluate_genomic_test",
            discount_rate=discount_rate,
            cost_of_genome=cost_of_genome,
            gain_of_utility=gain_of_utility,
            thresholds=list(THRESHOLDS),
            thresholds_as_of=THRESHOLDS_AS_OF,
            seed=seed,
            draws=draws,
        ),
        outcomes=outcomes,
        comparison=compare_strategies(
            STRATEGIES,
            costs=outcomes.costs.mean(axis=0),
            effects=outcomes.effects.mean(axis=0),
        ),
        curve=CURVE,
        sources=pd.DataFrame(_sources(parameters)),
        families={test: sum(counts) for test, counts in found.items()},
        people=people,
    )


def _found(cohort: Cohort) -> Mapping[str, tuple[int, int]]:
    """Return of each test how many probands of such families have a diagnosis, and how many have not.

    Only those with a result count: to the others the test has not yet answered.
    """
    probands = diagnostic_yield(cohort, by="family_structure").probands
    answered = probands[probands["reported"]]
    counts = {}
    for test, structures in _STRUCTURES.items():
        mine = answered.loc[answered["family_structure"].isin(structures), "diagnosed"]
        if mine.empty:
            raise AnalysisError(
                f"No family of the cohort {cohort.definition.title!r} was tested as a {test} and has a result, so that "
                "nothing is known of that test: take a larger cohort."
            )
        counts[test] = (int(mine.sum()), int((~mine).sum()))
    return counts


def _draw_care(costs: PhaseCosts) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return yearly costs of care without a diagnosis, and what a diagnosis saves of them, in each bootstrap sample."""
    first, last = PHASES[0].name, PHASES[-1].name
    sample = {}
    for place, row in enumerate(costs.estimates.itertuples()):
        sample[row.group, row.phase] = costs.samples[:, place]
    for group in (DIAGNOSED, NOT_DIAGNOSED):
        for phase in (first, last):
            costs.cost_a_year(group, phase)  # says in a sentence when there are too few
    change = {
        group: sample[group, last] - sample[group, first] for group in (DIAGNOSED, NOT_DIAGNOSED)
    }
    return sample[NOT_DIAGNOSED, last], change[NOT_DIAGNOSED] - change[DIAGNOSED]


def _published(stream: np.random.Generator, mean: float, size: int) -> npt.NDArray[np.float64]:
    return gamma_draws(stream, mean=mean, standard_error=ERROR_OF_PUBLISHED * mean, size=size)


def _age_at_result(cohort: Cohort, costs: PhaseCosts) -> float:
    """Return the median age of the people with a result in the year of it."""
    births = cohort.rows(Participant, ["year_of_birth"]).set_index("participant_id")[
        "year_of_birth"
    ]
    days = result_days(cohort)
    days = days[days["participant_id"].isin(costs.people["participant_id"])]
    ages = days["index_date"].dt.year - days["participant_id"].map(births).astype(float)
    return float(ages.median())


def _sources(parameters: Parameters) -> list[dict[str, object]]:
    """Return each parameter with its mean, its interval and where it comes from."""
    measured, assumed = "measured in this cohort", "assumption"
    saved = parameters.cost_without_diagnosis - parameters.cost_with_diagnosis
    named = {
        "Diagnosed by the proband's genome": (parameters.found[:, 0], measured),
        "Diagnosed by a duo's genomes": (parameters.found[:, 1], measured),
        "Diagnosed by a trio's genomes": (parameters.found[:, 2], measured),
        "Hospital care without a diagnosis (£ a year)": (
            parameters.cost_without_diagnosis,
            measured,
        ),
        "Saved by a diagnosis (£ a year)": (saved, measured),
        "A genome (£)": (parameters.cost_of_genome, "Schwarze 2020; error assumed"),
        "Median months on the usual path": (
            parameters.months_on_usual_path,
            "NEJM 2021;385:1868; error assumed",
        ),
        "Quality of life without a diagnosis": (parameters.utility_without_diagnosis, assumed),
        "Gain of quality of life by a diagnosis": (parameters.gain_of_utility, assumed),
    }
    rows = []
    for name, (values, source) in named.items():
        lower, upper = np.quantile(values, [0.025, 0.975])
        rows.append(
            {
                "parameter": name,
                "mean": float(np.mean(values)),
                "lower": float(lower),
                "upper": float(upper),
                "source": source,
            }
        )
    return rows
