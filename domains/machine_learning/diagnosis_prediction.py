"""Can a diagnosis be predicted from what the clinicians found? Judged with families kept together, and without.

Relatives share a disease and much of what was found in them. A person whose brother is among those
that the model learned from is not new to it, and a split that tears families apart reports how well
the model remembers. Both splits are made here on the same people, so that the gap can be seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domains.machine_learning.calibration import (
    accuracy,
    brier_score,
    expected_calibration_error,
    mean_ranking_score,
)
from domains.machine_learning.phenotype_terms import affected_people, observed_and_implied
from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from gecip.cohort import Cohort

    Places = npt.NDArray[np.intp]
    Numbers = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

TOGETHER = "Families kept together"
APART = "Families torn apart"
SPLITS = (TOGETHER, APART)

ACCURACY, RANKING, BRIER, CALIBRATION = "accuracy", "AUC", "Brier score", "calibration error"

# A group of fewer families cannot be learned in one part of the data and found again in another.
FEWEST_FAMILIES = 10
OTHER_GROUP = "Another disease group"
# A term carried by fewer of the people learned from says more about them than about a disease.
FEWEST_CARRIERS = 3
FOLDS = 5
RESAMPLES = 1_000


@dataclass(frozen=True, repr=False, eq=False)
class DiagnosisPrediction(Result):
    """What was predicted of each person by models that had not seen them, under both splits.

    Attributes
    ----------
    predictions
        One row per split and person: `split, fold, participant_id, family_id, observed, predicted,
        confidence, relative_here` (whether an affected relative is among the people).
    probabilities
        Of each row of `predictions`, one column per class of `classes`; rows add up to 1.
    classes
        The disease groups that were predicted, the pooled one last.
    scores
        By split and measure: `value, low, high`, with percentile intervals over families drawn anew. The
        calibration error has none: drawing anew adds error to it, so that the intervals would lie too high.
    gaps
        By measure the same of the difference, families torn apart less families kept together.
    accuracy_by_kinship
        By `relative_here` and split: `value, low, high` of the accuracy.
    commonest
        The share of people in the commonest group: what always naming that one would get right.
    left_out
        How many affected people could not be used, by reason.
    """

    predictions: pd.DataFrame
    probabilities: pd.DataFrame
    classes: tuple[str, ...]
    scores: pd.DataFrame
    gaps: pd.DataFrame
    accuracy_by_kinship: pd.DataFrame
    commonest: float
    left_out: Mapping[str, int]

    def of_split(self, split: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the predictions and probabilities under one split, in the order of participants."""
        chosen = self.predictions["split"] == split
        return self.predictions[chosen], self.probabilities[chosen]

    def __repr__(self) -> str:
        people = self.predictions["participant_id"].nunique()
        return f"DiagnosisPrediction(people={people:,}, classes={len(self.classes)})"


def predict_diagnosis(
    cohort: Cohort, *, folds: int = FOLDS, seed: int = 0, resamples: int = RESAMPLES
) -> DiagnosisPrediction:
    """Return out-of-fold predictions of each affected person's disease group from HPO terms, under both splits.

    The model is a logistic regression on the terms found present and all broader ones. Which terms
    are common enough to learn from is decided within each fold. Nothing was tuned, so that nothing was
    tuned on the people who judge it. No fitted model is kept: coefficients of rare terms can tell of the
    people that they were learned from. Takes seconds for a few hundred people.

    Parameters
    ----------
    cohort
        Its affected people with recorded features are used, relatives with their family's disease group.
    folds
        Into how many parts people are cut; each is predicted from the others.
    seed
        Decides the folds and the resampling of families.
    resamples
        How often families are drawn anew for the intervals.

    Raises
    ------
    AnalysisError
        When tables are missing, fewer than two disease groups have families enough, or no term is
        found in people enough.
    """
    import numpy as np
    import pandas as pd

    _check_numbers(folds=folds, resamples=resamples)
    people = affected_people(cohort)
    rows, too_few = _with_classes(people.rows, folds)
    classes, observed = _classes(rows)
    family = pd.factorize(rows["family_id"])[0]
    relative_here = rows.groupby("family_id")["participant_id"].transform("size").to_numpy() > 1
    tables, probabilities = [], []
    for split in SPLITS:
        predicted, fold = _out_of_fold(
            rows["terms"].tolist(), observed, family if split == TOGETHER else None, folds, seed
        )
        probabilities.append(predicted)
        tables.append(
            rows[["participant_id", "family_id"]].assign(
                split=split,
                fold=fold,
                observed=np.array(classes, dtype=object)[observed],
                predicted=np.array(classes, dtype=object)[predicted.argmax(axis=1)],
                confidence=predicted.max(axis=1),
                relative_here=relative_here,
            )
        )
    draws = list(families_drawn(family, seed, resamples))
    scores, gaps = _scores_and_gaps(observed, probabilities, draws)
    return DiagnosisPrediction(
        provenance=cohort.provenance.then(
            "predict_diagnosis",
            folds=folds,
            seed=seed,
            resamples=resamples,
            fewest_families=FEWEST_FAMILIES,
            fewest_carriers=FEWEST_CARRIERS,
            classes=list(classes),
            model="logistic regression, L2 penalty of 1",
        ),
        predictions=pd.concat(tables, ignore_index=True),
        probabilities=pd.DataFrame(np.concatenate(probabilities), columns=list(classes)),
        classes=classes,
        scores=scores,
        gaps=gaps,
        accuracy_by_kinship=_accuracy_by_kinship(observed, probabilities, relative_here, draws),
        commonest=float(np.bincount(observed).max() / len(observed)),
        left_out={
            "no feature recorded": people.without_terms,
            "no disease group in the family": people.without_group,
            "disease group of too few families": too_few,
        },
    )


