"""Whether somebody may ask at all: the project that they name, and the moratoria of the people behind an item."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property

from gecip.audit import user_name
from gecip.configuration import domains_of_user, projects_document
from gecip.governance.disclosure import Finding, Verdict
from gecip.governance.policy import Policy
from gecip.governance.projects import Project, parse_projects, problem_of_project
from gecip.release import Release
from gecip.release.moratoria import moratorium_of


@dataclass(frozen=True)
class Permissions:
    """What the registry and the moratoria say of a request.

    `project` is the code under which it is asked, `today` the day on which it is.
    """

    project: str
    today: datetime.date
    policy: Policy

    @cached_property
    def projects(self) -> dict[str, Project] | None:
        """The projects of the registry's extract, or None where none is set."""
        document = projects_document()
        return None if document is None else parse_projects(document)

    def problem(self) -> str | None:
        """Return why nothing can be exported under the project, or None; the same where there is no extract to ask."""
        if self.projects is None:
            return None
        known = self.projects.get(self.project.strip())
        return problem_of_project(known, user=user_name(), today=self.today, policy=self.policy)

    def registered(self) -> dict[str, str] | None:
        """Return what the registry says of the project: title, purpose and day of approval; None without an extract."""
        known = (self.projects or {}).get(self.project.strip())
        if known is None:
            return None
        return {"title": known.title, "purpose": known.purpose, "approved": str(known.approved)}

    def moratorium(self, release: Release | None) -> Finding | None:
        """Return what a person has to know of moratoria of other domains in the release behind an item.

        It speaks of everybody in the release who consents: who of them is behind an item is not asked.
        """
        if release is None:
            return None
        found = moratorium_of(
            release, today=self.today, domains=self._domains(), policy=self.policy
        )
        if found is None:
            return None
        sentence = (
            f"Others than {', '.join(found.domains)} may not publish yet on participants of release {release.name} that "
            f"belong to these domains; the last moratorium ends on {found.until}."
        )
        return Finding(self.policy.access["moratorium"], Verdict.REVIEW, sentence)

    def _domains(self) -> frozenset[str]:
        """Return the asker's domains, the project's, and those whose leads agreed."""
        known = (self.projects or {}).get(self.project.strip())
        named = known.domains | known.agreed if known else frozenset()
        return domains_of_user() | named
