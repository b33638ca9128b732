"""Where people differ: the sites of a release, their alleles, effects and frequencies by ancestry.

Rare and common variants in and around the exons of disease genes are drawn here. Common variants
between genes come with the founders' haplotypes (`common_variants`), and planted variants join them.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gecip.model.assembly import GRCH38
from gecip.model.genes import GENES
from gecip.synthetic.gene_structure import Transcript, reference_bases, transcript_of
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import ANCESTRIES
from gecip.synthetic.variant_effects import Effect, effect_of

if TYPE_CHECKING:
    from gecip.synthetic.common_variants import CommonVariants

Frequencies = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
SiteKey = tuple[int, str, str, str]

CANDIDATES_PER_GENE = 620
# Share of common single-base sites that have a second alternate allele.
MULTIALLELIC_SHARE = 0.025
# Two transitions for one transversion, as over the whole genome.
TRANSITION_SHARE = 0.67
_TRANSITIONS = {"A": "G", "G": "A", "C": "T", "T": "C"}

# Drift since the branches of the human tree parted, as F of the Balding-Nichols model. Assumptions:
# they give the usual order of differences between continents and no more.
_DRIFT_OUT_OF_AFRICA = 0.08
_DRIFT = {"AFR": 0.05, "AMR": 0.06, "EAS": 0.08, "EUR": 0.03, "SAS": 0.035}
# In which ancestry a rare variant of the release arose.
_RARE_HOME = {"AFR": 0.17, "AMR": 0.05, "EAS": 0.08, "EUR": 0.5, "SAS": 0.2}


class Quality(enum.Enum):
    """How well a site can be sequenced."""

    GOOD = "good"
    SHALLOW = "shallow"
    INCOMPLETE = "incomplete"
    SKEWED = "skewed"
    INBRED = "inbred"


_QUALITY_SHARES = {
    Quality.GOOD: 0.923,
    Quality.SHALLOW: 0.022,
    Quality.INCOMPLETE: 0.03,
    Quality.SKEWED: 0.02,
    Quality.INBRED: 0.005,
}


@dataclass(frozen=True, slots=True)
class Site:
    """One alternate allele at one place, as a row of a VCF has it.

    `gene` is empty between genes. A `private` site is carried by nobody but those to whom it is
    given; the others' genomes are drawn from its frequencies. At a `planted` site no call is missing.
    `clumped` names the block substitution,
    as `chr1:123:AC/GT`, that the row was part of before decomposition.
    """

    contig: str
    position: int
    reference: str
    alternate: str
    gene: str = ""
    effect: Effect | None = None
    quality: Quality = Quality.GOOD
    private: bool = False
    planted: bool = False
    clumped: str = ""

    @property
    def key(self) -> SiteKey:
        """Return what orders the rows of one contig and tells them from each other."""
        return (self.position, self.reference, self.alternate, self.clumped)

    @property
    def name(self) -> str:
        """Return the variant as `chr1:123:A:T`."""
        return f"{self.contig}:{self.position}:{self.reference}:{self.alternate}"


@dataclass(frozen=True)
class Sites:
    """The sites of one contig in order, with their allele frequencies by ancestry.

    `frequencies` has shape (sites, ancestries). `partner` is the place of the other alternate allele
    at the same position, -1 where there is none.
    """

    contig: str
    rows: tuple[Site, ...]
    frequencies: Frequencies
    partner: Places

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def positions(self) -> Places:
        """Return the sites' positions."""
        return np.array([site.position for site in self.rows], dtype=np.int64)

    @property
    def hemizygous(self) -> npt.NDArray[np.bool_]:
        """Return which sites lie where males have one copy."""
        return np.array(
            [GRCH38.is_hemizygous_in_males(site.contig, site.position) for site in self.rows],
            dtype=bool,
        )

    def take(self, kept: npt.NDArray[np.bool_]) -> Sites:
        """Return the sites marked in `kept`; a partner that is not kept is forgotten."""
        moved = np.full(len(self.rows) + 1, -1, dtype=np.int64)
        moved[:-1][kept] = np.arange(int(kept.sum()))
        return Sites(
            self.contig,
            tuple(site for site, keep in zip(self.rows, kept, strict=True) if keep),
            self.frequencies[kept],
            moved[self.partner[kept]],
        )


def draw_sites(
    seed: int,
    contig: str,
    *,
    common: CommonVariants | None = None,
    planted: Sequence[tuple[Site, Frequencies]] = (),
    genes: Iterable[str] = GENES,
) -> Sites:
    """Return a contig's sites: those of its genes, the `common` ones between them, and the `planted` ones.

    Many of them nobody in the release may carry.
    """
    drawn = list(zip(common.sites, common.frequencies, strict=True)) if common else []
    for symbol in genes:
        if GENES[symbol].contig == contig:
            drawn += background_variants(seed, symbol)
    drawn += _second_alleles(seed, contig, drawn)
    drawn += list(planted)
    drawn.sort(key=lambda pair: pair[0].key)
    rows = tuple(site for site, _ in drawn)
    frequencies = (
        np.array([frequency for _, frequency in drawn]) if drawn else np.zeros((0, len(ANCESTRIES)))
    )
    partner = np.full(len(rows), -1, dtype=np.int64)
    for place, (site, other) in enumerate(pairwise(rows)):
        # The same allele twice is a duplicate row, no other allele of the place.
        if site.position == other.position and site.alternate != other.alternate:
            partner[place], partner[place + 1] = place + 1, place
    return Sites(contig, rows, frequencies, partner)


