"""A researcher's own files as a cohort's genotypes: the same calls from every format, and nobody's who may not be used."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from gecip import define_cohort, open_release, select_cohort
from gecip.cohort.selection import Cohort
from gecip.errors import ConsentError, GenotypesError
from gecip.genotypes import Genotypes, Liftover, load_callset
from gecip.genotypes.own_files import recoding
from gecip.release.layout import SAMPLE_LISTS
from tests.unit.genotypes.aggregates import FORMATS, INFO, SAMPLES, write_aggregate, write_vcf

pytestmark = pytest.mark.jvm

# Columns: 115, 113, 111 (withdrawn), 114, 112.
RECORDS = [
    "chr1 1000 . A G . PASS AC=3 GT 0/0 0/1 1/1 ./. 0/0",
    "chr16 2090000 . A G . PASS AC=1 GT 1/. 0/0 0/0 0/0 0/1",
    "chrX 50000000 . T C . PASS AC=1 GT 1/1 0/1 0/0 0/0 0/0",
]
# By participant: 112, 113, 114, 115.
CALLS = {
    "chr1:1000": ["0/0", "0/1", None, "0/0"],
    "chr16:2090000": ["0/1", "0/0", "0/0", "0/1"],
    "chrX:50000000": ["0/0", "0/1", "0/0", "1/1"],
}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    folder = write_aggregate(tmp_path_factory.mktemp("own") / "five")
    return select_cohort(define_cohort("Everyone"), open_release(folder))


@pytest.fixture(scope="module")
def files(hail: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same callset as VCF, BED, BGEN and MatrixTable."""
    folder = tmp_path_factory.mktemp("files")
    vcf = write_vcf(folder / "own.vcf.gz", RECORDS, head=INFO + FORMATS, samples=SAMPLES)
    whole = write_vcf(
        folder / "whole.vcf.gz",
        [record.replace("1/.", "0/1") for record in RECORDS],
        head=INFO + FORMATS,
        samples=SAMPLES,
    )
    assert vcf.exists()
    mt = hail.import_vcf(str(whole), force_bgz=True, reference_genome="GRCh38")
    mt.write(str(folder / "own.mt"))
    hail.export_plink(mt, str(folder / "own"), ind_id=mt.s)
    likely = hail.range(3).map(lambda i: hail.float64(i == mt.GT.n_alt_alleles()))
    hail.export_bgen(
        mt.select_entries(GP=hail.or_missing(hail.is_defined(mt.GT), likely)), str(folder / "own")
    )
    return folder


def calls(genotypes: Genotypes) -> dict[str, list[str | None]]:
    import hail as hl

    table = genotypes.mt.select_entries(text=hl.str(genotypes.mt.GT))
    rows = table.localize_entries("entries", "columns").collect()
    return {str(row.locus): [entry and entry.text for entry in row.entries] for row in rows}


@pytest.mark.parametrize("name", ["own.vcf.gz", "own.bed", "own.bgen", "own.mt"])
def test_every_format_gives_the_same_calls_of_consenting_people(
    cohort: Cohort, files: Path, name: str
) -> None:
    genotypes = load_callset(cohort, files / name)
    assert calls(genotypes) == CALLS
    columns = genotypes.mt.cols().collect()
    assert [column.participant_id for column in columns] == [112, 113, 114, 115]
    assert [column.year_of_birth for column in columns] == [2012, 2013, 2014, 2015]
    assert genotypes.people == 4
    assert genotypes.provenance.parameter("callset") == name


def test_filters_and_the_reason_why_work_on_own_files(cohort: Cohort, files: Path) -> None:
    part = load_callset(cohort, files / "own.vcf.gz", regions=["chr16"])
    assert list(calls(part)) == ["chr16:2090000"]
    why = part.rare(below=0.1, source="cohort").why("chr16:2090000:A:G", 115)
    assert why.removed_by is not None
    assert (why.removed_by.step, why.removed_by.value) == ("rare", "0.25")


