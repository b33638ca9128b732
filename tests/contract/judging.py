"""What a domain has promised: one judge for those that come along and those of somebody else's folder."""

from __future__ import annotations

from pathlib import Path

from gecip.airlock import request_export
from gecip.cohort import select_cohort
from gecip.domain import Domain, Question
from gecip.release import Release
from gecip.reporting import Listing
from tests.notebooks.shape import faults


def complaints_of_words(domain: Domain) -> list[str]:
    """Return what is missing in how a domain describes itself."""
    found = []
    if not domain.name.isidentifier():
        found.append("its name is no identifier")
    if not domain.title or not domain.description.endswith("."):
        found.append("it has no title, or its description is no sentence")
    if not domain.lead.startswith("The "):
        found.append("its lead is not a role")
    found += [f"{q.asks!r} is no question" for q in domain.questions if not q.asks.endswith("?")]
    return found


def complaints_of_notebooks(domain: Domain) -> list[str]:
    """Return which of a domain's notebooks are missing or not curated, and why."""
    found = []
    for question in domain.questions:
        notebook = domain.notebooks / question.notebook
        if not notebook.is_file():
            found.append(f"{question.notebook} is not there")
        else:
            found += [f"{question.notebook}: {fault}" for fault in faults(notebook)]
    return found


def complaints_of_cohorts(domain: Domain, release: Release) -> list[str]:
    """Return which of a domain's cohorts select nobody."""
    return [
        f"{cohort.title!r} selects nobody"
        for cohort in domain.cohorts
        if len(select_cohort(cohort, release)) == 0
    ]


def complaints_of_answer(question: Question, release: Release, folder: Path) -> list[str]:
    """Return how an answer differs from what its question declares, or what the airlock says against it."""
    answer = question.answer(release)
    if not isinstance(answer, question.gives):
        return [f"it gives a {type(answer).__name__}, not a {question.gives.__name__}"]
    request = request_export(
        [answer],
        project="The contract of a domain",
        purpose="To see what the airlock says of it",
        folder=folder,
    )
    verdict = request.verdict.name
    if isinstance(answer, Listing):
        return [] if verdict == "FAIL" else [f"the airlock lets a Listing out: {verdict}"]
    return [] if verdict in ("PASS", "REVIEW") else [f"the airlock refuses its Summary: {verdict}"]
