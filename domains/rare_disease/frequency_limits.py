"""How common a variant may be: the programme's limits, population by population.

After the Rare Disease Genome Analysis Guide (population frequency): a variant must not exceed the limit
of any population; a population that has not seen it counts as 0. Small populations have wider limits,
since one carrier among them weighs more. gnomAD's exomes are version 2.1.1, its genomes 3.1.2.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping


class Inheritance(enum.Enum):
    """For which kind of inheritance a variant has to be rare."""

    DOMINANT = "dominant"
    RECESSIVE = "recessive"
    MITOCHONDRIAL = "mitochondrial"


def _limits(dominant: float, recessive: float) -> Mapping[Inheritance, float]:
    # The guide gives a mitochondrial limit for the programme's own cohort only, equal to the dominant one;
    # that the reference sets' is their dominant one too is an assumption.
    return {
        Inheritance.DOMINANT: dominant,
        Inheritance.RECESSIVE: recessive,
        Inheritance.MITOCHONDRIAL: dominant,
    }


# By VEP's name of the field.
LIMITS: Mapping[str, Mapping[Inheritance, float]] = {
    **{
        f"gnomADe_{population}_AF": _limits(0.001, 0.01)
        for population in ("AMR", "ASJ", "EAS", "FIN", "NFE", "SAS")
    },
    **{
        f"gnomADg_{population}_AF": _limits(0.001, 0.01)
        for population in ("AFR", "AMR", "FIN", "NFE")
    },
    **{f"gnomADg_{population}_AF": _limits(0.002, 0.01) for population in ("EAS", "SAS")},
    "gnomADg_ASJ_AF": _limits(0.003, 0.01),
    **{f"gnomADg_{population}_AF": _limits(0.1, 0.1) for population in ("AMI", "MID")},
}
# Of everybody: no limit of tiering, but how common a variant is over all beside one population in which it is not rare.
OVERALL = ("gnomADe_AF", "gnomADg_AF")
# In the programme's own cohort, of which the public annotation has no frequency.
INTERNAL_LIMITS: Mapping[Inheritance, float] = _limits(0.001, 0.01)


def limits_with(internal: str | None) -> Mapping[str, Mapping[Inheritance, float]]:
    """Return the limits by annotation field, with the field of the programme's own frequency where one is named."""
    return LIMITS if internal is None else {**LIMITS, internal: INTERNAL_LIMITS}
