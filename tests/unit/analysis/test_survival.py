from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from gecip.analysis.clinical.cox_model import (
    compare_entries,
    hazard_ratios,
    log_rank_test,
    proportionality_tests,
)
from gecip.analysis.clinical.survival import (
    DIED_BEFORE_ENTRY,
    DIED_BEFORE_ORIGIN,
    ENTERED_AFTER_END,
    NO_ENTRY,
    NO_GROUP,
    NO_ORIGIN,
    FollowUp,
    follow_up,
    survival_curves,
)
from gecip.errors import AnalysisError
from tests.products import BY_HAND
from tests.survival_data import LAST_DAY, drawn, followed, lung

SAME_DELAY = {"wild type": 400.0, "mutated": 400.0}


def test_the_lung_cancer_data_give_the_published_hazard_ratio_medians_and_log_rank_test() -> None:
    ratios = hazard_ratios(lung())
    of_sex = ratios.terms.iloc[0]
    assert of_sex["coefficient"] == pytest.approx(-0.53102, abs=5e-6)
    assert of_sex["standard_error"] == pytest.approx(0.16718, abs=5e-6)
    assert of_sex["p"] == pytest.approx(0.00149, abs=5e-6)
    assert ratios.log_rank == pytest.approx(10.33, abs=5e-3)
    assert ratios.log_rank_p == pytest.approx(0.0013, abs=5e-5)
    medians = survival_curves(lung()).medians.set_index("group")
    assert medians["median"].to_dict() == {"male": 270.0, "female": 426.0}
    assert medians["deaths"].to_dict() == {"male": 112, "female": 53}


def test_coefficients_with_delayed_entry_are_those_of_another_library() -> None:
    from statsmodels.duration.hazard_regression import PHReg

    people = drawn(3, people=300, ratio=2.0, median_days=700, delay_days=SAME_DELAY)
    age = np.random.default_rng(1).normal(60, 10, size=300)
    adjusted = FollowUp(
        BY_HAND,
        people.people.assign(age=age),
        people.groups,
        people.not_followed,
        people.followed_until,
    )
    rows = adjusted.people
    other = PHReg(
        rows["exit"],
        np.column_stack([rows["group"] == "mutated", age]).astype(float),
        status=rows["died"],
        # The other library's risk sets are closed on the left.
        entry=rows["entry"] + 0.5 * (rows["entry"] > 0),
        ties="efron",
    ).fit()
    terms = hazard_ratios(adjusted, adjusted_for=["age"]).terms
    assert terms["coefficient"].to_numpy() == pytest.approx(other.params, rel=1e-4)
    assert terms["standard_error"].to_numpy() == pytest.approx(other.bse, rel=1e-4)


def test_the_test_of_proportional_hazards_is_that_of_lifelines_where_it_has_one() -> None:
    from lifelines import CoxPHFitter
    from lifelines.statistics import proportional_hazard_test

    rows = lung().people.assign(female=lambda frame: (frame["group"] == "female").astype(float))
    # Ties are counted otherwise there: without them both are the same.
    rows["exit"] += np.arange(len(rows)) * 1e-6
    columns = rows[["exit", "died", "female", "age"]]
    model = CoxPHFitter().fit(columns, "exit", "died")
    theirs = proportional_hazard_test(model, columns, time_transform="rank").summary
    ours = proportionality_tests(
        rows[["female", "age"]].to_numpy(), rows, model.params_[["female", "age"]].to_numpy()
    )
    assert ours == pytest.approx(theirs.loc[["female", "age"], "p"].to_numpy(), rel=2e-3)


def test_hazards_that_cross_are_told_by_the_test_of_proportionality() -> None:
    stream = np.random.default_rng(8)
    early, late = stream.exponential(200, size=200), 500 + stream.exponential(60, size=200)
    crossing = followed(
        ("steady", "late"),
        group=["steady"] * 200 + ["late"] * 200,
        leaves=np.ceil(np.concatenate([early, late])),
        died=[True] * 400,
    )
    assert hazard_ratios(crossing).terms.iloc[0]["proportionality_p"] < 1e-6


