"""Does a variant follow the disease through a family? The programme's segregation filters, all families at once.

Rules after the Rare Disease Genome Analysis Guide (segregation with disease, penetrance modes): under
complete penetrance a genotype is in everybody affected and in nobody unaffected; under incomplete
penetrance in everybody affected. A missing genotype is ignored, not failed. A de novo variant needs the
calls of both parents.

Everything here works on *states*: one row for each variant that a family's proband carries, one column
for each place in the family (the proband first), -1 for no call, no genome or nobody, 0 for no copy of
the alternate allele, 1 for one of two copies, 2 for every copy (two, or a man's only X).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domains.rare_disease.frequency_limits import Inheritance
from gecip.model.genes import ModeOfInheritance

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from domains.rare_disease.family_places import FamilyPlaces

    Array = npt.NDArray[Any]
    States = npt.NDArray[np.int8]
    Flags = npt.NDArray[np.bool_]
    Holds = Callable[["Calls"], Flags]

MISSING, ABSENT, HETEROZYGOUS, EVERY_COPY = -1, 0, 1, 2
PROBAND = 0


class Pattern(enum.Enum):
    """How a variant follows the disease, in the codings of `tiering_data.segregation_pattern`."""

    SIMPLE_RECESSIVE = "SimpleRecessive"
    COMPOUND_HETEROZYGOUS = "CompoundHeterozygous"
    UNIPARENTAL_ISODISOMY = "UniparentalIsodisomy"
    DE_NOVO = "deNovo"
    DOMINANT = "InheritedAutosomalDominant"
    MATERNALLY_IMPRINTED = "InheritedAutosomalDominantMaternallyImprinted"
    PATERNALLY_IMPRINTED = "InheritedAutosomalDominantPaternallyImprinted"
    X_SIMPLE_RECESSIVE = "XLinkedSimpleRecessive"
    X_COMPOUND_HETEROZYGOUS = "XLinkedCompoundHeterozygous"
    X_MONOALLELIC = "XLinkedMonoallelic"
    MITOCHONDRIAL = "MitochondrialGenome"

    @property
    def inheritance(self) -> Inheritance:
        """Return whose limits of frequency apply."""
        if self in _TWO_COPIES:
            return Inheritance.RECESSIVE
        return Inheritance.MITOCHONDRIAL if self is Pattern.MITOCHONDRIAL else Inheritance.DOMINANT


class Phase(enum.Enum):
    """How well it is known that two variants lie on different copies of a gene."""

    IN_TRANS = "in trans, by transmission"
    UNPHASED = "unphased"


class Place(enum.IntEnum):
    """Where a variant lies, as far as inheritance goes; X's pairing regions are inherited as autosomes are."""

    AUTOSOME = 0
    X = 1
    MITOCHONDRION = 2
    ELSEWHERE = 3


