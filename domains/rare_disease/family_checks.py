"""Whether a cohort's families can be trusted: what their records contradict, whose genome is missing, whose parents cannot be theirs.

Nothing is mended here. What of a record was not taken as it stood is what every method of this domain does with
it too; the genotypes have a say where a child and both parents have genomes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domains.rare_disease.family_places import (
    GENOME_REMARKS,
    FamilyPlaces,
    place_families,
    read_x_copies,
)
from gecip.analysis.genetic.pedigree import (
    RECORD_REMARKS,
    Number,
    Pedigree,
    Pedigrees,
    Remark,
    read_pedigrees,
)
from gecip.analysis.result import Result

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from gecip.genotypes import Genotypes

    Array = npt.NDArray[Any]

# A child's rate of Mendelian errors stands out from so many times the usual one on, if chance is excluded as well.
FAR_ABOVE = 5.0
LEAST_CHANCE = 0.001
LEAST_TRIOS = 5
_ERRORS = (
    "GT of a child and both parents",
    "a child has far more genotypes than others that its parents cannot have given",
    "nothing was left out: hold the samples against the records before the family is read",
)
# Everything that can be in doubt of a family, in the order in which it is told.
DOUBTS = tuple(
    found for _, found, _ in (*RECORD_REMARKS.values(), *GENOME_REMARKS.values(), _ERRORS)
)
WITHOUT_PROBAND = "no proband with a genome"
STRUCTURES = ("singleton", "duo", "trio", "larger", WITHOUT_PROBAND)


@dataclass(frozen=True, repr=False, eq=False)
class FamilyChecks(Result):
    """What was looked at of every family, and what is in doubt.

    Attributes
    ----------
    families
        One row for each family: `family_id, members` (of the pedigree), `taking_part, with_genome, affected` (of those who
        take part), `structure` (by members with a genome) and `doubts`, how many there are.
    doubts
        One row for each family and doubt: `family_id, doubt, field, done` (what the methods do about it).
    people
        One row for each participant: `participant_id, family_id`.
    trios
        One row for each child with both parents' genomes: `participant_id, family_id, errors, sites, rate`, and
        `stands_out`, whether its rate is far above the others'.
    usual_rate
        The median rate of Mendelian errors; not a number where there is no trio.
    pedigrees
        As they were read, without the links that cannot be.
    remarks
        Each doubt as a sentence, and what could not be checked.
    """

    families: pd.DataFrame
    doubts: pd.DataFrame
    people: pd.DataFrame
    trios: pd.DataFrame
    usual_rate: float
    pedigrees: Pedigrees
    remarks: tuple[Remark, ...]

    @property
    def doubtful_children(self) -> frozenset[Number]:
        """Who of the trios' children stands out."""
        return frozenset(
            self.trios.loc[self.trios["stands_out"].astype(bool), "participant_id"].tolist()
        )

    def __repr__(self) -> str:
        return f"FamilyChecks(families={len(self.families):,}, doubtful={self.doubts['family_id'].nunique():,}, trios={len(self.trios):,})"


def check_families(genotypes: Genotypes) -> FamilyChecks:
    """Return what is in doubt of every family of the genotypes' cohort.

    Records are held against themselves: the proband, ages, descent, sex, affection. Genomes are held against the
    records: who takes part without one. Genotypes are held against descent: a child whose rate of Mendelian
    errors is at least `FAR_ABOVE` times the median, by more than chance (Poisson, p below `LEAST_CHANCE` over the
    number of trios), is of other parents, or one of the three samples is somebody else's. With fewer than
    `LEAST_TRIOS` trios there is no usual rate, and a remark says that nothing was judged.

    Needs a byte for each genotype on this machine, as `mendelian_errors` does; select variants before if that is much.
    """
    from domains.rare_disease.family_calls import columns_of

    cohort = genotypes.cohort
    pedigrees = read_pedigrees(cohort)
    people = columns_of(genotypes)
    places, of_genomes = place_families(pedigrees, people, x_copies=read_x_copies(cohort))
    trios, usual = _judged_trios(genotypes, pedigrees, people)
    remarks = (*pedigrees.remarks, *of_genomes, *_of_trios(trios))
    doubts = _doubts(remarks)
    families = _families(pedigrees, places, set(people), doubts)
    return FamilyChecks(
        provenance=genotypes.provenance.then("check_families", families=len(pedigrees.families)),
        families=families,
        # Of no doubt at all pandas cannot tell what a family's number is.
        doubts=doubts.astype({"family_id": families["family_id"].dtype}),
        people=_people(pedigrees),
        trios=trios,
        usual_rate=usual,
        pedigrees=pedigrees,
        remarks=remarks,
    )


