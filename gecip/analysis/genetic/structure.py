"""Principal components: the axes along which the genomes of a cohort differ most."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gecip.analysis.genetic.blockwise import on_all_cores
from gecip.analysis.genetic.engine import Engine, choose_engine
from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.genotypes.machine import available_cores

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.genotypes import Genotypes
    from gecip.genotypes.compact import PackedBlock
    from gecip.genotypes.compact_runs import CompactGenotypes

    Numbers = npt.NDArray[np.float64]
    Singles = npt.NDArray[np.float32]

Done = TypeVar("Done")

RAREST = 0.01
# Up to so many people their relationship matrix is decomposed exactly; beyond, by random subspaces.
PEOPLE_FOR_EXACT = 1_500
MORE_DIRECTIONS = 10
ROUNDS = 12
BLOCK_BYTES = 16 * 1024 * 1024


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
    genotypes: Genotypes,
    *,
    count: int = 10,
    rarest: float = RAREST,
    seed: int = 0,
    engine: Engine = "auto",
) -> PrincipalComponents:
    """Return the first principal components of people's genotypes.

    Dosages are centred and divided by the standard deviation that Hardy-Weinberg proportions give, as
    `hl.hwe_normalized_pca` does, so that scores and eigenvalues agree with its; a missing genotype
    counts as the mean. Only autosomal variants are used. Variants in linkage draw components to
    themselves: prune them first where that matters. Each component's largest loading is positive.

    The engine `hail` is that function, which runs on a cluster, and may not converge where more components
    are asked for than there is structure. The engine `local` reads blocks of variants on this machine, and
    beyond 1,500 people finds the subspace by a block Krylov method (Musco and Musco 2015), which settles leading
    components to about six digits. It needs a byte for each genotype, and for each person 8 KB and 100 bytes for
    each component and round.

    Parameters
    ----------
    genotypes
        Whose components; reads them once.
    count
        How many components.
    rarest
        The least frequency of the rarer allele; rare variants would tell families, not ancestry.
    seed
        Of the random start of `local`; the same seed gives the same numbers.
    engine
        `hail`, `local`, or `auto` (see `choose_engine`).

    Raises
    ------
    AnalysisError
        When there are fewer people or variants than components, or Hail's method does not converge.
    """
    import numpy as np

    chosen = choose_engine(engine)
    if chosen == "hail":
        found = _by_hail(genotypes, count, rarest)
    else:
        found = _locally(genotypes, count, rarest, seed)
    largest = np.abs(found.loadings).argmax(axis=0)
    flip = np.where(found.loadings[largest, np.arange(count)] < 0, -1.0, 1.0)
    names = [f"PC{number}" for number in range(1, count + 1)]
    return PrincipalComponents(
        provenance=genotypes.provenance.then(
            "principal_components",
            count=count,
            rarest=rarest,
            seed=seed,
            engine=chosen,
            variants=len(found.variants),
        ),
        scores=_framed(found.people, found.scores * flip, names),
        loadings=_framed(found.variants, found.loadings * flip, names),
        eigenvalues=found.values,
        total_variance=found.total,
    )


class _Found(NamedTuple):
    """What an engine gives back; `variants` with their frequency."""

    people: pd.DataFrame
    variants: pd.DataFrame
    values: Numbers
    scores: Numbers
    loadings: Numbers
    total: float


def working_bytes(variants: int, people: int, count: int) -> int:
    """Return the most memory in bytes that the local engine takes beside its result."""
    width = count + MORE_DIRECTIONS
    cores = available_cores()
    exact = (8 * 3 + 4 * (cores + 2)) * people * people if people <= PEOPLE_FOR_EXACT else 0
    subspaces = 8 * people * width * (4 * ROUNDS + 6)
    # Of each variant the four numbers that its genotypes stand for, its frequency, key and loadings.
    return exact + subspaces + variants * (200 + 8 * count) + (2 * cores + 2) * BLOCK_BYTES


def _locally(genotypes: Genotypes, count: int, rarest: float, seed: int) -> _Found:
    import numpy as np

    from gecip.genotypes.compact_selection import compact_genotypes

    # Sex chromosomes tell sex.
    compact = compact_genotypes(genotypes).autosomes()
    frequency = frequencies(compact)
    used = np.minimum(frequency, 1 - frequency) >= max(rarest, np.finfo(float).tiny)
    people = compact.people
    _check(count, rarest, len(people), int(used.sum()))
    chosen = compact.keep_variants(used)
    matrix = Standardised(chosen, frequency[used])
    values, axes = leading_axes(matrix, count, seed)
    values = np.maximum(values, np.finfo(float).tiny)
    return _Found(
        people[["participant_id"]],
        chosen.variants.assign(frequency=frequency[used]),
        values,
        axes * np.sqrt(values),
        matrix.times(axes) / np.sqrt(values),
        matrix.total_variance(),
    )


def _by_hail(genotypes: Genotypes, count: int, rarest: float) -> _Found:
    import hail as hl
    import numpy as np

    mt = genotypes.mt
    mt = mt.filter_rows(mt.locus.in_autosome() & (hl.len(mt.alleles) == 2)).select_entries("GT")
    known = 2.0 * hl.agg.count_where(hl.is_defined(mt.GT))
    mt = mt.select_rows(frequency=hl.agg.sum(mt.GT.n_alt_alleles()) / known)
    rarer = hl.min(mt.frequency, 1 - mt.frequency)
    mt = mt.filter_rows((rarer >= rarest) & (rarer > 0))
    mt = mt.checkpoint(hl.utils.new_temp_file("components", "mt"))
    variants, people = mt.count()
    _check(count, rarest, people, variants)
    try:
        values, scores, loadings = hl.hwe_normalized_pca(mt.GT, k=count, compute_loadings=True)
    except hl.utils.FatalError as error:
        raise AnalysisError(
            f"Hail's method did not converge on {count} components: ask for fewer, or use engine='local'."
        ) from error
    told = loadings.annotate(frequency=mt.rows()[loadings.key].frequency).key_by()
    rows = told.select(
        "frequency",
        "loadings",
        contig=told.locus.contig,
        position=hl.int64(told.locus.position),
        reference=told.alleles[0],
        alternate=told.alleles[1],
    ).to_pandas()
    scale = 2 * mt.frequency * (1 - mt.frequency)
    total = mt.aggregate_entries(
        hl.agg.sum((mt.GT.n_alt_alleles() - 2 * mt.frequency) ** 2 / scale)
    )
    order = ["contig", "position", "reference", "alternate", "frequency"]
    people_found = scores.key_by().to_pandas()
    return _Found(
        people_found[["participant_id"]],
        rows[order],
        np.array(values),
        np.array(people_found["scores"].tolist(), dtype=float),
        np.array(rows["loadings"].tolist(), dtype=float),
        float(total) / variants,
    )


def _check(count: int, rarest: float, people: int, variants: int) -> None:
    if variants < count or people <= count:
        raise AnalysisError(
            f"{count} components need more than {count} people and as many variants, and there are {people:,} people "
            f"and {variants:,} autosomal variants not rarer than {rarest:g}: ask for fewer components, or load more."
        )


class Standardised:
    """A matrix of standardised dosages that is never whole in memory: blocks of variants at a time.

    Parameters
    ----------
    genotypes
        Variants of which not all are alike.
    frequency
        The alternate allele's of each: shape (variants,).
    """

    def __init__(self, genotypes: CompactGenotypes, frequency: Numbers) -> None:
        import numpy as np

        from gecip.genotypes.packed import MEANING, MISSING

        self._genotypes = genotypes
        self.variants, self.people = genotypes.count
        mean = 2 * frequency
        deviation = np.sqrt(mean * (1 - frequency) * self.variants)
        # What each code of a genotype stands for at each variant; a missing one is the mean.
        self._values = ((MEANING - mean[:, None]) / deviation[:, None]).astype(np.float32)
        self._values[:, MISSING] = 0.0
        self._at_once = max(16, BLOCK_BYTES // (4 * max(self.people, 1)))
        self._space = threading.local()

    def _each(self, work: Callable[[Singles], Done]) -> Iterator[tuple[slice, Done]]:
        """Yield places of variants and the work on their numbers, block by block on all cores."""
        import numpy as np

        from gecip.analysis.genetic.bit_planes import look_up

        def done(block: PackedBlock) -> tuple[slice, Done]:
            place = slice(block.start, block.start + len(block.packed))
            # To ask for memory takes as long as to fill it: each core's is used again.
            if not hasattr(self._space, "block"):
                shape = (min(self._at_once, max(self.variants, 1)), self.people)
                self._space.block = np.empty(shape, dtype=np.float32)
            numbers = self._space.block[: len(block.packed)]
            look_up(np.ascontiguousarray(block.packed), self._values[place], numbers)
            return place, work(numbers)

        return on_all_cores(done, self._genotypes.blocks(self._at_once))

    def relationship(self) -> Numbers:
        """Return people by people: the matrix's transpose times itself."""
        import numpy as np

        total = np.zeros((self.people, self.people))
        for _, part in self._each(lambda block: block.T @ block):
            total += part
        return total

    def relationship_times(self, directions: Numbers) -> Numbers:
        """Return the relationship matrix times directions, without ever making it."""
        import numpy as np

        single = directions.astype(np.float32)
        total = np.zeros(directions.shape)
        for _, part in self._each(lambda block: block.T @ (block @ single)):
            total += part
        return total

    def times(self, directions: Numbers) -> Numbers:
        """Return the matrix times directions of people: shape (variants, directions)."""
        import numpy as np

        single = directions.astype(np.float32)
        product = np.empty((self.variants, directions.shape[1]))
        for place, part in self._each(lambda block: block @ single):
            product[place] = part
        return product

    def total_variance(self) -> float:
        """Return the sum of all eigenvalues of the relationship matrix."""
        import numpy as np

        squares = self._each(lambda block: np.einsum("ij,ij->i", block, block))
        return float(sum(part.sum(dtype=np.float64) for _, part in squares))


