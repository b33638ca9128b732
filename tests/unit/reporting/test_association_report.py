"""An association as products: who is counted, which variants are told, and that the airlock lets them leave."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gecip.airlock import check_files, request_export
from gecip.airlock.checks import Checker, ItemVerdict
from gecip.analysis.genetic.association import Association
from gecip.configuration import policy_document
from gecip.errors import AnalysisError, ReportingError
from gecip.governance.disclosure import Verdict
from gecip.governance.policy import parse_policy
from gecip.reporting import Summary, list_rows, summarise, summary_statistics
from gecip.reporting.association_report import leading_variants
from tests.known_people import ids_of, unknown_numbers, whole_of
from tests.products import BY_HAND

PEOPLE = 1_000
FITTED = {
    "n": PEOPLE, "families": 700, "cases": 40, "controls": 960, "families_of_cases": 38, "families_of_controls": 690,
}  # fmt: skip


def scan(count: int = 2_000, *, seed: int = 5) -> pd.DataFrame:
    """Return variants every 10 kb of two chromosomes with p by chance, but for three near each other and a rare one."""
    random = np.random.default_rng(seed)
    frequency = random.uniform(0.05, 0.95, count)
    log10_p = np.log10(random.random(count))
    log10_p[[100, 101, 140, 1500]] = [-9, -12, -350, -30]
    frequency[1500] = 0.004
    rarer = np.minimum(frequency, 1 - frequency)
    return pd.DataFrame(
        {
            "contig": np.where(np.arange(count) < count // 2, "chr1", "chr10"),
            "position": 100_000_000 + 10_000 * np.arange(count),
            "reference": "A",
            "alternate": "G",
            "n": PEOPLE,
            "alt_frequency": frequency,
            "minor_allele_count": (2 * PEOPLE * rarer).round().astype(int),
            "beta": random.normal(size=count),
            "standard_error": 1.0,
            "statistic": 1.0,
            "p_value": 10.0 ** np.maximum(log10_p, -400),
            "log10_p": log10_p,
        }
    )


def associated(*phenotypes: str, logistic: bool = True, **fitted: int) -> Association:
    names = list(phenotypes) or ["is_case"]
    parts = [scan(seed=number) for number in range(len(names))]
    frame = pd.concat(parts, ignore_index=True)
    codes = np.repeat(np.arange(len(names)), len(parts[0]))
    frame.insert(0, "phenotype", pd.Categorical.from_codes(codes, categories=names))
    counts = FITTED | fitted
    if not logistic:
        counts |= dict.fromkeys(
            ("cases", "controls", "families_of_cases", "families_of_controls"), pd.NA
        )
    rows = pd.DataFrame([{"phenotype": name, **counts} for name in names])
    return Association(
        BY_HAND.then("association", covariates=["age", "PC1"]),
        frame=frame,
        fitted=rows.astype(dict.fromkeys(counts, "Int64")),
        model="logistic" if logistic else "linear",
        test="firth" if logistic else "wald",
        engine="local",
    )


def judged(*products: object) -> list[ItemVerdict]:
    return list(Checker(parse_policy(policy_document()), lambda _: None).judge(list(products)))


def test_of_neighbours_the_strongest_leads_and_rare_ones_are_not_told() -> None:
    summary = summarise(associated())
    table = summary.table.loc["is_case"]
    assert table.index[0] == "chr1:101400000:A:G"
    # 400 kb beside it lie two that are weaker; the rare one is stronger than all that follow.
    assert not {"chr1:101010000:A:G", "chr1:101000000:A:G", "chr10:115000000:A:G"} & set(
        table.index
    )
    assert len(table) == 10
    assert table["p"].is_monotonic_increasing
    assert table["minor allele frequency"].between(0.05, 0.5).all()


def test_leading_variants_are_those_of_a_plain_search() -> None:
    variants = scan()
    left, expected = variants.sort_values("p_value", kind="stable"), []
    while len(left) and len(expected) < 25:
        best = left.iloc[0]
        expected.append((best["contig"], best["position"]))
        near = (left["contig"] == best["contig"]) & (
            (left["position"] - best["position"]).abs() <= 500_000
        )
        left = left[~near]
    found = leading_variants(variants, most=25)
    assert list(zip(found["contig"], found["position"], strict=True)) == expected
    # Two chromosomes of 10 Mb hold no more than so many at that distance.
    assert len(leading_variants(variants, most=1_000)) <= 2 * (10_000_000 // 500_000 + 1)


def test_cases_and_controls_are_counted_and_the_method_is_told() -> None:
    summary = summarise(associated())
    assert summary.table[["people", "cases", "controls"]].drop_duplicates().to_numpy().tolist() == [
        [1000, 40, 960]
    ]
    assert (summary.families["cases"] == 38).all()
    assert summary.n_families == 700
    told = " ".join(summary.notes)
    for words in (
        "logistic regression", "Firth's penalised", "adjusted for age, PC1", "2,000 variants were tested",
        "4 have a p under 5e-08", "λ = ", "1 rarer variants are left out",
    ):  # fmt: skip
        assert words in told
    linear = summarise(associated("height", "weight", logistic=False))
    assert next(iter(linear.table.columns)) == "people"
    assert "cases" not in linear.table
    assert set(linear.table.index.get_level_values("phenotype")) == {"height", "weight"}


@pytest.mark.slow
def test_what_is_told_may_leave_and_few_cases_are_masked() -> None:
    result = associated("is_case", "is_control")
    items = [
        summarise(result),
        summary_statistics(result, "is_case"),
        summary_statistics(result, "is_case", p_below=1e-5),
    ]
    for item in judged(*items):
        assert item.verdict is not Verdict.FAIL, item.findings
    (few,) = judged(summarise(associated(cases=3, controls=997)))
    assert few.verdict is not Verdict.FAIL
    assert isinstance(few.product, Summary)
    assert few.product.marks is not None
    assert (few.product.marks.cells["cases"] == "<5").all()
    assert (few.product.marks.cells[["people", "controls"]] != "").any(axis=1).all()


def test_a_scans_statistics_are_all_that_the_rule_lets_leave() -> None:
    result = associated()
    summary = summary_statistics(result)
    rows = result.of("is_case")
    expected = rows[rows["minor_allele_count"] >= 20]
    assert len(summary.table) == len(expected) == len(rows) - 1
    assert list(summary.table) == [
        "beta",
        "standard_error",
        "effect_allele_frequency",
        "p_value",
        "neg_log_10_p_value",
        "n",
    ]
    np.testing.assert_allclose(summary.table["beta"], expected["beta"])
    np.testing.assert_allclose(summary.table["neg_log_10_p_value"], -expected["log10_p"])
    # A p that a double cannot hold is told by its logarithm, and no other.
    assert summary.table["p_value"].isna().sum() == 1


def test_few_variants_selected_by_p_are_told_as_far_as_five_people_carry_them() -> None:
    result = associated()
    # The rare one has 8 copies, which four people may hold.
    assert len(summary_statistics(result, p_below=5e-8).table) == 3
    many = summary_statistics(result, p_below=0.9)
    assert len(many.table) > 300
    result.frame.loc[1500, "minor_allele_count"] = 10
    assert "chr10:115000000:A:G" in summary_statistics(result, p_below=5e-8).table.index
    assert "chr10:115000000:A:G" not in summary_statistics(result, p_below=0.9).table.index


def test_a_variant_that_stands_twice_in_a_callset_is_told_once() -> None:
    result = associated()
    result.frame.loc[1, ["contig", "position"]] = result.frame.loc[
        0, ["contig", "position"]
    ].to_numpy()
    assert len(summary_statistics(result).table) == 1_998


def test_what_cannot_be_told_is_said() -> None:
    result = associated("height", "weight", logistic=False)
    with pytest.raises(ReportingError, match="name one of height, weight"):
        summary_statistics(result)
    with pytest.raises(AnalysisError, match="no phenotype 'age'"):
        summary_statistics(result, "age")
    with pytest.raises(
        ReportingError, match="No variant of the association with 'height' may be told"
    ):
        summary_statistics(result, "height", p_below=0.0)
    result.frame["minor_allele_count"] = 3
    assert summarise(result).table.empty
    assert len(list_rows(result)) == 4_000


@pytest.mark.slow
def test_the_files_of_a_request_pass_the_check_of_files_too(tmp_path: Path) -> None:
    result = associated()
    items = [
        summarise(result),
        summary_statistics(result),
        summary_statistics(result, p_below=1e-5),
    ]
    request = request_export(
        items, project="a test", purpose="a scan for a meta-analysis", folder=tmp_path / "out"
    )
    assert request.verdict is not Verdict.FAIL
    files = sorted((tmp_path / "out").rglob("*.csv"))
    assert len(files) == 3
    assert [one.verdict for one in check_files(files).files] == [Verdict.PASS] * 3


def of_people(result: Association, people: dict[str, range], cases: int) -> Association:
    """Return an association that knows who was in the fits, the first of each its cases."""
    frames = {
        name: pd.DataFrame(
            {
                "participant_id": ids,
                "family_id": ids,
                "is_case": [number < cases for number in range(len(ids))],
            }
        )
        for name, ids in people.items()
    }
    counts = {name: len(ids) for name, ids in people.items()}
    return replace(
        result,
        fitted=result.fitted.assign(
            n=result.fitted["phenotype"].map(counts),
            families=result.fitted["phenotype"].map(counts),
            cases=cases,
            controls=result.fitted["phenotype"].map(counts) - cases,
        ).astype({"n": "Int64", "families": "Int64", "cases": "Int64", "controls": "Int64"}),
        people=frames,
    )


def test_cases_controls_and_all_in_a_fit_stand_behind_its_numbers() -> None:
    result = of_people(
        associated("a", "b"), {"a": range(PEOPLE), "b": range(100, 100 + PEOPLE)}, 300
    )
    summary = summarise(result)
    assert unknown_numbers(summary) == 0
    row = next(label for label in summary.table.index if label[0] == "b")
    assert ids_of(summary, row, "cases") == set(range(100, 400))
    assert ids_of(summary, row, "controls") == set(range(400, 100 + PEOPLE))
    assert ids_of(summary, row, "p") == set(range(100, 100 + PEOPLE))
    # Of both phenotypes together there are more people than of either.
    assert whole_of(summary) == set(range(100 + PEOPLE))
    assert summary.n_people == 100 + PEOPLE
    statistics = summary_statistics(result, "a")
    assert unknown_numbers(statistics) == 0
    assert ids_of(statistics, statistics.table.index[0], "beta") == set(range(PEOPLE))
    assert unknown_numbers(summarise(associated("a"))) > 0
