"""Scores on principal components, as the programme gives them with the aggregate: found in the unrelated, the others projected."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gecip.model.assembly import GRCH38
from gecip.synthetic.aggregate_files import ContigRecords
from gecip.synthetic.association_region import ASSOCIATION_REGION
from gecip.synthetic.sequencing import HOMOZYGOUS
from gecip.synthetic.variant_sites import Quality

COMPONENTS = 20
LEAST_FREQUENCY = 0.05


@dataclass
class BackboneCopies:
    """Calls at the backbone's well sequenced places, kept as contigs come and go: (sites, samples), -1 where missing."""

    calls: list[npt.NDArray[np.int8]] = field(default_factory=list)

    def remember(self, records: ContigRecords) -> None:
        """Keep one contig's calls."""
        sites = records.sites
        if sites.contig not in GRCH38.autosomes:
            return
        rows = [
            row
            for row, site in enumerate(sites.rows)
            if site.quality is Quality.GOOD
            and not site.gene
            and sites.partner[row] < 0
            and records.judged.filters[row] == "PASS"
            and not ASSOCIATION_REGION.holds(site.contig, site.position)
        ]
        state = records.calls.state[rows]
        self.calls.append(np.where(state <= HOMOZYGOUS, state, -1).astype(np.int8))

    def scores(self, unrelated: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        """Return each sample's scores, of shape (samples, components), 0 where there are too few people.

        Components of standardised genotypes (Patterson 2006) of the unrelated samples; a missing call
        counts as the mean. A component's sign is fixed by its largest score.
        """
        copies = np.concatenate(self.calls).T.astype(float)
        copies[copies < 0] = np.nan
        frequency = np.nanmean(copies[unrelated], axis=0) / 2
        common = np.minimum(frequency, 1 - frequency) > LEAST_FREQUENCY
        centred = copies[:, common] - 2 * frequency[common]
        scaled = np.nan_to_num(centred / np.sqrt(2 * frequency * (1 - frequency))[common])
        among = scaled[unrelated]
        values, vectors = np.linalg.eigh(among @ among.T)
        order = np.argsort(values)[::-1][: min(COMPONENTS, len(values) - 1)]
        loadings = among.T @ vectors[:, order] / np.sqrt(values[order])
        found = scaled @ loadings / np.sqrt(common.sum())
        extreme = found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])]
        scores = np.zeros((len(copies), COMPONENTS))
        scores[:, : found.shape[1]] = found * np.sign(extreme)
        return scores
