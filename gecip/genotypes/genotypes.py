"""A cohort's genotypes: a Hail MatrixTable that knows whose it is and what was kept of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from gecip.cohort.selection import Cohort
from gecip.errors import GenotypesError
from gecip.genotypes.explaining import Explanation, explain_genotypes
from gecip.genotypes.families import Structure, members_of_families
from gecip.genotypes.frequencies import COHORT, chosen_frequencies
from gecip.genotypes.quality_sets import quality_set
from gecip.genotypes.regions import Region, parse_regions, regions_of_genes
from gecip.genotypes.steps import Step, follow, has_tests, not_tested
from gecip.genotypes.why import WhyGenotype, why_genotype
from gecip.model.variant import Variant, parse_variant
from gecip.progress import say
from gecip.provenance import Provenance

if TYPE_CHECKING:
    import hail as hl
    import pandas as pd

    from gecip.genotypes.loaded import Loaded

Parameters = ParamSpec("Parameters")
Product = TypeVar("Product")


@dataclass(frozen=True, repr=False, eq=False)
class Genotypes:
    """Genotypes of a cohort; every method returns another, and `mt` is always there for plain Hail.

    Nothing is computed until something is asked: the methods only write down what to keep.

    Attributes
    ----------
    mt
        The MatrixTable: rows keyed by `locus, alleles`, columns by `participant_id`.
    people
        How many of the cohort have a genome, where that is known without asking Hail.
    columns
        The columns of `mt`, in its order, as a frame: `participant_id, sample` and the clinical columns;
        None after plain Hail (`with_matrix`).
    steps
        What was done since the genomes were loaded, in order, as data (`gecip.genotypes.steps`).
    entries_as_loaded
        Whether every call is still as it was loaded: no step has set one to missing, nor put another matrix
        in its place. Rows and columns may have gone.
    source
        Where they were loaded from, before any step.
    """

    mt: hl.MatrixTable
    cohort: Cohort
    provenance: Provenance
    people: int | None = None
    columns: pd.DataFrame | None = None
    steps: tuple[Step, ...] = ()
    entries_as_loaded: bool = True
    source: Loaded | None = None

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
        if not terms:
            raise GenotypesError(
                "with_consequence() needs terms: write with_consequence('missense_variant')."
            )
        self._require_annotation("with_consequence")
        return self._then(Step("with_consequence", {"terms": list(terms)}))

    def rare(
        self,
        *,
        below: float,
        populations: Sequence[str] | None = None,
        source: str | None = None,
    ) -> Genotypes:
        """Return the variants whose allele frequency is below a limit in every one of the populations.

        A variant that a population does not list counts as frequency 0 there. The fields that were looked at stand in
        the provenance.

        Parameters
        ----------
        below
            The limit, above 0 and at most 1; a frequency equal to it is not below.
        populations
            As the annotation names them, as `["AFR", "NFE"]`, and `"all"` for everybody together; all that there are
            if not given.
        source
            `"gnomADg"`, `"gnomADe"`, `"gnomAD"` for both, `"1000 Genomes"`, or another whose frequencies are annotated;
            all if not given. `"cohort"` takes the frequency among the called genotypes of these very people,
            which reads all of them.

        Raises
        ------
        GenotypesError
            When the release has no functional annotation, or none with such frequencies.
        """
        if not 0 < below <= 1:
            raise GenotypesError(
                f"rare(below=…) takes an allele frequency above 0 and at most 1, not {below!r}."
            )
        if source == COHORT:
            if populations is not None:
                raise GenotypesError(
                    "The cohort's own frequency has no populations: leave populations= out, or filter the cohort."
                )
            return self._then(Step("rare", {"below": below, "source": COHORT}))
        self._require_annotation("rare")
        names = list(self.mt.annotation.dtype.element_type)
        fields = chosen_frequencies(names, source=source, populations=populations)
        asked = {"below": below, "source": source, "populations": populations and list(populations)}
        return self._then(Step("rare", {**asked, "fields": list(fields)}))

    def passing(self, quality: str) -> Genotypes:
        """Return the variants and calls that pass a named set of quality filters.

        Variants that fail go; calls that fail become missing, with all their fields. The sets stand in
        `gecip/genotypes/quality.toml` and in docs/genomes.md, each threshold with its source; `"site-pass"` and
        `"high-quality-sites"` leave calls alone. What the callset has no field for is not tested, which is said and
        stands in the provenance.

        Parameters
        ----------
        quality
            The name of the set, as `"germline-strict"`.

        Raises
        ------
        GenotypesError
            When there is no such set, or the callset has nothing that it could test.
        """
        chosen = quality_set(quality)
        lacking = not_tested(chosen, self.mt)
        if len(lacking) == has_tests(chosen):
            raise GenotypesError(
                f"These genotypes have none of the fields that passing({quality!r}) tests ({', '.join(lacking)}): load a callset "
                "with site and call quality, or filter genotypes.mt yourself."
            )
        if lacking:
            say(
                f"passing({quality!r}): these genotypes have no field for {', '.join(lacking)}, which is not tested."
            )
        filtered = self._then(Step("passing", {"quality": quality, "not_tested": list(lacking)}))
        untouched = self.entries_as_loaded and not chosen.call
        return replace(filtered, entries_as_loaded=untouched)

    def of_families(
        self, families: Sequence[int | str] | None = None, *, structure: Structure = "whole"
    ) -> Genotypes:
        """Return the people of whole families or trios, with their genotypes as they are.

        Parameters
        ----------
        families
            Numbers of families; all of the cohort if not given. Those that are not complete here are left out.
        structure
            `"whole"`: every consenting participant of the family is here. `"trio"`: proband, father and mother are
            here, and only these three are kept. `"any"`: whoever of the family is here.

        Raises
        ------
        GenotypesError
            When no family is left, or the columns are not known (after `with_matrix`).
        """
        if self.columns is None:
            raise GenotypesError(
                "Families are known of genotypes as they were loaded: call of_families() before with_matrix()."
            )
        kept = members_of_families(self.cohort, self.columns, families, structure=structure)
        found = self.columns["participant_id"].isin(kept)
        columns = self.columns[found].reset_index(drop=True)
        step = Step(
            "of_families",
            {
                "structure": structure,
                "families": int(columns["family_id"].nunique()),
                "chosen": families is not None,
            },
            people=kept,
        )
        return replace(self._then(step), people=len(columns), columns=columns)

    def explain(self) -> Explanation:
        """Return what is loaded, what each step asks, and how much a pass over these genotypes reads; computes nothing."""
        return explain_genotypes(self)

    def why(self, variant: str | Variant, participant: int | str) -> WhyGenotype:
        """Return why a person's call of a variant is here or not: every filter in order, value against threshold.

        What it says is about one person: look at it, and keep it inside. It reads one place of the store; a frequency in
        the cohort, which the steps ask for, reads everybody's calls there.

        Parameters
        ----------
        variant
            As `"chr16:2088000:C:T"`; it need not be in the genotypes, nor in the callset.
        participant
            A `participant_id`.

        Raises
        ------
        DefinitionError
            When the variant is not written so.
        """
        named = parse_variant(variant) if isinstance(variant, str) else variant
        return why_genotype(self, named, participant)

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
        filtered = self._then(Step("with_matrix", {"because": because}, matrix=mt))
        return replace(filtered, people=None, columns=None, entries_as_loaded=False)

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

        # What this filters by is what the step's condition says, and Hail reads only the partitions that it needs.
        mt = hl.filter_intervals(self.mt, [stretch.interval() for stretch in stretches])
        return self._having(Step(operation, parameters), mt)

    def _require_annotation(self, asked: str) -> None:
        if "annotation" not in self.mt.row:
            raise GenotypesError(
                f".{asked}() needs functional annotation, and release {self.cohort.release.name} has none: "
                "add annotation VCFs made by VEP to the release, or filter genotypes.mt yourself."
            )

    def _then(self, step: Step) -> Genotypes:
        return self._having(step, follow(step, self.mt))

    def _having(self, step: Step, mt: hl.MatrixTable) -> Genotypes:
        provenance = self.provenance.then(step.operation, **step.parameters)
        return replace(self, mt=mt, provenance=provenance, steps=(*self.steps, step))

    def _told_steps(self) -> list[Provenance]:
        names = [step.operation for step in self.provenance.chain()]
        first = names.index("load_genotypes") if "load_genotypes" in names else 0
        return list(self.provenance.chain()[first:])

    def __repr__(self) -> str:
        people = "" if self.people is None else f"people={self.people:,} of {len(self.cohort):,}, "
        steps = [step.operation for step in self._told_steps()]
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
            for step in self._told_steps()
        )
        return (
            f"<p><b>Genotypes</b> of {people}{len(self.cohort):,} people of the cohort "
            f"<i>{html.escape(self.cohort.definition.title)}</i>; <code>.count()</code> counts the "
            f"variants, <code>.mt</code> is the Hail MatrixTable</p><ol>{steps}</ol>"
        )
