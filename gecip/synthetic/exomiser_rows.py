"""Exomiser's ranks: each family's candidate genes by what their variants do and by the proband's features.

The table is the programme's; the scores are this generator's own, of the same shape: a gene's features
against the proband's, a variant's effect and rarity, and a logistic function of both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gecip.model.exomiser import Exomiser
from gecip.model.genes import GENES
from gecip.synthetic.clinical_rows import Programme, frame_of
from gecip.synthetic.coding_calls import CodingCalls, CodingVariant
from gecip.synthetic.gene_panels import ensembl_id
from gecip.synthetic.interpretations import Request, family_members
from gecip.synthetic.phenotype_rows import features, features_of_gene, phenotype_rows
from gecip.synthetic.recruitment import Role
from gecip.synthetic.tiering_rows import (
    MODE_BY_PATTERN,
    VARIANT_KEY,
    FamilyFindings,
    genotype_in_words,
    kin_as_recorded,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# Highest frequency in any reference set, alone and as one of two in a gene (Research Environment user guide).
RARE, RARE_AS_ONE_OF_TWO = 0.001, 0.02
# Of the logistic function of both scores; assumptions. With dozens of genes and not thousands there are
# few rivals: more of the planted diagnoses come first than the 71 % that the user guide reports.
_CONSTANT, _PHENOTYPE, _VARIANT = -7.0, 5.0, 5.0
_LOSS = 0.98
# Of how many genes model organisms and interactions tell another story than patients do; an assumption.
_TOLD_OTHERWISE = 0.5
_INFRAME_OR_SPLICE = 0.8
_SCORE_COLUMNS = (
    "place",
    "variant",
    "interpretation_cohort_id",
    "interpretation_request_id",
    "genotype",
    "mode_of_inheritance",
    "penetrance",
    "group_of_variants",
    "score",
    "gene_pheno_score",
    "gene_variant_score",
    "rank",
    "variant_score",
)


@dataclass(frozen=True)
class _Candidate:
    """A gene of a family with the variants that follow the disease together, by one mode, and their scores."""

    symbol: str
    rows: tuple[int, ...]
    mode: str
    penetrance: str
    phenotype: float
    variants: tuple[float, ...]

    @property
    def variant(self) -> float:
        return sum(self.variants) / len(self.variants)

    @property
    def score(self) -> float:
        weighed = _CONSTANT + _PHENOTYPE * self.phenotype + _VARIANT * self.variant
        return 1 / (1 + math.exp(-weighed))


def exomiser_rows(
    programme: Programme,
    calls: CodingCalls,
    families: Sequence[FamilyFindings],
    requests: Mapping[int, Sequence[Request]],
    people: pd.DataFrame,
) -> pd.DataFrame:
    """Return one row for each variant that was ranked in a proband, by the family's latest request."""
    import pandas as pd

    stream = programme.stream(Exomiser)
    noise = stream.random((len(calls.variants), 3))
    variant_scores = [
        variant_score(variant, float(chance))
        for variant, chance in zip(calls.variants, noise[:, 0], strict=True)
    ]
    present = _features_of_probands(programme) if families else {}
    ranked = pd.DataFrame(
        [
            row
            for one in families
            if one.family in requests
            for row in _rows(
                programme, calls, one, requests[one.family][-1], variant_scores, present, stream
            )
        ],
        columns=list(_SCORE_COLUMNS),
    )
    frequency = calls.frequencies_of_carriers(programme.recruits.people)
    described = pd.DataFrame(
        [
            _describe(variant, seen, draws)
            for variant, seen, draws in zip(
                calls.variants, frequency, noise[:, 1:].tolist(), strict=True
            )
        ],
        columns=list(_VARIANT_COLUMNS),
    )
    rows = (
        ranked.merge(family_members(programme), on="place", how="inner", sort=False)
        .merge(described, left_on="variant", right_index=True, how="left", sort=False)
        .merge(kin_as_recorded(people), on="rare_diseases_family_id", how="left", sort=False)
        .sort_values(["participant_id", "rank", "variant"], kind="stable")
    )
    rows["report_event_id"] = [f"RE{number}" for number in range(1, len(rows) + 1)]
    return frame_of(
        Exomiser, {name: rows[name].to_numpy() for name in Exomiser.columns if name in rows}
    )


def variant_score(variant: CodingVariant, chance: float) -> float:
    """Return how damaging a variant is, from 0 to 1: by its consequence, its predictions and its rarity."""
    if variant.is_high:
        effect = _LOSS
    elif variant.terms[0] == "missense_variant":
        effect = (_predicted(variant, "PolyPhen") + 1 - _predicted(variant, "SIFT")) / 2
    else:
        effect = _INFRAME_OR_SPLICE
    rarity = 1 - min(variant.highest_frequency / RARE_AS_ONE_OF_TWO, 1.0) / 2
    return round(min(1.0, effect * rarity * (0.94 + 0.06 * chance)), 4)


def phenotype_score(terms: frozenset[str], symbol: str) -> float:
    """Return how well a gene's features fit somebody's: how specific what they share is, term by term, from 0 to 1."""
    if not terms:
        return 0.0
    closure = _closure(symbol)
    total = 0.0
    for term in terms:
        feature = features()[term]
        shared = closure & (feature.ancestors | {term})
        deepest = max(
            (features()[one].specificity for one in shared if one in features()), default=0.0
        )
        total += deepest / max(feature.specificity, 1e-9) if feature.specificity else 1.0
    return round(min(1.0, total / len(terms)), 4)


