"""Figures: drawings that remember the summary or listing that they draw."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from gecip.errors import ReportingError
from gecip.provenance import Provenance
from gecip.reporting.listing import Listing
from gecip.reporting.style import styled
from gecip.reporting.summary import Summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_PLAIN = (str, int, float, bool, type(None), tuple)


@dataclass(frozen=True, repr=False, eq=False)
class Figure:
    """A drawing of a product, made again from it whenever it is shown.

    `draw` makes a matplotlib figure of the product, and `describe` a sentence for those who cannot
    see it. Both know nothing but the product that they are given: so the airlock can draw the masked
    summary in the place of the true one.

    Raises
    ------
    ReportingError
        When `of` is no product, or a function carries data along.
    """

    of: Summary | Listing
    draw: Callable[[Any], Drawing]
    describe: Callable[[Any], str]

    def __post_init__(self) -> None:
        if not isinstance(self.of, Summary | Listing):
            raise ReportingError(
                f"A figure draws a Summary or a Listing, and this is a {type(self.of).__name__}: "
                "summarise the result first."
            )
        for function in (self.draw, self.describe):
            if not _knows_only_its_argument(function):
                raise ReportingError(
                    "A figure's functions may know nothing but the product that they are given: write them at the top "
                    "level of a module, and fix options with functools.partial and plain words or numbers."
                )

    @property
    def title(self) -> str:
        """What the figure shows, as its product says."""
        return self.of.title

    @property
    def provenance(self) -> Provenance:
        """Where the product comes from; drawing adds nothing to it."""
        return self.of.provenance

    @cached_property
    def drawing(self) -> Drawing:
        """The matplotlib figure; what is changed in it by hand shows on screen, and never leaves."""
        with styled():
            return self.draw(self.of)

    @property
    def caption(self) -> str:
        """The line below the figure: title, and how many people and families it rests on."""
        if isinstance(self.of, Listing):
            return f"{self.title}. Row level: this stays in the environment."
        notes = "".join(f" {note}" for note in self.of.notes)
        return f"{self.title}. {self.of.behind}.{notes}"

    @property
    def alt_text(self) -> str:
        """What the figure shows, for those who cannot see it."""
        return self.describe(self.of)

    def redraw(self, product: Summary | Listing) -> Figure:
        """Return the same figure of another product, such as a masked summary."""
        return replace(self, of=product)

    def png(self) -> bytes:
        """Return the figure as a PNG image; the same product gives the same bytes."""
        image = io.BytesIO()
        with styled():
            self.drawing.savefig(image, format="png", metadata={"Software": None})
        return image.getvalue()

    def __repr__(self) -> str:
        return f"Figure({self.title!r}, of={type(self.of).__name__})"

    def _repr_png_(self) -> bytes:
        return self.png()

    def _repr_html_(self) -> str:
        image = base64.b64encode(self.png()).decode("ascii")
        return (
            "<figure style='margin:0.5em 0'>"
            f"<img style='max-width:100%;width:{self.drawing.get_figwidth() * 96:.0f}px' "
            f"alt='{html.escape(self.alt_text, quote=True)}' src='data:image/png;base64,{image}'>"
            f"<figcaption style='font-size:0.9em;max-width:46em'>{html.escape(self.caption)}</figcaption></figure>"
        )


def require_columns(product: Summary | Listing, columns: Iterable[Any], otherwise: str) -> None:
    """Raise where a product lacks columns that a figure draws, with a sentence that goes on after its title.

    Raises
    ------
    ReportingError
        As `The summary 'Deaths' has no rates: give …`.
    """
    frame = product.table if isinstance(product, Summary) else product.rows
    if not set(columns).issubset(frame.columns):
        kind = type(product).__name__.lower()
        raise ReportingError(f"The {kind} {product.title!r} {otherwise}")


def _knows_only_its_argument(function: Any) -> bool:
    """Return whether a function was written at the top level, with plain options at most."""
    if isinstance(function, partial):
        options = [*function.args, *function.keywords.values()]
        return all(isinstance(option, _PLAIN) for option in options) and _knows_only_its_argument(
            function.func
        )
    name = getattr(function, "__qualname__", "<locals>")
    return "<" not in name and "." not in name and getattr(function, "__closure__", None) is None
