"""How survival is said: curves on a grid with the numbers at risk, and hazard ratios with their intervals."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gecip.analysis.clinical.cox_model import EntryComparison, HazardRatios
from gecip.analysis.clinical.survival import (
    DAYS_A_YEAR,
    FEW_AT_RISK,
    FollowUp,
    Observed,
    SurvivalCurves,
    observed,
)
from gecip.errors import ReportingError
from gecip.reporting.behind import Behind, resting_on
from gecip.reporting.figure import Figure, require_columns
from gecip.reporting.listing import Listing
from gecip.reporting.members import Cell
from gecip.reporting.products import list_rows, summarise
from gecip.reporting.style import (
    BLACK,
    BLUE,
    GREEN,
    MARKERS,
    PALE,
    PURPLE,
    QUIET,
    VERMILION,
    new_drawing,
)
from gecip.reporting.summary import Meaning, Summary, Total

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

AT_RISK, SURVIVAL, IGNORED = "at risk", "survival", "entry ignored"
PEOPLE, DEATHS, RATIO, LOW, HIGH = "people", "deaths", "hazard ratio", "95 % from", "95 % to"
P, PROPORTIONALITY, MEDIAN = "p", "p of proportional hazards", "median in years"
WITH_DELAY, WITHOUT_DELAY = "Delayed entry", "Entry ignored"
FOLLOWED, EVERYONE = "Followed", "Everybody"

# Blue and vermilion first: they differ most in grey as well.
_COLOURS = (BLUE, VERMILION, GREEN, PURPLE)
MOST_CURVES = len(_COLOURS)
_WHO = ["participant_id", "family_id"]
# From how many days on a curve's begin is worth a sentence.
_LATE_BEGIN = 30


@summarise.register(FollowUp)
def summarise_follow_up(result: FollowUp) -> Summary:
    """Return how many could be followed, and how many were left out for which reason."""
    import pandas as pd

    out = result.not_followed
    who = {
        FOLLOWED: result.people["participant_id"].to_numpy(),
        **{
            reason: out.loc[out["reason"] == reason, "participant_id"].to_numpy()
            for reason in result.left_out
        },
    }
    rows = pd.concat([result.people[_WHO], out[_WHO]], ignore_index=True)
    who[EVERYONE] = rows["participant_id"].to_numpy()
    index = pd.Index(list(who), name="follow-up")
    behind = Behind.of(
        {(label, PEOPLE): people for label, people in who.items()},
        rows=rows,
        index=index,
        columns=[PEOPLE],
    )
    return Summary(
        title="Who could be followed",
        table=behind.people,
        people=behind.people,
        families=behind.families,
        meanings={PEOPLE: Meaning.PEOPLE},
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        provenance=result.provenance.then("summarise", of="FollowUp"),
        totals=(Total(EVERYONE, tuple(who)[:-1]),),
        notes=(f"Followed until {result.followed_until.isoformat()}. No date was imputed.",),
        members=behind.members,
    )


@summarise.register(SurvivalCurves)
def summarise_survival(result: SurvivalCurves) -> Summary:
    """Return people at risk and survival at times on a grid, for each group.

    Two neighbouring values of a curve give away how many died between them. Survival is therefore told
    only where nobody, or at least `FEW_AT_RISK`, died since it was last told; the listing has every step.
    """
    import pandas as pd

    grid = pd.concat(
        [_told(rows) for _, rows in result.grid.groupby("group", sort=False)], ignore_index=True
    )
    index = pd.MultiIndex.from_arrays(
        [grid["group"], grid["years"]], names=["group", "years after the diagnosis"]
    )
    columns = {
        AT_RISK: "at_risk",
        SURVIVAL: "survival",
        LOW: "low",
        HIGH: "high",
        IGNORED: "survival_ignoring_entry",
    }
    if grid["survival_ignoring_entry"].isna().all():
        del columns[IGNORED]
    table = _frame(grid, columns, index)
    behind = Behind.of(
        dict(_people_of_curves(result, table)),
        rows=result.follow_up.people,
        index=index,
        columns=list(columns),
    )
    follow_up = result.follow_up
    return Summary(
        title=f"Survival after the diagnosis, {'at risk from sequencing on' if IGNORED in columns else 'entry ignored'}"
        if (follow_up.people["entry"] > 0).any() or not follow_up.is_entry_delayed
        else "Survival after the diagnosis",
        table=table,
        people=behind.people,
        families=behind.families,
        meanings={
            name: Meaning.PEOPLE if name == AT_RISK else Meaning.STATISTIC for name in columns
        },
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        provenance=result.provenance.then("summarise", of="SurvivalCurves"),
        notes=tuple(_notes(result)),
        members=behind.members,
    )


def _people_of_curves(result: SurvivalCurves, table: pd.DataFrame) -> Iterator[tuple[Cell, Any]]:
    """Yield the people of each cell: who is at risk, and the group of whom a curve tells.

    All values of a curve are the group's, also of those who left before it begins or enter later: it is one
    estimate, and the hazard ratio beside it is of the same people. Where few are at risk it is theirs.
    """
    follow_up = result.follow_up
    for group, rows in table.groupby(level=0, sort=False):
        everybody = _people_of_group(follow_up, str(group))
        curves: list[tuple[Observed, tuple[str, ...]]] = [
            (observed(follow_up, str(group)), (SURVIVAL, LOW, HIGH))
        ]
        if IGNORED in table:
            curves.append((observed(follow_up.ignoring_entry(), str(group)), (IGNORED,)))
        for curve, names in curves:
            people = curve.people["participant_id"].to_numpy()
            for row in rows.index:
                at_risk = people[curve.are_at_risk(row[1] * DAYS_A_YEAR)]
                if SURVIVAL in names:
                    yield (row, AT_RISK), at_risk
                # Nobody stands behind what is not told.
                base = resting_on(everybody, at_risk)
                yield from (
                    ((row, name), base) for name in names if not math.isnan(rows.at[row, name])
                )


def _people_of_group(follow_up: FollowUp, group: str) -> Any:
    rows = follow_up.people
    return rows.loc[rows["group"] == group, "participant_id"].to_numpy()


def _frame(rows: pd.DataFrame, columns: dict[str, str], index: pd.Index) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {name: rows[column].to_numpy() for name, column in columns.items()}, index=index
    )


def _told(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one group's rows with survival only where it tells of nobody or of several who died."""
    since_told, last_step = 0, []
    for deaths in rows["deaths"]:
        since_told += int(deaths)
        last_step.append(since_told)
        since_told = 0 if since_told >= FEW_AT_RISK else since_told
    step = rows["at_risk"].copy()
    step[:] = last_step
    told = (step == 0) | (step >= FEW_AT_RISK)
    values = ["survival", "low", "high", "survival_ignoring_entry"]
    return rows.assign(**{name: rows[name].where(told) for name in values})


