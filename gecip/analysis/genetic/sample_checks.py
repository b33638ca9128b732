"""Can these samples be trusted? Every check at once: identity, sex, kinship and ancestry against the records."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.ancestry import GeneticAncestry, genetic_ancestry, reference_people
from gecip.analysis.genetic.engine import Engine
from gecip.analysis.genetic.high_quality_sites import high_quality_sites
from gecip.analysis.genetic.kinship import THIRD_DEGREE, Kinship, kinship
from gecip.analysis.genetic.pedigree import read_pedigrees
from gecip.analysis.genetic.reference_space import UNASSIGNED
from gecip.analysis.genetic.relatedness import Exchange, Relatedness
from gecip.analysis.genetic.sex_check import UNCLEAR, SexCheck, check_sex
from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.model.people import Participant

if TYPE_CHECKING:
    import pandas as pd

    from gecip.cohort.selection import Cohort
    from gecip.genotypes import Genotypes

# Up to so many people every pair is kept, so that chance can be judged by all of them.
PEOPLE_FOR_ALL_PAIRS = 10_000

# What a stated ethnic category lets one expect of the genome; categories that name no one region are not held to any.
EXPECTED_ANCESTRY: Mapping[str, str] = {
    "White: British": "European",
    "White: Irish": "European",
    "Asian or Asian British: Indian": "South Asian",
    "Asian or Asian British: Pakistani": "South Asian",
    "Asian or Asian British: Bangladeshi": "South Asian",
    "Black or Black British: African": "African",
    "Other Ethnic Groups: Chinese": "East Asian",
}


class FindingKind(enum.Enum):
    """What can be wrong with a sample, and what to do about it."""

    SWAP = "sample swap"
    DUPLICATE = "one person, two participants"
    HIDDEN_RELATIVE = "relatives whom no record joins"
    NOT_RELATED = "not related as recorded"
    WRONG_SEX = "recorded sex contradicts the genome"
    UNCLEAR_SEX = "sex chromosomes unclear"
    ANCESTRY = "ancestry contradicts the stated category"

    @property
    def action(self) -> str:
        """Return what to do, in a sentence."""
        return _ACTIONS[self]


_ACTIONS: Mapping[FindingKind, str] = {
    FindingKind.SWAP: (
        "Leave both out until the biorepository has confirmed the exchange; do not relabel them yourself. "
        "Diagnoses returned to either family rest on the other's genome: tell the programme."
    ),
    FindingKind.DUPLICATE: "Keep one of the two in every count; if no twin is recorded, tell the programme.",
    FindingKind.HIDDEN_RELATIVE: (
        "Keep one of the two in statistics that want unrelated people, and keep both on one side when data are split."
    ),
    FindingKind.NOT_RELATED: (
        "Leave the family out of analyses by segregation. It may be a sample's mistake or a family's secret: "
        "never tell the family, tell the programme."
    ),
    FindingKind.WRONG_SEX: (
        "Where the rest of the person agrees with the records it is a slip of the pen: use the genome's sex for X; "
        "otherwise leave the sample out."
    ),
    FindingKind.UNCLEAR_SEX: "Look at the coverage of X and Y; leave the person out of analyses of X.",
    FindingKind.ANCESTRY: (
        "Use the genome's components, not the stated category, as covariates; a swap with somebody who is not in this "
        "cohort looks the same."
    ),
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, with those concerned and the evidence in words; row level."""

    kind: FindingKind
    participants: tuple[Any, ...]
    samples: tuple[str, ...]
    families: tuple[Any, ...]
    evidence: str


@dataclass(frozen=True, repr=False, eq=False)
class SampleChecks(Result):
    """What was found, and what it was found by.

    Attributes
    ----------
    findings
        Everything that is wrong, the gravest kind first. Row level: for the screen only.
    people
        One row per person who was checked: `participant_id, sample, family_id`.
    kinship, sex, ancestry
        What the checks rest on; None where one could not be made.
    not_done
        Which checks could not be made, and why.
    """

    findings: tuple[Finding, ...]
    people: pd.DataFrame
    kinship: Kinship | None
    sex: SexCheck | None
    ancestry: GeneticAncestry | None
    not_done: tuple[str, ...]

    def __repr__(self) -> str:
        return f"SampleChecks(people={len(self.people):,}, findings={len(self.findings)})"


