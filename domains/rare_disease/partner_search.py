"""The other variants of a gene that a proband carries: which is the partner, and to what each other one was lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domains.rare_disease.gene_variants import CarriedVariant, GeneVariants
from domains.rare_disease.reason_steps import (
    CONSEQUENCE,
    FAILS,
    PASSES,
    RECESSIVE_FREQUENCY,
    SITE,
    WORDS,
    Step,
    partner_steps,
    role_of,
)
from domains.rare_disease.segregation import (
    HETEROZYGOUS,
    PROBAND,
    Phase,
    compound_pairs,
    may_be_compound,
)
from gecip.analysis.genetic.pedigree import PedigreeMember

COLUMNS = ("variant", "consequence", "verdict", "lost_to", "value", "threshold")
_GENOTYPE = "genotype of the affected"
_UNAFFECTED_HAS = "unaffected members"
_PHASE = "phase by transmission"
# How far a partner came before it was lost: the later, the nearer.
_REACHED = (SITE, CONSEQUENCE, RECESSIVE_FREQUENCY, _GENOTYPE, _PHASE, _UNAFFECTED_HAS)
_IN_FAMILY = (_GENOTYPE, _PHASE, _UNAFFECTED_HAS)
_MOST_TOLD = 3


@dataclass(frozen=True)
class PartnerSearch:
    """The search for the partners of the first of a gene's variants; see `GeneVariants`.

    `internal` names the annotation's field of the programme's own frequency, if there is one.
    """

    found: GeneVariants
    members: Sequence[PedigreeMember]
    internal: str | None

    def kept(self, penetrance: str = "complete") -> dict[int, Phase]:
        """Return the partners with whom the variant is a compound heterozygote, as places among the gene's variants."""
        import numpy as np

        fit = np.array([self._is_fit(one) for one in self.found.variants], dtype=bool)
        fit[0] = True
        pairs = compound_pairs(
            self.found.calls,
            np.zeros(len(self.found.calls), dtype=np.int64),
            fit,
            incomplete=penetrance == "incomplete",
        )
        return {
            int(second if first == 0 else first): Phase.IN_TRANS if in_trans else Phase.UNPHASED
            for first, second, in_trans in zip(
                pairs.first, pairs.second, pairs.in_trans, strict=True
            )
            if 0 in (first, second)
        }

    def _is_fit(self, one: CarriedVariant) -> bool:
        return all(
            step.verdict == PASSES for step in partner_steps(one, self.found.gene, self.internal)
        )

    def none_left(self, penetrance: str) -> str:
        """Return in words to what the nearest of the other variants were lost.

        Where each was lost by what it is itself, and none by what the family carries, one variant alone counts.
        """
        others = len(self.found.variants) - 1
        gene = self.found.gene
        alone = f"two copies have to be changed, and only one variant of {gene} counts: "
        if not others:
            return f"{alone}the proband carries no other"
        lost = [row for row in self.rows(penetrance) if row[2] == FAILS]
        near = [row for row in lost if row[3] not in (SITE, CONSEQUENCE)]
        of_family = any(row[3] in _IN_FAMILY for row in lost)
        told = "; ".join(
            f"{row[0]} was lost to {row[3]} ({row[4]})" for row in (near or lost)[:_MOST_TOLD]
        )
        return (
            f"{'' if of_family else alone}none of the {others} other variants is a partner: {told}"
        )

    def rows(
        self, penetrance: str = "complete"
    ) -> Iterator[tuple[str, str, str, str | None, str, str]]:
        """Yield every other variant of the gene that the proband carries, nearest to a partner first."""
        kept = self.kept(penetrance)
        rows: list[tuple[str, str, str, str | None, str, str]] = []
        for place, one in enumerate(self.found.variants):
            if place == 0:
                continue
            consequence = ", ".join(one.terms.get(self.found.gene or "", ()))
            if place in kept:
                phase = kept[place].value
                rows.append(
                    (str(one.variant), consequence, PASSES, None, phase, "on the other copy")
                )
                continue
            lost = next(
                (
                    step
                    for step in partner_steps(one, self.found.gene, self.internal)
                    if step.verdict == FAILS
                ),
                None,
            )
            lost = self._lost_in_family(place) if lost is None else lost
            rows.append(
                (str(one.variant), consequence, FAILS, lost.filter, lost.value, lost.threshold)
            )
        yield from sorted(rows, key=lambda row: (row[2] != PASSES, -_nearness(row[3])))

    def _lost_in_family(self, place: int) -> Step:
        import numpy as np

        calls = self.found.calls
        member = self.found.calls.take(np.array([place]))
        state = int(calls.states[place, PROBAND])
        if not bool(may_be_compound(member)[0]):
            return Step(
                _GENOTYPE, f"proband {WORDS[state]}", "one copy in every affected member", FAILS
            )
        pair = np.array([0, place])
        apart = compound_pairs(
            calls.take(pair), np.zeros(2, dtype=np.int64), np.ones(2, dtype=bool), incomplete=True
        )
        if not len(apart.first) and bool(may_be_compound(self.found.calls.take(np.array([0])))[0]):
            parents = ", ".join(
                f"{word}: {WORDS[int(states[0, PROBAND])]} and {WORDS[int(states[place, PROBAND])]}"
                for word, states in (("father", calls.father), ("mother", calls.mother))
            )
            value = f"both come from one parent; {parents}"
            return Step(_PHASE, value, "one from each parent", FAILS)
        both = (calls.states[0] >= HETEROZYGOUS) & (calls.states[place] >= HETEROZYGOUS)
        having = [
            role_of(self.members, one)
            for one in range(len(self.members))
            if both[one] and calls.unaffected[0, one]
        ]
        value = (
            f"the unaffected {' and '.join(having)} has both"
            if having
            else "the variant itself does not fit"
        )
        return Step(_UNAFFECTED_HAS, value, "nobody unaffected has both", FAILS)


def _nearness(lost_to: str | None) -> int:
    return len(_REACHED) if lost_to is None else _REACHED.index(lost_to)
