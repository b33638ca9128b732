"""Who takes part: families with their pedigrees, people on their own, and the numbers they go by.

People are held as columns, one place per person, and related by place; a relative who was not
recruited has a place too, since genomes are passed down through them.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from gecip.errors import InputError
from gecip.synthetic.random_streams import (
    draw_freely,
    draw_in_proportion,
    random_stream,
    seed_of_block,
)

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.object_]

FEWEST_PARTICIPANTS = 80

# Share of people recruited to the cancer arm among those in the aggregate. The programme has more;
# a release may have more patients besides, whose genomes came after the aggregate was frozen.
CANCER_SHARE = 0.08
# Where there are no genomes, the programme's own: 17,345 of 89,256 participants of release v9.
CANCER_SHARE_OF_PROGRAMME = 0.194
FIRST_CANCER_NUMBER = 210_000_000

# Participants of the Scottish Genomes Partnership have numbers of their own (Research Environment user
# guide, release v19): rare disease and cancer. Their share is an assumption.
SCOTTISH_NUMBERS = (125_000_000, 226_000_000)
SCOTTISH_SHARE = 0.015
_SCOTTISH_IN_BLOCK = 10_000

# Rare-disease people by inferred ancestry (Research Environment user guide, summary statistics of
# aggV2); who was assigned to none is taken to have parents of two ancestries, which is an assumption.
MIXED = "MIXED"
ANCESTRY_SHARES = {
    "EUR": 77.8,
    "SAS": 10.5,
    "AFR": 2.4,
    "EAS": 0.6,
    "AMR": 0.3,
    MIXED: 8.4,
}
# Of the cancer arm, in the same source.
CANCER_ANCESTRY_SHARES = {"EUR": 87.8, "SAS": 3.7, "AFR": 3.3, "EAS": 0.8, "AMR": 0.2, MIXED: 4.2}
ANCESTRIES = ("AFR", "AMR", "EAS", "EUR", "SAS")
MIXTURES = {"EUR+SAS": 0.4, "EUR+AFR": 0.35, "EUR+EAS": 0.15, "EUR+AMR": 0.1}

# Shares of *people* by family structure in the same source; the others as Europeans.
PEOPLE_BY_STRUCTURE = {
    "EUR": {"singleton": 19.5, "duo": 13.8, "trio": 49.1, "other": 17.6},
    "AFR": {"singleton": 29.0, "duo": 20.8, "trio": 35.4, "other": 14.9},
    "SAS": {"singleton": 13.8, "duo": 11.0, "trio": 50.6, "other": 24.6},
}
MEAN_SIZE = {"singleton": 1.0, "duo": 2.0, "trio": 3.0, "other": 4.1}

# Share of males by ancestry, in the same source.
MALE_SHARES = {"AFR": 0.461, "AMR": 0.429, "EAS": 0.406, "EUR": 0.465, "SAS": 0.497, MIXED: 0.504}

# Consanguinity of the parents, in the same source.
CONSANGUINITY_SHARES = {"EUR": 0.004, "SAS": 0.162}
CONSANGUINITY_OF_OTHERS = 0.066


@dataclass(frozen=True)
class Block:
    """One block of a release's people, who are drawn on their own; a release with genomes has one.

    The counts are those of earlier blocks: families, participants in them, participants on their own,
    and everybody with a place, so that numbers and keys are given once.
    """

    number: int = 0
    families: int = 0
    relatives: int = 0
    alone: int = 0
    places: int = 0

    @property
    def plates(self) -> int:
        """How many sample plates of any one kind earlier blocks may have filled."""
        return self.places // 96 + self.number


FIRST_BLOCK = Block()


class Role(enum.StrEnum):
    """A person's place in the pedigree, seen from the proband."""

    PROBAND = "proband"
    FATHER = "father"
    MOTHER = "mother"
    SIBLING = "sibling"
    SECOND_SIBLING = "second sibling"
    PATERNAL_GRANDFATHER = "paternal grandfather"
    PATERNAL_GRANDMOTHER = "paternal grandmother"
    MATERNAL_GRANDFATHER = "maternal grandfather"
    MATERNAL_GRANDMOTHER = "maternal grandmother"
    MATERNAL_AUNT = "maternal aunt"
    GREAT_GRANDFATHER = "great-grandfather"
    GREAT_GRANDMOTHER = "great-grandmother"
    ALONE = "alone"


@dataclass(frozen=True)
class Structure:
    """Which members of a family were recruited, and what the programme calls that."""

    family_group_type: str
    recruited: tuple[Role, ...]