def _notes(result: SurvivalCurves) -> Iterator[str]:
    """Yield what a reader of the curves has to know; no count that could be small stands in a sentence."""
    for row in result.medians.itertuples():
        if row.begins > _LATE_BEGIN:
            yield (
                f"The curve of {row.group} begins {row.begins / DAYS_A_YEAR:.1f} years after the diagnosis, "
                f"when {FEW_AT_RISK} people are at risk, and is that of those who lived so long."
            )
    for group, rows in result.grid.groupby("group", sort=False):
        enough = rows[rows["at_risk"] >= FEW_AT_RISK]["years"]
        if len(enough) and enough.max() < rows["years"].max():
            yield (
                f"After {enough.max():g} years fewer than {FEW_AT_RISK} of {group} are at risk: "
                "what the curve says there rests on single people."
            )
    if result.follow_up.left_out:
        yield "Who lacks a date is left out, and no date is imputed."


@list_rows.register(SurvivalCurves)
def list_survival(result: SurvivalCurves) -> Listing:
    """Return every step of the curves: the days on which somebody died, and how many were at risk."""
    return Listing(
        title="Steps of the survival curves",
        rows=result.steps,
        provenance=result.provenance.then("list_rows", of="SurvivalCurves"),
        notes=(f"Where few_at_risk is true, fewer than {FEW_AT_RISK} were at risk.",),
    )


