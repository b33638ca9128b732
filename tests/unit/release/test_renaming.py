"""The same notebook reads releases that call tables and columns otherwise."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from gecip.cohort.definition import define_cohort
from gecip.cohort.labkey_sql import query_to_df
from gecip.cohort.language import Rows
from gecip.cohort.selection import select_cohort
from gecip.errors import (
    CohortError,
    DefinitionError,
    QueryError,
    UnknownColumnError,
    UnknownTableError,
)
from gecip.model.cancer_registry import AvTumour
from gecip.model.naming import edition_of
from gecip.model.rare_disease_clinic import RareDiseasesParticipantPhenotype
from gecip.release import open_release
from gecip.release.layout import Manifest
from tests.handmade import person, write_release

GMS = "/nhs-gms/nhs-gms-release_v5_2025-08-28"
ADA, BEN, WITHDRAWN = 110000011, 110000021, 110000031
PEOPLE = [
    person(ADA),
    person(BEN),
    person(WITHDRAWN, programme_consent_status="Withdrawn (Full)"),
]


def release_of(
    folder: Path, version: str, /, labkey: str = "", origin: str = "by hand", **tables: Any
) -> Path:
    """A release by hand that stands for a version of the main programme, or for what `labkey` says."""
    write_release(folder, **({"participant": PEOPLE} | tables))
    Manifest(
        name=folder.name,
        version=version,
        date=datetime.date(2022, 1, 27),
        assembly="GRCh38",
        origin=origin,
        folder=labkey or f"/main-programme/main-programme_{version}_2022-01-27",
    ).write(folder)
    return folder


def tumours(name: str) -> list[dict[str, Any]]:
    day = datetime.date(2015, 3, 1)
    return [
        {"participant_id": who, name: number, "diagnosisdatebest": day, "grade": "G2"}
        for number, who in ((71, ADA), (72, BEN), (73, WITHDRAWN))
    ]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return release_of(
        tmp_path / "old",
        "v14",
        av_tumour=tumours("tumour_pseudo_id"),
        cancer_register_nhsd=[{"participant_id": ADA, "cancer_site": "C509"}],
        domain_assignment=[{"participant_id": ADA, "domain": "Renal"}],
    )


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return release_of(
        tmp_path / "new",
        "v19",
        av_tumour=tumours("anon_tumour_id"),
        cancer_registry=[{"participant_id": ADA, "cancer_site": "C509"}],
    )


def test_a_renamed_column_is_read_by_its_present_name_from_old_and_new(
    old: Path, new: Path
) -> None:
    names = ["participant_id", "anon_tumour_id", "grade"]
    frames = [open_release(folder).read("av_tumour", names) for folder in (old, new)]
    assert frames[0].equals(frames[1])
    assert frames[0]["anon_tumour_id"].tolist() == [71, 72]
    whole = [open_release(folder).read(AvTumour) for folder in (old, new)]
    assert whole[0].equals(whole[1])
    assert list(whole[0].columns) == [
        "participant_id",
        "anon_tumour_id",
        "diagnosisdatebest",
        "grade",
    ]


def test_a_renamed_table_is_read_by_its_present_name_from_old_and_new(old: Path, new: Path) -> None:
    for folder in (old, new):
        release = open_release(folder)
        assert "cancer_registry" in release.tables
        assert "cancer_register_nhsd" not in release.tables
        assert release.read("cancer_registry")["cancer_site"].tolist() == ["C509"]


def test_who_asks_by_an_old_name_is_told_the_present_one_in_every_release(
    old: Path, new: Path
) -> None:
    for folder in (old, new):
        release = open_release(folder)
        with pytest.raises(
            UnknownColumnError, match=r"'tumour_pseudo_id'.* v16, is now 'anon_tumour_id': ask for"
        ):
            release.read("av_tumour", ["tumour_pseudo_id"])
        with pytest.raises(UnknownTableError, match="is now 'cancer_registry': ask for"):
            release.read("cancer_register_nhsd")


def test_sql_and_cohorts_read_both_by_the_present_names(old: Path, new: Path) -> None:
    query = "SELECT participant_id, anon_tumour_id FROM lists.av_tumour WHERE anon_tumour_id < 72"
    rows = Rows(AvTumour)
    definition = define_cohort("One tumour").include(
        rows.where(rows.anon_tumour_id == 71).exists_for_participant(), because="it is the one"
    )
    for folder in (old, new):
        assert query_to_df(query, str(folder)).to_numpy().tolist() == [[ADA, 71]]
        assert select_cohort(definition, open_release(folder)).participants == (ADA,)


def test_sql_by_an_old_name_is_answered_with_the_present_one(old: Path) -> None:
    with pytest.raises(QueryError, match="is now 'anon_tumour_id'"):
        query_to_df("SELECT tumour_pseudo_id FROM av_tumour", str(old))
    with pytest.raises(QueryError, match="is now 'participant_summary'"):
        query_to_df("SELECT * FROM key_columns", str(old))
    with pytest.raises(QueryError, match="has a column 'grrade': did you mean 'grade'"):
        query_to_df("SELECT grrade FROM av_tumour", str(old))


def test_sql_over_renamed_columns_sees_consenting_people_only(old: Path) -> None:
    for hidden in ("av_tumour, as it was", "av_tumour, as stored"):
        with pytest.raises(QueryError, match="names a table that release old does not have"):
            query_to_df(f'SELECT * FROM "{hidden}"', str(old))
    stored = query_to_df(
        'SELECT s.participant_id FROM av_tumour, "av_tumour, as stored" AS s', str(old)
    )
    assert ADA in set(stored["participant_id"])
    assert WITHDRAWN not in set(stored["participant_id"])


def test_a_cohort_by_an_old_name_is_refused_with_the_present_one(new: Path) -> None:
    rows = Rows(AvTumour)
    with pytest.raises(DefinitionError, match="is now 'anon_tumour_id'"):
        _ = rows.tumour_pseudo_id
    definition = define_cohort("Old words").include(
        rows.where(rows["tumour_pseudo_id"] == 71).exists_for_participant(), because="it is the one"
    )
    with pytest.raises(CohortError, match=r"release new does not have\. .*is now 'anon_tumour_id'"):
        select_cohort(definition, open_release(new))


def test_a_dropped_table_is_read_where_it_is_and_said_to_be_gone_elsewhere(
    old: Path, new: Path
) -> None:
    assert open_release(old).read("domain_assignment")["domain"].tolist() == ["Renal"]
    with pytest.raises(UnknownTableError, match="was dropped after release v17"):
        open_release(new).read("domain_assignment")
    with pytest.raises(UnknownTableError, match="taken out of the releases after v14"):
        open_release(new).read("proms")


def test_what_came_later_is_said_to_be_too_new(old: Path) -> None:
    release = open_release(old)
    with pytest.raises(UnknownTableError, match=r"exists from release v15 on, and this is v14"):
        release.read("cancer_tier_and_domain_variants")


def test_a_dropped_column_names_the_last_release_that_had_it(tmp_path: Path) -> None:
    row = {"participant_id": ADA, "case_solved_family": "yes"}
    release = open_release(release_of(tmp_path / "r", "v19", gmc_exit_questionnaire=[row]))
    with pytest.raises(UnknownColumnError, match="was dropped after release v7"):
        release.read("gmc_exit_questionnaire", ["phenotypes_explained"])


def test_columns_that_the_model_does_not_know_are_read_as_they_are(tmp_path: Path) -> None:
    row = {"participant_id": ADA, "diag_01": "N185", "procodet": "RGT"}
    release = open_release(release_of(tmp_path / "r", "v19", hes_op=[row]))
    assert release.read("hes_op", ["procodet"])["procodet"].tolist() == ["RGT"]


def test_the_family_column_of_very_old_releases_still_guards_consent(tmp_path: Path) -> None:
    members = [
        {"pedigree_family_id": ADA // 10, "member_participant_id": ADA},
        {"pedigree_family_id": ADA // 10, "member_participant_id": None},
        {"pedigree_family_id": ADA // 10, "member_participant_id": WITHDRAWN},
        {"pedigree_family_id": WITHDRAWN // 10, "member_participant_id": None},
    ]
    release = open_release(release_of(tmp_path / "r", "v5", rare_diseases_pedigree_member=members))
    rows = release.read("rare_diseases_pedigree_member")
    assert rows["participant_id"].dropna().tolist() == [ADA]
    assert rows["rare_diseases_family_id"].tolist() == [ADA // 10] * 2


def test_identifiers_in_renamed_columns_do_not_leave(old: Path) -> None:
    assert open_release(old).knows_identifier("72")


def test_rows_of_tumours_are_those_of_consenting_people_though_no_column_names_them(
    tmp_path: Path,
) -> None:
    analyses = [
        {"participant_id": who, "tumour_sample_platekey": f"LP{who}-DNA_A01"}
        for who in (ADA, WITHDRAWN)
    ]
    again = [{"tumour_sample_platekey": row["tumour_sample_platekey"]} for row in analyses]
    table = "cancer_100K_genomes_realigned_on_pipeline_2"
    release = open_release(
        release_of(tmp_path / "r", "v19", cancer_analysis=analyses, **{table: again})
    )
    assert release.read(table)["tumour_sample_platekey"].tolist() == [f"LP{ADA}-DNA_A01"]


def test_a_column_that_only_real_releases_have_is_said_to_be_so(tmp_path: Path) -> None:
    table = RareDiseasesParticipantPhenotype
    column = next(name for name, one in table.known_columns.items() if one.real_only)
    rows = {table.name: [{"participant_id": ADA, "hpo_present": "Yes"}]}
    release = open_release(release_of(tmp_path / "r", "v19", origin="synthetic", **rows))
    with pytest.raises(UnknownColumnError, match="only the programme's own releases do"):
        release.read(table, [column])


# -- the sister programme -----------------------------------------------------------------------------


@pytest.fixture
def sister(tmp_path: Path) -> Path:
    people = [
        {
            "participant_id": name,
            "referral_id": referral,
            "programme_consent_status": status,
            "participant_phenotypic_sex": "Unknown",
        }
        for name, referral, status in (
            ("pp11", "rr1", "Consenting"),
            ("pp12", "rr2", "Withdrawn (Full)"),
        )
    ]
    tiers = [
        {
            "participant_id": name,
            "referral_id": "rr1",
            "genome_build": "GRCh38",
            "platekey": "ss1",
            "full_siblings_affected": 1,
        }
        for name in ("pp11", "pp12")
    ]
    outcome = [{"participant_id": "pp11", "referral_id": "rr1", "case_solved_family": "yes"}]
    return release_of(
        tmp_path / "sister",
        "v5",
        GMS,
        participant=people,
        tiering_data=tiers,
        report_outcome_questionnaire=outcome,
    )


def test_the_sister_release_is_read_by_the_main_programmes_names(sister: Path) -> None:
    release = open_release(sister)
    assert release.tables == ("gmc_exit_questionnaire", "participant", "tiering_data")
    rows = release.read(
        "tiering_data", ["participant_id", "rare_diseases_family_id", "assembly", "sample_id"]
    )
    assert rows.to_numpy().tolist() == [["pp11", "rr1", "GRCh38", "ss1"]]
    assert release.read("gmc_exit_questionnaire", ["family_id"])["family_id"].tolist() == ["rr1"]
    assert release.families_recorded == 2


def test_the_sister_releases_own_names_are_answered_with_the_main_programmes(sister: Path) -> None:
    release = open_release(sister)
    with pytest.raises(UnknownColumnError, match="ask the table tiering_data for 'assembly'"):
        release.read("tiering_data", ["genome_build"])
    with pytest.raises(UnknownTableError, match="ask for 'gmc_exit_questionnaire'"):
        release.read("report_outcome_questionnaire")
    with pytest.raises(UnknownColumnError, match="ask for 'full_siblings_affected'"):
        release.read("tiering_data", ["full_brothers_affected"])


def test_the_edition_is_read_from_version_and_folder() -> None:
    assert edition_of("v14", "").number == 14
    assert edition_of("imported", "").number is None
    assert edition_of("v5", GMS).programme.value == "the NHS Genomic Medicine Service"
