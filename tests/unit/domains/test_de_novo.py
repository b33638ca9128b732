"""De novo candidates of a synthetic release: what was planted is found, and what is missing is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from domains.rare_disease import RARE_DISEASE_FAMILIES
from domains.rare_disease.de_novo import DeNovoCandidates, de_novo_candidates
from domains.rare_disease.de_novo_reports import list_de_novo, summarise_de_novo
from gecip.cohort import select_cohort
from gecip.errors import AnalysisError
from gecip.genotypes import Genotypes, load_genotypes
from gecip.model.variant import parse_variant
from gecip.release import open_release
from gecip.synthetic import read_answers

pytestmark = pytest.mark.jvm


@pytest.fixture(scope="module")
def planted(small_release_folder: Path) -> set[tuple[Any, str, int]]:
    answers = [one for one in read_answers(small_release_folder) if one.kind == "de_novo"]
    found = {(one.participant, (at := parse_variant(one.variants[0])).contig, at.position) for one in answers}  # fmt: skip
    assert found
    return found


@pytest.fixture(scope="module")
def genotypes(
    hail: Any, small_release_folder: Path, planted: set[tuple[Any, str, int]]
) -> Genotypes:
    cohort = select_cohort(RARE_DISEASE_FAMILIES, open_release(small_release_folder))
    places = [f"{contig}:{position - 1}-{position + 1}" for _, contig, position in planted]
    return load_genotypes(cohort).in_regions(places)


def keys(found: DeNovoCandidates) -> set[tuple[Any, str, int]]:
    rows = found.rows
    return set(zip(rows["participant_id"], rows["contig"], rows["position"], strict=True))


def test_planted_variants_are_found_by_hail(
    genotypes: Genotypes, planted: set[tuple[Any, str, int]]
) -> None:
    found = de_novo_candidates(genotypes)
    assert planted <= keys(found)
    two_copies = found.rows[~found.rows["one_copy"]]
    assert set(two_copies["confidence"]) == {"HIGH"}
    assert two_copies["prior"].min() >= 100 / 3e7
    assert any("100 / 3e7" in remark.sentence for remark in found.remarks)
    assert len(list_de_novo(found).rows) == len(found.passing)
    assert summarise_de_novo(found).n_people == len(found.trios)


def test_without_reads_the_filters_are_used_and_it_is_said(
    genotypes: Genotypes, planted: set[tuple[Any, str, int]]
) -> None:
    bare = genotypes.with_matrix(genotypes.mt.drop("AD", "PL"), because="no reads of alleles")
    found = de_novo_candidates(bare)
    assert found.method == "filters"
    assert planted <= keys(found)
    assert found.rows["altreadparent"].isna().all()
    said = " ".join(remark.sentence for remark in found.remarks)
    assert "FORMAT/AD, FORMAT/PL: Hail's caller needs what is not there" in said
    assert "altreadparent and abratio were not applied" in said


def test_an_unknown_track_is_named(genotypes: Genotypes) -> None:
    with pytest.raises(AnalysisError, match="repeats, which is no filter"):
        de_novo_candidates(genotypes, tracks={"repeats": "some.bed"})
