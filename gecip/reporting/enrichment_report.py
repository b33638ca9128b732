"""How enrichment is said: counts of both groups, odds ratios with their intervals, and false discovery rates."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gecip.analysis.clinical.enrichment import Enrichment
from gecip.reporting.figure import Figure, require_columns
from gecip.reporting.listing import Listing
from gecip.reporting.products import list_rows, summarise
from gecip.reporting.style import BLACK, BLUE, PALE, QUIET, new_drawing
from gecip.reporting.summary import Summary, Total
from gecip.reporting.two_groups import (
    COUNTED,
    FAMILIES,
    OF,
    OF_OTHERS,
    OTHER_FAMILIES,
    OTHERS,
    PEOPLE,
    Asked,
    Having,
    side_by_side,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

RATIO, LOW, HIGH, P, Q = "odds ratio", "95 % from", "95 % to", "p", "q"
MOST_SHOWN = 20
DISCOVERY = 0.05
_NAMES = {"hpo": "HPO term", "icd10": "ICD-10 chapter or block"}
_PLURALS = {"hpo": "HPO terms", "icd10": "ICD-10 chapters and blocks"}
_TITLE_WIDTH = 84
_LONGEST_LABEL = 52
# An interval is drawn within these; beyond them it goes on to the edge.
_LEAST, _MOST = 0.001, 1000.0


@summarise.register(Enrichment)
def summarise_enrichment(result: Enrichment) -> Summary:
    """Return the terms with the smallest p, how many have them in both groups, and how far that is from chance."""
    import pandas as pd

    shown = result.terms.head(MOST_SHOWN)
    inside = result.asked["in_cohort"].to_numpy(dtype=bool)
    people = result.asked["participant_id"].to_numpy()
    among = Asked(people[inside], people[~inside])
    holders = result.held.groupby("code")["participant_id"]
    statistics = {RATIO: "odds_ratio", LOW: "low", HIGH: "high", P: "p", Q: "q"}
    parts = side_by_side(
        [Having.of(holders.get_group(code).to_numpy(), among) for code in shown["code"]],
        pd.DataFrame(
            {name: shown[column].to_numpy() for name, column in statistics.items()},
            index=pd.Index(shown["label"], name=_NAMES[result.of]),
        ),
        rows=result.asked,
    )
    return Summary(
        title=_title(result),
        table=parts.table,
        people=parts.behind.people,
        families=parts.behind.families,
        meanings=parts.meanings,
        phenotypic=True,
        n_people=parts.behind.n_people,
        n_families=parts.behind.n_families,
        members=parts.behind.members,
        provenance=result.provenance.then("summarise", of="Enrichment"),
        rates=parts.rates,
        rests_on=dict.fromkeys((RATIO, LOW, HIGH, P), COUNTED),
        totals=tuple(_totals(result, dict(zip(shown["code"], shown["label"], strict=True)))),
        notes=tuple(_notes(result)),
    )


def _title(result: Enrichment) -> str:
    cohort, comparison = result.names
    others = comparison if comparison != cohort else "others"
    return f"{_PLURALS[result.of]} of {cohort}, compared with {others}"


def _totals(result: Enrichment, labels: dict[str, str]) -> Iterator[Total]:
    """Yield what a reader knows: a broader term holds a narrower one, and the denominators repeat."""
    counted = (PEOPLE, FAMILIES, OTHERS, OTHER_FAMILIES)
    for code, label in labels.items():
        broader = result.broader[code] & labels.keys()
        nearest = {one for one in broader if not any(one in result.broader[two] for two in broader)}
        for one in sorted(nearest):
            yield Total(labels[one], (label,), complete=False, only=counted)
    if labels:
        first, *others = labels.values()
        for label in others:
            yield Total(first, (label,), only=(OF, OF_OTHERS))
        yield Total(OF, (PEOPLE,), "columns", complete=False)
        yield Total(OF_OTHERS, (OTHERS,), "columns", complete=False)


def _notes(result: Enrichment) -> Iterator[str]:
    what = _PLURALS[result.of]
    yield (
        f"{len(result.terms):,} {what} were tested that at least {result.fewest_people} people have; "
        f"{'all are shown' if len(result.terms) <= MOST_SHOWN else f'the {MOST_SHOWN} with the smallest p are shown'}. "
        "A broader one that exactly the same people have is left out."
    )
    yield "Fisher's exact test, two-sided; q is the false discovery rate of Benjamini and Hochberg over all tested."
    if result.is_one_per_family:
        yield "One person of each family was asked."
    elif (result.people_asked, result.others_asked) != (
        result.families_asked,
        result.other_families_asked,
    ):
        yield "The test takes people for independent: where relatives are among them, p is too small."


@list_rows.register(Enrichment)
def list_enrichment(result: Enrichment) -> Listing:
    """Return every term that was tested, unmasked: to look through inside."""
    return Listing(
        title=f"Every {_NAMES[result.of]} tested",
        rows=result.terms,
        provenance=result.provenance.then("list_rows", of="Enrichment"),
    )


def plot_enrichment(summary: Summary) -> Figure:
    """Return odds ratios as points with their intervals on a logarithmic axis, the smallest p on top.

    Raises
    ------
    ReportingError
        When the summary is not one of enrichment.
    """
    require_columns(
        summary,
        {RATIO, OTHERS, OF_OTHERS, Q},
        "is not one of enrichment: give the summary of enrichment.",
    )
    return Figure(summary, _draw, _describe)


def _draw(summary: Summary) -> Drawing:
    from matplotlib.lines import Line2D

    rows = list(summary.table.index)
    drawing = new_drawing(width=8.6, height=1.9 + 0.3 * max(len(rows), 1))
    axes = drawing.add_subplot()
    axes.axvline(1, color=QUIET, lw=0.9)
    for place, row in enumerate(rows):
        ratio, low, high = (_within(summary.table.at[row, name]) for name in (RATIO, LOW, HIGH))
        if not math.isnan(ratio):
            axes.plot([low, high], [place, place], color=BLUE, lw=1.8, solid_capstyle="butt")
            axes.plot(
                ratio, place, "o", ms=6.5, mfc=_fill(summary, row), mec=BLUE, mew=1.4, clip_on=False
            )
        is_masked = summary.is_masked(row, PEOPLE) or summary.is_masked(row, OTHERS)
        axes.annotate(
            _counts(summary, row),
            (1.03, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8.5,
            color=QUIET if is_masked else BLACK,
        )
    axes.annotate(
        "cohort, others",
        (1.03, -0.8),
        xycoords=("axes fraction", "data"),
        va="center",
        fontsize=8.5,
        weight="bold",
    )
    axes.set_xscale("log")
    axes.set_xlim(*_limits(summary))
    ticks = [
        tick
        for tick in (0.001, 0.01, 0.1, 1, 10, 100, 1000)
        if axes.get_xlim()[0] <= tick <= axes.get_xlim()[1]
    ]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_yticks(range(len(rows)), [_short(row) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -1.2)
    axes.set_xlabel("Odds ratio, with 95 % interval (logarithmic)")
    axes.xaxis.grid(visible=True, color=PALE)
    axes.tick_params(axis="y", length=0)
    found = Line2D([], [], marker="o", ls="", mfc=BLUE, mec=BLUE, label=f"q under {DISCOVERY}")
    others = Line2D(
        [],
        [],
        marker="o",
        ls="",
        mfc="white",
        mec=BLUE,
        label=f"q {DISCOVERY} or more, or not told",
    )
    drawing.legend(handles=[found, others], loc="outside lower center", ncols=2)
    drawing.suptitle(textwrap.fill(summary.title, _TITLE_WIDTH), fontsize=11, weight="bold")
    return drawing


def _fill(summary: Summary, row: Any) -> str:
    q = float(summary.table.at[row, Q])
    return BLUE if q < DISCOVERY else "white"


def _within(value: Any) -> float:
    """Return a value as it is drawn: within the limits of the axis, or missing where it is withheld."""
    return min(max(float(value), _LEAST), _MOST)


def _limits(summary: Summary) -> tuple[float, float]:
    shown = summary.table[[LOW, HIGH]].astype(float)
    lowest, highest = shown[LOW].min(), shown[HIGH].max()
    lowest = 0.5 if math.isnan(lowest) else lowest
    highest = 2.0 if math.isnan(highest) else highest
    return max(0.8 * min(lowest, 0.5), _LEAST), min(1.25 * max(highest, 2.0), _MOST)


def _counts(summary: Summary, row: Any) -> str:
    inside, outside = (
        f"{summary.text(row, of)} of {summary.text(row, among)}"
        for of, among in ((PEOPLE, OF), (OTHERS, OF_OTHERS))
    )
    return f"{inside}, {outside}"


def _short(label: object) -> str:
    """Return a label that fits beside the axis: a name may be cut, its id not."""
    words = str(label)
    if len(words) <= _LONGEST_LABEL:
        return words
    name, _, code = words.rpartition(" (")
    room = _LONGEST_LABEL - len(code) - 3
    return f"{name[:room]}… ({code}" if name else f"{words[: _LONGEST_LABEL - 1]}…"


def _describe(summary: Summary) -> str:
    told = [
        f"{row}: {summary.text(row, PEOPLE)} of {summary.text(row, OF)} against {summary.text(row, OTHERS)} of "
        f"{summary.text(row, OF_OTHERS)}, odds ratio {summary.text(row, RATIO)}"
        for row in summary.table.index
    ]
    return f"{summary.title}. {'; '.join(told) or 'Nothing was tested'}."
