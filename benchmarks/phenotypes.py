"""Ranking genes by phenotype, against one call of hpo3, on one published case a gene: paired, in one run.

hpo3 answers for a seeded draw of 200 genes, as it takes a second a case; all genes are ranked by the
likelihood and by this package's own form of hpo3's similarity, which is much faster and gives hpo3's numbers.
"""

from __future__ import annotations

import functools
import os
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.measuring import measure, table
from gecip.analysis.clinical.ranking_benchmark import CIRCULAR, Gain, KnownCase, gain_of

DATA = Path(os.environ.get("GECIP_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")
SEED = 2026
DRAWN = 200
CHANCE_MARK = float("nan")

Ranks = list[float]


def run(workspace: Path, sizes: tuple[int, ...] = (DRAWN,)) -> Iterator[str]:  # noqa: ARG001
    """Yield the results as Markdown."""
    from gecip.analysis.clinical.phenotype_tables import phenotype_tables
    from tests.published_cases import CASES, developed_on, held_out

    if not (DATA / CASES).exists():
        yield f"\nNothing was measured: {CASES} of the public data is not there (set GECIP_TEST_DATA)."
        return
    everyone = _cases()
    drawn = _drawn(sizes[0])
    known = phenotype_tables().place_of_gene
    unknown = sum(case.gene not in known for case in everyone)
    yield (
        f"\nOne case of each of {len(everyone)} genes (seed {SEED}); {unknown} genes are unknown to hpo3 and count as "
        f"not found, so that no ranking can have more than {1 - unknown / len(everyone):.1%} first. {CIRCULAR}\n"
    )
    peer = measure("benchmarks.phenotypes:by_hpo3", str(sizes[0]), turns=1)
    ours = measure("benchmarks.phenotypes:by_likelihood", str(sizes[0]), turns=2)
    n = len(drawn)
    yield table(
        [f"{n} genes drawn", "first", "in the first ten", "s a case", "peak memory, MB"],
        [
            _row("hpo3, graphic, funSimAvg", peer.answer, peer.cold_seconds, peer.peak_megabytes),
            _row("likelihood", ours.answer, ours.warm_seconds, ours.peak_megabytes),
        ],
    )
    yield "\n" + _gains(ours.answer, peer.answer, f"hpo3 on {n} genes")
    found = {
        name: _ranks(everyone, name)
        for name in ("likelihood", "graphic", "overlap", "resnik", "lin")
    }
    found["likelihood without excluded terms"] = _ranks(everyone, "likelihood", excluded=False)
    halves = {
        "developed on": {case.gene for case in developed_on(everyone)},
        "held out": {case.gene for case in held_out(everyone)},
    }
    rows = []
    for name, ranks in found.items():
        cells = [name, *_shares(ranks)]
        cells += [
            _shares([r for r, c in zip(ranks, everyone, strict=True) if c.gene in genes])[0]
            for genes in halves.values()
        ]
        rows.append(cells)
    yield f"\nAll {len(everyone)} genes:\n\n" + table(
        ["method", "first", "in the first ten", *(f"first, half {name}" for name in halves)], rows
    )
    for name, genes in halves.items():
        mine, theirs = (
            [r for r, c in zip(found[one], everyone, strict=True) if c.gene in genes]
            for one in ("likelihood", "graphic")
        )
        yield "\n" + _gains(mine, theirs, f"graphic on the half {name} ({len(mine)} genes)")


def by_hpo3(size: str) -> Callable[[], Ranks]:
    """Rank by one call of hpo3 a case."""
    os.environ["RAYON_NUM_THREADS"] = str(os.cpu_count())
    from pyhpo import HPOSet, Ontology

    from gecip.analysis.clinical.phenotype_tables import phenotype_tables

    phenotype_tables()
    cases = _drawn(int(size))
    genes = list(Ontology.genes)
    sets = [gene.hpo_set() for gene in genes]
    places = {str(gene.name): place for place, gene in enumerate(genes)}

    def rank() -> Ranks:
        ranks = []
        for case in cases:
            scores = HPOSet.from_queries(list(case.features.observed)).similarity_scores(
                sets, "omim", "graphic", "funSimAvg"
            )
            ranks.append(_mean_rank(scores, places.get(case.gene)))
        return ranks

    return rank


def by_likelihood(size: str) -> Callable[[], Ranks]:
    """Rank by this package; the tables are made the first time."""
    cases = _drawn(int(size))
    return lambda: _ranks(cases, "likelihood")


def _ranks(cases: Sequence[KnownCase], method: str, *, excluded: bool = True) -> Ranks:
    from gecip.analysis.clinical.phenotype_ranking import Features, rank_genes

    ranks = []
    for case in cases:
        features = case.features if excluded else Features(case.features.observed)
        rows = rank_genes(features, method=method).rows  # type: ignore[arg-type]
        place = {gene: place for place, gene in enumerate(rows["gene"])}.get(case.gene)
        ranks.append(_mean_rank(rows["score"].tolist(), place))
    return ranks


def _mean_rank(scores: Sequence[float], place: int | None) -> float:
    """Return the rank of a place, ties sharing their mean; no number where there is no place."""
    if place is None:
        return CHANCE_MARK
    own = scores[place]
    return 1 + sum(score > own for score in scores) + (scores.count(own) - 1) / 2  # type: ignore[attr-defined]


@functools.cache
def _cases() -> list[KnownCase]:
    from tests.published_cases import CASES, one_case_a_gene

    return one_case_a_gene(DATA / CASES, seed=SEED)


def _drawn(size: int) -> list[KnownCase]:
    everyone = _cases()
    return random.Random(SEED).sample(everyone, min(size, len(everyone)))


def _shares(ranks: Sequence[float]) -> list[str]:
    return [f"{sum(rank <= top for rank in ranks) / len(ranks):.1%}" for top in (1, 10)]


def _row(name: str, ranks: Ranks, seconds: float, megabytes: float) -> list[str]:
    return [name, *_shares(ranks), f"{seconds / len(ranks):.3f}", f"{megabytes:,.0f}"]


def _gains(ranks: Ranks, others: Ranks, name: str) -> str:
    return "\n".join(_told(gain_of(ranks, others, top=top), name) for top in (1, 10))


def _told(gain: Gain, name: str) -> str:
    place = "first" if gain.top == 1 else f"in the first {gain.top}"
    return (
        f"- Paired with {name}, causal gene {place}: {gain.share:.1%} against {gain.other_share:.1%}, a gain of "
        f"{100 * gain.gain:+.1f} points (95 % bootstrap interval {100 * gain.low:+.1f} to {100 * gain.high:+.1f}; "
        f"{gain.only_this} cases only here, {gain.only_other} only there, McNemar p = {gain.p_value:.2g})."
    )
