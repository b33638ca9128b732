"""Matched controls: who may serve, who serves for whom, and that matched groups are alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gecip.analysis.clinical.matching import (
    AFTER,
    BEFORE,
    CONTROLS,
    MATCHED,
    NO_GENOME,
    NOBODY_ALIKE,
    OTHER_CHROMOSOMES,
    REGISTERED_TWICE,
    TWIN,
    MatchedControls,
    RelatedDisease,
    _draw,
    matched_controls,
)
from gecip.analysis.clinical.side_by_side import compare_groups
from gecip.cohort import Cohort
from gecip.errors import AnalysisError, DefinitionError
from gecip.provenance import Provenance
from gecip.release import Release
from gecip.reporting import list_rows, summarise
from tests.handmade import person, phenotype
from tests.handmade_cohorts import EUROPEAN, cohort_of, genome, release_of

CASE, RELATIVE, ALIKE, OLDER, ANOTHER_SEX = 110000011, 110000012, 110000021, 110000031, 110000041
UNTESTED, SALIVA, UNASSIGNED, SWAPPED = 110000051, 110000061, 110000071, 110000081
SAME_GROUP, ITS_MOTHER, KIDNEY_TERM, KIDNEY_STAY, KIDNEY_DEATH = (
    110000091,
    110000092,
    110000101,
    110000111,
    110000121,
)
ALIKE_TOO, ITS_SISTER = 110000131, 110000132

PEOPLE = [
    person(CASE),
    person(RELATIVE, participant_type="Relative"),
    person(ALIKE),
    person(OLDER, year_of_birth=1950),
    person(ANOTHER_SEX, participant_phenotypic_sex="Male"),
    *(person(one) for one in (UNTESTED, SALIVA, UNASSIGNED, SWAPPED, SAME_GROUP)),
    person(ITS_MOTHER, participant_type="Relative"),
    *(person(one) for one in (KIDNEY_TERM, KIDNEY_STAY, KIDNEY_DEATH, ALIKE_TOO)),
    person(ITS_SISTER, participant_type="Relative"),
]
GENOMES = [
    genome(one["participant_id"], one["participant_phenotypic_sex"])
    for one in PEOPLE
    if one["participant_id"] not in (UNTESTED, SALIVA, UNASSIGNED, SWAPPED)
] + [
    genome(SALIVA, sample_source="SALIVA", sample_preparation_method="ORAGENE"),
    genome(UNASSIGNED, **{EUROPEAN: 0.7}),
    genome(SWAPPED, "Male"),
]
KIDNEY = RelatedDisease(
    disease_groups=("Renal and urinary tract disorders",), hpo_terms=("HP:0000077",), icd10=("N18",)
)


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return release_of(
        tmp_path / "own",
        PEOPLE,
        aggregate_gvcf_sample_stats=GENOMES,
        rare_diseases_participant_disease=[
            {"participant_id": one, "normalised_disease_group": "Renal and urinary tract disorders"}
            for one in (CASE, SAME_GROUP)
        ],
        # A renal cyst is an abnormality of the kidney; what was not found does not count.
        rare_diseases_participant_phenotype=[
            phenotype(KIDNEY_TERM, "HP:0000107"),
            phenotype(ALIKE, "HP:0000107", present="No"),
        ],
        hes_apc=[
            {"participant_id": KIDNEY_STAY, "diag_01": "I10X", "diag_02": "N185"},
            {"participant_id": ALIKE, "diag_01": "N190"},
        ],
        mortality=[{"participant_id": KIDNEY_DEATH, "icd10_multiple_cause_02": "N180"}],
    )


def match(release: Release, cases: list[int] | None = None, **options: Any) -> MatchedControls:
    return matched_controls(
        cohort_of(release, cases or [CASE], "Cases"),
        cohort_of(release, [], "Everybody"),
        **{"not_having": KIDNEY} | options,
    )


# ---------------------------------------------------------------------------------------------------------------------
# Who may serve
# ---------------------------------------------------------------------------------------------------------------------


def test_only_who_is_alike_unrelated_and_healthy_in_this_respect_serves(release: Release) -> None:
    matched = match(release)
    assert ALIKE in matched.controls.participants
    assert set(matched.controls.participants) <= {ALIKE, ALIKE_TOO, ITS_SISTER}
    assert len(matched.controls) == 2
    assert len(matched.controls.families) == 2


def test_each_step_of_the_recipe_stands_in_the_attrition_of_the_controls(release: Release) -> None:
    steps = match(release).controls.attrition.as_frame().set_index("step")["people dropped"]
    assert steps["No case"] == 1
    assert steps["No relative of a case"] == 1
    assert steps["No family recruited for Renal and urinary tract disorders"] == 2
    assert steps["No feature of HP:0000077"] == 1
    assert steps["No record of N18 in hospital, cause of death or cancer registry"] == 2
    assert steps["A genome from blood, in EDTA, without PCR"] == 2
    assert steps["Sex chromosomes agree with the sex recorded"] == 1
    assert steps["Known in sex, age or genetically inferred ancestry"] == 1


def test_the_disease_groups_of_the_cases_are_kept_away_if_nothing_is_said(
    release: Release,
) -> None:
    matched = match(release, not_having=None, on=["sex"])
    assert not {SAME_GROUP, ITS_MOTHER} & set(matched.controls.participants)
    assert "No family recruited for Renal and urinary tract disorders" in [
        step.reason for step in matched.controls.attrition.steps
    ]


def test_without_genomes_the_clinical_criteria_alone_decide(release: Release) -> None:
    matched = match(release, needs_genome=False, on=["sex"], ratio=20)
    assert {UNTESTED, SALIVA, SWAPPED} <= set(matched.controls.participants)


def test_the_same_person_under_another_number_does_not_serve(tmp_path: Path) -> None:
    people = [
        person(CASE),
        person(ALIKE, duplicated_participant_id=CASE),
        person(OLDER),
        person(ANOTHER_SEX, duplicated_participant_id=OLDER),
    ]
    release = release_of(tmp_path / "own", people)
    matched = match(release, not_having=RelatedDisease())
    assert matched.controls.participants == (OLDER,)


def test_related_diseases_are_checked_when_they_are_written() -> None:
    assert RelatedDisease(icd10=("n18.5",)).icd10 == ("N185",)
    assert RelatedDisease(disease_groups="Ciliopathies").disease_groups == ("Ciliopathies",)
    with pytest.raises(DefinitionError, match="did you mean 'Ciliopathies'"):
        RelatedDisease(disease_groups=("Ciliopathy",))
    with pytest.raises(DefinitionError, match="write 'HP:0008665'"):
        RelatedDisease(hpo_terms=("HP:0000057",))
    with pytest.raises(DefinitionError, match="no ICD-10 code"):
        RelatedDisease(icd10=("kidney",))


# ---------------------------------------------------------------------------------------------------------------------
# Who serves for whom
# ---------------------------------------------------------------------------------------------------------------------


def test_a_case_without_a_control_has_a_reason_that_names_nobody(release: Release) -> None:
    cases = [CASE, UNTESTED, SWAPPED, UNASSIGNED, ANOTHER_SEX, OLDER]
    matched = match(release, cases)
    reasons = matched.cases.set_index("participant_id")["reason"]
    assert reasons.to_dict() == {
        CASE: None,
        UNTESTED: NO_GENOME,
        SWAPPED: OTHER_CHROMOSOMES,
        UNASSIGNED: "genetically inferred ancestry not assigned",
        ANOTHER_SEX: NOBODY_ALIKE,
        OLDER: NOBODY_ALIKE,
    }
    assert matched.short_of_controls == 6
    assert matched.matched_cases.participants == (CASE,)


def test_of_twins_of_one_sex_among_the_cases_one_is_left_out(tmp_path: Path) -> None:
    twins = [person(CASE), person(RELATIVE, participant_type="Relative"), person(ALIKE)]
    release = release_of(
        tmp_path / "own",
        twins,
        rare_diseases_pedigree_member=[
            {"participant_id": one, "rare_diseases_family_id": CASE // 10, "twin_group": 1}
            | {"rare_diseases_pedigree_member_sk": one, "affection_status": "Affected"}
            for one in (CASE, RELATIVE)
        ],
    )
    matched = match(release, [CASE, RELATIVE], not_having=RelatedDisease())
    assert matched.cases["reason"].tolist() == [None, TWIN]


def test_who_is_registered_twice_is_one_case(tmp_path: Path) -> None:
    people = [person(CASE), person(OLDER, duplicated_participant_id=CASE), person(ALIKE)]
    release = release_of(tmp_path / "own", people)
    matched = match(release, [CASE, OLDER], not_having=RelatedDisease())
    assert matched.cases["reason"].tolist() == [None, REGISTERED_TWICE]


@pytest.mark.slow
def test_the_seed_alone_decides_whatever_the_order_of_the_rows(tmp_path: Path) -> None:
    people = [person(110000001 + 10 * number) for number in range(40)]
    cases = [one["participant_id"] for one in people[:4]]
    releases = [
        release_of(tmp_path / name, rows)
        for name, rows in (("one", people), ("other", list(reversed(people))))
    ]
    drawn = [match(one, cases, not_having=RelatedDisease(), seed=3).pairs for one in releases]
    assert drawn[0].equals(drawn[1])
    other = match(releases[0], cases, not_having=RelatedDisease(), seed=4).pairs
    assert not drawn[0].equals(other)


@st.composite
def crowds(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cases, and people who may serve, of a few strata and in families of several."""

    def rows(first: int, size: int) -> pd.DataFrame:
        return pd.DataFrame(
            [
                {
                    "participant_id": first + place,
                    "family_id": draw(st.one_of(st.none(), st.integers(first, first + 6))),
                    "sex": draw(st.sampled_from(["Female", "Male"])),
                    "age_band": draw(st.sampled_from(["0 to 9", "10 to 19"])),
                }
                for place in range(size)
            ]
        ).astype({"family_id": "Int64"})

    return rows(1, draw(st.integers(1, 6))), rows(100, draw(st.integers(1, 25)))


