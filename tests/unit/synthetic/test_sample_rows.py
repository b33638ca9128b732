from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.synthetic.aggregate_reading import table

if TYPE_CHECKING:
    import pandas as pd


@pytest.fixture(scope="module")
def files(demo_release_folder: Path) -> pd.DataFrame:
    return table(demo_release_folder, "genome_file_paths_and_types")


def test_every_delivery_is_reported_once_with_the_folder_of_its_files(
    demo_release_folder: Path, files: pd.DataFrame
) -> None:
    report = table(demo_release_folder, "sequencing_report")
    assert not report.duplicated(["platekey", "delivery_id"]).any()
    joined = files.merge(report, on=["platekey", "delivery_id"], suffixes=("", "_report"))
    assert len(joined) == len(files)
    for path, folder in zip(joined["file_path"], joined["path"], strict=True):
        assert path.startswith(f"{folder}/")
    for column in ("participant_id", "lab_sample_id", "delivery_date", "genome_build", "type"):
        assert (joined[column] == joined[f"{column}_report"]).all()
    # Some genomes came several times.
    assert report["platekey"].duplicated().any()


def test_every_sequenced_sample_stands_on_a_plate_before_it_is_delivered(
    demo_release_folder: Path, files: pd.DataFrame
) -> None:
    plated = table(demo_release_folder, "plated_sample").set_index("platekey")
    assert plated.index.is_unique
    assert set(plated.index) == set(files["platekey"])
    first = files.groupby("platekey")["delivery_date"].min()
    sent = plated["biorepository_dispatch_datetime"]
    checked = plated["illumina_qc_datetime"]
    assert (sent < checked).all()
    assert (checked < first.reindex(plated.index)).all()
    assert (plated["plate_id"] + "-DNA_" + plated["well_id"] == plated.index).all()


def test_a_tumour_is_matched_to_the_germline_of_the_same_person(demo_release_folder: Path) -> None:
    plated = table(demo_release_folder, "plated_sample")
    owner = plated.set_index("platekey")["participant_id"]
    matched = plated.dropna(subset=["matched_sample_ids"])
    assert set(matched["matched_sample_type"]) == {"Germline", "Tumour"}
    for row in matched.itertuples():
        for other in row.matched_sample_ids.split(";"):
            assert owner[other] == row.participant_id


def test_a_plated_sample_comes_from_one_laboratory_sample_of_the_same_person(
    demo_release_folder: Path, files: pd.DataFrame
) -> None:
    assert (files.groupby("platekey")["lab_sample_id"].nunique() == 1).all()
    sent = table(demo_release_folder, "laboratory_sample")
    assert sent["laboratory_sample_id"].is_unique
    owner = sent.set_index("laboratory_sample_id")["participant_id"]
    plated = table(demo_release_folder, "plated_sample")
    assert (plated["laboratory_sample_id"].map(owner) == plated["participant_id"]).all()


def test_samples_are_preserved_as_the_aggregate_says(demo_release_folder: Path) -> None:
    sent = table(demo_release_folder, "laboratory_sample").set_index("laboratory_sample_id")
    plated = table(demo_release_folder, "plated_sample").set_index("platekey")
    stats = table(demo_release_folder, "aggregate_gvcf_sample_stats")
    mine = sent.loc[plated.loc[stats["platekey"], "laboratory_sample_id"]]
    assert list(mine["sample_preparation_method"]) == list(stats["sample_preparation_method"])
    assert set(mine["tumour_germline_omics"]) == {"Germline"}


def test_aliquots_are_left_of_samples_for_other_omics_only(demo_release_folder: Path) -> None:
    sent = table(demo_release_folder, "laboratory_sample").set_index("laboratory_sample_id")
    left = table(demo_release_folder, "laboratory_sample_omics_availability")
    assert left["laboratory_sample_id"].is_unique
    mine = sent.loc[left["laboratory_sample_id"]]
    assert set(mine["tumour_germline_omics"]) == {"Omics"}
    assert list(mine["sample_type"]) == list(left["sample_type"])
    assert left["aliquots"].between(1, 6).all()
