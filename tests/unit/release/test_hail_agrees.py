"""What the import says of a VCF is what Hail will find in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gecip.cohort import define_cohort, select_cohort
from gecip.release import open_release
from gecip.release.contigs import CONTIG_LENGTHS, is_contig
from gecip.release.importing import import_release
from gecip.release.vcf_files import survey_vcf
from tests.callsets import vcf_text, write_people, write_vcf

pytestmark = pytest.mark.jvm


def test_every_contig_of_hails_assembly_is_known(hail: Any) -> None:
    reference = hail.get_reference("GRCh38")
    assert [name for name in reference.contigs if not is_contig(name, "GRCh38")] == []
    for assembly, lengths in CONTIG_LENGTHS.items():
        known = hail.get_reference(assembly).lengths
        assert {name: known[name] for name in lengths} == lengths


def test_records_and_partial_genotypes_are_counted_as_hail_sees_them(
    hail: Any, tmp_path: Path
) -> None:
    records = [
        "chr10 9 A G ./1 0/. ./.",
        "chr2 5 n <DEL> 0|. .|1 .|.",
        "chr2 6 R G 0/0 0/1 1/1",
        "chrX 5000000 A C,T 1 . 0/2",
        "HLA-A*01:01:01:01 5 A G 0/0 0/1 .",
    ]
    path = write_vcf(tmp_path / "odd.vcf.gz", vcf_text(records) + "\n")
    survey = survey_vcf(path, assembly="GRCh38", advance=lambda size: None)
    assert survey.problems == ()
    mt = hail.import_vcf(str(path), force_bgz=True, reference_genome="GRCh38")
    assert mt.count_rows() == survey.records - survey.unreadable == 4
    missing = mt.aggregate_entries(hail.agg.count_where(hail.is_missing(mt.GT)))
    wholly_missing = 4
    assert missing == wholly_missing + survey.partial_genotypes


def test_an_imported_callset_in_pieces_loads_with_its_own_annotation(
    hail: Any, tmp_path: Path
) -> None:
    from gecip.genotypes import load_genotypes

    header = [
        '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequences. Format: Allele|SYMBOL">'
    ]
    pieces = [
        ["chr1 10 A G ./1 0/0 0/1", "chr1 20 C T 0/0 0/0 0/1"],
        ["chr2 10 A G 0/0 0/1 1/1", "chr3 10 A G 0/0 0/1 0/0"],
    ]
    files = []
    for number, records in enumerate(pieces):
        text = vcf_text(records, header=header).replace("PASS\t.", "PASS\tCSQ=G|GENE")
        files.append(write_vcf(tmp_path / f"{number}.vcf.gz", text))
    people = write_people(tmp_path / "people.tsv", "sample\tage\nS1\t1\nS2\t2\nS3\t3\n")
    out = import_release(
        tmp_path / "mine", vcfs=files, participants=people, assembly="GRCh38", link=True
    )
    cohort = select_cohort(define_cohort("Everyone"), open_release(out))
    mt = load_genotypes(cohort).mt
    assert mt.count() == (4, 3)
    assert mt.age.collect() == [1, 2, 3]
    assert set(mt.annotation.map(lambda one: one.SYMBOL).collect()[0]) == {"GENE"}
    # The known allele of `./1` is kept: Hail alone would lose this carrier.
    first = mt.filter_rows(mt.locus.position == 10).head(1)
    assert [call.n_alt_alleles() for call in first.GT.collect()] == [1, 0, 1]
    one_region = load_genotypes(cohort, regions=["chr3:1-100"]).mt
    assert one_region.count_rows() == 1
