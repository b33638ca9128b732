"""Tell whoever watches what is opened and selected, so that a run of a notebook knows whom it has touched.

Nobody watches unless asked to: what is told then goes nowhere and costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Watcher = Callable[[object], None]

_watchers: list[Watcher] = []


def tell(product: object) -> None:
    """Tell every watcher that a release was opened or a cohort selected."""
    for watcher in _watchers:
        watcher(product)


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Tell `watcher` of everything that is opened or selected within the block."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)
