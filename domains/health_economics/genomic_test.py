"""The decision: whom of a family to sequence at referral, or nobody, when a rare disease is suspected.

A cohort of people without a diagnosis. The disease of some can be explained by what is known today; on
the usual path they are diagnosed one after another, a genome finds them at once. A diagnosis
changes what hospital care costs and how well people live; it does not change how long they live. So
a test buys years with a diagnosis, earlier than they would have come.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domains.health_economics.markov import (
    CycleCorrection,
    accrue,
    cohort_trace,
    cycle_weights,
    discount_weights,
    probability_of,
)
from domains.health_economics.uncertainty import DISCOUNT_RATE
from gecip.errors import AnalysisError

Numbers = npt.NDArray[np.float64]

USUAL_PATH = "Usual path"
PROBAND, DUO, TRIO = "Genome of the proband", "Genomes of a duo", "Genomes of a trio"
# How many genomes each strategy takes; the order is that of every array of strategies here.
GENOMES = {USUAL_PATH: 0, PROBAND: 1, DUO: 2, TRIO: 3}
STRATEGIES = tuple(GENOMES)

OLDEST_AGE = 100
# Yearly hazard of death at an age in the United Kingdom, both sexes: Gompertz's law fitted to the national
# life table 2017 to 2019 (ONS) from 35 to 95 years; up to the age of 70 life expectancy agrees with it to
# half a year.
_HAZARD_AT_BIRTH, _RISE_A_YEAR = 2.129e-5, 0.09644

# The states, in the order of every array of states here.
EXPLAINABLE, UNEXPLAINED, DIAGNOSED, DEAD = range(4)


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What the decision rests on; each a number, or one for each draw of a probabilistic analysis.

    Attributes
    ----------
    found
        Share of people whose diagnosis each test makes at once (draws × 3: proband, duo, trio).
    months_on_usual_path
        Median time in months until the usual path makes the diagnosis of a disease that can be explained.
    cost_of_genome
        Pounds a genome, with its interpretation.
    cost_without_diagnosis, cost_with_diagnosis
        Hospital care in pounds a year.
    utility_without_diagnosis, gain_of_utility
        Quality of life without a diagnosis, and what a diagnosis adds; 1 is full health.
    age
        Age at referral in years.
    """

    found: Numbers
    months_on_usual_path: Numbers
    cost_of_genome: Numbers
    cost_without_diagnosis: Numbers
    cost_with_diagnosis: Numbers
    utility_without_diagnosis: Numbers
    gain_of_utility: Numbers
    age: float


@dataclass(frozen=True)
class Outcomes:
    """Costs in pounds and quality-adjusted life years of each strategy (draws × strategies), discounted, a person.

    `costs_of_testing` is the part of the costs that is the price of the genomes.
    """

    costs: Numbers
    effects: Numbers
    costs_of_testing: Numbers


def run_model(
    parameters: Parameters,
    *,
    discount_rate: float = DISCOUNT_RATE,
    correction: CycleCorrection = CycleCorrection.HALF_CYCLE,
) -> Outcomes:
    """Return what each strategy costs and gains over a lifetime, in yearly cycles, for every draw at once.

    Raises
    ------
    AnalysisError
        When a share, a rate or an age cannot be.
    """
    _check(parameters)
    cycles = OLDEST_AGE - int(parameters.age)
    trace = cohort_trace(_transitions(parameters, cycles), _start(parameters))
    weights = cycle_weights(cycles, correction) * discount_weights(cycles, rate=discount_rate)
    care = _of_states(parameters.cost_without_diagnosis, parameters.cost_with_diagnosis)
    without = np.atleast_1d(parameters.utility_without_diagnosis)
    living = _of_states(without, without + parameters.gain_of_utility)
    genomes = np.array(list(GENOMES.values()), dtype=float)
    testing = np.atleast_1d(parameters.cost_of_genome)[:, None] * genomes
    costs = accrue(trace, care[:, None], weights) + testing
    return Outcomes(
        costs=costs,
        effects=accrue(trace, living[:, None], weights),
        costs_of_testing=np.broadcast_to(testing, costs.shape),
    )


def hazard_of_death(age: npt.ArrayLike) -> Numbers:
    """Return the yearly hazard of death at an age in years, in the general population."""
    return _HAZARD_AT_BIRTH * np.exp(_RISE_A_YEAR * np.asarray(age, dtype=float))


def price_worth_paying(outcomes: Outcomes, *, threshold: float) -> Numbers:
    """Return the highest price of each test at which it still is no worse than the usual path (strategies).

    What the test gains and saves, valued at the threshold; missing for the usual path itself.
    """
    care = (outcomes.costs - outcomes.costs_of_testing).mean(axis=0)
    gained = outcomes.effects.mean(axis=0)
    worth = threshold * (gained - gained[0]) - (care - care[0])
    return np.concatenate([[np.nan], worth[1:]])


def _transitions(parameters: Parameters, cycles: int) -> Numbers:
    """Return transitions (cycles × draws × 1 × from × to), the same for every strategy."""
    # Death within a year, at the hazard of the middle of it.
    dies = probability_of(hazard_of_death(parameters.age + np.arange(cycles) + 0.5))[:, None]
    rate = np.log(2) / (np.atleast_1d(parameters.months_on_usual_path) / 12)
    diagnosed = (1 - dies) * probability_of(rate)
    matrices = np.zeros((cycles, len(rate), 1, 4, 4))
    matrices[:, :, 0, EXPLAINABLE, DIAGNOSED] = diagnosed
    matrices[:, :, 0, EXPLAINABLE, EXPLAINABLE] = 1 - dies - diagnosed
    for stays in (UNEXPLAINED, DIAGNOSED):
        matrices[:, :, 0, stays, stays] = 1 - dies
    matrices[:, :, 0, [EXPLAINABLE, UNEXPLAINED, DIAGNOSED], DEAD] = dies[..., None]
    matrices[:, :, 0, DEAD, DEAD] = 1
    return matrices


def _start(parameters: Parameters) -> Numbers:
    """Return the cohort at referral (draws × strategies × states): what the best test finds can be explained."""
    found = np.atleast_2d(parameters.found)
    at_once = np.concatenate([np.zeros((len(found), 1)), found], axis=1)
    explainable = found.max(axis=1, keepdims=True)
    start = np.zeros((*at_once.shape, 4))
    start[..., EXPLAINABLE] = explainable - at_once
    start[..., UNEXPLAINED] = 1 - explainable
    start[..., DIAGNOSED] = at_once
    return start


def _of_states(without: npt.ArrayLike, diagnosed: npt.ArrayLike) -> Numbers:
    """Return values of the states (draws × states)."""
    first, second = np.broadcast_arrays(np.atleast_1d(without), np.atleast_1d(diagnosed))
    return np.stack([first, first, second, np.zeros(len(first))], axis=-1)


def _check(parameters: Parameters) -> None:
    found = np.atleast_2d(parameters.found)
    if found.shape[1] != len(STRATEGIES) - 1:
        raise AnalysisError(
            "The shares found are given for the proband's genome, the duo's and the trio's, in this order: give "
            "three for each draw."
        )
    if not 0 <= parameters.age < OLDEST_AGE:
        raise AnalysisError(
            f"The age at referral must lie from 0 to {OLDEST_AGE - 1} years: check the years of birth of the cohort."
        )
    if not (np.asarray(parameters.months_on_usual_path) > 0).all():
        raise AnalysisError(
            "The months until the usual path makes a diagnosis must be more than none in every draw: give their median."
        )
