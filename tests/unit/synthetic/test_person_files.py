"""The files of single genomes say what the aggregate says, before it was decomposed."""

from __future__ import annotations

import shutil
import subprocess
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pysam
import pytest

from gecip.model.genes import GENES
from gecip.synthetic import read_answers
from tests.unit.synthetic.aggregate_reading import Aggregate, Row, sample_of_participant
from tests.unit.synthetic.person_file_reading import delivered_files, files_of_kind

FEWEST_FILES = 3
needs_bcftools = pytest.mark.skipif(
    shutil.which("bcftools") is None, reason="bcftools is not installed on this machine"
)


@dataclass(frozen=True)
class Record:
    start: int
    stop: int
    reference: str
    alternates: tuple[str, ...]
    genotype: tuple[int | None, ...]
    values: dict[str, object]


class PersonFile:
    """All records of one single-sample VCF, by contig."""

    def __init__(self, path: Path) -> None:
        self.contigs: dict[str, list[Record]] = {}
        with pysam.VariantFile(str(path)) as records:
            (self.sample,) = records.header.samples
            for record in records:
                call = record.samples[0]
                self.contigs.setdefault(record.contig, []).append(
                    Record(
                        record.pos,
                        record.stop,
                        str(record.ref),
                        tuple(record.alts or ()),
                        tuple(call["GT"]),
                        dict(call.items()),
                    )
                )
        self.starts = {
            contig: [record.start for record in records] for contig, records in self.contigs.items()
        }

    def at(self, contig: str, position: int) -> Record | None:
        """Return the record that covers a position: the last that begins at or before it."""
        place = bisect_right(self.starts.get(contig, []), position) - 1
        if place < 0:
            return None
        record = self.contigs[contig][place]
        return record if record.stop >= position else None


@pytest.fixture(scope="module")
def aggregate(small_release_folder: Path) -> Aggregate:
    return Aggregate(small_release_folder)


@pytest.fixture(scope="module")
def genome_files(small_release_folder: Path) -> dict[str, PersonFile]:
    return {
        name: PersonFile(path)
        for name, path in files_of_kind(small_release_folder, "Genomic VCF").items()
    }


def decomposed(row: Row, record: Record) -> str:
    """Return the genotype that decomposition would give a row of this record's place, written out anew."""
    ours = {place: alternate + "" for place, alternate in enumerate(record.alternates, start=1)}
    mine = [
        place
        for place, alternate in ours.items()
        if record.start == row.position
        and record.reference.startswith(row.reference)
        and alternate == row.alternate + record.reference[len(row.reference) :]
    ]
    texts = []
    for allele in record.genotype:
        if allele is None:
            texts.append(".")
        elif allele == 0:
            texts.append("0")
        else:
            texts.append("1" if allele in mine else ".")
    return "/".join(texts)


def places_of_block(row: Row) -> list[tuple[str, int]]:
    """Return the positions of the block substitution that a row is a base of, if it is of one."""
    if "OLD_CLUMPED" not in row.information:
        return []
    contig, position, alleles = row.information["OLD_CLUMPED"].split(":")
    return [(contig, int(position) + base) for base in range(alleles.index("/"))]


def test_people_with_files_have_each_kind_and_an_index(small_release_folder: Path) -> None:
    files = delivered_files(small_release_folder)
    for kind in ("Standard VCF", "Genomic VCF"):
        paths = [one.path for one in files if one.kind == kind]
        assert len(paths) >= FEWEST_FILES
        for path in paths:
            assert Path(f"{path}.tbi").exists()
    lying_there = {
        path for path in (small_release_folder / "genomes").rglob("*.vcf.gz") if path.is_file()
    }
    assert lying_there == {one.path for one in files}


def test_genotypes_of_a_genome_file_are_those_of_the_aggregate(
    aggregate: Aggregate, genome_files: dict[str, PersonFile]
) -> None:
    partial = compared = 0
    clumped = {place for row in aggregate.rows for place in places_of_block(row)}
    for name, file in genome_files.items():
        column = aggregate.samples.index(name)
        assert file.sample == name
        for row in aggregate.rows:
            if (row.contig, row.position) in clumped:
                continue
            record = file.at(row.contig, row.position)
            shown = row.genotypes[column]
            assert record is not None, row.name
            if record.start < row.position and len(record.reference) > 1:
                continue  # hidden by the person's own deletion before it
            compared += 1
            expected = decomposed(row, record)
            assert sorted(shown.split("/")) == sorted(expected.split("/")), row.name
            partial += shown in ("1/.", "./1")
    assert compared > 10_000
    assert partial


