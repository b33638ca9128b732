"""From a result to a product: every kind of result says for itself how it is summarised and listed.

A domain registers its own results: `@summarise.register(MyResult)` above a function that returns a
Summary.
"""

from __future__ import annotations

from functools import singledispatch

from gecip.errors import ReportingError
from gecip.reporting.listing import Listing
from gecip.reporting.summary import Summary


@singledispatch
def summarise(result: object) -> Summary:
    """Return the aggregate product of a result: true numbers inside, masked at the airlock.

    Raises
    ------
    ReportingError
        When nobody has said how this kind of result is summarised.
    """
    raise ReportingError(_unknown(result, "summarised", summarise.registry))


@singledispatch
def list_rows(result: object) -> Listing:
    """Return the row-level product of a result, for the screen inside; the airlock refuses it.

    Raises
    ------
    ReportingError
        When nobody has said how this kind of result is listed.
    """
    raise ReportingError(_unknown(result, "listed", list_rows.registry))


def _unknown(result: object, done: str, registry: object) -> str:
    known = ", ".join(sorted(kind.__name__ for kind in registry if kind is not object))  # type: ignore[attr-defined]
    return (
        f"A {type(result).__name__} cannot be {done}: these can: {known or 'none so far'}. "
        "Give one of them, or register a function for this one."
    )
