"""Read pictures: of PNG and JPEG what is written beside the pixels, of SVG also what is drawn."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from xml.etree import ElementTree

from gecip.airlock.reading.opened import Opened, decoded
from gecip.airlock.reading.pieces import Drawn, Piece, Remark, Speech, Words
from gecip.governance.disclosure import Verdict

_PNG = b"\x89PNG\r\n\x1a\n"
# In other pictures, what can be read as text.
_STRETCH = re.compile(rb"[\x20-\x7e]{8,}")
_MOST = 200_000_000
_MOST_TEXT = 1_000_000


def read_picture(file: Opened) -> Iterator[Piece]:
    """Yield the metadata of a picture; its pixels are for a person."""
    content = file.read_plain(_MOST)
    told: list[str] = []
    if content.startswith(_PNG):
        told, end = _png_texts(content)
        behind = content[end:].strip(b"\x00\r\n ") if end else b""
        if not end:
            yield Remark(
                "unreadable",
                Verdict.FAIL,
                f"{file.place}The picture is broken, and ends too early.",
            )
        if behind:
            yield Remark(
                "binaries",
                Verdict.FAIL,
                f"{file.place}The picture has {len(behind):,} bytes behind its end.",
            )
    else:
        told = [_printable(text) for text in _STRETCH.findall(content)]
    for text in told:
        yield Words(f"{file.place}the picture's metadata", text[:_MOST_TEXT], Speech.LABEL)
    yield Remark(
        "unreadable",
        Verdict.REVIEW,
        "What a picture shows cannot be read here: only what is written beside it was.",
    )


def _png_texts(content: bytes) -> tuple[list[str], int]:
    """Return the texts in a PNG's chunks, and where its last chunk ends; 0 where it has none."""
    told: list[str] = []
    at = len(_PNG)
    while at + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        data = content[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"IEND":
            return told, at
        if kind[:1].islower() or kind not in (b"IHDR", b"PLTE", b"IDAT"):
            told.append(_text_of(kind, data))
    return told, 0


def _text_of(kind: bytes, data: bytes) -> str:
    """Return the text of a chunk, also where it is compressed."""
    name, _, text = data.partition(b"\x00")
    with suppress(zlib.error):
        if kind == b"zTXt":
            text = zlib.decompress(text[1:])
        elif kind == b"iTXt":
            is_packed = text[:1] == b"\x01"
            text = text[2:].partition(b"\x00")[2].partition(b"\x00")[2]
            text = zlib.decompress(text) if is_packed else text
    return f"{_printable(name)}: {_printable(text)}"


def _printable(text: bytes) -> str:
    return re.sub(r"[^\x09\x0a\x20-\x7e\u00a0-\uffff]", "", text.decode("utf-8", errors="ignore"))


# -- SVG --------------------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"[-\u2212]?\d[\d,]*(?:\.\d+)?$")
_CORNER = re.compile(r"[ML]\s*(-?[\d.]+)[ ,]+(-?[\d.]+)")


@dataclass
class _Axes:
    """One pair of axes: what stands on its ticks and where, and the corners of what is filled in."""

    ticks: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: {"x": [], "y": []})
    boxes: list[list[tuple[float, float]]] = field(default_factory=list)


@dataclass
class _Drawing:
    """What was found on a walk through an SVG."""

    words: list[str] = field(default_factory=list)
    ticks: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    marks: int = 0
    axes: list[_Axes] = field(default_factory=lambda: [_Axes()])


def read_svg(file: Opened) -> Iterator[Piece]:
    """Yield the words, marks and bars of a drawing, and whatever else is written in it."""
    yield from svg_pieces(decoded(file.read_plain(200_000_000)), place=file.place)


