"""What the sequencer saw: reads, genotype likelihoods and the fields of a call, which agree with each other.

Genotypes are the true ones: reads are drawn so that the true genotype stays the likeliest, or else
the call is missing. Depth, allele counts, likelihoods and quality follow from the reads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from gecip.synthetic.gene_dropping import NO_COPY, Genomes
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.variant_sites import Quality, Sites

Counts = npt.NDArray[np.int16]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

DEEPEST = 120
ERROR_RATE = 0.005
LARGEST_LIKELIHOOD = 255
LARGEST_QUALITY = 99
LEAST_GQX = 15
LEAST_DEPTH_OF_SKEWED = 40

# States of a call: which alleles, and whether there are one or two copies. Partial ones stand where
# the row's allele and another alternate allele, or only the other, were found.
REFERENCE, HETEROZYGOUS, HOMOZYGOUS = 0, 1, 2
HEMIZYGOUS_REFERENCE, HEMIZYGOUS_ALTERNATE = 3, 4
MISSING, HEMIZYGOUS_MISSING = 5, 6
ALTERNATE_AND_OTHER, OTHER_AND_ALTERNATE = 7, 8
REFERENCE_AND_OTHER, OTHER_TWICE, HEMIZYGOUS_OTHER = 9, 10, 11
GENOTYPE_TEXT = ("0/0", "0/1", "1/1", "0", "1", "./.", ".", "1/.", "./1", "0/.", "./.", ".")
# The state of one alternate allele that takes as many reads to call as a partial one.
_ALIKE = np.array([0, 1, 2, 3, 4, 5, 6, 1, 1, 1, 2, 4], dtype=np.int8)


@dataclass(frozen=True)
class Samples:
    """The sequenced samples: whose name they bear (as places among the people), platekeys and mean coverage.

    `male` tells of the genome that is in the sample, whatever the records say.
    """

    people: Integers
    platekeys: tuple[str, ...]
    male: Flags
    coverage: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.platekeys)


@dataclass(frozen=True)
class Calls:
    """The calls of one contig, each of shape (sites, samples).

    `state` is one of this module's states, `depth` the reads that were used, `alternate` those that
    show the row's allele, `other` those that show another alternate allele (left out of AD, as
    decomposition does), `filtered` reads that were not used.
    """

    state: npt.NDArray[np.int8]
    depth: Counts
    alternate: Counts
    other: Counts
    filtered: Counts


def sequence(seed: int, samples: Samples, genomes: Genomes) -> Calls:
    """Return what was called for `samples` at the sites of one contig."""
    stream = random_stream(seed, f"sequencing/{genomes.sites.contig}")
    state = _states(samples, genomes)
    depth = _draw_depth(stream, samples, genomes.sites)
    lost = _draw_lost(stream, genomes.sites, state, depth)
    hemizygous = (genomes.alleles[samples.people, 0] == NO_COPY).T
    state[lost] = np.where(hemizygous, HEMIZYGOUS_MISSING, MISSING)[lost]
    depth[lost] = 0
    alternate = _draw_alternate_reads(stream, genomes.sites, state, depth)
    other = _share_reads(genomes.sites, state, depth, alternate)
    filtered = np.minimum(stream.poisson(0.4, size=depth.shape), 3).astype(np.int16)
    return Calls(state, depth, alternate, other, filtered)


def qualities(calls: Calls) -> Counts:
    """Return GQ of each call: how much less likely the second likeliest genotype is; 0 where nothing was called."""
    plain = np.minimum(calls.state, MISSING)
    quality = second_likelihood()[plain, calls.depth, calls.alternate]
    for at in zip(*np.nonzero(calls.state > HEMIZYGOUS_MISSING), strict=True):
        quality[at] = partial_call(
            bool(calls.state[at] == HEMIZYGOUS_OTHER),
            int(calls.depth[at]),
            int(calls.alternate[at]),
            int(calls.other[at]),
        ).quality
    return quality


@cache
def likelihoods() -> npt.NDArray[np.int16]:
    """Return phred-scaled likelihoods of 0, 1 and 2 alternate copies: shape (depth, alternate reads, 3)."""
    depth = np.arange(DEEPEST + 1)[:, None]
    alternate = np.arange(DEEPEST + 1)[None, :]
    reference = np.clip(depth - alternate, 0, None)
    right, wrong, half = (-10 * np.log10(p) for p in (1 - ERROR_RATE, ERROR_RATE, 0.5))
    raw = np.stack(
        [
            reference * right + alternate * wrong,
            (reference + alternate) * half,
            reference * wrong + alternate * right,
        ],
        axis=-1,
    )
    scaled = np.rint(raw - raw.min(axis=-1, keepdims=True))
    return scaled.clip(max=LARGEST_LIKELIHOOD).astype(np.int16)


@cache
def second_likelihood() -> npt.NDArray[np.int16]:
    """Return the quality of a call that is not partial: shape (state up to missing, depth, alternate reads)."""
    table = likelihoods()
    diploid = np.sort(table, axis=-1)[..., 1].clip(max=LARGEST_QUALITY)
    haploid = np.abs(table[..., 0] - table[..., 2]).clip(max=LARGEST_QUALITY)
    return np.stack([diploid, diploid, diploid, haploid, haploid, np.zeros_like(haploid)])


@cache
def _likeliest_range() -> npt.NDArray[np.int16]:
    """Return the fewest and most alternate reads with which a state stays the likeliest: (state, depth, 2); -1 for none."""
    table = likelihoods()
    bounds = np.full((5, DEEPEST + 1, 2), -1, dtype=np.int16)
    for depth in range(1, DEEPEST + 1):
        values = table[depth, : depth + 1]
        for state in (REFERENCE, HETEROZYGOUS, HOMOZYGOUS):
            others = np.delete(values, state, axis=1).min(axis=1)
            _bound(bounds, state, depth, values[:, state] < others)
        _bound(bounds, HEMIZYGOUS_REFERENCE, depth, values[:, 0] < values[:, 2])
        _bound(bounds, HEMIZYGOUS_ALTERNATE, depth, values[:, 2] < values[:, 0])
    return bounds


def _bound(
    bounds: npt.NDArray[np.int16], state: int, depth: int, likeliest: npt.NDArray[np.bool_]
) -> None:
    reads = np.flatnonzero(likeliest)
    if len(reads):
        bounds[state, depth] = reads[0], reads[-1]


def _states(samples: Samples, genomes: Genomes) -> npt.NDArray[np.int8]:
    alleles = genomes.alleles[samples.people].transpose(2, 1, 0)
    first, second = alleles[:, 0], alleles[:, 1]
    state = np.where(first == NO_COPY, HEMIZYGOUS_REFERENCE + second, first + second)
    partner = genomes.sites.partner
    rows = np.flatnonzero(partner >= 0)
    for row in rows:
        mine, others = alleles[row], alleles[partner[row]]
        # The lower-numbered allele stands first in an unphased call.
        before = row < partner[row]
        copies, taken = np.maximum(mine, 0).sum(axis=0), np.maximum(others, 0).sum(axis=0)
        hemizygous = mine[0] == NO_COPY
        both = (copies == 1) & (taken == 1)
        state[row][both] = ALTERNATE_AND_OTHER if before else OTHER_AND_ALTERNATE
        state[row][(copies == 0) & (taken == 1) & ~hemizygous] = REFERENCE_AND_OTHER
        state[row][(taken == 2)] = OTHER_TWICE
        state[row][(taken == 1) & hemizygous] = HEMIZYGOUS_OTHER
    return state.astype(np.int8)


def _draw_depth(stream: np.random.Generator, samples: Samples, sites: Sites) -> Counts:
    factor = stream.gamma(120.0, 1 / 120.0, size=len(sites))
    shallow = _of_quality(sites, Quality.SHALLOW)
    factor[shallow] *= stream.uniform(0.12, 0.3, size=int(shallow.sum()))
    expected = factor[:, None] * samples.coverage[None, :]
    one_copy = sites.hemizygous[:, None] & samples.male[None, :]
    depth = stream.poisson(np.where(one_copy, expected / 2, expected))
    first, second = _pairs(sites)
    depth[second] = depth[first]
    # What is planted can be seen, and called de novo where it is.
    planted = [site.private for site in sites.rows]
    depth[planted] = depth[planted].clip(min=20)
    skewed = [site.private and site.quality is Quality.SKEWED for site in sites.rows]
    depth[skewed] = depth[skewed].clip(min=LEAST_DEPTH_OF_SKEWED)
    return depth.clip(0, DEEPEST).astype(np.int16)


def _draw_lost(
    stream: np.random.Generator, sites: Sites, state: npt.NDArray[np.int8], depth: Counts
) -> Flags:
    """Return which calls are missing: too few reads to tell, or by chance, more often at incomplete sites."""
    rate = np.full(len(sites), 0.001)
    rate[_of_quality(sites, Quality.INCOMPLETE)] = 0.12
    rate[_of_quality(sites, Quality.SHALLOW)] = 0.05
    rate[[site.planted for site in sites.rows]] = 0.0
    first, second = _pairs(sites)
    rate[first] = rate[second] = np.minimum(rate[first], rate[second])
    by_chance = stream.random(state.shape) < rate[:, None]
    by_chance[second] = by_chance[first]
    too_few = _likeliest_range()[_ALIKE[state], depth][..., 0] < 0
    return by_chance | too_few


def _draw_alternate_reads(
    stream: np.random.Generator, sites: Sites, state: npt.NDArray[np.int8], depth: Counts
) -> Counts:
    """Return reads of the row's allele, kept within what leaves the true genotype the likeliest."""
    alike = _ALIKE[state].clip(max=HEMIZYGOUS_ALTERNATE)
    half = np.where(_of_quality(sites, Quality.SKEWED), 0.2, 0.485)[:, None]
    share = np.choose(alike, [0.001, half, 0.999, 0.001, 0.999])
    drawn = stream.binomial(depth, share)
    planted = np.array([site.private for site in sites.rows], dtype=bool)[:, None]
    balanced = planted & (alike == HETEROZYGOUS)
    # Within what the search for de novo variants and the site's test of balance take for even.
    reach = np.minimum(0.2 * depth, np.sqrt(depth))
    least, most = np.ceil(depth / 2 - reach), np.floor(depth / 2 + reach)
    skewed = _of_quality(sites, Quality.SKEWED)[:, None]
    # What is planted to fail the test of balance has to fail it in its only carriers.
    few = np.floor(0.2 * depth)
    drawn = np.where(balanced & skewed, drawn.clip(few - 1, few), drawn)
    drawn = np.where(balanced & ~skewed, drawn.clip(least, most), drawn).astype(np.int64)
    bounds = _likeliest_range()[alike, depth].clip(min=0)
    return drawn.clip(bounds[..., 0], bounds[..., 1]).astype(np.int16)


