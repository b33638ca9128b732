"""How resistance is said: by drug, by how much of the treatment is lost, and beside the tests in culture."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from domains.infectious_disease.culture_agreement import MEASURES, CultureAgreement
from domains.infectious_disease.resistance_prediction import (
    Prediction,
    ResistancePrediction,
    ResistanceProfile,
)
from gecip.errors import AnalysisError
from gecip.reporting import (
    Figure,
    Listing,
    Meaning,
    Rate,
    Summary,
    Total,
    count_people,
    list_rows,
    summarise,
)
from gecip.reporting.bars import draw_bars
from gecip.reporting.behind import Behind, resting_on
from gecip.reporting.figure import require_columns
from gecip.reporting.members import Cell
from gecip.reporting.style import (
    BLACK,
    QUIET,
    look_of_series,
    new_drawing,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

PEOPLE, CALLED, RESISTANT, RATE = "people", "called", "resistant", "share resistant"
RIGHT, AMONG, SHARE, LOW, HIGH = "right", "among", "share", "95 % from", "95 % to"


@summarise.register(ResistancePrediction)
def summarise_resistance(result: ResistancePrediction) -> Summary:
    """Return for each drug how many people have an isolate that resists it, among those who could be judged.

    Raises
    ------
    AnalysisError
        When a participant has several isolates: a person counts once.
    """
    import pandas as pd

    _check_one_each(result.isolates.isolates)
    rows = result.rows
    kinds = {
        PEOPLE: rows.index == rows.index,
        CALLED: rows["prediction"] != Prediction.NOT_CALLED,
        RESISTANT: rows["prediction"] == Prediction.RESISTANT,
        "uncertain": rows["prediction"] == Prediction.UNCERTAIN,
        "susceptible": rows["prediction"] == Prediction.SUSCEPTIBLE,
    }
    drugs = pd.Index(result.drugs, name="drug")
    behind = Behind.of(
        {
            (drug, name): people.to_numpy()
            for name, chosen in kinds.items()
            for drug, people in rows[chosen].groupby("drug", observed=True)["participant_id"]
        },
        rows=result.isolates.isolates,
        index=drugs,
        columns=kinds,
    )
    taken_back = int((rows["taken_back"] != "").groupby(rows["isolate"]).any().sum())
    notes = [f"Graded by {result.catalogue.source}."]
    if taken_back:
        notes.append("Resistance that a second loss takes back counts as susceptible.")
    return Summary(
        title="People whose tuberculosis resists a drug, as their isolate's genome says",
        table=behind.people,
        people=behind.people,
        families=behind.families,
        meanings=dict.fromkeys(kinds, Meaning.PEOPLE),
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        members=behind.members,
        provenance=result.provenance.then("summarise", of="ResistancePrediction"),
        totals=(
            Total(PEOPLE, (CALLED,), "columns", complete=False),
            Total(CALLED, (RESISTANT, "uncertain", "susceptible"), "columns"),
            # The same people are looked at for every drug.
            *(Total(drug, (drugs[0],), only=(PEOPLE,)) for drug in drugs[1:]),
        ),
        notes=tuple(notes),
    ).with_rate(RATE, of=RESISTANT, among=CALLED)


def summarise_profiles(result: ResistancePrediction) -> Summary:
    """Return how many people have lost how much of the treatment, in the WHO's definitions of 2021."""
    _check_one_each(result.isolates.isolates)
    return count_people(
        result.profiles,
        by="profile",
        title="People by how much of the treatment is lost",
        phenotypic=True,
        categories={"profile": [profile.value for profile in ResistanceProfile]},
        provenance=result.provenance,
    )


@list_rows.register(ResistancePrediction)
def list_resistance(result: ResistancePrediction) -> Listing:
    """Return every drug that fails or is uncertain against an isolate, and what says so."""
    rows = result.rows
    telling = rows[
        rows["prediction"].isin([Prediction.RESISTANT, Prediction.NOT_CALLED])
        | (rows["taken_back"] != "")
    ]
    profiles = result.profiles.set_index("isolate")["profile"]
    return Listing(
        title=f"Drugs that fail against {len(result.isolates):,} isolates",
        rows=telling.assign(profile=telling["isolate"].map(profiles))[
            ["isolate", "profile", "drug", "prediction", "variants", "taken_back"]
        ].sort_values(["isolate", "drug"]),
        provenance=result.provenance.then("list_rows", of="ResistancePrediction"),
    )


@summarise.register(CultureAgreement)
def summarise_agreement(result: CultureAgreement) -> Summary:
    """Return sensitivity, specificity and positive predictive value for each drug, with Wilson intervals.

    Raises
    ------
    AnalysisError
        When a participant has several isolates: a person counts once.
    """
    _check_one_each(result.rows.drop_duplicates("isolate"))
    measures = result.measures
    table = measures.set_axis([RIGHT, AMONG, SHARE, LOW, HIGH], axis="columns")
    table = table.astype({RIGHT: int, AMONG: int})
    cells: dict[Cell, Any] = {}
    for drug, measure in itertools.product(result.drugs, MEASURES):
        ours = result.rows[result.rows["drug"] == drug].set_index("outcome")["participant_id"]
        right, wrong = (
            ours[ours.index == outcome].to_numpy() for outcome in (measure.right, measure.wrong)
        )
        among = np.concatenate([right, wrong])
        # An interval tells of the smaller part of its base: where few are right, or wrong, it is theirs.
        interval = resting_on(among, right, wrong)
        row = (drug, measure.name)
        cells |= {
            (row, name): people
            for name, people in (
                (RIGHT, right),
                (AMONG, among),
                (SHARE, among),
                (LOW, interval),
                (HIGH, interval),
            )
        }
    behind = Behind.of(cells, rows=result.rows, index=table.index, columns=table.columns)
    set_aside = int(result.set_aside.sum())
    return Summary(
        title="Resistance as the genome says, beside culture",
        table=table,
        people=behind.people,
        families=behind.families,
        meanings={
            RIGHT: Meaning.PEOPLE,
            AMONG: Meaning.PEOPLE,
            SHARE: Meaning.RATE,
            LOW: Meaning.STATISTIC,
            HIGH: Meaning.STATISTIC,
        },
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        members=behind.members,
        provenance=result.provenance.then("summarise", of="CultureAgreement"),
        rates={SHARE: Rate(RIGHT, AMONG)},
        totals=(
            Total(AMONG, (RIGHT,), "columns", complete=False),
            # Both rest on the same people: found, and resistant in culture.
            *(
                Total((drug, MEASURES[2].name), ((drug, MEASURES[0].name),), only=(RIGHT,))
                for drug in result.drugs
            ),
        ),
        notes=(
            f"Tests of the category {result.category}.",
            *(
                ("Isolates with a gap where a resistance is known are left out, drug by drug.",)
                if set_aside
                else ()
            ),
        ),
    )


