from __future__ import annotations

import datetime
import tomllib
from pathlib import Path

import pytest

from gecip.configuration import policy_document, projects_document
from gecip.errors import ConfigurationError, InputError
from gecip.governance.access import months_later, moratorium_end
from gecip.governance.policy import parse_policy
from gecip.governance.projects import parse_projects, problem_of_project

POLICY = parse_policy(policy_document())
REGISTRY = """
[RR91]
title = "Genes of cystic kidneys"
purpose = "To find which genes explain cystic kidneys"
approved = 2024-01-31
members = ["ada"]
domains = ["Renal"]
agreed = ["Skin"]

[RR92]
title = "Not yet"
purpose = "To be approved"
"""


def test_an_extract_of_the_registry_is_read() -> None:
    projects = parse_projects(tomllib.loads(REGISTRY))
    first = projects["RR91"]
    assert first.approved == datetime.date(2024, 1, 31)
    assert (first.members, first.domains, first.agreed) == ({"ada"}, {"Renal"}, {"Skin"})
    assert projects["RR92"].approved is None
    assert projects["RR92"].members == frozenset()


def test_everything_that_is_wrong_in_it_is_said_at_once() -> None:
    wrong = '[RR1]\ntitle = " "\npurpose = "x"\napproved = "2024-01-31"\nmembers = "ada"\n[RR2]\n'
    with pytest.raises(InputError) as refused:
        parse_projects({**tomllib.loads(wrong), "RR3": "x"})
    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        "RR1", "RR1", "RR1", "RR2", "RR2", "RR3",
    ]  # fmt: skip
    assert "approved is no day: write it as 2024-01-31" in str(refused.value)


@pytest.mark.parametrize(
    ("code", "user", "today", "sentence"),
    [
        ("RR91", "ada", datetime.date(2024, 2, 29), None),
        ("RR91", "ada", datetime.date(2024, 2, 28), "open to it from 2024-02-29 on"),
        ("RR91", "grace", datetime.date(2024, 3, 1), "not registered on the project RR91"),
        ("RR92", "ada", datetime.date(2024, 3, 1), "nothing is exported in pre-research"),
        ("RR93", "ada", datetime.date(2024, 3, 1), "knows no such project"),
    ],
)
def test_a_project_opens_exports_to_its_members_after_a_month(
    code: str, user: str, today: datetime.date, sentence: str | None
) -> None:
    known = parse_projects(tomllib.loads(REGISTRY)).get(code)
    problem = problem_of_project(known, user=user, today=today, policy=POLICY)
    if sentence is None:
        assert problem is None
    else:
        assert problem is not None
        assert sentence in problem


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2023-12-31", 2, "2024-02-29"),
        ("2023-03-30", 9, "2023-12-30"),
        ("2023-11-15", 1, "2023-12-15"),
        ("2023-12-01", 0, "2023-12-01"),
    ],
)
def test_months_are_those_of_the_calendar(day: str, months: int, later: str) -> None:
    start, end = map(datetime.date.fromisoformat, (day, later))
    assert months_later(start, months) == end


def test_a_moratorium_lasts_nine_months() -> None:
    assert moratorium_end(datetime.date(2023, 3, 30), POLICY) == datetime.date(2023, 12, 30)


def test_the_registry_is_found_by_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert projects_document() is None
    path = tmp_path / "projects.toml"
    monkeypatch.setenv("GECIP_PROJECTS", str(path))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        projects_document()
    path.write_text("[RR91", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is no TOML"):
        projects_document()
    path.write_text(REGISTRY, encoding="utf-8")
    assert set(parse_projects(projects_document() or {})) == {"RR91", "RR92"}
