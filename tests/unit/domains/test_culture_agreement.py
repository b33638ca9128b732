from __future__ import annotations

import pandas as pd
import pytest

from domains.infectious_disease.culture_agreement import (
    CultureAgreement,
    Outcome,
    compare_with_culture,
    outcome_of,
)
from domains.infectious_disease.resistance_prediction import predict_resistance
from gecip.errors import AnalysisError
from tests.unit.domains.handmade_isolates import isolates_of, variant

FOUND = [variant("rpoB_p.Ser450Leu")]
GAP = {"gap": [(761_154, 761_156)]}


def agreement(**facts: object) -> CultureAgreement:
    """Return how six isolates agree: two right each way, one missed, and one with a gap."""
    isolates = isolates_of(
        {"r1": FOUND, "r2": FOUND, "missed": [], "s1": [], "wrong": FOUND, "gap": []},
        gaps=GAP,
        tests={
            ("r1", "Rifampicin"): "R",
            ("r2", "Rifampicin"): "R",
            ("missed", "Rifampicin"): "R",
            ("s1", "Rifampicin"): "S",
            ("wrong", "Rifampicin"): "S",
            ("gap", "Rifampicin"): "R",
        },
    )
    return compare_with_culture(predict_resistance(isolates), **facts)  # type: ignore[arg-type]


def test_the_four_outcomes_are_counted_without_isolates_that_have_a_gap() -> None:
    found = agreement()
    assert found.counts.loc["Rifampicin"].to_dict() == {
        "true positive": 2,
        "false positive": 1,
        "false negative": 1,
        "true negative": 1,
    }
    assert found.set_aside["Rifampicin"] == 1


def test_isolates_with_a_gap_can_be_kept_and_are_then_missed() -> None:
    found = agreement(keep_uncalled=True)
    assert found.counts.at["Rifampicin", "false negative"] == 2
    assert found.set_aside["Rifampicin"] == 0


def test_the_measures_are_shares_of_their_own_bases() -> None:
    measures = agreement().measures.loc["Rifampicin"]
    assert measures["right"].astype(int).tolist() == [2, 1, 2]
    assert measures["among"].astype(int).tolist() == [3, 2, 3]
    assert measures["share"].tolist() == pytest.approx([2 / 3, 1 / 2, 2 / 3])
    assert ((measures["low"] < measures["share"]) & (measures["share"] < measures["high"])).all()


def test_an_isolate_with_a_gap_is_left_out_whatever_was_found_in_it() -> None:
    isolates = isolates_of(
        {"gap": [variant("rpoB_p.Asp435Val")], "other": []},
        gaps=GAP,
        tests={("gap", "Rifampicin"): "R", ("other", "Rifampicin"): "S"},
    )
    found = compare_with_culture(predict_resistance(isolates))
    assert found.rows["isolate"].tolist() == ["other"]


def test_only_tests_of_the_category_asked_for_are_compared() -> None:
    isolates = isolates_of({"a": []}, tests={("a", "Rifampicin"): "R"}, category="CC")
    prediction = predict_resistance(isolates)
    assert (
        compare_with_culture(prediction, category="CC").counts.at["Rifampicin", "false negative"]
        == 1
    )
    with pytest.raises(AnalysisError, match="category 'WHO'"):
        compare_with_culture(prediction)
    with pytest.raises(AnalysisError, match="name one of WHO, CC"):
        compare_with_culture(prediction, category="MIC")


def test_an_isolate_with_two_different_tests_is_left_out_and_counted() -> None:
    isolates = isolates_of({"a": [], "b": []}, tests={("b", "Rifampicin"): "S"})
    both = pd.DataFrame(
        {
            "isolate": "a",
            "drug": "Rifampicin",
            "phenotypic_category": "WHO",
            "phenotype": ["R", "S"],
        }
    )
    object.__setattr__(isolates, "susceptibility", pd.concat([isolates.susceptibility, both]))
    found = compare_with_culture(predict_resistance(isolates))
    assert found.rows["isolate"].tolist() == ["b"]
    assert found.contradictory["Rifampicin"] == 1


@pytest.mark.parametrize(
    ("prediction", "phenotype", "outcome"),
    [
        ("resistant", "R", Outcome.TRUE_POSITIVE),
        ("resistant", "S", Outcome.FALSE_POSITIVE),
        ("uncertain", "R", Outcome.FALSE_NEGATIVE),
        ("uncertain", "S", Outcome.TRUE_NEGATIVE),
        ("susceptible", "S", Outcome.TRUE_NEGATIVE),
    ],
)
def test_what_is_uncertain_counts_as_susceptible(
    prediction: str, phenotype: str, outcome: Outcome
) -> None:
    assert outcome_of(prediction, phenotype) is outcome
