"""Tuberculosis isolates of some participants: strains that resist drugs, and chains of transmission.

Invented throughout: the programme has no pathogens' genomes. Planted are mutations that make drugs
fail, second losses that take that back, gaps where a resistance would lie, false variants in repeats,
and chains in which SNPs arise at half a base a year, among strains that are far apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gecip.model.infection import (
    TuberculosisDrugSusceptibility,
    TuberculosisIsolate,
    TuberculosisIsolateUncalledRegion,
    TuberculosisIsolateVariant,
)
from gecip.model.table import Table
from gecip.model.tuberculosis_genome import GENES, LENGTH, PE_GENES
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.outbreaks import (
    FIRST_YEAR,
    LAST_YEAR,
    Case,
    chain_sizes,
    changes_of,
    draw_chain,
    draw_changes,
)
from gecip.synthetic.random_streams import draw_in_proportion, random_stream
from gecip.synthetic.tuberculosis_strains import (
    GYRA_95,
    KATG_463,
    STRAIN_SHARES,
    STRAINS_OF_CHAINS,
    TESTED_DRUGS,
    PlantedMutation,
    Strain,
)

if TYPE_CHECKING:
    import pandas as pd

Integers = npt.NDArray[np.int64]

DOMAIN = "infectious_disease"
SHARE_WITH_ISOLATE = 0.32
MOST_PEOPLE = 600
PEOPLE_WITHDRAWN = 3
LINEAGE_SHARES = {"lineage4": 0.5, "lineage3": 0.2, "lineage2": 0.15, "lineage1": 0.15}
# How far each lineage lies from the reference, which is of lineage 4; a third of what is real, to keep
# the tables small. Strains of one sublineage still lie more than a hundred SNPs apart.
SNPS_OF_LINEAGE = {"lineage4": 120, "lineage3": 260, "lineage2": 280, "lineage1": 380}
SUBLINEAGES, SNPS_OF_SUBLINEAGE = 3, 60
SNPS_OF_STRAIN = (60, 120)
# Every so many of the cases outside chains: read too badly, or with a second isolate a year later.
EVERY_BADLY_READ, EVERY_TWICE = 18, 15
GAPS: Mapping[str, tuple[int, int, tuple[str, ...]]] = {
    "rrs": (1_473_100, 1_473_382, ("Amikacin", "Kanamycin", "Capreomycin")),
    "rpoB": (761_000, 761_300, ("Rifampicin",)),
}
CASES_WITH_GAP = 2
SHARE_WITH_FALSE_VARIANTS = 0.4
CULTURE_ERROR = 0.012
SHARE_UNTESTED = 0.04
SHARE_OF_OTHER_TESTS = 0.15
_MARGIN = 6_000


@dataclass(frozen=True)
class Isolate:
    """One isolate as it was grown, before it is read.

    `snps` are the places that mean nothing for a drug. `gap` names a gene of `GAPS`.
    """

    name: str
    participant: int
    sampled: float
    lineage: str
    strain: Strain
    snps: tuple[int, ...]
    chain: int | None = None
    gap: str | None = None
    is_badly_read: bool = False


@dataclass(frozen=True)
class IsolateTables:
    """The rows of the four tables, and what was planted in them."""

    rows: Mapping[type[Table], pd.DataFrame]
    answers: tuple[Answer, ...]


def draw_isolates(
    seed: int, participants: Integers, families: Integers, *, withdrawn: Integers | None = None
) -> IsolateTables:
    """Return isolates of about a third of these people, and of three who have withdrawn.

    Parameters
    ----------
    seed
        The release's seed.
    participants
        The numbers of the people who may have one.
    families
        The number of each one's family, 0 for none; a chain of two is within a family where one has
        two members.
    withdrawn
        The numbers of people whose rows may not be read any more; nothing rests on them.
    """
    stream = random_stream(seed, "isolates")
    size = min(round(SHARE_WITH_ISOLATE * len(participants)), MOST_PEOPLE)
    order = stream.permutation(np.argsort(participants, kind="stable"))
    sizes = chain_sizes(size)
    chains = _people_of_chains(participants[order], families[order], sizes)
    taken = {person for chain in chains for person in chain}
    others = [int(one) for one in participants[order] if int(one) not in taken]
    others = others[: size - len(taken)]
    places = _Places(stream)
    names = iter(_names(stream, 2 * size))
    isolates: list[Isolate] = []
    sources: list[dict[int, int]] = []
    for number, people in enumerate(chains):
        found, infected_by = _draw_chain_isolates(stream, places, names, number, people)
        isolates += found
        sources.append(infected_by)
    isolates += _draw_others(stream, places, names, others)
    isolates = _with_gaps(isolates)
    again = _second_isolates(stream, places, names, isolates)
    lost = [] if withdrawn is None else sorted(withdrawn.tolist())[:PEOPLE_WITHDRAWN]
    unreadable = _draw_others(stream, places, names, lost)
    return IsolateTables(
        rows=_rows(stream, [*isolates, *again, *unreadable]),
        answers=(*_answers_of_isolates(isolates), *_answers_of_chains(isolates, sources)),
    )


class _Places:
    """Places on the genome at which nothing else lies, each given once."""

    def __init__(self, stream: np.random.Generator) -> None:
        drawn = stream.choice(LENGTH - 1_000, size=120_000, replace=False) + 500
        near = np.zeros(len(drawn), dtype=bool)
        for gene in (*GENES.values(), *PE_GENES.values()):
            near |= (drawn > gene.start - _MARGIN) & (drawn < gene.stop + _MARGIN)
        self.free: list[int] = drawn[~near].tolist()
        self._common: dict[str, tuple[int, ...]] = {}

    def take(self, count: int) -> tuple[int, ...]:
        """Return so many places that were given to nobody."""
        return tuple(self.free.pop() for _ in range(count))

    def background(self, stream: np.random.Generator, lineage: str) -> tuple[int, ...]:
        """Return the places of a strain of its own: those of its lineage, its sublineage and itself."""
        sublineage = f"{lineage}.{stream.integers(SUBLINEAGES)}"
        for name, count in ((lineage, SNPS_OF_LINEAGE[lineage]), (sublineage, SNPS_OF_SUBLINEAGE)):
            if name not in self._common:
                self._common[name] = self.take(count)
        own = self.take(int(stream.integers(*SNPS_OF_STRAIN)))
        return (*self._common[lineage], *self._common[sublineage], *own)


def _people_of_chains(people: Integers, families: Integers, sizes: list[int]) -> list[list[int]]:
    """Return the members of each chain; those of two are from one family as far as there are such."""
    by_family: dict[int, list[int]] = {}
    for person, family in zip(people.tolist(), families.tolist(), strict=True):
        if family:
            by_family.setdefault(family, []).append(person)
    households = [members[:2] for members in by_family.values() if len(members) >= 2]
    pairs = households[: sum(size == 2 for size in sizes)]
    taken = {person for pair in pairs for person in pair}
    free = [person for person in people.tolist() if person not in taken]
    chains = []
    for size in sizes:
        if size == 2 and pairs:
            chains.append(pairs.pop())
        else:
            chains.append(free[:size])
            free = free[size:]
    return chains


def _draw_chain_isolates(
    stream: np.random.Generator,
    places: _Places,
    names: Any,
    number: int,
    people: list[int],
) -> tuple[list[Isolate], dict[int, int]]:
    """Return the isolates of one chain, and by whom each of its people was infected."""
    cases = draw_chain(stream, len(people))
    draw_changes(stream, cases, places.free)
    lineage = str(draw_in_proportion(stream, LINEAGE_SHARES, size=1)[0])
    background = places.background(stream, lineage)
    strain = STRAINS_OF_CHAINS[number] if number < len(STRAINS_OF_CHAINS) else Strain.SUSCEPTIBLE
    isolates = [
        Isolate(
            name=next(names),
            participant=person,
            sampled=case.sampled,
            lineage=lineage,
            strain=_strain_of_case(strain, at, cases),
            snps=(*background, *changes_of(cases, at)),
            chain=number,
        )
        for at, (person, case) in enumerate(zip(people, cases, strict=True))
    ]
    infected_by = {
        people[at]: people[case.source] for at, case in enumerate(cases) if case.source is not None
    }
    return isolates, infected_by


def _strain_of_case(strain: Strain, at: int, cases: list[Case]) -> Strain:
    """Return a case's strain: of a multidrug chain the last three lose a fluoroquinolone too."""
    is_late = strain is Strain.MULTIDRUG and at >= len(cases) - 3 and len(cases) > 5
    return Strain.FLUOROQUINOLONE if is_late else strain


