"""Why a person's call of a variant is in the genotypes or not: every filter in order, and which one removed it."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.errors import GenotypesError
from gecip.genotypes.regions import Region
from gecip.genotypes.steps import Step, conditions, follow

if TYPE_CHECKING:
    import hail as hl

    from gecip.genotypes.genotypes import Genotypes
    from gecip.model.variant import Variant

ABSENT = "not there"
MISSING = "missing"
_EFFECT = {
    "variant": "the variant was removed",
    "call": "the call was set to missing",
    "person": "the person was left out",
}


@dataclass(frozen=True)
class Ruling:
    """One filter's word: the step it belongs to, what it is of, the value that it saw, its threshold, and whether it passes."""

    step: str
    of: str
    name: str
    value: str
    threshold: str
    passed: bool


@dataclass(frozen=True, repr=False)
class WhyGenotype:
    """Why a call is there or not. It speaks of one person: look at it, and keep it inside.

    `rulings` are all filters in order, also those after the one that removed it, as far as they could be asked.
    """

    variant: str
    rulings: tuple[Ruling, ...]

    @property
    def is_kept(self) -> bool:
        """Return whether the call is in the genotypes, with whatever it says."""
        return all(ruling.passed for ruling in self.rulings)

    @property
    def removed_by(self) -> Ruling | None:
        """Return the first filter that did not pass, or None."""
        return next((ruling for ruling in self.rulings if not ruling.passed), None)

    def __str__(self) -> str:
        lines = [self._headline()]
        for number, one in enumerate(self.rulings, start=1):
            verdict = "passed" if one.passed else "FAILED"
            lines.append(
                f"{number}. {verdict}: {one.step}, {one.name} of the {one.of}: {one.value} (asked: {one.threshold})"
            )
        return "\n".join(lines)

    def _headline(self) -> str:
        removed = self.removed_by
        if removed is None:
            return f"{self.variant}: the call is in these genotypes."
        return (
            f"{self.variant}: {_EFFECT[removed.of]} by {removed.step}, {removed.name}: {removed.value}, "
            f"where {removed.threshold} is asked."
        )

    def __repr__(self) -> str:
        return f"WhyGenotype({self.variant!r}, kept={self.is_kept})"

    def _repr_html_(self) -> str:
        head = "".join(
            f"<th>{title}</th>" for title in ("", "Step", "Of", "Filter", "Value", "Threshold")
        )
        rows = "".join(
            f"<tr><td>{'✓' if one.passed else '✗'}</td>"
            + "".join(
                f"<td style='text-align:left'>{html.escape(cell)}</td>"
                for cell in (one.step, one.of, one.name, one.value, one.threshold)
            )
            + "</tr>"
            for one in self.rulings
        )
        return f"<p>{html.escape(self._headline())}</p><table><tr>{head}</tr>{rows}</table>"


def why_genotype(genotypes: Genotypes, variant: Variant, participant: int | str) -> WhyGenotype:
    """Return what loading and every step said of a variant and a person's call of it; reads one place of the store.

    Raises
    ------
    GenotypesError
        When the genotypes were not loaded by gecip, so that there is nothing to go back to.
    """
    if genotypes.source is None:
        raise GenotypesError(
            "These genotypes do not know where they were loaded from: call .why() on what load_genotypes gave."
        )
    return WhyGenotype(str(variant), tuple(_rulings(genotypes, variant, participant)))


def _rulings(genotypes: Genotypes, variant: Variant, participant: int | str) -> Iterator[Ruling]:
    person = _person(genotypes, participant)
    yield person
    loaded = _loading(genotypes, variant)
    yield from loaded
    if not all(ruling.passed for ruling in loaded):
        return
    source = genotypes.source
    assert source is not None
    mt = _at(source.around(Region(variant.contig, variant.position, variant.position)), variant)
    found = mt.count_rows()
    yield Ruling(
        "load_genotypes",
        "variant",
        "row of the callset",
        _rows(found) if found else ABSENT,
        "at least one row",
        found > 0,
    )
    if not found:
        return
    asked = participant if person.passed else None
    yield from _first_call(mt, asked)
    for step in genotypes.steps:
        if step.matrix is not None:
            mt = _at(step.matrix, variant)
            yield from _plain_hail(step, mt, asked)
            continue
        yield from _of_step(step, mt, asked)
        mt = follow(step, mt, drop_variants=False)
        if step.people is not None and asked not in step.people:
            asked = None