def plot_resistance(summary: Summary) -> Figure:
    """Return how many people's tuberculosis resists each drug, as bars, the most frequent on top.

    Raises
    ------
    ReportingError
        When the summary is not one of predicted resistance.
    """
    require_columns(
        summary,
        {PEOPLE, CALLED, RESISTANT, RATE},
        "does not count resistance by drug: give the summary of predict_resistance.",
    )
    return Figure(summary, _draw_resistance, _describe_resistance)


def plot_agreement(summary: Summary) -> Figure:
    """Return sensitivity, specificity and predictive value as points with their intervals, a panel each.

    Raises
    ------
    ReportingError
        When the summary is not one of agreement with culture.
    """
    require_columns(
        summary,
        {RIGHT, AMONG, SHARE, LOW, HIGH},
        "does not compare with culture: give the summary of compare_with_culture.",
    )
    return Figure(summary, _draw_agreement, _describe_agreement)


def _check_one_each(isolates: pd.DataFrame) -> None:
    if isolates["participant_id"].duplicated().any():
        raise AnalysisError(
            "Some people have several isolates and would be counted several times: take "
            "isolates.first_of_each_participant() before predicting."
        )


# ---------------------------------------------------------------------------------------------------------------------
# Drawing
# ---------------------------------------------------------------------------------------------------------------------


def _draw_resistance(summary: Summary) -> Drawing:
    counts = summary.table[RESISTANT].astype(float).fillna(0)
    return draw_bars(
        summary,
        RESISTANT,
        rows=list(counts.sort_values(ascending=False, kind="stable").index),
        axis="People with a resistant isolate, of those who could be judged",
        among=CALLED,
    )


def _describe_resistance(summary: Summary) -> str:
    counts = summary.table[RESISTANT].astype(float).fillna(0).sort_values(ascending=False)
    told = ", ".join(
        f"{drug} {summary.text(drug, RESISTANT)} of {summary.text(drug, CALLED)}"
        for drug in counts.index[:5]
    )
    return f"Horizontal bars: {summary.title[:1].lower()}{summary.title[1:]}. Highest: {told}."


def _draw_agreement(summary: Summary) -> Drawing:
    drugs = list(dict.fromkeys(summary.table.index.get_level_values(0)))
    names = [measure.name for measure in MEASURES]
    drawing = new_drawing(width=9.6, height=1.5 + 0.42 * len(drugs))
    panels = drawing.subplots(1, len(names), sharey=True)
    for at, (axes, name) in enumerate(zip(panels, names, strict=True)):
        for place, drug in enumerate(drugs):
            _draw_interval(axes, summary, (drug, name), place, at)
        axes.set_title(name[:1].upper() + name[1:])
        axes.set_xlim(0, 103)
        axes.set_xlabel("% with 95 % Wilson interval")
        axes.xaxis.grid(visible=True)
        axes.tick_params(axis="y", length=0)
    panels[0].set_yticks(range(len(drugs)), drugs)
    panels[0].set_ylim(len(drugs) - 0.4, -0.7)
    drawing.suptitle(summary.title, x=0.01, ha="left", weight="bold", size=12)
    return drawing


def _draw_interval(axes: Axes, summary: Summary, row: Any, place: int, at: int) -> None:
    values = summary.table.loc[row]
    marks = None if summary.marks is None else summary.marks.cells.loc[row]
    told = {name: marks is None or not marks[name] for name in (SHARE, LOW, HIGH)}
    look = look_of_series(at)
    if told[LOW] and told[HIGH] and values[[LOW, HIGH]].notna().all():
        axes.plot(
            [100 * values[LOW], 100 * values[HIGH]], [place, place], color=look.colour, lw=1.8
        )
    if told[SHARE] and values.notna()[SHARE]:
        axes.plot(
            100 * values[SHARE], place, look.marker, ms=7, mfc=look.colour, mec=BLACK, mew=0.7
        )
    axes.annotate(
        f"{summary.text(row, RIGHT)} of {summary.text(row, AMONG)}",
        (2, place),
        xytext=(0, 8),
        textcoords="offset points",
        va="center",
        fontsize=8,
        color=BLACK if told[SHARE] else QUIET,
    )


def _describe_agreement(summary: Summary) -> str:
    told = [
        f"{drug} {name} {summary.text((drug, name), SHARE)}"
        for drug, name in summary.table.index
        if name == MEASURES[0].name
    ]
    return f"Points with intervals, a panel for each measure. {summary.title}: {'; '.join(told)}."
