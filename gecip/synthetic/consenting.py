"""Who has withdrawn, how far, and when seen from the release."""

from __future__ import annotations

import enum

import numpy as np
import numpy.typing as npt

from gecip.synthetic.casting import Part
from gecip.synthetic.disease_plan import DiseasePlan
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import Recruits, Role


class Consent(enum.Enum):
    """A person's consent as it stands when the release is read.

    Whoever withdrew in full before the release is in no table; only the aggregate still holds the
    genome. The `UNLISTED` have withdrawn since the tables were frozen: the tables say that they
    consent, and the list of samples no longer names them. The `ABSENT` consent, but an older release
    does not have them: they joined later, or it leaves out whose parents' consent has expired.
    """

    GIVEN = "given"
    WITHDRAWN_BEFORE_RELEASE = "withdrawn before the release"
    WITHDRAWN_IN_PART = "withdrawn in part"
    WITHDRAWN_AFTER_RELEASE = "withdrawn after the release"
    UNLISTED = "no longer listed"
    ABSENT = "not in this release"

    @property
    def in_tables(self) -> bool:
        """Return whether the tables have rows of such a person."""
        return self not in (Consent.WITHDRAWN_BEFORE_RELEASE, Consent.ABSENT)

    @property
    def listed(self) -> bool:
        """Return whether the list of consented samples names such a person's sample."""
        return self is Consent.GIVEN

    @property
    def status(self) -> str:
        """Return the coding of `programme_consent_status`."""
        if self is Consent.WITHDRAWN_IN_PART:
            return "Withdrawn (Partial)"
        return "Withdrawn (Full)" if self is Consent.WITHDRAWN_AFTER_RELEASE else "Consenting"


Consents = npt.NDArray[np.object_]


def withdrawn_before(participants: int) -> int:
    """Return how many people more than `participants` were recruited, and withdrew before the release."""
    return max(3, round(0.006 * participants))


def decide_consents(
    seed: int, recruits: Recruits, plan: DiseasePlan, *, participants: int
) -> Consents:
    """Return each person's consent; only ordinary families, and people on their own, withdraw."""
    stream = random_stream(seed, "consent")
    people = recruits.people
    consents = np.full(len(people), Consent.GIVEN, dtype=object)
    for part, role, consent in (
        (Part.WITHDRAWN_BEFORE_RELEASE, Role.FATHER, Consent.WITHDRAWN_BEFORE_RELEASE),
        (Part.WITHDRAWN_AFTER_RELEASE, Role.MOTHER, Consent.WITHDRAWN_AFTER_RELEASE),
        (Part.EMPTY_GROUP, Role.PROBAND, Consent.WITHDRAWN_AFTER_RELEASE),
    ):
        for family in plan.families(part):
            consents[recruits.place(family, role)] = consent
    ordinary = np.array(
        [family < 0 or plan.parts[family] is Part.ORDINARY for family in people.family]
    )
    free = stream.permutation(np.flatnonzero(people.recruited & ordinary))
    wanted = {
        Consent.WITHDRAWN_BEFORE_RELEASE: withdrawn_before(participants),
        Consent.WITHDRAWN_IN_PART: max(2, round(0.01 * participants)),
        Consent.WITHDRAWN_AFTER_RELEASE: max(3, round(0.01 * participants)),
        Consent.UNLISTED: max(1, round(0.005 * participants)),
    }
    for consent, count in wanted.items():
        missing = count - int((consents == consent).sum())
        consents[free[:missing]] = consent
        free = free[missing:]
    return consents


def seen_from_release(consents: Consents, absent: npt.NDArray[np.bool_]) -> Consents:
    """Return the consents as a release shows them that some people are not in."""
    seen = consents.copy()
    seen[absent & (consents != Consent.WITHDRAWN_BEFORE_RELEASE)] = Consent.ABSENT
    return seen
