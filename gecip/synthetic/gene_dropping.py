"""Genomes: founders' copies are dropped through the pedigrees.

What is common between genes a founder has as the history of populations left it; of the variants in
genes, most of them young and rare, each is drawn from the frequency in the copy's ancestry. A person has two copies, from the father and from the mother. A contig is passed on with crossovers
(one in 100 million bases, without interference), so that neighbouring variants travel together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gecip.synthetic.planting import FROM_FATHER, FROM_MOTHER, Planted
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import People
from gecip.synthetic.variant_sites import Quality, SiteKey, Sites

if TYPE_CHECKING:
    from gecip.synthetic.common_variants import CommonVariants

Alleles = npt.NDArray[np.int8]
Copies = npt.NDArray[np.uint8]

CROSSOVERS_PER_BASE = 1e-8
NO_COPY = -1
# Above it in one ancestry, a reference panel counts no variant as rare.
RARE = 0.02


@dataclass(frozen=True)
class Genomes:
    """One contig's genomes. `alleles` has shape (people, 2, sites): 0 or 1, `NO_COPY` where a male has none."""

    sites: Sites
    alleles: Alleles


def drop_genomes(
    seed: int,
    people: People,
    sites: Sites,
    *,
    common: CommonVariants | None = None,
    planted: Sequence[Planted] = (),
) -> Genomes:
    """Return the genomes of everybody at the sites of one contig.

    Parameters
    ----------
    common
        The common variants of this contig as the founders carry them; each is among `sites`.
    planted
        The planted variants of this contig; each is among `sites`.
    """
    stream = random_stream(seed, f"genotypes/{sites.contig}")
    places = {site.key: place for place, site in enumerate(sites.rows)}
    alleles = np.zeros((len(people), 2, len(sites)), dtype=np.int8)
    _draw_founders(stream, people, sites, alleles)
    if common is not None:
        at = np.array([places[site.key] for site in common.sites], dtype=np.int64)
        for copy in (FROM_FATHER, FROM_MOTHER):
            alleles[:, copy][np.ix_(people.founders, at)] = common.carried[:, :, copy].T
    _finish_founders(people, sites, planted, places, alleles)
    passed = _draw_meioses(stream, people, sites)
    _tell_meioses(people, sites, planted, places, passed)
    hemizygous = sites.hemizygous
    generation = people.generation
    for depth in np.unique(generation):
        children = np.flatnonzero((generation == depth) & (people.father >= 0))
        if len(children):
            for side, parents in ((FROM_FATHER, people.father), (FROM_MOTHER, people.mother)):
                parent = alleles[parents[children]]
                copies = passed[side][children][:, None, :]
                alleles[children, side] = np.take_along_axis(parent, copies, axis=1)[:, 0]
            _pass_x(people, alleles, children, hemizygous)
    for planting in planted:
        for person, copy in planting.arises:
            alleles[person, copy, places[planting.site.key]] = 1
    return Genomes(sites, alleles)


def _draw_founders(
    stream: np.random.Generator,
    people: People,
    sites: Sites,
    alleles: Alleles,
) -> None:
    drawn_from = sites.frequencies.copy()
    drawn_from[[site.private for site in sites.rows]] = 0.0
    founders = people.founders
    for copy in (FROM_FATHER, FROM_MOTHER):
        chances = drawn_from.T[people.populations[founders, copy]]
        alleles[founders, copy] = stream.random(chances.shape) < chances


def _finish_founders(
    people: People,
    sites: Sites,
    planted: Sequence[Planted],
    places: dict[SiteKey, int],
    alleles: Alleles,
) -> None:
    """Give founders what was planted in them, and leave each copy one allele of a place and males one X."""
    founders = people.founders
    # A site at which founders have twice the same allele fails its test of Hardy-Weinberg proportions.
    inbred = np.array([site.quality is Quality.INBRED for site in sites.rows]) & ~sites.hemizygous
    at = np.ix_(founders, np.flatnonzero(inbred))
    alleles[:, FROM_MOTHER][at] = alleles[:, FROM_FATHER][at]
    for planting in planted:
        if planting.alone:
            own = founders[people.family[founders] == planting.family]
            both = np.array([FROM_FATHER, FROM_MOTHER])
            alleles[np.ix_(own, both, _may_be_tiered(sites, planting.gene.symbol))] = 0
    for planting in planted:
        for person, copy in planting.carriers:
            alleles[person, copy, places[planting.site.key]] = 1
    _one_allele_a_copy(sites, alleles)
    lone = founders[people.male[founders]]
    alleles[:, FROM_FATHER][np.ix_(lone, np.flatnonzero(sites.hemizygous))] = NO_COPY


def _may_be_tiered(sites: Sites, symbol: str) -> npt.NDArray[np.int64]:
    """Return the places of a gene's coding variants that are rare enough to be taken for a second one."""
    return np.array(
        [
            place
            for place, site in enumerate(sites.rows)
            if site.gene == symbol
            and site.effect is not None
            and site.effect.impact != "MODIFIER"
            and sites.frequencies[place].max() < RARE
        ],
        dtype=np.int64,
    )


def _one_allele_a_copy(sites: Sites, alleles: Alleles) -> None:
    """Where a copy was given both alternate alleles of a place, leave it one: the private one if there is."""
    for place, partner in enumerate(sites.partner):
        if partner > place:
            kept, lost = (partner, place) if sites.rows[partner].private else (place, partner)
            alleles[:, :, lost] *= 1 - alleles[:, :, kept]


def _draw_meioses(stream: np.random.Generator, people: People, sites: Sites) -> list[Copies]:
    """Return, for each side, which copy of the parent each person received: shape (people, sites).

    The pairing regions of X are taken as contigs of their own, unlinked to sex: males cross over
    there in every meiosis.
    """
    positions = sites.positions
    distance = np.diff(positions, prepend=positions[:1]).astype(float)
    switch = (1 - np.exp(-2 * CROSSOVERS_PER_BASE * distance)) / 2
    hemizygous = sites.hemizygous
    switch[1:][hemizygous[1:] != hemizygous[:-1]] = 0.5
    switch[:1] = 0.5
    shape = (len(people), len(sites))
    return [
        (np.cumsum(stream.random(shape) < switch, axis=1) % 2).astype(np.uint8) for _ in range(2)
    ]


def _tell_meioses(
    people: People,
    sites: Sites,
    planted: Sequence[Planted],
    places: dict[SiteKey, int],
    passed: list[Copies],
) -> None:
    """Turn round the meioses that planting asked for: given the copy at one place, the rest stays as drawn."""
    for planting in planted:
        place = places[planting.site.key]
        for told in planting.passages:
            parents = people.father if told.side == FROM_FATHER else people.mother
            # On X a father has one copy, and no choice.
            if sites.hemizygous[place] and people.male[parents[told.child]]:
                continue
            if passed[told.side][told.child, place] != told.copy:
                passed[told.side][told.child] ^= 1


def _pass_x(
    people: People,
    alleles: Alleles,
    children: npt.NDArray[np.int64],
    hemizygous: npt.NDArray[np.bool_],
) -> None:
    """Give daughters their father's one X, and sons none of his."""
    if not hemizygous.any():
        return
    places = np.flatnonzero(hemizygous)
    daughters = children[~people.male[children]]
    sons = children[people.male[children]]
    received = alleles[:, FROM_FATHER]
    given = alleles[:, FROM_MOTHER][np.ix_(people.father[daughters], places)]
    received[np.ix_(daughters, places)] = given
    received[np.ix_(sons, places)] = NO_COPY
