"""What a notebook's products say on two releases: hits gained and lost with the reason, numbers side by side."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gecip.provenance import Provenance
from gecip.reporting import Listing
from gecip.sharing.cohort_changes import CohortChange

Content = Mapping[str, Any]
Pair = tuple[Content, Content]
GAINED, LOST, CHANGED = "gained", "lost", "changed"

# The columns by which a row of a Listing is known again: about whom it is, and of what.
WHOSE = ("participant_id", "family_id", "platekey", "sample")
_OF_WHAT = (
    "variant", "chromosome", "position", "reference", "alternate", "gene", "gene_symbol", "panel", "panel_name",
    "drug", "hpo_id", "term", "code", "disease", "tumour_sample_platekey", "isolate",
)  # fmt: skip
_SIGNIFICANCE = ("q", "p")
# Numbers that differ by less are one number, computed twice.
_RELATIVE_TOLERANCE = 1e-9
_COLUMNS = ("product", "change", "hit", "reason")


def compared_hits(
    pairs: Sequence[Pair],
    cohorts: Sequence[CohortChange],
    *,
    releases: tuple[str, str],
    significant: float,
    provenance: Provenance,
) -> Listing:
    """Return what was found on one release only, or otherwise, a row each with the reason.

    A row of a Listing is known again by whom it is about and what it names; where it is there twice, the
    copies are counted. A line of a Summary is a hit when its q, or its p where there is no q, is below the
    limit; a Summary without either has none.
    """
    import pandas as pd

    rows = [
        (older["title"], *change)
        for older, newer in pairs
        for change in (
            _of_listings(older["listing"], newer["listing"], cohorts, releases)
            if "listing" in older
            else _of_summaries(older, newer, significant)
        )
    ]
    return Listing(
        title=f"Hits gained and lost between {releases[0]} and {releases[1]}",
        rows=pd.DataFrame(rows, columns=list(_COLUMNS)),
        provenance=provenance.then("compared_hits", significant=significant),
    )


def compared_estimates(
    pairs: Sequence[Pair], *, releases: tuple[str, str], provenance: Provenance
) -> Listing:
    """Return every number of every Summary on both releases, in the order of the notebook.

    `difference` is the newer less the older, where both are numbers.
    """
    import pandas as pd

    rows = [
        (older["title"], *line)
        for older, newer in pairs
        if "table" in older
        for line in _side_by_side(older["table"], newer["table"])
    ]
    columns = ["product", "line", "column", *releases, "difference", "differs"]
    return Listing(
        title=f"Estimates on {releases[0]} and {releases[1]}",
        rows=pd.DataFrame(rows, columns=columns),
        provenance=provenance.then("compared_estimates"),
    )


# -- rows of Listings ---------------------------------------------------------------------------------


def _of_listings(
    older: Content, newer: Content, cohorts: Sequence[CohortChange], releases: tuple[str, str]
) -> Iterator[tuple[str, str, str]]:
    names = [_word(column) for column in older["columns"]]
    shared = [name for name in names if name in {_word(column) for column in newer["columns"]}]
    key = [name for name in shared if name in WHOSE or name in _OF_WHAT] or shared
    rest = [name for name in shared if name not in key]
    found = [_rows_by_key(one, key) for one in (older, newer)]
    for place in dict.fromkeys([*found[0], *found[1]]):
        before, after = found[0].get(place, []), found[1].get(place, [])
        hit = ", ".join(str(part) for part in place if part is not None)
        for _ in range(len(after) - len(before)):
            yield GAINED, hit, _why(dict(zip(key, place, strict=True)), cohorts, GAINED, releases)
        for _ in range(len(before) - len(after)):
            yield LOST, hit, _why(dict(zip(key, place, strict=True)), cohorts, LOST, releases)
        if len(before) == len(after):
            yield from _changes(hit, before, after, rest)


def _rows_by_key(content: Content, key: Sequence[str]) -> dict[tuple[Any, ...], list[Content]]:
    names = [_word(column) for column in content["columns"]]
    found: dict[tuple[Any, ...], list[Content]] = {}
    for cells in content["cells"]:
        row = dict(zip(names, cells, strict=True))
        found.setdefault(tuple(_hashable(row[name]) for name in key), []).append(row)
    return found


def _changes(
    hit: str, before: Sequence[Content], after: Sequence[Content], rest: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield what differs between rows of one key; copies that are the same in both are taken out first."""
    values = [
        Counter(tuple(_hashable(row[name]) for name in rest) for row in rows)
        for rows in (before, after)
    ]
    gone, come = values[0] - values[1], values[1] - values[0]
    for old, new in zip(gone.elements(), come.elements(), strict=True):
        said = [
            f"{name}: {_told(was)} → {_told(now)}"
            for name, was, now in zip(rest, old, new, strict=True)
            if not _same(was, now)
        ]
        if said:
            yield CHANGED, hit, "; ".join(said)


