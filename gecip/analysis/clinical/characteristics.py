"""By what groups of people are compared and matched: sex, age, ancestry, disease, features, place in the family.

A difference between two groups is told as a *standardised difference*: in units of the spread within
the groups, so that it does not shrink to nothing or grow to significance with the number of people
as a p-value does (Austin, Statistics in Medicine 2009;28:3083). Above 0.1 it is commonly taken as worth a thought.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gecip.analysis.clinical.recorded_codes import assessed_terms
from gecip.analysis.genetic.ancestry import PREDICTIONS
from gecip.analysis.genetic.reference_space import AT_LEAST, UNASSIGNED
from gecip.cohort.clinical_columns import clinical_columns
from gecip.errors import AnalysisError
from gecip.model.genomes import AggregateGvcfSampleStats
from gecip.model.people import Participant
from gecip.model.rare_disease_clinic import RareDiseasesParticipantPhenotype
from gecip.model.table import nearest

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.cohort.selection import Cohort

    Numbers = npt.NDArray[np.float64]

NOT_RECORDED = "Not recorded"
CHARACTERISTICS: Mapping[str, str] = MappingProxyType(
    {
        "sex": "Sex",
        "age_band": "Age",
        "ancestry": "Genetically inferred ancestry",
        "programme": "Programme",
        "relationship": "Place in the family",
        "disease_group": "Disease group",
        "hpo_burden": "HPO terms found",
    }
)
# What is also compared as a number, by the characteristic that tells it in bands.
MEASURES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"age_band": ("age", "Age in years"), "hpo_burden": ("hpo_terms", "HPO terms a person")}
)
YEARS_A_BAND = 10
# From this age on everybody is in one band: single very old people are easily known.
OLDEST_BAND = 90
BURDENS = ("None", "1 to 3", "4 to 9", "10 or more")
_BURDEN_LIMITS = (0, 3, 9, math.inf)


def characteristics(cohort: Cohort, *, years_a_band: int = YEARS_A_BAND) -> pd.DataFrame:
    """Return what is known of each person of a cohort, one row each, sorted by participant.

    Age is the age reached in the year of the release: of the birth only the year is known, so that it
    is uncertain by a year. Ancestry is that of the programme's own inference from the genome, told
    where its probability is at least 0.8. HPO terms are those found present, each once, without the
    broader ones that they imply.

    Returns
    -------
    Columns `participant_id, family_id, sex, age, age_band, ancestry, programme, relationship,
    disease_group, hpo_terms, hpo_burden`; words where something is not recorded, and missing numbers.

    Raises
    ------
    AnalysisError
        When the bands have no width.
    """
    if years_a_band < 1:
        raise AnalysisError("An age band is at least one year wide: give years_a_band=10 or so.")
    people = clinical_columns(cohort)
    year = cohort.release.manifest.date.year
    age = (year - people["year_of_birth"]).astype("Float64")
    is_proband = people["participant_type"] == "Proband"
    terms = _terms_found(cohort, people)
    frame = people[["participant_id", "family_id"]].assign(
        sex=_words(people["sex"]),
        age=age,
        age_band=age.map(lambda years: age_band(years, years_a_band)),
        ancestry=_words(people["participant_id"].map(_ancestries(cohort))),
        programme=_words(_programmes(cohort, people)),
        relationship=_words(people["relationship"].where(~is_proband, "Proband")),
        disease_group=_words(people["disease_group"]),
        hpo_terms=terms,
        hpo_burden=terms.map(_burden),
    )
    return frame.sort_values("participant_id", ignore_index=True)


def age_band(age: float | None, years: int) -> str:
    """Return the band of an age in words, as `40 to 49`."""
    import pandas as pd

    if age is None or pd.isna(age) or age < 0:
        return NOT_RECORDED
    if age >= OLDEST_BAND:
        return f"{OLDEST_BAND} or older"
    first = int(age) // years * years
    last = min(first + years, OLDEST_BAND) - 1
    return str(first) if first == last else f"{first} to {last}"


def levels_of(name: str, values: pd.Series[Any]) -> list[str]:
    """Return the values of a characteristic in the order in which they are told: what is not recorded last."""
    counts = values.value_counts()
    found = [str(value) for value in counts.index if value != NOT_RECORDED]
    if name == "age_band":
        found.sort(key=lambda band: int(band.split()[0]))
    elif name == "hpo_burden":
        found.sort(key=BURDENS.index)
    else:
        found.sort(key=lambda level: (-int(counts[level]), level))
    return found + [NOT_RECORDED] * (NOT_RECORDED in counts.index)


def check_characteristics(names: Sequence[str]) -> None:
    """Raise where a characteristic is asked for that there is not.

    Raises
    ------
    AnalysisError
        With the nearest one that there is.
    """
    for name in names:
        if name not in CHARACTERISTICS:
            raise AnalysisError(
                f"People have no characteristic {name!r} here{nearest(name, tuple(CHARACTERISTICS))}"
            )


def difference_of_shares(first: float, second: float) -> float:
    """Return the standardised difference of two shares: positive where the first is larger.

    Where everybody of one group and nobody of the other has it, there is no spread, and the difference
    is infinite.
    """
    spread = math.sqrt((first * (1 - first) + second * (1 - second)) / 2)
    # A share summed of weights may miss another in its last digits.
    if math.isclose(first, second, abs_tol=1e-12):
        return 0.0
    return (first - second) / spread if spread else math.copysign(math.inf, first - second)


def difference_of_means(
    first: Numbers, second: Numbers, *, weights: tuple[Numbers, Numbers] | None = None
) -> float:
    """Return the standardised difference of two means; missing where a group has fewer than two values.

    Parameters
    ----------
    weights
        How much each value of either group counts; all alike if not given.
    """
    import numpy as np

    ones = (np.ones(len(first)), np.ones(len(second)))
    counted = zip((first, second), weights or ones, strict=True)
    (mean, variance), (other_mean, other_variance) = (_moments(*one) for one in counted)
    if math.isnan(variance) or math.isnan(other_variance):
        return math.nan
    if math.isclose(mean, other_mean, abs_tol=1e-12):
        return 0.0
    spread = math.sqrt((variance + other_variance) / 2)
    return (mean - other_mean) / spread if spread else math.copysign(math.inf, mean - other_mean)


def _moments(values: Numbers, weights: Numbers) -> tuple[float, float]:
    """Return the weighted mean and the unbiased weighted variance."""
    total = float(weights.sum())
    freedom = total - float((weights**2).sum()) / total if total else 0.0
    if len(values) < 2 or freedom <= 0:
        return math.nan, math.nan
    mean = float((weights * values).sum()) / total
    return mean, float((weights * (values - mean) ** 2).sum()) / freedom


def _words(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.astype(object).where(values.notna(), NOT_RECORDED).astype(str)


def _programmes(cohort: Cohort, people: pd.DataFrame) -> pd.Series[Any]:
    import pandas as pd

    if "programme" not in cohort.release.dataset(Participant).schema.names:
        return pd.Series([None] * len(people), index=people.index, dtype=object)
    rows = cohort.rows(Participant, ["programme"])
    return people["participant_id"].map(
        dict(zip(rows["participant_id"], rows["programme"], strict=True))
    )


def _ancestries(cohort: Cohort) -> dict[int | str, str]:
    """Return the inferred ancestry of each person with a genome in the aggregate; the first sample's of several."""
    table, release = AggregateGvcfSampleStats, cohort.release
    if table.name not in release.tables:
        return {}
    columns = [name for name in PREDICTIONS if name in release.dataset(table).schema.names]
    if not columns:
        return {}
    rows = cohort.rows(table, ["platekey", *columns]).dropna(subset=columns, how="all")
    rows = rows.sort_values("platekey").drop_duplicates("participant_id", ignore_index=True)
    if rows.empty:
        return {}
    probabilities = rows[columns].astype(float).fillna(0.0)
    likeliest = probabilities.idxmax(axis=1).map(PREDICTIONS)
    told = likeliest.where(probabilities.max(axis=1) >= AT_LEAST, UNASSIGNED)
    return dict(zip(rows["participant_id"], told, strict=True))


def _terms_found(cohort: Cohort, people: pd.DataFrame) -> pd.Series[Any]:
    """Return how many terms were found in each person; missing in a release without phenotypes."""
    import pandas as pd

    if RareDiseasesParticipantPhenotype.name not in cohort.release.tables:
        return pd.Series([pd.NA] * len(people), index=people.index, dtype="Float64")
    terms = assessed_terms(cohort)
    counts = terms[terms["is_present"]].groupby("participant_id")["code"].nunique()
    return people["participant_id"].map(counts).fillna(0).astype("Float64")


def _burden(terms: Any) -> str:
    import pandas as pd

    if pd.isna(terms):
        return NOT_RECORDED
    return next(words for words, most in zip(BURDENS, _BURDEN_LIMITS, strict=True) if terms <= most)
