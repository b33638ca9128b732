"""Read the aggregate's VCFs into Hail without losing a carrier, on all cores.

Two things are easily wrong in a plain `hl.import_vcf`. Decomposed multiallelic sites hold *partial
genotypes* (`1/.`, `./1`, `0/.`: the other allele is written at another row), and Hail takes each for
missing, so that carriers vanish. And a file under 128 MB is read as one partition, on one core.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gecip.errors import GenotypesError
from gecip.genotypes.session import spark_cores

if TYPE_CHECKING:
    import hail as hl

PartialGenotypes = Literal["keep", "missing"]

# In a sample's column: one known allele beside an unknown one, before the next field or column.
PARTIAL_GENOTYPE = r"(?<=\t)(?:\.[/|](\d)|(\d)[/|]\.)(?=[:\t]|$)"
KNOWN_ALLELE_AND_REFERENCE = "0/$1$2"

# Below this a file is read by one core in less time than two need to start; above, by all.
BYTES_WORTH_SHARING = 256 * 1024
LARGEST_PARTITION_BYTES = 32 * 1024 * 1024


def import_genotypes(
    files: Sequence[Path], *, partial_genotypes: PartialGenotypes, assembly: str
) -> hl.MatrixTable:
    """Return the genotypes of bgzipped VCFs with equal samples, unread until used.

    Parameters
    ----------
    files
        The VCFs, each with the same samples in the same order.
    partial_genotypes
        `keep` reads `1/.` and `./1` as heterozygous and `0/.` as reference, since the allele that is not
        told is another alternate, written at its own row; `missing` leaves them to Hail, which loses them.
    assembly
        `GRCh38`.
    """
    import hail as hl

    replacement = (
        (PARTIAL_GENOTYPE, KNOWN_ALLELE_AND_REFERENCE) if partial_genotypes == "keep" else None
    )
    return hl.import_vcf(
        [str(file) for file in files],
        force_bgz=True,
        reference_genome=assembly,
        # AD and PL hold "." for a missing allele at decomposed sites.
        array_elements_required=False,
        find_replace=replacement,
        min_partitions=partitions_for(files),
    )


def import_annotation(files: Sequence[Path], *, assembly: str) -> hl.Table:
    """Return the functional annotation by locus and alleles, as an array with one struct for each consequence.

    The structs' fields are those that the VCF's header names for CSQ; allele frequencies are numbers.
    """
    import hail as hl

    fields = csq_fields(files[0])
    rows = hl.import_vcf(
        [str(file) for file in files],
        force_bgz=True,
        reference_genome=assembly,
        array_elements_required=False,
        min_partitions=partitions_for(files),
    ).rows()

    def parsed(text: hl.StringExpression) -> hl.StructExpression:
        values = text.split(r"\\|")

        def value(place: int, name: str) -> hl.Expression:
            word = hl.if_else(place < hl.len(values), values[place], "")
            word = hl.or_missing(word != "", word)
            return hl.parse_float64(word) if is_frequency(name) else word

        return hl.struct(**{name: value(place, name) for place, name in enumerate(fields)})

    return rows.select(annotation=rows.info.CSQ.map(parsed))


def csq_fields(annotation: Path) -> tuple[str, ...]:
    """Return the names of CSQ's fields, in order, as the annotation VCF's header gives them.

    Raises
    ------
    GenotypesError
        When the header names none.
    """
    import re

    import pysam

    with pysam.VariantFile(str(annotation)) as vcf:
        described = vcf.header.info["CSQ"].description if "CSQ" in vcf.header.info else None
    found = re.search(r"Format:\s*([^\s\"]+)", described or "")
    if not found:
        raise GenotypesError(
            f"{annotation}: the header does not say which fields CSQ has (a line ##INFO=<ID=CSQ,… Format: Allele|…>): "
            "annotate the file again with VEP."
        )
    return tuple(found.group(1).split("|"))


def is_frequency(field: str) -> bool:
    """Return whether a CSQ field holds an allele frequency: VEP's names for these end in `AF`."""
    return field.endswith("AF")


def partitions_for(files: Sequence[Path]) -> int:
    """Return into how many partitions files are cut: all cores for what is worth it, no crumbs."""
    size = sum(file.stat().st_size for file in files)
    if size < BYTES_WORTH_SHARING:
        return 1
    return max(spark_cores(), -(-size // LARGEST_PARTITION_BYTES))
