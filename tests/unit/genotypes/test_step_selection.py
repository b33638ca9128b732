"""Steps followed in the stores: what they leave is what Hail leaves, and what only Hail can tell is refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gecip import (
    carriers,
    count_carriers,
    define_cohort,
    load_genotypes,
    open_release,
    select_cohort,
)
from gecip.errors import AnalysisError
from gecip.genotypes import Genotypes
from gecip.genotypes.compact_selection import compact_genotypes
from gecip.genotypes.site_table import SITES
from gecip.genotypes.step_selection import NotWithoutHailError, follow_in_stores
from tests.unit.genotypes.aggregates import FORMATS, INFO, SAMPLES, write_aggregate, write_vcf
from tests.unit.genotypes.test_compact_selection import by_hail, by_us

pytestmark = pytest.mark.jvm

# Columns: 115, 113, 111 (withdrawn), 114, 112. Partial calls, one copy of X, missing ones, equal keys, and rows that only a
# filter of sites tells apart.
PLACES = [("chr1", 1, 1_000_000), ("chr16", 2_000_001, 3_000_000), ("chrX", 1, 156_040_895)]
QUALITY = """\
##INFO=<ID=missingness,Number=1,Type=Float,Description="m">
##INFO=<ID=medianGQ,Number=.,Type=Float,Description="g">
"""
RECORDS = {
    PLACES[0]: [
        "chr1 1000 . A G . PASS AC=3;missingness=0.01 GT 0/0 0/1 1/1 ./. 0/0",
        "chr1 1500 . A C . . missingness=0.2 GT 0/1 0/0 0/0 0/0 1/1",
        "chr1 2000 rs2 C T 30 depth;GQ AC=1;missingness=nan GT 0|1 0/0 0/0 0/0 0/0",
        "chr1 2500 . C T 30 PASS medianGQ=20,14 GT 0|1 0/0 0/0 1/1 0/0",
        "chr1 2600 . C T 30 PASS medianGQ=20,.,16 GT 0|1 0/0 0/0 0/0 0/0",
    ],
    PLACES[1]: [
        "chr16 2090000 . A G . PASS AC=2 GT 1/. 0/1 0/0 ./1 0/.",
        "chr16 2090000 . A T . PASS AC=3 GT ./1 0/. 0/0 .|1 1|.",
        "chr16 2090000 . A T . depth AC=1 GT 0/0 0/0 0/0 0/0 0/1",
        "chr16 2090100 . A T . PASS AC=1 GT 0/0 1/1 0/0 ./. 0/1",
        "chr16 2090200 . AT A . PASS AC=1 GT 0/0 0/0 0/0 0/0 0/0",
        "chr16 2500000 . G C . PASS AC=1 GT 0/0 0/1 0/0 0/0 .",
    ],
    PLACES[2]: [
        "chrX 50000000 . T C . PASS AC=2 GT 1 0/1 0/0 0 .",
        "chrX 50000100 . T C . depth AC=2 GT 1 0/0 0/0 . 0/1",
    ],
}
ANNOTATION = {
    PLACES[1]: [
        "chr16 2090000 . A G . . CSQ=G|missense_variant&splice_region_variant|PKD1|0.001|0.02,G|intron_variant|TSC2||",
        "chr16 2090000 . A T . . CSQ=T|synonymous_variant|PKD1|0.2|0.1&0.3",
        "chr16 2090100 . A T . . CSQ=T||PKD1||,T|stop_gained|PKD1|0.0001|",
        "chr16 2500000 . G C . . CSQ=C||PKD1||",
    ],
}
FAMILIES = {111: 31, 112: 32, 113: 33, 114: 33, 115: 34}
SEVERAL = "chr16 2090300 . A G,T . PASS . GT 0/1 1/2 0/0 0/0 2/2"


def loaded(folder: Path, more: tuple[str, ...] = ()) -> Genotypes:
    """A release in which INFO and FILTER say something, with one cohort's genotypes."""
    release = write_aggregate(folder, records=RECORDS, annotation=ANNOTATION, families=FAMILIES)
    for chunk in open_release(release).chunks:
        (place,) = (place for place in PLACES if place[0] == chunk.contig)
        lines = [*RECORDS[place], *(more if chunk.contig == "chr16" else ())]
        lines.sort(key=lambda line: int(line.split()[1]))
        write_vcf(chunk.genotypes, lines, head=INFO + QUALITY + FORMATS, samples=SAMPLES)
    return load_genotypes(select_cohort(define_cohort("Everyone"), open_release(release)))


