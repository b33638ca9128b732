"""The tables of a release on a LabKey server, each fetched when it is first read and then kept.

A table is asked for in pages, in the order of its key, typed by the model, and written to Parquet in the
cache folder: aside first, so that a run that fails or is killed leaves nothing that opens as a table. The
releases are frozen, so that a table is fetched once; who consents is asked anew whenever a release is opened.
The cache holds what the server gave, also rows of people who have withdrawn, and `Release` stands in front
of it as it does of a folder: the folder is for its owner's eyes only.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.configuration import cache_folder, labkey_address
from gecip.errors import ReleaseError
from gecip.model.naming import edition_of, stored_columns, stored_tables
from gecip.model.table import TABLES, ColumnType
from gecip.provenance import digest_of
from gecip.release.labkey_server import (
    MOST_ROWS_IN_A_PAGE,
    VALUES_IN_A_PAGE,
    LabKeyServer,
    read_address,
)
from gecip.release.layout import Manifest
from gecip.release.parquet import ParquetTables, arrow_type, without_consent
from gecip.writing import new_file, sole_user

if TYPE_CHECKING:
    import pyarrow as pa

# As `main-programme/main-programme_v19_2024-10-31`.
_CONTAINER = re.compile(r"(?:[\w-]+/)*[\w-]+_(v\d+)_(\d{4}-\d{2}-\d{2})")

# What a page has besides the columns: where a column's value links to.
_LINKS = "_labkeyurl_"


def can_be_on_labkey(name: str | Path) -> bool:
    """Return whether `name` is a LabKey folder string and there is a server to ask for it."""
    return (
        isinstance(name, str)
        and labkey_address() is not None
        and _CONTAINER.fullmatch(name.strip("/")) is not None
    )


class LabKeyTables(ParquetTables):
    """The tables of one LabKey folder, unfiltered, behind the interface of `ParquetTables`.

    Raises
    ------
    ReleaseError
        When the server cannot be asked, or has no such folder.
    """

    def __init__(self, container: str) -> None:
        address = read_address(labkey_address() or "")
        self.container = container.strip("/")
        self.folder = cache_folder() / "labkey" / address.host.replace(":", "_") / self.container
        self.manifest = _manifest(self.container, address.host)
        super().__init__(self.folder / "tables", edition_of(self.manifest.version, self.container))
        self._server = LabKeyServer(address, self.container)
        self._on_server = self._server.tables()

    @cached_property
    def _stored(self) -> Mapping[str, str]:
        return stored_tables(self._on_server, self._edition)

    @property
    def at_hand(self) -> tuple[str, ...]:
        """The names of the tables that have been fetched, and the one of the participants."""
        return tuple(
            table for table in self.names if table == "participant" or self._file(table).exists()
        )

    @property
    def asked_on(self) -> datetime.date | None:
        """Today: consent is asked of the server, not of the cache."""
        return datetime.datetime.now().astimezone().date()

    def path(self, table: str) -> Path:
        """Return the file of a table, fetched from the server where it is not there yet."""
        path = self._file(table)
        if not path.exists():
            self._make_private_folder()
            waiting = f"Another run is fetching the table {table}; waiting for it."
            with sole_user(path, waiting=waiting):
                if not path.exists():
                    self._fetch(table, path)
        return path

    def has_column(self, table: str, column: str) -> bool:
        """Return whether there is a table with a column, as the server has it; fetches no row."""
        if table not in self.names:
            return False
        kinds = tuple(self._server.page(self._stored[table], most=0).kinds)
        stored = stored_columns(TABLES.get(table), kinds, self._edition).get(column, column)
        return stored in kinds

    def present_pairs(self, table: str, key: str, value: str) -> dict[Any, Any]:
        """Return one column by another as the server has them now; empty where it has no such table."""
        if table not in self.names:
            return {}
        stored_table, model = self._stored[table], TABLES.get(table)
        about = self._server.page(stored_table, most=0)
        renamed = stored_columns(model, tuple(about.kinds), self._edition)
        stored = [renamed.get(column, column) for column in (key, value)]
        missing = [column for column in stored if column not in about.kinds]
        if missing:
            raise ReleaseError(
                without_consent(f"The table {table} on the LabKey server", missing[0])
            )
        reading = _Reading(self._server, stored_table, table, self._edition, columns=stored)
        pages = [page.to_pydict() for page in reading.pages()]
        return {
            one: other
            for page in pages
            for one, other in zip(*(page[name] for name in stored), strict=True)
        }

    def _file(self, table: str) -> Path:
        return super().path(table)

    def _fetch(self, table: str, path: Path) -> None:
        """Write a table to the cache whole, or not at all."""
        import pyarrow.parquet as pq

        for left_behind in path.parent.glob(f".{path.name}.*.partial"):
            left_behind.unlink()  # by a run that was killed: this one holds the lock
        reading = _Reading(self._server, self._stored[table], table, self._edition)
        while True:
            try:
                with (
                    new_file(path) as partial,
                    pq.ParquetWriter(partial, reading.schema, compression="zstd") as writer,
                ):
                    for page in reading.pages():
                        writer.write_table(page)
            except _OtherKindError as found:
                reading.take_for_text(found.column)
            else:
                return

    def _make_private_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (cache_folder() / "labkey").chmod(0o700)


class _OtherKindError(Exception):
    """A column holds what neither the model nor the server said that it holds."""

    def __init__(self, column: str) -> None:
        self.column = column
        super().__init__(column)


class _Reading:
    """One table on the server: its columns, their types, and the pages of its rows."""

    def __init__(
        self,
        server: LabKeyServer,
        stored_table: str,
        table: str,
        edition: Any,
        *,
        columns: Sequence[str] | None = None,
    ) -> None:
        about = server.page(stored_table, most=0)
        self._server = server
        self._stored_table = stored_table
        self._table = table
        self._edition = edition
        self._asked = columns
        self._kinds = {
            name: kind
            for name, kind in about.kinds.items()
            if not name.startswith(_LINKS) and (columns is None or name in columns)
        }
        # Rows that are alike in all columns may change places unseen.
        self._sort = [about.key] if about.key else list(self._kinds)
        self._text: set[str] = set()

    def take_for_text(self, column: str) -> None:
        """Read a column as text from now on, whatever it was thought to hold."""
        self._text.add(column)

    @property
    def schema(self) -> pa.Schema:
        """The columns in the model's types; those that the model does not know in the server's."""
        import pyarrow as pa

        model = TABLES.get(self._table)
        renamed = stored_columns(model, tuple(self._kinds), self._edition)
        present = {stored: name for name, stored in renamed.items()}
        fields = []
        for name, kind in self._kinds.items():
            column = model.known_columns.get(present.get(name, name)) if model else None
            stored_type = _server_type(kind) if column is None else arrow_type(column.type)
            if column is not None and column.type is ColumnType.INTEGER and kind == "string":
                stored_type = pa.string()  # people named by words
            fields.append(pa.field(name, pa.string() if name in self._text else stored_type))
        return pa.schema(fields)

    def pages(self) -> Iterator[pa.Table]:
        """Yield the table's rows page by page, with a progress bar.

        Raises
        ------
        ReleaseError
            When fewer or more rows came than the server said there are.
        """
        from gecip.progress import progress_bar

        most = min(MOST_ROWS_IN_A_PAGE, max(1, VALUES_IN_A_PAGE // max(1, len(self._kinds))))
        schema, read, total = self.schema, 0, None
        with progress_bar(
            title=f"Reading {self._table} from LabKey", total=None, unit="row"
        ) as bar:
            more = True
            while more:
                page = self._server.page(
                    self._stored_table,
                    columns=self._asked,
                    sort=self._sort,
                    offset=read,
                    most=most,
                )
                total = bar.total = page.total
                yield _typed(page.rows, schema)
                read += len(page.rows)
                bar.update(len(page.rows))
                more = bool(page.rows) and (
                    len(page.rows) == most if total is None else read < total
                )
        if total is not None and read != total:
            raise ReleaseError(
                f"The LabKey server said that the table {self._table} has {total:,} rows and gave {read:,}, of which "
                "nothing was kept: try again."
            )


def _manifest(container: str, host: str) -> Manifest:
    found = _CONTAINER.fullmatch(container)
    if found is None:
        raise ReleaseError(
            f"{container!r} is no LabKey folder of a release: write it as main-programme/main-programme_v19_2024-10-31."
        )
    version, date = found.groups()
    return Manifest(
        name=container,
        version=version,
        date=datetime.date.fromisoformat(date),
        assembly="GRCh38",
        origin="LabKey",
        folder=f"/{container}",
        facts={"server": host},
        digest=digest_of(["LabKey", host, container]),
    )


def _server_type(kind: str) -> pa.DataType:
    import pyarrow as pa

    return {
        "int": pa.int64(),
        "float": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.timestamp("ms"),
    }.get(kind, pa.string())


def _typed(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Return rows as the server wrote them in the stored types."""
    import pyarrow as pa

    columns = []
    for field in schema:
        values = [row.get(field.name) for row in rows]
        try:
            columns.append(pa.array(_plain(values, field.type), type=field.type))
        except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError, TypeError, OverflowError):
            raise _OtherKindError(field.name) from None
    return pa.table(columns, schema=schema)