_P = Pattern
_TWO_COPIES = frozenset(
    {
        _P.SIMPLE_RECESSIVE, _P.COMPOUND_HETEROZYGOUS, _P.UNIPARENTAL_ISODISOMY,
        _P.X_SIMPLE_RECESSIVE, _P.X_COMPOUND_HETEROZYGOUS,
    }
)  # fmt: skip
COMPOUND = frozenset({_P.COMPOUND_HETEROZYGOUS, _P.X_COMPOUND_HETEROZYGOUS})
IMPRINTED = frozenset({_P.MATERNALLY_IMPRINTED, _P.PATERNALLY_IMPRINTED})
_ONE_COPY = frozenset({_P.DOMINANT, _P.DE_NOVO})
_BIALLELIC = frozenset({_P.SIMPLE_RECESSIVE, _P.COMPOUND_HETEROZYGOUS, _P.UNIPARENTAL_ISODISOMY})
_M = ModeOfInheritance
# Which filters a mode of inheritance asks for, after the guide's table; an imprinting status that is not
# known is taken for none.
FILTERS_OF_MODE: Mapping[ModeOfInheritance, frozenset[Pattern]] = {
    _M.MONOALLELIC: _ONE_COPY,
    _M.MONOALLELIC_NOT_IMPRINTED: _ONE_COPY,
    _M.MONOALLELIC_MATERNALLY_IMPRINTED: frozenset({_P.MATERNALLY_IMPRINTED}),
    _M.MONOALLELIC_PATERNALLY_IMPRINTED: frozenset({_P.PATERNALLY_IMPRINTED}),
    _M.BIALLELIC: _BIALLELIC,
    _M.MONOALLELIC_AND_BIALLELIC: _ONE_COPY | _BIALLELIC,
    _M.MONOALLELIC_AND_MORE_SEVERE_BIALLELIC: _ONE_COPY | _BIALLELIC,
    _M.XLINKED_BIALLELIC: frozenset({_P.X_SIMPLE_RECESSIVE, _P.X_COMPOUND_HETEROZYGOUS}),
    _M.XLINKED_MONOALLELIC: frozenset({_P.X_MONOALLELIC, _P.DE_NOVO}),
    _M.MITOCHONDRIAL: frozenset({_P.MITOCHONDRIAL}),
    _M.UNKNOWN: frozenset(),
}
# The mode by which a variant outside every panel is tiered, told from how it follows the disease.
MODE_OF_PATTERN: Mapping[Pattern, ModeOfInheritance] = {
    _P.SIMPLE_RECESSIVE: _M.BIALLELIC,
    _P.COMPOUND_HETEROZYGOUS: _M.BIALLELIC,
    _P.UNIPARENTAL_ISODISOMY: _M.BIALLELIC,
    _P.DE_NOVO: _M.MONOALLELIC_NOT_IMPRINTED,
    _P.DOMINANT: _M.MONOALLELIC_NOT_IMPRINTED,
    _P.MATERNALLY_IMPRINTED: _M.MONOALLELIC_MATERNALLY_IMPRINTED,
    _P.PATERNALLY_IMPRINTED: _M.MONOALLELIC_PATERNALLY_IMPRINTED,
    _P.X_SIMPLE_RECESSIVE: _M.XLINKED_BIALLELIC,
    _P.X_COMPOUND_HETEROZYGOUS: _M.XLINKED_BIALLELIC,
    _P.X_MONOALLELIC: _M.XLINKED_MONOALLELIC,
    _P.MITOCHONDRIAL: _M.MITOCHONDRIAL,
}


@dataclass(frozen=True)
class Calls:
    """Variants in families: states of shape (calls, places), with what the family says of each place.

    `father` and `mother` are the states of each place's parents, -1 where they are not told; `place` is
    where each variant lies.
    """

    states: States
    father: States
    mother: States
    affected: Flags
    unaffected: Flags
    place: Array

    def __len__(self) -> int:
        return len(self.states)

    def take(self, rows: Array) -> Calls:
        """Return some of the calls."""
        return Calls(
            self.states[rows], self.father[rows], self.mother[rows], self.affected[rows],
            self.unaffected[rows], self.place[rows],
        )  # fmt: skip


def calls_of(states: States, family: Array, places: FamilyPlaces, *, place: Array) -> Calls:
    """Return states with the roles of their families' members.

    Parameters
    ----------
    family
        The family's row of `places`, for each row of the states.
    """
    return Calls(
        states=states,
        father=_of_parents(states, places.father[family]),
        mother=_of_parents(states, places.mother[family]),
        affected=places.affected[family],
        unaffected=places.unaffected[family],
        place=place,
    )


@dataclass(frozen=True)
class Rule:
    """One filter: where it applies, which genotype the affected have, and what else must hold.

    `genotype` and `forbidden` give for each place whether its state is what the affected need, and what
    no unaffected member may have; `moreover` is of the whole family. `incomplete` tells whether the
    filter means anything when unaffected members are not asked.
    """

    place: Place
    genotype: Holds
    forbidden: Holds
    moreover: Holds | None = None
    incomplete: bool = True


def _heterozygous(calls: Calls) -> Flags:
    return calls.states == HETEROZYGOUS


def _every_copy(calls: Calls) -> Flags:
    return calls.states == EVERY_COPY


def _carried(calls: Calls) -> Flags:
    return calls.states >= HETEROZYGOUS


def _new(calls: Calls) -> Flags:
    """Return where both of the proband's parents are called and neither carries the variant."""
    new: Flags = (calls.father[:, PROBAND] == ABSENT) & (calls.mother[:, PROBAND] == ABSENT)
    return new


def _not_new(calls: Calls) -> Flags:
    return ~_new(calls)


