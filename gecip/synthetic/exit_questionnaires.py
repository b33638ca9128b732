"""Exit questionnaires: which families have a diagnosis, as the centres reported it.

A family in whom a diagnosis was planted is reported as solved, now and then only in part; of the
others many are reported as unsolved, and for the rest no questionnaire has come back yet.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gecip.model.interpretation import GmcExitQuestionnaire
from gecip.model.table import Table
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.casting import TRUTHS
from gecip.synthetic.clinical_rows import Programme, frame_of
from gecip.synthetic.consenting import Consent
from gecip.synthetic.interpretations import (
    interpretation_cohort,
    interpreted_twice,
    request_number,
)
from gecip.synthetic.planting import Planted
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import Role

if TYPE_CHECKING:
    import pandas as pd

# Of the planted diagnoses, how many a centre reports as solving the case in part only; and of the
# families without one, how many have a questionnaire that says so. Assumptions.
SHARE_PARTIAL = 0.08
SHARE_REPORTED_UNSOLVED = 0.6
SHARE_UNKNOWN = 0.1
SHARE_PATHOGENIC = 0.45
_CLASSES = ("pathogenic_variant", "likely_pathogenic_variant")
# Genes whose place overlaps that of a disease gene (NCBI Gene, GRCh38). The real column names all that the
# variant overlaps; that it names all that the gene does is an assumption.
OVERLAPPING: Mapping[str, tuple[str, ...]] = {
    "ATM": ("C11orf65",),
    "CEP290": ("RLIG1",),
    "EFTUD2": ("HIGD1B",),
    "HNF1A": ("C12orf43",),
    "NF1": ("EVI2A", "EVI2B", "OMG"),
    "NPHS1": ("KIRREL2",),
    "NPHS2": ("AXDND1",),
    "PAH": ("ASCL1",),
    "PKD1": ("TSC2",),
    "SPG11": ("EIF3J",),
    "STXBP1": ("PTRH1",),
    "SYNGAP1": ("ZBTB9",),
}


@dataclass(frozen=True)
class ExitQuestionnaires:
    """The rows of the exit questionnaire, and how many diagnoses they tell of."""

    rows: Mapping[type[Table], pd.DataFrame]
    answers: tuple[Answer, ...]


def draw_exit_questionnaires(
    programme: Programme, planted: Sequence[Planted]
) -> ExitQuestionnaires:
    """Return one row for each variant of a solved family's report, and one for each report without any."""
    stream = programme.stream(GmcExitQuestionnaire)
    classed = random_stream(programme.seed, f"tables/{GmcExitQuestionnaire.name}/classes")
    variants: dict[int, list[str]] = {}
    genes: dict[int, str] = {}
    for planting in planted:
        if planting.part in TRUTHS and not planting.companion:
            variants.setdefault(planting.family, []).append(planting.site.name)
            genes[planting.family] = planting.gene.symbol
    shown = set(programme.in_tables.tolist())
    families = programme.recruits.families
    again = interpreted_twice(programme)
    rows: list[dict[str, Any]] = []
    diagnosed = probands = 0
    for family in range(len(families)):
        person = programme.recruits.place(family, Role.PROBAND)
        chance, day = stream.random(), int(stream.integers(200, 900))
        if person not in shown:
            continue
        solved = _solved(chance, is_planted=family in variants)
        consents = programme.consents[person] is Consent.GIVEN
        probands += consents
        diagnosed += consents and solved in ("yes", "partially")
        if solved is None:
            continue
        report = {
            "participant_id": int(programme.recruits.people.number[person]),
            "family_id": int(families.number[family]),
            "interpretation_cohort_id": interpretation_cohort(int(families.number[family])),
            # The latest report is that of the latest request.
            "interpretation_request_id": request_number(
                int(families.number[family]), 1 + int(again[family])
            ),
            "event_date": programme.dates.registration[person] + np.timedelta64(day, "D"),
            "case_solved_family": solved,
            "assembly": "GRCh38",
        }
        found = variants.get(family, [])
        classes = np.where(classed.random(len(found)) < SHARE_PATHOGENIC, *_CLASSES).tolist()
        rows += [
            report | _of_variant(name, genes[family]) | {"acmg_classification": its_class}
            for name, its_class in zip(found, classes, strict=True)
        ] or [report]
    frame = {name: [row.get(name) for row in rows] for name in GmcExitQuestionnaire.columns}
    frame["event_date"] = [_as_date(value) for value in frame["event_date"]]
    return ExitQuestionnaires(
        rows={GmcExitQuestionnaire: frame_of(GmcExitQuestionnaire, frame)},
        answers=(
            Answer(
                kind="diagnostic_yield",
                domain="rare_disease",
                expected={"probands": int(probands), "diagnosed": int(diagnosed)},
            ),
            Answer(
                kind="semicolon_gene_names",
                domain="release",
                expected={
                    "rows": len(rows),
                    "of_variants": sum("gene_name" in row for row in rows),
                    "with_semicolon": sum(";" in row.get("gene_name", "") for row in rows),
                },
            ),
        ),
    )


def _solved(chance: float, *, is_planted: bool) -> str | None:
    if is_planted:
        return "partially" if chance < SHARE_PARTIAL else "yes"
    if chance < SHARE_UNKNOWN:
        return "unknown"
    return "no" if chance < SHARE_UNKNOWN + SHARE_REPORTED_UNSOLVED else None


def _of_variant(name: str, gene: str) -> dict[str, Any]:
    contig, position, reference, alternate = name.split(":")
    return {
        "segregation_question": "yes",
        "actionability": "yes",
        "reporting_question": "yes",
        "variant_group": 1,
        "chromosome": contig.removeprefix("chr"),
        "position": int(position),
        "reference": reference,
        "alternate": alternate,
        "gene_name": ";".join((gene, *OVERLAPPING.get(gene, ()))),
        "confirmation_decision": "yes",
        "confirmation_outcome": "yes",
    }


def _as_date(value: Any) -> datetime.date:
    day: datetime.date = np.datetime64(value, "D").item()
    return day
