"""Kinship of all pairs by KING-robust, which needs no allele frequencies and stands different ancestries."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.engine import Engine, choose_engine
from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.genotypes import Genotypes

    Dosages = npt.NDArray[np.int8]
    Counts = npt.NDArray[np.int32]
    Numbers = npt.NDArray[np.float64]

# KING's bounds, half way between degrees on the scale of powers of two (Manichaikul 2010).
SAME_GENOME, FIRST_DEGREE, SECOND_DEGREE, THIRD_DEGREE = 0.354, 0.177, 0.0884, 0.0442
# Parent and child share an allele everywhere, but for wrong calls; siblings do at most, not all, places.
MOST_OPPOSITE_OF_PARENT = 0.005
PEOPLE_AT_ONCE = 256


class Degree(enum.Enum):
    """How near two people are by their genomes."""

    SAME = "same genome"
    FIRST = "first degree"
    SECOND = "second degree"
    THIRD = "third degree"
    UNRELATED = "unrelated"

    @property
    def distance(self) -> int:
        """Return 0 for the same genome to 4 for unrelated."""
        return list(Degree).index(self)


@dataclass(frozen=True, repr=False, eq=False)
class Kinship(Result):
    """Pairs of people and how near they are.

    Attributes
    ----------
    pairs
        One row for each pair kept: `participant_id, family_id, other_participant_id, other_family_id,
        kinship, opposite_homozygotes` (at how many sites both are homozygous for different alleles),
        `sites` (at which both are known). Row level: for the screen only.
    people
        `participant_id, family_id` of everybody who was compared, in order.
    sites
        How many sites there were.
    at_least
        The kinship below which pairs were not kept, or None where all were.
    """

    pairs: pd.DataFrame
    people: pd.DataFrame
    sites: int
    at_least: float | None

    def __repr__(self) -> str:
        return (
            f"Kinship(people={len(self.people):,}, pairs={len(self.pairs):,}, sites={self.sites:,})"
        )


def degree_of(kinship: float) -> Degree:
    """Return the degree by KING's bounds: 0.354, 0.177, 0.0884, 0.0442."""
    for bound, degree in (
        (SAME_GENOME, Degree.SAME),
        (FIRST_DEGREE, Degree.FIRST),
        (SECOND_DEGREE, Degree.SECOND),
        (THIRD_DEGREE, Degree.THIRD),
    ):
        if kinship > bound:
            return degree
    return Degree.UNRELATED


def kinship(
    genotypes: Genotypes, *, engine: Engine = "auto", at_least: float | None = None
) -> Kinship:
    """Return the kinship of every pair of people by KING-robust, the between-family estimator.

    `1/2 - (N_i + N_j - 2 N_both + 4 N_opposite) / (4 min(N_i, N_j))`, where N count heterozygotes and
    opposite homozygotes over the sites at which both people are known (Manichaikul 2010, as `hl.king` and
    plink2 have it). Only autosomal variants with one alternate are used; give common, well called ones
    out of linkage (`high_quality_sites`), since rare ones only cost time. People of different
    ancestries fall below 0, and children of two ancestries somewhat below their degree.

    Where one of a pair has no heterozygous site the kinship is missing, and the pair is not kept under `at_least`.

    Parameters
    ----------
    genotypes
        Whose kinship; reads them once.
    engine
        `hail` is `hl.king` and two further products of block matrices, and runs on a cluster. `local`
        counts 64 sites with one instruction on this machine: it needs a byte for each genotype, a
        quarter of one for its planes, 5 KB for each person at a time, and 44 bytes for each pair kept.
    at_least
        Keep only pairs of at least this kinship, as 0.0442; None keeps all n(n-1)/2.

    Raises
    ------
    AnalysisError
        When there are fewer than two people, or no autosomal variant.
    GenotypesError
        When the matrix does not fit into memory.
    """
    chosen = choose_engine(engine)
    autosomes = genotypes.with_matrix(
        genotypes.mt.filter_rows(genotypes.mt.locus.in_autosome()),
        because="sex chromosomes tell sex",
    )
    people, sites, pieces = (_by_hail if chosen == "hail" else _locally)(autosomes)
    return Kinship(
        provenance=genotypes.provenance.then(
            "kinship", engine=chosen, at_least=at_least, sites=sites
        ),
        pairs=_pairs(people, pieces, at_least),
        people=people,
        sites=sites,
        at_least=at_least,
    )


class _Piece:
    """What the pairs of some people with everybody behind them share: arrays of equal length."""

    def __init__(self, first: Counts, other: Counts, **counted: Counts | Numbers) -> None:
        self.first, self.other, self.counted = first, other, counted


_Found = tuple["pd.DataFrame", int, Iterator[_Piece]]


def _locally(genotypes: Genotypes) -> _Found:
    from gecip.genotypes.dosages import dosage_matrix

    dosages, variants, people = dosage_matrix(genotypes)
    _check(len(variants), len(people))
    return people[["participant_id", "family_id"]], len(variants), count_shared(dosages)


