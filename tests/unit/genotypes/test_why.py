"""Why a call is there or not, and what a computation will read: told before and after the fact."""

from __future__ import annotations

from typing import Any

import pytest

from gecip import define_cohort, load_genotypes, open_release, select_cohort
from gecip.errors import DefinitionError
from gecip.genotypes import Genotypes, explain_loading
from tests.unit.genotypes.aggregates import PEOPLE, SAMPLES, write_aggregate

pytestmark = pytest.mark.jvm


@pytest.fixture(scope="module")
def genotypes(hail: Any, tmp_path_factory: pytest.TempPathFactory) -> Genotypes:
    release = open_release(write_aggregate(tmp_path_factory.mktemp("why") / "five"))
    return load_genotypes(select_cohort(define_cohort("Everyone"), release))


def verdict(genotypes: Genotypes, variant: str, participant: int) -> str | None:
    removed = genotypes.why(variant, participant).removed_by
    return None if removed is None else f"{removed.step}/{removed.of}/{removed.name}"


def test_a_call_that_is_there_passed_every_filter_with_its_value(genotypes: Genotypes) -> None:
    kept = genotypes.in_genes(["PKD1"]).rare(below=0.05).with_consequence("missense_variant")
    why = kept.why("chr16:2090000:A:G", 113)
    assert why.is_kept
    assert [(one.step, one.value, one.threshold) for one in why.rulings[3:]] == [
        ("load_genotypes", "0/1", "called"),
        ("in_genes", "chr16:2090000", "within PKD1, chr16:2088708-2135898"),
        ("rare", "0.02", "< 0.05"),
        (
            "with_consequence",
            "intron_variant, missense_variant, splice_region_variant",
            "one of missense_variant",
        ),
    ]


def test_each_filter_that_can_remove_is_named(genotypes: Genotypes) -> None:
    steps = genotypes.passing("site-pass").rare(below=0.01)
    assert verdict(steps, "chr16:2090000:A:G", 113).startswith("rare/variant/highest of gnomADg_AF")  # type: ignore[union-attr]
    assert verdict(steps, "chr1:2000:C:T", 115) == "passing/variant/FILTER"
    assert verdict(steps, "chr1:1000:A:G", 114) == "load_genotypes/call/genotype as loaded"
    assert verdict(steps, "chr16:2500000:G:C", 113) is None


def test_a_variant_that_never_was_there_and_one_that_was_not_asked_for_are_told_apart(
    genotypes: Genotypes,
) -> None:
    assert (
        verdict(genotypes, "chr16:2090001:A:G", 113) == "load_genotypes/variant/row of the callset"
    )
    assert (
        verdict(genotypes, "chr16:2090000:A:C", 113) == "load_genotypes/variant/row of the callset"
    )
    part = load_genotypes(genotypes.cohort, regions=["chr16:2090000-2090000"])
    assert verdict(part, "chr16:2500000:G:C", 113) == "load_genotypes/variant/place"
    with pytest.raises(DefinitionError, match="does not name a variant"):
        part.why("PKD1", 113)


def test_a_person_without_consent_or_outside_the_cohort_has_no_call(genotypes: Genotypes) -> None:
    why = genotypes.why("chr1:1000:A:G", 111)
    assert why.removed_by is not None
    assert why.removed_by.value == "nobody who consents to research has this number"
    # The withdrawn person's homozygous call is nowhere in what is told.
    assert "1/1" not in str(why)


def test_later_filters_are_asked_too_and_see_what_earlier_ones_did(genotypes: Genotypes) -> None:
    steps = genotypes.passing("site-pass").rare(below=0.6, source="cohort").in_regions(["chrX"])
    why = steps.why("chr1:2000:C:T", 115)
    assert [(one.step, one.value, one.passed) for one in why.rulings[4:]] == [
        ("passing", "GQ;depth", False),
        ("rare", "0.125", True),
        ("in_regions", "chr1:2000", False),
    ]


def test_plain_hail_is_told_by_its_reason(genotypes: Genotypes) -> None:
    mt = genotypes.mt
    plain = genotypes.with_matrix(mt.filter_rows(mt.locus.contig == "chrX"), because="only X")
    assert verdict(plain, "chr1:1000:A:G", 113) == "with_matrix (only X)/variant/row of the matrix"
    assert verdict(plain, "chrX:50000000:T:C", 113) is None


def test_what_is_told_shows_values_and_thresholds_in_a_notebook(genotypes: Genotypes) -> None:
    why = genotypes.rare(below=0.01).why("chr16:2090000:A:G", 113)
    assert "the variant was removed by rare" in str(why)
    assert "&lt; 0.01" in why._repr_html_()
    assert repr(why) == "WhyGenotype('chr16:2090000:A:G', kept=False)"


def test_an_explanation_counts_chunks_bytes_variants_and_steps(genotypes: Genotypes) -> None:
    steps = genotypes.passing("germline-strict").rare(below=0.01, source="gnomADg")
    told = str(steps.explain())
    assert "Genotypes of 4 of 4 people of the cohort 'Everyone'." in told
    assert "3 chunks in 3 stores, 7 variants" in told
    assert "1. passing: quality = germline-strict" in told
    assert "sites: missingness ≤ 0.05" in told
    assert "not tested, for want of a field: missingness" in told
    assert "by gnomADg_AF, gnomADg_AFR_AF" in told
    assert "The calls are changed since loading." in told
    assert not any(str(word) in told for word in (*PEOPLE, *SAMPLES))


def test_before_loading_it_is_told_what_is_in_the_cache(hail: Any, genotypes: Genotypes) -> None:
    told = str(explain_loading(genotypes.cohort, genes=["PKD1"]))
    assert "1 chunks are touched, of which 1 are in the cache" in told
    assert "would be loaded first" not in told


def test_before_loading_it_is_told_how_much_is_read(hail: Any, tmp_path: Any) -> None:
    cohort = select_cohort(
        define_cohort("Everyone"), open_release(write_aggregate(tmp_path / "new"))
    )
    told = str(explain_loading(cohort))
    assert "3 chunks are touched, of which 0 are in the cache" in told
    assert "3 chunks would be loaded first" in told
