"""Tumours, structural variants and gVCFs of a synthetic release: what its own files say is what is loaded."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from gecip import define_cohort, open_release, select_cohort
from gecip.cohort.selection import Cohort
from gecip.errors import GenotypesError
from gecip.genotypes import combined_vds, load_genotypes, load_gvcfs, load_somatic, load_structural
from gecip.genotypes.person_files import newest_files
from gecip.genotypes.structural import read_structural
from gecip.release.layout import SOMATIC_CHUNK_LIST, read_chunks
from tests.unit.genotypes.aggregates import SAMPLES, write_aggregate, write_vcf


@pytest.fixture(scope="module")
def cohort(small_release_folder: Path) -> Cohort:
    return select_cohort(define_cohort("Everyone"), open_release(small_release_folder))


# -- structural variants ------------------------------------------------------------------------------

STRUCTURAL_HEAD = """\
##FILTER=<ID=q10,Description="q">
##FILTER=<ID=CLT10kb,Description="c">
##INFO=<ID=SVTYPE,Number=1,Type=String,Description="t">
##INFO=<ID=SVLEN,Number=.,Type=Integer,Description="l">
##INFO=<ID=END,Number=1,Type=Integer,Description="e">
##INFO=<ID=MATEID,Number=.,Type=String,Description="m">
##INFO=<ID=IMPRECISE,Number=0,Type=Flag,Description="i">
##ALT=<ID=DEL,Description="d">
##ALT=<ID=CNV,Description="c">
##FORMAT=<ID=GT,Number=1,Type=String,Description="g">
##FORMAT=<ID=FT,Number=1,Type=String,Description="f">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="q">
##FORMAT=<ID=PR,Number=.,Type=Integer,Description="p">
##FORMAT=<ID=SR,Number=.,Type=Integer,Description="s">
##FORMAT=<ID=RC,Number=1,Type=Float,Description="r">
##FORMAT=<ID=BC,Number=1,Type=Integer,Description="b">
##FORMAT=<ID=CN,Number=1,Type=Integer,Description="n">
"""
STRUCTURAL = [
    "chr16 2090000 MantaDEL:1:0:1:0:0:0 A <DEL> 400 PASS SVTYPE=DEL;END=2091000;SVLEN=-1000 GT:FT:GQ:PR:SR 0/1:PASS:99:20,10:15,9",
    "chr16 2095000 MantaINS:1:0:1:0:0:0 A ACCC 300 PASS SVTYPE=INS;END=2095000;SVLEN=3;IMPRECISE GT:FT:GQ:PR 1/1:MinGQ:5:0,10",
    "chr1 5000 MantaBND:1:0:1:0:0:0:0 C C[chr16:2090500[ 90 q10 SVTYPE=BND;MATEID=MantaBND:1:0:1:0:0:0:1 GT:FT:GQ:PR:SR 0/1:PASS:90:9,3:8,2",
    "chr16 2080000 Canvas:LOSS:chr16:2080001:2092000 N <CNV> 20 CLT10kb SVTYPE=CNV;END=2092000 RC:BC:CN 50.5:12:1",
    "chr22 100 Canvas:REF:chr22:101:200 N . 20 PASS END=200 RC:BC:CN 100.5:12:2",
]


def test_each_kind_of_structural_call_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "x.SV.vcf.gz", STRUCTURAL, head=STRUCTURAL_HEAD, samples=("S",))
    deletion, insertion, breakend, loss = read_structural(path)
    assert (deletion["start"], deletion["stop"], deletion["length"]) == (2_090_001, 2_091_000, 1000)
    assert (deletion["genotype"], deletion["copies"], deletion["filters"]) == ("0/1", 1, ())
    assert [deletion[f"{kind}_{allele}"] for kind in ("pairs", "splits") for allele in ("reference", "alternate")] == [20, 10, 15, 9]  # fmt: skip
    assert (insertion["start"], insertion["stop"], insertion["length"]) == (2_095_000, 2_095_000, 3)
    assert (insertion["filters"], insertion["is_imprecise"], insertion["copies"]) == (
        ("MinGQ",),
        True,
        2,
    )
    assert (breakend["mate_contig"], breakend["mate_position"], breakend["length"]) == (
        "chr16",
        2_090_500,
        None,
    )
    assert breakend["mate"] == "MantaBND:1:0:1:0:0:0:1"
    assert (loss["caller"], loss["type"], loss["copy_number"], loss["copies"]) == (
        "Canvas",
        "LOSS",
        1,
        None,
    )
    assert (loss["start"], loss["stop"], loss["genotype"], loss["filters"]) == (2_080_001, 2_092_000, None, ("CLT10kb",))  # fmt: skip


def test_structural_calls_are_of_consenting_members_and_filtered_by_overlap(tmp_path: Path) -> None:
    release = open_release(write_aggregate(tmp_path / "five"))
    everyone = select_cohort(define_cohort("Everyone"), release)
    files = [
        write_vcf(
            tmp_path / f"{sample}.SV.vcf.gz", STRUCTURAL, head=STRUCTURAL_HEAD, samples=(sample,)
        )
        for sample in SAMPLES[:3]
    ]
    found = load_structural(everyone, files)
    assert set(found.calls["participant_id"]) == {115, 113}  # the third has withdrawn
    assert set(found.samples.values()) == {115, 113}
    assert len(found.calls) == 8
    assert list(found.calls["contig"])[:2] == ["chr1", "chr1"]
    # The breakend's other side, the deletion and the loss lie in the gene; the insertion too.
    assert len(found.in_genes(["PKD1"]).calls) == 8
    assert set(found.in_regions(["chr16:2090900-2091900"]).calls["type"]) == {"DEL", "LOSS"}
    assert set(found.passing().calls["type"]) == {"DEL"}
    assert set(found.of_types("LOSS", "BND").calls["type"]) == {"LOSS", "BND"}
    assert len(load_structural(everyone, files, regions=["chr1"]).calls) == 2
    with pytest.raises(GenotypesError, match="There is no type DELETION"):
        found.of_types("DELETION")
    with pytest.raises(GenotypesError, match=r"In release five there is no VCF of structural"):
        load_structural(everyone)
    assert not any(str(word) in repr(found) for word in (113, 115, *SAMPLES))


@pytest.mark.jvm
def test_structural_calls_come_as_a_hail_table(hail: Any, tmp_path: Path) -> None:
    everyone = select_cohort(
        define_cohort("Everyone"), open_release(write_aggregate(tmp_path / "five"))
    )
    file = write_vcf(tmp_path / "x.vcf.gz", STRUCTURAL, head=STRUCTURAL_HEAD, samples=SAMPLES[:1])
    table = load_structural(everyone, [file]).ht
    assert list(table.key) == ["interval"]
    place = hail.locus("chr16", 2_090_001, "GRCh38")
    inside = table.filter(table.interval.contains(place)).collect()
    assert {(row.type, row.year_of_birth) for row in inside} == {("DEL", 2015), ("LOSS", 2015)}
    assert {frozenset(row.filters) for row in inside} == {frozenset(), frozenset({"CLT10kb"})}


def test_the_releases_own_structural_files_are_found_and_read_whole(cohort: Cohort) -> None:
    files = newest_files(cohort, "Structural VCF")
    found = load_structural(cohort)
    assert set(found.samples) == set(files) & set(cohort.samples)
    for sample in found.samples:
        with gzip.open(files[sample], "rt") as lines:
            written = sum(not line.startswith("#") for line in lines)
        assert (found.calls["sample"] == sample).sum() == written


# -- tumours ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def somatic_text(small_release_folder: Path) -> dict[str, dict[str, tuple[str, str]]]:
    """Each tumour's calls from the text of the first chunk: variant to GT and FILTER."""
    chunk = read_chunks(small_release_folder, chunk_list=SOMATIC_CHUNK_LIST)[0]
    found: dict[str, dict[str, tuple[str, str]]] = {}
    with gzip.open(chunk.genotypes, "rt") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if line.startswith("#CHROM"):
                samples = fields[9:]
            elif not line.startswith("#"):
                keys = fields[8].split(":")
                name = ":".join((fields[0], fields[1], fields[3], fields[4]))
                for sample, cell in zip(samples, fields[9:], strict=True):
                    values = dict(zip(keys, cell.split(":"), strict=False))
                    if values["GT"] != "0/0":
                        found.setdefault(sample, {})[name] = (values["GT"], values["FILTER"])
    return found


