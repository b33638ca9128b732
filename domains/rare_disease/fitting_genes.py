"""Which gene fits a participant's features, alone and together with the variants that were found in the family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.analysis.asked_person import require_member
from gecip.analysis.clinical.phenotype_ranking import (
    Features,
    Method,
    PhenotypeRanking,
    rank_genes,
    read_features,
)
from gecip.analysis.clinical.ranking_benchmark import (
    KnownCase,
    RankingBenchmark,
    benchmark_ranking,
)
from gecip.analysis.result import Result
from gecip.cohort.clinical_columns import clinical_columns
from gecip.cohort.selection import Cohort
from gecip.errors import AnalysisError
from gecip.model.exomiser import Exomiser
from gecip.model.interpretation import GmcExitQuestionnaire
from gecip.model.rare_disease_clinic import RareDiseasesParticipantPhenotype

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

PRESENT, ABSENT = "Yes", "No"
# A score of one would make a variant certain, whatever the features say.
_HIGHEST_ODDS = 1000.0


@dataclass(frozen=True, repr=False, eq=False)
class CombinedRanking(Result):
    """A participant's candidate genes by features and variants together, the best first.

    `rows` has `rank, gene, posterior, phenotype_score, variant_score`. The posterior is the probability
    that the gene explains the disease if exactly one of the candidates does and every one was as likely before.
    `remarks` says what was read otherwise than written.
    """

    rows: pd.DataFrame
    remarks: tuple[str, ...]

    def rank_of(self, gene: str) -> int | None:
        """Return the rank of a gene, or None if it is no candidate."""
        found = self.rows.loc[self.rows["gene"] == gene, "rank"]
        return None if found.empty else int(found.iloc[0])

    def __repr__(self) -> str:
        return f"CombinedRanking(genes={len(self.rows):,})"


def features_of_participant(cohort: Cohort, participant_id: int | str) -> Features:
    """Return what the clinicians found in a participant of a cohort, and what they looked for and did not find.

    Raises
    ------
    AnalysisError
        When the person is not in the cohort or no current term was found in them, or the release has no
        table of phenotypes; the message does not tell who was asked for.
    """
    rows = _phenotypes(cohort)
    require_member(cohort, participant_id)
    return _read(rows[rows["participant_id"] == participant_id])


def rank_genes_of_participant(
    cohort: Cohort,
    participant_id: int | str,
    *,
    method: Method = "likelihood",
    candidates: Sequence[str] | None = None,
) -> PhenotypeRanking:
    """Return the genes by how well they fit a participant of a cohort; see `rank_genes`.

    Raises
    ------
    AnalysisError
        When the person is not in the cohort, or no current term was found in them.
    """
    return rank_genes(
        features_of_participant(cohort, participant_id),
        method=method,
        candidates=candidates,
        provenance=cohort.provenance,
    )


def rank_with_variants(
    features: Features,
    variants: pd.DataFrame,
    *,
    unknown_gene_score: float = 0.0,
) -> CombinedRanking:
    """Return candidate genes by their features' likelihood and their variants' scores, as one probability.

    The likelihood ratio of the features is multiplied by the odds of the variant's score, and the
    products are divided by their sum.

    Parameters
    ----------
    features
        Of the person.
    variants
        With `gene` and `score`, a probability between 0 and 1 that the variant does damage (such as
        `gene_variant_score` of the table exomiser); of several variants of a gene the highest counts.
    unknown_gene_score
        The phenotype score of a gene that the ontology does not know; 0, the default, says that its
        features speak neither for it nor against it.

    Raises
    ------
    AnalysisError
        When there are no variants, a column is missing, or a score is not between 0 and 1.
    """
    import numpy as np

    _check_variants(variants)
    best = variants.dropna(subset=["gene", "score"]).groupby("gene")["score"].max()
    ranking = rank_genes(features, candidates=best.index.tolist())
    rows = ranking.rows[["gene", "score"]].rename(columns={"score": "phenotype_score"})
    rows["variant_score"] = rows["gene"].map(best).astype(float)
    told = rows["phenotype_score"].astype(float).fillna(unknown_gene_score)
    least = 1 / (1 + _HIGHEST_ODDS)
    bounded = rows["variant_score"].clip(least, 1 - least)
    weight = told + np.log(bounded / (1 - bounded))
    share = np.exp(weight - weight.max())
    rows["posterior"] = share / share.sum()
    rows["rank"] = weight.rank(method="min", ascending=False).astype(int)
    rows = rows.sort_values(["rank", "gene"], ignore_index=True)
    return CombinedRanking(
        provenance=ranking.provenance.then(
            "rank_with_variants",
            unknown_gene_score=unknown_gene_score,
            highest_odds=_HIGHEST_ODDS,
        ),
        rows=rows[["rank", "gene", "posterior", "phenotype_score", "variant_score"]],
        remarks=ranking.remarks,
    )


def exomiser_variants(cohort: Cohort, participant_id: int | str) -> pd.DataFrame:
    """Return the genes and variant scores that Exomiser gave a participant, for `rank_with_variants`.

    Exomiser's own phenotype score is left aside.

    Raises
    ------
    AnalysisError
        When the release has no such table, or Exomiser ranked nothing for the person.
    """
    if Exomiser.name not in cohort.release.tables:
        raise AnalysisError(
            f"The release {cohort.release.name} has no table {Exomiser.name}: "
            "give rank_with_variants the scores of another tool."
        )
    rows = cohort.rows(Exomiser, ["genomic_feature_hgnc", "gene_variant_score"])
    rows = rows[rows["participant_id"] == participant_id]
    if rows.empty:
        raise AnalysisError(
            "Exomiser ranked no variant of the person asked for: rank the genes by features alone."
        )
    return rows.rename(columns={"genomic_feature_hgnc": "gene", "gene_variant_score": "score"})[
        ["gene", "score"]
    ].reset_index(drop=True)


def benchmark_on_diagnosed(
    cohort: Cohort, *, methods: Sequence[Method] = ("likelihood", "graphic")
) -> RankingBenchmark:
    """Return where the methods rank the gene that the exit questionnaire names, over a cohort's diagnosed probands.

    Who was given several genes, or has no current term, is left out and counted in a note.

    Raises
    ------
    AnalysisError
        When nobody of the cohort has a diagnosed gene and features.
    """
    reports = cohort.rows(GmcExitQuestionnaire, ["case_solved_family", "gene_name"])
    solved = reports[
        reports["case_solved_family"].str.lower().eq("yes") & reports["gene_name"].notna()
    ]
    genes = solved.groupby("participant_id")["gene_name"].agg(set)
    phenotypes = dict(tuple(_phenotypes(cohort).groupby("participant_id")))
    families = clinical_columns(cohort).set_index("participant_id")["family_id"]
    cases, left_out = [], 0
    for person, named in genes.items():
        gene, *others = sorted(named)
        try:
            if others or ";" in gene or person not in phenotypes:
                raise AnalysisError("not one gene, or no feature")
            features = _read(phenotypes[person])
        except AnalysisError:
            left_out += 1
            continue
        cases.append(KnownCase(person, gene, features, families.get(person)))
    if not cases:
        raise AnalysisError(
            f"Nobody of the cohort {cohort.definition.title!r} has both one diagnosed gene and features: "
            "widen its definition."
        )
    found = benchmark_ranking(cases, methods=methods, provenance=cohort.provenance)
    note = (
        f"{left_out} diagnosed probands with several genes or without a current term are left out."
    )
    return RankingBenchmark(
        provenance=found.provenance,
        ranks=found.ranks,
        notes=(*found.notes, *((note,) if left_out else ())),
    )


def _phenotypes(cohort: Cohort) -> pd.DataFrame:
    table = RareDiseasesParticipantPhenotype
    if table.name not in cohort.release.tables:
        raise AnalysisError(
            f"Features need the table {table.name}, which release {cohort.release.name} does not have: "
            "use a release that has it."
        )
    return cohort.rows(table, ["normalised_hpo_id", "hpo_present"]).dropna()


def _read(rows: pd.DataFrame) -> Features:
    told = {
        word: rows.loc[rows["hpo_present"] == word, "normalised_hpo_id"].tolist()
        for word in (PRESENT, ABSENT)
    }
    return read_features(told[PRESENT], excluded=told[ABSENT])


def _check_variants(variants: pd.DataFrame) -> None:
    missing = {"gene", "score"} - set(variants.columns)
    if missing:
        raise AnalysisError(
            f"The variants have no column {', '.join(sorted(missing))}: give a table with gene and score."
        )
    scores = variants["score"].dropna()
    if variants.dropna(subset=["gene", "score"]).empty:
        raise AnalysisError("There are no variants with a gene and a score: nothing can be ranked.")
    if not scores.between(0, 1).all():
        raise AnalysisError(
            "A variant's score is not between 0 and 1: give a probability, such as gene_variant_score of exomiser."
        )
