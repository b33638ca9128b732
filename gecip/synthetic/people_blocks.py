"""The people of a release, block by block: who they are, what ails them, and what of it is planted.

A release with genomes is one block, since its genomes are drawn together. One without is as many
blocks as it takes; each is a programme of its own with streams of its own, and the numbers of its
people are given once.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gecip.model.rare_disease_clinic import RareDiseasesParticipantPhenotype
from gecip.model.table import Table
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.casting import Part, cast_families
from gecip.synthetic.child_consent import absent_from_release
from gecip.synthetic.clinical_rows import Programme, rows_of
from gecip.synthetic.consenting import (
    Consent,
    Consents,
    decide_consents,
    seen_from_release,
    withdrawn_before,
)
from gecip.synthetic.decoys import cast_decoys, plant_decoys
from gecip.synthetic.disease_plan import DiseasePlan, plan_diseases
from gecip.synthetic.domain_tables import DomainTables
from gecip.synthetic.life_dates import LifeDates, draw_life_dates
from gecip.synthetic.penetrance import Carried, settle_affection
from gecip.synthetic.phenotype_rows import phenotype_rows
from gecip.synthetic.planted_answers import all_answers
from gecip.synthetic.planting import Planted, plant_burden, plant_truths
from gecip.synthetic.random_streams import seed_of_block
from gecip.synthetic.recruitment import (
    CANCER_SHARE,
    FEWEST_PARTICIPANTS,
    FIRST_BLOCK,
    Block,
    Recruits,
    Role,
    recruit,
)
from gecip.synthetic.sample_mishaps import (
    GeneticTruth,
    Mishaps,
    draw_mishaps,
    genetic_truth,
    recorded_dates,
    recorded_people,
)
from gecip.synthetic.sampling import draw_samples
from gecip.synthetic.sequencing import Samples

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

PEOPLE_IN_BLOCK = 10_000
# Truths that lie in genomes: without these nobody can find them.
_IN_GENOMES = {"genetic_ancestry", "mutational_signatures"}
# Of which kinds of answers the counts of the blocks add up, and which counts.
_ADDED = {
    "diagnostic_yield": ("probands", "diagnosed"),
    "features_shared_in_families": ("affected_relatives",),
    "hospital_admissions": ("people_diagnosed", "people_not_diagnosed"),
    "quality_of_life": ("people_diagnosed", "people_not_diagnosed"),
    "targeted_treatment": ("people",),
    "treatment_survival": ("people_with", "people_without"),
    "semicolon_gene_names": ("rows", "of_variants", "with_semicolon"),
    "families_without_proband": ("families", "without_proband"),
    "two_builds": ("GRCh37", "GRCh38"),
    "diagnoses_of_researchers": ("rows", "participants"),
    "de_novo_candidates": ("trios",),
    "rows_of_the_summary": ("participants", "rows"),
}


@dataclass(frozen=True)
class BlockOfPeople:
    """What is decided about a block of people before genomes are made or a table is written."""

    date: datetime.date
    recruits: Recruits
    plan: DiseasePlan
    planted: Sequence[Planted]
    consents: Consents
    samples: Samples
    dates: LifeDates
    truth: GeneticTruth
    mishaps: Mishaps

    def programme(
        self, seed: int, carried: Sequence[Carried], *, unrelated: npt.NDArray[np.bool_]
    ) -> Programme:
        """Return the block as a programme, once it is known who carries what was planted."""
        return Programme(
            seed=seed,
            release_date=self.date,
            recruits=self.recruits,
            plan=self.plan,
            consents=self.consents,
            samples=self.samples,
            dates=self.dates,
            affected=settle_affection(self.recruits, self.plan, self.planted, carried),
            unrelated=unrelated,
            truth=self.truth,
            mishaps=self.mishaps,
        )


def draw_people(
    release_seed: int,
    *,
    participants: int,
    date: datetime.date,
    genomes: bool = True,
    block: Block = FIRST_BLOCK,
    cancer_share: float = CANCER_SHARE,
) -> BlockOfPeople:
    """Return so many participants, and those who withdrew before the release."""
    seed = seed_of_block(release_seed, block.number)
    recruits = recruit(
        release_seed,
        participants=participants + withdrawn_before(participants),
        cancer_share=cancer_share,
        block=block,
    )
    plan = plan_diseases(seed, recruits, cast_families(seed, recruits, with_small_groups=genomes))
    consents = decide_consents(seed, recruits, plan, participants=participants)
    dates = draw_life_dates(seed, recruits, plan)
    # Only in genomes can a mishap be seen.
    mishaps = draw_mishaps(seed, recruits, plan, consents, dates) if genomes else Mishaps()
    truth = genetic_truth(recruits, mishaps)
    samples = draw_samples(seed, recruits, plan, consents, mishaps=mishaps, truth=truth)
    planted = plant_truths(seed, recruits, plan, among_genomes=genomes)
    if genomes:
        genotyped = {one for one in samples.people.tolist() if consents[one] is Consent.GIVEN}
        counted = [
            family
            for family in plan.families(Part.ORDINARY)
            if family not in recruits.people.family[list(mishaps.people)]
            and recruits.place(family, Role.PROBAND) in genotyped
        ]
        planted += plant_burden(seed, recruits, plan, families=counted, planted=planted)
        plan = cast_decoys(
            seed, recruits, plan, families=counted, planted=planted, genotyped=genotyped
        )
        planted += plant_decoys(seed, recruits, plan, planted=planted)
    return BlockOfPeople(
        date=date,
        recruits=recorded_people(recruits, mishaps),
        plan=plan,
        planted=planted,
        consents=seen_from_release(consents, absent_from_release(seed, recruits, dates, date)),
        samples=samples,
        dates=recorded_dates(dates, mishaps),
        truth=truth,
        mishaps=mishaps,
    )


def block_sizes(participants: int) -> Sequence[int]:
    """Return how many participants each block has; what is too few for a block goes with the one before."""
    whole, rest = divmod(participants, PEOPLE_IN_BLOCK)
    sizes = [PEOPLE_IN_BLOCK] * whole
    if sizes and rest < FEWEST_PARTICIPANTS:
        sizes[-1] += rest
        return sizes
    return [*sizes, rest]


def makers_of(
    programme: Programme, domains: Sequence[DomainTables]
) -> Mapping[type[Table], Callable[[], pd.DataFrame]]:
    """Return what makes each table's rows, by table."""
    makers = rows_of(programme)
    makers[RareDiseasesParticipantPhenotype] = lambda: phenotype_rows(programme)
    for domain in domains:
        makers |= {
            table: functools.partial(domain.rows.__getitem__, table) for table in domain.rows
        }
    return makers


