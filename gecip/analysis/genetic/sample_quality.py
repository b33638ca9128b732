"""Sample quality: what a person's calls look like, against fixed thresholds and against people of like ancestry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.ancestry import PREDICTIONS
from gecip.analysis.genetic.reference_space import AT_LEAST, UNASSIGNED
from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.genotypes.named_thresholds import SIGNS, named_set, named_sets
from gecip.model.genomes import AggregateGvcfSampleStats

if TYPE_CHECKING:
    import hail as hl
    import pandas as pd

    from gecip.cohort.selection import Cohort
    from gecip.genotypes import Genotypes

# gnomAD's adjusted genotypes.
LEAST_GQ, LEAST_DEPTH, LEAST_DEPTH_OF_ONE_COPY, LEAST_BALANCE = 20, 10, 5, 0.2
RAREST_FOR_INBREEDING = 0.05
# Scales the median absolute deviation to the standard deviation of a normal distribution.
MAD_TO_DEVIATION = 1.4826
METRICS = (
    "call_rate", "het_hom_ratio", "ti_tv_ratio", "singletons", "inbreeding", "mean_depth", "mean_gq",
)  # fmt: skip
ALL_TOGETHER = "All together"


@dataclass(frozen=True)
class SampleTest:
    """One fixed test of a column of the release's sample statistics."""

    name: str
    column: str
    limits: tuple[tuple[str, float], ...]
    source: str

    @property
    def threshold(self) -> str:
        """Return the limits in words, as `≥ 95`."""
        return " and ".join(f"{SIGNS[sign]} {limit:,g}" for sign, limit in self.limits)


@dataclass(frozen=True)
class SampleThresholds:
    """A named set: fixed tests, and which metrics are held against people of like ancestry."""

    name: str
    about: str
    tests: tuple[SampleTest, ...]
    metrics: tuple[str, ...]
    deviations: float
    smallest_group: int


@dataclass(frozen=True, repr=False, eq=False)
class SampleQuality(Result):
    """What everybody's calls look like, and who fails.

    Attributes
    ----------
    people
        One row per person: `participant_id, family_id, ancestry, call_rate, het_hom_ratio, ti_tv_ratio, singletons,
        inbreeding` (F at common sites), `mean_depth, mean_gq` (missing where the callset has no DP or GQ).
    failed
        One row for each test that a person fails: `participant_id, family_id, test, value, threshold`.
        Row level.
    tests
        The names of the tests made, in order; outliers are `<metric>, by ancestry`.
    not_tested
        Tests of the set for which the release has no value.
    """

    people: pd.DataFrame
    failed: pd.DataFrame
    tests: tuple[str, ...]
    not_tested: tuple[str, ...]

    def __repr__(self) -> str:
        return f"SampleQuality(people={len(self.people):,}, tests={len(self.tests)}, failing={self.failed['participant_id'].nunique():,})"


def sample_thresholds(name: str) -> SampleThresholds:
    """Return a named set of thresholds for samples.

    Raises
    ------
    AnalysisError
        When there is none of that name; the message lists those that there are.
    """
    return named_set(_sets(), name, what="thresholds", error=AnalysisError)


@cache
def _sets() -> Mapping[str, SampleThresholds]:
    return named_sets("gecip.analysis.genetic", "sample_quality.toml", _set)


def _set(name: str, words: Mapping[str, Any]) -> SampleThresholds:
    return SampleThresholds(
        name=name,
        about=words["about"],
        tests=tuple(
            SampleTest(
                test["name"],
                test["column"],
                tuple((sign, float(test[sign])) for sign in SIGNS if sign in test),
                test["source"],
            )
            for test in words.get("test", ())
        ),
        metrics=tuple(words["outliers"]["metrics"]),
        deviations=float(words["outliers"]["deviations"]),
        smallest_group=int(words["outliers"]["smallest_group"]),
    )


