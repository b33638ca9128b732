"""Principal components: the axes along which the genomes of a cohort differ most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.genotypes import Genotypes

    Dosages = npt.NDArray[np.int8]
    Numbers = npt.NDArray[np.float64]

RAREST = 0.01
# Up to so many people their relationship matrix is decomposed exactly; beyond, by random subspaces.
PEOPLE_FOR_EXACT = 1_500
MORE_DIRECTIONS = 10
ROUNDS = 12
VARIANTS_AT_ONCE = 2_048


@dataclass(frozen=True, repr=False, eq=False)
class PrincipalComponents(Result):
    """The axes along which genomes differ most, and where each person lies on them.

    Attributes
    ----------
    scores
        One row for each person: `participant_id, PC1, PC2, …`. Row level: for the screen only.
    loadings
        One row for each variant used: `contig, position, reference, alternate, frequency, PC1, PC2, …`.
        Others are projected by the sum over variants of their standardised dosage times the loading.
    eigenvalues
        Of the relationship matrix, largest first; divided by their sum over all components they are
        the share of variance.
    total_variance
        The sum of all eigenvalues, also of those not computed.
    """

    scores: pd.DataFrame
    loadings: pd.DataFrame
    eigenvalues: Numbers
    total_variance: float

    def __repr__(self) -> str:
        return (
            f"PrincipalComponents(components={len(self.eigenvalues)}, people={len(self.scores):,}, "
            f"variants={len(self.loadings):,})"
        )


def principal_components(
    genotypes: Genotypes, *, count: int = 10, rarest: float = RAREST, seed: int = 0
) -> PrincipalComponents:
    """Return the first principal components of people's genotypes, by numpy in blocks of variants.

    Dosages are centred and divided by the standard deviation that Hardy-Weinberg proportions give, as
    `hl.hwe_normalized_pca` does, so that scores and eigenvalues agree with its; a missing genotype
    counts as the mean. Only autosomal variants are used. Variants in linkage draw components to
    themselves: prune them first where that matters. Beyond 1,500 people the subspace is found by a
    block Krylov method (Musco and Musco 2015), which settles leading components to about six digits.

    Parameters
    ----------
    genotypes
        Whose components; reads them once.
    count
        How many components.
    rarest
        The least frequency of the rarer allele; rare variants would tell families, not ancestry.
    seed
        Of the random start; the same seed gives the same numbers.

    Raises
    ------
    AnalysisError
        When there are fewer people or variants than components.
    GenotypesError
        When the matrix does not fit into memory.
    """
    import numpy as np

    from gecip.genotypes.dosages import dosage_matrix

    mt = genotypes.mt
    autosomes = mt.filter_rows(mt.locus.in_autosome())
    dosages, variants, people = dosage_matrix(
        genotypes.with_matrix(autosomes, because="sex chromosomes tell sex")
    )
    frequency = _frequencies(dosages)
    used = np.minimum(frequency, 1 - frequency) >= max(rarest, np.finfo(float).tiny)
    if used.sum() < count or len(people) <= count:
        raise AnalysisError(
            f"{count} components need more than {count} people and as many variants, and there are {len(people):,} people "
            f"and {int(used.sum()):,} autosomal variants not rarer than {rarest:g}: ask for fewer components, or load more."
        )
    matrix = _Standardised(dosages[used], frequency[used])
    values, axes = _leading_axes(matrix, count, seed)
    values = np.maximum(values, np.finfo(float).tiny)
    loadings = matrix.times(axes) / np.sqrt(values)
    flip = np.where(loadings[np.abs(loadings).argmax(axis=0), np.arange(count)] < 0, -1.0, 1.0)
    names = [f"PC{number}" for number in range(1, count + 1)]
    return PrincipalComponents(
        provenance=genotypes.provenance.then(
            "principal_components",
            count=count,
            rarest=rarest,
            seed=seed,
            variants=int(used.sum()),
        ),
        scores=_framed(people[["participant_id"]], axes * flip * np.sqrt(values), names),
        loadings=_framed(
            variants[used].reset_index(drop=True).assign(frequency=frequency[used]),
            loadings * flip,
            names,
        ),
        eigenvalues=values,
        total_variance=matrix.total_variance(),
    )


class _Standardised:
    """A matrix of standardised dosages that is never whole in memory: blocks of variants at a time."""

    def __init__(self, dosages: Dosages, frequency: Numbers) -> None:
        import numpy as np

        self._dosages = dosages
        self._mean = (2 * frequency).astype(np.float32)[:, None]
        deviation = np.sqrt(2 * frequency * (1 - frequency) * len(dosages))
        self._scale = (1 / deviation).astype(np.float32)[:, None]
        self.people = dosages.shape[1]

    def _blocks(self) -> Iterator[tuple[slice, npt.NDArray[np.float32]]]:
        import numpy as np

        for start in range(0, len(self._dosages), VARIANTS_AT_ONCE):
            place = slice(start, start + VARIANTS_AT_ONCE)
            dosages = self._dosages[place]
            block = (dosages - self._mean[place]) * self._scale[place]
            block[dosages < 0] = 0.0
            yield place, block.astype(np.float32, copy=False)

    def relationship(self) -> Numbers:
        """Return people by people: the matrix's transpose times itself."""
        import numpy as np

        total = np.zeros((self.people, self.people))
        for _, block in self._blocks():
            total += block.T @ block
        return total

    def relationship_times(self, directions: Numbers) -> Numbers:
        """Return the relationship matrix times directions, without ever making it."""
        import numpy as np

        single = directions.astype(np.float32)
        total = np.zeros(directions.shape)
        for _, block in self._blocks():
            total += block.T @ (block @ single)
        return total

    def times(self, directions: Numbers) -> Numbers:
        """Return the matrix times directions of people: shape (variants, directions)."""
        import numpy as np

        single = directions.astype(np.float32)
        product = np.empty((len(self._dosages), directions.shape[1]))
        for place, block in self._blocks():
            product[place] = block @ single
        return product

    def total_variance(self) -> float:
        """Return the sum of all eigenvalues of the relationship matrix."""
        import numpy as np

        return float(sum(np.square(block, dtype=np.float64).sum() for _, block in self._blocks()))


