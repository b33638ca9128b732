"""Write the somatic aggregate as the programme's is: tumours in columns, chunked, every call 0/1 or 0/0.

FILTER says nothing. What was wrong with a place stands in INFO, what with a call in FORMAT's FILTER; a
call that passed everything has PASS there. Tumours of people who have withdrawn stay in it; the list
of samples, and `cancer_analysis`, do not have them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from gecip.model.assembly import GRCH38
from gecip.release.layout import (
    SOMATIC_CHUNK_LIST,
    SOMATIC_GENOTYPE_FOLDER,
    SOMATIC_SAMPLE_LISTS,
    Chunk,
    write_chunks,
)
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.somatic_calls import (
    INDEL_FORMAT,
    SNV_FORMAT,
    flagged_places,
    somatic_calls,
)
from gecip.synthetic.tumour_mutations import KnownConsequences, silent_variants
from gecip.synthetic.tumours import SequencedTumour, TumourTables
from gecip.synthetic.vcf_text import header_lines, write_indexed_vcf

ROWS_PER_CHUNK = 3_000

_SOURCE = "gecip synthetic release, in the manner of somAgg v0.2 (Strelka 2.4.7)"
_FLAGS = (
    (
        "CommonGermlineVariant",
        "Variant with a population germline allele frequency above 1% in a Genomics England sub-cohort",
    ),
    (
        "CommonGnomADVariant",
        "Variant with a population germline allele frequency above 1% in gnomAD",
    ),
    (
        "RecurrentSomaticVariant",
        "Recurrent somatic variant with frequency above 5% in a Genomics England cohort",
    ),
    ("SimpleRepeat", "Variant overlapping simple repeats as of Tandem Repeats Finder"),
    ("RepetitiveRegion", "Variant that overlaps a LINE repeat region"),
)
_INFORMATION = (
    ("FILTER", ".", "String", "Flags of the place, each of which stands alone too"),
    *((name, "0", "Flag", words) for name, words in _FLAGS),
    ("CT", "1", "String", "Consequence type as predicted by CellBase"),
)
_FORMAT = (
    ("GT", "1", "String", "Genotype: 0/1 for every variant that was called, whatever its filters"),
    (
        "FILTER", "1", "String",
        "PASS, or which filter of the call failed; missing where none did and the place is flagged",
    ),
    ("VAF", "1", "Float", "SNV: ALT/(ALT+REF), indel: TIR/(TIR+TAR), reads of tier 1"),
    ("DP", "1", "Integer", "Read depth for tier1 (used+filtered)"),
    ("FDP", "1", "Integer", "Number of basecalls filtered from original read depth for tier1"),
    *((f"{base}U", "2", "Integer", f"Number of {base} alleles used in tiers 1,2") for base in "ACGT"),
    ("TAR", "2", "Integer", "Reads strongly supporting alternate allele for tiers 1,2"),
    ("TIR", "2", "Integer", "Reads strongly supporting indel allele for tiers 1,2"),
    ("TOR", "2", "Integer", "Other reads (weak support or insufficient overlap) for tiers 1,2"),
    ("DP50", "1", "Float", "Average tier1 read depth within 50 bases"),
    ("FDP50", "1", "Float", "Average tier1 number of basecalls filtered within 50 bases"),
    ("NT", "1", "String", "Genotype of the normal in all data tiers"),
    ("SGT", "1", "String", "Most likely somatic genotype excluding normal noise states"),
    ("QSS_NT", "1", "Integer", "Quality of the joint probability of a somatic SNV and NT"),
    ("QSI_NT", "1", "Integer", "Quality of the joint probability of a somatic indel and NT"),
    ("VQSR", "1", "Float", "Recalibrated quality of the somatic call"),
    ("SomaticFisherPhred", "1", "Float", "Phred score of Fisher's test against a panel of normals"),
    ("SAMPLE_MULTIALLELIC", "1", "String", "Place and alleles where a sample has several"),
)  # fmt: skip
_NOT_CALLED = "\t0/0"

Name = tuple[str, int, str, str]


@dataclass(frozen=True)
class _Row:
    """One row: what the variant does, and the cells of the tumours that have it."""

    consequence: str
    cells: list[tuple[int, str]]


def write_somatic_aggregate(
    folder: Path, seed: int, tumours: TumourTables, *, version: str
) -> None:
    """Write chunks, indices, chunk list and the list of samples that may be used; nothing where there are no tumours.

    423 tumours take about ten seconds and ten megabytes.
    """
    if not tumours.tumours:
        return
    columns = sorted(tumours.tumours, key=lambda tumour: tumour.platekey)
    rows = _rows(seed, columns, tumours.known)
    flags = {place.name: place.flags for place in flagged_places(seed)}
    header = header_lines(
        source=_SOURCE,
        information=_INFORMATION,
        formats=_FORMAT,
        samples=[tumour.platekey for tumour in columns],
    )
    chunks: list[Chunk] = []
    for contig in GRCH38.lengths:
        names = sorted(name for name in rows if name[0] == contig)
        for chunk, mine in _chunks(folder, contig, names):
            lines = (_line(name, rows[name], flags.get(name, ()), len(columns)) for name in mine)
            write_indexed_vcf(chunk.genotypes, (*header, *lines))
            chunks.append(chunk)
    write_chunks(folder, tuple(chunks), chunk_list=SOMATIC_CHUNK_LIST)
    listed = folder / SOMATIC_SAMPLE_LISTS / f"main_programme_{version}_tumour_samples.txt"
    listed.parent.mkdir(parents=True)
    names_listed = [f"{tumour.platekey}\n" for tumour in columns if tumour.listed]
    listed.write_text("".join(names_listed), encoding="utf-8")


def _rows(
    seed: int, columns: Sequence[SequencedTumour], known: KnownConsequences
) -> dict[Name, _Row]:
    rows: dict[Name, _Row] = {}
    for column, tumour in enumerate(columns):
        stream = random_stream(seed, f"somatic aggregate/{tumour.platekey}")
        taken = {one.name[:2] for one in tumour.reported}
        silent = [
            one
            for one in silent_variants(stream, len(tumour.reported), tumour.cells, known)
            if one.name[:2] not in taken
        ]
        variants = [*tumour.reported, *silent]
        for call in somatic_calls(stream, seed, variants, tumour.cells, known):
            row = rows.setdefault(call.name, _Row(call.consequence, []))
            row.cells.append((column, call.cell))
    return rows


def _chunks(
    folder: Path, contig: str, names: Sequence[Name]
) -> Iterator[tuple[Chunk, Sequence[Name]]]:
    """Yield chunks that cover a contig from its first base to its last, cut between two positions."""
    if not names:
        return
    cuts = [0]
    for at in range(ROWS_PER_CHUNK, len(names) - ROWS_PER_CHUNK // 2, ROWS_PER_CHUNK):
        while names[at - 1][1] == names[at][1]:
            at += 1
        cuts.append(at)
    bounds = [
        0,
        *((names[at - 1][1] + names[at][1]) // 2 for at in cuts[1:]),
        GRCH38.lengths[contig],
    ]
    for (first, last), (before, stop) in zip(
        pairwise([*cuts, len(names)]), pairwise(bounds), strict=True
    ):
        stem = f"somAgg_dr12_{contig}_{before + 1}_{stop}"
        path = folder / SOMATIC_GENOTYPE_FOLDER / f"{stem}.vcf.gz"
        yield Chunk(contig, before + 1, stop, path, None), names[first:last]


def _line(name: Name, row: _Row, flags: Sequence[str], columns: int) -> str:
    contig, position, ref, alt = name
    information = f"CT={row.consequence}"
    if flags:
        information = f"FILTER={','.join(flags)};{';'.join(flags)};{information}"
    formats = SNV_FORMAT if len(ref) == len(alt) else INDEL_FORMAT
    parts = [f"{contig}\t{position}\t.\t{ref}\t{alt}\t.\t.\t{information}\t{formats}"]
    done = 0
    for column, cell in row.cells:
        parts.append(_NOT_CALLED * (column - done))
        parts.append(f"\t{cell}")
        done = column + 1
    parts.append(_NOT_CALLED * (columns - done))
    return "".join(parts)