def new_model() -> Pipeline:
    """Return the unfitted model: from lists of HPO terms to probabilities, with all that it learns inside.

    A term's broader ones are added by the ontology, which knows no participant; which terms are kept
    is learned with the rest, so that no fold tells another anything.
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline

    return Pipeline(
        [
            (
                "terms",
                CountVectorizer(analyzer=observed_and_implied, binary=True, min_df=FEWEST_CARRIERS),
            ),
            ("classifier", LogisticRegression(C=1.0, max_iter=5_000)),
        ]
    )


def _with_classes(rows: pd.DataFrame, folds: int) -> tuple[pd.DataFrame, int]:
    """Return the people with the class to predict, and how many were left out since theirs is too small.

    Groups of few families are pooled; where even the pool is too small it is left out.
    """
    families = rows.groupby("disease_group")["family_id"].nunique()
    large = families[families >= max(FEWEST_FAMILIES, folds)].index
    pooled = rows.assign(
        to_predict=rows["disease_group"].where(rows["disease_group"].isin(large), OTHER_GROUP)
    )
    rest = pooled["to_predict"] == OTHER_GROUP
    if pooled.loc[rest, "family_id"].nunique() < folds:
        pooled = pooled[~rest]
    if pooled["to_predict"].nunique() < 2:
        raise AnalysisError(
            f"To predict a disease group there must be at least two with {max(FEWEST_FAMILIES, folds)} families each, and "
            f"the cohort's {families.size} group(s) have fewer: widen the cohort."
        )
    return pooled.reset_index(drop=True), len(rows) - len(pooled)


def _classes(rows: pd.DataFrame) -> tuple[tuple[str, ...], Places]:
    """Return the classes, the commonest first and the pooled one last, and the place of each person's."""
    counts = rows["to_predict"].value_counts()
    ordered = sorted(counts.index, key=lambda name: (name == OTHER_GROUP, -counts[name], name))
    place = {name: number for number, name in enumerate(ordered)}
    return tuple(ordered), rows["to_predict"].map(place).to_numpy()


def _out_of_fold(
    terms: list[tuple[str, ...]],
    observed: Places,
    family: Places | None,
    folds: int,
    seed: int,
) -> tuple[Numbers, Places]:
    """Return everybody's probabilities by models that were fitted without them, and the fold of each."""
    import numpy as np

    probabilities = np.zeros((len(observed), int(observed.max()) + 1))
    fold_of = np.zeros(len(observed), dtype=np.intp)
    for number, (learned, held_out) in enumerate(_folds(observed, family, folds, seed)):
        _check_terms([terms[at] for at in learned])
        model = new_model().fit([terms[at] for at in learned], observed[learned])
        predicted = model.predict_proba([terms[at] for at in held_out])
        probabilities[np.ix_(held_out, model.classes_)] = predicted
        fold_of[held_out] = number
    return probabilities, fold_of


def _check_numbers(*, folds: int, resamples: int) -> None:
    if folds < 2 or resamples < 1:
        raise AnalysisError(
            f"A prediction is judged on at least two folds and one resampling, and not on folds={folds} and "
            f"resamples={resamples}: leave them out for {FOLDS} folds and {RESAMPLES:,} resamplings."
        )


