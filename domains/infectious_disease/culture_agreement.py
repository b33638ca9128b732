"""How well the prediction agrees with culture: sensitivity, specificity and predictive value for each drug."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from domains.infectious_disease.resistance_prediction import Prediction, ResistancePrediction
from gecip.analysis.clinical.diagnostic_yield import wilson_interval
from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.model.infection import PHENOTYPIC_CATEGORIES

if TYPE_CHECKING:
    import pandas as pd


class Outcome(enum.StrEnum):
    """A prediction beside the culture's word."""

    TRUE_POSITIVE = "true positive"
    FALSE_POSITIVE = "false positive"
    FALSE_NEGATIVE = "false negative"
    TRUE_NEGATIVE = "true negative"


@dataclass(frozen=True)
class Measure:
    """One measure of agreement: of those in `among`, the share in `right`."""

    name: str
    right: Outcome
    wrong: Outcome


SENSITIVITY = Measure("sensitivity", Outcome.TRUE_POSITIVE, Outcome.FALSE_NEGATIVE)
SPECIFICITY = Measure("specificity", Outcome.TRUE_NEGATIVE, Outcome.FALSE_POSITIVE)
PREDICTIVE_VALUE = Measure(
    "positive predictive value", Outcome.TRUE_POSITIVE, Outcome.FALSE_POSITIVE
)
MEASURES = (SENSITIVITY, SPECIFICITY, PREDICTIVE_VALUE)


@dataclass(frozen=True, repr=False, eq=False)
class CultureAgreement(Result):
    """Prediction and culture, isolate by isolate.

    `rows` has one row for each isolate and drug that was both judged and tested: `isolate,
    participant_id, family_id, drug, phenotype, prediction, outcome`. `set_aside` counts by drug the
    isolates left out since a place could not be read, `contradictory` those with two different tests.
    """

    rows: pd.DataFrame
    category: str
    set_aside: pd.Series[int]
    contradictory: pd.Series[int]

    @property
    def drugs(self) -> tuple[str, ...]:
        """The drugs for which something was tested, sorted."""
        return tuple(sorted(self.rows["drug"].unique()))

    @cached_property
    def counts(self) -> pd.DataFrame:
        """How many isolates have each outcome, a row for each drug."""
        import pandas as pd

        counted = pd.crosstab(self.rows["drug"].astype(str), self.rows["outcome"])
        return counted.reindex(columns=[one.value for one in Outcome], fill_value=0)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Every measure with its 95 % Wilson interval: rows by drug and measure, `right, among, share, low, high`."""
        import pandas as pd

        rows = {}
        for drug, counts in self.counts.iterrows():
            for measure in MEASURES:
                right = int(counts[measure.right])
                among = right + int(counts[measure.wrong])
                low, high = wilson_interval(right, among)
                share = right / among if among else float("nan")
                rows[drug, measure.name] = (right, among, share, low, high)
        return pd.DataFrame.from_dict(
            rows, orient="index", columns=["right", "among", "share", "low", "high"]
        ).set_axis(pd.MultiIndex.from_tuples(rows, names=["drug", "measure"]))

    def __repr__(self) -> str:
        return f"CultureAgreement(drugs={len(self.drugs)}, tests={len(self.rows):,})"


def compare_with_culture(
    prediction: ResistancePrediction, *, category: str = "WHO", keep_uncalled: bool = False
) -> CultureAgreement:
    """Return how the prediction agrees with the tests in culture, isolate by isolate.

    Only "resistant" predicts resistance; what is uncertain counts as susceptible, as the WHO counts.
    An isolate with a gap where a resistance is known is left out for that drug whatever was found in
    it: to leave out only those in which nothing was found would flatter the sensitivity.

    Parameters
    ----------
    prediction
        What is expected. The isolates from whom the catalogue's own grades were derived are no
        independent test of it.
    category
        Which tests to compare with: `WHO`, `CC`, `CC-ATU` or `ALL`. An isolate may have several.
    keep_uncalled
        Count isolates with gaps as susceptible where nothing was found, as some published tables do.

    Raises
    ------
    AnalysisError
        When there is no such category, or none of the isolates was tested in it.
    """
    if category not in PHENOTYPIC_CATEGORIES:
        raise AnalysisError(
            f"There is no category {category!r} of tests: name one of {', '.join(PHENOTYPIC_CATEGORIES)}."
        )
    tests = prediction.isolates.susceptibility
    tests = tests[tests["phenotypic_category"] == category]
    several = tests.groupby(["isolate", "drug"])["phenotype"].transform("nunique") > 1
    single = tests[~several].drop_duplicates(["isolate", "drug"])
    if single.empty:
        raise AnalysisError(
            f"None of the isolates has a test of the category {category!r}: name another, or select people whose isolates "
            "were tested in culture."
        )
    judged = prediction.rows.astype({"drug": str})
    both = judged.merge(single[["isolate", "drug", "phenotype"]], on=["isolate", "drug"])
    compared = both if keep_uncalled else both[both["called"]]
    contradictory = tests[several].drop_duplicates(["isolate", "drug"])
    return CultureAgreement(
        provenance=prediction.provenance.then(
            "compare_with_culture", category=category, keep_uncalled=keep_uncalled
        ),
        rows=compared.assign(
            outcome=[
                outcome_of(word, phenotype).value
                for word, phenotype in zip(
                    compared["prediction"], compared["phenotype"], strict=True
                )
            ]
        ).drop(columns=["called", "variants", "taken_back"]),
        category=category,
        set_aside=(~both["called"] & (not keep_uncalled)).groupby(both["drug"]).sum(),
        contradictory=contradictory.groupby("drug").size(),
    )


def outcome_of(prediction: str, phenotype: str) -> Outcome:
    """Return what a prediction is beside a phenotype of `R` or `S`."""
    is_resistant = phenotype == "R"
    if prediction == Prediction.RESISTANT:
        return Outcome.TRUE_POSITIVE if is_resistant else Outcome.FALSE_POSITIVE
    return Outcome.FALSE_NEGATIVE if is_resistant else Outcome.TRUE_NEGATIVE
