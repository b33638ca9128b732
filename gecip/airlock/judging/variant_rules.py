"""The rules on variants: results of many are cut to the common ones, and behind an allele count stand people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gecip.airlock.judging.cell_values import read_count, read_number
from gecip.airlock.judging.column_kinds import Kind, kind_of, words_of
from gecip.airlock.judging.sentences import plural
from gecip.airlock.reading.pieces import Remark
from gecip.governance.disclosure import Verdict
from gecip.governance.policy import Policy

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from gecip.airlock.judging.table_view import TableView

    Numbers = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

NUMBERS = frozenset({
    Kind.FREQUENCY, Kind.ALLELE_COUNT, Kind.ALLELE_NUMBER, Kind.HOMOZYGOTES, Kind.HETEROZYGOTES, Kind.COUNT,
    Kind.COUNT_OF_SOMETHING, Kind.STATISTIC,
})  # fmt: skip
_EVERYONE = frozenset(
    [
        "n",
        "n_total",
        "total_n",
        "nobs",
        "obs",
        "sample_size",
        "n_samples",
        "num_samples",
        "n_individuals",
        "n_people",
        "people",
        "participants",
        "samples",
        "n_participants",
        "neff",
        "n_eff",
        "samplesize",
        "num_individuals",
    ]
)
_CASES, _CONTROLS = (
    frozenset({"cases", "case", "ncases"}),
    frozenset({"controls", "control", "ncontrols"}),
)
_OF_RARER = frozenset(
    {"mac", "minor_allele_count", "maf", "minor_allele_frequency", "minor_frequency"}
)


def name_of(head: str) -> str:
    """Return a head as one word in small letters."""
    return "_".join(words_of(head))


@dataclass(frozen=True)
class VariantColumns:
    """Where a table of variants holds which number."""

    header: tuple[str, ...]

    def first(self, kind: Kind) -> int | None:
        """Return the first column of a kind; one that names the rarer allele before others."""
        found = [column for column, head in enumerate(self.header) if kind_of(head) is kind]
        rarer = [column for column in found if name_of(self.header[column]) in _OF_RARER]
        return next(iter(rarer or found), None)

    def is_of_rarer(self, column: int) -> bool:
        """Return whether a column counts the rarer allele, and not the one that an effect is told for."""
        return name_of(self.header[column]) in _OF_RARER

    @property
    def everyone(self) -> tuple[int, ...]:
        """The columns whose sum is how many people a row rests on; none if it is not told."""
        for column, head in enumerate(self.header):
            if name_of(head) in _EVERYONE:
                return (column,)
        groups = []
        for words in (_CASES, _CONTROLS):
            groups += [
                column
                for column, head in enumerate(self.header)
                if kind_of(head) is Kind.COUNT
                and set(words_of(head)) & words
                and not {"carriers", "af"} & set(words_of(head))
            ][:1]
        return tuple(groups) if len(groups) == 2 else ()

    @property
    def carriers(self) -> tuple[int, ...]:
        """The columns that count people of whom few may stand behind a row."""
        everyone = set(self.everyone)
        return tuple(
            column
            for column, head in enumerate(self.header)
            if kind_of(head) in (Kind.COUNT, Kind.HOMOZYGOTES, Kind.HETEROZYGOTES)
            and column not in everyone
        )


def rarer_alleles(
    columns: VariantColumns, numbers: Callable[[int], Numbers]
) -> tuple[Numbers | None, Numbers | None]:
    """Return the frequency and the count of the rarer allele of each row, where the table tells them.

    Parameters
    ----------
    columns
        Where the table holds what.
    numbers
        The numbers of a column, not a number where there is none.
    """
    import numpy as np

    at = {
        kind: columns.first(kind)
        for kind in (Kind.FREQUENCY, Kind.ALLELE_COUNT, Kind.ALLELE_NUMBER)
    }
    frequency, count, called = (
        _told(numbers(column)) if column is not None else None for column in at.values()
    )
    if called is None and columns.everyone:
        called = 2.0 * np.sum([numbers(column) for column in columns.everyone], axis=0)
    if frequency is None and count is not None and called is not None:
        frequency = count / np.where(called > 0, called, np.nan)
    rarer = None if frequency is None else np.minimum(frequency, 1 - frequency)
    if count is None:
        return rarer, None if rarer is None or called is None else rarer * called
    if columns.is_of_rarer(at[Kind.ALLELE_COUNT] or 0):
        return rarer, count
    if called is not None:
        return rarer, np.minimum(count, np.abs(called - count))
    if frequency is not None and rarer is not None:
        return rarer, count * rarer / np.where(frequency > 0, frequency, np.nan)
    return rarer, count


def _told(numbers: Numbers) -> Numbers | None:
    """Return the numbers of a column, or None where nothing stands in it."""
    import numpy as np

    return None if np.isnan(numbers).all() else numbers


def may_go(rarer: Numbers | None, count: Numbers | None, policy: Policy) -> Flags:
    """Return which rows are common enough to be told among many; not those that do not say."""
    import numpy as np

    least = policy.variants
    told = next(one for one in (rarer, count) if one is not None)
    common: Flags = np.full(len(told), fill_value=True)
    if rarer is not None:
        # A frequency is told to so many digits: 0.005 may be stored as 0.0049999.
        common = common & (rarer >= least["least_minor_allele_frequency"] * (1 - 1e-9))
    if count is not None:
        common = common & (count >= least["least_allele_count"] - 1e-6)
    return common


@dataclass
class VariantTally:
    """Adds up over the rows of a table of variants what speaks against it."""

    columns: VariantColumns
    policy: Policy
    is_phenotypic: bool = False
    rows: int = 0
    rare: int = 0
    few_carriers: int = 0
    few_alleles: int = 0
    _tells: list[bool] = field(default_factory=lambda: [False, False])

    def add(self, numbers: Callable[[int], Numbers], rows: int) -> None:
        """Add some rows, given the numbers of each column."""
        rarer, count = rarer_alleles(self.columns, numbers)
        self.rows += rows
        self._tells = [rarer is not None, count is not None]
        if any(self._tells):
            self.rare += int((~may_go(rarer, count, self.policy)).sum())
        self._add_carriers(numbers)

    def _add_carriers(self, numbers: Callable[[int], Numbers]) -> None:
        """Count rows behind which fewer people stand than may be shown."""
        import numpy as np

        told: list[Numbers] = [numbers(column) for column in self.columns.carriers]
        alleles, homozygous, heterozygous = (
            self.columns.first(kind)
            for kind in (Kind.ALLELE_COUNT, Kind.HOMOZYGOTES, Kind.HETEROZYGOTES)
        )
        if homozygous is not None and alleles is not None:
            told.append(numbers(alleles) - numbers(homozygous))
        elif homozygous is not None and heterozygous is not None:
            told.append(numbers(heterozygous) + numbers(homozygous))
        if told:
            self.few_carriers += int(np.any([self._is_few(one) for one in told], axis=0).sum())
        if alleles is not None:
            self.few_alleles += int(self._is_few(numbers(alleles)).sum())

    def _is_few(self, numbers: Numbers) -> Flags:
        return (numbers > 0) & (numbers < self.policy.smallest_shown_count - 1e-9)

    def finish(self) -> Iterator[Remark]:
        """Yield what speaks against the table."""
        if self.rows >= self.policy.variants["most_selected"]:
            yield from self._of_many()
        smallest = self.policy.smallest_shown_count
        if self.few_carriers:
            yield Remark(
                "carriers",
                Verdict.FAIL,
                f"{plural(self.few_carriers, 'variant')} have from 1 to {smallest - 1} people behind a count.",
            )
        elif self.few_alleles:
            yield Remark(
                "carriers",
                Verdict.FAIL if self.is_phenotypic else Verdict.REVIEW,
                f"{plural(self.few_alleles, 'variant')} have an allele count from 1 to {smallest - 1}.",
            )

    def _of_many(self) -> Iterator[Remark]:
        many = f"{self.rows:,} variants are no short list"
        numbers = self.policy.variants
        least = f"a minor allele frequency of {numbers['least_minor_allele_frequency']:g} and {numbers['least_allele_count']} alleles"
        if not any(self._tells):
            yield Remark(
                "bulk_variants",
                Verdict.FAIL,
                f"{many}, and the table does not tell that each has {least}.",
            )
        elif self.rare:
            yield Remark(
                "bulk_variants",
                Verdict.FAIL,
                f"{many}, and {self.rare:,} of them have less than {least}, or do not say.",
            )
        elif not all(self._tells):
            missing = (
                "frequency" if not self._tells[0] else "allele count, nor how many people there are"
            )
            yield Remark(
                "bulk_variants", Verdict.REVIEW, f"{many}, and the table tells no {missing}."
            )


def numbers_in(grid_rows: Sequence[Sequence[str]]) -> Callable[[int], Numbers]:
    """Return a function that gives the numbers of a column of texts; a mark `<5` is no number."""
    import numpy as np

    def numbers(column: int) -> Numbers:
        return np.array(
            [_number(row[column] if column < len(row) else "") for row in grid_rows], dtype=float
        )

    return numbers


def _number(text: str) -> float:
    number = read_number(text)
    if number is None and (count := read_count(text)) and count.value is not None:
        return float(count.value)
    return float("nan") if number is None else number


def tally_of(view: TableView, policy: Policy) -> VariantTally:
    """Return an empty tally for a table like this one."""
    return VariantTally(
        VariantColumns(view.grid.header), policy, is_phenotypic=_is_phenotypic(view)
    )


def _is_phenotypic(view: TableView) -> bool:
    """Return whether alleles are counted in a group of people, as in the cases."""
    counted = [
        head
        for head in view.grid.header
        if kind_of(head) in (Kind.ALLELE_COUNT, Kind.COUNT, Kind.COUNT_OF_SOMETHING)
    ]
    return bool(view.attributes) or any(
        {"case", "cases", "control", "controls"} & set(words_of(head)) for head in counted
    )
