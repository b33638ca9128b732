"""The same cohort counted on one release and on the next: the ledger holds the people of both against each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from gecip.airlock import ExportRequest, Verdict, request_export
from gecip.airlock.decisions import approve_request, list_requests
from gecip.cohort import clinical_columns, define_cohort, select_cohort
from gecip.release import open_release
from gecip.reporting import Summary, count_people
from gecip.tables import participants
from tests.handmade import person, write_release

WOMEN = tuple(range(110000010, 110000410, 10))
MEN = tuple(range(120000010, 120000310, 10))
COHORT = define_cohort("Probands").include(
    participants.type == "Proband", because="one of a family"
)


@pytest.fixture(autouse=True)
def exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GECIP_EXPORTS", str(tmp_path / "exports"))
    # Where the airlock finds the releases whose counts ask to leave.
    monkeypatch.setenv("GECIP_RELEASES", str(tmp_path))


def counted_on(
    folder: Path, version: str, women: Sequence[int], *, withdrawn: Sequence[int] = ()
) -> Summary:
    """Return the cohort's people by sex on a release that has these women, and always the same men."""
    status = dict.fromkeys(withdrawn, "Withdrawn (Full)")
    people = [
        *(person(one, programme_consent_status=status.get(one, "Consenting")) for one in women),
        *(person(one, participant_phenotypic_sex="Male") for one in MEN),
    ]
    release = open_release(write_release(folder / version, version=version, participant=people))
    cohort = select_cohort(COHORT, release)
    return count_people(
        clinical_columns(cohort),
        by="sex",
        title=f"Probands of {version}, by sex",
        phenotypic=True,
        provenance=cohort.provenance,
    )


def released_on_v18(folder: Path) -> ExportRequest:
    """Let the count of the older release leave, for one project."""
    request = request_export(
        [counted_on(folder, "v18", WOMEN)], project="RR91", purpose="Table 1 of the older paper"
    )
    assert request.verdict is Verdict.PASS
    return request


def asked_on_v19(summary: Summary) -> ExportRequest:
    """Ask for the count of the newer release, for another project."""
    return request_export([summary], project="RR7", purpose="Table 1 of the newer paper")


NEWCOMERS = tuple(range(130000010, 130000060, 10))
CHANGES = {
    "fewer women": lambda n: WOMEN[n:],
    "more women": lambda n: (*WOMEN, *NEWCOMERS[:n]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_count_whose_people_changed_by_a_few_since_the_release_before_is_refused(
    tmp_path: Path, change: str
) -> None:
    released = released_on_v18(tmp_path)
    # What is refused is not in the ledger, so that each is held against the older count alone.
    for by in (1, 2, 3, 4):
        newer = counted_on(tmp_path / str(by), "v19", CHANGES[change](by))
        assert newer.provenance.parameter("version") == "v19"
        refused = asked_on_v19(newer)
        (item,) = refused.items
        assert (item.verdict, refused.folder) == (Verdict.FAIL, None)
        assert item.title == "Probands of v19, by sex"
        (finding,) = [one for one in item.findings if one.rule.name == "differencing"]
        # Both are named: the number that asks, and the released one with its output, its request and its project.
        assert finding.sentence.startswith("The people behind 'Female', 'people' are nearly those")
        assert "'Female', 'people' of 'Probands of v18, by sex'" in finding.sentence
        assert f"(request {released.name} of project RR91)" in finding.sentence
        assert [one.project for one in list_requests()] == ["RR91"]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("by", [0, 5])
def test_the_same_people_and_five_others_may_leave_on_the_newer_release(
    tmp_path: Path, change: str, by: int
) -> None:
    released_on_v18(tmp_path)
    asked = asked_on_v19(counted_on(tmp_path, "v19", CHANGES[change](by)))
    assert asked.verdict is Verdict.PASS
    assert len(list_requests()) == 2


def test_as_many_people_who_are_not_the_same_are_refused_as_well(tmp_path: Path) -> None:
    released_on_v18(tmp_path)
    older, newer = (
        counted_on(tmp_path / "again", "v18", WOMEN),
        counted_on(tmp_path, "v19", (*WOMEN[1:], NEWCOMERS[0])),
    )
    assert newer.table.equals(older.table)
    assert asked_on_v19(newer).verdict is Verdict.FAIL


def test_somebody_who_withdrew_in_between_is_not_told_by_the_difference(tmp_path: Path) -> None:
    released_on_v18(tmp_path)
    newer = counted_on(tmp_path, "v19", WOMEN, withdrawn=WOMEN[:2])
    assert newer.table.at["Female", "people"] == len(WOMEN) - 2
    assert asked_on_v19(newer).verdict is Verdict.FAIL


def test_what_was_approved_on_the_older_release_still_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gecip.airlock.request.user_name", lambda: "ada")
    monkeypatch.setattr("gecip.airlock.decisions.user_name", lambda: "grace")
    approve_request(released_on_v18(tmp_path).name)
    assert asked_on_v19(counted_on(tmp_path, "v19", WOMEN[3:])).verdict is Verdict.FAIL
