"""Tiers of calls made by hand: which panel, mode, impact and penetrance make which tier, each with its near miss."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.rare_disease.applied_panels import Request, requests_with, with_own_genes
from domains.rare_disease.family_calls import FamilyCalls, interpret_codes, place_of
from domains.rare_disease.family_places import place_families
from domains.rare_disease.followed_calls import find
from domains.rare_disease.frequency_limits import INTERNAL_LIMITS, LIMITS, Inheritance, limits_with
from domains.rare_disease.panels import Panel, PanelGene
from domains.rare_disease.segregation import Pattern, Place
from domains.rare_disease.tier_assignment import assign_tiers
from gecip.analysis.genetic.pedigree import Pedigree, PedigreeMember, Pedigrees
from gecip.model.genes import ModeOfInheritance
from gecip.model.panels import Confidence

PROBAND, FATHER, MOTHER = 1, 2, 3
M = ModeOfInheritance
FROM_FATHER, FROM_MOTHER = (1, 0), (0, 1)


def person(number: int, **about) -> PedigreeMember:
    given = {
        "key": number,
        "participant_id": number,
        "father": None,
        "mother": None,
        "sex": "Male",
        "affected": False,
        "relationship": None,
        "year_of_birth": None,
        "is_proband": False,
    }
    return PedigreeMember(**{**given, **about})


def trio(*, sex: str = "Male", father_affected: bool = False, offset: int = 0, **absent: bool):
    """Return a family of a child and both parents; `father=False` leaves him out of the genotypes."""
    child, father, mother = (offset + number for number in (PROBAND, FATHER, MOTHER))
    members = (
        person(child, father=father, mother=mother, affected=True, is_proband=True, sex=sex),
        person(father, affected=father_affected, relationship="Father"),
        person(mother, sex="Female", relationship="Mother"),
    )
    return Pedigree(offset + 100, members)


def places_of(*families: Pedigree, x_copies: Mapping[int, int] | None = None, people=None):
    everybody = [one.participant_id for family in families for one in family.members]
    placed, _ = place_families(
        Pedigrees({one.family_id: one for one in families}),
        everybody if people is None else people,
        x_copies=x_copies or {},
    )
    return placed


def variant(
    gene: str = "GENE",
    terms: str = "missense_variant",
    *,
    rare: str = "dominant",
    place=Place.AUTOSOME,
):
    return {"gene": gene, "terms": tuple(terms.split(",")), "rare": rare, "place": place}


def calls_of_family(rows, *, family: int = 0, width: int = 3) -> FamilyCalls:
    """Return calls of one family from pairs of a variant and (proband, father, mother)."""
    kinds = {
        "dominant": (True, True, True),
        "recessive": (False, True, False),
        "common": (False,) * 3,
    }
    variants = pd.DataFrame(
        [
            ("chr1", 100 + place, "A", "T", int(one["place"]), 0.0, *kinds[one["rare"]])
            for place, (one, _) in enumerate(rows)
        ],
        columns=[
            "contig", "position", "reference", "alternate", "place", "highest_frequency",
            *(kind.value for kind in Inheritance),
        ],
    )  # fmt: skip
    effects = pd.DataFrame(
        [(place, one["gene"], None, one["terms"]) for place, (one, _) in enumerate(rows)],
        columns=["variant", "gene", "gene_id", "terms"],
    )
    states = np.array([states for _, states in rows], dtype=np.int8).reshape(len(rows), width)
    return FamilyCalls(
        variants, effects, np.arange(len(rows)), np.full(len(rows), family), states, ()
    )


def panel(name: str = "Panel", **genes) -> Panel:
    """Return a panel of green genes by symbol and mode, or of (mode, colour)."""
    listed = []
    for symbol, about in genes.items():
        mode, colour = about if isinstance(about, tuple) else (about, Confidence.GREEN)
        listed.append(PanelGene(symbol, colour, "", mode))
    return Panel(1, None, name, "1.0", None, tuple(listed))


def tiers(rows, *panels: Panel, family: Pedigree | None = None, incomplete=(), own=None):
    """Return (place of the variant, tier, pattern, penetrance) of every row, for one family."""
    places = places_of(family or trio())
    calls = calls_of_family(rows)
    requests = requests_with(places.family_ids, list(panels))
    if own:
        requests = with_own_genes(requests, own)
    found = assign_tiers(find(calls, places, incomplete), calls, places, requests, {})
    return {
        (int(row.call), row.tier, row.pattern.value, row.penetrance) for row in found.itertuples()
    }


def just(*expected):
    return {(0, tier, pattern, "complete") for tier, pattern in expected}


@pytest.mark.parametrize(
    ("terms", "tier"),
    [
        ("stop_gained", "TIER1"),
        ("missense_variant", "TIER2"),
        ("stop_gained,missense_variant", "TIER1"),
        ("splice_donor_variant", "TIER1"),
        ("inframe_deletion", "TIER2"),
    ],
)
def test_impact_makes_the_first_two_tiers(terms, tier) -> None:
    rows = [(variant(terms=terms), (2, 1, 1))]
    assert tiers(rows, panel(GENE=M.BIALLELIC)) == just((tier, "SimpleRecessive"))


def test_a_new_variant_of_moderate_impact_is_in_the_first_tier() -> None:
    rows = [(variant(), (1, 0, 0))]
    assert tiers(rows, panel(GENE=M.MONOALLELIC_NOT_IMPRINTED)) == just(("TIER1", "deNovo"))


def test_outside_the_green_genes_everything_is_in_the_third() -> None:
    rows = [(variant(terms="stop_gained"), (2, 1, 1))]
    third = just(("TIER3", "SimpleRecessive"))
    assert tiers(rows) == third
    assert tiers(rows, panel(OTHER=M.BIALLELIC)) == third
    for colour in (Confidence.AMBER, Confidence.RED, None):
        assert tiers(rows, panel(GENE=(M.BIALLELIC, colour))) == third


def test_in_a_green_gene_of_another_mode_a_variant_has_no_tier() -> None:
    assert tiers([(variant(), (2, 1, 1))], panel(GENE=M.MONOALLELIC_NOT_IMPRINTED)) == set()
    assert tiers([(variant(), (1, 0, 0))], panel(GENE=M.BIALLELIC)) == set()


def test_a_single_heterozygote_in_a_biallelic_gene_has_no_tier() -> None:
    assert tiers([(variant(), (1, 1, 0))], panel(GENE=M.BIALLELIC)) == set()


def test_one_panel_that_fits_is_enough_and_each_makes_a_row_of_its_own() -> None:
    places, rows = places_of(trio()), [(variant(), (2, 1, 1))]
    calls = calls_of_family(rows)
    of = [
        panel("One", GENE=M.BIALLELIC),
        panel("Two", GENE=M.BIALLELIC),
        panel("Three", GENE=M.MITOCHONDRIAL),
    ]
    requests = requests_with(places.family_ids, of)
    found = assign_tiers(find(calls, places, ()), calls, places, requests, {})
    assert list(found["panel"]) == [0, 1]
    assert set(found["tier"]) == {"TIER2"}


def test_every_interpretation_is_tiered_with_its_own_panels() -> None:
    places = places_of(trio())
    calls = calls_of_family([(variant(), (2, 1, 1))])
    requests = (Request(100, "a", "a-1", ()), Request(100, "a", "a-2", (panel(GENE=M.BIALLELIC),)))
    found = assign_tiers(find(calls, places, ()), calls, places, requests, {})
    assert dict(zip(found["request"], found["tier"], strict=True)) == {0: "TIER3", 1: "TIER2"}


@pytest.mark.parametrize("mode", [M.UNKNOWN, None])
def test_a_green_gene_whose_mode_is_not_known_loses_nothing(mode) -> None:
    rows = [(variant(terms="stop_gained"), (2, 1, 1))]
    assert tiers(rows, panel(GENE=mode)) == just(("TIER3", "SimpleRecessive"))


def test_a_gene_of_ones_own_is_tiered_as_a_green_one_and_marked() -> None:
    places = places_of(trio())
    calls = calls_of_family([(variant(), (2, 1, 1)), (variant("OTHER"), (2, 1, 1))])
    requests = with_own_genes(
        requests_with(places.family_ids, [panel(OTHER=M.BIALLELIC)]), {"GENE": M.BIALLELIC}
    )
    found = assign_tiers(find(calls, places, ()), calls, places, requests, {})
    assert dict(zip(found["gene"], found["own_gene"], strict=True)) == {
        "GENE": True,
        "OTHER": False,
    }


@pytest.mark.parametrize(
    ("states", "rare", "expected"),
    [
        ((2, 1, 1), "recessive", just(("TIER3", "SimpleRecessive"))),
        ((2, 1, 1), "common", set()),
        ((1, 0, 0), "dominant", just(("TIER3", "deNovo"))),
        ((1, 0, 0), "recessive", set()),
        ((2, 1, 0), "recessive", just(("TIER3", "UniparentalIsodisomy"))),
    ],
)
def test_how_rare_a_variant_has_to_be_depends_on_the_pattern(states, rare, expected) -> None:
    assert tiers([(variant(rare=rare), states)]) == expected


def test_compound_heterozygotes_are_tiered_each_by_its_own_impact_and_name_each_other() -> None:
    rows = [
        (variant(terms="stop_gained", rare="recessive"), (1, *FROM_FATHER)),
        (variant(rare="recessive"), (1, *FROM_MOTHER)),
    ]
    pattern = "CompoundHeterozygous"
    assert tiers(rows, panel(GENE=M.BIALLELIC)) == {
        (0, "TIER1", pattern, "complete"),
        (1, "TIER2", pattern, "complete"),
    }
    found = find(calls_of_family(rows), places_of(trio()), ())
    assert dict(zip(found["call"], found["partners"], strict=True)) == {0: (1,), 1: (0,)}
    assert set(found["phase"]) == {"in trans, by transmission"}


def test_variants_of_different_genes_are_no_partners() -> None:
    rows = [
        (variant(rare="recessive"), (1, *FROM_FATHER)),
        (variant("OTHER", rare="recessive"), (1, *FROM_MOTHER)),
    ]
    assert tiers(rows) == set()


def test_a_variant_in_two_genes_is_tiered_in_each() -> None:
    calls = calls_of_family([(variant(), (2, 1, 1))])
    effects = pd.concat([calls.effects, calls.effects.assign(gene="OTHER")], ignore_index=True)
    calls = FamilyCalls(calls.variants, effects, calls.variant, calls.family, calls.states, ())
    places = places_of(trio())
    found = assign_tiers(
        find(calls, places, ()),
        calls,
        places,
        requests_with(places.family_ids, [panel(OTHER=M.BIALLELIC)]),
        {},
    )
    assert dict(zip(found["gene"], found["tier"], strict=True)) == {
        "GENE": "TIER3",
        "OTHER": "TIER2",
    }


def test_incomplete_penetrance_is_tried_only_where_it_is_asked_for() -> None:
    rows = [(variant(), (1, *FROM_FATHER))]
    of = panel(GENE=M.MONOALLELIC_NOT_IMPRINTED)
    assert tiers(rows, of) == set()
    assert tiers(rows, of, incomplete={100}) == {
        (0, "TIER2", "InheritedAutosomalDominant", "incomplete")
    }
    assert tiers(rows, of, incomplete={999}) == set()


def test_what_is_tiered_as_complete_is_not_tiered_again() -> None:
    rows = [(variant(), (1, *FROM_FATHER))]
    ill = trio(father_affected=True)
    of = panel(GENE=M.MONOALLELIC_NOT_IMPRINTED)
    assert tiers(rows, of, family=ill, incomplete={100}) == just(
        ("TIER2", "InheritedAutosomalDominant")
    )


def test_a_family_of_one_counts_as_complete() -> None:
    alone = Pedigree(100, (person(1, affected=True, is_proband=True),))
    places = places_of(alone)
    calls = calls_of_family([(variant(), (1,))], width=1)
    found = find(calls, places, {100})
    assert set(found["penetrance"]) == {"complete"}
    assert Pattern.DOMINANT in set(found["pattern"])


def test_imprinting_is_asked_of_genes_only_that_a_panel_calls_imprinted() -> None:
    rows = [(variant(), (1, *FROM_FATHER))]
    assert tiers(rows) == set()
    maternally = panel(GENE=M.MONOALLELIC_MATERNALLY_IMPRINTED)
    assert tiers(rows, maternally) == just(
        ("TIER2", "InheritedAutosomalDominantMaternallyImprinted")
    )
    assert tiers(rows, panel(GENE=M.MONOALLELIC_PATERNALLY_IMPRINTED)) == set()


def test_x_and_the_mitochondrion_have_their_own_patterns() -> None:
    on_x = [(variant(terms="stop_gained", place=Place.X), (2, 0, 1))]
    assert tiers(on_x, panel(GENE=M.XLINKED_BIALLELIC)) == just(("TIER1", "XLinkedSimpleRecessive"))
    daughter = [(variant(place=Place.X), (1, 0, 1)), (variant(place=Place.X), (1, 2, 0))]
    assert tiers(daughter, panel(GENE=M.XLINKED_BIALLELIC), family=trio(sex="Female")) == {
        (place, "TIER2", "XLinkedCompoundHeterozygous", "complete") for place in (0, 1)
    }
    mitochondrial = [(variant(place=Place.MITOCHONDRION), (2, 0, 0))]
    assert tiers(mitochondrial, panel(GENE=M.MITOCHONDRIAL)) == just(
        ("TIER2", "MitochondrialGenome")
    )


# -- calls and places ---------------------------------------------------------------------------------


def states_of(codes, *, on_x: bool = False, no_call_parent="ignored", x_copies=None, people=None):
    places = places_of(trio(), x_copies=x_copies, people=people)
    width = places.width
    states, remarks = interpret_codes(
        np.array([codes[:width]]),
        places,
        family=np.zeros(1, dtype=np.int64),
        on_x=np.array([on_x]),
        no_call_parent=no_call_parent,
    )
    return states[0].tolist(), [remark.sentence for remark in remarks]


def test_a_no_call_parent_is_a_choice_that_is_told() -> None:
    ignored, said = states_of([1, 3, 0])
    assert ignored == [1, -1, 0]
    assert "no_call_parent='ignored'" in said[0]
    reference, said = states_of([1, 3, 0], no_call_parent="reference")
    assert reference == [1, 0, 0]
    assert "no_call_parent='reference'" in said[0]


def test_a_parent_without_a_genome_is_never_taken_for_reference() -> None:
    states, said = states_of([1, 0, 3], no_call_parent="reference", people=[PROBAND, MOTHER])
    assert states == [1, 0]
    assert said == []


@pytest.mark.parametrize(
    ("copies", "state"), [({PROBAND: 1}, -1), ({PROBAND: 2}, 1), ({PROBAND: 0}, -1), ({}, -1)]
)
def test_two_alleles_on_one_x_are_no_call(copies, state) -> None:
    states, _ = states_of([1, 0, 0], on_x=True, x_copies=copies)
    assert states[0] == state
    elsewhere, said = states_of([1, 0, 0], x_copies=copies)
    assert elsewhere[0] == 1
    assert said == []


@pytest.mark.parametrize(
    ("contig", "position", "place"),
    [
        ("chr1", 1, Place.AUTOSOME),
        ("chrX", 2_781_479, Place.AUTOSOME),
        ("chrX", 2_781_480, Place.X),
        ("chrX", 155_701_382, Place.X),
        ("chrX", 155_701_383, Place.AUTOSOME),
        ("chrM", 3_243, Place.MITOCHONDRION),
        ("chrY", 5_000_000, Place.ELSEWHERE),
    ],
)
def test_the_pairing_regions_of_x_are_inherited_as_autosomes_are(contig, position, place) -> None:
    assert place_of(contig, position) is place


def test_a_family_whose_proband_has_no_genome_is_told_and_a_relatives_lack_too() -> None:
    families = {family.family_id: family for family in (trio(), trio(offset=10), trio(offset=20))}
    people = [PROBAND, FATHER, 12, 13, 21, 22, 23]
    places, remarks = place_families(Pedigrees(families), people, x_copies={})
    assert places.family_ids == (100, 120)
    assert places.structure(0) == "duo"
    assert places.structure(1) == "trio"
    assert [remark.families for remark in remarks] == [(110,), (100,)]
    assert "left out" in remarks[0].sentence
    assert "without that member" in remarks[1].sentence
    assert places.row_of(110) is None


def test_an_odd_number_of_x_chromosomes_is_told() -> None:
    _, remarks = place_families(Pedigrees({100: trio()}), [1, 2, 3], x_copies={PROBAND: 0})
    assert "karyotype" in remarks[0].sentence


# -- limits -------------------------------------------------------------------------------------------

TABLE = {
    "gnomADe": {(0.001, 0.01): "AMR ASJ EAS FIN NFE SAS"},
    "gnomADg": {
        (0.001, 0.01): "AFR AMR FIN NFE",
        (0.002, 0.01): "EAS SAS",
        (0.003, 0.01): "ASJ",
        (0.1, 0.1): "AMI MID",
    },
}


def test_the_limits_are_those_of_the_guides_table() -> None:
    expected = {
        f"{source}_{population}_AF": limits
        for source, by_limit in TABLE.items()
        for limits, populations in by_limit.items()
        for population in populations.split()
    }
    assert {
        name: (by[Inheritance.DOMINANT], by[Inheritance.RECESSIVE]) for name, by in LIMITS.items()
    } == expected
    assert INTERNAL_LIMITS == {
        Inheritance.DOMINANT: 0.001,
        Inheritance.RECESSIVE: 0.01,
        Inheritance.MITOCHONDRIAL: 0.001,
    }
    assert "OWN_AF" in limits_with("OWN_AF")
    assert limits_with(None) == LIMITS


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_family_has_the_same_tiers_alone_and_among_others(data) -> None:
    """Nothing that another family carries changes what is said of one."""
    states = st.tuples(st.integers(1, 2), st.integers(-1, 2), st.integers(-1, 2))
    genes = st.sampled_from(["ONE", "TWO"])
    families = [trio(offset=10 * number, father_affected=bool(number % 2)) for number in range(3)]
    places = places_of(*families)
    parts = []
    for row in range(len(families)):
        drawn = data.draw(st.lists(st.tuples(genes, states), min_size=1, max_size=4))
        parts.append(
            calls_of_family([(variant(gene), carried) for gene, carried in drawn], family=row)
        )
    begin = np.cumsum([0, *[len(one.variants) for one in parts]])
    together = FamilyCalls(
        pd.concat([one.variants for one in parts], ignore_index=True),
        pd.concat(
            [
                one.effects.assign(variant=one.effects["variant"] + begin[row])
                for row, one in enumerate(parts)
            ],
            ignore_index=True,
        ),
        np.concatenate([one.variant + begin[row] for row, one in enumerate(parts)]),
        np.concatenate([one.family for one in parts]),
        np.concatenate([one.states for one in parts]),
        (),
    )
    requests = requests_with(places.family_ids, [panel(ONE=M.BIALLELIC)])
    asked = {families[0].family_id}
    at_once = assign_tiers(find(together, places, asked), together, places, requests, {})

    def told(rows, offset):
        return {
            (int(one.call) + offset, one.tier, one.pattern, one.penetrance)
            for one in rows.itertuples()
        }

    alone = set()
    for row, one in enumerate(parts):
        rows = assign_tiers(find(one, places, asked), one, places, requests, {})
        alone |= told(rows, begin[row])
    assert told(at_once, 0) == alone
