"""Diagnostic yield in the shape in which the programme's pilot was published, beside its figures.

The pilot: 4,660 participants of 2,183 families with 161 disorders (NEJM 2021;385:1868; PMC7613219, abstract).
Figures by family structure are not in its public text, so that their cells stay empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.clinical.diagnostic_yield import DiagnosticYield, diagnostic_yield
from gecip.analysis.result import Result
from gecip.model.rare_disease_clinic import RareDiseasesParticipantDisease
from gecip.reporting import Summary, summarise
from gecip.reporting.behind import Behind
from gecip.reporting.members import Cell
from gecip.reporting.shares import ShareColumns
from gecip.reporting.summary import Meaning, Rate, Total
from gecip.reporting.yield_report import DIAGNOSED, HIGH, LOW, PROBANDS, YIELD

if TYPE_CHECKING:
    import pandas as pd

    from gecip.cohort import Cohort

ALL = "All probands"
HIGHEST = "Intellectual disability, hearing or vision"
OTHER = "Other disorders"
LARGER = "Trios and larger families"
SMALLER = "Singletons and duos"
PILOT = "published of the pilot"

# What the abstract tells; "likely monogenic" and "likely complex" (35 % and 11 %) were sorted by experts
# disorder by disorder, which no table of a release repeats.
PUBLISHED = {
    ALL: "25 %",
    HIGHEST: "40 to 55 %",
    OTHER: "not told",
    LARGER: "highest, no figure",
    SMALLER: "not told",
}
# Which of the programme's groups these disorders are; an assumption, after the groups' names.
_GROUPS = ("Hearing and ear disorders", "Ophthalmological disorders")
_DISEASE = "intellectual disability"
# Both parents, or more members than a family of two.
_LARGER_STRUCTURES = ("Trio", "Families with more than three")


@dataclass(frozen=True, repr=False, eq=False)
class PilotComparison(Result):
    """Probands with a diagnosis or without, in the pilot's groups; `probands` as in `DiagnosticYield`.

    Its further columns `is_highest` and `is_larger` tell the pilot's group of disorders and of families.
    """

    probands: pd.DataFrame

    def __repr__(self) -> str:
        return f"PilotComparison(probands={len(self.probands):,}, diagnosed={int(self.probands['diagnosed'].sum()):,})"


def compare_with_pilot(cohort: Cohort) -> PilotComparison:
    """Return the diagnostic yield of a cohort's probands in the groups of which the pilot's abstract tells.

    Raises
    ------
    AnalysisError
        As `diagnostic_yield` does.
    """
    found: DiagnosticYield = diagnostic_yield(cohort, by="family_structure")
    table = RareDiseasesParticipantDisease
    probands = found.probands
    intellectual = set()
    if table.name in cohort.release.tables:
        diseases = cohort.rows(table, ["normalised_specific_disease"])
        named = diseases["normalised_specific_disease"].str.lower().eq(_DISEASE)
        intellectual = set(diseases["participant_id"][named])
    return PilotComparison(
        provenance=found.provenance.then("compare_with_pilot"),
        probands=probands.assign(
            is_highest=probands["disease_group"].isin(_GROUPS)
            | probands["participant_id"].isin(intellectual),
            is_larger=probands["family_structure"].str.startswith(_LARGER_STRUCTURES),
        ),
    )


@summarise.register
def summarise_pilot_comparison(result: PilotComparison) -> Summary:
    """Return yield with Wilson's interval for all, for two groups of disorders and two of families, and the pilot's word."""
    import pandas as pd

    probands = result.probands
    groups = {
        ALL: probands,
        HIGHEST: probands[probands["is_highest"]],
        OTHER: probands[~probands["is_highest"]],
        LARGER: probands[probands["is_larger"]],
        SMALLER: probands[~probands["is_larger"]],
    }
    groups = {name: rows for name, rows in groups.items() if len(rows)}
    columns = ShareColumns(DIAGNOSED, PROBANDS, YIELD, LOW, HIGH)
    table = columns.table(
        [int(rows["diagnosed"].sum()) for rows in groups.values()],
        [len(rows) for rows in groups.values()],
        index=pd.Index(list(groups), name="group"),
    )[[PROBANDS, DIAGNOSED, YIELD, LOW, HIGH]]
    cells: dict[Cell, Any] = {}
    for name, rows in groups.items():
        everybody = rows["participant_id"].to_numpy()
        diagnosed = everybody[rows["diagnosed"].to_numpy(dtype=bool)]
        cells[name, PROBANDS] = everybody
        cells |= {(name, column): diagnosed for column in (DIAGNOSED, YIELD, LOW, HIGH)}
    behind = Behind.of(cells, rows=probands, index=table.index, columns=[*table, PILOT])
    parts = ((HIGHEST, OTHER), (LARGER, SMALLER))
    return Summary(
        title="Diagnostic yield beside the programme's pilot",
        table=table.assign(**{PILOT: [PUBLISHED[name] for name in groups]}),
        people=behind.people,
        families=behind.families,
        meanings={**columns.meanings, PILOT: Meaning.DESCRIPTION},
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        members=behind.members,
        provenance=result.provenance.then("summarise", of="PilotComparison"),
        rates={YIELD: Rate(DIAGNOSED, PROBANDS)},
        rests_on=columns.rests_on,
        totals=(
            *(
                Total(ALL, tuple(name for name in pair if name in groups))
                for pair in parts
                if any(name in groups for name in pair)
            ),
            Total(PROBANDS, (DIAGNOSED,), "columns", complete=False),
        ),
        notes=("The pilot: 2,183 families, NEJM 2021;385:1868, as far as its abstract tells.",),
    )
