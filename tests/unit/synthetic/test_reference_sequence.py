from __future__ import annotations

import gzip
import itertools
from pathlib import Path

import numpy as np
import pysam
import pytest

from gecip.model.assembly import GRCH38
from gecip.model.genes import GENES
from gecip.release.layout import REFERENCE
from gecip.synthetic.association_region import ASSOCIATION_REGION, Region
from gecip.synthetic.gene_structure import reference_bases
from gecip.synthetic.reference_sequence import positions_in_other_files, write_reference

pytestmark = pytest.mark.slow

POSITIONS = {
    "chr21": np.array([1, 64_200, 64_201, 64_250, 20_000_000, 46_709_983]),
    "chrM": np.array([16_569]),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    write_reference(folder, POSITIONS)
    return folder


def test_the_contigs_have_their_real_lengths(folder: Path) -> None:
    with pysam.FastaFile(str(folder / REFERENCE)) as file:
        assert dict(zip(file.references, file.lengths, strict=True)) == dict(GRCH38.lengths)


def test_there_are_bases_at_genes_in_the_region_and_at_places_and_n_elsewhere(folder: Path) -> None:
    genes = [Region(gene.contig, gene.start, gene.stop) for gene in GENES.values()]
    with pysam.FastaFile(str(folder / REFERENCE)) as file:
        places = [
            Region(contig, at, at) for contig in POSITIONS for at in POSITIONS[contig].tolist()
        ]
        for place in (*places, *genes, ASSOCIATION_REGION):
            found = file.fetch(place.contig, place.start - 1, place.stop)
            assert found == reference_bases(place.contig, place.start, place.stop)
        assert set(file.fetch("chrY")) == {"N"}
        assert file.fetch("chr21", 20_000_100, 20_000_102) == "NN"
        assert "N" not in file.fetch("chr21", 19_999_899, 20_000_100)
        assert set(file.fetch("chr21")) == set("ACGTN")
        assert len(file.fetch("chr21")) == GRCH38.lengths["chr21"]


def test_the_index_of_blocks_names_each_blocks_true_start(folder: Path) -> None:
    path = folder / REFERENCE
    numbers = Path(f"{path}.gzi").read_bytes()
    count = int.from_bytes(numbers[:8], "little")
    pairs = [
        tuple(int.from_bytes(numbers[at + half : at + half + 8], "little") for half in (0, 8))
        for at in range(8, len(numbers), 16)
    ]
    assert len(pairs) == count
    written = path.read_bytes()
    uncompressed = 0
    for (start, claimed), (stop, _) in itertools.pairwise(((0, 0), *pairs[:3_000])):
        assert claimed == uncompressed
        uncompressed += len(gzip.decompress(written[start:stop]))


def test_the_same_places_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = write_reference(
        tmp_path, {"chrM": POSITIONS["chrM"]}, {"chr21": POSITIONS["chr21"][::-1]}
    )
    for ending in ("", ".fai", ".gzi"):
        assert (
            Path(f"{again}{ending}").read_bytes()
            == Path(f"{folder / REFERENCE}{ending}").read_bytes()
        )


def test_rows_of_other_files_are_found_by_contig(tmp_path: Path) -> None:
    for place in ("genomes/one.vcf.gz", "aggV2/genomic_data/two.vcf.gz"):
        path = tmp_path / place
        path.parent.mkdir(parents=True)
        with gzip.open(path, "wt") as file:
            file.write("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\n")
            file.write(f"chr2\t{len(place)}\t.\nchr2\t5\t.\n")
    found = positions_in_other_files(tmp_path)
    assert {contig: at.tolist() for contig, at in found.items()} == {"chr2": [5, 18]}
