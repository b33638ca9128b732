"""A cohort's genotypes: a Hail MatrixTable that knows whose it is and what was kept of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from gecip.cohort.selection import Cohort
from gecip.errors import GenotypesError
from gecip.genotypes.regions import Region, parse_region, region_of_gene
from gecip.provenance import Provenance

if TYPE_CHECKING:
    import hail as hl

Parameters = ParamSpec("Parameters")
Product = TypeVar("Product")


@dataclass(frozen=True, repr=False, eq=False)
class Genotypes:
    """Genotypes of a cohort; every method returns another, and `mt` is always there for plain Hail.

    Nothing is computed until something is asked: the methods only write down what to keep.
    """

    mt: hl.MatrixTable
    cohort: Cohort
    provenance: Provenance

    def in_genes(self, genes: Sequence[str]) -> Genotypes:
        """Return the variants within the given genes, from the first to the last base of each."""
        return self.within([region_of_gene(gene) for gene in genes])

    def in_regions(self, regions: Sequence[str]) -> Genotypes:
        """Return the variants within the given regions, as `["chr16:2088000-2136000"]`."""
        return self.within([parse_region(region) for region in regions])

    def within(self, regions: Sequence[Region]) -> Genotypes:
        """Return the variants that start within any of the regions."""
        import hail as hl

        intervals = [
            hl.locus_interval(
                region.contig,
                region.start,
                region.stop,
                includes_end=True,
                reference_genome="GRCh38",
            )
            for region in regions
        ]
        mt = hl.filter_intervals(self.mt, [hl.eval(interval) for interval in intervals])
        return self._with(mt, "within", regions=[str(region) for region in regions])

    def with_consequence(self, *terms: str) -> Genotypes:
        """Return the variants with any of these consequences on any transcript, in VEP's terms.

        Raises
        ------
        GenotypesError
            When the release has no functional annotation.
        """
        import hail as hl

        wanted = hl.literal(set(terms))
        annotation = self._annotation("with_consequence")
        kept = annotation.any(lambda one: one.Consequence.split("&").any(wanted.contains))
        return self._with(self.mt.filter_rows(kept), "with_consequence", terms=list(terms))

    def rare(self, *, below: float) -> Genotypes:
        """Return the variants whose allele frequency is below a limit in every annotated population.

        A variant that a population does not list counts as frequency 0 there.
        """
        highest = highest_frequency(self._annotation("rare"))
        return self._with(self.mt.filter_rows(highest < below), "rare", below=below)

    def pipe(
        self,
        function: Callable[Concatenate[Genotypes, Parameters], Product],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Product:
        """Return `function(self, …)`, for those who like chains."""
        return function(self, *args, **kwargs)

    def count(self) -> tuple[int, int]:
        """Return the number of variants and of people; counting variants reads the store."""
        return self.mt.count_rows(), self.mt.count_cols()

    def _annotation(self, asked: str) -> hl.ArrayExpression:
        if "annotation" not in self.mt.row:
            raise GenotypesError(
                f".{asked}() needs functional annotation, and release {self.cohort.release.name} has none: "
                "add annotation VCFs made by VEP to the release, or filter genotypes.mt yourself."
            )
        return self.mt.annotation

    def _with(self, mt: hl.MatrixTable, operation: str, **parameters: object) -> Genotypes:
        return replace(self, mt=mt, provenance=self.provenance.then(operation, **parameters))

    def __repr__(self) -> str:
        kept = [
            step.operation
            for step in self.provenance.chain()
            if step.operation not in ("open_release", "select_cohort")
        ]
        return f"Genotypes(people={self.mt.count_cols():,}, cohort={self.cohort.definition.title!r}, steps={kept})"

    def _repr_html_(self) -> str:
        import html

        variants, people = self.count()
        steps = "".join(
            f"<li>{html.escape(step.operation)} {html.escape(', '.join(f'{k}={v}' for k, v in step.parameters.items() if v))}</li>"
            for step in self.provenance.chain()
            if step.operation not in ("open_release", "select_cohort")
        )
        return (
            f"<p><b>Genotypes</b>: {variants:,} variants × {people:,} people of the cohort "
            f"<i>{html.escape(self.cohort.definition.title)}</i></p><ol>{steps}</ol>"
        )


def highest_frequency(annotation: hl.ArrayExpression) -> hl.Float64Expression:
    """Return a variant's highest allele frequency over all annotated populations; 0 where none lists it."""
    import hail as hl

    from gecip.genotypes.vcf_import import is_frequency

    names = [name for name in annotation.dtype.element_type if is_frequency(name)]
    if not names:
        raise GenotypesError(
            "The functional annotation has no allele frequencies (fields of CSQ that end in AF), so that rare variants "
            "cannot be told: annotate the release with VEP's gnomAD frequencies."
        )
    found = annotation.flatmap(lambda one: hl.array([one[name] for name in names]))
    return hl.or_else(hl.max(found), 0.0)