def _frequencies(dosages: Dosages) -> Numbers:
    """Return the alternate allele's frequency of each variant; 0 where nobody has a genotype."""
    import numpy as np

    known = np.count_nonzero(dosages >= 0, axis=1)
    missing = dosages.shape[1] - known
    # Every missing one has counted as -1.
    alleles = dosages.sum(axis=1, dtype=np.int64) + missing
    return alleles / np.maximum(2 * known, 1)


def _leading_axes(matrix: _Standardised, count: int, seed: int) -> tuple[Numbers, Numbers]:
    """Return the largest eigenvalues of the relationship matrix and their vectors, largest first."""
    import numpy as np

    if matrix.people <= PEOPLE_FOR_EXACT:
        values, axes = np.linalg.eigh(matrix.relationship())
        return values[::-1][:count], axes[:, ::-1][:, :count]
    directions = np.random.default_rng(seed).standard_normal(
        (matrix.people, count + MORE_DIRECTIONS)
    )
    found = []
    for _ in range(ROUNDS):
        directions, _ = np.linalg.qr(matrix.relationship_times(directions))
        found.append(directions)
    basis, _ = np.linalg.qr(np.hstack(found))
    values, within = np.linalg.eigh(basis.T @ matrix.relationship_times(basis))
    return values[::-1][:count], basis @ within[:, ::-1][:, :count]


def _framed(frame: pd.DataFrame, numbers: Numbers, names: list[str]) -> pd.DataFrame:
    import pandas as pd

    return frame.join(pd.DataFrame(numbers, columns=names, index=frame.index))
