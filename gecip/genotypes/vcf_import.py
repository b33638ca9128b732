"""Read the aggregate's VCFs into Hail without losing a carrier, on all cores.

Two things are easily wrong in a plain `hl.import_vcf`. Decomposed multiallelic sites hold *partial
genotypes* (`1/.`, `./1`, `0/.`: the other allele is written at another row), and Hail takes each for
missing, so that carriers vanish. And a file under 128 MB is read as one partition, on one core.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gecip.errors import GenotypesError
from gecip.genotypes.frequencies import is_frequency
from gecip.genotypes.session import spark_cores
from gecip.provenance import digest_of

if TYPE_CHECKING:
    import hail as hl

PartialGenotypes = Literal["keep", "missing"]

# At the start of a sample's column: one known allele beside an unknown one. A literal first character
# lets Java's matcher pass over all other columns quickly; the groups keep order and phase.
PARTIAL_GENOTYPE = r"\t(?:(\d+)([/|])\.|\.([/|])(\d+))(?![^:\t])"
UNKNOWN_AS_REFERENCE = "\t$1$2\\0$3$4"

# Below this a file is read by one core in less time than it takes to share it; above, by all.
BYTES_WORTH_SHARING = 256 * 1024
LARGEST_PARTITION_BYTES = 16 * 1024 * 1024
# Stretches of a chromosome differ in work: two for each core level that out.
PARTITIONS_FOR_EACH_CORE = 2


@dataclass(frozen=True)
class VcfHeader:
    """What a VCF says before its first record: its definitions and, in order, its samples."""

    definitions: tuple[str, ...]
    samples: tuple[str, ...]

    @cached_property
    def digest(self) -> str:
        """Sixteen hexadecimal digits; files with equal ones can be read together."""
        return digest_of([self.definitions, self.samples])

    @cached_property
    def csq_fields(self) -> tuple[str, ...] | None:
        """The names of the fields of VEP's CSQ, in order, or None where it is not defined."""
        for definition in self.definitions:
            if definition.startswith("##INFO=<ID=CSQ,"):
                found = re.search(r'Format:\s*([^\s">]+)', definition)
                return tuple(found.group(1).split("|")) if found else None
        return None


def read_header(file: Path) -> VcfHeader:
    """Return the header of a bgzipped VCF.

    Raises
    ------
    GenotypesError
        When the file is missing or does not begin as a bgzipped VCF does.
    """
    definitions: list[str] = []
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith(("##INFO=", "##FORMAT=", "##FILTER=")):
                    definitions.append(line.rstrip())
                elif line.startswith("#CHROM"):
                    return VcfHeader(tuple(definitions), tuple(line.rstrip("\n").split("\t")[9:]))
                elif not line.startswith("##"):
                    break
    except FileNotFoundError:
        raise GenotypesError(
            f"{file}: this file of the release is missing: restore it, or make the release again."
        ) from None
    except (OSError, EOFError, ValueError):
        pass
    raise GenotypesError(
        f"{file}: this is no bgzipped VCF, or a damaged one: restore it, or make the release again."
    )


def import_genotypes(
    files: Sequence[Path],
    *,
    partial_genotypes: PartialGenotypes,
    assembly: str,
    contig_recoding: Mapping[str, str] | None = None,
) -> hl.MatrixTable:
    """Return the genotypes of bgzipped VCFs with equal headers, unread until used.

    Parameters
    ----------
    files
        The VCFs, each with the same samples in the same order.
    partial_genotypes
        `keep` reads `1/.` and `./1` as heterozygous and `0/.` as reference, since the allele that is not
        told is another alternate, written at its own row: what splitting the undecomposed site gives.
        `missing` leaves them to Hail, which loses them.
    assembly
        `GRCh38` or `GRCh37`.
    contig_recoding
        What contigs are called in the assembly, where the files call them otherwise.
    """
    import hail as hl

    keep = partial_genotypes == "keep"
    mt = hl.import_vcf(
        [str(file) for file in files],
        force_bgz=True,
        reference_genome=assembly,
        # AD and PL hold "." for a missing allele at decomposed sites.
        array_elements_required=False,
        find_replace=(PARTIAL_GENOTYPE, UNKNOWN_AS_REFERENCE) if keep else None,
        min_partitions=partitions_for(files),
        contig_recoding=dict(contig_recoding) if contig_recoding else None,
    )
    return _without_crumbs(mt, files)


def import_annotation(files: Sequence[Path], *, assembly: str) -> hl.Table:
    """Return the functional annotation by locus and alleles, as `annotation`: see `parse_csq`."""
    rows = import_sites(files, assembly=assembly)
    return rows.select(annotation=parse_csq(rows.info, csq_fields(files[0])))


def import_sites(files: Sequence[Path], *, assembly: str) -> hl.Table:
    """Return the rows of VCFs without genotypes, with equal headers, keyed by locus and alleles."""
    import hail as hl

    return hl.import_vcf(
        [str(file) for file in files],
        force_bgz=True,
        reference_genome=assembly,
        array_elements_required=False,
        min_partitions=partitions_for(files),
    ).rows()


def csq_fields(annotation: Path) -> tuple[str, ...]:
    """Return the names of CSQ's fields, in order, as the annotation VCF's header gives them.

    Raises
    ------
    GenotypesError
        When the header names none.
    """
    fields = read_header(annotation).csq_fields
    if fields is None:
        raise GenotypesError(
            f"{annotation}: the header does not say which fields CSQ has (a line ##INFO=<ID=CSQ,… Format: Allele|…>): "
            "annotate the file again with VEP."
        )
    return fields


def parse_csq(info: hl.StructExpression, fields: Sequence[str]) -> hl.ArrayExpression:
    """Return CSQ as an array with one struct for each consequence, its fields named as in the header.

    What is empty is missing. Allele frequencies are numbers; of several at one position the highest.
    """
    import hail as hl

    def value(values: hl.ArrayExpression, place: int, name: str) -> hl.Expression:
        word = hl.or_missing(place < hl.len(values), values[place])
        if is_frequency(name):
            return hl.max(word.split("&").map(hl.parse_float64))
        return hl.or_missing(word != "", word)

    def parsed(entry: hl.StringExpression) -> hl.StructExpression:
        return hl.bind(
            lambda values: hl.struct(
                **{name: value(values, place, name) for place, name in enumerate(fields)}
            ),
            entry.split(r"\|"),
        )

    entries = info.CSQ if isinstance(info.CSQ, hl.ArrayExpression) else info.CSQ.split(",")
    return entries.map(parsed)


def partitions_for(files: Sequence[Path]) -> int:
    """Return into how many partitions files are cut: all cores for what is worth it, no crumbs."""
    size = sum(file.stat().st_size for file in files)
    if size < BYTES_WORTH_SHARING:
        return 1
    cores = spark_cores()
    largest = min(PARTITIONS_FOR_EACH_CORE * cores, -(-size // BYTES_WORTH_SHARING))
    return max(largest, -(-size // LARGEST_PARTITION_BYTES))


def _without_crumbs(mt: hl.MatrixTable, files: Sequence[Path]) -> hl.MatrixTable:
    """Join partitions where there are more than wanted: Hail gives each file at least one."""
    wanted = partitions_for(files)
    return mt.naive_coalesce(wanted) if mt.n_partitions() > wanted else mt
