"""The data dictionary as plain text, for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby

from gecip.model.dictionary import Article, Dictionary, former_text, releases_text, values_text
from gecip.model.table import Column


def dictionary_text(dictionary: Dictionary, *, width: int) -> str:
    """Return a dictionary as text: its tables by area, or the columns of few tables or of a search."""
    lines: list[str] = []
    if not dictionary.articles:
        lines.append(f"Nothing is said of {dictionary.asked!r}.")
    elif dictionary.asked or len(dictionary.articles) == 1:
        for article in dictionary.articles:
            lines += [*_article(article, asked=dictionary.asked, width=width), ""]
    else:
        for area, articles in groupby(dictionary.articles, key=lambda one: one.area):
            lines.append(area)
            for article in articles:
                lines += _wrapped(
                    f"{article.name} ({len(article.columns)} columns): {article.sentence}",
                    width=width,
                    indent=2,
                )
            lines.append("")
    if dictionary.beyond:
        lines += _wrapped(dictionary.beyond, width=width, indent=0)
    return "\n".join(lines).rstrip()


def _article(article: Article, *, asked: str, width: int) -> Iterator[str]:
    yield article.name
    yield from _wrapped(article.sentence, width=width, indent=2)
    for name, value in article.facts:
        yield from _wrapped(f"{name}: {value}", width=width, indent=2)
    for column in article.columns:
        yield f"  {column.name}  {_marks(column)}"
        yield from _wrapped(column.description, width=width, indent=6)
        for name, value in (
            ("Codings", values_text(column, asked=asked)),
            ("Releases", releases_text(column)),
            ("Earlier names", former_text(column)),
        ):
            if value:
                yield from _wrapped(f"{name}: {value}", width=width, indent=6)


def _marks(column: Column) -> str:
    marks = [column.type.value, column.sensitivity.value]
    if column.code_system:
        marks.append(column.code_system)
    if column.required:
        marks.append("always given")
    return f"[{', '.join(marks)}]"


def _wrapped(text: str, *, width: int, indent: int) -> list[str]:
    return textwrap.wrap(
        text,
        width=max(width, 40),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
