"""How predictions of a diagnosis are said: measures by split, accuracy by kinship, and reliability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from domains.machine_learning.calibration import BINS, equal_mass_bins
from domains.machine_learning.diagnosis_prediction import (
    ACCURACY,
    APART,
    BRIER,
    CALIBRATION,
    RANKING,
    SPLITS,
    TOGETHER,
    DiagnosisPrediction,
)
from gecip.analysis.clinical.diagnostic_yield import wilson_interval
from gecip.errors import ReportingError
from gecip.reporting import Figure, Listing, Meaning, Rate, Summary, Total, list_rows, summarise
from gecip.reporting.behind import Behind, resting_on
from gecip.reporting.members import Cell
from gecip.reporting.style import BLACK, BLUE, ORANGE, QUIET, new_drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

PEOPLE, FAMILIES, RIGHT = "people", "families", "named rightly"
LOW, HIGH = "95 % from", "95 % to"
CONFIDENCE = "mean confidence"
EVERYONE = "Everyone"
WITH_RELATIVE, WITHOUT_RELATIVE = "With an affected relative here", "Without one"
ALL_BINS = "All"

_LOOKS = {TOGETHER: (BLUE, "o"), APART: (ORANGE, "D")}
_COUNTS = {PEOPLE: Meaning.PEOPLE, FAMILIES: Meaning.FAMILIES, RIGHT: Meaning.PEOPLE}
_RIGHT_ARE_PEOPLE = Total(PEOPLE, (RIGHT,), "columns", complete=False)


@summarise.register(DiagnosisPrediction)
def summarise_prediction(result: DiagnosisPrediction) -> Summary:
    """Return the out-of-fold measures by split, with intervals over families."""
    import pandas as pd

    index = pd.Index(SPLITS, name="split")
    groups = [result.of_split(split)[0] for split in SPLITS]
    table = _counts(groups, index)
    meanings = dict(_COUNTS)
    for measure in (ACCURACY, RANKING, BRIER, CALIBRATION):
        scores = result.scores.xs(measure, level="measure").loc[list(SPLITS)]
        ends = {} if measure == CALIBRATION else {"low": "from", "high": "to"}
        table[measure] = scores["value"].to_numpy()
        meanings[measure] = Meaning.RATE if measure == ACCURACY else Meaning.STATISTIC
        for end, word in ends.items():
            table[f"{measure} {word}"] = scores[end].to_numpy()
            meanings[f"{measure} {word}"] = Meaning.STATISTIC
    return _summary(
        result,
        table,
        groups,
        title="Predicting the disease group from HPO terms",
        meanings=meanings,
        rates={ACCURACY: Rate(RIGHT, PEOPLE)},
        totals=(_RIGHT_ARE_PEOPLE, Total(APART, (TOGETHER,), only=(PEOPLE, FAMILIES))),
        notes=_notes(result),
        step="summarise",
    )


def summarise_by_kinship(result: DiagnosisPrediction) -> Summary:
    """Return the accuracy under both splits among people with and without an affected relative here."""
    import pandas as pd

    kinds = {EVERYONE: None, WITH_RELATIVE: True, WITHOUT_RELATIVE: False}
    groups, ends = [], []
    for group in kinds.values():
        for split in SPLITS:
            people = result.of_split(split)[0]
            groups.append(people if group is None else people[people["relative_here"] == group])
            found = (
                result.scores.loc[(split, ACCURACY)]
                if group is None
                else result.accuracy_by_kinship.loc[(group, split)]
            )
            ends.append((found["low"], found["high"]))
    index = pd.MultiIndex.from_product([kinds, SPLITS], names=["among", "split"])
    table = _counts(groups, index)
    table[ACCURACY] = table[RIGHT] / table[PEOPLE].where(table[PEOPLE] > 0).astype(float)
    table[LOW], table[HIGH] = [low for low, _ in ends], [high for _, high in ends]
    same_people = [
        Total((group, APART), ((group, TOGETHER),), only=(PEOPLE, FAMILIES)) for group in kinds
    ]
    parts = [
        Total((EVERYONE, split), ((WITH_RELATIVE, split), (WITHOUT_RELATIVE, split)))
        for split in SPLITS
    ]
    return _summary(
        result,
        table,
        groups,
        title="Who gains when families are torn apart",
        meanings={
            **_COUNTS,
            ACCURACY: Meaning.RATE,
            LOW: Meaning.STATISTIC,
            HIGH: Meaning.STATISTIC,
        },
        rates={ACCURACY: Rate(RIGHT, PEOPLE)},
        totals=(_RIGHT_ARE_PEOPLE, *same_people, *parts),
        notes=(),
        step="summarise_by_kinship",
    )


def summarise_reliability(result: DiagnosisPrediction, *, bins: int = BINS) -> Summary:
    """Return, in bins of equal mass, how confident the predictions were and how many were right."""
    import pandas as pd

    labels: list[tuple[str, str]] = []
    groups, means, totals = [], [], [_RIGHT_ARE_PEOPLE]
    for split in SPLITS:
        people = result.of_split(split)[0]
        cut = equal_mass_bins(people["confidence"].to_numpy(), bins=bins)
        parts = {f"{place + 1} of {cut.count}": cut.bin_of == place for place in range(cut.count)}
        for label, chosen in {**parts, ALL_BINS: cut.bin_of >= 0}.items():
            labels.append((split, label))
            groups.append(people[chosen])
            means.append(float(people.loc[chosen, "confidence"].mean()))
        whole = (split, ALL_BINS)
        totals.append(
            Total(whole, tuple((split, label) for label in parts), only=(PEOPLE, RIGHT, FAMILIES))
        )
    totals.append(Total((APART, ALL_BINS), ((TOGETHER, ALL_BINS),), only=(PEOPLE, FAMILIES)))
    index = pd.MultiIndex.from_tuples(labels, names=["split", "bin by confidence"])
    table = _counts(groups, index)
    table[ACCURACY] = table[RIGHT] / table[PEOPLE]
    intervals = [
        wilson_interval(int(right), int(people))
        for right, people in zip(table[RIGHT], table[PEOPLE], strict=True)
    ]
    table[LOW], table[HIGH] = [low for low, _ in intervals], [high for _, high in intervals]
    table[CONFIDENCE] = means
    return _summary(
        result,
        table,
        groups,
        title="How far confidence can be believed",
        meanings={
            **_COUNTS,
            ACCURACY: Meaning.RATE,
            LOW: Meaning.STATISTIC,
            HIGH: Meaning.STATISTIC,
            CONFIDENCE: Meaning.STATISTIC,
        },
        rates={ACCURACY: Rate(RIGHT, PEOPLE)},
        totals=tuple(totals),
        notes=("Intervals are Wilson's and take no account of families.",),
        step="summarise_reliability",
        rests_on=dict.fromkeys((LOW, HIGH), (RIGHT, PEOPLE)),
    )


@list_rows.register(DiagnosisPrediction)
def list_predictions(result: DiagnosisPrediction) -> Listing:
    """Return one row for each person and split: what was recorded, what was predicted and how surely."""
    return Listing(
        title="Out-of-fold predictions",
        rows=result.predictions.sort_values(["participant_id", "split"]),
        provenance=result.provenance.then("list_rows", of="DiagnosisPrediction"),
    )


def plot_kinship(summary: Summary) -> Figure:
    """Return the accuracy under both splits, a line for everyone and for those with and without a relative here.

    Raises
    ------
    ReportingError
        When the summary is not one of accuracy by kinship.
    """
    if summary.table.index.names != ["among", "split"]:
        raise ReportingError(
            f"The summary {summary.title!r} is not one of accuracy by kinship: give that of summarise_by_kinship."
        )
    return Figure(summary, _draw_kinship, _describe_kinship)


def plot_reliability(summary: Summary) -> Figure:
    """Return the share of right predictions against confidence, both splits; the diagonal is perfect.

    Raises
    ------
    ReportingError
        When the summary is not one of reliability.
    """
    if CONFIDENCE not in summary.table.columns:
        raise ReportingError(
            f"The summary {summary.title!r} is not one of reliability: give that of summarise_reliability."
        )
    return Figure(summary, _draw_reliability, _describe_reliability)


def _counts(groups: Sequence[pd.DataFrame], index: pd.Index) -> pd.DataFrame:
    """Return how many people and families each row is of, and how many people were named rightly."""
    import pandas as pd

    return pd.DataFrame(
        {
            PEOPLE: [len(people) for people in groups],
            FAMILIES: [int(people["family_id"].nunique()) for people in groups],
            RIGHT: [int(people["observed"].eq(people["predicted"]).sum()) for people in groups],
        },
        index=index,
    )


def _notes(result: DiagnosisPrediction) -> tuple[str, ...]:
    gap = result.gaps.loc[ACCURACY]
    interval = f"95 % {gap['low']:+.3f} to {gap['high']:+.3f}, families drawn anew"
    left_out = sum(result.left_out.values())
    return (
        f"Tearing families apart changes the accuracy by {gap['value']:+.3f} ({interval}).",
        f"Always naming the commonest of {len(result.classes)} groups would be right in {result.commonest:.0%}.",
        "Everybody affected could be used."
        if not left_out
        else "Left out were affected people without recorded features, or without a group of families enough.",
    )


def _summary(
    result: DiagnosisPrediction,
    table: pd.DataFrame,
    groups: Sequence[pd.DataFrame],
    *,
    title: str,
    meanings: dict[str, Meaning],
    rates: dict[str, Rate],
    totals: tuple[Total, ...],
    notes: tuple[str, ...],
    step: str,
    rests_on: dict[str, tuple[str, ...]] | None = None,
) -> Summary:
    """Return a summary in which accuracy rests on those named rightly; other measures are everybody's of their row."""
    cells: dict[Cell, Any] = {}
    for row, rows in zip(table.index, groups, strict=True):
        people = rows["participant_id"].to_numpy()
        right = people[rows["observed"].eq(rows["predicted"]).to_numpy(dtype=bool)]
        rests_on_right = resting_on(people, right)
        for column in table:
            if column in (RIGHT, ACCURACY):
                cells[row, column] = right
            else:
                cells[row, column] = rests_on_right if _rests_on_right(str(column)) else people
    behind = Behind.of(cells, rows=result.predictions, index=table.index, columns=table.columns)
    return Summary(
        title=title,
        table=table,
        people=behind.people,
        families=behind.families,
        meanings=meanings,
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        members=behind.members,
        provenance=result.provenance.then(step, of="DiagnosisPrediction"),
        rates=rates,
        rests_on=rests_on or {},
        totals=totals,
        notes=notes,
    )