_PARENTS = (Role.PROBAND, Role.FATHER, Role.MOTHER)
_LARGE = "Families with more than three Participants"
SINGLETON = Structure("Singleton", (Role.PROBAND,))
TRIO = Structure("Trio with Mother and Father", _PARENTS)
# The mixture within each kind is an assumption; duos are mostly with the mother.
STRUCTURES: Mapping[str, tuple[tuple[Structure, float], ...]] = {
    "singleton": ((SINGLETON, 1.0),),
    "duo": (
        (Structure("Duo with Mother or Father", (Role.PROBAND, Role.MOTHER)), 0.72),
        (Structure("Duo with Mother or Father", (Role.PROBAND, Role.FATHER)), 0.18),
        (
            Structure("Duo with other Biological Relationship", (Role.PROBAND, Role.SIBLING)),
            0.1,
        ),
    ),
    "trio": ((TRIO, 1.0),),
    "other": (
        (Structure(_LARGE, (*_PARENTS, Role.SIBLING)), 0.5),
        (Structure(_LARGE, (*_PARENTS, Role.SIBLING, Role.SECOND_SIBLING)), 0.15),
        (
            Structure(_LARGE, (*_PARENTS, Role.MATERNAL_GRANDMOTHER, Role.MATERNAL_GRANDFATHER)),
            0.1,
        ),
        (Structure(_LARGE, (*_PARENTS, Role.SIBLING, Role.MATERNAL_AUNT)), 0.05),
        (
            Structure(
                "Trio with Mother or Father and other Biological Relationship",
                (Role.PROBAND, Role.MOTHER, Role.SIBLING),
            ),
            0.15,
        ),
        (
            Structure(
                "Trio with other Biological Relationships",
                (Role.PROBAND, Role.SIBLING, Role.SECOND_SIBLING),
            ),
            0.05,
        ),
    ),
}

_FATHER_OF = {
    Role.PROBAND: Role.FATHER,
    Role.SIBLING: Role.FATHER,
    Role.SECOND_SIBLING: Role.FATHER,
    Role.FATHER: Role.PATERNAL_GRANDFATHER,
    Role.MOTHER: Role.MATERNAL_GRANDFATHER,
    Role.MATERNAL_AUNT: Role.MATERNAL_GRANDFATHER,
}
_MOTHER_OF = {
    Role.PROBAND: Role.MOTHER,
    Role.SIBLING: Role.MOTHER,
    Role.SECOND_SIBLING: Role.MOTHER,
    Role.FATHER: Role.PATERNAL_GRANDMOTHER,
    Role.MOTHER: Role.MATERNAL_GRANDMOTHER,
    Role.MATERNAL_AUNT: Role.MATERNAL_GRANDMOTHER,
}
# Parents who are first cousins: the father's father and the mother's mother are brother and sister.
_COUSIN_LINE = (Role.PATERNAL_GRANDFATHER, Role.MATERNAL_GRANDMOTHER)
_GRANDPARENTS = (
    Role.PATERNAL_GRANDFATHER,
    Role.PATERNAL_GRANDMOTHER,
    Role.MATERNAL_GRANDFATHER,
    Role.MATERNAL_GRANDMOTHER,
)
_MALE = {
    Role.FATHER,
    Role.PATERNAL_GRANDFATHER,
    Role.MATERNAL_GRANDFATHER,
    Role.GREAT_GRANDFATHER,
}
_EITHER_SEX = {Role.PROBAND, Role.SIBLING, Role.SECOND_SIBLING, Role.ALONE}
GENERATIONS = {
    Role.GREAT_GRANDFATHER: 0,
    Role.GREAT_GRANDMOTHER: 0,
    **dict.fromkeys(_GRANDPARENTS, 1),
    Role.FATHER: 2,
    Role.MOTHER: 2,
    Role.MATERNAL_AUNT: 2,
    Role.PROBAND: 3,
    Role.SIBLING: 3,
    Role.SECOND_SIBLING: 3,
    Role.ALONE: 3,
}


@dataclass(frozen=True)
class Families:
    """Families as columns, one place per family; `first` and `stop` bound its members' places."""

    structure: tuple[Structure, ...]
    ancestry: Words
    consanguineous: Flags
    number: Integers
    first: Integers
    stop: Integers

    def __len__(self) -> int:
        return len(self.structure)

    def members(self, family: int) -> range:
        """Return the places of a family's members."""
        return range(int(self.first[family]), int(self.stop[family]))


