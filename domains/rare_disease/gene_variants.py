"""Everything that one family's proband carries in one gene, kept or not: what `why` looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domains.rare_disease.consequences import tiered_terms
from domains.rare_disease.family_calls import (
    code_of,
    frequency_of,
    interpret_codes,
    place_of,
)
from domains.rare_disease.frequency_limits import OVERALL, Inheritance, limits_with
from domains.rare_disease.segregation import Calls, Place, calls_of
from gecip.errors import InputError
from gecip.genotypes.frequencies import frequency_field
from gecip.model.genes import GENES
from gecip.model.variant import Variant

if TYPE_CHECKING:
    import hail as hl
    import numpy as np
    import numpy.typing as npt

    from domains.rare_disease.tiering import TieredVariants

# How far around a variant its gene's others are looked for, where the gene's place is not known here.
FLANK = 1_500_000


@dataclass(frozen=True)
class CarriedVariant:
    """One variant that the proband carries: what the filters look at.

    `terms` are all consequences on the transcripts that count, by gene; `frequencies` by field, and those
    `overall`, of everybody; `reads` has, for each place of the family, what the entry says beside the call.
    """

    variant: Variant
    place: Place
    filters: tuple[str, ...]
    terms: Mapping[str, tuple[str, ...]]
    frequencies: Mapping[str, float]
    overall: Mapping[str, float]
    reads: tuple[Mapping[str, Any], ...]

    def tiered_terms(self, gene: str) -> tuple[str, ...]:
        """Return the terms that are tiered, high before moderate."""
        return tiered_terms(self.terms.get(gene, ()))

    def worst_frequency(self, kind: Inheritance, internal: str | None) -> tuple[str, float, float]:
        """Return the population in which the variant comes nearest to its limit or exceeds it most: field, frequency, limit."""
        limits = limits_with(internal)
        field = max(self.frequencies, key=lambda name: self.frequencies[name] / limits[name][kind])
        return field, self.frequencies[field], limits[field][kind]

    def populations_above(self, kind: Inheritance, internal: str | None) -> tuple[str, ...]:
        """Return the populations in which the variant exceeds the limit, each once, whatever its sources."""
        limits = limits_with(internal)
        return tuple(
            dict.fromkeys(
                frequency_field(name).population
                for name, frequency in self.frequencies.items()
                if frequency > limits[name][kind]
            )
        )

    def is_rare(self, kind: Inheritance, internal: str | None) -> bool:
        """Return whether no population exceeds its limit."""
        _, frequency, limit = self.worst_frequency(kind, internal)
        return frequency <= limit


@dataclass(frozen=True)
class GeneVariants:
    """The variants of one gene that a family's proband carries, the one asked for first, with the family's calls."""

    gene: str | None
    variants: tuple[CarriedVariant, ...]
    calls: Calls


def read_gene_variants(tiering: TieredVariants, variant: Variant, row: int) -> GeneVariants:
    """Return the variant asked for, and every other that the family's proband carries in the same gene.

    One look at the gene's stretch of the genotypes: seconds.

    Parameters
    ----------
    row
        The family's row of `tiering.places`.

    Raises
    ------
    InputError
        When the genotypes have no such variant.
    """
    start, stop = _stretch_around(variant)
    carried = _collect(tiering, row, _interval(variant, start, stop), asked=variant)
    found = [one for one in carried if _variant(one).trimmed == variant.trimmed]
    if not found:
        raise InputError(
            "These genotypes have no row for that variant, so that nothing can be said of it: look at how it is written "
            "(contig:position:reference:alternate on GRCh38), and whether its gene or region was loaded."
        )
    gene = _gene_of(tiering, found[0])
    others = [
        one
        for one in carried
        if _variant(one).trimmed != variant.trimmed
        and gene in {effect.gene for effect in one.effects}
    ]
    rows = [found[0], *others]
    return GeneVariants(gene, tuple(_carried(one) for one in rows), _calls(tiering, row, rows))


def _stretch_around(variant: Variant) -> tuple[int, int]:
    """Return where the variants of the same gene lie: the genes known at this place, else so far around it."""
    here = [
        gene
        for gene in GENES.values()
        if gene.contig == variant.contig and gene.start <= variant.position <= gene.stop
    ]
    if not here:
        return variant.position - FLANK, variant.position + FLANK
    return min(gene.start for gene in here), max(gene.stop for gene in here)


def _interval(variant: Variant, start: int, stop: int) -> hl.IntervalExpression:
    from gecip.genotypes.regions import Region

    return Region(variant.contig, max(1, start), stop).interval()


def _collect(
    tiering: TieredVariants, row: int, interval: hl.IntervalExpression, *, asked: Variant
) -> list[Any]:
    """Return the rows of a stretch that the proband carries, and those at the place asked for, carried or not."""
    import hail as hl

    internal = tiering.choices.internal_frequency
    columns = tiering.places.column[row, : len(tiering.places.members[row])].tolist()
    mt = hl.filter_intervals(tiering.genotypes.mt, [interval])
    known = set(mt.annotation.dtype.element_type)
    fields = [name for name in limits_with(internal) if name in known]
    overall = [name for name in OVERALL if name in known]
    kept = [name for name in ("AD", "DP", "GQ") if name in mt.entry]
    filters = mt.filters if "filters" in mt.row else hl.empty_set(hl.tstr)
    mt = mt.select_rows(
        filters=hl.sorted(hl.array(hl.or_else(filters, hl.empty_set(hl.tstr)))),
        effects=_all_effects(mt.annotation, tiering),
        frequencies=hl.array([frequency_of(mt.annotation, name) for name in (*fields, *overall)]),
    )
    table = mt.select_entries("GT", *kept).localize_entries("entries", "people").select_globals()
    members = hl.literal(columns, hl.tarray(hl.tint32)).map(lambda place: table.entries[place])
    table = table.select(
        "filters",
        "effects",
        "frequencies",
        codes=members.map(lambda entry: code_of(entry.GT)),
        reads=members.map(lambda entry: entry.select(*kept)),
    )
    # However the alleles are padded, the same variant begins within their length.
    near = len(asked.reference) + len(asked.alternate)
    table = table.filter(
        (table.codes[0] == 1)
        | (table.codes[0] == 2)
        | (hl.abs(table.locus.position - asked.position) <= near)
    )
    found: list[Any] = table.collect()
    return [one.annotate(fields=fields, overall=overall) for one in found]


def _all_effects(annotation: hl.ArrayExpression, tiering: TieredVariants) -> hl.ArrayExpression:
    import hail as hl

    canonical = tiering.choices.transcripts == "canonical"
    if canonical and "CANONICAL" in annotation.dtype.element_type:
        annotation = annotation.filter(lambda one: one.CANONICAL == "YES")
    return hl.array(
        hl.set(
            annotation.filter(lambda one: hl.is_defined(one.SYMBOL)).map(
                lambda one: hl.struct(gene=one.SYMBOL, terms=one.Consequence)
            )
        )
    )


def _gene_of(tiering: TieredVariants, row: Any) -> str | None:
    """Return the gene that a variant changes; of several the one on a panel of the family, else the first by name."""
    genes = sorted({effect.gene for effect in row.effects})
    names = tiering.gene_names
    on_panels = {
        names.get(gene.symbol, gene.symbol)
        for request in tiering.requests
        for panel in request.panels
        for gene in panel.green()
    }
    return next((gene for gene in genes if gene in on_panels), genes[0] if genes else None)


def _variant(row: Any) -> Variant:
    return Variant(row.locus.contig, row.locus.position, row.alleles[0], row.alleles[1])


def _carried(row: Any) -> CarriedVariant:
    terms: dict[str, set[str]] = {}
    for effect in row.effects:
        terms.setdefault(effect.gene, set()).update(effect.terms.split("&"))
    return CarriedVariant(
        variant=_variant(row),
        place=place_of(row.locus.contig, row.locus.position),
        filters=tuple(row.filters),
        terms={gene: tuple(sorted(of_gene)) for gene, of_gene in terms.items()},
        frequencies=dict(zip(row.fields, row.frequencies[: len(row.fields)], strict=True)),
        overall=dict(zip(row.overall, row.frequencies[len(row.fields) :], strict=True)),
        reads=tuple({} if one is None else dict(one) for one in row.reads),
    )


def _calls(tiering: TieredVariants, row: int, rows: list[Any]) -> Calls:
    import numpy as np

    places = tiering.places
    codes = np.full((len(rows), places.width), 3, dtype=np.int64)
    for number, one in enumerate(rows):
        codes[number, : len(one.codes)] = one.codes
    family = np.full(len(rows), row, dtype=np.int64)
    place = np.array([place_of(one.locus.contig, one.locus.position) for one in rows])
    states: npt.NDArray[np.int8]
    states, _ = interpret_codes(
        codes,
        places,
        family=family,
        on_x=place == Place.X,
        no_call_parent=tiering.choices.no_call_parent,
    )
    return calls_of(states, family, places, place=place)
