"""Kernels of the local engine of association: sums over people, straight from packed genotypes.

Genotypes are taken as their distance from the commoner homozygote, which most people have, so that work
is in proportion to the rarer allele's carriers. A model has an intercept, so that this changes no slope.
A missing genotype counts as the mean of the others.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from gecip.compiling import compiled

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.float64]

TWO, MISSING, ONE, NONE = 0b00, 0b01, 0b10, 0b11


@compiled()
def _set_pairs(pairs: int) -> int:
    """Return how many of a byte's four pairs of bits have their lower bit set; the upper ones are not."""
    halves = (pairs + (pairs >> 2)) & 0x33
    return (halves + (halves >> 4)) & 0x0F


@compiled()
def count_codes(packed: Bytes, people: int) -> npt.NDArray[np.int32]:
    """Return how many people have two alternates, no genotype, and one alternate: shape (variants, 3)."""
    counts = np.zeros((packed.shape[0], 3), dtype=np.int32)
    for row in range(packed.shape[0]):
        lower = upper = both = 0
        for byte in packed[row]:
            low, high = byte & 0x55, (byte >> 1) & 0x55
            lower += _set_pairs(low)
            upper += _set_pairs(high)
            both += _set_pairs(low & high)
        # Bits that mean nothing look like two alternates: these are what is left of the people.
        counts[row, 0] = people - lower - upper + both
        counts[row, 1], counts[row, 2] = lower - both, upper - both
    return counts


@compiled()
def count_codes_of(packed: Bytes, chosen: Bytes) -> npt.NDArray[np.int32]:
    """Return what `count_codes` does of some people: both bits of each of theirs are set in `chosen`, shape (bytes,)."""
    counts = np.zeros((packed.shape[0], 3), dtype=np.int32)
    people = 0
    for byte in chosen:
        people += _set_pairs(byte & 0x55)
    for row in range(packed.shape[0]):
        lower = upper = both = 0
        for place in range(packed.shape[1]):
            byte = packed[row, place] & chosen[place]
            low, high = byte & 0x55, (byte >> 1) & 0x55
            lower += _set_pairs(low)
            upper += _set_pairs(high)
            both += _set_pairs(low & high)
        counts[row, 0] = people - lower - upper + both
        counts[row, 1], counts[row, 2] = lower - both, upper - both
    return counts


@compiled()
def double_single_copies(packed: Bytes, haploid: Bytes, people: int) -> Bytes:
    """Return packed genotypes in which one copy of a haploid call counts as two."""
    doubled = packed.copy()
    for row in range(packed.shape[0]):
        for person in range(people):
            if (haploid[row, person >> 3] >> (person & 7)) & 1:
                shift = 2 * (person & 3)
                if (packed[row, person >> 2] >> shift) & 3 == ONE:
                    doubled[row, person >> 2] &= np.uint8(255 ^ (3 << shift))
    return doubled


@compiled()
def _mean_distance(two: int, missing: int, one: int, people: int, base: int) -> float:
    """Return the mean of known dosages, less the base; 0 where none is known."""
    known = people - missing
    return (2.0 * two + one) / known - base if known > 0 else 0.0


@compiled()
def base_of(two: int, missing: int, one: int, people: int) -> int:
    """Return the dosage of the commoner homozygote, 0 or 2."""
    return 2 if 2 * two + one > people - missing else 0


@compiled()
def distant(counts: npt.NDArray[np.int32], people: int) -> npt.NDArray[np.int64]:
    """Return how many people are not of the commoner homozygote: shape (variants,)."""
    found = np.empty(counts.shape[0], dtype=np.int64)
    for row in range(counts.shape[0]):
        two, missing, one = counts[row]
        none = people - two - missing - one
        found[row] = people - (two if base_of(two, missing, one, people) else none)
    return found


@compiled(sums_in_any_order=True)
def weighted_sums(
    packed: Bytes, people: int, counts: npt.NDArray[np.int32], columns: Numbers
) -> tuple[Numbers, Numbers]:
    """Return, of each variant, the sum over people of genotype times each column, and of its square.

    Parameters
    ----------
    packed
        Shape (variants, bytes).
    people
        How many there are.
    counts
        What `count_codes` gives.
    columns
        Shape (people, columns). The last one weighs the squares.

    Returns
    -------
    Shapes (variants, columns) and (variants,).
    """
    variants, width = packed.shape
    n_columns = columns.shape[1]
    sums = np.zeros((variants, n_columns))
    squares = np.zeros(variants)
    for row in range(variants):
        two, missing, one = counts[row]
        base = base_of(two, missing, one, people)
        plain = 0xFF if base == 0 else 0x00
        filler = _mean_distance(two, missing, one, people, base)
        total = sums[row]
        square = 0.0
        for byte_place in range(width):
            byte = packed[row, byte_place]
            if byte == plain:
                continue
            for place in range(4):
                person = 4 * byte_place + place
                code = (byte >> (2 * place)) & 3
                if person >= people or code == (plain & 3):
                    continue
                if code == MISSING:
                    distance = filler
                else:
                    distance = (2.0 if code == TWO else (1.0 if code == ONE else 0.0)) - base
                for column in range(n_columns):
                    total[column] += distance * columns[person, column]
                square += distance * distance * columns[person, n_columns - 1]
        squares[row] = square
    return sums, squares


