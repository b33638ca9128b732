"""Select a cohort: a definition asked of a release on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from gecip.cohort.attrition import Attrition, Step
from gecip.cohort.definition import CohortDefinition
from gecip.cohort.sql import PARTICIPANT, Query
from gecip.errors import CohortError
from gecip.model.people import Participant
from gecip.model.table import Table, nearest
from gecip.provenance import Provenance
from gecip.release.opening import Release
from gecip.release.sql_names import quoted

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
    empty cohort is an answer, and its attrition shows where people were lost.

    Raises
    ------
    UnknownTableError, CohortError
        When the release lacks a table or column that the definition asks for.
    """
    people = _decide(definition, release)
    consent = release.consent
    everyone = sum(consent.counts.values())
    remaining = people["participant_id"].notna()
    steps = [
        _consent_step(everyone, release),
        Step(
            reason="Consent to research as of " + consent.date.isoformat(),
            rule="consent",
            people=int(remaining.sum()),
            families=int(people["family_id"].nunique()),
            people_dropped=everyone - int(remaining.sum()),
            families_dropped=0,
            unknown=0,
        ),
    ]
    for number, criterion in enumerate(definition.criteria):
        verdict = people[f"criterion_{number}"]
        unknown = verdict.isna() & remaining
        kept = remaining & (verdict.fillna(False) if criterion.keeps else ~verdict.fillna(False))  # noqa: FBT003
        steps.append(
            Step(
                reason=criterion.because,
                rule="include" if criterion.keeps else "exclude",
                people=int(kept.sum()),
                families=int(people.loc[kept, "family_id"].nunique()),
                people_dropped=int((remaining & ~kept).sum()),
                families_dropped=int(
                    people.loc[remaining, "family_id"].nunique()
                    - people.loc[kept, "family_id"].nunique()
                ),
                unknown=int(unknown.sum()),
            )
        )
        remaining = kept
    members = people[remaining]
    return Cohort(
        definition=definition,
        release=release,
        participants=tuple(members["participant_id"].tolist()),
        families=tuple(sorted(members["family_id"].dropna().unique().tolist())),
        attrition=Attrition(tuple(steps)),
        provenance=release.provenance.then(
            "select_cohort",
            cohort=definition.title,
            definition=definition.digest,
            people=len(members),
        ),
    )


def _consent_step(everyone: int, release: Release) -> Step:
    families = release.families_recorded
    return Step(
        reason=f"Everyone in release {release.name}",
        rule="release",
        people=everyone,
        families=families,
        people_dropped=0,
        families_dropped=0,
        unknown=0,
    )


def _decide(definition: CohortDefinition, release: Release) -> pd.DataFrame:
    """Return one row per consenting participant: id, family and the verdict of each criterion."""
    import duckdb

    query = Query()
    verdicts = [
        f"{query.expression(criterion.condition.node)} AS criterion_{number}"
        for number, criterion in enumerate(definition.criteria)
    ]
    datasets = {name: release.dataset(name) for name in {PARTICIPANT, *query.tables}}
    for name, columns in query.tables.items():
        for column in sorted(columns):
            if column not in datasets[name].schema.names:
                raise CohortError(
                    f"The cohort {definition.title!r} asks for {name}.{column}, which release {release.name} does not have. "
                    + release.why_no_column(name, column)
                )
    has_family = "rare_diseases_family_id" in datasets[PARTICIPANT].schema.names
    family = f"{quoted(PARTICIPANT)}.rare_diseases_family_id" if has_family else "NULL"
    columns_wanted = ", ".join(
        [f"{quoted(PARTICIPANT)}.participant_id", f"{family} AS family_id", *verdicts]
    )
    with duckdb.connect() as connection:
        for name in datasets:
            release.register(connection, name)
        frame: pd.DataFrame = connection.execute(
            f"SELECT {columns_wanted} FROM {quoted(PARTICIPANT)} ORDER BY {quoted(PARTICIPANT)}.participant_id",
            query.parameters,
        ).df()
    verdict_names = [name for name in frame.columns if name.startswith("criterion_")]
    types = dict.fromkeys(verdict_names, "boolean")
    if frame["family_id"].dtype.kind == "f":
        types["family_id"] = "Int64"
    return frame.astype(types)