def stand_out(errors: Array, sites: Array) -> tuple[Array, float]:
    """Return which trios have far more Mendelian errors than the others, and the usual rate.

    Parameters
    ----------
    errors, sites
        Of each trio; see `mendelian_errors`.
    """
    import numpy as np
    from scipy.stats import poisson

    known = sites > 0
    if not known.any():
        return np.zeros(len(errors), dtype=bool), float("nan")
    rate = np.divide(errors, sites, out=np.zeros(len(errors)), where=known)
    usual = float(np.median(rate[known]))
    if known.sum() < LEAST_TRIOS:
        return np.zeros(len(errors), dtype=bool), usual
    # Where most trios have no error at all, one a trio is taken for the usual.
    expected = np.maximum(usual * sites, 1.0)
    by_chance = poisson.sf(errors - 1, expected)
    return (errors >= FAR_ABOVE * expected) & (by_chance < LEAST_CHANCE / known.sum()), usual


def _judged_trios(
    genotypes: Genotypes, pedigrees: Pedigrees, people: Sequence[Number]
) -> tuple[pd.DataFrame, float]:
    import pandas as pd

    from gecip.analysis.genetic.mendelian_errors import mendelian_errors

    held = set(people)
    if not any(
        {one.participant_id for one in trio} <= held
        for pedigree in pedigrees.families.values()
        for trio in pedigree.trios()
    ):
        none = pd.DataFrame(columns=["participant_id", "family_id", "errors", "sites", "rate"])
        return none.assign(stands_out=pd.Series(dtype=bool)), float("nan")
    trios = mendelian_errors(genotypes).trios
    out, usual = stand_out(trios["errors"].to_numpy(), trios["sites"].to_numpy())
    return trios.assign(stands_out=out), usual


def _of_trios(trios: pd.DataFrame) -> list[Remark]:
    if len(trios) < LEAST_TRIOS:
        return [
            Remark(
                "GT of a child and both parents",
                f"there are {len(trios)} trios, too few to tell a usual rate of Mendelian errors from an unusual one",
                "no child was held against its parents",
            )
        ]
    families = tuple(dict.fromkeys(trios.loc[trios["stands_out"], "family_id"].tolist()))
    return [Remark(*_ERRORS, families=families)] if families else []


def _doubts(remarks: Sequence[Remark]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (family, remark.found, remark.field, remark.done)
        for remark in remarks
        for family in dict.fromkeys(remark.families)
    ]
    return pd.DataFrame(rows, columns=["family_id", "doubt", "field", "done"])


def _families(
    pedigrees: Pedigrees, places: FamilyPlaces, people: set[Number], doubts: pd.DataFrame
) -> pd.DataFrame:
    import pandas as pd

    structure = {family: places.structure(row) for row, family in enumerate(places.family_ids)}
    counts: Mapping[Number, int] = doubts["family_id"].value_counts().to_dict()
    rows = []
    for number, pedigree in pedigrees.families.items():
        taking_part = [one for one in pedigree.members if one.participant_id is not None]
        rows.append(
            {
                "family_id": number,
                "members": len(pedigree.members),
                "taking_part": len(taking_part),
                "with_genome": sum(one.participant_id in people for one in taking_part),
                "affected": sum(one.affected is True for one in taking_part),
                "structure": structure.get(number, WITHOUT_PROBAND),
                "doubts": counts.get(number, 0),
            }
        )
    columns = [
        "family_id",
        "members",
        "taking_part",
        "with_genome",
        "affected",
        "structure",
        "doubts",
    ]
    return pd.DataFrame(rows, columns=columns)


def _people(pedigrees: Pedigrees) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (one.participant_id, number)
        for number, pedigree in pedigrees.families.items()
        for one in pedigree.members
        if one.participant_id is not None
    ]
    return pd.DataFrame(rows, columns=["participant_id", "family_id"])


def largest_family(pedigrees: Pedigrees) -> Pedigree:
    """Return the pedigree with most members; of several the first."""
    return max(pedigrees.families.values(), key=lambda one: len(one.members))
