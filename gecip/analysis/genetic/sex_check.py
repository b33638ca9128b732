"""Sex by the genome against sex on record: heterozygosity and depth of X, and coverage of X and Y."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.model.genomes import AggregateGvcfSampleStats

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.cohort.selection import Cohort
    from gecip.genotypes import Genotypes

    Numbers = npt.NDArray[np.float64]

# PLINK's and Hail's bounds of F; between them nothing is said.
TWO_COPIES_BELOW, ONE_COPY_ABOVE = 0.2, 0.8
# Depth of X over that of the autosomes is about a half for one copy and 1 for two: this parts them.
DEPTH_BETWEEN = 0.75
F_BETWEEN = 0.5
RAREST = 0.05
FEWEST_SITES = 30
XX, XY, UNCLEAR = "XX", "XY", "unclear"
_RECORDED = {"Male": XY, "Female": XX}


@dataclass(frozen=True, repr=False, eq=False)
class SexCheck(Result):
    """Whether everybody's X chromosomes agree with the recorded sex.

    Attributes
    ----------
    people
        One row per person: `participant_id, family_id, recorded` (`Male`, `Female` or another word), `f_statistic`
        of X, `sites` at which the person is known, `depth_ratio` of X to the autosomes (missing where
        the callset has no DP), `karyotype` (by coverage of X and Y, as the release tells it; missing where it does not),
        `genome` (`XX`, `XY` or `unclear`), `agrees` (missing where either side says nothing) and `depth_disagrees`
        (heterozygosity says one thing and depth of X or the karyotype another, as in XXY or X0).
    sites
        How many sites of X were used.
    """

    people: pd.DataFrame
    sites: int

    def __repr__(self) -> str:
        wrong = int((self.people["agrees"] == False).sum())  # noqa: E712 - missing is neither
        return f"SexCheck(people={len(self.people):,}, disagree={wrong}, sites={self.sites:,})"


def check_sex(genotypes: Genotypes, *, rarest: float = RAREST) -> SexCheck:
    """Return sex by the genome beside sex on record.

    F of X outside the pseudoautosomal regions is (observed - expected) / (all - expected) homozygotes, with
    2p(1-p) heterozygotes expected, p from people with two copies where there are any; one copy counts as
    homozygous. Below 0.2 it is XX, above 0.8 XY (PLINK, `hl.impute_sex`). Between them, where inbred women and
    few sites lie, depth of X over that of the autosomes (about 1 for two copies, a half for one) decides if
    it leans the same way as F does about 0.5; else it is unclear. Everywhere depth must not contradict F, nor must
    the karyotype that the release tells of the sample (`aggregate_gvcf_sample_stats`): it rests on the coverage of X and Y,
    and the aggregate has no calls of Y. Reads the genotypes of X once, and those of chromosome 20 (or of the first autosome there is) for their depth.

    Parameters
    ----------
    genotypes
        With chrX; common sites of it that pass the aggregate's filters are used.
    rarest
        Of the rarer allele.

    Raises
    ------
    AnalysisError
        When there are fewer than 30 sites of X.
    """
    import numpy as np
    import pandas as pd

    copies, dosages, depth = _calls_of_x(genotypes)
    used = _common(copies, dosages, rarest)
    if used.sum() < FEWEST_SITES:
        raise AnalysisError(
            f"Sex is told by at least {FEWEST_SITES} common sites of chrX outside the pseudoautosomal regions, and these "
            f"genotypes have {int(used.sum())}: load chrX too."
        )
    f_statistic, known = inbreeding_of(copies[used], dosages[used])
    ratio = (
        depth / _depth_of_autosome(genotypes) if depth is not None else np.full(len(known), np.nan)
    )
    cols = genotypes.mt.key_cols_by().cols()
    columns = cols.select("participant_id", "family_id", "sex").to_pandas()
    karyotype = columns["participant_id"].map(_karyotypes(genotypes.cohort))
    genome = _told(f_statistic, ratio)
    expected = columns["sex"].map(_RECORDED)
    agrees = pd.Series(pd.NA, index=columns.index, dtype="boolean")
    told = expected.notna() & (genome != UNCLEAR)
    agrees[told] = (expected == genome)[told]
    disagrees = (
        ((genome == XX) & (ratio < DEPTH_BETWEEN))
        | ((genome == XY) & (ratio > DEPTH_BETWEEN))
        | (karyotype.notna() & (genome != UNCLEAR) & (karyotype != genome))
    )
    return SexCheck(
        provenance=genotypes.provenance.then("check_sex", rarest=rarest, sites=int(used.sum())),
        people=columns.rename(columns={"sex": "recorded"}).assign(
            f_statistic=f_statistic,
            sites=known,
            depth_ratio=ratio,
            karyotype=karyotype,
            genome=genome,
            agrees=agrees,
            depth_disagrees=disagrees,
        ),
        sites=int(used.sum()),
    )


def _karyotypes(cohort: Cohort) -> dict[Any, str]:
    """Return the sex chromosomes by coverage of each person's sample in the aggregate; nobody's where none are told."""
    table = AggregateGvcfSampleStats
    if table.name not in cohort.release.tables:
        return {}
    if "karyotype" not in cohort.release.dataset(table).schema.names:
        return {}
    rows = cohort.rows(table, ["platekey", "karyotype"])
    rows = rows[rows["platekey"].isin(cohort.samples)].dropna(subset=["karyotype"])
    return dict(zip(rows["participant_id"].tolist(), rows["karyotype"].tolist(), strict=True))


def _told(f_statistic: Numbers, ratio: Numbers) -> npt.NDArray[np.object_]:
    """Return XX, XY or unclear: between the bounds of F, depth decides where it leans the same way."""
    import numpy as np

    two = (f_statistic < TWO_COPIES_BELOW) | ((f_statistic < F_BETWEEN) & (ratio > DEPTH_BETWEEN))
    one = (f_statistic > ONE_COPY_ABOVE) | ((f_statistic > F_BETWEEN) & (ratio < DEPTH_BETWEEN))
    return np.select([two, one], [XX, XY], UNCLEAR).astype(object)


def inbreeding_of(
    copies: npt.NDArray[np.int8], dosages: npt.NDArray[np.int8]
) -> tuple[Numbers, npt.NDArray[np.int64]]:
    """Return F of each person, and at how many sites each is known; NaN where nothing is expected.

    Parameters
    ----------
    copies
        How many alleles were called: 2, 1, or 0 where missing; shape (sites, people).
    dosages
        How many of them are alternate.
    """
    import numpy as np

    frequency = _frequencies(copies, dosages)[:, None]
    known = copies > 0
    heterozygous = ((copies == 2) & (dosages == 1)).sum(axis=0)
    expected = np.where(known, 1 - 2 * frequency * (1 - frequency), 0.0).sum(axis=0)
    count = known.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        f = np.where(
            count > expected, (count - heterozygous - expected) / (count - expected), np.nan
        )
    return f, count


def _frequencies(copies: npt.NDArray[np.int8], dosages: npt.NDArray[np.int8]) -> Numbers:
    import numpy as np

    return dosages.sum(axis=1, dtype=np.int64) / np.maximum(copies.sum(axis=1, dtype=np.int64), 1)


def _common(
    copies: npt.NDArray[np.int8], dosages: npt.NDArray[np.int8], rarest: float
) -> npt.NDArray[np.bool_]:
    import numpy as np

    frequency = _frequencies(copies, dosages)
    known = (copies > 0).mean(axis=1) if copies.shape[1] else np.zeros(len(copies))
    return (np.minimum(frequency, 1 - frequency) >= rarest) & (known >= 0.9)


def _calls_of_x(
    genotypes: Genotypes,
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8], Numbers | None]:
    """Return alleles called and alternates, shape (sites, people), of X, and everybody's mean depth on it."""
    import hail as hl
    import numpy as np

    mt = genotypes.mt
    mt = mt.filter_rows(
        mt.locus.in_x_nonpar() & (hl.len(mt.alleles) == 2) & hl.is_snp(mt.alleles[0], mt.alleles[1])
    )
    if "filters" in mt.row:
        mt = mt.filter_rows(hl.len(hl.or_else(mt.filters, hl.empty_set(hl.tstr))) == 0)
    has_depth = "DP" in mt.entry
    entries = mt.select_entries(
        copies=hl.or_else(mt.GT.ploidy, 0),
        dosage=hl.or_else(mt.GT.n_alt_alleles(), 0),
        depth=hl.or_else(mt.DP, 0) if has_depth else 0,
    )
    rows = entries.localize_entries("calls", "people").select("calls").key_by().select("calls")
    collected = rows.aggregate(
        hl.agg.collect(
            (
                rows.calls.map(lambda one: one.copies),
                rows.calls.map(lambda one: one.dosage),
                rows.calls.map(lambda one: one.depth),
            )
        )
    )
    people = mt.count_cols()
    shape = (len(collected), people)
    copies, dosages, depths = (
        np.array([row[place] for row in collected], dtype=kind).reshape(shape)
        for place, kind in enumerate((np.int8, np.int8, np.int32))
    )
    return copies, dosages, depths.mean(axis=0) if has_depth and len(collected) else None


def _depth_of_autosome(genotypes: Genotypes) -> Numbers:
    """Return everybody's mean depth on one autosome: enough to tell one copy of X from two."""
    import hail as hl
    import numpy as np

    mt = genotypes.mt
    mt = mt.filter_rows(mt.locus.in_autosome())
    for part in (mt.filter_rows(mt.locus.contig == "chr20"), mt):
        means = part.annotate_cols(depth=hl.agg.mean(hl.or_else(part.DP, 0))).depth.collect()
        if any(mean is not None and mean == mean for mean in means):
            break
    return np.array([np.nan if mean is None else mean for mean in means], dtype=float)
