"""Write the germline aggregate: chunked, compressed and indexed VCFs, and their annotation beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gecip.model.assembly import GRCH38
from gecip.release.layout import ANNOTATION_FOLDER, GENOTYPE_FOLDER, Chunk
from gecip.synthetic.annotation_files import CSQ_HEADER
from gecip.synthetic.sequencing import (
    GENOTYPE_TEXT,
    HEMIZYGOUS_ALTERNATE,
    HEMIZYGOUS_MISSING,
    HEMIZYGOUS_OTHER,
    HEMIZYGOUS_REFERENCE,
    LEAST_GQX,
    MISSING,
    Calls,
    Counts,
    likelihoods,
    partial_call,
    second_likelihood,
)
from gecip.synthetic.site_quality import SiteQuality
from gecip.synthetic.variant_sites import Sites
from gecip.synthetic.vcf_text import write_indexed_vcf

ROWS_PER_CHUNK = 500

_FILTERS = (
    ("missingness", "More than 5 % of genotypes are missing with no reads"),
    ("depth", "Median depth is below 10"),
    ("GQ", "Median genotype quality is below 15"),
    ("ABratio", "Fewer than 25 % of heterozygous calls are without significant allele imbalance"),
    ("completeGTRatio", "Fewer than 50 % of genotypes are complete"),
    (
        "phwe_eur",
        "Mid-p value of Hardy-Weinberg proportions in unrelated Europeans is below 1e-5",
    ),
)
_INFORMATION = (
    ("medianDepthAll", "1", "Float", "Median depth of all samples, 99 at most"),
    ("medianDepthNonMiss", "1", "Float", "Median depth of called samples, 99 at most"),
    ("medianGQ", "1", "Float", "Median genotype quality of called samples, 99 at most"),
    ("missingness", "1", "Float", "Share of genotypes that are missing with no reads"),
    ("completeSites", "1", "Float", "Share of genotypes that are complete"),
    ("ABratio", "1", "Float", "Share of heterozygous calls without significant allele imbalance"),
    ("MendelSite", "1", "Integer", "Number of trios with a Mendelian error"),
    *(
        (f"phwe_{name}", "1", "Float", f"Mid-p value of Hardy-Weinberg proportions, {name.upper()}")
        for name in ("afr", "amr", "eas", "eur", "sas")
    ),
    ("AN", "1", "Integer", "Number of alleles in called genotypes"),
    ("AC", "A", "Integer", "Count of the alternate allele"),
    ("AC_Hom", "A", "Integer", "Count of the alternate allele in homozygous genotypes"),
    ("AC_Het", "A", "Integer", "Count of the alternate allele in heterozygous genotypes"),
    ("AC_Hemi", "A", "Integer", "Count of the alternate allele in hemizygous genotypes"),
    ("OLD_MULTIALLELIC", "1", "String", "Site and alleles before decomposition"),
    ("OLD_CLUMPED", "1", "String", "Site and alleles before block substitutions were decomposed"),
    ("medianDepthAll_m", "1", "Float", "Median depth of all males, 99 at most"),
    ("medianDepthNonMiss_m", "1", "Float", "Median depth of called males, 99 at most"),
    ("medianGQ_m", "1", "Float", "Median genotype quality of called males, 99 at most"),
    ("missingness_m", "1", "Float", "Share of males' genotypes that are missing with no reads"),
    ("completeSites_m", "1", "Float", "Share of males' genotypes that are complete"),
    ("FILTER_m", ".", "String", "FILTER by males' genotypes"),
    ("AN_f", "1", "Integer", "Number of alleles in females' called genotypes"),
    ("AC_f", "A", "Integer", "Count of the alternate allele in females"),
    ("AC_Hom_f", "A", "Integer", "Count of the alternate allele in homozygous females"),
    ("AC_Het_f", "A", "Integer", "Count of the alternate allele in heterozygous females"),
)
_FORMAT = (
    ("GT", "1", "String", "Genotype; partial where decomposition left an allele without a name"),
    ("FT", "1", "String", "Filter of the genotype"),
    ("GQ", "1", "Integer", "Genotype quality"),
    ("GQX", "1", "Integer", "Empirically calibrated genotype quality"),
    ("DP", "1", "Integer", "Reads used, those of other alternate alleles too"),
    ("DPF", "1", "Integer", "Reads filtered out before genotyping"),
    ("AD", "R", "Integer", "Reads of the reference and of the alternate allele"),
    ("PL", "G", "Integer", "Phred-scaled likelihoods of the genotypes"),
)
_COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"


@dataclass(frozen=True)
class ContigRecords:
    """All that is written of one contig."""

    sites: Sites
    calls: Calls
    quality: Counts
    judged: SiteQuality
    annotations: Sequence[str]


def lay_out_chunks(folder: Path, sites: Sites) -> tuple[Chunk, ...]:
    """Return chunks that cover a contig from its first base to its last, each with some hundred sites."""
    positions = sites.positions
    bounds = [0]
    for place in range(ROWS_PER_CHUNK, len(positions) - ROWS_PER_CHUNK // 2, ROWS_PER_CHUNK):
        # Between two positions, never between the rows of one.
        while positions[place - 1] == positions[place]:
            place += 1
        bounds.append(int(positions[place - 1] + positions[place]) // 2)
    bounds.append(GRCH38.lengths[sites.contig])
    return tuple(_chunk(folder, sites.contig, start + 1, stop) for start, stop in pairwise(bounds))


def _chunk(folder: Path, contig: str, start: int, stop: int) -> Chunk:
    stem = f"gel_mainProgramme_aggV2_{contig}_{start}_{stop}"
    return Chunk(
        contig,
        start,
        stop,
        genotypes=folder / GENOTYPE_FOLDER / f"{stem}.vcf.gz",
        annotation=folder / ANNOTATION_FOLDER / f"{stem}_VEPannot.vcf.gz",
    )


def write_chunk(chunk: Chunk, records: ContigRecords, samples: Sequence[str]) -> None:
    """Write the genotypes of one chunk and its annotation, each with an index."""
    positions = records.sites.positions
    rows = range(
        int(np.searchsorted(positions, chunk.start)),
        int(np.searchsorted(positions, chunk.stop, side="right")),
    )
    names = "\t".join(("FORMAT", *samples))
    genotypes = [*_genotype_header(), f"{_COLUMNS}\t{names}", *_genotype_lines(records, rows)]
    write_indexed_vcf(chunk.genotypes, genotypes, kind_of_index="csi")
    if chunk.annotation is not None:
        annotation = [*_annotation_header(), _COLUMNS, *_annotation_lines(records, rows)]
        write_indexed_vcf(chunk.annotation, annotation, kind_of_index="csi")


def _contigs() -> list[str]:
    return [
        f"##contig=<ID={name},length={length},assembly={GRCH38.name}>"
        for name, length in GRCH38.lengths.items()
    ]


def _described(kind: str, rows: Iterable[tuple[str, str, str, str]]) -> list[str]:
    return [
        f'##{kind}=<ID={name},Number={number},Type={type_},Description="{words}">'
        for name, number, type_, words in rows
    ]


@cache
def _genotype_header() -> tuple[str, ...]:
    return (
        "##fileformat=VCFv4.2",
        '##FILTER=<ID=PASS,Description="All filters passed">',
        *(f'##FILTER=<ID={name},Description="{words}">' for name, words in _FILTERS),
        *_contigs(),
        *_described("INFO", _INFORMATION),
        *_described("FORMAT", _FORMAT),
    )


@cache
def _annotation_header() -> tuple[str, ...]:
    return (
        "##fileformat=VCFv4.2",
        '##FILTER=<ID=PASS,Description="All filters passed">',
        *(f'##FILTER=<ID={name},Description="{words}">' for name, words in _FILTERS),
        *_contigs(),
        CSQ_HEADER,
    )


def _fixed_columns(records: ContigRecords, row: int, quality: str, information: str) -> str:
    site = records.sites.rows[row]
    return "\t".join(
        (
            site.contig,
            str(site.position),
            ".",
            site.reference,
            site.alternate,
            quality,
            records.judged.filters[row],
            information,
        )
    )


def _annotation_lines(records: ContigRecords, rows: range) -> Iterable[str]:
    for row in rows:
        yield _fixed_columns(records, row, ".", f"CSQ={records.annotations[row]}")


def _genotype_lines(records: ContigRecords, rows: range) -> Iterable[str]:
    names = ":".join(name for name, *_ in _FORMAT)
    cells = _cells(records.calls, rows)
    for row, texts in zip(rows, cells, strict=True):
        fixed = _fixed_columns(
            records, row, _site_quality(records, row), records.judged.information[row]
        )
        yield f"{fixed}\t{names}\t" + "\t".join(texts)


def _site_quality(records: ContigRecords, row: int) -> str:
    """Return QUAL: the evidence of the best carriers against no variant at all, 3,000 at most."""
    carriers = records.calls.alternate[row].astype(int) * 10
    return str(min(int(carriers.sum()), 3_000))


def _cells(calls: Calls, rows: range) -> Iterable[Any]:
    """Return the text of each call. Few calls differ, so that each is written once and looked up."""
    at = slice(rows.start, rows.stop)
    code = calls.state[at].astype(np.int64)
    for part in (calls.depth, calls.alternate, calls.other, calls.filtered):
        code = code * 128 + part[at]
    distinct, places = np.unique(code, return_inverse=True)
    texts: npt.NDArray[np.object_] = np.array([_cell(int(one)) for one in distinct], dtype=object)
    return texts[places.reshape(code.shape)].tolist()


@cache
def _cell(code: int) -> str:
    rest, filtered = divmod(code, 128)
    rest, other = divmod(rest, 128)
    rest, alternate = divmod(rest, 128)
    state, depth = divmod(rest, 128)
    genotype = GENOTYPE_TEXT[state]
    if state in (MISSING, HEMIZYGOUS_MISSING):
        likelihood = "0,0,0" if state == MISSING else "0,0"
        return f"{genotype}:LowDepth:0:0:0:{filtered}:0,0:{likelihood}"
    hemizygous = state in (HEMIZYGOUS_REFERENCE, HEMIZYGOUS_ALTERNATE, HEMIZYGOUS_OTHER)
    if state > HEMIZYGOUS_MISSING:
        partial = partial_call(hemizygous, depth, alternate, other)
        quality, scaled = partial.quality, partial.likelihoods
    else:
        quality = int(second_likelihood()[state, depth, alternate])
        scaled = tuple(int(value) for value in likelihoods()[depth, alternate])
        if hemizygous:
            scaled = _of_one_copy(scaled)
    passed = "PASS" if quality >= LEAST_GQX else "LowGQX"
    reads = f"{depth - alternate - other},{alternate}"
    return (
        f"{genotype}:{passed}:{quality}:{quality}:{depth}:{filtered}:{reads}:"
        f"{','.join(map(str, scaled))}"
    )


def _of_one_copy(scaled: tuple[int, ...]) -> tuple[int, int]:
    best = min(scaled[0], scaled[2])
    return scaled[0] - best, scaled[2] - best
