"""Genotypes out of compact stores: whatever is done to the MatrixTable, what Hail would count."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gecip import define_cohort, load_genotypes, open_release, select_cohort
from gecip.genotypes import Genotypes
from gecip.genotypes.compact_runs import CompactGenotypes
from gecip.genotypes.compact_selection import compact_genotypes
from gecip.genotypes.hail_steps import stored_parts
from tests.unit.genotypes.aggregates import PEOPLE, SAMPLES, write_aggregate

pytestmark = pytest.mark.jvm


@pytest.fixture(scope="module")
def genotypes(hail: Any, tmp_path_factory: pytest.TempPathFactory) -> Genotypes:
    folder = write_aggregate(tmp_path_factory.mktemp("releases") / "five")
    return load_genotypes(select_cohort(define_cohort("Everyone"), open_release(folder)))


def by_hail(hl: Any, genotypes: Genotypes) -> dict[tuple[Any, ...], list[list[int]]]:
    """Alternate alleles, -1 where missing, of each key, by Hail: keys may occur twice."""
    mt = genotypes.mt
    mt = mt.filter_rows(hl.len(mt.alleles) == 2)
    mt = mt.select_entries(count=hl.or_else(mt.GT.n_alt_alleles(), -1))
    found: dict[tuple[Any, ...], list[list[int]]] = {}
    for row in mt.localize_entries("entries").select("entries").collect():
        key = (row.locus.contig, row.locus.position, *row.alleles)
        found.setdefault(key, []).append([-1 if e is None else e.count for e in row.entries])
    return {key: sorted(rows) for key, rows in found.items()}


def by_us(compact: CompactGenotypes) -> dict[tuple[Any, ...], list[list[int]]]:
    keys = list(compact.variants.itertuples(index=False, name=None))
    found: dict[tuple[Any, ...], list[list[int]]] = {}
    for start, block in compact.dosages(2):
        for place, row in enumerate(block):
            found.setdefault(keys[start + place], []).append(row.tolist())
    return {key: sorted(rows) for key, rows in found.items()}


def without_entries(hl: Any, g: Genotypes) -> Genotypes:
    return g.with_matrix(g.mt.filter_entries(g.mt.GT.is_hom_ref(), keep=False), because="a test")


def shifted(hl: Any, g: Genotypes) -> Genotypes:
    mt = g.mt.key_rows_by(locus=hl.locus("chr1", g.mt.locus.position), alleles=g.mt.alleles)
    return g.with_matrix(mt, because="a test")


def fewer_people(hl: Any, g: Genotypes) -> Genotypes:
    return g.with_matrix(g.mt.filter_cols(g.mt.participant_id > 112), because="a test")


def reversed_people(hl: Any, g: Genotypes) -> Genotypes:
    return fewer_people(hl, g.with_matrix(g.mt.choose_cols([3, 1, 0]), because="a test"))


def some_rows(hl: Any, g: Genotypes) -> Genotypes:
    mt = g.mt.annotate_rows(carriers=hl.agg.count_where(g.mt.GT.is_non_ref()))
    return g.with_matrix(mt.filter_rows((mt.carriers > 1) & (mt.locus.contig != "chrX")), because="")  # fmt: skip


def one_of_two_equal_rows(hl: Any, g: Genotypes) -> Genotypes:
    mt = g.mt
    return g.with_matrix(mt.filter_rows(hl.agg.count_where(mt.GT.is_non_ref()) == 1), because="")


def autosomes(hl: Any, g: Genotypes) -> Genotypes:
    return g.with_matrix(g.mt.filter_rows(g.mt.locus.in_autosome()), because="a test")


def no_rows(hl: Any, g: Genotypes) -> Genotypes:
    return g.with_matrix(g.mt.filter_rows(hl.literal(False)), because="a test")


def other_calls(hl: Any, g: Genotypes) -> Genotypes:
    return g.with_matrix(g.mt.annotate_entries(GT=hl.call(0, 1)), because="a test")


def other_entries(hl: Any, g: Genotypes) -> Genotypes:
    mt = g.mt.annotate_entries(depth=hl.sum(g.mt.AD)).select_entries("depth", "GT")
    return g.with_matrix(mt, because="a test")


def in_regions(hl: Any, g: Genotypes) -> Genotypes:
    return g.in_regions(["chr1:1001-2000", "chr16:2090000-2090000", "chr3"])


@pytest.mark.parametrize(
    ("change", "from_store"),
    [
        (lambda hl, g: g, True),
        (in_regions, True),
        (lambda hl, g: g.in_genes(["PKD1"]), True),
        (fewer_people, True),
        (reversed_people, True),
        (some_rows, True),
        (autosomes, True),
        (no_rows, True),
        (other_entries, True),
        (one_of_two_equal_rows, True),
        (other_calls, False),
        (without_entries, False),
        (shifted, False),
    ],
)
def test_the_same_genotypes_as_in_hail(
    hail: Any, genotypes: Genotypes, change: Callable[..., Genotypes], from_store: bool
) -> None:
    changed = change(hail, genotypes)
    assert (stored_parts(changed.mt) is not None) is from_store
    compact = compact_genotypes(changed)
    assert by_us(compact) == by_hail(hail, changed)
    assert compact.people["participant_id"].tolist() == changed.mt.participant_id.collect()
    assert compact_genotypes(changed) is compact


def test_autosomes_are_told_without_asking_hail(hail: Any, genotypes: Genotypes) -> None:
    (*_, part) = stored_parts(autosomes(hail, genotypes).mt) or ()
    assert part.only_autosomes
    assert not part.rows_dropped
    (*_, part) = stored_parts(genotypes.mt.filter_rows(~genotypes.mt.locus.in_autosome())) or ()
    assert part.rows_dropped


def test_one_copy_is_told_from_the_store_and_through_hail(hail: Any, genotypes: Genotypes) -> None:
    through = genotypes.with_matrix(
        genotypes.mt.annotate_entries(GT=hail.or_missing(hail.literal(True), genotypes.mt.GT)),
        because="a test",
    )
    assert stored_parts(through.mt) is None
    for some in (genotypes, through):
        compact = compact_genotypes(some)
        on_x = (compact.variants["contig"] == "chrX").to_numpy()
        (block,) = compact.keep_variants(on_x).blocks()
        assert block.haploid is not None
        assert block.haploid.tolist() == [[0b1100]]
        assert compact.counts[on_x].to_numpy().tolist() == [[2, 4, 1, 2]]
        assert compact.counts[~on_x]["haploid"].sum() == 0


def test_of_some_people_the_same_is_counted_as_of_all(hail: Any, genotypes: Genotypes) -> None:
    compact = compact_genotypes(genotypes)
    kept = np.array([True, False, True, True])
    some = compact.keep_people(kept)
    assert some.people["participant_id"].tolist() == [112, 114, 115]
    counts = np.concatenate([block for _, block in some.dosages()])
    assert (counts == np.concatenate([b for _, b in compact.dosages()])[:, kept]).all()
    assert some.counts["alternate_alleles"].tolist() == counts.clip(min=0).sum(axis=1).tolist()
    assert some.counts["haploid"].tolist() == [0, 0, 0, 0, 0, 0, 2]


def test_what_hail_wrote_in_between_names_no_one_and_goes_with_the_genotypes(
    hail: Any, genotypes: Genotypes, own_folders: Path
) -> None:
    import gc

    scratch = own_folders / "cache" / "scratch"
    changed = other_calls(hail, genotypes)
    compact = compact_genotypes(changed)
    (folder,) = {run.store.folder.parent for run in compact.runs}
    assert folder.parent == scratch
    texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert not any(str(name).encode() in text for name in (*PEOPLE, *SAMPLES) for text in texts)
    del compact, changed
    gc.collect()
    assert not folder.exists()


def test_a_store_without_its_compact_one_is_read_through_hail(
    hail: Any, tmp_path: Path, own_folders: Path
) -> None:
    import shutil

    release = open_release(write_aggregate(tmp_path / "other"))
    some = load_genotypes(select_cohort(define_cohort("Everyone"), release))
    for run in compact_genotypes(some).runs:
        shutil.rmtree(run.store.folder, ignore_errors=True)
    again = some.with_matrix(some.mt, because="a test")
    assert stored_parts(again.mt) is None
    assert by_us(compact_genotypes(again)) == by_hail(hail, again)