@pytest.mark.slow
@settings(deadline=None)
@given(crowd=crowds(), ratio=st.integers(1, 4), seed=st.integers(0, 5))
def test_nobody_serves_twice_and_no_case_is_short_while_somebody_alike_is_free(
    crowd: tuple[pd.DataFrame, pd.DataFrame], ratio: int, seed: int
) -> None:
    cases, pool = crowd
    on = ("sex", "age_band")
    pairs = _draw(cases, pool, on=on, ratio=ratio, seed=seed)
    assert pairs["control"].is_unique
    assert pairs["control_family"].dropna().is_unique
    of = {"case": cases, "control": pool}
    for side, people in of.items():
        shared = pairs[[side, *on]].merge(
            people, left_on=side, right_on="participant_id", suffixes=("", "_own")
        )
        assert len(shared) == len(pairs)
        assert all((shared[name] == shared[f"{name}_own"]).all() for name in on)
    has = pairs["case"].value_counts().reindex(cases["participant_id"], fill_value=0)
    assert has.max() <= ratio
    taken = set(pairs["control_family"].dropna())
    free = pool[~pool["participant_id"].isin(pairs["control"]) & ~pool["family_id"].isin(taken)]
    short = cases[cases["participant_id"].isin(has[has < ratio].index)]
    assert short.merge(free, on=list(on)).empty
    # Everybody alike gets a first before anybody gets a second: numbers within a stratum differ by one at most.
    counts = cases.assign(n=has.to_numpy()).groupby(list(on))["n"]
    assert ((counts.max() - counts.min()) <= 1).all()


