"""Names of tables and columns as SQL takes them."""

from __future__ import annotations


def quoted(name: str) -> str:
    """Return a name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
