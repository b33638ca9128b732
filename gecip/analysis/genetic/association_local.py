"""The local engine of association: blocks of packed genotypes, compiled kernels, all cores.

Memory, beside the results (about 100 bytes for each variant and phenotype): the covariates, their pairs
where the model is logistic, and for each core what `working_bytes` allows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gecip.analysis.genetic.association_design import Design
from gecip.analysis.genetic.blockwise import on_all_cores
from gecip.errors import AnalysisError
from gecip.genotypes.machine import available_cores

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from gecip.genotypes.compact import PackedBlock
    from gecip.genotypes.compact_runs import CompactGenotypes

    Numbers = npt.NDArray[np.float64]
    Bytes = npt.NDArray[np.uint8]
    Codes = npt.NDArray[np.int32]
    Integers = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

LINEAR_VARIANTS_AT_ONCE = 2048
# Where more than this share of people are not of the commoner homozygote, matrices are quicker than lists.
DENSE_FROM = 0.1
DENSE_VARIANTS_AT_ONCE = 64

WORKING_BYTES = 48 * 1024 * 1024  # for each core, of a logistic model
LARGEST_LOGISTIC_BLOCK = 64
ARRAYS_AT_ONCE = 8  # of variants by people, in a logistic model

LARGEST_LOG_ODDS = 30.0
STEPS = {"wald": 25, "firth": 100}
FALLBACK = "firth-fallback"
# So many of Newton's steps take the covariates' part of the information from the null model.
STEPS_BY_NULL = 6
SMALLEST_STEP = 1e-8
# By whether the slope is free. Of the null model only the likelihood counts, flat at its top.
SMALLEST_PENALISED_STEP = {True: 1e-7, False: 3e-5}
LARGEST_STEP = 5.0
# What of a genotype must be left once covariates are allowed for; less is told by them.
LEAST_SHARE = 1e-9

Done = TypeVar("Done")


class Fits(NamedTuple):
    """What an engine found of each variant, for each phenotype of a design: shape (variants, phenotypes).

    `statistic` is t of a linear model, z of Wald's test, and the chi-squared of the others. `left` tells
    which share of the genotype the covariates do not tell, and `penalised` whether Firth's fit stands where
    Wald's was tried first: shape (variants,). Where no fit was found, or what was not fitted, is NaN.
    """

    beta: Numbers
    standard_error: Numbers
    statistic: Numbers
    left: Numbers
    penalised: Flags | None = None


class Counts(NamedTuple):
    """Counts of each variant among the people of a design: shape (variants,)."""

    alternate_alleles: Integers
    alleles: Integers
    missing: Integers
    constant: Flags


def working_bytes(people: int, covariates: int, *, logistic: bool) -> int:
    """Return the most memory in bytes that a design takes beside its results."""
    cores = available_cores()
    if not logistic:
        return people * (covariates + 8) * 8 * 3 + cores * 3 * LINEAR_VARIANTS_AT_ONCE * (people // 4 + 1 + 8 * 3 * (covariates + 8))  # fmt: skip
    pairs = (covariates + 1) * (covariates + 2) // 2
    one = ARRAYS_AT_ONCE * 8 * people
    return people * (pairs + 4 * covariates) * 8 * 2 + cores * max(WORKING_BYTES, one) * 2


def fit_linear(
    genotypes: CompactGenotypes, design: Design, *, doubled: bool
) -> tuple[Counts, Fits]:
    """Return the linear fits of all variants, one after the other, for a design's phenotypes.

    Covariates are projected out of the phenotypes once, and out of a genotype by its products with
    their orthonormal columns.
    """
    import numpy as np

    count, _ = design.covariates.shape
    basis = design.covariates / np.sqrt(count)
    outcomes = design.phenotypes - basis @ (basis.T @ design.phenotypes)
    outcomes -= basis @ (basis.T @ outcomes)
    columns = np.ascontiguousarray(np.column_stack([basis, outcomes, np.ones(count)]))
    own = np.einsum("ij,ij->j", outcomes, outcomes)

    def fit(block: PackedBlock) -> tuple[Counts, Fits]:
        counts, sums, squares = _sums(block, columns, doubled=doubled)
        inner = sums[:, : basis.shape[1]]
        left = squares - np.einsum("ij,ij->i", inner, inner)
        with np.errstate(divide="ignore", invalid="ignore"):
            products = sums[:, basis.shape[1] : -1]
            beta = products / left[:, None]
            rest = np.maximum(own - products * beta, 0.0) / design.degrees
            error = np.sqrt(rest / left[:, None])
            share = np.where(squares > 0, left / squares, 0.0)
            fits = Fits(beta, error, beta / error, share)
        return counts, fits

    return _joined(_blockwise(genotypes, design, fit, LINEAR_VARIANTS_AT_ONCE))


def fit_logistic(
    genotypes: CompactGenotypes, design: Design, *, doubled: bool, test: str
) -> tuple[Counts, Fits]:
    """Return the logistic fits of all variants for a design's one phenotype.

    Raises
    ------
    AnalysisError
        When the covariates alone tell cases from controls.
    """
    model = null_model(design)
    one = ARRAYS_AT_ONCE * 8 * len(model.phenotype)
    at_once = max(1, min(LARGEST_LOGISTIC_BLOCK, WORKING_BYTES // one))
    if test == "score":
        at_once = LINEAR_VARIANTS_AT_ONCE
    space = _Space(at_once, len(model.phenotype))
    fit = partial(_fit_logistic_block, model=model, test=test, doubled=doubled, space=space)
    return _joined(_blockwise(genotypes, design, fit, at_once))


def _sums(
    block: PackedBlock, columns: Numbers, *, doubled: bool
) -> tuple[Counts, Numbers, Numbers]:

    packed, codes, counts = _prepared(block, doubled=doubled)
    return counts, *_weighted_sums(packed, block.people, codes, columns, squared=False)


def _weighted_sums(
    packed: Bytes, people: int, codes: Codes, columns: Numbers, *, squared: bool = True
) -> tuple[Numbers, Numbers]:
    """Return what `kernels.weighted_sums` does; of common variants by a product of matrices, which is quicker.

    Where squares are not to be weighed they follow from counts.
    """
    import numpy as np

    from gecip.analysis.genetic import association_kernels as kernels

    common = kernels.distant(codes, people) > DENSE_FROM * people
    if not common.any():
        return kernels.weighted_sums(packed, people, codes, columns)
    sums, squares = np.empty((len(packed), columns.shape[1])), np.empty(len(packed))
    rare = ~common
    if rare.any():
        sums[rare], squares[rare] = kernels.weighted_sums(packed[rare], people, codes[rare], columns)  # fmt: skip
    places = np.flatnonzero(common)
    genotypes = np.empty((min(DENSE_VARIANTS_AT_ONCE, len(places)), people))
    for start in range(0, len(places), DENSE_VARIANTS_AT_ONCE):
        these = places[start : start + DENSE_VARIANTS_AT_ONCE]
        block = genotypes[: len(these)]
        kernels.distances(packed[these], people, codes[these], block)
        sums[these] = block @ columns
        if squared:
            squares[these] = kernels.weighted_squares(block, columns[:, -1])
    if not squared:
        squares[common] = kernels.plain_squares(codes[common], people)
    return sums, squares


def _prepared(block: PackedBlock, *, doubled: bool) -> tuple[Bytes, Codes, Counts]:
    """Return packed genotypes as they are to be taken, the counts of their codes, and of alleles."""
    import numpy as np

    from gecip.analysis.genetic import association_kernels as kernels

    packed = np.ascontiguousarray(block.packed)
    codes = kernels.count_codes(packed, block.people)
    two, missing, one = codes.T.astype(np.int64)
    known = block.people - missing
    single = np.zeros_like(known)
    if block.haploid is not None:
        single = np.bitwise_count(block.haploid).sum(axis=1, dtype=np.int64)
        if doubled:
            packed = kernels.double_single_copies(packed, block.haploid, block.people)
            codes = kernels.count_codes(packed, block.people)
    alike = codes.astype(np.int64)
    none = block.people - alike.sum(axis=1)
    constant = np.maximum(np.maximum(alike[:, 0], alike[:, 2]), none) == known
    return packed, codes, Counts(2 * two + one, 2 * known - single, missing, constant)


def _blockwise(
    genotypes: CompactGenotypes,
    design: Design,
    work: Callable[[PackedBlock], Done],
    variants_at_once: int,
) -> Iterator[Done]:
    """Yield the work on each block of a design's people, in order."""
    chosen = genotypes if design.people.all() else genotypes.keep_people(design.people)
    return on_all_cores(work, chosen.blocks(variants_at_once))


