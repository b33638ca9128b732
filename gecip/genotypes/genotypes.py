"""A cohort's genotypes: a Hail MatrixTable that knows whose it is and what was kept of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from gecip.cohort.selection import Cohort
from gecip.errors import GenotypesError
from gecip.genotypes.regions import Region, parse_regions, regions_of_genes
from gecip.provenance import Provenance

if TYPE_CHECKING:
    import hail as hl

Parameters = ParamSpec("Parameters")
Product = TypeVar("Product")


@dataclass(frozen=True, repr=False, eq=False)
class Genotypes:
    """Genotypes of a cohort; every method returns another, and `mt` is always there for plain Hail.

    Nothing is computed until something is asked: the methods only write down what to keep. `people`
    is how many of the cohort have a genome, where that is known without asking Hail.
    """

    mt: hl.MatrixTable
    cohort: Cohort
    provenance: Provenance
    people: int | None = None

    def in_genes(self, genes: Sequence[str]) -> Genotypes:
        """Return the variants within the given genes, from the first to the last base of each."""
        return self._within(regions_of_genes(genes), "in_genes", genes=list(genes))

    def in_regions(self, regions: Sequence[str]) -> Genotypes:
        """Return the variants within the given regions, as `["chr16:2088000-2136000"]` or `["chrX"]`."""
        return self._within(parse_regions(regions), "in_regions", regions=list(regions))

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

        Raises
        ------
        GenotypesError
            When the release has no functional annotation, or one without frequencies.
        """
        highest = highest_frequency(self._annotation("rare"))
        return self._with(self.mt.filter_rows(highest < below), "rare", below=below)

    def with_matrix(self, mt: hl.MatrixTable, *, because: str) -> Genotypes:
        """Return these genotypes with a MatrixTable made out of `mt` in plain Hail, and the reason on record.

        Raises
        ------
        GenotypesError
            When rows or columns are no longer keyed as `genotypes.mt` is.
        """
        if list(mt.row_key) != ["locus", "alleles"] or list(mt.col_key) != ["participant_id"]:
            raise GenotypesError(
                "Genotypes have rows keyed by locus and alleles and columns keyed by participant_id, and this "
                "MatrixTable has not: key it so, or go on with it in plain Hail."
            )
        return replace(self._with(mt, "with_matrix", because=because), people=None)

    def pipe(
        self,
        function: Callable[Concatenate[Genotypes, Parameters], Product],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Product:
        """Return `function(self, …)`, for those who like chains."""
        return function(self, *args, **kwargs)

    def count(self) -> tuple[int, int]:
        """Return the number of variants and of people; counting variants may read the store."""
        variants, people = self.mt.count()
        return int(variants), int(people)

    def _within(
        self, stretches: Sequence[Region], operation: str, /, **parameters: object
    ) -> Genotypes:
        import hail as hl

        mt = hl.filter_intervals(self.mt, [stretch.interval() for stretch in stretches])
        return self._with(mt, operation, **parameters)

    def _annotation(self, asked: str) -> hl.ArrayExpression:
        if "annotation" not in self.mt.row:
            raise GenotypesError(
                f".{asked}() needs functional annotation, and release {self.cohort.release.name} has none: "
                "add annotation VCFs made by VEP to the release, or filter genotypes.mt yourself."
            )
        return self.mt.annotation

    def _with(self, mt: hl.MatrixTable, operation: str, /, **parameters: object) -> Genotypes:
        return replace(self, mt=mt, provenance=self.provenance.then(operation, **parameters))

    def _steps(self) -> list[Provenance]:
        names = [step.operation for step in self.provenance.chain()]
        first = names.index("load_genotypes") if "load_genotypes" in names else 0
        return list(self.provenance.chain()[first:])

    def __repr__(self) -> str:
        people = "" if self.people is None else f"people={self.people:,} of {len(self.cohort):,}, "
        steps = [step.operation for step in self._steps()]
        return f"Genotypes({people}cohort={self.cohort.definition.title!r}, steps={steps})"

    def _repr_html_(self) -> str:
        import html

        people = "" if self.people is None else f"{self.people:,} of "
        steps = "".join(
            f"<li>{html.escape(step.operation)}: "
            + html.escape(
                ", ".join(f"{name} = {value}" for name, value in step.parameters.items() if value)
            )
            + "</li>"
            for step in self._steps()
        )
        return (
            f"<p><b>Genotypes</b> of {people}{len(self.cohort):,} people of the cohort "
            f"<i>{html.escape(self.cohort.definition.title)}</i>; <code>.count()</code> counts the "
            f"variants, <code>.mt</code> is the Hail MatrixTable</p><ol>{steps}</ol>"
        )


def highest_frequency(annotation: hl.ArrayExpression) -> hl.Float64Expression:
    """Return a variant's highest allele frequency over all annotated populations; 0 where none lists it.

    Raises
    ------
    GenotypesError
        When the annotation has no frequencies.
    """
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
