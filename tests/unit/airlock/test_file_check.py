from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from gecip.airlock import Verdict
from gecip.airlock.judging.examiner import Examiner
from gecip.airlock.reading.file_kinds import pieces_of
from gecip.airlock.reading.opened import Opened
from gecip.configuration import policy_document
from gecip.governance.disclosure import Finding
from gecip.governance.policy import parse_policy
from gecip.release.identifiers import KnownIdentifiers
from tests.unit.airlock.handmade_exports import (
    EXPORTS,
    HARMLESS,
    OWN,
    Content,
    Export,
    content_of,
)

POLICY = parse_policy(policy_document())
KNOWN = KnownIdentifiers(frozenset(OWN))


def judge(folder: Path, name: str, content: Content) -> tuple[Finding, ...]:
    path = folder / name
    path.write_bytes(content_of(content))
    return Examiner(POLICY, KNOWN).judge(pieces_of(Opened(name, path=path)))


def refused_by(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.rule.name for finding in findings if finding.verdict is Verdict.FAIL}


def test_there_are_three_exports_for_each_rule_and_sixty_six_in_all() -> None:
    assert len(EXPORTS) >= 66
    assert min(Counter(export.rule for export in EXPORTS).values()) >= 3


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.id)
def test_an_export_that_breaks_a_rule_is_refused_for_it(tmp_path: Path, export: Export) -> None:
    findings = judge(tmp_path, export.file, export.broken)
    assert export.rule in refused_by(findings)
    for finding in findings:
        assert finding.remedy
        assert not any(own in finding.sentence for own in OWN)


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.id)
def test_its_twin_that_nearly_does_is_not(tmp_path: Path, export: Export) -> None:
    findings = judge(tmp_path, export.twin_file or export.file, export.twin)
    assert [
        (finding.rule.name, finding.sentence)
        for finding in findings
        if finding.verdict is Verdict.FAIL
    ] == []
    # Of what pictures show nobody but a person can say more.
    assert {finding.rule.name for finding in findings} <= {"unreadable", "carriers"}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_looks_forbidden_passes(tmp_path: Path, name: str) -> None:
    file, content = HARMLESS[name]
    findings = judge(tmp_path, file, content)
    assert [(finding.rule.name, finding.sentence) for finding in findings] == []
