from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from gecip.airlock import Verdict, request_export
from gecip.airlock import permissions as of_permissions
from gecip.audit import user_name
from gecip.errors import ExportError, InputError
from gecip.release import Release, open_release
from gecip.release.layout import Manifest
from tests.handmade import person, write_release
from tests.products import counted

YEARS_AGO, YEARS_AHEAD = datetime.date(2020, 1, 1), datetime.date(2120, 1, 1)


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    """A release of v17 in which one person is under the moratorium of a domain."""
    monkeypatch.setenv("GECIP_EXPORTS", str(tmp_path / "exports"))
    folder = write_release(
        tmp_path / "r",
        participant=[person(110000011), person(110000021)],
        domain_assignment=[
            {"participant_id": 110000011, "domain": "Skin", "moratorium_end_date": YEARS_AHEAD},
            {"participant_id": 110000021, "domain": "Renal", "moratorium_end_date": YEARS_AGO},
        ],
    )
    Manifest(
        name="r",
        version="v17",
        date=datetime.date(2023, 3, 30),
        assembly="GRCh38",
        origin="programme",
        folder="/main-programme/main-programme_v17_2023-03-30",
    ).write(folder)
    return open_release(folder)


def registry(folder: Path, monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    facts = {
        "title": '"Kidneys"',
        "purpose": '"Genes of cystic kidneys"',
        "approved": YEARS_AGO.isoformat(),
        "members": f'["{user_name()}"]',
    } | changes
    path = folder / "projects.toml"
    path.write_text("[RR91]\n" + "".join(f"{key} = {value}\n" for key, value in facts.items()))
    monkeypatch.setenv("GECIP_PROJECTS", str(path))


def verdict_of(release: Release, project: str = "RR91") -> tuple[Verdict, set[str]]:
    summary = counted({"Renal": 40, "Skin": 30}, provenance=release.provenance)
    request = request_export([summary], project=project, purpose="Table 2 of the paper")
    (item,) = request.items
    return item.verdict, {finding.rule.name for finding in item.findings}


@pytest.mark.parametrize(
    ("changes", "project", "sentence"),
    [
        ({}, "RR92", "knows no such project"),
        ({"members": '["grace hopper"]'}, "RR91", "not registered on the project RR91"),
        ({"approved": YEARS_AHEAD.isoformat()}, "RR91", "exports are open to it from 2120-02-01"),
    ],
)
def test_a_request_is_held_to_the_registry(
    release: Release,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, str],
    project: str,
    sentence: str,
) -> None:
    registry(tmp_path, monkeypatch, **changes)
    with pytest.raises(ExportError, match=sentence):
        verdict_of(release, project)


def test_the_manifest_tells_the_checker_what_the_project_was_approved_for(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> object:
        summary = counted({"Renal": 40, "Skin": 30}, provenance=release.provenance)
        asked = request_export([summary], project="RR91", purpose="Table 2 of the paper")
        assert asked.folder is not None
        return json.loads((asked.folder / "manifest.json").read_text())["registered"]

    assert told() is None, "there is no extract of the registry, and the checker looks it up"
    registry(tmp_path, monkeypatch)
    assert told() == {
        "title": "Kidneys",
        "purpose": "Genes of cystic kidneys",
        "approved": "2020-01-01",
    }


def test_a_registry_that_cannot_be_followed_stops_the_request(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry(tmp_path, monkeypatch, approved='"soon"')
    with pytest.raises(InputError, match="RR91: approved is no day"):
        verdict_of(release)


def test_a_running_moratorium_is_for_a_person_to_decide(release: Release) -> None:
    assert verdict_of(release) == (Verdict.REVIEW, {"moratorium"})


def test_the_askers_domain_and_an_agreement_lift_it(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("GECIP_DOMAINS", "Hearing; Skin")
        assert verdict_of(release) == (Verdict.PASS, set())
    registry(tmp_path, monkeypatch, agreed='["Skin"]')
    assert verdict_of(release) == (Verdict.PASS, set())
    registry(tmp_path, monkeypatch, domains='["skin"]')
    assert verdict_of(release) == (Verdict.PASS, set())
    registry(tmp_path, monkeypatch, agreed='["Renal"]')
    assert verdict_of(release) == (Verdict.REVIEW, {"moratorium"})


def test_the_sentence_names_domains_and_counts_nobody(release: Release) -> None:
    permissions = of_permissions.Permissions("RR91", datetime.date(2023, 6, 1), of_policy())
    finding = permissions.moratorium(release)
    assert finding is not None
    assert "Others than Skin may not publish yet" in finding.sentence
    assert "110000011" not in finding.sentence
    assert permissions.moratorium(None) is None


def of_policy() -> of_permissions.Policy:
    from gecip.configuration import policy_document
    from gecip.governance.policy import parse_policy

    return parse_policy(policy_document())
