"""A catalogue of mutations, graded by what they do to a drug: our own few, or the WHO's whole table."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from gecip.errors import InputError
from gecip.model.tuberculosis_genome import place_of
from gecip.model.tuberculosis_resistance import INTERIM, KNOWN_MUTATIONS, GradedMutation
from gecip.provenance import digest_of

if TYPE_CHECKING:
    import pandas as pd

LOSS_OF_FUNCTION = "LoF"
COLUMNS = ("drug", "variant", "grade")
_MOST_PROBLEMS = 10
_VARIANT = re.compile(r"(\S+?)_([pcn]\..+|LoF|deletion)")


@dataclass(frozen=True, repr=False)
class ResistanceCatalogue:
    """Mutations with their group, 1 to 5, for each drug.

    Groups 1 and 2 are associated with resistance, 3 is uncertain, 4 and 5 are not associated.
    """

    source: str
    mutations: tuple[GradedMutation, ...]

    @cached_property
    def drugs(self) -> tuple[str, ...]:
        """The drugs against which something makes resistant, sorted."""
        return tuple(sorted({one.drug for one in self.mutations if one.group <= INTERIM}))

    @cached_property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that differ whenever a grade does."""
        return digest_of(sorted((one.drug, one.variant, one.group) for one in self.mutations))

    def frame(self) -> pd.DataFrame:
        """Return the mutations as a table: `drug, gene, mutation, variant, group`."""
        import pandas as pd

        rows = [
            (one.drug, one.gene, one.mutation, one.variant, one.group) for one in self.mutations
        ]
        return pd.DataFrame(rows, columns=["drug", "gene", "mutation", "variant", "group"])

    def places(self, drug: str) -> list[tuple[int, int]]:
        """Return where on the genome the mutations lie that make a drug fail, as stretches that do not touch."""
        known = (
            place_of(one.gene, one.mutation)
            for one in self.mutations
            if one.drug == drug and one.group <= INTERIM
        )
        return joined(place for place in known if place is not None)

    def __len__(self) -> int:
        return len(self.mutations)

    def __repr__(self) -> str:
        return f"ResistanceCatalogue({self.source!r}, mutations={len(self):,}, drugs={len(self.drugs)})"


def known_catalogue() -> ResistanceCatalogue:
    """Return the few dozen well-known mutations that come along, graded as the WHO grades them.

    Enough for the demo release; a study reads the WHO's own table with `read_catalogue`.
    """
    return ResistanceCatalogue(
        "well-known mutations, as graded by the WHO in 2023", KNOWN_MUTATIONS
    )


def read_catalogue(path: str | Path) -> ResistanceCatalogue:
    """Return the catalogue that a table holds, such as the WHO's of 2023.

    Parameters
    ----------
    path
        A table with tabs or commas between its columns, perhaps gzipped. It needs `drug`, `variant`
        (gene and change, as `rpoB_p.Ser450Leu`, or `pncA_LoF` for any loss of the gene) and `grade`,
        of which the first sign is the group, as in `1) Assoc w R`; other columns are not looked at.

    Raises
    ------
    InputError
        When it cannot be read, lacks a column or grades a mutation in no group of 1 to 5.
    """
    path = Path(path)
    try:
        with _opened(path) as lines:
            mutations = tuple(_rows(path, lines))
    except FileNotFoundError:
        raise InputError(
            f"{path}: there is no such file: name the table of graded mutations."
        ) from None
    except (OSError, EOFError, UnicodeDecodeError):
        raise InputError(f"{path}: this file is damaged or no table: fetch it again.") from None
    if not mutations:
        raise InputError(f"{path}: this table grades no mutation: name one that has rows.")
    return ResistanceCatalogue(path.name, mutations)


def joined(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return stretches of the genome in order, those that touch or overlap as one."""
    found: list[tuple[int, int]] = []
    for start, stop in sorted(stretches):
        if found and start <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return found


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _rows(path: Path, lines: TextIO) -> Iterator[GradedMutation]:
    header = lines.readline()
    reader = csv.DictReader(chain([header], lines), delimiter="\t" if "\t" in header else ",")
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise InputError(
            f"{path}: the column {missing[0]!r} is missing: a catalogue needs {', '.join(COLUMNS)}."
        )
    problems = []
    for row in reader:
        # The variant and not the columns `gene` and `mutation`: one row of the WHO's table has an empty gene.
        name = _VARIANT.fullmatch((row["variant"] or "").strip())
        group = (row["grade"] or "").strip()[:1]
        if group not in {"1", "2", "3", "4", "5"} or name is None or not row["drug"]:
            problems.append(
                f"{path}, line {reader.line_num}: a row needs a drug, a variant such as rpoB_p.Ser450Leu and a grade "
                "that begins with 1 to 5."
            )
            if len(problems) == _MOST_PROBLEMS:
                break
            continue
        yield GradedMutation(row["drug"].strip(), name[1], name[2], int(group))
    if problems:
        raise InputError(problems)
