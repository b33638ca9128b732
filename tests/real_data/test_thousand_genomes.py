"""The 1000 Genomes, brought in as anybody's own data: 2,504 people at 23,769 variants on GRCh38."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gecip.analysis.genetic.ancestry import ReferencePeople, genetic_ancestry
from gecip.analysis.genetic.reference_space import UNASSIGNED
from gecip.cohort import define_cohort, select_cohort
from gecip.release import Release, open_release
from gecip.release.importing import import_release
from tests.real_data.public_data import public_data

if TYPE_CHECKING:
    import pandas as pd

VARIANTS, PEOPLE = 23_769, 2_504
PROCESSOR_SECONDS_TO_IMPORT = 8
COMPONENTS = 10
RECOVERED = 0.95
MOST_RIGHT = 0.98


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    vcf = public_data("1000-genomes/phase3.vcf.gz")
    table = public_data("1000-genomes/samples.tsv")
    out = tmp_path_factory.mktemp("imported") / "thousand-genomes"
    begin = time.process_time()
    import_release(out, vcfs=[vcf], participants=table, assembly="GRCh38")
    assert time.process_time() - begin < PROCESSOR_SECONDS_TO_IMPORT
    return open_release(out)


def test_it_is_imported_whole(release: Release) -> None:
    assert release.manifest.facts["variants"] == VARIANTS
    assert release.manifest.partial_genotypes == 0
    assert release.manifest.consent_assumed
    assert len(release.consent.samples) == PEOPLE
    assert len(release.chunks) == 1


def test_its_columns_come_along(release: Release) -> None:
    people = release.read("participant")
    assert len(people) == PEOPLE
    assert people["superpopulation"].value_counts().to_dict() == {
        "AFR": 661,
        "EAS": 504,
        "EUR": 503,
        "SAS": 489,
        "AMR": 347,
    }
    assert people["population"].nunique() == 26
    assert people["participant_phenotypic_sex"].value_counts().to_dict() == {
        "Female": 1271,
        "Male": 1233,
    }


@pytest.fixture(scope="module")
def genotypes(release: Release, hail: Any) -> Any:
    from gecip.genotypes import load_genotypes

    return load_genotypes(select_cohort(define_cohort("Everyone"), release))


@pytest.mark.jvm
def test_first_principal_components_recover_the_superpopulations(
    release: Release, genotypes: Any
) -> None:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.utils.extmath import randomized_svd

    from gecip.genotypes.dosages import dosage_matrix

    dosages, _, people = dosage_matrix(genotypes)
    assert dosages.shape == (VARIANTS, PEOPLE)
    assert dosages.min() == 0  # nobody's genotype is missing
    frequency = dosages.mean(axis=1, keepdims=True) / 2
    common = (frequency[:, 0] > 0.01) & (frequency[:, 0] < 0.99)
    frequency = frequency[common]
    scaled = (dosages[common] - 2 * frequency) / np.sqrt(2 * frequency * (1 - frequency))
    _, strengths, axes = randomized_svd(
        scaled.astype(np.float32), n_components=COMPONENTS, random_state=0
    )
    scores = axes.T * strengths

    told = release.read("participant").set_index("participant_id")["superpopulation"]
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
    recovered = cross_val_score(
        LinearDiscriminantAnalysis(),
        scores,
        told.loc[people["participant_id"]].to_numpy(),
        cv=folds,
    ).mean()
    assert recovered >= RECOVERED


@pytest.mark.jvm
@pytest.mark.slow
def test_people_left_out_of_the_reference_resemble_their_superpopulation(
    release: Release, genotypes: Any
) -> None:
    people = ancestry_of_the_left_out(release, genotypes, without=None)
    assigned = people[people["similar_to"] != UNASSIGNED]
    assert len(assigned) / len(people) >= RECOVERED
    assert (assigned["similar_to"] == assigned["told"]).mean() >= MOST_RIGHT


@pytest.mark.jvm
@pytest.mark.slow
def test_without_an_african_reference_africans_are_left_unassigned(
    release: Release, genotypes: Any
) -> None:
    people = ancestry_of_the_left_out(release, genotypes, without="AFR")
    africans = people[people["told"] == "AFR"]
    others = people[people["told"] != "AFR"]
    assert (africans["similar_to"] == UNASSIGNED).mean() >= MOST_RIGHT
    assert (others["similar_to"] != UNASSIGNED).mean() >= RECOVERED


def ancestry_of_the_left_out(
    release: Release, genotypes: Any, *, without: str | None
) -> pd.DataFrame:
    """Return what is said of people of whom two thirds, or none of one superpopulation, are the reference."""
    told = release.read("participant").set_index("participant_id")["superpopulation"].sort_index()
    serving = np.random.default_rng(0).permutation(told.index)[: 2 * PEOPLE // 3]
    reference = ReferencePeople(
        provenance=release.provenance,
        labels={one: told[one] for one in serving if told[one] != without},
        set_aside=frozenset(),
        too_few=(),
        recorded={},
    )
    people = genetic_ancestry(genotypes, reference).people
    return people.assign(told=told.loc[people["participant_id"]].to_numpy())
