from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecip.airlock.masking import MaskedSummary, mask
from gecip.configuration import policy_document
from gecip.governance.policy import parse_policy
from gecip.reporting import Meaning, Summary, Total, summarise
from tests.products import BY_HAND, carriers_of, counted, crossed
from tests.unit.airlock.plain_attacker import PlainAttacker

POLICY = parse_policy(policy_document())
# Beyond the largest count here: what a withheld count may be for the attacker.
MOST = 60

quick = settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
few_people = st.integers(0, 9) | st.sampled_from([0, 1, 4, 5, 30])


def masked(summary: Summary) -> MaskedSummary:
    (alone,) = mask([summary], POLICY)
    return alone


def printed(summary: Summary, column: str) -> dict[Any, str]:
    return {row: summary.text(row, column) for row in summary.table.index}


# ---------------------------------------------------------------------------------------------------------------------
# What is masked
# ---------------------------------------------------------------------------------------------------------------------


def test_a_table_without_small_counts_stays_as_it_is() -> None:
    summary = counted({"renal": 12, "skin": 5, "heart": 0})
    assert masked(summary).summary is summary
    assert not masked(summary).is_changed


def test_a_small_count_is_marked_and_a_second_one_withheld_so_that_the_total_does_not_tell() -> (
    None
):
    result = masked(counted({"renal": 12, "skin": 3, "heart": 40, "lung": 0}))
    assert printed(result.summary, "people") == {
        "renal": "withheld",
        "skin": "<5",
        "heart": "40",
        "lung": "0",
        "Total": "55",
    }
    assert (result.small, result.withheld) == (2, 2)


def test_two_small_counts_that_their_total_would_tell_lose_the_total() -> None:
    people = printed(masked(counted({"renal": 4, "skin": 4})).summary, "people")
    assert people == {"renal": "<5", "skin": "<5", "Total": "withheld"}


def test_two_small_counts_that_their_total_does_not_tell_keep_it() -> None:
    people = printed(masked(counted({"renal": 4, "skin": 3, "heart": 30})).summary, "people")
    assert people == {"renal": "<5", "skin": "<5", "heart": "30", "Total": "37"}


def test_four_single_people_are_not_told_by_a_total_under_five() -> None:
    people = printed(masked(counted(dict.fromkeys("abcd", 1))).summary, "people")
    assert people == {**dict.fromkeys("abcd", "<5"), "Total": "withheld"}


def test_rows_in_order_do_not_tell_which_small_count_is_larger() -> None:
    # 36 in total leaves 7 for the last two: 4 and 3, since the rows fall.
    people = printed(masked(counted({"a": 20, "b": 9, "c": 4, "d": 3})).summary, "people")
    assert list(people.values()).count("withheld") == 1


def test_what_is_left_of_a_group_is_a_small_count_too() -> None:
    table = pd.DataFrame({"carriers": [47, 9], "people": [50, 80]}, index=["PKD1", "PKD2"])
    summary = Summary(
        title="Carriers among people",
        table=table,
        people=table,
        families=table,
        meanings=dict.fromkeys(table.columns, Meaning.PEOPLE),
        phenotypic=True,
        n_people=130,
        n_families=130,
        provenance=BY_HAND,
        totals=(Total("people", ("carriers",), "columns", complete=False),),
    )
    shown = masked(summary).summary
    assert "withheld" in {shown.text("PKD1", "carriers"), shown.text("PKD1", "people")}
    assert shown.text("PKD2", "carriers") == "9"
    lenient = replace(POLICY, protect_the_rest=False)
    assert mask([summary], lenient)[0].summary is summary


def test_few_families_are_masked_though_their_people_are_not_few() -> None:
    shown = masked(counted({"renal": 12, "skin": 30}, family_size=6)).summary
    assert shown.text("renal", "people") == "12"
    assert shown.text("renal", "families") == "<5"


