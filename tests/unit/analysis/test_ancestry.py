"""Who serves as reference, who is asked, and what is said of them, on people drawn from four populations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gecip.analysis.genetic.ancestry import (
    NOT_RECORDED,
    PREDICTIONS,
    GeneticAncestry,
    genetic_ancestry,
    reference_people,
)
from gecip.analysis.genetic.reference_space import (
    UNASSIGNED,
    informative_sites,
    project,
    reference_space,
)
from gecip.cohort import Cohort, define_cohort, select_cohort
from gecip.errors import AnalysisError
from gecip.genotypes import Genotypes, load_genotypes
from gecip.release import open_release
from gecip.release.layout import GENOTYPE_FOLDER, Chunk, write_chunks
from gecip.tables import participants
from tests.handmade import person, write_release
from tests.unit.genotypes.aggregates import FORMATS, INFO, write_vcf

EVERYONE = define_cohort("Everyone")
COLUMN = {name: column for column, name in PREDICTIONS.items()}
AFRICAN, EUROPEAN, SOUTH_ASIAN, EAST_ASIAN = "African", "European", "South Asian", "East Asian"
SURE = {AFRICAN: 36, EUROPEAN: 36, SOUTH_ASIAN: 36, EAST_ASIAN: 4}
MIXED = "African and European"
CONTIGS = ("chr1", "chr2", "chr3", "chr4")
SITES_OF_CONTIG = 300
APART = 600_000


def row(number: int, inferred: dict[str, float], *, unrelated: int = 1) -> dict[str, Any]:
    """Return a person's row of sample statistics, in a family given by all but the last digit."""
    return {
        "participant_id": number,
        "platekey": f"LP{number}",
        "set_of_unrelated_individuals": unrelated,
        **{column: inferred.get(name, 0.0) for column, name in PREDICTIONS.items()},
    }


def release_of(folder: Path, rows: Sequence[dict[str, Any]], **tables: Any) -> Path:
    """Write a release of the people of these rows."""
    people = [person(one["participant_id"]) for one in rows]
    return write_release(
        folder, participant=people, aggregate_gvcf_sample_stats=list(rows), **tables
    )


def everyone_of(folder: Path, rows: Sequence[dict[str, Any]]) -> Cohort:
    return select_cohort(EVERYONE, open_release(release_of(folder, rows)))


def families(name: str, count: int, *, first: int = 1_100_000, sure: float = 0.99) -> list[Any]:
    return [row((first + place) * 10, {name: sure}) for place in range(count)]


# ---------------------------------------------------------------------------------------------------------------------
# Who serves as reference
# ---------------------------------------------------------------------------------------------------------------------


def test_two_thirds_of_the_families_of_each_reference_serve(tmp_path: Path) -> None:
    rows = families(AFRICAN, 9) + families(EUROPEAN, 30, first=1_200_000)
    found = reference_people(everyone_of(tmp_path / "r", rows))
    assert sorted(found.labels.values()) == [AFRICAN] * 6 + [EUROPEAN] * 20
    assert found.too_few == ("American", EAST_ASIAN, SOUTH_ASIAN)


def test_nobody_related_or_doubtful_serves_and_kin_of_those_who_do_are_set_aside(
    tmp_path: Path,
) -> None:
    rows = families(AFRICAN, 9) + families(EUROPEAN, 9, first=1_200_000)
    kin = [row(one["participant_id"] + 1, {AFRICAN: 0.99}, unrelated=0) for one in rows[:9]]
    doubtful = families(EUROPEAN, 9, first=1_300_000, sure=0.89)
    found = reference_people(everyone_of(tmp_path / "r", rows + kin + doubtful))
    serving = {int(number) for number in found.labels}
    assert serving <= {one["participant_id"] for one in rows}
    assert found.set_aside == {number + 1 for number in serving if number < 12_000_000}


def test_which_families_serve_is_decided_by_the_seed(tmp_path: Path) -> None:
    rows = families(AFRICAN, 20) + families(EUROPEAN, 20, first=1_200_000)
    cohort = everyone_of(tmp_path / "r", rows)
    first, again, other = (reference_people(cohort, seed=seed).labels for seed in (1, 1, 2))
    assert first == again
    assert first.keys() != other.keys()


def test_what_is_on_record_is_unassigned_below_the_bound_and_absent_where_nothing_is_told(
    tmp_path: Path,
) -> None:
    rows = families(AFRICAN, 9) + families(EUROPEAN, 9, first=1_200_000)
    doubtful = row(13_000_000, {AFRICAN: 0.6, EUROPEAN: 0.4})
    untold = row(14_000_000, {}) | dict.fromkeys(PREDICTIONS)
    recorded = reference_people(everyone_of(tmp_path / "r", [*rows, doubtful, untold])).recorded
    assert recorded[rows[0]["participant_id"]] == AFRICAN
    assert recorded[13_000_000] == UNASSIGNED
    assert 14_000_000 not in recorded


