"""What validation finds in a release: deviations from the data model, and remarks on what is merely strange."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Deviation:
    """One thing in which a release is not what the data model says: where, and what; never whose.

    `place` is a file of the release, `column` one of its columns where the rule is about one. `rule`
    names what was held against it, and `count` says in how many rows, samples or files it is broken.
    """

    place: str
    sentence: str
    rule: str
    count: int = 1
    column: str | None = None

    @property
    def table(self) -> str | None:
        """Return the clinical table whose file this is about; None where it is about genomes."""
        path = PurePosixPath(self.place)
        return path.stem if path.parent.name == "tables" else None

    def __str__(self) -> str:
        where = self.place if self.column is None else f"{self.place}, {self.column}"
        return f"{where}: {self.sentence}"


@dataclass(frozen=True)
class Remark:
    """One thing that is worth knowing and no deviation, as a column that the model does not know."""

    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"