def _joined(parts: Iterator[tuple[Counts, Fits]]) -> tuple[Counts, Fits]:
    import numpy as np

    every = list(parts)
    counts = Counts(
        *(np.concatenate(column) for column in zip(*(c for c, _ in every), strict=True))
    )
    fits = Fits(
        *(np.concatenate(column) for column in zip(*(f[:4] for _, f in every), strict=True))
    )
    flags = [f.penalised for _, f in every if f.penalised is not None]
    if flags:
        fits = fits._replace(penalised=np.concatenate(flags))
    return counts, fits


# -- logistic -----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class NullModel:
    """The logistic model of a phenotype without a genotype, and what all variants share of it."""

    phenotype: Numbers
    covariates: Numbers
    pairs: Numbers
    effects: Numbers
    information: Numbers
    weights: Numbers
    residuals: Numbers

    @cached_property
    def cases(self) -> Bytes:
        """Both bits of each case, as packed genotypes lie: shape (bytes,)."""
        import numpy as np

        return np.packbits(np.repeat(self.phenotype > 0, 2), bitorder="little")

    @cached_property
    def penalised_effects(self) -> Numbers:
        """The effects that Firth's penalty gives the covariates alone: where its fits begin."""
        import numpy as np

        x, effects = self.covariates, self.effects
        for _ in range(STEPS["wald"]):
            chances = _chances(x @ effects)
            weights = chances * (1 - chances)
            inverse = np.linalg.inv((x * weights[:, None]).T @ x)
            leverages = weights * np.einsum("ij,jk,ik->i", x, inverse, x)
            step = inverse @ (x.T @ (self.phenotype - chances + leverages * (0.5 - chances)))
            effects = effects + step
            if np.abs(step).max() < SMALLEST_STEP:
                break
        return effects


