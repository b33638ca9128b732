"""Whose sample is whose: the columns of a callset as participants of a cohort, with what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from gecip.cohort.clinical_columns import clinical_columns
from gecip.cohort.selection import Cohort
from gecip.errors import GenotypesError

if TYPE_CHECKING:
    import pandas as pd


# A release never changes, so that what is known of a cohort's people is read once for as long as the cohort lives.
_known: WeakKeyDictionary[Cohort, pd.DataFrame] = WeakKeyDictionary()


def known_columns(cohort: Cohort) -> pd.DataFrame:
    """Return the clinical columns of a cohort, read once; a copy, to do with as one likes."""
    if cohort not in _known:
        _known[cohort] = clinical_columns(cohort)
    return _known[cohort].copy()


def members_by_sample(
    cohort: Cohort,
    samples: Sequence[str],
    people: Mapping[str, int | str] | None,
    *,
    where: Path,
) -> dict[str, int | str]:
    """Return the samples of a callset that belong to consenting people of the release, as sample to participant.

    Raises
    ------
    GenotypesError
        When none belongs to the cohort.
    """
    consenting = cohort.release.consent.participants
    known: Mapping[str, int | str] = (
        people if people is not None else cohort.release.consent.samples
    )
    numbers = {str(person): person for person in consenting} if people is None else {}
    found = {
        sample: person
        for sample in samples
        if (person := known.get(sample, numbers.get(sample))) is not None and person in consenting
    }
    if not set(found.values()) & set(cohort.participants):
        raise GenotypesError(
            f"{where}: none of its {len(samples):,} samples belongs to the cohort {cohort.definition.title!r}: say whose is whose, "
            "as people={'name of the sample': participant_id}."
        )
    return found


def clinical_columns_of(
    cohort: Cohort, samples: Sequence[str], members: Mapping[str, int | str]
) -> pd.DataFrame:
    """Return the clinical columns of the cohort's people in a callset, with the name of the sample of each.

    Who was sequenced twice is represented by the first of the two.
    """
    within = set(cohort.participants)
    sample_of: dict[int | str, str] = {}
    for sample in samples:
        if sample in members and members[sample] in within:
            sample_of.setdefault(members[sample], sample)
    columns = known_columns(cohort)
    columns = columns[columns["participant_id"].isin(sample_of)].reset_index(drop=True)
    columns.insert(1, "sample", [sample_of[person] for person in columns["participant_id"]])
    return columns
