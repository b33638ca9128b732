"""A callset that can be loaded into stores: its name, whose samples may be used, and what tells one making from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gecip.release.opening import Release


@dataclass(frozen=True, eq=False)
class Callset:
    """One callset of a release.

    Attributes
    ----------
    name
        Begins the name of the folder of its stores.
    title
        What it is called when it is spoken of, as `release demo`.
    making
        Plain data that change when the callset is made again.
    samples
        The samples that may be used, as sample name to participant.
    consent
        Changes when anybody's consent does.
    may_be_partial
        Whether calls of one known allele can occur.
    """

    name: str
    title: str
    release: Release
    making: Any
    samples: Mapping[str, int | str]
    consent: str
    may_be_partial: bool


def germline_callset(release: Release) -> Callset:
    """Return the germline aggregate of a release."""
    manifest = release.manifest
    return Callset(
        name=release.name,
        title=f"release {release.name}",
        release=release,
        making=manifest.digest or str(release.folder.resolve()),
        samples=release.consent.samples,
        consent=release.consent.digest,
        may_be_partial=manifest.partial_genotypes != 0,
    )
