"""Define a cohort from a dictionary of terms, as gelpack's users have it: whoever has any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce

from gecip.cohort.codes import ICD_10
from gecip.cohort.definition import CohortDefinition, define_cohort
from gecip.cohort.language import Condition, Phenotypes, Rows
from gecip.errors import DefinitionError
from gecip.model.cancer import CancerAnalysis, CancerParticipantDisease
from gecip.model.rare_disease_clinic import (
    RareDiseasesParticipantDisease,
    RareDiseasesParticipantPhenotype,
)
from gecip.model.table import TABLES, nearest

# Where ICD-10 codes are looked for, in gelpack's words for its sources.
SOURCES: Mapping[str, tuple[str, ...]] = {
    "hes": ("hes_apc", "hes_op", "hes_ae"),
    "mort": ("mortality",),
    "mental_health": (
        "mhsds_medical_history_previous_diagnosis",
        "mhsds_provisional_diagnosis",
        "mhsds_primary_diagnosis",
        "mhsds_secondary_diagnosis",
        "mhsds_care_activity",
        "mhsds_indirect_activity",
        "mhmd_v4_event",
        "mhldds_event",
    ),
    "cancer": (
        "cancer_invest_sample_pathology",
        "cancer_participant_tumour",
        "cancer_registry",
        "rtds",
        "sact",
        "av_tumour",
    ),
}
EVERY_SOURCE = ("all",)


def define_cohort_from_terms(
    terms: Mapping[str, Sequence[str]],
    *,
    title: str = "Whoever has any of the terms",
    limit: Sequence[str] = EVERY_SOURCE,
) -> CohortDefinition:
    """Return a definition of everyone who has any of some HPO terms, ICD-10 codes or diseases.

    The dictionary is the one that gelpack's `Cohort` takes. An HPO term here also stands for all that
    is narrower, and an ICD-10 code for all that begin with it in any of a record's codes.

    Parameters
    ----------
    terms
        By kind: `hpo` (ids, present ones count), `icd10` (codes, with or without dot), `disease` or
        `terms` (normalised specific diseases), `cancer_terms` (cancer disease types).
    limit
        Where ICD-10 codes are looked for: of `hes`, `mort`, `mental_health`, `cancer`, or `all`. A
        release must have the tables; name the sources that it has otherwise.

    Raises
    ------
    DefinitionError
        When a kind or source is not known, nothing is asked for, or a term or code is none.
    """
    conditions = []
    for kind, asked in terms.items():
        if kind not in _KINDS:
            raise DefinitionError(
                f"The kind of terms {kind!r} is not known{nearest(kind, tuple(_KINDS))}"
            )
        listed = [asked] if isinstance(asked, str) else list(asked)
        conditions += list(_KINDS[kind](listed, limit)) if listed else []
    if not conditions:
        raise DefinitionError(
            "define_cohort_from_terms() was given no term: name some, as in {'hpo': ['HP:0000107']}."
        )
    named = "; ".join(f"{kind}: {', '.join(map(str, asked))}" for kind, asked in terms.items())
    return define_cohort(title).include(reduce(Condition.__or__, conditions), because=named)


def _features(terms: Sequence[str], _limit: Sequence[str]) -> Iterable[Condition]:
    rows = Phenotypes(RareDiseasesParticipantPhenotype)
    asked = reduce(Condition.__or__, [rows.term.is_a(term) for term in terms])
    yield rows.where(asked & (rows.present == "Yes")).exists_for_participant()


def _diseases(terms: Sequence[str], _limit: Sequence[str]) -> Iterable[Condition]:
    rows = Rows(RareDiseasesParticipantDisease)
    yield rows.where(rows.normalised_specific_disease.is_in(terms)).exists_for_participant()


def _cancers(terms: Sequence[str], _limit: Sequence[str]) -> Iterable[Condition]:
    entered, sequenced = Rows(CancerParticipantDisease), Rows(CancerAnalysis)
    yield entered.where(entered.cancer_disease_type.is_in(terms)).exists_for_participant()
    yield sequenced.where(sequenced.disease_type.is_in(terms)).exists_for_participant()


def _codes(terms: Sequence[str], limit: Sequence[str]) -> Iterable[Condition]:
    unknown = [source for source in limit if source not in (*SOURCES, *EVERY_SOURCE)]
    if unknown:
        raise DefinitionError(
            f"The source {unknown[0]!r} is not known{nearest(unknown[0], (*SOURCES, *EVERY_SOURCE))}"
        )
    sources = SOURCES if set(EVERY_SOURCE) & set(limit) else limit
    for source in sources:
        for table in SOURCES[source]:
            rows = Rows(TABLES[table])
            held = [rows[column].has_code(terms) for column in _icd_10_columns(table)]
            if held:
                yield rows.where(reduce(Condition.__or__, held)).exists_for_participant()


def _icd_10_columns(table: str) -> list[str]:
    """Return the columns that hold ICD-10 codes: the joined one where there is one, else each."""
    coded = [
        column.name for column in TABLES[table].columns.values() if column.code_system == ICD_10
    ]
    joined = [name for name in coded if name.endswith("_all")]
    return joined or coded


_KINDS: Mapping[str, Callable[[Sequence[str], Sequence[str]], Iterable[Condition]]] = {
    "hpo": _features,
    "icd10": _codes,
    "disease": _diseases,
    "terms": _diseases,
    "cancer_terms": _cancers,
}
