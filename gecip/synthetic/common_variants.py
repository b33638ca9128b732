"""Common variants between genes: a backbone over the whole genome, and one region in full linkage.

By the backbone's variants, each with a history of its own, sex, kinship and ancestry can be told. In
the region neighbours share their histories, so that an association spreads as far as linkage does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gecip.model.assembly import GRCH38
from gecip.model.genes import GENES
from gecip.synthetic.association_region import ASSOCIATION_REGION
from gecip.synthetic.gene_structure import reference_bases
from gecip.synthetic.haplotype_simulation import (
    Carried,
    Haplotypes,
    simulate_linked,
    simulate_unlinked,
)
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import ANCESTRIES, People
from gecip.synthetic.variant_sites import Frequencies, Quality, Site, other_base, with_quality

BACKBONE_SITES = 5_100
BACKBONE_SITES_ON_X = 240
_IN_EACH_PAIRING_REGION = 6
# The least frequency of the rarer allele, among all who are simulated.
LEAST_IN_BACKBONE = 0.05
# The fewest founders' copies with the rarer allele.
FEWEST_IN_REGION = 2
# Haplotypes of each ancestry beside the founders', from which frequencies are told.
_REFERENCES_OF_BACKBONE = 60
_REFERENCES_OF_REGION = 200
# Contigs on which one place of the backbone has a block substitution too, and so a duplicate row.
BLOCK_SUBSTITUTIONS_ON = ("chr13", "chr18", "chr21", "chr22")
_FROM_GENES = 10_000
_FROM_REGION = 1_000_000
_FROM_ENDS = 1_000_000


@dataclass(frozen=True)
class CommonVariants:
    """Common variants of one contig and the founders' haplotypes.

    `frequencies` are those of reference haplotypes, of shape (sites, ancestries); `carried` is of shape
    (sites, founders, 2), founders in the order of `People.founders`, copies from the father first.
    """

    sites: tuple[Site, ...]
    frequencies: Frequencies
    carried: Carried

    def __add__(self, other: CommonVariants) -> CommonVariants:
        """Return both together."""
        return CommonVariants(
            self.sites + other.sites,
            np.concatenate([self.frequencies, other.frequencies]),
            np.concatenate([self.carried, other.carried]),
        )


def common_variants(seed: int, contig: str, people: People) -> CommonVariants:
    """Return the common variants of a contig between its genes, as the founders among `people` carry them."""
    found = _backbone(seed, contig, people)
    if contig == ASSOCIATION_REGION.contig:
        found += _region(seed, people)
    return found


def _backbone(seed: int, contig: str, people: People) -> CommonVariants:
    stream = random_stream(seed, f"sites/backbone/{contig}")
    haplotypes = Haplotypes.of_founders(people, references=_REFERENCES_OF_BACKBONE)
    sites = _sites(stream, contig, _backbone_places(stream, contig))
    trees = random_stream(seed, f"haplotypes/backbone/{contig}")
    carried = simulate_unlinked(trees, haplotypes, size=len(sites), least=LEAST_IN_BACKBONE)
    if contig in BLOCK_SUBSTITUTIONS_ON:
        pair = simulate_unlinked(trees, haplotypes, size=1, least=LEAST_IN_BACKBONE)
        sites, carried = _with_block_substitution(stream, sites, carried, pair)
    return _as_carried(sites, haplotypes, carried)


def _with_block_substitution(
    stream: np.random.Generator, sites: list[Site], carried: Carried, pair: Carried
) -> tuple[list[Site], Carried]:
    """Return the sites with a change of two neighbouring bases, decomposed into a row for each base.

    Its first row is that of a single-base change that is there already, with other carriers: the same
    variant stands in two rows, told apart by OLD_CLUMPED, as 0.02 % of the real aggregate's do.
    """
    place = next(place for place, site in enumerate(sites) if site.quality is Quality.GOOD)
    first = sites[place]
    next_base = reference_bases(first.contig, first.position + 1, first.position + 1)
    next_change = other_base(stream, next_base)
    clumped = (
        f"{first.contig}:{first.position}:"
        f"{first.reference}{next_base}/{first.alternate}{next_change}"
    )
    rows = [
        replace(first, clumped=clumped),
        Site(first.contig, first.position + 1, next_base, next_change, clumped=clumped),
    ]
    # A copy has one change or the other.
    pair = pair & ~carried[place]
    return [*sites, *rows], np.concatenate([carried, pair, pair])


def _backbone_places(stream: np.random.Generator, contig: str) -> list[int]:
    """Return positions spread over a contig, away from the disease genes and the region."""
    length = GRCH38.lengths[contig]
    on_x = contig == GRCH38.x_contig
    whole = sum(GRCH38.lengths[name] for name in GRCH38.autosomes)
    size = BACKBONE_SITES_ON_X if on_x else round(BACKBONE_SITES * length / whole)
    places = set(stream.integers(_FROM_ENDS, length - _FROM_ENDS, size=size).tolist())
    for start, stop in GRCH38.x_pairing_regions if on_x else ():
        places |= set(stream.integers(start, stop, size=_IN_EACH_PAIRING_REGION).tolist())
    avoided = [
        (gene.start - _FROM_GENES, gene.stop + _FROM_GENES)
        for gene in GENES.values()
        if gene.contig == contig
    ]
    if contig == ASSOCIATION_REGION.contig:
        avoided.append(
            (ASSOCIATION_REGION.start - _FROM_REGION, ASSOCIATION_REGION.stop + _FROM_REGION)
        )
    return [
        place
        for place in sorted(places)
        if not any(start <= place <= stop for start, stop in avoided)
    ]


def _region(seed: int, people: People) -> CommonVariants:
    region = ASSOCIATION_REGION
    haplotypes = Haplotypes.of_founders(people, references=_REFERENCES_OF_REGION)
    distances, carried = simulate_linked(
        random_stream(seed, "haplotypes/association region"),
        haplotypes,
        length=region.stop - region.start + 1,
        fewest=FEWEST_IN_REGION,
    )
    stream = random_stream(seed, "sites/association region")
    sites = _sites(stream, region.contig, (region.start + distances).tolist())
    return _as_carried(sites, haplotypes, carried)


def _sites(stream: np.random.Generator, contig: str, places: list[int]) -> list[Site]:
    sites = []
    for position in places:
        reference = reference_bases(contig, position, position)
        sites.append(Site(contig, position, reference, other_base(stream, reference)))
    return with_quality(stream, sites)


def _as_carried(sites: list[Site], haplotypes: Haplotypes, carried: Carried) -> CommonVariants:
    frequencies = np.column_stack(
        [carried[:, places].mean(axis=1) for places in haplotypes.of_references]
    )
    return CommonVariants(
        tuple(sites),
        frequencies.reshape(len(sites), len(ANCESTRIES)),
        carried[:, haplotypes.of_copies],
    )
