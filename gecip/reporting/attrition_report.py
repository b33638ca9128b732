"""How a cohort came about is said: who was left at each step and who left it, as a table and as a flow diagram."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gecip.cohort.selection import Cohort
from gecip.errors import ReportingError
from gecip.reporting.figure import Figure
from gecip.reporting.members import Members
from gecip.reporting.products import summarise
from gecip.reporting.style import BLACK, BLUE, QUIET, new_drawing
from gecip.reporting.summary import Meaning, Summary, Total

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

PEOPLE, FAMILIES, STEP = "people", "families", "step"
_LEFT, _AFTER, _OUT = "left", "left after leaving out", "left out"
_WIDTH_OF_LINES = 44


@summarise.register(Cohort)
def summarise_attrition(cohort: Cohort) -> Summary:
    """Return people and families after each step, and those whom each step left out, consent first."""
    import pandas as pd

    steps = cohort.attrition.steps
    labels = [f"0. {steps[0].reason}"]
    counts = [(steps[0].people, steps[0].families)]
    totals = []
    for number, (before, step) in enumerate(pairwise(steps), start=1):
        whole = labels[-1]
        how = _AFTER if step.rule == "exclude" else _LEFT
        parts = (f"{number}. {_OUT}: {step.reason}", f"{number}. {how}: {step.reason}")
        labels += parts
        counts += [
            (before.people - step.people, before.families - step.families),
            (step.people, step.families),
        ]
        totals.append(Total(whole, parts))
    table = pd.DataFrame(counts, columns=[PEOPLE, FAMILIES], index=pd.Index(labels, name=STEP))
    behind = {name: table.assign(**{PEOPLE: table[name], FAMILIES: table[name]}) for name in table}
    unknown = sum(step.unknown for step in steps)
    uncertain = sum(step.uncertain_age for step in steps)
    return Summary(
        title=f"How the cohort {cohort.definition.title!r} came about",
        table=table,
        people=behind[PEOPLE],
        families=behind[FAMILIES],
        meanings={PEOPLE: Meaning.PEOPLE, FAMILIES: Meaning.FAMILIES},
        phenotypic=True,
        n_people=steps[0].people,
        n_families=steps[0].families,
        provenance=cohort.provenance.then("summarise", of="Attrition"),
        totals=tuple(totals),
        members=_members(cohort, labels),
        notes=(
            *(("Some conditions could not be decided for want of a value.",) if unknown else ()),
            *(
                ("For some people a year of age decides, and only the year of birth is known.",)
                if uncertain
                else ()
            ),
        ),
    )


def _members(cohort: Cohort, labels: list[str]) -> Members | None:
    """Return the people after each step of the definition, from consent on, and those whom each left out.

    Who does not consent is known by number only. A cohort may have further steps, such as carrying a variant: of
    those who was left at the end is known, and whom the only one of them left out.
    """
    import numpy as np

    verdicts = cohort.verdicts
    if verdicts is None:
        return None
    steps = cohort.attrition.steps
    consent = [step.rule for step in steps].index("consent")
    # Every step but the first has a line of those left out, and one of those left.
    people = {labels[2 * consent]: verdicts.participants}
    remaining = np.ones(len(verdicts.participants), dtype=bool)
    last = consent
    for last, (criterion, verdict) in enumerate(
        zip(cohort.definition.criteria, verdicts.criteria, strict=True), start=consent + 1
    ):
        kept = remaining & verdict.keeps(criterion.keeps)
        people[labels[2 * last - 1]] = verdicts.participants[remaining & ~kept]
        people[labels[2 * last]] = verdicts.participants[kept]
        remaining = kept
    if len(steps) > last + 1:
        left = np.isin(verdicts.participants, np.array(cohort.participants))
        people[labels[-1]] = verdicts.participants[left]
        if len(steps) == last + 2:
            people[labels[-2]] = verdicts.participants[remaining & ~left]
    columns = (PEOPLE, FAMILIES)
    cells: dict[Any, Any] = {(line, name): ids for line, ids in people.items() for name in columns}
    return Members.of(cells, None)


def plot_attrition(summary: Summary) -> Figure:
    """Return the flow diagram of a cohort: who was left down the middle, who was left out at the side.

    Raises
    ------
    ReportingError
        When the summary is not one of a cohort.
    """
    if summary.table.index.name != STEP or list(summary.table.columns) != [PEOPLE, FAMILIES]:
        raise ReportingError(
            f"The summary {summary.title!r} is not one of how a cohort came about: give summarise(cohort)."
        )
    return Figure(summary, _draw, _describe)


def _draw(summary: Summary) -> Drawing:
    rows = list(summary.table.index)
    steps = len(rows) // 2
    drawing = new_drawing(width=7.2, height=1.0 + 0.95 * (steps + 1))
    axes = drawing.add_subplot()
    axes.set_axis_off()
    axes.set_xlim(0, 10)
    axes.set_ylim(-steps - 0.55, 0.55)
    _box(axes, 3.1, 0, summary, rows[0])
    for number in range(1, steps + 1):
        out, left = rows[2 * number - 1], rows[2 * number]
        axes.annotate(
            "",
            (3.1, -number + 0.3),
            xytext=(3.1, -number + 0.7),
            arrowprops={"arrowstyle": "->", "color": BLUE},
        )
        axes.annotate(
            "",
            (6.35, -number + 0.5),
            xytext=(3.1, -number + 0.5),
            arrowprops={"arrowstyle": "->", "color": QUIET},
        )
        _counts(axes, 6.5, -number + 0.5, summary, out, f"{_OUT}: ")
        _box(axes, 3.1, -number, summary, left)
    axes.set_title(summary.title)
    return drawing


def _box(axes: Axes, x: float, y: float, summary: Summary, row: str) -> None:
    reason = row.partition(". ")[2].removeprefix(f"{_LEFT}: ").removeprefix(f"{_LEFT} ")
    lines = textwrap.wrap(reason, _WIDTH_OF_LINES, max_lines=2, placeholder=" …")
    axes.text(
        x,
        y,
        "\n".join([*lines, _told(summary, row)]),
        ha="center",
        va="center",
        fontsize=8.5,
        color=BLACK,
        bbox={"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": BLUE},
    )


def _counts(axes: Axes, x: float, y: float, summary: Summary, row: str, word: str) -> None:
    axes.text(x, y, word + _told(summary, row), ha="left", va="center", fontsize=8.5, color=QUIET)


def _told(summary: Summary, row: str) -> str:
    return f"{summary.text(row, PEOPLE)} people, {summary.text(row, FAMILIES)} families"


def _describe(summary: Summary) -> str:
    rows = list(summary.table.index)
    return f"{summary.title}: from {_told(summary, rows[0])} to {_told(summary, rows[-1])}."