def test_a_place_with_two_alternate_alleles_is_one_record_again(
    genome_files: dict[str, PersonFile],
) -> None:
    both = [
        record
        for file in genome_files.values()
        for records in file.contigs.values()
        for record in records
        if record.genotype == (1, 2)
    ]
    assert both
    for record in both:
        assert len(record.alternates) == 2
        reads, likelihoods = record.values["AD"], record.values["PL"]
        assert isinstance(reads, tuple)
        assert isinstance(likelihoods, tuple)
        assert len(reads) == 3
        assert len(likelihoods) == 6
        assert likelihoods.index(min(likelihoods)) == 4
        assert sum(reads) <= int(str(record.values.get("DP") or record.values.get("DPI")))


def test_a_block_substitution_is_one_record_again(
    aggregate: Aggregate, genome_files: dict[str, PersonFile]
) -> None:
    rows = [row for row in aggregate.rows if "OLD_CLUMPED" in row.information]
    assert rows
    for name, file in genome_files.items():
        column = aggregate.samples.index(name)
        for row in rows:
            contig, position, alleles = row.information["OLD_CLUMPED"].split(":")
            whole = [
                record
                for record in file.contigs[contig]
                if (str(record.start), record.reference, *record.alternates)
                == (position, *alleles.split("/"))
            ]
            copies = sum(allele or 0 for record in whole for allele in record.genotype)
            missing = "." in row.genotypes[column]
            assert missing or copies == row.genotypes[column].count("1"), row.name


def test_blocks_of_reference_cover_every_gene_without_overlap(
    genome_files: dict[str, PersonFile],
) -> None:
    for file in genome_files.values():
        for contig, records in file.contigs.items():
            for before, after in pairwise(records):
                if not after.alternates:
                    assert after.start > before.stop, (contig, after.start)
        for gene in GENES.values():
            covered = gene.start
            for record in file.contigs[gene.contig]:
                if record.start <= covered <= record.stop:
                    covered = record.stop + 1
            assert covered > gene.stop, gene.symbol


def test_a_block_states_the_least_depth_of_its_places(
    aggregate: Aggregate, genome_files: dict[str, PersonFile]
) -> None:
    name, file = next(iter(genome_files.items()))
    column = aggregate.samples.index(name)
    depths: dict[tuple[str, int], list[int]] = {}
    for row in aggregate.rows:
        record = file.at(row.contig, row.position)
        assert record is not None
        cell = row.calls[column].split(":")
        if places_of_block(row):
            continue
        if not record.alternates and cell[0] in ("0/0", "0"):
            depths.setdefault((row.contig, record.start), []).append(int(cell[4]))
    assert len(depths) > 100
    # A place that a block substitution shares has two rows, either of which may be told.
    shared = {
        place for row in aggregate.rows if places_of_block(row) for place in places_of_block(row)
    }
    for (contig, start), found in depths.items():
        record = file.at(contig, start)
        assert record is not None
        if any((contig, place) in shared for place in range(start, record.stop + 1)):
            continue
        assert record.values["MIN_DP"] == min(found)
        assert max(found) <= max(min(found) + 3, min(found) * 1.3)


def test_planted_diagnoses_are_in_the_probands_own_file(small_release_folder: Path) -> None:
    sample = sample_of_participant(small_release_folder)
    files = files_of_kind(small_release_folder, "Standard VCF")
    found = 0
    for answer in read_answers(small_release_folder):
        if answer.kind not in ("de_novo", "compound_heterozygous", "partial_genotype"):
            continue
        path = files.get(sample[answer.participant or 0])
        if path is None:
            continue
        with pysam.VariantFile(str(path)) as records:
            there = {
                f"{record.contig}:{record.pos}:{record.ref}:{alternate}"
                for record in records
                for place, alternate in enumerate(record.alts or (), start=1)
                if place in record.samples[0]["GT"]
            }
        assert set(answer.variants) <= there
        found += 1
    assert found


def test_both_files_of_a_person_hold_the_same_variants(small_release_folder: Path) -> None:
    genome = files_of_kind(small_release_folder, "Genomic VCF")
    for name, path in files_of_kind(small_release_folder, "Standard VCF").items():
        with (
            pysam.BGZFile(str(path)) as small,
            pysam.BGZFile(str(genome[name])) as whole,
        ):
            variants = [line for line in small if not line.startswith(b"#")]
            wanted = [line for line in whole if not line.startswith(b"#") and b"\tEND=" not in line]
        assert variants == wanted


@needs_bcftools
def test_bcftools_reads_them_without_a_warning(small_release_folder: Path) -> None:
    for one in delivered_files(small_release_folder):
        for command in (["view", "-H"], ["plugin", "fill-tags"]):
            run = subprocess.run(
                ["bcftools", *command, str(one.path)], capture_output=True, check=True
            )
            assert not run.stderr, run.stderr
