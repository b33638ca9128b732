"""Predictions of a diagnosis: on families whose truth is known, and against scikit-learn by another way."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from domains.machine_learning import PEOPLE_WITH_FEATURES, DiagnosisPrediction, predict_diagnosis
from domains.machine_learning.diagnosis_prediction import (
    ACCURACY,
    APART,
    BRIER,
    CALIBRATION,
    OTHER_GROUP,
    RANKING,
    SPLITS,
    TOGETHER,
    _folds,
    families_drawn,
)
from domains.machine_learning.phenotype_terms import affected_people, observed_and_implied
from gecip.cohort import Cohort, define_cohort, select_cohort
from gecip.errors import AnalysisError, UnknownColumnError, UnknownTableError
from gecip.tables import participants
from tests.unit.domains.handmade_families import Family, cohort_of, tables_of

SEIZURE, CATARACT, RENAL_CYST = "HP:0001250", "HP:0000518", "HP:0000107"
NEUROLOGY, EYES, KIDNEYS = "Neurology", "Eyes", "Kidneys"
FEW = {"resamples": 50}


def family_of_its_own_term(number: int, size: int) -> Family:
    """Return a family that shares a term which nobody else has, and which tells nothing of its disease."""
    group = NEUROLOGY if number % 2 else EYES
    return Family(group, [[f"HP:9{number:06d}"]] * size)


def family_of_its_disease(number: int, size: int) -> Family:
    """Return a family whose term tells its disease, whoever its members are."""
    group, term = ((NEUROLOGY, SEIZURE), (EYES, CATARACT), (KIDNEYS, RENAL_CYST))[number % 3]
    other = (SEIZURE, CATARACT, RENAL_CYST)[(number + 1) % 3]
    # In one person of five the clinician noted the feature of another disease.
    drawn = random.Random(number)
    return Family(group, [[other if drawn.random() < 0.2 else term] for _ in range(size)])


@pytest.fixture(scope="module")
def memorised(tmp_path_factory: pytest.TempPathFactory) -> DiagnosisPrediction:
    """Predictions where nothing but the family can be learned: 30 families of six."""
    families = [family_of_its_own_term(number, 6) for number in range(30)]
    return predict_diagnosis(cohort_of(tmp_path_factory.mktemp("memorised") / "own", families))


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> DiagnosisPrediction:
    """Predictions where the term tells the disease four times out of five: families of one to three."""
    families = [family_of_its_disease(number, 1 + number % 3 // 2 * 2) for number in range(60)]
    return predict_diagnosis(cohort_of(tmp_path_factory.mktemp("learned") / "own", families))


def score(result: DiagnosisPrediction, split: str, measure: str) -> float:
    return float(result.scores.loc[(split, measure), "value"])


# ---------------------------------------------------------------------------------------------------------------------
# Families
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_who_can_only_remember_is_flattered_when_families_are_torn_apart(
    memorised: DiagnosisPrediction,
) -> None:
    assert score(memorised, APART, ACCURACY) >= 0.95
    assert score(memorised, TOGETHER, ACCURACY) <= 0.55
    assert memorised.gaps.loc[ACCURACY, "low"] > 0.2
    assert memorised.gaps.loc[RANKING, "low"] > 0.2


@pytest.mark.slow
def test_what_holds_of_new_families_is_no_better_with_families_torn_apart(
    learned: DiagnosisPrediction,
) -> None:
    assert score(learned, TOGETHER, ACCURACY) == pytest.approx(0.8, abs=0.1)
    gap = learned.gaps.loc[ACCURACY]
    assert gap["low"] <= 0 <= gap["high"]
    assert abs(gap["value"]) < 0.05


@pytest.mark.slow
def test_no_family_is_in_two_folds_when_kept_together(memorised: DiagnosisPrediction) -> None:
    folds = {
        split: memorised.of_split(split)[0].groupby("family_id")["fold"].nunique()
        for split in SPLITS
    }
    assert (folds[TOGETHER] == 1).all()
    assert (folds[APART] > 1).mean() > 0.9


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 5), min_size=20, max_size=40), st.integers(2, 5), st.integers(0, 99))
def test_nobody_is_predicted_by_what_was_learned_from_their_family(
    sizes: list[int], folds: int, seed: int
) -> None:
    family = np.repeat(np.arange(len(sizes)), sizes)
    held_out_together = []
    for learned_from, held_out in _folds(family % 2, family, folds, seed):
        assert not set(family[learned_from]) & set(family[held_out])
        held_out_together += held_out.tolist()
    assert sorted(held_out_together) == list(range(len(family)))


@pytest.mark.slow
def test_only_those_with_a_relative_gain_by_memory(tmp_path: Path) -> None:
    families = [family_of_its_own_term(number, 6 if number < 20 else 1) for number in range(60)]
    result = predict_diagnosis(cohort_of(tmp_path / "mixed", families), **FEW)
    gain = result.accuracy_by_kinship["value"].unstack("split")
    assert gain.loc[True, APART] - gain.loc[True, TOGETHER] > 0.4
    assert gain.loc[False, APART] - gain.loc[False, TOGETHER] < 0.2


# ---------------------------------------------------------------------------------------------------------------------
# Measures and intervals
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("split", SPLITS)
def test_measures_are_scikit_learns_on_the_predictions_kept(
    learned: DiagnosisPrediction, split: str
) -> None:
    people, probabilities = learned.of_split(split)
    assert np.allclose(probabilities.sum(axis=1), 1)
    observed, classes = people["observed"], sorted(learned.classes)
    shown = probabilities[classes]
    expected = {
        ACCURACY: accuracy_score(observed, people["predicted"]),
        RANKING: roc_auc_score(observed, shown, multi_class="ovr", labels=classes),
        BRIER: brier_score_loss(observed, shown, labels=classes),
    }
    for measure, value in expected.items():
        assert score(learned, split, measure) == pytest.approx(value)


@pytest.mark.slow
def test_predictions_are_those_of_the_same_model_built_by_hand(tmp_path: Path) -> None:
    families = [family_of_its_disease(number, 1 + number % 2) for number in range(60)]
    cohort = cohort_of(tmp_path / "by-hand", families)
    people, probabilities = predict_diagnosis(cohort, **FEW).of_split(TOGETHER)
    terms = affected_people(cohort).rows["terms"]
    rows = [dict.fromkeys(observed_and_implied(found), 1.0) for found in terms]
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    classes = list(probabilities.columns)
    by_hand = cross_val_predict(
        make_pipeline(DictVectorizer(sparse=False), LogisticRegression(max_iter=5_000)),
        np.array(rows, dtype=object),
        people["observed"].map(classes.index).to_numpy(),
        groups=people["family_id"],
        cv=folds,
        method="predict_proba",
    )
    # Every term here is common enough in each fold, so that leaving out rare ones leaves out none.
    assert np.allclose(probabilities.to_numpy(), by_hand, atol=1e-3)


@pytest.mark.slow
def test_intervals_hold_what_was_measured(learned: DiagnosisPrediction) -> None:
    told = learned.scores.drop(index=CALIBRATION, level="measure")
    assert (told["low"] <= told["value"]).all()
    assert (told["value"] <= told["high"]).all()
    assert learned.scores.xs(CALIBRATION, level="measure")[["low", "high"]].isna().all(axis=None)


def test_families_are_drawn_whole_and_as_many_as_there_are() -> None:
    family = np.array([0, 1, 1, 2, 2, 2])
    for drawn in families_drawn(family, 3, 20):
        counts = pd.Series(drawn).value_counts().reindex(range(6), fill_value=0)
        assert counts[1] == counts[2]
        assert counts[3] == counts[4] == counts[5]
        assert counts[0] + counts[1] + counts[3] == 3


def test_relatives_who_are_all_alike_count_as_one_observation_in_an_interval() -> None:
    family = np.repeat(np.arange(50), 4)
    came_true = (family % 2).astype(float)
    means = [came_true[drawn].mean() for drawn in families_drawn(family, 0, 2_000)]
    # The standard error of a half among 50 families, and not among 200 people.
    assert np.std(means) == pytest.approx(np.sqrt(0.25 / 50), rel=0.1)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_predictions(tmp_path: Path) -> None:
    families = [family_of_its_disease(number, 1) for number in range(36)]
    cohort = cohort_of(tmp_path / "again", families)
    first, second = predict_diagnosis(cohort, **FEW), predict_diagnosis(cohort, **FEW)
    assert first.predictions.equals(second.predictions)
    assert first.scores.equals(second.scores)


# ---------------------------------------------------------------------------------------------------------------------
# People and terms
# ---------------------------------------------------------------------------------------------------------------------


def test_broader_terms_are_learned_from_and_the_top_of_all_is_not() -> None:
    found = observed_and_implied([SEIZURE])
    assert SEIZURE in found
    assert "HP:0000707" in found  # abnormality of the nervous system
    assert not {"HP:0000118", "HP:0000001"} & set(found)
    assert observed_and_implied(["HP:9999999"]) == ["HP:9999999"]


def test_relatives_have_the_disease_group_of_their_family(tmp_path: Path) -> None:
    rows = affected_people(cohort_of(tmp_path / "r", [Family(EYES, [[CATARACT], [SEIZURE]])])).rows
    assert rows["disease_group"].tolist() == [EYES, EYES]
    assert rows["terms"].tolist() == [(CATARACT,), (SEIZURE,)]


@pytest.mark.slow
def test_who_cannot_be_used_is_counted_by_reason(tmp_path: Path) -> None:
    families = [family_of_its_disease(number, 1) for number in range(36)]
    families += [Family(EYES, [[]]), Family(None, [[CATARACT]]), Family("Rare", [[CATARACT]])]
    result = predict_diagnosis(cohort_of(tmp_path / "r", families), **FEW)
    assert result.left_out == {
        "no feature recorded": 1,
        "no disease group in the family": 1,
        "disease group of too few families": 1,
    }
    assert len(result.of_split(APART)[0]) == 36


@pytest.mark.slow
def test_small_groups_are_predicted_together(tmp_path: Path) -> None:
    families = [family_of_its_disease(number, 1) for number in range(36)]
    families += [Family(f"Rare {number}", [[CATARACT]]) for number in range(6)]
    result = predict_diagnosis(cohort_of(tmp_path / "r", families), **FEW)
    assert result.classes[-1] == OTHER_GROUP
    assert result.left_out["disease group of too few families"] == 0


def test_a_feature_that_was_looked_for_and_not_found_teaches_nothing(tmp_path: Path) -> None:
    families = [Family(EYES, [[CATARACT]]), Family(EYES, [[CATARACT]])]
    tables = tables_of(families)["rare_diseases_participant_phenotype"]
    tables[0]["hpo_present"] = "No"
    cohort = cohort_of(
        tmp_path / "r", families, instead={"rare_diseases_participant_phenotype": tables}
    )
    people = affected_people(cohort)
    assert len(people.rows) == 1
    assert people.without_terms == 1


# ---------------------------------------------------------------------------------------------------------------------
# Bad input
# ---------------------------------------------------------------------------------------------------------------------

ENOUGH = [family_of_its_disease(number, 1) for number in range(36)]


@pytest.mark.parametrize(
    "table", ["rare_diseases_participant_phenotype", "rare_diseases_participant_disease"]
)
def test_a_release_without_a_table_says_which(tmp_path: Path, table: str) -> None:
    with pytest.raises(AnalysisError, match=f"the table {table} is needed"):
        predict_diagnosis(cohort_of(tmp_path / "old", ENOUGH, instead={table: None}))


def test_the_domains_own_cohort_says_so_too(tmp_path: Path) -> None:
    old = cohort_of(tmp_path / "old", ENOUGH, instead={"rare_diseases_participant_phenotype": None})
    with pytest.raises(UnknownTableError, match="rare_diseases_participant_phenotype"):
        select_cohort(PEOPLE_WITH_FEATURES, old.release)


def test_a_table_without_a_column_says_which(tmp_path: Path) -> None:
    rows = tables_of(ENOUGH)["rare_diseases_participant_phenotype"]
    for row in rows:
        del row["hpo_present"]
    cohort = cohort_of(
        tmp_path / "old", ENOUGH, instead={"rare_diseases_participant_phenotype": rows}
    )
    with pytest.raises(UnknownColumnError, match="'hpo_present'"):
        predict_diagnosis(cohort)


def test_diseases_without_their_group_say_so(tmp_path: Path) -> None:
    rows = tables_of(ENOUGH)["rare_diseases_participant_disease"]
    renamed = [{"participant_id": row["participant_id"]} for row in rows]
    cohort = cohort_of(
        tmp_path / "old", ENOUGH, instead={"rare_diseases_participant_disease": renamed}
    )
    with pytest.raises(UnknownColumnError, match="'normalised_disease_group'"):
        predict_diagnosis(cohort)


def test_an_empty_cohort_is_told_what_to_do(tmp_path: Path) -> None:
    nobody = define_cohort("Nobody").include(participants.year_of_birth > 3_000, because="a test")
    cohort = select_cohort(nobody, cohort_of(tmp_path / "r", ENOUGH).release)
    with pytest.raises(AnalysisError, match=r"'Nobody' is affected.* widen its definition"):
        predict_diagnosis(cohort)


@pytest.mark.parametrize("families", [ENOUGH[:9], [one for one in ENOUGH if one.group == EYES]])
def test_fewer_than_two_groups_with_families_enough_are_refused(
    tmp_path: Path, families: list[Family]
) -> None:
    with pytest.raises(AnalysisError, match="at least two with 10 families each"):
        predict_diagnosis(cohort_of(tmp_path / "small", families))


def test_features_that_nobody_shares_teach_nothing(tmp_path: Path) -> None:
    families = [family_of_its_own_term(number, 1) for number in range(30)]
    with pytest.raises(AnalysisError, match="No feature was found in at least 3"):
        predict_diagnosis(cohort_of(tmp_path / "alone", families))


@pytest.mark.parametrize("numbers", [{"folds": 1}, {"resamples": 0}])
def test_folds_and_resamplings_that_judge_nothing_are_refused(
    tmp_path: Path, numbers: dict[str, int]
) -> None:
    with pytest.raises(AnalysisError, match="at least two folds and one resampling"):
        predict_diagnosis(cohort_of(tmp_path / "r", ENOUGH), **numbers)


def test_a_message_names_nobody(tmp_path: Path) -> None:
    cohort: Cohort = cohort_of(tmp_path / "r", [Family(EYES, [[CATARACT]])])
    with pytest.raises(AnalysisError) as told:
        predict_diagnosis(cohort)
    assert "1100" not in str(told.value)
    assert "1100" not in repr(affected_people(cohort))
