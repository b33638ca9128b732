"""The last look at consent before genomes are opened."""

from __future__ import annotations

from gecip.cohort.selection import Cohort
from gecip.errors import ConsentError

# What the audit log calls the callsets; never a file's name, which may be that of a sample.
GERMLINE = "germline aggregate"
SOMATIC = "somatic aggregate"
GVCFS = "gVCFs of single genomes"
STRUCTURAL = "structural VCFs of single genomes"
OWN = "callset of one's own"


def require_newest_consent(cohort: Cohort) -> None:
    """Refuse a cohort that was selected before the newest list of consented samples was laid down.

    Somebody in it may have withdrawn since. An older release or snapshot is no excuse by the programme's rules: each
    new analysis follows the latest word (Research Environment user guide, pages on the aggregates).

    Raises
    ------
    ConsentError
        With what to type instead.
    AccessError
        When the release was opened in another role than the user works in now.
    """
    release = cohort.release
    release.require_same_role()
    if release.consent_is_newest():
        return
    raise ConsentError(
        f"Release {release.name} has a newer list of consented samples than this cohort was selected with "
        f"({release.consent.date}), so that somebody in it may have withdrawn: open the release again with "
        f"open_release({release.name!r}), and select the cohort again with select_cohort(cohort.definition, release)."
    )