def test_whose_sample_is_whose_can_be_told(cohort: Cohort, tmp_path: Path, hail: Any) -> None:
    vcf = write_vcf(
        tmp_path / "study.vcf.gz",
        ["1 1000 . A G . PASS AC=3 GT 0/1 1/1 0/0"],
        head=INFO + FORMATS,
        samples=("A", "B", "C"),
    )
    # 111 has withdrawn: naming the sample does not bring it back.
    genotypes = load_callset(cohort, vcf, people={"A": 113, "B": 111, "C": 112})
    assert calls(genotypes) == {"chr1:1000": ["0/0", "0/1"]}
    numbered = write_vcf(
        tmp_path / "numbered.vcf.gz",
        ["chr1 1000 . A G . PASS AC=3 GT 0/1 1/1 0/0"],
        head=INFO + FORMATS,
        samples=("113", "111", "112"),
    )
    assert calls(load_callset(cohort, numbered)) == {"chr1:1000": ["0/0", "0/1"]}
    with pytest.raises(GenotypesError, match=r"none of its 3 samples belongs.*people=\{"):
        load_callset(cohort, vcf)


def test_a_file_that_changed_is_read_again(cohort: Cohort, tmp_path: Path, hail: Any) -> None:
    path = tmp_path / "own.vcf.gz"
    write_vcf(path, RECORDS[:1], head=INFO + FORMATS, samples=SAMPLES)
    assert len(calls(load_callset(cohort, path))) == 1
    write_vcf(path, RECORDS, head=INFO + FORMATS, samples=SAMPLES)
    assert len(calls(load_callset(cohort, path))) == 3


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("own.txt", r"give a file that ends in \.vcf\.gz, \.bed, \.bgen, \.mt or \.vds"),
        ("other.vcf.gz", "there is no such file or folder"),
    ],
)
def test_what_cannot_be_read_is_refused(
    cohort: Cohort, files: Path, name: str, message: str
) -> None:
    with pytest.raises(GenotypesError, match=message):
        load_callset(cohort, files / name)


def test_an_older_word_on_consent_is_refused(tmp_path: Path, files: Path) -> None:
    folder = write_aggregate(tmp_path / "five")
    older = select_cohort(define_cohort("Everyone"), open_release(folder))
    (folder / SAMPLE_LISTS).mkdir(parents=True)
    (folder / SAMPLE_LISTS / "2025-01-31_samples.txt").write_text("", encoding="utf-8")
    with pytest.raises(ConsentError, match="select the cohort again"):
        load_callset(older, files / "own.mt")


def test_contigs_are_called_as_the_assembly_does() -> None:
    assert recoding({"1", "23", "25", "X", "MT", "chr2"}, "GRCh38") == {
        "1": "chr1",
        "23": "chrX",
        "25": "chrX",
        "X": "chrX",
        "MT": "chrM",
    }
    assert recoding({"chr1", "X", "chrM", "26"}, "GRCh37") == {
        "chr1": "1",
        "chrM": "MT",
        "26": "MT",
    }


# -- from GRCh37 --------------------------------------------------------------------------------------

# One stretch of chr1 lies 1,000 further on, one of chr2 on the other strand; chr3 has no place.
CHAIN = """\
chain 1000 1 249250621 + 100 200 chr1 248956422 + 1100 1200 1
100

chain 1000 2 243199373 + 100 200 chr2 242193529 - 242193229 242193329 2
100

"""
# GRCh38 as far as it matters: base and position, from 1.
BASES = {("chr1", 1111): "A", ("chr1", 1121): "T", ("chr1", 1131): "G", ("chr1", 1141): "C"}
OLD = [
    "1 111 . A G . PASS AC=1 GT:AD:PL 0/1:5,4:9,0,9 0/0:9,0:0,9,9 0/0:9,0:0,9,9 1/1:0,9:99,9,0 0/0:9,0:0,9,9",
    "1 121 . C T . PASS AC=1 GT:AD:PL 0/1:5,4:9,0,8 0/0:9,0:0,9,99 0/0:9,0:0,9,9 1/1:0,9:99,9,0 0|1:9,8:9,0,9",
    "1 131 . A C . PASS AC=1 GT:AD:PL 0/1:5,4:9,0,9 0/0:9,0:0,9,9 0/0:9,0:0,9,9 0/0:0,9:99,9,0 0/0:9,0:0,9,9",
    "2 111 . C A . PASS AC=1 GT:AD:PL 0/1:5,4:9,0,9 0/0:9,0:0,9,9 0/0:9,0:0,9,9 0/0:0,9:99,9,0 0/0:9,0:0,9,9",
    "3 111 . C A . PASS AC=1 GT:AD:PL 0/1:5,4:9,0,9 0/0:9,0:0,9,9 0/0:9,0:0,9,9 0/0:0,9:99,9,0 0/0:9,0:0,9,9",
]


