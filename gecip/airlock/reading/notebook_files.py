"""Read notebooks: what their cells say, and what they put out."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

from gecip.airlock.reading.grids import printed_tables
from gecip.airlock.reading.opened import Opened, decoded
from gecip.airlock.reading.pictures import svg_pieces
from gecip.airlock.reading.pieces import Piece, Remark, Speech, Words
from gecip.airlock.reading.web_pages import ReadInside, page_pieces
from gecip.governance.disclosure import Verdict

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def read_notebook(file: Opened, read_inside: ReadInside) -> Iterator[Piece]:
    """Yield the pieces of a notebook: sources, outputs of every kind, attachments and metadata."""
    try:
        document = json.loads(decoded(file.read_plain(500_000_000)))
        cells = document.get("cells") or [
            cell for sheet in document["worksheets"] for cell in sheet["cells"]
        ]
    except (ValueError, KeyError, AttributeError, TypeError):
        yield Remark("unreadable", Verdict.FAIL, "The notebook is broken, and cannot be read.")
        return
    yield Words("the notebook's metadata", _leaves(document.get("metadata", {})), Speech.DATA)
    for number, cell in enumerate(cells, start=1):
        yield from _cell(cell, file, read_inside, f"{file.place}cell {number}")


def _cell(
    cell: dict[str, Any], file: Opened, read_inside: ReadInside, place: str
) -> Iterator[Piece]:
    source = _joined(cell.get("source", cell.get("input", "")))
    is_code = cell.get("cell_type") == "code"
    yield Words(place, source, Speech.CODE if is_code else Speech.PROSE)
    if not is_code:
        yield from (
            page_pieces(source, _at(file, f"{place}: "), read_inside)
            if "<table" in source
            else printed_tables(source, place=place)
        )
    yield Words(f"{place}'s metadata", _leaves(cell.get("metadata", {})), Speech.DATA)
    for name, attachment in (cell.get("attachments") or {}).items():
        yield Words(f"{place}'s attachments", name, Speech.NAME)
        yield from _bundle(attachment, _at(file, f"{place}, attachment: "), read_inside)
    for output in cell.get("outputs", []):
        yield from _output(output, _at(file, f"{place}, output: "), read_inside)


def _output(output: dict[str, Any], file: Opened, read_inside: ReadInside) -> Iterator[Piece]:
    if output.get("output_type") == "stream" or "text" in output:
        yield from _printed(_joined(output.get("text", "")), file.place)
    if output.get("output_type") in ("error", "pyerr"):
        words = [str(output.get("evalue", "")), *map(str, output.get("traceback", []))]
        yield Words(f"{file.place}an error", _ANSI.sub("", "\n".join(words)), Speech.DATA)
    bundle = output.get("data")
    if isinstance(bundle, dict):
        yield from _bundle(bundle, file, read_inside)


def _bundle(bundle: dict[str, Any], file: Opened, read_inside: ReadInside) -> Iterator[Piece]:
    """Yield what one output says in each of its forms."""
    has_page = "text/html" in bundle
    for kind, value in bundle.items():
        text = _joined(value)
        if kind == "text/html":
            yield from page_pieces(text, file, read_inside)
        elif kind == "image/svg+xml":
            yield from svg_pieces(text, place=file.place)
        elif kind.startswith("image/") or kind == "application/pdf":
            yield from read_inside(
                file.inside(f"output.{kind.rpartition('/')[2]}", _bytes(text), place=file.place)
            )
        elif kind == "text/plain" and not has_page:
            yield from _printed(text, file.place)
        elif kind in ("text/markdown", "text/latex"):
            yield Words(f"{file.place}words", text, Speech.PROSE)
            yield from printed_tables(text, place=f"{file.place}a table")
        else:
            yield Words(
                f"{file.place}data", text if isinstance(value, str) else _leaves(value), Speech.DATA
            )


def _printed(text: str, place: str) -> Iterator[Piece]:
    text = _ANSI.sub("", text)
    yield Words(f"{place}what is printed", text, Speech.PROSE)
    yield from printed_tables(text, place=f"{place}a printed table")


def _at(file: Opened, place: str) -> Opened:
    return Opened(file.name, path=file.path, content=file.content, place=place, depth=file.depth)


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return "".join(map(str, value))
    return value if isinstance(value, str) else _leaves(value)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return b""


def _leaves(value: Any) -> str:
    """Return every text and number in plain data, with its names, a line each."""
    if isinstance(value, dict):
        return "\n".join(f"{name}: {_leaves(inner)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(map(_leaves, value))
    return str(value)