@pytest.fixture(scope="module")
def genotypes(hail: Any, tmp_path_factory: pytest.TempPathFactory) -> Genotypes:
    return loaded(tmp_path_factory.mktemp("steps") / "release")


@pytest.fixture(scope="module")
def with_several(hail: Any, tmp_path_factory: pytest.TempPathFactory) -> Genotypes:
    return loaded(tmp_path_factory.mktemp("steps") / "several", (SEVERAL,))


def some_people(genotypes: Genotypes) -> Genotypes:
    return genotypes.of_families([33, 34], structure="any")


STEPS: dict[str, Callable[[Genotypes], Genotypes]] = {
    "all": lambda g: g,
    "gene": lambda g: g.in_genes(["PKD1"]),
    "regions": lambda g: g.in_regions(["chr1:1000-2000", "chrX", "chr16:2090000-2090100"]),
    "regions of a gene": lambda g: g.in_regions(["chr16"]).in_genes(["PKD1"]),
    "nothing": lambda g: g.in_regions(["chr3"]),
    "consequence": lambda g: g.with_consequence("splice_region_variant", "stop_gained"),
    "an empty one beside": lambda g: g.with_consequence("stop_gained"),
    "rare": lambda g: g.rare(below=0.02),
    "rare by one source": lambda g: g.rare(below=0.02, source="gnomADg", populations=["all"]),
    "rare at the limit": lambda g: g.rare(below=0.3),
    "rare here": lambda g: g.rare(below=0.3, source="cohort"),
    "good sites": lambda g: g.in_regions(["chr1", "chrX"]).passing("site-pass"),
    "families": some_people,
    "rare among some": lambda g: some_people(g).rare(below=0.3, source="cohort"),
    "some of the rare": lambda g: some_people(g.rare(below=0.3, source="cohort")),
    "all of it": lambda g: some_people(g.in_genes(["PKD1"]).rare(below=0.1).with_consequence("stop_gained")),
}  # fmt: skip


def alike(local: Any, by_hail: Any) -> None:
    pd.testing.assert_frame_equal(local.carriers, by_hail.carriers)
    pd.testing.assert_frame_equal(local.denominators, by_hail.denominators)
    assert (local.genes, local.n_families) == (by_hail.genes, by_hail.n_families)


@pytest.mark.parametrize("name", STEPS)
def test_what_is_left_is_what_hail_leaves(hail: Any, genotypes: Genotypes, name: str) -> None:
    followed = STEPS[name](genotypes)
    compact = follow_in_stores(followed)
    assert by_us(compact) == by_hail(hail, followed)
    assert compact.left_out == 0
    assert compact.people["participant_id"].tolist() == followed.mt.participant_id.collect()


@pytest.mark.parametrize("name", ["all", "some of the rare", "all of it"])
def test_the_same_carriers_are_counted_as_by_hail(genotypes: Genotypes, name: str) -> None:
    followed = STEPS[name](genotypes)
    asked: dict[str, Any] = {"by": "disease_group", "columns": ["sex", "year_of_birth"]}
    alike(count_carriers(followed, engine="local", **asked), count_carriers(followed, engine="hail", **asked))  # fmt: skip
    for copies in (1, 2):
        ours = carriers(followed, copies=copies, engine="local")
        theirs = carriers(followed, copies=copies, engine="hail")
        assert ours.participants == theirs.participants
        assert ours.attrition == theirs.attrition


