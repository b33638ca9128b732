"""The files of single genomes that a release has: which is whose, by the table of delivered files."""

from __future__ import annotations

from pathlib import Path

from gecip.cohort.selection import Cohort
from gecip.model.genomes import GenomeFilePathsAndTypes
from gecip.release.layout import delivered_file

GERMLINE = ("rare disease germline", "cancer germline", "experimental germline")


def newest_files(
    cohort: Cohort, kind: str, *, germline: bool = True, build: str = "GRCh38"
) -> dict[str, Path]:
    """Return the newest file of a kind of each of the cohort's samples, as far as the release holds the file.

    Parameters
    ----------
    cohort
        Whose files: rows of others, and of people who have withdrawn, are never read.
    kind
        The table's `file_sub_type`, as `"Genomic VCF"` or `"Structural VCF"`.
    germline
        Only germline genomes; else tumours' as well.
    build
        Only files on this assembly.
    """
    if GenomeFilePathsAndTypes.name not in cohort.release.tables:
        return {}
    rows = cohort.rows(
        GenomeFilePathsAndTypes,
        ["platekey", "delivery_date", "type", "genome_build", "file_path", "file_sub_type"],
    )
    rows = rows[(rows["file_sub_type"] == kind) & (rows["genome_build"] == build)]
    if germline:
        rows = rows[rows["type"].isin(GERMLINE)]
    rows = rows.sort_values("delivery_date", kind="stable")
    newest = dict(zip(rows["platekey"], rows["file_path"], strict=True))
    placed = {
        sample: delivered_file(cohort.release.folder, path)
        for sample, path in sorted(newest.items())
    }
    return {sample: path for sample, path in placed.items() if path.exists()}
