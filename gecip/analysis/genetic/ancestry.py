"""Genetic ancestry of a cohort: whose genomes resemble which reference, told as similarity and never as ethnicity.

The method stands in `reference_space`; here people are chosen for it and asked. A release brings no
reference of its own, so that people whom the programme's own inference was sure of serve as one. What
comes out agrees or disagrees with that inference; it is no second opinion from elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.analysis.genetic.reference_space import (
    AT_LEAST,
    COMPONENTS,
    FEWEST_REFERENCE_PEOPLE,
    RAREST,
    UNASSIGNED,
    ReferenceSpace,
    informative_sites,
    project,
    reference_space,
    resemble,
)
from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.model.genomes import AggregateGvcfSampleStats

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.cohort.selection import Cohort
    from gecip.genotypes import Genotypes
    from gecip.genotypes.dosages import DosageMatrix

    Numbers = npt.NDArray[np.float64]
    Words = npt.NDArray[np.object_]

PREDICTIONS: Mapping[str, str] = {
    "pred_african_ancestries": "African",
    "pred_american_ancestries": "American",
    "pred_east_asian_ancestries": "East Asian",
    "pred_european_ancestries": "European",
    "pred_south_asian_ancestries": "South Asian",
}
SURE = 0.9
SHARE_OF_FAMILIES = 2 / 3
FEWEST_SITES = 200
NOT_RECORDED = "Not recorded"


@dataclass(frozen=True, repr=False, eq=False)
class ReferencePeople(Result):
    """Who serves as reference, and who may not be asked since a relative does.

    Attributes
    ----------
    labels
        The reference of each reference person, by participant.
    set_aside
        Relatives of reference people: they would find their own kin in the reference.
    too_few
        The references left out, since fewer than five people could serve.
    recorded
        What the programme's own inference says of everybody of whom it says anything, `Unassigned` below 0.8.
    """

    labels: Mapping[int | str, str]
    set_aside: frozenset[int | str]
    too_few: tuple[str, ...]
    recorded: Mapping[int | str, str]

    def __repr__(self) -> str:
        return f"ReferencePeople(people={len(self.labels):,}, references={len(set(self.labels.values()))})"


@dataclass(frozen=True, repr=False, eq=False)
class GeneticAncestry(Result):
    """Which reference each person's genome resembles, or that it cannot be said.

    Attributes
    ----------
    people
        One row per person asked: `participant_id, family_id, similar_to, nearest, probability,
        outlier_factor, recorded` and a column for each component, `PC1` on.
    reference
        One row per reference person: `participant_id, family_id, reference` and the components, each
        person placed as if new.
    components
        One row per component: `share` of the reference's variance, `reach` (how much of their distance
        new people keep) and whether it was `used`.
    references
        The names of the references, sorted.
    too_few
        The references that had too few people.
    sites
        At how many sites.
    """

    people: pd.DataFrame
    reference: pd.DataFrame
    components: pd.DataFrame
    references: tuple[str, ...]
    too_few: tuple[str, ...]
    sites: int

    def __repr__(self) -> str:
        return (
            f"GeneticAncestry(people={len(self.people):,}, reference={len(self.reference):,}, "
            f"sites={self.sites:,}, components={int(self.components['used'].sum())})"
        )


def reference_people(
    cohort: Cohort,
    *,
    at_least: float = SURE,
    share_of_families: float = SHARE_OF_FAMILIES,
    seed: int = 0,
) -> ReferencePeople:
    """Return unrelated people of whom the programme's inference was sure, from some of the families.

    The other families are left to be asked, so that nobody meets a relative in the reference. Whoever has
    no family is one of their own.

    Parameters
    ----------
    cohort
        From whom to choose: people with a genome that may be used.
    at_least
        The probability that the programme's inference must give.
    share_of_families
        Of the families of each reference that have somebody who can serve; rounded up.
    seed
        Decides which families.

    Raises
    ------
    AnalysisError
        When the release does not tell inferred ancestries, or fewer than two references have people enough.
    """
    import numpy as np

    stats = _sample_stats(cohort)
    predictions = stats[list(PREDICTIONS)].to_numpy(dtype=float)
    is_told = ~np.isnan(predictions).all(axis=1)
    names = np.array(list(PREDICTIONS.values()), dtype=object)
    highest = np.nan_to_num(predictions).max(axis=1)
    nearest = names[np.nan_to_num(predictions).argmax(axis=1)]
    can_serve = stats[(highest >= at_least) & (stats["set_of_unrelated_individuals"] == 1)]
    can_serve = can_serve.assign(reference=nearest[can_serve.index])
    random = np.random.default_rng(seed)
    chosen_families: set[object] = set()
    for _, people in can_serve.groupby("reference", sort=True):
        families = sorted(people["unit"].unique())
        chosen = random.permutation(len(families))[: math.ceil(share_of_families * len(families))]
        chosen_families.update(families[place] for place in chosen)
    serving = can_serve[can_serve["unit"].isin(chosen_families)]
    counts = serving["reference"].value_counts()
    enough = counts[counts >= FEWEST_REFERENCE_PEOPLE].index
    if len(enough) < 2:
        raise AnalysisError(
            f"In the cohort {cohort.definition.title!r} fewer than two references have {FEWEST_REFERENCE_PEOPLE} unrelated people "
            f"with an inferred ancestry of at least {at_least}: widen the cohort, or lower at_least."
        )
    serving = serving[serving["reference"].isin(enough)]
    labels = dict(zip(serving["participant_id"], serving["reference"], strict=True))
    kin = stats[stats["unit"].isin(set(serving["unit"]))]["participant_id"]
    return ReferencePeople(
        provenance=cohort.provenance.then(
            "reference_people",
            at_least=at_least,
            share_of_families=round(share_of_families, 3),
            seed=seed,
            source=AggregateGvcfSampleStats.name,
        ),
        labels=labels,
        set_aside=frozenset(kin) - labels.keys(),
        too_few=tuple(name for name in PREDICTIONS.values() if name not in enough),
        recorded=dict(
            zip(
                stats.loc[is_told, "participant_id"],
                np.where(highest >= AT_LEAST, nearest, UNASSIGNED)[is_told],
                strict=True,
            )
        ),
    )


def genetic_ancestry(
    genotypes: Genotypes,
    reference: ReferencePeople,
    *,
    components: int = COMPONENTS,
    at_least: float = AT_LEAST,
    seed: int = 0,
) -> GeneticAncestry:
    """Return which reference each person's genome resembles, by projection and a forest that abstains.

    Reads the genotypes once. Autosomal, well called single-base sites only; the common ones among them
    that are not in linkage in the reference people are used (see `reference_space`).

    Parameters
    ----------
    genotypes
        Of the reference people and of those to be asked, over the whole genome: chosen genes lie in linkage.
    reference
        Of `reference_people`; relatives of theirs are not asked.
    components
        At most how many principal components; those on which new people lose more than half of their
        distance are not used.
    at_least
        The share of the forest's trees that must agree.
    seed
        Of the forest, and of the parts in which reference people are left out.

    Raises
    ------
    AnalysisError
        When reference people have no genotypes here, nobody is left to be asked, or too few sites can
        be used.
    """
    import numpy as np

    matrix, sites, people = _autosomal_dosages(genotypes)
    labels = np.array(
        [reference.labels.get(person) for person in people["participant_id"]], dtype=object
    )
    serves = np.array([label is not None for label in labels], dtype=bool)
    asked = ~serves & ~people["participant_id"].isin(reference.set_aside).to_numpy()
    _check_reference(labels[serves], set(reference.labels.values()))
    if not asked.any():
        raise AnalysisError(
            "Everybody among these genotypes is a reference person or a relative of one, and nobody is left to be asked: "
            "load the genotypes of a wider cohort, or choose the reference with a smaller share_of_families."
        )
    chosen = informative_sites(
        matrix[:, serves],
        sites["contig"].tolist(),
        sites["position"].tolist(),
        list(zip(sites["reference"], sites["alternate"], strict=True)),
    )
    if len(chosen) < FEWEST_SITES:
        raise AnalysisError(
            f"Only {len(chosen):,} common sites out of linkage are among these genotypes, and ancestry needs at least "
            f"{FEWEST_SITES}: load the genotypes without genes= or regions=."
        )
    matrix = matrix[chosen]
    space = reference_space(
        matrix[:, serves], labels[serves].tolist(), components=components, seed=seed
    )
    scores = project(space, matrix[:, asked])
    found = resemble(space, scores, at_least=at_least, seed=seed)
    ids = people[["participant_id", "family_id"]]
    told = ids[asked].assign(
        similar_to=found.similar_to,
        nearest=found.nearest,
        probability=found.probability,
        outlier_factor=found.outlier_factor,
        recorded=[
            reference.recorded.get(person, NOT_RECORDED) for person in ids["participant_id"][asked]
        ],
    )
    names = [f"PC{number}" for number in range(1, space.loadings.shape[1] + 1)]
    return GeneticAncestry(
        provenance=genotypes.provenance.then(
            "genetic_ancestry",
            reference=reference.provenance.parameters,
            components=components,
            at_least=at_least,
            seed=seed,
            sites=len(chosen),
        ),
        people=_with_components(told, scores, names),
        reference=_with_components(
            ids[serves].assign(reference=labels[serves]), space.scores, names
        ),
        components=_components(space, names),
        references=tuple(sorted(set(reference.labels.values()))),
        too_few=reference.too_few,
        sites=len(chosen),
    )


def _sample_stats(cohort: Cohort) -> pd.DataFrame:
    """Return one row per participant with a genome: the inference's probabilities, and the family as `unit`."""
    from gecip.cohort.clinical_columns import clinical_columns

    release = cohort.release
    if AggregateGvcfSampleStats.name not in release.tables:
        raise AnalysisError(
            f"Reference people are chosen by the table {AggregateGvcfSampleStats.name}, which release {release.name} does not "
            "have: use a release that has it."
        )
    wanted = ["platekey", "set_of_unrelated_individuals", *PREDICTIONS]
    missing = [
        name
        for name in wanted
        if name not in release.dataset(AggregateGvcfSampleStats).schema.names
    ]
    if missing:
        raise AnalysisError(
            f"The table {AggregateGvcfSampleStats.name} of release {release.name} has no column {missing[0]!r}, by which "
            "reference people are chosen: use a release that has it."
        )
    rows = cohort.rows(AggregateGvcfSampleStats, wanted)
    rows = rows[rows["platekey"].isin(cohort.samples)].drop_duplicates("participant_id")
    people = clinical_columns(cohort)[["participant_id", "family_id"]]
    rows = rows.merge(people, on="participant_id").reset_index(drop=True)
    alone = "alone " + rows["participant_id"].astype(str)
    return rows.assign(unit=rows["family_id"].astype("string").fillna(alone).astype(object))


