"""Compute values and verdicts for everybody who consents, by one query on the release's files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gecip.cohort.definition import CohortDefinition
from gecip.cohort.nodes import PER_PARTICIPANT, AgeOn, ColumnValue, Node
from gecip.cohort.reference import FAMILY, People
from gecip.cohort.sql import Query
from gecip.errors import CohortError
from gecip.release.opening import Release
from gecip.release.sql_names import quoted

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Flags = npt.NDArray[np.bool_]

_NO_FAMILY = -1


@dataclass(frozen=True)
class Verdict:
    """What one condition says of each participant: true, else unknown, else false.

    `uncertain` marks those for whom it would say otherwise had they not yet had their birthday that
    year, since only the year of birth is known.
    """

    true: Flags
    unknown: Flags
    uncertain: Flags

    def keeps(self, inclusion: bool) -> Flags:  # noqa: FBT001 - the kind of the criterion
        """Return whom an inclusion keeps (the condition is true), or an exclusion (it is not)."""
        return self.true if inclusion else ~self.true


@dataclass(frozen=True, repr=False)
class Verdicts:
    """What each criterion of a definition says of everybody who consents, sorted by participant.

    `participants` and `family` have one place for each; `family` counts families from 0, -1 for none.
    """

    participants: npt.NDArray[Any]
    family: npt.NDArray[np.int64]
    numbers: npt.NDArray[Any]
    criteria: tuple[Verdict, ...]

    def families_of(self, chosen: Flags) -> int:
        """Return how many families the chosen people come from."""
        import numpy as np

        met = np.zeros(len(self.numbers) + 1, dtype=bool)
        met[self.family[chosen]] = True
        return int(met[:-1].sum())

    def family_numbers(self, chosen: Flags) -> tuple[Any, ...]:
        """Return the families that the chosen people come from, sorted."""
        import numpy as np

        places = np.unique(self.family[chosen])
        return tuple(sorted(self.numbers[places[places != _NO_FAMILY]].tolist()))

    @cached_property
    def place_of(self) -> Mapping[Any, int]:
        """Where each participant stands."""
        return {number: place for place, number in enumerate(self.participants.tolist())}


def decide(definition: CohortDefinition, release: Release) -> Verdicts:
    """Return what each criterion of a definition says of everybody who consents.

    Raises
    ------
    UnknownTableError, CohortError
        When the release lacks a table or column that the definition asks for.
    """
    import numpy as np

    values: dict[str, Node] = {}
    for number, criterion in enumerate(definition.criteria):
        node = criterion.condition.node
        values[f"criterion_{number}"] = node
        if any(isinstance(part, AgeOn) for part in node.walk()):
            values[f"younger_{number}"] = a_year_younger(node)
    found = compute(values, release, asked_by=f"The cohort {definition.title!r}")
    people = len(found)
    family, numbers = _families(found)
    verdicts = []
    for number in range(len(definition.criteria)):
        true, unknown = _flags(found[f"criterion_{number}"])
        uncertain = np.zeros(people, dtype=bool)
        if f"younger_{number}" in values:
            true_then, unknown_then = _flags(found[f"younger_{number}"])
            uncertain = (true != true_then) | (unknown != unknown_then)
        verdicts.append(Verdict(true, unknown, uncertain))
    participants = found["participant_id"].to_numpy()
    return Verdicts(participants, family, numbers, tuple(verdicts))


def compute(
    values: Mapping[str, Node], release: Release, *, asked_by: str, family: bool = True
) -> pa.Table:
    """Return values of everybody who consents, as an Arrow table sorted by participant.

    Parameters
    ----------
    values
        What to compute, by the name of its column; each has one value per participant.
    asked_by
        Who asks, as the beginning of a sentence.
    family
        Whether to give each one's family too, as `rare_diseases_family_id`, where the release has it.
    """
    import duckdb

    people = release.dataset(PER_PARTICIPANT).schema.names
    own = {FAMILY: ColumnValue(PER_PARTICIPANT, FAMILY)} if family and FAMILY in people else {}
    query = Query({**own, **values})
    _check_columns(query, release, asked_by)
    connection = release.cursor_over(query.tables)
    try:
        return connection.sql(query.text, params=query.parameters).to_arrow_table()
    except (duckdb.ConversionException, duckdb.BinderException) as error:
        raise CohortError(
            f"{asked_by} compares columns of release {release.name} with values of another type "
            f"({str(error).splitlines()[0]}): see what they hold with release.dictionary."
        ) from None
    finally:
        connection.close()


def people_around(
    definition: CohortDefinition, release: Release, participant: Any
) -> People | None:
    """Return the rows that a definition asks for of one participant and everybody in the family; None if nobody consents by that number."""
    values = {str(place): step.condition.node for place, step in enumerate(definition.criteria)}
    query = Query(values)
    _check_columns(query, release, f"The cohort {definition.title!r}")
    own_columns = query.tables[PER_PARTICIPANT]
    own_columns |= {FAMILY} & set(release.dataset(PER_PARTICIPANT).schema.names)
    connection = release.cursor_over(query.tables)
    own = _rows(connection, PER_PARTICIPANT, own_columns, "participant_id", [participant])
    if not own:
        return None
    family = own[0].get(FAMILY)
    if family is not None:
        own = _rows(connection, PER_PARTICIPANT, own_columns, FAMILY, [family])
    members = [row["participant_id"] for row in own]
    rows = {PER_PARTICIPANT: own}
    for table, columns in query.tables.items():
        if table != PER_PARTICIPANT:
            rows[table] = _rows(connection, table, columns, "participant_id", members)
    connection.close()
    return People(rows)


def _rows(
    connection: Any, table: str, columns: Iterable[str], key: str, values: Sequence[Any]
) -> list[dict[str, Any]]:
    names = sorted({"participant_id", *columns})
    listed = ", ".join(quoted(name) for name in names)
    found = connection.execute(
        f"SELECT {listed} FROM {quoted(table)} WHERE list_contains($1, {quoted(key)})",
        [list(values)],
    ).fetchall()
    return [dict(zip(names, row, strict=True)) for row in found]


def _check_columns(query: Query, release: Release, asked_by: str) -> None:
    for table, columns in query.tables.items():
        present = release.dataset(table).schema.names
        for column in sorted(columns):
            if column not in present:
                raise CohortError(
                    f"{asked_by} asks for {table}.{column}, which release {release.name} does not have. "
                    + release.why_no_column(table, column)
                )


def a_year_younger(node: Node) -> Node:
    """Return a condition in which everybody is a year younger on every day."""
    if isinstance(node, AgeOn):
        return replace(node, less=node.less + 1)
    changed: dict[str, Any] = {}
    for name, value in vars(node).items():
        if isinstance(value, Node):
            changed[name] = a_year_younger(value)
        elif isinstance(value, tuple) and any(isinstance(part, Node) for part in value):
            changed[name] = tuple(
                a_year_younger(part) if isinstance(part, Node) else part for part in value
            )
    return replace(node, **changed) if changed else node


def _families(found: pa.Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
    """Return each person's family as a place among the families, and the families' numbers."""
    import numpy as np

    if FAMILY not in found.column_names:
        return np.full(len(found), _NO_FAMILY, dtype=np.int64), np.array([], dtype=np.int64)
    coded = found[FAMILY].combine_chunks().dictionary_encode()
    places = coded.indices.fill_null(_NO_FAMILY).to_numpy(zero_copy_only=False)
    return places.astype(np.int64), coded.dictionary.to_numpy(zero_copy_only=False)


def _flags(verdict: pa.ChunkedArray) -> tuple[Flags, Flags]:
    import numpy as np

    true = verdict.fill_null(False).to_numpy()  # noqa: FBT003 - the value to fill in
    return np.asarray(true, dtype=bool), np.asarray(verdict.is_null().to_numpy(), dtype=bool)