def count_shared(dosages: Dosages) -> Iterator[_Piece]:
    """Yield kinship, opposite homozygotes and known sites of pairs, the pairs of 256 people at a time.

    Variants at which everybody is known are counted by two sums a pair, the others by five.

    Parameters
    ----------
    dosages
        0, 1, 2, or -1 where missing: shape (variants, people).
    """
    import numpy as np

    from gecip.analysis.genetic.bit_planes import count_any, count_complete, planes_of_columns

    known = (dosages >= 0).all(axis=1)
    everybody, some = dosages[known], dosages[~known]
    complete = planes_of_columns(everybody)
    partial = planes_of_columns(some)
    heterozygous = np.bitwise_count(complete[1] & ~complete[0]).sum(axis=1, dtype=np.int32)
    people = dosages.shape[1]
    for start in range(0, people, PEOPLE_AT_ONCE):
        stop = min(people, start + PEOPLE_AT_ONCE)
        counted = np.zeros((stop - start, people, 5), dtype=np.int32)
        if len(everybody):
            count_complete(*complete, start, stop, counted)
        if len(some):
            count_any(*partial, start, stop, counted)
        rows, others = np.nonzero(np.arange(start, stop)[:, None] < np.arange(people)[None, :])
        both, opposite, first, other, sites = (counted[rows, others, place] for place in range(5))
        first += heterozygous[start + rows]
        other += heterozygous[others]
        yield _Piece(
            (start + rows).astype(np.int32),
            others.astype(np.int32),
            kinship=robust_kinship(both, opposite, first, other),
            opposite_homozygotes=opposite,
            sites=sites + np.int32(len(everybody)),
        )


def robust_kinship(both: Counts, opposite: Counts, first: Counts, other: Counts) -> Numbers:
    """Return KING-robust's kinship from counts of sites: NaN where either has no heterozygous one."""
    import numpy as np

    fewer = np.minimum(first, other).astype(np.float64)
    apart = first.astype(np.float64) + other - 2.0 * both + 4.0 * opposite
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(fewer > 0, 0.5 - apart / (4.0 * fewer), np.nan)


def _by_hail(genotypes: Genotypes) -> _Found:
    import hail as hl
    import numpy as np
    from hail.linalg import BlockMatrix

    mt = genotypes.mt
    mt = mt.filter_rows(hl.len(mt.alleles) == 2).select_rows().select_entries("GT")
    mt = mt.checkpoint(hl.utils.new_temp_file("kinship", "mt"))
    people = mt.key_cols_by().cols().to_pandas()[["participant_id", "family_id"]]
    variants = mt.count_rows()
    _check(variants, len(people))

    def counted(reference: hl.Expression, alternate: hl.Expression) -> npt.NDArray[np.float64]:
        first, second = (
            BlockMatrix.from_entry_expr(hl.float64(hl.or_else(expression, False)))  # noqa: FBT003
            for expression in (reference, alternate)
        )
        return (first.T @ second).to_numpy()

    opposite = counted(mt.GT.is_hom_ref(), mt.GT.is_hom_var())
    sites = counted(hl.is_defined(mt.GT), hl.is_defined(mt.GT))
    king = hl.king(mt.add_col_index("number").key_cols_by("number").GT)
    values = np.array(king.localize_entries("entries").entries.phi.collect(), dtype=np.float64)
    rows, others = np.triu_indices(len(people), 1)
    return (
        people,
        variants,
        iter(
            [
                _Piece(
                    rows.astype(np.int32),
                    others.astype(np.int32),
                    kinship=values[rows, others],
                    opposite_homozygotes=(opposite + opposite.T)[rows, others].astype(np.int32),
                    sites=sites[rows, others].astype(np.int32),
                )
            ]
        ),
    )


def _pairs(people: pd.DataFrame, pieces: Iterator[_Piece], at_least: float | None) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    firsts, others = [], []
    columns: dict[str, list[Numbers | Counts]] = {
        "kinship": [], "opposite_homozygotes": [], "sites": [],
    }  # fmt: skip
    for piece in pieces:
        kept: Any = slice(None)
        if at_least is not None:
            kept = np.flatnonzero(piece.counted["kinship"] >= at_least)
        firsts.append(piece.first[kept])
        others.append(piece.other[kept])
        for name, parts in columns.items():
            parts.append(piece.counted[name][kept])
    first, other = np.concatenate(firsts), np.concatenate(others)
    ids, families = people["participant_id"].array, people["family_id"].array
    return pd.DataFrame(
        {
            "participant_id": ids.take(first),
            "family_id": families.take(first),
            "other_participant_id": ids.take(other),
            "other_family_id": families.take(other),
            **{name: np.concatenate(parts) for name, parts in columns.items()},
        }
    )


def _check(variants: int, people: int) -> None:
    if variants == 0 or people < 2:
        raise AnalysisError(
            f"Kinship needs at least two people and an autosomal variant with one alternate, and there are {people:,} people "
            f"and {variants:,} variants: load more, or filter less."
        )
