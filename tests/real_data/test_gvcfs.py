"""Fifty gVCFs of the 1000 Genomes at high coverage, combined into a VDS: held against the text of the files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gecip import define_cohort, open_release, select_cohort
from gecip.genotypes import Genotypes, combined_vds, load_gvcfs
from gecip.model.variant import Variant
from tests.handmade import person, write_release
from tests.real_data.public_data import public_data

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.jvm,
    pytest.mark.slow,
]

FILES, RECORDS = 50, 1000
CONTIG = "chr22"


@pytest.fixture(scope="module")
def files() -> dict[str, Path]:
    folder = public_data("1000-genomes/gvcfs")
    return {path.name.split(".")[0]: path for path in sorted(folder.glob("*.g.vcf.gz"))}


@pytest.fixture(scope="module")
def genotypes(
    hail: Any, files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Genotypes:
    """All fifty but the last, who has withdrawn; the first is 101."""
    folder = tmp_path_factory.mktemp("gvcfs") / "high-coverage"
    people = [person(101 + number, year_of_birth=1950) for number in range(len(files))]
    people[-1]["programme_consent_status"] = "Withdrawn (Full)"
    write_release(
        folder,
        participant=people,
        aggregate_gvcf_sample_stats=[
            {"participant_id": 101 + number, "platekey": sample}
            for number, sample in enumerate(files)
        ],
    )
    cohort = select_cohort(define_cohort("Everyone"), open_release(folder))
    return load_gvcfs(cohort, list(files.values()))


def records(path: Path) -> Iterator[Any]:
    import pysam

    with pysam.VariantFile(str(path)) as opened:
        yield from opened


def carried(path: Path) -> dict[Variant, int]:
    """Return how many copies a person has of each alternate, from the text of the gVCF."""
    found: dict[Variant, int] = {}
    for record in records(path):
        genotype = record.samples[0]["GT"]
        for number, alternate in enumerate(record.alts or (), start=1):
            copies = sum(allele == number for allele in genotype)
            if copies and alternate != "<NON_REF>":
                variant = Variant(record.contig, record.pos, record.ref, alternate)
                found[variant.trimmed if alternate != "*" else variant] = copies
    return found


def test_the_files_are_those_described(files: dict[str, Path]) -> None:
    assert len(files) == FILES
    assert all(sum(1 for _ in records(path)) == RECORDS for path in list(files.values())[:3])


def test_every_copy_of_every_alternate_is_in_the_matrix_and_no_other(
    genotypes: Genotypes, files: dict[str, Path]
) -> None:
    mt = genotypes.mt
    found: dict[str, dict[Variant, int]] = {}
    for row in mt.filter_entries(mt.GT.is_non_ref()).entries().collect():
        variant = Variant(row.locus.contig, row.locus.position, *row.alleles)
        found.setdefault(row.sample, {})[variant] = row.GT.n_alt_alleles()
    consenting = list(files)[:-1]
    assert found == {sample: carried(files[sample]) for sample in consenting}


def test_reference_is_told_from_not_sequenced(genotypes: Genotypes, files: dict[str, Path]) -> None:
    covered = {
        sample: [(record.pos, record.stop) for record in records(path)]
        for sample, path in files.items()
    }
    mt = genotypes.mt
    checked = {"covered": 0, "uncovered": 0}
    for row in mt.select_entries("GT", "DP").entries().collect():
        position = row.locus.position
        within = any(start <= position <= stop for start, stop in covered[row.sample])
        checked["covered" if within else "uncovered"] += 1
        if not within:
            assert row.GT is None
        elif row.GT is not None and row.GT.n_alt_alleles() == 0:
            assert row.DP is not None
    # The files have records at every place here: what no block covers is tried on made files.
    assert checked["covered"] > 1000


def test_who_withdrew_is_neither_in_the_matrix_nor_in_the_vds(
    genotypes: Genotypes, files: dict[str, Path]
) -> None:
    withdrawn = list(files)[-1]
    vds = combined_vds(genotypes)
    assert genotypes.people == FILES - 1
    assert withdrawn not in vds.variant_data.s.collect()
    assert withdrawn not in vds.reference_data.s.collect()


def test_they_are_combined_once_and_calls_can_be_filtered(
    genotypes: Genotypes, files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    again = load_gvcfs(genotypes.cohort, list(files.values()))
    assert "Loading" not in capsys.readouterr().err
    good = again.passing("germline-calls")
    mt = good.mt.filter_entries(good.mt.GT.is_het())
    assert mt.aggregate_entries(_least(mt)) >= 20


def _least(mt: Any) -> Any:
    import hail as hl

    return hl.agg.min(mt.GQ)
