from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from gecip.release.bgzip import END_OF_FILE
from gecip.release.vcf_files import VcfSurvey, compare_pieces, survey_vcf
from tests.callsets import RECORDS, bgzip, vcf_text, write_vcf

GRCH37_LENGTHS = {"chr1": 249250621, "chr2": 243199373}


def survey(path: Path) -> VcfSurvey:
    return survey_vcf(path, assembly="GRCh38", advance=lambda size: None)


def problem(path: Path, text: str | bytes) -> str:
    """Return the one problem that a VCF of this text has."""
    path.write_bytes(bgzip(text))
    (sentence,) = survey(path).problems
    assert sentence.startswith(str(path))
    return sentence.removeprefix(str(path))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "callset.vcf.gz"


def test_a_good_file_is_told_by_samples_places_and_counts(path: Path) -> None:
    found = survey(write_vcf(path))
    assert found.problems == ()
    assert found.samples == ("S1", "S2", "S3")
    assert [(s.contig, s.first, s.last, s.records) for s in found.stretches] == [
        ("chr1", 1000, 2000, 2),
        ("chr2", 500, 500, 1),
    ]
    assert (found.records, found.partial_genotypes, found.annotated) == (3, 0, False)


def test_a_file_that_carries_consequences_is_known_as_annotated(path: Path) -> None:
    line = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequences. Format: Allele|SYMBOL">'
    assert survey(write_vcf(path, vcf_text(header=[line]))).annotated


def test_the_content_alone_makes_the_digest(path: Path, tmp_path: Path) -> None:
    one, other = survey(write_vcf(path)), survey(write_vcf(tmp_path / "copy.vcf.gz"))
    different = survey(write_vcf(tmp_path / "other.vcf.gz", vcf_text(RECORDS[:2])))
    assert one.digest == other.digest != different.digest


@pytest.mark.parametrize(
    ("calls", "partial"),
    [
        ("./. ./. 0/1", 0),
        ("./1 0/0 0/0", 1),
        ("0/. 1|. .|1", 3),
        (". 1 0", 0),
        ("./1 ./. 12/.", 2),
        ("./././. 0/1 1/1", 0),
    ],
)
def test_calls_of_which_one_allele_is_known_are_counted(
    path: Path, calls: str, partial: int
) -> None:
    found = survey(write_vcf(path, vcf_text([f"chr1 10 A G {calls}"])))
    assert (found.problems, found.partial_genotypes) == ((), partial)


def test_dots_outside_the_genotypes_are_no_partial_calls(path: Path) -> None:
    text = vcf_text().replace("\t.\tA\tG\t.\tPASS\t.\t", "\t./1\tA\tG\t.\tPASS\tpath=./1,1/.\t")
    assert survey(write_vcf(path, text)).partial_genotypes == 0


# -- what is no whole bgzipped file -------------------------------------------------------------------


def test_a_missing_file_a_folder_and_an_empty_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty.vcf.gz").touch()
    assert "there is no such file" in survey(tmp_path / "absent.vcf.gz").problems[0]
    assert "this is a folder" in survey(tmp_path).problems[0]
    assert "this file is empty" in survey(tmp_path / "empty.vcf.gz").problems[0]


def test_gzip_that_is_not_bgzip_is_refused_with_the_way_to_make_it(path: Path) -> None:
    path.write_bytes(gzip.compress(vcf_text().encode()))
    (sentence,) = survey(path).problems
    assert "offset 0: this is gzip, but not bgzip" in sentence
    assert "| bgzip >" in sentence


def test_plain_text_and_what_is_no_vcf_are_refused(path: Path) -> None:
    path.write_text(vcf_text())
    assert "this VCF is plain text: compress it with `bgzip`" in survey(path).problems[0]
    path.write_text("sample\tsex\n")
    assert "this is not a bgzipped VCF" in survey(path).problems[0]
    assert "line 1: this is BCF" in problem(path, b"BCF\2\2" + bytes(20))
    assert "line 1: this does not begin as a VCF does" in problem(path, "sample\tsex\n")


def test_a_file_without_its_end_is_refused_at_its_last_offset(path: Path) -> None:
    data = bgzip(vcf_text(), end=b"")
    path.write_bytes(data)
    (sentence,) = survey(path).problems
    assert f"offset {len(data):,}: the file ends without bgzip's empty last block" in sentence


def test_a_file_cut_inside_a_block_is_refused_at_the_blocks_offset(path: Path) -> None:
    whole = bgzip(vcf_text(), end=b"")
    begin = whole.rfind(b"\x1f\x8b\x08\x04")
    for cut in (begin + 5, begin + 30, len(whole) - 1):
        path.write_bytes(whole[:cut])
        (sentence,) = survey(path).problems
        assert f"offset {begin:,}: the file is cut off inside a bgzip block" in sentence