def test_alleles_of_few_people_are_withheld_and_never_said_to_be_few() -> None:
    alleles = carriers_of({"PKD1": {"renal": 4, "skin": 20}}, groups={"renal": 40, "skin": 60})
    more = alleles.carriers.assign(alleles=2)
    shown = masked(summarise(replace(alleles, carriers=more))).summary
    assert shown.text(("PKD1", "renal"), "carriers") == "<5"
    assert shown.text(("PKD1", "renal"), "alleles") == "withheld"


def test_rates_go_with_their_numerator_and_denominator() -> None:
    summary = counted({"renal": 12, "skin": 3, "heart": 40}, family_size=2).with_rate(
        "rate", of="families", among="people"
    )
    shown = masked(summary).summary
    for row in summary.table.index:
        numerator, denominator = shown.text(row, "families"), shown.text(row, "people")
        is_masked = not (numerator.isdigit() and denominator.isdigit())
        assert (shown.text(row, "rate") == "withheld") is is_masked


def test_a_statistic_of_few_people_is_withheld_and_with_it_that_of_the_whole() -> None:
    table = pd.DataFrame({"mean age": [40.5, 31.25, 39.0]}, index=["renal", "skin", "all"])
    summary = Summary(
        title="Mean age",
        table=table,
        people=pd.DataFrame({"mean age": [12, 3, 15]}, index=table.index),
        families=pd.DataFrame({"mean age": [12, 3, 15]}, index=table.index),
        meanings={"mean age": Meaning.STATISTIC},
        phenotypic=True,
        n_people=15,
        n_families=15,
        provenance=BY_HAND,
        totals=(Total("all", ("renal", "skin")),),
    )
    result = masked(summary)
    assert printed(result.summary, "mean age") == {
        "renal": "40.5",
        "skin": "withheld",
        "all": "withheld",
    }
    assert result.bases == 2


def with_limits(summary: Summary, **changes: Any) -> Summary:
    """Return the summary with a statistic of each row beside its counts."""
    return replace(
        summary,
        table=summary.table.assign(limit=summary.table["people"] / 7),
        people=summary.people.assign(limit=summary.people["people"]),
        families=summary.families.assign(limit=summary.families["people"]),
        meanings={**summary.meanings, "limit": Meaning.STATISTIC},
        **changes,
    )


def test_a_statistic_goes_with_the_counts_of_its_row_and_the_whole_with_its_parts() -> None:
    shown = masked(with_limits(counted({"renal": 13, "skin": 3, "heart": 40}))).summary
    limits = printed(shown, "limit")
    assert limits == {**dict.fromkeys(("renal", "skin", "Total"), "withheld"), "heart": "5.714"}


def test_a_statistic_that_rests_on_its_rows_counts_is_shown_wherever_they_are() -> None:
    summary = with_limits(
        counted({"renal": 13, "skin": 3, "heart": 40}), rests_on={"limit": ("people",)}
    )
    limits = printed(masked(summary).summary, "limit")
    assert limits == {"renal": "withheld", "skin": "withheld", "heart": "5.714", "Total": "8"}


def test_gene_level_counts_without_phenotypes_are_not_masked() -> None:
    genes = {"PKD1": {"renal": 3}, "PKD2": {"renal": 1}}
    summary = summarise(carriers_of(genes, groups={"renal": 40}, by=None))
    assert masked(summary).summary is summary


def test_the_number_behind_the_whole_is_given_in_a_band_where_it_would_tell() -> None:
    table = pd.DataFrame({"people": [20, 3]}, index=["renal", "skin"])
    summary = Summary(
        title="No total",
        table=table,
        people=table,
        families=table,
        meanings={"people": Meaning.PEOPLE},
        phenotypic=True,
        n_people=23,
        n_families=23,
        provenance=BY_HAND,
    )
    assert masked(summary).summary.behind == "20–24 people in 20–24 families"