@pytest.mark.slow
@settings(deadline=None)
@given(crowd=crowds(), ratio=st.integers(1, 4))
def test_matched_cases_and_controls_do_not_differ_in_what_they_were_matched_on(
    crowd: tuple[pd.DataFrame, pd.DataFrame], ratio: int
) -> None:
    cases, pool = crowd
    on = ("sex", "age_band")
    ages = {"0 to 9": 5.0, "10 to 19": 15.0}
    pairs = _draw(cases, pool, on=on, ratio=ratio, seed=0)
    share = 1 / pairs["case"].map(pairs["case"].value_counts())
    weight = dict(zip(pairs["control"], share, strict=True))
    groups = {
        MATCHED: cases[cases["participant_id"].isin(pairs["case"])],
        CONTROLS: pool[pool["participant_id"].isin(pairs["control"])].assign(
            weight=lambda rows: rows["participant_id"].map(weight)
        ),
    }
    groups = {name: rows.assign(age=rows["age_band"].map(ages)) for name, rows in groups.items()}
    balance = compare_groups(
        groups,
        contrasts={AFTER: (MATCHED, CONTROLS)},
        on=on,
        title="Balance",
        provenance=Provenance("by hand"),
    )
    told = balance.differences["difference"].dropna() if len(pairs) else pd.Series(dtype=float)
    assert (told == 0).all()