def _why(
    row: Content, cohorts: Sequence[CohortChange], change: str, releases: tuple[str, str]
) -> str:
    """Return why a row is there on one release only: somebody came or left, or what is known of them changed."""
    person, family = row.get("participant_id"), row.get("family_id")
    for cohort in cohorts:
        reasons = cohort.came if change == GAINED else cohort.left
        if person is not None and person in reasons:
            word = "came into" if change == GAINED else "left"
            return f"the participant {word} “{cohort.title}”: {reasons[person]}"
        of_family = [
            reason for one, reason in reasons.items() if cohort.families.get(one) == family
        ]
        if person is None and family is not None and of_family:
            word = "came into" if change == GAINED else "left"
            return f"somebody of the family {word} “{cohort.title}”: {of_family[0]}"
    if person is None and family is None:
        return f"the data of {releases[1]} differ"
    return f"in the cohorts of both: what {releases[1]} holds of them differs"


# -- lines of Summaries -------------------------------------------------------------------------------


def _of_summaries(
    older: Content, newer: Content, significant: float
) -> Iterator[tuple[str, str, str]]:
    columns = {_word(column) for column in older["table"]["columns"]}
    measure = next((name for name in _SIGNIFICANCE if name in columns), None)
    if measure is None:
        return
    lines = [_lines(one["table"]) for one in (older, newer)]
    for label in dict.fromkeys([*lines[0], *lines[1]]):
        was, now = (_is_below(one.get(label, {}).get(measure), significant) for one in lines)
        if was != now:
            told = [_told(one[label][measure]) if label in one else "no such line" for one in lines]
            reason = f"{measure}: {' → '.join(told)}{_people_behind(older, newer, label)}"
            yield GAINED if now else LOST, label, reason


def _people_behind(older: Content, newer: Content, label: str) -> str:
    most = []
    for one in (older, newer):
        counts = [
            count
            for column, count in _lines(one["people"]).get(label, {}).items()
            if column not in _SIGNIFICANCE and isinstance(count, int | float)
        ]
        most.append(max(counts, default=0))
    return f"; people behind it: {most[0]:,.0f} → {most[1]:,.0f}"


def _side_by_side(older: Content, newer: Content) -> Iterator[tuple[Any, ...]]:
    lines = [_lines(one) for one in (older, newer)]
    columns = dict.fromkeys(_word(column) for one in (older, newer) for column in one["columns"])
    for label in dict.fromkeys([*lines[0], *lines[1]]):
        for column in columns:
            before, after = (one.get(label, {}).get(column) for one in lines)
            same = _same(before, after)
            yield label, column, before, after, _difference(before, after, same=same), not same


def _difference(before: Any, after: Any, *, same: bool) -> float | None:
    if not (_is_number(before) and _is_number(after)):
        return None
    return 0 if same else after - before


def _lines(table: Content) -> dict[str, dict[str, Any]]:
    names = [_word(column) for column in table["columns"]]
    return {
        _word(label): dict(zip(names, cells, strict=True))
        for label, cells in zip(table["rows"], table["cells"], strict=True)
    }


# -- values -------------------------------------------------------------------------------------------


def _word(label: Iterable[str]) -> str:
    return " · ".join(label)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_below(value: Any, limit: float) -> bool:
    return _is_number(value) and value < limit


def _same(one: Any, other: Any) -> bool:
    if _is_number(one) and _is_number(other):
        return math.isclose(one, other, rel_tol=_RELATIVE_TOLERANCE, abs_tol=0.0) or (
            math.isnan(one) and math.isnan(other)
        )
    return bool(one == other)


def _told(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _hashable(value: Any) -> Any:
    return tuple(map(_hashable, value)) if isinstance(value, list) else value
