"""The planted change of health after a result, found again in the files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gecip.model.quality_of_life import DIMENSIONS, utility
from gecip.synthetic import read_answers


@pytest.fixture(scope="module")
def answered(clinical_release_folder: Path) -> pd.DataFrame:
    rows = pd.read_parquet(clinical_release_folder / "tables" / "quality_of_life.parquet")
    rows["response_date"] = pd.to_datetime(rows["response_date"])
    worth = [utility(levels) for levels in rows[list(DIMENSIONS)].itertuples(index=False)]
    return rows.assign(utility=worth)


def results(clinical_release_folder: Path) -> pd.DataFrame:
    reports = pd.read_parquet(clinical_release_folder / "tables" / "gmc_exit_questionnaire.parquet")
    return (
        reports.assign(solved=reports["case_solved_family"].isin(["yes", "partially"]))
        .groupby("participant_id")
        .agg(solved=("solved", "any"), day=("event_date", "max"))
    )


def test_a_diagnosis_betters_health_by_what_was_planted_and_another_result_does_not(
    clinical_release_folder: Path, answered: pd.DataFrame
) -> None:
    (answer,) = [
        one for one in read_answers(clinical_release_folder) if one.kind == "quality_of_life"
    ]
    by_occasion = answered.pivot_table(index="participant_id", columns="occasion", values="utility")
    assert by_occasion["baseline"].mean() == pytest.approx(
        answer.expected["baseline_utility"], abs=0.02
    )
    change = (by_occasion["follow-up"] - by_occasion["baseline"]).dropna()
    solved = results(clinical_release_folder)["solved"].reindex(change.index)
    planted = answer.expected["change_after_result"]
    for is_solved, group, count in (
        (True, "Diagnosis made", "people_diagnosed"),
        (False, "No diagnosis", "people_not_diagnosed"),
    ):
        mine = change[solved == is_solved]
        assert len(mine) == answer.expected[count] >= 100
        assert abs(mine.mean() - planted[group]) < 3.5 * mine.sem()
    assert planted["Diagnosis made"] > 3.5 * change[solved].sem()


def test_who_has_a_result_answers_again_after_it_and_before_it_once(
    clinical_release_folder: Path, answered: pd.DataFrame
) -> None:
    result = pd.to_datetime(results(clinical_release_folder)["day"])
    before = answered[answered["occasion"] == "baseline"]
    after = answered[answered["occasion"] == "follow-up"]
    assert (after["response_date"] > after["participant_id"].map(result)).all()
    assert not (before["response_date"] >= before["participant_id"].map(result)).any()
    assert not answered.duplicated(["participant_id", "occasion"]).any()


def test_levels_and_the_scale_keep_within_their_bounds_and_go_together(
    answered: pd.DataFrame,
) -> None:
    assert answered[list(DIMENSIONS)].isin(range(1, 6)).all(axis=None)
    assert answered["visual_analogue_scale"].between(0, 100).all()
    assert answered["visual_analogue_scale"].corr(answered["utility"]) > 0.7


def test_the_best_health_is_worth_one_and_every_level_less() -> None:
    assert utility([1] * 5) == 1.0
    assert utility([1, 1, 1, 1, 2]) < 1.0
    assert utility([5] * 5) == pytest.approx(0.2)
