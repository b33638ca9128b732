"""A second analysis of nearly the same people tells of the one or two who are missing: it must not get out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from gecip.airlock import ExportRequest, Verdict, request_export
from gecip.analysis.clinical.cohort_comparison import compare_cohorts
from gecip.analysis.clinical.cox_model import hazard_ratios
from gecip.analysis.clinical.enrichment import enrichment
from gecip.analysis.clinical.survival import survival_curves
from gecip.analysis.genetic.gene_burden import gene_burden
from gecip.analysis.genetic.qualifying import QualifyingVariants
from gecip.release import Release
from gecip.reporting import Summary, summarise
from tests.handmade import person, phenotype
from tests.handmade_cohorts import cohort_of, release_of
from tests.products import BY_HAND, kernel_tested, people_in
from tests.survival_data import lung

IDS = [110_000_001 + 10 * number for number in range(120)]


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    monkeypatch.setenv("GECIP_EXPORTS", str(tmp_path / "exports"))
    monkeypatch.delenv("GECIP_ROLE", raising=False)
    return release_of(
        tmp_path / "own",
        [person(one, year_of_birth=1950 + number % 9) for number, one in enumerate(IDS)],
        rare_diseases_participant_phenotype=[
            phenotype(one, "HP:0000107" if number % 4 else "HP:0001250")
            for number, one in enumerate(IDS)
        ],
    )


def ratios(_: Release, fewer: int) -> Summary:
    followed = lung()
    return summarise(hazard_ratios(replace(followed, people=followed.people.iloc[fewer:])))


def curves(_: Release, fewer: int) -> Summary:
    followed = lung()
    kept = replace(followed, people=followed.people.iloc[fewer:])
    return summarise(survival_curves(kept, every=1.0))


def means(release: Release, fewer: int) -> Summary:
    """Return two cohorts side by side, with the mean age of each and how far they differ."""
    cases, others = (
        cohort_of(release, some, title)
        for some, title in ((IDS[fewer:60], "Cases"), (IDS[60:], "Others"))
    )
    return summarise(compare_cohorts(cases, others, on=["age_band"]))


def terms(release: Release, fewer: int) -> Summary:
    cases, others = (
        cohort_of(release, some, title)
        for some, title in ((IDS[fewer:60], "Cases"), (IDS[60:], "Others"))
    )
    return summarise(enrichment(cases, others))


def carriers(_: Release, fewer: int) -> Summary:
    people = people_in({"cases": 40, "controls": 80}).iloc[fewer:]
    carrying = pd.DataFrame(
        {"participant_id": [*range(10, 22), *range(50, 60)], "gene": "PKD1", "test": "LoF"}
    )
    found = QualifyingVariants(BY_HAND, carriers=carrying, people=people, tests=("LoF",))
    return summarise(gene_burden(found, cases={"Renal": range(40)}))


def genes(_: Release, fewer: int) -> Summary:
    """Return a table of p-values, which count nobody: only its members tell whose they are."""
    return summarise(kernel_tested(people_in({"all": 100}).iloc[fewer:]))


def ask(item: Summary, project: str) -> ExportRequest:
    return request_export([item], project=project, purpose="Table 2 of the paper")


@pytest.mark.parametrize("make", [ratios, curves, means, terms, carriers, genes])
def test_a_second_analysis_of_two_people_fewer_is_refused_and_both_outputs_are_named(
    make: Callable[[Release, int], Summary], release: Release
) -> None:
    released, second = make(release, 0), make(release, 2)
    first = ask(released, "RR91")
    assert first.folder is not None
    (item,) = (refused := ask(second, "RR7")).items
    assert item.verdict is Verdict.FAIL
    assert item.product is None
    assert refused.folder is None
    (finding,) = [one for one in item.findings if one.rule.name == "differencing"]
    assert item.title == second.title
    assert f"{released.title!r} (request {first.name} of project RR91)" in finding.sentence


@pytest.mark.parametrize("make", [ratios, curves, means, terms, carriers, genes])
def test_the_same_people_may_leave_again_and_all_numbers_say_whose_they_are(
    make: Callable[[Release, int], Summary], release: Release
) -> None:
    ask(make(release, 0), "RR91")
    (item,) = ask(make(release, 0), "RR7").items
    rules = {one.rule.name for one in item.findings}
    assert not rules & {"differencing", "unknown_members"}
    assert item.product is not None


def test_ten_people_fewer_in_one_group_may_leave(release: Release) -> None:
    assert ask(genes(release, 0), "RR91").folder is not None
    assert ask(genes(release, 10), "RR7").folder is not None
