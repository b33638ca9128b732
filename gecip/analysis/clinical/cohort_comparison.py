"""Cohorts compared: who is in which of them, and how far they differ."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from gecip.analysis.clinical.characteristics import (
    CHARACTERISTICS,
    YEARS_A_BAND,
    characteristics,
)
from gecip.analysis.clinical.side_by_side import SideBySide, compare_groups
from gecip.analysis.result import Result
from gecip.cohort.selection import Cohort
from gecip.errors import AnalysisError
from gecip.provenance import Provenance, digest_of

if TYPE_CHECKING:
    import pandas as pd

# Five cohorts have 31 combinations, as many as a figure can show.
MOST_COHORTS = 5


@dataclass(frozen=True, repr=False, eq=False)
class CohortOverlap(Result):
    """How many people are in each combination of cohorts, and in no other.

    `combinations` has a row for each: a column of booleans by each cohort's name, `people` and
    `families`. A family with members in two combinations is in both. `people` has a row for each person:
    `participant_id, family_id`, and a column of booleans by each cohort's name after `in `.
    """

    combinations: pd.DataFrame
    people: pd.DataFrame
    names: tuple[str, ...]

    @property
    def sizes(self) -> pd.DataFrame:
        """How large each cohort is: `cohort, people, families`."""
        import pandas as pd

        members = {name: self.people[self.people[f"in {name}"]] for name in self.names}
        return pd.DataFrame(
            [(name, len(rows), rows["family_id"].nunique()) for name, rows in members.items()],
            columns=["cohort", "people", "families"],
        )

    @property
    def n_people(self) -> int:
        """How many distinct people are in the cohorts."""
        return len(self.people)

    @property
    def n_families(self) -> int:
        """How many distinct families they are of."""
        return int(self.people["family_id"].nunique())

    def __repr__(self) -> str:
        return f"CohortOverlap(cohorts={list(self.names)!r}, people={self.n_people:,})"


@dataclass(frozen=True, repr=False, eq=False)
class CohortComparison(SideBySide):
    """Cohorts side by side; every other is compared with the first. `overlap` tells who is in which."""

    overlap: CohortOverlap


def compare_cohorts(
    *cohorts: Cohort,
    names: Sequence[str] | None = None,
    on: Sequence[str] = tuple(CHARACTERISTICS),
    years_a_band: int = YEARS_A_BAND,
) -> CohortComparison:
    """Return two or more cohorts of one release side by side, with who is in which of them.

    Whoever is in two cohorts counts in both: the differences are those of the cohorts as they are. To
    compare people with everybody else, exclude them from the other definition.

    Parameters
    ----------
    cohorts
        At least two, at most five; the others are compared with the first.
    names
        What to call them; the titles of their definitions if not given.
    on
        What to compare, of `sex`, `age_band`, `ancestry`, `programme`, `relationship`,
        `disease_group` and `hpo_burden`.
    years_a_band
        The width of an age band.

    Raises
    ------
    AnalysisError
        When there are too few or too many cohorts, two of one name, or cohorts of two releases.
    """
    named = dict(zip(_names(cohorts, names), cohorts, strict=True))
    provenance = _provenance(named)
    people = {
        name: characteristics(cohort, years_a_band=years_a_band) for name, cohort in named.items()
    }
    first, *others = named
    side_by_side = compare_groups(
        people,
        contrasts={f"{other} less {first}": (other, first) for other in others},
        on=on,
        title=f"{_listed(list(named))} side by side",
        provenance=provenance,
    )
    parts = {field.name: getattr(side_by_side, field.name) for field in fields(SideBySide)}
    return CohortComparison(**parts, overlap=_overlap(people, provenance))


def _names(cohorts: Sequence[Cohort], names: Sequence[str] | None) -> tuple[str, ...]:
    if not 2 <= len(cohorts) <= MOST_COHORTS:
        raise AnalysisError(
            f"A comparison takes two to {MOST_COHORTS} cohorts, and was given {len(cohorts)}: "
            "compare_cohorts(cases, others)."
        )
    if len({cohort.release.provenance.digest() for cohort in cohorts}) > 1:
        raise AnalysisError(
            "The cohorts are of two releases, or of one opened before and after a change of consent: "
            "select all of them from one open release."
        )
    given = tuple(names) if names is not None else tuple(c.definition.title for c in cohorts)
    if len(given) != len(cohorts) or len(set(given)) != len(given) or not all(given):
        raise AnalysisError(
            f"{len(cohorts)} cohorts need as many different names: give them as names=['cases', 'others']."
        )
    return given


def _provenance(named: dict[str, Cohort]) -> Provenance:
    """Return where a comparison comes from: the release, and every cohort by title and definition."""
    release = next(iter(named.values())).release
    made_by = [cohort.provenance.digest() for cohort in named.values()]
    return release.provenance.then(
        "compare_cohorts",
        definition=digest_of(made_by),
        cohorts=[
            {"name": name, "title": cohort.definition.title, "made_by_digest": digest}
            for (name, cohort), digest in zip(named.items(), made_by, strict=True)
        ],
    )


def _overlap(people: dict[str, pd.DataFrame], provenance: Provenance) -> CohortOverlap:
    import pandas as pd

    everyone = (
        pd.concat(people.values())[["participant_id", "family_id"]]
        .drop_duplicates("participant_id")
        .reset_index(drop=True)
    )
    for name, members in people.items():
        everyone[f"in {name}"] = everyone["participant_id"].isin(members["participant_id"])
    inside = everyone[[f"in {name}" for name in people]].to_numpy(dtype=bool)
    rows = []
    for combination in itertools.product([True, False], repeat=len(people)):
        if any(combination):
            members = everyone[(inside == combination).all(axis=1)]
            rows.append((*combination, len(members), int(members["family_id"].nunique())))
    return CohortOverlap(
        provenance=provenance.then("overlap"),
        combinations=pd.DataFrame(rows, columns=[*people, "people", "families"]),
        people=everyone,
        names=tuple(people),
    )


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}"
