"""The checks of samples as a summary with what to do, as rows, and as figures that stay inside."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gecip.airlock import request_export
from gecip.analysis.genetic.sample_checks import Finding, FindingKind, SampleChecks
from gecip.analysis.genetic.sex_check import SexCheck
from gecip.errors import ReportingError
from gecip.provenance import Provenance
from gecip.reporting import list_rows, plot_kinship, plot_sex_check, summarise
from tests.known_people import ids_of, unknown_numbers, whole_of

MADE = Provenance(operation="a test", parameters={})


@pytest.fixture
def checks() -> SampleChecks:
    """Two swaps that share a family, somebody of the wrong sex, and sex that could not be checked."""
    people = pd.DataFrame(
        {
            "participant_id": range(1, 31),
            "sample": [f"S{number}" for number in range(1, 31)],
            "family_id": [None if number == 20 else number // 3 for number in range(1, 31)],
        }
    )
    findings = (
        Finding(FindingKind.SWAP, (1, 5), ("S1", "S5"), (0, 1), "before 4, after 0"),
        Finding(FindingKind.SWAP, (2, 9), ("S2", "S9"), (0, 3), "before 4, after 0"),
        Finding(FindingKind.WRONG_SEX, (20,), ("S20",), (None,), "recorded Male"),
    )
    return SampleChecks(
        provenance=MADE,
        findings=findings,
        people=people,
        kinship=None,
        sex=None,
        ancestry=None,
        not_done=("Sex: no chrX.",),
    )


def test_people_and_families_are_counted_once_for_each_kind(checks: SampleChecks) -> None:
    summary = summarise(checks)
    table = summary.table
    assert table.loc["sample swap", ["people", "families"]].tolist() == [4, 3]
    assert table.loc["recorded sex contradicts the genome", ["people", "families"]].tolist() == [
        1,
        0,
    ]
    assert table["people"].sum() == 5
    assert summary.n_people == 30
    assert "Not checked. Sex: no chrX." in summary.notes


def test_every_kind_says_what_to_do_and_none_says_to_relabel(checks: SampleChecks) -> None:
    actions = summarise(checks).table["what to do"]
    assert len({kind.action for kind in FindingKind}) == len(FindingKind) == len(actions)
    assert "do not relabel" in actions["sample swap"]
    assert actions["not related as recorded"] == "Nothing: none was found."
    assert "never tell the family" in FindingKind.NOT_RELATED.action


def test_the_counts_are_masked_on_the_way_out_and_the_rows_refused(
    checks: SampleChecks, tmp_path: Path
) -> None:
    request = request_export(
        [summarise(checks), list_rows(checks)],
        project="a test",
        purpose="To describe the quality of samples",
        folder=tmp_path / "out",
    )
    assert [item.verdict.name for item in request.items] == ["REVIEW", "FAIL"]


def test_rows_name_each_person_with_the_evidence(checks: SampleChecks) -> None:
    rows = list_rows(checks).rows
    assert rows["participant_id"].tolist() == [1, 5, 2, 9, 20]
    assert rows["number"].tolist() == [1, 1, 2, 2, 3]
    assert rows["evidence"].iloc[-1] == "recorded Male"
    assert repr(checks) == "SampleChecks(people=30, findings=3)"


def test_sex_is_summarised_drawn_and_told_in_words() -> None:
    people = pd.DataFrame(
        {
            "participant_id": range(4),
            "family_id": range(4),
            "recorded": ["Male", "Female", "Female", "Indeterminate"],
            "f_statistic": [1.0, 0.02, 0.98, 0.5],
            "sites": 100,
            "depth_ratio": [0.5, 1.0, 0.5, float("nan")],
            "genome": ["XY", "XX", "XY", "unclear"],
            "agrees": pd.array([True, True, False, None], dtype="boolean"),
            "depth_disagrees": False,
        }
    )
    check = SexCheck(provenance=MADE, people=people, sites=100)
    assert summarise(check).table.at["Female", "XY"] == 1
    listing = list_rows(check)
    assert listing.rows["participant_id"].iloc[0] == 2
    figure = plot_sex_check(listing)
    assert figure.png().startswith(b"\x89PNG")
    assert figure.alt_text.endswith("1 disagree with the record.")
    assert "stays in the environment" in figure.caption
    assert repr(check) == "SexCheck(people=4, disagree=1, sites=100)"


def test_figures_of_other_listings_are_refused(checks: SampleChecks) -> None:
    for plot in (plot_kinship, plot_sex_check):
        with pytest.raises(ReportingError, match="give list_rows of"):
            plot(list_rows(checks))


def test_those_concerned_stand_behind_each_kind(checks: SampleChecks) -> None:
    summary = summarise(checks)
    assert unknown_numbers(summary) == 0
    assert ids_of(summary, "sample swap", "people") == {1, 2, 5, 9}
    assert ids_of(summary, "sample swap", "families") == {1, 2, 5, 9}
    assert ids_of(summary, "recorded sex contradicts the genome", "people") == {20}
    assert whole_of(summary) == set(range(1, 31))
