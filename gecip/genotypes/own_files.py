"""Load a researcher's own files as a cohort's genotypes: VCF, PLINK BED, BGEN, a MatrixTable or a VDS."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.cohort.selection import Cohort
from gecip.errors import GenotypesError
from gecip.genotypes.consent_today import OWN, require_newest_consent
from gecip.genotypes.genotypes import Genotypes
from gecip.genotypes.lifting import Liftover, lift
from gecip.genotypes.loaded import Loaded
from gecip.genotypes.own_stores import OwnFiles, own_store
from gecip.genotypes.regions import parse_regions, regions_of_genes
from gecip.genotypes.sample_columns import clinical_columns_of, members_by_sample
from gecip.genotypes.session import hail_session
from gecip.genotypes.vcf_import import (
    PartialGenotypes,
    csq_fields,
    import_genotypes,
    parse_csq,
    read_header,
)
from gecip.model.assembly import GRCH38

if TYPE_CHECKING:
    import hail as hl

# How PLINK and others number what GRCh38 names; 25 are the regions of X that pair with Y.
_NUMBERED = {
    "23": "chrX",
    "24": "chrY",
    "25": "chrX",
    "26": "chrM",
    "XY": "chrX",
    "MT": "chrM",
    "M": "chrM",
}


@dataclass(frozen=True)
class _Kind:
    """One format: its files, its samples in order, and how Hail reads it."""

    files: tuple[Path, ...]
    samples: Callable[[], tuple[str, ...]]
    read: Callable[[], hl.MatrixTable]


def load_callset(
    cohort: Cohort,
    path: str | Path,
    *,
    people: Mapping[str, int | str] | None = None,
    genes: Sequence[str] | None = None,
    regions: Sequence[str] | None = None,
    assembly: str = "GRCh38",
    liftover: Liftover | None = None,
    partial_genotypes: PartialGenotypes = "keep",
) -> Genotypes:
    """Return a cohort's genotypes out of files that are not part of the release, with the clinical columns.

    Only people of the cohort who consent are in it, whoever else the files hold. The files are read once, as a whole,
    and kept in the store like the release's own; when they change they are read again.

    Parameters
    ----------
    cohort
        Whose genotypes to load.
    path
        `x.vcf.gz` or `x.vcf.bgz`; `x.bed` with `.bim` and `.fam` beside it; `x.bgen` with `x.sample`
        beside it, or samples within; `x.mt`, a MatrixTable with rows keyed by `locus, alleles`; `x.vds`.
    people
        Whose sample is whose: sample name to `participant_id`. If not given, samples are known by their platekeys,
        and else taken for participants' numbers.
    genes, regions
        As of `load_genotypes`: what to keep.
    assembly
        The assembly of the files, `"GRCh38"` or `"GRCh37"`; the latter needs a liftover. A MatrixTable or VDS says its own.
    liftover
        How to bring GRCh37 to GRCh38; what was lost is said, and stands in the provenance.
    partial_genotypes
        As of `load_genotypes`; of VCFs only.

    Raises
    ------
    ConsentError
        When a newer list of consented samples lies in the release than the cohort was selected with.
    GenotypesError
        When the files cannot be read, hold nobody of the cohort, or are on GRCh37 without a liftover.
    """
    require_newest_consent(cohort)
    path = Path(path).expanduser()
    _require_liftover(path, assembly, liftover)
    hail_session()
    kind = _kind_of(path, assembly, partial_genotypes)
    samples = kind.samples()
    members = members_by_sample(cohort, samples, people, where=path)
    cohort.release.record("callset", OWN)
    own = OwnFiles(
        name=path.name,
        files=(*kind.files, *(liftover.files if liftover else ())),
        making=[assembly, partial_genotypes, _plain(people, samples)],
    )

    def make(usable: Sequence[int], _: Path) -> tuple[hl.MatrixTable, dict[str, Any]]:
        mt = bare_columns(kind.read()).choose_cols(list(usable))
        return (mt, {}) if liftover is None else lift(mt, liftover, own.name)

    store, facts = own_store(own, cohort, samples, members, make)
    columns = clinical_columns_of(cohort, samples, members)
    wanted = (*regions_of_genes(genes or ()), *parse_regions(regions or ()))
    everything = genes is None and regions is None
    source = Loaded((store,), columns, None if everything else wanted, tuple(genes or ()))
    return Genotypes(
        mt=source.matrix(),
        cohort=cohort,
        provenance=cohort.provenance.then(
            "load_callset",
            callset=path.name,
            files=own.digest,
            genes=list(genes or ()),
            regions=list(regions or ()),
            assembly=assembly,
            partial_genotypes=partial_genotypes,
            genomes=len(columns),
            liftover=facts or None,
        ),
        people=len(columns),
        columns=columns,
        source=source,
    )


def _plain(people: Mapping[str, int | str] | None, samples: Sequence[str]) -> Any:
    return None if people is None else [people.get(sample) for sample in samples]


def _require_liftover(path: Path, assembly: str, liftover: Liftover | None) -> None:
    if assembly not in ("GRCh37", "GRCh38"):
        raise GenotypesError(f"assembly= is 'GRCh38' or 'GRCh37', not {assembly!r}.")
    if assembly == "GRCh37" and liftover is None:
        raise GenotypesError(
            f"{path}: these genomes are on GRCh37, and the genes, regions and annotation that they are joined with are on "
            "GRCh38: name a chain file and the sequence of GRCh38, as liftover=Liftover(chain='…', reference='…')."
        )
    if assembly == "GRCh38" and liftover is not None:
        raise GenotypesError(
            f"{path}: a liftover leads from GRCh37 to GRCh38, and these genomes are said to be on GRCh38: write assembly='GRCh37', "
            "or leave liftover= out."
        )


def _kind_of(path: Path, assembly: str, partial_genotypes: PartialGenotypes) -> _Kind:
    readers: list[tuple[tuple[str, ...], Callable[[], _Kind]]] = [
        ((".vcf.gz", ".vcf.bgz"), lambda: _vcf(path, assembly, partial_genotypes)),
        ((".bed",), lambda: _bed(path, assembly)),
        ((".bgen",), lambda: _bgen(path, assembly)),
        ((".mt",), lambda: _matrix(path, assembly)),
        ((".vds",), lambda: _vds(path, assembly)),
    ]
    for suffixes, reader in readers:
        if path.name.endswith(suffixes):
            if not path.exists():
                raise GenotypesError(f"{path}: there is no such file or folder: check the path.")
            return reader()
    raise GenotypesError(
        f"{path}: what this is cannot be told from its name: give a file that ends in .vcf.gz, .bed, .bgen, .mt or .vds."
    )


def _vcf(path: Path, assembly: str, partial_genotypes: PartialGenotypes) -> _Kind:
    header = read_header(path)

    def read() -> hl.MatrixTable:
        mt = import_genotypes(
            [path],
            partial_genotypes=partial_genotypes,
            assembly=assembly,
            contig_recoding=recoding(_contigs_of_vcf(path), assembly),
        )
        if header.csq_fields is None:
            return mt
        mt = mt.annotate_rows(annotation=parse_csq(mt.info, csq_fields(path)))
        return mt.annotate_rows(info=mt.info.drop("CSQ"))

    return _Kind((path,), lambda: header.samples, read)


def _bed(path: Path, assembly: str) -> _Kind:
    bim, fam = path.with_suffix(".bim"), path.with_suffix(".fam")
    for beside in (bim, fam):
        if not beside.exists():
            raise GenotypesError(f"{beside}: a PLINK BED needs this file beside it: restore it.")

    def samples() -> tuple[str, ...]:
        rows = fam.read_text(encoding="utf-8").splitlines()
        return tuple(row.split()[1] for row in rows if row.strip())

    def read() -> hl.MatrixTable:
        import hail as hl

        contigs = {line.split(maxsplit=1)[0] for line in _lines(bim)}
        return hl.import_plink(
            str(path),
            str(bim),
            str(fam),
            reference_genome=assembly,
            contig_recoding=recoding(contigs, assembly),
        ).select_cols()

    return _Kind((path, bim, fam), samples, read)


def _bgen(path: Path, assembly: str) -> _Kind:
    import hail as hl

    from gecip.genotypes.own_stores import scratch_folder

    beside = path.with_suffix(".sample")
    sample_file = str(beside) if beside.exists() else None

    def read() -> hl.MatrixTable:
        # The index is made anew beside nothing of the user's: their folder need not be writable.
        index = str(scratch_folder() / f"{path.name}.idx2")
        hl.index_bgen(
            str(path),
            index_file_map={str(path): index},
            reference_genome=assembly,
            contig_recoding={
                **recoding({f"{number:02d}" for number in range(1, 23)}, assembly),
                **recoding({*map(str, range(1, 27)), "X", "Y", "XY", "MT", "M"}, assembly),
            },
        )
        return hl.import_bgen(
            str(path),
            entry_fields=["GT", "GP", "dosage"],
            sample_file=sample_file,
            index_file_map={str(path): index},
        )

    def samples() -> tuple[str, ...]:
        return tuple(read().s.collect())

    return _Kind((path, beside) if sample_file else (path,), samples, read)


def _matrix(path: Path, assembly: str) -> _Kind:
    import hail as hl

    mt = hl.read_matrix_table(str(path))
    _require_keys(mt, path)
    _require_assembly(mt, path, assembly)
    key = next(iter(mt.col_key))
    return _Kind(_files_within(path), lambda: tuple(map(str, mt[key].collect())), lambda: mt)


def _vds(path: Path, assembly: str) -> _Kind:
    import hail as hl

    vds = hl.vds.read_vds(str(path))
    _require_assembly(vds.variant_data, path, assembly)
    return _Kind(
        _files_within(path),
        lambda: tuple(vds.variant_data.s.collect()),
        lambda: dense_matrix(vds),
    )


def dense_matrix(vds: Any) -> hl.MatrixTable:
    """Return the rows of a VDS at which somebody differs from the reference, one for each alternate allele.

    `GT` is complete: where somebody's gVCF has a block of reference it is `0/0`, with the block's depth and
    quality; where it has nothing it is missing.
    """
    import hail as hl

    vds = hl.vds.split_multi(vds)
    # Where nobody looked Hail leaves no entry at all, which its aggregators pass over: a call rate would be too high.
    mt = hl.vds.to_dense_mt(vds).unfilter_entries()
    mt = mt.drop(*[name for name in ("gvcf_info",) if name in mt.entry])
    # A block of reference says its least depth: what is known of each of its places.
    for block, place in (("MIN_DP", "DP"), ("GQX", "GQ")):
        if block in mt.entry and place in mt.entry:
            mt = mt.annotate_entries(**{place: hl.or_else(mt[place], mt[block])})
    return mt.drop(*[name for name in ("END", "LEN") if name in mt.entry])


def recoding(contigs: set[str], assembly: str) -> dict[str, str]:
    """Return what Hail has to call contigs that a file names otherwise than the assembly does."""
    found = {}
    for contig in contigs:
        bare = contig.removeprefix("chr").lstrip("0")
        if assembly == "GRCh38":
            name = _NUMBERED.get(bare, f"chr{bare}")
            if name != contig and name in GRCH38.lengths:
                found[contig] = name
        else:
            name = _NUMBERED.get(bare, f"chr{bare}").removeprefix("chr")
            name = "MT" if name == "M" else name
            if name != contig:
                found[contig] = name
    return found


def bare_columns(mt: hl.MatrixTable) -> hl.MatrixTable:
    """Return a matrix whose columns are numbered in their order and have nothing else, without globals."""
    mt = mt.key_cols_by().select_cols().add_col_index("s").key_cols_by("s")
    return mt.key_rows_by("locus", "alleles").select_globals()


def _require_keys(mt: hl.MatrixTable, path: Path) -> None:
    if list(mt.row_key)[:2] != ["locus", "alleles"] or len(mt.col_key) != 1:
        raise GenotypesError(
            f"{path}: this MatrixTable's rows have to be keyed by locus and alleles, and its columns by one field with the sample's "
            "name: key it so and write it again."
        )


def _require_assembly(mt: hl.MatrixTable, path: Path, assembly: str) -> None:
    own = mt.locus.dtype.reference_genome.name
    if own != assembly:
        raise GenotypesError(
            f"{path}: its places are on {own}: write assembly={own!r}, with a liftover if that is GRCh37."
        )


def _files_within(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.rglob("*") if path.is_file()))


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _contigs_of_vcf(path: Path) -> set[str]:
    """Return the contigs that a VCF's header names, and those of an index beside it where there is one."""
    found: set[str] = set()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                found.add(line.split("\t", maxsplit=1)[0])
                break
            named = re.match(r"##contig=<ID=([^,>]+)", line)
            if named:
                found.add(named.group(1))
    return found | {*map(str, range(1, 23)), "X", "Y", "MT"}
