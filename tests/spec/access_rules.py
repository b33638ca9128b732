"""What every rule on who may read what says, by state and role: the specification, and the page's tables."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gecip.configuration import policy_document
from gecip.governance import access
from gecip.governance.access import EVERY_USE, NO_USE, Assignment, Use
from gecip.governance.policy import parse_policy
from gecip.governance.projects import Project, uses_by_project

POLICY = parse_policy(policy_document())
ROLES = ("academic", "commercial", "trainee")
TODAY = datetime.date(2023, 6, 1)
Uses = frozenset[Use]

ALL_BUT_LISTINGS = EVERY_USE - {Use.LISTING}
ALL_BUT_EXPORTS = EVERY_USE - {Use.EXPORT}
STANDING = frozenset({Use.STANDING})


@dataclass(frozen=True)
class State:
    """One state of the evidence: what the rule is asked, and what each role gets, by role where roles differ."""

    says: str
    asked: Callable[[str], Uses]
    gives: Uses | Mapping[str, Uses]

    def of(self, role: str) -> Uses:
        return self.gives[role] if isinstance(self.gives, Mapping) else self.gives


@dataclass(frozen=True)
class Chapter:
    """A rule by its name in the policy, with a title and every state of its evidence."""

    rule: str
    title: str
    asks: str
    states: tuple[State, ...]


def consent(says: str, status: str | None, gives: Uses, *, listed: bool = True) -> State:
    return State(
        says, lambda _: access.uses_by_consent(status, listed=listed, policy=POLICY), gives
    )


def form(says: str, named: str | None, gives: Uses | Mapping[str, Uses]) -> State:
    return State(
        says, lambda role: access.uses_by_consent_form(named, role=role, policy=POLICY), gives
    )


def number(says: str, participant_id: int | str, gives: Uses) -> State:
    return State(says, lambda _: access.uses_by_number(participant_id, POLICY), gives)


def child(says: str, year: int | None, until: int | None, gives: Uses) -> State:
    return State(says, lambda _: access.uses_by_child_consent(year, until=until), gives)


def moratorium(
    says: str,
    *assignments: Assignment,
    gives: Uses,
    domains: tuple[str, ...] = ("Renal",),
    version: int | None = 17,
) -> State:
    def asked(_: str) -> Uses:
        return access.uses_by_moratorium(
            assignments, version=version, today=TODAY, domains=domains, policy=POLICY
        )

    return State(says, asked, gives)


def origin(says: str, word: str, gives: Uses | Mapping[str, Uses]) -> State:
    return State(says, lambda role: access.uses_by_origin(word, role=role, policy=POLICY), gives)


def project(says: str, known: Project | None, gives: Uses, *, user: str = "ada") -> State:
    def asked(_: str) -> Uses:
        return uses_by_project(known, user=user, today=TODAY, policy=POLICY)

    return State(says, asked, gives)


def approved(on: datetime.date | None, *members: str) -> Project:
    return Project("RR91", "Cystic kidneys", "Genes of cystic kidneys", on, frozenset(members))


RUNNING, OVER = datetime.date(2023, 6, 2), datetime.date(2023, 6, 1)
NOT_COMMERCIAL = {"academic": EVERY_USE, "commercial": NO_USE, "trainee": EVERY_USE}
NOT_FOR_TRAINEES = {"academic": EVERY_USE, "commercial": EVERY_USE, "trainee": NO_USE}

CHAPTERS = (
    Chapter(
        "consent",
        "Consent and withdrawal",
        "What does the participant's status say, and does the newest list of samples have all of theirs?",
        (
            consent("Consenting", "Consenting", EVERY_USE),
            consent("the same in other letters", " CONSENTING", EVERY_USE),
            consent("Withdrawn (Partial)", "Withdrawn (Partial)", STANDING),
            consent("Withdrawn (Full)", "Withdrawn (Full)", NO_USE),
            consent("Consenting, and off the list", "Consenting", NO_USE, listed=False),
            consent(
                "Withdrawn (Partial), and off the list",
                "Withdrawn (Partial)",
                NO_USE,
                listed=False,
            ),
            consent("any other status", "Not consenting", NO_USE),
            consent("no status", None, NO_USE),
        ),
    ),
    Chapter(
        "consent_form",
        "Forms of consent: TracerX",
        "On which form did the participant consent, and who reads?",
        (
            form("cohort-tracerx", "cohort-tracerx", NOT_COMMERCIAL),
            form("a form that contains it", "Cohort-TracerX-v2", NOT_COMMERCIAL),
            form("another form", "cancer-consent-v3", EVERY_USE),
            form("no form", None, EVERY_USE),
        ),
    ),
    Chapter(
        "summary_level",
        "Summary level: the Scottish Genomes Partnership",
        "With which digits does the participant's number start?",
        (
            number("125, of nine digits", 125000017, ALL_BUT_LISTINGS),
            number("226, of nine digits", "226000017", ALL_BUT_LISTINGS),
            number("other digits", 111000017, EVERY_USE),
            number("125, of eight digits", 12500001, EVERY_USE),
            number("words, in imported data", "125-HG0001", EVERY_USE),
        ),
    ),
    Chapter(
        "child_consent",
        "A child's consent that has expired",
        "In which year was the linked record made, and in which did the participant turn 16 unasked?",
        (
            child("in a year before", 2018, 2019, EVERY_USE),
            child("in that year", 2019, 2019, EVERY_USE),
            child("in a year after", 2020, 2019, NO_USE),
            child("on a day that is not recorded", None, 2019, EVERY_USE),
            child("whenever, and no year is named", 2020, None, EVERY_USE),
        ),
    ),
    Chapter(
        "moratorium",
        "A domain's moratorium",
        "To which domains does the participant belong, until when are they closed to others, and who asks?",
        (
            moratorium(
                "running, of another domain", Assignment("Skin", RUNNING), gives=ALL_BUT_EXPORTS
            ),
            moratorium(
                "running, of the asker's domain", Assignment("renal ", RUNNING), gives=EVERY_USE
            ),
            moratorium(
                "running, of another domain whose lead agreed",
                Assignment("Skin", RUNNING),
                domains=("Renal", "Skin"),
                gives=EVERY_USE,
            ),
            moratorium(
                "running, of two domains, one the asker's",
                Assignment("Skin", RUNNING),
                Assignment("Renal", RUNNING),
                gives=EVERY_USE,
            ),
            moratorium(
                "running, of another domain, and over for the asker's",
                Assignment("Skin", RUNNING),
                Assignment("Renal", OVER),
                gives=ALL_BUT_EXPORTS,
            ),
            moratorium("over from today on", Assignment("Skin", OVER), gives=EVERY_USE),
            moratorium("without an end", Assignment("Skin", None), gives=EVERY_USE),
            moratorium("no domain", gives=EVERY_USE),
            moratorium(
                "running, in release v18 or later",
                Assignment("Skin", RUNNING),
                version=18,
                gives=EVERY_USE,
            ),
            moratorium(
                "running, in data of another kind",
                Assignment("Skin", RUNNING),
                version=None,
                gives=EVERY_USE,
            ),
        ),
    ),
    Chapter(
        "trainees",
        "Trainees",
        "Where does the release come from, and who reads?",
        (
            origin("a synthetic release", "synthetic", EVERY_USE),
            origin("data of one's own, by gecip import", "import", EVERY_USE),
            origin("the programme's, on LabKey", "LabKey", NOT_FOR_TRAINEES),
            origin("the programme's, in a folder", "programme", NOT_FOR_TRAINEES),
        ),
    ),
    Chapter(
        "project",
        "Projects",
        "Under which project does somebody ask, since when is it approved, and are they registered on it?",
        (
            project("approved a month ago", approved(datetime.date(2023, 5, 1), "ada"), EVERY_USE),
            project(
                "approved a day less than a month ago",
                approved(datetime.date(2023, 5, 2), "ada"),
                ALL_BUT_EXPORTS,
            ),
            project("not approved: pre-research", approved(None, "ada"), ALL_BUT_EXPORTS),
            project(
                "approved, and somebody else's",
                approved(datetime.date(2023, 1, 1), "grace"),
                ALL_BUT_EXPORTS,
            ),
            project(
                "approved, in an extract without members",
                approved(datetime.date(2023, 1, 1)),
                EVERY_USE,
            ),
            project("unknown to the registry", None, ALL_BUT_EXPORTS),
        ),
    ),
)
