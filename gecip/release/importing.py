"""Bring your own data: make a release out of VCF files and a table of people."""

from __future__ import annotations

import datetime
import os
import re
import shutil
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.errors import GecipWarning, InputError
from gecip.model.genomes import AggregateGvcfSampleStats
from gecip.model.people import CONSENT_STATUSES, Participant
from gecip.progress import progress_bar
from gecip.provenance import digest_of
from gecip.release.import_journal import Journal, identity_of, size_of
from gecip.release.layout import (
    GENOTYPE_FOLDER,
    SAMPLE_LISTS,
    SEVERAL_CONTIGS,
    Chunk,
    Manifest,
    write_chunks,
)
from gecip.release.parquet import write_table
from gecip.release.people_table import (
    CONSENT_COLUMN,
    SEX_COLUMN,
    PeopleTable,
    read_people_table,
)
from gecip.release.vcf_files import VcfSurvey, compare_pieces, survey_vcf
from gecip.writing import new_folder, written_aside

if TYPE_CHECKING:
    import pandas as pd

ASSEMBLIES = ("GRCh38",)
SAMPLE_LIST = "imported_samples.txt"
_COPY_BYTES = 16 << 20
# What the tables and lists of a release take beside the genomes, amply.
_BYTES_FOR_TABLES = 1 << 20


def import_release(
    out: str | Path,
    *,
    vcfs: Sequence[str | Path],
    participants: str | Path,
    assembly: str,
    id_column: str | None = None,
    name: str | None = None,
    link: bool = False,
) -> Path:
    """Make a release folder out of VCF files and a table of people, and return it.

    Everything is checked before anything is made, and all that is wrong is said at once. The files
    are read once, at about 200 MB of text a second, and copied. A run that was killed is continued:
    what it had read and copied is not done again.

    Parameters
    ----------
    out
        The folder to make; it must not exist.
    vcfs
        Bgzipped VCFs with genotypes: one callset, whole or in pieces, with the same samples in each.
    participants
        A table with one row per person, parted by tabs or commas. All its columns are kept; `sex` and
        `family_id` are also understood as the programme's columns. Without a column
        `programme_consent_status` everyone counts as consenting.
    assembly
        The assembly of the VCFs: `GRCh38`.
    id_column
        The column of the table that holds the VCFs' sample names, if it is none of `platekey`,
        `sample` and `participant_id`.
    name
        What to call the release, if not by its folder's name.
    link
        Link to the VCFs where they lie instead of copying them; they must then stay there.

    Raises
    ------
    InputError
        With every problem found, each with its file, place and remedy; nothing is left behind.

    Warns
    -----
    GecipWarning
        When samples and people do not all meet, or Hail will leave records out, with counts.
    """
    out = Path(out).expanduser().absolute()
    files = [Path(vcf).expanduser().absolute() for vcf in vcfs]
    table = Path(participants).expanduser().absolute()
    problems = _request_problems(out, files, assembly, name=name or out.name)
    # Where the release cannot be made, the files are still looked through, so that all is said at once.
    with nullcontext() if problems else new_folder(out, resume=True) as folder:
        journal = Journal.of(folder)
        surveys = _survey_all(files, assembly=assembly, journal=journal, problems=problems)
        people = _read_people(table, id_column=id_column, surveys=surveys, problems=problems)
        problems += compare_pieces(surveys)
        if folder is not None and not link:
            problems += _space_problems(out, files, begun=folder)
        if problems or folder is None or people is None:
            raise InputError(problems)
        places = _place_genomes(folder, files, link=link, journal=journal)
        genomes = list(zip(surveys, places, strict=True))
        facts = _write_tables(folder, genomes=genomes, people=people)
        _remove_all_but(folder, ("aggV2", "tables"))
        Manifest(
            name=name or out.name,
            version="imported",
            date=datetime.datetime.now(tz=datetime.UTC).date(),
            assembly=assembly,
            origin="import",
            consent_assumed=people.consent_assumed,
            partial_genotypes=sum(survey.partial_genotypes for survey in surveys),
            facts=facts,
            digest=digest_of([[survey.digest for survey in surveys], people.digest, assembly]),
        ).write(folder)
    notices = (*_unreadable_notices(surveys), *people.notices, *_meeting_notices(table, facts))
    for notice in notices:
        warnings.warn(notice, GecipWarning, stacklevel=2)
    return out


