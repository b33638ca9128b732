"""One progress bar for everything that takes longer than a breath, in a terminal and in a notebook."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from tqdm import tqdm

Item = TypeVar("Item")


def progress(
    items: Iterable[Item], *, title: str, total: int | None = None, unit: str = "item"
) -> Iterator[Item]:
    """Yield the items, showing how far along they are."""
    with progress_bar(
        title=title, total=total if total is not None else _length(items), unit=unit
    ) as bar:
        for item in items:
            yield item
            bar.update()


@contextmanager
def progress_bar(
    *, title: str, total: float | None, unit: str = "item", shown: bool = True
) -> Iterator[tqdm[Any]]:
    """Give a bar to `update(n)` by hand, for work that is not a loop over items; one that is not `shown` is silent."""
    from tqdm import tqdm

    # Plain text on standard error in both places: a widget bar dies when the notebook is reopened.
    with tqdm(
        total=total,
        desc=title,
        unit=unit,
        unit_scale=unit == "B",
        file=sys.stderr,
        dynamic_ncols=True,
        mininterval=0.2,
        leave=True,
        delay=0.5,
        disable=not shown,
    ) as bar:
        yield bar


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what is being done, and how long it took once it is done."""
    print(f"{title} …", file=sys.stderr, flush=True)
    begin = time.monotonic()
    yield
    print(f"{title}: done in {time.monotonic() - begin:.1f} s", file=sys.stderr, flush=True)


def say(sentence: str) -> None:
    """Say one thing that the user should know, where progress is shown."""
    print(sentence, file=sys.stderr, flush=True)


def _length(items: Iterable[Any]) -> int | None:
    try:
        return len(items)  # type: ignore[arg-type]
    except TypeError:
        return None
