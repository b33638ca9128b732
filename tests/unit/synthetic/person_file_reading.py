"""Find the delivered files of single genomes in a release folder by the paths that its table names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.unit.synthetic.aggregate_reading import table


@dataclass(frozen=True)
class Delivered:
    """One file that is there: whose, and which."""

    participant: int
    platekey: str
    kind: str
    path: Path


def delivered_files(folder: Path) -> list[Delivered]:
    rows = table(folder, "genome_file_paths_and_types")
    found = [
        Delivered(int(number), str(name), str(kind), folder / str(path).removeprefix("/"))
        for number, name, kind, path in zip(
            rows["participant_id"],
            rows["platekey"],
            rows["file_sub_type"],
            rows["file_path"],
            strict=True,
        )
    ]
    return [one for one in found if one.path.exists()]


def files_of_kind(folder: Path, kind: str) -> dict[str, Path]:
    return {one.platekey: one.path for one in delivered_files(folder) if one.kind == kind}