# -- what is wrong ------------------------------------------------------------------------------------


def _request_problems(out: Path, files: Sequence[Path], assembly: str, *, name: str) -> list[str]:
    problems = []
    if assembly not in ASSEMBLIES:
        problems.append(
            f"The assembly {assembly!r} cannot be used, since genes and annotation are on {' or '.join(ASSEMBLIES)}: "
            "lift the VCFs over, as with `bcftools +liftover`."
        )
    if not re.fullmatch(r"\w[\w .()+-]*", name):
        problems.append(
            f"The name {name!r} cannot be a release's, since a folder will be called so: use letters, digits, - and _."
        )
    if not files:
        problems.append("There is no VCF to import: name at least one.")
    if os.path.lexists(out):
        problems.append(
            f"{out}: this already exists and is left as it is: name another folder or remove this one first."
        )
    seen: set[Path] = set()
    for file in files:
        if file.resolve() in seen:
            problems.append(f"{file}: this file is named twice: name it once.")
        seen.add(file.resolve())
    return problems


def _survey_all(
    files: Sequence[Path], *, assembly: str, journal: Journal, problems: list[str]
) -> list[VcfSurvey]:
    surveys = []
    known = assembly if assembly in ASSEMBLIES else ASSEMBLIES[0]
    total = sum(size_of(file) for file in files)
    with progress_bar(title="Checking the genomes", total=total, unit="B") as bar:
        for file in files:
            survey = journal.survey(file, assembly=known)
            if survey is None:
                survey = survey_vcf(file, assembly=known, advance=bar.update)
                journal.keep_survey(survey, assembly=known)
            else:
                bar.update(size_of(file))
            problems += survey.problems
            surveys.append(survey)
    return surveys


def _read_people(
    table: Path, *, id_column: str | None, surveys: Sequence[VcfSurvey], problems: list[str]
) -> PeopleTable | None:
    samples = {sample for survey in surveys for sample in survey.samples}
    try:
        people = read_people_table(table, id_column=id_column, vcf_samples=samples)
    except InputError as error:
        problems += error.problems
        return None
    if samples and samples.isdisjoint(people.samples):
        problems.append(
            f"{table}: none of the {len(samples):,} samples of the VCF is in the column {people.sample_column!r}: name the "
            "column that holds the VCF's sample names with --id-column, or rename the samples with `bcftools reheader -s`."
        )
    return people


def _space_problems(out: Path, files: Sequence[Path], *, begun: Path) -> list[str]:
    """Return that the copies will not fit; what an earlier run has copied is there already."""
    copied = sum(map(size_of, (begun / GENOTYPE_FOLDER).glob("*")))
    needed = max(sum(map(size_of, files)) - copied, 0) + _BYTES_FOR_TABLES
    free = shutil.disk_usage(begun).free
    if free >= needed:
        return []
    return [
        (
            f"{out}: the disk is full: {needed / 1e6:,.1f} MB are needed and {free / 1e6:,.1f} MB are free: free some space, "
            "name a folder on another disk, or leave the VCFs where they are with --link."
        )
    ]


def _unreadable_notices(surveys: Sequence[VcfSurvey]) -> Iterator[str]:
    for survey in surveys:
        if survey.unreadable:
            yield (
                f"{survey.path}: {survey.unreadable:,} of {survey.records:,} records have a reference allele with letters other "
                "than A, C, G, T and N: Hail leaves them out."
            )


def _meeting_notices(table: Path, facts: Mapping[str, int]) -> Iterator[str]:
    if strangers := facts["samples_without_person"]:
        yield (
            f"{table}: {strangers:,} of the {facts['samples']:,} samples of the VCF belong to nobody in the table: "
            "their genomes will not be used."
        )
    if without := facts["people_without_sample"]:
        yield (
            f"{table}: {without:,} of the {facts['people']:,} people have no sample in the VCF: "
            "they are in the tables and have no genome."
        )


