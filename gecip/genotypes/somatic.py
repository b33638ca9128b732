"""Load the somatic aggregate: a cohort's tumours, with reads, fractions, and the flags of places and of calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gecip.cohort.selection import Cohort
from gecip.errors import GenotypesError
from gecip.genotypes.callset import Callset
from gecip.genotypes.consent_today import SOMATIC, require_newest_consent
from gecip.genotypes.genotypes import Genotypes
from gecip.genotypes.loaded import Loaded
from gecip.genotypes.regions import parse_regions, regions_of_genes
from gecip.genotypes.sample_columns import known_columns
from gecip.genotypes.session import hail_session
from gecip.genotypes.store import load_chunks, require_grch38
from gecip.model.cancer import CancerAnalysis
from gecip.provenance import digest_of
from gecip.release.layout import SOMATIC_CHUNK_LIST, newest_tumour_list, read_chunks
from gecip.release.opening import Release

if TYPE_CHECKING:
    import hail as hl
    import pandas as pd

    from gecip.genotypes.store import Store

# What of a tumour travels to the columns, beside the clinical columns.
_TUMOUR_COLUMNS = ("germline_sample_platekey", "tumour_type", "disease_type", "tumour_purity")


def load_somatic(
    cohort: Cohort,
    *,
    genes: Sequence[str] | None = None,
    regions: Sequence[str] | None = None,
) -> Genotypes:
    """Return the somatic calls of a cohort's tumours as genotypes, one column for each tumour.

    `GT` says `0/1` for every call that the caller made, whatever its filters: what passed, `.passing("somatic-pass")` keeps.
    Only tumours of consenting people that `cancer_analysis` and the aggregate's list of samples have are in it.

    Parameters
    ----------
    cohort
        Whose tumours.
    genes, regions
        As of `load_genotypes`: only the chunks that they touch are read.

    Returns
    -------
    Rows as of `load_genotypes`; the flags of a place (`CommonGermlineVariant`, `CommonGnomADVariant`,
    `RecurrentSomaticVariant`, `SimpleRepeat`, `RepetitiveRegion`) are in `info`, true or missing. Columns keyed by
    `participant_id`, which a person with two tumours has twice: `sample` is the tumour's platekey, beside it
    `germline_sample_platekey`, `tumour_type`, `disease_type`, `tumour_purity` and the clinical columns.
    Entries: `GT`, `FILTER` (`PASS`, or which of the call's filters failed), `DP`, and `VAF`, from tier-1 reads
    where the file does not give it: ALT / (ALT + REF) of an SNV, TIR / (TIR + TAR) of an indel.

    Raises
    ------
    ConsentError
        When a newer list of consented samples lies in the release than the cohort was selected with.
    GenotypesError
        When the release has no somatic aggregate, or nobody in the cohort has a tumour in it.
    """
    require_newest_consent(cohort)
    release = cohort.release
    require_grch38(release)
    chunks = read_chunks(release.folder, chunk_list=SOMATIC_CHUNK_LIST)
    if not chunks:
        raise GenotypesError(f"Release {release.name} has no somatic aggregate.")
    everything = genes is None and regions is None
    wanted = (*regions_of_genes(genes or ()), *parse_regions(regions or ()))
    if not everything:
        chunks = tuple(c for c in chunks if any(region.touches(c) for region in wanted))
        if not chunks:
            asked = ", ".join(map(str, wanted)) or "an empty list of genes and regions"
            raise GenotypesError(
                f"The somatic aggregate of release {release.name} has nothing for {asked}: ask for other genes or regions."
            )
    callset = somatic_callset(release)
    if not set(callset.samples.values()) & set(cohort.participants):
        raise GenotypesError(
            f"Nobody in the cohort {cohort.definition.title!r} ({len(cohort):,} people) has a tumour in the somatic aggregate: "
            "widen the definition."
        )
    release.record("callset", SOMATIC)
    hail_session()
    stores, _ = load_chunks(callset, chunks, partial_genotypes="missing")
    columns = _columns(cohort, callset.samples, stores)
    source = Loaded(stores, columns, None if everything else wanted, tuple(genes or ()))
    return Genotypes(
        mt=_with_fractions(source.matrix()),
        cohort=cohort,
        provenance=cohort.provenance.then(
            "load_somatic",
            genes=list(genes or ()),
            regions=list(regions or ()),
            tumours=len(columns),
        ),
        people=int(columns["participant_id"].nunique()),
        columns=columns,
        source=source,
    )


def somatic_callset(release: Release) -> Callset:
    """Return the somatic aggregate of a release, with the tumours that may be used."""
    samples = _tumours(release)
    return Callset(
        name=f"{release.name}-somatic",
        title=f"the somatic aggregate of release {release.name}",
        release=release,
        making=[release.manifest.digest or str(release.folder.resolve()), "somatic"],
        samples=samples,
        consent=digest_of(sorted(samples)),
        may_be_partial=False,
    )


def _tumours(release: Release) -> Mapping[str, int | str]:
    """Return the tumours of consenting people that are still listed, as platekey to participant."""
    if CancerAnalysis.name not in release.tables:
        return {}
    rows = release.read(CancerAnalysis, ["participant_id", "tumour_sample_platekey"]).dropna()
    listing = newest_tumour_list(release.folder)
    if listing is not None:
        listed = set(listing.read_text(encoding="utf-8").split())
        rows = rows[rows["tumour_sample_platekey"].isin(listed)]
    return dict(zip(rows["tumour_sample_platekey"], rows["participant_id"].tolist(), strict=True))


def _columns(
    cohort: Cohort, tumours: Mapping[str, int | str], stores: Sequence[Store]
) -> pd.DataFrame:
    """Return one row for each tumour of the cohort that every store holds, in the order of people and tumours."""
    import pandas as pd

    within = set(cohort.participants)
    held = frozenset.intersection(*(frozenset(store.samples) for store in stores))
    mine = sorted(sample for sample in held if tumours.get(sample) in within)
    if not mine:
        raise GenotypesError(
            f"Nobody in the cohort {cohort.definition.title!r} ({len(cohort):,} people) has a tumour in the somatic aggregate: "
            "widen the definition."
        )
    frame = pd.DataFrame({"participant_id": [tumours[sample] for sample in mine], "sample": mine})
    known = cohort.rows(CancerAnalysis)
    known = known.drop_duplicates("tumour_sample_platekey").rename(
        columns={"tumour_sample_platekey": "sample"}
    )
    present = [name for name in _TUMOUR_COLUMNS if name in known]
    frame = frame.merge(known[["sample", *present]], on="sample", how="left")
    frame = frame.merge(known_columns(cohort), on="participant_id", how="left")
    return frame.sort_values(["participant_id", "sample"], ignore_index=True)


def _with_fractions(mt: hl.MatrixTable) -> hl.MatrixTable:
    """Return the calls with `VAF` filled from tier-1 reads where the file left it out."""
    import hail as hl

    entry = set(mt.entry)
    fractions = [mt.VAF] if "VAF" in entry else []
    if {"AU", "CU", "GU", "TU"} <= entry:
        reads = hl.dict([(base, mt[f"{base}U"]) for base in "ACGT"])
        ref, alt = reads.get(mt.alleles[0])[0], reads.get(mt.alleles[1])[0]
        is_snv = hl.is_snp(mt.alleles[0], mt.alleles[1])
        fractions.append(hl.or_missing(is_snv & (ref + alt > 0), alt / (ref + alt)))
    if {"TIR", "TAR"} <= entry:
        with_it, without = mt.TIR[0], mt.TAR[0]
        fractions.append(hl.or_missing(with_it + without > 0, with_it / (with_it + without)))
    if not fractions:
        return mt
    return mt.annotate_entries(VAF=hl.coalesce(*map(hl.float64, fractions)))
