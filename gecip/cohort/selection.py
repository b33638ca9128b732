"""Select a cohort: a definition asked of a release on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from gecip.cohort.attrition import Attrition, Step
from gecip.cohort.deciding import Verdicts, compute, decide, people_around
from gecip.cohort.definition import CohortDefinition
from gecip.cohort.explanation import Why, explain
from gecip.cohort.language import Condition, Values
from gecip.cohort.nodes import PER_PARTICIPANT, ColumnValue, Node
from gecip.errors import CohortError
from gecip.governance.consent import ConsentSnapshot
from gecip.model.people import Participant
from gecip.model.table import Table, nearest
from gecip.provenance import Provenance
from gecip.release.opening import Release
from gecip.release.summary_level import require_row_level
from gecip.witness import tell

if TYPE_CHECKING:
    import pandas as pd

PARTICIPANT_ID = "participant_id"


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

    def table(
        self, columns: Sequence[str] | Mapping[str, str | Values | Condition]
    ) -> pd.DataFrame:
        """Return columns for the cohort, exactly one row per participant.

        Parameters
        ----------
        columns
            Names or aliases of columns of `participant`, as `["sex", "year_of_birth"]`; or, by the name
            that each shall have, such names, values and conditions of the cohort language:
            `{"cysts": cysts.count_for_participant(), "first admission": first_stay.epistart}`.

        Raises
        ------
        CohortError
            When there is no such column, or a value is one of single rows.
        """
        named = dict(columns) if isinstance(columns, Mapping) else {name: name for name in columns}
        wanted = {
            name: self._own_column(value) if isinstance(value, str) else _node_of(name, value)
            for name, value in named.items()
            if name != PARTICIPANT_ID
        }
        found = compute(wanted, self.release, asked_by="The cohort's table", family=False)
        import pandas as pd
        import pyarrow as pa
        import pyarrow.compute as pc

        members = pc.is_in(
            found[PARTICIPANT_ID], pa.array(self.participants, found[PARTICIPANT_ID].type)
        )
        types = {
            pa.int64(): pd.Int64Dtype(),
            pa.int32(): pd.Int64Dtype(),
            pa.bool_(): pd.BooleanDtype(),
        }
        frame: pd.DataFrame = found.filter(members).to_pandas(
            types_mapper=types.get, date_as_object=False
        )
        order = [PARTICIPANT_ID, *(name for name in named if name != PARTICIPANT_ID)]
        whole = {
            name: "int64"
            for name in order
            if str(frame[name].dtype) == "Int64" and not frame[name].hasnans
        }
        return frame[order].astype(whole)

    def why(self, participant_id: int | str) -> Why:
        """Return why somebody is in the cohort or not: each criterion, the value seen, the first that failed.

        Raises
        ------
        CohortError
            When nobody who consents has that number.
        AccessError
            When the person is reported at summary level only.
        """
        known = self.release.consent.participants
        number = (
            int(participant_id)
            if isinstance(participant_id, str)
            and participant_id.isdigit()
            and participant_id not in known
            else participant_id
        )
        people = people_around(self.definition, self.release, number) if number in known else None
        if people is None:
            raise CohortError(
                f"Nobody who consents to research has that number in release {self.release.name}: either there is no such "
                "participant, or they have withdrawn."
            )
        require_row_level(self.release, number)
        why = explain(self.definition, people, number)
        return replace(why, left_out_later=why.is_member and number not in self.participants)

    @property
    def near_misses(self) -> tuple[NearMiss, ...]:
        """What each criterion costs alone: how many would be in the cohort if only that one were left out."""
        verdicts = self.verdicts
        if verdicts is None:
            return ()
        passed = [
            verdict.keeps(criterion.keeps)
            for criterion, verdict in zip(self.definition.criteria, verdicts.criteria, strict=True)
        ]
        failed = sum((~one).astype(int) for one in passed)
        return tuple(
            NearMiss(
                reason=criterion.because,
                brought_back=int(((failed == 1) & ~one).sum()),
            )
            for criterion, one in zip(self.definition.criteria, passed, strict=True)
        )

    def _own_column(self, name: str) -> ColumnValue:
        available = self.release.dataset(Participant).schema.names
        known = next(
            (c.name for c in Participant.columns.values() if name in (c.name, c.alias)), name
        )
        if known not in available:
            raise CohortError(
                f"The participant table has no column {name!r}{nearest(name, tuple(available))}"
            )
        return ColumnValue(PER_PARTICIPANT, known)

    def __repr__(self) -> str:
        return (
            f"Cohort({self.definition.title!r}, release={self.release.name!r}, "
            f"people={len(self):,}, families={len(self.families):,})"
        )

    def _repr_html_(self) -> str:
        import html

        title = html.escape(self.definition.title)
        misses = (
            ""
            if self.participants
            else "".join(
                f"<li>{html.escape(str(miss))}</li>"
                for miss in self.near_misses
                if miss.brought_back
            )
        )
        return (
            f"<p><b>{title}</b>: {len(self):,} people in {len(self.families):,} families "
            f"(release {html.escape(self.release.name)}, consent as of {self.release.consent.date})</p>"
            + self.attrition._repr_html_()
            + (f"<p>Near misses:</p><ul>{misses}</ul>" if misses else "")
        )


@dataclass(frozen=True)
class NearMiss:
    """How many people one criterion alone keeps out."""

    reason: str
    brought_back: int

    def __str__(self) -> str:
        return f"Without {self.reason!r} there would be {self.brought_back:,} more."


def _node_of(name: str, value: Values | Condition) -> Node:
    if not isinstance(value, Values | Condition):
        raise CohortError(
            f"The column {name!r} of the cohort's table is neither a name nor a value of the cohort language: "
            "give one such as participants.sex or rows.count_for_participant()."
        )
    if value.node.ranges_over != PER_PARTICIPANT:
        raise CohortError(
            f"The column {name!r} has a value for each row of {value.node.ranges_over}, and a cohort's table one row per "
            "participant: say which row, as in .first_for_participant(by=…), or count them."
        )
    return value.node


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
    import numpy as np

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
    cohort = Cohort(
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
    tell(cohort)
    return cohort


def _reason_of_consent(consent: ConsentSnapshot) -> str:
    reason = f"Consent to research as of {consent.date.isoformat()}"
    if not consent.kept_from_role:
        return reason
    return f"{reason}, without {consent.kept_from_role:,} on forms that are not for {consent.role} users"


def _steps_of_consent(verdicts: Verdicts, release: Release) -> list[Step]:
    everyone = sum(release.consent.counts.values())
    consenting = len(verdicts.participants)
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
            reason=_reason_of_consent(release.consent),
            rule="consent",
            people=consenting,
            families=len(verdicts.numbers),
            people_dropped=everyone - consenting,
            families_dropped=0,
            unknown=0,
        ),
    ]
