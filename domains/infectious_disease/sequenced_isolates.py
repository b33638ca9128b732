"""The tuberculosis isolates of a cohort: what was sequenced, what was found, and what was tested in culture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gecip.analysis.result import Result
from gecip.cohort import Cohort, clinical_columns
from gecip.errors import AnalysisError
from gecip.model.infection import (
    TuberculosisDrugSusceptibility,
    TuberculosisIsolate,
    TuberculosisIsolateUncalledRegion,
    TuberculosisIsolateVariant,
)

if TYPE_CHECKING:
    import pandas as pd

# What is asked of an isolate before it is judged: depth over the genome, and how much of it was read ten times.
LEAST_MEAN_DEPTH = 30.0
LEAST_COVERAGE = 0.95


@dataclass(frozen=True, repr=False, eq=False)
class Isolates(Result):
    """Isolates that were read well enough, with their variants, gaps and tests in culture.

    Attributes
    ----------
    isolates
        One row each: `isolate, participant_id, family_id, collection_date, lineage`.
    variants
        One row for each difference from the reference: `isolate, position, ref, alt, gene, variant,
        effect, allele_fraction`.
    uncalled_regions
        Stretches in which an isolate could not be read: `isolate, start, stop`, both ends included.
    susceptibility
        Tests in culture: `isolate, drug, phenotypic_category, phenotype`.
    set_aside
        How many isolates were read too badly and are left out.
    """

    isolates: pd.DataFrame
    variants: pd.DataFrame
    uncalled_regions: pd.DataFrame
    susceptibility: pd.DataFrame
    set_aside: int = 0

    def __len__(self) -> int:
        return len(self.isolates)

    @property
    def n_participants(self) -> int:
        """From how many participants the isolates were grown."""
        return int(self.isolates["participant_id"].nunique())

    def first_of_each_participant(self) -> Isolates:
        """Return the earliest isolate of each participant: a second one of the same person is no second case."""
        order = self.isolates.sort_values(["collection_date", "isolate"], kind="stable")
        first = order.drop_duplicates("participant_id").sort_index().reset_index(drop=True)
        return replace(
            self,
            isolates=first,
            variants=_of(self.variants, first),
            uncalled_regions=_of(self.uncalled_regions, first),
            susceptibility=_of(self.susceptibility, first),
            provenance=self.provenance.then("first_of_each_participant", isolates=len(first)),
        )

    def __repr__(self) -> str:
        return f"Isolates({len(self):,} of {self.n_participants:,} participants, set_aside={self.set_aside:,})"


def load_isolates(
    cohort: Cohort,
    *,
    least_mean_depth: float = LEAST_MEAN_DEPTH,
    least_coverage: float = LEAST_COVERAGE,
) -> Isolates:
    """Return the isolates of a cohort that were read well enough to be judged.

    An isolate read too thinly would look susceptible, and near to every other: what is not read cannot
    differ. So the bad ones are left out here, once, and counted.

    Parameters
    ----------
    cohort
        The people whose isolates are wanted; who has none is no part of the result.
    least_mean_depth
        Smallest mean depth over the reference.
    least_coverage
        Smallest share of the reference that was read ten times.

    Raises
    ------
    UnknownTableError
        When the release has no isolates: the tables are invented, and no real release has them.
    AnalysisError
        When nobody in the cohort has an isolate that was read well enough.
    """
    everything = cohort.rows(TuberculosisIsolate)
    if everything.empty:
        raise AnalysisError(
            f"Nobody in the cohort {cohort.definition.title!r} has a tuberculosis isolate: select people with one, as "
            "by define_cohort(…).include(tuberculosis_isolates.exists_for_participant(), because=…)."
        )
    good = everything[
        (everything["mean_depth"] >= least_mean_depth) & (everything["coverage"] >= least_coverage)
    ]
    if good.empty:
        raise AnalysisError(
            f"None of the isolates of the cohort {cohort.definition.title!r} reaches a mean depth of {least_mean_depth:g} "
            f"and a coverage of {least_coverage:.0%}: lower least_mean_depth or least_coverage, and say so."
        )
    families = clinical_columns(cohort).set_index("participant_id")["family_id"]
    isolates = (
        good[["isolate", "participant_id", "collection_date", "lineage"]]
        .assign(family_id=good["participant_id"].map(families))
        .sort_values("isolate", ignore_index=True)
    )
    return Isolates(
        isolates=isolates,
        variants=_of(cohort.rows(TuberculosisIsolateVariant), isolates),
        uncalled_regions=_of(cohort.rows(TuberculosisIsolateUncalledRegion), isolates),
        susceptibility=_of(cohort.rows(TuberculosisDrugSusceptibility), isolates),
        set_aside=len(everything) - len(good),
        provenance=cohort.provenance.then(
            "load_isolates", least_mean_depth=least_mean_depth, least_coverage=least_coverage
        ),
    )


def _of(rows: pd.DataFrame, isolates: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["isolate"].isin(isolates["isolate"])].reset_index(drop=True)