@compiled(sums_in_any_order=True)
def weighted_squares(genotypes: Numbers, weights: Numbers) -> Numbers:
    """Return the sum over people of each variant's squared genotypes times weights: shape (variants,)."""
    squares = np.zeros(genotypes.shape[0])
    for row in range(genotypes.shape[0]):
        square = 0.0
        for person in range(genotypes.shape[1]):
            square += genotypes[row, person] * genotypes[row, person] * weights[person]
        squares[row] = square
    return squares


@compiled()
def plain_squares(counts: npt.NDArray[np.int32], people: int) -> Numbers:
    """Return the sum over people of each variant's squared genotypes, from its counts: shape (variants,)."""
    squares = np.empty(counts.shape[0])
    for row in range(counts.shape[0]):
        two, missing, one = counts[row]
        base = base_of(two, missing, one, people)
        filler = _mean_distance(two, missing, one, people, base)
        none = people - two - missing - one
        other = none if base == 2 else two
        squares[row] = 4.0 * other + one + missing * filler * filler
    return squares


@compiled()
def distances(
    packed: Bytes, people: int, counts: npt.NDArray[np.int32], genotypes: Numbers
) -> None:
    """Write genotypes, as distances from the commoner homozygote, into an array (variants, people)."""
    meaning = np.empty(4)
    for row in range(packed.shape[0]):
        two, missing, one = counts[row]
        base = base_of(two, missing, one, people)
        meaning[TWO], meaning[ONE], meaning[NONE] = 2.0 - base, 1.0 - base, 0.0 - base
        meaning[MISSING] = _mean_distance(two, missing, one, people, base)
        for person in range(people):
            genotypes[row, person] = meaning[(packed[row, person >> 2] >> (2 * (person & 3))) & 3]


@compiled()
def add_slopes(log_odds: Numbers, slopes: Numbers, genotypes: Numbers, largest: float) -> None:
    """Add slopes times genotypes to log odds in place, and keep them within ± a bound."""
    for row in range(log_odds.shape[0]):
        slope = slopes[row]
        for person in range(log_odds.shape[1]):
            value = log_odds[row, person] + slope * genotypes[row, person]
            log_odds[row, person] = min(max(value, -largest), largest)


@compiled(sums_in_any_order=True)
def weigh(
    odds: Numbers, phenotype: Numbers, genotypes: Numbers,
    weights: Numbers, residuals: Numbers, weighted: Numbers,
) -> tuple[Numbers, Numbers]:  # fmt: skip
    """Turn odds into what a Newton step needs; return the score and the information of each genotype.

    All arrays are (variants, people) but the phenotype. `weights` becomes p(1-p), `residuals` y-p and
    `weighted` the weights times the genotypes.
    """
    variants, people = odds.shape
    score = np.zeros(variants)
    information = np.zeros(variants)
    for row in range(variants):
        u = v = 0.0
        for person in range(people):
            chance = odds[row, person] / (1.0 + odds[row, person])
            weight = chance * (1.0 - chance)
            g = genotypes[row, person]
            residual = phenotype[person] - chance
            weights[row, person] = weight
            residuals[row, person] = residual
            weighted[row, person] = weight * g
            u += residual * g
            v += weight * g * g
        score[row] = u
        information[row] = v
    return score, information


@compiled(sums_in_any_order=True)
def log_likelihoods(odds: Numbers, phenotype: Numbers) -> Numbers:
    """Return the sum over people of y log p + (1-y) log(1-p), p = odds/(1+odds): shape (variants,).

    Odds lie within e^±30, so that a product of sixteen has a logarithm, which takes longer than it.
    """
    variants, people = odds.shape
    logs = np.zeros(variants)
    for row in range(variants):
        log, product = 0.0, 1.0
        for person in range(people):
            o = odds[row, person]
            product *= (1.0 + o) / o if phenotype[person] > 0.5 else 1.0 + o
            if person & 15 == 15:
                log += math.log(product)
                product = 1.0
        logs[row] = -(log + math.log(product))
    return logs


