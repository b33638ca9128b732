"""Where the people's ancestors lived: a history of human populations, for msprime.

Africa, Europe and East Asia have the sizes, times and migration of Gutenkunst et al. 2009 (PLoS
Genetics 5:e1000695, table 1). The South Asian and the American branch are assumptions: they give
distances between populations of the size that is usually seen, and no more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import msprime

YEARS_PER_GENERATION = 25

# Gutenkunst 2009: population sizes, times in years, growth and migration per generation.
_ANCESTRAL_SIZE = 7_300
_AFRICAN_SIZE = 12_300
_SIZE_OUT_OF_AFRICA = 2_100
_FIRST_EUROPEANS, _EUROPEAN_GROWTH = 1_000, 0.004
_FIRST_EAST_ASIANS, _EAST_ASIAN_GROWTH = 510, 0.0055
_AFRICA_GREW = 220_000
_OUT_OF_AFRICA = 140_000
_EUROPE_FROM_ASIA = 21_200
_MIGRATION_WITH_THE_FIRST = 25e-5
_MIGRATION: Mapping[tuple[str, str], float] = {
    ("AFR", "EUR"): 3e-5,
    ("AFR", "EAS"): 1.9e-5,
    ("EUR", "EAS"): 9.6e-5,
}

# Assumption: South Asians left the ancestors of Europeans 15,000 years ago, 2,000 of them.
_SOUTH_ASIA_FROM_EUROPE = 15_000
_FIRST_SOUTH_ASIANS, _SOUTH_ASIAN_GROWTH = 2_000, 0.004
# Assumption: the first Americans left the ancestors of East Asians 16,000 years ago, 800 of them;
# Europeans and Africans joined them 400 years ago.
_AMERICA_FROM_EAST_ASIA = 16_000
_FIRST_AMERICANS, _AMERICAN_GROWTH = 800, 0.003
_ADMIXTURE = 400
_ADMIXED_SIZE = 30_000
_ADMIXED_FROM: Mapping[str, float] = {"first_Americans": 0.5, "EUR": 0.4, "AFR": 0.1}


def population_history() -> msprime.Demography:
    """Return the history, in which the populations of today are the ancestries of `recruitment`."""
    import msprime

    history = msprime.Demography()
    history.add_population(name="AFR", initial_size=_AFRICAN_SIZE)
    for name, first, growth, years in (
        ("EUR", _FIRST_EUROPEANS, _EUROPEAN_GROWTH, _EUROPE_FROM_ASIA),
        ("EAS", _FIRST_EAST_ASIANS, _EAST_ASIAN_GROWTH, _EUROPE_FROM_ASIA),
        ("SAS", _FIRST_SOUTH_ASIANS, _SOUTH_ASIAN_GROWTH, _SOUTH_ASIA_FROM_EUROPE),
        ("first_Americans", _FIRST_AMERICANS, _AMERICAN_GROWTH, _AMERICA_FROM_EAST_ASIA),
    ):
        history.add_population(
            name=name,
            initial_size=first * math.exp(growth * _generations(years)),
            growth_rate=growth,
            # Others branched off while they went on.
            initially_active=True,
        )
    history.add_population(name="AMR", initial_size=_ADMIXED_SIZE)
    history.add_population(name="out_of_Africa", initial_size=_SIZE_OUT_OF_AFRICA)
    history.add_population(name="in_Africa", initial_size=_AFRICAN_SIZE)
    history.add_population(name="ancestral", initial_size=_ANCESTRAL_SIZE)
    for pair, rate in _MIGRATION.items():
        history.set_symmetric_migration_rate(list(pair), rate)
    history.add_admixture(
        time=_generations(_ADMIXTURE),
        derived="AMR",
        ancestral=list(_ADMIXED_FROM),
        proportions=list(_ADMIXED_FROM.values()),
    )
    history.add_population_split(
        time=_generations(_SOUTH_ASIA_FROM_EUROPE), derived=["SAS"], ancestral="EUR"
    )
    history.add_population_split(
        time=_generations(_AMERICA_FROM_EAST_ASIA),
        derived=["first_Americans"],
        ancestral="EAS",
    )
    history.add_population_split(
        time=_generations(_EUROPE_FROM_ASIA), derived=["EUR", "EAS"], ancestral="out_of_Africa"
    )
    history.add_symmetric_migration_rate_change(
        time=_generations(_EUROPE_FROM_ASIA),
        populations=["AFR", "out_of_Africa"],
        rate=_MIGRATION_WITH_THE_FIRST,
    )
    history.add_population_split(
        time=_generations(_OUT_OF_AFRICA), derived=["out_of_Africa", "AFR"], ancestral="in_Africa"
    )
    history.add_population_split(
        time=_generations(_AFRICA_GREW), derived=["in_Africa"], ancestral="ancestral"
    )
    return history


def _generations(years: int) -> float:
    return years / YEARS_PER_GENERATION
