"""A measured trait with a known cause: adults' heights, by sex, one locus, a polygenic part and surroundings.

The locus is a common variant of the association region, the polygenic part a weighted sum over
common variants of all autosomes, five of each. Effects are assumptions, larger than any real one's,
so that a few hundred people show them: a locus of 4 cm a copy explains 0.18 of the variance within
a sex, which 224 unrelated people show at 5e-8 with a power of 0.94.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gecip.model.assembly import GRCH38
from gecip.model.measurements import RareDiseasesGenMeasurement
from gecip.model.table import Table
from gecip.synthetic.aggregate_files import ContigRecords
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.association_region import ASSOCIATION_REGION
from gecip.synthetic.clinical_rows import Programme, frame_of
from gecip.synthetic.gene_dropping import Genomes
from gecip.synthetic.score_file import score_path
from gecip.synthetic.variant_sites import Quality, Site

if TYPE_CHECKING:
    import pandas as pd

TRAIT = "height_cm"
ADULT = 18
MEAN_OF_WOMEN, MORE_IN_MEN = 162.0, 13.0
LOCUS_EFFECT = 4.0
SCORE_DEVIATION = 3.5
FAMILY_DEVIATION, OWN_DEVIATION = 2.0, 4.5
SCORE_VARIANTS_ON_EACH = 5
# The rarer allele's least frequency in every ancestry.
LEAST_OF_SCORE = 0.1


@dataclass
class TraitGenotypes:
    """Everybody's copies at the variants that the trait depends on, kept as contigs come and go."""

    locus: Site | None = None
    at_locus: npt.NDArray[np.int64] | None = None
    score: list[Site] = field(default_factory=list)
    in_score: list[npt.NDArray[np.int64]] = field(default_factory=list)

    def remember(self, records: ContigRecords, genomes: Genomes) -> None:
        """Choose a contig's variants and keep their copies: the commonest in all ancestries in the region."""
        sites = records.sites
        if sites.contig not in GRCH38.autosomes:
            return
        rarer = np.minimum(sites.frequencies, 1 - sites.frequencies).min(axis=1)
        good = np.array(
            [
                site.quality is Quality.GOOD
                and not site.gene
                and records.judged.filters[row] == "PASS"
                and sites.partner[row] < 0
                for row, site in enumerate(sites.rows)
            ]
        )
        inside = np.array(
            [ASSOCIATION_REGION.holds(site.contig, site.position) for site in sites.rows]
        )
        copies = np.maximum(genomes.alleles, 0).sum(axis=1).astype(np.int64)
        if (good & inside).any():
            row = int(np.argmax(np.where(good & inside, rarer, 0.0)))
            self.locus, self.at_locus = sites.rows[row], copies[:, row]
        rows = np.flatnonzero(good & ~inside & (rarer > LEAST_OF_SCORE))
        for row in rows[:: max(1, len(rows) // SCORE_VARIANTS_ON_EACH)][:SCORE_VARIANTS_ON_EACH]:
            self.score.append(sites.rows[row])
            self.in_score.append(copies[:, row])


@dataclass(frozen=True)
class TraitMeasurements:
    """The rows of the measurements, and what they depend on: `weights` are those of the score, in cm a copy."""

    rows: Mapping[type[Table], pd.DataFrame]
    answers: tuple[Answer, ...]
    weights: tuple[tuple[Site, float], ...] = ()


def draw_measurements(programme: Programme, genotypes: TraitGenotypes) -> TraitMeasurements:
    """Return the heights of the adults in families; nothing for a release without genomes."""
    if genotypes.locus is None or genotypes.at_locus is None:
        return TraitMeasurements({}, ())
    stream = programme.stream(RareDiseasesGenMeasurement)
    people, dates = programme.recruits.people, programme.dates
    weights = stream.normal(size=len(genotypes.score))
    score = np.column_stack(genotypes.in_score) @ weights
    scale = SCORE_DEVIATION / score.std()
    weights, score = weights * scale, (score - score.mean()) * scale
    of_family = FAMILY_DEVIATION * stream.normal(size=len(programme.recruits.families))
    own = OWN_DEVIATION * stream.normal(size=len(score))
    late = stream.integers(0, 60, size=len(score)).astype("timedelta64[D]")
    measured = dates.registration[: len(score)] + late
    age = measured.astype("datetime64[Y]").astype(np.int64) + 1970 - dates.birth_year[: len(score)]
    places = np.array(
        [
            place
            for place in programme.in_tables
            if place < len(score) and people.family[place] >= 0 and age[place] > ADULT
        ],
        dtype=np.int64,
    )
    male = programme.truth.recruits.people.male[places]
    body = programme.truth.body[places]
    heights = (
        MEAN_OF_WOMEN
        + MORE_IN_MEN * male
        + LOCUS_EFFECT * (genotypes.at_locus[places] - 1)
        + score[places]
        + of_family[people.family[body]]
        + own[body]
    )
    of_locus = LOCUS_EFFECT * genotypes.at_locus[places]
    explained = float(np.var(score[places]) / np.var(heights - MORE_IN_MEN * male))
    frame = frame_of(
        RareDiseasesGenMeasurement,
        {
            "participant_id": people.number[places],
            "measurement_date": measured[places],
            "height_cm": heights.round(1),
        },
    )
    shared = {"trait": TRAIT, "table": RareDiseasesGenMeasurement.name, "n": len(places)}
    return TraitMeasurements(
        {RareDiseasesGenMeasurement: frame},
        (
            Answer(
                kind="gwas_locus",
                domain="release",
                variants=(genotypes.locus.name,),
                expected={
                    **shared,
                    "beta": LOCUS_EFFECT,
                    "r2": round(float(np.var(of_locus) / np.var(heights - MORE_IN_MEN * male)), 4),
                    "region": f"{ASSOCIATION_REGION.contig}:{ASSOCIATION_REGION.start}-"
                    f"{ASSOCIATION_REGION.stop}",
                },
            ),
            Answer(
                kind="polygenic_score",
                domain="release",
                variants=tuple(site.name for site in genotypes.score),
                expected={
                    **shared,
                    "r2": round(explained, 4),
                    "file": str(score_path(TRAIT)),
                    "weights": {
                        site.name: round(float(weight), 5)
                        for site, weight in zip(genotypes.score, weights, strict=True)
                    },
                },
            ),
        ),
        tuple((site, float(weight)) for site, weight in zip(genotypes.score, weights, strict=True)),
    )