def test_a_number_behind_the_whole_that_even_its_band_would_tell_is_withheld() -> None:
    # With 24 others, the band 25-29 leaves 1 to 4 for the small one; with 44, 45-49 does; 49 - 48 = 1.
    table = pd.DataFrame({"people": [48, 1]}, index=["renal", "skin"])
    summary = Summary(
        title="No total",
        table=table,
        people=table,
        families=table,
        meanings={"people": Meaning.PEOPLE},
        phenotypic=True,
        n_people=49,
        n_families=60,
        provenance=BY_HAND,
    )
    assert masked(summary).summary.behind == "withheld people in 60 families"


def test_nothing_true_stands_behind_a_mark() -> None:
    shown = masked(counted({"renal": 12, "skin": 3, "heart": 40})).summary
    assert shown.table.at["skin", "people"] == POLICY.smallest_shown_count
    assert np.isnan(shown.table.at["renal", "people"])
    assert shown.people["people"].isna().tolist() == [True, True, False, False]
    assert (shown.n_people, shown.n_families) == (0, 0)


# ---------------------------------------------------------------------------------------------------------------------
# Several summaries in one request
# ---------------------------------------------------------------------------------------------------------------------


def test_a_count_in_two_summaries_is_masked_in_both_or_in_neither() -> None:
    by_group = counted({"renal": 12, "skin": 3, "heart": 40})
    finer = crossed([[12, 0], [2, 1], [20, 20]])
    finer = replace(
        finer,
        **{
            name: getattr(finer, name).rename(index={"r0": "renal", "r1": "skin", "r2": "heart"})
            for name in ("table", "people", "families")
        },
        totals=(
            Total("Total", ("renal", "skin", "heart")),
            Total("Total", ("c0", "c1"), "columns"),
        ),
    )
    first, second = mask([by_group, finer], POLICY)
    for row in ("renal", "skin", "heart"):
        assert first.summary.text(row, "people") == second.summary.text(row, "Total")


def test_gene_level_counts_beside_it_do_not_give_a_masked_cell_away() -> None:
    groups = {"renal": 40, "skin": 30, "heart": 25}
    genes = {
        "PKD1": {"renal": 12, "skin": 3},
        "PKD2": {"renal": 2},
        "UMOD": {"renal": 1, "skin": 1},
    }
    by_gene = summarise(carriers_of(genes, groups=groups, by=None))
    by_group = summarise(carriers_of(genes, groups=groups))
    plain, result = mask([by_gene, by_group], POLICY)
    assert plain.summary is by_gene
    shown = result.summary
    for gene, per_group in genes.items():
        attacker = PlainAttacker()
        names = list(groups)
        for group in names:
            attacker.see(group, shown.text((gene, group), "carriers"), at_least=0, at_most=MOST)
        attacker.ranges["total"] = (sum(per_group.values()),) * 2
        attacker.know_sum("total", names)
        for group, carriers in per_group.items():
            if 0 < carriers < 5:
                assert len(attacker.possible(group)) > 1


def test_a_summary_alone_is_masked_less_than_beside_one_that_tells_its_total() -> None:
    groups = {"renal": 40, "skin": 30}
    genes = {"UMOD": {"renal": 2}}
    by_group = summarise(carriers_of(genes, groups=groups))
    alone = masked(by_group)
    _, beside = mask([summarise(carriers_of(genes, groups=groups, by=None)), by_group], POLICY)
    assert alone.summary.text(("UMOD", "skin"), "carriers") == "0"
    assert beside.summary.text(("UMOD", "skin"), "carriers") == "withheld"
    assert not beside.is_unprotected


def test_the_only_group_tells_no_more_than_the_table_of_genes() -> None:
    groups, genes = {"renal": 40}, {"PKD1": {"renal": 3}}
    _, beside = mask(
        [
            summarise(carriers_of(genes, groups=groups, by=None)),
            summarise(carriers_of(genes, groups=groups)),
        ],
        POLICY,
    )
    assert not beside.is_unprotected
    assert beside.summary.text(("PKD1", "renal"), "carriers") == "<5"


