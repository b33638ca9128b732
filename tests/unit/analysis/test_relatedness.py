"""Genomes against pedigrees: which exchange of samples mends everything, and what is left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gecip.analysis.genetic.declared_kinship import PARENT, pair_of
from gecip.analysis.genetic.kinship import Kinship, count_shared
from gecip.analysis.genetic.pedigree import Pedigree, PedigreeMember, Pedigrees
from gecip.analysis.genetic.relatedness import Exchange, FoundPair, Relatedness, noise_bound
from gecip.provenance import Provenance
from tests.unit.analysis.compact_people import packed_people

SITES = 4_000


def trios(count: int) -> Pedigrees:
    """Families 0, 10, 20, …: of each, 1 the father, 2 the mother, 3 the proband."""

    def member(key: int, father: int | None = None, mother: int | None = None) -> PedigreeMember:
        return PedigreeMember(
            key, key, father, mother, None, None, None, None, is_proband=father is not None
        )

    families = range(0, 10 * count, 10)
    return Pedigrees(
        {
            one: Pedigree(
                one, (member(one + 3, one + 1, one + 2), member(one + 1), member(one + 2))
            )
            for one in families
        }
    )


def genomes(count: int, seed: int) -> dict[int, Any]:
    """Return dosages of everybody in the trios."""
    random = np.random.default_rng(seed)
    frequency = random.uniform(0.1, 0.9, size=SITES)
    copies = {}
    for family in range(0, 10 * count, 10):
        parents = [random.random((2, SITES)) < frequency for _ in range(2)]
        pick = np.arange(SITES)
        child = [parent[random.integers(0, 2, SITES), pick] for parent in parents]
        copies |= {family + 1: parents[0], family + 2: parents[1], family + 3: np.array(child)}
    return {person: two.sum(axis=0).astype(np.int8) for person, two in copies.items()}


def found(dosages: dict[int, Any], *, at_least: float | None = None) -> Kinship:
    people = sorted(dosages)
    frame = pd.DataFrame(
        {"participant_id": people, "family_id": [one // 10 * 10 for one in people]}
    )
    pieces = list(count_shared(packed_people(np.column_stack([dosages[one] for one in people]))))
    first, other = (
        np.concatenate([getattr(piece, side) for piece in pieces]) for side in ("first", "other")
    )
    pairs = pd.DataFrame(
        {
            "participant_id": frame["participant_id"].to_numpy()[first],
            "family_id": frame["family_id"].to_numpy()[first],
            "other_participant_id": frame["participant_id"].to_numpy()[other],
            "other_family_id": frame["family_id"].to_numpy()[other],
            **{
                name: np.concatenate([piece.counted[name] for piece in pieces])
                for name in pieces[0].counted
            },
        }
    )
    if at_least is not None:
        pairs = pairs[pairs["kinship"] >= at_least]
    return Kinship(
        provenance=Provenance(operation="a test", parameters={}),
        pairs=pairs, people=frame, sites=SITES, at_least=at_least,
    )  # fmt: skip


def exchanged(dosages: dict[int, Any], *pairs: tuple[int, int]) -> dict[int, Any]:
    changed = dict(dosages)
    for one, other in pairs:
        changed[one], changed[other] = changed[other], changed[one]
    return changed


def test_families_as_recorded_raise_nothing() -> None:
    related = Relatedness(found(genomes(8, 1)), trios(8))
    assert related.resolve_exchanges() == []
    now = related.contradictions()
    assert not now.broken
    assert not now.undeclared


@pytest.mark.parametrize("swaps", [((3, 13),), ((3, 23), (14 - 1, 33)), ((1, 12),), ((2, 13),)])
def test_exchanged_samples_are_found_whoever_of_the_family_they_are(
    swaps: tuple[tuple[int, int], ...],
) -> None:
    related = Relatedness(found(exchanged(genomes(8, 2), *swaps)), trios(8))
    exchanges = related.resolve_exchanges()
    assert {(one.one, one.other) for one in exchanges} == {pair_of(*pair) for pair in swaps}
    assert all(one.after == 0 and one.before >= 2 for one in exchanges)
    now = related.contradictions()
    assert not now.broken
    assert not now.undeclared
    assert related.genome_of(swaps[0][0]) == swaps[0][1]


def test_an_exchange_with_somebody_who_has_no_relatives_here_is_found() -> None:
    dosages = exchanged(genomes(8, 3), (3, 13))
    del dosages[11], dosages[12]
    related = Relatedness(found(dosages), trios(8))
    assert related.resolve_exchanges() == [Exchange(3, 13, before=4, after=0)]


def test_a_father_who_is_none_is_no_exchange() -> None:
    dosages = genomes(8, 4)
    dosages[1] = genomes(8, 99)[1]
    related = Relatedness(found(dosages), trios(8))
    assert related.resolve_exchanges() == []
    assert dict(related.contradictions().broken) == {(1, 3): PARENT}


def test_siblings_of_two_families_and_one_person_twice_are_undeclared() -> None:
    random = np.random.default_rng(5)
    dosages = genomes(8, 5)
    father, mother = random.random((2, 2, SITES)) < 0.5
    pick = np.arange(SITES)
    for person in (43, 53):
        dosages[person] = (father[random.integers(0, 2, SITES), pick] + 0 + mother[random.integers(0, 2, SITES), pick]).astype(np.int8)  # fmt: skip
    for parent in (41, 42, 51, 52, 61, 62):
        del dosages[parent]
    dosages[63] = dosages[73].copy()
    related = Relatedness(found(dosages), trios(8))
    assert related.resolve_exchanges() == []
    now = related.contradictions()
    assert not now.broken
    assert {pair: seen.words for pair, seen in now.undeclared.items() if 63 not in pair} == {
        (43, 53): "full siblings"
    }
    assert now.undeclared[63, 73].is_same
    # The second registration is a child of the first one's parents too.
    assert set(now.undeclared) == {(43, 53), (63, 73), (63, 71), (63, 72)}


@pytest.mark.parametrize(
    ("kinship", "opposite", "words"),
    [
        (0.49, 0.0, "same person or identical twins"),
        (0.25, 0.0, "parent and child"),
        (0.25, 0.01, "full siblings"),
        (0.16, 0.0, "parent and child"),  # of two ancestries
        (0.12, 0.03, "second degree"),
        (0.02, 0.001, "no near relatives"),
    ],
)
def test_pairs_are_named_by_kinship_and_opposite_homozygotes(
    kinship: float, opposite: float, words: str
) -> None:
    assert FoundPair(kinship, opposite).words == words


def test_chance_is_judged_by_how_strangers_scatter() -> None:
    for sites in (150, 600, SITES):
        people = {person: dosages[:sites] for person, dosages in genomes(20, 6).items()}
        pairs = found(people).pairs
        strangers = pairs.loc[pairs["family_id"] != pairs["other_family_id"], "kinship"]
        # The smaller of two heterozygosities is divided by, which draws kinship down a little.
        assert strangers.std() == pytest.approx(noise_bound(sites) / 5, rel=0.4)
        assert strangers.max() < noise_bound(sites)
    assert noise_bound(600) == pytest.approx(0.177, abs=1e-3)
