"""Sample mishaps: what went wrong between a person, the records and the tube, for quality control to find.

The records say who somebody is; the genomes say who they were taken from. Nearly always the two
agree. Where they do not, the records keep what was written down, and everything that is measured on
a sample (genotypes, karyotype, predicted ancestry, the set of unrelated people) follows the genome.

Only ordinary families whose members all consent have mishaps, at most one each. A release of 100
families or more has two swaps and one of each other kind; a smaller one has a swap, a wrong sex and
a hidden relative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from gecip.synthetic.answer_key import Answer
from gecip.synthetic.casting import LARGE, Part
from gecip.synthetic.consenting import Consent, Consents
from gecip.synthetic.disease_plan import DiseasePlan
from gecip.synthetic.life_dates import LifeDates
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import (
    ANCESTRIES,
    Flags,
    Integers,
    People,
    Recruits,
    Role,
    join_people,
)

if TYPE_CHECKING:
    import pandas as pd

SWAPS = 2
# What the outlier states, and where the genome comes from; assumptions.
OUTLIER_STATES = ("EUR", "White: British")
OUTLIER_ANCESTRY = "SAS"

Pair = tuple[int, int]


@dataclass(frozen=True)
class Mishaps:
    """What went wrong with whom, as places among the people.

    `swaps` are pairs whose tubes were exchanged; `wrong_sexes` have the other sex in the records;
    `siblings` are pairs of two families who have the same parents; `duplicates` are pairs of
    registrations of one person; `outliers` have another ancestry than they state.
    """

    swaps: tuple[Pair, ...] = ()
    wrong_sexes: tuple[int, ...] = ()
    siblings: tuple[Pair, ...] = ()
    duplicates: tuple[Pair, ...] = ()
    outliers: tuple[int, ...] = ()

    @property
    def people(self) -> tuple[int, ...]:
        """Return everybody to whom something happened."""
        pairs = (*self.swaps, *self.siblings, *self.duplicates)
        return (*(person for pair in pairs for person in pair), *self.wrong_sexes, *self.outliers)


@dataclass(frozen=True)
class GeneticTruth:
    """Who people are by blood: their sex, parents and ancestry, and whose genome the sample of each holds.

    `body` has one place per person: the person's own, or for a second registration of somebody the
    first. `donor` is the same but where samples were swapped.
    """

    recruits: Recruits
    body: Integers
    donor: Integers

    @property
    def male(self) -> Flags:
        """Return by person whether the sample in that name holds a male genome."""
        return self.recruits.people.male[self.donor]

    def with_people(self, further: People) -> GeneticTruth:
        """Return the same with people behind the others of whom the records are right."""
        people = self.recruits.people
        places = len(people) + np.arange(len(further))
        return GeneticTruth(
            replace(self.recruits, people=join_people(people, further)),
            np.concatenate([self.body, places]),
            np.concatenate([self.donor, places]),
        )


def draw_mishaps(
    seed: int, recruits: Recruits, plan: DiseasePlan, consents: Consents, dates: LifeDates
) -> Mishaps:
    """Return what goes wrong in a release."""
    chooser = _Chooser(seed, recruits, plan, consents, dates)
    large = len(recruits.families) >= LARGE
    swaps = tuple(chooser.swap() for _ in range(SWAPS if large else 1))
    wrong_sexes = (chooser.alone(),)
    siblings = (chooser.pair_alone(same_sex=False),)
    if not large:
        return Mishaps(swaps, wrong_sexes, siblings)
    duplicates = (chooser.pair_alone(same_sex=True),)
    return Mishaps(swaps, wrong_sexes, siblings, duplicates, (chooser.alone(OUTLIER_STATES[0]),))


class _Chooser:
    """The families to which something may happen, each once."""

    def __init__(
        self,
        seed: int,
        recruits: Recruits,
        plan: DiseasePlan,
        consents: Consents,
        dates: LifeDates,
    ) -> None:
        self.recruits = recruits
        self.born = dates.birth_year
        people, families = recruits.people, recruits.families
        free = [
            family
            for family in plan.families(Part.ORDINARY)
            if not families.consanguineous[family]
            and all(
                consents[person] is Consent.GIVEN
                for person in families.members(family)
                if people.recruited[person]
            )
        ]
        self.free: list[int] = random_stream(seed, "sample mishaps").permutation(free).tolist()

    def swap(self) -> Pair:
        """Return the probands of two families with parents, of which the first has both."""
        families = sorted(self.free, key=self._parents, reverse=True)
        first = families[0]
        ancestry = self.recruits.families.ancestry
        second = next(
            (f for f in families[1:] if ancestry[f] == ancestry[first] and self._parents(f)),
            families[1],
        )
        return self._take(first), self._take(second)

    def alone(self, ancestry: str | None = None) -> int:
        """Return a proband who takes part without relatives."""
        of = self.recruits.families.ancestry
        return self._take(
            next(f for f in self.free if self._is_alone(f) and ancestry in (None, of[f]))
        )

    def pair_alone(self, *, same_sex: bool) -> Pair:
        """Return two such probands of one ancestry, of nearly the same age."""
        ancestry, male = self.recruits.families.ancestry, self.recruits.people.male
        alone = [family for family in self.free if self._is_alone(family)]
        pairs = [
            (first, second)
            for first, second in combinations(alone, 2)
            if ancestry[first] == ancestry[second]
            and (not same_sex or male[self._proband(first)] == male[self._proband(second)])
        ]
        first, second = min(pairs, key=lambda pair: abs(self._year(pair[0]) - self._year(pair[1])))
        return self._take(first), self._take(second)

    def _take(self, family: int) -> int:
        self.free.remove(family)
        return self._proband(family)

    def _proband(self, family: int) -> int:
        return self.recruits.place(family, Role.PROBAND)

    def _year(self, family: int) -> int:
        return int(self.born[self._proband(family)])

    def _parents(self, family: int) -> int:
        return sum(self.recruits.recruited(family, role) for role in (Role.FATHER, Role.MOTHER))

    def _is_alone(self, family: int) -> bool:
        return len(self.recruits.families.structure[family].recruited) == 1


def genetic_truth(recruits: Recruits, mishaps: Mishaps) -> GeneticTruth:
    """Return who people are by blood, given what was recorded before anything was recorded wrongly."""
    people = recruits.people
    father, mother = people.father.copy(), people.mother.copy()
    populations = people.populations.copy()
    body = np.arange(len(people))
    for one, other in mishaps.siblings:
        father[other], mother[other] = father[one], mother[one]
    for person in mishaps.outliers:
        for parent in (father[person], mother[person]):
            populations[parent] = ANCESTRIES.index(OUTLIER_ANCESTRY)
    for one, other in mishaps.duplicates:
        body[other] = one
    donor = body.copy()
    for one, other in mishaps.swaps:
        donor[one], donor[other] = other, one
    truth = replace(people, father=father, mother=mother, populations=populations)
    return GeneticTruth(replace(recruits, people=truth), body, donor)


def recorded_people(recruits: Recruits, mishaps: Mishaps) -> Recruits:
    """Return the people as the records have them."""
    male = recruits.people.male.copy()
    male[list(mishaps.wrong_sexes)] ^= True
    return replace(recruits, people=replace(recruits.people, male=male))


def recorded_dates(dates: LifeDates, mishaps: Mishaps) -> LifeDates:
    """Return the dates, with the same year of birth in both registrations of one person."""
    born = dates.birth_year.copy()
    for one, other in mishaps.duplicates:
        born[other] = born[one]
    return replace(dates, birth_year=born)


def tell_participants(frame: pd.DataFrame, recruits: Recruits, mishaps: Mishaps) -> pd.DataFrame:
    """Return the participant table with what mishaps leave in it besides the sex: it is changed in place."""
    number = recruits.people.number
    row = {int(one): at for at, one in enumerate(frame["participant_id"])}

    def write(person: int, column: str, value: object) -> None:
        # Older releases do not have everybody yet.
        if int(number[person]) in row:
            frame.loc[row[int(number[person])], column] = value

    frame["duplicated_participant_id"] = frame["duplicated_participant_id"].astype("Int64")
    for person in mishaps.wrong_sexes:
        # A slip in one field: what the person said of themselves is as it was.
        write(
            person,
            "participant_stated_gender",
            "Female" if recruits.people.male[person] else "Male",
        )
        write(person, "participant_karyotypic_sex", "unknown")
    for person in mishaps.outliers:
        write(person, "participant_ethnic_category", OUTLIER_STATES[1])
    for one, other in mishaps.duplicates:
        write(one, "duplicated_participant_id", int(number[other]))
        write(other, "duplicated_participant_id", int(number[one]))
        if int(number[one]) in row:
            for column in ("participant_ethnic_category", "participant_karyotypic_sex"):
                write(other, column, frame.loc[row[int(number[one])], column])
    return frame


def mishap_answers(
    recruits: Recruits, truth: GeneticTruth, mishaps: Mishaps, sample: dict[int, str]
) -> list[Answer]:
    """Return what went wrong as answers: `recruits` as recorded, `sample` the platekey of each person."""
    people = recruits.people

    def answer(kind: str, places: Sequence[int], check: str, **expected: object) -> Answer:
        family = people.family[list(places)]
        return Answer(
            kind=kind,
            domain="release",
            family=int(recruits.families.number[family[0]]),
            participant=int(people.number[places[0]]),
            expected={
                "families": [int(recruits.families.number[one]) for one in family],
                "participants": [int(people.number[one]) for one in places],
                "samples": [sample[one] for one in places],
                "check": check,
                **expected,
            },
        )

    return [
        *(
            answer(
                "sample_swap",
                pair,
                "each sample is a stranger to its own family and a child of the other's parents",
                genome_of={sample[one]: int(people.number[truth.donor[one]]) for one in pair},
                sexes_differ=bool(truth.male[pair[0]] != truth.male[pair[1]]),
            )
            for pair in mishaps.swaps
        ),
        *(
            answer(
                "wrong_sex",
                (person,),
                "the recorded sex contradicts the X chromosomes",
                recorded="Male" if people.male[person] else "Female",
                karyotype="XY" if truth.male[person] else "XX",
            )
            for person in mishaps.wrong_sexes
        ),
        *(
            answer(
                "hidden_relative",
                pair,
                "two people of different families are full siblings",
                relationship="full siblings",
                kinship=0.25,
            )
            for pair in mishaps.siblings
        ),
        *(
            answer(
                "duplicated_participant",
                pair,
                "two participants have one genome, and each names the other as a duplicate",
                relationship="same person",
                kinship=0.5,
            )
            for pair in mishaps.duplicates
        ),
        *(
            answer(
                "ancestry_outlier",
                (person,),
                "the genome resembles another ancestry than the stated ethnic category tells",
                stated=OUTLIER_STATES[1],
                ancestry=OUTLIER_ANCESTRY,
            )
            for person in mishaps.outliers
        ),
    ]
