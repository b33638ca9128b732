from __future__ import annotations

import itertools

import pytest

from gecip.model.assembly import GRCH38
from gecip.model.genes import GENES, RARE_DISEASES
from gecip.model.rare_disease_clinic import DISEASE_GROUPS
from gecip.synthetic.gene_structure import (
    COMPLEMENT,
    reference_bases,
    transcript_of,
    translate,
)


def test_genes_lie_on_their_contigs_and_do_not_overlap() -> None:
    by_place = sorted(GENES.values(), key=lambda gene: (gene.contig, gene.start))
    for gene, following in itertools.pairwise(by_place):
        assert 1 <= gene.start < gene.stop <= GRCH38.lengths[gene.contig]
        assert gene.contig != following.contig or gene.stop < following.start
    assert {disease.group for disease in RARE_DISEASES} <= set(DISEASE_GROUPS)


@pytest.mark.parametrize("symbol", sorted(GENES))
def test_a_transcript_lies_in_its_gene_and_makes_a_protein(symbol: str) -> None:
    transcript = transcript_of(symbol)
    gene = GENES[symbol]
    assert transcript.positions.min() == gene.start
    assert transcript.positions.max() == gene.stop
    assert len(set(transcript.positions.tolist())) == len(transcript.positions)
    assert transcript.protein.startswith("M")
    assert transcript.protein.endswith("*")
    assert 3 * len(transcript.protein) == len(transcript.coding)


@pytest.mark.parametrize("symbol", ["PKD1", "PKD2", "GJB2", "DMD"])
def test_the_reference_spells_the_coding_sequence_and_the_splice_sites(symbol: str) -> None:
    transcript = transcript_of(symbol)
    contig = GENES[symbol].contig
    bases = [reference_bases(contig, int(at), int(at)) for at in transcript.coding_positions]
    read = "".join(bases)
    read = read if transcript.forward else read.translate(COMPLEMENT)
    assert translate(read) == transcript.protein
    step = 1 if transcript.forward else -1
    for stop in transcript.exon_stops[:-1]:
        end, start = (int(transcript.positions[at]) for at in (stop - 1, stop))
        intron = [
            reference_bases(contig, at, at)
            for at in (end + step, end + 2 * step, start - 2 * step, start - step)
        ]
        spelled = "".join(intron)
        spelled = spelled if transcript.forward else spelled.translate(COMPLEMENT)
        assert spelled == "GTAG"


def test_a_long_stretch_of_the_reference_is_its_bases_one_by_one() -> None:
    start = GENES["PKD1"].start - 100
    stretch = reference_bases("chr16", start, start + 3_000)
    single = "".join(reference_bases("chr16", at, at) for at in range(start, start + 3_001))
    assert stretch == single
    assert set(stretch) == set("ACGT")


def test_a_place_in_an_intron_is_counted_from_the_nearer_exon() -> None:
    for symbol in ("PKD2", "PKD1"):
        transcript = transcript_of(symbol)
        step = 1 if transcript.forward else -1
        end = int(transcript.positions[transcript.exon_stops[0] - 1])
        start = int(transcript.positions[transcript.exon_starts[1]])
        after = transcript.place(end + 5 * step)
        assert (after.base, after.offset) == (int(transcript.exon_stops[0]) - 1, 5)
        before = transcript.place(start - 3 * step)
        assert (before.base, before.offset) == (int(transcript.exon_starts[1]), -3)
        assert transcript.place(end).offset == 0