@dataclass(frozen=True)
class People:
    """Everybody in a pedigree and everybody on their own, as columns, one place per person.

    `family`, `father` and `mother` are places, -1 for none. `populations` holds, for those without
    parents here, the ancestry of the copy from the father and of that from the mother, as places in
    `ANCESTRIES`, -1 for the others. `number` is the participant id, 0 for those not recruited.
    """

    family: Integers
    role: tuple[Role, ...]
    father: Integers
    mother: Integers
    male: Flags
    recruited: Flags
    populations: Integers
    number: Integers

    def __len__(self) -> int:
        return len(self.role)

    @property
    def founders(self) -> Integers:
        """Return the places of those whose parents are not drawn."""
        return np.flatnonzero(self.father < 0)

    @cached_property
    def generation(self) -> Integers:
        """How far down the pedigree each person stands; parents stand above their children."""
        return np.array([GENERATIONS[role] for role in self.role], dtype=np.int64)


@dataclass(frozen=True)
class Recruits:
    """The families and the people of one release."""

    families: Families
    people: People
    block: Block = FIRST_BLOCK

    @property
    def next_block(self) -> Block:
        """The block that comes after this one."""
        return Block(
            number=self.block.number + 1,
            families=self.block.families + len(self.families),
            relatives=self.block.relatives
            + int((self.people.recruited & (self.people.family >= 0)).sum()),
            alone=self.block.alone + int((self.people.family < 0).sum()),
            places=self.block.places + len(self.people),
        )

    @cached_property
    def scottish(self) -> Flags:
        """Who joined by the Scottish route, relatives who were not recruited among them; one place per person."""
        people = self.people
        own = np.isin(
            people.number // 1_000_000, [first // 1_000_000 for first in SCOTTISH_NUMBERS]
        )
        families = np.zeros(len(self.families) + 1, dtype=bool)
        families[people.family[own & (people.family >= 0)]] = True
        return own | ((people.family >= 0) & families[people.family])

    def place(self, family: int, role: Role) -> int:
        """Return the place of a family's member, or -1 if no such member is drawn."""
        for member in self.families.members(family):
            if self.people.role[member] is role:
                return member
        return -1

    def recruited(self, family: int, role: Role) -> bool:
        """Return whether a family's member took part."""
        place = self.place(family, role)
        return place >= 0 and bool(self.people.recruited[place])


def recruit(
    seed: int,
    *,
    participants: int,
    cancer_share: float = CANCER_SHARE,
    block: Block = FIRST_BLOCK,
) -> Recruits:
    """Return families and people on their own, in the programme's proportions, `participants` in all.

    Parameters
    ----------
    seed
        The release's seed.
    cancer_share
        Share of those on their own: of the cancer arm.
    block
        Which block of the release's people these are.

    Raises
    ------
    InputError
        When they are too few to hold every planted truth.
    """
    if participants < FEWEST_PARTICIPANTS:
        raise InputError(
            f"A synthetic release of {participants} participants is too small to hold every planted truth: "
            f"ask for at least {FEWEST_PARTICIPANTS}."
        )
    stream = random_stream(seed_of_block(seed, block.number), "recruitment")
    alone = round(cancer_share * participants)
    ancestries, structures = _draw_families(stream, participants - alone)
    consanguineous = _draw_consanguinity(stream, ancestries)
    drawn = [
        _pedigree(structure, cousins=bool(cousins), extra=bool(extra))
        for structure, cousins, extra in zip(
            structures, consanguineous, stream.random(len(structures)) < 0.3, strict=True
        )
    ]
    sizes = np.array([len(roles) for roles in drawn], dtype=np.int64)
    stop = np.cumsum(sizes)
    families = Families(
        structure=tuple(structures),
        ancestry=ancestries,
        consanguineous=consanguineous,
        number=numbers_from(
            seed, "family numbers", 115_000_000, len(structures), given=block.families
        ),
        first=stop - sizes,
        stop=stop,
    )
    return Recruits(families, _people(seed, stream, families, drawn, alone, block), block)


def _draw_families(stream: np.random.Generator, people: int) -> tuple[Words, list[Structure]]:
    """Return ancestries and structures of families that come to exactly `people` recruited."""
    ancestries: list[str] = []
    structures: list[Structure] = []
    expected = {label: share * people / 100 for label, share in ANCESTRY_SHARES.items()}
    for ancestry, wanted in expected.items():
        of_people = PEOPLE_BY_STRUCTURE.get(ancestry, PEOPLE_BY_STRUCTURE["EUR"])
        of_families = {kind: share / MEAN_SIZE[kind] for kind, share in of_people.items()}
        total = sum(of_families.values())
        mean = sum(of_families[kind] * MEAN_SIZE[kind] for kind in of_families) / total
        kinds = draw_in_proportion(stream, of_families, size=max(1, round(wanted / mean)))
        ancestries += [ancestry] * len(kinds)
        structures += [_draw_structure(stream, str(kind)) for kind in kinds]
    order = stream.permutation(len(structures))
    ancestries = [ancestries[place] for place in order]
    structures = [structures[place] for place in order]
    _fit(ancestries, structures, people)
    return np.array(ancestries, dtype=object), structures


