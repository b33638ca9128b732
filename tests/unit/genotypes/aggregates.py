"""Small releases with genomes, written record by record, in the layout of the real aggregate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gecip.model.assembly import GRCH38
from gecip.release.layout import (
    ANNOTATION_FOLDER,
    GENOTYPE_FOLDER,
    Chunk,
    read_manifest,
    write_chunks,
)
from tests.handmade import person, write_release

CSQ_FIELDS = "Allele|Consequence|SYMBOL|gnomADg_AF|gnomADg_AFR_AF"
FORMATS = """\
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads of each allele">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">
"""
INFO = '##INFO=<ID=AC,Number=A,Type=Integer,Description="Count of the alternate allele">\n'
INFO_OF_X = INFO + '##INFO=<ID=AC_m,Number=A,Type=Integer,Description="Count in males">\n'
CSQ = f'##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequences. Format: {CSQ_FIELDS}">\n'

# Five samples; the person of the third has withdrawn, which the files do not know.
SAMPLES = ("LP1-DNA_A01", "LP1-DNA_B01", "LP2-DNA_C01", "LP1-DNA_D01", "LP1-DNA_E01")
PEOPLE = (115, 113, 111, 114, 112)
WITHDRAWN = 111

# At chr16:2,090,000 the first and the fourth carry two different alternates, of which each has its row.
RECORDS = {
    ("chr1", 1, 1_000_000): [
        "chr1 1000 . A G . PASS AC=3 GT 0/0 0/1 1/1 ./. 0/0",
        "chr1 2000 rs2 C T 30 depth;GQ AC=1 GT 0|1 0/0 0/0 0/0 0/0",
    ],
    ("chr16", 2_000_001, 3_000_000): [
        "chr16 2090000 . A G . PASS AC=2 GT:AD:PL 1/.:3,4:40,0,255 0/1:5,5:9,0,9 0/0:9,0:0,9,9 ./1:.,4:. 0/.:5,.:0,.,9",
        "chr16 2090000 . A T . PASS AC=3 GT:AD:PL ./1:3,4:40,0,255 0/.:5,5:9,0,9 0/0:9,0:0,9,9 .|1:1,4:9,0,9 1|.:5,5:9,0,9",
        "chr16 2090000 . A T . PASS AC=1 GT:AD:PL 0/0:9,0:0,9,9 0/0:9,0:0,9,9 0/0:9,0:0,9,9 0/0:9,0:0,9,9 0/1:5,5:9,0,9",
        "chr16 2500000 . G C . PASS AC=1 GT:AD:PL 0/0:9,0:0,9,9 0/1:5,5:9,0,9 0/0:9,0:0,9,9 0/0:9,0:0,9,9 .:.:.",
    ],
    ("chrX", 1, 156_040_895): [
        "chrX 50000000 . T C . PASS AC=2;AC_m=1 GT:AD:PL 1:0,9:99,0 0/1:5,5:9,0,9 0/0:9,0:0,9,9 0:9,0:0,99 .:.:.",
    ],
}
ANNOTATION = {
    ("chr16", 2_000_001, 3_000_000): [
        "chr16 2090000 . A G . . CSQ=G|missense_variant&splice_region_variant|PKD1|0.001|0.02,G|intron_variant|TSC2||",
        "chr16 2090000 . A T . . CSQ=T|synonymous_variant|PKD1|0.2|0.1&0.3",
        "chr16 2500000 . G C . . CSQ=C|stop_gained|PKD1||",
    ],
}


def write_vcf(
    path: Path, records: Sequence[str], *, head: str, samples: Sequence[str] = ()
) -> Path:
    """Write a bgzipped VCF from records whose columns are parted by blanks."""
    import pysam

    path.parent.mkdir(parents=True, exist_ok=True)
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
    if samples:
        columns += ["FORMAT", *samples]
    contigs = "".join(
        f"##contig=<ID={name},length={length}>\n" for name, length in GRCH38.lengths.items()
    )
    filters = "".join(
        f'##FILTER=<ID={name},Description="{name}">\n' for name in ("PASS", "depth", "GQ")
    )
    text = f"##fileformat=VCFv4.2\n{filters}{contigs}{head}" + "\t".join(columns) + "\n"
    text += "".join("\t".join(record.split()) + "\n" for record in records)
    with pysam.BGZFile(str(path), "wb") as out:
        out.write(text.encode())
    return path


def write_aggregate(
    folder: Path,
    *,
    records: dict[tuple[str, int, int], list[str]] | None = None,
    annotation: dict[tuple[str, int, int], list[str]] | None = None,
    partial_genotypes: int | None = None,
    assembly: str = "GRCh38",
    families: dict[int, int] | None = None,
) -> Path:
    """Write a release of five people, one of them withdrawn, whose genomes lie in a few chunks."""
    people = [person(number, year_of_birth=1900 + number) for number in PEOPLE]
    for one in people if families else ():
        one["rare_diseases_family_id"] = (families or {})[one["participant_id"]]
    people[PEOPLE.index(WITHDRAWN)]["programme_consent_status"] = "Withdrawn"
    write_release(
        folder,
        participant=people,
        aggregate_gvcf_sample_stats=[
            {"participant_id": number, "platekey": sample}
            for number, sample in zip(PEOPLE, SAMPLES, strict=True)
        ],
        rare_diseases_participant_disease=[
            {"participant_id": 112, "normalised_disease_group": "Renal disorders"}
        ],
    )
    annotation = ANNOTATION if annotation is None else annotation
    chunks = []
    for place, lines in (records or RECORDS).items():
        contig, start, stop = place
        name = f"aggregate_{contig}_{start}_{stop}"
        genotypes = folder / GENOTYPE_FOLDER / f"{name}.vcf.gz"
        info = INFO_OF_X if contig == "chrX" else INFO
        write_vcf(genotypes, lines, head=info + FORMATS, samples=SAMPLES)
        beside = folder / ANNOTATION_FOLDER / f"{name}_VEPannot.vcf.gz"
        if place in annotation:
            write_vcf(beside, annotation[place], head=CSQ)
        chunks.append(
            Chunk(contig, start, stop, genotypes, beside if place in annotation else None)
        )
    write_chunks(folder, tuple(chunks))
    replace(read_manifest(folder), partial_genotypes=partial_genotypes, assembly=assembly).write(
        folder
    )
    return folder