def _draw_others(
    stream: np.random.Generator, places: _Places, names: Any, people: list[int]
) -> list[Isolate]:
    """Return the isolates of people who belong to no chain."""
    shares = {strain.name: share for strain, share in STRAIN_SHARES.items()}
    strains = draw_in_proportion(stream, shares, size=len(people))
    lineages = draw_in_proportion(stream, LINEAGE_SHARES, size=len(people))
    return [
        Isolate(
            name=next(names),
            participant=person,
            sampled=float(stream.uniform(FIRST_YEAR + 1, LAST_YEAR)),
            lineage=str(lineage),
            strain=Strain[str(strain)],
            snps=places.background(stream, str(lineage)),
            is_badly_read=at % EVERY_BADLY_READ == EVERY_BADLY_READ - 1,
        )
        for at, (person, strain, lineage) in enumerate(zip(people, strains, lineages, strict=True))
    ]


def _with_gaps(isolates: list[Isolate]) -> list[Isolate]:
    """Return the isolates, a few of which could not be read where their resistance lies."""
    left = dict.fromkeys(GAPS, CASES_WITH_GAP)
    found = []
    for isolate in reversed(isolates):
        for gene, (_, _, drugs) in GAPS.items():
            if (
                left[gene]
                and isolate.gap is None
                and not isolate.is_badly_read
                and drugs[0] in isolate.strain.drugs
            ):
                left[gene] -= 1
                isolate = replace(isolate, gap=gene)
        found.append(isolate)
    return found[::-1]


