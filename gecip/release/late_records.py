"""Linked records of people who came of age without having consented themselves: none is read from after that year.

The programme cuts these records itself, at the 16th birthday; what is left to do here is nothing, in a
release that is as it should be. So a table is looked through once, and only where it has such
records is every reading of it filtered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.governance.access import Use, uses_by_child_consent
from gecip.model.table import ColumnType, Table
from gecip.release.sql_names import quoted

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds

UNTIL = "secondary_data_received_until_year"


@dataclass(frozen=True)
class LateRecords:
    """Which rows of a table are too late: by the stored column of persons, those of days, and people by their last year."""

    person: str
    days: tuple[str, ...]
    people: Mapping[int, Sequence[Any]]

    def expression(self, schema: pa.Schema) -> ds.Expression:
        """Return what is true of a row that is too late, and false of every other."""
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.dataset as ds

        late = ds.scalar(value=False)
        for year, people in self.people.items():
            numbers = pa.array(people).cast(schema.field(self.person).type)
            theirs = ds.field(self.person).isin(numbers)
            for day in self.days:
                column = ds.field(day)
                late = late | (theirs & column.is_valid() & (pc.year(column) > year))
        return late

    def rows_of(self, data: ds.Dataset) -> int:
        """Return how many rows of a table are too late; those of the few people concerned are read once."""
        import pyarrow as pa
        import pyarrow.dataset as ds

        numbers = pa.array([one for people in self.people.values() for one in people])
        theirs = ds.field(self.person).isin(numbers.cast(data.schema.field(self.person).type))
        rows = data.to_table(columns=[self.person, *self.days], filter=theirs)
        return rows.filter(self.expression(rows.schema)).num_rows

    def condition(self, keys: Mapping[int, str]) -> str:
        """Return the same for DuckDB; `keys` are its tables of the people of each year, with a column `key`."""
        parts = [
            f"({quoted(self.person)} IN (SELECT key FROM {quoted(keys[year])}) "
            f"AND coalesce(year({quoted(day)}) > {year}, false))"
            for year in self.people
            for day in self.days
        ]
        return f"NOT coalesce({' OR '.join(parts)}, false)"


def people_by_last_year(until: Mapping[Any, Any]) -> dict[int, list[Any]]:
    """Return who may be followed up to the end of which year, from each participant's year or None."""
    found: dict[int, list[Any]] = {}
    for person, year in until.items():
        # A record of any later year is closed to research, and one of the year itself is not.
        if Use.ROWS not in uses_by_child_consent(None if year is None else year + 1, until=year):
            found.setdefault(int(year), []).append(person)
    return {year: sorted(people) for year, people in sorted(found.items())}


def late_records(
    data: ds.Dataset,
    model: type[Table] | None,
    *,
    renamed: Mapping[str, str],
    people: Mapping[int, Sequence[Any]],
) -> LateRecords | None:
    """Return which rows of a table are too late, or None if none are, as in a release that is as it should be.

    Parameters
    ----------
    renamed
        Columns that are stored under another name than their present one, by the latter.
    people
        Who may be followed up to the end of which year.
    """
    import pyarrow as pa

    if model is None or model.covers is None or not people:
        return None
    person = renamed.get("participant_id", "participant_id")
    stored = [
        renamed.get(column.name, column.name)
        for column in model.known_columns.values()
        if column.type is ColumnType.DATE
    ]
    days = tuple(
        name
        for name in stored
        if name in data.schema.names and pa.types.is_temporal(data.schema.field(name).type)
    )
    if person not in data.schema.names or not days:
        return None
    late = LateRecords(person, days, people)
    return late if late.rows_of(data) else None
