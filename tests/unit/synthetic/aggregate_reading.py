"""Read a release's aggregate back, by pysam and plain text: nothing of the generator is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pysam

from gecip.release.layout import read_chunks
from gecip.synthetic import read_answers

FORMAT = "GT:FT:GQ:GQX:DP:DPF:AD:PL"
X_PAIRING_REGIONS = ((10_001, 2_781_479), (155_701_383, 156_030_895))


@dataclass(frozen=True)
class Row:
    """One row of the aggregate; `cells` are the calls by sample, each field by name."""

    contig: str
    position: int
    reference: str
    alternate: str
    quality: str
    filters: str
    information: dict[str, str]
    calls: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.contig}:{self.position}:{self.reference}:{self.alternate}"

    @property
    def hemizygous(self) -> bool:
        return self.contig == "chrX" and not any(
            start <= self.position <= stop for start, stop in X_PAIRING_REGIONS
        )

    @cached_property
    def genotypes(self) -> list[str]:
        return [call.split(":", 1)[0] for call in self.calls]


class Aggregate:
    """All rows of a release's aggregate, read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.chunks = read_chunks(folder)
        with pysam.VariantFile(str(self.chunks[0].genotypes)) as first:
            self.samples: list[str] = list(first.header.samples)

    @cached_property
    def rows(self) -> list[Row]:
        return [row for chunk in self.chunks for row in _rows(chunk.genotypes)]

    @cached_property
    def by_name(self) -> dict[str, Row]:
        return {row.name: row for row in self.rows}

    @cached_property
    def annotations(self) -> list[tuple[str, dict[str, str], int]]:
        """Each site's name, its canonical entry of CSQ by field, and how many entries it has."""
        found = []
        for chunk in self.chunks:
            assert chunk.annotation is not None
            with pysam.VariantFile(str(chunk.annotation)) as file:
                described = str(file.header.info["CSQ"].description)
            fields = described.rpartition("Format: ")[2].split("|")
            for line in lines_of(chunk.annotation):
                contig, position, _, reference, alternate, _, _, information = line.split("\t")
                entries = [
                    dict(zip(fields, entry.split("|"), strict=True))
                    for entry in information.removeprefix("CSQ=").split(",")
                ]
                chosen = next((e for e in entries if e["CANONICAL"] == "YES"), entries[0])
                found.append((f"{contig}:{position}:{reference}:{alternate}", chosen, len(entries)))
        return found


def lines_of(path: Path) -> Iterator[str]:
    """Yield the records of a compressed, indexed VCF as text."""
    with pysam.TabixFile(str(path), index=f"{path}.csi") as file:
        for contig in file.contigs:
            yield from file.fetch(contig)


def _rows(path: Path) -> Iterator[Row]:
    for line in lines_of(path):
        fields = line.split("\t")
        assert fields[8] == FORMAT
        pairs = (part.partition("=") for part in fields[7].split(";"))
        yield Row(
            contig=fields[0],
            position=int(fields[1]),
            reference=fields[3],
            alternate=fields[4],
            quality=fields[5],
            filters=fields[6],
            information={key: value for key, _, value in pairs},
            calls=tuple(fields[9:]),
        )


def table(folder: Path, name: str) -> pd.DataFrame:
    """Read a table's file as it lies, withdrawn people's rows too."""
    return pd.read_parquet(folder / "tables" / f"{name}.parquet")


def sample_of_participant(folder: Path) -> dict[int, str]:
    stats = table(folder, "aggregate_gvcf_sample_stats")
    return dict(zip(stats["participant_id"], stats["platekey"], strict=True))


def trios(folder: Path) -> list[tuple[str, str, str]]:
    """Samples of child, father and mother, by the pedigree table."""
    members = table(folder, "rare_diseases_pedigree_member")
    person = dict(
        zip(members["rare_diseases_pedigree_member_sk"], members["participant_id"], strict=True)
    )
    sample = sample_of_participant(folder)

    def of(number: Any) -> str | None:
        return None if pd.isna(number) else sample.get(int(number))

    found = []
    for row in members.itertuples():
        three = (
            of(row.participant_id),
            of(person.get(row.rare_diseases_pedigree_member_father_sk)),
            of(person.get(row.rare_diseases_pedigree_member_mother_sk)),
        )
        if None not in three:
            found.append(three)
    return found  # type: ignore[return-value]


def samples_with_mishaps(folder: Path) -> set[str]:
    """Samples of which the answer key says that they were swapped, or that their sex was recorded wrongly."""
    return {
        sample
        for answer in read_answers(folder)
        if answer.kind in {"sample_swap", "wrong_sex"}
        for sample in answer.expected["samples"]
    }
