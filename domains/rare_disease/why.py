"""Why a variant has its tier in a family, or has none: every filter in order, with value, threshold and verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domains.rare_disease.applied_panels import Request
from domains.rare_disease.consequences import is_high
from domains.rare_disease.frequency_limits import Inheritance
from domains.rare_disease.gene_variants import GeneVariants, read_gene_variants
from domains.rare_disease.panels import PanelGene
from domains.rare_disease.partner_search import COLUMNS as PARTNER_COLUMNS
from domains.rare_disease.partner_search import PartnerSearch
from domains.rare_disease.reason_steps import (
    CONSEQUENCE,
    FAILS,
    FREQUENCY,
    PASSES,
    SITE,
    WORDS,
    Step,
    consequence_step,
    frequency_step,
    role_of,
    site_step,
    too_common_words,
    verdict_of,
)
from domains.rare_disease.segregation import (
    ABSENT,
    AFFECTED,
    FILTERS_OF_MODE,
    HETEROZYGOUS,
    IMPRINTED,
    ORIGIN,
    PROBAND,
    SINGLE_PATTERNS,
    UNAFFECTED,
    Pattern,
    Place,
    checks_of,
    may_be_compound,
    rules_of,
)
from gecip.analysis.result import Result
from gecip.errors import InputError
from gecip.model.genes import ModeOfInheritance
from gecip.model.variant import parse_variant

if TYPE_CHECKING:
    import pandas as pd

    from domains.rare_disease.tiering import TieredVariants
    from gecip.analysis.genetic.pedigree import Number

STEP_COLUMNS = ("filter", "value", "threshold", "verdict")


@dataclass(frozen=True, repr=False, eq=False)
class WhyTiered(Result):
    """Why a variant has its tier in a family, or has none.

    `because` is the sentence. `steps` has a row for each filter in order, with `STEP_COLUMNS`.
    `partners` has one for each other variant of the gene that the proband carries, and what it was lost
    to as the partner of a compound heterozygote, with the columns of `partner_search`. `family` has one for each
    member with a genome: `relationship, affected, genotype` and what the entry says of reads. `tiers`
    are the tiers given, highest first.
    """

    because: str
    gene: str | None
    tiers: tuple[str, ...]
    steps: pd.DataFrame
    partners: pd.DataFrame
    family: pd.DataFrame

    def __repr__(self) -> str:
        return f"WhyTiered(tiers={list(self.tiers)}, because={self.because!r})"


def why(tiering: TieredVariants, variant: str, family_id: Number) -> WhyTiered:
    """Return why a variant has its tier in a family, or has none.

    Parameters
    ----------
    variant
        As `chr16:2088000:C:T`, on GRCh38; any variant of the genotypes, tiered or not.
    family_id
        Number of the family.

    Raises
    ------
    InputError
        When the family could not be looked at, or the genotypes have no such variant.
    """
    row = tiering.places.row_of(family_id)
    if row is None:
        raise InputError(
            "That family was not tiered: either it is not in the cohort, or its proband has no genome; tiering.remarks says "
            "which families were left out."
        )
    found = read_gene_variants(tiering, parse_variant(variant), row)
    return _Reasoning(tiering, row, found).told()


@dataclass
class _Verdict:
    """What became of one pattern under one penetrance: the checks that failed, in words."""

    pattern: Pattern
    penetrance: str
    failed: list[str]

    @property
    def holds(self) -> bool:
        return not self.failed


class _Reasoning:
    """The filters in order, asked of one variant of one family."""

    def __init__(self, tiering: TieredVariants, row: int, found: GeneVariants) -> None:
        self.tiering, self.row, self.found = tiering, row, found
        self.first = found.variants[0]
        self.calls = found.calls.take([0])  # type: ignore[arg-type]
        self.members = tiering.places.members[row]
        family = tiering.places.family_ids[row]
        self.requests = [one for one in tiering.requests if one.family_id == family]
        asked = family in tiering.incomplete and len(self.members) > 1
        self.internal = tiering.choices.internal_frequency
        self.partners = PartnerSearch(found, self.members, self.internal)
        self.penetrances = ("complete", "incomplete") if asked else ("complete",)

    def told(self) -> WhyTiered:
        """Return the whole account."""
        import pandas as pd

        basic = list(self.basic_steps())
        verdicts = [*self.single_verdicts(), *self.compound_verdicts()]
        panel_steps, tiers = self.panel_steps(verdicts, basic)
        steps = [*basic, *self.segregation_steps(verdicts), *panel_steps]
        highest = tuple(sorted(set(tiers)))
        steps.append(
            Step(
                "tier",
                highest[0] if highest else "none",
                "the highest counts",
                PASSES if highest else FAILS,
            )
        )
        return WhyTiered(
            provenance=self.tiering.provenance.then("why"),
            because=self.because(basic, verdicts, highest),
            gene=self.found.gene,
            tiers=highest,
            steps=pd.DataFrame([vars(step) for step in steps], columns=list(STEP_COLUMNS)),
            partners=pd.DataFrame(list(self.partners.rows()), columns=list(PARTNER_COLUMNS)),
            family=self.family(),
        )

    # -- the variant itself ---------------------------------------------------------------------------

    def basic_steps(self) -> Iterator[Step]:
        """Yield what is asked of the variant before the family."""
        yield site_step(self.first)
        yield consequence_step(self.first, self.found.gene)
        for kind in self.kinds():
            yield frequency_step(self.first, kind, self.internal)
        state = int(self.calls.states[0, PROBAND])
        yield Step(
            "genotype of the proband",
            WORDS[state],
            "one copy or more",
            verdict_of(holds=state >= HETEROZYGOUS),
        )

    def kinds(self) -> tuple[Inheritance, ...]:
        """Return the kinds of inheritance that a variant can have where it lies."""
        if self.first.place is Place.MITOCHONDRION:
            return (Inheritance.MITOCHONDRIAL,)
        return (Inheritance.DOMINANT, Inheritance.RECESSIVE)

    # -- the family -----------------------------------------------------------------------------------

    def single_verdicts(self) -> Iterator[_Verdict]:
        """Yield what became of each filter of single variants that applies where the variant lies."""
        for pattern in SINGLE_PATTERNS:
            if pattern in IMPRINTED and not self.is_imprinted(pattern):
                continue
            rule = next((one for one in rules_of(pattern) if one.place == self.first.place), None)
            if rule is None:
                continue
            checks = {name: bool(flags[0]) for name, flags in checks_of(rule, self.calls).items()}
            words = {
                AFFECTED: self._affected_words(rule.genotype(self.calls)[0]),
                ORIGIN: self._origin_words(pattern),
                UNAFFECTED: self._unaffected_words(rule.forbidden(self.calls)[0]),
            }
            for penetrance in self.penetrances:
                if penetrance == "incomplete" and not rule.incomplete:
                    continue
                asked = [AFFECTED, ORIGIN] + [UNAFFECTED] * (penetrance == "complete")
                failed = [words[name] for name in asked if not checks[name]]
                yield _Verdict(pattern, penetrance, failed + self._too_common(pattern))

    def is_imprinted(self, pattern: Pattern) -> bool:
        """Return whether an applied panel says that the gene is imprinted so: of others imprinting is not asked."""
        return any(
            pattern in FILTERS_OF_MODE[gene.mode or ModeOfInheritance.UNKNOWN]
            for request in self.requests
            for _, gene in self.green_in(request)
        )

    def compound_verdicts(self) -> Iterator[_Verdict]:
        """Yield what became of the variant as one of two."""
        pattern = self.compound_pattern()
        if pattern is None:
            return
        for penetrance in self.penetrances:
            if not bool(may_be_compound(self.calls)[0]):
                failed = [self._affected_words(self.calls.states[0] == HETEROZYGOUS)]
            elif self.partners.kept(penetrance):
                failed = []
            else:
                failed = [self.partners.none_left(penetrance)]
            yield _Verdict(pattern, penetrance, failed + self._too_common(pattern))

    def compound_pattern(self) -> Pattern | None:
        """Return the name of a compound heterozygote where the variant lies."""
        return {
            Place.AUTOSOME: Pattern.COMPOUND_HETEROZYGOUS,
            Place.X: Pattern.X_COMPOUND_HETEROZYGOUS,
        }.get(self.first.place)

    def _too_common(self, pattern: Pattern) -> list[str]:
        if self.first.is_rare(pattern.inheritance, self.internal):
            return []
        return [too_common_words(self.first, pattern.inheritance, self.internal)]

    def _affected_words(self, genotype: Any) -> str:
        calls = self.calls
        lacking = [
            place
            for place in range(len(self.members))
            if calls.affected[0, place]
            and not genotype[place]
            and (place == PROBAND or calls.states[0, place] >= 0)
        ]
        if not lacking:
            return ""
        without = [place for place in lacking if calls.states[0, place] == ABSENT]
        who = ", ".join(role_of(self.members, place) for place in without or lacking)
        several = len(without or lacking) > 1
        if without:
            return f"the affected {who} {'do' if several else 'does'} not carry the variant"
        return f"the affected {who} {'have' if several else 'has'} another genotype"

    def _unaffected_words(self, forbidden: Any) -> str:
        having = [
            place
            for place in range(len(self.members))
            if self.calls.unaffected[0, place] and forbidden[place]
        ]
        if not having:
            return ""
        first, *others = (role_of(self.members, place) for place in having)
        more = f" (and so do: {', '.join(others)})" if others else ""
        return f"the unaffected {first} carries the variant too{more}"

    def _origin_words(self, pattern: Pattern) -> str:
        father, mother = (
            WORDS[int(states[0, PROBAND])] for states in (self.calls.father, self.calls.mother)
        )
        asked = {
            Pattern.DE_NOVO: "both parents have to be called without it",
            Pattern.SIMPLE_RECESSIVE: "no parent may be called without it",
            Pattern.UNIPARENTAL_ISODISOMY: "both parents have to be called, and one alone to carry it",
        }.get(pattern, "it is new in the proband, and so not inherited")
        return f"{asked} (father: {father}, mother: {mother})"

    def segregation_steps(self, verdicts: Sequence[_Verdict]) -> Iterator[Step]:
        """Yield a step for each pattern and penetrance."""
        value = "; ".join(
            f"{role_of(self.members, place)} {WORDS[int(self.calls.states[0, place])]}"
            for place in range(len(self.members))
        )
        for one in verdicts:
            yield Step(
                f"{one.pattern.value}, {one.penetrance} penetrance",
                value if one.holds else f"{value}: {'; '.join(filter(None, one.failed))}",
                _ASKED[one.pattern],
                verdict_of(holds=one.holds),
            )

    # -- panels and tiers -----------------------------------------------------------------------------

    def panel_steps(
        self, verdicts: Sequence[_Verdict], basic: Sequence[Step]
    ) -> tuple[list[Step], list[str]]:
        """Return what each panel says of the gene, and the tiers that follow."""
        sound = all(
            step.verdict == PASSES for step in basic if not step.filter.startswith(FREQUENCY)
        )
        holding = [one for one in verdicts if one.holds] if sound else []
        steps: list[Step] = []
        tiers: list[str] = []
        for request in self.requests:
            green = list(self.green_in(request))
            for name, gene in green:
                steps.append(self._mode_step(name, gene, holding))
            if not green:
                steps.append(self._outside_step(request))
            tiers += self._tiers(green, holding)
        return steps, tiers

    def green_in(self, request: Request) -> Iterator[tuple[str, PanelGene]]:
        """Yield the panels of a request on which the gene is green."""
        gene = self.found.gene
        if gene is None:
            return
        names = self.tiering.gene_names
        for panel in request.panels:
            for one in panel.green():
                if names.get(one.symbol, one.symbol) == gene:
                    yield f"{panel.name} {panel.version}", one

    def _outside_step(self, request: Request) -> Step:
        colours = [
            f"{_colour(gene)} on {panel.name} {panel.version}"
            for panel in request.panels
            if self.found.gene and (gene := panel.gene(self.found.gene)) is not None
        ]
        value = ", ".join(colours) or f"on none of {len(request.panels)} applied panels"
        return Step("panel", value, "green, for TIER1 and TIER2", FAILS)

    @staticmethod
    def _mode_step(name: str, gene: PanelGene, holding: Sequence[_Verdict]) -> Step:
        mode = gene.mode or ModeOfInheritance.UNKNOWN
        fits = [one for one in holding if one.pattern in FILTERS_OF_MODE[mode]]
        asked = ", ".join(sorted(pattern.value for pattern in FILTERS_OF_MODE[mode])) or "no filter"
        return Step(f"panel {name}", f"green, {mode.value}", asked, verdict_of(holds=bool(fits)))

    def _tiers(
        self, green: Sequence[tuple[str, PanelGene]], holding: Sequence[_Verdict]
    ) -> Iterator[str]:
        gene = self.found.gene or ""
        high = is_high(self.first.tiered_terms(gene))
        for one in holding:
            if not green:
                yield "TIER3"
            for _, panel_gene in green:
                mode = panel_gene.mode or ModeOfInheritance.UNKNOWN
                if mode is ModeOfInheritance.UNKNOWN:
                    yield "TIER3"
                elif one.pattern in FILTERS_OF_MODE[mode]:
                    yield "TIER1" if high or one.pattern is Pattern.DE_NOVO else "TIER2"

    # -- in a sentence --------------------------------------------------------------------------------

    def because(
        self, basic: Sequence[Step], verdicts: Sequence[_Verdict], tiers: Sequence[str]
    ) -> str:
        """Return the one sentence: the tier, or the first filter that the variant failed."""
        if tiers:
            by = ", ".join(dict.fromkeys(one.pattern.value for one in verdicts if one.holds))
            return f"{tiers[0]}: it follows the disease by {by}, in {self.found.gene}{self._outside_words()}"
        for step in basic:
            if step.verdict == FAILS and not step.filter.startswith(FREQUENCY):
                return _BASIC_WORDS[step.filter].format(value=step.value)
        if not any(self.first.is_rare(kind, self.internal) for kind in self.kinds()):
            return too_common_words(self.first, self.kinds()[-1], self.internal)
        holding = ", ".join(one.pattern.value for one in verdicts if one.holds)
        nearest = self._nearest(verdicts)
        if not holding:
            return nearest
        return f"{nearest}; it follows the disease by {holding}, for which {self.found.gene} is not known"

    def _outside_words(self) -> str:
        """Return why the tier is the third: the gene is green on no panel, and what else it may be there."""
        if any(True for request in self.requests for _ in self.green_in(request)):
            return ""
        colours = dict.fromkeys(
            f"{_colour(gene)} on {panel.name} {panel.version}"
            for request in self.requests
            for panel in request.panels
            if self.found.gene and (gene := panel.gene(self.found.gene)) is not None
        )
        return f", which is {', '.join(colours)}" if colours else ", which is on no applied panel"

    def _nearest(self, verdicts: Sequence[_Verdict]) -> str:
        """Return what the filter lacks that comes nearest among those that the gene's mode asks for."""
        modes = {
            gene.mode or ModeOfInheritance.UNKNOWN
            for one in self.requests
            for _, gene in self.green_in(one)
        }
        asked = {pattern for mode in modes for pattern in FILTERS_OF_MODE[mode]}
        failing = [one for one in verdicts if not one.holds]
        among = [one for one in failing if one.pattern in asked] or failing
        # Carriers of one copy follow a dominant filter first, whatever else could be asked of them.
        one_copy = int(self.calls.states[0, PROBAND]) == HETEROZYGOUS
        order = _ORDER_OF_ONE_COPY if one_copy else _ORDER
        nearest = min(among, key=lambda one: (len(one.failed), order.index(one.pattern)))
        return f"{nearest.pattern.value}: {'; '.join(filter(None, nearest.failed))}"

    def family(self) -> pd.DataFrame:
        """Return the members with a genome and their calls."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "relationship": role_of(self.members, place),
                    "affected": member.affected,
                    "genotype": WORDS[int(self.calls.states[0, place])],
                    **self.first.reads[place],
                }
                for place, member in enumerate(self.members)
            ]
        )


def _colour(gene: PanelGene) -> str:
    return (
        gene.confidence.name.lower()
        if gene.confidence is not None
        else "neither green, amber nor red"
    )


_BASIC_WORDS = {
    SITE: "the site does not pass its filters ({value})",
    CONSEQUENCE: "the consequence is neither high nor moderate ({value})",
    "genotype of the proband": "the proband does not carry the variant ({value})",
}
_ORDER = (
    Pattern.DOMINANT, Pattern.X_MONOALLELIC, Pattern.SIMPLE_RECESSIVE, Pattern.X_SIMPLE_RECESSIVE,
    Pattern.COMPOUND_HETEROZYGOUS, Pattern.X_COMPOUND_HETEROZYGOUS, Pattern.MITOCHONDRIAL, Pattern.DE_NOVO,
    Pattern.MATERNALLY_IMPRINTED, Pattern.PATERNALLY_IMPRINTED, Pattern.UNIPARENTAL_ISODISOMY,
)  # fmt: skip
_ORDER_OF_ONE_COPY = tuple(
    sorted(_ORDER, key=lambda one: one in (Pattern.SIMPLE_RECESSIVE, Pattern.X_SIMPLE_RECESSIVE))
)
_ASKED = {
    Pattern.SIMPLE_RECESSIVE: "every copy in the affected, in nobody unaffected, from each parent",
    Pattern.UNIPARENTAL_ISODISOMY: "every copy in the affected, in nobody unaffected, from one parent alone",
    Pattern.DOMINANT: "one copy in the affected, none in the unaffected, inherited",
    Pattern.DE_NOVO: "new in the proband, both parents called, none in the unaffected",
    Pattern.MATERNALLY_IMPRINTED: "one copy in the affected, from the father as far as is told",
    Pattern.PATERNALLY_IMPRINTED: "one copy in the affected, from the mother as far as is told",
    Pattern.X_SIMPLE_RECESSIVE: "every copy in the affected, in nobody unaffected",
    Pattern.X_MONOALLELIC: "carried by the affected, by nobody unaffected, inherited",
    Pattern.MITOCHONDRIAL: "carried by the affected, by nobody unaffected",
    Pattern.COMPOUND_HETEROZYGOUS: "another variant of the gene on the other copy",
    Pattern.X_COMPOUND_HETEROZYGOUS: "another variant of the gene on the other copy",
}
