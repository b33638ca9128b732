"""The compact store: what a VCF, a BED and Hail make of the same genotypes, and what is read back of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gecip.errors import GenotypesError
from gecip.genotypes.compact import CompactStore
from gecip.genotypes.compact_writing import CompactWriter, Stretch, with_counts
from gecip.genotypes.vcf_genotypes import compact_from_vcfs
from tests.unit.genotypes.aggregates import FORMATS, write_vcf

LETTERS = {
    "0/0": 0, "0/1": 1, "1|0": 1, "1/1": 2, "./.": -1, ".": -1, ".|.": -1, "0": 0, "1": 1,
    "1/.": 1, "./1": 1, "0/.": 0, ".|0": 0,
}  # fmt: skip
PARTIAL = {"1/.", "./1", "0/.", ".|0"}


def store_of(folder: Path, lines: list[str], samples: int, **options: Any) -> CompactStore:
    names = [f"S{number}" for number in range(samples)]
    vcf = write_vcf(folder / "some.vcf.gz", lines, head=FORMATS, samples=names)
    options = {"usable": range(samples), "keep_partial": True, **options}
    return compact_from_vcfs(folder / "compact", [vcf], samples=names, **options)


def dosages_of(store: CompactStore, **options: Any) -> np.ndarray:
    return np.concatenate([block.dosages() for block in store.blocks(**options)])


genotype_rows = st.integers(1, 9).flatmap(
    lambda people: st.lists(
        st.lists(st.sampled_from(sorted(LETTERS)), min_size=people, max_size=people),
        min_size=1,
        max_size=6,
    )
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(rows=genotype_rows, keep=st.booleans(), with_more=st.booleans())
def test_every_genotype_is_read_as_its_text_says(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], keep: bool, with_more: bool
) -> None:
    folder = tmp_path_factory.mktemp("read")
    fields, more = ("GT:AD", ":3,4") if with_more else ("GT", "")
    lines = [
        f"chr1 {100 + place} . A G . . . {fields} " + " ".join(text + more for text in row)
        for place, row in enumerate(rows)
    ]
    store = store_of(folder, lines, len(rows[0]), keep_partial=keep)
    expected = [
        [-1 if text in PARTIAL and not keep else LETTERS[text] for text in row] for row in rows
    ]
    assert dosages_of(store).tolist() == expected
    single = [[text in ("0", "1") for text in row] for row in rows]
    counted = store.variants.to_pandas()
    assert counted["haploid"].tolist() == [sum(row) for row in single]
    assert counted["missing"].tolist() == [row.count(-1) for row in expected]
    assert counted["alternate_alleles"].tolist() == [sum(max(g, 0) for g in row) for row in expected]  # fmt: skip
    for place, row in enumerate(single):
        bits = store.haploid(np.array([place]))
        found = np.zeros(len(row), bool) if bits is None else np.unpackbits(bits[0], bitorder="little")[: len(row)]  # fmt: skip
        assert found.tolist() == row


def test_rows_are_in_the_order_of_the_assembly_and_alleles_whatever_the_file_has(
    tmp_path: Path,
) -> None:
    store = store_of(
        tmp_path,
        [
            "chr10 5 . A G . . . GT 0 0/1",
            "chr2 9 . C T . . . GT 1/1 ./.",
            "chr2 9 . C A . . . GT 0/1 1",
            "chrX 3 . AT A . . . GT 1 0/0",
        ],
        2,
    )
    keys = store.variants.select(["contig", "position", "alternate"]).to_pylist()
    assert [tuple(key.values()) for key in keys] == [
        ("chr2", 9, "A"),
        ("chr2", 9, "T"),
        ("chr10", 5, "G"),
        ("chrX", 3, "A"),
    ]
    assert dosages_of(store).tolist() == [[1, 1], [2, -1], [0, 1], [1, 0]]
    bits = store.haploid(np.arange(4))
    assert bits is not None
    assert bits[:, 0].tolist() == [0b10, 0, 0b01, 0b01]
    assert [store.place_of("chr2", 9), store.place_of("chr2", 9, behind=True)] == [0, 2]
    assert [store.place_of("chr1", 9), store.place_of("chr5", 1), store.place_of("chrY", 1)] == [0, 2, 4]  # fmt: skip


def test_rows_without_exactly_one_alternate_are_counted_and_left_out(tmp_path: Path) -> None:
    store = store_of(
        tmp_path,
        [
            "chr1 1 . A G,T . . . GT 1/2 0/0",
            "chr1 2 . A . . . . GT 0/0 0/0",
            "chr1 3 . A <DEL> . . . GT 0/1 0/0",
            "chr1 4 . A * . . . GT 0/1 0/0",
            "chr1 5 . A G . . . DP 4 5",
        ],
        2,
    )
    assert store.contents["left_out"] == 3
    assert dosages_of(store).tolist() == [[1, 0], [-1, -1]]


def test_only_usable_samples_are_taken_in_and_chosen_people_come_in_their_order(
    tmp_path: Path,
) -> None:
    row = "chr1 1 . A G . . . GT 0/0 0/1 1/1 ./. 1 0/1"
    store = store_of(tmp_path, [row, row.replace(" 1 ", " 2 ", 1)], 6, usable=[0, 2, 3, 4, 5])
    assert store.samples == ("S0", "S2", "S3", "S4", "S5")
    assert dosages_of(store).tolist() == [[0, 2, -1, 1, 1]] * 2
    some = dosages_of(store, rows=np.array([1]), columns=np.array([4, 0, 3]), variants_at_once=1)
    assert some.tolist() == [[1, 0, 1]]
    (block,) = store.blocks(rows=np.array([0]), columns=np.array([4, 0, 3]))
    assert block.haploid is not None
    assert block.haploid.tolist() == [[0b100]]


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        ("chr1 7 . A G . . . GT 0/2 0/0", "position 7 holds a genotype"),
        ("chr1 7 . A G . . . GT 0/0/1 0/0", "position 7 holds a genotype"),
        ("chr1 7 . A G . . . GT x 0/0", "position 7 holds a genotype"),
        ("chr1 7 . A G . . . GT 0/0", "position 7 has fewer columns"),
    ],
)
def test_a_record_that_cannot_be_is_refused_by_its_position(
    tmp_path: Path, line: str, trouble: str
) -> None:
    with pytest.raises(GenotypesError, match=trouble):
        store_of(tmp_path, [line], 2)


@pytest.mark.parametrize("damage", [b"", b"no gzip at all, but long enough to be read as a head"])
def test_a_file_that_is_no_bgzip_or_is_cut_is_refused(tmp_path: Path, damage: bytes) -> None:
    vcf = write_vcf(tmp_path / "some.vcf.gz", ["chr1 7 . A G . . . GT 0/0"], head="", samples=["S"])
    vcf.write_bytes(damage or vcf.read_bytes()[:60])
    with pytest.raises(
        GenotypesError, match=r"some\.vcf\.gz: this is no bgzipped VCF, or a damaged"
    ):
        compact_from_vcfs(tmp_path / "c", [vcf], samples=["S"], usable=[0], keep_partial=True)


def test_long_texts_are_cut_at_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gecip.genotypes import vcf_genotypes

    monkeypatch.setattr(vcf_genotypes, "TEXT_AT_ONCE", 1)
    monkeypatch.setattr(vcf_genotypes, "COMPRESSED_AT_ONCE", 1)
    generator = np.random.default_rng(3)
    counts = generator.integers(0, 3, size=(3000, 20))
    text = np.array(["0/0", "0/1", "1/1"])[counts]
    lines = [f"chr1 {n + 1} . A G . . . GT " + " ".join(row) for n, row in enumerate(text)]
    assert (dosages_of(store_of(tmp_path, lines, 20)) == counts).all()


def test_a_damaged_store_is_not_opened_and_a_changed_one_is_found(tmp_path: Path) -> None:
    store = store_of(tmp_path, ["chr1 1 . A G . . . GT 0/0 0/1"], 2)
    store.verify()
    bed = store.folder / "genotypes.bed"
    bed.write_bytes(bed.read_bytes()[:-1] + b"\x00")
    with pytest.raises(GenotypesError, match="has changed since"):
        CompactStore.open(store.folder).verify()
    bed.write_bytes(b"")
    with pytest.raises(GenotypesError, match="no compact store, or a damaged one"):
        CompactStore.open(store.folder)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(people=st.integers(1, 19), variants=st.integers(0, 12), seed=st.integers(0, 99))
def test_what_is_packed_is_unpacked_and_counted(
    tmp_path_factory: pytest.TempPathFactory, people: int, variants: int, seed: int
) -> None:
    from gecip.genotypes.packed import count_genotypes, pack, unpack

    counts = np.random.default_rng(seed).integers(-1, 3, size=(variants, people)).astype(np.int8)
    packed = pack(counts)
    assert (unpack(packed, people) == counts).all()
    counted = count_genotypes(packed, None, people)
    assert (counted[:, 0] == counts.clip(min=0).sum(axis=1)).all()
    assert (counted[:, 1] == 2 * (counts >= 0).sum(axis=1)).all()
    keys = pa.table(
        {
            "contig": ["chr1"] * variants,
            "position": pa.array(range(variants), pa.int64()),
            "reference": ["A"] * variants,
            "alternate": ["G"] * variants,
        },
        schema=pa.schema(
            [("contig", "string"), ("position", "int64"), ("reference", "string"), ("alternate", "string")]
        ),
    )  # fmt: skip
    none = np.zeros((0, 1), dtype=np.uint8)
    with CompactWriter(tmp_path_factory.mktemp("w"), [str(n) for n in range(people)]) as writer:
        writer.append(Stretch(with_counts(keys, counted), packed, none))
        store = writer.finish()
    assert store.count == (variants, people)
    assert [block.dosages().tolist() for block in store.blocks(5)] == [
        counts[start : start + 5].tolist() for start in range(0, variants, 5)
    ]
