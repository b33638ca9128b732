"""Tables as HTML, in the notebook's own colours, light or dark, and numbers as words."""

from __future__ import annotations

import html
import math
import numbers
from collections.abc import Hashable, Sequence
from typing import Any

LONGEST_TABLE = 60

_TABLE = (
    "border-collapse:collapse;font-variant-numeric:tabular-nums;margin:0.2em 0;"
    "color:var(--jp-ui-font-color1,inherit)"
)
_RULE = "1px solid var(--jp-border-color1,#9a9a9a)"
_HEAD = f"text-align:right;vertical-align:bottom;padding:0.3em 0.9em;border-bottom:{_RULE};font-weight:600"
_LABEL = "text-align:left;padding:0.2em 0.9em;font-weight:400;background:none"
_CELL = "text-align:right;padding:0.2em 0.9em;white-space:nowrap;background:none"
_NOTE = "font-size:0.85em;color:var(--jp-ui-font-color2,#616161);margin:0.1em 0"

Row = tuple[Sequence[Hashable], Sequence[str], bool]


def number_text(value: Any, *, is_rate: bool = False) -> str:
    """Return a number as it is shown: counts in full, rates as percentages, a dash where there is none."""
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, numbers.Real) and math.isnan(float(value))):
        return "–"
    if is_rate:
        return f"{float(value):.1%}"
    if isinstance(value, numbers.Integral) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{float(value):,.4g}"


def label_text(label: Hashable) -> str:
    """Return a label as words; the parts of a compound one are parted by a dot."""
    return " · ".join(map(str, label)) if isinstance(label, tuple) else str(label)


def frame_html(
    *,
    title: str,
    header: Sequence[str],
    index_names: Sequence[str],
    rows: Sequence[Row],
    notes: Sequence[str] = (),
) -> str:
    """Return a table with its title above and its notes below; a long one is cut and says so.

    `rows` are (labels, cells, is a total); of labels that repeat from one row to the next only the
    first is written.
    """
    head = "".join(
        f"<th style='{_HEAD};text-align:left'>{html.escape(name)}</th>" for name in index_names
    ) + "".join(f"<th style='{_HEAD}'>{html.escape(name)}</th>" for name in header)
    body, before = [], None
    for labels, cells, is_total in rows[:LONGEST_TABLE]:
        emphasis = f";border-top:{_RULE};font-weight:600" if is_total else ""
        written = [
            ""
            if before is not None
            and position < len(labels) - 1
            and labels[: position + 1] == before[: position + 1]
            else str(label)
            for position, label in enumerate(labels)
        ]
        body.append(
            "<tr>"
            + "".join(
                f"<th style='{_LABEL}{emphasis}'>{html.escape(label)}</th>" for label in written
            )
            + "".join(f"<td style='{_CELL}{emphasis}'>{html.escape(cell)}</td>" for cell in cells)
            + "</tr>"
        )
        before = labels
    cut = (
        [f"The first {LONGEST_TABLE} of {len(rows):,} rows are shown."]
        if len(rows) > LONGEST_TABLE
        else []
    )
    below = "".join(f"<p style='{_NOTE}'>{html.escape(note)}</p>" for note in [*cut, *notes])
    return (
        f"<div><p style='margin:0.4em 0;font-weight:600'>{html.escape(title)}</p>"
        f"<div style='overflow-x:auto'><table style='{_TABLE}'><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>{below}</div>"
    )