@summarise.register(HazardRatios)
def summarise_hazard_ratios(result: HazardRatios) -> Summary:
    """Return the people, deaths and hazard ratio of each group, the reference first, and of each covariate."""
    rows = _reference_and_terms(result)
    return _summary_of_ratios(
        result,
        rows[[PEOPLE, DEATHS, RATIO, LOW, HIGH, P, PROPORTIONALITY]],
        _people_of_ratios(result.follow_up, list(rows.index)),
        title="Hazard ratio of death",
        totals=tuple(_covariate_totals(result, rows.index.tolist())),
    )


@summarise.register(EntryComparison)
def summarise_entry_comparison(result: EntryComparison) -> Summary:
    """Return hazard ratios and median survival with delayed entry, and below them those that ignore it."""
    import pandas as pd

    halves = {
        WITH_DELAY: (result.delayed, result.delayed_medians),
        WITHOUT_DELAY: (result.ignored, result.ignored_medians),
    }
    rows = pd.concat(
        {
            words: _reference_and_terms(ratios).assign(
                **{MEDIAN: medians.set_index("group")["median"] / DAYS_A_YEAR}
            )
            for words, (ratios, medians) in halves.items()
        },
        names=["analysis", "group"],
    )
    terms = [term for analysis, term in rows.index if analysis == WITH_DELAY]
    # The same people are in both halves; only whose median it is depends on the entry.
    behind = _people_of_ratios(result.delayed.follow_up, terms)
    cells: dict[Cell, Any] = {
        ((words, term), name): people
        for words, (ratios, _) in halves.items()
        for (term, name), people in (behind | _people_of_medians(ratios.follow_up, terms)).items()
    }
    repeated = (
        Total((WITHOUT_DELAY, term), ((WITH_DELAY, term),), only=(PEOPLE, DEATHS)) for term in terms
    )
    return _summary_of_ratios(
        result.delayed,
        rows[[PEOPLE, DEATHS, MEDIAN, RATIO, LOW, HIGH]],
        cells,
        title="Hazard ratio of death and median survival, with delayed entry and without",
        totals=(
            *(
                Total((WITH_DELAY, total.whole), tuple((WITH_DELAY, part) for part in total.parts))
                for total in _covariate_totals(result.delayed, terms)
            ),
            *repeated,
        ),
    )


def _reference_and_terms(result: HazardRatios) -> pd.DataFrame:
    """Return the terms in the summary's words, with a row for the reference."""
    import pandas as pd

    people = result.follow_up.people
    of_reference = people[people["group"] == result.reference]
    reference = {
        "term": result.reference,
        "is_group": True,
        "people": len(of_reference),
        "deaths": int(of_reference["died"].sum()),
    }
    terms = pd.concat([pd.DataFrame([reference]), result.terms], ignore_index=True)
    return pd.DataFrame(
        {
            PEOPLE: terms["people"].to_numpy(),
            DEATHS: terms["deaths"].to_numpy(),
            RATIO: terms["hazard_ratio"].to_numpy(),
            LOW: terms["low"].to_numpy(),
            HIGH: terms["high"].to_numpy(),
            P: terms["p"].to_numpy(),
            PROPORTIONALITY: terms["proportionality_p"].to_numpy(),
        },
        index=pd.Index(terms["term"].str.replace("_", " "), name="group"),
    )