def _second_isolates(
    stream: np.random.Generator, places: _Places, names: Any, isolates: list[Isolate]
) -> list[Isolate]:
    """Return second isolates of some people, grown while they were treated."""
    again = [one for one in isolates if one.gap is None and not one.is_badly_read]
    return [
        replace(
            one,
            name=next(names),
            sampled=one.sampled + float(stream.uniform(0.1, 0.4)),
            snps=(*one.snps, *places.take(int(stream.poisson(0.3)))),
        )
        for one in again[::EVERY_TWICE]
    ]


def _names(stream: np.random.Generator, size: int) -> list[str]:
    numbers = stream.choice(900_000, size=size, replace=False) + 100_000
    return [f"MTB{number}" for number in numbers]


# ---------------------------------------------------------------------------------------------------------------------
# Tables
# ---------------------------------------------------------------------------------------------------------------------


def _rows(
    stream: np.random.Generator, isolates: list[Isolate]
) -> Mapping[type[Table], pd.DataFrame]:
    import pandas as pd

    ordered = sorted(isolates, key=lambda one: one.name)
    regions = {one.name: _uncalled(stream, one) for one in ordered}
    rows: dict[type[Table], list[dict[str, Any]]] = {
        TuberculosisIsolate: [_isolate_row(stream, one, regions[one.name]) for one in ordered],
        TuberculosisIsolateVariant: [
            row for one in ordered for row in _variant_rows(stream, one, regions[one.name])
        ],
        TuberculosisIsolateUncalledRegion: [
            {"participant_id": one.participant, "isolate": one.name, "start": start, "stop": stop}
            for one in ordered
            for start, stop in regions[one.name]
        ],
        TuberculosisDrugSusceptibility: [row for one in ordered for row in _test_rows(stream, one)],
    }
    return {
        table: pd.DataFrame(found, columns=list(table.columns)) for table, found in rows.items()
    }