def check_samples(genotypes: Genotypes, *, engine: Engine = "auto", seed: int = 0) -> SampleChecks:
    """Return everything about which genomes and records disagree: swaps, duplicates, relatives, sex, ancestry.

    - *Kinship* of all pairs at high-quality sites is held against the pedigrees. Two samples whose
      exchange makes everything about both agree are a swap; what is left are people with one genome,
      first-degree relatives of different families whom no record joins, and parents, children and
      siblings who are not. Second-degree and farther relatives are not reported: at few sites they cannot be
      told from chance, and `kinship` lists them.
    - *Sex* by X against the recorded one. Who disagrees only since their sample was swapped is not told again.
    - *Ancestry*: people whose genome resembles another reference, with at least 0.8 of the forest's
      trees, than the one that their stated category lets one expect. Only categories that name one
      region are held to it; who is recorded by the programme's own inference is told by that where they
      serve as reference.

    Nothing is written or removed. A check that these data do not allow is named in `not_done`.

    Parameters
    ----------
    genotypes
        Of a cohort of whole families, over the whole genome with chrX; no filter is needed before.
    engine
        For kinship and pruning, as there.
    seed
        Of the forest.

    Raises
    ------
    AnalysisError
        When none of the checks can be made.
    """
    columns = genotypes.mt.key_cols_by().cols().select("participant_id", "sample", "family_id")
    people = columns.to_pandas()
    reasons: list[str] = []
    found, sex, ancestry = None, None, None
    try:
        sites = high_quality_sites(genotypes, engine=engine)
        at_least = None if len(people) <= PEOPLE_FOR_ALL_PAIRS else THIRD_DEGREE
        found = kinship(sites.genotypes, engine=engine, at_least=at_least)
    except AnalysisError as error:
        reasons.append(f"Kinship: {error}")
    try:
        sex = check_sex(genotypes)
    except AnalysisError as error:
        reasons.append(f"Sex: {error}")
    recorded: Mapping[Any, str] = {}
    try:
        reference = reference_people(genotypes.cohort)
        ancestry = genetic_ancestry(genotypes, reference, seed=seed)
        recorded = reference.recorded
    except AnalysisError as error:
        reasons.append(f"Ancestry: {error}")
    if found is None and sex is None and ancestry is None:
        raise AnalysisError("None of the checks can be made: " + " ".join(reasons))
    findings = _all_findings(genotypes.cohort, people, found, sex, ancestry, recorded)
    return SampleChecks(
        provenance=genotypes.provenance.then(
            "check_samples", engine=engine, seed=seed, findings=len(findings)
        ),
        findings=findings,
        people=people,
        kinship=found,
        sex=sex,
        ancestry=ancestry,
        not_done=tuple(reasons),
    )


def _all_findings(
    cohort: Cohort,
    people: pd.DataFrame,
    found: Kinship | None,
    sex: SexCheck | None,
    ancestry: GeneticAncestry | None,
    recorded: Mapping[Any, str],
) -> tuple[Finding, ...]:
    tell = _Teller(people)
    genome_of: dict[Any, Any] = {one: one for one in people["participant_id"].tolist()}
    findings: list[Finding] = []
    if found is not None:
        related = Relatedness(found, read_pedigrees(cohort))
        exchanges = related.resolve_exchanges()
        genome_of = {one: related.genome_of(one) for one in genome_of}
        findings += [
            tell(FindingKind.SWAP, (one.one, one.other), _said_of(one)) for one in exchanges
        ]
        findings += _of_kinship(related, tell, _named_duplicates(cohort))
    if sex is not None:
        findings += _of_sex(sex, genome_of, tell)
    findings += _of_ancestry(cohort, ancestry, recorded, genome_of, tell)
    order = list(FindingKind)
    return tuple(sorted(findings, key=lambda one: (order.index(one.kind), str(one.participants))))


class _Teller:
    """Makes findings: knows the sample and the family of each person."""

    def __init__(self, people: pd.DataFrame) -> None:
        ids = people["participant_id"].tolist()
        self._sample = dict(zip(ids, people["sample"].tolist(), strict=True))
        self._family = dict(zip(ids, people["family_id"].tolist(), strict=True))

    def __call__(self, kind: FindingKind, participants: Iterable[Any], evidence: str) -> Finding:
        those = tuple(participants)
        return Finding(
            kind,
            those,
            tuple(self._sample[one] for one in those),
            tuple(self._family[one] for one in those),
            evidence,
        )


