"""How a release names its tables and columns, and how all releases are read in one spelling: the newest.

A table or column that was renamed is asked for by its present name, whatever the release. Who asks by
a name of older releases, or of the NHS-GMS release, is told the present one; who asks for what a
release does not have yet, or no longer, is told so.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from gecip.model import nhs_gms
from gecip.model.table import TABLES, Column, Table, renamed_sentence
from gecip.model.undescribed_tables import UNDESCRIBED_TABLES


class Programme(enum.Enum):
    """Which of the two sister programmes a release is of."""

    MAIN = "the main programme"
    NHS_GMS = "the NHS Genomic Medicine Service"


@dataclass(frozen=True)
class Edition:
    """One release of one programme; `number` is None for data of one's own, which are held to the newest."""

    programme: Programme
    number: int | None

    def has(self, known: Column | type[Table]) -> bool:
        """Return whether this release should have a table or a column, after the lists of changes."""
        return not (self.is_before(known) or self.is_after(known))

    def is_before(self, known: Column | type[Table]) -> bool:
        """Return whether this release is older than a table or a column."""
        return self._counts and known.since is not None and self._count < _number(known.since)

    def is_after(self, known: Column | type[Table]) -> bool:
        """Return whether a table or a column was dropped before this release."""
        if known.until is None or self.programme is not Programme.MAIN:
            return False
        return self.number is None or self.number > _number(known.until)

    def name_of(self, known: Column | type[Table]) -> str:
        """Return what this release calls a table or a column that it has.

        A former name of which no source says how long it was in use is taken for no release's.
        """
        then = [
            (_number(former.until), former.name)
            for former in known.former_names
            if former.until is not None and self._counts and self._count <= _number(former.until)
        ]
        return min(then)[1] if then else known.name

    @property
    def _counts(self) -> bool:
        return self.programme is Programme.MAIN and self.number is not None

    @property
    def _count(self) -> int:
        return self.number or 0


def edition_of(version: str, folder: str) -> Edition:
    """Return which release a version, as `v14`, and a LabKey folder stand for."""
    programme = Programme.NHS_GMS if "nhs-gms" in folder else Programme.MAIN
    number = re.search(r"v(\d+)", version) or re.search(r"_v(\d+)", folder)
    return Edition(programme, int(number.group(1)) if number else None)


def stored_tables(present: Collection[str], edition: Edition) -> Mapping[str, str]:
    """Return what a release has, by present name: each table with the name under which it is stored."""
    names = {stored: stored for stored in sorted(present)}
    for table in TABLES.values():
        if table.name not in present:
            for name in _other_names(table, edition):
                if name in names:
                    names[table.name] = names.pop(name)
                    break
    return dict(sorted(names.items()))


def stored_columns(
    table: type[Table] | None, present: Collection[str], edition: Edition
) -> Mapping[str, str]:
    """Return the columns that are stored under another name, by present name; most releases have none."""
    if table is None:
        return {}
    found = {}
    for column in table.known_columns.values():
        if column.name not in present:
            for name in _other_names(column, edition):
                if name in present and name not in table.known_columns:
                    found[column.name] = name
                    break
    return found


def why_no_column(table: type[Table] | None, name: str, edition: Edition) -> str | None:
    """Return the sentence that answers who asks a release for a column that it does not have, or None.

    None where neither the list of changes nor the sister programme explains it.
    """
    if table is None:
        return None
    for column in table.known_columns.values():
        for former in column.former_names:
            if former.name == name:
                return renamed_sentence(table, column, former)
        gms_name = nhs_gms.COLUMN_NAMES.get(column.name)
        if edition.programme is Programme.NHS_GMS and name == gms_name:
            return (
                f"The column {name!r} of {edition.programme.value} is read by the main programme's name: "
                f"ask the table {table.name} for {column.name!r}."
            )
    known = table.known_columns.get(name)
    if known is None:
        return None
    if edition.programme is Programme.NHS_GMS and name in nhs_gms.UNITED_COLUMNS:
        return (
            f"The release of {edition.programme.value} has no column {name!r} in the table {table.name}: "
            f"ask for {nhs_gms.UNITED_COLUMNS[name]!r}, which holds brothers and sisters together."
        )
    return _why_not_in(edition, known, f"column {name!r} of the table {table.name}")


def why_no_table(name: str, edition: Edition) -> str | None:
    """Return the sentence that answers who asks a release for a table that it does not have, or None."""
    for table in TABLES.values():
        for former in table.former_names:
            if former.name == name:
                return (
                    f"The table {name!r}, so called up to release {former.until}, is now {table.name!r}: "
                    f"ask for {table.name!r}, which is read from every release."
                )
        if edition.programme is Programme.NHS_GMS and nhs_gms.TABLE_NAMES.get(table.name) == name:
            return (
                f"The table {name!r} of {edition.programme.value} is read by the main programme's name: "
                f"ask for {table.name!r}."
            )
    if name in TABLES:
        return _why_not_in(edition, TABLES[name], f"table {name!r}")
    gone = UNDESCRIBED_TABLES.get(name)
    if gone is not None and gone.until is not None:
        return f"The table {name!r} was taken out of the releases after {gone.until}, and none took its place."
    return None


def why_not_in_query(query: str, words: Collection[str], edition: Edition) -> str | None:
    """Return the sentence on the first of `words` that a query should call otherwise, or None.

    A column counts where the query also names its table.
    """
    asked = set(re.findall(r"\w+", query))
    for word in words:
        if sentence := why_no_table(word, edition):
            return sentence
        for table in TABLES.values():
            if table.name in asked and (sentence := why_no_column(table, word, edition)):
                return sentence
    return None


def _why_not_in(edition: Edition, known: Column | type[Table], what: str) -> str | None:
    if edition.is_before(known):
        return f"The {what} exists from release {known.since} on, and this is v{edition.number}: use a newer release."
    if edition.is_after(known):
        way_out = (
            f"use {known.successor} instead"
            if known.successor
            else "none took its place, so leave it out or read it from an older release"
        )
        return f"The {what} was dropped after release {known.until}: {way_out}."
    return None


def _other_names(known: Column | type[Table], edition: Edition) -> Iterator[str]:
    """Yield the names under which a release may store a table or a column, the latest first."""
    if edition.programme is Programme.NHS_GMS:
        names = nhs_gms.COLUMN_NAMES if isinstance(known, Column) else nhs_gms.TABLE_NAMES
        if known.name in names:
            yield names[known.name]
    for former in reversed(known.former_names):
        yield former.name


def _number(version: str) -> int:
    return int(version.removeprefix("v"))
