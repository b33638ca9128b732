from __future__ import annotations

import numpy as np
import pytest

from gecip.synthetic.common_variants import common_variants
from gecip.synthetic.gene_dropping import NO_COPY, Genomes, drop_genomes
from gecip.synthetic.planting import FROM_FATHER, FROM_MOTHER, Passage, Planted
from gecip.synthetic.recruitment import ANCESTRIES, People, Recruits, Role, recruit
from gecip.synthetic.variant_sites import Site, Sites, draw_sites

pytestmark = pytest.mark.slow

SEED = 11


@pytest.fixture(scope="module")
def recruits() -> Recruits:
    return recruit(SEED, participants=600)


@pytest.fixture(scope="module")
def genomes(recruits: Recruits) -> Genomes:
    return _genomes(recruits, "chr1")


@pytest.fixture(scope="module")
def genomes_on_x(recruits: Recruits) -> Genomes:
    return _genomes(recruits, "chrX")


def _genomes(recruits: Recruits, contig: str) -> Genomes:
    common = common_variants(SEED, contig, recruits.people)
    sites = draw_sites(SEED, contig, common=common)
    return drop_genomes(SEED, recruits.people, sites, common=common)


def test_a_child_has_a_copy_of_a_copy_of_each_parent(recruits: Recruits, genomes: Genomes) -> None:
    people = recruits.people
    children = np.flatnonzero(people.father >= 0)
    for side, parents in ((FROM_FATHER, people.father), (FROM_MOTHER, people.mother)):
        own = genomes.alleles[children, side]
        given = genomes.alleles[parents[children]]
        assert ((own == given[:, 0]) | (own == given[:, 1])).all()


def test_near_sites_are_passed_on_together_and_far_ones_are_not(
    recruits: Recruits, genomes: Genomes
) -> None:
    near, far = (
        _recombined(recruits.people, genomes, 1_000_000),
        _recombined(recruits.people, genomes, 120_000_000),
    )
    assert len(near) > 1_000
    assert np.mean(near) < 0.02
    # Haldane: 120 to 150 cM apart, 45 to 48 %.
    assert np.mean(far) == pytest.approx(0.465, abs=0.04)


def _recombined(people: People, genomes: Genomes, distance: int) -> list[bool]:
    positions = genomes.sites.positions
    found = []
    for child in np.flatnonzero(people.father >= 0):
        parent = genomes.alleles[people.father[child]]
        told = np.flatnonzero(parent[0] != parent[1])
        origin = genomes.alleles[child, FROM_FATHER, told] == parent[0, told]
        places = positions[told]
        partner = np.searchsorted(places, places + distance)
        for at, other in enumerate(partner):
            low = other - 1 if distance == 1_000_000 else other
            if at < low < len(places) and places[low] - places[at] <= 1.25 * distance:
                found.append(bool(origin[at] != origin[low]))
    return found


def test_founders_have_their_ancestrys_frequencies(recruits: Recruits, genomes: Genomes) -> None:
    people = recruits.people
    european = ANCESTRIES.index("EUR")
    founders = people.founders[(people.populations[people.founders] == european).all(axis=1)]
    seen = (genomes.alleles[founders] == 1).mean(axis=(0, 1))
    expected = genomes.sites.frequencies[:, european]
    in_gene = np.array([bool(site.gene) for site in genomes.sites.rows])
    lone = genomes.sites.partner < 0
    # Between genes frequencies are those of 60 other haplotypes of the same history.
    assert np.corrcoef(seen[~in_gene & lone], expected[~in_gene & lone])[0, 1] > 0.95
    # In genes they are those from which the founders are drawn, most of them small.
    copies = 2 * len(founders)
    total, variance = (
        copies * value[in_gene & lone].sum() for value in (expected, expected * (1 - expected))
    )
    assert abs(copies * seen[in_gene & lone].sum() - total) < 4 * np.sqrt(variance)


def test_no_copy_bears_two_alleles_of_one_place(genomes: Genomes) -> None:
    pairs = np.flatnonzero(genomes.sites.partner >= 0)
    assert len(pairs) > 0
    both = (genomes.alleles[:, :, pairs] == 1) & (
        genomes.alleles[:, :, genomes.sites.partner[pairs]] == 1
    )
    assert not both.any()


def test_a_male_has_his_only_x_from_his_mother(recruits: Recruits, genomes_on_x: Genomes) -> None:
    people = recruits.people
    split = genomes_on_x.sites.hemizygous
    alleles = genomes_on_x.alleles[:, :, split]
    assert (alleles[people.male, FROM_FATHER] == NO_COPY).all()
    assert (alleles[people.male, FROM_MOTHER] >= 0).all()
    assert (alleles[~people.male] >= 0).all()
    assert (genomes_on_x.alleles[:, :, ~split] >= 0).all()
    daughters = np.flatnonzero((people.father >= 0) & ~people.male)
    fathers = people.father[daughters]
    assert (alleles[daughters, FROM_FATHER] == alleles[fathers, FROM_MOTHER]).all()


def test_meioses_that_are_told_obey_and_the_rest_stays_linked(recruits: Recruits) -> None:
    people = recruits.people
    family = next(
        family
        for family in range(len(recruits.families))
        if recruits.place(family, Role.FATHER) >= 0 and not recruits.families.consanguineous[family]
    )
    proband, father = (recruits.place(family, role) for role in (Role.PROBAND, Role.FATHER))
    site = Site("chr22", 30_000_000, "A", "C", private=True)
    sites = draw_sites(SEED, "chr22", planted=[(site, np.zeros(len(ANCESTRIES)))])
    place = sites.rows.index(site)

    def carriers(copy: int) -> set[int]:
        planted = _planted(site, family, father, Passage(proband, FROM_FATHER, copy))
        alleles = drop_genomes(SEED, people, sites, planted=[planted]).alleles
        return set(np.flatnonzero((alleles[:, :, place] == 1).any(axis=1)).tolist())

    assert {father, proband} <= carriers(0)
    assert proband not in carriers(1)
    assert carriers(0) <= set(recruits.families.members(family))


def _planted(site: Site, family: int, carrier: int, passage: Passage) -> Planted:
    from gecip.model.genes import GENES
    from gecip.synthetic.casting import Part

    return Planted(
        family,
        Part.DOMINANT,
        GENES["PKD1"],
        site,
        np.zeros(len(ANCESTRIES)),
        carriers=((carrier, 0),),
        passages=(passage,),
    )


def test_a_contig_without_sites_has_none() -> None:
    assert len(draw_sites(SEED, "chrY")) == 0


def test_taking_sites_keeps_partners_together() -> None:
    sites = draw_sites(SEED, "chr2")
    kept = np.ones(len(sites), dtype=bool)
    paired = np.flatnonzero(sites.partner >= 0)
    kept[paired[0]] = False
    taken: Sites = sites.take(kept)
    assert len(taken) == len(sites) - 1
    for place in np.flatnonzero(taken.partner >= 0):
        assert taken.rows[place].position == taken.rows[taken.partner[place]].position
    assert (taken.partner >= 0).sum() == len(paired) - 2