def _check_terms(terms: Sequence[Sequence[str]]) -> None:
    carriers = Counter(term for found in terms for term in observed_and_implied(found))
    if max(carriers.values(), default=0) < FEWEST_CARRIERS:
        raise AnalysisError(
            f"No feature was found in at least {FEWEST_CARRIERS} of the {len(terms):,} people of a fold, so that there is "
            "nothing to learn from: widen the cohort."
        )


def _folds(
    observed: Places, family: Places | None, folds: int, seed: int
) -> Iterator[tuple[Places, Places]]:
    """Return pairs of who is learned from and who is held out; with `family`, no family is in both."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    if family is None:
        naive = StratifiedKFold(folds, shuffle=True, random_state=seed)
        yield from naive.split(observed, observed)
    else:
        kept = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        yield from kept.split(observed, observed, groups=family)


def _calibration(observed: Places, probabilities: Numbers) -> float:
    top = probabilities.argmax(axis=1)
    return expected_calibration_error(top == observed, probabilities.max(axis=1))


MEASURES: Mapping[str, Callable[[Places, Numbers], float]] = {
    ACCURACY: accuracy,
    RANKING: mean_ranking_score,
    BRIER: brier_score,
    CALIBRATION: _calibration,
}


def _scores_and_gaps(
    observed: Places, probabilities: Sequence[Numbers], draws: Sequence[Places]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return each measure under both splits, and their difference, with intervals over families.

    The same families are drawn for both splits: the difference is a paired one.
    """
    import numpy as np
    import pandas as pd

    def measured(chosen: Any) -> Numbers:
        return np.array(
            [
                [measure(observed[chosen], of_split[chosen]) for measure in MEASURES.values()]
                for of_split in probabilities
            ]
        )

    values = measured(slice(None))
    drawn = np.stack([measured(chosen) for chosen in draws])
    drawn[..., list(MEASURES).index(CALIBRATION)] = np.nan
    differences = drawn[:, SPLITS.index(APART)] - drawn[:, SPLITS.index(TOGETHER)]
    by_split = pd.MultiIndex.from_product([SPLITS, MEASURES], names=["split", "measure"])
    return (
        _with_interval(values.ravel(), drawn.reshape(len(draws), -1), by_split),
        _with_interval(
            values[SPLITS.index(APART)] - values[SPLITS.index(TOGETHER)],
            differences,
            pd.Index(list(MEASURES), name="measure"),
        ),
    )


def _accuracy_by_kinship(
    observed: Places,
    probabilities: Sequence[Numbers],
    relative_here: Flags,
    draws: Sequence[Places],
) -> pd.DataFrame:
    """Return the accuracy among people with and without an affected relative here, under both splits."""
    import numpy as np
    import pandas as pd

    right = np.stack([one.argmax(axis=1) == observed for one in probabilities])
    groups = (True, False)

    def measured(chosen: Any) -> Numbers:
        among = [relative_here[chosen] == group for group in groups]
        return np.array(
            [one[chosen][kept].mean() if kept.any() else np.nan for kept in among for one in right]
        )

    return _with_interval(
        measured(slice(None)),
        np.stack([measured(chosen) for chosen in draws]),
        pd.MultiIndex.from_product([groups, SPLITS], names=["relative_here", "split"]),
    )


def _with_interval(values: Numbers, drawn: Numbers, index: pd.Index) -> pd.DataFrame:
    """Return values with the central 95 % of what was measured on families drawn anew; nan where nothing was."""
    import numpy as np
    import pandas as pd

    low, high = np.full((2, len(values)), np.nan)
    known = ~np.isnan(drawn).all(axis=0)
    low[known], high[known] = np.nanquantile(drawn[:, known], [0.025, 0.975], axis=0)
    return pd.DataFrame({"value": values, "low": low, "high": high}, index=index)


def families_drawn(family: Places, seed: int, resamples: int) -> Iterator[Places]:
    """Return, time after time, the places of the people of as many families, drawn with replacement.

    People of one family are no independent observations: drawing people would give intervals that are too
    narrow.

    Parameters
    ----------
    family
        The number of each person's family, from 0 up without gaps.
    """
    import numpy as np

    random = np.random.default_rng(seed)
    order = np.argsort(family, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(family))[:-1])
    for _ in range(resamples):
        drawn = random.integers(len(members), size=len(members))
        yield np.concatenate([members[number] for number in drawn])
