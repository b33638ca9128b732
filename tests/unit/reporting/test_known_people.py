"""Every summary of the package knows whose numbers it tells, and none of them says so to anybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gecip.airlock.masking import mask
from gecip.analysis.clinical.cohort_comparison import compare_cohorts
from gecip.analysis.clinical.cox_model import (
    EntryComparison,
    HazardRatios,
    compare_entries,
    hazard_ratios,
)
from gecip.analysis.clinical.diagnostic_yield import DiagnosticYield
from gecip.analysis.clinical.enrichment import enrichment
from gecip.analysis.clinical.matching import RelatedDisease, matched_controls
from gecip.analysis.clinical.survival import FollowUp, SurvivalCurves, survival_curves
from gecip.analysis.genetic.ancestry import GeneticAncestry
from gecip.analysis.genetic.association import Association
from gecip.analysis.genetic.carriers import CarrierCounts
from gecip.analysis.genetic.gene_burden import gene_burden
from gecip.analysis.genetic.kernel_association import KernelAssociation
from gecip.analysis.genetic.kinship import Kinship
from gecip.analysis.genetic.polygenic_score import PolygenicScore
from gecip.analysis.genetic.qualifying import QualifyingVariants
from gecip.analysis.genetic.sample_checks import Finding, FindingKind, SampleChecks
from gecip.analysis.genetic.sample_quality import SampleQuality
from gecip.analysis.genetic.sex_check import SexCheck
from gecip.analysis.genetic.structure import PrincipalComponents
from gecip.cohort import Cohort
from gecip.configuration import policy_document
from gecip.governance.policy import parse_policy
from gecip.release import Release
from gecip.reporting import summarise
from tests.handmade import person, phenotype
from tests.handmade_cohorts import cohort_of, release_of
from tests.known_people import unknown_numbers
from tests.products import BY_HAND, kernel_tested
from tests.survival_data import drawn

FIRST = 110_000_000
IDS = [FIRST + 10 * number + 1 for number in range(60)]
# What no text about these people may hold.
SHAPE = "1100"
POLICY = parse_policy(policy_document())
PEOPLE = pd.DataFrame(
    {
        "participant_id": IDS,
        "family_id": [None if number == 7 else number // 2 for number in range(60)],
        "group": ["renal" if number < 24 else "skin" for number in range(60)],
    }
)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    people = [
        person(
            one,
            participant_phenotypic_sex="Male" if number % 3 else "Female",
            year_of_birth=1950 + number // 2 if number % 7 else None,
        )
        for number, one in enumerate(IDS)
    ]
    terms = ["HP:0000107"] * 12 + ["HP:0001250"] * 28
    return release_of(
        tmp_path_factory.mktemp("known") / "release",
        people,
        rare_diseases_participant_phenotype=[
            phenotype(one, term) for one, term in zip(IDS, terms, strict=False)
        ],
    )


def followed() -> FollowUp:
    people = drawn(
        2, people=60, ratio=2.0, median_days=700, delay_days={"wild type": 200.0, "mutated": 500.0}
    )
    rows = people.people.assign(participant_id=IDS)
    out = pd.DataFrame({"participant_id": [FIRST], "family_id": [1], "reason": ["no date"]})
    return FollowUp(BY_HAND, rows, people.groups, out, people.followed_until)


def scanned() -> Association:
    count = 40
    frame = pd.DataFrame(
        {
            "phenotype": pd.Categorical(["is_case"] * count),
            "contig": "chr1",
            "position": np.arange(count) * 600_000 + 1,
            "reference": "A",
            "alternate": "G",
            "n": len(IDS),
            "alt_frequency": 0.4,
            "minor_allele_count": 48,
            "beta": 0.1,
            "standard_error": 1.0,
            "statistic": 1.0,
            "p_value": np.linspace(0.001, 0.9, count),
            "log10_p": np.log10(np.linspace(0.001, 0.9, count)),
        }
    )
    people = PEOPLE[["participant_id", "family_id"]].assign(is_case=PEOPLE["group"] == "renal")
    cases = people[people["is_case"]]
    fitted = {
        "n": len(people),
        "families": people["family_id"].nunique(),
        "cases": len(cases),
        "controls": len(people) - len(cases),
        "families_of_cases": cases["family_id"].nunique(),
        "families_of_controls": people[~people["is_case"]]["family_id"].nunique(),
    }
    return Association(
        BY_HAND.then("association", covariates=[]),
        frame=frame,
        fitted=pd.DataFrame([{"phenotype": "is_case", **fitted}]),
        model="logistic",
        test="wald",
        engine="local",
        people={"is_case": people},
    )


def placed() -> pd.DataFrame:
    """Return everybody with places on two components."""
    random = np.random.default_rng(3)
    return PEOPLE.assign(PC1=random.normal(size=60), PC2=random.normal(size=60))


def resembling() -> GeneticAncestry:
    people = placed().drop(columns="group").assign(similar_to="European", recorded="European")
    return GeneticAncestry(
        provenance=BY_HAND,
        people=people.assign(nearest="European", probability=1.0, outlier_factor=1.0),
        reference=people.rename(columns={"similar_to": "reference"}),
        components=pd.DataFrame(
            {"share": 0.1, "reach": 0.8, "used": True}, index=pd.Index(["PC1", "PC2"])
        ),
        references=("European",),
        too_few=(),
        sites=100,
    )


def compared(release: Release) -> Any:
    return compare_cohorts(
        cohort_of(release, IDS[:20], "Cases"), cohort_of(release, IDS[15:], "Others")
    )


def burdened() -> Any:
    carriers = pd.DataFrame({"participant_id": IDS[:9], "gene": "PKD1", "test": "LoF"})
    people = PEOPLE.drop(columns="group")
    return gene_burden(
        QualifyingVariants(BY_HAND, carriers=carriers, people=people, tests=("LoF",)),
        cases={"Renal": IDS[:24]},
    )


def related() -> Kinship:
    pair = {
        "participant_id": [IDS[0]],
        "family_id": [0],
        "other_participant_id": [IDS[1]],
        "other_family_id": [0],
        "kinship": [0.25],
        "opposite_homozygotes": [0],
        "sites": [100],
    }
    people = PEOPLE[["participant_id", "family_id"]]
    return Kinship(BY_HAND, pd.DataFrame(pair), people, 100, None)


# By the kind of result, how one is made of a release by hand.
RESULTS: Mapping[type, Callable[[Release], Any]] = {
    FollowUp: lambda _: followed(),
    SurvivalCurves: lambda _: survival_curves(followed()),
    HazardRatios: lambda _: hazard_ratios(followed()),
    EntryComparison: lambda _: compare_entries(followed()),
    CarrierCounts: lambda _: CarrierCounts(
        BY_HAND,
        carriers=PEOPLE.head(9).assign(gene="PKD1", alleles=1),
        people=PEOPLE,
        genes=("PKD1", "PKD2"),
        by="disease_group",
    ),
    DiagnosticYield: lambda _: DiagnosticYield(
        BY_HAND, PEOPLE.assign(diagnosed=PEOPLE.index % 4 == 0, reported=True), "group"
    ),
    SampleQuality: lambda _: SampleQuality(
        BY_HAND, PEOPLE, PEOPLE.head(8).assign(test="call rate"), ("call rate", "depth"), ()
    ),
    PrincipalComponents: lambda _: PrincipalComponents(
        BY_HAND,
        placed()[["participant_id", "PC1", "PC2"]],
        pd.DataFrame(),
        np.array([2.0, 1.0]),
        10.0,
    ),
    GeneticAncestry: lambda _: resembling(),
    Association: lambda _: scanned(),
    PolygenicScore: lambda _: PolygenicScore(
        BY_HAND,
        scores=PEOPLE[["participant_id"]].assign(score=0.0, standard_score=0.0),
        coverage=pd.DataFrame({"verdict": ["matched"], "weight": [1.0], "missing_rate": [0.0]}),
        name="height",
    ),
    KernelAssociation: lambda _: kernel_tested(PEOPLE[["participant_id", "family_id"]]),
    SampleChecks: lambda _: SampleChecks(
        BY_HAND,
        findings=(Finding(FindingKind.SWAP, tuple(IDS[:6]), ("S",) * 6, (0,) * 6, "found"),),
        people=PEOPLE.assign(sample="S"),
        kinship=None,
        sex=None,
        ancestry=None,
        not_done=(),
    ),
    Kinship: lambda _: related(),
    SexCheck: lambda _: SexCheck(
        BY_HAND, PEOPLE.assign(recorded="Male", genome="XY", agrees=True), 100
    ),
}
OF_RELEASE: Mapping[str, Callable[[Release], Any]] = {
    "CohortComparison": compared,
    "CohortOverlap": lambda release: compared(release).overlap,
    "MatchedControls": lambda release: matched_controls(
        cohort_of(release, IDS[:10], "Cases"),
        cohort_of(release, [], "Everybody"),
        not_having=RelatedDisease(),
        years_a_band=20,
    ),
    "Enrichment": lambda release: enrichment(
        cohort_of(release, IDS[:20], "Cases"), cohort_of(release, [], "All")
    ),
    "GeneBurden": lambda _: burdened(),
}
EVERY_RESULT = {**{kind.__name__: make for kind, make in RESULTS.items()}, **OF_RELEASE}


def test_every_kind_of_result_that_can_be_summarised_is_among_these() -> None:
    # Domains hold their own to it, each in its tests.
    ours = {
        kind
        for kind, function in summarise.registry.items()
        if function.__module__.startswith("gecip.") and kind is not object
    }
    # Of a cohort those are known by number only who do not consent: see the last test.
    assert {kind.__name__ for kind in ours} - {"Cohort"} == {
        "SideBySide" if name == "CohortComparison" else name for name in EVERY_RESULT
    }


@pytest.mark.parametrize("name", EVERY_RESULT)
def test_every_printed_number_knows_its_people_and_none_is_shown(
    name: str, release: Release
) -> None:
    result = EVERY_RESULT[name](release)
    summary = summarise(result)
    assert summary.members is not None
    assert unknown_numbers(summary) == 0
    for text in (repr(result), repr(summary), repr(summary.members), summary._repr_html_()):
        assert SHAPE not in text
    (masked,) = mask([summary], POLICY)
    if masked.is_changed:
        assert masked.summary.members is None
    assert SHAPE not in masked.summary._repr_html_()


def test_of_a_cohort_all_is_known_but_who_was_there_before_consent(release: Release) -> None:
    cohort: Cohort = cohort_of(release, IDS[:20], "Cases")
    summary = summarise(cohort)
    unknown = [
        (row, column)
        for row in summary.table.index
        for column in summary.table.columns
        if summary.people.at[row, column] and summary.members_of(row, column) is None
    ]
    assert {row for row, _ in unknown} <= set(summary.table.index[:1])