def duplicated_rows(sites: Sites) -> list[Site]:
    """Return the rows of block substitutions that repeat the position and alleles of another row."""
    return [
        site for before, site in pairwise(sites.rows) if site.clumped and before.name == site.name
    ]


def background_variants(seed: int, symbol: str) -> list[tuple[Site, Frequencies]]:
    """Return the variants that people carry in a gene for no reason, with their frequencies by ancestry."""
    stream = random_stream(seed, f"sites/{symbol}")
    transcript = transcript_of(symbol)
    found: dict[int, Site] = {}
    for position in _exonic_and_nearby(stream, transcript):
        reference = reference_bases(transcript.gene.contig, position, position)
        alternate = other_base(stream, reference)
        found[position] = _site(transcript, position, reference, alternate)
    for _ in range(CANDIDATES_PER_GENE // 30):
        position, reference, alternate = draw_indel(stream, transcript)
        reach = range(position, position + len(reference) + 1)
        if not any(place in found for place in reach):
            found[position] = _site(transcript, position, reference, alternate)
    sites = [found[position] for position in sorted(found)]
    # Selection: the worse a change, the fewer of them are about, and the rarer they are.
    survival = {"HIGH": 0.7, "MODERATE": 0.8}
    kept = stream.random(len(sites)) < [survival.get(_impact(site), 1.0) for site in sites]
    sites = [site for site, keep in zip(sites, kept, strict=True) if keep]
    sites = with_quality(stream, sites)
    return list(zip(sites, _gene_frequencies(stream, sites), strict=True))


def draw_change(stream: np.random.Generator, transcript: Transcript) -> tuple[int, str, str]:
    """Return a single-base change somewhere in the coding sequence, as position, reference, alternate."""
    position = int(stream.choice(transcript.coding_positions))
    reference = reference_bases(transcript.gene.contig, position, position)
    return position, reference, other_base(stream, reference)


def draw_indel(stream: np.random.Generator, transcript: Transcript) -> tuple[int, str, str]:
    """Return an insertion or deletion inside a coding exon that has only one way to be written."""
    contig = transcript.gene.contig
    while True:
        size = int(stream.choice([1, 2, 3, 4], p=[0.45, 0.2, 0.2, 0.15]))
        codon = int(stream.integers(2, len(transcript.protein) - 4))
        within = 0 if size == 3 else int(stream.integers(0, 3))
        base = transcript.coding_start + 3 * codon + within
        if stream.random() < 0.6:
            last = base + size - 1
            if transcript.exon(base - 2) != transcript.exon(last + 2):
                continue
            places = sorted(int(transcript.positions[at]) for at in range(base, last + 1))
            position = places[0] - 1
            reference = reference_bases(contig, position, places[-1])
            following = reference_bases(contig, places[-1] + 1, places[-1] + 1)
            if reference[0] != reference[-1] and following != reference[1]:
                return position, reference, reference[0]
        elif transcript.exon(base - 2) == transcript.exon(base + 2):
            inserted = "".join(stream.choice(list("ACGT"), size=size))
            position = min(int(transcript.positions[base - 1]), int(transcript.positions[base]))
            around = reference_bases(contig, position, position + 1)
            before, after = around[0], around[1]
            effect = effect_of(transcript, position, before, before + inserted)
            if (
                before != inserted[-1]
                and after != inserted[0]
                and "Ter" not in effect.protein_change
            ):
                return position, before, before + inserted


def _exonic_and_nearby(stream: np.random.Generator, transcript: Transcript) -> list[int]:
    """Return distinct positions: most in coding exons, some beside them, some before and after the coding part."""
    coding = transcript.coding_positions
    leader_and_trailer = np.concatenate(
        [
            transcript.positions[: transcript.coding_start],
            transcript.positions[transcript.coding_stop :],
        ]
    )
    ends = transcript.positions[transcript.exon_stops[:-1] - 1]
    starts = transcript.positions[transcript.exon_starts[1:]]
    step = 1 if transcript.forward else -1
    introns = np.concatenate(
        [
            (ends[:, None] + step * np.arange(1, 41)).ravel(),
            (starts[:, None] - step * np.arange(1, 41)).ravel(),
        ]
    )
    drawn: set[int] = set()
    for places, share in ((coding, 0.74), (leader_and_trailer, 0.07), (introns, 0.19)):
        size = min(round(share * CANDIDATES_PER_GENE), len(places) // 2)
        drawn.update(int(place) for place in stream.choice(places, size=size, replace=False))
    return sorted(drawn)


def _site(transcript: Transcript, position: int, reference: str, alternate: str) -> Site:
    gene = transcript.gene
    effect = effect_of(transcript, position, reference, alternate)
    return Site(gene.contig, position, reference, alternate, gene.symbol, effect)


def site_in_gene(transcript: Transcript, variant: tuple[int, str, str], *, private: bool) -> Site:
    """Return a planted variant as a site: well sequenced, and carried by nobody else if `private`."""
    gene = transcript.gene
    position, reference, alternate = variant
    return Site(
        gene.contig,
        position,
        reference,
        alternate,
        gene.symbol,
        effect_of(transcript, position, reference, alternate),
        private=private,
        planted=True,
    )


def _impact(site: Site) -> str:
    return site.effect.impact if site.effect else "MODIFIER"


def other_base(stream: np.random.Generator, reference: str) -> str:
    """Return a base that stands for the reference's, more often than not by a transition."""
    if stream.random() < TRANSITION_SHARE:
        return _TRANSITIONS[reference]
    others = [base for base in "ACGT" if base not in (reference, _TRANSITIONS[reference])]
    return others[int(stream.integers(0, 2))]


def with_quality(stream: np.random.Generator, sites: Sequence[Site]) -> list[Site]:
    """Return the sites, some of which cannot be sequenced well."""
    from dataclasses import replace

    kinds = list(_QUALITY_SHARES)
    drawn = stream.choice(len(kinds), size=len(sites), p=list(_QUALITY_SHARES.values()))
    return [
        site if kinds[kind] is Quality.GOOD else replace(site, quality=kinds[kind])
        for site, kind in zip(sites, drawn, strict=True)
    ]


def _gene_frequencies(stream: np.random.Generator, sites: Sequence[Site]) -> Frequencies:
    """Return frequencies by ancestry: most variants young, rare and at home in one ancestry; few old and common."""
    common_share = {"HIGH": 0.004, "MODERATE": 0.016, "LOW": 0.035, "MODIFIER": 0.04}
    common = stream.random(len(sites)) < [common_share[_impact(site)] for site in sites]
    highest = np.array([-2.9 if _impact(site) == "HIGH" else -2.6 for site in sites])
    frequencies = _young(stream, 10 ** stream.uniform(-5, highest))
    frequencies[common] = _old(stream, 10 ** stream.uniform(-2.3, -0.35, size=int(common.sum())))
    return frequencies


def _young(stream: np.random.Generator, at_home: Frequencies) -> Frequencies:
    size = len(at_home)
    home = stream.choice(
        len(ANCESTRIES), size=size, p=[_RARE_HOME[ancestry] for ancestry in ANCESTRIES]
    )
    shape = (size, len(ANCESTRIES))
    fallen = 10 ** -stream.uniform(0.3, 2.0, size=shape)
    elsewhere = np.where(stream.random(shape) < 0.65, 0.0, fallen) * at_home[:, None]
    elsewhere[np.arange(size), home] = at_home
    return elsewhere


def _old(stream: np.random.Generator, ancestral: Frequencies) -> Frequencies:
    """Return frequencies that drifted apart along the human tree (Balding and Nichols 1995)."""
    outside = drifted(stream, ancestral, _DRIFT_OUT_OF_AFRICA)
    return np.column_stack(
        [
            drifted(stream, ancestral if ancestry == "AFR" else outside, _DRIFT[ancestry])
            for ancestry in ANCESTRIES
        ]
    )


def drifted(stream: np.random.Generator, frequencies: Frequencies, drift: float) -> Frequencies:
    """Return allele frequencies after drift of size F; fixed and lost alleles stay so."""
    scale = (1 - drift) / drift
    inside = (frequencies > 0) & (frequencies < 1)
    moved = frequencies.copy()
    moved[inside] = stream.beta(frequencies[inside] * scale, (1 - frequencies[inside]) * scale)
    return moved


def _second_alleles(
    seed: int, contig: str, drawn: Sequence[tuple[Site, Frequencies]]
) -> list[tuple[Site, Frequencies]]:
    """Return a second alternate allele for some common sites, which decomposition writes as a row of its own."""
    stream = random_stream(seed, f"sites/second alleles/{contig}")
    clumped = {site.position for site, _ in drawn if site.clumped}
    found = []
    for site, frequencies in drawn:
        single = len(site.reference) == len(site.alternate) == 1
        chosen = stream.random() < MULTIALLELIC_SHARE
        share = stream.uniform(0.05, 0.3)
        if not (chosen and single and 0.02 < frequencies.max() < 0.5):
            continue
        if site.position in clumped:
            continue
        alternate = next(base for base in "ACGT" if base not in (site.reference, site.alternate))
        effect = (
            effect_of(transcript_of(site.gene), site.position, site.reference, alternate)
            if site.gene
            else None
        )
        second = Site(
            contig, site.position, site.reference, alternate, site.gene, effect, site.quality
        )
        found.append((second, share * (1 - frequencies)))
    return found
