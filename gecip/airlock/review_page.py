"""The page for the person who decides: all of a request on one page that needs nothing but its folder."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from gecip.airlock.checks import ItemVerdict
from gecip.reporting import Figure

PAGE = "review.html"

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1c1c1c; background: #f4f5f6; margin: 0; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.45rem; margin: 0 0 .2rem; }
h2 { font-size: 1.1rem; margin: 0; }
section { background: #fff; border: 1px solid #d5d8db; border-radius: .4rem; padding: 1rem 1.2rem; margin: 1rem 0; }
dl { display: grid; grid-template-columns: minmax(9rem, 14rem) 1fr; gap: .25rem 1rem; margin: .7rem 0; }
dt { color: #4d555c; } dd { margin: 0; overflow-wrap: anywhere; }
code { font: .88em ui-monospace, monospace; background: #eef0f2; padding: .1em .3em; border-radius: .2em; }
.verdict { float: right; font-weight: 700; padding: .1rem .6rem; border-radius: .3rem; border: 1px solid; }
.pass { color: #00694c; background: #e9f6f1; } .review { color: #7a4f00; background: #fdf3e0; }
.fail { color: #a32020; background: #fbeaea; }
ul { margin: .3rem 0; padding-left: 1.2rem; } small { color: #4d555c; }
img { max-width: 100%; height: auto; } .scroll { overflow-x: auto; }
.contents a { color: #0b5394; }
@media print { body { background: #fff; } section { break-inside: avoid; } }
"""


def review_page(name: str, document: Mapping[str, Any], items: Sequence[ItemVerdict]) -> bytes:
    """Return the page: who asks and for what, then each item with its verdict, its answers and what it looks like.

    `document` is the manifest, whose items are those of `items` that may leave.
    """
    leaving = [item for item in items if item.files]
    entries = list(zip(document["items"], leaving, strict=True))
    title = f"Request {name}"
    body = [
        _head(title, document, entries),
        *(_section(place, entry, item) for place, (entry, item) in enumerate(entries, start=1)),
        _how_to_decide(name),
    ]
    page = (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )
    return page.encode()


def _head(
    title: str,
    document: Mapping[str, Any],
    entries: Sequence[tuple[Mapping[str, Any], ItemVerdict]],
) -> str:
    refused = int(document["refused"])
    facts = {
        "Purpose": document["purpose"],
        "Project": document["project"],
        "Asked by": f"{document['requested_by']} ({document['role']})",
        "Day": document["date"],
        "Refused": f"{refused} item(s) were refused by the airlock and are not here."
        if refused
        else "Nothing that was asked for was refused.",
    }
    contents = "".join(
        f"<li><a href='#item-{place}'>{html.escape(entry['title'])}</a> "
        f"<small>{html.escape(entry['kind'])}, {html.escape(entry['verdict'])}</small></li>"
        for place, (entry, _) in enumerate(entries, start=1)
    )
    return (
        f"<section><h1>{html.escape(title)}</h1>"
        "<p>What is here has not left: you decide on it.</p>"
        f"{_list(facts)}<ol class='contents'>{contents}</ol></section>"
    )


def _section(place: int, entry: Mapping[str, Any], item: ItemVerdict) -> str:
    verdict = html.escape(entry["verdict"])
    findings = "".join(
        f"<li>{html.escape(finding['what'])} <small>{html.escape(finding['source'])}"
        f"{', ours is stricter' if finding['stricter than the source'] else ''}</small></li>"
        for finding in entry["findings"]
    )
    (name,) = entry["files"]
    return (
        f"<section id='item-{place}'><span class='verdict {verdict}'>{verdict.upper()}</span>"
        f"<h2>{place}. {html.escape(entry['title'])}</h2>"
        f"<small>{html.escape(entry['kind'])}, <code>{html.escape(name)}</code></small>"
        f"{f'<ul>{findings}</ul>' if findings else ''}"
        f"<div class='scroll'>{_look(item, name)}</div>{_list(entry['answers'])}</section>"
    )


def _look(item: ItemVerdict, name: str) -> str:
    """Return what an item looks like: the very file for a figure, the table as it is shown for a summary."""
    if isinstance(item.product, Figure):
        text = html.escape(item.product.alt_text, quote=True)
        return f"<p><img src='{html.escape(name)}' alt='{text}'></p>"
    return "" if item.product is None else item.product._repr_html_()


def _list(facts: Mapping[str, str]) -> str:
    return f"<dl>{''.join(f'<dt>{html.escape(name)}</dt><dd>{html.escape(str(value))}</dd>' for name, value in facts.items())}</dl>"


def _how_to_decide(name: str) -> str:
    commands = {
        "Let it leave": f"gecip airlock approve {name}",
        "Give it back": f"gecip airlock return {name} --because '…'",
        "Refuse it": f"gecip airlock reject {name} --because '…'",
        "What was done so far": f"gecip airlock show {name}",
    }
    rows = "".join(
        f"<dt>{html.escape(what)}</dt><dd><code>{html.escape(command)}</code></dd>"
        for what, command in commands.items()
    )
    return f"<section><h2>To decide</h2><dl>{rows}</dl></section>"
