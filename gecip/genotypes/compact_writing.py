"""Write compact stores: from what the reading of a VCF yields, from a PLINK BED, and through Hail."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from gecip.errors import GenotypesError
from gecip.genotypes.compact import (
    BED,
    BED_MAGIC,
    COMPACT_FORMAT,
    CONTENTS,
    HAPLOID,
    KEY,
    SAMPLES,
    VARIANTS,
    VARIANTS_AT_ONCE,
    CompactStore,
    contig_rank,
    digest_of_file,
)

if TYPE_CHECKING:
    import hail as hl
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Bytes = npt.NDArray[np.uint8]
    Places = npt.NDArray[np.int64]


COUNTS = ("alternate_alleles", "alleles", "missing", "haploid")


class Stretch(NamedTuple):
    """Variants that follow each other, as a compact store takes them in.

    `variants` has the columns `contig, position, reference, alternate, alternate_alleles, alleles,
    missing, haploid`; `packed` is shape (variants, bytes); `haploid` has a row of bits for each variant
    whose count of haploid people is not 0. `left_out` counts rows that have not exactly one alternate, and
    `filtered` those that are taken in though FILTER says more than PASS.
    """

    variants: pa.Table
    packed: Bytes
    haploid: Bytes
    left_out: int = 0
    filtered: int = 0


class CompactWriter:
    """Fills a folder with a compact store, stretch by stretch; `finish` makes it whole.

    It is a context: its files are closed at the end, whatever happens.

    Memory: the variants' own columns, and a stretch at a time.
    """

    def __init__(self, folder: Path, samples: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._samples = tuple(samples)
        self._variants: list[pa.Table] = []
        self._left_out = 0
        self._filtered = 0
        self._bed: IO[bytes] = (folder / BED).open("wb")
        self._bed.write(BED_MAGIC)
        self._haploid: IO[bytes] = (folder / HAPLOID).open("wb")

    def __enter__(self) -> CompactWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._bed.close()
        self._haploid.close()

    def append(self, stretch: Stretch) -> None:
        """Put variants behind those that are there."""
        self._variants.append(stretch.variants)
        self._left_out += stretch.left_out
        self._filtered += stretch.filtered
        self._bed.write(stretch.packed.data)
        self._haploid.write(stretch.haploid.data)

    def finish(self, **more: object) -> CompactStore:
        """Order the variants as Hail orders rows, write what is left, and return the store."""
        import pyarrow as pa

        self.__exit__()
        variants = pa.concat_tables(self._variants) if self._variants else no_variants()
        variants = self._ordered(variants.combine_chunks())
        with (
            pa.OSFile(str(self._folder / VARIANTS), "wb") as sink,
            pa.ipc.new_file(sink, variants.schema) as out,
        ):
            out.write_table(variants)
        text = "".join(f"{sample}\n" for sample in self._samples)
        (self._folder / SAMPLES).write_text(text, encoding="utf-8")
        names = (BED, VARIANTS, SAMPLES, HAPLOID)
        contents = {
            "format": COMPACT_FORMAT,
            "variants": len(variants),
            "people": len(self._samples),
            "left_out": self._left_out,
            "filtered": self._filtered,
            "files": {
                name: [(self._folder / name).stat().st_size, digest_of_file(self._folder / name)]
                for name in names
            },
            **more,
        }
        (self._folder / CONTENTS).write_text(json.dumps(contents), encoding="utf-8")
        return CompactStore.open(self._folder)

    def _ordered(self, variants: pa.Table) -> pa.Table:
        """Return the variants in Hail's order, having put the genotypes in that order too if need be."""
        import numpy as np

        order = hail_order(variants)
        if (order == np.arange(len(order))).all():
            return variants
        width, bits = -(-len(self._samples) // 4), -(-len(self._samples) // 8)
        some = variants["haploid"].to_numpy() > 0
        place_in_bits = np.cumsum(some) - 1
        _permute(self._folder / BED, order, width, head=BED_MAGIC)
        _permute(self._folder / HAPLOID, place_in_bits[order][some[order]], bits, head=b"")
        return variants.take(order)


def _permute(path: Path, order: Places, width: int, *, head: bytes) -> None:
    """Put rows of so many bytes, which lie behind a head, in another order."""
    import numpy as np

    if not len(order) or not width:
        return
    rows = np.memmap(path, dtype=np.uint8, offset=len(head), shape=(len(order), width), mode="r")
    other = path.with_suffix(".ordered")
    with other.open("wb") as out:
        out.write(head)
        for start in range(0, len(order), VARIANTS_AT_ONCE):
            out.write(rows[order[start : start + VARIANTS_AT_ONCE]].data)
    del rows
    other.replace(path)


def hail_order(variants: pa.Table) -> Places:
    """Return the order of rows keyed by locus and alleles: the assembly's contigs, position, alleles."""
    import numpy as np
    import pyarrow.compute as pc

    positions = variants["position"].to_numpy()
    ranks = _ranks(variants)
    place = ranks.astype(np.int64) << 40 | positions
    steps = np.diff(place)
    if (steps > 0).all():
        return np.arange(len(place))
    table = variants.select(["reference", "alternate"]).append_column("place", [place])
    keys = [(name, "ascending") for name in ("place", "reference", "alternate")]
    return pc.sort_indices(table, sort_keys=keys).to_numpy().astype(np.int64)


def _ranks(variants: pa.Table) -> Places:
    """Return the place of each variant's contig among the assembly's."""
    import numpy as np

    contigs = variants["contig"].combine_chunks().dictionary_encode()
    ranks = np.array([contig_rank(name) for name in contigs.dictionary.to_pylist()], dtype=np.int64)
    return ranks[contigs.indices.to_numpy()] if len(ranks) else np.zeros(0, dtype=np.int64)


def no_variants() -> pa.Table:
    """Return the columns of a compact store's variants, empty."""
    import pyarrow as pa

    types = {name: pa.string() for name in KEY} | {"position": pa.int64()}
    counts = dict.fromkeys(COUNTS, pa.int32())
    return pa.schema(list({**types, **counts}.items())).empty_table()


def compact_through_hail(folder: Path, mt: hl.MatrixTable) -> CompactStore:
    """Write a compact store of any MatrixTable's `GT` into a new folder, by Hail's export to PLINK.

    Rows with several alternates are left out. It costs about as much as reading the MatrixTable twice.
    No identifiers go into the files: people are numbered.
    """
    import hail as hl

    numbered = mt.filter_rows(hl.len(mt.alleles) == 2).add_col_index("number")
    stem = folder.with_name(f".{folder.name}-plink")
    one_copy = stem.with_name(f"{stem.name}-haploid")
    try:
        # A haploid call is written as the diploid one with as many alternates; who has one copy goes into
        # a second file, of the contigs where that can be.
        _export(numbered, stem, hl.unphased_diploid_gt_index_call(numbered.GT.n_alt_alleles()))
        others = numbered.filter_rows(~numbered.locus.in_autosome())
        single = hl.or_else(others.GT.ploidy == 1, hl.literal(False))  # noqa: FBT003
        _export(others, one_copy, hl.unphased_diploid_gt_index_call(hl.int32(single)))
        return _compact_from_exports(folder, stem, one_copy)
    finally:
        for path in folder.parent.glob(f"{stem.name}*"):
            path.unlink()


def _export(mt: hl.MatrixTable, stem: Path, call: hl.CallExpression) -> None:
    import hail as hl

    hl.export_plink(mt, str(stem), call=call, ind_id=hl.str(mt.number))


def _compact_from_exports(folder: Path, stem: Path, one_copy: Path) -> CompactStore:
    """Make a store of a BED in which A1 is the alternate, and one in which one A1 tells one copy."""
    import numpy as np

    from gecip.genotypes.packed import count_genotypes, unpack

    keys, people = _read_bim(stem), _count_lines(stem.with_suffix(".fam"))
    haploid_keys = _read_bim(one_copy)
    # Both are in the same order: the second holds the first one's rows on some contigs.
    second = np.isin(keys["contig"].to_numpy(), haploid_keys["contig"].unique().to_pylist())
    places = np.cumsum(second) - 1
    all_calls, all_copies = _map_bed(stem, len(keys), people), _map_bed(one_copy, len(haploid_keys), people)  # fmt: skip
    with CompactWriter(folder, [str(number) for number in range(people)]) as writer:
        for start in range(0, len(keys), VARIANTS_AT_ONCE):
            these = slice(start, start + VARIANTS_AT_ONCE)
            packed = np.array(all_calls[these])
            single = np.zeros((len(packed), people), dtype=bool)
            some = second[these]
            single[some] = unpack(np.array(all_copies[places[these][some]]), people) == 1
            bits = np.packbits(single, axis=1, bitorder="little")
            variants = with_counts(keys[these], count_genotypes(packed, bits, people))
            writer.append(Stretch(variants, packed, bits[single.any(axis=1)]))
        return writer.finish()


def with_counts(keys: pa.Table, counts: npt.NDArray[np.int32]) -> pa.Table:
    """Return variants with what `count_genotypes` counted of them."""
    import pyarrow as pa

    for name, column in zip(COUNTS, counts.T, strict=True):
        keys = keys.append_column(name, pa.array(column.copy()))
    return keys


def _map_bed(stem: Path, variants: int, people: int) -> Bytes:
    """Return the rows of a variant-major PLINK BED, mapped into memory.

    Raises
    ------
    GenotypesError
        When it is none, or has not as many rows and columns as its BIM and FAM.
    """
    import numpy as np

    path, width = stem.with_suffix(".bed"), -(-people // 4)
    with path.open("rb") as bed:
        magic = bed.read(len(BED_MAGIC))
    if magic != BED_MAGIC or path.stat().st_size != len(BED_MAGIC) + variants * width:
        raise GenotypesError(
            f"{path}: this is not the variant-major PLINK BED of {variants:,} variants and {people:,} people that the "
            "BIM and FAM beside it tell of: make the three files again."
        )
    if not variants * width:
        return np.zeros((variants, width), dtype=np.uint8)
    return np.memmap(path, dtype=np.uint8, offset=len(BED_MAGIC), shape=(variants, width), mode="r")


def _read_bim(stem: Path) -> pa.Table:
    """Return the variants of a PLINK BIM, of which the first allele is the alternate."""
    import pyarrow as pa
    from pyarrow import csv

    path = stem.with_suffix(".bim")
    types = {name: pa.string() for name in KEY} | {"position": pa.int64()}
    if not path.stat().st_size:
        return pa.schema([(name, types[name]) for name in KEY]).empty_table()
    names = ["contig", "variant", "centimorgan", "position", "alternate", "reference"]
    table = csv.read_csv(
        path,
        read_options=csv.ReadOptions(column_names=names),
        parse_options=csv.ParseOptions(delimiter="\t"),
        convert_options=csv.ConvertOptions(column_types=types, strings_can_be_null=False),
    )
    return table.select(KEY)


def _count_lines(path: Path) -> int:
    with path.open("rb") as lines:
        return sum(1 for _ in lines)


def compact_from_bed(
    folder: Path, bed: Path, *, usable: Collection[str] | None = None, alternate_first: bool = True
) -> CompactStore:
    """Write a compact store of a PLINK BED into a new folder, and return it.

    A BED does not tell one copy from two: males' X counts as two of the same.

    Parameters
    ----------
    folder
        A new folder.
    bed
        The variant-major `.bed`; its `.bim` and `.fam` lie beside it.
    usable
        Names of the samples (the second column of the FAM) to take in; all if not given.
    alternate_first
        Whether the first allele of the BIM is the alternate, as PLINK 2 and Hail write it; else it is the
        reference.

    Raises
    ------
    GenotypesError
        When the three files do not belong together, or the BED is none.
    """
    import numpy as np

    from gecip.genotypes.packed import choose_people, count_genotypes, swap_alleles

    stem = bed.with_suffix("")
    keys, samples = _read_bim(stem), _read_fam(stem)
    if not alternate_first:
        keys = keys.rename_columns(["contig", "position", "alternate", "reference"]).select(KEY)
    packed = _map_bed(stem, len(keys), len(samples))
    places = np.array(
        [place for place, name in enumerate(samples) if usable is None or name in usable],
        dtype=np.int64,
    )
    nobody = np.zeros((0, -(-len(places) // 8)), dtype=np.uint8)
    with CompactWriter(folder, [samples[place] for place in places]) as writer:
        for start in range(0, len(keys), VARIANTS_AT_ONCE):
            these = slice(start, start + VARIANTS_AT_ONCE)
            block = choose_people(np.array(packed[these]), places)
            if not alternate_first:
                block = swap_alleles(block, len(places))
            counts = count_genotypes(block, None, len(places))
            writer.append(Stretch(with_counts(keys[these], counts), block, nobody))
        return writer.finish()


def _read_fam(stem: Path) -> tuple[str, ...]:
    lines = stem.with_suffix(".fam").read_text(encoding="utf-8").splitlines()
    return tuple(line.split()[1] for line in lines)
