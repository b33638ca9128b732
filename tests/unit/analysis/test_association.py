"""Association: two engines, one answer, on files with everything that files have; and what is told of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from gecip.analysis.genetic.association import (
    ALL_ALIKE,
    NO_GENOTYPES,
    NOT_SETTLED,
    TOLD_BY_COVARIATES,
    Association,
    association,
)
from gecip.cohort import define_cohort, select_cohort
from gecip.errors import AnalysisError
from gecip.genotypes import Genotypes, load_genotypes
from gecip.genotypes.compact_selection import people_of
from gecip.release import open_release
from gecip.release.importing import import_release
from tests.unit.genotypes.aggregates import FORMATS, write_vcf

PEOPLE = 90
NUMBERS = ["alt_frequency", "beta", "standard_error", "statistic", "p_value", "log10_p"]
COVARIATES = ["age", "told"]
pytestmark = pytest.mark.jvm


def invented() -> tuple[list[str], pd.DataFrame]:
    """Lines of a VCF and its people: rare and common, missing, partial, haploid, and impossible variants."""
    generator = np.random.default_rng(11)
    female = np.arange(PEOPLE) % 2 == 0
    people = pd.DataFrame(
        {
            "participant_id": np.arange(1001, 1001 + PEOPLE),
            "sample": [f"S{number:03}" for number in range(PEOPLE)],
            "age": generator.uniform(20, 80, PEOPLE).round(1),
            "told": generator.integers(0, 2, PEOPLE),
        }
    )
    lines = []
    first = generator.binomial(2, 0.4, PEOPLE)
    text = np.array(["0/0", "0/1", "1/1"])
    lines.append(("chr1", 10, text[first]))
    for position, frequency in ((20, 0.02), (30, 0.5), (40, 0.97), (50, 0.1)):
        row = text[generator.binomial(2, frequency, PEOPLE)]
        row[generator.random(PEOPLE) < 0.08] = "./."
        lines.append(("chr1", position, row))
    partial = text[generator.binomial(2, 0.2, PEOPLE)]
    partial[[3, 17, 40]] = ["1/.", "./1", "0/."]
    lines.append(("chr1", 60, partial))
    lines.append(("chr1", 70, np.full(PEOPLE, "0/0")))
    lines.append(("chr1", 80, np.full(PEOPLE, "./.")))
    lines.append(("chr1", 90, np.where(people["told"] == 1, "0/1", "0/0")))
    copies = generator.binomial(2, 0.3, PEOPLE)
    on_x = np.where(female, text[copies], np.where(copies > 0, "1", "0"))
    on_x[[5, 6]] = "."
    lines.append(("chrX", 50_000_000, on_x))
    people["height"] = 170 + 3 * first + 0.05 * people["age"] + generator.normal(0, 5, PEOPLE)
    people["weight"] = 70 + 2 * copies + generator.normal(0, 8, PEOPLE)
    people["sparse"] = people["height"].where(people.index > 8)
    people["case"] = generator.random(PEOPLE) < 1 / (1 + np.exp(1.2 - first))
    only_cases = np.full(PEOPLE, "0/0", dtype=object)
    only_cases[np.flatnonzero(people["case"])[:5]] = "0/1"
    lines.append(("chr1", 95, only_cases))
    records = [f"{c} {p} . A G . PASS . GT " + " ".join(row) for c, p, row in lines]
    records.insert(2, "chr1 20 . A G,T . PASS . GT " + " ".join(np.full(PEOPLE, "1/2")))
    order = sorted(records, key=lambda r: (r.split()[0] == "chrX", int(r.split()[1])))
    return order, people


@pytest.fixture(scope="module")
def given(hail: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Genotypes, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("association")
    lines, people = invented()
    vcf = write_vcf(folder / "some.vcf.gz", lines, head=FORMATS, samples=list(people["sample"]))
    table = folder / "people.tsv"
    people[["sample"]].to_csv(table, sep="\t", index=False)
    import_release(folder / "release", vcfs=[vcf], participants=table, assembly="GRCh38")
    genotypes = load_genotypes(
        select_cohort(define_cohort("All"), open_release(folder / "release"))
    )
    known = genotypes.mt.cols().to_pandas()[["participant_id", "sample"]]
    return genotypes, people.drop(columns="participant_id").merge(known, on="sample")


def both(
    given: tuple[Genotypes, pd.DataFrame], phenotypes: Any, **options: Any
) -> tuple[Association, Association]:
    genotypes, people = given
    found = [
        association(genotypes, phenotypes, COVARIATES, people=people, engine=engine, **options)  # type: ignore[arg-type]
        for engine in ("local", "hail")
    ]
    assert [one.engine for one in found] == ["local", "hail"]
    return found[0], found[1]


def agree(local: pd.DataFrame, by_hail: pd.DataFrame) -> None:
    names = ["phenotype", "contig", "position", "reference", "alternate", "n", "minor_allele_count", "converged", "fault"]  # fmt: skip
    pd.testing.assert_frame_equal(local[names], by_hail[names], check_dtype=False)
    assert list(local) == list(by_hail)
    for name in NUMBERS:
        expected = by_hail[name].to_numpy()
        assert local[name].to_numpy() == pytest.approx(expected, rel=1e-6, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("copies", [1, 2])
def test_linear_engines_agree_and_faults_are_stated(
    given: tuple[Genotypes, pd.DataFrame], copies: Any
) -> None:
    local, by_hail = both(given, ["height", "sparse", "weight"], copies_of_one=copies)
    agree(local.frame, by_hail.frame)
    height = local.of("height").set_index("position")
    assert height["n"].tolist() == [PEOPLE] * 11
    assert local.of("sparse")["n"].tolist() == [PEOPLE - 9] * 11
    assert height["fault"].dropna().to_dict() == {
        70: ALL_ALIKE,
        80: NO_GENOTYPES,
        90: TOLD_BY_COVARIATES,
    }
    assert height["beta"].isna().sum() == 3
    lines, people = invented()
    (row,) = (line.split()[9:] for line in lines if line.startswith("chr1 10 "))
    columns = [np.ones(PEOPLE), *people[COVARIATES].to_numpy(float).T, [t.count("1") for t in row]]
    fit = sm.OLS(people["height"], np.column_stack(columns)).fit()
    assert height.loc[10, "p_value"] == pytest.approx(fit.pvalues.iloc[-1], rel=1e-6)
    assert height.loc[10, "beta"] == pytest.approx(fit.params.iloc[-1], rel=1e-6)
    assert set(local.inflation()) == {"height", "sparse", "weight"}


@pytest.mark.parametrize("test", ["wald", "score", "firth", "firth-fallback"])
def test_logistic_engines_agree_and_faults_are_stated(
    given: tuple[Genotypes, pd.DataFrame], test: Any
) -> None:
    local, by_hail = both(given, "case", model="logistic", test=test)
    agree(local.frame, by_hail.frame)
    pd.testing.assert_frame_equal(local.fitted, by_hail.fitted)
    cases = int(given[1]["case"].sum())
    assert local.fitted.loc[0, ["n", "cases", "controls"]].tolist() == [
        PEOPLE,
        cases,
        PEOPLE - cases,
    ]
    fault = local.frame.set_index("position")["fault"].dropna().to_dict()
    separated = {95: NOT_SETTLED} if test == "wald" else {}
    assert fault == {
        70: ALL_ALIKE,
        80: NO_GENOTYPES,
        90: TOLD_BY_COVARIATES,
        **separated,
    }


def test_wald_falls_back_on_firth_where_an_allele_is_of_cases_alone_and_nowhere_else(
    given: tuple[Genotypes, pd.DataFrame],
) -> None:
    fallback, by_hail = both(given, "case", model="logistic", test="firth-fallback")
    assert fallback.frame["firth"].tolist() == by_hail.frame["firth"].tolist()
    genotypes, people = given
    wald, firth = (
        association(genotypes, "case", COVARIATES, people=people, model="logistic", test=test).frame  # type: ignore[arg-type]
        for test in ("wald", "firth")
    )
    found = fallback.frame
    fell = found["firth"].to_numpy()
    assert found.loc[fell, "position"].tolist() == [20, 95]
    numbers = ["beta", "standard_error", "p_value"]
    pd.testing.assert_frame_equal(found.loc[fell, numbers], firth.loc[fell, numbers])
    pd.testing.assert_frame_equal(found.loc[~fell, numbers], wald.loc[~fell, numbers])


def test_a_partial_genotype_and_one_copy_of_x_are_counted_as_told(
    given: tuple[Genotypes, pd.DataFrame],
) -> None:
    genotypes, people = given
    lines, _ = invented()
    rows = {line.split()[1]: line.split()[9:] for line in lines}
    found = association(genotypes, "height", people=people).of("height").set_index("position")
    partial = [{"0/0": 0, "0/1": 1, "1/1": 2, "1/.": 1, "./1": 1, "0/.": 0}[t] for t in rows["60"]]
    assert found.loc[60, "alt_frequency"] == pytest.approx(sum(partial) / (2 * PEOPLE))
    on_x = [text for text in rows["50000000"] if text != "."]
    alternates = sum(text.count("1") for text in on_x)
    alleles = sum(1 + text.count("/") for text in on_x)
    assert found.loc[50_000_000, "alt_frequency"] == pytest.approx(alternates / alleles)
    assert found.loc[50_000_000, "minor_allele_count"] == min(alternates, alleles - alternates)


def test_some_of_the_people_and_variants_are_analysed_as_if_they_were_all(
    given: tuple[Genotypes, pd.DataFrame],
) -> None:
    genotypes, people = given
    some = genotypes.in_regions(["chr1:30-60"])
    some = some.with_matrix(some.mt.filter_cols(some.mt.sample > "S010"), because="a test")
    local, by_hail = both((some, people), ["height", "sparse"])
    agree(local.frame, by_hail.frame)
    assert local.frame["n"].unique().tolist() == [PEOPLE - 11]
    assert local.of("height")["position"].tolist() == [30, 40, 50, 60]


def test_a_result_knows_what_was_done_and_tells_no_rows(
    given: tuple[Genotypes, pd.DataFrame],
) -> None:
    genotypes, people = given
    found = association(genotypes, "height", COVARIATES, people=people)
    assert found.engine == "local"
    assert found.provenance.parameter("engine") == "local"
    assert found.provenance.parameter("covariates") == COVARIATES
    assert repr(found) == (
        "Association(variants=11, phenotypes=['height'], model='linear', test='wald', engine='local')"
    )
    assert found.fitted[["phenotype", "n", "families"]].to_numpy().tolist() == [
        ["height", PEOPLE, people_of(genotypes)["family_id"].nunique()]
    ]
    assert found.fitted["cases"].isna().all()
    with pytest.raises(AnalysisError, match="no phenotype 'weight' here: take of height"):
        found.of("weight")


@pytest.mark.parametrize(
    ("phenotypes", "options", "sentence"),
    [
        ([], {}, "takes one phenotype or several"),
        (["height", "height"], {}, "takes one phenotype or several"),
        ("height", {"test": "firth"}, "test='firth' of a linear model is not known: take 'wald'"),
        ("height", {"engine": "spark"}, "engine= is 'auto', 'hail' or 'local', not 'spark'"),
        ("case", {"model": "probit"}, "model='probit' is not known: take 'linear' or 'logistic'"),
    ],
)
def test_what_is_not_known_is_refused(
    given: tuple[Genotypes, pd.DataFrame], phenotypes: Any, options: Any, sentence: str
) -> None:
    genotypes, people = given
    with pytest.raises(AnalysisError, match=sentence):
        association(genotypes, phenotypes, people=people, **options)
    with pytest.raises(AnalysisError, match="participant_id with each person once"):
        association(genotypes, "height", people=people.drop(columns="participant_id"))
