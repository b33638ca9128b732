"""Read the somatic aggregate of a release as text: every call 0/1 with its fields, and nothing of the generator."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PROTEIN_CHANGING = {
    "frameshift_variant",
    "inframe_deletion",
    "inframe_insertion",
    "missense_variant",
    "splice_acceptor_variant",
    "splice_donor_variant",
    "stop_gained",
}


@dataclass(frozen=True)
class Called:
    """One call 0/1 of one tumour."""

    tumour: str
    contig: str
    position: int
    reference: str
    alternate: str
    information: dict[str, str]
    fields: dict[str, str]

    @property
    def variant(self) -> tuple[str, int, str, str]:
        return self.contig, self.position, self.reference, self.alternate

    @property
    def passed(self) -> bool:
        return self.fields["FILTER"] == "PASS"

    @property
    def is_single_base(self) -> bool:
        return len(self.reference) == len(self.alternate) == 1


class SomaticAggregate:
    """All calls of a release's somatic aggregate, read once."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "somAgg" / "v0.2"
        lines = (
            self.root / "additional_data" / "chunk_names" / "somAgg_chunk_names.bed"
        ).read_text()
        self.chunk_list = [line.split("\t") for line in lines.splitlines()]
        self.paths = [folder / line[5] for line in self.chunk_list]
        self.samples: list[str] = []
        self.genotypes: set[str] = set()
        self.filters: set[str] = set()

    @cached_property
    def calls(self) -> list[Called]:
        return [call for path in self.paths for call in self._read(path)]

    def _read(self, path: Path) -> list[Called]:
        found = []
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("##"):
                    continue
                parts = line.rstrip("\n").split("\t")
                if line.startswith("#"):
                    self.samples = parts[9:]
                    continue
                self.filters.add(parts[6])
                information = dict(
                    entry.split("=", 1) if "=" in entry else (entry, "")
                    for entry in parts[7].split(";")
                )
                names = parts[8].split(":")
                for at, cell in enumerate(parts[9:]):
                    if cell == "0/0":
                        continue
                    values = cell.split(":")
                    self.genotypes.add(values[0])
                    found.append(
                        Called(
                            self.samples[at],
                            parts[0],
                            int(parts[1]),
                            parts[3],
                            parts[4],
                            information,
                            dict(zip(names, values, strict=True)),
                        )
                    )
        return found
