"""One filter and its verdict, and the filters that look at a variant alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domains.rare_disease.frequency_limits import Inheritance
from domains.rare_disease.gene_variants import CarriedVariant
from domains.rare_disease.segregation import PROBAND
from gecip.analysis.genetic.pedigree import PedigreeMember

PASSES, FAILS = "passes", "fails"
SITE, CONSEQUENCE = "site's filters", "consequence"
FREQUENCY = "frequency"
RECESSIVE_FREQUENCY = f"{FREQUENCY}, {Inheritance.RECESSIVE.value}"
WORDS = {-1: "no call", 0: "no copy", 1: "one copy", 2: "every copy"}


@dataclass(frozen=True)
class Step:
    """One filter: what was seen, what was asked, and the verdict."""

    filter: str
    value: str
    threshold: str
    verdict: str


def verdict_of(*, holds: bool) -> str:
    """Return the verdict in words."""
    return PASSES if holds else FAILS


def role_of(members: Sequence[PedigreeMember], place: int) -> str:
    """Return who stands at a place of a family, as a relation of the proband."""
    return "proband" if place == PROBAND else (members[place].relationship or "relative").lower()


def site_step(one: CarriedVariant) -> Step:
    """Return the verdict of the site's own filters."""
    return Step(SITE, ", ".join(one.filters) or "PASS", "PASS", verdict_of(holds=not one.filters))


def consequence_step(one: CarriedVariant, gene: str | None) -> Step:
    """Return the verdict on what the variant does to the gene."""
    terms = one.terms.get(gene, ()) if gene else ()
    value = f"{', '.join(terms)} in {gene}" if terms else "in no gene's transcript that counts"
    tiered = bool(gene and one.tiered_terms(gene))
    return Step(CONSEQUENCE, value, "a high or moderate consequence", verdict_of(holds=tiered))


def frequency_step(one: CarriedVariant, kind: Inheritance, internal: str | None) -> Step:
    """Return the verdict of the population in which the variant is nearest to its limit, or above it most."""
    field, frequency, limit = one.worst_frequency(kind, internal)
    return Step(
        f"{FREQUENCY}, {kind.value}",
        f"{frequency:.4g} in {field}",
        f"at most {limit:g}",
        verdict_of(holds=frequency <= limit),
    )


def too_common_words(one: CarriedVariant, kind: Inheritance, internal: str | None) -> str:
    """Return in words where a variant is too common: everywhere, or in some populations while it is rare over all."""
    step = frequency_step(one, kind, internal)
    _, _, limit = one.worst_frequency(kind, internal)
    told = f"for a {kind.value} disease ({step.value}, {step.threshold})"
    field, overall = max(one.overall.items(), key=lambda pair: pair[1], default=("", limit + 1))
    if overall > limit:
        return f"the variant is too common {told}"
    number = len(one.populations_above(kind, internal))
    where = "one population" if number == 1 else f"{number} populations"
    return f"the variant is too common in {where} {told}, though rare over all ({overall:.4g} in {field})"


def partner_steps(one: CarriedVariant, gene: str | None, internal: str | None) -> tuple[Step, ...]:
    """Return what the partner of a compound heterozygote has to pass by itself."""
    return (
        site_step(one),
        consequence_step(one, gene),
        frequency_step(one, Inheritance.RECESSIVE, internal),
    )
