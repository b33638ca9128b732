"""The list behind `SELECT`: which of its expressions has no name, and the name that LabKey gives it."""

from __future__ import annotations

from collections.abc import Sequence

from gecip.cohort.labkey_functions import words
from gecip.cohort.labkey_tokens import Group, Kind, Node, Token

# What ends the list behind SELECT.
_ENDS = ("from", "where", "group", "having", "order", "limit", "union", "except", "intersect")

# Words after which no name can follow without AS: what follows still belongs to the expression.
_OPERATORS = words("and between case distinct else in is like not or over then when")
_VALUES = ("end", "false", "null", "true")


def name_expressions(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return a query whose unnamed expressions are called as LabKey calls them: `Expression1`, `Expression2`."""
    begin, end = list_behind_select(nodes)
    named: list[Node] = list(nodes[:begin])
    unnamed = 0
    item: list[Node] = []
    for node in [*nodes[begin:end], None]:
        if node is not None and not (isinstance(node, Token) and node.is_sign(",")):
            item.append(node)
            continue
        named += item
        if item and name_of_item(item) is None:
            unnamed += 1
            named += [Token(Kind.WORD, "AS"), Token(Kind.NAME, f'"Expression{unnamed}"')]
        if node is not None:
            named.append(node)
        item = []
    return (*named, *nodes[end:])


def list_behind_select(nodes: Sequence[Node]) -> tuple[int, int]:
    """Return where the list of the first `SELECT` on this level begins and ends; (0, 0) without one."""
    for position, node in enumerate(nodes):
        if isinstance(node, Token) and node.is_word("select"):
            begin = position + 1
            while begin < len(nodes) and _is_word(nodes[begin], "distinct", "all"):
                begin += 1
            end = begin
            while end < len(nodes) and not _is_word(nodes[end], *_ENDS):
                end += 1
            return begin, end
    return 0, 0


def name_of_item(item: Sequence[Node]) -> str | None:
    """Return the name under which an item of the list comes back; `*` for stars, None without a name."""
    last = item[-1]
    if isinstance(last, Group):
        return None
    if last.is_sign("*") and (len(item) == 1 or _is_sign(item[-2], ".")):
        return "*"
    name = last.name
    if name is None or last.is_word(*_VALUES):
        return None
    if len(item) == 1 or _is_sign(item[-2], ".") or _is_word(item[-2], "as"):
        return name
    return name if _ends_a_value(item[-2]) else None


def _ends_a_value(node: Node) -> bool:
    if isinstance(node, Group):
        return node.opening == "("
    return node.kind is not Kind.SIGN and not node.is_word(*_OPERATORS)


def _is_word(node: Node, *words: str) -> bool:
    return isinstance(node, Token) and node.is_word(*words)


def _is_sign(node: Node, sign: str) -> bool:
    return isinstance(node, Token) and node.is_sign(sign)
