"""Select a cohort: a definition asked of a release on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gecip.cohort.attrition import Attrition, Step
from gecip.cohort.deciding import Verdicts, decide
from gecip.cohort.definition import CohortDefinition
from gecip.errors import CohortError
from gecip.model.people import Participant
from gecip.model.table import Table, nearest
from gecip.provenance import Provenance
from gecip.release.opening import Release

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class Cohort:
    """The people whom a definition means in one release, on one day's word on consent.

    `participants` is sorted; `families` are the distinct families of theirs, people without a family
    not counted.
    """

    definition: CohortDefinition
    release: Release
    participants: tuple[int | str, ...]
    families: tuple[int | str, ...]
    attrition: Attrition
    provenance: Provenance = field(compare=False)
    verdicts: Verdicts | None = field(default=None, compare=False)

    def __len__(self) -> int:
        return len(self.participants)

    @cached_property
    def samples(self) -> Mapping[str, int | str]:
        """The germline samples of the cohort that may be used, as sample name to participant."""
        members = set(self.participants)
        return {
            sample: person
            for sample, person in self.release.consent.samples.items()
            if person in members
        }

    def rows(self, table: str | type[Table], columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the cohort's rows of a clinical table, as many for each participant as there are."""
        wanted = None if columns is None else list(dict.fromkeys(["participant_id", *columns]))
        frame = self.release.read(table, wanted)
        if "participant_id" not in frame.columns:
            name = table if isinstance(table, str) else table.name
            raise CohortError(
                f"The table {name} has no participant_id, so that it cannot be cut to a cohort: read it with release.read({name!r})."
            )
        return frame[frame["participant_id"].isin(self.participants)].reset_index(drop=True)

    def table(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return columns of the participant table for the cohort, exactly one row per participant.

        Parameters
        ----------
        columns
            Names or aliases of columns of `participant`, as `["sex", "year_of_birth"]`.
        """
        available = self.release.dataset(Participant).schema.names
        real = {}
        for column in columns:
            known = next(
                (c.name for c in Participant.columns.values() if column in (c.name, c.alias)),
                column,
            )
            if known not in available:
                raise CohortError(
                    f"The participant table has no column {column!r}{nearest(column, tuple(available))}"
                )
            real[known] = column
        frame = self.rows(Participant, list(real)).rename(columns=real)
        return frame[list(dict.fromkeys(["participant_id", *columns]))].sort_values(
            "participant_id", ignore_index=True
        )

    def __repr__(self) -> str:
        return (
            f"Cohort({self.definition.title!r}, release={self.release.name!r}, "
            f"people={len(self):,}, families={len(self.families):,})"
        )

    def _repr_html_(self) -> str:
        import html

        title = html.escape(self.definition.title)
        return (
            f"<p><b>{title}</b>: {len(self):,} people in {len(self.families):,} families "
            f"(release {html.escape(self.release.name)}, consent as of {self.release.consent.date})</p>"
            + self.attrition._repr_html_()
        )


def select_cohort(definition: CohortDefinition, release: Release) -> Cohort:
    """Return the consenting people of `release` whom `definition` means.

    One SQL query computes every criterion for everybody; the steps are then counted in order. An
    empty cohort is an answer: its attrition shows where people were lost, and its near misses which
    single criterion keeps people out.

    Raises
    ------
    UnknownTableError, CohortError
        When the release lacks a table or column that the definition asks for.
    """
    verdicts = decide(definition, release)
    remaining = np.ones(len(verdicts.participants), dtype=bool)
    steps = _steps_of_consent(verdicts, release)
    for criterion, verdict in zip(definition.criteria, verdicts.criteria, strict=True):
        kept = remaining & verdict.keeps(criterion.keeps)
        families_before, families_after = (
            verdicts.families_of(remaining),
            verdicts.families_of(kept),
        )
        steps.append(
            Step(
                reason=criterion.because,
                rule="include" if criterion.keeps else "exclude",
                people=int(kept.sum()),
                families=families_after,
                people_dropped=int((remaining & ~kept).sum()),
                families_dropped=families_before - families_after,
                unknown=int((verdict.unknown & remaining).sum()),
                uncertain_age=int((verdict.uncertain & remaining).sum()),
            )
        )
        remaining = kept
    return Cohort(
        definition=definition,
        release=release,
        participants=tuple(verdicts.participants[remaining].tolist()),
        families=verdicts.family_numbers(remaining),
        attrition=Attrition(tuple(steps)),
        provenance=release.provenance.then(
            "select_cohort",
            cohort=definition.title,
            definition=definition.digest,
            people=int(remaining.sum()),
        ),
        verdicts=verdicts,
    )


def _steps_of_consent(verdicts: Verdicts, release: Release) -> list[Step]:
    everyone = sum(release.consent.counts.values())
    consenting = len(verdicts.participants)
    whole = np.ones(consenting, dtype=bool)
    return [
        Step(
            reason=f"Everyone in release {release.name}",
            rule="release",
            people=everyone,
            families=release.families_recorded,
            people_dropped=0,
            families_dropped=0,
            unknown=0,
        ),
        Step(
            reason="Consent to research as of " + release.consent.date.isoformat(),
            rule="consent",
            people=consenting,
            families=verdicts.families_of(whole),
            people_dropped=everyone - consenting,
            families_dropped=0,
            unknown=0,
        ),
    ]