def _person(genotypes: Genotypes, participant: int | str) -> Ruling:
    source = genotypes.source
    assert source is not None
    cohort = genotypes.cohort
    has_genome = participant in set(source.columns["participant_id"])
    value = (
        "has a genome here"
        if has_genome
        else "in the cohort, without a genome in this callset"
        if participant in set(cohort.participants)
        else "consents, and is not in the cohort"
        if participant in cohort.release.consent.participants
        else "nobody who consents to research has this number"
    )
    return Ruling(
        "load_genotypes", "person", "whose genome", value, "a member of the cohort", has_genome
    )


def _loading(genotypes: Genotypes, variant: Variant) -> list[Ruling]:
    """Return whether the variant's place was asked for, and whether the callset reaches there."""
    source = genotypes.source
    assert source is not None
    place = f"{variant.contig}:{variant.position}"
    asked = source.regions
    inside = asked is None or any(
        one.contig == variant.contig and one.start <= variant.position <= one.stop for one in asked
    )
    words = (
        "everything"
        if asked is None
        else f"within {', '.join(dict.fromkeys([*source.genes, *map(str, asked)]))}"
    )
    return [Ruling("load_genotypes", "variant", "place", place, words, inside)]


def _first_call(mt: hl.MatrixTable, participant: int | str | None) -> Iterator[Ruling]:
    import hail as hl

    if participant is None:
        return
    calls = hl.str(_of(mt, participant).GT).collect()
    told = ", ".join(MISSING if call is None else call for call in calls)
    yield Ruling(
        "load_genotypes",
        "call",
        "genotype as loaded",
        told,
        "called",
        any(call is not None for call in calls),
    )


def _plain_hail(step: Step, mt: hl.MatrixTable, participant: int | str | None) -> Iterator[Ruling]:
    """Return whether plain Hail left the variant and the call; why, only the reason given can tell."""
    import hail as hl

    because = f"with_matrix ({step.parameters['because']})"
    found = mt.count_rows()
    yield Ruling(
        because,
        "variant",
        "row of the matrix",
        _rows(found) if found else ABSENT,
        "there",
        found > 0,
    )
    if participant is None or not found:
        return
    people = _of(mt, participant)
    calls = hl.str(people.GT).collect() if "GT" in mt.entry else []
    there = any(call is not None for call in calls)
    yield Ruling(because, "call", "genotype", ", ".join(map(str, calls)) or ABSENT, "called", there)


def _of_step(step: Step, mt: hl.MatrixTable, participant: int | str | None) -> Iterator[Ruling]:
    if step.people is not None:
        if participant is not None:
            kept = participant in step.people
            structure = str(step.parameters.get("structure", ""))
            yield Ruling(
                step.operation,
                "person",
                "family",
                "complete" if kept else "not complete or not chosen",
                structure,
                kept,
            )
        return
    asked = conditions(step, mt)
    of_variants = [one for one in asked if one.of == "variant"]
    rows = mt.select_rows(**_named(of_variants)).rows().collect() if of_variants else []
    for number, one in enumerate(of_variants):
        yield _ruling(step, one, [(row[f"value{number}"], row[f"passes{number}"]) for row in rows])
    of_calls = [one for one in asked if one.of == "call"]
    if participant is None or not of_calls:
        return
    entries = _of(mt.select_entries(**_named(of_calls)), participant).entries().collect()
    for number, one in enumerate(of_calls):
        yield _ruling(
            step, one, [(entry[f"value{number}"], entry[f"passes{number}"]) for entry in entries]
        )


def _named(asked: Sequence[Any]) -> dict[str, Any]:
    values = {f"value{number}": one.value for number, one in enumerate(asked)}
    return {**values, **{f"passes{number}": one.passes for number, one in enumerate(asked)}}


def _ruling(step: Step, one: Any, seen: Sequence[tuple[Any, bool | None]]) -> Ruling:
    """Return one filter's word on the rows of a variant; of several rows, one that passes is enough."""
    value = ", ".join(dict.fromkeys(_in_words(said) for said, _ in seen))
    passed = any(bool(passes) for _, passes in seen)
    return Ruling(step.operation, one.of, one.name, value or MISSING, one.threshold, passed)


def _in_words(value: Any) -> str:
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "set" if value else "not set"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _at(mt: hl.MatrixTable, variant: Variant) -> hl.MatrixTable:
    import hail as hl

    region = Region(variant.contig, variant.position, variant.position)
    mt = hl.filter_intervals(mt, [region.interval()])
    return mt.filter_rows(mt.alleles == [variant.reference, variant.alternate])


def _of(mt: hl.MatrixTable, participant: int | str) -> hl.MatrixTable:
    return mt.filter_cols(mt.participant_id == participant)


def _rows(number: int) -> str:
    return f"{number:,} row{'s' if number > 1 else ''}"
