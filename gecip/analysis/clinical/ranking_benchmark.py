"""How often does a ranking put the right gene first? Methods side by side on the same people, with what chance allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.analysis.clinical.phenotype_ranking import Features, Method, rank_genes
from gecip.analysis.clinical.phenotype_tables import phenotype_tables
from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.progress import progress
from gecip.provenance import Provenance, software_versions

if TYPE_CHECKING:
    import pandas as pd

CIRCULAR = (
    "The ontology's annotations come in part from the papers that describe such cases: "
    "expect less of new patients, and compare methods with each other only."
)


@dataclass(frozen=True)
class KnownCase:
    """Somebody whose causal gene is known, with a name that tells cases apart and stays inside."""

    name: int | str
    gene: str
    features: Features
    family: int | str | None = None


@dataclass(frozen=True, repr=False, eq=False)
class RankingBenchmark(Result):
    """The rank of the causal gene of each case by each method.

    `ranks` has a row for each case and method: `participant_id, family_id, gene, method, rank`; the rank
    is missing where the ontology does not know the gene. Genes that fit equally well share the mean of
    their ranks, so that a method gains nothing by ties.
    """

    ranks: pd.DataFrame
    notes: tuple[str, ...] = (CIRCULAR,)

    def __repr__(self) -> str:
        return f"RankingBenchmark(cases={self.ranks['participant_id'].nunique():,}, methods={self.ranks['method'].nunique()})"


@dataclass(frozen=True)
class Gain:
    """By how much one method puts the causal gene among the first `top` more often than another, paired.

    `gain` is a difference of shares with its 95 % bootstrap interval over cases; `only_this` and
    `only_other` count the cases that only one of the two has there, and `p_value` is McNemar's, exact.
    """

    top: int
    share: float
    other_share: float
    gain: float
    low: float
    high: float
    only_this: int
    only_other: int
    p_value: float


def benchmark_ranking(
    cases: Sequence[KnownCase],
    *,
    methods: Sequence[Method] = ("likelihood", "graphic"),
    provenance: Provenance | None = None,
) -> RankingBenchmark:
    """Return the rank of the causal gene of each case by each method, over all genes.

    About 0.1 seconds a case and method.

    Raises
    ------
    AnalysisError
        When there are no cases, or two have one name.
    """
    import pandas as pd

    if not cases or len({case.name for case in cases}) < len(cases):
        raise AnalysisError(
            "A benchmark needs cases, each with a name of its own: check what was given."
        )
    tables = phenotype_tables()
    rows = [
        {
            "participant_id": case.name,
            "family_id": case.name if case.family is None else case.family,
            "gene": case.gene,
            "method": method,
            "rank": _mean_rank(case, method) if case.gene in tables.place_of_gene else None,
        }
        for case in progress(cases, title="Rank cases", unit="case")
        for method in methods
    ]
    start = provenance or Provenance("cases given by hand", software=software_versions())
    return RankingBenchmark(
        provenance=start.then(
            "benchmark_ranking", methods=list(methods), n_cases=len(cases), ontology=tables.version
        ),
        ranks=pd.DataFrame(rows).astype({"rank": "Float64"}),
    )


def _mean_rank(case: KnownCase, method: Method) -> float:
    rows = rank_genes(case.features, method=method).rows
    rank = int(rows.loc[rows["gene"] == case.gene, "rank"].iloc[0])
    return rank + (int((rows["rank"] == rank).sum()) - 1) / 2


def paired_gain(
    benchmark: RankingBenchmark,
    *,
    method: Method = "likelihood",
    other: Method = "graphic",
    top: int = 1,
    seed: int = 1,
) -> Gain:
    """Return by how much a method does better than another on the same cases; unknown genes count as not found."""
    ranks = benchmark.ranks.pivot_table(
        index="participant_id", columns="method", values="rank", dropna=False
    )
    for one in (method, other):
        if one not in ranks:
            raise AnalysisError(
                f"The benchmark has no method {one!r}: it has {', '.join(map(repr, ranks.columns))}."
            )
    return gain_of(
        ranks[method].astype(float).tolist(),
        ranks[other].astype(float).tolist(),
        top=top,
        seed=seed,
    )


def gain_of(
    ranks: Sequence[float], others: Sequence[float], *, top: int = 1, seed: int = 1
) -> Gain:
    """Return the paired gain of some ranks over others of the same cases; a rank that is no number is not among the first."""
    import numpy as np
    from scipy.stats import binomtest

    first, second = (np.asarray(one, dtype=float) <= top for one in (ranks, others))
    difference = first.astype(float) - second
    draws = np.random.default_rng(seed).integers(0, len(first), (4_000, len(first)))
    low, high = np.quantile(difference[draws].mean(axis=1), [0.025, 0.975])
    only_this, only_other = int((first & ~second).sum()), int((second & ~first).sum())
    discordant = only_this + only_other
    return Gain(
        top=top,
        share=float(first.mean()),
        other_share=float(second.mean()),
        gain=float(difference.mean()),
        low=float(low),
        high=float(high),
        only_this=only_this,
        only_other=only_other,
        p_value=float(binomtest(only_this, discordant).pvalue) if discordant else 1.0,
    )
