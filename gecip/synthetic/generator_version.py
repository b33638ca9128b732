"""Which generator wrote a release: a digest that changes with the generator's own code and libraries."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import Any

from gecip.provenance import digest_of

# What a release is made from: this room, the model, and the way in which tables are written.
_SOURCES = ("gecip.synthetic", "gecip.model", "gecip.release")
# Whose random numbers, ontology and file formats go into it.
_LIBRARIES = ("numpy", "hpo3", "msprime", "pandas", "pyarrow", "pysam")


@cache
def generator_version() -> str:
    """Return sixteen hexadecimal digits that stand for this version of the generator.

    They are taken from the code, so that nobody has to remember to count a version up.
    """
    from importlib.metadata import version

    sources = {}
    for package in _SOURCES:
        for entry in resources.files(package).iterdir():
            if entry.name.endswith(".py"):
                sources[f"{package}/{entry.name}"] = hashlib.sha256(entry.read_bytes()).hexdigest()
    return digest_of([sources, {name: version(name) for name in _LIBRARIES}])


def release_digest(**parameters: Any) -> str:
    """Return what tells one making of a release from another: the generator and its parameters."""
    return digest_of([generator_version(), parameters])
