"""The compact store: genotypes at two bits each, beside the MatrixTable, for arithmetic without Hail.

```
<store>/compact/
  contents.json     the format, what is in it, size and digest of each file
  genotypes.bed     variant-major, as PLINK reads it: A1 is the alternate allele
  variants.arrow    contig, position, reference, alternate, and counts
  samples.txt       the samples, in order
  haploid.bits      a bit for each person of each variant that anybody has one copy of
```

It holds what the MatrixTable's `GT` says of rows with one alternate allele, no more: no depths, no
phase. Partial genotypes count as the store's rule says. It is mapped into memory and read in blocks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gecip.errors import GenotypesError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Bytes = npt.NDArray[np.uint8]
    Counts = npt.NDArray[np.int8]
    Places = npt.NDArray[np.int64]

COMPACT = "compact"
COMPACT_FORMAT = 1
CONTENTS = "contents.json"
BED, VARIANTS, SAMPLES, HAPLOID = "genotypes.bed", "variants.arrow", "samples.txt", "haploid.bits"
BED_MAGIC = b"\x6c\x1b\x01"
VARIANTS_AT_ONCE = 4096
KEY = ("contig", "position", "reference", "alternate")


class PackedBlock(NamedTuple):
    """Some variants that stand next to each other, packed.

    Attributes
    ----------
    start
        The place of the first among the variants that are read.
    packed
        Two bits for each genotype, `uint8`, shape (variants, bytes): see `gecip.genotypes.packed`.
        It may lie in the file itself: do not write to it.
    people
        How many of the bits mean something.
    haploid
        A bit for each person who has one copy of the variant, as males of X outside the
        pseudoautosomal regions, `uint8`, shape (variants, bytes); None where nobody has.
    """

    start: int
    packed: Bytes
    people: int
    haploid: Bytes | None

    def dosages(self) -> Counts:
        """Return alternate alleles as they are: 0, 1, 2, and -1 where missing; one copy counts once."""
        from gecip.genotypes.packed import unpack

        return unpack(self.packed, self.people)


@dataclass(frozen=True, repr=False, eq=False)
class CompactStore:
    """A compact store on disk, open for reading.

    Attributes
    ----------
    folder
        Where it lies.
    contents
        What `contents.json` says.
    """

    folder: Path
    contents: dict[str, Any]

    @classmethod
    def open(cls, folder: Path) -> CompactStore:
        """Return the store in a folder.

        Raises
        ------
        GenotypesError
            When there is none, or it is not whole, or another version of gecip wrote it.
        """
        try:
            contents = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
            known = contents["format"] == COMPACT_FORMAT
            whole = all(
                (folder / name).stat().st_size == size
                for name, (size, _) in contents["files"].items()
            )
        except (OSError, ValueError, KeyError, TypeError):
            known = whole = False
        if not (known and whole):
            raise GenotypesError(
                f"{folder}: this is no compact store, or a damaged one: remove the genotype store that it lies in, "
                "and load the genotypes again."
            )
        return cls(folder, contents)

    def verify(self) -> None:
        """Read every file and hold it against the digest taken when it was written.

        Raises
        ------
        GenotypesError
            When one has changed.
        """
        for name, (_, digest) in self.contents["files"].items():
            if digest_of_file(self.folder / name) != digest:
                raise GenotypesError(
                    f"{self.folder / name}: this file has changed since it was written: remove the genotype store that "
                    "it lies in, and load the genotypes again."
                )

    @cached_property
    def samples(self) -> tuple[str, ...]:
        """The samples, in the order of the columns."""
        return tuple((self.folder / SAMPLES).read_text(encoding="utf-8").splitlines())

    @cached_property
    def variants(self) -> pa.Table:
        """The variants, in order of contig, position and alleles.

        `contig, position, reference, alternate` and, over all samples, `alternate_alleles`, `alleles`
        (that were called), `missing` (people without a genotype) and `haploid` (people with one copy).
        """
        import pyarrow as pa

        with pa.memory_map(str(self.folder / VARIANTS)) as source:
            return pa.ipc.open_file(source).read_all()

    def place_of(self, contig: str, position: int, *, behind: bool = False) -> int:
        """Return the place of the first variant at or behind a position, or of the first one behind it."""
        import numpy as np

        rank = contig_rank(contig)
        # The contigs of a store lie in the assembly's order, each in one piece.
        ranks, starts, positions = self._pieces
        piece = int(np.searchsorted(ranks, rank))
        if piece == len(ranks):
            return len(positions)
        start, stop = starts[piece], starts[piece + 1]
        if ranks[piece] != rank:
            return int(start)
        here = positions[start:stop]
        return int(start + np.searchsorted(here, position, side="right" if behind else "left"))

    @cached_property
    def _pieces(self) -> tuple[Places, Places, Places]:
        import numpy as np

        contigs = self.variants["contig"].combine_chunks().dictionary_encode()
        codes = contigs.indices.to_numpy()
        starts = np.flatnonzero(np.diff(codes, prepend=-1))
        ranks = np.array([contig_rank(contigs.dictionary[int(codes[s])].as_py()) for s in starts])
        return ranks, np.append(starts, len(codes)), self.variants["position"].to_numpy()

    @property
    def count(self) -> tuple[int, int]:
        """The number of variants and of people."""
        return self.contents["variants"], self.contents["people"]

    @cached_property
    def packed(self) -> Bytes:
        """All packed genotypes, mapped into memory: shape (variants, bytes)."""
        import numpy as np

        variants, people = self.count
        width = -(-people // 4)
        if not variants * width:
            return np.zeros((variants, width), dtype=np.uint8)
        shape = (variants, width)
        return np.memmap(self.folder / BED, dtype=np.uint8, offset=len(BED_MAGIC), shape=shape, mode="r")  # fmt: skip

    @cached_property
    def _haploid_rows(self) -> Places:
        import numpy as np

        return np.flatnonzero(self.variants["haploid"].to_numpy())

    @cached_property
    def _haploid_bits(self) -> Bytes:
        import numpy as np

        shape = (len(self._haploid_rows), -(-self.count[1] // 8))
        return np.memmap(self.folder / HAPLOID, dtype=np.uint8, shape=shape, mode="r")

    def haploid(self, rows: Places) -> Bytes | None:
        """Return who has one copy, a bit for each: shape (rows, bytes); None where nobody has."""
        import numpy as np

        if not len(self._haploid_rows) or not len(rows):
            return None
        places = np.searchsorted(self._haploid_rows, rows).clip(max=len(self._haploid_rows) - 1)
        some = self._haploid_rows[places] == rows
        if not some.any():
            return None
        bits = np.zeros((len(rows), self._haploid_bits.shape[1]), dtype=np.uint8)
        bits[some] = self._haploid_bits[places[some]]
        return bits

    def blocks(
        self,
        variants_at_once: int = VARIANTS_AT_ONCE,
        *,
        rows: Places | None = None,
        columns: Places | None = None,
    ) -> Iterator[PackedBlock]:
        """Yield the genotypes in blocks of variants, some rows and columns of them if so asked.

        Parameters
        ----------
        variants_at_once
            The largest number of variants of a block: memory is this times the people, over four.
        rows
            Places of variants, ascending.
        columns
            Places of samples, in the order that is wanted.
        """
        import numpy as np

        from gecip.genotypes.packed import choose_bits, choose_people

        variants, people = self.count
        total = variants if rows is None else len(rows)
        for start in range(0, total, variants_at_once):
            stop = min(start + variants_at_once, total)
            these = np.arange(start, stop) if rows is None else rows[start:stop]
            packed = self._rows(these)
            haploid = self.haploid(these)
            if columns is not None:
                packed = choose_people(packed, columns)
                haploid = None if haploid is None else choose_bits(haploid, columns)
            yield PackedBlock(start, packed, people if columns is None else len(columns), haploid)

    def _rows(self, rows: Places) -> Bytes:
        """Return rows of the file, as they lie in it where they follow each other."""
        if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
            return self.packed[rows[0] : rows[-1] + 1]
        return self.packed[rows]

    def __repr__(self) -> str:
        variants, people = self.count
        return f"CompactStore(variants={variants:,}, people={people:,})"


def contig_rank(contig: str) -> int:
    """Return the place of a contig among the assembly's; those that it has not come last."""
    from gecip.model.assembly import GRCH38

    names = list(GRCH38.lengths)
    return names.index(contig) if contig in names else len(names)


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
