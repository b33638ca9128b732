"""The steps that led to genotypes, as data: what each asks of a variant or a call, and how it is followed.

`Genotypes` applies a step, `why` asks its conditions one by one, and another engine may read the steps and do
the same: all three from one description, so that they cannot tell different things.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gecip.genotypes.frequencies import COHORT, highest_frequency, own_frequency
from gecip.genotypes.quality_sets import QualitySet, QualityTest, quality_set

if TYPE_CHECKING:
    import hail as hl

MITOCHONDRIAL = ("chrM", "MT", "M")
ALTERNATE_SHARE = "alternate_share"


@dataclass(frozen=True)
class Step:
    """One step: its operation and its parameters, as provenance has them.

    `people` are the participants whom a step on people keeps; they stay out of provenance and out of what is shown.
    `matrix` is what plain Hail made, where the step cannot be told otherwise (`with_matrix`).
    """

    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    people: frozenset[int | str] | None = field(default=None, repr=False)
    matrix: hl.MatrixTable | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Condition:
    """One filter of a step: the value that it sees, in Hail, and whether that passes.

    A variant that fails leaves the rows; a call that fails becomes missing.
    """

    of: Literal["variant", "call"]
    name: str
    value: hl.Expression
    threshold: str
    passes: hl.BooleanExpression


def conditions(step: Step, mt: hl.MatrixTable) -> tuple[Condition, ...]:
    """Return what a step asks of the variants and calls of a matrix, in order; nothing of a step on people."""
    asked = _CONDITIONS.get(step.operation)
    return asked(step, mt) if asked else ()


def follow(step: Step, mt: hl.MatrixTable, *, drop_variants: bool = True) -> hl.MatrixTable:
    """Return what a step makes of a matrix; without `drop_variants` the variants that fail stay."""
    import hail as hl

    if step.matrix is not None:
        return step.matrix
    if step.people is not None:
        kept = hl.literal(set(step.people), hl.tset(mt.participant_id.dtype))
        return mt.filter_cols(kept.contains(mt.participant_id))
    asked = conditions(step, mt)
    of_variants = [one.passes for one in asked if one.of == "variant"]
    if of_variants and drop_variants:
        mt = mt.filter_rows(hl.all(of_variants))
    of_calls = [one.passes for one in conditions(step, mt) if one.of == "call"]
    if of_calls:
        # Of a call that fails all fields go, as if it had not been made.
        mt = mt.filter_entries(hl.all(of_calls)).unfilter_entries()
    return mt


def not_tested(chosen: QualitySet, mt: hl.MatrixTable) -> tuple[str, ...]:
    """Return the names of a set's tests for which a callset has no field."""
    lacking = [test.name for test in chosen.site if not _site_fields(test, mt)]
    lacking += [test.name for test in chosen.call if not _call_fields(test, mt)]
    if chosen.filter_column and "filters" not in mt.row:
        lacking.insert(0, "FILTER")
    lacking += [flag for flag in chosen.flags if flag not in _info(mt)]
    return tuple(lacking)


def has_tests(chosen: QualitySet) -> int:
    """Return of how many tests a set consists."""
    return len(chosen.site) + len(chosen.call) + len(chosen.flags) + chosen.filter_column


# -- what each operation asks -------------------------------------------------------------------------


def _of_regions(step: Step, mt: hl.MatrixTable) -> tuple[Condition, ...]:
    import hail as hl

    from gecip.genotypes.regions import parse_regions, regions_of_genes

    stretches = (
        *regions_of_genes(step.parameters.get("genes") or ()),
        *parse_regions(step.parameters.get("regions") or ()),
    )
    inside = hl.any([hl.literal(one.interval()).contains(mt.locus) for one in stretches])
    words = ", ".join([*(step.parameters.get("genes") or ()), *map(str, stretches)])
    return (Condition("variant", "place", hl.str(mt.locus), f"within {words}", inside),)


def _of_consequence(step: Step, mt: hl.MatrixTable) -> tuple[Condition, ...]:
    import hail as hl

    terms = step.parameters["terms"]
    wanted = hl.literal(set(terms))
    found = hl.set(mt.annotation.flatmap(lambda one: one.Consequence.split("&")))
    return (
        Condition(
            "variant",
            "consequence on any transcript",
            hl.delimit(hl.sorted(hl.array(found)), ", "),
            f"one of {', '.join(terms)}",
            _surely(hl.len(found.intersection(wanted)) > 0),
        ),
    )


def _of_frequency(step: Step, mt: hl.MatrixTable) -> tuple[Condition, ...]:
    below = step.parameters["below"]
    if step.parameters["source"] == COHORT:
        value, name = own_frequency(mt), "allele frequency in the cohort"
    else:
        fields = step.parameters["fields"]
        value = highest_frequency(mt.annotation, fields)
        name = f"highest of {', '.join(fields)}"
    return (Condition("variant", name, value, f"< {below:g}", value < below),)