def _people_of_ratios(follow_up: FollowUp, terms: list[str]) -> dict[Cell, Any]:
    """Return the people of each number but the medians: the reference comes first, then groups, then covariates.

    A ratio compares two groups, and rests on the deaths of both; it was computed from everybody.
    """
    everybody = follow_up.people
    groups = [everybody[everybody["group"] == group] for group in follow_up.groups]
    told = [*groups, *[everybody] * (len(terms) - len(groups))]
    # Cells of the same people are given one object.
    people = {id(rows): rows["participant_id"].to_numpy() for rows in told}
    people[id(everybody)] = everybody["participant_id"].to_numpy()
    dead = {id(rows): rows.loc[rows["died"], "participant_id"].to_numpy() for rows in told}
    cells: dict[Cell, Any] = {}
    for place, (term, rows) in enumerate(zip(terms, told, strict=True)):
        cells[term, PEOPLE], cells[term, DEATHS] = people[id(rows)], dead[id(rows)]
        if place == 0:
            # The reference has no ratio of its own.
            continue
        compared = (dead[id(groups[0])],) if rows is not everybody else ()
        base = resting_on(people[id(everybody)], dead[id(rows)], *compared)
        cells |= {(term, name): base for name in (RATIO, LOW, HIGH, P, PROPORTIONALITY)}
    return cells


def _people_of_medians(follow_up: FollowUp, terms: list[str]) -> dict[Cell, Any]:
    """Return the people of each group's median: the group, or those who died of whom its curve tells, where they are few."""
    cells: dict[Cell, Any] = {}
    for term, group in zip(terms, follow_up.groups, strict=False):
        curve = observed(follow_up, group)
        dead = curve.people["participant_id"].to_numpy()[curve.died]
        cells[term, MEDIAN] = resting_on(_people_of_group(follow_up, group), dead)
    return cells


def _covariate_totals(result: HazardRatios, terms: list[str]) -> Iterator[Total]:
    """Yield, for each covariate, that everybody is behind it: the sum of the groups."""
    groups = len(result.follow_up.groups)
    for covariate in terms[groups:]:
        yield Total(covariate, tuple(terms[:groups]))


def _summary_of_ratios(
    result: HazardRatios,
    table: pd.DataFrame,
    cells: dict[Cell, Any],
    *,
    title: str,
    totals: tuple[Total, ...],
) -> Summary:
    told = {(row, name): people for (row, name), people in cells.items() if name in table}
    behind = Behind.of(told, rows=result.follow_up.people, index=table.index, columns=table.columns)
    return Summary(
        title=title,
        table=table,
        people=behind.people,
        families=behind.families,
        meanings={
            name: Meaning.PEOPLE if name in (PEOPLE, DEATHS) else Meaning.STATISTIC
            for name in table
        },
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        provenance=result.provenance.then("summarise", of="HazardRatios"),
        totals=(*totals, Total(PEOPLE, (DEATHS,), "columns", complete=False)),
        notes=(f"Cox's model, Efron's ties, Wald intervals; the reference is {result.reference}.",),
        members=behind.members,
    )


# ---------------------------------------------------------------------------------------------------------------------
# Curves
# ---------------------------------------------------------------------------------------------------------------------


def plot_survival(summary: Summary) -> Figure:
    """Return survival curves with their intervals, the naive curve dashed beside each, and the numbers at risk below.

    Where fewer than five are at risk a curve is dotted.

    Raises
    ------
    ReportingError
        When the summary is not one of survival, or has more groups than can be told apart.
    """
    require_columns(
        summary,
        {AT_RISK, SURVIVAL, LOW, HIGH},
        "is not one of survival: give the summary of survival_curves.",
    )
    if len(_groups(summary)) > MOST_CURVES:
        raise ReportingError(
            f"{len(_groups(summary))} curves cannot be told apart in one figure: compare at most {MOST_CURVES} groups."
        )
    return Figure(summary, _draw_curves, _describe_curves)


def _groups(summary: Summary) -> list[Any]:
    return list(dict.fromkeys(summary.table.index.get_level_values(0)))