def _draw_structure(stream: np.random.Generator, kind: str) -> Structure:
    choices = STRUCTURES[kind]
    weights = np.array([weight for _, weight in choices])
    return choices[int(stream.choice(len(choices), p=weights / weights.sum()))][0]


def _fit(ancestries: list[str], structures: list[Structure], people: int) -> None:
    """Add trios and singletons, or turn the last families into singletons, until `people` are recruited."""

    def surplus() -> int:
        return sum(len(structure.recruited) for structure in structures) - people

    while surplus() <= -len(TRIO.recruited):
        ancestries.append("EUR")
        structures.append(TRIO)
    while surplus() < 0:
        ancestries.append("EUR")
        structures.append(SINGLETON)
    place = len(structures)
    while surplus() > 0:
        place -= 1
        if 1 < len(structures[place].recruited) <= surplus() + 1:
            structures[place] = SINGLETON
        elif place == 0:
            structures.pop()
            ancestries.pop()
            place = len(structures)


def _draw_consanguinity(stream: np.random.Generator, ancestries: Words) -> Flags:
    related = np.zeros(len(ancestries), dtype=bool)
    for ancestry in ANCESTRY_SHARES:
        places = np.flatnonzero(ancestries == ancestry)
        share = CONSANGUINITY_SHARES.get(ancestry, CONSANGUINITY_OF_OTHERS)
        drawn = draw_in_proportion(stream, {"yes": share, "no": 1 - share}, size=len(places))
        related[places] = drawn == "yes"
    return related


def _pedigree(structure: Structure, *, cousins: bool, extra: bool) -> tuple[Role, ...]:
    """Return who is drawn in a family's pedigree: the recruited, what joins them, and some siblings."""
    wanted = {*_PARENTS, *structure.recruited}
    if extra:
        wanted.add(Role.SIBLING if Role.SIBLING not in wanted else Role.SECOND_SIBLING)
    if cousins:
        wanted |= {*_GRANDPARENTS, Role.GREAT_GRANDFATHER, Role.GREAT_GRANDMOTHER}
    if wanted & {Role.MATERNAL_AUNT, Role.MATERNAL_GRANDFATHER, Role.MATERNAL_GRANDMOTHER}:
        wanted |= {Role.MATERNAL_GRANDFATHER, Role.MATERNAL_GRANDMOTHER}
    return tuple(role for role in Role if role in wanted)


def _people(
    seed: int,
    stream: np.random.Generator,
    families: Families,
    drawn: Sequence[tuple[Role, ...]],
    alone: int,
    block: Block,
) -> People:
    roles = [role for members in drawn for role in members] + [Role.ALONE] * alone
    family = np.concatenate(
        [np.repeat(np.arange(len(drawn)), families.stop - families.first), np.full(alone, -1)]
    ).astype(np.int64)
    father, mother = _parents(drawn, len(roles))
    recruited = np.array(
        [
            number < 0 or role in families.structure[number].recruited
            for role, number in zip(roles, family, strict=True)
        ]
    )
    number = np.zeros(len(roles), dtype=np.int64)
    rare = recruited & (family >= 0)
    number[rare] = numbers_from(
        seed, "participant numbers", 110_000_000, int(rare.sum()), given=block.relatives
    )
    number[family < 0] = numbers_from(
        seed, "cancer participant numbers", FIRST_CANCER_NUMBER, alone, given=block.alone
    )
    _number_scottish(seed, family, number, block)
    return People(
        family=family,
        role=tuple(roles),
        father=father,
        mother=mother,
        male=_sexes(stream, families, family, roles, recruited),
        recruited=recruited,
        populations=_populations(stream, families, family, father),
        number=number,
    )


def _number_scottish(seed: int, family: Integers, number: Integers, block: Block) -> None:
    """Give those who joined by the Scottish route the numbers by which they are told."""
    stream = random_stream(seed, f"scottish route/{block.number}")
    families = stream.random(int(family.max(initial=-1)) + 2) < SCOTTISH_SHARE
    persons = stream.random(len(family)) < SCOTTISH_SHARE
    for first, chosen in (
        (SCOTTISH_NUMBERS[0], (family >= 0) & families[family] & (number > 0)),
        (SCOTTISH_NUMBERS[1], (family < 0) & persons),
    ):
        given = stream.permutation(_SCOTTISH_IN_BLOCK)[: int(chosen.sum())]
        number[chosen] = first + block.number * _SCOTTISH_IN_BLOCK + given


