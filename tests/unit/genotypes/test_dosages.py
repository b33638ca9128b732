"""Genotypes as a plain matrix of allele counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gecip import define_cohort, load_genotypes, open_release, select_cohort
from gecip.errors import GenotypesError
from gecip.genotypes import Genotypes, dosages
from gecip.genotypes.dosages import BED_MAGIC, dosage_matrix
from tests.unit.genotypes.aggregates import PEOPLE, SAMPLES, write_aggregate


@pytest.fixture(scope="module")
def genotypes(hail: Any, tmp_path_factory: pytest.TempPathFactory) -> Genotypes:
    folder = write_aggregate(tmp_path_factory.mktemp("releases") / "five")
    return load_genotypes(select_cohort(define_cohort("Everyone"), open_release(folder)))


def test_a_bed_is_decoded_over_the_bounds_of_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = np.random.default_rng(1).integers(-1, 3, size=(7, 6)).astype(np.int8)
    code = {2: 0b00, -1: 0b01, 1: 0b10, 0: 0b11}
    lines = [
        bytes(
            sum(code[int(one)] << 2 * place for place, one in enumerate(row[start : start + 4]))
            for start in (0, 4)
        )
        for row in counts
    ]
    bed = tmp_path / "some.bed"
    bed.write_bytes(BED_MAGIC + b"".join(lines))
    monkeypatch.setattr(dosages, "VARIANTS_AT_ONCE", 3)
    decoded = dosages._read_bed(bed, 7, 6)
    assert decoded.dtype == np.int8
    assert (decoded == counts).all()


def test_a_matrix_that_does_not_fit_into_memory_is_refused_by_its_size() -> None:
    with pytest.raises(
        GenotypesError, match=r"900,000,000 variants of 80,000 people need 67055\.2"
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
def test_what_hail_wrote_in_between_is_removed_and_named_no_one(
    genotypes: Genotypes, own_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    read = dosages._read_bim

    def look(path: Path) -> Any:
        seen.append(path.with_suffix(".fam").read_text(encoding="utf-8"))
        return read(path)

    monkeypatch.setattr(dosages, "_read_bim", look)
    dosage_matrix(genotypes)
    assert len(seen) == 1
    assert not any(str(name) in seen[0] for name in (*PEOPLE, *SAMPLES))
    assert not list((own_folders / "cache" / "scratch").glob("dosages-*"))


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
