"""How good probabilities are: whether they rank people rightly, and whether they mean what they say.

Every measure takes what was observed and what was predicted for the same people, in the same order,
and knows no model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Places = npt.NDArray[np.intp]
    Numbers = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

# Into how many bins people are cut: with a few hundred people each then holds some twenty or more.
BINS = 8


@dataclass(frozen=True, eq=False)
class EqualMassBins:
    """People in order of confidence, cut into bins of as equal size as ties allow.

    `bin_of` has one place per person, from 0 up. People of one confidence are in one bin, so that
    the bins do not depend on the order of rows.
    """

    bin_of: Places
    count: int


def equal_mass_bins(confidence: Numbers, *, bins: int) -> EqualMassBins:
    """Return people cut into at most `bins` bins of nearly equal size by their confidence.

    Bins of equal width leave most people in one or two of them when predictions are sure, and the
    error then rests on a handful of people in the others (Nixon 2019).

    Raises
    ------
    AnalysisError
        When there is nobody, or no bin.
    """
    import numpy as np

    if bins < 1 or len(confidence) == 0:
        raise AnalysisError(
            "Calibration needs at least one person and one bin: widen the cohort, or ask for bins=8."
        )
    _, of_person, sizes = np.unique(confidence, return_inverse=True, return_counts=True)
    # Each value goes where the middle of its people falls.
    middle = np.cumsum(sizes) - sizes / 2
    bin_of_value = np.minimum((middle * bins / len(confidence)).astype(int), bins - 1)
    used, dense = np.unique(bin_of_value, return_inverse=True)
    return EqualMassBins(dense[of_person].astype(np.intp), len(used))


def brier_score(observed: Places, probabilities: Numbers) -> float:
    """Return the mean squared distance between probabilities and what came true (Brier 1950): 0 is perfect.

    Over all classes, so that it lies between 0 and 2; of two classes each squared distance would be
    counted twice, and half of it is given, which is the usual score between 0 and 1.

    Parameters
    ----------
    observed
        The place of each person's class.
    probabilities
        Shape (people, classes); rows add up to 1.
    """
    import numpy as np

    truth = np.zeros_like(probabilities)
    truth[np.arange(len(observed)), observed] = 1.0
    score = float(((probabilities - truth) ** 2).sum(axis=1).mean())
    return score / 2 if probabilities.shape[1] == 2 else score


def expected_calibration_error(came_true: Flags, confidence: Numbers, *, bins: int = BINS) -> float:
    """Return by how much confidence and the share that came true differ, over bins of equal mass.

    Each bin counts by its people. 0 is perfect; with few people even perfect probabilities have an error of a
    few hundredths, since a bin's share is itself uncertain.

    Parameters
    ----------
    came_true
        Whether what was predicted held, for each person.
    confidence
        The probability with which it was predicted.
    """
    import numpy as np

    cut = equal_mass_bins(confidence, bins=bins)
    surplus = np.bincount(cut.bin_of, weights=confidence - came_true.astype(float))
    return float(np.abs(surplus).sum() / len(confidence))


def ranking_score(is_case: Flags, score: Numbers) -> float:
    """Return the probability that a case has a higher score than another person: the area under the ROC curve.

    Ties count half (Mann and Whitney 1947). Without a case, or without another person, it is nan.
    """
    import numpy as np
    from scipy.stats import rankdata

    cases = int(is_case.sum())
    others = len(is_case) - cases
    if not cases or not others:
        return float("nan")
    ranks = np.asarray(rankdata(score))
    return float((ranks[is_case].sum() - cases * (cases + 1) / 2) / (cases * others))


def mean_ranking_score(observed: Places, probabilities: Numbers) -> float:
    """Return the area under the ROC curve: of the second of two classes, or the mean of each class against the rest.

    Every class counts the same, however rare; one that nobody has is left out.
    """
    import numpy as np

    classes = probabilities.shape[1]
    wanted = range(1, 2) if classes == 2 else range(classes)
    scores = np.array(
        [ranking_score(observed == place, probabilities[:, place]) for place in wanted]
    )
    return float(np.nanmean(scores)) if not np.isnan(scores).all() else float("nan")


def accuracy(observed: Places, probabilities: Numbers) -> float:
    """Return the share of people whose likeliest class is theirs."""
    return float((probabilities.argmax(axis=1) == observed).mean())