@pytest.mark.slow
def test_delayed_entry_recovers_the_truth_which_ignoring_it_misses() -> None:
    # The group of the higher hazard is sequenced later, so that more of its people died unseen.
    people = drawn(
        11,
        people=2000,
        ratio=2.0,
        median_days=700,
        delay_days={"wild type": 100.0, "mutated": 400.0},
    )
    compared = compare_entries(people)
    right, naive = compared.delayed.terms.iloc[0], compared.ignored.terms.iloc[0]
    assert right["low"] < 2.0 < right["high"]
    assert naive["high"] < 2.0
    delayed = compared.delayed_medians.set_index("group")
    ignored = compared.ignored_medians.set_index("group")
    assert delayed.at["mutated", "median"] == pytest.approx(350, rel=0.15)
    assert ignored.at["mutated", "median"] > 1.5 * 350


def test_the_log_rank_test_with_delayed_entry_agrees_with_the_score_of_the_model() -> None:
    people = drawn(4, people=400, ratio=1.8, median_days=700, delay_days=SAME_DELAY)
    statistic, p = log_rank_test(people)
    term = hazard_ratios(people).terms.iloc[0]
    assert statistic == pytest.approx((term["coefficient"] / term["standard_error"]) ** 2, rel=0.1)
    assert p < 1e-3


def test_survival_by_hand_counts_people_from_their_entry_on() -> None:
    # Ten enter at the origin, one leaves by death on day 10; then ten more enter on day 20, two die on day 30.
    people = followed(
        ("all",),
        group=["all"] * 20,
        entry=[0.0] * 10 + [20.0] * 10,
        leaves=[10, *[100] * 9, 30, 30, *[100] * 8],
        died=[True, *[False] * 9, True, True, *[False] * 8],
    )
    steps = survival_curves(people).steps
    assert steps["at_risk"].tolist() == [10, 19]
    assert steps["survival"].tolist() == pytest.approx([9 / 10, 9 / 10 * 17 / 19])
    naive = survival_curves(people.ignoring_entry()).steps
    assert naive["at_risk"].tolist() == [20, 19]
    assert naive["survival"].tolist() == pytest.approx([19 / 20, 19 / 20 * 17 / 19])


def test_nobody_is_at_risk_of_a_death_on_the_day_of_entry() -> None:
    people = followed(
        ("all",),
        group=["all"] * 12,
        entry=[0.0] * 6 + [10.0] * 6,
        leaves=[10, *[50] * 11],
        died=[True, *[False] * 11],
    )
    assert survival_curves(people).steps["at_risk"].tolist() == [6]


def test_a_death_among_the_first_two_does_not_halve_the_curve_for_good() -> None:
    people = followed(
        ("all",),
        group=["all"] * 22,
        entry=[1.0, 1.0] + [30.0] * 20,
        leaves=[5, 400, *[40], *[400] * 19],
        died=[True, False, True, *[False] * 19],
    )
    curves = survival_curves(people)
    assert curves.medians["begins"].tolist() == [30.0]
    assert curves.steps["survival"].tolist() == pytest.approx([20 / 21])
    assert np.isnan(curves.grid["survival"].iloc[0])


def test_steps_with_few_at_risk_are_told() -> None:
    leaves = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0]
    people = followed(("all",), group=["all"] * 7, leaves=leaves, died=[True] * 7)
    steps = survival_curves(people).steps
    assert steps["at_risk"].tolist() == [7, 6, 5, 4, 3, 2, 1]
    assert steps["few_at_risk"].tolist() == [False] * 3 + [True] * 4


def dated(**changes: object) -> pd.DataFrame:
    """Return two people of each group who can be followed, with `changes` for the first."""
    rows = pd.DataFrame(
        {
            "participant_id": [1, 2, 3, 4],
            "family_id": [pd.NA] * 4,
            "group": ["a", "a", "b", "b"],
            "origin": pd.to_datetime(["2016-01-01"] * 4),
            "entered": pd.to_datetime(["2016-01-31"] * 4),
            "died_on": pd.to_datetime(["2017-01-01", None, "2018-01-01", None]),
        }
    )
    for name, value in changes.items():
        rows[name] = rows[name].astype(object).where(rows["participant_id"] != 1, value)
    return rows