def _draw_curves(summary: Summary) -> Drawing:
    groups = _groups(summary)
    drawing = new_drawing(width=7.4, height=4.7 + 0.24 * len(groups))
    curves, numbers = drawing.subplots(
        2, 1, sharex=True, height_ratios=(1, 0.07 + 0.065 * len(groups))
    )
    for place, group in enumerate(groups):
        _draw_curve(curves, summary.table.loc[group], place)
    longest = float(summary.table.index.get_level_values(1).max())
    ticks = _year_ticks(longest)
    curves.set_xlim(0, longest)
    curves.set_ylim(0, 102)
    curves.set_xticks(ticks)
    curves.set_ylabel("Alive (%)")
    curves.set_xlabel("Years after the diagnosis")
    curves.tick_params(labelbottom=True)
    curves.yaxis.grid(visible=True)
    curves.set_title(summary.title)
    _legend_of_curves(curves, summary, groups)
    _write_numbers(numbers, summary, groups, ticks)
    return drawing


def _year_ticks(longest: float) -> list[float]:
    step = max(1, math.ceil(longest / 10))
    return [float(year) for year in range(0, int(longest) + 1, step)]


def _draw_curve(axes: Axes, rows: pd.DataFrame, place: int) -> None:
    colour = _COLOURS[place]
    told = rows.dropna(subset=[SURVIVAL])
    if told.empty:
        return
    years = told.index.to_numpy(float)
    axes.fill_between(
        years,
        100 * told[LOW].to_numpy(float),
        100 * told[HIGH].to_numpy(float),
        color=colour,
        alpha=0.13,
        lw=0,
    )
    # A step is drawn as resting on few when it ends where few are at risk.
    many = told[AT_RISK].fillna(0).to_numpy(float) >= FEW_AT_RISK
    last = int(many.nonzero()[0].max(initial=0)) + 1
    percent = 100 * told[SURVIVAL].to_numpy(float)
    axes.plot(years[:last], percent[:last], color=colour, lw=1.9)
    axes.plot(years[last - 1 :], percent[last - 1 :], color=colour, lw=1.6, ls=":")
    at_years = [at for at in range(last) if float(years[at]).is_integer()]
    axes.plot(
        years[at_years],
        percent[at_years],
        MARKERS[place],
        ms=5.5,
        mfc=colour,
        mec=BLACK,
        mew=0.6,
        ls="",
    )
    if IGNORED in rows:
        naive = rows.dropna(subset=[IGNORED])
        axes.plot(
            naive.index.to_numpy(float),
            100 * naive[IGNORED].to_numpy(float),
            color=colour,
            lw=1.3,
            ls=(0, (4, 2.5)),
        )


def _legend_of_curves(axes: Axes, summary: Summary, groups: list[Any]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [], [], color=_COLOURS[place], lw=1.9, marker=MARKERS[place], ms=5.5, mec=BLACK,
            mew=0.6, label=str(group),
        )
        for place, group in enumerate(groups)
    ]  # fmt: skip
    if IGNORED in summary.table:
        handles.append(
            Line2D([], [], color=QUIET, lw=1.3, ls=(0, (4, 2.5)), label="if entry were ignored")
        )
    axes.legend(handles=handles, loc="upper right")


