"""The gallery's pages: the front page with its cards, and a page for each notebook."""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gecip.sharing.notebooks import without_widgets
from gecip.sharing.parameters import RELEASE_PARAMETER, with_parameters

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from gecip.sharing.gallery import Exhibit

_ON_CARD = ("For whom", "Gives", "Takes")
_ON_PAGE = ("For whom", "Reads", "Gives", "Takes", "Read first")
_LINK = re.compile(r"(?<!!)\[(?P<words>[^\]]+)\]\((?P<target>[^)\s#]*)(?P<place>#[^)\s]*)?\)")
_OUTSIDE = re.compile(r"<a\b[^>]*\bhref=[\"'](?:https?:)?//[^>]*>(.*?)</a>", re.DOTALL)
_ANCHOR = re.compile(r"<a class=\"anchor-link\".*?</a>", re.DOTALL)


def front_page(exhibits: Sequence[Exhibit], *, outside: bool) -> str:
    """Return the front page: a card for each notebook, a field to search in and a button for each domain."""
    domains = {one.domain: one.domain_title for one in exhibits}
    counts = {domain: sum(one.domain == domain for one in exhibits) for domain in domains}
    buttons = "".join(
        f'<button type="button" data-domain="{_text(domain)}" aria-pressed="false">{_text(title)} '
        f"<small>{counts[domain]}</small></button>"
        for domain, title in domains.items()
    )
    what = (
        "Questions asked of the programme's data, with answers that may leave: Summaries and Figures as the airlock let them go."
        if outside
        else "Questions asked of the programme's data, with what was found. Each notebook can be run by yourself, on the demo "
        "release or on your own."
    )
    body = (
        f'<header class="front"><h1>Gallery</h1><p>{what}</p></header>\n'
        '<div class="tools"><input id="search" type="search" placeholder="Search, as in survival, panels or trainees" '
        'aria-label="Search the notebooks" autocomplete="off">'
        f'<div id="domains" role="group" aria-label="Domains"><button type="button" data-domain="" aria-pressed="true">All '
        f"<small>{len(exhibits)}</small></button>{buttons}</div>"
        f'<p id="count" role="status">{_so_many(len(exhibits))}</p></div>\n'
        f'<main class="cards">{"".join(map(_card, exhibits))}</main>\n'
        '<p id="nothing" hidden>No notebook says that. Search for fewer words, or in all domains.</p>'
    )
    return _page("Gallery", body, up="", scripted=True)


def notebook_page(exhibit: Exhibit, exhibits: Sequence[Exhibit]) -> str:
    """Return a notebook's page: its card, how to run it, where it comes from, and the notebook itself."""
    facts = exhibit.publication.facts if exhibit.publication else None
    pages = _pages_by_name(exhibits)
    rows = "".join(
        f"<div><dt>{name}</dt><dd>{_linked(_said(exhibit.card.rows[name]), exhibit, pages)}</dd></div>"
        for name in _ON_PAGE
    )
    body = (
        f'<nav><a href="../index.html">Gallery</a> <span>{_text(exhibit.domain_title)}</span></nav>\n'
        f"<header><h1>{_said(exhibit.card.title)}</h1><p>{_said(exhibit.card.rows['Question'])}</p>"
        f"{_state(exhibit)}</header>\n"
        f'<section class="about"><dl>{rows}</dl>{_run_it(exhibit)}</section>\n'
        f"{_provenance(facts) if facts else ''}{_earlier(exhibit)}"
        f'<main class="notebook">{_rendered(exhibit, pages)}</main>'
    )
    return _page(exhibit.card.title, body, up="../", scripted=False)


# -- the front page -----------------------------------------------------------------------------------


