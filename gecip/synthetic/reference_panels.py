"""Allele frequencies as gnomAD would report them: counted in samples of its size, by its ancestries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import ANCESTRIES
from gecip.synthetic.variant_sites import Frequencies, Sites, drifted

# People by ancestry in gnomAD's genomes (v3.1.2) and exomes (v2.1.1), by the release notes.
GENOMES = {
    "AFR": 20_744,
    "AMI": 456,
    "AMR": 7_647,
    "ASJ": 1_736,
    "EAS": 2_604,
    "FIN": 5_316,
    "MID": 158,
    "NFE": 34_029,
    "OTH": 1_047,
    "SAS": 2_419,
}
EXOMES = {
    "AFR": 8_128,
    "AMR": 17_296,
    "ASJ": 5_040,
    "EAS": 9_197,
    "FIN": 10_824,
    "NFE": 56_885,
    "OTH": 3_070,
    "SAS": 15_308,
}
# Ancestries that the release does not draw have drifted from the one that is nearest; assumptions.
_NEAREST = {
    "AMI": ("EUR", 0.04),
    "ASJ": ("EUR", 0.02),
    "FIN": ("EUR", 0.015),
    "MID": ("EUR", 0.02),
    "NFE": ("EUR", 0.0),
    "OTH": ("EUR", 0.005),
}
# Below this frequency a variant is young, and in a population that split off it is mostly absent.
_YOUNG = 0.003


@dataclass(frozen=True)
class PanelFrequencies:
    """One panel's frequencies: `overall` of shape (sites,), nan where no sample has the variant; `by_ancestry` likewise."""

    overall: npt.NDArray[np.float64]
    by_ancestry: Mapping[str, npt.NDArray[np.float64]]


def panel_frequencies(seed: int, sites: Sites) -> tuple[PanelFrequencies, PanelFrequencies]:
    """Return the frequencies of a contig's sites in the exomes and in the genomes; exomes know sites in genes only."""
    stream = random_stream(seed, f"reference panels/{sites.contig}")
    population = {
        ancestry: sites.frequencies[:, place] for place, ancestry in enumerate(ANCESTRIES)
    }
    for ancestry, (nearest, drift) in _NEAREST.items():
        population[ancestry] = _nearby(stream, population[nearest], drift)
    in_gene = np.array([bool(site.gene) for site in sites.rows], dtype=bool)
    everywhere = np.ones(len(sites), dtype=bool)
    return (
        _count(stream, population, EXOMES, in_gene),
        _count(stream, population, GENOMES, everywhere),
    )


def _nearby(stream: np.random.Generator, frequencies: Frequencies, drift: float) -> Frequencies:
    if not drift:
        return frequencies
    young = frequencies < _YOUNG
    moved = drifted(stream, np.where(young, 0.0, frequencies), drift)
    kept = stream.random(len(frequencies)) < 0.3
    return np.where(young, np.where(kept, frequencies, 0.0), moved)


def _count(
    stream: np.random.Generator,
    population: Mapping[str, Frequencies],
    people: Mapping[str, int],
    covered: npt.NDArray[np.bool_],
) -> PanelFrequencies:
    counts = {
        ancestry: stream.binomial(2 * size, population[ancestry])
        for ancestry, size in people.items()
    }
    total = sum(counts.values())
    unseen = (np.asarray(total) == 0) | ~covered
    overall = np.where(unseen, np.nan, np.asarray(total) / (2 * sum(people.values())))
    return PanelFrequencies(
        overall,
        {
            ancestry: np.where(unseen, np.nan, counts[ancestry] / (2 * size))
            for ancestry, size in people.items()
        },
    )
