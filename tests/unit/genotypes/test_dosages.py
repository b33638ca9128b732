"""Genotypes as a plain matrix of allele counts."""

from __future__ import annotations

from typing import Any

import pytest

from gecip import define_cohort, load_genotypes, open_release, select_cohort
from gecip.errors import GenotypesError
from gecip.genotypes import Genotypes, dosages
from gecip.genotypes.dosages import dosage_matrix
from tests.unit.genotypes.aggregates import write_aggregate


@pytest.fixture(scope="module")
def genotypes(hail: Any, tmp_path_factory: pytest.TempPathFactory) -> Genotypes:
    folder = write_aggregate(tmp_path_factory.mktemp("releases") / "five")
    return load_genotypes(select_cohort(define_cohort("Everyone"), open_release(folder)))


def test_a_matrix_that_does_not_fit_into_memory_is_refused_by_its_size() -> None:
    with pytest.raises(
        GenotypesError, match=r"900,000,000 variants of 80,000 people as a matrix need 67055\.2"
    ):
        dosages._require_memory(900_000_000, 80_000)


@pytest.mark.jvm
def test_everybodys_alternate_alleles_are_counted_with_their_variants(
    genotypes: Genotypes,
) -> None:
    counts, variants, people = dosage_matrix(genotypes)
    assert people["participant_id"].tolist() == [112, 113, 114, 115]
    assert variants.iloc[0].to_dict() == {
        "contig": "chr1",
        "position": 1000,
        "reference": "A",
        "alternate": "G",
    }
    assert counts.tolist() == [
        [0, 1, -1, 0],
        [0, 0, 0, 1],
        [0, 1, 1, 1],
        [1, 0, 1, 1],
        [1, 0, 0, 0],
        [-1, 1, 0, 0],
        [-1, 1, 0, 1],  # chrX: the last has one copy of it
    ]


@pytest.mark.jvm
def test_rows_with_several_alternates_are_left_out(hail: Any, genotypes: Genotypes) -> None:
    mt = genotypes.mt
    several = hail.if_else(mt.locus.contig == "chrX", mt.alleles.append("G"), mt.alleles)
    mixed = mt.key_rows_by("locus", alleles=several)
    counts, variants, _ = dosage_matrix(genotypes.with_matrix(mixed, because="a test"))
    assert counts.shape == (6, 4)
    assert "chrX" not in set(variants["contig"])


@pytest.mark.jvm
def test_a_matrix_made_in_plain_hail_goes_on_with_its_reason_and_its_keys(
    hail: Any, genotypes: Genotypes
) -> None:
    mt = genotypes.mt
    some = genotypes.with_matrix(mt.filter_cols(mt.participant_id > 113), because="a test")
    assert some.count() == (7, 2)
    assert some.people is None
    assert some.provenance.parameter("because") == "a test"
    with pytest.raises(GenotypesError, match="columns keyed by participant_id"):
        genotypes.with_matrix(mt.key_cols_by("sample"), because="a test")
