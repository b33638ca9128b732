"""Diagnostic yield: in how many families a diagnosis was made, by disease group or family structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gecip.analysis.result import Result
from gecip.cohort.clinical_columns import clinical_columns
from gecip.cohort.selection import Cohort
from gecip.errors import AnalysisError
from gecip.model.interpretation import GmcExitQuestionnaire
from gecip.model.people import Participant, RareDiseasesFamily

if TYPE_CHECKING:
    import pandas as pd

Grouping = Literal["disease_group", "family_structure"]
NOT_RECORDED = "Not recorded"

# The programme's own statistics count "yes or partially" as solved (aggV2 summary statistics).
SOLVED = ("yes", "partially")


@dataclass(frozen=True, repr=False, eq=False)
class DiagnosticYield(Result):
    """One row for each proband: `participant_id, family_id, disease_group, family_structure, reported, diagnosed`.

    `reported` tells whether an exit questionnaire came back, `diagnosed` whether it says that the case
    was solved, at least partially. `by` is the column by which yield is told.
    """

    probands: pd.DataFrame
    by: Grouping

    def __repr__(self) -> str:
        return f"DiagnosticYield(probands={len(self.probands):,}, diagnosed={int(self.probands['diagnosed'].sum()):,}, by={self.by!r})"


def diagnostic_yield(cohort: Cohort, *, by: Grouping = "disease_group") -> DiagnosticYield:
    """Return which probands of a cohort have a diagnosis, after the exit questionnaires of their centres.

    A family counts once, through its proband. Whoever has no questionnaire yet counts as not diagnosed:
    yield is a share of everyone recruited, as in the pilot's report (NEJM 2021;385:1868). Several
    questionnaires of a family count as one; one that solves the case decides.

    Parameters
    ----------
    cohort
        Relatives in it are left out.
    by
        `"disease_group"`, or `"family_structure"` by the family's recruited members.

    Raises
    ------
    AnalysisError
        When the release has no exit questionnaires, or the cohort has no probands.
    """
    release = cohort.release
    for table in (GmcExitQuestionnaire, RareDiseasesFamily):
        if table.name not in release.tables:
            raise AnalysisError(
                f"Diagnostic yield needs the table {table.name}, which release {release.name} does not have: "
                "use a release that has it."
            )
    people = clinical_columns(cohort)
    probands = people[(people["participant_type"] == "Proband") & people["family_id"].notna()]
    if probands.empty:
        raise AnalysisError(
            f"The cohort {cohort.definition.title!r} has no probands of rare-disease families: "
            "widen its definition; cohort.attrition shows where people were lost."
        )
    reports = cohort.rows(GmcExitQuestionnaire, ["case_solved_family"]).dropna(
        subset=["case_solved_family"]
    )
    solved = reports[reports["case_solved_family"].str.lower().isin(SOLVED)]["participant_id"]
    structures = release.read(RareDiseasesFamily, ["rare_diseases_family_id", "family_group_type"])
    structure_of = dict(zip(structures.iloc[:, 0], structures.iloc[:, 1], strict=True))
    rows = probands[["participant_id", "family_id", "disease_group"]].assign(
        family_structure=probands["family_id"].map(structure_of).fillna(NOT_RECORDED),
        disease_group=probands["disease_group"].fillna(NOT_RECORDED),
        reported=probands["participant_id"].isin(reports["participant_id"]),
        diagnosed=probands["participant_id"].isin(solved),
    )
    return DiagnosticYield(
        provenance=cohort.provenance.then(
            "diagnostic_yield", by=by, solved=list(SOLVED), source=Participant.name
        ),
        probands=rows.reset_index(drop=True),
        by=by,
    )


def wilson_interval(successes: int, trials: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval of a proportion (JASA 1927;22:209), which holds also for few trials and for none or all.

    Without trials nothing is known: the interval is 0 to 1.
    """
    from statsmodels.stats.proportion import proportion_confint

    if trials == 0:
        return (0.0, 1.0)
    low, high = proportion_confint(successes, trials, alpha=1 - level, method="wilson")
    # With none or all of the trials the bound is 0 or 1 exactly, but for the last digit of the arithmetic.
    return (0.0 if successes == 0 else float(low), 1.0 if successes == trials else float(high))