def test_a_damaged_block_is_refused_at_its_offset(path: Path) -> None:
    data = bytearray(bgzip(vcf_text()))
    begin = data.find(b"\x1f\x8b\x08\x04", 1)
    data[begin + 40] ^= 255
    path.write_bytes(data)
    (sentence,) = survey(path).problems
    assert f"offset {begin:,}: this bgzip block is damaged" in sentence


def test_what_follows_the_blocks_is_refused_at_its_offset(path: Path) -> None:
    data = bgzip(vcf_text())
    path.write_bytes(data + b"<html>not found, and more of it</html>")
    (sentence,) = survey(path).problems
    assert f"offset {len(data):,}: no bgzip block begins here" in sentence


def test_bgzipped_files_joined_end_to_end_are_one(path: Path) -> None:
    text = vcf_text()
    path.write_bytes(bgzip(text[:300]) + bgzip(text[300:]))
    assert survey(path).problems == ()
    path.write_bytes(bgzip(text) + END_OF_FILE)
    assert survey(path).records == 3


# -- what is no VCF with genotypes of these samples ---------------------------------------------------


def test_a_header_that_cannot_be_used_is_refused(path: Path) -> None:
    text = vcf_text()
    names = text[text.index("#CHROM") :].partition("\n")[0]
    assert "no line of column names (#CHROM)" in problem(path, text[: text.index("#CHROM")])
    assert "records begin before a line of column names" in problem(
        path, text.replace(names + "\n", "")
    )
    assert "the columns are not #CHROM, POS" in problem(path, text.replace("\tPOS", " POS"))
    assert "no samples, only sites" in problem(path, text.replace("\tFORMAT\tS1\tS2\tS3", ""))
    assert "declares no FORMAT field GT" in problem(path, text.replace("ID=GT,", "ID=DS,"))
    assert "the lines end as on Windows" in problem(path, text.replace("\n", "\r\n"))
    assert "no records after the header" in problem(path, text[: text.index("chr1\t1000")])
    assert "a sample name is not UTF-8" in problem(
        path, text.encode().replace(b"\tS2", b"\tS\xff2")
    )


def test_the_same_sample_twice_is_told_by_columns_and_never_by_name(path: Path) -> None:
    sentence = problem(path, vcf_text(samples=("LP1", "LP2", "LP1")))
    assert "the same sample occurs twice (columns 10, 12)" in sentence
    assert "LP" not in sentence


def test_records_of_another_length_are_counted_and_the_first_is_told(path: Path) -> None:
    text = vcf_text([*RECORDS[:2], "chr1 3000 A G 0/1", "chr1 4000 A G 0/1 0/0 0/0 0/0"])
    sentence = problem(path, text)
    line = text[: text.index("chr1\t3000")].count("\n") + 1
    assert f", line {line}: this record has 10 columns where the header has 12" in sentence
    assert "(1 more such line)" in sentence


def test_positions_that_are_no_numbers_are_refused(path: Path) -> None:
    assert "the position is not a whole number" in problem(
        path, vcf_text(["chr1 1e3 A G 0/0 0/0 0/1"])
    )


def test_records_without_genotypes_are_refused(path: Path) -> None:
    declared = '##FORMAT=<ID=DS,Number=1,Type=Float,Description="Dosage">'
    text = vcf_text(header=[declared]).replace("\tGT\t", "\tDS\t")
    assert "no record has a genotype" in problem(path, text)


def test_what_hail_reads_is_taken_in(path: Path) -> None:
    undeclared = vcf_text().replace("\tGT\t", "\tGT:DP\t").replace("PASS\t.", "LOW\tZZ=1")
    alleles = [
        f"chr1 {at} {pair} 0/0 0/1 1/1" for at, pair in enumerate(("n A", "A *", "a <DEL>"), 1)
    ]
    for text in (undeclared, vcf_text(alleles), vcf_text() + "\n", vcf_text()[:-1]):
        found = survey(write_vcf(path, text))
        assert (found.problems, found.records, found.unreadable) == ((), 3, 0)


def test_records_that_hail_leaves_out_are_counted(path: Path) -> None:
    found = survey(write_vcf(path, vcf_text([*RECORDS, "chr3 5 AR G 0/0 0/0 0/1"])))
    assert (found.problems, found.records, found.unreadable) == ((), 4, 1)


# -- order and assembly -------------------------------------------------------------------------------