def null_model(design: Design) -> NullModel:
    """Return the fit of a design's one phenotype to its covariates, by Newton's method.

    Raises
    ------
    AnalysisError
        When it does not converge, since the covariates alone tell cases from controls.
    """
    import numpy as np

    x, y = design.covariates, np.ascontiguousarray(design.phenotypes[:, 0])
    rows, columns = np.tril_indices(x.shape[1])
    effects = np.zeros(x.shape[1])
    share = y.mean()
    effects[0] = np.log(share / (1 - share))
    for _ in range(STEPS["wald"]):
        chances = _chances(x @ effects)
        weights = chances * (1 - chances)
        information = (x * weights[:, None]).T @ x
        try:
            step = np.linalg.solve(information, x.T @ (y - chances))
        except np.linalg.LinAlgError:
            break
        if np.abs(step).max() < SMALLEST_STEP:
            pairs = np.ascontiguousarray(x[:, rows] * x[:, columns])
            return NullModel(y, x, pairs, effects, information[rows, columns], weights, y - chances)
        effects = effects + step
    raise AnalysisError(
        f"The covariates alone tell the cases of {design.names[0]!r} from the controls, so that a logistic model has no "
        "fit: leave out the covariate that does, or take more people."
    )


def _chances(log_odds: Numbers) -> Numbers:
    return 1 / (1 + _exponential(-log_odds))