def test_the_columns_are_those_that_hail_would_hand_back(genotypes: Genotypes) -> None:
    people = compact_genotypes(genotypes).people
    pd.testing.assert_frame_equal(people, genotypes.mt.key_cols_by().cols().to_pandas())


def test_carriers_come_with_the_clinical_columns_asked_for(genotypes: Genotypes) -> None:
    found = count_carriers(genotypes.in_genes(["PKD1"]), genes=["PKD1"], columns=["year_of_birth"])
    assert found.provenance.parameter("engine") == "local"
    rows = found.carriers.set_index("participant_id")
    assert rows["year_of_birth"].to_dict() == {112: 2012, 113: 2013, 114: 2014, 115: 2015}
    assert rows["alleles"].to_dict() == {112: 3, 113: 3, 114: 2, 115: 2}
    with pytest.raises(AnalysisError, match="no clinical column 'sexx'"):
        count_carriers(genotypes, columns=["sexx"])


def test_info_is_judged_as_hail_judges_it(
    hail: Any, genotypes: Genotypes, capsys: pytest.CaptureFixture[str]
) -> None:
    strict = genotypes.in_regions(["chr1"]).passing("high-quality-sites")
    assert by_us(follow_in_stores(strict)) == by_hail(hail, strict)
    assert 1500 not in follow_in_stores(strict).variants["position"].tolist()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda g: g.passing("site-pass"), "the filters tell them apart"),
        (lambda g: g.with_matrix(g.mt, because="a test"), "made in plain Hail"),
    ],
)
def test_what_only_hail_can_tell_is_left_to_it(
    genotypes: Genotypes, change: Callable[[Genotypes], Genotypes], reason: str
) -> None:
    changed = change(genotypes)
    with pytest.raises(NotWithoutHailError, match=reason):
        follow_in_stores(changed)
    with pytest.raises(AnalysisError, match=f"engine='local' cannot count .*{reason}"):
        carriers(changed, engine="local")
    assert count_carriers(changed).provenance.parameter("engine") == "hail"
    with pytest.raises(AnalysisError, match="engine= is 'auto', 'hail' or 'local'"):
        carriers(changed, engine="spark")  # type: ignore[arg-type]


def test_rows_with_several_alternates_are_left_to_hail_where_they_are_asked_for(
    hail: Any, with_several: Genotypes
) -> None:
    gene = with_several.in_genes(["PKD1"])
    assert follow_in_stores(gene).left_out == 1
    assert count_carriers(gene).provenance.parameter("engine") == "hail"
    (row,) = count_carriers(gene.in_regions(["chr16:2090300-2090300"])).carriers[["participant_id", "alleles"]].iloc[[0]].to_numpy().tolist()  # fmt: skip
    assert row == [112, 2]
    elsewhere = with_several.in_regions(["chr1"])
    assert count_carriers(elsewhere).provenance.parameter("engine") == "local"
    filtered = gene.with_consequence("stop_gained")
    alike(count_carriers(filtered, engine="local"), count_carriers(filtered, engine="hail"))


def test_explain_says_who_counts(genotypes: Genotypes) -> None:
    told = str(genotypes.in_regions(["chr1:1000-2000"]).explain())
    assert (
        "without Hail, from the compact stores: 3 of 13 variants lie in what was asked for" in told
    )
    plain = genotypes.with_matrix(genotypes.mt, because="a test")
    assert "counted by Hail, or from what it exports once, since they were made in plain Hail" in str(plain.explain())  # fmt: skip


def test_without_its_table_of_sites_a_store_is_asked_of_places_only(
    hail: Any, tmp_path: Path
) -> None:
    bare = loaded(tmp_path / "bare")
    assert bare.source is not None
    for store in bare.source.stores:
        (store.folder / SITES).unlink()
    gene = bare.in_genes(["PKD1"])
    assert by_us(follow_in_stores(gene)) == by_hail(hail, gene)
    with pytest.raises(NotWithoutHailError, match="no table of what its files say"):
        follow_in_stores(gene.with_consequence("stop_gained"))
    assert carriers(gene.with_consequence("stop_gained")).participants == (112, 113)