def _uncalled(stream: np.random.Generator, isolate: Isolate) -> list[tuple[int, int]]:
    """Return where an isolate could not be read: short stretches away from the genes that drugs act on."""
    count = int(stream.poisson(60 if isolate.is_badly_read else 8))
    starts = stream.integers(1, LENGTH - 5_000, size=count)
    lengths = stream.integers(200, 3_000, size=count)
    drawn = [
        (int(start), int(start + length))
        for start, length in zip(starts, lengths, strict=True)
        if not any(
            start - _MARGIN < gene.stop and gene.start < start + length + _MARGIN
            for gene in GENES.values()
        )
    ]
    if isolate.gap:
        drawn.append(GAPS[isolate.gap][:2])
    found: list[tuple[int, int]] = []
    for start, stop in sorted(drawn):
        if not found or start > found[-1][1]:
            found.append((start, stop))
    return found


def _isolate_row(
    stream: np.random.Generator, isolate: Isolate, regions: list[tuple[int, int]]
) -> dict[str, Any]:
    unread = sum(stop - start + 1 for start, stop in regions) / LENGTH
    depth = stream.uniform(12, 28) if isolate.is_badly_read else stream.uniform(45, 140)
    repeats = 0.06 if isolate.is_badly_read else 0.012
    return {
        "participant_id": isolate.participant,
        "isolate": isolate.name,
        "collection_date": _day(isolate.sampled),
        "lineage": isolate.lineage,
        "mean_depth": round(float(depth), 1),
        "coverage": round(1 - unread - repeats - float(stream.uniform(0, 0.006)), 4),
    }


def _day(year: float) -> Any:
    import pandas as pd

    return pd.Timestamp(year=int(year), month=1, day=1) + pd.Timedelta(days=int((year % 1) * 365))


def _variant_rows(
    stream: np.random.Generator, isolate: Isolate, regions: list[tuple[int, int]]
) -> list[dict[str, Any]]:
    """Return what was called in an isolate, in the order of the genome; nothing where it was not read."""
    rows = [_snp_row(stream, place) for place in isolate.snps]
    rows += [
        _mutation_row(one, float(stream.uniform(0.95, 1)))
        for one in (*isolate.strain.mutations, *_meaningless(isolate))
    ]
    rows += [_mutation_row(one, float(stream.uniform(0.3, 0.5))) for one in isolate.strain.mixed]
    if stream.random() < SHARE_WITH_FALSE_VARIANTS:
        rows += _false_rows(stream)
    return [
        {"participant_id": isolate.participant, "isolate": isolate.name, **row}
        for row in sorted(rows, key=lambda row: int(row["position"]))
        if not any(start <= row["position"] <= stop for start, stop in regions)
    ]


def _meaningless(isolate: Isolate) -> tuple[PlantedMutation, ...]:
    return (GYRA_95,) if isolate.lineage == "lineage4" else (GYRA_95, KATG_463)


