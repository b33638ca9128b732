"""The clinical tables of a release while they are written: as the release had them, nothing after its day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gecip.model.naming import Edition
from gecip.model.table import ColumnType, Table
from gecip.release.parquet import TableWriter, rows_of_edition, typed_rows
from gecip.synthetic.clinical_rows import Programme

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

# Days that may lie after the release: of withdrawals since, and of what is to end later.
_AHEAD = {"withdrawal_of_consent_date", "moratorium_end_date"}


class ReleaseTables:
    """The files of a release's tables; people are appended block by block, until the `with` block ends."""

    def __init__(self, folder: Path, edition: Edition) -> None:
        self._folder = folder
        self._edition = edition
        self._writers: dict[type[Table], TableWriter] = {}

    def append(self, table: type[Table], frame: pd.DataFrame, programme: Programme) -> None:
        """Write the rows of some people, unless the release does not have the table."""
        if not self._edition.has(table):
            return
        if table not in self._writers:
            path = self._folder / "tables" / f"{self._edition.name_of(table)}.parquet"
            self._writers[table] = TableWriter(path)
        rows = known_by_then(typed_rows(frame, table), table, programme)
        self._writers[table].write(rows_of_edition(rows, table, self._edition))

    def __enter__(self) -> ReleaseTables:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._writers.values():
            writer.close()


def known_by_then(rows: pa.Table, table: type[Table], programme: Programme) -> pa.Table:
    """Return what a release can know: nothing of linked data after its day, or after somebody's 16th birthday.

    A record of a later day is left out; of a person or a family only the later day is.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    days = [
        column.name
        for column in table.columns.values()
        if column.type is ColumnType.DATE and column.name not in _AHEAD
    ]
    last = pa.scalar(programme.release_date, pa.date32())
    if table.covers is not None and "participant_id" in rows.schema.names:
        last = _last_days(rows["participant_id"], programme)
    is_record = not table.key or table.covers is not None
    too_late = None
    for name in days:
        later = pc.fill_null(pc.greater(rows[name], last), pa.scalar(value=False))
        if is_record:
            too_late = later if too_late is None else pc.or_(too_late, later)
        elif pc.any(later).as_py():
            place = rows.schema.get_field_index(name)
            emptied = pc.if_else(later, pa.scalar(None, pa.date32()), rows[name])
            rows = rows.set_column(place, rows.schema.field(name), emptied)
    return rows if too_late is None else rows.filter(pc.invert(too_late))


def _last_days(participants: pa.ChunkedArray, programme: Programme) -> pa.Array:
    """Return the last day of which linked records of each row's participant may tell."""
    import pyarrow as pa

    numbers = programme.recruits.people.number
    order = np.argsort(numbers, kind="stable")
    places = order[np.searchsorted(numbers[order], participants.to_numpy())]
    return pa.array(programme.linked_until[places].astype("datetime64[D]"), pa.date32())