def _as_known(stream: np.random.Generator, score: float) -> float:
    """Return a gene's likeness as a tool would score it that knows of more than patients' features."""
    otherwise, chance = stream.random(2)
    return round(float(chance), 4) if otherwise < _TOLD_OTHERWISE else score


@cache
def _closure(symbol: str) -> frozenset[str]:
    own = frozenset(features_of_gene(symbol))
    return own.union(*(features()[term].ancestors for term in own))


def _features_of_probands(programme: Programme) -> Mapping[int, frozenset[str]]:
    """Return what each participant has, by their number."""
    rows = phenotype_rows(programme)
    present = rows[rows["hpo_present"] == "Yes"]
    found: dict[int, frozenset[str]] = (
        present.groupby("participant_id")["normalised_hpo_id"].agg(frozenset).to_dict()
    )
    return found


def _rows(
    programme: Programme,
    calls: CodingCalls,
    one: FamilyFindings,
    request: Request,
    variant_scores: Sequence[float],
    present: Mapping[int, frozenset[str]],
    stream: np.random.Generator,
) -> Iterator[tuple[Any, ...]]:
    proband = programme.recruits.place(one.family, Role.PROBAND)
    column = one.members.index(proband)
    terms = present.get(int(programme.recruits.people.number[proband]), frozenset())
    candidates = sorted(
        _candidates(calls, one, variant_scores, terms, stream),
        key=lambda candidate: (-candidate.score, candidate.symbol, candidate.mode),
    )
    for rank, candidate in enumerate(candidates, start=1):
        for row, score in zip(candidate.rows, candidate.variants, strict=True):
            variant = calls.variants[one.variants[row]]
            alone = bool(variant.hemizygous and one.male[column])
            yield (
                proband,
                one.variants[row],
                request.cohort,
                request.number,
                genotype_in_words(int(one.copies[row, column]), alone=alone),
                candidate.mode,
                candidate.penetrance,
                rank,
                round(candidate.score, 4),
                candidate.phenotype,
                round(candidate.variant, 4),
                rank,
                score,
            )


def _candidates(
    calls: CodingCalls,
    one: FamilyFindings,
    variant_scores: Sequence[float],
    terms: frozenset[str],
    stream: np.random.Generator,
) -> Iterator[_Candidate]:
    """Yield a family's genes, each by the best variants for each mode of inheritance."""
    best: dict[tuple[str, str], _Candidate] = {}
    for finding in one.found:
        together = len(finding.variants) > 1
        rows = [
            row
            for row in finding.variants
            if calls.variants[one.variants[row]].highest_frequency
            < (RARE_AS_ONE_OF_TWO if together else RARE)
        ]
        if len(rows) < min(2, len(finding.variants)):
            continue
        # Of several variants in one gene the two worst are taken.
        rows.sort(key=lambda row: -variant_scores[one.variants[row]])
        rows = sorted(rows[:2]) if together else rows
        symbol = calls.variants[one.variants[rows[0]]].site.gene
        candidate = _Candidate(
            symbol,
            tuple(rows),
            MODE_BY_PATTERN[finding.pattern],
            finding.penetrance,
            _as_known(stream, phenotype_score(terms, symbol)),
            tuple(variant_scores[one.variants[row]] for row in rows),
        )
        key = (symbol, candidate.mode)
        if key not in best or best[key].score < candidate.score:
            best[key] = candidate
    yield from best.values()


_VARIANT_COLUMNS = (
    *VARIANT_KEY,
    "genomic_feature_feature_type",
    "genomic_feature_hgnc",
    "ensembl_id",
    "consequence",
    "hgvs",
    "mutation_taster",
    "sift",
    "poly_phen",
    "max_frequency",
    "gel_frequency",
)


def _describe(variant: CodingVariant, seen: float, draws: Sequence[float]) -> tuple[Any, ...]:
    site, annotation = variant.site, variant.annotation
    missense = variant.terms[0] == "missense_variant"
    coding, protein = (
        annotation.get(name, "").partition(":")[2].replace("%3D", "=")
        for name in ("HGVSc", "HGVSp")
    )
    return (
        "GRCh38",
        site.contig.removeprefix("chr"),
        site.position,
        site.reference,
        site.alternate,
        "Gene",
        site.gene,
        ensembl_id(GENES[site.gene]),
        variant.terms[0],
        ":".join(
            part for part in (site.gene, annotation.get("Feature", ""), coding, protein) if part
        ),
        round(0.5 + draws[0] / 2, 3) if missense or variant.is_high else None,
        _predicted(variant, "SIFT") if missense else None,
        _predicted(variant, "PolyPhen") if missense else None,
        variant.highest_frequency,
        round(seen, 6),
    )


def _predicted(variant: CodingVariant, name: str) -> float:
    """Return the number in a prediction such as `deleterious(0.02)`; halfway where there is none."""
    number = variant.annotation.get(name, "").partition("(")[2].rstrip(")")
    return float(number) if number else 0.5
