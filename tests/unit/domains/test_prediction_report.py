"""What is said of predictions, and what of it may leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from domains.machine_learning import (
    DiagnosisPrediction,
    plot_kinship,
    plot_reliability,
    predict_diagnosis,
    summarise_by_kinship,
    summarise_reliability,
)
from domains.machine_learning.calibration import BINS
from domains.machine_learning.diagnosis_prediction import ACCURACY, APART, SPLITS, TOGETHER
from domains.machine_learning.prediction_report import (
    ALL_BINS,
    CONFIDENCE,
    EVERYONE,
    FAMILIES,
    HIGH,
    LOW,
    PEOPLE,
    RIGHT,
    WITH_RELATIVE,
    WITHOUT_RELATIVE,
)
from gecip.airlock import ExportRequest, Verdict, request_export
from gecip.analysis.clinical.diagnostic_yield import wilson_interval
from gecip.errors import ReportingError
from gecip.reporting import Figure, Summary, list_rows, summarise
from tests.known_people import ids_of, unknown_numbers, whole_of
from tests.unit.domains.handmade_families import Family, cohort_of

pytestmark = pytest.mark.slow

TERMS = {"Neurology": "HP:0001250", "Eyes": "HP:0000518", "Kidneys": "HP:0000107"}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> DiagnosisPrediction:
    """Predictions of 60 families, every third of two people, in one of ten of which nothing fits."""
    groups = list(TERMS)
    families = [
        Family(
            groups[number % 3],
            [[TERMS[groups[(number + (number % 10 == 0)) % 3]]]] * (1 + (number % 3 == 0)),
        )
        for number in range(60)
    ]
    cohort = cohort_of(tmp_path_factory.mktemp("predicted") / "release", families)
    return predict_diagnosis(cohort, resamples=100)


def ask(item: Any, folder: Path) -> ExportRequest:
    return request_export(
        [item], project="RR91", purpose="Table 2 of the paper", folder=folder / "asked"
    )


SUMMARIES = {
    "measures": summarise,
    "by kinship": summarise_by_kinship,
    "reliability": summarise_reliability,
}
FIGURES = {
    "kinship": lambda result: plot_kinship(summarise_by_kinship(result)),
    "reliability": lambda result: plot_reliability(summarise_reliability(result)),
}


# ---------------------------------------------------------------------------------------------------------------------
# Numbers
# ---------------------------------------------------------------------------------------------------------------------


def test_measures_are_given_by_split_for_the_same_people(result: DiagnosisPrediction) -> None:
    table = summarise(result).table
    assert table.index.tolist() == list(SPLITS)
    assert table[PEOPLE].tolist() == [80, 80]
    assert table[FAMILIES].tolist() == [60, 60]
    for split in SPLITS:
        people = result.of_split(split)[0]
        right = (people["observed"] == people["predicted"]).sum()
        assert table.at[split, RIGHT] == right
        assert table.at[split, ACCURACY] == pytest.approx(right / 80)
        assert table.at[split, f"{ACCURACY} from"] == result.scores.loc[(split, ACCURACY), "low"]


def test_the_gap_is_said_with_its_interval(result: DiagnosisPrediction) -> None:
    gap = result.gaps.loc[ACCURACY]
    note = summarise(result).notes[0]
    assert f"{gap['value']:+.3f}" in note
    assert f"{gap['low']:+.3f} to {gap['high']:+.3f}" in note


def test_people_with_and_without_relatives_are_everyone(result: DiagnosisPrediction) -> None:
    table = summarise_by_kinship(result).table
    for split in SPLITS:
        for column in (PEOPLE, FAMILIES, RIGHT):
            parts = (
                table.at[(WITH_RELATIVE, split), column],
                table.at[(WITHOUT_RELATIVE, split), column],
            )
            assert table.at[(EVERYONE, split), column] == sum(parts)
    assert table.at[(WITH_RELATIVE, TOGETHER), PEOPLE] == 40
    assert table.at[(WITH_RELATIVE, TOGETHER), FAMILIES] == 20


def test_bins_hold_everyone_once_and_rise_in_confidence(result: DiagnosisPrediction) -> None:
    table = summarise_reliability(result).table
    for split in SPLITS:
        bins = table.loc[split].drop(ALL_BINS)
        assert 1 < len(bins) <= BINS
        assert bins[PEOPLE].sum() == table.at[(split, ALL_BINS), PEOPLE] == 80
        assert bins[RIGHT].sum() == table.at[(split, ALL_BINS), RIGHT]
        assert bins[CONFIDENCE].is_monotonic_increasing
        for row in bins.itertuples():
            low, high = wilson_interval(bins.at[row.Index, RIGHT], bins.at[row.Index, PEOPLE])
            assert (bins.at[row.Index, LOW], bins.at[row.Index, HIGH]) == (low, high)


# ---------------------------------------------------------------------------------------------------------------------
# Figures
# ---------------------------------------------------------------------------------------------------------------------


def test_the_figure_by_kinship_names_all_it_draws(result: DiagnosisPrediction) -> None:
    summary = summarise_by_kinship(result)
    figure = plot_kinship(summary)
    assert "80 people in 60 families" in figure.caption
    right = summary.table.at[(WITH_RELATIVE, APART), RIGHT]
    assert f"{WITH_RELATIVE}, families torn apart: {right} of 40" in figure.alt_text
    texts = [text.get_text() for axes in figure.drawing.axes for text in axes.texts]
    assert f"{right} of 40" in texts
    assert len(texts) == len(summary.table)


def test_the_reliability_figure_has_a_point_for_each_bin(result: DiagnosisPrediction) -> None:
    summary = summarise_reliability(result)
    panels = plot_reliability(summary).drawing.axes
    for split, axes in zip(SPLITS, panels, strict=True):
        points = [line for line in axes.lines if line.get_marker() in ("o", "D")]
        bins = summary.table.loc[split].drop(ALL_BINS)
        assert axes.get_title(loc="left") == split
        drawn = sorted((float(p.get_xdata()[0]), float(p.get_ydata()[0])) for p in points)
        wanted = sorted(zip(100 * bins[CONFIDENCE], 100 * bins[ACCURACY], strict=True))
        assert np.allclose(drawn, wanted)


@pytest.mark.parametrize("plot", [plot_kinship, plot_reliability])
def test_a_figure_of_another_summary_says_which_it_needs(
    result: DiagnosisPrediction, plot: Any
) -> None:
    with pytest.raises(ReportingError, match="give that of summarise_"):
        plot(summarise(result))


# ---------------------------------------------------------------------------------------------------------------------
# The way out
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SUMMARIES)
def test_a_summary_may_ask_to_leave(result: DiagnosisPrediction, name: str, tmp_path: Path) -> None:
    summary = SUMMARIES[name](result)
    assert isinstance(summary, Summary)
    assert ask(summary, tmp_path).verdict in (Verdict.PASS, Verdict.REVIEW)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_may_ask_to_leave_and_is_drawn_without_what_is_masked(
    result: DiagnosisPrediction, name: str, tmp_path: Path
) -> None:
    figure = FIGURES[name](result)
    request = ask(figure, tmp_path)
    assert request.verdict in (Verdict.PASS, Verdict.REVIEW)
    masked = request.items[0].product
    assert isinstance(masked, Figure)
    hidden = {
        row
        for row in masked.of.table.index
        if masked.of.is_masked(row, ACCURACY) and row[1] != ALL_BINS
    }
    assert hidden
    assert len(_points(masked)) == len(_points(figure)) - len(hidden)


def test_predictions_of_single_people_stay(result: DiagnosisPrediction, tmp_path: Path) -> None:
    listing = list_rows(result)
    assert len(listing) == 160
    assert ask(listing, tmp_path).verdict is Verdict.FAIL


@pytest.mark.parametrize("kind", ["model", "path", "bytes"])
def test_a_fitted_model_is_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    file = tmp_path / "model.joblib"
    joblib.dump(model, file)
    item = {"model": model, "path": file, "bytes": file.read_bytes()}[kind]
    request = ask(item, tmp_path)
    assert request.verdict is Verdict.FAIL
    assert request.folder is None
    (finding,) = request.items[0].findings
    assert "does not say how many people stand behind it" in finding.sentence
    assert "Summary" in finding.rule.remedy


def _points(figure: Figure) -> list[Any]:
    """Return the marks that are drawn: those whose place is known."""
    return [
        line
        for axes in figure.drawing.axes
        for line in axes.lines
        if line.get_marker() in ("o", "D") and np.isfinite(line.get_xydata()).all()
    ]


def test_the_people_of_a_row_stand_behind_its_measures_and_those_named_rightly_behind_accuracy(
    result: DiagnosisPrediction,
) -> None:
    for make in SUMMARIES.values():
        assert unknown_numbers(make(result)) == 0
    summary = summarise_by_kinship(result)
    people = result.of_split(APART)[0]
    alone = people[~people["relative_here"]]
    row = (WITHOUT_RELATIVE, APART)
    assert ids_of(summary, row, PEOPLE) == set(alone["participant_id"])
    right = alone[alone["observed"] == alone["predicted"]]["participant_id"]
    assert ids_of(summary, row, RIGHT) == ids_of(summary, row, ACCURACY) == set(right)
    assert ids_of(summary, row, LOW) == set(alone["participant_id"])
    assert whole_of(summary) == set(people["participant_id"])
