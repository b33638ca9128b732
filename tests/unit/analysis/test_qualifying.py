"""Who carries a variant that counts for a gene, found in genomes by their annotation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gecip import define_cohort, load_genotypes, open_release, select_cohort
from gecip.analysis.genetic.qualifying import (
    LOSS_OF_FUNCTION_TEST,
    VariantTest,
    qualifying_variants,
)
from gecip.errors import AnalysisError
from gecip.genotypes import Genotypes
from tests.unit.genotypes.aggregates import write_aggregate

pytestmark = pytest.mark.jvm


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_aggregate(tmp_path_factory.mktemp("releases") / "burden")


@pytest.fixture(scope="module")
def genotypes(hail: Any, folder: Path) -> Genotypes:
    everyone = select_cohort(define_cohort("Everyone"), open_release(folder))
    return load_genotypes(everyone, regions=["chr16"])


def test_a_variant_counts_for_the_gene_whose_transcript_it_changes(genotypes: Genotypes) -> None:
    tests = [
        LOSS_OF_FUNCTION_TEST,
        VariantTest("missense", ("missense_variant",)),
        VariantTest("frequent", score="gnomADg_AFR_AF", at_least=0.25),
        VariantTest("any"),
    ]
    found = qualifying_variants(genotypes, tests=tests)
    carriers = found.carriers.groupby(["gene", "test"])["participant_id"].apply(list).to_dict()
    everyone = [112, 113, 114, 115]
    assert found.people["participant_id"].tolist() == everyone
    # stop_gained is carried by the second sample; partial genotypes of decomposed rows are carried.
    assert carriers["PKD1", "LoF"] == [113]
    assert carriers["PKD1", "missense"] == [113, 114, 115]
    # Two frequencies joined by & count by the higher one.
    assert carriers["PKD1", "frequent"] == [112, 114, 115]
    assert carriers["PKD1", "any"] == everyone
    assert carriers["TSC2", "any"] == [113, 114, 115]
    assert ("TSC2", "missense") not in carriers


def test_only_the_genes_asked_for_are_counted(genotypes: Genotypes) -> None:
    found = qualifying_variants(genotypes, tests=[VariantTest("any")], genes=["TSC2"])
    assert set(found.carriers["gene"]) == {"TSC2"}
    nobody = qualifying_variants(genotypes, tests=[VariantTest("any")], genes=["ABC"])
    assert nobody.carriers.empty
    assert len(nobody.people) == 4


def test_a_field_that_the_annotation_lacks_is_named(hail: Any, genotypes: Genotypes) -> None:
    with pytest.raises(AnalysisError, match="no field 'CADD_PHRED'"):
        qualifying_variants(genotypes, tests=[VariantTest("cadd", score="CADD_PHRED", at_least=20)])
    bare = genotypes.with_matrix(genotypes.mt.drop("annotation"), because="a test")
    with pytest.raises(AnalysisError, match="no functional annotation"):
        qualifying_variants(bare)
