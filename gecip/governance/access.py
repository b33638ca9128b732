"""Who may read what: one pure rule for each question that the programme's governance asks.

Each rule is a function of explicit evidence and of the policy, and returns the uses that it leaves
open; what is allowed is what every rule allows. What a rule rests on stands beside its numbers in
`policy.toml`, under `[access.NAME]`; all of them by role and state are printed in `docs/governance.md`.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterable
from dataclasses import dataclass

from gecip.governance.policy import Policy


class Use(enum.Enum):
    """What may be done with what a participant gave, from the inside out."""

    ROWS = "rows of tables and cohorts"
    GENOMES = "genomes"
    LISTING = "Listings"
    SUMMARY = "counts in Summaries"
    EXPORT = "exports"
    STANDING = "results made before"


EVERY_USE = frozenset(Use)
NO_USE: frozenset[Use] = frozenset()


@dataclass(frozen=True)
class Assignment:
    """A GeCIP domain to which a participant belongs, and the day on which its moratorium ends."""

    domain: str
    moratorium_ends: datetime.date | None


def uses_by_consent(status: str | None, *, listed: bool, policy: Policy) -> frozenset[Use]:
    """Return what a participant's consent allows.

    Parameters
    ----------
    status
        `programme_consent_status`, or None where there is none.
    listed
        False for whom the newest list of consented samples leaves out a sample.
    """
    word = "" if status is None else status.strip().lower()
    if not listed:
        return NO_USE
    if word in policy.readable_statuses:
        return EVERY_USE
    standing = {known.lower() for known in policy.access["consent"]["standing_statuses"]}
    return frozenset({Use.STANDING}) if word in standing else NO_USE


def uses_by_consent_form(form: str | None, *, role: str, policy: Policy) -> frozenset[Use]:
    """Return what the form on which a participant consented allows somebody of this role.

    Parameters
    ----------
    form
        `normalised_consent_form`, or None where there is none.
    """
    kept_from = policy.access["consent_form"]["not_for_commercial"]
    named = (form or "").strip().lower()
    return (
        NO_USE if role == "commercial" and any(word in named for word in kept_from) else EVERY_USE
    )


def depends_on_consent_form(role: str) -> bool:
    """Return whether the form of consent matters to somebody of this role."""
    return role == "commercial"


def uses_by_number(participant_id: int | str, policy: Policy) -> frozenset[Use]:
    """Return what the route by which a participant joined allows; their number tells it."""
    return EVERY_USE - {Use.LISTING} if is_summary_level(participant_id, policy) else EVERY_USE


def is_summary_level(participant_id: int | str, policy: Policy) -> bool:
    """Return whether a participant is one of those who are reported at summary level only."""
    rule = policy.access["summary_level"]
    number = str(participant_id)
    return (
        len(number) == rule["digits"]
        and number.isdigit()
        and number.startswith(tuple(rule["prefixes"]))
    )


def uses_by_child_consent(year: int | None, *, until: int | None) -> frozenset[Use]:
    """Return what a parent's consent allows of a linked record, after the child came of age.

    Parameters
    ----------
    year
        The year of the record, or None where it has no day.
    until
        `secondary_data_received_until_year`: the year in which the participant turned 16 without having
        consented, or None for everybody else.
    """
    return NO_USE if until is not None and year is not None and year > until else EVERY_USE


def uses_by_moratorium(
    assignments: Iterable[Assignment],
    *,
    version: int | None,
    today: datetime.date,
    domains: Iterable[str],
    policy: Policy,
) -> frozenset[Use]:
    """Return what the moratoria of a participant's domains leave open to somebody of other domains.

    Parameters
    ----------
    version
        The number of the main programme's release, or None for other data, which know no moratorium.
    today
        The day on which it is asked.
    domains
        Those to which the asker belongs, and those whose leads agreed.
    """
    if version is None or version > policy.access["moratorium"]["last_release"]:
        return EVERY_USE
    running = [one for one in assignments if one.moratorium_ends and one.moratorium_ends > today]
    own = {name.strip().lower() for name in domains}
    if not running or any(one.domain.strip().lower() in own for one in running):
        return EVERY_USE
    return EVERY_USE - {Use.EXPORT}


def moratorium_end(arrived: datetime.date, policy: Policy) -> datetime.date:
    """Return the day on which the moratorium of data ends that came into the environment on a day."""
    return months_later(arrived, policy.access["moratorium"]["months"])


def months_later(day: datetime.date, months: int) -> datetime.date:
    """Return the same day of a later month, or that month's last day where it has no such day."""
    place = day.year * 12 + day.month - 1 + months
    year, month = place // 12, place % 12 + 1
    following = datetime.date(year + month // 12, month % 12 + 1, 1)
    return datetime.date(year, month, min(day.day, (following - datetime.timedelta(days=1)).day))


def uses_by_origin(origin: str, *, role: str, policy: Policy) -> frozenset[Use]:
    """Return what somebody of this role may do with a release that comes from `origin`.

    Parameters
    ----------
    origin
        What the release's manifest says: `synthetic`, `import`, or another word for the programme's own.
    """
    if role != "trainee" or origin in policy.access["trainees"]["open_origins"]:
        return EVERY_USE
    return NO_USE


def problem_of_role(role: str, policy: Policy) -> str | None:
    """Return why somebody of this role reads nothing at all, or None for a known role."""
    if role in policy.known_roles:
        return None
    return f"There is no role {role!r}: set GECIP_ROLE to one of {', '.join(sorted(policy.known_roles))}."
