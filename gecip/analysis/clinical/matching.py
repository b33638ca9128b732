"""Controls for cases, after the recipe of the programme's own tutorials, matched exactly and without relatives.

The recipe (Research Environment user guide, rare-disease cohorts): controls have neither the broader
disease group nor a parent HPO term nor a wider ICD-10 code, no related cause of death and no related
cancer; sex chromosomes agree with the sex recorded; the genome is of the germline aggregate, from blood
in EDTA, sequenced without PCR; one of identical twins is left out. To take out the cases that are
solved is for the definition of the cases to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gecip.analysis.clinical.characteristics import (
    CHARACTERISTICS,
    NOT_RECORDED,
    YEARS_A_BAND,
    characteristics,
    check_characteristics,
)
from gecip.analysis.clinical.recorded_codes import assessed_terms, recorded_icd10
from gecip.analysis.clinical.side_by_side import SideBySide, compare_groups
from gecip.analysis.genetic.reference_space import UNASSIGNED
from gecip.analysis.result import Result
from gecip.cohort.ontology import checked_term, descendants
from gecip.cohort.selection import Cohort
from gecip.errors import AnalysisError, DefinitionError
from gecip.model.genomes import AggregateGvcfSampleStats
from gecip.model.icd10 import is_icd10, plain_icd10
from gecip.model.people import Participant, RareDiseasesPedigreeMember
from gecip.model.rare_disease_clinic import (
    DISEASE_GROUPS,
    RareDiseasesParticipantDisease,
    RareDiseasesParticipantPhenotype,
)
from gecip.model.table import nearest
from gecip.provenance import Provenance, digest_of

if TYPE_CHECKING:
    import pandas as pd

    from gecip.release import Release

RATIO = 4
ON = ("sex", "age_band", "ancestry")
CHROMOSOMES = {"Female": "XX", "Male": "XY"}

NO_GENOME = "no genome from blood, in EDTA, without PCR"
OTHER_CHROMOSOMES = "sex chromosomes do not agree with the sex recorded"
TWIN = "twin of another case of the same sex"
REGISTERED_TWICE = "registered a second time"
NOBODY_ALIKE = "nobody alike in the pool"
CASES, POOL, MATCHED, CONTROLS = "Cases", "Pool", "Matched cases", "Controls"
BEFORE, AFTER = "before matching", "after matching"


@dataclass(frozen=True)
class RelatedDisease:
    """What a control must not have: the broader forms of the cases' disease.

    `disease_groups` leaves out the families recruited for one; `hpo_terms` whoever was found to have one
    of them or a narrower one; `icd10` whoever has a code beginning with one of them in any linked
    record: hospital, cause of death, registered cancer.

    Raises
    ------
    DefinitionError
        When there is no such group, current term or code.
    """

    disease_groups: tuple[str, ...] = ()
    hpo_terms: tuple[str, ...] = ()
    icd10: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("disease_groups", "hpo_terms", "icd10"):
            given = getattr(self, name)
            object.__setattr__(self, name, (given,) if isinstance(given, str) else tuple(given))
        for group in self.disease_groups:
            if group not in DISEASE_GROUPS:
                raise DefinitionError(
                    f"There is no disease group {group!r}{nearest(group, DISEASE_GROUPS)}"
                )
        for code in self.icd10:
            if not is_icd10(code):
                raise DefinitionError(
                    f"{code!r} is no ICD-10 code: write it as 'N18' or 'N18.5', for all codes that begin so."
                )
        object.__setattr__(self, "hpo_terms", tuple(checked_term(one) for one in self.hpo_terms))
        object.__setattr__(self, "icd10", tuple(plain_icd10(code) for code in self.icd10))


@dataclass(frozen=True, repr=False, eq=False)
class MatchedControls(Result):
    """Cases with their controls, and what became of everybody.

    Attributes
    ----------
    pairs
        A row for each control: `case, case_family, control, control_family` and what they share.
    cases
        A row for each case: `participant_id, family_id, controls` (how many) and `reason`, why there is
        none.
    controls, matched_cases
        The controls, and the cases that have at least one, as cohorts; their attrition goes on where
        that of the pool and of the cases ended.
    balance
        Cases beside the pool before, and matched cases beside their controls after; there a control of
        a case with few counts more, so that every case counts the same.
    ratio
        How many controls a case was to have.
    """

    pairs: pd.DataFrame
    cases: pd.DataFrame
    controls: Cohort
    matched_cases: Cohort
    balance: SideBySide
    ratio: int

    @property
    def short_of_controls(self) -> int:
        """How many cases have fewer controls than they were to have, none included."""
        return int((self.cases["controls"] < self.ratio).sum())

    def __repr__(self) -> str:
        return (
            f"MatchedControls(cases={len(self.cases):,}, matched={len(self.matched_cases):,}, "
            f"controls={len(self.controls):,}, ratio={self.ratio})"
        )


def matched_controls(
    cases: Cohort,
    pool: Cohort,
    *,
    ratio: int = RATIO,
    on: Sequence[str] = ON,
    not_having: RelatedDisease | None = None,
    needs_genome: bool = True,
    years_a_band: int = YEARS_A_BAND,
    seed: int = 0,
) -> MatchedControls:
    """Return controls for cases, alike in what is matched on and no relatives of any case.

    Nobody serves twice, and of each family one person at most, so that of twins there is never more
    than one. Everybody is given a first control before anybody gets a second, in an order drawn by
    `seed`: the same people and seed give the same controls, however the tables are sorted. Who has no
    value in what is matched on, or an ancestry that could not be assigned, is alike to nobody.

    Parameters
    ----------
    pool
        From whom to choose; cases among them, and their families, are left out.
    ratio
        How many controls each case is to have.
    on
        What cases and controls share exactly: `sex`, `age_band`, `ancestry`, and other characteristics.
    not_having
        What controls must not have; the disease groups of the cases if not given.
    needs_genome
        Whether cases and controls need a genome as the recipe wants it, with sex chromosomes that agree.
    years_a_band
        The width of an age band.
    seed
        Of the draw.

    Raises
    ------
    AnalysisError
        When the cohorts are of two releases, a parameter means nothing, or nobody can be matched.
    """
    _check(cases, pool, ratio, on)
    people = characteristics(cases, years_a_band=years_a_band)
    related = not_having if not_having is not None else _groups_of(people)
    others = characteristics(pool, years_a_band=years_a_band)
    reasons = _hindrances(cases, people, on, needs_genome=needs_genome)
    eligible, steps = others, []
    for reason, kept in _criteria(
        cases, pool, others, on=on, related=related, needs_genome=needs_genome
    ):
        left = eligible[eligible["participant_id"].isin(kept)]
        steps.append((reason, eligible, left))
        eligible = left
    pairs = _draw(people[reasons.isna()], eligible, on=tuple(on), ratio=ratio, seed=seed)
    if pairs.empty:
        raise AnalysisError(
            "No case has a control: the pool has nobody alike who may serve. Match on less, widen the age bands, or take a "
            "wider pool."
        )
    chosen = eligible[eligible["participant_id"].isin(pairs["control"])]
    n_controls = people["participant_id"].map(pairs["case"].value_counts()).fillna(0).astype(int)
    fate = people[["participant_id", "family_id"]].assign(
        controls=n_controls,
        reason=reasons.where(reasons.notna() | (n_controls > 0), NOBODY_ALIKE),
    )
    matched = people[n_controls > 0]
    provenance = _provenance(
        cases,
        pool,
        ratio=ratio,
        on=list(on),
        not_having={name: list(value) for name, value in vars(related).items()},
        needs_genome=needs_genome,
        years_a_band=years_a_band,
        seed=seed,
    )
    return MatchedControls(
        provenance=provenance,
        pairs=pairs,
        cases=fate,
        controls=_cohort_of(
            pool,
            chosen,
            title=f"Controls of {cases.definition.title}",
            steps=[
                *steps,
                (f"Chosen: at most {ratio} for each case, one of a family", eligible, chosen),
            ],
            provenance=provenance.then("controls"),
        ),
        matched_cases=_cohort_of(
            cases,
            matched,
            title=f"{cases.definition.title}, with controls",
            steps=[("A control was found", people, matched)],
            provenance=provenance.then("matched_cases"),
        ),
        balance=_balance(people, eligible, matched, chosen, pairs, provenance),
        ratio=ratio,
    )


def _check(cases: Cohort, pool: Cohort, ratio: int, on: Sequence[str]) -> None:
    if cases.release.provenance.digest() != pool.release.provenance.digest():
        raise AnalysisError(
            "The cases and the pool are of two releases: select both from one open release."
        )
    if ratio < 1:
        raise AnalysisError("A case has at least one control: give ratio=4 or so.")
    check_characteristics(on)
    if not on or isinstance(on, str):
        raise AnalysisError(
            "Controls are matched on a list of characteristics: on=['sex', 'age_band']."
        )


def _groups_of(people: pd.DataFrame) -> RelatedDisease:
    """Return the disease groups of the cases, as far as the programme's lists name them."""
    recorded = set(people["disease_group"])
    return RelatedDisease(disease_groups=tuple(one for one in DISEASE_GROUPS if one in recorded))