def _from_each_parent(calls: Calls) -> Flags:
    """Return where no parent of the proband is called without the variant."""
    each: Flags = (calls.father[:, PROBAND] != ABSENT) & (calls.mother[:, PROBAND] != ABSENT)
    return each


def _from_one_parent(calls: Calls) -> Flags:
    """Return where both parents are called, one with the variant and one without."""
    father, mother = calls.father[:, PROBAND], calls.mother[:, PROBAND]
    one: Flags = ((father >= HETEROZYGOUS) & (mother == ABSENT)) | (
        (mother >= HETEROZYGOUS) & (father == ABSENT)
    )
    return one


def _one_copy_or_single_x(calls: Calls) -> Flags:
    """Return where a new variant can be: on one of two copies, or on a man's only X."""
    single = (calls.place == Place.X)[:, None] & (calls.states == EVERY_COPY)
    return _heterozygous(calls) | single


def _may_be_from(active: str) -> Holds:
    """Return the genotype of somebody ill by imprinting: one copy, which the parent of the active allele may have given."""

    def holds(calls: Calls) -> Flags:
        giver = getattr(calls, active)
        may: Flags = _heterozygous(calls) & (giver != ABSENT)
        return may

    return holds


def _must_be_from(active: str, silent: str) -> Holds:
    """Return who would be ill: a copy that only the parent of the active allele can have given, or both copies."""

    def holds(calls: Calls) -> Flags:
        given = (getattr(calls, active) >= HETEROZYGOUS) & (getattr(calls, silent) == ABSENT)
        must: Flags = (_heterozygous(calls) & given) | _every_copy(calls)
        return must

    return holds


# The filters of a single variant. Maternally imprinted: the mother's allele is silent, the father's active.
RULES: Mapping[Pattern, Rule] = {
    _P.SIMPLE_RECESSIVE: Rule(Place.AUTOSOME, _every_copy, _every_copy, _from_each_parent),
    _P.UNIPARENTAL_ISODISOMY: Rule(Place.AUTOSOME, _every_copy, _every_copy, _from_one_parent),
    _P.DOMINANT: Rule(Place.AUTOSOME, _heterozygous, _carried, _not_new),
    _P.MATERNALLY_IMPRINTED: Rule(
        Place.AUTOSOME, _may_be_from("father"), _must_be_from("father", "mother"), _not_new
    ),
    _P.PATERNALLY_IMPRINTED: Rule(
        Place.AUTOSOME, _may_be_from("mother"), _must_be_from("mother", "father"), _not_new
    ),
    _P.X_SIMPLE_RECESSIVE: Rule(Place.X, _every_copy, _every_copy),
    _P.X_MONOALLELIC: Rule(Place.X, _carried, _carried, _not_new),
    _P.MITOCHONDRIAL: Rule(Place.MITOCHONDRION, _carried, _carried),
}
# A new variant may lie on an autosome or on X.
DE_NOVO_RULES = tuple(
    Rule(place, _one_copy_or_single_x, _carried, _new, incomplete=False)
    for place in (Place.AUTOSOME, Place.X)
)


def rules_of(pattern: Pattern) -> tuple[Rule, ...]:
    """Return the rules of a filter of single variants, any of which suffices."""
    return DE_NOVO_RULES if pattern is Pattern.DE_NOVO else (RULES[pattern],)


SINGLE_PATTERNS = (*RULES, Pattern.DE_NOVO)


def follows(pattern: Pattern, calls: Calls, *, incomplete: bool = False) -> Flags:
    """Return which calls follow the disease by a filter of single variants.

    Parameters
    ----------
    incomplete
        Whether unaffected members may have the genotype too; de novo is then asked of none.
    """
    import numpy as np

    verdict = np.zeros(len(calls), dtype=bool)
    for rule in rules_of(pattern):
        if incomplete and not rule.incomplete:
            continue
        checks = checks_of(rule, calls)
        if incomplete:
            del checks[UNAFFECTED]
        verdict_of_rule: Flags = calls.place == rule.place
        for holds in checks.values():
            verdict_of_rule = verdict_of_rule & holds
        verdict |= verdict_of_rule
    return verdict


AFFECTED, ORIGIN, UNAFFECTED = "affected", "origin", "unaffected"


