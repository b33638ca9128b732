"""A publication's picture: its first figure, else the first lines of its first table, else its title.

It is drawn of what everybody may see who opens the gallery.
"""

from __future__ import annotations

import base64
import html
import io
import re
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gecip.reporting.style import BLACK, BLUE, PALE, QUIET, new_drawing, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
    from nbformat import NotebookNode

# Twice the size at which it is shown, in dots.
WIDTH, HEIGHT = 640, 400
_DOTS_PER_INCH = 160
_MOST_ROWS, _MOST_COLUMNS, _LONGEST_CELL = 7, 4, 18
_ROW = re.compile(r"<tr[^>]*>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)


def thumbnail_of(document: NotebookNode, title: str) -> bytes:
    """Return the picture of a notebook, as PNG; everything that the notebook shows may be seen."""
    with styled():
        picture = next(_forms(document, "image/png"), None)
        if picture is not None:
            drawing = _of_picture(base64.b64decode(picture))
        else:
            rows = next(filter(None, map(_rows_of, _forms(document, "text/html"))), None)
            drawing = _of_table(rows) if rows else _of_words(title)
        image = io.BytesIO()
        drawing.savefig(image, format="png", dpi=_DOTS_PER_INCH, metadata={"Software": None})
    return image.getvalue()


def _forms(document: NotebookNode, kind: str) -> Iterator[str]:
    for cell in document.cells:
        for output in cell.get("outputs", ()):
            form = output.get("data", {}).get(kind)
            if form:
                yield form if isinstance(form, str) else "".join(form)


def _rows_of(text: str) -> list[list[str]]:
    return [
        [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in _CELL.findall(row)]
        for row in _ROW.findall(text)[:_MOST_ROWS]
    ]


def _empty() -> Drawing:
    drawing = new_drawing(width=WIDTH / _DOTS_PER_INCH, height=HEIGHT / _DOTS_PER_INCH)
    drawing.set_layout_engine("none")
    return drawing


def _of_picture(picture: bytes) -> Drawing:
    """Return the whole picture, as large as fits."""
    from matplotlib.image import imread

    drawing = _empty()
    axes = drawing.add_axes((0.02, 0.03, 0.96, 0.94))
    axes.imshow(imread(io.BytesIO(picture)), interpolation="lanczos")
    axes.set_axis_off()
    return drawing


def _of_table(rows: list[list[str]]) -> Drawing:
    drawing = _empty()
    axes = drawing.add_axes((0.04, 0.04, 0.92, 0.92))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(_MOST_ROWS, 0)
    width = min(max(map(len, rows)), _MOST_COLUMNS)
    for line, row in enumerate(rows):
        axes.plot([0, 1], [line + 1] * 2, color=BLUE if line == 0 else PALE, linewidth=0.8)
        for column, cell in enumerate(row[:width]):
            first = column == 0
            axes.text(
                0 if first else (0.4 + 0.6 * column / max(width - 1, 1)),
                line + 0.5,
                textwrap.shorten(cell, _LONGEST_CELL + 4 * first, placeholder="…"),
                ha="left" if first else "right",
                va="center",
                fontsize=6.5,
                color=BLACK if line else QUIET,
            )
    return drawing


def _of_words(title: str) -> Drawing:
    drawing = _empty()
    drawing.text(
        0.5,
        0.5,
        "\n".join(textwrap.wrap(title, 30)),
        ha="center",
        va="center",
        fontsize=11,
        color=BLUE,
        parse_math=False,
    )
    return drawing
