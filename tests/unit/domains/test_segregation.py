"""Every filter with a family that passes and families that nearly do; then all filters against a second route.

A row gives the states of father, mother, proband and sibling: 0 no copy, 1 one copy, 2 every copy, -1 no
call. Unless it says otherwise the proband alone is affected.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.rare_disease.family_places import FamilyPlaces
from domains.rare_disease.segregation import (
    FILTERS_OF_MODE,
    SINGLE_PATTERNS,
    Pattern,
    Place,
    calls_of,
    compound_pairs,
    follows,
)
from gecip.model.genes import ModeOfInheritance
from gecip.model.tiering import SEGREGATION_PATTERNS
from tests.unit.domains import family_rules

FATHER, MOTHER, PROBAND, SIBLING = 1, 2, 0, 3


def quartet(**given) -> FamilyPlaces:
    """Return a family of four at the places proband, father, mother, sibling."""
    affected = np.array([[True, False, False, False]])
    about = {
        "family_ids": (1,),
        "members": ((),),
        "column": np.array([[0, 1, 2, 3]]),
        "affected": affected,
        "unaffected": ~affected,
        "father": np.array([[1, -1, -1, 1]]),
        "mother": np.array([[2, -1, -1, 2]]),
        "x_copies": np.array([[1, 1, 2, 1]]),
    }
    return FamilyPlaces(**{**about, **given})


def affected(*places: int) -> dict[str, np.ndarray]:
    flags = np.isin(np.arange(4), places)[None, :]
    return {"affected": flags, "unaffected": ~flags}


def calls(states, *, places: FamilyPlaces | None = None, at: Place = Place.AUTOSOME):
    """Return calls of one family from rows of (father, mother, proband, sibling)."""
    rows = np.array(states, dtype=np.int8).reshape(-1, 4)[:, [2, 0, 1, 3]]
    family = np.zeros(len(rows), dtype=np.int64)
    return calls_of(rows, family, places or quartet(), place=np.full(len(rows), at))


def holds(pattern: Pattern, states, *, incomplete: bool = False, **about) -> bool:
    return bool(follows(pattern, calls([states], **about), incomplete=incomplete)[0])


def test_the_patterns_are_those_of_the_programme() -> None:
    assert {pattern.value for pattern in Pattern} == set(SEGREGATION_PATTERNS)


def test_every_mode_of_inheritance_names_its_filters_as_the_guide_does() -> None:
    named = {
        mode: {pattern.value for pattern in filters} for mode, filters in FILTERS_OF_MODE.items()
    }
    assert named[ModeOfInheritance.BIALLELIC] == {
        "SimpleRecessive", "CompoundHeterozygous", "UniparentalIsodisomy",
    }  # fmt: skip
    assert named[ModeOfInheritance.MONOALLELIC_NOT_IMPRINTED] == {
        "InheritedAutosomalDominant",
        "deNovo",
    }
    assert named[ModeOfInheritance.XLINKED_BIALLELIC] == {
        "XLinkedSimpleRecessive", "XLinkedCompoundHeterozygous",
    }  # fmt: skip
    assert named[ModeOfInheritance.XLINKED_MONOALLELIC] == {"XLinkedMonoallelic", "deNovo"}
    assert named[ModeOfInheritance.MITOCHONDRIAL] == {"MitochondrialGenome"}
    assert set(FILTERS_OF_MODE) == set(ModeOfInheritance)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((0, 0, 1, 0), True),
        ((0, 0, 1, -1), True),
        ((0, 0, 1, 1), False),
        ((1, 0, 1, 0), False),
        ((0, -1, 1, 0), False),
        ((-1, 0, 1, 0), False),
        ((0, 0, 0, 0), False),
        ((0, 0, 2, 0), False),
    ],
)
def test_a_de_novo_variant_is_in_the_proband_and_both_parents_are_called_without_it(
    states, expected
) -> None:
    assert holds(Pattern.DE_NOVO, states) is expected


def test_a_de_novo_variant_needs_the_genomes_of_both_parents() -> None:
    for lacking in ("father", "mother"):
        alone = quartet(**{lacking: np.full((1, 4), -1)})
        assert not holds(Pattern.DE_NOVO, (0, 0, 1, 0), places=alone)


def test_on_x_a_new_variant_is_a_sons_only_copy_or_one_of_a_daughters() -> None:
    assert holds(Pattern.DE_NOVO, (0, 0, 2, 0), at=Place.X)
    assert holds(Pattern.DE_NOVO, (0, 0, 1, 0), at=Place.X)
    assert not holds(Pattern.DE_NOVO, (0, 1, 2, 0), at=Place.X)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((1, 1, 2, 1), True),
        ((1, 1, 2, 0), True),
        ((1, -1, 2, 0), True),
        ((-1, -1, 2, -1), True),
        ((1, 1, 2, 2), False),
        ((1, 0, 2, 0), False),
        ((2, 1, 2, 0), False),
        ((1, 1, 1, 0), False),
    ],
)
def test_a_recessive_variant_is_on_both_copies_one_from_each_parent(states, expected) -> None:
    assert holds(Pattern.SIMPLE_RECESSIVE, states) is expected


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((1, 0, 2, 0), True),
        ((0, 1, 2, 1), True),
        ((1, 1, 2, 0), False),
        ((0, 0, 2, 0), False),
        ((1, -1, 2, 0), False),
        ((0, -1, 2, 0), False),
        ((1, 0, 1, 0), False),
        ((1, 0, 2, 2), False),
    ],
)
def test_uniparental_isodisomy_is_two_copies_from_a_single_parent(states, expected) -> None:
    assert holds(Pattern.UNIPARENTAL_ISODISOMY, states) is expected


@pytest.mark.parametrize(
    ("states", "who", "expected"),
    [
        ((1, 0, 1, 0), (PROBAND, FATHER), True),
        ((1, 0, 1, 1), (PROBAND, FATHER, SIBLING), True),
        ((-1, 0, 1, 0), (PROBAND, FATHER), True),
        ((0, 0, 1, 0), (PROBAND,), False),
        ((1, 0, 1, 0), (PROBAND,), False),
        ((1, 0, 1, 1), (PROBAND, FATHER), False),
        ((0, 1, 1, 0), (PROBAND, FATHER), False),
        ((1, 0, 2, 0), (PROBAND, FATHER), False),
    ],
)
def test_a_dominant_variant_is_in_all_affected_and_in_nobody_else(states, who, expected) -> None:
    assert holds(Pattern.DOMINANT, states, places=quartet(**affected(*who))) is expected


def test_under_incomplete_penetrance_the_unaffected_may_carry_it_but_no_affected_may_lack_it() -> (
    None
):
    assert not holds(Pattern.DOMINANT, (1, 0, 1, 0))
    assert holds(Pattern.DOMINANT, (1, 0, 1, 0), incomplete=True)
    assert not holds(Pattern.DOMINANT, (0, 0, 1, 0), incomplete=True)
    both = quartet(**affected(PROBAND, SIBLING))
    assert not holds(Pattern.DOMINANT, (1, 0, 1, 0), places=both, incomplete=True)


def test_a_new_variant_means_nothing_under_incomplete_penetrance() -> None:
    assert not holds(Pattern.DE_NOVO, (0, 0, 1, 1), incomplete=True)
    assert not holds(Pattern.DE_NOVO, (0, 0, 1, 0), incomplete=True)


@pytest.mark.parametrize(
    ("pattern", "states", "expected"),
    [
        # The mother's allele is silent: the variant has to come from the father, who may be well himself.
        (Pattern.MATERNALLY_IMPRINTED, (1, 0, 1, 0), True),
        (Pattern.MATERNALLY_IMPRINTED, (-1, 0, 1, 0), True),
        (Pattern.MATERNALLY_IMPRINTED, (0, 1, 1, 0), False),
        (Pattern.MATERNALLY_IMPRINTED, (0, 0, 1, 0), False),
        (Pattern.MATERNALLY_IMPRINTED, (1, 0, 1, 1), False),
        (Pattern.PATERNALLY_IMPRINTED, (0, 1, 1, 0), True),
        (Pattern.PATERNALLY_IMPRINTED, (1, 0, 1, 0), False),
        (Pattern.PATERNALLY_IMPRINTED, (0, 1, 1, 1), False),
        (Pattern.PATERNALLY_IMPRINTED, (0, 1, 2, 0), False),
    ],
)
def test_an_imprinted_gene_asks_from_which_parent_the_variant_came(
    pattern, states, expected
) -> None:
    assert holds(pattern, states) is expected


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((0, 1, 2, 0), True),
        ((0, 0, 2, 0), True),
        ((0, 1, 2, -1), True),
        ((0, 1, 2, 2), False),
        ((2, 1, 2, 0), False),
        ((0, 1, 1, 0), False),
    ],
)
def test_an_x_recessive_variant_is_on_every_copy_of_the_affected_only(states, expected) -> None:
    assert holds(Pattern.X_SIMPLE_RECESSIVE, states, at=Place.X) is expected


@pytest.mark.parametrize(
    ("states", "who", "expected"),
    [
        ((0, 1, 2, 0), (PROBAND, MOTHER), True),
        ((0, 1, 1, 0), (PROBAND, MOTHER), True),
        ((0, 1, 2, 0), (PROBAND,), False),
        ((0, 0, 2, 0), (PROBAND,), False),
        ((2, 1, 2, 0), (PROBAND, MOTHER), False),
    ],
)
def test_an_x_monoallelic_variant_is_carried_by_the_affected_only(states, who, expected) -> None:
    assert (
        holds(Pattern.X_MONOALLELIC, states, at=Place.X, places=quartet(**affected(*who)))
        is expected
    )


def test_a_mitochondrial_variant_is_in_the_affected_and_in_nobody_unaffected() -> None:
    ill = quartet(**affected(PROBAND, MOTHER))
    assert holds(Pattern.MITOCHONDRIAL, (0, 2, 2, 0), at=Place.MITOCHONDRION, places=ill)
    assert holds(Pattern.MITOCHONDRIAL, (0, 1, 2, -1), at=Place.MITOCHONDRION, places=ill)
    assert not holds(Pattern.MITOCHONDRIAL, (0, 2, 2, 0), at=Place.MITOCHONDRION)
    assert not holds(Pattern.MITOCHONDRIAL, (0, 0, 2, 0), at=Place.MITOCHONDRION, places=ill)


@pytest.mark.parametrize("pattern", SINGLE_PATTERNS)
@pytest.mark.parametrize("place", list(Place))
def test_a_filter_is_asked_only_where_it_belongs(pattern, place) -> None:
    at_home = {
        Place.AUTOSOME: {
            Pattern.SIMPLE_RECESSIVE, Pattern.UNIPARENTAL_ISODISOMY, Pattern.DOMINANT, Pattern.DE_NOVO,
            Pattern.MATERNALLY_IMPRINTED, Pattern.PATERNALLY_IMPRINTED,
        },
        Place.X: {Pattern.X_SIMPLE_RECESSIVE, Pattern.X_MONOALLELIC, Pattern.DE_NOVO},
        Place.MITOCHONDRION: {Pattern.MITOCHONDRIAL},
        Place.ELSEWHERE: set(),
    }  # fmt: skip
    everything = np.array(np.meshgrid(*[[-1, 0, 1, 2]] * 4)).reshape(4, -1).T
    assert bool(follows(pattern, calls(everything, at=place)).any()) is (pattern in at_home[place])


# -- compound heterozygotes ---------------------------------------------------------------------------


def pair(first, second, *, incomplete: bool = False, **about):
    """Return whether two variants are a compound heterozygote (None if not), and whether it is phased."""
    both = calls([first, second], **about)
    found = compound_pairs(
        both, np.zeros(2, dtype=np.int64), np.ones(2, dtype=bool), incomplete=incomplete
    )
    return bool(found.in_trans[0]) if len(found.first) else None


@pytest.mark.parametrize(
    ("first", "second", "phased"),
    [
        ((1, 0, 1, 0), (0, 1, 1, 0), True),
        ((1, 0, 1, 1), (0, 1, 1, 0), True),
        ((1, 0, 1, -1), (-1, 1, 1, 0), False),
        ((1, 1, 1, 0), (0, 1, 1, 0), None),
        ((1, 0, 1, 0), (1, 0, 1, 0), None),
        ((1, 0, 1, 0), (-1, -1, 1, 0), False),
        ((0, 0, 1, 0), (0, 1, 1, 0), False),
        ((1, 0, 1, 1), (0, 1, 1, 1), None),
        ((1, 0, 1, 0), (0, 1, 2, 0), None),
        ((1, 0, 1, 0), (0, 1, 0, 0), None),
    ],
)
def test_a_pair_is_in_trans_by_transmission_or_unphased_or_none(first, second, phased) -> None:
    assert pair(first, second) is phased


def test_without_parents_a_pair_is_kept_and_marked_unphased() -> None:
    alone = np.full((1, 4), -1)
    assert pair((0, 0, 1, 0), (0, 0, 1, 0), places=quartet(father=alone, mother=alone)) is False


def test_one_parent_phases_a_pair_of_which_it_carries_one() -> None:
    only_mother = quartet(father=np.full((1, 4), -1))
    assert pair((0, 0, 1, 0), (0, 1, 1, 0), places=only_mother) is False
    assert pair((0, 1, 1, 0), (0, 1, 1, 0), places=only_mother) is None


def test_an_affected_sibling_has_to_share_both_variants() -> None:
    both = quartet(**affected(PROBAND, SIBLING))
    assert pair((1, 0, 1, 1), (0, 1, 1, 1), places=both) is True
    assert pair((1, 0, 1, 1), (0, 1, 1, 0), places=both) is None
    assert pair((1, 0, 1, 1), (0, 1, 1, -1), places=both) is True


def test_under_incomplete_penetrance_a_well_sibling_may_have_both_but_phase_still_counts() -> None:
    assert pair((1, 0, 1, 1), (0, 1, 1, 1), incomplete=True) is True
    assert pair((1, 0, 1, 1), (1, 0, 1, 1), incomplete=True) is None


def test_pairs_stay_within_their_gene_and_family() -> None:
    four = calls([(1, 0, 1, 0), (0, 1, 1, 0), (1, 0, 1, 0), (0, 1, 1, 0)])
    found = compound_pairs(four, np.array([7, 7, 8, 9]), np.ones(4, dtype=bool))
    assert list(zip(found.first, found.second, strict=True)) == [(0, 1)]


def test_who_is_too_common_takes_no_part() -> None:
    two = calls([(1, 0, 1, 0), (0, 1, 1, 0)])
    found = compound_pairs(two, np.zeros(2, dtype=np.int64), np.array([True, False]))
    assert len(found.first) == 0


# -- against the second route -------------------------------------------------------------------------

STATES = st.sampled_from([-1, 0, 1, 2])


@st.composite
def families(draw):
    """Draw families of up to six places, padded to one width, with parents among the members."""
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    width = max(sizes)
    drawn = []
    for size in sizes:
        members = []
        for place in range(size):
            status = True if place == 0 else draw(st.sampled_from([True, False, None]))
            others = [None, *[one for one in range(size) if one != place]]
            father = draw(st.sampled_from(others))
            mother = draw(st.sampled_from([one for one in others if one is None or one != father]))
            members.append({"affected": status, "father": father, "mother": mother})
        drawn.append(members)
    return drawn, width


def placed(drawn, width: int) -> FamilyPlaces:
    def array(value, fill):
        return np.array(
            [[value(one) for one in members] + [fill] * (width - len(members)) for members in drawn]
        )

    def parent(word):
        return array(lambda one: -1 if one[word] is None else one[word], -1)

    return replace(
        quartet(),
        family_ids=tuple(range(len(drawn))),
        members=tuple(() for _ in drawn),
        column=array(lambda _: 0, -1),
        affected=array(lambda one: one["affected"] is True, fill=False),
        unaffected=array(lambda one: one["affected"] is False, fill=False),
        father=parent("father"),
        mother=parent("mother"),
        x_copies=array(lambda _: 2, 0),
    )


NAMES = {
    Place.AUTOSOME: "autosome",
    Place.X: "X",
    Place.MITOCHONDRION: "mitochondrion",
    Place.ELSEWHERE: "Y",
}


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    data=st.data(), drawn=families(), place=st.sampled_from(list(Place)), incomplete=st.booleans()
)
def test_all_families_at_once_say_what_each_says_alone(data, drawn, place, incomplete) -> None:
    members, width = drawn
    places = placed(members, width)
    family = np.array(
        data.draw(st.lists(st.integers(0, len(members) - 1), min_size=1, max_size=12))
    )
    states = np.array(
        [
            [data.draw(STATES) for _ in members[row]] + [-1] * (width - len(members[row]))
            for row in family
        ],
        dtype=np.int8,
    )
    together = calls_of(states, family, places, place=np.full(len(family), place))
    penetrance = "incomplete" if incomplete else "complete"
    by_filter = {one: follows(one, together, incomplete=incomplete) for one in SINGLE_PATTERNS}
    plain = [[None if one == -1 else int(one) for one in row] for row in states]
    for row, number in enumerate(family):
        expected = family_rules.patterns(members[number], plain[row], NAMES[place], penetrance)
        assert {one.value for one, verdict in by_filter.items() if verdict[row]} == expected
    if place not in (Place.AUTOSOME, Place.X):
        return
    found = compound_pairs(
        together, family, np.ones(len(family), dtype=bool), incomplete=incomplete
    )
    seen = {
        tuple(sorted((int(a), int(b)))): bool(c)
        for a, b, c in zip(found.first, found.second, found.in_trans, strict=True)
    }
    expected_pairs = {}
    for number in set(family.tolist()):
        rows = np.flatnonzero(family == number).tolist()
        for (a, b), phased in family_rules.pairs(
            members[number], [plain[one] for one in rows], penetrance
        ).items():
            expected_pairs[rows[a], rows[b]] = phased
    assert seen == expected_pairs
