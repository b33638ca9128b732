"""The height's locus and polygenic part are found by regression on dosages read from the VCFs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import pytest

from gecip.release.layout import read_chunks
from gecip.synthetic import Answer, read_answers
from gecip.synthetic.association_region import ASSOCIATION_REGION
from tests.unit.synthetic.aggregate_reading import samples_with_mishaps, table

COMMON = 0.05


@pytest.fixture(scope="module")
def answers(demo_release_folder: Path) -> dict[str, Answer]:
    return {answer.kind: answer for answer in read_answers(demo_release_folder)}


@pytest.fixture(scope="module")
def people(demo_release_folder: Path) -> pd.DataFrame:
    """Unrelated Europeans with a height, by platekey, with sex as the genome tells it."""
    heights = table(demo_release_folder, "rare_diseases_gen_measurement")
    stats = table(demo_release_folder, "aggregate_gvcf_sample_stats")
    both = heights.merge(stats, on="participant_id")
    both = both[both["set_of_unrelated_individuals"] == 1]
    both = both[both["pred_european_ancestries"] > 0.8]
    both = both[~both["platekey"].isin(samples_with_mishaps(demo_release_folder))]
    return both.set_index("platekey")


@pytest.fixture(scope="module")
def dosages(
    demo_release_folder: Path, people: pd.DataFrame, answers: dict[str, Answer]
) -> pd.DataFrame:
    """Copies at the region's common variants and the score's: rows are variants, columns samples."""
    wanted = set(answers["polygenic_score"].variants)
    found = {}
    for chunk in read_chunks(demo_release_folder):
        with pysam.VariantFile(str(chunk.genotypes)) as file:
            for record in file:
                name = f"{record.contig}:{record.pos}:{record.ref}:{record.alts[0]}"
                inside = ASSOCIATION_REGION.holds(record.contig, record.pos)
                if not (inside or name in wanted) or list(record.filter) != ["PASS"]:
                    continue
                calls = [record.samples[sample]["GT"] for sample in people.index]
                copies = np.array([np.nan if None in call else sum(call) for call in calls])
                frequency = np.nanmean(copies) / 2
                if name in wanted or COMMON < frequency < 1 - COMMON:
                    found[name] = np.where(np.isnan(copies), 2 * frequency, copies)
    return pd.DataFrame(found, index=people.index).T


def residuals(people: pd.DataFrame) -> pd.Series:
    """Heights less the mean of each sex."""
    return people["height_cm"] - people.groupby("karyotype")["height_cm"].transform("mean")


def test_the_locus_is_the_top_hit_of_the_region_or_linked_to_it(
    people: pd.DataFrame, dosages: pd.DataFrame, answers: dict[str, Answer]
) -> None:
    answer = answers["gwas_locus"]
    assert len(people) > 100
    inside = [
        name
        for name in dosages.index
        if ASSOCIATION_REGION.holds(name.split(":")[0], int(name.split(":")[1]))
    ]
    assert len(inside) > 300
    genotypes = dosages.loc[inside]
    centred = genotypes.sub(genotypes.mean(axis=1), axis=0)
    height = residuals(people)
    spread = (centred**2).sum(axis=1)
    effects = centred @ height / spread
    left = ((height**2).sum() - effects**2 * spread) / (len(height) - 3)
    errors = np.sqrt(left / spread)
    top = (effects / errors).abs().idxmax()
    linkage = np.corrcoef(genotypes.loc[top], genotypes.loc[answer.variant])[0, 1] ** 2
    assert linkage > 0.6
    assert abs(effects[top] / errors[top]) > 4.5
    beta = effects[answer.variant]
    assert abs(beta - answer.expected["beta"]) < 3 * errors[answer.variant]


def test_the_score_explains_what_was_planted(
    people: pd.DataFrame, dosages: pd.DataFrame, answers: dict[str, Answer]
) -> None:
    expected = answers["polygenic_score"].expected
    weights = pd.Series(expected["weights"])
    assert len(weights) > 90
    score = weights @ dosages.loc[weights.index]
    correlation = np.corrcoef(score, residuals(people))[0, 1]
    # Fisher's transformation gives the error of a correlation.
    error = 3 / np.sqrt(len(people) - 3)
    assert correlation > 0
    assert abs(np.arctanh(correlation) - np.arctanh(np.sqrt(expected["r2"]))) < error


def test_only_adults_of_families_are_measured(
    demo_release_folder: Path, answers: dict[str, Answer]
) -> None:
    heights = table(demo_release_folder, "rare_diseases_gen_measurement")
    people = table(demo_release_folder, "participant").set_index("participant_id")
    measured = people.loc[heights["participant_id"]]
    assert (measured["programme"] == "Rare Diseases").all()
    years = pd.to_datetime(heights["measurement_date"]).dt.year.to_numpy()
    assert (years - measured["year_of_birth"].to_numpy() >= 18).all()
    assert len(heights) == answers["gwas_locus"].expected["n"]
    assert heights["height_cm"].between(130, 210).mean() > 0.99