def sample_quality(
    genotypes: Genotypes, *, thresholds: str = "aggregate", adjusted: bool = False
) -> SampleQuality:
    """Return what everybody's autosomal calls look like, who fails a fixed test, and who stands out.

    Ratios, singletons and F hang together with ancestry, so that people are held against the median of those of
    like ancestry by the programme's inference (0.8 or more; others together), in median absolute
    deviations scaled to standard ones. A group below the set's smallest size joins `All together`; where everybody is
    alike nobody stands out. Reads the genotypes twice.

    Parameters
    ----------
    genotypes
        The whole genome, unfiltered or at sites that pass.
    thresholds
        A set of `sample_quality.toml`.
    adjusted
        Count only genotypes as gnomAD adjusts them: GQ of at least 20, depth of at least 10 (5 of one copy), and of a
        heterozygote's reads at least a fifth for the alternate allele.

    Raises
    ------
    AnalysisError
        When there is no such set, or adjusted genotypes are asked for and the callset lacks GQ, DP or AD.
    """
    chosen = sample_thresholds(thresholds)
    people = _metrics(_adjusted(genotypes.mt) if adjusted else genotypes.mt)
    stats = _sample_stats(genotypes.cohort, chosen)
    people.insert(2, "ancestry", people["participant_id"].map(stats["ancestry"]).fillna(UNASSIGNED))
    fixed, made, lacking = _fixed(people, stats, chosen)
    outliers, held = outliers_by_group(
        people, chosen.metrics, deviations=chosen.deviations, smallest_group=chosen.smallest_group
    )
    import pandas as pd

    return SampleQuality(
        provenance=genotypes.provenance.then(
            "sample_quality", thresholds=thresholds, adjusted=adjusted
        ),
        people=people,
        failed=pd.concat(
            [one for one in (fixed, outliers) if len(one)] or [fixed], ignore_index=True
        ),
        tests=(*made, *held),
        not_tested=lacking,
    )


def outliers_by_group(
    people: pd.DataFrame, metrics: Sequence[str], *, deviations: float, smallest_group: int
) -> tuple[pd.DataFrame, list[str]]:
    """Return who lies too many median absolute deviations from the median of their group, and the tests made.

    Parameters
    ----------
    people
        `participant_id, family_id, ancestry` and the metrics; a missing value never stands out.
    """
    import numpy as np
    import pandas as pd

    sizes = people["ancestry"].value_counts()
    group = people["ancestry"].where(people["ancestry"].map(sizes) >= smallest_group, ALL_TOGETHER)
    found, made = [], []
    for metric in metrics:
        values = people[metric].astype(float)
        if values.notna().sum() < smallest_group:
            continue
        name = f"{metric}, by ancestry"
        made.append(name)
        for label in sorted(group.unique()):
            mine = values if label == ALL_TOGETHER else values[group == label]
            middle = np.nanmedian(mine)
            spread = MAD_TO_DEVIATION * np.nanmedian(np.abs(mine - middle))
            if not spread > 0:
                continue
            own = values[group == label]
            far = own[(own - middle).abs() > deviations * spread]
            rows = people.loc[far.index, ["participant_id", "family_id"]]
            words = f"{middle:.4g} ± {deviations * spread:.2g}"
            found.append(rows.assign(test=name, value=far, threshold=words))
    columns = ["participant_id", "family_id", "test", "value", "threshold"]
    return (pd.concat(found) if found else pd.DataFrame(columns=columns))[columns], made


def _metrics(mt: hl.MatrixTable) -> pd.DataFrame:
    import hail as hl

    mt = mt.filter_rows(mt.locus.in_autosome() & (hl.len(mt.alleles) == 2))
    known = 2.0 * hl.agg.count_where(hl.is_defined(mt.GT))
    mt = mt.annotate_rows(
        carried=hl.agg.sum(mt.GT.n_alt_alleles()),
        frequency=hl.agg.sum(mt.GT.n_alt_alleles()) / known,
    )
    depth = hl.agg.mean(mt.DP) if "DP" in mt.entry else hl.missing(hl.tfloat64)
    quality = hl.agg.mean(mt.GQ) if "GQ" in mt.entry else hl.missing(hl.tfloat64)
    turns = hl.is_transition(mt.alleles[0], mt.alleles[1])
    single = hl.is_snp(mt.alleles[0], mt.alleles[1])
    common = (mt.frequency >= RAREST_FOR_INBREEDING) & (mt.frequency <= 1 - RAREST_FOR_INBREEDING)
    alternates = mt.GT.n_alt_alleles()
    told = mt.select_cols(
        "family_id",
        call_rate=hl.agg.fraction(hl.is_defined(mt.GT)),
        heterozygotes=hl.agg.count_where(mt.GT.is_het()),
        homozygotes=hl.agg.count_where(mt.GT.is_hom_var()),
        transitions=hl.agg.filter(single & turns, hl.agg.sum(alternates)),
        transversions=hl.agg.filter(single & ~turns, hl.agg.sum(alternates)),
        singletons=hl.agg.count_where((mt.carried == 1) & (alternates == 1)),
        inbreeding=hl.agg.filter(common, hl.agg.inbreeding(mt.GT, mt.frequency)).f_stat,
        mean_depth=depth,
        mean_gq=quality,
    )
    frame: pd.DataFrame = told.key_cols_by().cols().to_pandas()
    parts = (
        ("heterozygotes", "homozygotes", "het_hom_ratio"),
        ("transitions", "transversions", "ti_tv_ratio"),
    )
    for above, below, name in parts:
        frame[name] = frame[above] / frame[below].where(frame[below] > 0).astype(float)
    return frame[["participant_id", "family_id", *METRICS]]


