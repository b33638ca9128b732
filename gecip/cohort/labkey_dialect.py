"""LabKey's SQL as the official tutorials write it, rewritten as DuckDB reads it.

What LabKey forgives is forgiven: a comma before `FROM` or before a closing bracket, the prefix
`lists.`, a column called like one of DuckDB's keywords. What LabKey has and DuckDB lacks is
rewritten, or refused in one sentence that says what to write instead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gecip.cohort.labkey_functions import BEFORE_BRACKETS, render_call, words
from gecip.cohort.labkey_pivot import without_pivot
from gecip.cohort.labkey_select import name_expressions
from gecip.cohort.labkey_tokens import (
    Group,
    Kind,
    Node,
    Token,
    read_query,
    split_at_commas,
    words_of,
)
from gecip.errors import QueryError

# Words that DuckDB keeps for itself and LabKey does not: they may be names of columns and tables.
_ONLY_DUCKDBS = words(
    """
    analyse analyze anti array asof asymmetric at authorization binary centuries century check collate
    collation column concurrently constraint day days decade decades default deferrable describe do
    exclude export_state fetch filter for foreign freeze glob hour hours ignore initially isnull lambda
    lateral leading microsecond microseconds millennia millennium millisecond milliseconds minute
    minutes month months notnull only overlaps pivot_longer pivot_wider placing positional precision
    primary qualify quarter quarters references rename replace respect returning second seconds semi
    show similar summarize symmetric table tablesample to trailing unique unpack unpivot variadic
    varying verbose week weeks window without year years
    """
)

# LabKey's words for types, which may begin with SQL_, and what DuckDB calls each.
_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("bigint", "date", "double", "integer", "smallint", "timestamp"), ""),
    **dict.fromkeys(("time", "tinyint", "varchar"), ""),
    **dict.fromkeys(("char", "guid", "longvarchar", "text"), "VARCHAR"),
    **dict.fromkeys(("binary", "longvarbinary", "varbinary"), "BLOB"),
    **dict.fromkeys(("bit", "boolean"), "BOOLEAN"),
    # Without a precision DuckDB would round to three places.
    **dict.fromkeys(("decimal", "float", "numeric", "real"), "DOUBLE"),
    "int": "INTEGER",
}

_LITERALS = {"d": "DATE", "ts": "TIMESTAMP"}


@dataclass(frozen=True)
class Rewritten:
    """A query as DuckDB reads it, with the names that stand in the query, for who must find its tables."""

    sql: str
    names: frozenset[str]


def rewrite(query: str, tables: Collection[str]) -> Rewritten:
    """Return a query in LabKey's SQL as one in DuckDB's.

    Parameters
    ----------
    query
        One `SELECT`, or `WITH … SELECT`.
    tables
        The names of the tables that may stand behind `lists.`

    Raises
    ------
    QueryError
        When it is not one question, or has what is not read here.
    """
    nodes = _one_question(read_query(query))
    names = frozenset(name.lower() for token in words_of(nodes) if (name := token.name))
    known = frozenset(table.lower() for table in tables)
    return Rewritten(_Writer(known).level(name_expressions(nodes)), names)


def _one_question(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    while nodes and isinstance(nodes[-1], Token) and nodes[-1].is_sign(";"):
        nodes = nodes[:-1]
    if any(token.is_sign(";") for token in words_of(nodes)):
        raise QueryError(
            "query_to_df answers one SELECT at a time: send what stands behind the semicolon in a query of its own."
        )
    _refuse_numpy(list(words_of(nodes)))
    if any(token.is_word("recursive") for token in words_of(nodes)):
        raise QueryError(
            "query_to_df reads no WITH RECURSIVE, which may never end: ask for the rows, and go on with pandas."
        )
    first = nodes[0] if nodes else None
    if isinstance(first, Token) and first.is_word("parameters"):
        raise QueryError(
            "query_to_df reads no PARAMETERS: write the values into the query, with a Python f-string."
        )
    begins = first
    while isinstance(begins, Group) and begins.opening == "(":
        begins = begins.inside[0] if begins.inside else None
    if not (isinstance(begins, Token) and begins.is_word("select", "with")):
        raise QueryError(
            "query_to_df only asks: begin the query with SELECT, or with WITH, and leave out what changes data or settings."
        )
    return nodes


class _Writer:
    """Writes words of LabKey's SQL as DuckDB's; `tables` are what may stand behind the prefix `lists`."""

    def __init__(self, tables: frozenset[str]) -> None:
        self._tables = tables

    def level(self, nodes: Sequence[Node]) -> str:
        """Return one level of a query, with all that its brackets hold."""
        selecting = any(isinstance(node, Token) and node.is_word("select") for node in nodes)
        if selecting:
            _refuse_files(nodes)
            nodes = without_pivot(nodes)
        return " ".join(self._pieces(_text_before_like(_without_last_commas(nodes))))

    def _pieces(self, nodes: Sequence[Node]) -> Iterator[str]:
        position = 0
        while position < len(nodes):
            node = nodes[position]
            following = nodes[position + 1] if position + 1 < len(nodes) else None
            if isinstance(node, Group):
                yield self._group(node, nodes[position - 1] if position else None)
            elif self._is_schema(node, nodes[position + 1 : position + 3]):
                position += 1  # the dot goes with it
            elif (name := _called(node, following)) is not None and isinstance(following, Group):
                yield self._call(name, following)
                position += 1
            else:
                yield _plain(node)
            position += 1

    def _is_schema(self, node: Token, following: Sequence[Node]) -> bool:
        if (node.name or "").lower() != "lists" or len(following) < 2:
            return False
        dot, table = following
        return (
            isinstance(dot, Token)
            and dot.is_sign(".")
            and isinstance(table, Token)
            and (table.name or "").lower() in self._tables
        )

    def _group(self, group: Group, before: Node | None) -> str:
        after_in = isinstance(before, Token) and before.is_word("in")
        if group.opening == "{":
            return self._escape(group)
        if group.opening == "[" and not after_in:
            raise QueryError(
                f"Line {group.line} of the query has square brackets, which LabKey's SQL does not know: "
                "write a list in round ones, as with IN {*values,} in an f-string."
            )
        if after_in and not group.inside:
            raise QueryError(
                "The list behind IN is empty, which LabKey refuses too: look at the values that you put in, "
                "or leave the condition out."
            )
        return f"({self.level(group.inside)})"

    def _escape(self, group: Group) -> str:
        """Return `{d '…'}`, `{ts '…'}` and `{fn …}` without their braces."""
        first, *others = group.inside or (None,)
        word = first.text.lower() if isinstance(first, Token) else ""
        if word in _LITERALS and len(others) == 1 and isinstance(others[0], Token):
            if others[0].kind is Kind.TEXT:
                return f"{_LITERALS[word]} {others[0].text}"
        elif word == "fn" and others:
            return self.level(others)
        raise QueryError(
            f"Line {group.line} of the query has curly brackets that are not read: write {{d '2016-01-31'}} or "
            "{ts '2016-01-31 12:00:00'} in them, or put an f before the text for Python to fill them in."
        )

    def _call(self, name: str, group: Group) -> str:
        function = name.lower()
        if function == "cast":
            return self._cast(_parted_by_as(group.inside))
        parts = split_at_commas(group.inside)
        if function == "convert":
            return self._cast(tuple(parts))
        return render_call(name, [self.level(part) for part in parts])

    def _cast(self, parts: Sequence[Sequence[Node]]) -> str:
        if len(parts) != 2 or not parts[1]:
            raise QueryError(
                "A CAST names a value and a type: write CAST(column AS INTEGER), or CONVERT(column, SQL_INTEGER)."
            )
        value, wanted = parts
        first, *precision = wanted
        word = first.text.strip("'").lower() if isinstance(first, Token) else ""
        kind = word.removeprefix("sql_")
        if kind not in _TYPES or len(precision) > 1:
            raise QueryError(
                f"LabKey's SQL has no type {word.upper()!r}: write VARCHAR, INTEGER, BIGINT, DOUBLE, DATE, TIMESTAMP or BOOLEAN."
            )
        if precision and kind in ("decimal", "numeric"):
            return f"CAST({self.level(value)} AS {kind.upper()}{self.level(precision)})"
        return f"CAST({self.level(value)} AS {_TYPES[kind] or kind.upper()})"


def _called(node: Token, following: Node | None) -> str | None:
    """Return the name of a function that is called here, or None."""
    name = node.name
    if name is None or not isinstance(following, Group) or following.opening != "(":
        return None
    if node.kind is Kind.WORD and name.lower() in BEFORE_BRACKETS:
        return None
    return name


def _plain(token: Token) -> str:
    if token.is_word("ascending", "descending"):
        return token.text[:-6]  # ASC and DESC
    if token.kind is Kind.WORD and token.text.lower() in _ONLY_DUCKDBS:
        return f'"{token.text}"'
    return token.text


def _without_last_commas(nodes: Sequence[Node]) -> list[Node]:
    """Return the words without the commas that stand before `FROM` or before the end."""
    kept: list[Node] = []
    for position, node in enumerate(nodes):
        following = nodes[position + 1] if position + 1 < len(nodes) else None
        ends = following is None or (isinstance(following, Token) and following.is_word("from"))
        if not (isinstance(node, Token) and node.is_sign(",") and ends):
            kept.append(node)
    return kept


def _text_before_like(nodes: Sequence[Node]) -> list[Node]:
    """Return the words with every column before `LIKE` cast to text, since a number may be asked so."""
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Token) and node.is_word("like", "ilike"):
            tail = [found.pop()] if found and _is(found[-1], "not") else []
            column = _column_at_end(found)
            if column:
                del found[-len(column) :]
                typed = (*column, Token(Kind.WORD, "AS"), Token(Kind.WORD, "VARCHAR"))
                found += [Token(Kind.WORD, "CAST"), Group("(", typed)]
            found += tail
        found.append(node)
    return found


def _column_at_end(nodes: Sequence[Node]) -> list[Node]:
    """Return the dotted name at the end of these words; empty where there is none."""
    taken = 0
    while taken < len(nodes) and isinstance(node := nodes[-1 - taken], Token):
        is_dot = node.is_sign(".")
        if (taken % 2 == 1) != is_dot or (not is_dot and not _may_be_column(node)):
            break
        taken += 1
    taken -= taken % 2 == 0 and taken > 0
    return list(nodes[len(nodes) - taken :]) if taken else []


def _may_be_column(token: Token) -> bool:
    if token.kind is Kind.NAME:
        return True
    return token.kind is Kind.WORD and not token.is_word("end", "null", "true", "false")


def _is(node: Node, *words: str) -> bool:
    return isinstance(node, Token) and node.is_word(*words)


def _parted_by_as(nodes: Sequence[Node]) -> tuple[Sequence[Node], ...]:
    places = [position for position, node in enumerate(nodes) if _is(node, "as")]
    return (nodes[: places[-1]], nodes[places[-1] + 1 :]) if places else (nodes,)


def _refuse_numpy(tokens: Sequence[Token]) -> None:
    """Refuse `np.int64(…)`, which an f-string writes for the numbers of an array."""
    for token, following in pairwise(tokens):
        if token.is_word("np") and following.is_sign("."):
            raise QueryError(
                "The query has values as numpy writes them, np.int64(…): make them plain with .tolist() before "
                "they go into the query."
            )


def _refuse_files(nodes: Sequence[Node]) -> None:
    """Refuse a text where a table should stand: DuckDB would take it for a file."""
    for before, node in pairwise(nodes):
        if _is(before, "from", "join") and isinstance(node, Token) and node.kind is Kind.TEXT:
            raise QueryError(
                f"Line {node.line} of the query names a text where a table should stand: name a table of the release, without quotes."
            )
