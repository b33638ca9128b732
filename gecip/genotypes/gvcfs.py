"""Combine people's gVCFs into a Hail VDS, and load them from it as a cohort's genotypes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.cohort.selection import Cohort
from gecip.errors import GenotypesError
from gecip.genotypes.consent_today import GVCFS, require_newest_consent
from gecip.genotypes.genotypes import Genotypes
from gecip.genotypes.loaded import Loaded
from gecip.genotypes.own_files import bare_columns, dense_matrix
from gecip.genotypes.own_stores import OwnFiles, own_store
from gecip.genotypes.person_files import newest_files
from gecip.genotypes.regions import Region, parse_regions, regions_of_genes
from gecip.genotypes.sample_columns import clinical_columns_of, members_by_sample
from gecip.genotypes.session import hail_session
from gecip.genotypes.vcf_import import read_header
from gecip.model.assembly import GRCH38

if TYPE_CHECKING:
    import hail as hl

COMBINED = "combined.vds"
# A block of reference that begins before a region belongs to it too; blocks are shorter than this by far.
LONGEST_BLOCK = 100_000
# A contig is combined in one piece while it holds less than this for all people together, else in Hail's own pieces.
BYTES_WORTH_CUTTING = 64 * 1024 * 1024
PIECE = 1_200_000
_LOST_BY_BLOCKS = {"PGT", "PID", "PS", "PL", "SB", "AD", "DPI"}


def load_gvcfs(
    cohort: Cohort,
    files: Sequence[str | Path] | None = None,
    *,
    genes: Sequence[str] | None = None,
    regions: Sequence[str] | None = None,
) -> Genotypes:
    """Return a cohort's genotypes out of its people's own gVCFs, which tell reference from not sequenced.

    The gVCFs of consenting people of the cohort are combined into a VDS, which is kept in the store; then each place at
    which one of them differs is a row for each alternate allele. Whole genomes of many people take hours: name genes or
    regions. A combination that was cut off is continued by the next.

    Parameters
    ----------
    cohort
        Whose gVCFs to take.
    files
        bgzipped gVCFs with an index (`.tbi`) beside each; the newest of the release on GRCh38
        (`genome_file_paths_and_types`) if not given. Samples are known by their platekeys.
    genes, regions
        As of `load_genotypes`: what to combine.

    Returns
    -------
    As `load_genotypes`. Entries have `GT, GQ, DP` and what else the gVCFs have, `gvcf_filters` among it (the filters of the
    person's own record); in a block of reference, AD and PL are missing. `combined_vds(genotypes)` is the VDS.

    Raises
    ------
    ConsentError
        When a newer list of consented samples lies in the release than the cohort was selected with.
    GenotypesError
        When there is no gVCF of anybody in the cohort, or one has no index.
    """
    require_newest_consent(cohort)
    everything = genes is None and regions is None
    wanted = (*regions_of_genes(genes or ()), *parse_regions(regions or ()))
    by_sample = _gvcfs(cohort, files)
    samples = tuple(by_sample)
    members = members_by_sample(cohort, samples, None, where=next(iter(by_sample.values())).parent)
    # Who is not of the cohort is left out altogether: combining costs as much for everybody.
    within = set(cohort.participants)
    members = {sample: person for sample, person in members.items() if person in within}
    gvcfs = [by_sample[sample] for sample in members]
    _require_indices(gvcfs)
    cohort.release.record("callset", GVCFS)
    hail_session()
    own = OwnFiles(
        name=f"{len(gvcfs):,} gVCFs",
        files=tuple(gvcfs),
        making=["gvcfs", None if everything else [str(region) for region in wanted]],
    )
    intervals = _intervals(gvcfs, None if everything else wanted)

    def make(_: Sequence[int], folder: Path) -> tuple[hl.MatrixTable, dict[str, Any]]:
        vds = _combine(gvcfs, folder, intervals, own.digest)
        mt = bare_columns(dense_matrix(vds))
        order = _places(vds, list(members))
        return mt.choose_cols(order), {}

    store, _ = own_store(own, cohort, tuple(members), members, make)
    columns = clinical_columns_of(cohort, tuple(members), members)
    source = Loaded((store,), columns, None if everything else wanted, tuple(genes or ()))
    return Genotypes(
        mt=source.matrix(),
        cohort=cohort,
        provenance=cohort.provenance.then(
            "load_gvcfs",
            files=own.digest,
            genes=list(genes or ()),
            regions=list(regions or ()),
            genomes=len(columns),
        ),
        people=len(columns),
        columns=columns,
        source=source,
    )


def combined_vds(genotypes: Genotypes) -> Any:
    """Return the VDS from which genotypes were loaded by `load_gvcfs`, with its blocks of reference, for plain Hail.

    Its samples are those of the cohort when it was made; no other's.
    """
    import hail as hl

    source = genotypes.source
    folder = source.stores[0].folder / COMBINED if source else None
    if folder is None or not folder.exists():
        raise GenotypesError("These genotypes do not come from gVCFs: load them with load_gvcfs().")
    return hl.vds.read_vds(str(folder))


def _gvcfs(cohort: Cohort, files: Sequence[str | Path] | None) -> dict[str, Path]:
    """Return the gVCFs by sample, in order; the release's newest that are there, if none are named."""
    if isinstance(files, str | Path):
        raise GenotypesError("load_gvcfs() takes a list of files: write [file].")
    if files is None:
        found = newest_files(cohort, "Genomic VCF")
        if not found:
            raise GenotypesError(
                f"Release {cohort.release.name} has no gVCF on GRCh38 of anybody in the cohort {cohort.definition.title!r}: name "
                "the files, or load the aggregate with load_genotypes()."
            )
        return found
    by_sample: dict[str, Path] = {}
    for path in map(Path, files):
        samples = read_header(path).samples
        if len(samples) != 1:
            raise GenotypesError(
                f"{path}: a gVCF holds one sample, and this file holds {len(samples):,}: load it with load_callset()."
            )
        by_sample.setdefault(samples[0], path)
    if not by_sample:
        raise GenotypesError("load_gvcfs() was given an empty list of files.")
    return by_sample


def _require_indices(files: Sequence[Path]) -> None:
    lacking = [file for file in files if not file.with_name(f"{file.name}.tbi").exists()]
    if lacking:
        raise GenotypesError(
            f"{lacking[0]}: {len(lacking):,} of {len(files):,} gVCFs have no index (.tbi) beside them: make one with `tabix -p vcf`."
        )


def _intervals(files: Sequence[Path], wanted: Sequence[Region] | None) -> list[Region]:
    """Return the stretches to combine, one task each: those asked for, or all that the files have."""
    if wanted is not None:
        return _joined(
            [Region(one.contig, max(1, one.start - LONGEST_BLOCK), one.stop) for one in wanted]
        )
    import pysam

    contigs: set[str] = set()
    for file in files:
        with pysam.TabixFile(str(file)) as index:
            contigs.update(index.contigs)
    whole = sum(file.stat().st_size for file in files) < BYTES_WORTH_CUTTING * len(contigs)
    return [
        Region(contig, start, min(start + (length if whole else PIECE) - 1, length))
        for contig, length in GRCH38.lengths.items()
        if contig in contigs
        for start in range(1, length + 1, length if whole else PIECE)
    ]


def _joined(regions: Sequence[Region]) -> list[Region]:
    """Return regions in the order of the genome, those that overlap as one."""
    order = {contig: number for number, contig in enumerate(GRCH38.lengths)}
    joined: list[Region] = []
    for one in sorted(regions, key=lambda one: (order[one.contig], one.start)):
        last = joined[-1] if joined else None
        if last and last.contig == one.contig and one.start <= last.stop + 1:
            joined[-1] = Region(one.contig, last.start, max(last.stop, one.stop))
        else:
            joined.append(one)
    return joined


def _combine(files: Sequence[Path], folder: Path, regions: Sequence[Region], digest: str) -> Any:
    """Combine gVCFs into a VDS within `folder`; what a killed run had combined is used."""
    import hail as hl

    # Outside the folder of the store, which starts empty: a plan that was begun is continued by its digest.
    temporary = folder.parent / f".combining-{digest}.partial"
    combiner = hl.vds.new_combiner(
        output_path=str(folder / COMBINED),
        temp_path=str(temporary),
        save_path=str(temporary / "plan.json"),
        gvcf_paths=[str(file) for file in files],
        intervals=[region.interval() for region in regions],
        reference_genome="GRCh38",
        gvcf_reference_entry_fields_to_keep=_block_fields(files[0]),
        gvcf_save_filters=True,
    )
    combiner.run()
    shutil.rmtree(temporary, ignore_errors=True)
    return hl.vds.read_vds(str(folder / COMBINED))


def _block_fields(file: Path) -> set[str]:
    """Return the fields that blocks of reference may have, by the header: what no block can know is left out."""
    named = {
        found.group(1)
        for line in read_header(file).definitions
        if (found := re.match(r"##FORMAT=<ID=(\w+),", line))
    }
    return (named - _LOST_BY_BLOCKS) & {"GT", "GQ", "GQX", "DP", "DPF", "MIN_DP"}


def _places(vds: Any, samples: Sequence[str]) -> list[int]:
    place_of = {sample: place for place, sample in enumerate(vds.variant_data.s.collect())}
    return [place_of[sample] for sample in samples]
