"""The contract between a domain and the environment: questions with answers.

A domain is a package with cohorts and questions. It is found by its entry point in the group
`gecip.domains`, so that it may lie here or in a package of its own; one contract test runs them all.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.errors import DomainError

if TYPE_CHECKING:
    from gecip.cohort import CohortDefinition
    from gecip.release import Release
    from gecip.reporting import Figure, Listing, Summary

    Answer = Callable[[Release], Summary | Listing]
    Plot = Callable[[Any], Figure]

ENTRY_POINT_GROUP = "gecip.domains"


@dataclass(frozen=True)
class Question:
    """One question that a domain answers on any release.

    `answer` takes a release and returns a Summary or a Listing, whichever `gives` names. `notebook` is
    the essay that answers it step by step, relative to the domain's folder of notebooks. `draws` are the
    figures of the answer: functions of it and of nothing else.
    """

    asks: str
    answer: Answer
    gives: type[Summary] | type[Listing]
    notebook: str
    draws: tuple[Plot, ...] = ()


@dataclass(frozen=True)
class Domain:
    """A domain of the programme: its people by role, its cohorts, its questions.

    `lead` is a role, never a name. `notebooks` is the folder to which the questions' notebooks are
    relative.
    """

    name: str
    title: str
    lead: str
    description: str
    notebooks: Path
    cohorts: tuple[CohortDefinition, ...]
    questions: tuple[Question, ...]

    def __post_init__(self) -> None:
        if not self.cohorts or not self.questions:
            raise DomainError(
                f"The domain {self.name!r} has no {'questions' if self.cohorts else 'cohorts'}: "
                "a domain brings at least one of each."
            )


@dataclass(frozen=True)
class Discovery:
    """The domains found, by name, and what hindered the others, as entry point and sentence."""

    domains: tuple[Domain, ...]
    failures: tuple[tuple[str, str], ...]

    def __iter__(self) -> Iterator[Domain]:
        return iter(self.domains)

    def __len__(self) -> int:
        return len(self.domains)

    def __getitem__(self, name: str) -> Domain:
        for domain in self.domains:
            if domain.name == name:
                return domain
        known = ", ".join(domain.name for domain in self.domains) or "none"
        raise DomainError(f"There is no domain {name!r}: installed are {known}.")


def discover() -> Discovery:
    """Return every installed domain; one that cannot be imported is reported and skipped.

    A domain's code is imported here and may fail in any way, so that any exception of it becomes a
    failure with its entry point's name, and the others still work.
    """
    domains: dict[str, Domain] = {}
    failures: list[tuple[str, str]] = []
    for entry in sorted(importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)):
        try:
            domain = entry.load()
        except Exception as error:  # noqa: BLE001 - somebody else's code may raise anything
            failures.append((entry.name, f"{type(error).__name__}: {error}"))
            continue
        if not isinstance(domain, Domain):
            failures.append(
                (
                    entry.name,
                    f"{entry.value} is a {type(domain).__name__}, not a gecip.domain.Domain",
                )
            )
        elif domain.name in domains:
            failures.append((entry.name, f"another domain is already called {domain.name!r}"))
        else:
            domains[domain.name] = domain
    return Discovery(tuple(domains[name] for name in sorted(domains)), tuple(failures))