def _exponential(log_odds: Numbers) -> Numbers:
    import numpy as np

    odds: Numbers = np.exp(np.clip(log_odds, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS))
    return odds


def _fit_logistic_block(
    block: PackedBlock, *, model: NullModel, test: str, doubled: bool, space: _Space
) -> tuple[Counts, Fits]:
    """Return the fits of a block's variants, by the test that is asked for."""
    import numpy as np

    from gecip.analysis.genetic import association_kernels as kernels

    packed, codes, counts = _prepared(block, doubled=doubled)
    weighted = model.covariates * model.weights[:, None]
    columns = np.column_stack([weighted, model.residuals, model.weights])
    sums, squares = _weighted_sums(packed, block.people, codes, columns)
    c = model.covariates.shape[1]
    border, score = np.ascontiguousarray(sums[:, :c]), np.ascontiguousarray(sums[:, c])
    shared = np.repeat(model.information[None], len(score), axis=0)
    steps, left, _ = kernels.solve(shared, border, squares, np.zeros_like(border), score)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(squares > 0, left / squares, 0.0)
    good = (share > LEAST_SHARE) & ~counts.constant
    if test == "score":
        return counts, _score_fits(steps[:, c], left, share)
    found = np.full((len(score), 3), np.nan)

    def fitted(these: Flags, test: str) -> None:
        if these.any():
            genotypes = space.give("genotypes", int(these.sum()))
            kernels.distances(packed[these], block.people, codes[these], genotypes)
            start = steps[these]
            start[:, :c] += model.effects
            newton = _Newton(model, genotypes, space)
            found[these] = newton.wald(start) if test == "wald" else newton.firth(start)

    penalised = None
    if test == FALLBACK:
        separated = separates(codes, kernels.count_codes_of(packed, model.cases), block.people, int(model.phenotype.sum()))  # fmt: skip
        fitted(good & ~separated, "wald")
        found[:, 2] **= 2
        penalised = good & np.isnan(found[:, 0])
        fitted(penalised, "firth")
    else:
        fitted(good, test)
    beta, error, statistic = found.T[:, :, None]
    return counts, Fits(beta, error, statistic, share, penalised)


def separates(codes: Codes, of_cases: Codes, people: int, cases: int) -> Flags:
    """Return which variants have an allele that cases alone carry, or controls alone: then Wald's fit has no end.

    That is where plink2's `firth-fallback` does without trying. Counts are `kernels.count_codes`'s.
    """
    import numpy as np

    alternates = 2 * codes[:, 0] + codes[:, 2]
    in_cases = 2 * of_cases[:, 0] + of_cases[:, 2]
    references = 2 * (people - codes[:, 1]) - alternates
    references_in_cases = 2 * (cases - of_cases[:, 1]) - in_cases
    found: Flags = np.zeros(len(codes), dtype=np.bool_)
    for own, total in ((in_cases, alternates), (references_in_cases, references)):
        found |= (own == 0) | (own == total)
    return found


def _score_fits(step: Numbers, left: Numbers, share: Numbers) -> Fits:
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        error = 1 / np.sqrt(left)
        statistic = step**2 * left
    return Fits(step[:, None], error[:, None], statistic[:, None], share)


class _Space(threading.local):
    """Arrays of variants by people that a thread uses again and again: to ask for new ones takes as long as to fill them."""

    def __init__(self, variants: int, people: int) -> None:
        self._shape = (variants, people)
        self._arrays: dict[str, Numbers] = {}

    def give(self, name: str, variants: int) -> Numbers:
        """Return the first rows of the array of a name; what was in it is lost."""
        import numpy as np

        if name not in self._arrays:
            self._arrays[name] = np.empty(self._shape)
        return self._arrays[name][:variants]