def _share_reads(
    sites: Sites, state: npt.NDArray[np.int8], depth: Counts, alternate: Counts
) -> Counts:
    """Return the reads of the other alternate allele, and let both rows of a place tell one story."""
    other = np.zeros_like(depth)
    for first, second in zip(*_pairs(sites), strict=True):
        both = state[first] == ALTERNATE_AND_OTHER
        alternate[second][both] = (depth[first] - alternate[first])[both]
        for mine in (first, second):
            absent = np.isin(state[mine], (REFERENCE_AND_OTHER, OTHER_TWICE, HEMIZYGOUS_OTHER))
            # Stray reads would make the two rows disagree on the reads of the reference.
            alternate[mine][absent | (state[mine] == REFERENCE)] = 0
            alternate[mine][state[mine] == HEMIZYGOUS_REFERENCE] = 0
        for mine, its in ((first, second), (second, first)):
            partial = state[mine] > HEMIZYGOUS_MISSING
            other[mine][partial] = alternate[its][partial]
    return other


def _pairs(sites: Sites) -> tuple[Integers, Integers]:
    """Return the places of the first and the second rows of the sites with two alternate alleles."""
    first = np.flatnonzero(sites.partner > np.arange(len(sites)))
    return first, sites.partner[first]


def _of_quality(sites: Sites, quality: Quality) -> Flags:
    return np.array([site.quality is quality for site in sites.rows], dtype=bool)