def test_a_group_called_as_a_gene_is_not_taken_for_it() -> None:
    groups, genes = {"PKD1": 40, "skin": 30}, {"PKD1": {"PKD1": 3}}
    _, beside = mask(
        [
            summarise(carriers_of(genes, groups=groups, by=None)),
            summarise(carriers_of(genes, groups=groups)),
        ],
        POLICY,
    )
    assert beside.summary.text(("PKD1", "skin"), "carriers") == "withheld"


# ---------------------------------------------------------------------------------------------------------------------
# The attacker
# ---------------------------------------------------------------------------------------------------------------------


def attack_on_groups(result: Summary, truth: Summary) -> PlainAttacker:
    """Return an attacker of a one-way table who knows the totals, the order, and families among people."""
    attacker = PlainAttacker()
    rows, total = list(truth.table.index[:-1]), "Total"
    for column in ("people", "families"):
        withheld = [
            truth.table.at[row, column]
            for row in truth.table.index
            if result.text(row, column) == "withheld"
        ]
        at_least = 5 if all(count >= 5 for count in withheld) else 0
        for row in truth.table.index:
            attacker.see(
                f"{column} {row}", result.text(row, column), at_least=at_least, at_most=MOST
            )
        counts = truth.table[column]
        attacker.know_sum(
            f"{column} {total}",
            [f"{column} {row}" for row in rows],
            overlap=bool(counts[rows].sum() != counts[total]),
        )
        if counts[rows].nunique() >= 4:
            for falling in (True, False):
                if (
                    counts[rows].is_monotonic_decreasing
                    if falling
                    else counts[rows].is_monotonic_increasing
                ):
                    attacker.know_order([f"{column} {row}" for row in rows], falling=falling)
    for row in truth.table.index:
        attacker.know_at_most(f"families {row}", f"people {row}")
    behind = result.behind if " in " in result.behind else f"{result.behind} in 0 families"
    for column, words in zip(("people", "families"), behind.split(" in "), strict=True):
        number = words.split()[0]
        if "–" in number:
            attacker.ranges["whole"] = tuple(map(int, number.split("–")))  # type: ignore[assignment]
        else:
            attacker.see("whole", number, at_least=0, at_most=MOST)
        attacker.ranges[f"whole {column}"] = attacker.ranges.pop("whole")
        attacker.know_sum(f"whole {column}", [f"{column} {total}"])
    return attacker


@pytest.mark.slow
@quick
@given(
    groups=st.lists(few_people, min_size=1, max_size=6),
    family_size=st.integers(1, 3),
)
def test_an_attacker_cannot_tell_a_small_count_of_a_table_by_group(
    groups: list[int], family_size: int
) -> None:
    truth = counted(
        {f"group {n}": people for n, people in enumerate(groups)}, family_size=family_size
    )
    result = masked(truth)
    assert not result.is_unprotected
    attacker = attack_on_groups(result.summary, truth)
    for row, column in itertools.product(truth.table.index, ("people", "families")):
        if 0 < truth.table.at[row, column] < 5:
            assert result.summary.text(row, column) in ("<5", "withheld")
            assert len(attacker.possible(f"{column} {row}")) > 1


def attack_on_cross(result: Summary, truth: Summary) -> PlainAttacker:
    """Return an attacker of a two-way table who knows its margins."""
    attacker = PlainAttacker()
    rows, columns = list(truth.table.index), list(truth.table.columns)
    cells = list(itertools.product(rows, columns))
    withheld = [truth.table.at[cell] for cell in cells if result.text(*cell) == "withheld"]
    at_least = 5 if all(count >= 5 for count in withheld) else 0
    for cell in cells:
        attacker.see(" ".join(cell), result.text(*cell), at_least=at_least, at_most=MOST * 3)
    for row in rows:
        attacker.know_sum(f"{row} Total", [f"{row} {column}" for column in columns[:-1]])
    for column in columns:
        attacker.know_sum(f"Total {column}", [f"{row} {column}" for row in rows[:-1]])
    return attacker