def _write_numbers(axes: Axes, summary: Summary, groups: list[Any], ticks: list[float]) -> None:
    """Write the numbers at risk below the curve, a line for each group."""
    axes.set_ylim(len(groups) - 0.4, -0.9)
    axes.set_yticks(range(len(groups)), [str(group) for group in groups])
    axes.tick_params(bottom=False, labelbottom=False, left=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for place, group in enumerate(groups):
        for year in ticks:
            if (group, year) in summary.table.index:
                axes.text(
                    year,
                    place,
                    summary.text((group, year), AT_RISK),
                    ha="center",
                    va="center",
                    fontsize=8.5,
                )
    axes.annotate(
        "At risk",
        (0, 1),
        xycoords=("axes fraction", "axes fraction"),
        xytext=(-6, 0),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=9,
        weight="bold",
    )


def _describe_curves(summary: Summary) -> str:
    sentences = []
    for group in _groups(summary):
        rows = summary.table.loc[group]
        told = [
            f"{100 * rows.at[year, SURVIVAL]:.0f} % at {year:g} years"
            for year in rows.index
            if float(year).is_integer()
            and year > 0
            and rows.at[year, SURVIVAL] == rows.at[year, SURVIVAL]
        ]
        sentences.append(f"{group}: {', '.join(told) or 'nothing told'}")
    return f"Survival curves with numbers at risk. {'; '.join(sentences)}."


# ---------------------------------------------------------------------------------------------------------------------
# Hazard ratios
# ---------------------------------------------------------------------------------------------------------------------


def plot_hazard_ratios(summary: Summary) -> Figure:
    """Return hazard ratios as points with their intervals on a logarithmic axis.

    Raises
    ------
    ReportingError
        When the summary has no hazard ratios.
    """
    require_columns(
        summary,
        {RATIO, LOW, HIGH, DEATHS},
        "has no hazard ratios: give the summary of hazard_ratios.",
    )
    return Figure(summary, _draw_ratios, _describe_ratios)


def _draw_ratios(summary: Summary) -> Drawing:
    rows = _rows_with_ratio(summary)
    drawing = new_drawing(width=7.4, height=1.5 + 0.42 * max(len(rows), 1))
    axes = drawing.add_subplot()
    axes.axvline(1, color=QUIET, lw=0.9)
    for place, row in enumerate(rows):
        low, high, ratio = summary.table.loc[row, [LOW, HIGH, RATIO]]
        is_naive = isinstance(row, tuple) and row[0] == WITHOUT_DELAY
        if not math.isnan(ratio):
            axes.plot([low, high], [place, place], color=BLUE, lw=1.9, ls="--" if is_naive else "-")
            axes.plot(
                ratio,
                place,
                MARKERS[0],
                ms=7.5,
                mfc="white" if is_naive else BLUE,
                mec=BLUE,
                mew=1.4,
            )
        axes.annotate(
            _ratio_words(summary, row),
            (1.02, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8.5,
        )
    axes.set_xscale("log")
    axes.set_xlim(*_ratio_limits(summary))
    ticks = [
        tick
        for tick in (0.1, 0.25, 0.5, 1, 2, 4, 10)
        if axes.get_xlim()[0] <= tick <= axes.get_xlim()[1]
    ]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_yticks(
        range(len(rows)),
        ["\n".join(map(str, row)) if isinstance(row, tuple) else str(row) for row in rows],
    )
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel("Hazard ratio of death, with 95 % interval (logarithmic)")
    axes.xaxis.grid(visible=True, color=PALE)
    axes.tick_params(axis="y", length=0)
    axes.set_title(summary.title)
    return drawing


def _rows_with_ratio(summary: Summary) -> list[Any]:
    """Return the rows that have a ratio, also those where it was withheld: all but the reference."""
    reference = (
        summary.table.index[0][-1] if summary.table.index.nlevels > 1 else summary.table.index[0]
    )
    return [
        row
        for row in summary.table.index
        if (row[-1] if isinstance(row, tuple) else row) != reference
    ]


def _ratio_limits(summary: Summary) -> tuple[float, float]:
    shown = summary.table[[LOW, HIGH]].astype(float)
    lowest, highest = shown[LOW].min(), shown[HIGH].max()
    lowest = 0.5 if math.isnan(lowest) else lowest
    highest = 2.0 if math.isnan(highest) else highest
    return min(0.8 * lowest, 0.45), max(1.25 * highest, 2.2)


def _ratio_words(summary: Summary, row: Any) -> str:
    if summary.is_masked(row, RATIO):
        return summary.text(row, RATIO)
    ratio, low, high = (float(summary.table.at[row, name]) for name in (RATIO, LOW, HIGH))
    return f"{ratio:.2f} ({low:.2f}–{high:.2f})"


def _describe_ratios(summary: Summary) -> str:
    told = [
        f"{', '.join(map(str, row)) if isinstance(row, tuple) else row}: {_ratio_words(summary, row)}"
        for row in _rows_with_ratio(summary)
    ]
    return f"{summary.title}. {'; '.join(told)}."
