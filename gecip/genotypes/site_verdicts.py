"""What a step asks of variants, answered from the table of sites: the same as `gecip.genotypes.steps` asks in Hail."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from gecip.genotypes.quality_sets import QualityTest, quality_set
from gecip.genotypes.site_table import ANNOTATION, FILTERS, INFO

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from gecip.genotypes.steps import Step

    Flags = npt.NDArray[np.bool_]
    Numbers = npt.NDArray[np.float64]

CONSEQUENCE = f"{ANNOTATION}Consequence"


def fields_of(step: Step, known: Collection[str]) -> list[str]:
    """Return which of a table's columns a step looks at."""
    asked = {
        "with_consequence": lambda: [CONSEQUENCE],
        "rare": lambda: [f"{ANNOTATION}{name}" for name in step.parameters["fields"]],
        "passing": lambda: _fields_of_quality(step.parameters["quality"]),
    }[step.operation]()
    return [name for name in asked if name in known]


def verdicts(step: Step, sites: pa.Table) -> Flags:
    """Return which rows of a table of sites a step keeps; a field that the table has not is missing everywhere."""
    answer: dict[str, Callable[[Step, pa.Table], Flags]] = {
        "with_consequence": _of_consequence,
        "rare": _of_frequency,
        "passing": _of_quality,
    }
    return answer[step.operation](step, sites)


def _of_consequence(step: Step, sites: pa.Table) -> Flags:
    import numpy as np
    import pyarrow.compute as pc

    if CONSEQUENCE not in sites.column_names:
        return np.zeros(len(sites), dtype=bool)
    terms = set(step.parameters["terms"])
    rows, values = _flattened(sites[CONSEQUENCE])
    words = values.dictionary_encode()
    wanted = [text is not None and not terms.isdisjoint(text.split("&")) for text in words.dictionary.to_pylist()]  # fmt: skip
    codes = pc.fill_null(words.indices, len(wanted)).to_numpy(zero_copy_only=False)
    return _any(rows, np.array([*wanted, False])[codes], len(sites))


def _of_frequency(step: Step, sites: pa.Table) -> Flags:
    import numpy as np

    highest = np.full(len(sites), -np.inf)
    for name in fields_of(step, sites.column_names):
        rows, values = _flattened(sites[name])
        numbers = values.to_numpy(zero_copy_only=False)
        known = values.is_valid().to_numpy(zero_copy_only=False)
        # Of a frequency that is no number, as Hail has it, the highest is none either.
        np.maximum.at(highest, rows[known], numbers[known].astype(np.float64))
    highest[np.isneginf(highest)] = 0.0
    with np.errstate(invalid="ignore"):
        kept: Flags = highest < step.parameters["below"]
    return kept


def _of_quality(step: Step, sites: pa.Table) -> Flags:
    import numpy as np
    import pyarrow.compute as pc

    chosen = quality_set(step.parameters["quality"])
    kept = np.ones(len(sites), dtype=bool)
    if chosen.filter_column and FILTERS in sites.column_names:
        said = pc.fill_null(pc.list_value_length(sites[FILTERS]), 0)
        kept &= said.to_numpy() == 0
    for flag in chosen.flags:
        if f"{INFO}{flag}" in sites.column_names:
            kept &= ~pc.fill_null(sites[f"{INFO}{flag}"], False).to_numpy()  # noqa: FBT003
    for test in chosen.site:
        value = _value(test, sites)
        kept &= np.isnan(value) | _held(test, value)
    return kept


def _fields_of_quality(name: str) -> list[str]:
    chosen = quality_set(name)
    info = [*chosen.flags, *(field for test in chosen.site for field in test.fields)]
    return [FILTERS, *(f"{INFO}{field}" for field in info)]


def _value(test: QualityTest, sites: pa.Table) -> Numbers:
    """Return the first of a test's fields that says something, as a number; NaN where none does."""
    import numpy as np

    value = np.full(len(sites), np.nan)
    unknown = np.ones(len(sites), dtype=bool)
    for field in test.fields:
        if f"{INFO}{field}" in sites.column_names:
            numbers, known = _as_numbers(test, sites[f"{INFO}{field}"])
            value = np.where(unknown & known, numbers, value)
            unknown &= ~known
    return value


def _as_numbers(test: QualityTest, column: pa.ChunkedArray) -> tuple[Numbers, Flags]:
    """Return a field of INFO as one number, and where it is known: of several, the one that is worst for the test."""
    import numpy as np
    import pyarrow as pa

    if not pa.types.is_list(column.type):
        known = column.is_valid().to_numpy()
        return column.cast(pa.float64()).to_numpy(), known
    rows, values = _flattened(column)
    there = values.is_valid().to_numpy(zero_copy_only=False)
    numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False)[there]
    sign = 1.0 if test.sign in ("at_most", "below") else -1.0
    worst = np.full(len(column), -np.inf)
    np.maximum.at(worst, rows[there], sign * numbers)
    known = np.zeros(len(column), dtype=bool)
    known[rows[there]] = True
    return sign * worst, known


def _held(test: QualityTest, value: Numbers) -> Flags:
    import numpy as np

    compare: dict[str, Any] = {
        "at_least": np.greater_equal,
        "above": np.greater,
        "at_most": np.less_equal,
        "below": np.less,
        "equals": np.equal,
    }
    with np.errstate(invalid="ignore"):
        held: Flags = compare[test.sign](value, test.limit)
    return held


def _flattened(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], Any]:
    """Return the values of a column of lists behind each other, and of which row each is."""
    import pyarrow.compute as pc

    whole = column.combine_chunks()
    rows = pc.list_parent_indices(whole).to_numpy(zero_copy_only=False)
    return rows, pc.list_flatten(whole)


def _any(rows: npt.NDArray[np.int64], flags: Flags, count: int) -> Flags:
    import numpy as np

    found = np.zeros(count, dtype=bool)
    found[rows[flags]] = True
    return found