def _card(exhibit: Exhibit) -> str:
    link = f"notebooks/{_text(exhibit.page)}"
    picture = (
        f'<a class="picture" href="{link}" tabindex="-1"><img src="pictures/{_text(exhibit.slug)}.png" alt="" '
        'loading="lazy" width="320" height="200"></a>'
        if exhibit.publication
        else ""
    )
    rows = "".join(
        f"<div><dt>{name}</dt><dd>{_said(exhibit.card.rows[name])}</dd></div>" for name in _ON_CARD
    )
    return (
        f'<article data-domain="{_text(exhibit.domain)}" data-words="{_text(_words(exhibit))}">'
        f'{picture}<p class="domain">{_text(exhibit.domain_title)}</p>'
        f'<h2><a href="{link}">{_said(exhibit.card.title)}</a></h2><dl>{rows}</dl>{_state(exhibit)}</article>\n'
    )


def _state(exhibit: Exhibit) -> str:
    """Return in one line whether it was run, on what, and what of it is shown."""
    if exhibit.publication is None:
        return '<p class="state">Not run yet: run it yourself</p>'
    facts = exhibit.publication.facts
    releases = ", ".join(one["name"] for one in facts["releases"]) or "no release"
    shown = "" if exhibit.rows_shown else '<span class="chip">Summaries only</span>'
    return f'<p class="state">Run on {_text(releases)}, {facts["began"][:10]} {shown}</p>'


def _words(exhibit: Exhibit) -> str:
    """Return what is searched in: the card, the text between the cells, the genes and names in the code."""
    texts = [exhibit.domain_title, exhibit.file, *(cell.source for cell in exhibit.document.cells)]
    words = re.findall(r"[^\W_][\w.-]*", " ".join(texts).lower())
    return " ".join(dict.fromkeys(words))


# -- a notebook's page --------------------------------------------------------------------------------


def _run_it(exhibit: Exhibit) -> str:
    facts = exhibit.publication.facts if exhibit.publication else None
    parameters = dict(facts["parameters"]) if facts else _own_parameters(exhibit.document)
    release = parameters.pop(RELEASE_PARAMETER, "demo")
    words = ["gecip", "run", exhibit.file, "--release", str(release)]
    for name, value in parameters.items():
        words += ["-p", f"{name}={value}"]
    words += ["--html", f"{exhibit.file.removesuffix('.ipynb')}.html"]
    return (
        f'<div class="run"><h2>Run it yourself</h2><pre><code>{_unbroken(words)}</code></pre>'
        f'<p><a href="{_text(exhibit.source)}" download="{_text(exhibit.file)}">Download the notebook</a>, without outputs. '
        "On another release, name that one.</p></div>"
    )


def _unbroken(words: Sequence[str]) -> str:
    """Return the words of a command, which a narrow page breaks between and never within."""
    return " ".join(f"<span>{_text(shlex.quote(word))}</span>" for word in words)


def _own_parameters(document: NotebookNode) -> dict[str, Any]:
    from pathlib import Path

    return with_parameters(document, Path("notebook"), told={})[1]


def _provenance(facts: Mapping[str, Any]) -> str:
    """Return where the outputs come from, to be unfolded."""
    lines: list[tuple[str, str]] = []
    for one in facts["releases"]:
        lines += [
            (
                "Release",
                f"{one['name']} ({one['version']}), {one['release_digest'] or 'no digest'}",
            ),
            ("Consent", f"as of {one['consent_date']}, snapshot {one['consent_digest']}"),
        ]
    for cohort in facts["cohorts"]:
        size = (
            f", {cohort['people']:,} people in {cohort['families']:,} families"
            if "people" in cohort
            else ""
        )
        lines.append(("Cohort", f"{cohort['title']}, definition {cohort['definition']}{size}"))
    lines += [("Parameter", f"{name} = {value!r}") for name, value in facts["parameters"].items()]
    lines.append(("Seeds", ", ".join(map(str, facts["seeds"])) or "no random numbers recorded"))
    lines.append(
        ("Software", ", ".join(f"{name} {version}" for name, version in facts["software"].items()))
    )
    by = f" by {facts['by']}" if "by" in facts else ""
    lines.append(("Run", f"{facts['began']}, {facts['seconds']:,} s, as {facts['role']}{by}"))
    if "project" in facts:
        lines.append(("For outside", f"{facts['project']}: {facts['purpose']}"))
        lines.append(("Airlock", f"export request {facts['bundle'] or 'without items'}"))
    rows = "".join(
        f"<div><dt>{name}</dt><dd>{_text(text)}</dd></div>" for name, text in _merged(lines)
    )
    return f'<details class="provenance"><summary>Where this comes from</summary><dl>{rows}</dl></details>\n'


