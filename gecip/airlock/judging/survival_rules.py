"""The rule on survival curves: no step is told where fewer than five people are at risk."""

from __future__ import annotations

from collections.abc import Iterator

from gecip.airlock.judging.cell_values import is_missing, is_withheld, read_count, read_number
from gecip.airlock.judging.column_kinds import Kind
from gecip.airlock.judging.sentences import plural
from gecip.airlock.judging.table_view import TableView
from gecip.airlock.reading.pieces import Remark
from gecip.governance.disclosure import Verdict
from gecip.governance.policy import Policy


def few_at_risk(view: TableView, policy: Policy) -> Iterator[Remark]:
    """Find steps of a survival curve with fewer people at risk than the rule asks for, also where these are marked."""
    at_risk, survival = view.of_kind(Kind.AT_RISK), view.of_kind(Kind.SURVIVAL)
    if not survival:
        return
    if not at_risk:
        if Kind.TIME in view.kinds:
            yield Remark(
                "few_at_risk",
                Verdict.REVIEW,
                "A survival curve without the numbers at risk: a person has to look them up.",
            )
        return
    fewest = policy.rules["few_at_risk"]["fewest_at_risk"]
    steps = 0
    for row in range(len(view.grid.rows)):
        cells = view.grid.rows[row]
        shown = any(_is_step(cells[column]) for column in survival)
        steps += shown and any(_is_few(cells[column], fewest) for column in at_risk)
    if steps:
        yield Remark(
            "few_at_risk",
            Verdict.FAIL,
            f"{plural(steps, 'step')} of a survival curve rest on fewer than {fewest} people at risk.",
        )


def _is_step(text: str) -> bool:
    return read_number(text.strip().rstrip("%")) is not None


def _is_few(text: str, fewest: int) -> bool:
    if is_missing(text):
        return False
    count = read_count(text)
    return is_withheld(text) if count is None else 0 < count.highest < fewest
