"""What is found more often in a cohort than in others: HPO terms, and groups of hospital diagnoses.

Whoever has a feature has every broader one too, so that a term counts all who have it or a narrower
one, by any parent of the ontology; likewise a diagnosis counts for its block and its chapter of ICD-10.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from gecip.analysis.clinical.recorded_codes import assessed_terms, recorded_icd10
from gecip.analysis.result import Result
from gecip.cohort.clinical_columns import clinical_columns
from gecip.cohort.ontology import PHENOTYPES, ancestors, current_term, term_name
from gecip.cohort.selection import Cohort
from gecip.errors import AnalysisError
from gecip.model.hospital import HesApc
from gecip.model.icd10 import groups_of
from gecip.provenance import digest_of

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["hpo", "icd10"]
FEWEST_PEOPLE = 5
# The normal quantile of a 95 % interval.
_QUANTILE = 1.959963984540054


@dataclass(frozen=True, repr=False, eq=False)
class Enrichment(Result):
    """How often each term or group of diagnoses is found in a cohort and in others.

    Attributes
    ----------
    terms
        A row for each that was tested, the smallest p first: `code, label, people, families, others,
        other_families, odds_ratio, low, high, p, q`.
    of
        `hpo` or `icd10`.
    asked
        Who was asked, one row per person: `participant_id, family_id, in_cohort`.
    held
        Who has which of the tested codes: `participant_id, code`.
    broader
        For each tested code the broader ones that were tested too.
    too_rare
        How many terms or groups fewer than `fewest_people` have, and were not tested.
    same_people
        How many broader terms were left out, since exactly the people have them who have a narrower one.
    fewest_people, is_one_per_family
        As asked.
    names
        Of the cohort and the others.
    """

    terms: pd.DataFrame
    of: Kind
    asked: pd.DataFrame
    held: pd.DataFrame
    broader: Mapping[str, frozenset[str]]
    too_rare: int
    same_people: int
    fewest_people: int
    is_one_per_family: bool
    names: tuple[str, str]

    @property
    def people_asked(self) -> int:
        """How many people of the cohort were asked."""
        return int(self.asked["in_cohort"].sum())

    @property
    def families_asked(self) -> int:
        """Of how many families they are."""
        return int(self.asked.loc[self.asked["in_cohort"], "family_id"].nunique())

    @property
    def others_asked(self) -> int:
        """How many others were asked."""
        return len(self.asked) - self.people_asked

    @property
    def other_families_asked(self) -> int:
        """Of how many families the others are."""
        return int(self.asked.loc[~self.asked["in_cohort"], "family_id"].nunique())

    @property
    def n_families(self) -> int:
        """How many distinct families both are of."""
        return int(self.asked["family_id"].nunique())

    def __repr__(self) -> str:
        return f"Enrichment(of={self.of!r}, tested={len(self.terms):,}, people={self.people_asked:,}, others={self.others_asked:,})"


def enrichment(
    cohort: Cohort,
    comparison: Cohort,
    *,
    of: Kind = "hpo",
    fewest_people: int = FEWEST_PEOPLE,
    one_per_family: bool = False,
) -> Enrichment:
    """Return which HPO terms, or chapters and blocks of ICD-10, a cohort has more or less often than others.

    Everybody has a term once. Of HPO terms those people are asked who were assessed for any; of
    diagnoses everybody, since who was never in hospital has none. Whoever is in the cohort is left out
    of the comparison. Each term is tested by Fisher's exact test, two-sided; q is the false discovery
    rate of Benjamini and Hochberg over all that were tested. The interval of the odds ratio is Woolf's;
    where nobody, or everybody, has a term, a half is added to the four counts (Haldane, Anscombe).

    Fisher's test takes people for independent, and relatives are not: where a cohort holds whole
    families, ask for one person of each.

    Parameters
    ----------
    of
        `"hpo"`: features found by clinicians. `"icd10"`: diagnoses of hospital stays (`hes_apc`).
    fewest_people
        Terms that fewer people have, of both groups together, are not tested.
    one_per_family
        Ask one person of each family, the proband if possible, and no relative of the cohort's people
        in the comparison.

    Raises
    ------
    AnalysisError
        When the cohorts are of two releases, the release lacks the table, or nobody is left to be asked.
    """
    if of not in ("hpo", "icd10"):
        raise AnalysisError(f"There is enrichment of 'hpo' and of 'icd10', and not of {of!r}.")
    if cohort.release.provenance.digest() != comparison.release.provenance.digest():
        raise AnalysisError(
            "The cohort and its comparison are of two releases: select both from one open release."
        )
    people = _people_asked(cohort, comparison, of, one_per_family=one_per_family)
    held = _held_codes(cohort, comparison, of)
    held = held.merge(people, on="participant_id", how="inner")
    counts = _counts(held)
    frequent = counts[counts["people"] + counts["others"] >= fewest_people]
    own = _without_the_same_people(frequent, of)
    inside = int(people["in_cohort"].sum())
    terms = _tested(own, inside, len(people) - inside)
    tested = frozenset(terms["code"])
    return Enrichment(
        provenance=cohort.release.provenance.then(
            "enrichment",
            definition=digest_of([cohort.provenance.digest(), comparison.provenance.digest()]),
            cohort=cohort.definition.title,
            comparison=comparison.definition.title,
            of=of,
            fewest_people=fewest_people,
            one_per_family=one_per_family,
        ),
        terms=terms.assign(label=terms["code"].map(lambda code: _label(code, of)))[
            ["code", "label", *[name for name in terms if name != "code"]]
        ],
        of=of,
        asked=people,
        held=held.loc[held["code"].isin(tested), ["participant_id", "code"]].reset_index(drop=True),
        broader={code: _broader(code, of) & tested for code in tested},
        too_rare=len(counts) - len(frequent),
        same_people=len(frequent) - len(own),
        fewest_people=fewest_people,
        is_one_per_family=one_per_family,
        names=(cohort.definition.title, comparison.definition.title),
    )


def _people_asked(
    cohort: Cohort, comparison: Cohort, of: Kind, *, one_per_family: bool
) -> pd.DataFrame:
    """Return who is asked, one row each: `participant_id, family_id, in_cohort`."""
    import pandas as pd

    inside, outside = clinical_columns(cohort), clinical_columns(comparison)
    outside = outside[~outside["participant_id"].isin(inside["participant_id"])]
    if one_per_family:
        outside = outside[~outside["family_id"].isin(inside["family_id"].dropna())]
    people = pd.concat([inside.assign(in_cohort=True), outside.assign(in_cohort=False)])
    if of == "hpo":
        assessed = pd.concat([assessed_terms(cohort), assessed_terms(comparison)])
        people = people[people["participant_id"].isin(assessed["participant_id"])]
    elif HesApc.name not in cohort.release.tables:
        raise AnalysisError(
            f"Diagnoses of hospital stays stand in the table {HesApc.name}, which release {cohort.release.name} does not "
            "have: use a release that has it."
        )
    if one_per_family:
        people = _one_of_each_family(people)
    for inside_or_not, title in ((True, cohort), (False, comparison)):
        if not (people["in_cohort"] == inside_or_not).any():
            raise AnalysisError(
                f"Nobody of the cohort {title.definition.title!r} is left to be asked: people in both cohorts are left out of "
                "the comparison, and of HPO terms only who was assessed is asked. Widen its definition."
            )
    return people[["participant_id", "family_id", "in_cohort"]].reset_index(drop=True)


def _one_of_each_family(people: pd.DataFrame) -> pd.DataFrame:
    """Return one person of each family, the proband if there is one; who has no family stays."""
    order = people.assign(is_relative=people["participant_type"] != "Proband").sort_values(
        ["is_relative", "participant_id"]
    )
    return order[order["family_id"].isna() | ~order["family_id"].duplicated()]


def _held_codes(cohort: Cohort, comparison: Cohort, of: Kind) -> pd.DataFrame:
    """Return each person's codes with all broader ones, each once: `participant_id, code`."""
    import pandas as pd

    found = []
    for group in (cohort, comparison):
        if of == "hpo":
            terms = assessed_terms(group)
            found.append(terms[terms["is_present"]][["participant_id", "code"]])
        else:
            found.append(recorded_icd10(group, [HesApc.name]))
    rows = pd.concat(found, ignore_index=True).drop_duplicates()
    rows["held"] = rows["code"].map(lambda code: _implied(code, of))
    exploded = rows[["participant_id", "held"]].explode("held").dropna(subset=["held"])
    return exploded.rename(columns={"held": "code"}).drop_duplicates(ignore_index=True)


