"""Whether the parts of a summary fit each other, checked when it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gecip.errors import ReportingError

if TYPE_CHECKING:
    from gecip.reporting.summary import Summary, Total


def check_summary(summary: Summary) -> None:
    """Raise where a summary's parts contradict each other; a masked one is checked for shape only.

    Raises
    ------
    ReportingError
        With the column or total that is wrong, and never a value.
    """
    _check_frames(summary)
    _check_columns(summary)
    _check_bases(summary)
    for total in summary.totals:
        _check_total(summary, total)
    if summary.marks is None:
        _check_counts(summary)
        _check_rates(summary)


def _check_frames(summary: Summary) -> None:
    table = summary.table
    if not (table.index.is_unique and table.columns.is_unique):
        raise ReportingError(
            f"The summary {summary.title!r} has two rows or two columns of one name: name each of them apart."
        )
    for name in ("people", "families"):
        frame = getattr(summary, name)
        if not (frame.index.equals(table.index) and frame.columns.equals(table.columns)):
            raise ReportingError(
                f"The summary {summary.title!r} needs {name} for every cell of its table: "
                f"give {name} the same rows and columns as the table."
            )


def _check_columns(summary: Summary) -> None:
    from gecip.reporting.summary import Meaning

    for column in summary.table.columns:
        if column not in summary.meanings:
            raise ReportingError(
                f"The summary {summary.title!r} does not say what its column {column!r} is: "
                "give its Meaning in meanings."
            )
        if (summary.meanings[column] is Meaning.RATE) != (column in summary.rates):
            raise ReportingError(
                f"The column {column!r} of the summary {summary.title!r} must be a rate in both meanings and rates, "
                "or in neither: a rate names its numerator and its denominator."
            )
    for column, rate in summary.rates.items():
        for part in (rate.numerator, rate.denominator):
            if part not in summary.table.columns or not summary.meanings[part].is_count:
                raise ReportingError(
                    f"The rate {column!r} of the summary {summary.title!r} rests on {part!r}, which is not a count "
                    "of its table: a rate is shown beside its numerator and its denominator."
                )


def _check_bases(summary: Summary) -> None:
    for column, bases in summary.rests_on.items():
        known = set(summary.table.columns)
        if column not in known or not all(
            base in known and summary.meanings[base].is_count for base in bases
        ):
            raise ReportingError(
                f"The statistic {column!r} of the summary {summary.title!r} is said to rest on columns that are no "
                "counts of its table: name counts beside which it stands."
            )


def _check_total(summary: Summary, total: Total) -> None:
    labels = summary.table.index if total.axis == "rows" else summary.table.columns
    lines = summary.table.columns if total.axis == "rows" else summary.table.index
    unknown = [label for label in (total.whole, *total.parts) if label not in labels]
    unknown += [line for line in total.only if line not in lines]
    if unknown or not total.parts or total.whole in total.parts:
        raise ReportingError(
            f"The summary {summary.title!r} has a total of {total.axis} with lines that its table has not, or with none: "
            "name the whole and its parts as the table does."
        )


def _check_counts(summary: Summary) -> None:
    from gecip.reporting.summary import Meaning

    behind = {Meaning.PEOPLE: summary.people, Meaning.FAMILIES: summary.families}
    for column in summary.table.columns:
        meaning = summary.meanings[column]
        if not meaning.is_count:
            continue
        counts = summary.table[column]
        if counts.isna().any() or (counts < 0).any() or (counts % 1 != 0).any():
            raise ReportingError(
                f"The column {column!r} of the summary {summary.title!r} counts {meaning.value} and holds something "
                "that is no whole number from 0 up."
            )
        if meaning in behind and not (counts == behind[meaning][column]).all():
            raise ReportingError(
                f"The column {column!r} of the summary {summary.title!r} counts {meaning.value}, and the {meaning.value} "
                "said to stand behind it are others: count both from the same rows."
            )
    if summary.people.max(axis=None) > summary.n_people:
        raise ReportingError(
            f"The summary {summary.title!r} has a cell with more people than the whole: "
            "n_people are the distinct people behind the whole table."
        )


def _check_rates(summary: Summary) -> None:
    for column, rate in summary.rates.items():
        numerator, denominator = summary.table[rate.numerator], summary.table[rate.denominator]
        somebody = denominator > 0
        stated = summary.table[column][somebody]
        if not ((stated - numerator[somebody] / denominator[somebody]).abs() < 1e-9).all():
            raise ReportingError(
                f"The rate {column!r} of the summary {summary.title!r} is not {rate.numerator!r} divided by "
                f"{rate.denominator!r}: make it with with_rate."
            )
