from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gecip.errors import ReleaseError, UnknownColumnError, UnknownTableError
from gecip.release import open_release
from gecip.release.layout import MANIFEST, newest_sample_list
from tests.handmade import person, write_release

WITHDRAWN = {"programme_consent_status": "Withdrawn (Full)"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_release(
        tmp_path / "handmade",
        participant=[
            person(110000011),
            person(110000012, participant_type="Relative", **WITHDRAWN),
            person(110000021, **WITHDRAWN),
            person(110000031, rare_diseases_family_id=None, year_of_birth=None),
        ],
        rare_diseases_family=[
            {"rare_diseases_family_id": 11000001},
            {"rare_diseases_family_id": 11000002},
        ],
        rare_diseases_pedigree_member=[
            {"rare_diseases_family_id": 11000001, "participant_id": 110000011},
            {"rare_diseases_family_id": 11000001, "participant_id": 110000012},
            {"rare_diseases_family_id": 11000001, "participant_id": None},
            {"rare_diseases_family_id": 11000002, "participant_id": 110000021},
            {"rare_diseases_family_id": 11000002, "participant_id": None},
        ],
        aggregate_gvcf_sample_stats=[
            {"participant_id": 110000011, "platekey": "LP1000001-DNA_A01"},
            {"participant_id": 110000031, "platekey": "LP1000001-DNA_A02"},
        ],
        sample_lists={"main_programme_v19_samples.txt": ["LP1000001-DNA_A01", "LP1000001-DNA_A02"]},
    )


def test_reading_gives_consenting_peoples_rows_only(folder: Path) -> None:
    release = open_release(folder)
    assert list(release.read("participant")["participant_id"]) == [110000011, 110000031]


def test_a_familys_table_keeps_families_with_a_consenting_member(folder: Path) -> None:
    assert list(open_release(folder).read("rare_diseases_family").iloc[:, 0]) == [11000001]


def test_a_pedigree_keeps_relatives_who_did_not_take_part_but_not_those_who_withdrew(
    folder: Path,
) -> None:
    members = open_release(folder).read("rare_diseases_pedigree_member")
    assert [None if pd.isna(person) else person for person in members["participant_id"]] == [
        110000011,
        None,
    ]


def test_a_newer_list_of_samples_can_be_dropped_in(folder: Path) -> None:
    (folder / "aggV2/docs/2025-03-01_consented_samples.txt").write_text("LP1000001-DNA_A02\n")
    release = open_release(folder)
    assert release.consent.date.isoformat() == "2025-03-01"
    assert list(release.read("participant")["participant_id"]) == [110000031]
    assert release.consent.withdrawn_since_release == 1


def test_the_newest_list_is_found_by_date_then_by_version(tmp_path: Path) -> None:
    docs = tmp_path / "aggV2/docs"
    docs.mkdir(parents=True)
    for name in ("main_programme_v9_samples.txt", "main_programme_v12_samples.txt"):
        (docs / name).touch()
    assert newest_sample_list(tmp_path) == docs / "main_programme_v12_samples.txt"
    (docs / "2020-01-01_samples.txt").touch()
    assert newest_sample_list(tmp_path) == docs / "2020-01-01_samples.txt"


def test_whole_numbers_that_may_be_missing_stay_whole(folder: Path) -> None:
    frame = open_release(folder).read("participant")
    assert str(frame["participant_id"].dtype) == "int64"
    assert str(frame["year_of_birth"].dtype) == "Int64"
    assert frame["year_of_birth"].tolist() == [1980, pd.NA]


def test_a_table_or_column_that_is_not_there_is_answered_with_the_nearest(folder: Path) -> None:
    release = open_release(folder)
    with pytest.raises(
        UnknownTableError, match="no table 'participants': did you mean 'participant'"
    ):
        release.read("participants")
    with pytest.raises(UnknownColumnError, match="did you mean 'year_of_birth'"):
        release.read("participant", ["year_of_brith"])


def test_a_release_is_found_by_name_by_labkey_folder_and_by_path(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GECIP_RELEASES", str(folder.parent))
    names = ("handmade", "/main-programme/main-programme_v19_2024-10-31", str(folder))
    assert {open_release(name).folder for name in names} == {folder.resolve()}


def test_what_is_no_release_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GECIP_RELEASES", str(tmp_path))
    with pytest.raises(ReleaseError, match=r"the catalogue is empty.*gecip demo"):
        open_release("demo")
    with pytest.raises(ReleaseError, match="this folder is not a release"):
        open_release(tmp_path)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / MANIFEST).write_text("{")
    with pytest.raises(ReleaseError, match="this file is damaged"):
        open_release(damaged)


def test_a_damaged_table_says_which_file(folder: Path) -> None:
    (folder / "tables/rare_diseases_family.parquet").write_bytes(b"PAR1 no longer")
    with pytest.raises(ReleaseError, match=r"rare_diseases_family\.parquet: this file is damaged"):
        open_release(folder).read("rare_diseases_family")


def test_a_table_that_says_not_whose_rows_it_has_is_refused(folder: Path) -> None:
    pd.DataFrame({"score": [1]}).to_parquet(folder / "tables/unheard_of.parquet")
    with pytest.raises(ReleaseError, match="consent cannot be checked"):
        open_release(folder).read("unheard_of")


def test_no_text_of_a_release_names_anybody(folder: Path) -> None:
    release = open_release(folder)
    assert "11000" not in repr(release) + release._repr_html_()
