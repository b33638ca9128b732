"""The data dictionary as HTML: one page of its own, and a table in a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterator
from importlib import resources
from itertools import groupby

from gecip.model.dictionary import Article, Dictionary, former_text, releases_text, values_text
from gecip.model.table import Column

_MOST_ROWS = 60
_MOST_VALUES = 12
# The tag of the lines below a column's sentence.
_ON_PAGE = "span class='more'"
_IN_NOTEBOOK = "span style='display:block;opacity:0.75'"
_INTRO = (
    "What every table and column means, which codings it has, how near it comes to naming a person, and in "
    "which releases it stands. Tables and columns are read by these names from every release, whatever that "
    "release called them."
)


def dictionary_page(dictionary: Dictionary) -> str:
    """Return a dictionary as one HTML page: style and script are in it, and it asks nothing of any address."""
    files = resources.files("gecip.model")
    style = files.joinpath("dictionary.css").read_text(encoding="utf-8")
    script = files.joinpath("dictionary.js").read_text(encoding="utf-8")
    title = html.escape(dictionary.title)
    sections = "".join(_section(article) for article in dictionary.articles)
    return (
        f'<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Data dictionary: {title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<header><h1>Data dictionary: {title}</h1>"
        '<input id="search" type="search" placeholder="Search, as in renal, ICD-10 or family_id" '
        'aria-label="Search tables and columns" autocomplete="off">'
        f'<span id="count" role="status">{len(dictionary.articles):,} tables, {dictionary.columns:,} columns</span></header>\n'
        f'<div class="page">\n<nav aria-label="Tables">{_contents(dictionary)}</nav>\n'
        f'<main>\n<p class="intro">{_INTRO}</p>\n{sections}</main>\n</div>\n'
        f"<script>\n{script}</script>\n</body>\n</html>\n"
    )


def dictionary_in_notebook(dictionary: Dictionary) -> str:
    """Return a dictionary as HTML in a notebook's own colours: tables, or the columns that a search has found."""
    title = html.escape(dictionary.title)
    asked = f": {html.escape(dictionary.asked)}" if dictionary.asked else ""
    if not dictionary.articles:
        beyond = f"<p>{html.escape(dictionary.beyond)}</p>" if dictionary.beyond else ""
        return f"<p><b>{title}{asked}</b></p><p>Nothing is said of it.</p>{beyond}"
    if dictionary.asked or len(dictionary.articles) == 1:
        head: tuple[str, ...] = ("Table", "Column", "Type", "What it holds", "Sensitivity")
        rows = list(_column_rows(dictionary))
    else:
        head = ("Table", "Columns", "What a row is")
        rows = [
            (
                f"<code>{html.escape(one.name)}</code>",
                str(len(one.columns)),
                html.escape(one.sentence),
            )
            for one in dictionary.articles
        ]
    cell = "text-align:left;vertical-align:top;padding:0.25em 0.9em 0.25em 0;background:none"
    heads = "".join(f"<th style='{cell};font-weight:600'>{name}</th>" for name in head)
    body = "".join(
        f"<tr style='background:none'>{''.join(f'<td style={cell!r}>{one}</td>' for one in row)}</tr>"
        for row in rows[:_MOST_ROWS]
    )
    notes = [f"{len(dictionary.articles):,} tables, {dictionary.columns:,} columns."]
    if len(rows) > _MOST_ROWS:
        notes.append(f"The first {_MOST_ROWS} rows are shown; .search(…) and .table(…) narrow it.")
    if dictionary.beyond:
        notes.append(dictionary.beyond)
    note = "color:var(--jp-ui-font-color2,#616161);font-size:0.9em"
    return (
        f"<p><b>{title}{asked}</b></p>"
        f"<table style='border-collapse:collapse'><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        f"<p style='{note}'>{html.escape(' '.join(notes))}</p>"
    )


def _column_rows(dictionary: Dictionary) -> Iterator[tuple[str, ...]]:
    for article in dictionary.articles:
        for column in article.columns:
            yield (
                f"<code>{html.escape(article.name)}</code>",
                f"<code>{html.escape(column.name)}</code>",
                column.type.value,
                _meaning(column, asked=dictionary.asked, most=_MOST_VALUES, inside=_IN_NOTEBOOK),
                column.sensitivity.value,
            )


def _contents(dictionary: Dictionary) -> str:
    areas = []
    for area, articles in groupby(dictionary.articles, key=lambda one: one.area):
        links = "".join(
            f'<a href="#{html.escape(one.name)}">{html.escape(one.name).replace("_", "_<wbr>")}</a>'
            for one in articles
        )
        areas.append(f'<div class="area"><h2>{html.escape(area)}</h2>{links}</div>')
    return "".join(areas)


def _section(article: Article) -> str:
    name = html.escape(article.name)
    facts = "".join(
        f"<div><dt>{html.escape(fact)}</dt><dd>{html.escape(value)}</dd></div>"
        for fact, value in article.facts
    )
    said = " ".join((article.name, article.sentence, article.area, *(v for _, v in article.facts)))
    rows = "".join(
        f"<tr><td>{html.escape(column.name)}</td><td class='type'>{column.type.value}</td>"
        f"<td>{_meaning(column, asked='', most=len(column.values), inside=_ON_PAGE)}</td><td class='near'><span class='chip {column.sensitivity.value}'>"
        f"{column.sensitivity.value}</span></td></tr>"
        for column in article.columns
    )
    return (
        f'<section id="{name}" data-said="{html.escape(said.lower())}"><h2>{name}</h2>'
        f"<p>{html.escape(article.sentence)}</p>{f'<dl>{facts}</dl>' if facts else ''}"
        "<table><thead><tr><th>Column</th><th>Type</th><th>What it holds</th><th>Sensitivity</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></section>\n"
    )


def _meaning(column: Column, *, asked: str, most: int, inside: str) -> str:
    more = (
        ("Code system", column.code_system or ""),
        ("Codings", values_text(column, asked=asked, most=most)),
        ("Releases", releases_text(column)),
        ("Earlier names", former_text(column)),
        ("In cohorts", column.alias or ""),
    )
    said = "".join(
        f"<{inside}>{name}: {html.escape(value)}</span>" for name, value in more if value
    )
    return f"{html.escape(column.description)}{said}"
