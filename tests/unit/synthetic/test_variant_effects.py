"""Effects are held against a plain retelling: change the reference, splice, translate, compare."""

from __future__ import annotations

import numpy as np
import pytest

from gecip.model.genes import GENES
from gecip.synthetic.gene_structure import (
    COMPLEMENT,
    Transcript,
    reference_bases,
    transcript_of,
    translate,
)
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.variant_effects import effect_of
from gecip.synthetic.variant_sites import draw_change, draw_indel

GENES_OF_BOTH_STRANDS = ["PKD2", "PKD1", "GJB2", "IL2RG", "CFTR"]


def retold(transcript: Transcript, position: int, reference: str, alternate: str) -> str:
    """The protein after a change of the genome itself, spliced and translated anew, trailer included."""
    gene = transcript.gene
    genome = dict(enumerate(reference_bases(gene.contig, gene.start, gene.stop), start=gene.start))
    for at, base in enumerate(reference):
        assert genome[position + at] == base
        genome[position + at] = alternate[at : at + 1]
    genome[position + len(reference) - 1] += alternate[len(reference) :]
    spliced = [genome[int(at)] for at in transcript.positions]
    if not transcript.forward:
        spliced = [bases.translate(COMPLEMENT)[::-1] for bases in spliced]
    return translate("".join(spliced[transcript.coding_start :]))


@pytest.mark.slow
@pytest.mark.parametrize("symbol", GENES_OF_BOTH_STRANDS)
def test_single_base_changes_have_the_consequence_that_translation_shows(symbol: str) -> None:
    transcript = transcript_of(symbol)
    stream = random_stream(1, symbol)
    seen = set()
    for _ in range(60):
        variant = draw_change(stream, transcript)
        effect = effect_of(transcript, *variant)
        new, old = retold(transcript, *variant), transcript.protein
        if effect.worst == "stop_gained":
            assert len(new) < len(old)
        elif "synonymous_variant" in effect.consequence:
            assert new == old
        elif effect.worst == "missense_variant":
            changed = [at for at, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
            assert changed == [int(effect.protein_position) - 1]
            assert effect.amino_acids == f"{old[changed[0]]}/{new[changed[0]]}"
        seen.add(effect.worst)
    assert "missense_variant" in seen


@pytest.mark.slow
@pytest.mark.parametrize("symbol", GENES_OF_BOTH_STRANDS)
def test_insertions_and_deletions_shift_the_frame_or_do_not(symbol: str) -> None:
    transcript = transcript_of(symbol)
    stream = random_stream(2, symbol)
    for _ in range(40):
        variant = draw_indel(stream, transcript)
        effect = effect_of(transcript, *variant)
        new, old = retold(transcript, *variant), transcript.protein
        size = len(variant[2]) - len(variant[1])
        if size % 3:
            assert effect.worst == "frameshift_variant"
            if effect.protein_change.endswith("Ter") and "fs" not in effect.protein_change:
                assert new.endswith("*")
            elif "fsTer" in effect.protein_change and not effect.protein_change.endswith("?"):
                place = int("".join(filter(str.isdigit, effect.protein_change.split("fs")[0])))
                shift = int(effect.protein_change.rpartition("fsTer")[2])
                assert len(new) == place - 1 + shift
                assert new[: place - 1] == old[: place - 1]
                assert new[place - 1] != old[place - 1]
        else:
            assert effect.worst in {"inframe_insertion", "inframe_deletion"}
            assert len(new) - len(old) == size // 3


def test_an_indel_is_written_in_the_only_way_that_there_is() -> None:
    stream = random_stream(3, "indels")
    for symbol in GENES_OF_BOTH_STRANDS:
        transcript = transcript_of(symbol)
        contig = transcript.gene.contig
        for _ in range(30):
            position, reference, alternate = draw_indel(stream, transcript)
            assert reference_bases(contig, position, position + len(reference) - 1) == reference
            # Left-aligned: the last bases differ; and nothing to shift to on the right.
            assert reference[-1] != alternate[-1]
            following = reference_bases(
                contig, position + len(reference), position + len(reference)
            )
            moved = (reference if len(reference) > 1 else alternate)[1]
            assert following != moved


@pytest.mark.parametrize(
    ("offset", "consequence"),
    [
        (1, "splice_donor_variant"),
        (2, "splice_donor_variant"),
        (3, "splice_donor_region_variant&intron_variant"),
        (5, "splice_donor_5th_base_variant&intron_variant"),
        (8, "splice_region_variant&intron_variant"),
        (30, "intron_variant"),
        (-1, "splice_acceptor_variant"),
        (-5, "splice_region_variant&splice_polypyrimidine_tract_variant&intron_variant"),
        (-12, "splice_polypyrimidine_tract_variant&intron_variant"),
    ],
)
@pytest.mark.parametrize("symbol", ["PKD2", "PKD1"])
def test_splice_regions_are_drawn_as_ensembl_draws_them(
    symbol: str, offset: int, consequence: str
) -> None:
    transcript = transcript_of(symbol)
    step = 1 if transcript.forward else -1
    anchor = transcript.exon_stops[0] - 1 if offset > 0 else transcript.exon_starts[1]
    position = int(transcript.positions[anchor]) + step * offset
    reference = reference_bases(GENES[symbol].contig, position, position)
    alternate = "A" if reference != "A" else "C"
    effect = effect_of(transcript, position, reference, alternate)
    assert effect.consequence == consequence
    assert effect.intron == f"1/{len(transcript.exon_starts) - 1}"
    assert f"{offset:+d}" in effect.coding_change


def test_the_ends_of_the_coding_sequence_have_names_of_their_own() -> None:
    transcript = transcript_of("PKD2")
    for base, worst, name in (
        (transcript.coding_start, "start_lost", "p.Met1?"),
        (transcript.coding_stop - 3, "stop_lost", None),
        (transcript.coding_start - 40, "5_prime_UTR_variant", ""),
        (transcript.coding_stop + 60, "3_prime_UTR_variant", ""),
    ):
        position = int(transcript.positions[base])
        reference = reference_bases("chr4", position, position)
        alternate = {"A": "C", "T": "C"}.get(reference, "A")
        effect = effect_of(transcript, position, reference, alternate)
        assert effect.worst == worst
        if name is not None:
            assert effect.protein_change == name
    before = int(transcript.positions[transcript.coding_start - 1])
    base = reference_bases("chr4", before, before)
    assert effect_of(
        transcript, before, base, "A" if base != "A" else "C"
    ).coding_change.startswith("c.-1")


def test_effects_are_the_same_however_often_they_are_asked() -> None:
    transcript = transcript_of("COL4A5")
    stream = np.random.default_rng(1)
    variants = [draw_change(stream, transcript) for _ in range(10)]
    assert [effect_of(transcript, *one) for one in variants] == [
        effect_of(transcript, *one) for one in variants
    ]
