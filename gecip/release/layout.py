"""Where everything lies in a release folder, in the names of the real file system.

```
<release>/
  release.json                                    what the release is
  tables/<table>.parquet                          the clinical tables
  aggV2/genomic_data/<prefix>_<chunk>.vcf.gz      the germline aggregate, in chunks
  aggV2/functional_annotation/VEP_109/…           its annotation, same chunk names
  aggV2/additional_data/chunk_names/aggV2_chunk_names.bed
  aggV2/docs/<release>_samples.txt                the samples that may be used: the consent snapshot
  reference/GRCh38_synthetic.fa.gz                the bases at and around its variants, with .fai and .gzi
  somAgg/v0.2/genomic_data/somAgg_dr12_<chunk>.vcf.gz   the somatic aggregate, in chunks
  somAgg/v0.2/additional_data/chunk_names/somAgg_chunk_names.bed
  somAgg/v0.2/docs/<release>_tumour_samples.txt   the tumours that may be used; the file's name is an assumption
  genomes/by_date/<date>/<delivery>/<platekey>/…  files of single genomes, of a few people
  panels/panels.json                              the gene panels, as PanelApp's interface answers
```

A path that a table names, as `/genomes/by_date/…`, lies under the release folder without its first slash.

This is the layout of aggV2. A release whose germline aggregate is aggV3 has instead:

```
  aggV3/genomic_data/<name>.vcf.gz                subshards, biallelic, with DRAGEN's fields
  aggV3/site_qc/<name>.vcf.gz                     what INFO says of the sites' quality, in files of the same names
  aggV3/additional_data/chunk_names/aggV3_chunk_names.bed    as aggV2's
  aggV3/docs/<date>/aggv3_consented_samples.txt
```

The real one lies in object storage; its folders' names here are an assumption, but for the list of samples. How its fields
differ stands in `gecip.model.germline_aggregates`.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gecip.errors import ReleaseError

MANIFEST = "release.json"
MANIFEST_FORMAT = 1
AGGREGATE = Path("aggV2")
CHUNK_LIST = AGGREGATE / "additional_data" / "chunk_names" / "aggV2_chunk_names.bed"
SAMPLE_LISTS = AGGREGATE / "docs"
GENOTYPE_FOLDER = AGGREGATE / "genomic_data"
AGGREGATE_V3 = Path("aggV3")
CHUNK_LIST_V3 = AGGREGATE_V3 / "additional_data" / "chunk_names" / "aggV3_chunk_names.bed"
SITE_QUALITY_FOLDER = AGGREGATE_V3 / "site_qc"
POLYGENIC_SCORES = Path("polygenic_scores")
SEVERAL_CONTIGS = "*"
PANELS = Path("panels") / "panels.json"
ANNOTATION_FOLDER = AGGREGATE / "functional_annotation" / "VEP_109"
REFERENCE = Path("reference") / "GRCh38_synthetic.fa.gz"

SOMATIC_AGGREGATE = Path("somAgg") / "v0.2"
SOMATIC_CHUNK_LIST = (
    SOMATIC_AGGREGATE / "additional_data" / "chunk_names" / "somAgg_chunk_names.bed"
)
SOMATIC_SAMPLE_LISTS = SOMATIC_AGGREGATE / "docs"
SOMATIC_GENOTYPE_FOLDER = SOMATIC_AGGREGATE / "genomic_data"


@dataclass(frozen=True)
class Manifest:
    """What a release says of itself in `release.json`.

    `folder` is the LabKey folder of the release that it stands for, so that a query written for the
    real one finds it. `consent_assumed` marks imported data without a consent column. `digest` tells
    one making of the release from another.
    """

    name: str
    version: str
    date: datetime.date
    assembly: str
    origin: str
    folder: str = ""
    consent_assumed: bool = False
    partial_genotypes: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""

    def write(self, folder: Path) -> None:
        """Write the manifest into the release folder; write it last, since it makes the folder a release."""
        document = {"format": MANIFEST_FORMAT, **asdict(self), "date": self.date.isoformat()}
        (folder / MANIFEST).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a release folder.

    Raises
    ------
    ReleaseError
        When the folder is not a release, or one of a newer format.
    """
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        written_format = int(document.pop("format"))
        document["date"] = datetime.date.fromisoformat(document["date"])
    except FileNotFoundError:
        raise ReleaseError(
            f"{folder}: this is not a release, since it has no {MANIFEST}: "
            "name a folder made by `gecip synthesise` or `gecip import`."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ReleaseError(
            f"{path}: this file is damaged: make or import the release again."
        ) from None
    if written_format > MANIFEST_FORMAT:
        raise ReleaseError(
            f"{path}: this release was written by a newer gecip: update gecip to open it."
        )
    known = set(Manifest.__dataclass_fields__)
    return Manifest(**{name: value for name, value in document.items() if name in known})


@dataclass(frozen=True)
class Chunk:
    """One piece of an aggregate: a stretch of one chromosome in a file of its own.

    `start` and `stop` are 1-based and inclusive, as in the chunk's name. An imported file may hold
    several contigs: then `contig` is `*`, and no position on any of them lies outside `start` and `stop`.
    `site_quality` is a VCF of the same sites whose INFO belongs to them, as aggV3 has it.
    """

    contig: str
    start: int
    stop: int
    genotypes: Path
    annotation: Path | None
    site_quality: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """Return the chunk's files, the genotypes first."""
        beside = (self.annotation, self.site_quality)
        return (self.genotypes, *(file for file in beside if file is not None))

    @property
    def name(self) -> str:
        """Return the chunk's name, as in `chr1_1_506426`."""
        if self.contig == SEVERAL_CONTIGS:
            return self.genotypes.name.partition(".")[0]
        return f"{self.contig}_{self.start}_{self.stop}"


def read_chunks(folder: Path, *, chunk_list: Path | None = None) -> tuple[Chunk, ...]:
    """Return the chunks of an aggregate of the release, the germline one if not told, in the order of its list.

    Paths in the list are absolute in the Research Environment; in a folder that can be moved they are
    relative to it. A release without an aggregate has no chunks.
    """
    if chunk_list is None:
        chunk_list = CHUNK_LIST if (folder / CHUNK_LIST).exists() else CHUNK_LIST_V3
    path = folder / chunk_list
    if not path.exists():
        return ()
    chunks = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        fields = line.split("\t")
        if len(fields) != 7 or not (fields[1].isdigit() and fields[2].isdigit()):
            raise ReleaseError(
                f"{path}, line {number}: a chunk has seven columns (chromosome, start, stop, two names, two paths), "
                "and this line has not: restore the chunk list."
            )
        contig, start, stop, _, _, genotypes, annotation = fields
        chunks.append(
            Chunk(
                contig=contig,
                start=int(start),
                stop=int(stop),
                genotypes=folder / genotypes,
                annotation=folder / annotation if annotation not in ("", ".") else None,
                site_quality=_site_quality(folder, folder / genotypes, chunk_list),
            )
        )
    return tuple(chunks)


def _site_quality(folder: Path, genotypes: Path, chunk_list: Path) -> Path | None:
    beside = folder / SITE_QUALITY_FOLDER / genotypes.name
    return beside if chunk_list == CHUNK_LIST_V3 and beside.exists() else None


def write_chunks(folder: Path, chunks: tuple[Chunk, ...], *, chunk_list: Path = CHUNK_LIST) -> None:
    """Write the seven-column chunk list of a release folder, with paths relative to it."""
    lines = [
        "\t".join(
            (
                chunk.contig,
                str(chunk.start),
                str(chunk.stop),
                chunk.name,
                f"{chunk.contig}:{chunk.start}-{chunk.stop}",
                str(chunk.genotypes.relative_to(folder)),
                str(chunk.annotation.relative_to(folder)) if chunk.annotation else ".",
            )
        )
        for chunk in chunks
    ]
    path = folder / chunk_list
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def delivered_file(folder: Path, file_path: str) -> Path:
    """Return where a file lies in a release folder that a table names by its path in the real file system."""
    return folder / file_path.lstrip("/")


def newest_sample_list(folder: Path) -> Path | None:
    """Return the list of consented samples with the newest date in its name, or None.

    The real lists are named `main_programme_v12_samples.txt`, a newer one per release, and dated
    ones as `2026-01-23_consented_samples.txt`; the highest version or date wins, dates over versions.
    """
    found = [
        *(folder / SAMPLE_LISTS).glob("*samples.txt"),
        *(folder / AGGREGATE_V3 / "docs").glob("*/*samples.txt"),
    ]
    lists = sorted(found, key=_age_of_list)
    return lists[-1] if lists else None


def newest_tumour_list(folder: Path) -> Path | None:
    """Return the newest list of tumours that may be used, of the somatic aggregate, or None."""
    lists = sorted((folder / SOMATIC_SAMPLE_LISTS).glob("*samples.txt"), key=_age_of_list)
    return lists[-1] if lists else None


def date_in_name(path: Path) -> datetime.date | None:
    """Return the ISO date that a file's name holds, or its folder's, or None."""
    import re

    iso_date = re.compile(r"\d{4}-\d{2}-\d{2}")
    found = iso_date.search(path.name) or iso_date.search(path.parent.name)
    return datetime.date.fromisoformat(found.group()) if found else None


def _age_of_list(path: Path) -> tuple[datetime.date, int, str]:
    import re

    version = re.search(r"_v(\d+)", path.name)
    return (
        date_in_name(path) or datetime.date.min,
        int(version.group(1)) if version else 0,
        path.name,
    )
