"""Return a finding: the row that a researcher sends in, and the request that reaches the clinician through the programme.

A researcher never writes to a clinician or a family: contact goes through the programme only, which has
its reviewers look at the finding first (Research Environment user guide). What is made here stays inside.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from domains.rare_disease.assessed_variants import AssessedVariants, Source, assessed_variants
from gecip.analysis.result import Result
from gecip.cohort.clinical_columns import clinical_columns
from gecip.cohort.selection import Cohort
from gecip.errors import AnalysisError
from gecip.model.genomes import BUILDS
from gecip.model.interpretation import DISCOVERY_ZYGOSITIES, SubmittedDiagnosticDiscovery
from gecip.model.variant import Variant, parse_variant

if TYPE_CHECKING:
    import pandas as pd

_PLEASE = (
    "Please look at whether this explains the participant's disease, have it confirmed in an accredited laboratory "
    "before anything is told to the family, and answer to the programme."
)
_TOGETHER = "compound heterozygous"


@dataclass(frozen=True, repr=False, eq=False)
class ReturnedFinding(Result):
    """A finding ready to be handed in: row level, so that it is looked at and handed over inside only.

    Attributes
    ----------
    rows
        One row for each variant, in the columns that `submitted_diagnostic_discovery` has in this release.
    request
        The request to the recruiting clinician, for the programme to pass on; it names nobody but by the
        programme's own number.
    assessed
        What was on record of these variants in this person before.
    """

    rows: pd.DataFrame
    request: str
    assessed: AssessedVariants

    def __repr__(self) -> str:
        return f"ReturnedFinding(variants={len(self.rows)}, assessed_before={not self.assessed.rows.empty})"


def return_finding(
    cohort: Cohort,
    participant_id: int,
    *,
    gene: str,
    variants: Sequence[str | Variant],
    zygosity: str | None,
    because: str,
    reporting_date: datetime.date,
    assembly: str = "GRCh38",
) -> ReturnedFinding:
    """Return the row and the request by which a diagnosis is sent in, with what is on record of it already.

    Nothing is sent: the row goes into the programme's form, and the programme asks the clinician. That the
    person carries the variants is not looked up here; show it first, with the reads.

    Parameters
    ----------
    cohort
        Must hold the person, so that only the consenting are written about.
    participant_id
        Whose disease is explained: the proband.
    gene
        Symbol of the gene.
    variants
        One, or those that explain the disease together, as `["chr16:2088000:C:T"]`.
    zygosity
        Of `DISCOVERY_ZYGOSITIES`; `None` for a man's one X, for which the table has no word.
    because
        Why the variants explain the disease, in a sentence; it becomes the row's notes.
    reporting_date
        Day on which it is sent in.
    assembly
        On which the variants lie.

    Raises
    ------
    AnalysisError
        When the person is not in the cohort, the zygosity has no such word or does not go with the number
        of variants, no reason is given, or the release knows no such table.
    DefinitionError
        When a variant is not named as one.
    """
    named = [one if isinstance(one, Variant) else parse_variant(one) for one in variants]
    finding = _Finding(
        participant_id,
        gene,
        tuple(dict.fromkeys(variant.trimmed for variant in named)),
        zygosity,
        because.strip(),
        assembly,
    )
    _check(cohort, finding)
    assessed = _before(cohort, finding)
    return ReturnedFinding(
        provenance=cohort.provenance.then(
            "return_finding",
            variants=len(finding.variants),
            reporting_date=reporting_date.isoformat(),
        ),
        rows=_rows(cohort, finding, reporting_date),
        request=_request(cohort, finding, assessed),
        assessed=assessed,
    )


class _Finding(NamedTuple):
    participant_id: int
    gene: str
    variants: tuple[Variant, ...]
    zygosity: str | None
    because: str
    assembly: str


def _check(cohort: Cohort, finding: _Finding) -> None:
    if finding.participant_id not in set(cohort.participants):
        raise AnalysisError(
            f"That participant is not in the cohort {cohort.definition.title!r}, or does not consent to research: "
            "findings are returned of people in the cohort only."
        )
    if not finding.variants:
        raise AnalysisError("A finding needs at least one variant: name it in variants=.")
    if finding.zygosity is not None and finding.zygosity not in DISCOVERY_ZYGOSITIES:
        raise AnalysisError(
            f"zygosity={finding.zygosity!r} has no word in submitted_diagnostic_discovery: write one of "
            f"{', '.join(map(repr, DISCOVERY_ZYGOSITIES))}, or None for a man's one X."
        )
    if (finding.zygosity == _TOGETHER) != (len(finding.variants) > 1):
        raise AnalysisError(
            f"{len(finding.variants)} variant(s) and zygosity={finding.zygosity!r} do not go together: two variants that "
            "explain a disease together are compound heterozygous, one alone is not."
        )
    if finding.assembly not in BUILDS:
        raise AnalysisError(
            f"assembly={finding.assembly!r} is none of {' and '.join(BUILDS)}: name one of them."
        )
    if not finding.because:
        raise AnalysisError(
            "because= is empty: say in a sentence why the variants explain the disease."
        )


def _rows(cohort: Cohort, finding: _Finding, reporting_date: datetime.date) -> pd.DataFrame:
    import pandas as pd

    table, release = SubmittedDiagnosticDiscovery, cohort.release
    if not release.edition.has(table):
        raise AnalysisError(
            f"Release {release.name} is of version {release.version}, and the table {table.name} exists since "
            f"{table.since} only: select the cohort on a newer release."
        )
    cells: dict[str, Any] = {
        "participant_id": finding.participant_id,
        "gene_of_interest": finding.gene,
        "genome_build": finding.assembly,
        "reporting_date": pd.Timestamp(reporting_date),
        "notes": finding.because,
        "group": "group_1" if len(finding.variants) > 1 else None,
        "Zygosity": finding.zygosity,
    }
    rows = pd.DataFrame(
        [
            cells | {"variant_of_interest": str(variant).removeprefix("chr")}
            for variant in finding.variants
        ]
    )
    columns = {
        column.name: release.edition.name_of(column)
        for column in table.known_columns.values()
        if release.edition.has(column)
    }
    return rows[list(columns)].rename(columns=columns)


def _before(cohort: Cohort, finding: _Finding) -> AssessedVariants:
    found = assessed_variants(cohort, finding.variants, assembly=finding.assembly)
    mine = found.rows[found.rows["participant_id"] == finding.participant_id]
    return replace(found, rows=mine.reset_index(drop=True))


def _request(cohort: Cohort, finding: _Finding, assessed: AssessedVariants) -> str:
    """Return the text that the programme passes on."""
    groups = clinical_columns(cohort).set_index("participant_id")["disease_group"]
    disease = groups.get(finding.participant_id)
    variants = " and ".join(map(str, finding.variants))
    lines = [
        "To the recruiting clinician, through the programme",
        "",
        f"Participant: {finding.participant_id}",
        f"Recruited for: {disease if isinstance(disease, str) else 'not recorded'}",
        f"Gene: {finding.gene}",
        f"Variants: {variants} ({finding.assembly}), {finding.zygosity or 'hemizygous'}",
        f"Why: {finding.because}",
        f"On record: {_on_record(assessed)}",
        "",
        _PLEASE,
    ]
    if Source.QUESTIONNAIRE.value in set(assessed.rows["source"]):
        lines.append("Your centre has reported this before: perhaps nothing is left to be done.")
    return "\n".join(lines)


def _on_record(assessed: AssessedVariants) -> str:
    if assessed.rows.empty:
        return "neither tiering, Exomiser, a centre nor a researcher has told of it in this participant"
    told = (f"{row.source}: {row.verdict}" for row in assessed.rows.itertuples())
    return "; ".join(dict.fromkeys(told))
