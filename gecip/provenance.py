"""Where a product comes from: every stage's product carries one of these, and each knows its parent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Provenance:
    """What was done to what, with which parameters and software.

    A chain of these, from the release to a figure, is what an export carries to its checker.
    It holds names, counts and digests, and no identifier of a participant.
    """

    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    parent: Provenance | None = None
    software: Mapping[str, str] = field(default_factory=dict)

    def then(self, operation: str, **parameters: Any) -> Provenance:
        """Return the provenance of what `operation` makes out of this product."""
        return Provenance(
            operation=operation, parameters=parameters, parent=self, software=self.software
        )

    def chain(self) -> tuple[Provenance, ...]:
        """Return the steps from the first (opening the release) to this one."""
        earlier = self.parent.chain() if self.parent else ()
        return (*earlier, self)

    def parameter(self, name: str) -> Any:
        """Return the value of a parameter from the latest step that has it, or None."""
        for step in reversed(self.chain()):
            if name in step.parameters:
                return step.parameters[name]
        return None

    def as_document(self) -> list[dict[str, Any]]:
        """Return the chain as plain data, for a manifest."""
        return [
            {
                "operation": step.operation,
                "parameters": dict(step.parameters),
                "software": dict(step.software),
            }
            for step in self.chain()
        ]

    def digest(self) -> str:
        """Return sixteen hexadecimal digits that differ whenever any step differs."""
        return digest_of(self.as_document())


def digest_of(document: Any) -> str:
    """Return sixteen hexadecimal digits that stand for a piece of plain data."""
    text = json.dumps(document, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def software_versions() -> dict[str, str]:
    """Return the versions of gecip and of the packages on which results depend."""
    from importlib.metadata import PackageNotFoundError, version

    versions = {}
    for package in ("gecip", "hail", "duckdb", "pandas", "hpo3"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return versions