def _said_of(exchange: Exchange) -> str:
    return (
        f"as labelled the two contradict the pedigree in {exchange.before} pairs, each a stranger to its own family and kin of "
        "the other's; with the samples exchanged, in none"
    )


def _of_kinship(
    related: Relatedness, tell: _Teller, named: frozenset[frozenset[Any]]
) -> list[Finding]:
    left = related.contradictions()
    findings = []
    for pair, seen in left.undeclared.items():
        kind = FindingKind.DUPLICATE if seen.is_same else FindingKind.HIDDEN_RELATIVE
        evidence = f"kinship {seen.kinship:.3f}: {seen.words}; the pedigrees do not join them"
        if seen.is_same and frozenset(pair) in named:
            evidence += "; the participant table names the one as a duplicate of the other"
        findings.append(tell(kind, pair, evidence))
    for pair, name in left.broken.items():
        seen = related.found(*pair)
        findings.append(
            tell(
                FindingKind.NOT_RELATED,
                pair,
                f"recorded as {name}, found {seen.words} (kinship {seen.kinship:.3f})",
            )
        )
    return findings


def _of_sex(sex: SexCheck, genome_of: Mapping[Any, Any], tell: _Teller) -> list[Finding]:
    rows = sex.people.set_index("participant_id")
    findings = []
    for person in rows.index.tolist():
        genome = genome_of[person]
        recorded, told = rows.at[person, "recorded"], rows.at[genome, "genome"]
        depth = rows.at[genome, "depth_ratio"]
        by_coverage = rows.at[genome, "karyotype"]
        seen = f"F of X {rows.at[genome, 'f_statistic']:.2f}" + (
            f", depth of X over autosomes {depth:.2f}" if depth == depth else ""
        )
        seen += f", {by_coverage} by coverage" if by_coverage == by_coverage else ""
        if told == UNCLEAR or bool(rows.at[genome, "depth_disagrees"]):
            findings.append(
                tell(FindingKind.UNCLEAR_SEX, (person,), f"recorded {recorded}; {seen}")
            )
        elif {"XX": "Male", "XY": "Female"}[told] == recorded:
            findings.append(
                tell(
                    FindingKind.WRONG_SEX,
                    (person,),
                    f"recorded {recorded}, the genome is {told}: {seen}",
                )
            )
    return findings


def _of_ancestry(
    cohort: Cohort,
    ancestry: GeneticAncestry | None,
    recorded: Mapping[Any, str],
    genome_of: Mapping[Any, Any],
    tell: _Teller,
) -> list[Finding]:
    found: dict[Any, str] = dict(recorded)
    if ancestry is not None:
        asked = ancestry.people
        found |= dict(zip(asked["participant_id"], asked["similar_to"], strict=True))
    rows = cohort.rows(Participant)
    if "participant_ethnic_category" not in rows:
        return []
    stated = dict(
        zip(
            rows["participant_id"].tolist(),
            rows["participant_ethnic_category"].tolist(),
            strict=True,
        )
    )
    findings = []
    for person, genome in genome_of.items():
        expected = EXPECTED_ANCESTRY.get(str(stated.get(person)))
        resembles = found.get(genome, UNASSIGNED)
        if expected and resembles not in (expected, UNASSIGNED):
            findings.append(
                tell(
                    FindingKind.ANCESTRY,
                    (person,),
                    f"stated {stated[person]}; the genome resembles the {resembles} reference",
                )
            )
    return findings


def _named_duplicates(cohort: Cohort) -> frozenset[frozenset[Any]]:
    """Return the pairs of whom the participant table says that they are one person."""
    rows = cohort.rows(Participant)
    if "duplicated_participant_id" not in rows:
        return frozenset()
    rows = rows.dropna(subset=["duplicated_participant_id"])
    return frozenset(
        frozenset((one, int(other)))
        for one, other in zip(
            rows["participant_id"].tolist(), rows["duplicated_participant_id"].tolist(), strict=True
        )
    )