def test_balance_is_told_before_and_after(tmp_path: Path) -> None:
    people = [person(110000001 + 10 * n, year_of_birth=1980 if n < 20 else 1950) for n in range(60)]
    cases = [one["participant_id"] for one in people[:5]]
    release = release_of(tmp_path / "own", people)
    balance = match(release, cases, not_having=RelatedDisease(), ratio=2).balance
    assert balance.difference("Age", "40 to 49", BEFORE) > 1
    assert balance.difference("Age", "40 to 49", AFTER) == 0
    assert balance.difference("Age in years", "recorded", AFTER) == 0
    assert ("Cases", "Matched cases") in balance.within
    assert ("Pool", "Controls") in balance.within


# ---------------------------------------------------------------------------------------------------------------------
# What is given back
# ---------------------------------------------------------------------------------------------------------------------


def test_the_controls_are_a_cohort_that_can_be_worked_with(release: Release) -> None:
    controls = match(release).controls
    assert isinstance(controls, Cohort)
    assert set(controls.samples.values()) == set(controls.participants)
    assert len(controls.table(["sex"])) == len(controls)
    assert controls.definition.title == "Controls of Cases"
    assert controls.provenance.parameter("release") == release.name
    assert controls.attrition.steps[-1].people == len(controls)


def test_a_summary_tells_how_many_have_how_many_and_a_listing_who_has_whom(
    release: Release,
) -> None:
    matched = match(release, [CASE, UNTESTED])
    table = summarise(matched).table["people"]
    assert table.to_dict() == {
        "4 controls": 0,
        "3 controls": 0,
        "2 controls": 1,
        "1 control": 0,
        f"None: {NO_GENOME}": 1,
        "Total": 2,
    }
    listing = list_rows(matched)
    assert set(listing.rows["case"]) == {CASE}
    assert set(listing.rows["control"]) == set(matched.controls.participants)


@pytest.mark.slow
def test_no_message_and_no_text_of_a_result_names_anybody(release: Release) -> None:
    matched = match(release)
    texts = [repr(matched), repr(matched.controls), repr(matched.balance)]
    with pytest.raises(AnalysisError) as error:
        match(release, [OLDER])
    texts.append(str(error.value))
    assert "nobody alike" in texts[-1]
    for text in texts:
        assert not any(str(one["participant_id"]) in text for one in PEOPLE)


def test_what_cannot_be_matched_is_refused_with_a_way_out(release: Release, tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match="at least one control"):
        match(release, ratio=0)
    with pytest.raises(AnalysisError, match="did you mean 'sex'"):
        match(release, on=["sexes"])
    with pytest.raises(AnalysisError, match="list of characteristics"):
        match(release, on=[])
    bare = release_of(tmp_path / "bare", PEOPLE[:3], aggregate_gvcf_sample_stats=[GENOMES[0] | {}])
    without = release_of(
        tmp_path / "without",
        PEOPLE[:3],
        aggregate_gvcf_sample_stats=[{"participant_id": CASE, "platekey": "LP1"}],
    )
    with pytest.raises(AnalysisError, match="needs_genome=False"):
        match(without)
    with pytest.raises(AnalysisError, match="two releases"):
        matched_controls(cohort_of(release, [CASE], "Cases"), cohort_of(bare, [], "Pool"))
