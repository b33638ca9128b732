"""What has been done of an import, written down so that a run after a kill goes on from there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gecip.provenance import digest_of
from gecip.release.contigs import Stretch
from gecip.release.vcf_files import VcfSurvey
from gecip.writing import written_aside

JOURNAL = ".import.json"


def size_of(file: Path) -> int:
    """Return a file's size in bytes, 0 where there is none."""
    return file.stat().st_size if file.is_file() else 0


def identity_of(file: Path) -> str:
    """Return what changes when a file is replaced or written again, quickly: its path, size, time and number."""
    status = file.stat()
    return digest_of([file, status.st_size, status.st_mtime_ns, status.st_ino])


@dataclass
class Journal:
    """The files that were looked through and found good, and those that were copied whole.

    A file counts by its identity, so that one that has changed since is read and copied again.
    Without a folder nothing is remembered.
    """

    path: Path | None
    surveys: dict[str, dict[str, Any]] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path | None) -> Journal:
        """Return the journal in an unfinished release folder; an empty one if there is none that can be read."""
        if folder is None:
            return cls(None)
        path = folder / JOURNAL
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, dict(document["surveys"]), dict(document["copies"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls(path)

    def survey(self, file: Path, *, assembly: str) -> VcfSurvey | None:
        """Return what was found in a file, if it was looked through before and found good."""
        document = self.surveys.get(self._key(file, assembly)) if file.is_file() else None
        if document is None:
            return None
        return VcfSurvey(
            path=file,
            samples=tuple(document["samples"]),
            stretches=tuple(Stretch(**stretch) for stretch in document["stretches"]),
            partial_genotypes=document["partial_genotypes"],
            unreadable=document["unreadable"],
            annotated=document["annotated"],
            digest=document["digest"],
        )

    def keep_survey(self, survey: VcfSurvey, *, assembly: str) -> None:
        """Remember what was found in a file."""
        if self.path is not None and not survey.problems:
            document = asdict(survey)
            del document["path"], document["problems"]
            self.surveys[self._key(survey.path, assembly)] = document
            self._write()

    def is_copied(self, file: Path, place: Path) -> bool:
        """Return whether `place` is a whole copy of the file as it is now."""
        return self.copies.get(place.name) == identity_of(file) and size_of(place) == size_of(file)

    def keep_copy(self, file: Path, place: Path) -> None:
        """Remember that the file was copied whole."""
        self.copies[place.name] = identity_of(file)
        self._write()

    def _key(self, file: Path, assembly: str) -> str:
        return f"{assembly}-{identity_of(file)}"

    def _write(self) -> None:
        if self.path is not None:
            with written_aside(self.path) as partial:
                document = {"surveys": self.surveys, "copies": self.copies}
                partial.write_text(json.dumps(document), encoding="utf-8")
