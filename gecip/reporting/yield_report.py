"""How diagnostic yield is said: by group with Wilson intervals, and as points with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gecip.analysis.clinical.diagnostic_yield import DiagnosticYield
from gecip.reporting.figure import Figure, require_columns
from gecip.reporting.members import Members
from gecip.reporting.products import summarise
from gecip.reporting.shares import ShareColumns, describe_shares, draw_shares
from gecip.reporting.summary import Rate, Summary, Total

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

PROBANDS, DIAGNOSED, YIELD, LOW, HIGH = "probands", "diagnosed", "yield", "95 % from", "95 % to"
EVERYONE = "All"
_COLUMNS = ShareColumns(DIAGNOSED, PROBANDS, YIELD, LOW, HIGH)


@summarise.register(DiagnosticYield)
def summarise_yield(result: DiagnosticYield) -> Summary:
    """Return probands, diagnosed probands and yield with its Wilson interval, a row for each group and one for all."""
    import pandas as pd

    grouped = result.probands.groupby(result.by, sort=True)["diagnosed"].agg(["size", "sum"])
    grouped = grouped.sort_values("size", ascending=False, kind="stable")
    counts = [(str(group), int(row["size"]), int(row["sum"])) for group, row in grouped.iterrows()]
    counts.append((EVERYONE, len(result.probands), int(result.probands["diagnosed"].sum())))
    table = _COLUMNS.table(
        [diagnosed for _, _, diagnosed in counts],
        [probands for _, probands, _ in counts],
        index=pd.Index([group for group, _, _ in counts], name=result.by),
    )[[PROBANDS, DIAGNOSED, YIELD, LOW, HIGH]]
    # One proband stands for one family, so that both counts are the same; the rates rest on the diagnosed.
    behind = table.assign(**dict.fromkeys((YIELD, LOW, HIGH), table[DIAGNOSED]))
    reported = int(result.probands["reported"].sum())
    return Summary(
        title=f"Diagnostic yield by {result.by.replace('_', ' ')}",
        table=table,
        people=behind.astype(int),
        families=behind.astype(int),
        meanings=_COLUMNS.meanings,
        phenotypic=True,
        n_people=len(result.probands),
        n_families=int(result.probands["family_id"].nunique()),
        provenance=result.provenance.then("summarise", of="DiagnosticYield"),
        rates={YIELD: Rate(DIAGNOSED, PROBANDS)},
        members=_members(result),
        rests_on=_COLUMNS.rests_on,
        totals=(
            Total(EVERYONE, tuple(str(group) for group in grouped.index)),
            Total(PROBANDS, (DIAGNOSED,), "columns", complete=False),
        ),
        notes=(
            f"Questionnaires came back for {reported / max(len(result.probands), 1):.0%} of the probands.",
        ),
    )


def _members(result: DiagnosticYield) -> Members:
    """Return the probands behind each count, and the diagnosed ones behind each rate."""
    groups = [*result.probands.groupby(result.by, sort=True), (EVERYONE, result.probands)]
    cells: dict[Any, Any] = {}
    for group, probands in groups:
        everybody = probands["participant_id"].to_numpy()
        diagnosed = probands.loc[probands["diagnosed"].astype(bool), "participant_id"].to_numpy()
        cells[str(group), PROBANDS] = everybody
        for column in (DIAGNOSED, YIELD, LOW, HIGH):
            cells[str(group), column] = diagnosed
    return Members.of(cells, result.probands["participant_id"].to_numpy())


def plot_yield(summary: Summary) -> Figure:
    """Return yield by group as points with their intervals, the largest group on top.

    Raises
    ------
    ReportingError
        When the summary is not one of diagnostic yield.
    """
    require_columns(
        summary,
        _COLUMNS.all,
        "is not one of diagnostic yield: give the summary of diagnostic_yield.",
    )
    return Figure(summary, _draw, _describe)


def _draw(summary: Summary) -> Drawing:
    return draw_shares(
        summary,
        _COLUMNS,
        axis="Probands with a diagnosis (%), with 95 % Wilson interval",
        whole=EVERYONE,
    )


def _describe(summary: Summary) -> str:
    return describe_shares(summary, _COLUMNS)
