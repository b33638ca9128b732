"""Read HTML: its sentences, tables, drawings and pictures, and what stands in scripts, comments and attributes."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

from gecip.airlock.reading.grids import tables_in
from gecip.airlock.reading.opened import Opened, decoded
from gecip.airlock.reading.pictures import svg_pieces
from gecip.airlock.reading.pieces import Piece, Speech, Words

_EMBEDDED = re.compile(
    r"data:(?P<kind>[\w.+/-]+)(?:;[\w=-]+)*;base64,(?P<content>[A-Za-z0-9+/=\s%]+)"
)
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL | re.IGNORECASE)
_ENDS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/svg+xml": "svg",
    "text/csv": "csv",
}
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "li",
        "tr",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "br",
        "pre",
        "caption",
        "figcaption",
        "title",
        "summary",
        "details",
        "dt",
        "dd",
        "table",
        "section",
    ]
)
# A library that a page brings along begins with its name and licence.
_LIBRARY = re.compile(
    r"\A\s*(?:/\*[!*]|/\*\s*@?licen[sc]e|//!|!?function\s*\(\w,\w\)\{)|plotly\.js v\d|\bMathJax\b|require\.js|jQuery v\d",
    re.IGNORECASE,
)
_LOOKED_AT = 2_000

ReadInside = Callable[[Opened], Iterator[Piece]]


def read_page(file: Opened, read_inside: ReadInside) -> Iterator[Piece]:
    """Yield the pieces of a page; `read_inside` reads the pictures and files that it holds."""
    yield from page_pieces(decoded(file.read_plain(500_000_000)), file, read_inside)


def page_pieces(text: str, file: Opened, read_inside: ReadInside) -> Iterator[Piece]:
    """Yield what `read_page` does, for a page that is held as text, as a notebook's output."""
    place = file.place
    for number, embedded in enumerate(_EMBEDDED.finditer(text), start=1):
        content = _decoded(embedded["content"])
        if content:
            name = f"embedded.{_ENDS.get(embedded['kind'], 'bin')}"
            yield from read_inside(file.inside(name, content, place=f"{place}picture {number}: "))
    text = _EMBEDDED.sub(" ", text)
    for drawing in _SVG.findall(text):
        yield from svg_pieces(_with_names(drawing), place=place)
    page = _Page()
    page.feed(_SVG.sub(" ", text))
    page.close()
    yield from page.pieces(place)


def _with_names(drawing: str) -> str:
    """Return a drawing within a page as a document of its own, with the names of its spaces declared."""
    if "xlink:" in drawing and "xmlns:xlink" not in drawing:
        drawing = drawing.replace("<svg", '<svg xmlns:xlink="http://www.w3.org/1999/xlink"', 1)
    return re.sub(r"&(?!amp;|lt;|gt;|quot;|apos;|#)\w+;", " ", drawing)


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(re.sub(r"\s|%0A", "", content), validate=False)
    except (binascii.Error, ValueError):
        return b""


class _Page(HTMLParser):
    """Collects the parts of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.code: list[str] = []
        self.hidden: list[str] = []
        self.tables: list[tuple[str, list[list[str]]]] = []
        self._open: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self._spans: list[int] = []
        self._raw = ""
        self._code: int = 0
        self._preformatted = 0
        self.printed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open what a tag opens, and keep what its attributes say."""
        self._attributes(dict(attrs))
        if tag in ("script", "style"):
            self._raw = tag
        elif tag == "table":
            self._open.append([])
        elif tag == "tr" and self._open:
            self._open[-1].append([])
        elif tag in ("td", "th") and self._open:
            self._start_cell(dict(attrs))
        elif tag == "pre":
            self._preformatted += 1
        if tag in _BLOCKS and self._cell is None:
            self.text.append("\n")

    def _start_cell(self, attributes: dict[str, str | None]) -> None:
        if not self._open[-1]:
            self._open[-1].append([])
        self._cell = []
        span = attributes.get("colspan") or "1"
        self._spans.append(int(span) if span.isdigit() else 1)

    def _attributes(self, attributes: dict[str, str | None]) -> None:
        self.hidden += [
            value
            for name, value in attributes.items()
            if value and name not in ("style", "class", "d", "points", "src")
        ]

    def handle_endtag(self, tag: str) -> None:
        """Close what a tag closes."""
        if tag == self._raw:
            self._raw = ""
        elif tag in ("td", "th") and self._cell is not None and self._open and self._open[-1]:
            words = " ".join("".join(self._cell).split())
            self._open[-1][-1] += (
                [words, *[""] * (self._spans.pop() - 1)] if self._spans else [words]
            )
            self._cell = None
        elif tag == "table" and self._open:
            self.tables.append(
                ("".join(self.text)[-200:].strip().rpartition("\n")[2], self._open.pop())
            )
        elif tag == "pre":
            self._preformatted = max(self._preformatted - 1, 0)
        if tag in _BLOCKS and self._cell is None:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep words where they belong: to a script, a cell or the page."""
        if self._raw == "script":
            self.code.append(data)
        elif self._raw == "style":
            return
        elif self._cell is not None:
            self._cell.append(data)
        else:
            self.text.append(data)
            if self._preformatted:
                self.printed.append(data)

    def handle_comment(self, data: str) -> None:
        """Keep a comment: a reader of the source sees it."""
        self.hidden.append(data)

    def pieces(self, place: str) -> Iterator[Piece]:
        """Yield what was collected."""
        yield Words(f"{place}the page", re.sub(r"[ \t]+", " ", "".join(self.text)), Speech.PROSE)
        for script in self.code:
            if not _LIBRARY.search(script[:_LOOKED_AT]):
                yield Words(f"{place}a script of the page", script, Speech.DATA)
        yield Words(f"{place}attributes and comments", "\n".join(self.hidden), Speech.DATA)
        for number, (title, rows) in enumerate(self.tables, start=1):
            yield from tables_in(rows, place=f"{place}table {number}", title=title)
