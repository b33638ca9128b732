"""Who is in an association, with which numbers: phenotypes and covariates made ready for either engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.errors import AnalysisError
from gecip.model.table import nearest

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Numbers = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

# A covariate of which less than this share is left once the others are allowed for is their combination.
LEAST_SHARE = 1e-10


@dataclass(frozen=True, eq=False)
class Design:
    """Phenotypes of the same people, and what is allowed for.

    Attributes
    ----------
    names
        Of the phenotypes.
    people
        Which of the genotypes' columns are in it: those with the phenotypes and all covariates.
    phenotypes
        Shape (people in it, phenotypes).
    covariates
        The intercept and the covariates as columns at right angles, each with mean square 1: shape
        (people in it, covariates + 1). Slopes and tests of a genotype do not depend on which columns
        span the same space.
    """

    names: tuple[str, ...]
    people: Flags
    phenotypes: Numbers
    covariates: Numbers

    @property
    def degrees(self) -> int:
        """Degrees of freedom of the residual once a genotype is fitted too."""
        count, parameters = self.covariates.shape
        return count - parameters - 1


def designs(
    people: pd.DataFrame,
    phenotypes: Sequence[str],
    covariates: Sequence[str],
    *,
    binary: bool,
) -> Iterator[Design]:
    """Yield a design for each set of phenotypes that the same people have; one each where binary.

    Who lacks a covariate is in none; who lacks a phenotype is not in that one's.

    Raises
    ------
    AnalysisError
        When a column is missing, not numbers, or constant, covariates are combinations of each other, or
        nobody or too few people are left.
    """
    import numpy as np

    outcomes = {name: _numbers(people, name, "phenotype") for name in phenotypes}
    others = [_numbers(people, name, "covariate") for name in covariates]
    complete = np.all([np.isfinite(column) for column in others] or [np.ones(len(people), bool)], axis=0)  # fmt: skip
    groups: dict[bytes, list[str]] = {}
    for name, column in outcomes.items():
        own = name.encode() if binary else b""
        groups.setdefault((complete & np.isfinite(column)).tobytes() + own, []).append(name)
    for names in groups.values():
        inside = complete & np.isfinite(outcomes[names[0]])
        for name in names:
            _require_variation(name, outcomes[name][inside], binary=binary)
        basis = _basis(covariates, [column[inside] for column in others], int(inside.sum()))
        yield Design(
            tuple(names), inside, np.column_stack([outcomes[n][inside] for n in names]), basis
        )


def _numbers(people: pd.DataFrame, name: str, role: str) -> Numbers:
    """Return a column as numbers, NaN where missing."""
    import numpy as np
    import pandas as pd

    if name not in people:
        raise AnalysisError(
            f"The people have no column {name!r} to take as a {role}{nearest(name, tuple(map(str, people.columns)))}"
        )
    column = people[name]
    if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
        if not column.map(lambda value: isinstance(value, bool) or pd.isna(value)).all():
            raise AnalysisError(
                f"The {role} {name!r} is not numbers: code it as numbers first, a category as a column of 0 and 1 for each "
                "value but one."
            )
        column = column.astype("boolean")
    numbers = column.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(numbers).any():
        raise AnalysisError(f"The {role} {name!r} has infinite values: make them missing.")
    return numbers


def _require_variation(name: str, values: Numbers, *, binary: bool) -> None:
    if not len(values):
        raise AnalysisError(
            f"Nobody has the phenotype {name!r} together with all covariates: choose others, or leave some out."
        )
    if binary and not set(values.tolist()) <= {0.0, 1.0}:
        raise AnalysisError(
            f"The phenotype {name!r} is not 0 and 1 only, as a logistic model needs: code cases as 1 and controls as 0."
        )
    if (values == values[0]).all():
        what = "cases or controls only" if binary else "one value only"
        raise AnalysisError(
            f"The phenotype {name!r} has {what} among the {len(values):,} people who have it and all covariates: there "
            "is nothing to associate."
        )


def _basis(names: Sequence[str], columns: Sequence[Numbers], count: int) -> Numbers:
    """Return orthogonal columns that span the intercept and the covariates, by Gram and Schmidt, twice."""
    import numpy as np

    if count <= len(columns) + 2:
        raise AnalysisError(
            f"{count:,} people are too few for {len(columns)} covariates: take fewer covariates or more people."
        )
    basis = np.ones((count, 1)) / np.sqrt(count)
    for name, column in zip(names, columns, strict=True):
        scale = np.abs(column).max()
        left = column / scale if scale else column
        before = left @ left
        for _ in range(2):
            left = left - basis @ (basis.T @ left)
        if not left @ left > LEAST_SHARE * before:
            raise AnalysisError(
                f"The covariate {name!r} is constant, or a combination of the covariates before it, among the {count:,} "
                "people who have the phenotype: leave it out."
            )
        basis = np.column_stack([basis, left / np.sqrt(left @ left)])
    return basis * np.sqrt(count)
