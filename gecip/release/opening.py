"""Open a release: the only way to participants' rows, and it gives consenting people's only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from gecip.audit import Kind, record_reading
from gecip.configuration import policy_document, role
from gecip.errors import AccessError, ReleaseError, UnknownColumnError
from gecip.governance.access import Use, depends_on_consent_form, uses_by_consent
from gecip.governance.consent import ConsentSnapshot, take_consent_snapshot
from gecip.governance.policy import parse_policy
from gecip.model.dictionary import Dictionary, release_dictionary
from gecip.model.naming import Edition, edition_of, why_no_column
from gecip.model.table import TABLES, ColumnType, Sensitivity, Table, nearest
from gecip.provenance import Provenance, software_versions
from gecip.release.catalogue import find_release
from gecip.release.consenting_views import ConsentingViews, ConsentRule
from gecip.release.identifiers import KnownIdentifiers
from gecip.release.labkey_tables import LabKeyTables, can_be_on_labkey
from gecip.release.late_records import UNTIL, LateRecords, late_records, people_by_last_year
from gecip.release.layout import (
    Chunk,
    Manifest,
    date_in_name,
    newest_sample_list,
    read_chunks,
    read_manifest,
)
from gecip.release.parquet import ParquetTables, column_type_of
from gecip.release.readers import require_open
from gecip.release.renamed_rows import RenamedRows
from gecip.release.summary_level import names_of_summary_level
from gecip.witness import tell

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.dataset as ds


# The releases open in this process, so that a product finds the one it was made from.
_open_releases: WeakSet[Release] = WeakSet()
# Of what each was made, by the digest of its provenance, and those that were opened again for a product.
_read_here: dict[str, tuple[Path, Manifest, ParquetTables]] = {}
_opened_again: dict[str, Release] = {}


def open_release(name: str | Path) -> Release:
    """Return the release called `name`, with today's word on consent.

    `name` is a name of the catalogue (`"demo"`), a folder, or a LabKey folder string. Opening reads
    the manifest only; the consent snapshot is taken at the first read and then kept. A LabKey folder
    string that no folder here stands for is opened on the LabKey server, where one is set
    (`GECIP_LABKEY`): its tables are fetched when they are first read and kept in the cache.

    Raises
    ------
    ReleaseError
        When there is no such release or it is damaged.
    AccessError
        When it is closed to the user's role.
    """
    release = _opened(name)
    tell(release)
    return release


def _opened(name: str | Path) -> Release:
    try:
        folder = find_release(name)
    except ReleaseError:
        if not can_be_on_labkey(name):
            raise
        tables = LabKeyTables(str(name))
        require_open(tables.manifest, role())
        return Release(tables.folder, tables.manifest, tables)
    manifest = read_manifest(folder)
    require_open(manifest, role())
    return Release(folder, manifest)


def release_behind(provenance: Provenance) -> Release | None:
    """Return the release from which a product was made, or None if it is neither open nor in the catalogue."""
    first = provenance.chain()[0]
    for release in list(_open_releases):
        if release.provenance.digest() == first.digest():
            return release
    try:
        release = open_release(str(first.parameters.get("release", "")))
    except (AccessError, ReleaseError):
        return None
    return release if release.manifest.digest == first.parameters.get("release_digest") else None


def open_release_behind(provenance: Provenance) -> Release | None:
    """Return the release from which a product was made in this process, or None for one of another.

    One that nobody holds any more is opened once again, by its folder.
    """
    digest = provenance.chain()[0].digest()
    for release in list(_open_releases):
        if "provenance" in vars(release) and release.provenance.digest() == digest:
            return release
    if digest not in _opened_again and digest in _read_here:
        _opened_again[digest] = Release(*_read_here[digest])
    return _opened_again.get(digest)


class Release:
    """One frozen data release: clinical tables, genomes, and the word on consent.

    Everything that it hands out has been filtered to consenting people. An object of this class
    never changes; to follow a newer consent list, open the release again.
    """

    def __init__(
        self, folder: Path, manifest: Manifest, tables: ParquetTables | None = None
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self._tables = tables or ParquetTables(folder / "tables", self.edition)
        self._keys: dict[str, pa.Table] = {}
        self._late: dict[str, LateRecords | None] = {}
        self._summary_level: dict[tuple[str, ...], frozenset[str]] = {}
        self._views = ConsentingViews()
        self._listing: tuple[str, int, int] | None = None
        _open_releases.add(self)

    @property
    def name(self) -> str:
        """Return the release's name."""
        return self.manifest.name

    @property
    def version(self) -> str:
        """Return the version in the programme's counting, as `v19`."""
        return self.manifest.version

    @property
    def edition(self) -> Edition:
        """Which release of which programme this is, by which its names are read."""
        return edition_of(self.manifest.version, self.manifest.folder)

    @property
    def assembly(self) -> str:
        """Return the assembly of the genomes, as `GRCh38`."""
        return self.manifest.assembly

    @cached_property
    def consent(self) -> ConsentSnapshot:
        """Who may be used: the statuses of the participant table, the newest list of samples, the user's role."""
        asked_by = role()
        require_open(self.manifest, asked_by)
        listing = newest_sample_list(self.folder)
        self._listing = _listing_as_it_is(listing)
        listed = None if listing is None else listing.read_text(encoding="utf-8").split()
        dated = None if listing is None else date_in_name(listing)
        return take_consent_snapshot(
            self._statuses,
            self._recorded_samples,
            listed_samples=listed,
            date=dated or self._tables.asked_on or self.manifest.date,
            policy=parse_policy(policy_document()),
            assumed=self.manifest.consent_assumed,
            forms=self._consent_forms() if depends_on_consent_form(asked_by) else None,
            role=asked_by,
        )

    @cached_property
    def _statuses(self) -> dict[Any, Any]:
        """The consent status of everybody in the table of participants."""
        return self._tables.present_pairs(
            "participant", "participant_id", "programme_consent_status"
        )

    @cached_property
    def _recorded_samples(self) -> dict[Any, Any]:
        """Whose each sample of the aggregate is."""
        return self._tables.present_pairs(
            "aggregate_gvcf_sample_stats", "platekey", "participant_id"
        )

    def has_participant(self, participant_id: int | str) -> bool:
        """Return whether the release has that participant, who may have withdrawn; no row is read."""
        return participant_id in self._statuses

    def participants_open_to(self, use: Use) -> frozenset[int | str]:
        """Return of whom consent leaves a use open, on the newest word and whatever the user's role.

        For results that were made before (`Use.STANDING`), which may stand after some withdrawals: numbers to
        hold them against, and no leave to read anything.
        """
        listing = newest_sample_list(self.folder)
        listed = None if listing is None else set(listing.read_text(encoding="utf-8").split())
        off_the_list = {
            person
            for sample, person in self._recorded_samples.items()
            if listed is not None and sample not in listed
        }
        policy = parse_policy(policy_document())
        open_statuses = {
            status
            for status in set(self._statuses.values())
            if use in uses_by_consent(status, listed=True, policy=policy)
        }
        return frozenset(
            person
            for person, status in self._statuses.items()
            if status in open_statuses and person not in off_the_list
        )

    def _consent_forms(self) -> dict[Any, Any]:
        """Return the form on which each participant consented; nothing where the release does not say it."""
        if not self._tables.has_column("participant", "normalised_consent_form"):
            return {}
        return self._tables.present_pairs(
            "participant", "participant_id", "normalised_consent_form"
        )

    def consent_is_newest(self) -> bool:
        """Return whether no list of consented samples was laid down or changed since the snapshot was taken."""
        self.consent  # noqa: B018 - takes the snapshot, if it has not been taken
        return self._listing == _listing_as_it_is(newest_sample_list(self.folder))

    @cached_property
    def provenance(self) -> Provenance:
        """Where everything made from this release begins."""
        begins = Provenance(
            operation="open_release",
            parameters={
                "release": self.name,
                "version": self.version,
                "release_digest": self.manifest.digest,
                "consent_date": self.consent.date.isoformat(),
                "consent_digest": self.consent.digest,
            },
            software=software_versions(),
        )
        _read_here[begins.digest()] = (self.folder, self.manifest, self._tables)
        # The same release may lie elsewhere by now.
        _opened_again.pop(begins.digest(), None)
        return begins

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the names of the clinical tables that this release has."""
        return self._tables.names

    @cached_property
    def dictionary(self) -> Dictionary:
        """What the tables and columns of this release mean; `.search("renal")` looks it through.

        It is made of the model and of the files' heads: no participant's row is read. Of a release on a
        LabKey server it tells what has been fetched.
        """
        present = {}
        for table in self._tables.at_hand:
            names = {stored: name for name, stored in self._tables.renamed(table).items()}
            schema = self._tables.dataset(table).schema
            present[table] = {
                names.get(field.name, field.name): column_type_of(field.type) for field in schema
            }
        return release_dictionary(f"release {self.name}", present)

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """The files of the germline aggregate, which still hold the genomes of people who have withdrawn."""
        return read_chunks(self.folder)

    def read(self, table: str | type[Table], columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the rows of a clinical table that belong to consenting people, in the table's own order.

        Tables and columns go by their present names, whatever this release calls them, so that one
        notebook reads every release. Columns that the model does not know are read as they are. Whole numbers that may be missing come as pandas `Int64`, dates as `datetime64`.

        Parameters
        ----------
        table
            The real name, as `"participant"`, or the model's class.
        columns
            The columns to read; all of them if not given. Reading few is much cheaper in wide tables.

        Raises
        ------
        UnknownTableError, UnknownColumnError
            When the release does not have it; the message names the successor or the nearest.
        """
        import pandas as pd
        import pyarrow as pa

        data = self.dataset(table)
        if columns is not None:
            for column in columns:
                if column not in data.schema.names:
                    raise UnknownColumnError(self.why_no_column(table, column))
        rows = data.to_table(columns=None if columns is None else list(columns))
        required = {c.name for c in _columns(table) if c.required and c.type is ColumnType.INTEGER}
        frame = rows.to_pandas(
            types_mapper={pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int64Dtype()}.get,
            date_as_object=False,
        )
        present = [
            name for name in frame.columns if name in required and str(frame[name].dtype) == "Int64"
        ]
        return frame.astype(dict.fromkeys(present, "int64"))

    def dataset(self, table: str | type[Table]) -> ds.Dataset:
        """Return a table as a lazy Arrow data set that holds consenting people's rows only.

        This is what the cohort language and SQL run on; nothing is read until they do. Where this
        release calls columns otherwise, it is a view of one by the present names, with its `schema`,
        `to_table` and `count_rows`.
        """
        self.require_same_role()
        rows = self._permitted(table)
        self.record("table", _name(table))
        return rows

    def _permitted(self, table: str | type[Table]) -> ds.Dataset | RenamedRows:
        renamed = self._tables.renamed(_name(table))
        rows = self._consenting_rows(table, renamed)
        return RenamedRows(rows, renamed) if renamed else rows

    def register(self, connection: Any, table: str | type[Table]) -> None:
        """Make a table known to a DuckDB connection by its name, with consenting people's rows only."""
        rows = self.dataset(table)
        if isinstance(rows, RenamedRows):
            rows.register(connection, _name(table))
        else:
            connection.register(_name(table), rows)

    def require_same_role(self) -> None:
        """Refuse to give what was opened in another role than the user works in now.

        Raises
        ------
        AccessError
            With what to type instead.
        """
        asked_by = role()
        # As long as nobody's consent was looked up, nothing was opened in any role.
        if "consent" in vars(self) and asked_by != self.consent.role:
            raise AccessError(
                f"Release {self.name} was opened as {self.consent.role}, and the role is {asked_by} now: open it again with "
                f"open_release({self.name!r}), and select cohorts again."
            )

    def record(self, kind: Kind, name: str) -> None:
        """Write into the audit log that a table or callset of this release is read; whoever opens one calls it."""
        record_reading(
            kind,
            name,
            release=self.name,
            version=self.version,
            consent=self.consent.date.isoformat(),
        )

    def why_no_column(self, table: str | type[Table], column: str) -> str:
        """Return the sentence that answers who asks for a column which this release does not have.

        It names the successor of a column that was renamed or dropped, and else the nearest.
        """
        name = _name(table)
        model = TABLES.get(name)
        known = why_no_column(model, column, self.edition)
        described = model.known_columns.get(column) if model else None
        if (
            known is None
            and described
            and described.real_only
            and self.manifest.origin == "synthetic"
        ):
            return (
                f"The synthetic release {self.name} has no column {column!r} in the table {name}: only the programme's own "
                "releases do, so leave it out here."
            )
        near = nearest(column, tuple(self.dataset(table).schema.names))
        return known or f"The table {name} of release {self.name} has no column {column!r}{near}"

    def cursor_over(self, tables: Iterable[str]) -> Any:
        """Return a DuckDB connection in which tables are views of their files, with consenting people's rows only.

        As `register`, and faster, since DuckDB reads the files itself and finds the views again the next
        time; for questions that stay inside, as such a connection could read other files too.
        """
        self.require_same_role()
        for table in tables:
            name = _name(table)
            renamed = self._tables.renamed(name)
            present_as = {stored: present for present, stored in renamed.items()}
            stored = self._tables.dataset(name).schema.names
            self._views.add(
                name,
                self._tables.path(name),
                columns={present_as.get(column, column): column for column in stored},
                rules=self._consent_rules(name, renamed),
                keys_of=self._consenting_keys,
                late=self._late_records(name, renamed),
            )
            self.record("table", name)
        return self._views.cursor()

    def _consenting_keys(self, person_key: str) -> pa.Table:
        """Return the keys of consenting people as a table of one column, kept for the next time."""
        import pyarrow as pa

        if person_key not in self._keys:
            self._keys[person_key] = pa.table({"key": self._consenting(person_key)})
        return self._keys[person_key]

    def _consenting_rows(self, table: str | type[Table], renamed: Mapping[str, str]) -> ds.Dataset:
        """Return a table's stored rows of consenting people, as a data set by the stored names."""
        import pyarrow.dataset as ds

        name = _name(table)
        data = self._tables.dataset(name)
        for rule in self._consent_rules(name, renamed):
            keys = self._consenting_keys(rule.person_key)["key"]
            column = ds.field(rule.column)
            kept = column.isin(keys.combine_chunks().cast(data.schema.field(rule.column).type))
            data = data.filter(column.is_null() | kept if rule.may_be_missing else kept)
        late = self._late_records(name, renamed)
        return data if late is None else data.filter(~late.expression(data.schema))

    def _late_records(self, name: str, renamed: Mapping[str, str]) -> LateRecords | None:
        """Return which of a table's rows are of a time after a parent's consent had expired; looked up once."""
        if name not in self._late:
            self._late[name] = late_records(
                self._tables.dataset(name),
                TABLES.get(name),
                renamed=renamed,
                people=self._followed_until,
            )
        return self._late[name]

    @cached_property
    def _followed_until(self) -> Mapping[int, Sequence[Any]]:
        """Whose linked records end with which year, since their parents' consent has expired."""
        if not self._tables.has_column("participant", UNTIL):
            return {}
        years = self._tables.present_pairs("participant", "participant_id", UNTIL)
        return people_by_last_year(years)

    def _consent_rules(self, name: str, renamed: Mapping[str, str]) -> Sequence[ConsentRule]:
        """Return by which stored columns a table's rows are kept; none where it speaks of nobody."""
        schema = self._tables.dataset(name).schema
        model = TABLES.get(name)
        known_as = model.person_column if model else "participant_id"
        if known_as is None:
            return ()
        column = renamed.get(known_as, known_as)
        if column not in schema.names:
            raise ReleaseError(
                f"The table {name} of release {self.name} has no column {column!r} that says whose rows "
                "they are, so that consent cannot be checked: restore the column or remove the table."
            )
        rules = [ConsentRule(column, model.person_key if model else "participant")]
        person = renamed.get("participant_id", "participant_id")
        if column != person and person in schema.names:
            # A family's table also names its members: those who took part must themselves consent.
            rules.append(ConsentRule(person, "participant", may_be_missing=True))
        return rules

    def knows_identifier(self, word: str) -> bool:
        """Return whether a word is an identifier of this release, also of people who have withdrawn.

        The airlock asks this of every word that wants to leave; no identifier is handed out.
        """
        return self.identifiers.knows(word)

    def knows_part_of_identifier(self, word: str) -> bool:
        """Return whether a number is the end of an identifier of this release, as its last five digits are."""
        return self.identifiers.knows_ending(word)

    @cached_property
    def identifiers(self) -> KnownIdentifiers:
        """What the airlock asks about words: every identifier in the release, read once, and none of them shown."""
        return KnownIdentifiers(self._identifiers)

    @cached_property
    def _identifiers(self) -> frozenset[str]:
        """Every identifier in the release, read once: whose rows they are in does not matter here."""
        import pyarrow.compute as pc

        found: set[str] = set()
        for table in self._tables.at_hand:
            data = self._tables.dataset(table)
            model = TABLES.get(table)
            renamed = self._tables.renamed(table)
            marked = model.known_columns.values() if model else ()
            columns = {
                renamed.get(column.name, column.name)
                for column in marked
                if column.sensitivity is Sensitivity.IDENTIFIER
                and (table == "participant" or column.name != "participant_id")
            }
            wanted = sorted(columns.intersection(data.schema.names))
            rows = data.to_table(columns=wanted)
            for column in wanted:
                found.update(map(str, pc.unique(rows[column]).drop_null().to_pylist()))
        return frozenset(found)

    def _consenting(self, person_key: str) -> list[Any]:
        if person_key == "participant":
            return sorted(self.consent.participants)
        if person_key == "sample":
            return sorted(self.consent.samples)
        if "." in person_key:
            return self._consenting_in(*person_key.split("."))
        return self._consenting_families

    def _consenting_in(self, table: str, column: str) -> list[Any]:
        """What stands in a column of another table, in the rows of consenting people."""
        if table not in self.tables:
            raise ReleaseError(
                f"Release {self.name} has no table {table!r}, which says whose rows these are, so that consent cannot be "
                "checked: restore the table."
            )
        persons = self._tables.pairs(table, column, "participant_id")
        consenting = self.consent.participants
        return sorted(
            key for key, person in persons.items() if key is not None and person in consenting
        )

    @property
    def summary_level_names(self) -> frozenset[str]:
        """By what those are called who are reported at summary level only: numbers, families, samples, as text."""
        # Of a release on a LabKey server what has been fetched so far: nothing else can be in a product.
        at_hand = self._tables.at_hand
        if at_hand not in self._summary_level:
            self._summary_level[at_hand] = names_of_summary_level(
                self.consent.summary_level, at_hand, self._permitted
            )
        return self._summary_level[at_hand]

    @cached_property
    def families_recorded(self) -> int:
        """How many families the participant table names, also those of people who have withdrawn."""
        return len({family for family in self._families.values() if family is not None})

    @cached_property
    def _consenting_families(self) -> list[Any]:
        """Families with at least one member who consents."""
        consenting = self.consent.participants
        return sorted(
            {
                family
                for person, family in self._families.items()
                if family is not None and person in consenting
            }
        )

    @cached_property
    def _families(self) -> dict[Any, Any]:
        if not self._tables.has_column("participant", "rare_diseases_family_id"):
            return {}
        return self._tables.pairs("participant", "participant_id", "rare_diseases_family_id")

    def __repr__(self) -> str:
        return (
            f"Release({self.name!r}, version={self.version!r}, assembly={self.assembly!r}, "
            f"tables={len(self.tables)}, consenting={len(self.consent.participants):,})"
        )

    def _repr_html_(self) -> str:
        consent = self.consent
        statuses = "".join(
            f"<tr><td>{status}</td><td style='text-align:right'>{count:,}</td></tr>"
            for status, count in consent.counts.items()
        )
        assumed = (
            "<p>The data came without a consent column: everyone counts as consenting.</p>"
            if consent.assumed
            else ""
        )
        since = (
            f"<p>{consent.withdrawn_since_release:,} have withdrawn since the tables were frozen.</p>"
            if consent.withdrawn_since_release
            else ""
        )
        role = (
            f"<p>{consent.kept_from_role:,} more consent on forms that are not for {consent.role} users.</p>"
            if consent.kept_from_role
            else ""
        )
        return (
            f"<p><b>Release {self.name}</b> ({self.version}, {self.assembly}), consent as of {consent.date}: "
            f"{len(consent.participants):,} people and {len(consent.samples):,} genomes may be used.</p>"
            f"<table><tr><th>Consent status</th><th>People</th></tr>{statuses}</table>{since}{role}{assumed}"
        )


def _listing_as_it_is(listing: Path | None) -> tuple[str, int, int] | None:
    """Return what changes when a list of samples is replaced: its name, size and time."""
    if listing is None:
        return None
    state = listing.stat()
    return (str(listing), state.st_size, state.st_mtime_ns)


def _name(table: str | type[Table]) -> str:
    return table if isinstance(table, str) else table.name


def _columns(table: str | type[Table]) -> Sequence[Any]:
    model: type[Table] | None = TABLES.get(_name(table))
    columns: Mapping[str, Any] = model.known_columns if model else {}
    return list(columns.values())