def _adjusted(mt: hl.MatrixTable) -> hl.MatrixTable:
    """Return the genotypes with those missing that are not good enough."""
    import hail as hl

    lacking = [name for name in ("GQ", "DP", "AD") if name not in mt.entry]
    if lacking:
        raise AnalysisError(
            f"Adjusted genotypes need GQ, DP and AD, and these have no {' and no '.join(lacking)}: use adjusted=False."
        )
    least = hl.if_else(mt.GT.ploidy == 1, LEAST_DEPTH_OF_ONE_COPY, LEAST_DEPTH)
    deep = least <= mt.DP
    balanced = ~mt.GT.is_het() | (mt.AD[1] >= LEAST_BALANCE * mt.DP)
    return mt.annotate_entries(GT=hl.or_missing((mt.GQ >= LEAST_GQ) & deep & balanced, mt.GT))


def _sample_stats(cohort: Cohort, chosen: SampleThresholds) -> pd.DataFrame:
    """Return the release's own statistics by participant, with `ancestry`; empty where it has no such table."""
    import numpy as np
    import pandas as pd

    if AggregateGvcfSampleStats.name not in cohort.release.tables:
        return pd.DataFrame({"ancestry": pd.Series(dtype=object)})
    have = set(cohort.release.dataset(AggregateGvcfSampleStats).schema.names)
    predictions = [name for name in PREDICTIONS if name in have]
    wanted = [*predictions, *(test.column for test in chosen.tests if test.column in have)]
    rows = cohort.rows(AggregateGvcfSampleStats, ["platekey", *wanted])
    rows = rows[rows["platekey"].isin(cohort.samples)].drop_duplicates("participant_id")
    rows = rows.set_index("participant_id")
    if not predictions:
        return rows.assign(ancestry=UNASSIGNED)
    likely = rows[predictions].to_numpy(dtype=float)
    likely = np.nan_to_num(likely)
    names = np.array([PREDICTIONS[name] for name in predictions], dtype=object)
    return rows.assign(
        ancestry=np.where(likely.max(axis=1) >= AT_LEAST, names[likely.argmax(axis=1)], UNASSIGNED)
    )


def _fixed(
    people: pd.DataFrame, stats: pd.DataFrame, chosen: SampleThresholds
) -> tuple[pd.DataFrame, list[str], tuple[str, ...]]:
    """Return who fails a fixed test, the tests made, and those that could not be."""
    import pandas as pd

    columns = ["participant_id", "family_id", "test", "value", "threshold"]
    found: list[pd.DataFrame] = []
    made, lacking = [], []
    for test in chosen.tests:
        values = people["participant_id"].map(stats[test.column]) if test.column in stats else None
        if values is None or not values.notna().any():
            lacking.append(test.name)
            continue
        made.append(test.name)
        fails = values.notna() & ~_within(values, test)
        rows = people.loc[fails, ["participant_id", "family_id"]]
        found.append(rows.assign(test=test.name, value=values[fails], threshold=test.threshold))
    return pd.concat(found) if found else pd.DataFrame(columns=columns), made, tuple(lacking)


def _within(values: pd.Series[Any], test: SampleTest) -> pd.Series[bool]:
    compare: dict[str, Any] = {
        "at_least": values.ge,
        "above": values.gt,
        "at_most": values.le,
        "below": values.lt,
    }
    good = values.notna()
    for sign, limit in test.limits:
        good &= compare[sign](limit)
    return good
