"""Carriers found in a callset come back as a cohort, for which everything that cohorts do is there."""

from __future__ import annotations

from typing import Any

import pytest

from gecip import carriers, define_cohort, load_genotypes, open_release, select_cohort
from gecip.errors import AnalysisError, GenotypesError
from gecip.genotypes import Genotypes
from gecip.tables import participants
from tests.unit.genotypes.aggregates import WITHDRAWN, write_aggregate

pytestmark = pytest.mark.jvm


@pytest.fixture(scope="module")
def genotypes(hail: Any, tmp_path_factory: pytest.TempPathFactory) -> Genotypes:
    folder = write_aggregate(tmp_path_factory.mktemp("releases") / "five")
    everyone = define_cohort("Born by 2014").include(
        participants.year_of_birth <= 2014, because="born by 2014"
    )
    return load_genotypes(select_cohort(everyone, open_release(folder)))


# The records of write_aggregate: at chr1:1000 the second is heterozygous; the third, homozygous, has withdrawn.
def test_carriers_are_a_cohort_with_two_more_steps(genotypes: Genotypes) -> None:
    found = carriers(genotypes.in_regions(["chr1:1000-1000"]))
    assert found.participants == (113,)
    assert [step.people for step in found.attrition.steps] == [5, 4, 3, 3, 1]
    assert [step.rule for step in found.attrition.steps[-2:]] == ["carriers", "carriers"]
    assert found.definition.title == "Carriers among 'Born by 2014'"
    assert found.provenance.chain()[-1].operation == "carriers"
    assert found.table(["year_of_birth"])["year_of_birth"].tolist() == [2013]
    assert WITHDRAWN not in found.participants


def test_a_carrier_of_two_copies_has_them_of_one_variant(genotypes: Genotypes) -> None:
    assert carriers(genotypes, copies=2).participants == ()
    assert set(carriers(genotypes, copies=1).participants) == {112, 113, 114}


def test_the_variants_of_a_gene_only(genotypes: Genotypes) -> None:
    found = carriers(genotypes, genes=["PKD1"], title="PKD1")
    assert found.definition.title == "PKD1"
    assert "in PKD1" in found.attrition.steps[-1].reason
    assert set(found.participants) <= {112, 113, 114}
    with pytest.raises(GenotypesError):
        carriers(genotypes, genes=["NO_SUCH_GENE"])
    with pytest.raises(AnalysisError, match="copies is 1"):
        carriers(genotypes, copies=3)


def test_why_tells_a_carrier_from_who_is_none(genotypes: Genotypes) -> None:
    found = carriers(genotypes.in_regions(["chr1:1000-1000"]))
    assert found.why(113).is_member
    other = found.why(112)
    assert not other.is_member
    assert other.first_failed is None
    assert "a step after the definition left them out" in str(other)
    excluded = found.why(115)
    assert excluded.first_failed is not None
    assert excluded.first_failed.reason == "born by 2014"
