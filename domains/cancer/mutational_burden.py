"""How many mutations a tumour carries for each megabase of coding sequence, counted anew from its report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domains.cancer.sequenced_tumours import LONGEST_SMALL_INDEL, Tumours
from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.model.cancer import CODING_MEGABASES

if TYPE_CHECKING:
    import pandas as pd

# From this burden on pembrolizumab is licensed for any solid tumour in the United States (Food and Drug
# Administration, 2020); measured there by a panel, so that it is an orientation here and no test.
HIGH_PER_MEGABASE = 10.0
# The programme's own figures have two digits.
_SAME = 0.0051


@dataclass(frozen=True, repr=False, eq=False)
class MutationalBurden(Result):
    """The burden of each tumour.

    Attributes
    ----------
    tumours
        One row each: `tumour, participant_id, family_id, disease_type, counted, per_megabase,
        recorded_per_megabase, is_high`.
    high_from
        From which burden on a tumour counts as high.
    """

    tumours: pd.DataFrame
    high_from: float

    @property
    def n_compared(self) -> int:
        """For how many tumours the programme's own figure is on record."""
        return int(self.tumours["recorded_per_megabase"].notna().sum())

    @property
    def n_as_recorded(self) -> int:
        """For how many tumours the programme's own figure is the same, within its rounding."""
        difference = self.tumours["per_megabase"] - self.tumours["recorded_per_megabase"]
        return int((difference.abs() <= _SAME).sum())

    def __repr__(self) -> str:
        return f"MutationalBurden(tumours={len(self.tumours):,}, high={int(self.tumours['is_high'].sum()):,})"


def mutational_burden(
    tumours: Tumours, *, high_from: float = HIGH_PER_MEGABASE
) -> MutationalBurden:
    """Return non-synonymous somatic small variants for each megabase of coding sequence.

    The programme's definition (Research Environment user guide, cancer analysis): single-base variants and
    indels of fewer than 50 bases that passed, divided by 32.61 megabases. A variant counts once, however
    many genes it lies in. A tumour whose report tells of none has a burden of 0.

    Parameters
    ----------
    high_from
        Variants for each megabase; the default is a licence's, and no biology.

    Raises
    ------
    AnalysisError
        When `high_from` is not positive.
    """
    if not high_from > 0:
        raise AnalysisError(
            f"A burden of {high_from:g} for each megabase is no bound: give one above 0."
        )
    variants = tumours.variants
    longest = variants[["ref", "alt"]].apply(lambda bases: bases.str.len()).max(axis=1) - 1
    counted = variants[variants["is_non_synonymous"] & (longest <= LONGEST_SMALL_INDEL)]
    places = counted.drop_duplicates(["tumour", "contig", "position", "ref", "alt"])
    number = tumours.tumours["tumour"].map(places["tumour"].value_counts()).fillna(0).astype(int)
    per_megabase = number / CODING_MEGABASES
    kept = ["tumour", "participant_id", "family_id", "disease_type", "recorded_per_megabase"]
    return MutationalBurden(
        provenance=tumours.provenance.then("mutational_burden", high_from=high_from),
        tumours=tumours.tumours[kept].assign(
            counted=number, per_megabase=per_megabase, is_high=per_megabase >= high_from
        ),
        high_from=high_from,
    )