def _provenance(cases: Cohort, pool: Cohort, **parameters: Any) -> Provenance:
    made_by = [cases.provenance.digest(), pool.provenance.digest()]
    return pool.release.provenance.then(
        "matched_controls",
        definition=digest_of([made_by, parameters]),
        cases=cases.definition.title,
        pool=pool.definition.title,
        **parameters,
    )


# ---------------------------------------------------------------------------------------------------------------------
# Who may serve
# ---------------------------------------------------------------------------------------------------------------------


def _criteria(
    cases: Cohort,
    pool: Cohort,
    others: pd.DataFrame,
    *,
    on: Sequence[str],
    related: RelatedDisease,
    needs_genome: bool,
) -> Iterator[tuple[str, set[Any]]]:
    """Yield what a control has to fulfil, in words, and who of the pool does."""
    everyone = set(others["participant_id"])
    yield "No case", everyone - set(cases.participants)
    of_cases = set(cases.families)
    yield (
        "No relative of a case",
        set(others[~others["family_id"].isin(of_cases)]["participant_id"]),
    )
    if related.disease_groups:
        yield (
            f"No family recruited for {_listed(related.disease_groups)}",
            everyone - _in_families_with(pool, others, related.disease_groups),
        )
    if related.hpo_terms:
        yield (
            f"No feature of {_listed(related.hpo_terms)}",
            everyone - _with_terms(pool, related.hpo_terms),
        )
    if related.icd10:
        yield (
            f"No record of {_listed(related.icd10)} in hospital, cause of death or cancer registry",
            everyone - _with_icd10(pool, related.icd10),
        )
    if needs_genome:
        genomes = _genomes(pool.release)
        yield "A genome from blood, in EDTA, without PCR", everyone & set(genomes)
        yield "Sex chromosomes agree with the sex recorded", _agreeing(others, genomes)
    yield "Not registered a second time", everyone - _registered_twice(pool, beside=cases)
    is_known = ~others[list(on)].isin([NOT_RECORDED, UNASSIGNED]).any(axis=1)
    words = _listed([CHARACTERISTICS[name].lower() for name in on])
    yield f"Known in {words}", set(others[is_known]["participant_id"])


