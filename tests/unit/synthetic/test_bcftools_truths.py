"""What bcftools, which knows nothing of the generator, says of a release's VCFs."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from pathlib import Path

import pysam
import pytest

from gecip.release.layout import ANNOTATION_FOLDER, GENOTYPE_FOLDER, REFERENCE
from tests.unit.synthetic.aggregate_reading import Aggregate, samples_with_mishaps, trios

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("bcftools") is None, reason="bcftools is not installed on this machine"
    ),
]

LARGEST_ERROR_RATE = 0.001


@pytest.fixture(scope="module")
def aggregate(small_release_folder: Path) -> Aggregate:
    return Aggregate(small_release_folder)


@pytest.fixture(scope="module")
def germline_files(small_release_folder: Path) -> list[Path]:
    """Every VCF that stands on the human assembly."""
    files = sorted(small_release_folder.rglob("*.vcf.gz"))
    on_assembly = [file for file in files if "chr1" in _contigs(file)]
    assert len(on_assembly) > 60
    return on_assembly


def _contigs(file: Path) -> set[str]:
    with pysam.VariantFile(str(file)) as vcf:
        return set(vcf.header.contigs)


def bcftools(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["bcftools", *map(str, arguments)], capture_output=True, check=True)


@pytest.mark.parametrize("command", ["view", "+fill-tags"])
def test_bcftools_reads_every_vcf_without_a_warning(
    small_release_folder: Path, command: str
) -> None:
    files = sorted(small_release_folder.rglob("*.vcf.gz"))
    assert files
    for file in files:
        done = bcftools(command, file, "-Ou")
        assert done.stdout
        assert done.stderr.decode() == "", file.name


def test_every_ref_agrees_with_the_reference_sequence(
    small_release_folder: Path, germline_files: list[Path]
) -> None:
    for file in germline_files:
        # With `-c e` a REF that disagrees is an error, and the exit code says so.
        done = bcftools("norm", "-c", "e", "-f", small_release_folder / REFERENCE, file, "-Ou")
        words = done.stderr.decode().splitlines()
        assert len(words) == 1, words
        assert words[0].startswith("Lines"), words


def test_no_ref_of_the_aggregate_is_an_n(small_release_folder: Path) -> None:
    for folder in (GENOTYPE_FOLDER, ANNOTATION_FOLDER):
        for file in sorted((small_release_folder / folder).glob("*.vcf.gz")):
            with pysam.VariantFile(str(file)) as vcf:
                assert all(set(record.ref) <= set("ACGT") for record in vcf)


def test_children_of_declared_trios_have_their_parents_alleles(
    small_release_folder: Path, aggregate: Aggregate, tmp_path: Path
) -> None:
    declared = _trios_without_mishaps(small_release_folder)
    pedigree = tmp_path / "trios.ped"
    pedigree.write_text(
        "".join(
            f"{number}\t{child}\t{father}\t{mother}\t0\t0\n"
            for number, (child, father, mother) in enumerate(declared)
        )
    )
    errors = 0
    for chunk in aggregate.chunks:
        if chunk.contig == "chrX":
            continue
        marked = tmp_path / f"{chunk.name}.vcf"
        marked.write_bytes(bcftools(*_mendelian(pedigree), chunk.genotypes).stdout)
        with pysam.VariantFile(str(marked)) as vcf:
            errors += sum(record.info.get("MERR", 0) for record in vcf)
    column = {sample: at for at, sample in enumerate(aggregate.samples)}
    compared = sum(
        all("." not in row.genotypes[column[sample]] for sample in trio)
        for row in aggregate.rows
        if row.contig != "chrX"
        for trio in declared
    )
    assert compared > 50_000
    # De novo variants are errors too: there are some, or nothing was compared.
    assert 0 < errors < LARGEST_ERROR_RATE * compared


def _mendelian(pedigree: Path) -> list[str]:
    """The plugin was renamed, and its option for a pedigree with it."""
    plugins = bcftools("plugin", "-l").stdout.decode().split()
    if "mendelian2" in plugins:
        return ["+mendelian2", "-m", "a", "-P", str(pedigree)]
    return ["+mendelian", "-m", "a", "-p", str(pedigree)]


def _trios_without_mishaps(folder: Path) -> list[tuple[str, str, str]]:
    """Declared trios but those in which a sample was planted as another person's."""
    mishaps = samples_with_mishaps(folder)
    found = [trio for trio in trios(folder) if not mishaps & set(trio)]
    assert len(found) >= 6
    return found


def test_partial_genotypes_are_inherited_once_the_rows_of_a_place_are_joined(
    small_release_folder: Path, aggregate: Aggregate
) -> None:
    column = {sample: at for at, sample in enumerate(aggregate.samples)}
    declared = [
        tuple(column[sample] for sample in trio)
        for trio in _trios_without_mishaps(small_release_folder)
    ]
    compared = partial = wrong = 0
    for first, second in itertools.pairwise(aggregate.rows):
        old = first.information.get("OLD_MULTIALLELIC")
        if old is None or old != second.information.get("OLD_MULTIALLELIC") or first.hemizygous:
            continue
        joined = [_join(*calls) for calls in zip(first.calls, second.calls, strict=True)]
        for child, father, mother in declared:
            own, his, hers = joined[child], joined[father], joined[mother]
            if own and his and hers:
                compared += 1
                partial += "2" in own + his + hers
                wrong += not any(
                    one in his and other in hers for one, other in (own, reversed(own))
                )
    assert compared > 300
    assert partial > 20
    assert wrong == 0


def _join(first: str, second: str) -> tuple[str, ...]:
    """Return the alleles of a call at an undecomposed place, by number; nothing where it is missing."""
    one, other = first.split(":")[0], second.split(":")[0]
    if first.split(":")[4] == "0":
        return ()
    alleles = ["1"] * one.count("1") + ["2"] * other.count("1")
    return tuple(["0"] * (2 - len(alleles)) + alleles)
