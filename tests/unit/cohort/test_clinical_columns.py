from __future__ import annotations

from pathlib import Path

from gecip.cohort import define_cohort, select_cohort
from gecip.cohort.clinical_columns import clinical_columns
from gecip.release import open_release
from tests.handmade import person, write_release

SAMPLES = [{"participant_id": 1, "platekey": "LP1"}, {"participant_id": 2, "platekey": "LP2"}]


def columns_of(folder: Path, **tables: list[dict[str, object]]) -> dict[str, list[object]]:
    release = open_release(
        write_release(folder / "r", aggregate_gvcf_sample_stats=SAMPLES, **tables)
    )
    return clinical_columns(select_cohort(define_cohort("Everyone"), release)).to_dict("list")


def test_a_tables_own_columns_travel_with_its_people(tmp_path: Path) -> None:
    columns = columns_of(tmp_path, participant=[person(1, height=170), person(2, height=180)])
    assert columns["height"] == [170, 180]
    assert columns["disease_group"] == [None, None]


def test_the_name_of_the_sample_is_left_to_the_genomes(tmp_path: Path) -> None:
    columns = columns_of(tmp_path, participant=[person(1, sample="a"), person(2, sample="b")])
    assert "sample" not in columns


def test_a_disease_of_an_imported_table_counts_where_there_is_no_table_of_diseases(
    tmp_path: Path,
) -> None:
    people = [person(1, disease_group="Ciliopathies"), person(2, disease_group=None)]
    assert columns_of(tmp_path, participant=people)["disease_group"] == ["Ciliopathies", None]
    diseases = [{"participant_id": 2, "normalised_disease_group": "Growth disorders"}]
    columns = columns_of(
        tmp_path / "two", participant=people, rare_diseases_participant_disease=diseases
    )
    assert columns["disease_group"][1] == "Growth disorders"
