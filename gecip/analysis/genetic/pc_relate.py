"""Kinship and shared alleles with ancestry taken out: PC-Relate, for cohorts of many ancestries and mixed parents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.analysis.genetic.engine import Engine, choose_engine
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
# Above this kinship, between the first and second degree, IBD0 is told by opposite homozygotes; below it follows from
# kinship and IBD2, which then is steadier (Conomos 2016).
NEAR = 2 ** (-5 / 2)
VARIANTS_AT_ONCE = 1_024


@dataclass(frozen=True, repr=False, eq=False)
class RelatednessByComponents(Result):
    """Pairs of people: `participant_id, other_participant_id, kinship, ibd0, ibd1, ibd2`; row level."""

    pairs: pd.DataFrame

    def __repr__(self) -> str:
        return f"RelatednessByComponents(pairs={len(self.pairs):,})"


def pc_relate(
    genotypes: Genotypes,
    scores: pd.DataFrame,
    *,
    rarest: float = RAREST,
    engine: Engine = "auto",
) -> RelatednessByComponents:
    """Return kinship and the shares of the genome with 0, 1 and 2 alleles identical by descent, ancestry taken out.

    Each person's own allele frequency at each variant is what a regression of the dosage on the components
    expects; kinship is what dosages deviate from it together (Conomos 2016, as GENESIS has it). A missing
    dosage is not used for the pair; in the regression it counts as the mean. `hail` leaves a variant out altogether where
    anybody's is missing, so that the engines agree where none is.

    Parameters
    ----------
    genotypes
        Common autosomal variants out of linkage (`high_quality_sites`).
    scores
        `participant_id` and `PC1`, `PC2`, …, as `PrincipalComponents.scores`; of unrelated people's components at best.
    rarest
        A person's own frequency outside `rarest` to `1 - rarest` is not used.
    engine
        `hail` is `hl.pc_relate`. `local` needs a byte for each genotype, and 64 bytes for each
        two people.

    Raises
    ------
    AnalysisError
        When somebody has no scores.
    """
    chosen = choose_engine(engine)
    names = [name for name in scores.columns if name.startswith("PC")]
    run = _by_hail if chosen == "hail" else _locally
    return RelatednessByComponents(
        provenance=genotypes.provenance.then(
            "pc_relate", components=len(names), rarest=rarest, engine=chosen
        ),
        pairs=run(genotypes, scores.set_index("participant_id")[names], rarest),
    )


def _locally(genotypes: Genotypes, scores: pd.DataFrame, rarest: float) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    from gecip.genotypes.dosages import dosage_matrix

    mt = genotypes.mt
    dosages, _, people = dosage_matrix(
        genotypes.with_matrix(
            mt.filter_rows(mt.locus.in_autosome()), because="sex chromosomes tell sex"
        )
    )
    ids = people["participant_id"]
    if not ids.isin(scores.index).all():
        raise AnalysisError(
            "Somebody among these genotypes has no scores: compute components of the same people."
        )
    kinship, zero, one, two = relate(dosages, scores.loc[ids].to_numpy(dtype=float), rarest=rarest)
    first, other = np.triu_indices(len(ids), 1)
    return pd.DataFrame(
        {
            "participant_id": ids.array.take(first),
            "other_participant_id": ids.array.take(other),
            "kinship": kinship[first, other],
            "ibd0": zero[first, other],
            "ibd1": one[first, other],
            "ibd2": two[first, other],
        }
    )


def relate(
    dosages: Dosages, scores: Numbers, *, rarest: float = RAREST
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return kinship, IBD0, IBD1 and IBD2 of all pairs, each of shape (people, people).

    Parameters
    ----------
    dosages
        Shape (variants, people), -1 where missing.
    scores
        Shape (people, components).
    """
    import numpy as np

    people = dosages.shape[1]
    sums = {
        name: np.zeros((people, people)) for name in ("shared", "spread", "opposite", "expected")
    }
    for known, dosage, own in _expected(dosages, scores, rarest):
        apart = np.where(known, dosage - 2 * own, 0.0)
        deviation = np.where(known, np.sqrt(own * (1 - own)), 0.0)
        sums["shared"] += apart.T @ apart
        sums["spread"] += deviation.T @ deviation
        sums["opposite"] += _both_ways(known & (dosage == 0), known & (dosage == 2))
        sums["expected"] += _both_ways(
            np.where(known, (1 - own) ** 2, 0.0), np.where(known, own**2, 0.0)
        )
    kinship = sums["shared"] / (4 * sums["spread"])
    inbred = 2 * np.diag(kinship) - 1
    above, below = np.zeros((people, people)), np.zeros((people, people))
    for known, dosage, own in _expected(dosages, scores, rarest):
        variance = own * (1 - own)
        # Conomos's coding by dominance: 0, and the own frequency or its complement for homozygotes.
        dominance = np.select([dosage == 0, dosage == 2], [own, 1 - own], 0.0)
        centred = np.where(known, dominance - variance * (1 + inbred), 0.0)
        weight = np.where(known, variance, 0.0)
        above += centred.T @ centred
        below += weight.T @ weight
    two = above / below
    of_opposites = sums["opposite"] / np.maximum(sums["expected"], np.finfo(float).tiny)
    zero = np.where(kinship > NEAR, of_opposites, 1 - 4 * kinship + two)
    return kinship, zero, 1 - zero - two, two


