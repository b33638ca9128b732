"""What the history of populations left in the demo release's genomes, read from its VCFs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pysam
import pytest

from gecip.model.assembly import GRCH38
from gecip.model.genes import GENES
from gecip.release.layout import read_chunks
from gecip.synthetic import read_answers
from gecip.synthetic.association_region import ASSOCIATION_REGION
from gecip.synthetic.haplotype_simulation import Haplotypes, simulate_unlinked
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import ANCESTRIES
from tests.unit.synthetic.aggregate_reading import lines_of, sample_of_participant, table

COPIES = {"0/0": 0, "0/1": 1, "1/1": 2}
Dosages = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Genotypes:
    """Sites that pass and their dosages, nan where unknown: shape (sites, people)."""

    places: list[tuple[str, int]]
    dosages: Dosages
    hardy_weinberg: list[float]

    def of(self, people: npt.NDArray[np.bool_]) -> Dosages:
        return self.dosages[:, people]


def read(folder: Path, wanted: Callable[[str, int], bool]) -> Genotypes:
    places, dosages, tests = [], [], []
    for chunk in read_chunks(folder):
        if chunk.contig == "chrX":
            continue
        for line in lines_of(chunk.genotypes):
            contig, position, _, _, _, _, filters, information, _, calls = line.split("\t", 9)
            if filters == "PASS" and "OLD_" not in information and wanted(contig, int(position)):
                places.append((contig, int(position)))
                dosages.append([COPIES.get(call[:3], np.nan) for call in calls.split("\t")])
                tests.append(float(information.partition("phwe_eur=")[2].partition(";")[0]))
    return Genotypes(places, np.array(dosages, dtype=np.float32), tests)


def is_backbone(contig: str, position: int) -> bool:
    in_gene = any(
        gene.contig == contig and gene.start <= position <= gene.stop for gene in GENES.values()
    )
    return not in_gene and not ASSOCIATION_REGION.holds(contig, position)


@pytest.fixture(scope="module")
def backbone(demo_release_folder: Path) -> Genotypes:
    return read(demo_release_folder, is_backbone)


@pytest.fixture(scope="module")
def region(demo_release_folder: Path) -> Genotypes:
    return read(demo_release_folder, ASSOCIATION_REGION.holds)


@pytest.fixture(scope="module")
def ancestry(demo_release_folder: Path) -> dict[str, npt.NDArray[np.bool_]]:
    """Unrelated people of one ancestry, as places among the samples."""
    shares = next(
        answer.expected["shares"]
        for answer in read_answers(demo_release_folder)
        if answer.kind == "genetic_ancestry"
    )
    samples = sample_of_participant(demo_release_folder)
    stats = table(demo_release_folder, "aggregate_gvcf_sample_stats").set_index("platekey")
    chunk = read_chunks(demo_release_folder)[0]
    with pysam.VariantFile(str(chunk.genotypes)) as file:
        columns = list(file.header.samples)
    lone = {
        samples[int(number)]: next(iter(mine))
        for number, mine in shares.items()
        if len(mine) == 1 and int(number) in samples
    }
    unrelated = set(stats.index[stats["set_of_unrelated_individuals"] == 1])
    return {
        name: np.array(
            [lone.get(sample) == name and sample in unrelated for sample in columns], dtype=bool
        )
        for name in ANCESTRIES
    }


def test_the_backbone_has_5000_common_variants_on_all_autosomes(backbone: Genotypes) -> None:
    frequency = np.nanmean(backbone.dosages, axis=1) / 2
    assert (np.minimum(frequency, 1 - frequency) > 0.01).sum() > 4_500
    assert {contig for contig, _ in backbone.places} == set(GRCH38.autosomes)


def test_neighbours_in_the_region_are_linked_and_distant_ones_are_not(
    region: Genotypes, backbone: Genotypes, ancestry: dict[str, npt.NDArray[np.bool_]]
) -> None:
    europeans = ancestry["EUR"]
    correlation, distance = _linkage(region, europeans)
    near = correlation[(distance >= 1_000) & (distance <= 5_000)].mean()
    far = correlation[distance >= 500_000].mean()
    # Unlinked sites have a mean of about one over the number of people.
    by_chance = 1 / europeans.sum()
    assert near > 0.15
    assert near > 10 * far
    assert far < 3 * by_chance
    independent, _ = _linkage(backbone, europeans, at_most=600)
    assert independent.mean() < 2 * by_chance


def _linkage(
    genotypes: Genotypes, people: npt.NDArray[np.bool_], *, at_most: int = 1_500
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return r2 and distance of pairs of common sites."""
    dosages = genotypes.of(people)
    frequency = np.nanmean(dosages, axis=1) / 2
    chosen = np.flatnonzero(np.minimum(frequency, 1 - frequency) > 0.05)[:at_most]
    filled = np.where(np.isnan(dosages), 2 * frequency[:, None], dosages)[chosen]
    squared = np.corrcoef(filled) ** 2
    positions = np.array([position for _, position in genotypes.places])[chosen]
    upper = np.triu_indices(len(chosen), 1)
    return squared[upper], np.abs(positions[:, None] - positions[None, :])[upper]


