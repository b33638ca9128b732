from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gecip.errors import ReleaseError
from gecip.release.bgzip import END_OF_FILE
from gecip.release.layout import Chunk, write_chunks
from gecip.release.validation import validate_release
from tests.callsets import bgzip, vcf_text
from tests.handmade import person, phenotype, write_release

SAMPLE = {"participant_id": 110000011, "platekey": "LP1000001-DNA_A01"}


def deviations(folder: Path, **tables: Any) -> list[str]:
    rows = {"participant": [person(110000011)], "aggregate_gvcf_sample_stats": [SAMPLE]}
    return [str(one) for one in validate_release(write_release(folder / "r", **(rows | tables)))]


def test_a_release_as_the_model_says_has_no_deviations(tmp_path: Path) -> None:
    assert deviations(tmp_path) == []


def test_tables_without_which_consent_cannot_be_told_are_missed(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "r", participant=[person(110000011)])
    assert [str(one) for one in validate_release(folder)] == [
        "tables/aggregate_gvcf_sample_stats.parquet: the table is missing."
    ]


def test_columns_that_every_release_has_are_missed(tmp_path: Path) -> None:
    without = person(110000011)
    del without["programme"]
    (sentence,) = deviations(tmp_path, participant=[without])
    assert sentence.startswith("tables/participant.parquet, programme: the column is missing")


def test_values_outside_the_coding_and_missing_ones_are_counted(tmp_path: Path) -> None:
    people = [
        person(110000011, participant_phenotypic_sex="f"),
        person(110000012, programme=None),
        person(110000013),
    ]
    assert deviations(tmp_path, participant=people) == [
        "tables/participant.parquet, programme: 1 of 3 rows have no value, and every row should.",
        (
            "tables/participant.parquet, participant_phenotypic_sex: 1 of 3 rows have a value that is none of "
            "Male, Female, Indeterminate."
        ),
    ]


def test_a_column_of_another_type_is_told(tmp_path: Path) -> None:
    import pandas as pd

    folder = write_release(
        tmp_path / "r", participant=[person(110000011)], aggregate_gvcf_sample_stats=[SAMPLE]
    )
    pd.DataFrame([person(110000011, year_of_birth="1980")]).to_parquet(
        folder / "tables/participant.parquet"
    )
    (deviation,) = validate_release(folder)
    assert str(deviation).endswith("year_of_birth: the column is stored as string, not as integer.")


def test_rows_that_repeat_a_key_and_strangers_are_counted_and_never_shown(tmp_path: Path) -> None:
    found = deviations(
        tmp_path,
        participant=[person(110000011), person(110000011)],
        rare_diseases_participant_phenotype=[phenotype(119999999, "HP:0000107")],
    )
    assert len(found) == 2
    assert "1 of 2 rows repeat the participant_id of another" in found[0]
    assert "1 of 1 rows name people who are not in the participant table" in found[1]
    assert "11000" not in "".join(found)
    assert "11999" not in "".join(found)


def test_a_damaged_table_and_one_that_says_not_whose_rows_it_has_are_told(tmp_path: Path) -> None:
    folder = write_release(
        tmp_path / "r",
        participant=[person(110000011)],
        aggregate_gvcf_sample_stats=[SAMPLE],
        scores=[{"score": 1}],
    )
    (folder / "tables/rare_diseases_family.parquet").write_bytes(b"PAR1")
    assert [str(one) for one in validate_release(folder)] == [
        "tables/rare_diseases_family.parquet: the file is damaged.",
        "tables/scores.parquet, participant_id: the column that says whose rows they are is missing.",
    ]


def test_genomes_that_are_cut_off_or_missing_are_told(tmp_path: Path) -> None:
    folder = write_release(
        tmp_path / "r", participant=[person(110000011)], aggregate_gvcf_sample_stats=[SAMPLE]
    )
    genomes = folder / "aggV2/genomic_data"
    genomes.mkdir(parents=True)
    files = [genomes / f"{name}.vcf.gz" for name in ("whole", "cut", "lost")]
    files[0].write_bytes(bgzip(vcf_text()))
    files[1].write_bytes(bgzip(vcf_text())[: -len(END_OF_FILE)])
    write_chunks(folder, tuple(Chunk("chr1", 1, 2, file, None) for file in files))
    found = [str(one) for one in validate_release(folder)]
    assert len(found) == 3
    assert "cut.vcf.gz: offset" in found[0]
    assert "lost.vcf.gz: there is no such file" in found[1]
    assert found[2] == "aggV2/docs: there is no list of the samples that may be used."


def test_what_is_no_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError):
        validate_release(tmp_path)


SAMPLE_LIST = "main_programme_v19_samples.txt"


def with_aggregate(
    folder: Path, *, samples: tuple[str, ...], listed: list[str], **tables: Any
) -> Path:
    """A release by hand with one chunk that holds `samples` and a list of those that may be used."""
    rows = {"participant": [person(110000011)], "aggregate_gvcf_sample_stats": [SAMPLE]}
    write_release(folder, sample_lists={SAMPLE_LIST: listed}, **(rows | tables))
    chunk = folder / "aggV2/genomic_data/one.vcf.gz"
    chunk.parent.mkdir(parents=True)
    chunk.write_bytes(bgzip(vcf_text(samples=samples)))
    write_chunks(folder, (Chunk("chr1", 1, 2, chunk, None),))
    return folder


def test_an_aggregate_may_hold_more_samples_than_may_be_used(tmp_path: Path) -> None:
    name = SAMPLE["platekey"]
    folder = with_aggregate(tmp_path / "r", samples=(name, "LP1000001-DNA_H12"), listed=[name])
    assert validate_release(folder) == ()


def test_samples_that_the_aggregate_lacks_are_counted_and_never_shown(tmp_path: Path) -> None:
    folder = with_aggregate(
        tmp_path / "r", samples=("LP1000001-DNA_H12",), listed=["LP1000001-DNA_H11"]
    )
    found = validate_release(folder)
    assert [(one.rule, one.count) for one in found] == [
        ("sample in aggregate", 1),
        ("listed sample", 1),
        ("listed sample", 1),
    ]
    assert found[0].column == "platekey"
    assert "LP1000001" not in "".join(map(str, found))


def test_chunks_of_different_samples_are_told(tmp_path: Path) -> None:
    name = SAMPLE["platekey"]
    folder = with_aggregate(tmp_path / "r", samples=(name,), listed=[name])
    first = folder / "aggV2/genomic_data/one.vcf.gz"
    second = first.with_name("two.vcf.gz")
    second.write_bytes(bgzip(vcf_text(samples=(name, "LP1000001-DNA_H12"))))
    write_chunks(folder, (Chunk("chr1", 1, 2, first, None), Chunk("chr1", 3, 4, second, None)))
    (deviation,) = validate_release(folder)
    assert deviation.rule == "same samples"
    assert deviation.place.endswith("two.vcf.gz")


def test_families_without_a_row_are_counted(tmp_path: Path) -> None:
    family = {"rare_diseases_family_id": 115000001, "family_group_type": "Singleton"}
    people = [
        person(110000011, rare_diseases_family_id=115000001),
        person(110000012, rare_diseases_family_id=115000002),
    ]
    (deviation,) = validate_release(
        write_release(
            tmp_path / "r",
            participant=people,
            aggregate_gvcf_sample_stats=[SAMPLE],
            rare_diseases_family=[family],
        )
    )
    assert str(deviation) == (
        "tables/participant.parquet, rare_diseases_family_id: "
        "1 of 2 rows name families that are not in the family table."
    )
    assert (deviation.rule, deviation.count) == ("reference", 1)
