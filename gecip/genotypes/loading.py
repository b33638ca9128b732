"""Load a cohort's genomes: the only opening of the germline aggregate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gecip.cohort.clinical_columns import clinical_columns
from gecip.cohort.selection import Cohort
from gecip.errors import GenotypesError
from gecip.genotypes.genotypes import Genotypes
from gecip.genotypes.regions import Region, parse_region, region_of_gene
from gecip.genotypes.session import hail_session
from gecip.genotypes.store import load_chunks
from gecip.genotypes.vcf_import import PartialGenotypes
from gecip.release.layout import Chunk

if TYPE_CHECKING:
    import hail as hl
    import pandas as pd


def load_genotypes(
    cohort: Cohort,
    *,
    genes: Sequence[str] | None = None,
    regions: Sequence[str] | None = None,
    partial_genotypes: PartialGenotypes = "keep",
) -> Genotypes:
    """Return the cohort's genotypes as a Hail MatrixTable with the clinical columns on its columns.

    Only the chunks that the genes and regions touch are read, once; later loads come from the local store.
    Only consenting people of the cohort are in it, whoever else the files may hold.

    Parameters
    ----------
    cohort
        Whose genomes to load.
    genes
        Symbols, as `["PKD1", "PKD2"]`; with neither genes nor regions, everything is loaded.
    regions
        Stretches of GRCh38, 1-based and inclusive, as `["chr16:2088000-2136000"]`.
    partial_genotypes
        What `1/.`, `./1` and `0/.` mean, which the aggregate writes at decomposed multiallelic sites.
        `"keep"` keeps the known allele and takes the other for reference at this row; `"missing"` gives
        what Hail gives, and loses those carriers.

    Returns
    -------
    Rows keyed by `locus, alleles`; columns by `participant_id`, with `sample` and the clinical columns.

    Raises
    ------
    GenotypesError
        When a gene or region cannot be found, nobody in the cohort has a genome, or the genomes are on
        another assembly.
    SessionError
        When Hail cannot be started.
    """
    if not cohort.samples:
        raise GenotypesError(
            f"Nobody in the cohort {cohort.definition.title!r} ({len(cohort):,} people) has a genome that may be used: "
            "widen the definition; cohort.attrition shows where people were lost."
        )
    if isinstance(genes, str) or isinstance(regions, str):
        raise GenotypesError(
            "genes= and regions= take lists: write genes=['PKD1'] or regions=['chr16:2088000-2136000']."
        )
    wanted = [region_of_gene(gene) for gene in genes or ()] + [
        parse_region(region) for region in regions or ()
    ]
    everything = genes is None and regions is None
    chunks = cohort.release.chunks if everything else _touched(cohort.release.chunks, wanted)
    if not chunks:
        raise GenotypesError(
            f"Release {cohort.release.name} has no genomes "
            + (
                "at all."
                if not cohort.release.chunks
                else f"for {', '.join(map(str, wanted))}: ask for other genes or regions."
            )
        )
    hail_session()
    stores, _ = load_chunks(cohort.release, chunks, partial_genotypes=partial_genotypes)
    mt = stores[0].read()
    for store in stores[1:]:
        mt = mt.union_rows(store.read())
    genotypes = Genotypes(
        mt=_with_clinical_columns(mt, cohort),
        cohort=cohort,
        provenance=cohort.provenance.then(
            "load_genotypes",
            genes=list(genes or ()),
            regions=list(regions or ()),
            partial_genotypes=partial_genotypes,
            samples=len(cohort.samples),
        ),
    )
    return genotypes if everything else genotypes.within(wanted)


def genotypes_table(cohort: Cohort) -> hl.Table:
    """Return the cohort's clinical columns as a Hail Table keyed by `participant_id`, for joining."""
    hail_session()
    return _as_table(clinical_columns(cohort)).key_by("participant_id")


def _with_clinical_columns(mt: hl.MatrixTable, cohort: Cohort) -> hl.MatrixTable:
    """Keep the cohort's samples, in the order of participants, and put what is known of them on the columns."""
    columns = clinical_columns(cohort)
    samples = mt.s.collect()
    place_of = {
        cohort.samples[sample]: (place, sample)
        for place, sample in enumerate(samples)
        if sample in cohort.samples
    }
    columns = columns[columns["participant_id"].isin(place_of)].reset_index(drop=True)
    columns.insert(1, "sample", [place_of[person][1] for person in columns["participant_id"]])
    mt = mt.choose_cols([place_of[person][0] for person in columns["participant_id"]])
    mt = mt.annotate_cols(**_as_table(columns).key_by("sample")[mt.s])
    fields = [name for name in columns if name != "participant_id"]
    mt = mt.annotate_cols(sample=mt.s).key_cols_by("participant_id").drop("s")
    return mt.select_cols(*fields)


def _as_table(columns: pd.DataFrame) -> hl.Table:
    """Return a pandas frame as a Hail Table in the nearest types; missing stays missing."""
    import hail as hl
    import pandas as pd

    hail_types = {"i": hl.tint64, "f": hl.tfloat64, "b": hl.tbool}
    plain: dict[str, Callable[[Any], Any]] = {"i": int, "f": float, "b": bool}
    kinds = {str(name): dtype.kind for name, dtype in columns.dtypes.items()}
    cells = {
        name: [None if pd.isna(cell) else plain.get(kind, str)(cell) for cell in columns[name]]
        for name, kind in kinds.items()
    }
    rows = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    types = {name: hail_types.get(kind, hl.tstr) for name, kind in kinds.items()}
    return hl.Table.parallelize(rows, hl.tstruct(**types), n_partitions=1)


def _touched(chunks: Sequence[Chunk], regions: Sequence[Region]) -> tuple[Chunk, ...]:
    return tuple(chunk for chunk in chunks if any(region.touches(chunk) for region in regions))
