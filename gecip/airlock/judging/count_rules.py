"""The rules on counts of people in tables: small ones, what is left, percentages and means that rest on few."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gecip.airlock.judging.cell_values import (
    Count,
    decimals_of,
    is_missing,
    is_withheld,
    read_loose_count,
    read_number,
    read_percent,
)
from gecip.airlock.judging.column_kinds import Kind, is_total, kind_of, words_of
from gecip.airlock.judging.sentences import listed, plural
from gecip.airlock.judging.table_view import TableView
from gecip.airlock.reading.pieces import Remark
from gecip.governance.disclosure import Verdict, is_small
from gecip.governance.policy import Policy

_NO_COUNTS = (Kind.STATISTIC, Kind.EXTREME, Kind.SHARE)
# Where these head the rows, what is counted in them is variants, and not people.
_LABELS_OF_THINGS = frozenset(
    [
        "consequence",
        "impact",
        "chromosome",
        "chr",
        "chrom",
        "contig",
        "filter",
        "type",
        "class",
        "clinvar",
        "software",
        "tool",
        "step",
        "exon",
        "region",
        "gene",
        "variant",
        "annotation",
        "panel",
        "chunk",
        "callset",
        "file",
        "platform",
        "caller",
        "significance",
        "tier",
        "domain",
        "category",
        "term",
    ]
)
_MEASURED = frozenset(
    ["mean", "average", "avg", "median", "sd", "std", "iqr", "q1", "q3", "q25", "q75", "quartile"]
)
_AMONG = frozenset(
    [
        "total",
        "people",
        "participants",
        "patients",
        "tested",
        "all",
        "denominator",
        "among",
        "cohort",
        "screened",
        "genotyped",
        "looked",
        "everyone",
        "n_total",
        "size",
    ]
)
_N_IN_WORDS = re.compile(r"(?<![A-Za-z])n\s*=\s*(\d[\d,]*)", re.IGNORECASE)


def small_counts(view: TableView, policy: Policy) -> Iterator[Remark]:
    """Find counts from 1 to 4 that are shown, and marks that say more than the one they should."""
    if is_free_of_people(view):
        return
    small: dict[int, list[int]] = {}
    telling = 0
    is_certain = view.is_phenotypic
    for cell in view.counted_cells:
        if cell.count.value is not None and is_small(cell.count.value, policy):
            small.setdefault(cell.column, []).append(cell.row + view.grid.first_row)
            is_certain |= cell.is_certain
        elif cell.count.value is None and _tells_more(cell.count, policy):
            telling += 1
    if small:
        yield Remark(
            "small_counts",
            Verdict.FAIL if is_certain or _has_totals(view) else Verdict.REVIEW,
            f"{plural(sum(map(len, small.values())), 'count')} from 1 to {policy.smallest_shown_count - 1}, in "
            f"{listed(small, view)}.",
        )
    if telling:
        yield Remark(
            "small_counts",
            Verdict.FAIL,
            f"{plural(telling, 'mark')} that tell more of a small count than {policy.small_count_mark} does.",
        )


def is_free_of_people(view: TableView) -> bool:
    """Return whether a table counts by gene without phenotypes, by variant, or things that are no people."""
    if view.is_of_variants:
        return True
    named = any(kind in (Kind.COUNT, Kind.AT_RISK) for kind in view.kinds)
    if view.is_by_gene:
        return not view.is_phenotypic
    heads = set(words_of(view.grid.header[0])) if view.grid.header else set()
    return not named and not view.is_phenotypic and bool(heads & _LABELS_OF_THINGS)


def _has_totals(view: TableView) -> bool:
    return any(map(is_total, view.grid.header)) or any(
        view.is_total_row(row) for row in range(len(view.grid.rows))
    )


def _tells_more(count: Count, policy: Policy) -> bool:
    """Return whether a range lies among the small counts, and is narrower than all of them."""
    smallest = policy.smallest_shown_count
    return 0 < count.highest < smallest and not (
        count.lowest <= 1 and count.highest == smallest - 1
    )


def the_rest(view: TableView, policy: Policy) -> Iterator[Remark]:
    """Find counts of the form `47/50`, of which so few are left that these are a small group themselves."""
    if not policy.protect_the_rest or is_free_of_people(view):
        return
    few = [
        cell.row + view.grid.first_row
        for cell in view.counted_cells
        if cell.count.among and cell.count.value is not None
        and is_small(cell.count.among - cell.count.value, policy)
    ]  # fmt: skip
    if few:
        yield Remark(
            "the_rest",
            Verdict.REVIEW,
            f"{plural(len(few), 'count')} leave fewer than {policy.smallest_shown_count} people of their total.",
        )


# -- what rests on counts ---------------------------------------------------------------------------------------------


def small_bases(view: TableView, policy: Policy) -> Iterator[Remark]:
    """Find percentages, means and medians that are shown beside a masked count, or for fewer than five people."""
    if is_free_of_people(view):
        return
    shares = means = 0
    for column, kind in enumerate(view.kinds):
        base = _base_of(view, column, kind)
        if base is None:
            continue
        for row, text in view.cells(column):
            number = _shown(text)
            if number and _is_masked_small(view.grid.rows[row][base], policy):
                shares += kind is Kind.SHARE
                means += kind is not Kind.SHARE
    shares += sum(
        1 for cell in view.counted_cells if cell.count.value is None and cell.count.percent
    )
    if shares:
        yield Remark(
            "percentages",
            Verdict.FAIL,
            f"{plural(shares, 'percentage')} beside a count that is masked: the others of the column give it away.",
        )
    if means:
        yield Remark(
            "small_bases",
            Verdict.FAIL,
            f"{plural(means, 'mean, median or spread', 'means, medians or spreads')} of fewer than "
            f"{policy.smallest_shown_count} people.",
        )


def _base_of(view: TableView, column: int, kind: Kind) -> int | None:
    """Return the column of counts on which a column rests: the nearest before it, else the nearest after."""
    words = set(words_of(view.grid.header[column]))
    if kind is not Kind.SHARE and not (kind is Kind.STATISTIC and words & _MEASURED):
        return None
    before = [count for count in view.count_columns if count < column]
    after = [count for count in view.count_columns if count > column]
    return before[-1] if before else (after[0] if after else None)


def _shown(text: str) -> float | None:
    number = read_number(text.strip().rstrip("%"))
    if number is None and (opened := re.match(r"^(\d+(?:\.\d+)?)\s*[(\[±]", text.strip())):
        return float(opened[1])
    return number


def _is_masked_small(text: str, policy: Policy) -> bool:
    count = read_loose_count(text) if not is_missing(text) else None
    if count is None:
        return is_withheld(text)
    return 0 < count.highest < policy.smallest_shown_count


def percentages(view: TableView, policy: Policy) -> Iterator[Remark]:
    """Find percentages that are a small count among a number that the table tells."""
    if is_free_of_people(view):
        return
    found = 0
    for column in view.of_kind(Kind.SHARE):
        is_fraction = _is_fraction(view, column)
        among = _denominators(view, column, is_fraction=is_fraction)
        for row, text in view.cells(column):
            share = read_percent(text, is_fraction=is_fraction)
            if share is None or row not in among or view.row_kinds[row] in _NO_COUNTS[:2]:
                continue
            found += _is_small_count(
                share * among[row], policy, _reach(text, among[row], is_fraction=is_fraction)
            )
    if found:
        yield Remark(
            "percentages",
            Verdict.FAIL,
            f"{plural(found, 'percentage')} of a number that is told make a count from 1 to "
            f"{policy.smallest_shown_count - 1}.",
        )


def _reach(text: str, among: float, *, is_fraction: bool) -> float:
    """Return how far a count may lie from the percentage's, by its rounding."""
    step = 10.0 ** -decimals_of(text) * (1.0 if is_fraction else 0.01)
    return 0.5 * step * among