def svg_pieces(text: str, *, place: str) -> Iterator[Piece]:
    """Yield what `read_svg` does, for a drawing that is held as text.

    Matplotlib writes words as outlines and keeps the words themselves in comments: both are read.
    """
    text = re.sub(r"<!DOCTYPE[^>\[]*(?:\[.*?\])?[^>]*>", "", text, flags=re.DOTALL)
    text = re.sub(r"data:image/[\w+.-]+;base64,[A-Za-z0-9+/=\s]+", "", text)
    try:
        root = ElementTree.fromstring(
            text, parser=ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
        )
    except ElementTree.ParseError:
        yield Remark(
            "unreadable", Verdict.FAIL, f"{place}The drawing is broken, and cannot be read."
        )
        return
    drawing = _Drawing()
    _walk(root, drawing, ())
    bars = tuple(height for axes in drawing.axes for height in _heights(axes))
    yield Drawn(
        f"{place}the figure", tuple(drawing.words), bars, drawing.marks, tuple(drawing.ticks)
    )
    yield Words(f"{place}the figure", "\n".join([*drawing.ticks, *drawing.others]), Speech.DATA)


def _walk(element: ElementTree.Element, drawing: _Drawing, within: tuple[str, ...]) -> None:
    tag_or_comment: object = element.tag
    if tag_or_comment is ElementTree.Comment:
        _word((element.text or "").strip(), drawing, within)
        return
    tag = str(element.tag).rpartition("}")[2]
    name = element.get("id", "")
    if tag == "defs":
        return
    within = (*within, name) if name else within
    if name.startswith("axes_"):
        drawing.axes.append(_Axes())
    _mark(element, tag, drawing, within)
    if tag == "text":
        _word("".join(element.itertext()).strip(), drawing, within)
        return
    if tag in ("title", "desc", "metadata", "date", "creator", "description", "style", "script"):
        drawing.others.append(" ".join(element.itertext()).strip())
        return
    for value in (element.get("data-name"), element.get("aria-label"), element.get("href")):
        drawing.others.append(value or "")
    for child in element:
        _walk(child, drawing, within)


def _tick_of(within: tuple[str, ...]) -> str:
    """Return on which axis a thing is a tick: x, y or none."""
    return next((name[0] for name in within if re.match(r"[xy]tick", name)), "")


def _word(text: str, drawing: _Drawing, within: tuple[str, ...]) -> None:
    if not text:
        return
    axis = _tick_of(within)
    (drawing.ticks if axis else drawing.words).append(text)
    ticks = drawing.axes[-1].ticks.get(axis, [])
    if axis and ticks and _NUMBER.match(text) and ticks[-1][1] != ticks[-1][1]:
        ticks[-1] = (ticks[-1][0], float(text.replace(",", "").replace("\u2212", "-")))


def _mark(
    element: ElementTree.Element, tag: str, drawing: _Drawing, within: tuple[str, ...]
) -> None:
    axis = _tick_of(within)
    if tag == "use" and axis:
        place = element.get(axis)
        if place:
            drawing.axes[-1].ticks[axis].append((float(place), float("nan")))
    elif tag == "circle" or (
        tag == "use" and any(re.match(r"PathCollection|line2d|patch", name) for name in within)
    ):
        drawing.marks += not any(name.startswith("legend") for name in within)
    elif (
        tag == "path"
        and element.get("clip-path")
        and any(name.startswith("patch") for name in within)
    ):
        corners = [(float(x), float(y)) for x, y in _CORNER.findall(element.get("d", ""))]
        if len(corners) in (4, 5):
            drawing.axes[-1].boxes.append(corners)


def _heights(axes: _Axes) -> Iterator[float]:
    """Yield how high each bar is, or how long, in the units of its axis."""
    for axis, place in (("y", 1), ("x", 0)):
        scale = _scale([tick for tick in axes.ticks[axis] if tick[1] == tick[1]])
        if scale is None:
            continue
        zero, unit = scale
        for corners in axes.boxes:
            ends = sorted({round((corner[place] - zero) / unit, 3) for corner in corners})
            if len(ends) == 2 and abs(ends[0]) < 0.02 * max(abs(ends[1]), 1.0) and ends[1] > 0:
                yield ends[1]


def _scale(ticks: list[tuple[float, float]]) -> tuple[float, float] | None:
    """Return where zero lies on an axis, and how far one unit reaches; None where it is not linear."""
    ticks = sorted(set(ticks), key=lambda tick: tick[1])
    if len(ticks) < 2:
        return None
    units = [(b[0] - a[0]) / (b[1] - a[1]) for a, b in pairwise(ticks) if b[1] != a[1]]
    if not units or max(units) - min(units) > 0.02 * max(map(abs, units)):
        return None
    return ticks[0][0] - ticks[0][1] * units[0], units[0]
