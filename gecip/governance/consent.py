"""Consent: whose rows and genomes may be used, on which day's word.

Two sources say it, and both must agree (Research Environment user guide, pages on aggV2 and LabKey):
`participant.programme_consent_status`, and the dated list of samples that may still be used, which
is newer than the aggregate and of which a newer one may be dropped in at any time.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gecip.governance.policy import Policy
from gecip.provenance import digest_of


@dataclass(frozen=True, repr=False)
class ConsentSnapshot:
    """Who may be used, on the word of one day.

    `participants` may be read at all; `samples` are the genomes of theirs that may be used, as
    sample name to participant. `counts` are people by consent status, withdrawn ones included.
    """

    date: datetime.date
    participants: frozenset[int | str]
    samples: Mapping[str, int | str]
    counts: Mapping[str, int]
    withdrawn_since_release: int
    assumed: bool = False

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
) -> ConsentSnapshot:
    """Return who may be used, given each participant's status and the list of consented samples.

    A participant may be read when the status is readable *and* no sample of theirs has been
    taken off the list: whoever left the list has withdrawn since the tables were frozen. Without a
    list (`None`) the statuses decide alone. A sample may be used when its participant may be read.
    """
    listed = None if listed_samples is None else frozenset(listed_samples)
    off_the_list = (
        frozenset()
        if listed is None
        else frozenset(person for sample, person in samples.items() if sample not in listed)
    )
    readable = {person for person, status in statuses.items() if is_readable(status, policy)}
    consenting = frozenset(readable - off_the_list)
    counts: dict[str, int] = {}
    for status in statuses.values():
        counts[status or "Not recorded"] = counts.get(status or "Not recorded", 0) + 1
    return ConsentSnapshot(
        date=date,
        participants=consenting,
        samples={sample: person for sample, person in samples.items() if person in consenting},
        counts=counts,
        withdrawn_since_release=len(readable) - len(consenting),
        assumed=assumed,
    )


def is_readable(status: str | None, policy: Policy) -> bool:
    """Return whether rows of a participant with this consent status may be read; no status means no."""
    return status is not None and status.strip().lower() in policy.readable_statuses