class _Parts(NamedTuple):
    """What a Newton step of a block of variants is made of: see `kernels.solve`."""

    odds: Numbers
    weights: Numbers
    residuals: Numbers
    information: Numbers
    border: Numbers
    corner: Numbers
    last_score: Numbers


class _Newton:
    """Newton's method for a block of variants at once: their covariates' parts are matrix products.

    Rows that have settled leave; the others go on. Effects are of the covariates' columns, then of the
    genotype.
    """

    def __init__(self, model: NullModel, genotypes: Numbers, space: _Space) -> None:
        self.model = model
        self.genotypes = genotypes
        self.space = space
        self.c = model.covariates.shape[1]

    def wald(self, start: Numbers) -> Numbers:
        """Return slope, standard error and z of each variant; NaN where it does not settle.

        The covariates' part of the information, most of the work, hardly differs from the null model's, and
        the first steps do with that; standard errors are of the whole one where the effects settled.
        """
        import numpy as np

        from gecip.analysis.genetic import association_kernels as kernels

        found = np.full((len(start), 3), np.nan)
        going = _iterate(start, self.genotypes, STEPS["wald"], SMALLEST_STEP)
        for taken, (places, effects, genotypes, go_on) in enumerate(going):
            is_whole = taken >= STEPS_BY_NULL
            parts = self._parts(effects, genotypes, is_whole=is_whole)
            score = parts.residuals @ self.model.covariates
            steps, left, _ = kernels.solve(
                parts.information, parts.border, parts.corner, score, parts.last_score
            )
            done = go_on(steps)
            if done.any() and not is_whole:
                information = parts.weights[done] @ self.model.pairs
                at_end = (
                    parts.border[done],
                    parts.corner[done],
                    score[done],
                    parts.last_score[done],
                )
                _, left[done], _ = kernels.solve(information, *at_end)
            # The last step is taken too; what it changes of the error is far below the slope's own.
            slope = effects[done, self.c] + steps[done, self.c]
            with np.errstate(divide="ignore", invalid="ignore"):
                error = 1 / np.sqrt(left[done])
            found[places[done]] = np.column_stack([slope, error, slope / error])
        return found

    def firth(self, start: Numbers) -> Numbers:
        """Return slope, standard error and the penalised likelihood ratio's chi-squared.

        The null model has the whole one's penalty, its slope fixed at 0, as in logistf and Hail. The
        standard error is the slope over the statistic's root, so that all three agree.
        """
        import numpy as np

        null = np.zeros_like(start)
        null[:, : self.c] = self.model.penalised_effects
        start[:, : self.c] += self.model.penalised_effects - self.model.effects
        _, without = self._penalised(null, free=False)
        effects, with_slope = self._penalised(start, free=True)
        slope = effects[:, self.c]
        statistic = 2 * (with_slope - without)
        # A slope of nearly nothing may end a rounding below it.
        statistic[(statistic < 0) & (statistic > -1e-9)] = 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.abs(slope) / np.sqrt(statistic)
        slope[~np.isfinite(statistic)] = np.nan
        return np.column_stack([slope, error, statistic])

    def _penalised(self, start: Numbers, *, free: bool) -> tuple[Numbers, Numbers]:
        """Return effects that maximise the penalised likelihood, and its logarithm; NaN where none is found.

        Where the slope is not free it stays as it is.
        """
        import numpy as np

        from gecip.analysis.genetic import association_kernels as kernels

        settled = np.full(start.shape, np.nan)
        likelihoods = np.full(len(start), np.nan)
        for places, effects, genotypes, go_on in _iterate(
            start, self.genotypes, STEPS["firth"], SMALLEST_PENALISED_STEP[free], damped=True
        ):
            parts = self._parts(effects, genotypes)
            inner, edge, own = kernels.invert(parts.information, parts.border, parts.corner)
            leverages = self.space.give("leverages", len(effects))
            projections = self.space.give("projections", len(effects))
            np.matmul(inner, self.model.pairs.T, out=leverages)
            np.matmul(edge, self.model.covariates.T, out=projections)
            last = kernels.penalise(
                leverages, projections, own, genotypes, parts.odds, parts.weights, parts.residuals
            )
            score = parts.residuals @ self.model.covariates
            steps, _, log_root = kernels.solve(
                parts.information, parts.border, parts.corner, score, last
            )
            if not free:
                apart = np.zeros_like(parts.border)
                steps, _, _ = kernels.solve(
                    parts.information, apart, np.ones_like(last), score, np.zeros_like(last)
                )
            done = go_on(steps)
            # The last step is taken too: near the top the likelihood is half step times score below it.
            rise = np.einsum("ij,ij->i", steps[done, : self.c], score[done])
            if free:
                rise += steps[done, self.c] * last[done]
            settled[places[done]] = effects[done] + steps[done]
            likelihoods[places[done]] = (
                log_root[done]
                + kernels.log_likelihoods(parts.odds[done], self.model.phenotype)
                + rise / 2
            )
        return settled, likelihoods

    def _parts(self, effects: Numbers, genotypes: Numbers, *, is_whole: bool = True) -> _Parts:
        """Return the parts of a step; the covariates' information is the null model's unless it `is_whole`."""
        import numpy as np

        from gecip.analysis.genetic import association_kernels as kernels

        count = len(effects)
        odds = np.matmul(
            effects[:, : self.c], self.model.covariates.T, out=self.space.give("odds", count)
        )
        kernels.add_slopes(odds, effects[:, self.c], genotypes, LARGEST_LOG_ODDS)
        np.exp(odds, out=odds)
        names = ("weights", "residuals", "weighted")
        weights, residuals, weighted = (self.space.give(name, count) for name in names)
        last, corner = kernels.weigh(
            odds, self.model.phenotype, genotypes, weights, residuals, weighted
        )
        border = weighted @ self.model.covariates
        information = (
            weights @ self.model.pairs
            if is_whole
            else np.repeat(self.model.information[None], count, axis=0)
        )
        return _Parts(odds, weights, residuals, information, border, corner, last)