def test_africans_are_farthest_from_everybody(
    backbone: Genotypes, ancestry: dict[str, npt.NDArray[np.bool_]]
) -> None:
    of = {name: backbone.of(people) for name, people in ancestry.items() if people.sum() >= 5}
    assert {"AFR", "EUR", "SAS"} <= set(of)
    european_and_south_asian = _fst(of["EUR"], of["SAS"])
    assert 0.01 < european_and_south_asian < 0.08
    for other in set(of) - {"AFR"}:
        assert 0.08 < _fst(of["AFR"], of[other]) < 0.35
        assert _fst(of["AFR"], of[other]) > 1.5 * european_and_south_asian


def _fst(one: Dosages, other: Dosages) -> float:
    """Return Hudson's estimate as a ratio of averages (Bhatia 2013)."""
    counts = [2 * (~np.isnan(dosages)).sum(axis=1) for dosages in (one, other)]
    first, second = (np.nanmean(dosages, axis=1) / 2 for dosages in (one, other))
    within = first * (1 - first) / (counts[0] - 1) + second * (1 - second) / (counts[1] - 1)
    between = first * (1 - second) + second * (1 - first)
    return float(((first - second) ** 2 - within).sum() / between.sum())


def test_genotypes_are_in_hardy_weinberg_proportions_within_an_ancestry(
    backbone: Genotypes,
) -> None:
    # Mid-p values are near uniform; sites that were planted as inbred fail their filter.
    assert np.mean(np.array(backbone.hardy_weinberg) < 0.01) < 0.03
    assert np.mean(np.array(backbone.hardy_weinberg) < 0.5) == pytest.approx(0.5, abs=0.08)


@pytest.fixture(scope="module")
def ancestries_of_founders() -> npt.NDArray[np.int64]:
    return random_stream(3, "founders").integers(0, len(ANCESTRIES), size=(40, 2))


def test_each_copy_has_a_haplotype_of_its_ancestry(
    ancestries_of_founders: npt.NDArray[np.int64],
) -> None:
    haplotypes = Haplotypes(ancestries_of_founders, references=30)
    numbers = haplotypes.of_copies
    assert len(set(numbers.ravel().tolist())) == numbers.size
    starts = [mine.stop for mine in haplotypes.of_references]
    assert np.array_equal(np.searchsorted(starts, numbers, side="right"), ancestries_of_founders)
    references = {
        number for mine in haplotypes.of_references for number in range(*mine.indices(10**6))
    }
    assert len(references) == 30 * len(ANCESTRIES)
    assert not references & set(numbers.ravel().tolist())


@pytest.mark.slow
def test_unlinked_mutations_are_common_and_the_same_for_the_same_stream(
    ancestries_of_founders: npt.NDArray[np.int64],
) -> None:
    haplotypes = Haplotypes(ancestries_of_founders, references=10)
    one, again = (
        simulate_unlinked(random_stream(5, "trees"), haplotypes, size=30, least=0.1)
        for _ in range(2)
    )
    frequency = one.mean(axis=1)
    assert ((frequency >= 0.1) & (frequency <= 0.9)).all()
    assert np.array_equal(one, again)
    assert len({row.tobytes() for row in one}) == 30
