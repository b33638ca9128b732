"""What is in doubt of families: trios that stand out, and a synthetic release whose exchanged samples are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.rare_disease import (
    RARE_DISEASE_FAMILIES,
    check_families,
    list_trios,
    plot_mendelian_errors,
    summarise_structures,
)
from domains.rare_disease.family_checks import (
    DOUBTS,
    FAR_ABOVE,
    WITHOUT_PROBAND,
    FamilyChecks,
    largest_family,
    stand_out,
)
from gecip.airlock import request_export
from gecip.cohort import select_cohort
from gecip.errors import ReportingError
from gecip.genotypes import Genotypes, load_genotypes
from gecip.release import open_release
from gecip.reporting import list_rows, summarise
from gecip.synthetic import read_answers

SITES = 9_000


def out(errors: list[int], sites: int = SITES) -> list[bool]:
    return stand_out(np.array(errors), np.full(len(errors), sites))[0].tolist()


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([6] * 20 + [300], True),
        ([6] * 20 + [29], False),  # not five times the median
        ([6] * 20 + [31], True),
        ([0] * 20 + [4], False),  # without any error, one is taken for the usual
        ([0] * 20 + [30], True),
        ([1] * 2_000 + [5], False),  # five times the usual, and still by chance among so many
    ],
)
def test_a_trio_stands_out_that_is_far_above_the_others_by_more_than_chance(
    errors: list[int], *, expected: bool
) -> None:
    judged = out(errors)
    assert judged[-1] is expected
    assert not any(judged[:-1])


def test_a_few_trios_tell_no_usual_rate() -> None:
    judged, usual = stand_out(np.array([1, 1, 1, 900]), np.full(4, SITES))
    assert not judged.any()
    assert usual == pytest.approx(1 / SITES)


def test_without_known_sites_nothing_is_said() -> None:
    judged, usual = stand_out(np.zeros(6), np.zeros(6))
    assert not judged.any()
    assert np.isnan(usual)


@given(st.lists(st.integers(0, 2_000), min_size=5, max_size=40))
def test_who_has_at_most_the_usual_never_stands_out_and_order_does_not_matter(
    errors: list[int],
) -> None:
    judged = out(errors)
    assert out(errors[::-1]) == judged[::-1]
    for count, stands_out in zip(errors, judged, strict=True):
        assert not (stands_out and count < FAR_ABOVE * np.median(errors))


def test_equal_families_are_left_in_peace() -> None:
    """A thousand trios whose errors are chance alone: none is accused."""
    errors = np.random.default_rng(5).poisson(6, 1_000)
    assert not stand_out(errors, np.full(1_000, SITES))[0].any()


# -- a synthetic release ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def genotypes(hail: Any, small_release_folder: Path) -> Genotypes:
    return load_genotypes(select_cohort(RARE_DISEASE_FAMILIES, open_release(small_release_folder)))


@pytest.fixture(scope="module")
def checks(genotypes: Genotypes) -> FamilyChecks:
    return check_families(genotypes)


@pytest.mark.jvm
def test_every_family_is_looked_at_and_counted(checks: FamilyChecks, genotypes: Genotypes) -> None:
    families = checks.families.set_index("family_id")
    assert set(families.index) == set(genotypes.cohort.families)
    held = set(genotypes.mt.participant_id.collect())
    for number, pedigree in checks.pedigrees.families.items():
        people = {one.participant_id for one in pedigree.members} - {None}
        assert families.loc[number, "taking_part"] == len(people)
        assert families.loc[number, "with_genome"] == len(people & held)
        missing = families.loc[number, "structure"] == WITHOUT_PROBAND
        assert missing == (pedigree.proband is None or pedigree.proband.participant_id not in held)
    assert families["doubts"].sum() == len(checks.doubts)
    structures = summarise_structures(checks)
    assert structures.table.loc["Total", "families"] == len(families)
    assert structures.table.loc["Total", "people"] == len(checks.people)


@pytest.mark.jvm
def test_trios_with_an_exchanged_sample_stand_out_and_no_others(
    checks: FamilyChecks, small_release_folder: Path
) -> None:
    exchanged = {
        person
        for answer in read_answers(small_release_folder)
        if answer.kind == "sample_swap"
        for person in answer.expected["participants"]
    }
    expected = {
        child.participant_id
        for pedigree in checks.pedigrees.families.values()
        for trio in pedigree.trios()
        for child in trio[:1]
        if exchanged & {one.participant_id for one in trio}
    } & set(checks.trios["participant_id"])
    assert expected
    assert set(checks.trios.loc[checks.trios["stands_out"], "participant_id"]) == expected
    families = set(checks.trios.loc[checks.trios["stands_out"], "family_id"])
    assert set(checks.doubts.loc[checks.doubts["doubt"] == DOUBTS[-1], "family_id"]) == families


@pytest.mark.jvm
def test_counts_may_ask_to_leave_and_rows_stay(checks: FamilyChecks) -> None:
    summary = summarise(checks)
    assert set(DOUBTS) < set(summary.table.index)
    doubtful = checks.doubts["family_id"].nunique()
    assert summary.table.loc["nothing", "families"] == len(checks.families) - doubtful
    for doubt, of_doubt in checks.doubts.groupby("doubt"):
        assert summary.table.loc[doubt, "families"] == of_doubt["family_id"].nunique()
    trios = list_trios(checks)
    request = request_export(
        [summary, list_rows(checks), trios, plot_mendelian_errors(trios)],
        project="Families",
        purpose="To see what may leave",
    )
    verdicts = [item.verdict.name for item in request.items]
    assert verdicts[0] != "FAIL"
    assert verdicts[1:] == ["FAIL"] * 3
    assert len(largest_family(checks.pedigrees).members) == checks.families["members"].max()


@pytest.mark.jvm
def test_without_trios_it_is_said_that_nobody_was_held_against_parents(
    genotypes: Genotypes, checks: FamilyChecks
) -> None:
    import hail as hl

    mt = genotypes.mt
    probands = {one.members[0].participant_id for one in checks.pedigrees.families.values()}
    known = hl.literal(probands - {None}, hl.tset(mt.participant_id.dtype))
    alone = mt.filter_cols(known.contains(mt.participant_id))
    found = check_families(genotypes.with_matrix(alone, because="probands alone"))
    assert found.trios.empty
    assert any("no child was held against its parents" in one.sentence for one in found.remarks)
    assert "there are 0 trios" in " ".join(summarise(found).notes)
    with pytest.raises(ReportingError, match="no Mendelian errors"):
        plot_mendelian_errors(replace(list_trios(found), rows=found.trios))
