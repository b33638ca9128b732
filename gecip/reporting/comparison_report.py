"""How compared groups are said: side by side with differences, and who is in which, with a figure of each."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gecip.analysis.clinical.cohort_comparison import CohortOverlap
from gecip.analysis.clinical.side_by_side import RECORDED, SideBySide
from gecip.errors import ReportingError
from gecip.reporting.behind import Behind
from gecip.reporting.counting import NOT_RECORDED
from gecip.reporting.figure import Figure
from gecip.reporting.members import Cell
from gecip.reporting.products import summarise
from gecip.reporting.style import (
    BLACK,
    BLUE,
    PALE,
    QUIET,
    ROUNDED_HATCH,
    look_of_count,
    look_of_series,
    new_drawing,
)
from gecip.reporting.summary import Meaning, Rate, Summary, Total

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

EVERYBODY = ("Everybody", "all")
PEOPLE, OF, SHARE, MEAN = "people", "of", "share", "mean"
DIFFERENCE = "difference"
IN, INSIDE, OUTSIDE = "in", "●", "○"
ANYBODY = "Any of them"
FAMILIES = "families"
# From here on a standardised difference is commonly taken as worth a thought.
NOTABLE = 0.1
MOST_LINES = 40
_TITLE_WIDTH = 72
_LONGEST_LABEL = 44


# ---------------------------------------------------------------------------------------------------------------------
# Side by side
# ---------------------------------------------------------------------------------------------------------------------


@summarise.register(SideBySide)
def summarise_side_by_side(result: SideBySide) -> Summary:
    """Return how many people of each group have what, of how many, and the standardised differences."""
    import pandas as pd

    lines = list(
        dict.fromkeys(zip(result.cells["characteristic"], result.cells["level"], strict=True))
    )
    index = pd.MultiIndex.from_tuples([EVERYBODY, *lines], names=["characteristic", "level"])
    table = pd.DataFrame(index=index)
    meanings: dict[Any, Meaning] = {}
    rates = {}
    for group in result.groups:
        cells = _cells_of(result, group, index)
        has_mean = result.cells["mean"].notna().any()
        columns = [PEOPLE, OF, SHARE, *([MEAN] if has_mean else [])]
        for name in columns:
            label = f"{group}: {name}"
            table[label] = cells[name].to_numpy()
            meanings[label] = {
                PEOPLE: Meaning.PEOPLE,
                OF: Meaning.PEOPLE,
                SHARE: Meaning.RATE,
                MEAN: Meaning.STATISTIC,
            }[name]
        rates[f"{group}: {SHARE}"] = Rate(f"{group}: {PEOPLE}", f"{group}: {OF}")
    for contrast in result.contrasts:
        label = f"{DIFFERENCE}: {contrast}"
        told = result.differences[result.differences["contrast"] == contrast]
        told = told.set_index(["characteristic", "level"])["difference"]
        table[label] = told.reindex(index).to_numpy()
        meanings[label] = Meaning.STATISTIC
    behind = Behind.of(
        dict(_people_side_by_side(result, table)),
        rows=result.everybody,
        index=index,
        columns=table.columns,
    )
    return Summary(
        title=result.title,
        table=table,
        people=behind.people,
        families=behind.families,
        meanings=meanings,
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        members=behind.members,
        provenance=result.provenance.then("summarise", of=type(result).__name__),
        rates=rates,
        # What is masked of a third group says nothing of how these two differ.
        rests_on={
            f"{DIFFERENCE}: {contrast}": tuple(
                f"{group}: {name}" for group in groups for name in (PEOPLE, OF)
            )
            for contrast, groups in result.contrasts.items()
        },
        totals=tuple(_totals(result, lines)),
        notes=tuple(_notes(result)),
    )


def _cells_of(result: SideBySide, group: str, index: pd.MultiIndex) -> pd.DataFrame:
    """Return the counts of one group by line, everybody first."""
    import pandas as pd

    cells = result.cells[result.cells["group"] == group].set_index(["characteristic", "level"])
    n_people = len(result.people[group])
    everybody = pd.DataFrame(
        {PEOPLE: n_people, OF: n_people, MEAN: math.nan},
        index=pd.MultiIndex.from_tuples([EVERYBODY]),
    )
    # Frames of the same columns; an empty mean beside numbers keeps its type.
    frame = pd.concat([everybody, cells[everybody.columns]]).reindex(index)
    among = frame[OF].where(frame[OF] > 0).astype(float)
    return frame.assign(**{SHARE: frame[PEOPLE] / among})


def _people_side_by_side(result: SideBySide, table: pd.DataFrame) -> Iterator[tuple[Cell, Any]]:
    """Yield the people of each cell: those who have it, all of the group, or both groups of a difference."""
    import numpy as np

    everybody = {group: rows["participant_id"].to_numpy() for group, rows in result.people.items()}
    having = {(*EVERYBODY, group): people for group, people in everybody.items()} | dict(
        result.having
    )
    both = {
        contrast: np.concatenate([everybody[group] for group in groups])
        for contrast, groups in result.contrasts.items()
    }
    for row in table.index:
        for group, people in everybody.items():
            yield (row, f"{group}: {OF}"), people
            for name in (PEOPLE, SHARE, MEAN):
                yield (row, f"{group}: {name}"), having[(*row, group)]
        for contrast, groups in result.contrasts.items():
            label = f"{DIFFERENCE}: {contrast}"
            if math.isnan(table.at[row, label]):
                continue
            if row[1] == RECORDED:
                # A difference of means is computed from those of whom the measure is known.
                known = np.concatenate([having[(*row, group)] for group in groups])
                yield (row, label), known
            else:
                yield (row, label), both[contrast]


def _totals(result: SideBySide, lines: list[tuple[str, str]]) -> Iterator[Total]:
    """Yield what a reader knows between the counts: levels sum up, denominators repeat, groups hold others."""
    people = tuple(f"{group}: {PEOPLE}" for group in result.groups)
    of = tuple(f"{group}: {OF}" for group in result.groups)
    levels: dict[str, list[tuple[str, str]]] = {}
    for line in lines:
        levels.setdefault(line[0], []).append(line)
    banded: tuple[str, str] | None = None
    for name, parts in levels.items():
        if parts == [(name, RECORDED)]:
            banded = parts[0]
            yield Total(EVERYBODY, (banded,), complete=False, only=people)
            continue
        yield Total(EVERYBODY, tuple(parts), only=people)
        if banded is not None:
            known = tuple(part for part in parts if part[1] != NOT_RECORDED)
            yield Total(banded, known, only=people)
            banded = None
    for line in lines:
        yield Total(EVERYBODY, (line,), only=of)
    for group in result.groups:
        yield Total(f"{group}: {OF}", (f"{group}: {PEOPLE}",), "columns", complete=False)
    for whole, part in result.within:
        for name in (PEOPLE, OF):
            yield Total(f"{whole}: {name}", (f"{part}: {name}",), "columns", complete=False)


def _notes(result: SideBySide) -> Iterator[str]:
    yield (
        "Differences are standardised: shares or means in units of the spread within the groups. "
        f"Above {NOTABLE} they are commonly taken as worth a thought."
    )
    if result.is_weighted:
        yield "In the difference after matching every case counts the same, however many controls it has."


def plot_differences(summary: Summary) -> Figure:
    """Return the standardised differences as points around nought, a line for each level: a love plot.

    Raises
    ------
    ReportingError
        When the summary has no differences.
    """
    if not _differences(summary):
        raise ReportingError(
            f"The summary {summary.title!r} has no standardised differences: give the summary of compare_cohorts, or of "
            "the balance of matched_controls."
        )
    return Figure(summary, _draw_differences, _describe_differences)


def _differences(summary: Summary) -> list[Any]:
    return [name for name in summary.table.columns if str(name).startswith(f"{DIFFERENCE}: ")]


def _lines_drawn(summary: Summary) -> list[Any]:
    """Return the lines of which something is told, those with the largest differences if there are many."""
    told = summary.table[_differences(summary)].astype(float).abs().max(axis=1).dropna()
    largest = set(told.sort_values(ascending=False, kind="stable").index[:MOST_LINES])
    return [line for line in summary.table.index if line in largest]


def _draw_differences(summary: Summary) -> Drawing:
    lines, names = _lines_drawn(summary), _differences(summary)
    drawing = new_drawing(width=7.6, height=1.9 + 0.24 * max(len(lines), 4))
    axes = drawing.add_subplot()
    values = summary.table.loc[lines, names].astype(float)
    finite = values.where(values.abs() != math.inf).abs().max(axis=None)
    edge = max(0.5, 1.12 * finite) if finite == finite else 0.5
    axes.axvline(0, color=QUIET, lw=0.9)
    for limit in (-NOTABLE, NOTABLE):
        axes.axvline(limit, color=QUIET, lw=0.8, ls=(0, (3, 3)))
    for place, name in enumerate(names):
        look = look_of_series(place)
        shown = values[name].clip(-edge, edge)
        axes.plot(
            shown.to_numpy(),
            range(len(lines)),
            look.marker,
            ls="",
            ms=6,
            mfc="white" if place == 0 and len(names) > 1 else look.colour,
            mec=look.colour,
            mew=1.4,
            label=str(name).removeprefix(f"{DIFFERENCE}: "),
            clip_on=False,
        )
    axes.set_yticks(range(len(lines)), [_short(line) for line in lines])
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.set_xlim(-edge, edge)
    axes.yaxis.grid(visible=True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    words = f"Standardised difference (dashed: ±{NOTABLE})"
    if (values.abs() == math.inf).any(axis=None):
        words += "\nat the edge: everybody against nobody"
    axes.set_xlabel(words)
    drawing.legend(loc="outside lower center", ncols=min(len(names), 3))
    drawing.suptitle(textwrap.fill(summary.title, _TITLE_WIDTH), fontsize=11, weight="bold")
    return drawing


def _short(line: tuple[str, str]) -> str:
    words = line[0] if line[1] == RECORDED else f"{line[0]}: {line[1]}"
    return words if len(words) <= _LONGEST_LABEL else f"{words[: _LONGEST_LABEL - 1]}…"


def _describe_differences(summary: Summary) -> str:
    values = summary.table[_differences(summary)].astype(float)
    told = []
    for name in values:
        size = values[name].abs()
        notable = int((size > NOTABLE).sum())
        told.append(
            f"{str(name).removeprefix(f'{DIFFERENCE}: ')}: {notable} of {int(size.notna().sum())} lines differ by more than {NOTABLE}"
        )
    return f"{summary.title}. {'; '.join(told)}."


# ---------------------------------------------------------------------------------------------------------------------
# Who is in which
# ---------------------------------------------------------------------------------------------------------------------


@summarise.register(CohortOverlap)
def summarise_overlap(result: CohortOverlap) -> Summary:
    """Return people and families of each combination of cohorts, and of each cohort, and of all together."""
    import numpy as np
    import pandas as pd

    names = list(result.names)
    people = result.people["participant_id"].to_numpy()
    is_in = {name: result.people[f"in {name}"].to_numpy(dtype=bool) for name in names}
    rows: dict[str, tuple[tuple[str, ...], Any]] = {ANYBODY: (("",) * len(names), people)}
    for one in names:
        places = tuple(INSIDE if name == one else "" for name in names)
        rows[f"All of {one}"] = (places, people[is_in[one]])
    parts = {}
    for inside in result.combinations[names].itertuples(index=False, name=None):
        label = _combination(names, list(inside))
        parts[label] = [name for name, held in zip(names, inside, strict=True) if held]
        here = np.all(
            [is_in[name] == held for name, held in zip(names, inside, strict=True)], axis=0
        )
        rows[label] = (tuple(INSIDE if held else OUTSIDE for held in inside), people[here])
    index = pd.Index(list(rows), name="people in")
    columns = [*(f"{IN} {name}" for name in names), PEOPLE, FAMILIES]
    behind = Behind.of(
        {(label, column): of for label, (_, of) in rows.items() for column in columns},
        rows=result.people,
        index=index,
        columns=columns,
    )
    counts = {PEOPLE: behind.people[PEOPLE], FAMILIES: behind.families[FAMILIES]}
    marks = {
        f"{IN} {name}": [row[0][place] for row in rows.values()] for place, name in enumerate(names)
    }
    totals = [Total(ANYBODY, tuple(parts))]
    for name in names:
        held = tuple(label for label, inside in parts.items() if name in inside)
        totals.append(Total(f"All of {name}", held))
    return Summary(
        title=f"Who is in which cohort: {', '.join(names)}",
        table=pd.DataFrame({**marks, **counts}, index=index),
        people=behind.people,
        families=behind.families,
        meanings={
            **dict.fromkeys(marks, Meaning.DESCRIPTION),
            PEOPLE: Meaning.PEOPLE,
            FAMILIES: Meaning.FAMILIES,
        },
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        members=behind.members,
        provenance=result.provenance.then("summarise", of="CohortOverlap"),
        totals=tuple(totals),
        notes=("A family with members in two combinations is in both.",),
    )


def _combination(names: list[str], inside: list[bool]) -> str:
    """Return a combination in words."""
    named = [name for name, is_in in zip(names, inside, strict=True) if is_in]
    if len(named) == 1:
        return f"Only {named[0]}"
    return f"{' and '.join(named)}{'' if len(named) == len(names) else ', no other'}"


def plot_overlap(summary: Summary) -> Figure:
    """Return the overlap of cohorts as an UpSet plot: a bar for each combination, and dots for who is in it.

    Raises
    ------
    ReportingError
        When the summary is not one of an overlap.
    """
    if ANYBODY not in summary.table.index or not _cohorts(summary):
        raise ReportingError(
            f"The summary {summary.title!r} is not one of an overlap: give the summary of compare_cohorts(…).overlap."
        )
    return Figure(summary, _draw_overlap, _describe_overlap)


def _cohorts(summary: Summary) -> list[str]:
    described = [
        str(name) for name, what in summary.meanings.items() if what is Meaning.DESCRIPTION
    ]
    return [name.removeprefix(f"{IN} ") for name in described if name.startswith(f"{IN} ")]


def _inside(summary: Summary, row: Any) -> list[str]:
    """Return in which cohorts the people of a row are."""
    return [name for name in _cohorts(summary) if summary.table.at[row, f"{IN} {name}"] == INSIDE]


def _combinations(summary: Summary) -> list[Any]:
    """Return the combinations with somebody in them, or of which it is not told, the largest first."""
    counts = summary.table[PEOPLE].astype(float).fillna(0)
    wholes = [ANYBODY, *(f"All of {name}" for name in _cohorts(summary))]
    found = [
        row
        for row in summary.table.index
        if row not in wholes and (summary.is_masked(row, PEOPLE) or counts[row] > 0)
    ]
    return sorted(found, key=lambda row: -counts[row])


def _draw_overlap(summary: Summary) -> Drawing:
    names, combinations = _cohorts(summary), _combinations(summary)
    drawing = new_drawing(
        width=max(6.4, 3.6 + 0.55 * len(combinations)), height=3.4 + 0.36 * len(names)
    )
    grid = drawing.add_gridspec(
        2,
        2,
        width_ratios=(1.5, max(2.0, 0.5 * len(combinations))),
        height_ratios=(2.4, 0.36 * len(names)),
    )
    bars = drawing.add_subplot(grid[0, 1])
    dots = drawing.add_subplot(grid[1, 1], sharex=bars)
    sizes = drawing.add_subplot(grid[1, 0], sharey=dots)
    _draw_bars(bars, summary, combinations)
    _draw_dots(dots, names, [_inside(summary, row) for row in combinations])
    _draw_sizes(sizes, summary, names)
    drawing.suptitle(textwrap.fill(summary.title, _TITLE_WIDTH), fontsize=11, weight="bold")
    if summary.marks is not None:
        from matplotlib.patches import Patch

        handle = Patch(
            facecolor="white", edgecolor=BLUE, hatch=ROUNDED_HATCH, label="fewer, drawn rounded up"
        )
        drawing.legend(handles=[handle], loc="outside lower center")
    return drawing


def _draw_bars(axes: Axes, summary: Summary, combinations: list[Any]) -> None:
    from matplotlib.ticker import MaxNLocator

    counts = summary.table[PEOPLE].astype(float).fillna(0)
    for place, label in enumerate(combinations):
        masked = summary.is_masked(label, PEOPLE)
        if counts[label] > 0:
            axes.bar(place, counts[label], width=0.64, **look_of_count(is_masked=masked))
        axes.annotate(
            summary.text(label, PEOPLE),
            (place, counts[label]),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=8.5,
            color=QUIET if masked else BLACK,
        )
    highest = max((float(counts[label]) for label in combinations), default=0.0)
    axes.set_ylim(0, 1.15 * max(highest, 5.0))
    axes.set_ylabel("People")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.yaxis.grid(visible=True)
    axes.tick_params(bottom=False, labelbottom=False)


def _draw_dots(axes: Axes, names: list[str], combinations: list[list[str]]) -> None:
    for row in range(0, len(names), 2):
        axes.axhspan(row - 0.5, row + 0.5, color=PALE, alpha=0.35, lw=0)
    for place, members in enumerate(combinations):
        inside = [row for row, name in enumerate(names) if name in members]
        axes.plot([place] * len(names), range(len(names)), "o", ms=9, mfc=PALE, mec=PALE, ls="")
        axes.plot(
            [place] * len(inside),
            inside,
            "o",
            ms=9,
            mfc=BLACK,
            mec=BLACK,
            ls="-",
            lw=2,
            color=BLACK,
        )
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(-0.6, len(combinations) - 0.4)
    axes.tick_params(bottom=False, labelbottom=False, left=False, labelleft=False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _draw_sizes(axes: Axes, summary: Summary, names: list[str]) -> None:
    counts = summary.table[PEOPLE].astype(float).fillna(0)
    rows = [f"All of {name}" for name in names]
    longest = max((float(counts[row]) for row in rows), default=0.0)
    for place, row in enumerate(rows):
        masked = summary.is_masked(row, PEOPLE)
        if counts[row] > 0:
            axes.barh(place, counts[row], height=0.5, **look_of_count(is_masked=masked))
        axes.annotate(
            summary.text(row, PEOPLE),
            (counts[row], place),
            xytext=(-3, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=8.5,
            color=QUIET if masked else BLACK,
        )
    axes.set_xlim(1.45 * max(longest, 5.0), 0)
    axes.set_yticks(range(len(names)), [_short_name(name) for name in names])
    axes.tick_params(axis="y", length=0, labelleft=True)
    axes.tick_params(bottom=False, labelbottom=False)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _short_name(name: object) -> str:
    words = str(name)
    return words if len(words) <= _LONGEST_LABEL else f"{words[: _LONGEST_LABEL - 1]}…"


def _describe_overlap(summary: Summary) -> str:
    told = [f"{row}: {summary.text(row, PEOPLE)}" for row in _combinations(summary)]
    return f"{summary.title}. {'; '.join(told)}."
