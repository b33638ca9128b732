"""FILTER and INFO of the aggregate's sites, counted from the calls as the programme's site QC does.

Thresholds and names after the Research Environment user guide's page on site QC. Where males have
one copy of X, FILTER comes from females and males have fields of their own, ending in `_m`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from gecip.synthetic.recruitment import ANCESTRIES
from gecip.synthetic.sequencing import (
    ALTERNATE_AND_OTHER,
    DEEPEST,
    HEMIZYGOUS_ALTERNATE,
    HEMIZYGOUS_MISSING,
    HETEROZYGOUS,
    HOMOZYGOUS,
    MISSING,
    OTHER_AND_ALTERNATE,
    REFERENCE,
    Calls,
    Counts,
)
from gecip.synthetic.variant_sites import Sites

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

LARGEST_MISSINGNESS = 0.05
LEAST_DEPTH = 10
LEAST_DEPTH_IN_MALES = 5
LEAST_QUALITY = 15
LEAST_BALANCED = 0.25
LEAST_COMPLETE = 0.5
LEAST_HARDY_WEINBERG = 1e-5
IMBALANCED = 0.01
CAP = 99

# By state of the call: alleles called, copies of the row's allele, and copies for Mendelian checks (-1: unknown).
_CALLED = np.array([2, 2, 2, 1, 1, 0, 0, 1, 1, 1, 0, 0])
_COPIES = np.array([0, 1, 2, 0, 1, 0, 0, 1, 1, 0, 0, 0])
_KNOWN_COPIES = np.array([0, 1, 2, 0, 1, -1, -1, -1, -1, -1, -1, -1])


@dataclass(frozen=True)
class SampleGroups:
    """Which samples count for what, all as places among the samples.

    `unrelated` are, by ancestry, those for Hardy-Weinberg proportions; `trios` are rows of child,
    father, mother.
    """

    male: Flags
    unrelated: Mapping[str, Places]
    trios: Places


@dataclass(frozen=True)
class SiteQuality:
    """FILTER and INFO of each site, as text."""

    filters: tuple[str, ...]
    information: tuple[str, ...]


def judge_sites(sites: Sites, calls: Calls, quality: Counts, groups: SampleGroups) -> SiteQuality:
    """Return what site QC says of each site of a contig."""
    everybody = np.ones(len(groups.male), dtype=bool)
    split = sites.hemizygous
    whole = _measure(calls, quality, everybody)
    females = _measure(calls, quality, ~groups.male) if split.any() else whole
    males = _measure(calls, quality, groups.male) if split.any() else whole
    balance = _balanced_share(calls)
    hardy_weinberg = _hardy_weinberg(calls, groups)
    mendel = _mendelian_errors(sites, calls, groups)
    filters, information = [], []
    for row in range(len(sites)):
        judged = females if split[row] else whole
        failed = [
            *_failures(judged, row, LEAST_DEPTH),
            *(["ABratio"] if balance[row] < LEAST_BALANCED else []),
            *(["phwe_eur"] if hardy_weinberg["EUR"][row] < LEAST_HARDY_WEINBERG else []),
        ]
        filters.append(";".join(failed) or "PASS")
        fields = [
            *judged.fields(row),
            f"ABratio={_number(balance[row])}",
            f"MendelSite={mendel[row]}",
            *(f"phwe_{name.lower()}={_number(hardy_weinberg[name][row])}" for name in ANCESTRIES),
            *_counts(calls, row),
        ]
        if split[row]:
            fields += males.fields(row, "_m")
            failed = _failures(males, row, LEAST_DEPTH_IN_MALES)
            fields.append(f"FILTER_m={','.join(f'{name}_m' for name in failed) or 'PASS_m'}")
            fields += _counts(calls, row, ~groups.male, "_f")
        if sites.partner[row] >= 0:
            fields.append(f"OLD_MULTIALLELIC={_undecomposed(sites, row)}")
        if sites.rows[row].clumped:
            fields.append(f"OLD_CLUMPED={sites.rows[row].clumped}")
        information.append(";".join(fields))
    return SiteQuality(tuple(filters), tuple(information))


@dataclass(frozen=True)
class _Measures:
    depth_of_all: Values
    depth_of_called: Values
    quality: Values
    missing: Values
    complete: Values

    def fields(self, row: int, ending: str = "") -> list[str]:
        return [
            f"medianDepthAll{ending}={_number(self.depth_of_all[row])}",
            f"medianDepthNonMiss{ending}={_number(self.depth_of_called[row])}",
            f"medianGQ{ending}={_number(self.quality[row])}",
            f"missingness{ending}={_number(self.missing[row])}",
            f"completeSites{ending}={_number(self.complete[row])}",
        ]


def _measure(calls: Calls, quality: Counts, counted: Flags) -> _Measures:
    state, depth = calls.state[:, counted], calls.depth[:, counted].astype(float)
    unknown = np.isin(state, (MISSING, HEMIZYGOUS_MISSING))
    called_depth = np.where(unknown, np.nan, depth)
    called_quality = np.where(unknown, np.nan, quality[:, counted])
    empty = unknown.all(axis=1)
    called_depth[empty] = called_quality[empty] = 0
    return _Measures(
        depth_of_all=np.median(depth, axis=1).clip(max=CAP),
        depth_of_called=np.nanmedian(called_depth, axis=1).clip(max=CAP),
        quality=np.nanmedian(called_quality, axis=1).clip(max=CAP),
        missing=unknown.mean(axis=1),
        complete=(state <= HEMIZYGOUS_ALTERNATE).mean(axis=1),
    )


def _failures(measures: _Measures, row: int, least_depth: int) -> list[str]:
    checks = {
        "missingness": measures.missing[row] > LARGEST_MISSINGNESS,
        "depth": measures.depth_of_all[row] < least_depth,
        "GQ": measures.quality[row] < LEAST_QUALITY,
        "completeGTRatio": measures.complete[row] < LEAST_COMPLETE,
    }
    return [name for name, failed in checks.items() if failed]


def _balanced_share(calls: Calls) -> Values:
    """Return the share of heterozygous calls without significant allele imbalance; nan where there are none."""
    heterozygous = calls.state == HETEROZYGOUS
    balanced = heterozygous & _is_balanced()[calls.depth, calls.alternate]
    total = heterozygous.sum(axis=1)
    return np.where(total > 0, balanced.sum(axis=1) / total.clip(min=1), np.nan)


@cache
def _is_balanced() -> Flags:
    """Return by depth and alternate reads whether a binomial test of one half gives p > 0.01."""
    balanced = np.zeros((DEEPEST + 1, DEEPEST + 1), dtype=bool)
    for depth in range(1, DEEPEST + 1):
        chances = np.array([math.comb(depth, reads) for reads in range(depth + 1)]) / 2.0**depth
        # Outcomes as likely as the one seen, or less: the two-sided exact test.
        order = np.argsort(chances, kind="stable")
        total = np.cumsum(chances[order])
        last = np.searchsorted(chances[order], chances * (1 + 1e-9), side="right") - 1
        balanced[depth, : depth + 1] = total[last] > IMBALANCED
    return balanced


def _hardy_weinberg(calls: Calls, groups: SampleGroups) -> Mapping[str, Values]:
    """Return mid-p values of the exact test by ancestry, from unrelated people with two copies."""
    found = {}
    for ancestry in ANCESTRIES:
        state = calls.state[:, groups.unrelated[ancestry]]
        counts = [(state == kind).sum(axis=1) for kind in (REFERENCE, HETEROZYGOUS, HOMOZYGOUS)]
        found[ancestry] = np.array(
            [hardy_weinberg_mid_p(*map(int, row)) for row in zip(*counts, strict=True)]
        )
    return found


@cache
def hardy_weinberg_mid_p(reference: int, heterozygous: int, alternate: int) -> float:
    """Return the mid-p value of the exact test of Hardy-Weinberg proportions (Wigginton 2005, Graffelman 2013).

    Parameters
    ----------
    reference, heterozygous, alternate
        How many people have each genotype; 1 if nobody has any.
    """
    people = reference + heterozygous + alternate
    rare = 2 * min(reference, alternate) + heterozygous
    if rare == 0:
        return 1.0
    possible = range(rare % 2, rare + 1, 2)
    logs = [
        _log_factorial(people)
        - _log_factorial((rare - n) // 2)
        - _log_factorial(n)
        - _log_factorial(people - (rare + n) // 2)
        + n * math.log(2)
        for n in possible
    ]
    largest = max(logs)
    weights = [math.exp(value - largest) for value in logs]
    seen = weights[(heterozygous - rare % 2) // 2]
    as_rare = sum(weight for weight in weights if weight <= seen * (1 + 1e-9))
    equal = sum(weight for weight in weights if abs(weight - seen) <= seen * 1e-9)
    return (as_rare - equal / 2) / sum(weights)


@cache
def _log_factorial(number: int) -> float:
    return math.lgamma(number + 1)


def _mendelian_errors(sites: Sites, calls: Calls, groups: SampleGroups) -> Places:
    """Return how many trios have a genotype that the parents cannot give, complete genotypes only."""
    copies = _KNOWN_COPIES[calls.state]
    child, father, mother = (copies[:, places] for places in groups.trios.T)
    known = (child >= 0) & (father >= 0) & (mother >= 0)
    # One copy of X: sons have it from their mothers, and fathers give theirs to all daughters.
    least = (father == 2).astype(int) + (mother == 2)
    most = (father > 0).astype(int) + (mother > 0)
    split = sites.hemizygous[:, None]
    sons = groups.male[groups.trios[:, 0]][None, :]
    least = np.where(split, np.where(sons, mother == 2, father + (mother == 2)), least)
    most = np.where(split, np.where(sons, mother > 0, father + (mother > 0)), most)
    return (known & ((child < least) | (child > most))).sum(axis=1)


def _counts(
    calls: Calls, row: int, counted: Flags | slice = slice(None), ending: str = ""
) -> list[str]:
    state = calls.state[row, counted]
    heterozygous = np.isin(state, (HETEROZYGOUS, ALTERNATE_AND_OTHER, OTHER_AND_ALTERNATE)).sum()
    fields = {
        "AN": _CALLED[state].sum(),
        "AC": _COPIES[state].sum(),
        "AC_Hom": 2 * (state == HOMOZYGOUS).sum(),
        "AC_Het": heterozygous,
    }
    if not ending:
        fields["AC_Hemi"] = (state == HEMIZYGOUS_ALTERNATE).sum()
    return [f"{name}{ending}={value}" for name, value in fields.items()]


def _undecomposed(sites: Sites, row: int) -> str:
    """Return the site as it was before decomposition, as vt writes it: `chr1:123:A/C/T`."""
    first, second = sorted((row, int(sites.partner[row])))
    site = sites.rows[first]
    return (
        f"{site.contig}:{site.position}:{site.reference}/"
        f"{site.alternate}/{sites.rows[second].alternate}"
    )


def _number(value: float) -> str:
    return "." if math.isnan(value) else f"{value:.6g}"