def _is_small_count(count: float, policy: Policy, reach: float) -> bool:
    """Return whether every whole number that a rounded percentage allows is a small count."""
    lowest = max(1, -(-(count - reach) // 1)) if count - reach > 0 else 0
    highest = (count + reach + 1e-9) // 1
    return count > 0 and lowest >= 1 and lowest <= highest < policy.smallest_shown_count


def _is_fraction(view: TableView, column: int) -> bool:
    """Return whether shares are told between 0 and 1."""
    if "%" in view.grid.header[column] or set(words_of(view.grid.header[column])) & {
        "percent",
        "percentage",
        "pct",
    }:
        return False
    numbers = [read_number(text) for _, text in view.cells(column)]
    return all(number is None or number <= 1 for number in numbers)


def _denominators(view: TableView, column: int, *, is_fraction: bool) -> dict[int, float]:
    """Return among how many each row's percentage is: by a column that says so, or by the words around."""
    for count in sorted(view.count_columns, key=lambda other: abs(other - column)):
        numbers = {row: float(value) for row, text in view.cells(count) if (value := _exact(text))}
        if _is_among(view, column, count, numbers, is_fraction=is_fraction):
            return numbers
        if numbers and count == column - 1:
            return {}
    told = _N_IN_WORDS.findall(view.grid.header[column]) or _N_IN_WORDS.findall(
        " ".join([*view.grid.header, view.grid.title])
    )
    if len(set(told)) == 1:
        return dict.fromkeys(range(len(view.grid.rows)), float(told[0].replace(",", "")))
    return {}


def _exact(text: str) -> int | None:
    count = read_loose_count(text)
    return count.value if count else None


def _is_among(
    view: TableView, column: int, count: int, numbers: dict[int, float], *, is_fraction: bool
) -> bool:
    """Return whether a column of counts is what the percentages are of, and not what they say.

    If it were what they say, count and percentage would give one and the same total in every row.
    """
    shares = {
        row: share
        for row, text in view.cells(column)
        if row in numbers and (share := read_percent(text, is_fraction=is_fraction))
    }
    if not shares:
        return False
    head = view.grid.header[count]
    if set(words_of(head)) & _AMONG or head.strip() == "N":
        return not (len(shares) > 1 and _is_constant(numbers, shares))
    others = [
        other
        for other in view.count_columns
        if other != count and kind_of(view.grid.header[other]) is Kind.COUNT
    ]
    return (
        not others
        and len(shares) > 1
        and not _is_constant(numbers, shares)
        and all(
            abs(shares[row] * numbers[row] - round(shares[row] * numbers[row])) < 0.1
            for row in shares
        )
    )


def _is_constant(numbers: dict[int, float], shares: dict[int, float]) -> bool:
    totals = [numbers[row] / share for row, share in shares.items() if numbers[row]]
    return bool(totals) and max(totals) - min(totals) < 0.1 * max(totals)