@pytest.mark.jvm
def test_tumours_are_loaded_with_every_call_and_passing_ones_can_be_kept(
    hail: Any, cohort: Cohort, somatic_text: dict[str, dict[str, tuple[str, str]]]
) -> None:
    chunk = read_chunks(cohort.release.folder, chunk_list=SOMATIC_CHUNK_LIST)[0]
    somatic = load_somatic(cohort, regions=[f"{chunk.contig}:{chunk.start}-{chunk.stop}"])
    mt = somatic.mt
    called = mt.filter_entries(mt.GT.is_non_ref()).entries()
    found: dict[str, set[str]] = {}
    shares = []
    for row in called.collect():
        found.setdefault(row.sample, set()).add(f"{row.locus}:{row.alleles[0]}:{row.alleles[1]}")
        shares.append(row.VAF)
    assert all(share is not None and 0 <= share <= 1 for share in shares)
    assert somatic.columns is not None
    usable = set(somatic.columns["sample"])
    assert found == {s: set(calls) for s, calls in somatic_text.items() if s in usable}
    assert usable < set(somatic_text) or usable == set(somatic_text)
    assert set(somatic.columns["participant_id"]) <= cohort.release.consent.participants
    passing = somatic.passing("somatic-pass").mt
    kept = passing.filter_entries(passing.GT.is_non_ref()).entries()
    assert kept.aggregate(hail.agg.counter(kept.FILTER)).keys() == {"PASS"}
    assert {"germline_sample_platekey", "tumour_purity", "year_of_birth"} <= set(mt.col)


