"""An attacker tries to work out what was masked in whole bundles: 300 in every run, 5,000 by `make attack`."""

from __future__ import annotations

import itertools
import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecip.airlock import suppression
from gecip.airlock.masking import mask
from gecip.configuration import policy_document
from gecip.governance.policy import parse_policy
from gecip.reporting import Summary
from tests.doors.attack import (
    KINDS,
    MOST,
    Attacker,
    Bundle,
    atoms_of,
    attack,
    cells_of,
    make_bundle,
)
from tests.products import crossed

POLICY = parse_policy(policy_document())
N_BUNDLES = int(os.environ.get("GECIP_ATTACKS", "300"))
# How many more cells than the fewest may be masked.
MOST_NEEDLESS = 1.2

few_people = st.integers(0, 9) | st.sampled_from([0, 0, 1, 4, 5, 12, 30])
tables_of_people = st.tuples(st.integers(2, 4), st.integers(2, 3)).flatmap(
    lambda shape: st.lists(
        st.lists(few_people, min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)
bundles = st.builds(
    make_bundle,
    counts=tables_of_people,
    left_out=st.lists(st.integers(0, 500), max_size=6),
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True),
)


def recovered(bundle: Bundle, shown: dict[str, Summary]) -> list[str]:
    """Return the small counts that the attacker tells, and those that carry no mark."""
    attacker = attack(bundle, shown)
    found = []
    for kind, truth in bundle.tables.items():
        for row, column in cells_of(truth):
            count, text = int(truth.table.at[row, column]), shown[kind].text(row, column)
            name = f"{kind}: {row} {column}"
            if 0 < count < 5 and text not in ("<5", "withheld"):
                found.append(f"{name} is printed")
            elif 0 < count < 5 and attacker.tells(atoms_of(bundle, kind, row, column)):
                found.append(f"{name} is told")
            elif text == "<5" and not 0 < count < 5:
                found.append(f"{name} carries the mark of small counts")
            elif text not in ("<5", "withheld", f"{count:,}"):
                found.append(f"{name} is wrong")
    return [*found, *_rests(bundle, attacker), *_overlaps(bundle, attacker)]


def _rests(bundle: Bundle, attacker: Attacker) -> list[str]:
    """Return the differences of a few people between the first cohort and the second that the attacker tells."""
    found = []
    pairs = [(kind, second) for kind in bundle.tables for second in bundle.tables if kind != second]
    for kind, second in pairs:
        if second != f"{kind} of most":
            continue
        for row, column in cells_of(bundle.tables[kind]):
            count = int(bundle.tables[kind].table.at[row, column])
            rest = count - int(bundle.tables[second].table.at[row, column])
            if 0 < rest < 5 and count - rest >= 5:
                name = f"{kind}: rest of {row} {column}"
                atoms = atoms_of(bundle, kind, row, column)
                if attacker.tells([one for one in atoms if "left out" in one]):
                    found.append(f"{name} is told")
    return found


def _overlaps(bundle: Bundle, attacker: Attacker) -> list[str]:
    """Return the few people in groups of two tables at once that the attacker tells, though no table counts them."""
    found = []
    for kind, second in (("coarse", "shifted"), ("coarse and b", "shifted and b")):
        if kind not in bundle.tables or second not in bundle.tables:
            continue
        one, other = bundle.tables[kind].table, bundle.tables[second].table
        for row, shifted, column in itertools.product(one.index, other.index, one.columns):
            ours, theirs = (
                set(atoms_of(bundle, table, group, column))
                for table, group in ((kind, row), (second, shifted))
            )
            # Where a group lies within the other, they have in common what is printed.
            is_partial = ours - theirs and theirs - ours
            count = sum(
                bundle.counts[a, b] for a, b in bundle.counts if f"most {a} {b}" in ours & theirs
            )
            if is_partial and 0 < count < 5 and attacker.tells(sorted(ours & theirs)):
                found.append(f"{kind}: {row} and {shifted} {column} is told")
    return found


@pytest.mark.slow
@settings(
    deadline=None,
    max_examples=N_BUNDLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    derandomize=N_BUNDLES <= 300,
    database=None,
)
@given(bundle=bundles)
def test_an_attacker_recovers_nothing_from_a_bundle(bundle: Bundle) -> None:
    masked = mask(list(bundle.tables.values()), POLICY)
    if any(one.is_unprotected for one in masked):
        # Then the airlock lets none of it out.
        return
    shown = {kind: one.summary for kind, one in zip(bundle.tables, masked, strict=True)}
    assert recovered(bundle, shown) == []


@pytest.mark.slow
@settings(
    deadline=None,
    max_examples=max(40, N_BUNDLES // 10),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    derandomize=N_BUNDLES <= 300,
    database=None,
)
@given(bundle=bundles)
def test_nor_from_one_that_was_masked_piece_by_piece(bundle: Bundle) -> None:
    """As bundles of many large tables are, which nobody could wait for otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suppression, "_MANY_SECRETS", 0)
        masked = mask(list(bundle.tables.values()), POLICY)
    if not any(one.is_unprotected for one in masked):
        shown = {kind: one.summary for kind, one in zip(bundle.tables, masked, strict=True)}
        assert recovered(bundle, shown) == []


def test_the_attacker_tells_what_is_masked_badly() -> None:
    bundle = make_bundle([[12, 3], [20, 30]], [], ["a", "a and b"])
    shown = dict(bundle.tables)
    assert "a and b: a0 b1 is printed" in recovered(bundle, shown)
    alone = {kind: mask([one], POLICY)[0].summary for kind, one in bundle.tables.items()}
    assert recovered(bundle, alone) == [] or "told" in str(recovered(bundle, alone))
    # Masked each by itself, the fine groups give away what the coarse table withheld.
    nested = make_bundle([[12, 30], [3, 2], [20, 30]], [], ["a and b", "coarse and b"])
    alone = {kind: mask([one], POLICY)[0].summary for kind, one in nested.tables.items()}
    together = mask(list(nested.tables.values()), POLICY)
    shown = {kind: one.summary for kind, one in zip(nested.tables, together, strict=True)}
    assert recovered(nested, alone) != []
    assert recovered(nested, shown) == []


def test_two_cohorts_of_nearly_the_same_people_do_not_tell_of_those_who_are_in_one() -> None:
    bundle = make_bundle([[40, 30], [50, 60]], [0, 1], ["a", "a of most"])
    masked = mask(list(bundle.tables.values()), POLICY)
    shown = {kind: one.summary for kind, one in zip(bundle.tables, masked, strict=True)}
    assert recovered(bundle, dict(bundle.tables)) != []
    assert recovered(bundle, shown) == []
    # Nor do their families, who are as many.
    assert shown["a"].text("a0", "families") == "70"
    assert shown["a of most"].text("a0", "families") == "withheld"
    # Nothing is withheld of whoever is not near.
    assert shown["a"].text("a1", "people") == shown["a of most"].text("a1", "people") == "110"


def test_bands_that_are_cut_differently_do_not_tell_what_two_of_them_have_in_common() -> None:
    # 3 people in a1 are in c1 and in s0: 11 in s0, of whom 8 are all of c0.
    bundle = make_bundle([[4, 4], [2, 1], [30, 30], [20, 20]], [], ["coarse", "shifted"])
    masked = mask(list(bundle.tables.values()), POLICY)
    shown = {kind: one.summary for kind, one in zip(bundle.tables, masked, strict=True)}
    assert "coarse: c1 and s0 people is told" in recovered(bundle, dict(bundle.tables))
    assert recovered(bundle, shown) == []
    # Many have nothing to hide.
    bundle = make_bundle([[4, 4], [20, 10], [30, 30], [20, 20]], [], ["coarse", "shifted"])
    assert not any(one.is_changed for one in mask(list(bundle.tables.values()), POLICY))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("counts", "left_out", "kinds"),
    [
        # 9 in a1 of all, 8 at most of those within: whoever is missing from the total is one of them.
        ([[0, 3, 0], [4, 5, 0]], [467], ["a", "b", "a and b of most"]),
        # c1 is a1 under another name.
        ([[4, 6], [4, 6]], [0, 175, 254], ["a of most", "coarse and b", "a and b of most"]),
        # In c1 there are 3 at least, since one is in each of a1, a2 and a3; so there is one in c0.
        ([[0, 1], [0, 1], [0, 1], [0, 1]], [0], ["coarse", "a of most"]),
    ],
)
def test_small_groups_within_others_are_known_to_be_no_larger(
    counts: list[list[int]], left_out: list[int], kinds: list[str]
) -> None:
    bundle = make_bundle(counts, left_out, kinds)
    masked = mask(list(bundle.tables.values()), POLICY)
    shown = {kind: one.summary for kind, one in zip(bundle.tables, masked, strict=True)}
    assert any(one.is_unprotected for one in masked) or recovered(bundle, shown) == []


# ---------------------------------------------------------------------------------------------------------------------
# No more than needed
# ---------------------------------------------------------------------------------------------------------------------


def is_safe(truth: Summary, withheld: set[tuple[str, str]]) -> bool:
    """Return whether nothing small is told when just these cells are withheld beside the small ones."""
    rows, columns = list(truth.table.index[:-1]), list(truth.table.columns[:-1])
    inner = list(itertools.product(rows, columns))
    attacker = Attacker({" ".join(cell): MOST * 3 for cell in inner})
    small = []
    for row, column in itertools.product(truth.table.index, truth.table.columns):
        count = int(truth.table.at[row, column])
        names = [f"{r} {c}" for r, c in inner if row in (r, "Total") and column in (c, "Total")]
        if 0 < count < 5:
            small.append(names)
            attacker.know(names, 1, 4)
        elif (row, column) in withheld:
            attacker.know(names, 5, MOST * 100)
        else:
            attacker.know(names, count, count)
    return not any(attacker.tells(names) for names in small)


@pytest.mark.slow
@settings(
    deadline=None,
    max_examples=max(25, N_BUNDLES // 20),
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=N_BUNDLES <= 300,
    database=None,
)
@given(
    table=st.tuples(st.integers(2, 3), st.integers(2, 3)).flatmap(
        lambda shape: st.lists(
            st.lists(few_people, min_size=shape[1], max_size=shape[1]),
            min_size=shape[0],
            max_size=shape[0],
        )
    )
)
def test_few_more_cells_are_masked_than_have_to_be(table: list[list[int]]) -> None:
    """No set of cells that is so much smaller would do: every one of them is tried."""
    truth = crossed(table)
    (result,) = mask([truth], replace(POLICY, protect_the_rest=False))
    cells = list(itertools.product(truth.table.index, truth.table.columns))
    small = sum(0 < truth.table.at[cell] < 5 for cell in cells)
    large = [cell for cell in cells if truth.table.at[cell] >= 5]
    for fewer in range(result.withheld):
        if result.small + result.withheld <= MOST_NEEDLESS * (small + fewer):
            break
        assert not any(
            is_safe(truth, set(withheld)) for withheld in itertools.combinations(large, fewer)
        )