def _counts(held: pd.DataFrame) -> pd.DataFrame:
    """Return people and families with each code, inside and outside, and a number that stands for who they are."""
    import numpy as np
    import pandas as pd

    names = ["people", "families", "others", "other_families", "who"]
    if held.empty:
        return pd.DataFrame({"code": [], **{name: [] for name in names}}).astype({"code": str})
    # Sets of people are equal where the sums of their random numbers are.
    marks = np.random.default_rng(0).integers(0, 2**62, held["participant_id"].nunique())
    held = held.assign(mark=marks[pd.factorize(held["participant_id"])[0]])
    inside = held[held["in_cohort"]].groupby("code")
    outside = held[~held["in_cohort"]].groupby("code")
    frame = pd.DataFrame(
        {
            "people": inside["participant_id"].nunique(),
            "families": inside["family_id"].nunique(),
            "others": outside["participant_id"].nunique(),
            "other_families": outside["family_id"].nunique(),
        }
    )
    counts = frame.fillna(0).astype("int64")
    counts["who"] = held.groupby("code")["mark"].sum()
    return counts.rename_axis("code").reset_index()


def _without_the_same_people(counts: pd.DataFrame, of: Kind) -> pd.DataFrame:
    """Leave out a broader code that exactly the people have who have a narrower one: it says the same twice."""
    repeated = {
        code
        for _, codes in counts.groupby("who")["code"]
        if len(codes) > 1
        for narrower in codes
        for code in _broader(narrower, of).intersection(codes)
    }
    return counts[~counts["code"].isin(repeated)]