def listed_samples(people: BlockOfPeople) -> list[str]:
    """Return the samples that may be used, as the list of them has it."""
    return [
        name
        for person, name in zip(people.samples.people, people.samples.platekeys, strict=True)
        if people.consents[person].listed
    ]


class AnswersOfBlocks:
    """What was planted in all blocks together.

    Answers on one person or family are kept as they are. Of those on all people the counts are added;
    one that differs between blocks in anything else says nothing of the whole and is left out.
    """

    def __init__(self) -> None:
        self._own: list[Answer] = []
        self._shared: dict[tuple[Any, ...], list[Answer]] = {}

    def add(self, programme: Programme, domains: Sequence[DomainTables]) -> None:
        """Take in the answers of a block."""
        answers = [answer for tables in domains for answer in tables.answers]
        for answer in (*all_answers(programme, (), ()), *answers):
            if answer.kind in _IN_GENOMES:
                continue
            if answer.participant is not None or answer.family is not None:
                self._own.append(answer)
            else:
                key = (answer.kind, answer.domain, answer.gene, answer.mode, answer.variants)
                of_group = answer.expected.get("disease_type")
                self._shared.setdefault((*key, of_group), []).append(answer)

    def merged(self) -> list[Answer]:
        """Return the answers of the whole release."""
        merged = [answer for same in self._shared.values() for answer in _as_one(same)]
        return [*merged, *self._own]


def _as_one(answers: Sequence[Answer]) -> Sequence[Answer]:
    first = answers[0]
    if first.domain == "infectious_disease":
        return answers
    added = _ADDED.get(first.kind, ())
    sums = {name: sum(answer.expected[name] for answer in answers) for name in added}
    together = [replace(answer, expected={**answer.expected, **sums}) for answer in answers]
    return [together[0]] if all(answer == together[0] for answer in together) else []