# -- making the release -------------------------------------------------------------------------------


def _place_genomes(
    folder: Path, files: Sequence[Path], *, link: bool, journal: Journal
) -> list[Path]:
    """Copy or link the VCFs into the release; what an earlier run had copied whole stays."""
    width = len(str(len(files)))
    places = [
        folder / GENOTYPE_FOLDER / f"imported_{number:0{width}}.vcf.gz"
        for number in range(1, len(files) + 1)
    ]
    (folder / GENOTYPE_FOLDER).mkdir(parents=True, exist_ok=True)
    total = sum(file.stat().st_size for file in files)
    with progress_bar(title="Copying the genomes", total=total, unit="B") as bar:
        for file, place in zip(files, places, strict=True):
            if link:
                place.unlink(missing_ok=True)
                place.symlink_to(file.resolve())
            elif not journal.is_copied(file, place):
                _copy(file, place, bar=bar)
                journal.keep_copy(file, place)
    _remove_all_but(folder / GENOTYPE_FOLDER, [place.name for place in places])
    return places


def _copy(file: Path, place: Path, *, bar: Any) -> None:
    before = identity_of(file)
    with written_aside(place) as partial, file.open("rb") as source, partial.open("wb") as target:
        while piece := source.read(_COPY_BYTES):
            target.write(piece)
            bar.update(len(piece))
    if identity_of(file) != before:
        raise InputError(f"{file}: this file changed while it was being copied: import it again.")


def _write_tables(
    folder: Path, *, genomes: Sequence[tuple[VcfSurvey, Path]], people: PeopleTable
) -> dict[str, int]:
    """Write everything but the genomes and the manifest; return the counts for the manifest."""
    frame = people.frame
    samples = genomes[0][0].samples
    stats = _sample_stats(frame, people.samples, frozenset(samples))
    for rows, table in ((frame, Participant), (stats, AggregateGvcfSampleStats)):
        write_table(rows, folder / "tables" / f"{table.name}.parquet", table=table)
    write_chunks(folder, tuple(_chunks(genomes)))
    consenting = frame.loc[frame[CONSENT_COLUMN] == CONSENT_STATUSES[0], "participant_id"]
    usable = stats.loc[stats["participant_id"].isin(consenting), "platekey"]
    listing = folder / SAMPLE_LISTS / SAMPLE_LIST
    listing.parent.mkdir(parents=True, exist_ok=True)
    listing.write_text("".join(f"{sample}\n" for sample in usable), encoding="utf-8")
    return {
        "files": len(genomes),
        "variants": sum(survey.records - survey.unreadable for survey, _ in genomes),
        "samples": len(samples),
        "people": len(frame),
        "samples_without_person": len(samples) - len(stats),
        "people_without_sample": len(frame) - len(stats),
    }


def _sample_stats(
    frame: pd.DataFrame, samples: Sequence[str | None], in_vcf: frozenset[str]
) -> pd.DataFrame:
    columns = [name for name in ("participant_id", SEX_COLUMN) if name in frame.columns]
    stats = frame[columns].assign(platekey=list(samples))
    return stats[stats["platekey"].isin(in_vcf)].reset_index(drop=True)


def _chunks(genomes: Iterable[tuple[VcfSurvey, Path]]) -> Iterable[Chunk]:
    for survey, place in genomes:
        stretches = survey.stretches
        yield Chunk(
            contig=stretches[0].contig if len(stretches) == 1 else SEVERAL_CONTIGS,
            start=min(stretch.first for stretch in stretches),
            stop=max(stretch.last for stretch in stretches),
            genotypes=place,
            annotation=place if survey.annotated else None,
        )


def _remove_all_but(folder: Path, names: Sequence[str]) -> None:
    """Remove what a killed run has left beside the things of these names."""
    for entry in folder.iterdir():
        if entry.name not in names:
            entry.unlink()