def _hindrances(
    cases: Cohort, people: pd.DataFrame, on: Sequence[str], *, needs_genome: bool
) -> pd.Series[Any]:
    """Return for each case why it cannot have a control, the first reason of several; missing where it can."""
    ids = people["participant_id"]
    hindrances = [(REGISTERED_TWICE, ids.isin(_registered_twice(cases)))]
    if needs_genome:
        genomes = _genomes(cases.release)
        hindrances += [
            (NO_GENOME, ~ids.isin(set(genomes))),
            (OTHER_CHROMOSOMES, ~ids.isin(_agreeing(people, genomes))),
        ]
    hindrances.append((TWIN, ids.isin(_second_twins(cases, people))))
    for name in on:
        words = CHARACTERISTICS[name].lower()
        hindrances.append((f"{words} not recorded", people[name] == NOT_RECORDED))
        hindrances.append((f"{words} not assigned", people[name] == UNASSIGNED))
    import pandas as pd

    found = pd.Series([None] * len(people), index=people.index, dtype=object)
    for reason, concerned in hindrances:
        found = found.mask(found.isna() & concerned, reason)
    return found


def _in_families_with(pool: Cohort, others: pd.DataFrame, groups: Sequence[str]) -> set[Any]:
    """Return who was recruited under one of the disease groups, and their families, whoever of them is in the pool."""
    table, release = RareDiseasesParticipantDisease, pool.release
    if table.name not in release.tables:
        return set(others[others["disease_group"].isin(groups)]["participant_id"])
    rows = release.read(table, ["participant_id", "normalised_disease_group"])
    recruited = set(rows[rows["normalised_disease_group"].isin(groups)]["participant_id"])
    families = _families(release)
    concerned = {families[person] for person in recruited if families.get(person) is not None}
    in_family = others["family_id"].isin(concerned)
    return set(others[in_family | others["participant_id"].isin(recruited)]["participant_id"])