def _of_quality(step: Step, mt: hl.MatrixTable) -> tuple[Condition, ...]:
    chosen = quality_set(step.parameters["quality"])
    found: list[Condition] = []
    if chosen.filter_column and "filters" in mt.row:
        found.append(_filter_column(mt))
    found += [_flag(flag, mt) for flag in chosen.flags if flag in _info(mt)]
    found += [_site_condition(test, mt) for test in chosen.site if _site_fields(test, mt)]
    found += [_call_condition(test, mt) for test in chosen.call if _call_fields(test, mt)]
    return tuple(found)


_CONDITIONS: dict[str, Callable[[Step, hl.MatrixTable], tuple[Condition, ...]]] = {
    "in_genes": _of_regions,
    "in_regions": _of_regions,
    "with_consequence": _of_consequence,
    "rare": _of_frequency,
    "passing": _of_quality,
}


# -- quality ------------------------------------------------------------------------------------------


def _filter_column(mt: hl.MatrixTable) -> Condition:
    import hail as hl

    said = hl.if_else(
        hl.len(mt.filters) == 0, "PASS", hl.delimit(hl.sorted(hl.array(mt.filters)), ";")
    )
    passes = hl.is_missing(mt.filters) | (hl.len(mt.filters) == 0)
    return Condition("variant", "FILTER", said, "PASS or nothing", passes)


def _flag(flag: str, mt: hl.MatrixTable) -> Condition:

    is_set = _surely(mt.info[flag])
    return Condition("variant", flag, is_set, "not set", ~is_set)


def _info(mt: hl.MatrixTable) -> Any:
    return mt.info if "info" in mt.row else {}


def _site_fields(test: QualityTest, mt: hl.MatrixTable) -> list[str]:
    return [name for name in test.fields if name in _info(mt)]


def _call_fields(test: QualityTest, mt: hl.MatrixTable) -> list[str]:
    if test.fields == (ALTERNATE_SHARE,):
        return [name for name in ("AD", "LAD") if name in mt.entry][:1]
    return [name for name in test.fields if name in mt.entry]


def _site_condition(test: QualityTest, mt: hl.MatrixTable) -> Condition:
    import hail as hl

    value = hl.coalesce(*[_as_number(mt.info[name], test) for name in _site_fields(test, mt)])
    value = hl.or_missing(~hl.is_nan(value), value)
    return Condition(
        "variant", test.name, value, test.threshold, hl.is_missing(value) | _held(test, value)
    )


def _as_number(value: Any, test: QualityTest) -> Any:
    """Return a field of INFO as one number: of several, the one that is worst for the test."""
    import hail as hl

    if isinstance(value, hl.ArrayExpression):
        value = hl.max(value) if test.sign in ("at_most", "below") else hl.min(value)
    return hl.float64(value)


def _call_condition(test: QualityTest, mt: hl.MatrixTable) -> Condition:
    import hail as hl

    fields = _call_fields(test, mt)
    if test.fields == (ALTERNATE_SHARE,):
        value = _alternate_share(mt, fields[0])
    else:
        value = hl.coalesce(*[_entry_value(mt[name], test) for name in fields])
    held = _held(test, value)
    good = hl.is_missing(value) | held if test.missing_passes else _surely(held)
    return Condition("call", test.name, value, test.threshold, ~_is_asked(test, mt) | good)


def _entry_value(value: Any, test: QualityTest) -> Any:
    import hail as hl

    if test.sign == "equals":
        return hl.delimit(value, ";") if isinstance(value, hl.ArrayExpression) else hl.str(value)
    return hl.float64(value)


def _is_asked(test: QualityTest, mt: hl.MatrixTable) -> Any:
    """Return of which calls a test is asked; a call that is missing anyway is never asked."""
    import hail as hl

    asked = {
        "called": lambda: hl.is_defined(mt.GT),
        "diploid": lambda: mt.GT.ploidy == 2,
        "haploid": lambda: mt.GT.ploidy == 1,
        "heterozygous": lambda: (
            mt.GT.is_het() & ~hl.literal(set(MITOCHONDRIAL)).contains(mt.locus.contig)
        ),
    }[test.where or "called"]()
    return _surely(asked)


def _alternate_share(mt: hl.MatrixTable, field_of_reads: str) -> Any:
    """Return what share of the reads shows a heterozygote's alternate; of two alternates, the rarer one's.

    The reads are DP, where the callset has it: at a decomposed site AD lacks those of the other alternate.
    """
    import hail as hl

    reads = mt[field_of_reads]
    total = hl.sum(reads.filter(hl.is_defined))
    if "DP" in mt.entry:
        total = hl.or_else(mt.DP, total)
    first, second = (
        hl.or_missing(mt.GT[place] < hl.len(reads), reads[mt.GT[place]]) for place in (0, 1)
    )
    rarer = hl.if_else(mt.GT[0] == 0, second, hl.min(first, second))
    return hl.or_missing(mt.GT.is_het() & (total > 0), rarer / total)


def _held(test: QualityTest, value: Any) -> Any:
    limit = test.limit
    return {
        "at_least": lambda: value >= limit,
        "above": lambda: value > limit,
        "at_most": lambda: value <= limit,
        "below": lambda: value < limit,
        "equals": lambda: value == limit,
    }[test.sign]()


def _surely(verdict: Any) -> Any:
    """Return a verdict with unknown taken for false."""
    import hail as hl

    return hl.is_defined(verdict) & verdict