def _parents(drawn: Sequence[tuple[Role, ...]], size: int) -> tuple[Integers, Integers]:
    father = np.full(size, -1, dtype=np.int64)
    mother = np.full(size, -1, dtype=np.int64)
    first = 0
    for members in drawn:
        place = {role: first + at for at, role in enumerate(members)}
        for role in members:
            paternal, maternal = _FATHER_OF.get(role), _MOTHER_OF.get(role)
            if role in _COUSIN_LINE:
                paternal, maternal = Role.GREAT_GRANDFATHER, Role.GREAT_GRANDMOTHER
            if paternal in place and maternal in place:
                father[place[role]] = place[paternal]
                mother[place[role]] = place[maternal]
        first += len(members)
    return father, mother


def _sexes(
    stream: np.random.Generator,
    families: Families,
    family: Integers,
    roles: Sequence[Role],
    recruited: Flags,
) -> Flags:
    """Return who is male: parents by their part, the others so that each ancestry has its share among the recruited.

    More mothers than fathers take part, so that of probands and siblings it takes a little more than
    that share.
    """
    males = np.array([role in _MALE for role in roles])
    either = np.array([role in _EITHER_SEX for role in roles])
    ancestry = np.where(family >= 0, families.ancestry[family.clip(min=0)], "EUR")
    for label, share in MALE_SHARES.items():
        of_family = (ancestry == label) & (family >= 0)
        asked = of_family & recruited
        wanted = share * asked.sum() - (males & asked & ~either).sum()
        of_either = wanted / max(int((asked & either).sum()), 1)
        for places, chance in (
            (asked & either, float(np.clip(of_either, 0.3, 0.7))),
            (of_family & ~recruited & either, 0.5),
        ):
            males[places] = _males(stream, chance, int(places.sum()))
    alone = family < 0
    males[alone] = _males(stream, MALE_SHARES["EUR"], int(alone.sum()))
    return males


def _males(stream: np.random.Generator, share: float, size: int) -> Flags:
    drawn = draw_in_proportion(stream, {"male": share, "female": 1 - share}, size=size)
    males: Flags = drawn == "male"
    return males


def _populations(
    stream: np.random.Generator, families: Families, family: Integers, father: Integers
) -> Integers:
    """Return the ancestry of each founder's two copies of the genome; -1 for those with parents here."""
    label = np.where(family >= 0, families.ancestry[family.clip(min=0)], "")
    cancer = np.flatnonzero(family < 0)
    label[cancer] = draw_in_proportion(
        stream,
        CANCER_ANCESTRY_SHARES,
        size=len(cancer),
    )
    populations = np.full((len(family), 2), -1, dtype=np.int64)
    for person in np.flatnonzero(father < 0):
        own = str(label[person])
        mixture = str(draw_freely(stream, MIXTURES, size=1)[0]) if own == MIXED else f"{own}+{own}"
        populations[person] = [ANCESTRIES.index(part) for part in mixture.split("+")]
    return populations


def numbers_from(seed: int, name: str, first: int, size: int, *, given: int = 0) -> Integers:
    """Return distinct nine-digit numbers from `first` on that tell nothing of the order in which they were given.

    An affine map modulo a prime visits every number below it once, so that blocks of people made one
    after another never meet; within a block the places are shuffled. Participants and families have
    ranges of their own: a join on the wrong one finds nothing. `given` is how many were given before.
    """
    prime = 4_999_999
    stream = random_stream(seed, name)
    step, begin = int(stream.integers(1_000_000, prime)), int(stream.integers(0, prime))
    places: Any = given + stream.permutation(size).astype(np.int64)
    return first + (places * step + begin) % prime


def join_people(people: People, further: People) -> People:
    """Return everybody, the further people behind the others' places."""
    return People(
        family=np.concatenate([people.family, further.family]),
        role=(*people.role, *further.role),
        father=np.concatenate([people.father, further.father]),
        mother=np.concatenate([people.mother, further.mother]),
        male=np.concatenate([people.male, further.male]),
        recruited=np.concatenate([people.recruited, further.recruited]),
        populations=np.concatenate([people.populations, further.populations]),
        number=np.concatenate([people.number, further.number]),
    )
