"""The transmission disequilibrium test: whether parents with one copy of an allele hand it on more often than half the time.

It compares what was handed on with what was not, within families, so that differences of ancestry do
not matter (Spielman, McGinnis and Ewens, AJHG 1993;52:506).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.engine import Engine, choose_engine
from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.analysis.genetic.pedigree import Pedigrees
    from gecip.genotypes import Genotypes
    from gecip.genotypes.dosages import DosageMatrix

    Counts = npt.NDArray[np.int64]

VARIANTS_AT_ONCE = 4_096


@dataclass(frozen=True)
class Trio:
    """A child and both parents, by participant; `is_female` decides how X is inherited."""

    child: int | str
    father: int | str
    mother: int | str
    is_female: bool


def affected_trios(pedigrees: Pedigrees) -> list[Trio]:
    """Return the affected children of families with both parents, as the test needs them."""
    return [
        Trio(child.participant_id, father.participant_id, mother.participant_id, not child.is_male)
        for pedigree in pedigrees.families.values()
        for child, father, mother in pedigree.trios()
        if child.affected
        and child.sex is not None
        and child.participant_id is not None
        and father.participant_id is not None
        and mother.participant_id is not None
    ]


@dataclass(frozen=True, repr=False, eq=False)
class Transmission(Result):
    """How often each alternate allele was handed on by parents with one copy, and how often not.

    `variants` has a row for each variant of the autosomes and X: `contig, position, reference, alternate,
    transmitted, untransmitted, statistic` (chi-squared, one degree; missing where no parent tells) and
    `p_value`. `n_trios` are those with all three genomes, `n_left_out` the others.
    """

    variants: pd.DataFrame
    n_trios: int
    n_left_out: int

    def __repr__(self) -> str:
        return f"Transmission(variants={len(self.variants):,}, trios={self.n_trios:,})"


def transmission_disequilibrium(
    genotypes: Genotypes, *, trios: Sequence[Trio], engine: Engine = "auto"
) -> Transmission:
    """Return for each variant how often parents with one copy of the alternate handed it to their child.

    Children have to be affected, or the test asks another question; they need not be, and controls of
    the method are families of unaffected children. Outside its pseudoautosomal ends, X is handed to
    sons by mothers only, and a father counts as what he has: his one copy tells nothing. A trio with a
    genotype missing, or one that contradicts inheritance, counts for nothing at that variant. The
    local engine needs a byte for each genotype of the trios.

    Raises
    ------
    AnalysisError
        When no trio has three genomes.
    """
    chosen = choose_engine(engine)
    mt = genotypes.mt
    held = set(mt.participant_id.collect())
    whole = [trio for trio in trios if {trio.child, trio.father, trio.mother} <= held]
    if not whole:
        raise AnalysisError(
            f"None of the {len(trios):,} trios has the genomes of a child and both parents: load their families."
        )
    found = (_by_hail if chosen == "hail" else _locally)(genotypes, whole)
    return Transmission(
        provenance=genotypes.provenance.then(
            "transmission_disequilibrium", trios=len(whole), engine=chosen
        ),
        variants=_tested(found),
        n_trios=len(whole),
        n_left_out=len(trios) - len(whole),
    )


def count_transmissions(
    child: Counts, father: Counts, mother: Counts, *, from_mother_only: npt.NDArray[np.bool_] | bool
) -> tuple[Counts, Counts]:
    """Return how many alternates were handed on and how many not, for arrays of dosages of one shape.

    -1 is missing. Where `from_mother_only` the child has one copy, 0 or 2, and the father's does not
    matter; a father with one copy of two there is an error, and the trio counts for nothing.
    """
    import numpy as np

    known = (child >= 0) & (father >= 0) & (mother >= 0)
    # One that is the same on both of a parent's copies tells nothing; what is left of the child's is
    # what the telling parents gave.
    given_by_father, given_by_mother = father // 2, mother // 2
    father_tells, mother_tells = father == 1, mother == 1
    telling = father_tells.astype(int) + mother_tells
    handed = (
        child
        - np.where(father_tells, 0, given_by_father)
        - np.where(mother_tells, 0, given_by_mother)
    )
    possible = known & (telling > 0) & (handed >= 0) & (handed <= telling)
    on_x = known & mother_tells & ~father_tells & (child != 1)
    counts = np.where(from_mother_only, on_x, possible)
    transmitted = np.where(counts, np.where(from_mother_only, child // 2, handed), 0)
    untransmitted = np.where(counts, np.where(from_mother_only, 1, telling) - transmitted, 0)
    return transmitted, untransmitted


def _locally(genotypes: Genotypes, trios: Sequence[Trio]) -> pd.DataFrame:
    import numpy as np

    from gecip.genotypes.dosages import dosage_matrix

    matrix = dosage_matrix(_of_trios(genotypes, trios))
    place = {name: column for column, name in enumerate(matrix.people["participant_id"])}
    columns = [
        np.array([place[getattr(trio, who)] for trio in trios])
        for who in ("child", "father", "mother")
    ]
    daughters = np.array([trio.is_female for trio in trios])
    counts = np.zeros((2, len(matrix.dosages)), dtype=np.int64)
    of_x = _beyond_the_ends_of_x(matrix)
    for start in range(0, len(matrix.dosages), VARIANTS_AT_ONCE):
        rows = slice(start, start + VARIANTS_AT_ONCE)
        child, father, mother = (matrix.dosages[rows][:, some].astype(np.int64) for some in columns)
        x = of_x[rows, None]
        # One copy of X is written as 0 or 1, and is all that its owner has.
        father = np.where(x & (father > 0), 2, father)
        sons = x & ~daughters[None, :]
        child = np.where(sons & (child > 0), 2, child)
        handed, kept = count_transmissions(child, father, mother, from_mother_only=sons)
        counts[0, rows], counts[1, rows] = handed.sum(axis=1), kept.sum(axis=1)
    return matrix.variants.assign(transmitted=counts[0], untransmitted=counts[1])


def _of_trios(genotypes: Genotypes, trios: Sequence[Trio]) -> Genotypes:
    import hail as hl

    mt = genotypes.mt
    ids = hl.tset(mt.participant_id.dtype)
    wanted = hl.literal(
        {one for trio in trios for one in (trio.child, trio.father, trio.mother)}, ids
    )
    mt = mt.filter_cols(wanted.contains(mt.participant_id))
    mt = mt.filter_rows(mt.locus.in_autosome() | mt.locus.in_x_par() | mt.locus.in_x_nonpar())
    men = hl.literal(
        {trio.father for trio in trios} | {trio.child for trio in trios if not trio.is_female},
        ids,
    )
    # A man with two different copies of X is an error of the call.
    impossible = mt.locus.in_x_nonpar() & men.contains(mt.participant_id) & mt.GT.is_het_ref()
    mt = mt.annotate_entries(GT=hl.or_missing(~(impossible & mt.GT.is_diploid()), mt.GT))
    return genotypes.with_matrix(mt, because="trios, autosomes and X")


def _beyond_the_ends_of_x(matrix: DosageMatrix) -> npt.NDArray[np.bool_]:
    import hail as hl
    import numpy as np

    variants = matrix.variants
    inside = np.zeros(len(variants), dtype=bool)
    position = variants["position"].to_numpy()
    for interval in hl.get_reference("GRCh38").par:
        if interval.start.contig == "chrX":
            inside |= (position >= interval.start.position) & (position < interval.end.position)
    return (variants["contig"] == "chrX").to_numpy() & ~inside


def _by_hail(genotypes: Genotypes, trios: Sequence[Trio]) -> pd.DataFrame:
    import hail as hl
    import pandas as pd

    mt = _of_trios(genotypes, trios).mt
    mt = mt.filter_rows(hl.len(mt.alleles) == 2)
    mt = mt.key_cols_by(s=hl.str(mt.participant_id))
    pedigree = hl.Pedigree(
        [
            hl.Trio(
                str(trio.child),
                str(trio.child),
                str(trio.father),
                str(trio.mother),
                is_female=trio.is_female,
            )
            for trio in trios
        ]
    )
    # Whoever has one copy of X is written with one; Hail's table of transmissions asks for two alike.
    single = mt.GT.is_haploid() & (mt.GT[0] > 0)
    mt = mt.annotate_entries(GT=hl.if_else(single, hl.call(mt.GT[0], mt.GT[0]), mt.GT))
    rows = hl.transmission_disequilibrium_test(mt.select_entries("GT"), pedigree).collect()
    return pd.DataFrame(
        {
            "contig": [row.locus.contig for row in rows],
            "position": [row.locus.position for row in rows],
            "reference": [row.alleles[0] for row in rows],
            "alternate": [row.alleles[1] for row in rows],
            "transmitted": [int(row.t or 0) for row in rows],
            "untransmitted": [int(row.u or 0) for row in rows],
        }
    )


def _tested(found: pd.DataFrame) -> pd.DataFrame:
    import numpy as np
    from scipy.stats import chi2

    handed, kept = (found[name].to_numpy(dtype=float) for name in ("transmitted", "untransmitted"))
    told: Any = np.where(handed + kept > 0, handed + kept, np.nan)
    statistic = (handed - kept) ** 2 / told
    return found.assign(statistic=statistic, p_value=chi2.sf(statistic, 1))
