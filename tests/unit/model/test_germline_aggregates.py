from __future__ import annotations

import dataclasses
from pathlib import PurePosixPath

import pytest

from gecip.model.germline_aggregates import AGGREGATES, AGGV2, AGGV3, GermlineAggregate
from gecip.release.layout import AGGREGATE, ANNOTATION_FOLDER, CHUNK_LIST, SAMPLE_LISTS


def test_a_release_folder_is_laid_out_as_aggv2_is() -> None:
    assert AGGREGATE.name == AGGV2.name
    assert str(CHUNK_LIST.relative_to(AGGREGATE)) in AGGV2.unit
    assert str(ANNOTATION_FOLDER.relative_to(AGGREGATE)) in AGGV2.annotation
    assert PurePosixPath(AGGV2.sample_list).parent == PurePosixPath(
        SAMPLE_LISTS.relative_to(AGGREGATE)
    )


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda one: one.name)
def test_an_aggregate_says_what_each_of_its_fields_means(aggregate: GermlineAggregate) -> None:
    for sentence in (*aggregate.filters.values(), *aggregate.information.values()):
        assert sentence.endswith(".")
    assert aggregate.genotype_fields[0] == "GT"
    assert all(getattr(aggregate, field.name) for field in dataclasses.fields(aggregate))


def test_what_a_script_for_aggv2_trips_over_in_aggv3_is_told_apart() -> None:
    assert set(AGGV2.filters) & set(AGGV3.filters) == {"PASS"}
    assert "AD" in AGGV2.genotype_fields
    assert "AD" not in AGGV3.genotype_fields
    assert AGGV3.genomes > AGGV2.genomes
