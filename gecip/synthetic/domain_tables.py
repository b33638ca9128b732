"""The tables that one domain needs and others do not: drawn when everybody is there, with what is planted in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from gecip.model.cancer import CancerAnalysis, CancerParticipantTumour
from gecip.model.hospital import HesApc, Mortality
from gecip.model.interpretation import GmcExitQuestionnaire
from gecip.model.programme_releases import NEWEST_RELEASE, release_date
from gecip.model.table import Table
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.cancer_stages import spread_codes
from gecip.synthetic.clinical_rows import Programme
from gecip.synthetic.coding_calls import CodingCalls
from gecip.synthetic.consenting import Consent
from gecip.synthetic.de_novo_rows import TrioCandidates, draw_de_novo_tables
from gecip.synthetic.domain_assignments import draw_memberships
from gecip.synthetic.exit_questionnaires import draw_exit_questionnaires
from gecip.synthetic.health_questionnaires import draw_health_questionnaires
from gecip.synthetic.hospital_stays import draw_hospital_stays
from gecip.synthetic.interpreted_families import draw_interpretations
from gecip.synthetic.isolates import IsolateTables, draw_isolates
from gecip.synthetic.life_courses import draw_lives
from gecip.synthetic.linked_people import linked_people
from gecip.synthetic.linked_records import draw_cancer_records, draw_visits
from gecip.synthetic.planting import Planted
from gecip.synthetic.resemblance_truths import resemblance_truths
from gecip.synthetic.sample_rows import draw_sample_tables
from gecip.synthetic.summary_rows import summarise_participants
from gecip.synthetic.trait_measurements import TraitGenotypes, draw_measurements
from gecip.synthetic.treatment_plan import plan_treatments
from gecip.synthetic.tumours import draw_tumours

if TYPE_CHECKING:
    import pandas as pd


class DomainTables(Protocol):
    """The rows of a domain's tables, and what was planted in them."""

    @property
    def rows(self) -> Mapping[type[Table], pd.DataFrame]:
        """The rows of each table."""

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What was planted."""


def domain_tables(
    programme: Programme,
    planted: Sequence[Planted],
    calls: CodingCalls | None = None,
    trios: TrioCandidates | None = None,
    trait: TraitGenotypes | None = None,
) -> Sequence[DomainTables]:
    """Return the tables of every domain that has some of its own, each from random streams of its own.

    Parameters
    ----------
    calls, trios
        The rare coding variants, and what children show and their parents do not; None for a release
        without genomes.
    trait
        The genotypes on which a measured trait depends, likewise.
    """
    questionnaires = draw_exit_questionnaires(programme, planted)
    tumours = draw_tumours(programme)
    treatment = plan_treatments(programme.seed, tumours)
    lives = draw_lives(
        programme,
        questionnaires.rows[GmcExitQuestionnaire],
        cancers=treatment.courses,
        spread=spread_codes(programme.seed, tumours.rows[CancerParticipantTumour]),
    )
    # Every release of a seed has the same lives; what it cannot know yet is left out when it is written.
    newest = release_date(NEWEST_RELEASE)
    stays = draw_hospital_stays(programme.seed, lives, last_day=newest)
    people = linked_people(programme, lives, stays.rows[Mortality], last_day=newest)
    samples = draw_sample_tables(programme)
    with_result = questionnaires.rows[GmcExitQuestionnaire]["participant_id"].unique()
    return (
        questionnaires,
        samples,
        tumours,
        stays,
        draw_health_questionnaires(programme.seed, people, with_result),
        draw_visits(programme.seed, people, stays.rows[HesApc]),
        draw_cancer_records(programme.seed, people, treatment, tumours.rows),
        draw_memberships(programme, tumours.rows[CancerAnalysis]),
        _isolates(programme),
        resemblance_truths(programme),
        draw_measurements(programme, trait or TraitGenotypes()),
        draw_interpretations(
            programme,
            planted,
            calls or CodingCalls(),
            samples=samples,
            questionnaires=questionnaires.rows[GmcExitQuestionnaire],
        ),
        draw_de_novo_tables(programme, trios or TrioCandidates()),
        summarise_participants(programme, {**tumours.rows, **stays.rows}, samples.stats),
    )


def _isolates(programme: Programme) -> IsolateTables:
    """Return the isolates: a laboratory reads no more than some hundred, all of them of the first block's people."""
    people, families = programme.recruits.people, programme.recruits.families
    places = programme.in_tables
    numbers = people.number[places]
    of_family = people.family[places]
    given = np.array([programme.consents[place] is Consent.GIVEN for place in places])
    family_numbers = np.where(of_family >= 0, families.number[of_family.clip(min=0)], 0)
    if programme.recruits.block.number:
        return IsolateTables(rows={}, answers=())
    return draw_isolates(
        programme.seed, numbers[given], family_numbers[given], withdrawn=numbers[~given]
    )