def _iterate(
    effects: Numbers, genotypes: Numbers, most: int, smallest: float, *, damped: bool = False
) -> Iterator[tuple[Integers, Numbers, Numbers, Callable[[Numbers], Flags]]]:
    """Yield places, effects and genotypes of rows that have not settled, and what takes their steps.

    It is told the steps and returns which rows have settled before taking them.
    """
    import numpy as np

    places = np.arange(len(effects))
    before = np.full(len(effects), np.inf)
    damping = np.ones(len(effects))
    taken: list[Numbers] = []

    def go_on(steps: Numbers) -> Flags:
        taken.append(steps)
        settled: Flags = np.abs(steps).max(axis=1) < smallest
        return settled

    slope_before = np.zeros(len(effects))
    for _ in range(most):
        if not len(places):
            return
        yield places, effects, genotypes, go_on
        steps = taken.pop()
        size = np.abs(steps).max(axis=1)
        going = np.isfinite(size) & (size >= smallest)
        if damped:
            # A step that is larger than the last one went too far, and so would the next: take a part of it. Newton's own
            # steps may grow before they settle, and would then come nearer by halves only.
            damping = np.where(size > before, damping / 2, damping)
            part = damping
        else:
            # One that takes back most of the last went too far, beyond which the next would go further still.
            slope = steps[:, -1]
            back = (slope * slope_before < 0) & (np.abs(slope) > np.abs(slope_before) / 2)
            part = np.where(back, 0.5, 1.0)
        steps *= (part * np.minimum(1.0, LARGEST_STEP / np.maximum(size, smallest)))[:, None]
        effects = (effects + steps)[going]
        before, damping, slope_before = size[going], damping[going], steps[going, -1]
        if not going.all():
            places, genotypes = places[going], genotypes[going]