@pytest.mark.parametrize(
    "rows", [families(AFRICAN, 30), families(AFRICAN, 6) + families(EUROPEAN, 4)]
)
def test_one_reference_alone_is_refused(tmp_path: Path, rows: list[Any]) -> None:
    with pytest.raises(AnalysisError, match="fewer than two references have 5 unrelated people"):
        reference_people(everyone_of(tmp_path / "r", rows[:30]))


def test_an_empty_cohort_is_told_what_to_do(tmp_path: Path) -> None:
    release = open_release(release_of(tmp_path / "r", families(AFRICAN, 9)))
    nobody = define_cohort("Nobody").include(participants.year_of_birth > 3_000, because="a test")
    with pytest.raises(AnalysisError, match=r"'Nobody' fewer than two .* widen the cohort"):
        reference_people(select_cohort(nobody, release))


def test_a_release_without_inferred_ancestries_says_which_table_is_missing(tmp_path: Path) -> None:
    release = open_release(write_release(tmp_path / "r", participant=[person(110_000_011)]))
    with pytest.raises(AnalysisError, match="the table aggregate_gvcf_sample_stats, which release"):
        reference_people(select_cohort(EVERYONE, release))


def test_a_table_without_the_column_says_so(tmp_path: Path) -> None:
    rows = [dict(one) for one in families(AFRICAN, 9)]
    for one in rows:
        del one["pred_east_asian_ancestries"]
    with pytest.raises(AnalysisError, match="no column 'pred_east_asian_ancestries'"):
        reference_people(everyone_of(tmp_path / "r", rows))


# ---------------------------------------------------------------------------------------------------------------------
# Whom people resemble
# ---------------------------------------------------------------------------------------------------------------------


class Callset:
    """People of four populations and of two of them mixed, with the sites at which they differ."""

    def __init__(self, folder: Path) -> None:
        random = np.random.default_rng(11)
        sites = len(CONTIGS) * SITES_OF_CONTIG
        ancestral, scale = random.uniform(0.2, 0.8, size=sites), (1 - 0.12) / 0.12
        # Frequencies that drifted apart (Balding and Nichols 1995).
        drifted = random.beta(ancestral * scale, (1 - ancestral) * scale, size=(len(SURE), sites))
        frequencies = dict(zip(SURE, drifted, strict=True))
        self.origin: dict[int, str] = {}
        columns, rows = [], []
        for name, count in (*SURE.items(), (MIXED, 8)):
            parents = (AFRICAN, EUROPEAN) if name == MIXED else (name, name)
            for _ in range(count):
                number = (1_100_000 + len(rows)) * 10
                self.origin[number] = name
                rows.append(row(number, dict.fromkeys(parents, 0.5 if name == MIXED else 0.99)))
                columns.append(
                    sum((random.random(sites) < frequencies[one]).astype(int) for one in parents)
                )
        self.dosages = np.array(columns).T
        self.folder = release_of(folder, rows)
        self._write([one["platekey"] for one in rows])

    def places(self) -> list[tuple[str, int]]:
        return [
            (contig, APART * (site + 1)) for contig in CONTIGS for site in range(SITES_OF_CONTIG)
        ]

    def _write(self, samples: list[str]) -> None:
        chunks = []
        for number, contig in enumerate((*CONTIGS, "chrX")):
            of_contig = self.dosages[number * SITES_OF_CONTIG :][:SITES_OF_CONTIG]
            lines = []
            for site, copies in enumerate(of_contig):
                calls = " ".join(("0/0", "0/1", "1/1")[one] for one in copies)
                where = f"{contig} {APART * (site + 1)}"
                lines.append(f"{where} . A G . PASS AC=1 GT {calls}")
                if site < 20:
                    # Neither badly called sites nor insertions are asked, though they tell the most.
                    telling = " ".join("1/1" if n < 36 else "0/0" for n in range(len(copies)))
                    lines.append(
                        f"{contig} {APART * (site + 1) + 9} . A G . depth AC=1 GT {telling}"
                    )
                    lines.append(
                        f"{contig} {APART * (site + 1) + 19} . A AC . PASS AC=1 GT {telling}"
                    )
            if contig == "chrX":
                telling = " ".join("1/1" if n < 36 else "0/0" for n in range(self.dosages.shape[1]))
                lines = [
                    f"chrX {50_000_000 + APART * n} . A G . PASS AC=1 GT {telling}"
                    for n in range(9)
                ]
            path = self.folder / GENOTYPE_FOLDER / f"{contig}.vcf.gz"
            write_vcf(path, lines, head=INFO + FORMATS, samples=samples)
            chunks.append(
                Chunk(contig, 1, 248_000_000 if contig == "chr1" else 150_000_000, path, None)
            )
        write_chunks(self.folder, tuple(chunks))


