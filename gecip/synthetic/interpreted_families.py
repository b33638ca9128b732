"""Everything that follows from the interpretation of families: panels, tiers, ranks and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.model.exomiser import Exomiser
from gecip.model.family_analysis import RareDiseaseAnalysis, RareDiseaseInterpreted
from gecip.model.interpretation import SubmittedDiagnosticDiscovery
from gecip.model.table import Table
from gecip.model.tiering import PanelsApplied
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.clinical_rows import Programme, participant_rows
from gecip.synthetic.coding_calls import CodingCalls
from gecip.synthetic.discovery_rows import submitted_discoveries
from gecip.synthetic.exomiser_rows import exomiser_rows
from gecip.synthetic.family_analysis_rows import (
    interpretation_faults,
    latest_genomes,
    rare_disease_analysis_rows,
    rare_disease_interpreted_rows,
)
from gecip.synthetic.interpretations import draw_requests, panels_applied_rows
from gecip.synthetic.planting import Planted
from gecip.synthetic.sample_rows import SampleTables
from gecip.synthetic.tiering_rows import draw_tiering, find_in_families

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class InterpretationTables:
    """The rows of the interpretation tables, and what was planted in them."""

    rows: Mapping[type[Table], pd.DataFrame]
    answers: tuple[Answer, ...]


def draw_interpretations(
    programme: Programme,
    planted: Sequence[Planted],
    calls: CodingCalls,
    *,
    samples: SampleTables,
    questionnaires: pd.DataFrame,
) -> InterpretationTables:
    """Return the interpretation tables; without genomes nothing is tiered and nothing ranked.

    Parameters
    ----------
    calls
        The rare coding variants of the release, kept when the genomes were made.
    questionnaires
        The rows of `gmc_exit_questionnaire`.
    """
    people = participant_rows(programme)
    requests = draw_requests(programme, planted)
    families = find_in_families(programme, calls, people)
    genomes = latest_genomes(samples.files)
    interpreted = rare_disease_interpreted_rows(programme, genomes, requests, questionnaires)
    tiering = draw_tiering(
        programme,
        calls,
        families,
        requests,
        people=people,
        planted=frozenset(planting.site.name for planting in planted),
    )
    discoveries, sent_in = submitted_discoveries(
        programme, planted, families, requests, [one.site.name for one in calls.variants]
    )
    return InterpretationTables(
        rows={
            SubmittedDiagnosticDiscovery: discoveries,
            PanelsApplied: panels_applied_rows(programme, requests),
            **tiering.rows,
            Exomiser: exomiser_rows(programme, calls, families, requests, people),
            RareDiseaseAnalysis: rare_disease_analysis_rows(
                programme, genomes, people, samples.stats
            ),
            RareDiseaseInterpreted: interpreted,
        },
        answers=(*tiering.answers, *interpretation_faults(interpreted), sent_in),
    )