@dataclass(frozen=True)
class PartialCall:
    """Quality and likelihoods of a call at a place with two alternate alleles, as one row shows it."""

    quality: int
    likelihoods: tuple[int, ...]


@cache
def partial_call(hemizygous: bool, depth: int, alternate: int, other: int) -> PartialCall:  # noqa: FBT001  a key of the cache
    """Return the quality and this row's likelihoods of a call that involves the other alternate allele.

    Likelihoods are those of the whole place: of its six (or three) genotypes this row shows those
    without the other allele, so that none need be 0. Genotypes with an allele that was not seen have
    the largest value, as in the real aggregate.
    """
    reads = (depth - alternate - other, alternate, other)
    genotypes = (
        [(0,), (1,), (2,)] if hemizygous else [(0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2)]
    )
    costs = {
        genotype: sum(
            count * -10 * math.log10(_chance_of_read(allele, genotype))
            for allele, count in enumerate(reads)
        )
        for genotype in genotypes
    }
    best, second = sorted(costs.values())[:2]
    shown = [genotype for genotype in genotypes if 2 not in genotype]
    return PartialCall(
        quality=min(round(second - best), LARGEST_QUALITY),
        likelihoods=tuple(
            LARGEST_LIKELIHOOD
            if alternate == 0 and 1 in genotype
            else min(round(costs[genotype] - best), LARGEST_LIKELIHOOD)
            for genotype in shown
        ),
    )


def _chance_of_read(allele: int, genotype: tuple[int, ...]) -> float:
    if allele not in genotype:
        return ERROR_RATE
    return 1 - ERROR_RATE if len(set(genotype)) == 1 else 0.5
