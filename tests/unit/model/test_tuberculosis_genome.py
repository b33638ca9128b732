"""Where mutations lie on NC_000962.3, held against places that the literature gives for them."""

from __future__ import annotations

import pytest

from gecip.model.tuberculosis_genome import GENES, is_pe_or_ppe, place_of
from gecip.model.tuberculosis_resistance import KNOWN_MUTATIONS


@pytest.mark.parametrize(
    ("gene", "mutation", "published"),
    [
        ("rpoB", "p.Ser450Leu", 761_155),
        ("rpoB", "p.Asp435Val", 761_110),
        ("rpoB", "p.His445Tyr", 761_139),
        ("katG", "p.Ser315Thr", 2_155_168),
        ("katG", "p.Arg463Leu", 2_154_724),
        ("embB", "p.Met306Val", 4_247_429),
        ("gyrA", "p.Asp94Gly", 7_582),
        ("gyrA", "p.Ala90Val", 7_570),
        ("rpsL", "p.Lys43Arg", 781_687),
        ("rpsL", "p.Lys88Arg", 781_822),
        ("rplC", "p.Cys154Arg", 801_268),
        ("pncA", "p.His57Asp", 2_289_073),
        ("mmpL5", "p.Tyr300*", 777_581),
    ],
)
def test_the_published_place_lies_in_the_codon(gene: str, mutation: str, published: int) -> None:
    start, stop = place_of(gene, mutation) or (0, 0)
    assert stop - start == 2
    assert start <= published <= stop


@pytest.mark.parametrize(
    ("gene", "mutation", "published"),
    [
        ("rrs", "n.1401A>G", 1_473_246),
        ("rrs", "n.514A>C", 1_472_359),
        ("rrl", "n.2814G>T", 1_476_471),
        ("inhA", "c.-777C>T", 1_673_425),
        ("eis", "c.-14C>T", 2_715_346),
        ("eis", "c.-10G>A", 2_715_342),
        ("pncA", "c.-11A>G", 2_289_252),
    ],
)
def test_a_base_lies_where_it_was_published(gene: str, mutation: str, published: int) -> None:
    assert place_of(gene, mutation) == (published, published)


def test_the_base_before_a_gene_is_its_neighbour_on_either_strand() -> None:
    assert GENES["rpoB"].place(-1) == GENES["rpoB"].start - 1
    assert GENES["katG"].place(-1) == GENES["katG"].stop + 1
    assert GENES["katG"].place(1) == GENES["katG"].stop


def test_a_stretch_has_both_its_ends() -> None:
    assert place_of("rpoB", "c.1296_1297insTTC") == (761_102, 761_103)
    assert place_of("katG", "p.Val3_Thr4del") == (2_156_100, 2_156_105)
    assert place_of("eis", "c.-90_-85delCGAGCG") == (2_715_417, 2_715_422)


def test_numbers_within_what_is_inserted_are_no_places() -> None:
    assert place_of("rpoB", "p.Ser450Leu") == place_of("rpoB", "p.Ser450delinsLeu449")


def test_a_lost_gene_is_the_gene_as_a_whole() -> None:
    assert place_of("pncA", "LoF") == (GENES["pncA"].start, GENES["pncA"].stop)


def test_what_is_not_known_has_no_place() -> None:
    assert place_of("Rv9999", "p.Ser1Leu") is None
    assert place_of("rpoB", "something") is None


def test_every_known_mutation_has_a_place() -> None:
    assert all(place_of(one.gene, one.mutation) for one in KNOWN_MUTATIONS)


@pytest.mark.parametrize("gene", ["PE_PGRS3", "PPE54", "PE1", "PPE_MPTR10"])
def test_the_repeated_families_tell_themselves_by_name(gene: str) -> None:
    assert is_pe_or_ppe(gene)


@pytest.mark.parametrize("gene", ["pepQ", "pepD", "PEPCK", "rpoB", ""])
def test_other_genes_do_not(gene: str) -> None:
    assert not is_pe_or_ppe(gene)
