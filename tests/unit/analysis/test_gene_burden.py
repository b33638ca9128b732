"""Gene burden after geneBurdenRD: people, not alleles; what is tested, by which test, and how it is corrected."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from gecip.analysis.genetic.gene_burden import (
    FEW_CARRIERS,
    FEW_CASES,
    NO_CONTROLS,
    gene_burden,
)
from gecip.analysis.genetic.qualifying import QualifyingVariants, qualifying_rows
from gecip.errors import AnalysisError
from gecip.reporting import summarise
from gecip.reporting.gene_burden_report import plot_gene_burden
from tests.known_people import ids_of, unknown_numbers, whole_of
from tests.products import BY_HAND


def people(count: int, **columns: object) -> pd.DataFrame:
    return pd.DataFrame(
        {"participant_id": range(count), "family_id": range(1000, 1000 + count), **columns}
    )


def carrying(carriers: dict[str, list[int]], everybody: pd.DataFrame) -> QualifyingVariants:
    rows = [(person, gene, "LoF") for gene, some in carriers.items() for person in some]
    frame = pd.DataFrame(rows, columns=["participant_id", "gene", "test"])
    return QualifyingVariants(BY_HAND, carriers=frame, people=everybody, tests=("LoF",))


def test_the_published_design_has_its_p() -> None:
    """PFFS: ten cases, all with FGFR2 c.1694A>C, and a hundred controls (geneBurdenRD's example)."""
    found = gene_burden(
        carrying({"FGFR2": list(range(10))}, people(110)), cases={"PFFS": range(10)}
    )
    row = found.tests.iloc[0]
    assert row["p"] == pytest.approx(2.13e-14, rel=2e-3)
    assert row["p_bonferroni"] == row["q"] == row["p"]
    assert (row["carrying_cases"], row["n_cases"]) == (10, 10)
    assert (row["carrying_controls"], row["n_controls"]) == (0, 100)


@pytest.mark.slow
@given(st.integers(5, 30), st.integers(1, 40), st.data())
def test_fishers_p_is_scipys_one_sided(cases: int, controls: int, data: st.DataObject) -> None:
    d = data.draw(st.integers(1, cases))
    c = data.draw(
        st.integers(max(0, 4 - d), max(controls, 4 - d)).filter(lambda some: some <= controls)
        if controls >= 4 - d
        else st.just(controls)
    )
    found = gene_burden(
        carrying({"A": [*range(d), *range(cases, cases + c)]}, people(cases + controls)),
        cases={"some": range(cases)},
    )
    if d + c < 4:
        assert found.tests.empty
        return
    expected = fisher_exact([[d, cases - d], [c, controls - c]], alternative="greater").pvalue
    assert found.tests.loc[0, "p"] == pytest.approx(expected, rel=1e-9)


def test_what_is_too_little_is_not_tested_and_counted_with_its_reason() -> None:
    everybody = people(30)
    carriers = {"THREE": [0, 1, 20], "FOUR": [0, 1, 20, 21], "NO_CASE": [20, 21, 22, 23, 24]}
    found = gene_burden(
        carrying(carriers, everybody), cases={"six": range(6), "four": range(4), "all": range(30)}
    )
    assert found.tests["gene"].tolist() == ["FOUR"]
    reasons = {
        (row["cases"], row["reason"]): row["count"] for row in found.not_tested.to_dict("records")
    }
    assert reasons == {
        ("six", FEW_CARRIERS): 1,
        ("four", FEW_CASES): 2,
        ("all", NO_CONTROLS): 3,
    }


def test_one_person_of_each_family_is_compared_and_a_carrier_counts_once() -> None:
    everybody = people(40, participant_type=["Relative", "Proband"] * 20)
    everybody["family_id"] = [place // 2 for place in range(40)]
    qualifying = carrying({"A": list(range(12))}, everybody)
    found = gene_burden(qualifying, cases={"first ten": range(10)})
    row = found.tests.iloc[0]
    assert found.is_one_per_family
    assert (row["n_cases"], row["n_controls"]) == (5, 15)
    assert (row["carrying_cases"], row["carrying_controls"]) == (5, 1)
    given_set = gene_burden(qualifying, cases={"first ten": range(10)}, among=range(40))
    assert not given_set.is_one_per_family
    assert given_set.tests.loc[0, "n_cases"] == 10


def test_every_value_of_a_column_makes_a_group_and_all_are_corrected_together() -> None:
    groups = ["Renal"] * 8 + ["Skeletal"] * 8 + [None] * 24
    qualifying = carrying(
        {"A": [0, 1, 2, 3], "B": [8, 9, 10, 30]}, people(40, disease_group=groups)
    )
    found = gene_burden(qualifying, cases="disease_group")
    assert list(found.groups.columns[2:]) == ["Renal", "Skeletal"]
    assert found.tests[["cases", "gene"]].to_numpy().tolist() == [["Renal", "A"], ["Skeletal", "B"]]
    p = found.tests["p"].to_numpy()
    assert found.tests["q"].tolist() == pytest.approx([min(2 * p[0], p[1]), p[1]])
    assert found.tests["p_bonferroni"].tolist() == pytest.approx(np.minimum(2 * p, 1).tolist())


def test_named_controls_are_the_only_controls() -> None:
    qualifying = carrying({"A": [0, 1, 2, 12, 19]}, people(20))
    found = gene_burden(qualifying, cases={"x": range(8)}, controls={"x": range(10, 15)})
    row = found.tests.iloc[0]
    assert (row["carrying_controls"], row["n_controls"]) == (1, 5)
    with pytest.raises(AnalysisError, match="both a case and a control of 'x'"):
        gene_burden(qualifying, cases={"x": range(8)}, controls={"x": range(20)})


def test_firths_estimate_of_a_table_is_its_odds_with_a_half_added() -> None:
    """In a saturated model Firth's penalty is Jeffreys' prior: half a person in every cell (Firth 1993)."""
    qualifying = carrying({"A": [*range(6), 20]}, people(60))
    row = gene_burden(qualifying, cases={"x": range(10)}, method="firth").tests.iloc[0]
    assert row["odds_ratio"] == pytest.approx(6.5 * 49.5 / (4.5 * 1.5), rel=1e-5)
    assert row["low"] < row["odds_ratio"] < row["high"]
    assert row["p"] < 1e-4


def test_a_covariate_that_explains_the_excess_takes_it_away() -> None:
    """Carriers and cases are commoner in one ancestry, and independent within each."""
    random = np.random.default_rng(5)
    other = random.random(600) < 0.3
    is_case = random.random(600) < np.where(other, 0.6, 0.1)
    carries = random.random(600) < np.where(other, 0.5, 0.05)
    everybody = people(
        600, ancestry=np.where(other, "other", "most"), age=random.normal(50, 9, 600)
    )
    everybody.loc[3, "age"] = np.nan
    qualifying = carrying({"A": list(np.flatnonzero(carries))}, everybody)
    cases = {"x": np.flatnonzero(is_case).tolist()}
    crude = gene_burden(qualifying, cases=cases, method="firth").tests.iloc[0]
    adjusted = gene_burden(
        qualifying, cases=cases, method="firth", covariates=["ancestry", "age"]
    ).tests.iloc[0]
    assert crude["p"] < 1e-9
    assert adjusted["p"] > 0.01
    assert adjusted["low"] < 1 < adjusted["high"] or adjusted["odds_ratio"] < 2
    assert adjusted["n_cases"] + adjusted["n_controls"] == 599


def test_the_four_tests_are_made_of_rows_such_as_exomisers() -> None:
    everybody = people(30, family_size=[3] * 15 + [2] * 15)
    rows = pd.DataFrame(
        [
            (0, "A", "stop_gained", 0.2, False, False),
            (1, "A", "missense_variant&splice_region_variant", 0.8, True, False),
            (2, "A", "missense_variant", 0.79, True, True),
            (20, "A", "FRAMESHIFT_VARIANT,intron_variant", 1.0, False, True),
            (20, "A", "missense_variant", 0.9, False, False),
        ],
        columns=[
            "participant_id",
            "gene",
            "consequence",
            "variant_score",
            "is_constrained",
            "is_de_novo",
        ],
    )
    found = qualifying_rows(rows, everybody, provenance=BY_HAND)
    carriers = found.carriers.groupby("test")["participant_id"].apply(list).to_dict()
    # The last person's de novo variant does not count: a family of two.
    assert carriers == {"LoF": [0, 20], "zero80": [1, 20], "ccr": [1], "denovo": [2]}
    assert found.asked["denovo"] == frozenset(range(15))
    short = qualifying_rows(
        rows.drop(columns=["is_constrained", "is_de_novo"]), everybody, provenance=BY_HAND
    )
    assert short.tests == ("LoF", "zero80")
    with pytest.raises(AnalysisError, match="not among those looked at"):
        qualifying_rows(rows, everybody.head(10), provenance=BY_HAND)
    with pytest.raises(AnalysisError, match="no column 'variant_score'"):
        qualifying_rows(rows.drop(columns="variant_score"), everybody, provenance=BY_HAND)


def test_a_test_that_some_can_be_asked_has_their_number_below() -> None:
    everybody = people(40, family_size=[3] * 20 + [1] * 20)
    rows = pd.DataFrame(
        {
            "participant_id": [0, 1, 2, 10],
            "gene": "A",
            "consequence": "missense_variant",
            "variant_score": 0.1,
            "is_de_novo": True,
        }
    )
    qualifying = qualifying_rows(rows, everybody, provenance=BY_HAND)
    row = gene_burden(qualifying, cases={"x": range(8)}).tests.iloc[0]
    assert (row["n_cases"], row["n_controls"]) == (8, 12)


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"cases": "disease_grup"}, "no clinical column 'disease_grup'"),
        ({"cases": {}}, "no group of cases"),
        ({"cases": {"x": [1]}, "method": "chi"}, "not by 'chi'"),
        ({"cases": {"x": [1]}, "covariates": ["age"]}, "takes no covariates"),
        ({"cases": {"x": [1]}, "among": [999]}, "Nobody is left"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, object], complaint: str) -> None:
    qualifying = carrying({"A": [0]}, people(3, disease_group="x"))
    with pytest.raises(AnalysisError, match=complaint):
        gene_burden(qualifying, **asked)  # type: ignore[arg-type]


