"""The burden gene is found by Fisher's exact test on carriers counted from VCF, annotation and tables."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from scipy.stats import fisher_exact

from gecip.release.layout import newest_sample_list
from gecip.synthetic import Answer, read_answers
from tests.unit.synthetic.aggregate_reading import Aggregate, sample_of_participant, table

RARE = 0.0001
FEW_CARRIERS = 4


@pytest.fixture(scope="module")
def answer(demo_release_folder: Path) -> Answer:
    (found,) = [one for one in read_answers(demo_release_folder) if one.kind == "burden_gene"]
    return found


@pytest.fixture(scope="module")
def is_case(demo_release_folder: Path, answer: Answer) -> dict[str, bool]:
    """The consenting probands' samples: whether each is of the answer's disease group."""
    people = table(demo_release_folder, "participant")
    sample = sample_of_participant(demo_release_folder)
    diseases = table(demo_release_folder, "rare_diseases_participant_disease")
    group = dict(zip(diseases["participant_id"], diseases["normalised_disease_group"], strict=True))
    listing = newest_sample_list(demo_release_folder)
    assert listing is not None
    listed = set(listing.read_text().split())
    return {
        sample[person]: group[person] == answer.expected["disease_group"]
        for person in people.loc[people["participant_type"] == "Proband", "participant_id"]
        if sample.get(person) in listed
    }


@pytest.fixture(scope="module")
def carriers(demo_release_folder: Path) -> dict[str, set[str]]:
    """By gene, the samples that carry a rare damaging variant of it."""
    aggregate = Aggregate(demo_release_folder)
    found: dict[str, set[str]] = defaultdict(set)
    for name, entry, _ in aggregate.annotations:
        frequencies = [float(entry[field] or 0) for field in entry if field.startswith("gnomAD")]
        if entry["IMPACT"] not in {"HIGH", "MODERATE"} or max(frequencies) > RARE:
            continue
        row = aggregate.by_name[name]
        if row.filters == "PASS" and int(row.information["AC"]) <= FEW_CARRIERS:
            found[entry["SYMBOL"]] |= {
                sample
                for sample, genotype in zip(aggregate.samples, row.genotypes, strict=True)
                if "1" in genotype
            }
    return found


def test_the_gene_is_the_one_most_unevenly_hit(
    answer: Answer, is_case: dict[str, bool], carriers: dict[str, set[str]]
) -> None:
    cases = {sample for sample, case in is_case.items() if case}
    controls = set(is_case) - cases
    assert len(cases) > 40
    assert len(controls) > 60
    results = {}
    for gene, samples in carriers.items():
        hit, missed = len(samples & cases), len(samples & controls)
        counts = [[hit, len(cases) - hit], [missed, len(controls) - missed]]
        results[gene] = fisher_exact(counts, alternative="greater")
    best = min(results, key=lambda gene: results[gene].pvalue)
    assert best == answer.gene
    assert results[best].pvalue < 0.05 / len(results)
    assert results[best].statistic > 3
    assert answer.expected["odds_ratio"] == "above 1"


def test_the_key_counts_the_people_that_are_there(
    answer: Answer, is_case: dict[str, bool], carriers: dict[str, set[str]]
) -> None:
    expected = answer.expected
    cases = {sample for sample, case in is_case.items() if case}
    assert len(cases) == expected["cases"]
    assert len(is_case) - len(cases) == expected["controls"]
    assert 12 <= expected["planted_carriers"] <= len(carriers[str(answer.gene)] & cases)


def test_a_small_release_has_no_burden_gene(small_release_folder: Path) -> None:
    assert "burden_gene" not in {answer.kind for answer in read_answers(small_release_folder)}
