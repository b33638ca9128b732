"""What genotypes are made of and what it costs to compute on them, before anything is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.genotypes.quality_sets import quality_set
from gecip.genotypes.steps import Step

if TYPE_CHECKING:
    from gecip.genotypes.genotypes import Genotypes
    from gecip.genotypes.store import Store
    from gecip.release.layout import Chunk


@dataclass(frozen=True, repr=False)
class Explanation:
    """Lines that say what will run and how much it reads; `str` and notebooks show them."""

    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        import html

        return f"<pre>{html.escape(str(self))}</pre>"


def explain_genotypes(genotypes: Genotypes) -> Explanation:
    """Return what was loaded, each step in order, and how much of the stores a pass over the genotypes reads.

    Costs a look at the stores' indices; no genotype is read.
    """
    lines = [
        f"Genotypes of {_people(genotypes)} of the cohort {genotypes.cohort.definition.title!r}."
    ]
    source = genotypes.source
    if source is not None:
        lines += _of_stores(source.stores)
        if source.regions is not None:
            places = ", ".join(dict.fromkeys([*source.genes, *map(str, source.regions)]))
            lines.append(f"Asked for: {places}.")
    if genotypes.steps:
        lines.append("Steps, in this order:")
    for number, step in enumerate(genotypes.steps, start=1):
        lines += [
            f"{number}. {text}" if not at else f"   {text}"
            for at, text in enumerate(_of_step(step))
        ]
    if source is not None and not any(step.matrix is not None for step in genotypes.steps):
        lines.append(_reading(genotypes, source.stores))
    lines.append(_way(genotypes))
    unchanged = "as they were loaded" if genotypes.entries_as_loaded else "changed since loading"
    lines.append(
        f"The calls are {unchanged}. Nothing has been computed: each question asked of .mt reads anew."
    )
    return Explanation(tuple(lines))


def explain_chunks(
    title: str, stores: Sequence[Store], missing: Sequence[Chunk], at_hand: int
) -> Explanation:
    """Return what a load would read: the chunks that are in stores, and those that have to be loaded first."""
    size = sum(chunk.genotypes.stat().st_size for chunk in missing)
    lines = [
        f"Loading from {title}: {at_hand + len(missing):,} chunks are touched, of which {at_hand:,} are in the cache.",
        *(_of_stores(stores) if stores else ()),
    ]
    if missing:
        lines.append(
            f"{len(missing):,} chunks would be loaded first: {_bytes(size)} of compressed VCF, once for all notebooks."
        )
    return Explanation(tuple(lines))


def _people(genotypes: Genotypes) -> str:
    everybody = f"{len(genotypes.cohort):,} people"
    return everybody if genotypes.people is None else f"{genotypes.people:,} of {everybody}"


def _of_stores(stores: Sequence[Store]) -> Iterator[str]:
    chunks = sum(len(store.chunks) for store in stores)
    variants = sum(store.variants for store in stores)
    yield (
        f"In the cache: {chunks:,} chunks in {len(stores):,} stores, {variants:,} variants, "
        f"{_bytes(sum(store.bytes for store in stores))}."
    )
    partial = [store.partial_calls for store in stores if store.partial_calls is not None]
    if partial:
        yield f"{sum(partial):,} calls in them are partial genotypes (as 1/.)."


def _reading(genotypes: Genotypes, stores: Sequence[Store]) -> str:
    everything = sum(store.read().n_partitions() for store in stores)
    touched = genotypes.mt.n_partitions()
    size = sum(store.bytes for store in stores)
    share = min(1.0, touched / everything) if everything else 1.0
    return (
        f"A pass over them reads {min(touched, everything):,} of {everything:,} partitions of the stores, about "
        f"{_bytes(size * share)}, in as many tasks."
    )


def _way(genotypes: Genotypes) -> str:
    """Return whether what counts alleles (carriers, associations, kinship) asks Hail or the compact stores."""
    from gecip.genotypes.step_selection import NotWithoutHailError, rows_asked_for

    try:
        inside, of = rows_asked_for(genotypes)
    except NotWithoutHailError as reason:
        return f"Alleles are counted by Hail, or from what it exports once, since {reason}."
    people = genotypes.people or 0
    return (
        f"Alleles are counted without Hail, from the compact stores: {inside:,} of {of:,} variants lie in what was asked "
        f"for, at most {_bytes(inside * -(-people // 4))} of packed calls."
    )


def _of_step(step: Step) -> Iterator[str]:
    told = {
        name: value
        for name, value in step.parameters.items()
        if value not in (None, [], False) and name not in ("not_tested", "fields")
    }
    yield f"{step.operation}: {', '.join(f'{name} = {value}' for name, value in told.items())}"
    if step.operation == "passing":
        yield from _of_quality(step)
    if step.parameters.get("fields"):
        yield f"by {', '.join(step.parameters['fields'])}"
    if step.parameters.get("source") == "cohort":
        yield "by the calls of these people, all of which are read"


def _of_quality(step: Step) -> Iterator[str]:
    chosen = quality_set(step.parameters["quality"])
    if chosen.filter_column:
        yield "sites: FILTER is PASS or nothing"
    for flag in chosen.flags:
        yield f"sites: {flag} is not set"
    for test in chosen.site:
        yield f"sites: {test.name} {test.threshold} ({test.source})"
    for test in chosen.call:
        yield f"{test.where} calls: {test.name} {test.threshold} ({test.source})"
    if step.parameters["not_tested"]:
        yield f"not tested, for want of a field: {', '.join(step.parameters['not_tested'])}"


def _bytes(size: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
