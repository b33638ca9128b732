"""Why a query cannot be answered, in one sentence that holds no value of anybody's row.

The engine's own words are not passed on: they quote values, and what stands in the query may be an
identifier. Only names of columns and tables are repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from gecip.model.naming import why_not_in_query
from gecip.model.table import TABLES
from gecip.release.opening import Release

if TYPE_CHECKING:
    from gecip.cohort.labkey_dialect import Rewritten

# A name as tables and columns have it; longer numbers in it may be somebody's.
_NAME = re.compile(r"(?!.*\d{4})[A-Za-z_][A-Za-z_0-9]{0,80}")


def complaint(error: Exception, question: Rewritten, release: Release) -> str:
    """Return the sentence for an error of the engine."""
    first_line = str(error).splitlines()[0]
    for pattern, sentence in _SENTENCES:
        found = re.search(pattern, first_line)
        if found:
            name = found.group(1) if found.groups() else ""
            return str(sentence(name, question, release))
    return (
        f"The query cannot be answered by release {release.name}: look whether every column that is compared "
        "holds the kind of value that it is compared with, and cast it where it does not."
    )


def _no_column(name: str, question: Rewritten, release: Release) -> str:
    if not _NAME.fullmatch(name):
        return (
            "The query has a text in double quotes, where SQL reads the name of a column: "
            "write texts in single quotes, and a quote inside one twice."
        )
    named = " ".join(sorted(question.names))
    known = why_not_in_query(named, [name], release.edition)
    if known:
        return known
    for table in release.tables:
        model = TABLES.get(table)
        if (
            table.lower() in question.names
            and model
            and name.lower() in model.known_columns
            and name not in release.dataset(table).schema.names
        ):
            return release.why_no_column(table, name.lower())
    columns = sorted({column for table in _tables(question, release) for column in table})
    if name.lower() in columns:
        return f"A table of the query has no column {name!r}, though another one has: look whose name stands before it."
    near = get_close_matches(name.lower(), columns, n=1, cutoff=0.6)
    way_out = (
        f"did you mean {near[0]!r}?"
        if near
        else "look the table up with release.dictionary.table(…)."
    )
    return f"No table that the query names has a column {name!r}: {way_out}"


def _tables(question: Rewritten, release: Release) -> Iterator[list[str]]:
    for table in release.tables:
        if table.lower() in question.names:
            yield list(release.dataset(table).schema.names)


def _no_table(name: str, _question: Rewritten, release: Release) -> str:
    if not _NAME.fullmatch(name):
        return (
            f"The query names a table that release {release.name} does not have: "
            "name tables by their real names, as participant."
        )
    known = why_not_in_query(name, [name], release.edition)
    if known:
        return known
    near = get_close_matches(name.lower(), release.tables, n=1, cutoff=0.6)
    way_out = f"did you mean {near[0]!r}?" if near else "release.tables lists what there is."
    return f"Release {release.name} has no table {name!r}: {way_out}"


def _no_alias(name: str, _question: Rewritten, release: Release) -> str:
    if name.lower() in {table.lower() for table in release.tables}:
        return (
            f"The query speaks of columns of {name!r} without naming that table behind FROM or JOIN, or gives it "
            "another name there: use the name that stands behind FROM."
        )
    shown = f"{name!r}" if _NAME.fullmatch(name) else "a table"
    return f"The query speaks of columns of {shown}, which no FROM or JOIN of it names: give a table that name behind FROM."


def _ambiguous(name: str, _question: Rewritten, _release: Release) -> str:
    return f"The column {name!r} is in more than one table of the query: say whose it is, as in p.{name}."


def _not_grouped(name: str, _question: Rewritten, _release: Release) -> str:
    return (
        f"The column {name!r} is neither counted nor grouped: add it behind GROUP BY, or ask for "
        f"MIN({name}), MAX({name}) or COUNT({name})."
    )


def _unreadable(word: str, _question: Rewritten, _release: Release) -> str:
    near = f" near the word {word!r}" if _NAME.fullmatch(word) else ""
    return f"The query is not SQL that can be read{near}: look at the commas, brackets and quotes around it."


def _wrong_kind(call: str, _question: Rewritten, _release: Release) -> str:
    if call.startswith(("~~", "!~~")):
        return "LIKE compares texts: write CAST(… AS VARCHAR) around a number before LIKE."
    function = call.partition("(")[0].upper() if call[:1].isalpha() else "An operator"
    return (
        f"{function} is given a kind of value that it does not take: cast the column, as in "
        "CAST(column AS INTEGER) or CAST(column AS TIMESTAMP)."
    )


def _not_convertible(_name: str, _question: Rewritten, _release: Release) -> str:
    return (
        "A value cannot be read as the number or date that the query compares it with or casts it to: compare "
        "text with text in single quotes, and cast only what holds such values throughout."
    )


def _no_file(_name: str, _question: Rewritten, _release: Release) -> str:
    return (
        "query_to_df reads the tables of the release and nothing else: name a table, and no file."
    )


_SENTENCES: tuple[tuple[str, Any], ...] = (
    (r'Referenced column "(.*)" not found', _no_column),
    (r'does not have a column named "(.*)"', _no_column),
    (r'Column "(.*)" (?:in|does not exist)', _no_column),
    (r'Referenced table "(.*)" not found', _no_alias),
    (r"Table with name (.*) does not exist", _no_table),
    (r'Ambiguous reference to column name "?(\w+)', _ambiguous),
    (r'column "(\w+)" must appear in the GROUP BY', _not_grouped),
    (r"syntax error at or near \"(.*)\"", _unreadable),
    (r"^Parser Error", _unreadable),
    (r"argument types '([^']*)", _wrong_kind),
    (r"^(?:Conversion|Out of Range|Invalid Input) Error", _not_convertible),
    (r"Cannot compare values of type|Cannot mix values of type", _not_convertible),
    (r"^(?:Permission|IO) Error|disabled by configuration", _no_file),
)
