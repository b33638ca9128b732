"""Which published results touch somebody who has since withdrawn, and which notebooks are to be run again.

It is asked of the newest word on consent, with the salted ids that each run left among the records. An id is
nobody's name, and only how many there are is told.
"""

from __future__ import annotations

import html
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from gecip.errors import GecipError
from gecip.governance.access import Use
from gecip.release import open_release
from gecip.sharing.parameters import RELEASE_PARAMETER
from gecip.sharing.publication import OUTSIDE, Publication, publications
from gecip.sharing.touched import Touched, salted_ids, touched_by


@dataclass(frozen=True, repr=False)
class StaleResult:
    """A publication that touches people who have withdrawn since.

    `withdrawn` are people of whom nothing may be used any more, not even in results made before; `in_part` are
    those of whom results made before may stand, and new ones may not be made. `results` of its products,
    of which there are `products`, rest on one of the former: a Summary and a Listing know most often who is
    in them, and of others the cohort behind them is asked.
    """

    publication: Publication
    withdrawn: int
    in_part: int
    results: int
    products: int

    @property
    def must_run_again(self) -> bool:
        """Return whether it may not stand as it is."""
        return self.withdrawn > 0

    @property
    def command(self) -> str:
        """The command that publishes it anew."""
        facts = self.publication.facts
        words = ["gecip", "publish", facts["notebook"], "--domain", facts["domain"]]
        for name, value in facts["parameters"].items():
            words += (
                ["--release", value] if name == RELEASE_PARAMETER else ["-p", f"{name}={value}"]
            )
        if facts["audience"] == OUTSIDE:
            words += ["--outside", "--project", facts["project"], "--purpose", facts["purpose"]]
        return shlex.join(words)

    def __str__(self) -> str:
        said = []
        if self.withdrawn:
            said.append(
                f"{self.withdrawn:,} {_people(self.withdrawn)} in it {_have(self.withdrawn)} since withdrawn"
                + (
                    f" ({self.results:,} of {self.products:,} results rest on them)"
                    if self.products
                    else ""
                )
            )
        if self.in_part:
            said.append(
                f"{self.in_part:,} {_people(self.in_part)} {_have(self.in_part)} withdrawn in part, whose earlier results may stand"
            )
        return f"{self.publication.name}: {'; '.join(said)}."

    def __repr__(self) -> str:
        return f"StaleResult({self.publication.name!r}, withdrawn={self.withdrawn:,}, in_part={self.in_part:,})"


@dataclass(frozen=True, repr=False)
class Staleness:
    """What is stale, and of which publications nobody can tell, each with the reason."""

    stale: tuple[StaleResult, ...]
    unknown: tuple[tuple[str, str], ...]
    fresh: int

    @property
    def to_run_again(self) -> tuple[str, ...]:
        """The commands that publish anew what may not stand, each once."""
        return tuple(dict.fromkeys(one.command for one in self.stale if one.must_run_again))

    def __repr__(self) -> str:
        return (
            f"Staleness(stale={len(self.stale)}, unknown={len(self.unknown)}, fresh={self.fresh})"
        )

    def _repr_html_(self) -> str:
        lines = [str(one) for one in self.stale]
        lines += [f"{name}: nobody can tell, since {why}" for name, why in self.unknown]
        items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
        commands = "".join(f"{html.escape(one)}\n" for one in self.to_run_again)
        return (
            f"<p>{self.fresh:,} published results touch nobody who has withdrawn.</p><ul>{items}</ul>"
            + (f"<p>To run again:</p><pre>{commands}</pre>" if commands else "")
        )


def stale(*, on: str | None = None) -> Staleness:
    """Return which published results touch somebody who has since withdrawn.

    Whom a notebook touched are the members of its cohorts; everybody who consented, where it showed something
    that need not rest on a cohort. So nobody is missed, and it may be told of more than its numbers rest on.

    Parameters
    ----------
    on
        The release whose word on consent counts, such as the newest; each result's own release if not
        given. Whoever is not in it counts as withdrawn.

    Raises
    ------
    ReleaseError
        When there is no release `on`.
    """
    _open_to.cache_clear()  # consent may have changed since this was last asked
    if on is not None:
        _open_to(on)
    found, unknown, fresh = [], [], 0
    for publication in publications():
        try:
            result = _judged(publication, on)
        except GecipError as error:
            unknown.append((publication.name, str(error)))
            continue
        if result is None:
            unknown.append(
                (publication.name, "whom its run touched is not among the records here.")
            )
        elif result.withdrawn or result.in_part:
            found.append(result)
        else:
            fresh += 1
    return Staleness(tuple(found), tuple(unknown), fresh)


def _judged(publication: Publication, on: str | None) -> StaleResult | None:
    facts = publication.facts
    touched = touched_by(facts["run"])
    if touched is None:
        return None
    withdrawn: set[str] = set()
    in_part: set[str] = set()
    for release, ids in touched.by_release.items():
        rows, standing = _open_to(on or release)
        withdrawn |= ids - standing
        in_part |= ids & standing - rows
    products = facts.get("products", [])
    return StaleResult(
        publication=publication,
        withdrawn=len(withdrawn),
        in_part=len(in_part),
        results=sum(
            _rests_on(product, known, touched, withdrawn)
            for product, known in zip(products, touched.by_product, strict=False)
        ),
        products=len(products),
    )


def _rests_on(
    product: dict[str, Any],
    known: frozenset[str] | None,
    touched: Touched,
    withdrawn: set[str],
) -> bool:
    """Return whether somebody withdrawn is in a product, or in a cohort behind it where it does not know who is in it."""
    behind = _behind(product["steps"], touched) if known is None else [known]
    return any(not withdrawn.isdisjoint(ids) for ids in behind)


def _behind(steps: Sequence[str], touched: Touched) -> Iterator[frozenset[str]]:
    for step in steps:
        if step in touched.by_step:
            yield touched.by_step[step]


@cache
def _open_to(release: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the salted ids of who may be read in a release, and of whom earlier results may stand."""
    opened = open_release(release)
    rows, standing = (
        frozenset(salted_ids(opened.participants_open_to(use))) for use in (Use.ROWS, Use.STANDING)
    )
    return rows, rows | standing


def _people(number: int) -> str:
    return "person" if number == 1 else "people"


def _have(number: int) -> str:
    return "has" if number == 1 else "have"
