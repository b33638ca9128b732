"""The named sets of quality filters, as they stand in `quality.toml`: what `genotypes.passing("…")` asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from gecip.errors import GenotypesError
from gecip.genotypes.named_thresholds import SIGNS, named_set, named_sets

Where = Literal["called", "diploid", "haploid", "heterozygous"]


@dataclass(frozen=True)
class QualityTest:
    """One test: the fields in which its value stands, by preference, and the limit that it is held against.

    `sign` is `at_least`, `above`, `at_most`, `below` or `equals`. `where` says of which calls it is asked; tests of
    sites have none.
    """

    name: str
    fields: tuple[str, ...]
    sign: str
    limit: float | str
    source: str
    where: Where | None = None
    missing_passes: bool = False

    @property
    def threshold(self) -> str:
        """Return the limit in words, as `≥ 20`."""
        limit = f"{self.limit:g}" if isinstance(self.limit, float | int) else self.limit
        return f"{SIGNS[self.sign]} {limit}"


@dataclass(frozen=True)
class QualitySet:
    """A named set: tests of sites and of calls, whether FILTER counts, and which flags of INFO must not be set."""

    name: str
    about: str
    filter_column: bool
    flags: tuple[str, ...]
    site: tuple[QualityTest, ...]
    call: tuple[QualityTest, ...]


def quality_set(name: str) -> QualitySet:
    """Return a named set of quality filters.

    Raises
    ------
    GenotypesError
        When there is none of that name; the message lists those that there are.
    """
    return named_set(quality_sets(), name, what="quality filters", error=GenotypesError)


@cache
def quality_sets() -> Mapping[str, QualitySet]:
    """Return all sets by name, in the order of the file."""
    return named_sets("gecip.genotypes", "quality.toml", _set)


def quality_sets_text() -> str:
    """Return every set with its tests and thresholds as Markdown, as docs/genomes.md prints them."""
    lines = []
    for one in quality_sets().values():
        lines += [f"### `{one.name}`", "", one.about, ""]
        rows = [("site", "FILTER", "PASS or nothing", "the aggregate")] * one.filter_column
        rows += [("site", flag, "not set", "the aggregate") for flag in one.flags]
        rows += [
            ("site", f"{test.name} ({' or '.join(test.fields)})", test.threshold, test.source)
            for test in one.site
        ]
        rows += [
            (
                "call" if test.where == "called" else f"{test.where} call",
                f"{test.name} ({' or '.join(test.fields)})",
                test.threshold + (", or missing" if test.missing_passes else ""),
                test.source,
            )
            for test in one.call
        ]
        lines += ["| of | test | passes | source |", "| --- | --- | --- | --- |"]
        lines += [f"| {' | '.join(row)} |" for row in rows]
        lines.append("")
    return "\n".join(lines)


def _set(name: str, words: Mapping[str, Any]) -> QualitySet:
    return QualitySet(
        name=name,
        about=words["about"],
        filter_column=words["filter_column"],
        flags=tuple(words.get("flags", ())),
        site=tuple(map(_test, words.get("site", ()))),
        call=tuple(map(_test, words.get("call", ()))),
    )


def _test(words: Mapping[str, Any]) -> QualityTest:
    (sign,) = (sign for sign in SIGNS if sign in words)
    return QualityTest(
        name=words["name"],
        fields=tuple(words["fields"]),
        sign=sign,
        limit=words[sign],
        source=words["source"],
        where=words.get("where"),
        missing_passes=words.get("if_missing") == "pass",
    )
