"""How rankings of genes are said: listings of one person inside, a summary of how often the right gene came first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domains.rare_disease.fitting_genes import CombinedRanking
from gecip.analysis.clinical.phenotype_ranking import PhenotypeRanking, explain_gene
from gecip.analysis.clinical.ranking_benchmark import RankingBenchmark
from gecip.reporting import Listing, Summary, count_people, list_rows, summarise

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN = 20
UNKNOWN = "gene unknown to the ontology"
_PLACES: Sequence[tuple[float, str]] = (
    (1, "first"),
    (3, "second or third"),
    (10, "4 to 10"),
    (50, "11 to 50"),
    (float("inf"), "after 50"),
)


@list_rows.register
def list_ranking(result: PhenotypeRanking) -> Listing:
    """Return the best twenty genes or diseases for one person, and how many were ranked."""
    ranked = int(result.rows["rank"].notna().sum())
    of = f"{result.rows.columns[1]}s"
    return Listing(
        title=f"{of.capitalize()} by how well they fit one person's features",
        rows=result.rows.head(SHOWN),
        notes=(
            (
                f"The first {min(SHOWN, len(result.rows))} of {ranked:,} {of} ranked by {result.method}; "
                f"{len(result.features.observed)} features observed, {len(result.features.excluded)} excluded."
            ),
            *result.remarks,
        ),
        provenance=result.provenance.then("list_rows", of="PhenotypeRanking"),
    )


@list_rows.register
def list_combined(result: CombinedRanking) -> Listing:
    """Return a person's candidate genes by features and variants together."""
    return Listing(
        title="Candidate genes by features and variants together",
        rows=result.rows,
        notes=(
            "The posterior takes exactly one of the candidates to explain the disease.",
            *result.remarks,
        ),
        provenance=result.provenance.then("list_rows", of="CombinedRanking"),
    )


def list_reasons(ranking: PhenotypeRanking, gene: str) -> Listing:
    """Return why a gene stands where it stands, feature by feature; see `explain_gene`.

    Raises
    ------
    AnalysisError
        When the ontology does not know the gene.
    """
    return Listing(
        title=f"What speaks for and against {gene}",
        rows=explain_gene(ranking, gene),
        notes=(
            "The evidence is in natural logarithms of the likelihood ratio; its sum is the gene's score.",
        ),
        provenance=ranking.provenance.then("list_reasons"),
    )


@summarise.register
def summarise_benchmark(result: RankingBenchmark) -> Summary:
    """Return how many people's causal gene came first, among the first and later, a column for each method."""
    rows = result.ranks.assign(place=[_place(rank) for rank in result.ranks["rank"].astype(float)])
    summary = count_people(
        rows,
        by=["place", "method"],
        title="People by the rank of their causal gene",
        phenotypic=True,
        categories={
            "place": [*(word for _, word in _PLACES), UNKNOWN],
            "method": list(dict.fromkeys(rows["method"])),
        },
        provenance=result.provenance,
    )
    for note in result.notes:
        summary = summary.with_note(note)
    return summary


def _place(rank: float) -> str:
    return next((word for last, word in _PLACES if rank <= last), UNKNOWN)
