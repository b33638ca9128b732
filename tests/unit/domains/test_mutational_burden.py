"""Mutational burden, counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from domains.cancer.mutational_burden import mutational_burden
from domains.cancer.sequenced_tumours import load_tumours
from gecip.errors import AnalysisError
from tests.unit.domains.handmade_tumours import cohort_of, tumour, variant

LONG = "A" * 51


def test_burden_is_the_number_of_small_variants_that_change_a_protein_over_32_61_megabases(
    tmp_path: Path,
) -> None:
    counted = [
        variant(1, "TP53", 10),
        variant(1, "TP53", 11, cellbase_consequence="frameshift_variant", ref="CA", alt="C"),
        variant(1, "KRAS", 30, ref="A", alt=LONG[:50], cellbase_consequence="inframe_insertion"),
    ]
    not_counted = [
        variant(1, "TP53", 12, cellbase_consequence="synonymous_variant"),
        variant(1, "TP53", 13, cellbase_consequence="splice_region_variant"),
        variant(1, "KRAS", 31, ref="A", alt=LONG, cellbase_consequence="inframe_insertion"),
        variant(1, "BRCA2", 40, origin="germline"),
    ]
    cohort = cohort_of(tmp_path / "r", tumours=[tumour(1)], variants=[*counted, *not_counted])
    burden = mutational_burden(load_tumours(cohort)).tumours.iloc[0]
    assert burden["counted"] == 3
    assert burden["per_megabase"] == pytest.approx(3 / 32.61)


def test_a_variant_told_for_two_genes_counts_once(tmp_path: Path) -> None:
    cohort = cohort_of(
        tmp_path / "r",
        tumours=[tumour(1)],
        variants=[variant(1, "RB1", 10), variant(1, "LPAR6", 10), variant(1, "A;B", 20)],
    )
    assert mutational_burden(load_tumours(cohort)).tumours["counted"].tolist() == [2]


def test_a_tumour_whose_report_tells_of_no_variant_has_a_burden_of_none(tmp_path: Path) -> None:
    cohort = cohort_of(
        tmp_path / "r", tumours=[tumour(1), tumour(2)], variants=[variant(1, "TP53", 10)]
    )
    burden = mutational_burden(load_tumours(cohort)).tumours.set_index("participant_id")
    assert burden["counted"].to_dict() == {1: 1, 2: 0}


def test_agreement_with_the_record_is_counted_where_there_is_one(tmp_path: Path) -> None:
    cohort = cohort_of(
        tmp_path / "r",
        tumours=[
            tumour(1, somatic_coding_variants_per_mb=0.03),
            tumour(2, somatic_coding_variants_per_mb=0.9),
            tumour(3, somatic_coding_variants_per_mb=None),
        ],
        variants=[variant(one, "TP53", 10) for one in (1, 2, 3)],
    )
    burden = mutational_burden(load_tumours(cohort))
    assert (burden.n_compared, burden.n_as_recorded) == (2, 1)


@pytest.mark.parametrize(("bound", "high"), [(0.05, [False, True]), (0.03, [True, True])])
def test_high_is_the_bound_and_more(tmp_path: Path, bound: float, high: list[bool]) -> None:
    cohort = cohort_of(
        tmp_path / "r",
        tumours=[tumour(1), tumour(2)],
        variants=[variant(1, "A", 1), variant(2, "A", 1), variant(2, "A", 2)],
    )
    burden = mutational_burden(load_tumours(cohort), high_from=bound)
    assert burden.tumours["is_high"].tolist() == high


def test_a_bound_of_nothing_is_refused(tmp_path: Path) -> None:
    cohort = cohort_of(tmp_path / "r", tumours=[tumour(1)], variants=[variant(1, "A", 1)])
    with pytest.raises(AnalysisError, match="is no bound"):
        mutational_burden(load_tumours(cohort), high_from=0)
