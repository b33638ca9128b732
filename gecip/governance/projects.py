"""Projects: under which approval, since when and for what results may ask to leave."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gecip.errors import InputError
from gecip.governance.access import EVERY_USE, Use, months_later
from gecip.governance.policy import Policy

_LISTS = ("members", "domains", "agreed")


@dataclass(frozen=True)
class Project:
    """What the Research Registry says of a project.

    `approved` is the day of its approval, or None in pre-research. `members` are user names; nobody
    named means that the extract does not tell. `domains` are those under which it runs, `agreed`
    those whose leads agreed that it publishes on their participants during a moratorium.
    """

    code: str
    title: str
    purpose: str
    approved: datetime.date | None
    members: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    agreed: frozenset[str] = frozenset()


def parse_projects(document: Mapping[str, Any]) -> dict[str, Project]:
    """Return the projects of an extract of the registry, by code.

    Each is a section of its code, as `[RR91]`, with `title`, `purpose`, `approved` (a day; left out in
    pre-research), and where known `members`, `domains` and `agreed`.

    Raises
    ------
    InputError
        With everything that is missing or of another kind.
    """
    problems = [
        f"{code}: {problem}" for code, section in document.items() for problem in _problems(section)
    ]
    if problems:
        raise InputError(problems)
    return {code: _project(code, section) for code, section in document.items()}


def _problems(section: Any) -> Iterator[str]:
    if not isinstance(section, Mapping):
        yield "this is no section: give the project one of its own, with title, purpose and approved."
        return
    for name in ("title", "purpose"):
        if not isinstance(section.get(name), str) or not section[name].strip():
            yield f"{name} is missing: say it in a few words, in quotation marks."
    # A day with a time of day would be a `date` too.
    if "approved" in section and type(section["approved"]) is not datetime.date:
        yield "approved is no day: write it as 2024-01-31, without quotation marks."
    for name in _LISTS:
        words = section.get(name, [])
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            yield f'{name} is no list of words: write it as ["one", "another"].'


def _project(code: str, section: Mapping[str, Any]) -> Project:
    return Project(
        code=code,
        title=section["title"].strip(),
        purpose=section["purpose"].strip(),
        approved=section.get("approved"),
        **{name: frozenset(section.get(name, ())) for name in _LISTS},
    )


def uses_by_project(
    project: Project | None, *, user: str, today: datetime.date, policy: Policy
) -> frozenset[Use]:
    """Return what a project allows one of its members; without it everything but exports stays open."""
    return (
        EVERY_USE - {Use.EXPORT}
        if problem_of_project(project, user=user, today=today, policy=policy)
        else EVERY_USE
    )


def problem_of_project(
    project: Project | None, *, user: str, today: datetime.date, policy: Policy
) -> str | None:
    """Return why nothing can be exported under a project, or None if it can.

    Parameters
    ----------
    project
        What the registry says of it, or None if it knows no such project.
    """
    if project is None:
        return (
            "The registry knows no such project: give the code of one on which you are registered."
        )
    if project.approved is None:
        return (
            f"The project {project.code} has not been approved by the Access Review Committee: nothing is exported "
            "in pre-research."
        )
    open_from = months_later(project.approved, policy.access["project"]["months_since_approval"])
    if today < open_from:
        return f"The project {project.code} was approved on {project.approved}: exports are open to it from {open_from} on."
    if project.members and user not in project.members:
        return f"You are not registered on the project {project.code}: have its lead add you."
    return None
