"""All checks of samples at once, against the answer keys of synthetic releases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gecip import define_cohort, list_rows, load_genotypes, open_release, select_cohort, summarise
from gecip.airlock import request_export
from gecip.analysis.genetic.sample_checks import (
    EXPECTED_ANCESTRY,
    FindingKind,
    SampleChecks,
    check_samples,
)
from gecip.model.people import Participant
from gecip.reporting.sample_checks_report import plot_kinship, plot_sex_check
from gecip.synthetic.answer_key import read_answers

EVERYONE = define_cohort("Everyone with a genome")
PLANTED = {
    "sample_swap": FindingKind.SWAP,
    "wrong_sex": FindingKind.WRONG_SEX,
    "hidden_relative": FindingKind.HIDDEN_RELATIVE,
    "duplicated_participant": FindingKind.DUPLICATE,
    "ancestry_outlier": FindingKind.ANCESTRY,
}
SHORT = {"European": "EUR", "South Asian": "SAS", "African": "AFR", "East Asian": "EAS"}


def planted(folder: Path) -> set[tuple[FindingKind, frozenset[int]]]:
    return {
        (PLANTED[answer.kind], frozenset(answer.expected["participants"]))
        for answer in read_answers(folder)
        if answer.kind in PLANTED
    }


def found(checks: SampleChecks) -> set[tuple[FindingKind, frozenset[int]]]:
    return {(one.kind, frozenset(one.participants)) for one in checks.findings}


def checked(folder: Path) -> SampleChecks:
    return check_samples(load_genotypes(select_cohort(EVERYONE, open_release(folder))))


@pytest.fixture(scope="module")
def of_small(hail: Any, small_release_folder: Path) -> SampleChecks:
    return checked(small_release_folder)


@pytest.mark.jvm
def test_a_small_release_gives_up_all_that_was_planted_and_nothing_else(
    of_small: SampleChecks, small_release_folder: Path
) -> None:
    assert found(of_small) == planted(small_release_folder)
    assert {kind for kind, _ in found(of_small)} == {
        FindingKind.SWAP, FindingKind.WRONG_SEX, FindingKind.HIDDEN_RELATIVE,
    }  # fmt: skip


@pytest.mark.jvm
def test_a_check_that_cannot_be_made_is_named(of_small: SampleChecks) -> None:
    assert [reason.split(":")[0] for reason in of_small.not_done] == ["Ancestry"]
    assert of_small.ancestry is None
    assert any("Not checked" in note for note in summarise(of_small).notes)


@pytest.mark.jvm
def test_the_summary_counts_people_and_says_what_to_do(
    of_small: SampleChecks, tmp_path: Path
) -> None:
    summary = summarise(of_small)
    table = summary.table
    assert table.at[FindingKind.SWAP.value, "people"] == 2
    assert table.at[FindingKind.SWAP.value, "families"] == 2
    assert "do not relabel" in table.at[FindingKind.SWAP.value, "what to do"]
    assert table.at[FindingKind.NOT_RELATED.value, "what to do"].startswith("Nothing")
    assert summary.n_people == len(of_small.people)
    request = request_export(
        [summary],
        project="a test",
        purpose="quality of the samples of a cohort",
        folder=tmp_path / "out",
    )
    assert request.verdict.name == "REVIEW"


@pytest.mark.jvm
def test_rows_and_figures_stay_inside_and_show_everybody(
    of_small: SampleChecks, small_release_folder: Path
) -> None:
    listing = list_rows(of_small)
    summary_level = open_release(small_release_folder).consent.summary_level
    shown = [
        person
        for one in of_small.findings
        for person in one.participants
        if person not in summary_level
    ]
    assert sorted(listing.rows["participant_id"]) == sorted(shown)
    assert of_small.kinship is not None
    assert of_small.sex is not None
    for figure in (
        plot_kinship(list_rows(of_small.kinship)),
        plot_sex_check(list_rows(of_small.sex)),
    ):
        assert figure.png().startswith(b"\x89PNG")
        assert "stays in the environment" in figure.caption
    assert "1 disagree" in plot_sex_check(list_rows(of_small.sex)).alt_text


@pytest.mark.jvm
def test_no_identifier_stands_in_what_the_result_says_of_itself(of_small: SampleChecks) -> None:
    text = repr(of_small) + str(summarise(of_small).notes)
    for one in of_small.findings:
        assert not any(str(who) in text for who in (*one.participants, *one.samples))


@pytest.mark.slow
@pytest.mark.jvm
def test_the_demo_gives_up_all_that_was_planted_and_nothing_that_is_not_so(
    hail: Any, demo_release_folder: Path
) -> None:
    checks = checked(demo_release_folder)
    expected = planted(demo_release_folder)
    assert {kind for kind, _ in expected} == set(PLANTED.values())
    assert expected <= found(checks)
    for kind, people in found(checks) - expected:
        # A few people of each ancestry state another region's category, as in the real programme.
        assert kind is FindingKind.ANCESTRY
        assert people <= of_another_ancestry_than_stated(demo_release_folder)
    assert checks.not_done == ()


def of_another_ancestry_than_stated(folder: Path) -> set[int]:
    """Return whose true ancestry, by the answer key, is not what their stated category tells."""
    (answer,) = (one for one in read_answers(folder) if one.kind == "genetic_ancestry")
    shares = answer.expected["shares"]
    rows = select_cohort(EVERYONE, open_release(folder)).rows(Participant)
    stated = zip(rows["participant_id"], rows["participant_ethnic_category"], strict=True)
    return {
        person
        for person, category in stated
        if category in EXPECTED_ANCESTRY
        and shares.get(str(person), {}).get(SHORT[EXPECTED_ANCESTRY[category]], 0) == 0
    }