def test_a_release_without_tumours_says_so(tmp_path: Path) -> None:
    everyone = select_cohort(
        define_cohort("Everyone"), open_release(write_aggregate(tmp_path / "r"))
    )
    with pytest.raises(GenotypesError, match="Release r has no somatic aggregate"):
        load_somatic(everyone)


# -- gVCFs --------------------------------------------------------------------------------------------


@pytest.mark.jvm
@pytest.mark.slow
def test_gvcfs_of_the_release_give_the_calls_of_its_aggregate(hail: Any, cohort: Cohort) -> None:
    genes = ["PKD1"]
    single = load_gvcfs(cohort, genes=genes)
    assert single.people == len(set(newest_files(cohort, "Genomic VCF")) & set(cohort.samples))
    assert single.columns is not None
    joint = load_genotypes(cohort, genes=genes)
    mine = joint.mt.filter_cols(
        hail.literal(
            set(single.columns["participant_id"].tolist()), hail.tset(hail.tint64)
        ).contains(joint.mt.participant_id)
    )

    def carriers(mt: Any) -> set[tuple[str, str, int, int]]:
        rows = mt.filter_entries(mt.GT.is_non_ref()).entries().collect()
        return {
            (str(row.locus), ":".join(row.alleles), row.participant_id, row.GT.n_alt_alleles())
            for row in rows
        }

    assert carriers(single.mt)
    assert carriers(single.mt) == carriers(mine)
    vds = combined_vds(single)
    assert vds.reference_data.count_cols() == single.people
    with pytest.raises(GenotypesError, match="do not come from gVCFs"):
        combined_vds(joint)


def test_gvcfs_that_cannot_be_combined_are_refused(tmp_path: Path) -> None:
    everyone = select_cohort(
        define_cohort("Everyone"), open_release(write_aggregate(tmp_path / "r"))
    )
    with pytest.raises(GenotypesError, match=r"Release r has no gVCF on GRCh38 of anybody"):
        load_gvcfs(everyone)
    several = write_vcf(tmp_path / "two.vcf.gz", [], head="", samples=SAMPLES[:2])
    with pytest.raises(GenotypesError, match="a gVCF holds one sample, and this file holds 2"):
        load_gvcfs(everyone, [several])
    bare = write_vcf(tmp_path / "one.vcf.gz", [], head="", samples=SAMPLES[:1])
    with pytest.raises(GenotypesError, match=r"1 of 1 gVCFs have no index \(\.tbi\)"):
        load_gvcfs(everyone, [bare])