def followed_from(rows: pd.DataFrame) -> FollowUp:
    return follow_up(rows, groups=("a", "b"), followed_until=LAST_DAY, provenance=BY_HAND)


def test_dates_become_days_since_the_diagnosis() -> None:
    people = followed_from(dated()).people
    until_end = (LAST_DAY - datetime.date(2016, 1, 1)).days
    assert people["entry"].tolist() == [30.0] * 4
    assert people["exit"].tolist() == [366.0, until_end, 731.0, until_end]
    assert people["died"].tolist() == [True, False, True, False]


def test_who_was_sequenced_before_the_diagnosis_is_observed_from_the_diagnosis_on() -> None:
    assert followed_from(dated(entered="2015-12-01")).people["entry"].iloc[0] == 0.0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"origin": None}, NO_ORIGIN),
        ({"entered": None}, NO_ENTRY),
        ({"group": "c"}, NO_GROUP),
        ({"group": None}, NO_GROUP),
        ({"died_on": "2016-01-31"}, DIED_BEFORE_ENTRY),
        ({"died_on": "2015-12-31"}, DIED_BEFORE_ORIGIN),
        ({"died_on": None, "entered": "2024-03-01"}, ENTERED_AFTER_END),
    ],
)
def test_who_cannot_be_followed_is_left_out_and_counted_and_nothing_is_imputed(
    changes: dict[str, object], reason: str
) -> None:
    result = followed_from(dated(**changes))
    assert result.people["participant_id"].tolist() == [2, 3, 4]
    assert dict(result.left_out) == {reason: 1}


def test_a_death_after_the_last_day_is_no_death_yet() -> None:
    people = followed_from(dated(died_on="2024-06-01")).people
    assert not people["died"].iloc[0]
    assert people["exit"].iloc[0] == people["exit"].iloc[1]


def test_bad_follow_ups_are_refused_in_a_sentence() -> None:
    with pytest.raises(AnalysisError, match="Nobody can be followed"):
        followed_from(dated().assign(origin=pd.NaT))
    with pytest.raises(AnalysisError, match="Nobody who can be followed is in the group 'c'"):
        follow_up(dated(), groups=("a", "c"), followed_until=LAST_DAY, provenance=BY_HAND)
    with pytest.raises(AnalysisError, match="counted twice"):
        followed_from(pd.concat([dated(), dated()], ignore_index=True))


def test_models_that_cannot_be_fitted_are_refused_in_a_sentence() -> None:
    alone = followed(("a",), group=["a"] * 30, leaves=range(1, 31), died=[True] * 30)
    with pytest.raises(AnalysisError, match="there is one"):
        hazard_ratios(alone)
    alive = followed(
        ("a", "b"), group=["a", "b"] * 20, leaves=range(1, 41), died=[True, False] * 20
    )
    with pytest.raises(AnalysisError, match="Nobody in the group 'b' has died"):
        hazard_ratios(alive)
    few = followed(
        ("a", "b"), group=["a", "b"] * 4, leaves=range(1, 9), died=[True] * 8, age=np.arange(8.0)
    )
    with pytest.raises(AnalysisError, match="8 deaths do not carry 2 coefficients"):
        hazard_ratios(few, adjusted_for=["age"])
    with pytest.raises(AnalysisError, match="no covariate 'stage'"):
        hazard_ratios(lung(), adjusted_for=["stage"])
    missing = followed(
        ("a", "b"),
        group=["a", "b"] * 20,
        leaves=range(1, 41),
        died=[True] * 40,
        age=[np.nan] + [60.0] * 39,
    )
    with pytest.raises(AnalysisError, match="1 people have no 'age', and nothing is imputed"):
        hazard_ratios(missing, adjusted_for=["age"])
    parted = followed(
        ("a", "b"), group=["a"] * 20 + ["b"] * 20, leaves=range(1, 41), died=[True] * 40
    )
    with pytest.raises(AnalysisError, match="parts those who died"):
        hazard_ratios(parted)
    with pytest.raises(AnalysisError, match="has lost its entries"):
        compare_entries(lung().ignoring_entry())


def test_a_result_tells_counts_and_no_person() -> None:
    for result in (lung(), survival_curves(lung()), hazard_ratios(lung())):
        assert "228" in repr(result)
        assert "participant" not in repr(result)