def _rests_on_right(column: str) -> bool:
    return column in (LOW, HIGH, f"{ACCURACY} from", f"{ACCURACY} to")


# ---------------------------------------------------------------------------------------------------------------------
# Drawing
# ---------------------------------------------------------------------------------------------------------------------


def _draw_kinship(summary: Summary) -> Drawing:
    groups = list(dict.fromkeys(summary.table.index.get_level_values(0)))
    drawing = new_drawing(width=7.6, height=3.4)
    axes = drawing.add_subplot()
    for place, group in enumerate(groups):
        for split, shift in zip(SPLITS, (-0.14, 0.14), strict=True):
            row = (group, split)
            _point(axes, summary, row, at=place + shift)
            axes.annotate(
                f"{summary.text(row, RIGHT)} of {summary.text(row, PEOPLE)}",
                (1.01, place + shift),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=8.5,
            )
    axes.set_yticks(range(len(groups)), [str(group) for group in groups])
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_xlabel(
        "People whose disease group was named rightly (%), with 95 % interval over families"
    )
    axes.xaxis.grid(visible=True)
    axes.tick_params(axis="y", length=0)
    axes.set_title(summary.title)
    _legend_of_splits(drawing)
    return drawing


def _draw_reliability(summary: Summary) -> Drawing:
    drawing = new_drawing(width=8.4, height=4.9)
    panels = drawing.subplots(1, len(SPLITS), sharey=True)
    for split, axes in zip(SPLITS, panels, strict=True):
        axes.plot([0, 100], [0, 100], color=QUIET, lw=1, ls=(0, (4, 3)), zorder=1)
        axes.annotate("perfect", (9, 15), ha="center", fontsize=8.5, color=QUIET, rotation=45)
        for row in summary.table.index:
            if row[0] == split and row[1] != ALL_BINS:
                _point(axes, summary, row)
        axes.set_xlim(0, 104)
        axes.set_ylim(0, 104)
        axes.set_aspect("equal")
        axes.grid(visible=True)
        axes.set_title(split, fontweight="normal")
    drawing.supxlabel("Mean confidence of the predictions in a bin (%)", fontsize=10)
    panels[0].set_ylabel("Named rightly (%), with 95 % interval")
    drawing.suptitle(summary.title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    return drawing


def _point(axes: Axes, summary: Summary, row: Any, *, at: float | None = None) -> None:
    """Draw one accuracy, and its interval: each of them unless it may not be told.

    Across the plane at its confidence, or, `at` a height, along a line.
    """
    where = 100 * _told(summary, row, CONFIDENCE) if at is None else at
    share, low, high = (100 * _told(summary, row, name) for name in (ACCURACY, LOW, HIGH))
    colour, marker = _LOOKS[row[0] if at is None else row[1]]
    ends, point = (([where, where], [low, high]), (where, share))
    if at is not None:
        ends, point = ends[::-1], point[::-1]
    axes.plot(*ends, color=colour, lw=1.5, solid_capstyle="butt", alpha=0.8, zorder=2)
    axes.plot(*point, marker, ms=6.5, mfc=colour, mec=BLACK, mew=0.7, zorder=3)


def _told(summary: Summary, row: Any, name: str) -> float:
    """Return a number of a summary, or nan, which is not drawn, where it may not be told."""
    return float("nan") if summary.is_masked(row, name) else float(summary.table.at[row, name])


def _legend_of_splits(drawing: Drawing) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [], [], marker=marker, color=colour, mfc=colour, mec=BLACK, ms=6.5, label=split.lower()
        )
        for split, (colour, marker) in _LOOKS.items()
    ]
    drawing.legend(handles=handles, loc="outside lower center", ncols=len(handles))


def _describe_kinship(summary: Summary) -> str:
    told = [
        f"{group}, {split.lower()}: {summary.text((group, split), RIGHT)} of "
        f"{summary.text((group, split), PEOPLE)} ({summary.text((group, split), ACCURACY)})"
        for group, split in summary.table.index
    ]
    return f"{summary.title}. Named rightly: {'; '.join(told)}."


def _describe_reliability(summary: Summary) -> str:
    told = [
        f"{split.lower()}, bin {label}: confidence {summary.text((split, label), CONFIDENCE)}, "
        f"right {summary.text((split, label), ACCURACY)}"
        for split, label in summary.table.index
        if label != ALL_BINS
    ]
    return f"{summary.title}. {'; '.join(told)}."