def test_the_summary_counts_people_and_says_what_was_corrected_for() -> None:
    qualifying = carrying({"A": [*range(6), 30], "B": [0, 1, 31, 32]}, people(60))
    summary = summarise(gene_burden(qualifying, cases={"Renal": range(10)}))
    first = "A, LoF: Renal"
    assert summary.table.loc[first, ["people", "of", "others", "of others"]].tolist() == [
        6,
        10,
        1,
        50,
    ]
    assert summary.phenotypic
    assert summary.n_people == 60
    assert any("2 tests" in note for note in summary.notes)
    figure = plot_gene_burden(summary)
    assert figure.png().startswith(b"\x89PNG")
    assert "A, LoF: Renal" in figure.alt_text


def test_who_carries_and_who_was_asked_stand_behind_a_burden() -> None:
    everybody = people(60)
    qualifying = replace(
        carrying({"PKD1": [0, 1, 2, 3, 30, 31]}, everybody),
        asked={"LoF": frozenset(range(50))},
    )
    summary = summarise(gene_burden(qualifying, cases={"Renal": range(10)}))
    (row,) = summary.table.index
    assert unknown_numbers(summary) == 0
    assert ids_of(summary, row, "people") == {0, 1, 2, 3}
    assert ids_of(summary, row, "others") == {30, 31}
    assert ids_of(summary, row, "of") == set(range(10))
    assert ids_of(summary, row, "of others") == set(range(10, 50))
    assert ids_of(summary, row, "odds ratio") == ids_of(summary, row, "p") == set(range(50))
    assert whole_of(summary) == set(range(60))


def test_who_lacks_a_covariate_stands_behind_nothing() -> None:
    age = np.tile(np.linspace(20, 80, 6), 10)
    age[[0, 40]] = np.nan
    qualifying = carrying({"PKD1": [0, 1, 2, 3, 4, 30, 31, 40]}, people(60, age=age))
    summary = summarise(
        gene_burden(qualifying, cases={"Renal": range(10)}, method="firth", covariates=["age"])
    )
    (row,) = summary.table.index
    assert unknown_numbers(summary) == 0
    assert ids_of(summary, row, "people") == {1, 2, 3, 4}
    assert ids_of(summary, row, "of others") == set(range(10, 60)) - {40}
    assert ids_of(summary, row, "odds ratio") == whole_of(summary) == set(range(60)) - {0, 40}