def _expected(
    dosages: Dosages, scores: Numbers, rarest: float
) -> Iterator[tuple[npt.NDArray[np.bool_], Dosages, Numbers]]:
    """Yield blocks of variants: what is known and usable, dosages, and everybody's own frequency."""
    import numpy as np

    design = np.column_stack([np.ones(len(scores)), scores])
    basis, _ = np.linalg.qr(design)
    for start in range(0, len(dosages), VARIANTS_AT_ONCE):
        block = dosages[start : start + VARIANTS_AT_ONCE]
        known = block >= 0
        counts = np.maximum(known.sum(axis=1), 1)
        mean = np.where(known, block, 0).sum(axis=1) / counts
        filled = np.where(known, block, mean[:, None])
        own = (filled @ basis) @ basis.T / 2
        usable = known & (own > rarest) & (own < 1 - rarest)
        # What is not usable is never looked at, and may lie outside 0 to 1.
        yield usable, block, np.clip(own, 0.0, 1.0)


def _both_ways(one: npt.NDArray[np.generic], other: npt.NDArray[np.generic]) -> Numbers:
    import numpy as np

    product = one.astype(np.float64).T @ other.astype(np.float64)
    return product + product.T


def _by_hail(genotypes: Genotypes, scores: pd.DataFrame, rarest: float) -> pd.DataFrame:
    import hail as hl
    import pandas as pd

    mt = genotypes.mt
    mt = mt.filter_rows(mt.locus.in_autosome() & (hl.len(mt.alleles) == 2)).select_entries("GT")
    ids = mt.participant_id.collect()
    if not set(ids) <= set(scores.index):
        raise AnalysisError(
            "Somebody among these genotypes has no scores: compute components of the same people."
        )
    rows = scores.loc[ids].to_numpy(dtype=float).tolist()
    mt = mt.add_col_index("number").key_cols_by("number")
    told = hl.literal(rows, hl.tarray(hl.tarray(hl.tfloat64)))
    mt = mt.annotate_cols(scores=told[hl.int32(mt.number)])
    found = hl.pc_relate(mt.GT, rarest, scores_expr=mt.scores, statistics="all").key_by()
    found = found.select(
        i=found.i.number,
        j=found.j.number,
        kinship=found.kin,
        ibd0=found.ibd0,
        ibd1=found.ibd1,
        ibd2=found.ibd2,
    )
    pairs = found.to_pandas().sort_values(["i", "j"], ignore_index=True)
    series = pd.Series(ids)
    return pd.DataFrame(
        {
            "participant_id": series.array.take(pairs["i"]),
            "other_participant_id": series.array.take(pairs["j"]),
            **{name: pairs[name] for name in ("kinship", "ibd0", "ibd1", "ibd2")},
        }
    )
