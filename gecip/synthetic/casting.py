"""Which family plays which part: who carries a planted truth, who a decoy, who makes a small group.

The rest are ordinary families, in whom nothing was planted: most families are unsolved.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping

import numpy as np

from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import TRIO, Recruits, Role

# About a quarter of probands have a diagnosis (NEJM 2021;385:1868).
SOLVED_SHARE = 0.25
# From how many families on each truth is planted at least three times, else once.
LARGE = 100
SMALL_GROUP_PROBANDS = 3


class Part(enum.StrEnum):
    """What a family was given to show; the value is the word of the answer key."""

    ORDINARY = "ordinary"
    DE_NOVO = "de_novo"
    SIMPLE_RECESSIVE = "simple_recessive"
    COMPOUND_HETEROZYGOUS = "compound_heterozygous"
    X_LINKED = "x_linked"
    DOMINANT = "dominant"
    INCOMPLETE_PENETRANCE = "dominant_incomplete_penetrance"
    OUTSIDE_PANEL = "outside_panel"
    PARTIAL_GENOTYPE = "partial_genotype"
    TOO_COMMON = "decoy_too_common"
    WRONG_SEGREGATION = "decoy_wrong_segregation"
    SYNONYMOUS = "decoy_synonymous"
    TOO_COMMON_SOMEWHERE = "decoy_too_common_in_one_population"
    NOT_SHARED = "decoy_not_shared"
    FAILED_FILTER = "decoy_failed_filter"
    SINGLE_HETEROZYGOTE = "decoy_single_heterozygote"
    LOST_PARTNER = "decoy_lost_partner"
    SAME_COPY = "decoy_same_copy"
    AMBER_GENE = "decoy_amber_gene"
    OFF_PANEL = "decoy_outside_panel"
    SMALL_GROUP = "small_group"
    EMPTY_GROUP = "empty_group"
    WITHDRAWN_BEFORE_RELEASE = "withdrawn_before_release"
    WITHDRAWN_AFTER_RELEASE = "withdrawn_after_release"


TRUTHS = (
    Part.X_LINKED,
    Part.SIMPLE_RECESSIVE,
    Part.COMPOUND_HETEROZYGOUS,
    Part.DE_NOVO,
    Part.DOMINANT,
    Part.INCOMPLETE_PENETRANCE,
    Part.OUTSIDE_PANEL,
    Part.PARTIAL_GENOTYPE,
)
SMALL_GROUPS = (Part.SMALL_GROUP, Part.EMPTY_GROUP)
_FIRST_DECOYS = (Part.TOO_COMMON, Part.WRONG_SEGREGATION, Part.SYNONYMOUS)
# Those that `decoys` gives to families that are still ordinary once all else is decided.
FURTHER_DECOYS = (
    Part.TOO_COMMON_SOMEWHERE,
    Part.NOT_SHARED,
    Part.FAILED_FILTER,
    Part.SINGLE_HETEROZYGOTE,
    Part.LOST_PARTNER,
    Part.SAME_COPY,
    Part.AMBER_GENE,
    Part.OFF_PANEL,
)
DECOYS = (*_FIRST_DECOYS, *FURTHER_DECOYS)
# Of the solved families, how many are solved in which way; an assumption.
_TRUTH_SHARES = {
    Part.X_LINKED: 0.12,
    Part.SIMPLE_RECESSIVE: 0.16,
    Part.COMPOUND_HETEROZYGOUS: 0.14,
    Part.DE_NOVO: 0.34,
    Part.DOMINANT: 0.17,
    Part.INCOMPLETE_PENETRANCE: 0.04,
    Part.OUTSIDE_PANEL: 0.03,
}


def cast_families(
    seed: int, recruits: Recruits, *, with_small_groups: bool = True
) -> tuple[Part, ...]:
    """Return each family's part.

    Parameters
    ----------
    with_small_groups
        Whether some play the disease groups that are too small to be counted; else all groups have
        their real shares.
    """
    stream = random_stream(seed, "casting")
    parts = [Part.ORDINARY] * len(recruits.families)
    for part, wanted in _wanted(len(parts)).items():
        if part in SMALL_GROUPS and not with_small_groups:
            continue
        free = [
            family
            for family, taken in enumerate(parts)
            if taken is Part.ORDINARY and _CAN_PLAY[part](recruits, family)
        ]
        order = stream.permutation(len(free))
        # Parents who are related come first where a variant is to be inherited from both.
        if part is Part.SIMPLE_RECESSIVE:
            related = recruits.families.consanguineous[free]
            order = order[np.argsort(~related[order], kind="stable")]
        for place in order[:wanted]:
            parts[free[place]] = part
    return tuple(parts)


def _wanted(families: int) -> Mapping[Part, int]:
    least = 3 if families >= LARGE else 1
    solved = SOLVED_SHARE * families if families >= LARGE else 0
    wanted = {part: max(least, round(share * solved)) for part, share in _TRUTH_SHARES.items()}
    return {
        **wanted,
        Part.PARTIAL_GENOTYPE: 1,
        **dict.fromkeys(_FIRST_DECOYS, least),
        Part.SMALL_GROUP: SMALL_GROUP_PROBANDS,
        Part.EMPTY_GROUP: 1,
        Part.WITHDRAWN_BEFORE_RELEASE: 1,
        Part.WITHDRAWN_AFTER_RELEASE: 1,
    }


def has_both_parents(recruits: Recruits, family: int) -> bool:
    """Return whether both parents of a family's proband took part."""
    return recruits.recruited(family, Role.FATHER) and recruits.recruited(family, Role.MOTHER)


def _has_a_parent(recruits: Recruits, family: int) -> bool:
    return recruits.recruited(family, Role.FATHER) or recruits.recruited(family, Role.MOTHER)


def _has_son_and_mother(recruits: Recruits, family: int) -> bool:
    proband = recruits.place(family, Role.PROBAND)
    return bool(recruits.people.male[proband]) and recruits.recruited(family, Role.MOTHER)


def _has_both_parents_or_kin(recruits: Recruits, family: int) -> bool:
    return bool(recruits.families.consanguineous[family]) or has_both_parents(recruits, family)


def _is_alone(recruits: Recruits, family: int) -> bool:
    return len(recruits.families.structure[family].recruited) == 1


def _is_trio(recruits: Recruits, family: int) -> bool:
    return recruits.families.structure[family] is TRIO


_CAN_PLAY: Mapping[Part, Callable[[Recruits, int], bool]] = {
    Part.X_LINKED: _has_son_and_mother,
    Part.SIMPLE_RECESSIVE: _has_both_parents_or_kin,
    Part.COMPOUND_HETEROZYGOUS: has_both_parents,
    Part.DE_NOVO: has_both_parents,
    Part.DOMINANT: _has_a_parent,
    Part.INCOMPLETE_PENETRANCE: _has_a_parent,
    Part.OUTSIDE_PANEL: has_both_parents,
    Part.PARTIAL_GENOTYPE: has_both_parents,
    **dict.fromkeys(_FIRST_DECOYS, has_both_parents),
    Part.SMALL_GROUP: _is_alone,
    Part.EMPTY_GROUP: _is_alone,
    Part.WITHDRAWN_BEFORE_RELEASE: _is_trio,
    Part.WITHDRAWN_AFTER_RELEASE: _is_trio,
}