def _merged(lines: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the lines, each once."""
    return list(dict.fromkeys(lines))


def _earlier(exhibit: Exhibit) -> str:
    if not exhibit.earlier:
        return ""
    items = "".join(
        f'<li><a href="{_text(one.page)}">{_text(one.publication.facts["began"][:16].replace("T", " "))}, '
        f"on {_text(', '.join(r['name'] for r in one.publication.facts['releases']))}</a></li>"
        for one in exhibit.earlier
        if one.publication
    )
    return (
        f'<details class="provenance"><summary>Earlier runs</summary><ul>{items}</ul></details>\n'
    )


def _rendered(exhibit: Exhibit, pages: Mapping[str, str]) -> str:
    """Return the notebook below its card as HTML, with links to other notebooks turned to their pages."""
    import copy

    from nbconvert import HTMLExporter

    document = copy.deepcopy(without_widgets(exhibit.document))
    document.cells[0].source = exhibit.card.rest
    for cell in document.cells:
        if cell.cell_type == "markdown":
            cell.source = _LINK.sub(lambda found: _to_page(found, exhibit, pages), cell.source)
    if not exhibit.card.rest:
        document.cells = document.cells[1:]
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic",
        embed_images=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    text, _ = exporter.from_notebook_node(document)
    return _OUTSIDE.sub(r"\1", _ANCHOR.sub("", text))


def _to_page(found: re.Match[str], exhibit: Exhibit, pages: Mapping[str, str]) -> str:
    """Return a link to a notebook's page; what leads out of the gallery is named and not linked."""
    if not found["target"]:
        return found[0]
    page = _page_of(found["target"], exhibit, pages) if found["target"].endswith(".ipynb") else None
    return f"[{found['words']}]({page}{found['place'] or ''})" if page else found["words"]


def _linked(text: str, exhibit: Exhibit, pages: Mapping[str, str]) -> str:
    """Return a card's words with the notebooks that they name linked to their pages."""

    def link(found: re.Match[str]) -> str:
        page = _page_of(html.unescape(found[1]), exhibit, pages)
        return f'<a href="{_text(page)}">{found[0]}</a>' if page else found[0]

    return re.sub(r"<code>([\w./-]+?)</code>", link, text)


def _page_of(name: str, exhibit: Exhibit, pages: Mapping[str, str]) -> str | None:
    """Return the page of a notebook that is named as seen from another: in its folder, or from the folder above."""
    plain = name.removesuffix(".ipynb").removeprefix("./").removeprefix("../")
    return pages.get(f"{exhibit.domain}/{plain}") or pages.get(plain)


def _pages_by_name(exhibits: Sequence[Exhibit]) -> dict[str, str]:
    pages = {}
    for one in exhibits:
        stem = one.file.removesuffix(".ipynb")
        pages[f"{one.domain}/{stem}"] = one.page
        pages.setdefault(stem, one.page)
    return pages


# -- words --------------------------------------------------------------------------------------------


def _page(title: str, body: str, *, up: str, scripted: bool) -> str:
    script = f'<script src="{up}gallery.js"></script>\n' if scripted else ""
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{_text(title)}</title>\n<link rel="icon" href="data:,">\n<link rel="stylesheet" href="{up}gallery.css">\n'
        f"</head>\n<body>\n{body}\n{script}</body>\n</html>\n"
    )


def _text(words: Any) -> str:
    return html.escape(str(words), quote=True)


def _said(markdown: str) -> str:
    """Return a line of a card as HTML: code and emphasis, and nothing else of Markdown."""
    text = _text(markdown)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
    return re.sub(r"\*([^*]+)\*", r"<i>\1</i>", text)


def _so_many(number: int) -> str:
    return f"{number} notebook{'' if number == 1 else 's'}"