def _autosomal_dosages(genotypes: Genotypes) -> DosageMatrix:
    """Return how many copies people have of well called, single-base, not too rare sites of the autosomes."""
    import hail as hl

    from gecip.genotypes.dosages import dosage_matrix

    mt = genotypes.mt
    passed = hl.len(hl.or_else(mt.filters, hl.empty_set(hl.tstr))) == 0
    single = (hl.len(mt.alleles) == 2) & hl.is_snp(mt.alleles[0], mt.alleles[1])
    mt = mt.filter_rows(mt.locus.in_autosome() & passed & single)
    # Rare over everybody cannot be common in the reference, unless that is a small part of them.
    frequency = hl.agg.mean(mt.GT.n_alt_alleles()) / 2
    mt = mt.filter_rows((frequency > RAREST / 5) & (frequency < 1 - RAREST / 5))
    return dosage_matrix(
        genotypes.with_matrix(mt, because="common single-base sites of the autosomes tell ancestry")
    )


def _check_reference(labels: Words, wanted: set[str]) -> None:
    found = {name: int((labels == name).sum()) for name in wanted}
    small = sorted(name for name, count in found.items() if count < FEWEST_REFERENCE_PEOPLE)
    if small:
        raise AnalysisError(
            f"Of the reference {small[0]!r} fewer than {FEWEST_REFERENCE_PEOPLE} people are among these genotypes: load the "
            "genotypes of a cohort that holds the reference people too."
        )


def _with_components(rows: pd.DataFrame, scores: Numbers, names: list[str]) -> pd.DataFrame:
    import pandas as pd

    return rows.reset_index(drop=True).join(pd.DataFrame(scores, columns=names))


def _components(space: ReferenceSpace, names: list[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {"share": space.shares, "reach": space.reach, "used": space.used},
        index=pd.Index(names, name="component"),
    )
