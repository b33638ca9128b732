"""Whoever has withdrawn from the synthetic release is absent from every stage, under every name of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from gecip.airlock import request_export
from gecip.analysis.clinical.timeline import timeline
from gecip.cohort import Cohort, clinical_columns, define_cohort, select_cohort
from gecip.cohort.labkey_sql import query_to_df
from gecip.errors import AnalysisError, CohortError
from gecip.genotypes import (
    genotypes_table,
    load_genotypes,
    load_gvcfs,
    load_somatic,
    load_structural,
)
from gecip.release import Release, open_release
from gecip.release.layout import SOMATIC_CHUNK_LIST, Chunk, read_chunks
from gecip.reporting import Summary, count_people
from gecip.synthetic import read_answers
from tests.doors.withdrawn import names_of_withdrawn, people_who_may_be_read, words_of

EVERYONE = define_cohort("Everyone who may be used")


@pytest.fixture(scope="module")
def release(small_release_folder: Path) -> Release:
    return open_release(small_release_folder)


@pytest.fixture(scope="module")
def names(small_release_folder: Path) -> frozenset[str]:
    return names_of_withdrawn(small_release_folder)


@pytest.fixture(scope="module")
def everyone(release: Release) -> Cohort:
    return select_cohort(EVERYONE, release)


@pytest.fixture(scope="module")
def withdrawn(small_release_folder: Path) -> list[int]:
    """Return the participants whom the answer key calls withdrawn."""
    return [
        int(answer.participant)
        for answer in read_answers(small_release_folder)
        if answer.kind == "withdrawn" and answer.participant is not None
    ]


def test_the_files_hold_people_who_have_withdrawn_in_every_way(
    small_release_folder: Path, names: frozenset[str], withdrawn: list[int]
) -> None:
    """Without them, the tests below would say nothing."""
    ways = {
        answer.expected["consent"]
        for answer in read_answers(small_release_folder)
        if answer.kind == "withdrawn"
    }
    assert len(ways) == 4
    people = pq.read_table(small_release_folder / "tables" / "participant.parquet").to_pydict()
    in_tables = set(people["participant_id"]) - people_who_may_be_read(small_release_folder)
    assert in_tables <= set(withdrawn)
    assert set(map(str, in_tables)) <= names
    samples = {
        answer.expected["sample"]
        for answer in read_answers(small_release_folder)
        if answer.kind == "withdrawn" and answer.expected["sample"]
    }
    assert samples <= names
    holding = [
        file.stem
        for file in sorted((small_release_folder / "tables").glob("*.parquet"))
        if words_of(pq.read_table(file).to_pandas()) & names
    ]
    assert len(holding) > 30


# -- rows -----------------------------------------------------------------------------------------------


def by_reading(release: Release, table: str) -> Any:
    return release.read(table)


def by_sql(release: Release, table: str) -> Any:
    return query_to_df(f"SELECT * FROM lists.{table}", str(release.folder))


def by_duckdb(release: Release, table: str) -> Any:
    return release.cursor_over([table]).sql(f'SELECT * FROM "{table}"').df()


def by_arrow(release: Release, table: str) -> Any:
    return release.dataset(table).to_table().to_pandas()


def by_registering(release: Release, table: str) -> Any:
    import duckdb

    with duckdb.connect() as connection:
        release.register(connection, table)
        return connection.sql(f'SELECT * FROM "{table}"').df()


@pytest.mark.parametrize("way", [by_reading, by_sql, by_duckdb, by_arrow, by_registering])
def test_no_table_gives_a_name_of_theirs_by_any_way(
    way: Any, release: Release, names: frozenset[str]
) -> None:
    found = {table: words_of(way(release, table)) & names for table in release.tables}
    assert {table: len(words) for table, words in found.items() if words} == {}


# -- cohorts --------------------------------------------------------------------------------------------


def test_no_cohort_has_them(
    everyone: Cohort, names: frozenset[str], small_release_folder: Path
) -> None:
    assert set(everyone.participants) == people_who_may_be_read(small_release_folder)
    shown = (
        everyone.participants,
        everyone.families,
        dict(everyone.samples),
        everyone.table(["sex", "family_id"]),
        clinical_columns(everyone),
        everyone.rows("rare_diseases_pedigree_member"),
        everyone.provenance.as_document(),
        everyone._repr_html_(),
    )
    assert words_of(*shown) & names == set()


def test_who_has_withdrawn_is_answered_like_somebody_unknown(
    everyone: Cohort, withdrawn: list[int]
) -> None:
    unknown = 119_999_999
    for ask, error in (
        (everyone.why, CohortError),
        (lambda number: timeline(everyone, number), AnalysisError),
    ):
        with pytest.raises(error) as refused:
            ask(unknown)
        for number in withdrawn:
            with pytest.raises(error) as theirs:
                ask(number)
            assert str(theirs.value) == str(refused.value)


# -- genomes --------------------------------------------------------------------------------------------


def region_of(chunk: Chunk) -> str:
    return f"{chunk.contig}:{chunk.start}-{chunk.stop}"


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory, hail: Any) -> Iterator[Path]:
    """A cache that both tests fill, so that a chunk is loaded once and no other release is in it."""
    folder = tmp_path_factory.mktemp("withdrawn") / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GECIP_CACHE", str(folder))
        yield folder


@pytest.mark.jvm
def test_no_callset_store_or_file_of_a_genome_has_them(
    release: Release, everyone: Cohort, names: frozenset[str], own_cache: Path
) -> None:
    place = region_of(release.chunks[0])
    somatic_place = region_of(read_chunks(release.folder, chunk_list=SOMATIC_CHUNK_LIST)[0])
    germline, somatic, combined = (
        load_genotypes(everyone, regions=[place]),
        load_somatic(everyone, regions=[somatic_place]),
        load_gvcfs(everyone, regions=["chr16:2088000-2090000"]),
    )
    for loaded in (germline, somatic, combined):
        assert len(loaded.columns) > 0
        assert words_of(loaded.columns, loaded.mt.cols().to_pandas()) & names == set()
    assert germline.mt.count_cols() == len(release.consent.samples)
    assert words_of(genotypes_table(everyone).to_pandas()) & names == set()
    structural = load_structural(everyone)
    assert len(structural.calls) > 0
    assert words_of(structural.calls, structural.samples) & names == set()
    kept = [path for path in own_cache.rglob("*") if path.is_file()]
    assert words_of(*map(str, kept)) & names == set()
    texts = [
        path.read_bytes() for path in kept if path.suffix in (".json", ".txt", ".fam", ".tsv", "")
    ]
    assert texts
    assert words_of(*texts) & names == set()


@pytest.mark.jvm
def test_alleles_of_theirs_are_in_no_count(
    release: Release, everyone: Cohort, names: frozenset[str], own_cache: Path
) -> None:
    """The counts are those of a plain count in the files, of everybody who may be read and of nobody else."""
    import hail as hl
    import pysam

    chunk = release.chunks[0]
    genotypes = load_genotypes(everyone, regions=[region_of(chunk)])
    counted = genotypes.mt.annotate_rows(
        n=hl.agg.filter(genotypes.mt.GT.is_non_ref(), hl.agg.count())
    ).rows()
    found = {
        (row.locus.contig, row.locus.position, *row.alleles): row.n for row in counted.collect()
    }
    readable = set(release.consent.samples)
    told: dict[Any, int] = {}
    theirs = 0
    with pysam.VariantFile(str(chunk.genotypes)) as records:
        for record in records:
            carriers = {name for name, call in record.samples.items() if any(call["GT"]) and name}
            told[(record.contig, record.pos, *record.alleles)] = len(carriers & readable)
            theirs += len(carriers & names)
    assert found == told
    assert theirs > 0


# -- what is said, and what leaves ------------------------------------------------------------------------


def test_no_summary_counts_them_and_no_bundle_has_them(
    release: Release,
    everyone: Cohort,
    names: frozenset[str],
    tmp_path: Path,
    small_release_folder: Path,
) -> None:
    summary = count_people(
        clinical_columns(everyone),
        by="participant_type",
        title="People by type",
        phenotypic=True,
        provenance=everyone.provenance,
    )
    assert isinstance(summary, Summary)
    assert summary.n_people == len(people_who_may_be_read(small_release_folder))
    asked = request_export(
        [summary], project="RR91", purpose="To try the door", folder=tmp_path / "out"
    )
    files = [path.read_bytes() for path in sorted((tmp_path / "out").iterdir())]
    assert files
    assert (
        words_of(summary._repr_html_(), asked._repr_html_(), repr(release), *files) & names == set()
    )
    assert words_of(release._repr_html_(), release.dictionary.text(width=100)) & names == set()
