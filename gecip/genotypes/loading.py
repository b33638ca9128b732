"""Load a cohort's genomes: the only opening of the germline aggregate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gecip.cohort.clinical_columns import clinical_columns
from gecip.cohort.selection import Cohort
from gecip.errors import GenotypesError
from gecip.genotypes.genotypes import Genotypes
from gecip.genotypes.regions import Region, parse_regions, regions_of_genes
from gecip.genotypes.session import hail_session
from gecip.genotypes.store import load_chunks, require_grch38
from gecip.genotypes.uniting import unite_rows
from gecip.genotypes.vcf_import import PartialGenotypes
from gecip.progress import say
from gecip.release.layout import Chunk, date_in_name, newest_sample_list

if TYPE_CHECKING:
    import hail as hl
    import pandas as pd

    from gecip.genotypes.store import Store


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
        Stretches of GRCh38, 1-based and inclusive, as `["chr16:2088000-2136000"]`, or whole
        chromosomes, as `["chrX"]`.
    partial_genotypes
        What `1/.`, `./1` and `0/.` mean, which the aggregate writes at decomposed multiallelic sites.
        `"keep"` keeps the known allele and takes the other for reference at this row; `"missing"` gives
        what Hail gives, and loses those carriers.

    Returns
    -------
    Rows keyed by `locus, alleles`, with `rsid, qual, filters, info` and, where the release is annotated,
    `annotation` (one struct for each consequence). Columns keyed by `participant_id` and in its order,
    with `sample` and the clinical columns. Entries as the VCF has them.

    Raises
    ------
    GenotypesError
        When a gene or region cannot be found, nobody in the cohort has a genome, or the genomes are on
        another assembly.
    SessionError
        When Hail cannot be started.
    """
    release = cohort.release
    require_grch38(release)
    if partial_genotypes not in ("keep", "missing"):
        raise GenotypesError(
            f"partial_genotypes= is 'keep' or 'missing', not {partial_genotypes!r}."
        )
    everything = genes is None and regions is None
    wanted = (*regions_of_genes(genes or ()), *parse_regions(regions or ()))
    chunks = release.chunks if everything else _touched(release.chunks, wanted)
    _require_genomes(cohort, chunks, wanted)
    _tell_of_newer_consent(cohort)
    hail_session()
    stores, _ = load_chunks(release, chunks, partial_genotypes=partial_genotypes)
    columns = _columns(cohort, stores)
    return Genotypes(
        mt=_matrix(stores, columns, None if everything else wanted),
        cohort=cohort,
        provenance=cohort.provenance.then(
            "load_genotypes",
            genes=list(genes or ()),
            regions=list(regions or ()),
            partial_genotypes=partial_genotypes,
            genomes=len(columns),
        ),
        people=len(columns),
    )


def genotypes_table(cohort: Cohort) -> hl.Table:
    """Return the cohort's clinical columns as a Hail Table keyed by `participant_id`, for joining."""
    import hail as hl

    hail_session()
    rows, row_type = _as_rows(clinical_columns(cohort))
    return hl.Table.parallelize(rows, row_type, n_partitions=1).key_by("participant_id")


def _touched(chunks: Sequence[Chunk], regions: Sequence[Region]) -> tuple[Chunk, ...]:
    return tuple(chunk for chunk in chunks if any(region.touches(chunk) for region in regions))


def _require_genomes(cohort: Cohort, chunks: Sequence[Chunk], wanted: Sequence[Region]) -> None:
    """Refuse what can only be empty, with the reason."""
    release = cohort.release
    if not release.chunks:
        raise GenotypesError(f"Release {release.name} has no genomes.")
    if not chunks:
        asked = ", ".join(map(str, wanted)) or "an empty list of genes and regions"
        raise GenotypesError(
            f"Release {release.name} has no genomes for {asked}: ask for other genes or regions."
        )
    if not cohort.samples:
        raise GenotypesError(
            f"Nobody in the cohort {cohort.definition.title!r} ({len(cohort):,} people) has a genome that may be used: "
            "widen the definition; cohort.attrition shows where people were lost."
        )


def _tell_of_newer_consent(cohort: Cohort) -> None:
    """Say so where a newer list of samples has been laid down since the cohort's release was opened."""
    newest = newest_sample_list(cohort.release.folder)
    dated = date_in_name(newest) if newest else None
    if dated is not None and dated > cohort.release.consent.date:
        say(
            f"Release {cohort.release.name} has a newer list of consented samples ({dated}) than this cohort was "
            f"selected with ({cohort.release.consent.date}): open the release and select the cohort again."
        )


def _columns(cohort: Cohort, stores: Sequence[Store]) -> pd.DataFrame:
    """Return the clinical columns of those whose genome every store holds, with the sample's name."""
    held = frozenset.intersection(*(frozenset(store.samples) for store in stores))
    sample_of: dict[int | str, str] = {}
    for sample in stores[0].samples:
        if sample in held and sample in cohort.samples:
            # Who was sequenced twice is represented by the first of the two.
            sample_of.setdefault(cohort.samples[sample], sample)
    if not sample_of:
        raise GenotypesError(
            f"The aggregate of release {cohort.release.name} holds no genome of the cohort "
            f"{cohort.definition.title!r} ({len(cohort):,} people): widen the definition."
        )
    columns = clinical_columns(cohort)
    columns = columns[columns["participant_id"].isin(sample_of)].reset_index(drop=True)
    columns.insert(1, "sample", [sample_of[person] for person in columns["participant_id"]])
    return columns


def _matrix(
    stores: Sequence[Store], columns: pd.DataFrame, wanted: Sequence[Region] | None
) -> hl.MatrixTable:
    """Return the stores as one matrix of the wanted rows and exactly these columns, in their order."""
    import hail as hl

    intervals = None if wanted is None else [region.interval() for region in wanted]
    parts = []
    for store in stores:
        place_of = {sample: place for place, sample in enumerate(store.samples)}
        mt = store.read(intervals)
        if list(store.samples) != list(columns["sample"]):
            mt = mt.choose_cols([place_of[sample] for sample in columns["sample"]])
        parts.append(mt)
    rows, row_type = _as_rows(columns)
    mt = unite_rows(parts).add_col_index("place")
    mt = mt.annotate_cols(known=hl.literal(rows, hl.tarray(row_type))[hl.int32(mt.place)])
    mt = mt.key_cols_by(participant_id=mt.known.participant_id)
    return mt.select_cols(**mt.known.drop("participant_id"))


def _as_rows(columns: pd.DataFrame) -> tuple[list[dict[str, Any]], Any]:
    """Return a frame as plain rows and their Hail type; missing stays missing."""
    import hail as hl
    import pandas as pd

    kinds = {
        "i": (hl.tint64, int),
        "u": (hl.tint64, int),
        "f": (hl.tfloat64, float),
        "b": (hl.tbool, bool),
    }
    of = {name: kinds.get(dtype.kind, (hl.tstr, str)) for name, dtype in columns.dtypes.items()}
    plain = {
        name: [None if pd.isna(cell) else of[name][1](cell) for cell in columns[name]]
        for name in columns
    }
    rows = [dict(zip(plain, cells, strict=True)) for cells in zip(*plain.values(), strict=True)]
    return rows, hl.tstruct(**{str(name): kind for name, (kind, _) in of.items()})