def _plain(values: Sequence[Any], kind: pa.DataType) -> Sequence[Any]:
    """Return values of JSON as Python has those of a stored type.

    Raises
    ------
    ValueError, TypeError
        When they are none of that type.
    """
    import pyarrow as pa

    if pa.types.is_string(kind):
        return [None if value is None else _as_text(value) for value in values]
    if pa.types.is_date(kind):
        return [None if value is None else _moment(value).date() for value in values]
    if pa.types.is_timestamp(kind):
        return [None if value is None else _moment(value) for value in values]
    if pa.types.is_boolean(kind) and any(not isinstance(v, bool | None) for v in values):
        raise ValueError("neither true nor false")
    if pa.types.is_integer(kind):
        return [None if value is None else _whole(value) for value in values]
    if pa.types.is_floating(kind):
        return [None if value is None else float(value) for value in values]
    return values


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _moment(value: Any) -> datetime.datetime:
    """Read a date as LabKey writes it: `2019-03-28 00:00:00.000`, before release 19.2 with slashes."""
    return datetime.datetime.fromisoformat(str(value).replace("/", "-"))


def _whole(value: Any) -> int:
    number = int(value)
    if isinstance(value, bool) or (isinstance(value, float) and number != value):
        raise ValueError("not a whole number")
    return number
