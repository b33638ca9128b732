"""The rules on single people, held against a summary: what in its table masking does not mend.

Small counts and what rests on them are masked; an age to the year, a day, the highest value and a list of
rare variants are not, and have to be changed by whoever built the summary.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import Any

from gecip.airlock.judging.person_rules import ages, days, extremes
from gecip.airlock.judging.prose_rules import in_prose
from gecip.airlock.judging.table_view import TableView
from gecip.airlock.judging.variant_rules import numbers_in, tally_of
from gecip.airlock.reading.pieces import Grid, Remark
from gecip.governance.disclosure import Verdict
from gecip.governance.policy import Policy
from gecip.reporting import Summary

_RULES = (ages, days, extremes)


def in_summary(summary: Summary, policy: Policy) -> Iterator[Remark]:
    """Find what a summary tells of single people, and variants that are too many and too rare."""
    view = TableView(grid_of(summary))
    for rule in _RULES:
        # Where it is doubtful that a value is a person's, a summary has the benefit: it counts who is behind it.
        yield from (remark for remark in rule(view, policy) if remark.verdict is Verdict.FAIL)
    if view.is_of_variants:
        tally = tally_of(view, policy)
        tally.add(numbers_in(view.grid.rows), len(view.grid.rows))
        yield from (remark for remark in tally.finish() if remark.rule == "bulk_variants")
    if summary.phenotypic:
        yield from _in_words(summary, policy)


def _in_words(summary: Summary, policy: Policy) -> Iterator[Remark]:
    """Find in title and notes what the table could not tell: numbers in a sentence are not masked."""
    for remark in in_prose("\n".join([summary.title, *summary.notes]), policy):
        verdict = (
            Verdict.REVIEW if remark.rule in ("small_counts", "percentages") else remark.verdict
        )
        yield replace(remark, verdict=verdict)


def grid_of(summary: Summary) -> Grid:
    """Return a summary's table as texts, its labels in front."""
    table = summary.table
    names = [str(name) if name is not None else "" for name in table.index.names]
    header = (*names, *(" ".join(_parts(column)) for column in table.columns))
    rows = [
        [*_parts(label), *(_text(value) for value in values)]
        for label, values in zip(table.index, table.itertuples(index=False, name=None), strict=True)
    ]
    return Grid("the table", header, rows, summary.title)


def _parts(label: Hashable) -> list[str]:
    return [_text(part) for part in label] if isinstance(label, tuple) else [_text(label)]


def _text(value: Any) -> str:
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() else str(value)
    return str(value)
