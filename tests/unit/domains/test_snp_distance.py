from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.infectious_disease.resistance_catalogue import known_catalogue
from domains.infectious_disease.snp_distance import (
    count_snp_distances,
    read_mask,
    resistance_surroundings,
)
from gecip.errors import InputError
from tests.unit.domains.handmade_isolates import isolates_of, snp


def distance(one: list[dict[str, Any]], other: list[dict[str, Any]], **facts: Any) -> int:
    gaps = facts.pop("gaps", None)
    options = {"masked": []} | facts
    counts = count_snp_distances(isolates_of({"one": one, "other": other}, gaps=gaps), **options)
    return int(counts.counts[0, 1])


def test_each_base_that_one_of_two_has_counts_once() -> None:
    assert distance([snp(10), snp(20)], [snp(20), snp(30)]) == 2


def test_different_bases_at_one_place_are_one_difference() -> None:
    assert distance([snp(10, "C")], [snp(10, "G")]) == 1


def test_where_either_was_not_read_nothing_counts() -> None:
    assert distance([snp(10), snp(20)], [], gaps={"other": [(15, 25)]}) == 1
    assert distance([snp(10), snp(20)], [], gaps={"one": [(15, 25)]}) == 1


@pytest.mark.parametrize(("fraction", "expected"), [(0.75, 1), (0.5, 0), (0.26, 0), (0.25, 0)])
def test_a_mixed_place_counts_for_neither(fraction: float, expected: int) -> None:
    # The third isolate makes it a place at which somebody differs.
    isolates = isolates_of({"one": [snp(10, fraction=fraction)], "two": [], "three": [snp(10)]})
    counts = count_snp_distances(isolates, masked=[]).counts
    assert counts[0, 1] == expected
    # Below a quarter it is the reference, and differs from who has the other base.
    assert counts[0, 2] == (1 if fraction == 0.25 else 0)


def test_masked_stretches_do_not_count_up_to_both_their_ends() -> None:
    variants = [snp(place) for place in (9, 10, 15, 20, 21)]
    assert distance(variants, [], masked=[(10, 20)]) == 2


def test_variants_in_the_repeated_families_do_not_count_unless_asked_for() -> None:
    variants = [snp(10, gene="PE_PGRS3"), snp(20, gene="pepQ")]
    assert distance(variants, []) == 1
    assert distance(variants, [], mask_pe_ppe=False) == 2


def test_insertions_and_deletions_do_not_count() -> None:
    assert distance([{**snp(10), "alt": "AC"}, {**snp(20), "ref": "AG"}], []) == 0


def test_a_longer_substitution_counts_each_base_that_differs() -> None:
    assert distance([snp(10, "CAC")], [snp(12, "C")]) == 1


def test_a_base_that_two_overlapping_variants_tell_counts_once() -> None:
    assert distance([snp(10, "CC"), snp(11, "C")], []) == 2


def test_resistance_is_masked_with_twelve_bases_around_it_unless_told_otherwise() -> None:
    isolates = isolates_of(
        {"one": [snp(1_473_246 + away) for away in (-13, -12, 0, 12, 13)], "other": []}
    )
    assert count_snp_distances(isolates).counts[0, 1] == 2
    assert (1_473_234, 1_473_258) in resistance_surroundings(known_catalogue())


def test_isolates_without_any_variant_are_alike() -> None:
    assert distance([], []) == 0


def test_a_mask_is_read_as_bed_files_count(tmp_path: Path) -> None:
    path = tmp_path / "mask.bed"
    path.write_text(
        "# repeats\nNC_000962.3\t9\t20\nNC_000962.3\t20\t30\tname\n\n", encoding="utf-8"
    )
    assert read_mask(path) == [(10, 30)]


def test_a_mask_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mask.bed"
    path.write_text("NC_000962.3\t9\t20\nNC_000962.3 21 30\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        read_mask(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_mask(tmp_path / "absent.bed")


# ---------------------------------------------------------------------------------------------------------------------
# Against a second way of counting
# ---------------------------------------------------------------------------------------------------------------------

PLACES = range(1, 13)
Drawn = tuple[dict[int, tuple[str, float]], list[tuple[int, int]]]

a_variant = st.tuples(st.sampled_from("CGT"), st.sampled_from([0.1, 0.25, 0.5, 0.75, 1.0]))
an_isolate = st.dictionaries(st.sampled_from(PLACES), a_variant, max_size=8)
a_stretch = st.tuples(st.sampled_from(PLACES), st.integers(0, 4)).map(
    lambda drawn: (drawn[0], drawn[0] + drawn[1])
)


def base_at(place: int, isolate: Drawn) -> str | None:
    """Return the base of an isolate at a place; None where it cannot be told."""
    variants, gaps = isolate
    if any(start <= place <= stop for start, stop in gaps):
        return None
    alt, fraction = variants.get(place, ("A", 1.0))
    if fraction >= 0.75:
        return alt
    return None if fraction > 0.25 else "A"


def counted_base_by_base(one: Drawn, other: Drawn, masked: list[tuple[int, int]]) -> int:
    pairs = [
        (base_at(place, one), base_at(place, other))
        for place in PLACES
        if not any(start <= place <= stop for start, stop in masked)
    ]
    return sum(None not in pair and pair[0] != pair[1] for pair in pairs)


@pytest.mark.slow
@settings(deadline=None)
@given(
    drawn=st.lists(st.tuples(an_isolate, st.lists(a_stretch, max_size=2)), min_size=2, max_size=5),
    masked=st.lists(a_stretch, max_size=2),
)
def test_distances_are_those_counted_base_by_base(
    drawn: list[Drawn], masked: list[tuple[int, int]]
) -> None:
    isolates = isolates_of(
        {
            f"isolate {number}": [
                snp(place, alt, fraction=fraction) for place, (alt, fraction) in variants.items()
            ]
            for number, (variants, _) in enumerate(drawn)
        },
        gaps={f"isolate {number}": regions for number, (_, regions) in enumerate(drawn)},
    )
    counts = count_snp_distances(isolates, masked=masked).counts
    assert counts.tolist() == [
        [counted_base_by_base(one, other, masked) for other in drawn] for one in drawn
    ]