def checks_of(rule: Rule, calls: Calls) -> dict[str, Flags]:
    """Return what a filter asks, one by one: of the affected, of whom the proband has it from, of the unaffected."""
    import numpy as np

    everything = np.ones(len(calls), dtype=bool)
    return {
        AFFECTED: in_all_affected(calls, rule.genotype(calls)),
        ORIGIN: everything if rule.moreover is None else rule.moreover(calls),
        UNAFFECTED: in_no_unaffected(calls, rule.forbidden(calls)),
    }


def in_all_affected(calls: Calls, genotype: Flags) -> Flags:
    """Return where the proband has a genotype and so has every affected member who is called."""
    import numpy as np

    ignored = ~calls.affected | (calls.states == MISSING)
    everybody: Flags = np.all(genotype | ignored, axis=1)
    return genotype[:, PROBAND] & everybody


def in_no_unaffected(calls: Calls, forbidden: Flags) -> Flags:
    """Return where no unaffected member has what none may have."""
    import numpy as np

    somebody: Flags = np.any(forbidden & calls.unaffected, axis=1)
    return ~somebody


@dataclass(frozen=True)
class Pairs:
    """Pairs of variants of one gene in one family that may lie on its two copies.

    `first` and `second` are rows of the calls; `in_trans` tells where transmission shows that they lie
    on different copies, and they are unphased elsewhere.
    """

    first: Array
    second: Array
    in_trans: Flags


def may_be_compound(calls: Calls) -> Flags:
    """Return which variants are on one of two copies in every affected member who is called."""
    verdict: Flags = ((calls.place == Place.AUTOSOME) | (calls.place == Place.X)) & in_all_affected(
        calls, _heterozygous(calls)
    )
    return verdict


def compound_pairs(
    calls: Calls, group: Array, allowed: Flags, *, incomplete: bool = False
) -> Pairs:
    """Return the compound heterozygotes: pairs of one group, heterozygous in the affected, and not on one copy.

    Phase is told by transmission: one variant from each parent. Where the parents cannot tell (no
    genome, no call, both carry it, or it is new), the pair is kept as unphased; a pair that can only
    have come from one parent lies on one copy and is none. Nobody unaffected may carry both.

    Parameters
    ----------
    group
        For each call a number of its family and gene.
    allowed
        Which calls may take part, as being rare enough.
    """
    import numpy as np

    rows = np.flatnonzero(allowed & may_be_compound(calls))
    rows = rows[np.argsort(group[rows], kind="stable")]
    first, second = _within_groups(group[rows])
    first, second = rows[first], rows[second]
    trans, cis = _ways(calls, first, second)
    kept = trans
    if not incomplete:
        both = (calls.states[first] >= HETEROZYGOUS) & (calls.states[second] >= HETEROZYGOUS)
        kept = kept & ~(both & calls.unaffected[first]).any(axis=1)
    return Pairs(first[kept], second[kept], ~cis[kept])


def _ways(calls: Calls, first: Array, second: Array) -> tuple[Flags, Flags]:
    """Return whether two variants of the proband may lie on different copies, and whether on one."""
    by_father, by_mother = _givers(calls)
    trans = (by_father[first] & by_mother[second]) | (by_mother[first] & by_father[second])
    cis = (by_father[first] & by_father[second]) | (by_mother[first] & by_mother[second])
    return trans, cis


def _givers(calls: Calls) -> tuple[Flags, Flags]:
    """Return who may have given the proband each variant; of one that is new nobody tells the copy."""
    new = _new(calls)
    by_father: Flags = (calls.father[:, PROBAND] != ABSENT) | new
    by_mother: Flags = (calls.mother[:, PROBAND] != ABSENT) | new
    return by_father, by_mother


def _within_groups(group: Array) -> tuple[Array, Array]:
    """Return the places of all pairs within each run of equal numbers."""
    import numpy as np

    size = len(group)
    if size == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    ends = np.repeat(np.r_[starts[1:], size], np.diff(np.r_[starts, size]))
    after = ends - np.arange(size) - 1
    first = np.repeat(np.arange(size), after)
    begins = np.repeat(np.cumsum(after) - after, after)
    return first, first + 1 + np.arange(len(first)) - begins


def _of_parents(states: States, parent: Array) -> States:
    """Return each place's parent's state, -1 where the parent is not told."""
    import numpy as np

    found = np.take_along_axis(states, np.maximum(parent, 0), axis=1)
    told: States = np.where(parent >= 0, found, MISSING).astype(np.int8)
    return told