@compiled()
def solve(
    packed_information: Numbers, border: Numbers, corner: Numbers,
    score: Numbers, last_score: Numbers,
) -> tuple[Numbers, Numbers, Numbers]:  # fmt: skip
    """Solve each variant's Newton step by Cholesky; the genotype is the last parameter.

    Parameters
    ----------
    packed_information
        The covariates' part of the information, its lower triangle row by row: (variants, c(c+1)/2).
    border
        Between genotype and covariates: (variants, c).
    corner
        The genotype's own: (variants,).
    score, last_score
        Of the covariates, (variants, c), and of the genotype.

    Returns
    -------
    The steps, (variants, c + 1); the genotype's information once covariates are allowed for (its
    variance's inverse); and half the log-determinant of the whole. NaN where it is singular.
    """
    variants, c = border.shape
    steps = np.empty((variants, c + 1))
    left = np.empty(variants)
    log_root = np.empty(variants)
    lower = np.zeros((c, c))
    bridge = np.empty(c)
    forward = np.empty(c)
    for row in range(variants):
        logs = _cholesky(packed_information[row], lower)
        rest, last = corner[row], last_score[row]
        for i in range(c):
            f, b = score[row, i], border[row, i]
            for k in range(i):
                f -= lower[i, k] * forward[k]
                b -= lower[i, k] * bridge[k]
            forward[i], bridge[i] = f / lower[i, i], b / lower[i, i]
            rest -= bridge[i] * bridge[i]
            last -= bridge[i] * forward[i]
        left[row] = rest
        good = rest > 0.0
        log_root[row] = logs + 0.5 * math.log(rest) if good else math.nan
        slope = last / rest if good else math.nan
        steps[row, c] = slope
        for i in range(c - 1, -1, -1):
            value = forward[i] - bridge[i] * slope
            for k in range(i + 1, c):
                value -= lower[k, i] * steps[row, k]
            steps[row, i] = value / lower[i, i]
    return steps, left, log_root


@compiled()
def _cholesky(packed: Numbers, lower: Numbers) -> float:
    """Fill the lower factor of a symmetric matrix; return the sum of its diagonal's logarithms, or NaN."""
    logs = 0.0
    place = 0
    for i in range(lower.shape[0]):
        for j in range(i + 1):
            value = packed[place]
            place += 1
            for k in range(j):
                value -= lower[i, k] * lower[j, k]
            if i == j:
                lower[i, i] = math.sqrt(value) if value > 0.0 else math.nan
                logs += math.log(lower[i, i]) if value > 0.0 else math.nan
            else:
                lower[i, j] = value / lower[j, j]
    return logs


@compiled()
def invert(
    packed_information: Numbers, border: Numbers, corner: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Return each variant's inverse information in three parts, its off-diagonal elements doubled.

    As `solve` has it: covariates' lower triangle (variants, c(c+1)/2), border (variants, c), corner. With
    them a person's leverage is a product with the pairs of his covariates.
    """
    variants, c = border.shape
    inner = np.empty_like(packed_information)
    edge = np.empty_like(border)
    own = np.empty(variants)
    lower = np.zeros((c + 1, c + 1))
    whole = np.empty((c + 1) * (c + 2) // 2)
    inverse = np.zeros((c + 1, c + 1))
    for row in range(variants):
        pairs = packed_information.shape[1]
        whole[:pairs] = packed_information[row]
        whole[pairs : pairs + c] = border[row]
        whole[pairs + c] = corner[row]
        _cholesky(whole, lower)
        # The inverse of the factor, column by column; its transpose times itself is the inverse.
        for j in range(c + 1):
            inverse[j, j] = 1.0 / lower[j, j]
            for i in range(j + 1, c + 1):
                value = 0.0
                for k in range(j, i):
                    value -= lower[i, k] * inverse[k, j]
                inverse[i, j] = value / lower[i, i]
        place = 0
        for i in range(c + 1):
            for j in range(i + 1):
                value = 0.0
                for k in range(i, c + 1):
                    value += inverse[k, i] * inverse[k, j]
                if i < c:
                    inner[row, place] = value if i == j else 2.0 * value
                    place += 1
                elif j < c:
                    edge[row, j] = 2.0 * value
                else:
                    own[row] = value
    return inner, edge, own


@compiled(sums_in_any_order=True)
def penalise(
    leverages: Numbers, projections: Numbers, own: Numbers, genotypes: Numbers,
    odds: Numbers, weights: Numbers, residuals: Numbers,
) -> Numbers:  # fmt: skip
    """Add Firth's penalty to the residuals in place, h(1/2 - p); return the score of each genotype.

    Parameters
    ----------
    leverages, projections
        Products of `invert`'s first part with pairs of covariates and of its second with covariates,
        (variants, people).
    own
        Its third part.
    """
    variants, people = odds.shape
    score = np.zeros(variants)
    for row in range(variants):
        u = 0.0
        corner = own[row]
        for person in range(people):
            g = genotypes[row, person]
            form = leverages[row, person] + g * (projections[row, person] + g * corner)
            chance = odds[row, person] / (1.0 + odds[row, person])
            residual = residuals[row, person] + weights[row, person] * form * (0.5 - chance)
            residuals[row, person] = residual
            u += residual * g
        score[row] = u
    return score