def _snp_row(stream: np.random.Generator, place: int) -> dict[str, Any]:
    # The reference's sequence is not at hand: its base follows from the place, and so does the other.
    ref = "ACGT"[place * 7 // 3 % 4]
    alt = "ACGT".replace(ref, "")[place % 3]
    # One in two hundred lies in a mixture and can be called neither way.
    mixed = stream.random() < 0.005
    fraction = stream.uniform(0.35, 0.65) if mixed else stream.uniform(0.92, 1)
    return {
        "position": place,
        "ref": ref,
        "alt": alt,
        "gene": None,
        "variant": None,
        "effect": "intergenic_variant",
        "allele_fraction": round(float(fraction), 3),
    }


def _mutation_row(mutation: PlantedMutation, fraction: float) -> dict[str, Any]:
    return {
        "position": mutation.position,
        "ref": mutation.ref,
        "alt": mutation.alt,
        "gene": mutation.gene,
        "variant": mutation.variant,
        "effect": mutation.effect,
        "allele_fraction": round(fraction, 3),
    }


def _false_rows(stream: np.random.Generator) -> list[dict[str, Any]]:
    """Return variants that are none: reads put in the wrong one of two genes that are alike."""
    gene = list(PE_GENES.values())[int(stream.integers(len(PE_GENES)))]
    places = stream.choice(gene.stop - gene.start, size=int(stream.integers(6, 16)), replace=False)
    rows = []
    for place in sorted((gene.start + places).tolist()):
        row = _snp_row(stream, place)
        base = gene.stop - place + 1
        change = f"{_complement(row['ref'])}>{_complement(row['alt'])}"
        rows.append(
            row
            | {
                "gene": gene.name,
                "variant": f"{gene.name}_c.{base}{change}",
                "effect": "synonymous_variant",
            }
        )
    return rows


def _complement(base: str) -> str:
    return base.translate(str.maketrans("ACGT", "TGCA"))


def _test_rows(stream: np.random.Generator, isolate: Isolate) -> list[dict[str, Any]]:
    """Return the tests in culture: nearly always what the strain is, and now and then by a second method."""
    rows = []
    for drug in TESTED_DRUGS:
        chances = stream.random(4)
        resistant = (drug in isolate.strain.drugs) != (chances[0] < CULTURE_ERROR)
        results = {} if chances[1] < SHARE_UNTESTED else {"WHO": resistant}
        if chances[2] < SHARE_OF_OTHER_TESTS:
            results["CC"] = resistant != (chances[3] < 5 * CULTURE_ERROR)
        rows += [
            {
                "participant_id": isolate.participant,
                "isolate": isolate.name,
                "drug": drug,
                "phenotypic_category": category,
                "phenotype": "R" if is_resistant else "S",
            }
            for category, is_resistant in results.items()
        ]
    return rows


# ---------------------------------------------------------------------------------------------------------------------
# Answer key
# ---------------------------------------------------------------------------------------------------------------------


def _answers_of_isolates(isolates: list[Isolate]) -> list[Answer]:
    """Return what each first isolate is: its strain, where it cannot be judged, and what culture should say."""
    return [
        Answer(
            kind="isolate",
            domain=DOMAIN,
            participant=one.participant,
            expected={
                "isolate": one.name,
                "is_badly_read": one.is_badly_read,
                "resistant": list(one.strain.drugs),
                "found": [drug for drug in one.strain.drugs if drug in _visible(one)],
                "taken_back": list(one.strain.taken_back),
                "not_called": list(GAPS[one.gap][2]) if one.gap else [],
            },
        )
        for one in isolates
    ]


def _visible(isolate: Isolate) -> set[str]:
    """Return the drugs whose failure the genome shows to who knows the well-known mutations."""
    hidden = GAPS[isolate.gap][:2] if isolate.gap else (0, 0)
    unknown = Strain.UNKNOWN_PYRAZINAMIDE.mutations
    return {
        drug
        for one in isolate.strain.mutations
        if one not in unknown and not hidden[0] <= one.position <= hidden[1]
        for drug in one.drugs
    }


def _answers_of_chains(isolates: list[Isolate], sources: list[dict[int, int]]) -> list[Answer]:
    """Return who belongs to each chain and who infected whom."""
    return [
        Answer(
            kind="transmission_chain",
            domain=DOMAIN,
            expected={
                "participants": [one.participant for one in isolates if one.chain == number],
                "infected_by": {str(later): earlier for later, earlier in infected_by.items()},
            },
        )
        for number, infected_by in enumerate(sources)
    ]
