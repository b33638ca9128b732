"""The words of a query in LabKey's SQL: a lexer that knows texts, quoted names, comments and brackets.

Everything that is done to a query is done to these words, so that nothing inside a text is touched.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from gecip.errors import QueryError


class Kind(enum.Enum):
    """What a word of a query is."""

    WORD = "word"
    NAME = "name in double quotes"
    TEXT = "text in single quotes"
    NUMBER = "number"
    SIGN = "sign"


@dataclass(frozen=True)
class Token:
    """One word of a query, as it is written, with its line."""

    kind: Kind
    text: str
    line: int = 1

    def is_word(self, *words: str) -> bool:
        """Return whether this is one of the given words, in whatever case; a quoted name never is."""
        return self.kind is Kind.WORD and self.text.lower() in words

    def is_sign(self, sign: str) -> bool:
        """Return whether this is the given sign."""
        return self.kind is Kind.SIGN and self.text == sign

    @property
    def name(self) -> str | None:
        """The name that this may be of a table, column or function; None for anything else."""
        if self.kind is Kind.WORD:
            return self.text
        return self.text[1:-1].replace('""', '"') if self.kind is Kind.NAME else None


@dataclass(frozen=True)
class Group:
    """What stands between two brackets."""

    opening: str
    inside: tuple[Node, ...]
    line: int = 1


Node: TypeAlias = Token | Group

_CLOSING = {"(": ")", "[": "]", "{": "}"}

_LEXER = re.compile(
    r"""
    (?P<space>\s+|--[^\r\n]*|/\*.*?\*/)
  | (?P<text>'(?:[^']|'')*')
  | (?P<name>"(?:[^"]|"")*")
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<word>[^\W\d]\w*)
  | (?P<sign>\|\||<>|!=|<=|>=|::|[-+*/%=<>(),.;\[\]{}|&^])
    """,
    re.VERBOSE | re.DOTALL,
)


def read_query(query: str) -> tuple[Node, ...]:
    """Return the words of a query, with what stands in brackets as groups.

    Raises
    ------
    QueryError
        When a text, name, comment or bracket has no end, or a sign means nothing in SQL.
    """
    tokens = iter(list(_tokens(query)))
    return _nodes(tokens, closing=None, line=1)


def words_of(nodes: Sequence[Node]) -> Iterator[Token]:
    """Yield every token, also those in brackets, in order."""
    for node in nodes:
        if isinstance(node, Group):
            yield from words_of(node.inside)
        else:
            yield node


def split_at_commas(nodes: Sequence[Node]) -> list[list[Node]]:
    """Return what the commas part; a last comma with nothing behind it parts nothing."""
    parts: list[list[Node]] = [[]]
    for node in nodes:
        if isinstance(node, Token) and node.is_sign(","):
            parts.append([])
        else:
            parts[-1].append(node)
    return parts if parts[-1] else parts[:-1]


def _tokens(query: str) -> Iterator[Token]:
    position, line = 0, 1
    while position < len(query):
        found = _LEXER.match(query, position)
        if found is None:
            raise QueryError(_why_unreadable(query[position], query[position : position + 2], line))
        kind = found.lastgroup
        if kind != "space":
            yield Token(Kind[str(kind).upper()], found.group(), line)
        line += found.group().count("\n")
        position = found.end()


def _why_unreadable(sign: str, two: str, line: int) -> str:
    if sign in "'\"":
        mark = "single" if sign == "'" else "double"
        return (
            f"Line {line} of the query opens a {mark} quote that is never closed: close it, "
            "and write a quote inside a text twice, as in 'Crohn''s disease'."
        )
    if two == "/*":
        return f"Line {line} of the query opens a comment that is never closed: end it with */."
    return f"Line {line} of the query has the sign {sign!r}, which means nothing in LabKey's SQL: leave it out."


def _nodes(tokens: Iterator[Token], *, closing: str | None, line: int) -> tuple[Node, ...]:
    nodes: list[Node] = []
    for token in tokens:
        if token.kind is Kind.SIGN and token.text in _CLOSING:
            inside = _nodes(tokens, closing=_CLOSING[token.text], line=token.line)
            nodes.append(Group(token.text, inside, token.line))
        elif token.kind is Kind.SIGN and token.text in _CLOSING.values():
            if token.text != closing:
                raise QueryError(
                    f"Line {token.line} of the query has a {token.text!r} too many: count the brackets."
                )
            return tuple(nodes)
        else:
            nodes.append(token)
    if closing is not None:
        raise QueryError(
            f"The bracket that line {line} of the query opens is never closed: close it with {closing!r}."
        )
    return tuple(nodes)