def frequencies(genotypes: CompactGenotypes) -> Numbers:
    """Return the alternate allele's frequency of each variant; 0 where nobody has a genotype."""
    import numpy as np

    counts = genotypes.counts
    known = 2.0 * (genotypes.count[1] - counts["missing"].to_numpy())
    alternates: Numbers = counts["alternate_alleles"].to_numpy() / np.maximum(known, 1.0)
    return alternates


def leading_axes(matrix: Standardised, count: int, seed: int) -> tuple[Numbers, Numbers]:
    """Return the largest eigenvalues of the relationship matrix and their vectors, largest first."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    if matrix.people <= PEOPLE_FOR_EXACT:
        values, axes = np.linalg.eigh(matrix.relationship())
        return values[::-1][:count], axes[:, ::-1][:, :count]
    # These matrices are narrow: cores that share them wait for each other longer than they work.
    with threadpool_limits(1, user_api="blas"):
        values, axes = _by_subspaces(matrix, count, np.random.default_rng(seed))
    return values, axes


def _by_subspaces(
    matrix: Standardised, count: int, generator: np.random.Generator
) -> tuple[Numbers, Numbers]:
    """Return what `leading_axes` does, by a block Krylov method."""
    import numpy as np

    width = count + MORE_DIRECTIONS
    directions, _ = np.linalg.qr(generator.standard_normal((matrix.people, width)))
    known: list[Numbers] = []
    images: list[Numbers] = []
    while len(known) < ROUNDS and (len(known) + 1) * width <= matrix.people:
        known.append(directions)
        image = matrix.relationship_times(directions)
        images.append(image)
        basis = np.hstack(known)
        # Twice, since what is left after once is not at right angles to rounding.
        for _ in range(2):
            image = image - basis @ (basis.T @ image)
        directions, _ = np.linalg.qr(image)
    inner = basis.T @ np.hstack(images)
    values, within = np.linalg.eigh((inner + inner.T) / 2)
    return values[::-1][:count], basis @ within[:, ::-1][:, :count]


def _framed(frame: pd.DataFrame, numbers: Numbers, names: list[str]) -> pd.DataFrame:
    import pandas as pd

    return frame.join(pd.DataFrame(numbers, columns=names, index=frame.index))