def test_an_unsorted_file_is_refused_at_the_first_place(path: Path) -> None:
    back = problem(path, vcf_text(["chr1 2000 A G 0/0 0/0 0/1", "chr1 1000 A G 0/0 0/0 0/1"]))
    assert "position 1,000 on chr1 comes after 2,000" in back
    assert "bcftools sort" in back
    again = [f"{contig} 10 A G 0/0 0/0 0/1" for contig in ("chr1", "chr2", "chr1")]
    assert "contig chr1 comes back after another one" in problem(path, vcf_text(again))


def test_a_file_on_another_assembly_is_known_by_its_lengths(path: Path) -> None:
    sentence = problem(path, vcf_text(lengths=GRCH37_LENGTHS))
    assert "by the lengths of its contigs this is on GRCh37, not on GRCh38" in sentence
    bare = {name.removeprefix("chr"): length for name, length in GRCH37_LENGTHS.items()}
    text = vcf_text([r.removeprefix("chr") for r in RECORDS], lengths=bare)
    assert "this is on GRCh37, not on GRCh38" in problem(path, text)


def test_contigs_named_otherwise_are_to_be_renamed(path: Path) -> None:
    sentence = problem(path, vcf_text([r.removeprefix("chr") for r in RECORDS], lengths={}))
    assert "contigs are named as '1' where GRCh38 has 'chr1'" in sentence
    assert "bcftools annotate --rename-chrs" in sentence


def test_contigs_that_the_assembly_lacks_are_named(path: Path) -> None:
    text = vcf_text(["chrW 1 A G 0/0 0/0 0/1", "chrZ 1 A G 0/0 0/0 0/1"], lengths={})
    assert "2 contigs are not in GRCh38 (chrW, chrZ)" in problem(path, text)


def test_sequence_beside_the_chromosomes_is_taken_in(path: Path) -> None:
    names = ("chr1_KI270706v1_random", "chrUn_KI270302v1", "chrEBV", "HLA-A*01:01:01:01")
    text = vcf_text([f"{name} 5 A G 0/0 0/0 0/1" for name in names])
    assert survey(write_vcf(path, text)).problems == ()


def test_positions_beyond_the_end_and_other_lengths_are_refused(path: Path) -> None:
    beyond = vcf_text(["chr21 46709984 A G 0/0 0/0 0/1"], lengths={})
    assert "chr21 of GRCh38 runs from 1 to 46,709,983" in problem(path, beyond)
    sentence = problem(path, vcf_text(lengths={"chr1": 1_000_000}))
    assert "the header says that chr1 is 1,000,000 long" in sentence


def test_all_that_is_wrong_with_a_file_is_said_at_once(path: Path) -> None:
    records = ["chr1 20 A G 0/0 0/0 0/1", "chr1 10 A G 0/0 0/0 0/1", "chr9 1 A G 0/0"]
    write_vcf(path, vcf_text(records, samples=("S1", "S1", "S3")))
    assert len(survey(path).problems) == 3


# -- pieces -------------------------------------------------------------------------------------------


def pieces(tmp_path: Path, *texts: str) -> list[str]:
    surveys = [
        survey(write_vcf(tmp_path / f"{number}.vcf.gz", text)) for number, text in enumerate(texts)
    ]
    assert [s.problems for s in surveys] == [()] * len(texts)
    return compare_pieces(surveys)


def test_pieces_of_one_callset_fit(tmp_path: Path) -> None:
    assert pieces(tmp_path, vcf_text(RECORDS[:1]), vcf_text(RECORDS[1:])) == []


def test_pieces_with_other_samples_or_another_order_are_refused(tmp_path: Path) -> None:
    (other,) = pieces(
        tmp_path, vcf_text(RECORDS[:2]), vcf_text(RECORDS[2:], samples=("S1", "S2", "S4"))
    )
    assert "1 of 0.vcf.gz are missing here and 1 are only here" in other
    assert "S4" not in other
    (order,) = pieces(
        tmp_path, vcf_text(RECORDS[:2]), vcf_text(RECORDS[2:], samples=("S2", "S1", "S3"))
    )
    assert "in another order" in order


def test_overlapping_pieces_are_refused_with_the_place(tmp_path: Path) -> None:
    (sentence,) = pieces(tmp_path, vcf_text(RECORDS[:2]), vcf_text(RECORDS[1:]))
    assert "this piece overlaps 0.vcf.gz on chr1 at 2,000-2,000" in sentence
    assert "bcftools concat -a -D" in sentence


def test_a_piece_that_lies_inside_another_is_found_past_a_third(tmp_path: Path) -> None:
    around = [f"chr1 {at} A G 0/0 0/0 0/1" for at in (100, 9000)]
    within = [["chr1 200 A G 0/0 0/0 0/1"], ["chr1 300 A G 0/0 0/0 0/1"]]
    sentences = pieces(tmp_path, vcf_text(around), *map(vcf_text, within))
    assert len(sentences) == 2