def write_sequence(folder: Path, bases: dict[tuple[str, int], str]) -> Path:
    """Write a FASTA of the whole assembly that is N but for a few bases, as a sparse file with its index."""
    import hail as hl

    path = folder / "sequence.fa"
    index, offset = [], 0
    with path.open("wb") as fasta:
        for contig, length in hl.get_reference("GRCh38").lengths.items():
            head = f">{contig}\n".encode()
            fasta.seek(offset)
            fasta.write(head)
            offset += len(head)
            index.append(f"{contig}\t{length}\t{offset}\t{length}\t{length + 1}\n")
            for (name, position), base in bases.items():
                if name == contig:
                    fasta.seek(offset + position - 1)
                    fasta.write(base.encode())
            offset += length + 1
            fasta.seek(offset - 1)
            fasta.write(b"\n")
    path.with_name("sequence.fa.fai").write_text("".join(index), encoding="utf-8")
    return path


def test_genomes_on_grch37_are_refused_without_a_liftover(cohort: Cohort, tmp_path: Path) -> None:
    old = write_vcf(tmp_path / "old.vcf.gz", OLD, head=INFO + FORMATS, samples=SAMPLES)
    with pytest.raises(GenotypesError, match=r"on GRCh37.*liftover=Liftover\(chain="):
        load_callset(cohort, old, assembly="GRCh37")
    with pytest.raises(GenotypesError, match="the liftover needs this file"):
        load_callset(
            cohort, old, assembly="GRCh37", liftover=Liftover(tmp_path / "a", tmp_path / "b")
        )


def test_a_liftover_turns_strands_and_swapped_alleles_and_says_what_was_lost(
    hail: Any, cohort: Cohort, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = write_vcf(tmp_path / "old.vcf.gz", OLD, head=INFO + FORMATS, samples=SAMPLES)
    chain = tmp_path / "old-to-new.chain.gz"
    with gzip.open(chain, "wt") as lines:
        lines.write(CHAIN)
    # chr2:111 is the eleventh base of its stretch, which ends at 100 + 100 + 100 of the other strand.
    reversed_place = 242_193_529 - (242_193_229 + 11) + 1
    sequence = write_sequence(tmp_path, {**BASES, ("chr2", reversed_place): "G"})
    genotypes = load_callset(cohort, old, assembly="GRCh37", liftover=Liftover(chain, sequence))
    found = calls(genotypes)
    assert found == {
        "chr1:1111": ["0/0", "0/0", "1/1", "0/1"],
        "chr1:1121": ["1|0", "1/1", "0/0", "0/1"],
        f"chr2:{reversed_place}": ["0/0", "0/0", "0/0", "0/1"],
    }
    rows = {str(row.locus): row for row in genotypes.mt.rows().collect()}
    assert rows["chr1:1121"].alleles == ["T", "C"]
    assert rows["chr1:1121"].lifted_from.is_swapped
    assert rows[f"chr2:{reversed_place}"].alleles == ["G", "T"]
    assert rows[f"chr2:{reversed_place}"].lifted_from.is_reversed
    entries = genotypes.mt.filter_rows(genotypes.mt.locus.position == 1121).entries().collect()
    assert [(one.AD, one.PL) for one in entries] == [
        ([8, 9], [9, 0, 9]),
        ([0, 9], [99, 9, 0]),
        ([9, 0], [0, 9, 99]),
        ([4, 5], [8, 0, 9]),
    ]
    assert genotypes.provenance.parameter("liftover") == {
        "fates": {
            "as it was": 2,
            "alleles swapped": 1,
            "another base in the reference": 1,
            "no place on GRCh38": 1,
        },
        "lost": 2,
    }
    assert "3 of 5 variants were lifted over to GRCh38" in capsys.readouterr().err