tables = st.tuples(st.integers(1, 4), st.integers(2, 4)).flatmap(
    lambda shape: st.lists(
        st.lists(few_people, min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


@pytest.mark.slow
@quick
@given(table=tables)
def test_an_attacker_cannot_tell_a_small_count_of_a_table_with_margins(
    table: list[list[int]],
) -> None:
    truth = crossed(table)
    result = masked(truth)
    assert not result.is_unprotected
    attacker = attack_on_cross(result.summary, truth)
    for row, column in itertools.product(truth.table.index, truth.table.columns):
        count = truth.table.at[row, column]
        if 0 < count < 5:
            assert result.summary.text(row, column) in ("<5", "withheld")
            assert len(attacker.possible(f"{row} {column}")) > 1
        elif result.summary.text(row, column) == "<5":
            pytest.fail("a count that is not small carries the mark of small ones")


@pytest.mark.slow
@quick
@given(table=tables)
def test_what_is_printed_is_true_and_zeros_stay(table: list[list[int]]) -> None:
    truth = crossed(table)
    shown = masked(truth).summary
    for row, column in itertools.product(truth.table.index, truth.table.columns):
        text, count = shown.text(row, column), truth.table.at[row, column]
        assert text in (f"{count:,}", "<5", "withheld")
        assert count != 0 or text == "0"


@pytest.mark.slow
@settings(deadline=None, max_examples=12, derandomize=True)
@given(table=st.lists(st.lists(few_people, min_size=2, max_size=2), min_size=2, max_size=3))
def test_no_more_is_withheld_than_has_to_be(table: list[list[int]]) -> None:
    truth = crossed(table)
    result = masked(truth)
    cells = list(itertools.product(truth.table.index, truth.table.columns))
    small = [cell for cell in cells if 0 < truth.table.at[cell] < 5]
    large = [cell for cell in cells if truth.table.at[cell] >= 5]
    if result.withheld == 0 or any(result.summary.text(*cell) == "withheld" for cell in small):
        return
    for fewer in itertools.combinations(large, result.withheld - 1):
        attacker = attack_on_cross(result.summary, truth)
        for cell in cells:
            count = int(truth.table.at[cell])
            known = (1, 4) if cell in small else (5, 3 * MOST) if cell in fewer else (count, count)
            attacker.ranges[" ".join(cell)] = known
        assert any(len(attacker.possible(" ".join(cell))) == 1 for cell in small) or _rest_told(
            truth, cells, fewer, small
        )


def _rest_told(truth: Summary, cells: list[Any], fewer: tuple[Any, ...], small: list[Any]) -> bool:
    """Return whether what is left of a total would be a small count, with these cells withheld."""
    hidden = {*fewer, *small}
    whole = int(truth.table.at["Total", "Total"])
    for row, column in cells:
        for total in ((row, "Total"), ("Total", column)):
            rest = truth.table.at[total] - truth.table.at[row, column]
            if 0 < rest < 5 and not {(row, column), total} & hidden:
                return True
        if 0 < whole - truth.table.at[row, column] < 5 and (row, column) not in hidden:
            return True
    return False


def test_a_table_of_thirty_by_twenty_is_masked_in_seconds() -> None:
    random = np.random.default_rng(1)
    cells = random.negative_binomial(0.6, 0.05, size=(30, 20))
    result = masked(crossed(cells.tolist()))
    assert not result.is_unprotected
    assert result.small > 100
    assert result.withheld < 40


def test_a_family_counts_once_where_the_policy_says_so() -> None:
    """Twelve people of two families are twelve by the rule of the guide, and two where families count once."""
    summary = counted({"Renal": 12, "Skin": 60}, family_size=6)
    assert printed(masked(summary).summary, "people")["Renal"] == "12"
    (stricter,) = mask([summary], replace(POLICY, families_count_once=True))
    assert printed(stricter.summary, "people")["Renal"] == "withheld"
    assert printed(stricter.summary, "families")["Renal"] == "<5"
