"""The scores on principal components stand in the table, and are those that the aggregate's calls give."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pysam
import pytest

from gecip.release.layout import read_chunks
from gecip.synthetic.association_region import ASSOCIATION_REGION
from tests.unit.synthetic.aggregate_reading import table

if TYPE_CHECKING:
    import pandas as pd

NAMES = [f"pc{number}" for number in range(1, 21)]


@pytest.fixture(scope="module")
def stats(small_release_folder: Path) -> pd.DataFrame:
    return table(small_release_folder, "aggregate_gvcf_sample_stats").set_index("platekey")


def test_everybody_with_a_genome_has_twenty_scores(stats: pd.DataFrame) -> None:
    scores = stats[NAMES].to_numpy()
    assert np.isfinite(scores).all()
    unrelated = scores[(stats["set_of_unrelated_individuals"] == 1).to_numpy()]
    spread = unrelated.var(axis=0)
    assert spread[0] > spread[1] > spread[10]


def test_the_first_components_follow_from_the_calls(
    stats: pd.DataFrame, small_release_folder: Path
) -> None:
    unrelated = stats[stats["set_of_unrelated_individuals"] == 1]
    rows = []
    for chunk in read_chunks(small_release_folder):
        if chunk.contig == "chrX":
            continue
        with pysam.VariantFile(str(chunk.genotypes)) as file:
            for record in file:
                if list(record.filter) != ["PASS"] or len(record.ref) != len(record.alts[0]):
                    continue
                if ASSOCIATION_REGION.holds(record.contig, record.pos):
                    continue
                calls = [record.samples[sample]["GT"] for sample in unrelated.index]
                copies = np.array([np.nan if None in call else sum(call) for call in calls])
                frequency = np.nanmean(copies) / 2
                if 0.1 < frequency < 0.9:
                    spread = np.sqrt(2 * frequency * (1 - frequency))
                    rows.append(np.nan_to_num((copies - 2 * frequency) / spread))
    _, _, right = np.linalg.svd(np.array(rows), full_matrices=False)
    for place in (0, 1):
        found = abs(np.corrcoef(right[place], unrelated[NAMES[place]])[0, 1])
        assert found > 0.85


def test_the_first_component_tells_continents_apart(stats: pd.DataFrame) -> None:
    european = stats["pred_european_ancestries"] > 0.8
    african = stats["pred_african_ancestries"] > 0.8
    apart = abs(stats.loc[european, "pc1"].mean() - stats.loc[african, "pc1"].mean())
    assert apart > 5 * stats.loc[european, "pc1"].std()