def _tested(counts: pd.DataFrame, asked: int, others_asked: int) -> pd.DataFrame:
    """Return counts with odds ratio, interval, p and q, the smallest p first."""
    from scipy.stats import false_discovery_control, fisher_exact

    rows = []
    for row in counts.to_dict("records"):
        table = [
            [row["people"], asked - row["people"]],
            [row["others"], others_asked - row["others"]],
        ]
        ratio, low, high = odds_ratio(table)
        p = float(fisher_exact(table).pvalue)
        rows.append((ratio, low, high, min(p, 1.0)))
    tested = counts.drop(columns="who").reset_index(drop=True)
    for place, name in enumerate(("odds_ratio", "low", "high", "p")):
        tested[name] = [float(row[place]) for row in rows]
    tested["q"] = false_discovery_control(tested["p"]) if len(tested) else []
    return tested.sort_values(
        ["p", "odds_ratio", "code"], ascending=[True, False, True], ignore_index=True
    )


def odds_ratio(table: list[list[int]]) -> tuple[float, float, float]:
    """Return the odds ratio of a table of two by two with Woolf's 95 % interval (Ann Hum Genet 1955;19:251).

    Where a count is 0, a half is added to all four.
    """
    (a, b), (c, d) = table
    half = 0.5 if 0 in (a, b, c, d) else 0.0
    a_, b_, c_, d_ = (count + half for count in (a, b, c, d))
    ratio = a_ * d_ / (b_ * c_)
    width = _QUANTILE * math.sqrt(1 / a_ + 1 / b_ + 1 / c_ + 1 / d_)
    return ratio, ratio * math.exp(-width), ratio * math.exp(width)


@cache
def _implied(code: str, of: Kind) -> tuple[str, ...]:
    """Return what somebody has who has a code: of HPO the term and all broader ones, of ICD-10 block and chapter."""
    if of == "icd10":
        return groups_of(code[:3])
    term = current_term(code)
    if term is None:
        return ()
    return tuple(sorted(one for one in {term, *ancestors(term)} if PHENOTYPES in ancestors(one)))


@cache
def _broader(code: str, of: Kind) -> frozenset[str]:
    """Return the codes broader than a term, or the chapter of a block."""
    if of == "icd10":
        return (
            frozenset(groups_of(code[:3])) - {code} if len(code) <= len("A00-A09") else frozenset()
        )
    return ancestors(code)


def _label(code: str, of: Kind) -> str:
    """Return how a code is told: a term by its name, a block with the name of its chapter."""
    if of == "hpo":
        return f"{term_name(code)} ({code})"
    chapter = groups_of(code[:3])[:1]
    return f"{chapter[0].rpartition(' (')[0]}: {code}" if _broader(code, of) else code
