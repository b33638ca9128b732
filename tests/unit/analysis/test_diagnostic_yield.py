from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecip.airlock import request_export
from gecip.analysis.clinical.diagnostic_yield import diagnostic_yield, wilson_interval
from gecip.cohort import define_cohort, select_cohort
from gecip.errors import AnalysisError
from gecip.release import open_release
from gecip.reporting import plot_yield, summarise
from gecip.tables import participants
from tests.handmade import person, write_release

TRIO, SINGLETON = "Trio with Mother and Father", "Singleton"


def questionnaire(participant_id: int, solved: str) -> dict[str, object]:
    return {"participant_id": participant_id, "case_solved_family": solved}


@pytest.fixture
def release(tmp_path: Path):
    probands = range(110000011, 110000101, 10)
    return open_release(
        write_release(
            tmp_path / "own",
            participant=[person(one) for one in probands]
            + [person(110000012, participant_type="Relative", rare_diseases_family_id=11000001)],
            rare_diseases_participant_disease=[
                {
                    "participant_id": one,
                    "normalised_disease_group": "Ciliopathies"
                    if place < 4
                    else "Skeletal disorders",
                }
                for place, one in enumerate(probands)
            ],
            rare_diseases_family=[
                {
                    "rare_diseases_family_id": one // 10,
                    "family_group_type": TRIO if place < 6 else SINGLETON,
                }
                for place, one in enumerate(probands)
            ],
            gmc_exit_questionnaire=[
                questionnaire(110000011, "yes"),
                questionnaire(110000011, "yes"),
                questionnaire(110000021, "partially"),
                questionnaire(110000031, "no"),
                questionnaire(110000051, "no"),
                questionnaire(110000051, "Yes"),
            ],
        )
    )


def everyone(release):
    return select_cohort(define_cohort("Everyone"), release)


def test_a_family_counts_once_through_its_proband_and_without_report_as_undiagnosed(
    release,
) -> None:
    table = summarise(diagnostic_yield(everyone(release))).table
    assert table.loc["Ciliopathies", ["probands", "diagnosed"]].tolist() == [4, 2]
    assert table.loc["Skeletal disorders", ["probands", "diagnosed"]].tolist() == [5, 1]
    assert table.loc["All", ["probands", "diagnosed", "yield"]].tolist() == [9, 3, 1 / 3]


def test_yield_is_told_by_family_structure_too(release) -> None:
    table = summarise(diagnostic_yield(everyone(release), by="family_structure")).table
    assert table.loc[TRIO, ["probands", "diagnosed"]].tolist() == [6, 3]
    assert table.loc[SINGLETON, ["probands", "diagnosed"]].tolist() == [3, 0]


@pytest.mark.slow
def test_its_summary_and_figure_leave_masked(release, tmp_path: Path) -> None:
    summary = summarise(diagnostic_yield(everyone(release)))
    request = request_export(
        [summary, plot_yield(summary)],
        project="Yield",
        purpose="To test the way out",
        folder=tmp_path / "out",
    )
    assert request.verdict.name == "REVIEW"


def test_missing_tables_and_cohorts_without_probands_are_answered_in_a_sentence(
    release,
    tmp_path: Path,
) -> None:
    relatives = define_cohort("Relatives").include(
        participants.type == "Relative", because="the test asks"
    )
    with pytest.raises(AnalysisError, match="no probands"):
        diagnostic_yield(select_cohort(relatives, release))
    bare = open_release(write_release(tmp_path / "bare", participant=[person(11)]))
    with pytest.raises(AnalysisError, match="needs the table gmc_exit_questionnaire"):
        diagnostic_yield(everyone(bare))


def test_wilsons_interval_of_published_examples() -> None:
    # Newcombe, Statistics in Medicine 1998;17:857, table I, method 3.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_interval(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)
    assert wilson_interval(0, 0) == (0.0, 1.0)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_bounds_are_where_the_score_test_just_does_not_reject(
    counts: tuple[int, int],
) -> None:
    successes, trials = counts
    share = successes / trials
    for bound in wilson_interval(successes, trials):
        if 1e-9 < bound < 1 - 1e-9:
            score = (share - bound) / math.sqrt(bound * (1 - bound) / trials)
            assert abs(score) == pytest.approx(1.959964, abs=1e-4)
