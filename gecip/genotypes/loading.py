"""Load a cohort's genomes: the only opening of the germline aggregate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from gecip.cohort.clinical_columns import clinical_columns
from gecip.cohort.selection import Cohort
from gecip.errors import GenotypesError
from gecip.genotypes.callset import germline_callset
from gecip.genotypes.consent_today import GERMLINE, require_newest_consent
from gecip.genotypes.explaining import Explanation, explain_chunks
from gecip.genotypes.genotypes import Genotypes
from gecip.genotypes.loaded import Loaded, as_rows
from gecip.genotypes.regions import Region, parse_regions, regions_of_genes
from gecip.genotypes.sample_columns import known_columns
from gecip.genotypes.session import hail_session
from gecip.genotypes.store import load_chunks, require_grch38, stores_at_hand
from gecip.genotypes.vcf_import import PartialGenotypes
from gecip.release.layout import Chunk

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
    ConsentError
        When a newer list of consented samples lies in the release than the cohort was selected with.
    GenotypesError
        When a gene or region cannot be found, nobody in the cohort has a genome, or the genomes are on
        another assembly.
    SessionError
        When Hail cannot be started.
    """
    release = cohort.release
    require_newest_consent(cohort)
    require_grch38(release)
    if partial_genotypes not in ("keep", "missing"):
        raise GenotypesError(
            f"partial_genotypes= is 'keep' or 'missing', not {partial_genotypes!r}."
        )
    everything = genes is None and regions is None
    wanted = (*regions_of_genes(genes or ()), *parse_regions(regions or ()))
    chunks = release.chunks if everything else _touched(release.chunks, wanted)
    _require_genomes(cohort, chunks, wanted)
    release.record("callset", GERMLINE)
    hail_session()
    stores, _ = load_chunks(germline_callset(release), chunks, partial_genotypes=partial_genotypes)
    columns = _columns(cohort, stores)
    source = Loaded(stores, columns, None if everything else wanted, tuple(genes or ()))
    return Genotypes(
        mt=source.matrix(),
        cohort=cohort,
        provenance=cohort.provenance.then(
            "load_genotypes",
            genes=list(genes or ()),
            regions=list(regions or ()),
            partial_genotypes=partial_genotypes,
            genomes=len(columns),
            partial_calls=_partial_calls(stores),
        ),
        people=len(columns),
        columns=columns.copy(),
        source=source,
    )


def explain_loading(
    cohort: Cohort, *, genes: Sequence[str] | None = None, regions: Sequence[str] | None = None
) -> Explanation:
    """Return what `load_genotypes` would read, and how much of it is in the cache already; loads nothing.

    Raises
    ------
    GenotypesError
        As `load_genotypes`.
    """
    release = cohort.release
    require_grch38(release)
    wanted = (*regions_of_genes(genes or ()), *parse_regions(regions or ()))
    everything = genes is None and regions is None
    chunks = release.chunks if everything else _touched(release.chunks, wanted)
    _require_genomes(cohort, chunks, wanted)
    callset = germline_callset(release)
    stores, missing = stores_at_hand(callset, chunks, partial_genotypes="keep")
    return explain_chunks(callset.title, stores, missing, len(chunks) - len(missing))


def _partial_calls(stores: Sequence[Store]) -> int | None:
    """Return how many calls of the chunks were partial, among all people whom the stores hold."""
    counted = [store.partial_calls for store in stores if store.partial_calls is not None]
    return sum(counted) if counted else None


def genotypes_table(cohort: Cohort) -> hl.Table:
    """Return the cohort's clinical columns as a Hail Table keyed by `participant_id`, for joining."""
    import hail as hl

    hail_session()
    rows, row_type = as_rows(clinical_columns(cohort))
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


# A session asks for gene after gene of one cohort, whose people are the same in every store.
_columns_found: WeakKeyDictionary[Cohort, dict[tuple[tuple[str, ...], ...], pd.DataFrame]] = (
    WeakKeyDictionary()
)


def _columns(cohort: Cohort, stores: Sequence[Store]) -> pd.DataFrame:
    """Return the clinical columns of those whose genome every store holds, with the sample's name; do not change it."""
    known = _columns_found.setdefault(cohort, {})
    held = tuple(dict.fromkeys(store.samples for store in stores))
    if held not in known:
        known[held] = _columns_of(cohort, held)
    return known[held]


def _columns_of(cohort: Cohort, samples: Sequence[Sequence[str]]) -> pd.DataFrame:
    held = frozenset.intersection(*map(frozenset, samples))
    sample_of: dict[int | str, str] = {}
    for sample in samples[0]:
        if sample in held and sample in cohort.samples:
            # Who was sequenced twice is represented by the first of the two.
            sample_of.setdefault(cohort.samples[sample], sample)
    if not sample_of:
        raise GenotypesError(
            f"The aggregate of release {cohort.release.name} holds no genome of the cohort "
            f"{cohort.definition.title!r} ({len(cohort):,} people): widen the definition."
        )
    columns = known_columns(cohort)
    columns = columns[columns["participant_id"].isin(sample_of)].reset_index(drop=True)
    columns.insert(1, "sample", [sample_of[person] for person in columns["participant_id"]])
    return columns