@pytest.fixture(scope="module")
def callset(tmp_path_factory: pytest.TempPathFactory) -> Callset:
    return Callset(tmp_path_factory.mktemp("populations") / "drifted")


@pytest.fixture(scope="module")
def cohort(callset: Callset) -> Cohort:
    return select_cohort(EVERYONE, open_release(callset.folder))


@pytest.fixture(scope="module")
def genotypes(hail: Any, cohort: Cohort) -> Genotypes:
    return load_genotypes(cohort)


@pytest.fixture(scope="module")
def ancestry(cohort: Cohort, genotypes: Genotypes) -> GeneticAncestry:
    return genetic_ancestry(genotypes, reference_people(cohort))


@pytest.mark.jvm
def test_people_resemble_the_population_that_they_were_drawn_from(
    ancestry: GeneticAncestry, callset: Callset
) -> None:
    origin = ancestry.people["participant_id"].map(callset.origin)
    of_a_reference = origin.isin(ancestry.references)
    assert of_a_reference.sum() == 36
    right = ancestry.people["similar_to"][of_a_reference] == origin[of_a_reference]
    assert right.mean() >= 0.85
    wrong = ~right & (ancestry.people["similar_to"][of_a_reference] != UNASSIGNED)
    assert not wrong.any()


@pytest.mark.jvm
@pytest.mark.parametrize("name", [MIXED, EAST_ASIAN])
def test_who_is_between_references_or_of_none_of_them_is_left_unassigned(
    ancestry: GeneticAncestry, callset: Callset, name: str
) -> None:
    people = ancestry.people[ancestry.people["participant_id"].map(callset.origin) == name]
    assert len(people) == {MIXED: 8, EAST_ASIAN: 4}[name]
    assert (people["similar_to"] == UNASSIGNED).all()
    assert EAST_ASIAN in ancestry.too_few


@pytest.mark.jvm
def test_nobody_of_the_reference_is_asked(ancestry: GeneticAncestry) -> None:
    asked, serving = (set(one["participant_id"]) for one in (ancestry.people, ancestry.reference))
    assert not asked & serving
    assert len(serving) == 72
    assert len(asked) + len(serving) == sum(SURE.values()) + 8


@pytest.mark.jvm
def test_places_are_those_of_the_plain_matrix_without_unfit_sites(
    ancestry: GeneticAncestry, callset: Callset
) -> None:
    column = {number: place for place, number in enumerate(callset.origin)}
    serving = [column[number] for number in ancestry.reference["participant_id"]]
    asked = [column[number] for number in ancestry.people["participant_id"]]
    contigs, positions = zip(*callset.places(), strict=True)
    dosages = callset.dosages.astype(np.int8)
    sites = informative_sites(dosages[:, serving], contigs, positions, [("A", "G")] * len(dosages))
    assert ancestry.sites == len(sites)
    labels = [callset.origin[number] for number in ancestry.reference["participant_id"]]
    space = reference_space(dosages[np.ix_(sites, serving)], labels)
    names = ["PC1", "PC2"]
    told = ancestry.people[names].to_numpy()
    assert np.allclose(told, project(space, dosages[np.ix_(sites, asked)])[:, :2], atol=1e-6)


@pytest.mark.jvm
def test_what_is_on_record_stands_beside(ancestry: GeneticAncestry, callset: Callset) -> None:
    origin = ancestry.people["participant_id"].map(callset.origin)
    recorded = ancestry.people["recorded"]
    assert (recorded[origin == MIXED] == UNASSIGNED).all()
    assert (recorded[origin != MIXED] == origin[origin != MIXED]).all()
    assert NOT_RECORDED not in set(recorded)


@pytest.mark.jvm
def test_a_few_regions_are_too_few_sites(cohort: Cohort, genotypes: Genotypes) -> None:
    few = genotypes.in_regions(["chr1:1-50000000"])
    with pytest.raises(AnalysisError, match="load the genotypes without genes= or regions="):
        genetic_ancestry(few, reference_people(cohort))


@pytest.mark.jvm
def test_genotypes_without_the_reference_people_are_refused(
    cohort: Cohort, genotypes: Genotypes
) -> None:
    reference = reference_people(cohort)
    without = genotypes.mt.filter_cols(genotypes.mt.participant_id > 11_000_360)
    with pytest.raises(AnalysisError, match="Of the reference 'African' fewer than 5 people"):
        genetic_ancestry(genotypes.with_matrix(without, because="a test"), reference)


@pytest.mark.jvm
def test_with_nobody_left_to_ask_it_says_what_to_do(
    cohort: Cohort, genotypes: Genotypes, hail: Any
) -> None:
    reference = reference_people(cohort)
    serving = hail.literal(set(map(int, reference.labels)))
    only = genotypes.mt.filter_cols(serving.contains(hail.int32(genotypes.mt.participant_id)))
    with pytest.raises(AnalysisError, match="nobody is left to be asked"):
        genetic_ancestry(genotypes.with_matrix(only, because="a test"), reference)
