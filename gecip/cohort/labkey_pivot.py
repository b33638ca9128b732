"""LabKey's `PIVOT … BY … IN (…)`, rewritten as one column for each value that is asked for.

`SELECT sex, status, COUNT(*) AS n FROM t GROUP BY sex, status PIVOT n BY status IN ('Yes', 'No')` has one
row for each sex and the columns `Yes::n` and `No::n`. A value may be given another word: `'Yes' AS present`.
"""

from __future__ import annotations

from collections.abc import Sequence

from gecip.cohort.labkey_select import list_behind_select, name_of_item
from gecip.cohort.labkey_tokens import Group, Kind, Node, Token, split_at_commas
from gecip.errors import QueryError


def without_pivot(nodes: Sequence[Node]) -> Sequence[Node]:
    """Return a select without its `PIVOT` clause: the select that it stands for.

    Raises
    ------
    QueryError
        When the values are not listed, or the names are not those of the select.
    """
    place = next((at for at, node in enumerate(nodes) if _is(node, "pivot")), None)
    if place is None:
        return nodes
    inner = list(nodes[:place])
    pivoted, by, values, rest = _clause(nodes[place + 1 :])
    begin, end = list_behind_select(inner)
    names = [name_of_item(item) for item in split_at_commas(inner[begin:end]) if item]
    known = {name.lower(): name for name in names if name and name != "*"}
    missing = [name for name in (*pivoted, by) if name.lower() not in known]
    if missing or None in names or "*" in names:
        raise QueryError(
            "PIVOT speaks of columns that the SELECT list names: give every column and count there a name with AS, "
            "and write those names behind PIVOT and BY."
        )
    pivoted = [known[name.lower()] for name in pivoted]
    kept = [name for name in known.values() if name not in pivoted and name != known[by.lower()]]
    columns = [_quoted(name) for name in kept]
    for value, label in values:
        for name in pivoted:
            chosen = f"CASE WHEN {_quoted(known[by.lower()])} = {value} THEN {_quoted(name)} END"
            columns.append(f"max({chosen}) AS {_quoted(f'{label}::{name}')}")
    return _select(columns, Group("(", tuple(inner)), kept) + list(rest)


def _clause(
    nodes: Sequence[Node],
) -> tuple[list[str], str, list[tuple[str, str]], Sequence[Node]]:
    """Return the pivoted names, the name behind BY, the values with their words, and what follows."""
    by = next((at for at, node in enumerate(nodes) if _is(node, "by")), None)
    listed = nodes[by + 2 : by + 4] if by is not None else ()
    behind_in = listed[1] if len(listed) == 2 and _is(listed[0], "in") else None
    if by is None or not isinstance(behind_in, Group) or not behind_in.inside:
        raise QueryError(
            "PIVOT is answered for values that the query lists: write PIVOT count_name BY column IN ('one', 'other')."
        )
    pivoted = [
        item[0].name or ""
        for item in split_at_commas(nodes[:by])
        if item and isinstance(item[0], Token)
    ]
    column = nodes[by + 1]
    values = [_value(item) for item in split_at_commas(behind_in.inside) if item]
    return (
        pivoted,
        (column.name or "") if isinstance(column, Token) else "",
        values,
        nodes[by + 4 :],
    )


def _value(item: Sequence[Node]) -> tuple[str, str]:
    first, last = item[0], item[-1]
    constant = isinstance(first, Token) and first.kind in (Kind.TEXT, Kind.NUMBER)
    if not constant or not isinstance(first, Token) or not isinstance(last, Token):
        raise QueryError(
            "PIVOT is answered for values that the query lists: write texts and numbers behind IN, not another SELECT."
        )
    if len(item) > 1 and last.name:
        return first.text, last.name
    return first.text, first.text[1:-1].replace(
        "''", "'"
    ) if first.kind is Kind.TEXT else first.text


def _select(columns: Sequence[str], inner: Group, kept: Sequence[str]) -> list[Node]:
    nodes: list[Node] = [Token(Kind.WORD, "SELECT"), _raw(", ".join(columns))]
    nodes += [Token(Kind.WORD, "FROM"), inner, _raw('AS "pivoted"')]
    if kept:
        nodes += [_raw("GROUP BY " + ", ".join(map(_quoted, kept)))]
    return nodes


def _raw(sql: str) -> Token:
    """Return finished SQL as one word, which nothing touches any more."""
    return Token(Kind.SIGN, sql)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _is(node: Node, word: str) -> bool:
    return isinstance(node, Token) and node.is_word(word)
