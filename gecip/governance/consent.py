"""Consent: whose rows and genomes may be used, by whom, on which day's word.

Two sources say who consents, and both must agree (Research Environment user guide, pages on aggV2 and
LabKey): `participant.programme_consent_status`, and the dated list of samples that may still be used,
which is newer than the aggregate and of which a newer one may be dropped in at any time. The rules
themselves are those of `gecip.governance.access`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gecip.governance.access import (
    Use,
    is_summary_level,
    uses_by_consent,
    uses_by_consent_form,
)
from gecip.governance.policy import Policy
from gecip.provenance import digest_of


@dataclass(frozen=True, repr=False)
class ConsentSnapshot:
    """Who may be used by somebody of one role, on the word of one day.

    `participants` may be read at all; `samples` are the genomes of theirs that may be used, as
    sample name to participant. `counts` are people by consent status, withdrawn ones included.
    `summary_level` are those of the participants whose rows no Listing shows, and `kept_from_role` is
    how many consent, on a form that does not let somebody of this role use them.
    """

    date: datetime.date
    participants: frozenset[int | str]
    samples: Mapping[str, int | str]
    counts: Mapping[str, int]
    withdrawn_since_release: int
    assumed: bool = False
    role: str = "academic"
    summary_level: frozenset[int | str] = frozenset()
    kept_from_role: int = 0

    @property
    def digest(self) -> str:
        """Return sixteen hexadecimal digits that change whenever anybody's consent does."""
        return digest_of([self.date, sorted(map(str, self.participants)), sorted(self.samples)])

    def __repr__(self) -> str:
        return (
            f"ConsentSnapshot(date={self.date}, consenting={len(self.participants):,}, "
            f"genomes={len(self.samples):,})"
        )


def take_consent_snapshot(
    statuses: Mapping[int | str, str | None],
    samples: Mapping[str, int | str],
    *,
    listed_samples: Iterable[str] | None,
    date: datetime.date,
    policy: Policy,
    assumed: bool = False,
    forms: Mapping[int | str, str | None] | None = None,
    role: str = "academic",
) -> ConsentSnapshot:
    """Return who may be used, given each participant's status and the list of consented samples.

    A participant may be read when the status is readable *and* no sample of theirs has been
    taken off the list: whoever left the list has withdrawn since the tables were frozen. Without a
    list (`None`) the statuses decide alone. A sample may be used when its participant may be read.

    Parameters
    ----------
    forms
        The form on which each participant consented, where the release says so.
    role
        The role of who reads: some forms are not for everybody.
    """
    listed = None if listed_samples is None else frozenset(listed_samples)
    off_the_list = (
        frozenset()
        if listed is None
        else frozenset(person for sample, person in samples.items() if sample not in listed)
    )
    open_statuses = {status for status in set(statuses.values()) if is_readable(status, policy)}
    readable = {person for person, status in statuses.items() if status in open_statuses}
    listed_people = readable - off_the_list
    kept_from_role = _kept_from(role, forms or {}, policy) & listed_people
    permitted = frozenset(listed_people - kept_from_role)
    counts: dict[str, int] = {}
    for status in statuses.values():
        counts[status or "Not recorded"] = counts.get(status or "Not recorded", 0) + 1
    return ConsentSnapshot(
        date=date,
        participants=permitted,
        samples={sample: person for sample, person in samples.items() if person in permitted},
        counts=counts,
        withdrawn_since_release=len(readable) - len(listed_people),
        assumed=assumed,
        role=role,
        summary_level=frozenset(one for one in permitted if is_summary_level(one, policy)),
        kept_from_role=len(kept_from_role),
    )


def is_readable(status: str | None, policy: Policy) -> bool:
    """Return whether rows of a participant with this consent status may be read; no status means no."""
    return Use.ROWS in uses_by_consent(status, listed=True, policy=policy)


def _kept_from(role: str, forms: Mapping[int | str, str | None], policy: Policy) -> set[int | str]:
    """Return whose form does not let somebody of this role read them; each wording is judged once."""
    closed = {
        form
        for form in set(forms.values())
        if Use.ROWS not in uses_by_consent_form(form, role=role, policy=policy)
    }
    return {person for person, form in forms.items() if form in closed} if closed else set()
