"""Thresholds that stand under a name in a commented TOML beside the module that asks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any, TypeVar

from gecip.errors import GecipError

Named = TypeVar("Named")

SIGNS = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<", "equals": "="}


def named_sets(
    package: str, file: str, read: Callable[[str, Mapping[str, Any]], Named]
) -> Mapping[str, Named]:
    """Return all sets of a package's TOML by name, in the order of the file, each as `read` makes it."""
    import tomllib

    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    return {name: read(name, words) for name, words in tomllib.loads(text).items()}


def named_set(
    known: Mapping[str, Named], name: str, *, what: str, error: type[GecipError]
) -> Named:
    """Return the set of that name.

    Raises
    ------
    GecipError
        The error that is given, when there is none of that name; the message lists those that there are.
    """
    if name not in known:
        raise error(f"There is no set of {what} {name!r}: write one of {', '.join(known)}.")
    return known[name]
