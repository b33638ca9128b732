"""Genotypes that several analyses are tried on."""

from __future__ import annotations

from typing import Any

import pytest

from gecip import define_cohort, load_genotypes, open_release, select_cohort
from gecip.genotypes import Genotypes
from tests.unit.genotypes.aggregates import write_aggregate


@pytest.fixture(scope="session")
def uneven_genotypes(hail: Any, tmp_path_factory: pytest.TempPathFactory) -> Genotypes:
    """Genotypes of 60 people in three populations, uneven as real ones are.

    400 variants on two autosomes and 60 on X, each correlated with its neighbour; a twentieth of the calls
    missing, but at the first hundred sites none; the first five variants of each contig alike in everybody;
    of the last twenty people, who are male, one copy of X.
    """
    folder = write_aggregate(tmp_path_factory.mktemp("releases") / "five")
    five = load_genotypes(select_cohort(define_cohort("Everyone"), open_release(folder)))
    mt = hail.balding_nichols_model(3, 60, 460, fst=[0.1, 0.1, 0.1], reference_genome="GRCh38")
    mt = mt.annotate_rows(old=hail.int32(mt.locus.position))
    contig = hail.case().when(mt.old <= 250, "chr1").when(mt.old <= 400, "chr2").default("chrX")
    locus = hail.locus(contig, 5_000_000 + 10_000 * mt.old, "GRCh38")
    mt = mt.key_rows_by(locus=locus, alleles=["A", "G"])
    before = hail.case().when(mt.old <= 250, 0).when(mt.old <= 400, 250).default(400)
    within = mt.old - before
    call = hail.if_else(within <= 5, hail.call(0, 0), mt.GT)
    one_copy = (mt.old > 400) & (mt.sample_idx >= 40)
    call = hail.if_else(one_copy, hail.call(hail.int32(call.n_alt_alleles() > 0)), call)
    mt = mt.annotate_entries(
        GT=hail.or_missing((mt.old <= 100) | hail.rand_bool(0.95, seed=3), call)
    )
    mt = mt.key_cols_by(participant_id=hail.int64(mt.sample_idx))
    mt = mt.annotate_cols(
        sample=hail.str(mt.participant_id),
        family_id=hail.int64(mt.participant_id // 2),
        sex=hail.if_else(mt.participant_id >= 40, "Male", "Female"),
    )
    return five.with_matrix(mt.checkpoint(hail.utils.new_temp_file()), because="simulated")
