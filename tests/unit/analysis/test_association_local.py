"""The local engine: against statsmodels and firthmodels on random data, and where no fit can be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from gecip.analysis.genetic.association_design import Design, designs
from gecip.analysis.genetic.association_local import (
    Fits,
    fit_linear,
    fit_logistic,
    working_bytes,
)
from gecip.errors import AnalysisError
from gecip.genotypes.compact_runs import CompactGenotypes
from tests.unit.analysis.compact_people import compact_people

COVARIATES = ["age", "pc"]


def invented(seed: int, people: int = 120, variants: int = 6) -> tuple[np.ndarray, pd.DataFrame]:
    """Dosages from rare to common on either side, some missing, and people with phenotypes."""
    generator = np.random.default_rng(seed)
    frequencies = generator.choice([0.05, 0.2, 0.5, 0.85, 0.97], size=(variants, 1))
    dosages = generator.binomial(2, frequencies, size=(variants, people))
    dosages[generator.random(dosages.shape) < 0.05] = -1
    frame = pd.DataFrame(
        {"age": generator.uniform(20, 80, people), "pc": generator.normal(size=people)}
    )
    effect = 0.03 * frame["age"] + 0.4 * dosages[0].clip(min=0) - 1.5
    frame["height"] = effect + generator.normal(size=people)
    frame["case"] = generator.random(people) < 1 / (1 + np.exp(-effect))
    return dosages, frame


def imputed(row: np.ndarray) -> np.ndarray:
    known = row >= 0
    return np.where(known, row, row[known].mean())


def only(frame: pd.DataFrame, phenotype: str, *, binary: bool) -> Design:
    (design,) = designs(frame, [phenotype], COVARIATES, binary=binary)
    return design


def matrix(frame: pd.DataFrame, row: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(frame)), frame[COVARIATES], imputed(row)])


def varied(row: np.ndarray) -> bool:
    return len(set(row[row >= 0])) > 1


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_linear_fits_are_those_of_statsmodels(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    dosages, frame = invented(seed)
    genotypes = compact_people(tmp_path_factory.mktemp("g"), dosages, frame)
    _, fits = fit_linear(genotypes, only(frame, "height", binary=False), doubled=True)
    for place, row in enumerate(dosages):
        if varied(row):
            fit = sm.OLS(frame["height"], matrix(frame, row)).fit()
            expected = [fit.params.iloc[-1], fit.bse.iloc[-1], fit.tvalues.iloc[-1]]
            assert [column[place, 0] for column in fits[:3]] == pytest.approx(expected, rel=1e-8)


@pytest.mark.slow
def test_a_step_that_goes_too_far_is_taken_back_by_half(tmp_path: Path) -> None:
    """Of two carriers one is a case, where few people are: Newton's steps are twice too long, and would grow."""
    row = np.zeros(300, dtype=int)
    row[[5, 200]] = 1
    for seed in range(5):
        generator = np.random.default_rng(seed)
        people = pd.DataFrame(generator.normal(size=(300, 2)), columns=COVARIATES)
        people["case"] = np.arange(300) < 20
        genotypes = compact_people(tmp_path / str(seed), row[None], people)
        design = only(people, "case", binary=True)
        _, fits = fit_logistic(genotypes, design, doubled=True, test="wald")
        fit = sm.Logit(people["case"], matrix(people, row)).fit(disp=0, method="bfgs", maxiter=500)
        assert fits.beta[0, 0] == pytest.approx(fit.params.iloc[-1], rel=1e-3)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_logistic_fits_are_those_of_statsmodels_and_scores_those_of_its_null(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    dosages, frame = invented(seed, people=200)
    genotypes = compact_people(tmp_path_factory.mktemp("g"), dosages, frame)
    design = only(frame, "case", binary=True)
    _, wald = fit_logistic(genotypes, design, doubled=True, test="wald")
    _, score = fit_logistic(genotypes, design, doubled=True, test="score")
    outcome = frame["case"].astype(float)
    null = sm.GLM(outcome, matrix(frame, dosages[0])[:, :3], family=sm.families.Binomial()).fit(tol=1e-12)  # fmt: skip
    for place, row in enumerate(dosages):
        carriers = outcome[row > 0]
        if not varied(row) or carriers.nunique() < 2 or outcome[row == 0].nunique() < 2:
            continue
        x = matrix(frame, row)
        fit = sm.Logit(outcome, x).fit(disp=0, method="newton", tol=1e-12, maxiter=60)
        expected = [fit.params.iloc[-1], fit.bse.iloc[-1], fit.tvalues.iloc[-1]]
        assert [column[place, 0] for column in wald[:3]] == pytest.approx(expected, rel=1e-6)
        weights = null.fittedvalues * (1 - null.fittedvalues)
        u = x.T @ (outcome - null.fittedvalues)
        information = (x * np.asarray(weights)[:, None]).T @ x
        assert score.statistic[place, 0] == pytest.approx(
            u @ np.linalg.solve(information, u), rel=1e-6, abs=1e-7
        )


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@example(seed=16)  # Newton's steps would go to and fro for ever
@given(seed=st.integers(0, 10_000))
def test_firth_fits_are_those_of_firthmodels(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    from firthmodels import FirthLogisticRegression
    from sklearn.exceptions import ConvergenceWarning

    dosages, frame = invented(seed, people=80, variants=3)
    genotypes = compact_people(tmp_path_factory.mktemp("g"), dosages, frame)
    _, fits = fit_logistic(genotypes, only(frame, "case", binary=True), doubled=True, test="firth")
    for place, row in enumerate(dosages):
        if varied(row):
            scaled = matrix(frame, row)[:, 1:]
            scaled[:, 0] = (scaled[:, 0] - 50) / 17
            fit = FirthLogisticRegression(max_iter=500, gtol=1e-6, xtol=1e-6)
            try:
                fit.fit(scaled, frame["case"].astype(int)).lrt([2])
            except ConvergenceWarning:
                continue
            assert fits.beta[place, 0] == pytest.approx(fit.coef_[2], rel=1e-5, abs=1e-6)
            p = stats.chi2.sf(fits.statistic[place, 0], 1)
            assert p == pytest.approx(fit.lrt_pvalues_[2], rel=1e-5)


@pytest.mark.slow
def test_dense_and_listed_genotypes_give_the_same_sums(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gecip.analysis.genetic import association_local

    dosages, frame = invented(5, people=301, variants=200)
    genotypes = compact_people(tmp_path / "g", dosages, frame)
    design = only(frame, "height", binary=False)
    found = []
    for share in (-1.0, 0.1, 2.0):
        monkeypatch.setattr(association_local, "DENSE_FROM", share)
        found.append(np.column_stack(fit_linear(genotypes, design, doubled=True)[1][:3]))
    assert found[0] == pytest.approx(found[1], rel=1e-10)
    assert found[2] == pytest.approx(found[1], rel=1e-10)


def test_one_copy_counts_as_two_or_as_one(tmp_path: Path) -> None:
    dosages, frame = invented(3)
    single = np.zeros(dosages.shape, bool)
    single[:, ::2] = True
    dosages[single] = dosages[single].clip(max=1)
    single &= dosages >= 0
    genotypes = compact_people(tmp_path / "g", dosages, frame, single)
    doubled = np.where(single & (dosages == 1), 2, dosages)
    design = only(frame, "height", binary=False)
    as_two = compact_people(tmp_path / "h", doubled, frame)
    as_one = compact_people(tmp_path / "i", dosages, frame)
    assert fit_linear(genotypes, design, doubled=True)[1].beta == pytest.approx(
        fit_linear(as_two, design, doubled=True)[1].beta, rel=1e-12
    )
    assert fit_linear(genotypes, design, doubled=False)[1].beta == pytest.approx(
        fit_linear(as_one, design, doubled=True)[1].beta, rel=1e-12
    )
    counts, _ = fit_linear(genotypes, design, doubled=True)
    assert counts.alternate_alleles.tolist() == dosages.clip(min=0).sum(axis=1).tolist()
    known = dosages >= 0
    assert counts.alleles.tolist() == (2 * known - (known & single)).sum(axis=1).tolist()


def test_where_carriers_are_all_cases_firth_has_a_fit_and_wald_has_none(tmp_path: Path) -> None:
    dosages, frame = invented(4, people=200)
    dosages[0] = 0
    dosages[0, np.flatnonzero(frame["case"])[:6]] = 1
    genotypes = compact_people(tmp_path / "g", dosages, frame)
    design = only(frame, "case", binary=True)
    _, wald = fit_logistic(genotypes, design, doubled=True, test="wald")
    _, firth = fit_logistic(genotypes, design, doubled=True, test="firth")
    assert np.isnan(wald.beta[0, 0])
    assert np.isfinite(wald.beta[1:]).all()
    assert firth.beta[0, 0] > 0
    assert np.isfinite(firth.statistic).all()


def blocks_of(genotypes: CompactGenotypes, frame: pd.DataFrame, test: str) -> tuple[Fits, float]:
    import tracemalloc

    design = only(frame, "case", binary=True)
    tracemalloc.start()
    _, fits = fit_logistic(genotypes, design, doubled=True, test=test)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return fits, peak


@pytest.mark.slow
@pytest.mark.parametrize("test", ["score", "wald", "firth"])
def test_no_more_memory_is_taken_than_it_tells_and_blocks_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, test: str
) -> None:
    from gecip.analysis.genetic import association_local

    dosages, frame = invented(6, people=1000, variants=700)
    genotypes = compact_people(tmp_path / "g", dosages, frame)
    whole, peak = blocks_of(genotypes, frame, test)
    results = 700 * 200
    assert peak < working_bytes(1000, 2, logistic=True) + results
    monkeypatch.setattr(association_local, "WORKING_BYTES", 8 * 8 * 1000 * 5)
    monkeypatch.setattr(association_local, "LINEAR_VARIANTS_AT_ONCE", 100)
    small, peak = blocks_of(genotypes, frame, test)
    assert peak < working_bytes(1000, 2, logistic=True) + results
    # Far below what all genotypes would take as numbers.
    assert peak < 700 * 1000 * 8
    assert small.statistic == pytest.approx(whole.statistic, rel=1e-7, nan_ok=True)


# -- designs ------------------------------------------------------------------------------------------


def test_phenotypes_that_the_same_people_have_share_a_design_and_others_have_their_own() -> None:
    _, frame = invented(1)
    frame["weight"] = frame["height"] * 2 + frame["pc"] ** 2
    frame["sparse"] = frame["height"].where(frame.index > 30)
    frame.loc[5, "pc"] = np.nan
    found = list(designs(frame, ["height", "sparse", "weight"], COVARIATES, binary=False))
    assert [design.names for design in found] == [("height", "weight"), ("sparse",)]
    assert [int(design.people.sum()) for design in found] == [119, 89]
    for design in found:
        gram = design.covariates.T @ design.covariates / len(design.covariates)
        assert gram == pytest.approx(np.eye(3), abs=1e-12)
        assert design.covariates[:, 0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("change", "phenotype", "covariates", "binary", "sentence"),
    [
        ({}, "hieght", [], False, "no column 'hieght' to take as a phenotype.*height"),
        ({}, "height", ["agee"], False, "no column 'agee' to take as a covariate"),
        ({"sex": "F"}, "height", ["sex"], False, "covariate 'sex' is not numbers"),
        ({"one": 1.0}, "height", ["one"], False, "covariate 'one' is constant, or a combination"),
        ({"twice": "age"}, "height", ["age", "twice"], False, "'twice' is constant, or a combin"),
        ({"flat": 3}, "flat", ["age"], False, "'flat' has one value only among the 120 people"),
        ({"flat": 1}, "flat", ["age"], True, "'flat' has cases or controls only"),
        ({}, "height", ["age"], True, "'height' is not 0 and 1 only"),
        ({"none": np.nan}, "none", ["age"], False, "Nobody has the phenotype 'none'"),
        ({"none": np.nan}, "height", ["none"], False, "Nobody has the phenotype 'height'"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_the_reason(
    change: dict[str, object],
    phenotype: str,
    covariates: list[str],
    binary: bool,
    sentence: str,
) -> None:
    _, frame = invented(1)
    for name, value in change.items():
        frame[name] = frame["age"] * 2 + 1 if value == "age" else value
    with pytest.raises(AnalysisError, match=sentence):
        list(designs(frame, [phenotype], covariates, binary=binary))


def test_too_few_people_and_covariates_that_tell_the_cases_are_refused(tmp_path: Path) -> None:
    dosages, frame = invented(1)
    with pytest.raises(AnalysisError, match="4 people are too few for 2 covariates"):
        list(designs(frame.head(4), ["height"], COVARIATES, binary=False))
    frame["case"] = frame["age"] > 50
    genotypes = compact_people(tmp_path / "g", dosages, frame)
    with pytest.raises(AnalysisError, match="covariates alone tell the cases of 'case'"):
        fit_logistic(genotypes, only(frame, "case", binary=True), doubled=True, test="wald")