def _families(release: Release) -> dict[Any, Any]:
    if "rare_diseases_family_id" not in release.dataset(Participant).schema.names:
        return {}
    rows = release.read(Participant, ["participant_id", "rare_diseases_family_id"]).dropna()
    return dict(zip(rows["participant_id"], rows["rare_diseases_family_id"], strict=True))


def _with_terms(pool: Cohort, terms: Sequence[str]) -> set[Any]:
    if RareDiseasesParticipantPhenotype.name not in pool.release.tables:
        return set()
    narrower = {code for term in terms for code in descendants(term)}
    rows = assessed_terms(pool)
    return set(rows[rows["is_present"] & rows["code"].isin(narrower)]["participant_id"])


def _with_icd10(pool: Cohort, prefixes: tuple[str, ...]) -> set[Any]:
    rows = recorded_icd10(pool)
    return set(rows[rows["code"].astype(str).str.startswith(prefixes)]["participant_id"])


def _genomes(release: Release) -> dict[Any, set[str]]:
    """Return the sex chromosomes of everybody with a genome as the recipe wants it; those of all their samples."""
    table = AggregateGvcfSampleStats
    columns = ["sample_source", "sample_preparation_method", "sample_library_type"]
    available = release.dataset(table).schema.names if table.name in release.tables else []
    chromosomes = [name for name in ("karyotype", "illumina_ploidy") if name in available][:1]
    if not set(columns).issubset(available) or not chromosomes:
        raise AnalysisError(
            f"Release {release.name} does not say from what the genomes of the aggregate were made, or their sex "
            "chromosomes: match without, by needs_genome=False."
        )
    rows = release.read(table, ["participant_id", *columns, *chromosomes])
    rows = rows[
        (rows["sample_source"] == "BLOOD")
        & (rows["sample_preparation_method"] == "EDTA")
        & rows["sample_library_type"].str.contains("PCR-Free", na=False)
    ]
    found: dict[Any, set[str]] = {}
    for person, sex in zip(rows["participant_id"], rows[chromosomes[0]], strict=True):
        found.setdefault(person, set()).add(str(sex))
    return found


def _agreeing(people: pd.DataFrame, genomes: Mapping[Any, set[str]]) -> set[Any]:
    """Return whose sex chromosomes, by every sample, are those of the sex recorded."""
    return {
        person
        for person, sex in zip(people["participant_id"], people["sex"], strict=True)
        if sex in CHROMOSOMES and genomes.get(person) == {CHROMOSOMES[sex]}
    }


def _registered_twice(cohort: Cohort, *, beside: Cohort | None = None) -> set[Any]:
    """Return who has another number under which the same person is here already, in the cohort or in one beside it."""
    if "duplicated_participant_id" not in cohort.release.dataset(Participant).schema.names:
        return set()
    rows = cohort.release.read(Participant, ["participant_id", "duplicated_participant_id"])
    rows = rows.dropna()
    pairs = list(zip(rows["participant_id"], rows["duplicated_participant_id"], strict=True))
    members = set(cohort.participants)
    others = set(beside.participants) if beside is not None else set()
    return {
        person
        for first, second in pairs
        for person, same in ((first, second), (second, first))
        if person in members and (same in others or (same in members and same < person))
    }


