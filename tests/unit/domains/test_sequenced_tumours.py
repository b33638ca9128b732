"""Which tumours and variants are taken, and what is said when there are none."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from domains.cancer.sequenced_tumours import load_tumours
from gecip.errors import AnalysisError, UnknownTableError
from tests.unit.domains.handmade_tumours import cohort_of, patient, tumour, variant


def test_inherited_variants_are_not_the_tumours_own(tmp_path: Path) -> None:
    cohort = cohort_of(
        tmp_path / "r",
        tumours=[tumour(1)],
        variants=[variant(1, "TP53", 10), variant(1, "BRCA2", 20, origin="germline")],
    )
    assert load_tumours(cohort).variants["gene"].tolist() == ["TP53"]


def test_a_variant_of_two_genes_has_a_row_for_each(tmp_path: Path) -> None:
    cohort = cohort_of(tmp_path / "r", tumours=[tumour(1)], variants=[variant(1, "RB1;LPAR6", 10)])
    assert load_tumours(cohort).variants["gene"].tolist() == ["RB1", "LPAR6"]


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("missense_variant", True),
        ("splice_region_variant,synonymous_variant", False),
        ("splice_region_variant,missense_variant", True),
        ("intron_variant&splice_donor_variant", True),
        ("synonymous_variant", False),
        (None, False),
    ],
)
def test_a_variant_is_non_synonymous_if_any_of_its_terms_is(
    tmp_path: Path, words: str | None, *, changes: bool
) -> None:
    cohort = cohort_of(
        tmp_path / "r",
        tumours=[tumour(1)],
        variants=[variant(1, "TP53", 10, cellbase_consequence=words), variant(1, "KRAS", 11)],
    )
    found = load_tumours(cohort).variants.set_index("gene")["is_non_synonymous"]
    assert bool(found["TP53"]) is changes


def test_the_first_tumour_is_the_one_sampled_first_and_brings_its_own_variants(
    tmp_path: Path,
) -> None:
    second = tumour(
        1,
        tumour_sample_platekey="LP3999999-DNA_B01",
        tumour_clinical_sample_time=datetime.date(2014, 1, 1),
    )
    cohort = cohort_of(
        tmp_path / "r",
        tumours=[tumour(1), second],
        variants=[
            variant(1, "TP53", 10),
            variant(1, "KRAS", 20, tumour_sample_platekey="LP3999999-DNA_B01"),
        ],
    )
    both = load_tumours(cohort)
    assert (len(both), both.n_participants) == (2, 1)
    first = both.first_of_each_participant()
    assert first.variants["gene"].tolist() == ["KRAS"]


def test_a_kind_of_tumour_keeps_only_that_kind(tmp_path: Path) -> None:
    cohort = cohort_of(
        tmp_path / "r",
        tumours=[tumour(1), tumour(2, disease_type="RENAL")],
        variants=[variant(1, "TP53", 10), variant(2, "VHL", 20)],
    )
    kept = load_tumours(cohort, disease_type="RENAL")
    assert kept.variants["gene"].tolist() == ["VHL"]


def test_a_table_of_fewer_columns_is_read_all_the_same(tmp_path: Path) -> None:
    bare = {
        name: value
        for name, value in tumour(1).items()
        if name in ("participant_id", "tumour_sample_platekey", "disease_type")
    }
    cohort = cohort_of(tmp_path / "r", tumours=[bare], variants=[variant(1, "TP53", 10)])
    loaded = load_tumours(cohort)
    assert loaded.tumours["sampled"].isna().all()
    assert loaded.tumours["recorded_per_megabase"].isna().all()


def test_a_cohort_without_tumours_is_told_how_to_get_one(tmp_path: Path) -> None:
    cohort = cohort_of(
        tmp_path / "r",
        tumours=[tumour(1)],
        variants=[variant(1, "TP53", 10)],
        people=[patient(2)],
    )
    with pytest.raises(
        AnalysisError, match=r"Nobody in the cohort 'Everyone' has a sequenced tumour"
    ):
        load_tumours(cohort)


def test_a_release_without_the_table_says_which_is_missing(tmp_path: Path) -> None:
    cohort = cohort_of(tmp_path / "r", tumours=[], people=[patient(1)])
    with pytest.raises(UnknownTableError, match="cancer_analysis"):
        load_tumours(cohort)


@pytest.mark.parametrize(
    ("kind", "words"), [("LUNGS", "no kind of tumour 'LUNGS'"), ("BREAST", "Nobody .* 'BREAST'")]
)
def test_a_kind_that_nobody_has_or_that_is_none_is_refused(
    tmp_path: Path, kind: str, words: str
) -> None:
    cohort = cohort_of(tmp_path / "r", tumours=[tumour(1)], variants=[variant(1, "TP53", 10)])
    with pytest.raises(AnalysisError, match=words):
        load_tumours(cohort, disease_type=kind)
