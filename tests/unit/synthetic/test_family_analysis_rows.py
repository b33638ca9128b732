from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.synthetic.aggregate_reading import table
from tests.unit.synthetic.interpretation_reading import the_answer

if TYPE_CHECKING:
    import pandas as pd


@pytest.fixture(scope="module")
def interpreted(demo_release_folder: Path) -> pd.DataFrame:
    return table(demo_release_folder, "rare_disease_interpreted")


def test_a_participant_has_one_row_for_each_build_of_the_latest_genome(
    demo_release_folder: Path,
) -> None:
    analysed = table(demo_release_folder, "rare_disease_analysis")
    assert not analysed.duplicated(["participant_id", "genome_build"]).any()
    assert set(analysed["genome_build"]) == {"GRCh37", "GRCh38"}
    files = table(demo_release_folder, "genome_file_paths_and_types")
    latest = files.groupby(["platekey", "genome_build"])["delivery_date"].max()
    report = table(demo_release_folder, "sequencing_report").set_index("path")
    for row in analysed.itertuples():
        assert report.loc[row.path, "platekey"] == row.plate_key
        assert report.loc[row.path, "delivery_date"] == latest[row.plate_key, row.genome_build]
    people = table(demo_release_folder, "participant")
    rare = people.loc[people["programme"] == "Rare Diseases", "participant_id"]
    assert set(analysed["participant_id"]) == set(rare)


def test_a_family_is_interpreted_on_one_build(
    demo_release_folder: Path, interpreted: pd.DataFrame
) -> None:
    assert (interpreted.groupby("family_id")["assembly"].nunique() == 1).all()
    expected = the_answer(demo_release_folder, "two_builds").expected
    counted = {
        build: len({row.family_id for row in interpreted.itertuples() if row.assembly == build})
        for build in ("GRCh37", "GRCh38")
    }
    assert expected == counted
    assert counted["GRCh37"] > 0


def test_families_without_a_proband_are_as_many_as_the_answer_key_says(
    demo_release_folder: Path, interpreted: pd.DataFrame
) -> None:
    expected = the_answer(demo_release_folder, "families_without_proband").expected
    with_proband = set(interpreted.loc[interpreted["is_proband"], "family_id"])
    families = set(interpreted["family_id"])
    assert expected == {
        "families": len(families),
        "without_proband": len(families - with_proband),
    }
    # Who withdrew before the release has no row, and the family's VCF is not named by their sample.
    alone = interpreted[~interpreted["family_id"].isin(with_proband)]
    assert alone["platypus_vcf_path"].isna().all()


def test_everybody_in_the_tiers_was_interpreted(
    demo_release_folder: Path, interpreted: pd.DataFrame
) -> None:
    tiers = table(demo_release_folder, "tiering_data")
    of_person = interpreted.set_index("participant_id")
    mine = of_person.loc[tiers["participant_id"]]
    assert list(mine["plate_key"]) == list(tiers["sample_id"])
    assert set(mine["assembly"]) == {"GRCh38"}


def test_a_family_is_solved_as_its_questionnaire_says(
    demo_release_folder: Path, interpreted: pd.DataFrame
) -> None:
    reports = table(demo_release_folder, "gmc_exit_questionnaire")
    solved = dict(zip(reports["family_id"], reports["case_solved_family"], strict=True))
    for row in interpreted.itertuples():
        assert row.case_solved_family == solved.get(row.family_id, "report_not_available")
        assert (row.last_status == "report_sent") == (row.family_id in solved)


def test_a_report_is_that_of_the_latest_request(demo_release_folder: Path) -> None:
    reports = table(demo_release_folder, "gmc_exit_questionnaire")
    applied = table(demo_release_folder, "panels_applied")
    latest = applied.groupby("rare_diseases_family_id")["interpretation_request_id"].max()
    assert (reports["interpretation_request_id"] == reports["family_id"].map(latest)).all()


def test_gene_names_hold_semicolons_as_often_as_the_answer_key_says(
    demo_release_folder: Path,
) -> None:
    expected = the_answer(demo_release_folder, "semicolon_gene_names").expected
    genes = table(demo_release_folder, "gmc_exit_questionnaire")["gene_name"]
    named = [gene for gene in genes if isinstance(gene, str)]
    assert expected == {
        "rows": len(genes),
        "of_variants": len(named),
        "with_semicolon": sum(";" in gene for gene in named),
    }
    assert expected["with_semicolon"] > 0