def _second_twins(cases: Cohort, people: pd.DataFrame) -> set[Any]:
    """Return all but the first of twins of one sex among the cases; which are identical no clinical table tells."""
    table, release = RareDiseasesPedigreeMember, cases.release
    if table.name not in release.tables or "twin_group" not in release.dataset(table).schema.names:
        return set()
    rows = cases.rows(table, ["rare_diseases_family_id", "twin_group"]).dropna()
    twins = rows.merge(people[["participant_id", "sex"]], on="participant_id")
    twins = twins.sort_values("participant_id")
    repeated = twins.duplicated(["rare_diseases_family_id", "twin_group", "sex"])
    return set(twins[repeated]["participant_id"])


# ---------------------------------------------------------------------------------------------------------------------
# Who serves for whom
# ---------------------------------------------------------------------------------------------------------------------


def _draw(
    cases: pd.DataFrame, eligible: pd.DataFrame, *, on: tuple[str, ...], ratio: int, seed: int
) -> pd.DataFrame:
    """Return a row for each control with its case: rounds in which every case draws one person alike."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(seed)
    waiting: dict[tuple[str, ...], list[tuple[Any, Any]]] = {}
    order = random.permutation(len(eligible))
    for row in eligible.iloc[order][["participant_id", "family_id", *on]].itertuples(index=False):
        waiting.setdefault(tuple(row[2:]), []).append((row[0], row[1]))
    drawing = cases.iloc[random.permutation(len(cases))][["participant_id", "family_id", *on]]
    taken: set[Any] = set()
    pairs = []
    for _ in range(ratio):
        for row in drawing.itertuples(index=False):
            alike = waiting.get(tuple(row[2:]), [])
            while alike:
                person, family = alike.pop()
                if pd.isna(family) or family not in taken:
                    taken.add(family)
                    pairs.append((row[0], row[1], person, family, *row[2:]))
                    break
    columns = ["case", "case_family", "control", "control_family", *on]
    return pd.DataFrame(pairs, columns=columns).sort_values(["case", "control"], ignore_index=True)


def _balance(
    people: pd.DataFrame,
    eligible: pd.DataFrame,
    matched: pd.DataFrame,
    chosen: pd.DataFrame,
    pairs: pd.DataFrame,
    provenance: Provenance,
) -> SideBySide:
    """Return cases and pool, and matched cases and controls, side by side."""
    share = 1 / pairs["case"].map(pairs["case"].value_counts())
    weight_of = dict(zip(pairs["control"], share, strict=True))
    return compare_groups(
        {
            CASES: people,
            POOL: eligible,
            MATCHED: matched,
            CONTROLS: chosen.assign(weight=chosen["participant_id"].map(weight_of)),
        },
        contrasts={BEFORE: (CASES, POOL), AFTER: (MATCHED, CONTROLS)},
        on=tuple(CHARACTERISTICS),
        title="Cases and those who may serve as controls, before matching and after",
        provenance=provenance.then("balance"),
    )


def _cohort_of(
    cohort: Cohort,
    people: pd.DataFrame,
    *,
    title: str,
    steps: Sequence[tuple[str, pd.DataFrame, pd.DataFrame]],
    provenance: Provenance,
) -> Cohort:
    """Return some people of a cohort as a cohort: what a definition cannot say stands in its attrition and provenance."""
    last = cohort.attrition.steps[-1]
    further = tuple(
        replace(
            last,
            reason=reason,
            rule="matching",
            people=len(after),
            families=int(after["family_id"].nunique()),
            people_dropped=len(before) - len(after),
            families_dropped=int(before["family_id"].nunique() - after["family_id"].nunique()),
            unknown=0,
        )
        for reason, before, after in steps
    )
    return replace(
        cohort,
        definition=replace(cohort.definition, title=title),
        participants=tuple(sorted(people["participant_id"].tolist())),
        families=tuple(sorted(people["family_id"].dropna().unique().tolist())),
        attrition=replace(cohort.attrition, steps=(*cohort.attrition.steps, *further)),
        provenance=provenance,
    )


def _listed(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
